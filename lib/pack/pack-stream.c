/* What is read of a pack without having all of an object in memory: its type and
 * size, and a stream of what is not a delta.
 */
#include "lib/pack/pack-parts.h"

#include <irmin/alloc.h>

#include "lib/core/base/error.h"
#include "lib/pack/delta.h"

/* ---- streams ---- */

/* Goes on to the next window. */
static irmin_rc next_view(irmin__pack_stream *stream, irmin_error *err)
{
	irmin_rc rc;

	irmin__view_release(&stream->view);
	memset(&stream->view, 0, sizeof stream->view);
	if (stream->next == irmin__pack_end(stream->pack))
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL, stream->next,
		    "its stream is cut short");
	rc = irmin__pack_view(stream->pack, stream->next, 1, &stream->view,
	    err);
	if (rc >= 0)
		stream->next += stream->view.bytes.len;
	return rc;
}

irmin_rc irmin__pack_stream_begin(irmin__pack_stream *stream, irmin__pack *pack,
    uint64_t offset, const irmin__entry *entry, irmin_error *err)
{
	irmin_rc rc;

	memset(stream, 0, sizeof *stream);
	stream->pack = pack;
	stream->offset = offset;
	stream->begin = stream->next = offset + entry->header_bytes;
	rc = next_view(stream, err);
	if (rc >= 0)
		rc = irmin__inflate_begin(&stream->inflater, stream->view.bytes,
		    err);
	stream->begun = rc >= 0;
	return rc;
}

irmin_rc irmin__pack_stream_read(irmin__pack_stream *stream, void *bytes,
    size_t len, size_t *got, irmin_error *err)
{
	irmin__inflater *inflater = &stream->inflater;
	size_t count;
	irmin_rc rc;

	*got = 0;
	for (;;) {
		rc = irmin__inflate(inflater, (char *)bytes + *got, len - *got,
		    &count, err);
		*got += count;
		if (rc < 0 && err && err->offset != IRMIN_NO_OFFSET)
			err->offset += stream->begin;
		if (rc < 0 || *got == len || inflater->ended)
			return rc;
		rc = next_view(stream, err);
		if (rc < 0)
			return rc;
		irmin__inflate_more(inflater, stream->view.bytes);
	}
}

irmin_rc irmin__pack_stream_finish(irmin__pack_stream *stream, irmin_error *err)
{
	unsigned char byte;
	size_t got;
	irmin_rc rc;

	rc = irmin__pack_stream_read(stream, &byte, 1, &got, err);
	if (rc >= 0 && got)
		rc = irmin__error_at(err, IRMIN_ECORRUPT, NULL,
		    stream->begin + irmin__inflate_offset(&stream->inflater),
		    "its stream gives more than it should");
	return rc;
}

void irmin__pack_stream_end(irmin__pack_stream *stream)
{
	if (stream->begun)
		irmin__inflate_end(&stream->inflater);
	irmin__view_release(&stream->view);
	memset(stream, 0, sizeof *stream);
}

/* ---- type and size ---- */

/* The type of what an entry is made of in the end. */
static irmin_rc find_type(irmin__pack *pack, uint64_t offset,
    const irmin__entry *entry, irmin_object_type *type, irmin_error *err)
{
	irmin__entry at = *entry;
	uint64_t place = offset;
	size_t links;
	irmin_rc rc;

	for (links = 0; at.type >= IRMIN__ENTRY_OFS_DELTA; links++) {
		rc = irmin__pack_check_links(pack, offset, links, err);
		if (rc >= 0)
			rc = irmin__pack_base(pack, place, &at, &place, err);
		if (rc >= 0)
			rc = irmin__pack_header(pack, place, &at, err);
		if (rc < 0)
			return rc;
	}
	*type = (irmin_object_type)at.type;
	return IRMIN_OK;
}

/* The size that a delta gives is at its beginning. */
static irmin_rc find_size(irmin__pack *pack, uint64_t offset,
    const irmin__entry *entry, uint64_t *size, irmin_error *err)
{
	unsigned char sizes[IRMIN__DELTA_SIZES_BYTES];
	size_t len = sizeof sizes, got, used;
	irmin__pack_stream stream;
	uint64_t base_size;
	irmin_rc rc;

	if (entry->size < len)
		len = (size_t)entry->size;
	rc = irmin__pack_stream_begin(&stream, pack, offset, entry, err);
	if (rc >= 0)
		rc = irmin__pack_stream_read(&stream, sizes, len, &got, err);
	irmin__pack_stream_end(&stream);
	if (rc >= 0) {
		rc = irmin__delta_sizes(irmin_bytes(sizes, got), &base_size,
		    size, &used, err);
		if (rc < 0 && err)
			err->offset = offset;
	}
	return irmin__pack_fault(pack, offset, rc, err);
}

irmin_rc irmin__pack_stat(irmin__pack *pack, uint64_t offset,
    const irmin__pack_reading *reading, irmin_object_type *type,
    uint64_t *bytes, irmin_error *err)
{
	irmin__entry entry;
	uint64_t size;
	irmin_rc rc;

	(void)reading;
	*type = IRMIN_OBJECT_ANY;
	*bytes = 0;
	irmin_error_clear(err);
	rc = irmin__pack_need_file(pack, err);
	if (rc == IRMIN_OK)
		rc = irmin__pack_header(pack, offset, &entry, err);
	if (rc != IRMIN_OK)
		return rc;
	size = entry.size;
	if (entry.type >= IRMIN__ENTRY_OFS_DELTA)
		rc = find_size(pack, offset, &entry, &size, err);
	if (rc >= 0)
		rc = find_type(pack, offset, &entry, type, err);
	if (rc >= 0)
		*bytes = size;
	return rc;
}

/* ---- sources ---- */

/* A stream, or a delta that was made whole. */
typedef struct source {
	irmin_object_source face;
	irmin__pack *pack;
	uint64_t offset;
	irmin__pack_stream stream;
	uint64_t left; /* to come from the stream */
	irmin_pin whole;
	size_t at;
} source;

static irmin_rc read_stream(source *from, void *bytes, size_t len, size_t *got,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (len > from->left)
		len = (size_t)from->left;
	if (!len)
		return IRMIN_OK;
	rc = irmin__pack_stream_read(&from->stream, bytes, len, got, err);
	if (rc >= 0 && *got < len)
		rc = irmin__error_at(err, IRMIN_ECORRUPT, NULL, from->offset,
		    "its stream gives less than it should");
	from->left -= *got;
	if (rc >= 0 && !from->left)
		rc = irmin__pack_stream_finish(&from->stream, err);
	if (rc < 0)
		*got = 0;
	return irmin__pack_fault(from->pack, from->offset, rc, err);
}

static irmin_rc source_read(irmin_object_source *face, void *bytes, size_t len,
    size_t *got, irmin_error *err)
{
	source *from = (source *)face;
	size_t left = from->whole.len - from->at;

	*got = 0;
	irmin_error_clear(err);
	if (!from->whole.release)
		return read_stream(from, bytes, len, got, err);
	*got = len < left ? len : left;
	if (*got)
		memcpy(bytes, (const char *)from->whole.data + from->at, *got);
	from->at += *got;
	return IRMIN_OK;
}

static void source_close(irmin_object_source *face)
{
	source *from = (source *)face;

	irmin__pack_stream_end(&from->stream);
	irmin_pin_release(&from->whole);
	irmin__pack_unref(from->pack);
	irmin_free(from);
}

static const irmin_object_source_class source_class = {
	sizeof(irmin_object_source_class), source_read, source_close
};

static irmin_rc fill_source(source *from, const irmin__pack_reading *reading,
    irmin_object_type *type, uint64_t *bytes, irmin_error *err)
{
	irmin_object object;
	irmin__entry entry;
	irmin_rc rc;

	rc = irmin__pack_header(from->pack, from->offset, &entry, err);
	if (rc < 0)
		return rc;
	if (entry.type >= IRMIN__ENTRY_OFS_DELTA) {
		rc = irmin__pack_find(from->pack, from->offset, reading,
		    &object, err);
		from->whole = object.data;
		*type = object.type;
		*bytes = object.data.len;
		return rc;
	}
	rc = irmin__pack_stream_begin(&from->stream, from->pack, from->offset,
	    &entry, err);
	from->left = entry.size;
	/* Of an empty object nothing is ever read. */
	if (rc >= 0 && !entry.size)
		rc = irmin__pack_stream_finish(&from->stream, err);
	*type = (irmin_object_type)entry.type;
	*bytes = entry.size;
	return irmin__pack_fault(from->pack, from->offset, rc, err);
}

irmin_rc irmin__pack_open_read(irmin__pack *pack, uint64_t offset,
    const irmin__pack_reading *reading, irmin_object_type *type,
    uint64_t *bytes, irmin_object_source **opened, irmin_error *err)
{
	source *made;
	irmin_rc rc;

	*opened = NULL;
	*type = IRMIN_OBJECT_ANY;
	*bytes = 0;
	irmin_error_clear(err);
	rc = irmin__pack_need_file(pack, err);
	if (rc != IRMIN_OK)
		return rc;
	made = irmin_calloc(1, sizeof *made);
	if (!made)
		return irmin__enomem(err);
	made->face.cls = &source_class;
	made->pack = irmin__pack_ref(pack);
	made->offset = offset;
	rc = fill_source(made, reading, type, bytes, err);
	if (rc >= 0) {
		*opened = &made->face;
		return IRMIN_OK;
	}
	*type = IRMIN_OBJECT_ANY;
	*bytes = 0;
	source_close(&made->face);
	return rc;
}
