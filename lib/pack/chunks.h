/* lib/pack/chunks.h: the table of contents that multi-pack indexes and
 * commit-graphs begin with, and their checksum. chunks.c has the drawing.
 */
#ifndef IRMIN_PACK_CHUNKS_H
#define IRMIN_PACK_CHUNKS_H

#include <irmin/hash.h>

/* A file in chunks; points into its bytes. */
typedef struct irmin__chunks {
	irmin_slice bytes;
	size_t table; /* where the table of contents begins */
	unsigned count;
} irmin__chunks;

#define IRMIN__CHUNK(a, b, c, d)                                               \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 |      \
	    (uint32_t)(d))

/* Reads the table, which begins at `table`. `trailer` is the length of the
 * checksum. Fails: ECORRUPT with the offset (a chunk outside the file, out of
 * order, or twice). */
irmin_rc irmin__chunks_open(irmin_slice bytes, size_t table, unsigned count,
    size_t trailer, irmin__chunks *chunks, irmin_error *err);

/* The chunk of a name. Answers: OK; ABSENT. */
irmin_rc irmin__chunks_find(const irmin__chunks *chunks, uint32_t name,
    irmin_slice *chunk);

/* Where a chunk begins in the file. */
uint64_t irmin__chunks_offset(const irmin__chunks *chunks, const void *chunk);

/* A chunk of `count` items of `item_bytes` each, neither more nor less. Fails:
 * ECORRUPT (there is none, or it is of another size). */
irmin_rc irmin__chunks_get(const irmin__chunks *chunks, uint32_t name,
    uint64_t count, size_t item_bytes, const unsigned char **chunk,
    irmin_error *err);

/* A chunk of any number of items, or none. Fails: ECORRUPT (not a multiple of
 * `item_bytes`). */
irmin_rc irmin__chunks_get_items(const irmin__chunks *chunks, uint32_t name,
    size_t item_bytes, const unsigned char **chunk, uint64_t *count,
    irmin_error *err);

/* A chunk to be written. */
typedef struct irmin__chunk {
	uint32_t name;
	irmin_slice bytes;
} irmin__chunk;

/* Replaces `out` by `head`, the table, the chunks and the checksum of all that.
 * Fails: ENOMEM. */
irmin_rc irmin__chunks_encode(irmin_hash_algo algo, irmin_slice head,
    const irmin__chunk *chunks, unsigned count, irmin_buf *out,
    irmin_error *err);

#endif
