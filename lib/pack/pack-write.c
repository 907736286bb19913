/* Writing packs; pack.h has the drawing of one, entry.c of its parts. */
#include "lib/pack/pack-write.h"

#include <assert.h>

#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/pack/pack-out.h"
#include <irmin/alloc.h>

struct irmin__pack_writer {
	irmin__pack_out out;
	irmin_hash_algo algo;
	int counted;   /* the header tells the count from the beginning */
	int has_entry; /* the last item's checksum is still being made */
	IRMIN__VEC(irmin__index_item) items;
};

irmin_rc irmin__pack_writer_new(irmin__os *os, irmin_hash_algo algo,
    irmin__file *file, const char *path, uint32_t count,
    irmin__pack_writer **writer, irmin_error *err)
{
	irmin__pack_writer *self;
	irmin_rc rc;

	*writer = NULL;
	self = irmin_calloc(1, sizeof *self);
	if (!self)
		return irmin__enomem(err);
	self->algo = algo;
	self->counted = count > 0;
	rc = irmin__pack_out_init(&self->out, os, algo, file, path, err);
	if (rc >= 0)
		rc = irmin__pack_out_header(&self->out, count, self->counted,
		    err);
	if (rc < 0)
		irmin__pack_writer_free(self);
	else
		*writer = self;
	return rc;
}

void irmin__pack_writer_free(irmin__pack_writer *writer)
{
	if (!writer)
		return;
	irmin__pack_out_clear(&writer->out);
	IRMIN__VEC_CLEAR(&writer->items);
	irmin_free(writer);
}

uint64_t irmin__pack_writer_offset(const irmin__pack_writer *writer)
{
	return writer->out.offset;
}

/* The bytes of the last entry are all there. */
static void end_entry(irmin__pack_writer *writer)
{
	if (writer->has_entry)
		writer->items.items[writer->items.len - 1].crc =
		    writer->out.crc;
	writer->has_entry = 0;
}

/* Notes where the next entry begins. */
static irmin_rc begin_entry(irmin__pack_writer *writer, const irmin_oid *id,
    irmin_error *err)
{
	irmin__index_item item = { *id, writer->out.offset, 0 };
	irmin_rc rc;

	end_entry(writer);
	if (writer->items.len >= UINT32_MAX)
		return irmin_error_set(err, IRMIN_ELIMIT, writer->out.path,
		    "cannot write %s: a pack has at most %lu objects",
		    writer->out.path, (unsigned long)UINT32_MAX);
	rc = IRMIN__VEC_RESERVE(&writer->items, 1, err);
	if (rc < 0)
		return rc;
	IRMIN__VEC_PUSH(&writer->items, item);
	writer->has_entry = 1;
	return IRMIN_OK;
}

irmin_rc irmin__pack_writer_begin(irmin__pack_writer *writer,
    const irmin_oid *id, const irmin__entry *entry, irmin_error *err)
{
	irmin_rc rc = begin_entry(writer, id, err);

	return rc < 0 ? rc
		      : irmin__pack_out_entry_header(&writer->out, entry, err);
}

irmin_rc irmin__pack_writer_bytes(irmin__pack_writer *writer,
    irmin_slice stream, irmin_error *err)
{
	return irmin__pack_out_write(&writer->out, stream, err);
}

irmin_rc irmin__pack_writer_add(irmin__pack_writer *writer, const irmin_oid *id,
    const irmin__entry *entry, irmin_slice body, int level, irmin_error *err)
{
	irmin_rc rc;

	assert(entry->size == body.len);
	rc = begin_entry(writer, id, err);
	return rc < 0
	    ? rc
	    : irmin__pack_out_entry(&writer->out, entry, body, level, err);
}

irmin_rc irmin__pack_writer_finish(irmin__pack_writer *writer,
    unsigned char checksum[IRMIN_OID_MAX_BYTES], irmin_buf *index,
    irmin_error *err)
{
	uint32_t count = (uint32_t)writer->items.len;
	irmin_rc rc;

	assert(!writer->counted || count == writer->out.count);
	end_entry(writer);
	rc = irmin__pack_out_seal(&writer->out, count, checksum, err);
	if (rc < 0)
		return rc;
	return irmin__index_encode(writer->algo, writer->items.items, count,
	    checksum, index, err);
}
