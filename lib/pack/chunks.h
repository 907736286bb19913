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

/* Reads the table. `trailer` is the length of the checksum. Fails: ECORRUPT with
 * the offset (a chunk outside the file, out of order, or twice). */
irmin_rc irmin__chunks_open(irmin_slice bytes, size_t table, unsigned count,
    size_t trailer, irmin__chunks *chunks, irmin_error *err);

/* A chunk. Answers: OK; ABSENT. */
irmin_rc irmin__chunks_find(const irmin__chunks *chunks, uint32_t name,
    irmin_slice *chunk);

/* Checks the checksum at the end of a file. Fails: ECORRUPT. */
irmin_rc irmin__chunks_verify(irmin_hash_algo algo, irmin_slice bytes,
    irmin_error *err);

/* A chunk to be written. */
typedef struct irmin__chunk {
	uint32_t name;
	irmin_slice bytes;
} irmin__chunk;

/* Appends `head`, the table, the chunks and the checksum of all that to `out`,
 * which is empty. Fails: ENOMEM. */
irmin_rc irmin__chunks_encode(irmin_hash_algo algo, irmin_slice head,
    const irmin__chunk *chunks, unsigned count, irmin_buf *out,
    irmin_error *err);

#endif
