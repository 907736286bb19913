/* lib/pack/deflate.h: zlib streams, written. */
#ifndef IRMIN_PACK_DEFLATE_H
#define IRMIN_PACK_DEFLATE_H

#include <stdatomic.h>

#include <irmin/bytes.h>

/* The length of a stream that stores `len` bytes as they are. */
size_t irmin__stored_bytes(size_t len);

/* Writes `head` and `body` as such a stream. */
void irmin__store(irmin_slice head, irmin_slice body, unsigned char *out);

/* The bytes of a stream that is one stored block, where they lie. Answers: OK;
 * ABSENT (it is some other stream, or none). */
irmin_rc irmin__stored(irmin_slice stream, irmin_slice *bytes);

/* The state of a compression, which takes longer to make than to compress a
 * small object: one of them rests here between two uses. All zero: none. */
typedef struct irmin__deflater irmin__deflater;
typedef _Atomic(irmin__deflater *) irmin__deflaters;

/* Compresses `head` and `body` as one stream (libdeflate, where it was found).
 * `level` is 0 to 9, or -1. Answers: OK, and the length; ABSENT (it would take
 * more than `out_bytes`, or nearly all of them). Fails: ENOMEM. */
irmin_rc irmin__deflate(irmin__deflaters *resting, int level, irmin_slice head,
    irmin_slice body, unsigned char *out, size_t out_bytes, size_t *used,
    irmin_error *err);

/* Frees the one that rests. */
void irmin__deflaters_clear(irmin__deflaters *resting);

#endif
