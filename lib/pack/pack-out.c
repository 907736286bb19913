#include "lib/pack/pack-out.h"

#include <zlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include <irmin/alloc.h>

#define BUFFER_BYTES ((size_t)64 << 10)

/* What the stream of an entry may leave behind for the next one. */
#define STREAM_BYTES ((size_t)1 << 20)

irmin_rc irmin__pack_out_init(irmin__pack_out *out, irmin__os *os,
    irmin_hash_algo algo, irmin__file *file, const char *path, irmin_error *err)
{
	const irmin__hash_class *cls = irmin__hash_class_of(algo);
	irmin_rc rc;

	memset(out, 0, sizeof *out);
	if (!cls)
		return irmin_error_set(err, IRMIN_EINVAL, path,
		    "cannot write %s: there is no hash with the number %d",
		    path, (int)algo);
	out->os = os;
	out->file = file;
	out->path = path;
	rc = irmin__hasher_init(&out->hasher, cls, err);
	if (rc >= 0)
		rc = cls->init(out->hasher.context, err);
	if (rc < 0)
		return rc;
	out->buffer = irmin_malloc(BUFFER_BYTES);
	return out->buffer ? IRMIN_OK : irmin__enomem(err);
}

void irmin__pack_out_clear(irmin__pack_out *out)
{
	if (out->hasher.cls)
		irmin__hasher_clear(&out->hasher);
	irmin__deflaters_clear(&out->resting);
	irmin_buf_clear(&out->stream);
	irmin_free(out->buffer);
	memset(out, 0, sizeof *out);
}

irmin_rc irmin__pack_out_header(irmin__pack_out *out, uint32_t count, int final,
    irmin_error *err)
{
	unsigned char header[IRMIN__PACK_HEADER_BYTES];

	out->count = count;
	out->stale = !final;
	irmin__pack_header_encode(count, header);
	return irmin__pack_out_write(out, irmin_bytes(header, sizeof header),
	    err);
}

static irmin_rc hash_bytes(irmin__pack_out *out, irmin_slice bytes,
    irmin_error *err)
{
	irmin__hasher *hasher = &out->hasher;

	return hasher->cls->update(hasher->context, bytes, err);
}

static irmin_rc put(irmin__pack_out *out, irmin_slice bytes, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (!out->stale)
		rc = hash_bytes(out, bytes, err);
	return rc < 0 ? rc : irmin__os_write(out->file, bytes, err);
}

irmin_rc irmin__pack_out_flush(irmin__pack_out *out, irmin_error *err)
{
	irmin_slice bytes = irmin_bytes(out->buffer, out->used);

	out->used = 0;
	return bytes.len ? put(out, bytes, err) : IRMIN_OK;
}

irmin_rc irmin__pack_out_write(irmin__pack_out *out, irmin_slice bytes,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t n;

	if (!bytes.len)
		return IRMIN_OK;
	out->stale |= out->summed;
	out->summed = 0;
	out->crc = (uint32_t)crc32_z(out->crc, bytes.data, bytes.len);
	out->offset += bytes.len;
	while (rc >= 0 && bytes.len) {
		if (!out->used && bytes.len >= BUFFER_BYTES)
			return put(out, bytes, err);
		n = BUFFER_BYTES - out->used;
		n = n < bytes.len ? n : bytes.len;
		memcpy(out->buffer + out->used, bytes.data, n);
		out->used += n;
		bytes = irmin__slice_from(bytes, n);
		if (out->used == BUFFER_BYTES)
			rc = irmin__pack_out_flush(out, err);
	}
	return rc;
}

/* ---- entries ---- */

irmin_rc irmin__pack_out_entry_header(irmin__pack_out *out,
    const irmin__entry *entry, irmin_error *err)
{
	unsigned char header[IRMIN__ENTRY_HEADER_BYTES];
	size_t len = irmin__entry_encode(entry, out->offset, header);

	out->crc = 0;
	return irmin__pack_out_write(out, irmin_bytes(header, len), err);
}

/* The stream of a body: never longer than one that stores it. */
static irmin_rc make_stream(irmin__pack_out *out, irmin_slice body, int level,
    irmin_error *err)
{
	static const irmin_slice none = { NULL, 0 };
	irmin_buf *stream = &out->stream;
	irmin_rc rc = IRMIN_ABSENT;
	size_t bytes;

	if (body.len > SIZE_MAX / 2)
		return irmin__enomem(err);
	bytes = irmin__stored_bytes(body.len);
	stream->len = 0;
	if (irmin_buf_reserve(stream, bytes, err) < 0)
		return IRMIN_ENOMEM;
	if (level)
		rc = irmin__deflate(&out->resting, level, none, body,
		    stream->data, bytes, &stream->len, err);
	if (rc == IRMIN_ABSENT) {
		irmin__store(none, body, stream->data);
		stream->len = bytes;
	}
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__pack_out_entry(irmin__pack_out *out, const irmin__entry *entry,
    irmin_slice body, int level, irmin_error *err)
{
	irmin_rc rc = make_stream(out, body, level, err);

	if (rc >= 0)
		rc = irmin__pack_out_entry_header(out, entry, err);
	if (rc >= 0)
		rc = irmin__pack_out_write(out, irmin_buf_slice(&out->stream),
		    err);
	if (out->stream.cap > STREAM_BYTES)
		irmin_buf_clear(&out->stream);
	return rc;
}

/* ---- the end ---- */

static irmin_rc hash_file(irmin__pack_out *out, irmin__file *file,
    irmin_error *err)
{
	uint64_t offset = 0;
	size_t got;
	irmin_rc rc;

	do {
		rc = irmin__os_read(file, offset, out->buffer, BUFFER_BYTES,
		    &got, err);
		if (rc >= 0)
			rc = hash_bytes(out, irmin_bytes(out->buffer, got),
			    err);
		offset += got;
	} while (rc >= 0 && got);
	if (rc >= 0 && offset != out->offset)
		rc = irmin__error_at(err, IRMIN_ECORRUPT, out->path, offset,
		    "cannot finish %s: it has %llu bytes, but %llu were "
		    "written",
		    out->path, (unsigned long long)offset,
		    (unsigned long long)out->offset);
	return rc;
}

/* Hashes from the first byte, as they are now in the file. */
static irmin_rc hash_again(irmin__pack_out *out, irmin_error *err)
{
	irmin__hasher *hasher = &out->hasher;
	irmin__file *file;
	irmin_rc rc;

	rc = irmin__pack_out_flush(out, err);
	if (rc >= 0)
		rc = hasher->cls->init(hasher->context, err);
	if (rc >= 0)
		rc = irmin__os_open(out->os, out->path, IRMIN__OS_READ, 0,
		    &file, err);
	if (rc == IRMIN_ABSENT)
		rc = irmin_error_set(err, IRMIN_EMISSING, out->path,
		    "cannot finish %s: somebody removed it", out->path);
	if (rc < 0)
		return rc;
	rc = hash_file(out, file, err);
	irmin__os_close(file);
	out->stale = 0;
	return rc;
}

irmin_rc irmin__pack_out_sum(irmin__pack_out *out,
    unsigned char checksum[IRMIN_OID_MAX_BYTES], irmin_error *err)
{
	irmin__hasher *hasher = &out->hasher;
	irmin_rc rc = IRMIN_OK;

	if (!out->summed) {
		rc = out->stale ? hash_again(out, err)
				: irmin__pack_out_flush(out, err);
		if (rc >= 0)
			rc = hasher->cls->done(hasher->context, out->sum, err);
		out->summed = rc >= 0;
	}
	memcpy(checksum, out->sum, sizeof out->sum);
	return rc;
}

static irmin_rc correct_header(irmin__pack_out *out, uint32_t count,
    irmin_error *err)
{
	unsigned char header[IRMIN__PACK_HEADER_BYTES];
	irmin_rc rc;

	irmin__pack_header_encode(count, header);
	out->count = count;
	if (out->offset == out->used) { /* all is still at hand */
		memcpy(out->buffer, header, sizeof header);
		out->stale = 0;
		return IRMIN_OK;
	}
	rc = irmin__pack_out_flush(out, err);
	out->stale = 1;
	out->summed = 0;
	return rc < 0 ? rc
		      : irmin__os_write_at(out->file, 0,
			    irmin_bytes(header, sizeof header), err);
}

irmin_rc irmin__pack_out_seal(irmin__pack_out *out, uint32_t count,
    unsigned char checksum[IRMIN_OID_MAX_BYTES], irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (count != out->count)
		rc = correct_header(out, count, err);
	if (rc >= 0)
		rc = irmin__pack_out_sum(out, checksum, err);
	if (rc >= 0)
		rc = irmin__pack_out_write(out,
		    irmin_bytes(checksum, out->hasher.cls->id_bytes), err);
	return rc < 0 ? rc : irmin__pack_out_flush(out, err);
}
