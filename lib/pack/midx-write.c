/* Multi-pack indexes, written: as drawn in midx.c, with every byte as git would
 * write it for the same choice of packs. */
#include "lib/pack/midx.h"

#include <irmin/alloc.h>

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"
#include "lib/core/object/hash.h"

#define IS_LARGE 0x80000000u

/* What is written, in the order of ids. */
typedef struct midx_writer {
	irmin_hash_algo algo;
	size_t id_bytes;
	const irmin__midx_item *items;
	uint32_t *order;
	uint32_t count;
	uint32_t large_count;  /* offsets in LOFF */
	irmin_buf names, body; /* PNAM; OIDF, OIDL, OOFF and LOFF */
} midx_writer;

static irmin_rc check_items(const irmin__midx_item *items, size_t count,
    uint32_t pack_count, irmin_error *err)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (items[i].pack >= pack_count)
			return irmin_error_set(err, IRMIN_EINVAL, NULL,
			    "cannot index packs: there is no pack %u",
			    items[i].pack);
	return IRMIN_OK;
}

/* Leaves of each id the item of the lowest pack. */
static void keep_lowest(midx_writer *w, size_t count)
{
	const irmin__midx_item *last = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		const irmin__midx_item *item = &w->items[w->order[i]];

		if (!last || irmin_oid_compare(&last->id, &item->id))
			w->count++;
		else if (last->pack <= item->pack)
			continue;
		w->order[w->count - 1] = w->order[i];
		last = item;
	}
}

/* There is a LOFF only if some offset needs it; then it has all from 2^31 on. */
static void count_large(midx_writer *w)
{
	uint32_t i, large = 0;
	int needed = 0;

	for (i = 0; i < w->count; i++) {
		uint64_t offset = w->items[w->order[i]].offset;

		large += offset >= IS_LARGE;
		needed |= offset > UINT32_MAX;
	}
	w->large_count = needed ? large : 0;
}

static irmin_rc write_names(midx_writer *w, const char *const *names,
    uint32_t count, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	uint32_t i;

	for (i = 0; i < count && rc >= 0; i++) {
		if (i && strcmp(names[i - 1], names[i]) >= 0)
			return irmin_error_set(err, IRMIN_EINVAL, NULL,
			    "cannot index packs: %s stands before %s",
			    names[i - 1], names[i]);
		rc = irmin_buf_append(&w->names,
		    irmin_bytes(names[i], strlen(names[i]) + 1), err);
	}
	if (rc >= 0)
		rc = irmin_buf_append(&w->names,
		    irmin_bytes("\0\0\0", -w->names.len % 4), err);
	return rc;
}

/* Each item is looked at once: they are not where the cache expects them. */
static void write_items(const midx_writer *w, unsigned char *ids)
{
	unsigned char *to = ids + w->count * w->id_bytes;
	unsigned char *large = to + (size_t)w->count * 8;
	uint32_t i, larges = 0;

	for (i = 0; i < w->count; i++, to += 8, ids += w->id_bytes) {
		const irmin__midx_item *item = &w->items[w->order[i]];

		memcpy(ids, item->id.bytes, w->id_bytes);
		irmin__put_be32(to, item->pack);
		irmin__put_be32(to + 4, (uint32_t)item->offset);
		if (!w->large_count || item->offset < IS_LARGE)
			continue;
		irmin__put_be32(to + 4, IS_LARGE | larges++);
		irmin__put_be64(large, item->offset);
		large += 8;
	}
}

static irmin_rc write_body(midx_writer *w, irmin_error *err)
{
	uint64_t bytes = IRMIN__FANOUT_BYTES +
	    (uint64_t)w->count * (w->id_bytes + 8) +
	    (uint64_t)w->large_count * 8;
	unsigned char *ids;
	irmin_rc rc;

	rc = bytes < SIZE_MAX ? irmin_buf_reserve(&w->body, (size_t)bytes, err)
			      : irmin__enomem(err);
	if (rc < 0)
		return rc;
	ids = w->body.data + IRMIN__FANOUT_BYTES;
	write_items(w, ids);
	irmin__fanout_encode(ids, w->id_bytes, w->count, w->body.data);
	w->body.len = (size_t)bytes;
	return IRMIN_OK;
}

static irmin_rc write_file(const midx_writer *w, uint32_t pack_count,
    irmin_buf *out, irmin_error *err)
{
	unsigned char head[12] = { 'M', 'I', 'D', 'X', 1 };
	const unsigned char *at = w->body.data;
	size_t ids = w->count * w->id_bytes, places = (size_t)w->count * 8;
	irmin__chunk chunks[] = {
		{ IRMIN__CHUNK('P', 'N', 'A', 'M'),
		    irmin_buf_slice(&w->names) },
		{ IRMIN__CHUNK('O', 'I', 'D', 'F'),
		    irmin_bytes(at, IRMIN__FANOUT_BYTES) },
		{ IRMIN__CHUNK('O', 'I', 'D', 'L'),
		    irmin_bytes(at + IRMIN__FANOUT_BYTES, ids) },
		{ IRMIN__CHUNK('O', 'O', 'F', 'F'),
		    irmin_bytes(at + IRMIN__FANOUT_BYTES + ids, places) },
		{ IRMIN__CHUNK('L', 'O', 'F', 'F'),
		    irmin_bytes(at + IRMIN__FANOUT_BYTES + ids + places,
			(size_t)w->large_count * 8) },
	};
	unsigned count = w->large_count ? 5 : 4;

	head[5] = (unsigned char)w->algo;
	head[6] = (unsigned char)count;
	irmin__put_be32(head + 8, pack_count);
	return irmin__chunks_encode(w->algo, irmin_bytes(head, sizeof head),
	    chunks, count, out, err);
}

irmin_rc irmin__midx_encode(irmin_hash_algo algo, const char *const *names,
    uint32_t pack_count, const irmin__midx_item *items, size_t count,
    irmin_buf *out, irmin_error *err)
{
	midx_writer w;
	irmin_rc rc;

	out->len = 0;
	memset(&w, 0, sizeof w);
	w.algo = algo;
	w.id_bytes = irmin_hash_size(algo);
	w.items = items;
	rc = check_items(items, count, pack_count, err);
	if (rc >= 0)
		rc = write_names(&w, names, pack_count, err);
	if (rc >= 0)
		rc = irmin__id_order(items, sizeof *items, count, &w.order,
		    err);
	if (rc >= 0) {
		keep_lowest(&w, count);
		count_large(&w);
		rc = write_body(&w, err);
	}
	if (rc >= 0)
		rc = write_file(&w, pack_count, out, err);
	irmin_free(w.order);
	irmin_buf_clear(&w.names);
	irmin_buf_clear(&w.body);
	return rc;
}
