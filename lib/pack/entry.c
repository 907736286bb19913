/* The beginning of a pack, and of each entry in it.
 *
 *   | "PACK" | version, 4 bytes | number of entries, 4 |
 *
 *   | more:1 type:3 size:4 | more:1 size:7 | ...
 *     low bits of the size first; a delta goes on with its base:
 *   OFS_DELTA  | more:1 distance:7 | ... | high bits first, and every byte but
 *              the last counts one more than it says, so that there is only one
 *              way to write a number
 *   REF_DELTA  | id of the base |
 *
 * Source: gitformat-pack.
 */
#include "lib/pack/entry.h"

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"
#include "lib/core/object/hash.h"

#define SIGNATURE "PACK"

/* ---- an entry ---- */

typedef struct header_reader {
	const unsigned char *bytes;
	size_t len, at;
	uint64_t offset;
} header_reader;

static irmin_rc cut_short(const header_reader *in, irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL, in->offset,
	    "the entry at %llu is cut short", (unsigned long long)in->offset);
}

static irmin_rc read_size(header_reader *in, irmin__entry *entry,
    irmin_error *err)
{
	unsigned shift = 4, byte;

	if (!in->len)
		return cut_short(in, err);
	byte = in->bytes[in->at++];
	entry->type = byte >> 4 & 7;
	entry->size = byte & 15;
	for (; byte & 0x80; shift += 7) {
		if (in->at == in->len)
			return cut_short(in, err);
		byte = in->bytes[in->at++];
		if (shift > 63 || (uint64_t)(byte & 0x7f) > UINT64_MAX >> shift)
			return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
			    in->offset,
			    "the entry at %llu has a size beyond 64 bits",
			    (unsigned long long)in->offset);
		entry->size |= (uint64_t)(byte & 0x7f) << shift;
	}
	return IRMIN_OK;
}

static irmin_rc read_distance(header_reader *in, irmin__entry *entry,
    irmin_error *err)
{
	uint64_t distance = 0;
	unsigned byte;

	do {
		if (in->at == in->len)
			return cut_short(in, err);
		byte = in->bytes[in->at++];
		/* The offset is below 2^63, so that is out of reach anyway. */
		if (distance >> 56)
			distance = UINT64_MAX >> 8;
		distance = distance << 7 | (byte & 0x7f);
		distance += byte >> 7;
	} while (byte & 0x80);
	if (!distance || distance > in->offset ||
	    in->offset - distance < IRMIN__PACK_HEADER_BYTES)
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL, in->offset,
		    "the entry at %llu has its base outside of the pack",
		    (unsigned long long)in->offset);
	entry->base_offset = in->offset - distance;
	return IRMIN_OK;
}

irmin_rc irmin__entry_parse(irmin_hash_algo algo, irmin_slice bytes,
    uint64_t offset, irmin__entry *entry, irmin_error *err)
{
	header_reader in = { bytes.data, bytes.len, 0, offset };
	size_t id_bytes = irmin_hash_size(algo);
	irmin_rc rc;

	memset(entry, 0, sizeof *entry);
	rc = read_size(&in, entry, err);
	if (rc < 0)
		return rc;
	if (entry->type == IRMIN__ENTRY_OFS_DELTA) {
		rc = read_distance(&in, entry, err);
	} else if (entry->type == IRMIN__ENTRY_REF_DELTA) {
		if (in.len - in.at < id_bytes)
			return cut_short(&in, err);
		entry->base = irmin__oid_of_bytes(algo, in.bytes + in.at);
		in.at += id_bytes;
	} else if (entry->type < IRMIN_OBJECT_COMMIT ||
	    entry->type > IRMIN_OBJECT_TAG) {
		rc = irmin__error_at(err, IRMIN_ECORRUPT, NULL, offset,
		    "the entry at %llu is of type %u, which git does not have",
		    (unsigned long long)offset, entry->type);
	}
	entry->header_bytes = in.at;
	return rc;
}

static size_t write_distance(uint64_t distance, unsigned char *out)
{
	unsigned char reversed[10];
	size_t count = 0, i;

	reversed[count++] = distance & 0x7f;
	while (distance >>= 7)
		reversed[count++] = (unsigned char)(0x80 | (--distance & 0x7f));
	for (i = 0; i < count; i++)
		out[i] = reversed[count - 1 - i];
	return count;
}

size_t irmin__entry_encode(const irmin__entry *entry, uint64_t offset,
    unsigned char header[IRMIN__ENTRY_HEADER_BYTES])
{
	uint64_t size = entry->size >> 4;
	size_t at = 0;

	header[at] = (unsigned char)(entry->type << 4 | (entry->size & 15));
	for (; size; size >>= 7) {
		header[at++] |= 0x80;
		header[at] = size & 0x7f;
	}
	at++;
	if (entry->type == IRMIN__ENTRY_OFS_DELTA)
		return at +
		    write_distance(offset - entry->base_offset, header + at);
	if (entry->type == IRMIN__ENTRY_REF_DELTA) {
		size_t id_bytes = irmin_hash_size(
		    (irmin_hash_algo)entry->base.algo);

		memcpy(header + at, entry->base.bytes, id_bytes);
		at += id_bytes;
	}
	return at;
}

/* ---- the pack ---- */

irmin_rc irmin__pack_header_parse(irmin_slice bytes, uint32_t *count,
    irmin_error *err)
{
	const unsigned char *at = bytes.data;

	*count = 0;
	if (bytes.len < IRMIN__PACK_HEADER_BYTES ||
	    memcmp(at, SIGNATURE, 4) != 0)
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL, 0,
		    "this is no pack: it does not begin with " SIGNATURE);
	if (at[4] || at[5] || at[6] || (at[7] != 2 && at[7] != 3))
		return irmin__error_at(err, IRMIN_ENOTSUP, NULL, 4,
		    "packs of this version are not known");
	*count = irmin__be32(at + 8);
	return IRMIN_OK;
}

void irmin__pack_header_encode(uint32_t count,
    unsigned char header[IRMIN__PACK_HEADER_BYTES])
{
	memcpy(header, SIGNATURE "\0\0\0\2", 8);
	irmin__put_be32(header + 8, count);
}
