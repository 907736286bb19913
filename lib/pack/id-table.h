/* lib/pack/id-table.h: what indexes, multi-pack indexes and commit-graphs share:
 * ids in order, a fan-out that says how many begin with which byte, and the
 * checksum at the end of the file. id-table.c has the drawing.
 */
#ifndef IRMIN_PACK_ID_TABLE_H
#define IRMIN_PACK_ID_TABLE_H

#include <irmin/hash.h>

#define IRMIN__FANOUT_BYTES ((size_t)256 * 4)

/* Points into the bytes of a file. */
typedef struct irmin__id_table {
	irmin_hash_algo algo;
	size_t id_bytes;
	uint32_t count;
	const unsigned char *fanout; /* IRMIN__FANOUT_BYTES of them */
	const unsigned char *ids;
	size_t stride; /* from one id to the next */
} irmin__id_table;

/* Checks the fan-out, which begins at `offset` of its file, and sets all but
 * `ids` and `stride`: those are the caller's, who knows now how many there must
 * be. Fails: ECORRUPT with the offset. */
irmin_rc irmin__id_table_open(irmin_hash_algo algo, const unsigned char *fanout,
    uint64_t offset, irmin__id_table *table, irmin_error *err);

/* Where an id stands. Answers: OK; ABSENT. Cost: two or three places looked at,
 * as ids are spread evenly; as many as bisecting where they are not. */
irmin_rc irmin__id_table_find(const irmin__id_table *table, const irmin_oid *id,
    uint32_t *at);

/* The first place whose id is not below `id`; the count if there is none. */
uint32_t irmin__id_table_bound(const irmin__id_table *table,
    const irmin_oid *id);

irmin_oid irmin__id_table_id(const irmin__id_table *table, uint32_t at);

/* Checks that the ids, which begin at `offset` of their file, are in order, none
 * twice, and that the fan-out counts them. Fails: ECORRUPT with the offset. */
irmin_rc irmin__id_table_verify(const irmin__id_table *table, uint64_t offset,
    irmin_error *err);

/* ---- for writers ---- */

/* The places of `count` items in the order of their ids; equal ones stay as they
 * were. An item begins with its irmin_oid and is `stride` bytes long. Fails:
 * ENOMEM, ELIMIT (2^32 items or more). */
irmin_rc irmin__id_order(const void *items, size_t stride, size_t count,
    uint32_t **order, irmin_error *err);

/* Writes the fan-out of ids that stand in order, one behind the other. */
void irmin__fanout_encode(const unsigned char *ids, size_t id_bytes,
    size_t count, unsigned char fanout[IRMIN__FANOUT_BYTES]);

/* ---- the checksum of a file, at its end ---- */

/* Fails: ECORRUPT with the offset. */
irmin_rc irmin__checksum_verify(irmin_hash_algo algo, irmin_slice bytes,
    irmin_error *err);

/* Appends the checksum of all that is in `out`. Fails: ENOMEM. */
irmin_rc irmin__checksum_append(irmin_hash_algo algo, irmin_buf *out,
    irmin_error *err);

#endif
