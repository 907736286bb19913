/* Indexes of packs, written: version 2, as drawn in index.c, with every byte as
 * git would write it. */
#include "lib/pack/index.h"

#include <irmin/alloc.h>

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"
#include "lib/core/object/hash.h"

#define HEADER       "\377tOc\0\0\0\2"
#define HEADER_BYTES 8
#define IS_LARGE     0x80000000u

/* Where the parts of the file begin. */
typedef struct index_layout {
	size_t id_bytes, count, large_count;
	unsigned char *fanout, *ids, *crcs, *offsets, *large, *checksum;
} index_layout;

static irmin_rc lay_out(const irmin__index_item *items, index_layout *to,
    irmin_buf *out, irmin_error *err)
{
	uint64_t bytes;
	irmin_rc rc;
	size_t i;

	for (i = 0; i < to->count; i++)
		to->large_count += items[i].offset >= IS_LARGE;
	if (to->large_count > IS_LARGE)
		return irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "cannot index a pack: %zu objects lie beyond 2 GiB",
		    to->large_count);
	bytes = HEADER_BYTES + IRMIN__FANOUT_BYTES +
	    (uint64_t)to->count * (to->id_bytes + 8) +
	    (uint64_t)to->large_count * 8 + 2 * to->id_bytes;
	if (bytes > SIZE_MAX)
		return irmin__enomem(err);
	rc = irmin_buf_reserve(out, (size_t)bytes, err);
	if (rc < 0)
		return rc;
	to->fanout = out->data + HEADER_BYTES;
	to->ids = to->fanout + IRMIN__FANOUT_BYTES;
	to->crcs = to->ids + to->count * to->id_bytes;
	to->offsets = to->crcs + to->count * 4;
	to->large = to->offsets + to->count * 4;
	to->checksum = to->large + to->large_count * 8;
	out->len = (size_t)bytes - to->id_bytes;
	return IRMIN_OK;
}

/* Each item is looked at once: they are not where the cache expects them. */
static void write_items(const irmin__index_item *items, const uint32_t *order,
    const index_layout *to)
{
	uint32_t larges = 0;
	size_t i;

	for (i = 0; i < to->count; i++) {
		const irmin__index_item *item = &items[order[i]];
		uint32_t offset = (uint32_t)item->offset;

		if (item->offset >= IS_LARGE) {
			offset = IS_LARGE | larges;
			irmin__put_be64(to->large + (size_t)larges++ * 8,
			    item->offset);
		}
		memcpy(to->ids + i * to->id_bytes, item->id.bytes,
		    to->id_bytes);
		irmin__put_be32(to->crcs + i * 4, item->crc);
		irmin__put_be32(to->offsets + i * 4, offset);
	}
}

static irmin_rc check_ids(irmin_hash_algo algo, const index_layout *to,
    irmin_error *err)
{
	const unsigned char *id = to->ids;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_oid twice;
	size_t i;

	for (i = 1; i < to->count; i++, id += to->id_bytes) {
		if (memcmp(id, id + to->id_bytes, to->id_bytes) != 0)
			continue;
		twice = irmin__oid_of_bytes(algo, id);
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "cannot index a pack: %s is in it twice",
		    irmin_oid_hex(&twice, hex));
	}
	return IRMIN_OK;
}

irmin_rc irmin__index_encode(irmin_hash_algo algo,
    const irmin__index_item *items, size_t count,
    const unsigned char *pack_checksum, irmin_buf *out, irmin_error *err)
{
	index_layout to;
	uint32_t *order;
	irmin_rc rc;

	out->len = 0;
	memset(&to, 0, sizeof to);
	to.id_bytes = irmin_hash_size(algo);
	to.count = count;
	rc = irmin__id_order(items, sizeof *items, count, &order, err);
	if (rc >= 0)
		rc = lay_out(items, &to, out, err);
	if (rc >= 0) {
		memcpy(out->data, HEADER, HEADER_BYTES);
		write_items(items, order, &to);
		irmin__fanout_encode(to.ids, to.id_bytes, count, to.fanout);
		memcpy(to.checksum, pack_checksum, to.id_bytes);
		rc = check_ids(algo, &to, err);
	}
	if (rc >= 0)
		rc = irmin__checksum_append(algo, out, err);
	if (rc < 0)
		out->len = 0;
	irmin_free(order);
	return rc;
}
