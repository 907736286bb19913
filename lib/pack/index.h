/* lib/pack/index.h: which objects a pack has, and where. index.c has the drawing
 * of both versions. An index points into the bytes of its file.
 */
#ifndef IRMIN_PACK_INDEX_H
#define IRMIN_PACK_INDEX_H

#include "lib/pack/id-table.h"

typedef struct irmin__index {
	irmin_slice bytes;
	int version;                /* 1 or 2 */
	uint32_t count;
	irmin__id_table table;      /* of version 1: in entries of offset and id */
	const unsigned char *crcs;  /* version 2, else NULL */
	const unsigned char *offsets; /* each at the stride of `offset_stride` */
	size_t offset_stride;
	const unsigned char *large; /* offsets of 64 bits */
	uint64_t large_count;
} irmin__index;

/* Reads the frame: sizes and fan-out, so that no look-up leaves the bytes. The
 * order of ids and the checksum are irmin__index_verify's. Fails: ECORRUPT with
 * the offset, ENOTSUP (an unknown version). */
irmin_rc irmin__index_open(irmin_hash_algo algo, irmin_slice bytes,
    irmin__index *index, irmin_error *err);

/* Where an object stands in the index. Answers: OK; ABSENT. */
irmin_rc irmin__index_find(const irmin__index *index, const irmin_oid *id,
    uint32_t *at);

/* The first place whose id is not below `id`; the count if there is none. */
uint32_t irmin__index_bound(const irmin__index *index, const irmin_oid *id);

/* The id at a place; where in the pack it lies; its CRC-32 (0 in version 1).
 * Fails: ECORRUPT with the offset in the index. */
irmin_oid irmin__index_id(const irmin__index *index, uint32_t at);
irmin_rc irmin__index_offset(const irmin__index *index, uint32_t at,
    uint64_t *offset, irmin_error *err);
uint32_t irmin__index_crc(const irmin__index *index, uint32_t at);

/* The checksum of the pack that it is for: id_bytes of them. */
const unsigned char *irmin__index_pack_checksum(const irmin__index *index);

/* Checks order and checksum. Fails: ECORRUPT with the offset. */
irmin_rc irmin__index_verify(const irmin__index *index, irmin_error *err);

/* One object of a pack. */
typedef struct irmin__index_item {
	irmin_oid id;
	uint64_t offset;
	uint32_t crc;
} irmin__index_item;

/* Replaces `out` by an index of version 2 for a pack with these objects, which are
 * in any order. Fails: ENOMEM, EINVAL (an id twice), ELIMIT (more than 2^32 - 1
 * objects, or than 2^31 of them beyond 2 GiB). */
irmin_rc irmin__index_encode(irmin_hash_algo algo,
    const irmin__index_item *items, size_t count,
    const unsigned char *pack_checksum, irmin_buf *out, irmin_error *err);

/* The places of an index in the order of their offsets in the pack; `order` has
 * room for count. `end` (may be NULL) gets for each place, not order, where its
 * entry ends; the last one at `pack_end`. Fails: ECORRUPT (an offset twice, or at
 * or beyond pack_end), ENOMEM. */
irmin_rc irmin__index_order(const irmin__index *index, uint64_t pack_end,
    uint32_t *order, uint64_t *end, irmin_error *err);

#endif
