/* Files in chunks: multi-pack indexes, commit-graphs.
 *
 *   | head; among others how many chunks there are |
 *   | name, 4 bytes | where it begins in the file, 8 | ... |  one of each chunk
 *   | 0, 4          | where the last one ends, 8     |
 *   | chunk | chunk | ... |
 *   | hash of all bytes before it |
 *
 * A chunk ends where the next one begins. Who does not know a name goes past it.
 *
 * Source: gitformat-chunk.
 */
#include "lib/pack/chunks.h"

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"
#include "lib/core/object/hash.h"
#include "lib/pack/id-table.h"

#define LINE_BYTES 12

/* ---- reading ---- */

static const unsigned char *line_at(const irmin__chunks *chunks, unsigned i)
{
	return (const unsigned char *)chunks->bytes.data + chunks->table +
	    (size_t)i * LINE_BYTES;
}

static irmin_rc wrong_line(const irmin__chunks *chunks, unsigned i,
    const char *what, irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
	    chunks->table + (uint64_t)i * LINE_BYTES,
	    "chunk %u of %u in the table of contents %s", i, chunks->count,
	    what);
}

static irmin_rc check_line(const irmin__chunks *chunks, unsigned i,
    uint64_t low, uint64_t high, irmin_error *err)
{
	const unsigned char *line = line_at(chunks, i);
	uint64_t offset = irmin__be64(line + 4);
	unsigned other;

	if (offset < low)
		return wrong_line(chunks, i, "begins before the one before it",
		    err);
	if (offset > high)
		return wrong_line(chunks, i, "begins behind the file", err);
	if (!irmin__be32(line) != (i == chunks->count))
		return wrong_line(chunks, i,
		    "is the end of the table, or should be", err);
	for (other = 0; other < i; other++)
		if (!memcmp(line_at(chunks, other), line, 4))
			return wrong_line(chunks, i, "is there twice", err);
	return IRMIN_OK;
}

irmin_rc irmin__chunks_open(irmin_slice bytes, size_t table, unsigned count,
    size_t trailer, irmin__chunks *chunks, irmin_error *err)
{
	size_t low = table + ((size_t)count + 1) * LINE_BYTES;
	irmin_rc rc = IRMIN_OK;
	unsigned i;

	chunks->bytes = bytes;
	chunks->table = table;
	chunks->count = count;
	if (bytes.len < trailer || bytes.len - trailer < low)
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL, bytes.len,
		    "the file ends before its table of contents does");
	for (i = 0; i <= count && rc >= 0; i++) {
		rc = check_line(chunks, i, low, bytes.len - trailer, err);
		if (rc >= 0)
			low = (size_t)irmin__be64(line_at(chunks, i) + 4);
	}
	return rc;
}

irmin_rc irmin__chunks_find(const irmin__chunks *chunks, uint32_t name,
    irmin_slice *chunk)
{
	unsigned i;

	*chunk = irmin_bytes(NULL, 0);
	for (i = 0; i < chunks->count; i++) {
		const unsigned char *line = line_at(chunks, i);
		uint64_t begin = irmin__be64(line + 4);
		uint64_t end = irmin__be64(line + LINE_BYTES + 4);

		if (irmin__be32(line) != name)
			continue;
		chunk->data = (const char *)chunks->bytes.data + begin;
		chunk->len = (size_t)(end - begin);
		return IRMIN_OK;
	}
	return IRMIN_ABSENT;
}

uint64_t irmin__chunks_offset(const irmin__chunks *chunks, const void *chunk)
{
	return (
	    uint64_t)((const char *)chunk - (const char *)chunks->bytes.data);
}

static irmin_rc wrong_size(const irmin__chunks *chunks, uint32_t name,
    irmin_slice chunk, irmin_error *err)
{
	uint64_t at = chunk.data ? irmin__chunks_offset(chunks, chunk.data)
				 : chunks->table;

	return irmin__error_at(err, IRMIN_ECORRUPT, NULL, at,
	    "the chunk %c%c%c%c of %zu bytes is missing or of a wrong size",
	    (char)(name >> 24), (char)(name >> 16), (char)(name >> 8),
	    (char)name, chunk.len);
}

irmin_rc irmin__chunks_get(const irmin__chunks *chunks, uint32_t name,
    uint64_t count, size_t item_bytes, const unsigned char **chunk,
    irmin_error *err)
{
	irmin_slice bytes;

	*chunk = NULL;
	if (irmin__chunks_find(chunks, name, &bytes) != IRMIN_OK ||
	    bytes.len % item_bytes || bytes.len / item_bytes != count)
		return wrong_size(chunks, name, bytes, err);
	*chunk = bytes.data;
	return IRMIN_OK;
}

irmin_rc irmin__chunks_get_items(const irmin__chunks *chunks, uint32_t name,
    size_t item_bytes, const unsigned char **chunk, uint64_t *count,
    irmin_error *err)
{
	irmin_slice bytes;

	*chunk = NULL;
	*count = 0;
	if (irmin__chunks_find(chunks, name, &bytes) != IRMIN_OK)
		return IRMIN_OK;
	if (bytes.len % item_bytes)
		return wrong_size(chunks, name, bytes, err);
	*chunk = bytes.data;
	*count = bytes.len / item_bytes;
	return IRMIN_OK;
}

/* ---- writing ---- */

static void write_line(unsigned char *line, uint32_t name, uint64_t offset)
{
	irmin__put_be32(line, name);
	irmin__put_be64(line + 4, offset);
}

irmin_rc irmin__chunks_encode(irmin_hash_algo algo, irmin_slice head,
    const irmin__chunk *chunks, unsigned count, irmin_buf *out,
    irmin_error *err)
{
	size_t offset = head.len + ((size_t)count + 1) * LINE_BYTES;
	unsigned char line[LINE_BYTES];
	size_t whole = offset;
	irmin_rc rc;
	unsigned i;

	out->len = 0;
	for (i = 0; i < count; i++)
		whole += chunks[i].bytes.len;
	rc = irmin_buf_reserve(out, whole + irmin_hash_size(algo), err);
	if (rc >= 0)
		rc = irmin_buf_append(out, head, err);
	for (i = 0; i <= count && rc >= 0; i++) {
		write_line(line, i < count ? chunks[i].name : 0, offset);
		rc = irmin_buf_append(out, irmin_bytes(line, LINE_BYTES), err);
		offset += i < count ? chunks[i].bytes.len : 0;
	}
	for (i = 0; i < count && rc >= 0; i++)
		rc = irmin_buf_append(out, chunks[i].bytes, err);
	if (rc >= 0)
		rc = irmin__checksum_append(algo, out, err);
	if (rc < 0)
		out->len = 0;
	return rc;
}
