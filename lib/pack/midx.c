/* Multi-pack indexes, read: where each object of many packs is.
 *
 *   | "MIDX" | 1 | hash, 1 byte | chunks, 1 | base files, 1: 0 | packs, 4 |
 *   | table of contents |                              chunks.c draws it
 *   PNAM | name of a pack's index, NUL | ... | NUL up to a multiple of 4 |
 *   OIDF | fan-out |                                   id-table.c draws both
 *   OIDL | id | ... |
 *   OOFF | pack, 4 | offset, 4 | ... |                 one of each id
 *   LOFF | offset, 8 | ... |                           only if one needs more than
 *          32 bits: then an offset in OOFF from 2^31 on is 2^31 + a place in here
 *   | checksum |
 *
 * A hash is 1 for SHA-1 and 2 for SHA-256. RIDX and BTMP, which bitmaps need,
 * are not looked at.
 *
 * Source: gitformat-pack.
 */
#include "lib/pack/midx.h"

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"

#define HEADER_BYTES 12
#define IS_LARGE     0x80000000u

/* ---- the frame ---- */

static irmin_rc check_header(irmin_hash_algo algo, irmin_slice bytes,
    irmin_error *err)
{
	const unsigned char *head = bytes.data;

	if (bytes.len < HEADER_BYTES || memcmp(head, "MIDX", 4) != 0)
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL, 0,
		    "this is no multi-pack index");
	if (head[4] != 1)
		return irmin__error_at(err, IRMIN_ENOTSUP, NULL, 4,
		    "multi-pack indexes of version %u are not known", head[4]);
	if (head[5] != (unsigned char)algo)
		return irmin__error_at(err, IRMIN_ENOTSUP, NULL, 5,
		    "the multi-pack index is of another hash, %u", head[5]);
	if (head[7])
		return irmin__error_at(err, IRMIN_ENOTSUP, NULL, 7,
		    "multi-pack indexes upon others are not known");
	return IRMIN_OK;
}

/* A name is a path below the directory of packs: it must not lead out of it. */
static int is_name(irmin_slice name)
{
	return name.len > 0 && !memchr(name.data, '/', name.len);
}

static irmin_rc read_names(irmin__midx *midx, irmin_error *err)
{
	const char *before = NULL, *name = midx->names.data;
	size_t left = midx->names.len, stride = 0;
	uint32_t i;

	for (i = 0; i < midx->pack_count; i++) {
		const char *nul = left ? memchr(name, 0, left) : NULL;
		size_t len = nul ? (size_t)(nul - name) + 1 : 0;

		if (!nul || !is_name(irmin_bytes(name, len - 1)) ||
		    (before && strcmp(before, name) >= 0))
			return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
			    irmin__chunks_offset(&midx->chunks, name),
			    "the name of pack %u is none, or out of order", i);
		stride = !i || stride == len ? len : 0;
		before = name;
		name += len;
		left -= len;
	}
	midx->name_stride = stride;
	return IRMIN_OK;
}

static irmin_rc read_chunks(irmin_hash_algo algo, irmin__midx *midx,
    irmin_error *err)
{
	const irmin__chunks *chunks = &midx->chunks;
	irmin__id_table *table = &midx->table;
	const unsigned char *fanout, *ids;
	irmin_rc rc;

	rc = irmin__chunks_get(chunks, IRMIN__CHUNK('O', 'I', 'D', 'F'), 1,
	    IRMIN__FANOUT_BYTES, &fanout, err);
	if (rc >= 0)
		rc = irmin__id_table_open(algo, fanout,
		    irmin__chunks_offset(chunks, fanout), table, err);
	if (rc >= 0)
		rc = irmin__chunks_get(chunks, IRMIN__CHUNK('O', 'I', 'D', 'L'),
		    table->count, table->id_bytes, &ids, err);
	if (rc >= 0)
		rc = irmin__chunks_get(chunks, IRMIN__CHUNK('O', 'O', 'F', 'F'),
		    table->count, 8, &midx->places, err);
	if (rc >= 0)
		rc = irmin__chunks_get_items(chunks,
		    IRMIN__CHUNK('L', 'O', 'F', 'F'), 8, &midx->large,
		    &midx->large_count, err);
	if (rc < 0)
		return rc;
	table->ids = ids;
	table->stride = table->id_bytes;
	midx->count = table->count;
	if (irmin__chunks_find(chunks, IRMIN__CHUNK('P', 'N', 'A', 'M'),
		&midx->names) != IRMIN_OK)
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL, chunks->table,
		    "the chunk PNAM is missing");
	return read_names(midx, err);
}

irmin_rc irmin__midx_open(irmin_hash_algo algo, irmin_slice bytes,
    irmin__midx *midx, irmin_error *err)
{
	const unsigned char *head = bytes.data;
	irmin_rc rc;

	memset(midx, 0, sizeof *midx);
	rc = check_header(algo, bytes, err);
	if (rc < 0)
		return rc;
	midx->pack_count = irmin__be32(head + 8);
	rc = irmin__chunks_open(bytes, HEADER_BYTES, head[6],
	    irmin_hash_size(algo), &midx->chunks, err);
	return rc < 0 ? rc : read_chunks(algo, midx, err);
}

const char *irmin__midx_pack_name(const irmin__midx *midx, uint32_t pack)
{
	const char *name = midx->names.data;

	if (midx->name_stride)
		return name + pack * midx->name_stride;
	while (pack-- > 0)
		name += strlen(name) + 1;
	return name;
}

/* ---- look-ups ---- */

irmin_rc irmin__midx_find(const irmin__midx *midx, const irmin_oid *id,
    uint32_t *at)
{
	return irmin__id_table_find(&midx->table, id, at);
}

uint32_t irmin__midx_bound(const irmin__midx *midx, const irmin_oid *id)
{
	return irmin__id_table_bound(&midx->table, id);
}

irmin_oid irmin__midx_id(const irmin__midx *midx, uint32_t at)
{
	return irmin__id_table_id(&midx->table, at);
}

irmin_rc irmin__midx_place(const irmin__midx *midx, uint32_t at, uint32_t *pack,
    uint64_t *offset, irmin_error *err)
{
	const unsigned char *place = midx->places + (size_t)at * 8;

	*pack = irmin__be32(place);
	*offset = irmin__be32(place + 4);
	if (midx->large && *offset & IS_LARGE) {
		*offset &= ~IS_LARGE;
		*offset = *offset < midx->large_count
		    ? irmin__be64(midx->large + *offset * 8)
		    : UINT64_MAX;
	}
	if (*pack < midx->pack_count && *offset <= INT64_MAX)
		return IRMIN_OK;
	*pack = 0;
	*offset = 0;
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
	    irmin__chunks_offset(&midx->chunks, place),
	    "the object at place %u lies in no pack, or beyond 2^63", at);
}

/* ---- all of it ---- */

irmin_rc irmin__midx_verify(const irmin__midx *midx, irmin_error *err)
{
	uint64_t offset;
	uint32_t at, pack;
	irmin_rc rc;

	rc = irmin__id_table_verify(&midx->table,
	    irmin__chunks_offset(&midx->chunks, midx->table.ids), err);
	for (at = 0; at < midx->count && rc >= 0; at++)
		rc = irmin__midx_place(midx, at, &pack, &offset, err);
	if (rc >= 0)
		rc = irmin__checksum_verify(midx->table.algo,
		    midx->chunks.bytes, err);
	return rc;
}
