/* Indexes of packs, read.
 *
 * Version 2:
 *   | ff 74 4f 63 | 2, 4 bytes | fan-out, 256 * 4 |
 *   | id | id | ... |             lowest first
 *   | CRC-32 of the entry, 4 | ... |
 *   | offset, 4 | ... |           below 2^31; else 2^31 + a place in the next:
 *   | offset, 8 | ... |
 *   | checksum of the pack | checksum of all before it |
 *
 * Version 1:
 *   | fan-out, 256 * 4 |
 *   | offset, 4 | id | ... |      lowest id first
 *   | checksum of the pack | checksum of all before it |
 *
 * Source: gitformat-pack.
 */
#include "lib/pack/index.h"

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"

#define SIGNATURE    "\377tOc"
#define HEADER_BYTES 8
#define IS_LARGE     0x80000000u

/* ---- the frame ---- */

static irmin_rc wrong_size(irmin_slice bytes, uint32_t count, irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL, bytes.len,
	    "an index of %u objects is not of %zu bytes", count, bytes.len);
}

static irmin_rc open_version_1(irmin__index *index, irmin_error *err)
{
	irmin__id_table *table = &index->table;
	size_t stride = 4 + table->id_bytes;
	uint64_t bytes = IRMIN__FANOUT_BYTES + (uint64_t)table->count * stride +
	    2 * table->id_bytes;

	if (bytes != index->bytes.len)
		return wrong_size(index->bytes, table->count, err);
	index->offsets = table->fanout + IRMIN__FANOUT_BYTES;
	index->offset_stride = table->stride = stride;
	table->ids = index->offsets + 4;
	return IRMIN_OK;
}

static irmin_rc open_version_2(irmin__index *index, irmin_error *err)
{
	irmin__id_table *table = &index->table;
	uint64_t bytes = HEADER_BYTES + IRMIN__FANOUT_BYTES +
	    (uint64_t)table->count * (table->id_bytes + 8) +
	    2 * table->id_bytes;
	uint64_t large = index->bytes.len - bytes;

	if (bytes > index->bytes.len || large % 8 || large / 8 > table->count)
		return wrong_size(index->bytes, table->count, err);
	table->ids = table->fanout + IRMIN__FANOUT_BYTES;
	table->stride = table->id_bytes;
	index->crcs = table->ids + (size_t)table->count * table->id_bytes;
	index->offsets = index->crcs + (size_t)table->count * 4;
	index->offset_stride = 4;
	index->large = index->offsets + (size_t)table->count * 4;
	index->large_count = large / 8;
	return IRMIN_OK;
}

irmin_rc irmin__index_open(irmin_hash_algo algo, irmin_slice bytes,
    irmin__index *index, irmin_error *err)
{
	const unsigned char *begin = bytes.data;
	size_t fanout = 0;
	irmin_rc rc;

	memset(index, 0, sizeof *index);
	index->bytes = bytes;
	index->version = 1;
	if (bytes.len >= HEADER_BYTES && !memcmp(begin, SIGNATURE, 4)) {
		if (irmin__be32(begin + 4) != 2)
			return irmin__error_at(err, IRMIN_ENOTSUP, NULL, 4,
			    "indexes of version %u are not known",
			    irmin__be32(begin + 4));
		index->version = 2;
		fanout = HEADER_BYTES;
	}
	if (bytes.len < fanout + IRMIN__FANOUT_BYTES)
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL, bytes.len,
		    "%zu bytes are no index", bytes.len);
	rc = irmin__id_table_open(algo, begin + fanout, fanout, &index->table,
	    err);
	if (rc < 0)
		return rc;
	index->count = index->table.count;
	return index->version == 1 ? open_version_1(index, err)
				   : open_version_2(index, err);
}

/* ---- look-ups ---- */

irmin_rc irmin__index_find(const irmin__index *index, const irmin_oid *id,
    uint32_t *at)
{
	return irmin__id_table_find(&index->table, id, at);
}

uint32_t irmin__index_bound(const irmin__index *index, const irmin_oid *id)
{
	return irmin__id_table_bound(&index->table, id);
}

irmin_oid irmin__index_id(const irmin__index *index, uint32_t at)
{
	return irmin__id_table_id(&index->table, at);
}

irmin_rc irmin__index_offset(const irmin__index *index, uint32_t at,
    uint64_t *offset, irmin_error *err)
{
	const unsigned char *place = index->offsets + at * index->offset_stride;

	*offset = irmin__be32(place);
	if (index->version == 1 || !(*offset & IS_LARGE))
		return IRMIN_OK;
	*offset &= ~IS_LARGE;
	if (*offset < index->large_count)
		place = index->large + *offset * 8;
	else
		place = NULL;
	*offset = place ? irmin__be64(place) : UINT64_MAX;
	if (*offset <= INT64_MAX)
		return IRMIN_OK;
	*offset = 0;
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
	    (uint64_t)(index->offsets + at * index->offset_stride -
		(const unsigned char *)index->bytes.data),
	    "the offset at place %u is not there, or beyond 2^63", at);
}

uint32_t irmin__index_crc(const irmin__index *index, uint32_t at)
{
	return index->crcs ? irmin__be32(index->crcs + (size_t)at * 4) : 0;
}

const unsigned char *irmin__index_pack_checksum(const irmin__index *index)
{
	return (const unsigned char *)index->bytes.data + index->bytes.len -
	    2 * index->table.id_bytes;
}

/* ---- all of it ---- */

irmin_rc irmin__index_verify(const irmin__index *index, irmin_error *err)
{
	uint64_t offset;
	uint32_t at;
	irmin_rc rc;

	rc = irmin__id_table_verify(&index->table,
	    (uint64_t)(index->table.ids -
		(const unsigned char *)index->bytes.data),
	    err);
	for (at = 0; at < index->count && rc >= 0; at++)
		rc = irmin__index_offset(index, at, &offset, err);
	if (rc >= 0)
		rc = irmin__checksum_verify(index->table.algo, index->bytes,
		    err);
	return rc;
}
