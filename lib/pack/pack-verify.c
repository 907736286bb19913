/* A pack and its index against each other. */
#include "lib/pack/pack-parts.h"

#include <irmin/alloc.h>
#include <zlib.h>

#include "lib/core/base/context.h"
#include "lib/core/base/error.h"
#include "lib/core/object/hash.h"

#define PIECE_BYTES ((size_t)1 << 20)

typedef struct check {
	irmin__pack *pack;
	const irmin_context *context;
	irmin__hasher hasher;
	uint32_t *order;
	uint64_t *ends;
} check;

/* Hashes the bytes between two offsets, and answers their CRC-32. */
static irmin_rc read_between(check *in, uint64_t begin, uint64_t end,
    uint32_t *crc, irmin_error *err)
{
	irmin__view view;
	irmin_rc rc = IRMIN_OK;

	*crc = 0;
	while (rc >= 0 && begin < end) {
		uint64_t left = end - begin;
		size_t want = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;

		rc = irmin__pack_view(in->pack, begin, want, &view, err);
		if (rc < 0)
			return rc;
		*crc = (uint32_t)crc32_z(*crc, view.bytes.data, want);
		rc = in->hasher.cls->update(in->hasher.context,
		    irmin_bytes(view.bytes.data, want), err);
		irmin__view_release(&view);
		begin += want;
	}
	return rc;
}

static irmin_rc check_entry(check *in, uint32_t at, uint64_t begin,
    irmin_error *err)
{
	const irmin__index *index = &in->pack->index;
	irmin__entry entry;
	uint32_t crc;
	irmin_rc rc;

	rc = irmin__context_check(in->context, err);
	if (rc >= 0)
		rc = irmin__pack_header(in->pack, begin, &entry, err);
	if (rc >= 0)
		rc = read_between(in, begin, in->ends[at], &crc, err);
	if (rc >= 0 && index->version > 1 && crc != irmin__index_crc(index, at))
		rc = irmin__error_at(err, IRMIN_ECORRUPT, in->pack->path, begin,
		    "the entry at %llu of %s has another CRC-32 than its index "
		    "tells",
		    (unsigned long long)begin, in->pack->path);
	return rc;
}

/* Every byte of the pack is of its header, of one entry, or of the trailer. */
static irmin_rc check_entries(check *in, irmin_error *err)
{
	uint64_t at = IRMIN__PACK_HEADER_BYTES, offset;
	uint32_t i, crc;
	irmin_rc rc;

	rc = read_between(in, 0, at, &crc, err);
	for (i = 0; rc >= 0 && i < in->pack->index.count; i++) {
		rc = irmin__index_offset(&in->pack->index, in->order[i],
		    &offset, err);
		if (rc >= 0 && offset != at)
			rc = irmin__error_at(err, IRMIN_ECORRUPT,
			    in->pack->path, at,
			    "no object has the bytes of %s from %llu on",
			    in->pack->path, (unsigned long long)at);
		if (rc >= 0)
			rc = check_entry(in, in->order[i], offset, err);
		if (rc >= 0)
			at = in->ends[in->order[i]];
	}
	if (rc >= 0 && at != irmin__pack_end(in->pack))
		rc = irmin__error_at(err, IRMIN_ECORRUPT, in->pack->path, at,
		    "no object has the bytes of %s from %llu on",
		    in->pack->path, (unsigned long long)at);
	return rc;
}

/* That the index has the trailer's checksum was seen when the pack was opened. */
static irmin_rc check_checksum(check *in, irmin_error *err)
{
	unsigned char sum[IRMIN_OID_MAX_BYTES];
	irmin_rc rc = in->hasher.cls->done(in->hasher.context, sum, err);

	if (rc >= 0 &&
	    memcmp(sum, irmin__index_pack_checksum(&in->pack->index),
		irmin_hash_size(in->pack->algo)) != 0)
		rc = irmin__error_at(err, IRMIN_ECORRUPT, in->pack->path,
		    irmin__pack_end(in->pack),
		    "%s does not have the checksum at its end", in->pack->path);
	return rc;
}

static irmin_rc check_index(check *in, irmin_error *err)
{
	const irmin__index *index = &in->pack->index;
	irmin_rc rc;

	in->order = irmin_calloc(index->count, sizeof *in->order);
	in->ends = irmin_calloc(index->count, sizeof *in->ends);
	if (!in->order || !in->ends)
		return irmin__enomem(err);
	rc = irmin__index_verify(index, err);
	if (rc >= 0)
		rc = irmin__index_order(index, irmin__pack_end(in->pack),
		    in->order, in->ends, err);
	return rc == IRMIN_ENOMEM
	    ? rc
	    : irmin__error_locate(err, rc,
		  irmin__windows_path(in->pack->index_file));
}

irmin_rc irmin__pack_verify(irmin__pack *pack, const irmin_context *context,
    irmin_error *err)
{
	check in = { pack, context, { NULL, NULL }, NULL, NULL };
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__pack_need_file(pack, err);
	if (rc == IRMIN_ABSENT)
		rc = irmin_error_set(err, IRMIN_EMISSING, pack->path,
		    "%s is missing, but its index is there", pack->path);
	if (rc >= 0)
		rc = irmin__hasher_init(&in.hasher,
		    irmin__hash_class_of(pack->algo), err);
	if (rc >= 0)
		rc = check_index(&in, err);
	if (rc >= 0)
		rc = in.hasher.cls->init(in.hasher.context, err);
	if (rc >= 0)
		rc = check_entries(&in, err);
	if (rc >= 0)
		rc = check_checksum(&in, err);
	irmin__hasher_clear(&in.hasher);
	irmin_free(in.order);
	irmin_free(in.ends);
	return rc;
}
