/* lib/pack/midx.h: one index over many packs. midx.c has the drawing. */
#ifndef IRMIN_PACK_MIDX_H
#define IRMIN_PACK_MIDX_H

#include "lib/pack/chunks.h"
#include "lib/pack/id-table.h"

typedef struct irmin__midx {
	irmin__chunks chunks;
	irmin__id_table table;
	uint32_t count, pack_count;
	const unsigned char *places, *large;
	uint64_t large_count;
	irmin_slice names;  /* of the packs, each with its NUL */
	size_t name_stride; /* from one to the next; 0: they differ in length */
} irmin__midx;

/* Reads the frame, as irmin__index_open, and the names, which are in order and
 * lead to no other directory. `bytes` stay where they are. Fails: ECORRUPT with
 * the offset, ENOTSUP (a version, a hash, base files). */
irmin_rc irmin__midx_open(irmin_hash_algo algo, irmin_slice bytes,
    irmin__midx *midx, irmin_error *err);

/* The name of a pack's index ("pack-....idx"). Cost: looks at all names before,
 * unless they are of one length, as git's are. */
const char *irmin__midx_pack_name(const irmin__midx *midx, uint32_t pack);

/* As the functions of index.h with these names. */
irmin_rc irmin__midx_find(const irmin__midx *midx, const irmin_oid *id,
    uint32_t *at);
uint32_t irmin__midx_bound(const irmin__midx *midx, const irmin_oid *id);
irmin_oid irmin__midx_id(const irmin__midx *midx, uint32_t at);
irmin_rc irmin__midx_place(const irmin__midx *midx, uint32_t at,
    uint32_t *pack, uint64_t *offset, irmin_error *err);

/* Checks order, places and checksum. Fails: ECORRUPT with the offset. */
irmin_rc irmin__midx_verify(const irmin__midx *midx, irmin_error *err);

/* One object of one of the packs. */
typedef struct irmin__midx_item {
	irmin_oid id;
	uint32_t pack; /* place in `names` */
	uint64_t offset;
} irmin__midx_item;

/* Replaces `out` by a file for packs with these index names, which are in order.
 * Of an id that occurs more than once the one of the lowest pack stays. Fails:
 * EINVAL (names out of order, a pack that has none), ELIMIT (2^32 objects),
 * ENOMEM. */
irmin_rc irmin__midx_encode(irmin_hash_algo algo, const char *const *names,
    uint32_t pack_count, const irmin__midx_item *items, size_t count,
    irmin_buf *out, irmin_error *err);

#endif
