/* Indexes of packs, written: version 2, as drawn in index.c, with every byte as
 * git would write it. */
#include "lib/pack/index.h"

#include <irmin/alloc.h>

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"

#define HEADER       "\377tOc\0\0\0\2"
#define HEADER_BYTES 8
#define IS_LARGE     0x80000000u

/* Items in the order of their ids. */
typedef struct in_order {
	const irmin__index_item *items;
	size_t count, id_bytes;
	uint32_t *order;
} in_order;

static const irmin__index_item *item_at(const in_order *sorted, size_t at)
{
	return &sorted->items[sorted->order[at]];
}

static irmin_rc check_items(const in_order *sorted, size_t *large,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	size_t i;

	*large = 0;
	for (i = 0; i < sorted->count; i++) {
		const irmin__index_item *item = item_at(sorted, i);

		*large += item->offset >= IS_LARGE;
		if (!i ||
		    irmin_oid_compare(&item_at(sorted, i - 1)->id, &item->id))
			continue;
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "cannot index a pack: %s is in it twice",
		    irmin_oid_hex(&item->id, hex));
	}
	if (*large > IS_LARGE)
		return irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "cannot index a pack: %zu objects lie beyond 2 GiB",
		    *large);
	return IRMIN_OK;
}

static unsigned char *write_ids(const in_order *sorted, unsigned char *to)
{
	size_t i;

	for (i = 0; i < sorted->count; i++, to += sorted->id_bytes)
		memcpy(to, item_at(sorted, i)->id.bytes, sorted->id_bytes);
	return to;
}

static unsigned char *write_crcs(const in_order *sorted, unsigned char *to)
{
	size_t i;

	for (i = 0; i < sorted->count; i++, to += 4)
		irmin__put_be32(to, item_at(sorted, i)->crc);
	return to;
}

static unsigned char *write_offsets(const in_order *sorted, unsigned char *to)
{
	unsigned char *large = to + sorted->count * 4;
	uint32_t larges = 0;
	size_t i;

	for (i = 0; i < sorted->count; i++, to += 4) {
		uint64_t offset = item_at(sorted, i)->offset;

		if (offset < IS_LARGE) {
			irmin__put_be32(to, (uint32_t)offset);
			continue;
		}
		irmin__put_be32(to, IS_LARGE | larges++);
		irmin__put_be64(large, offset);
		large += 8;
	}
	return large;
}

static irmin_rc write_all(const in_order *sorted, size_t large,
    const unsigned char *pack_checksum, irmin_buf *out, irmin_error *err)
{
	uint64_t bytes = HEADER_BYTES + IRMIN__FANOUT_BYTES +
	    (uint64_t)sorted->count * (sorted->id_bytes + 8) +
	    (uint64_t)large * 8 + 2 * sorted->id_bytes;
	unsigned char *to;
	irmin_rc rc;

	if (bytes > SIZE_MAX)
		return irmin__enomem(err);
	rc = irmin_buf_reserve(out, (size_t)bytes, err);
	if (rc < 0)
		return rc;
	to = out->data;
	memcpy(to, HEADER, HEADER_BYTES);
	to += HEADER_BYTES;
	irmin__fanout_encode(sorted->items, sizeof *sorted->items,
	    sorted->order, sorted->count, to);
	to += IRMIN__FANOUT_BYTES;
	to = write_ids(sorted, to);
	to = write_crcs(sorted, to);
	to = write_offsets(sorted, to);
	memcpy(to, pack_checksum, sorted->id_bytes);
	out->len = (size_t)(to - out->data) + sorted->id_bytes;
	return IRMIN_OK;
}

irmin_rc irmin__index_encode(irmin_hash_algo algo,
    const irmin__index_item *items, size_t count,
    const unsigned char *pack_checksum, irmin_buf *out, irmin_error *err)
{
	in_order sorted = { items, count, irmin_hash_size(algo), NULL };
	size_t large;
	irmin_rc rc;

	out->len = 0;
	rc = irmin__id_order(items, sizeof *items, count, &sorted.order, err);
	if (rc >= 0)
		rc = check_items(&sorted, &large, err);
	if (rc >= 0)
		rc = write_all(&sorted, large, pack_checksum, out, err);
	if (rc >= 0)
		rc = irmin__checksum_append(algo, out, err);
	if (rc < 0)
		out->len = 0;
	irmin_free(sorted.order);
	return rc;
}
