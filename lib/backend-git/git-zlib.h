/* lib/backend-git/git-zlib.h: zlib streams, in which loose objects lie. */
#ifndef IRMIN_BACKEND_GIT_ZLIB_H
#define IRMIN_BACKEND_GIT_ZLIB_H

#include <stdatomic.h>

#include <zlib.h>

#include <irmin/bytes.h>

/* The length of a stream that stores `len` bytes as they are. */
size_t irmin__git_stored_bytes(size_t len);

/* Writes `head` and `body` as such a stream. */
void irmin__git_store(irmin_slice head, irmin_slice body, unsigned char *out);

/* The state of a compression, which takes longer to make than to compress a
 * small object: one of them rests here between two uses. All zero: none. */
typedef struct irmin__git_deflater irmin__git_deflater;
typedef _Atomic(irmin__git_deflater *) irmin__git_resting;

/* Compresses them. Answers: OK, and the length; ABSENT (it would take more than
 * `out_bytes`). Fails: ENOMEM. */
irmin_rc irmin__git_deflate(irmin__git_resting *resting, int level,
    irmin_slice head, irmin_slice body, unsigned char *out, size_t out_bytes,
    size_t *used, irmin_error *err);

/* Frees the one that rests. */
void irmin__git_resting_clear(irmin__git_resting *resting);

/* The bytes of a stream that is one stored block, where they lie. Answers: OK;
 * ABSENT (it is some other stream, or none). */
irmin_rc irmin__git_stored(irmin_slice stream, irmin_slice *bytes);

/* Reads a stream from its beginning. */
typedef struct irmin__git_inflater {
	z_stream zlib;
	const unsigned char *rest; /* not yet given to zlib */
	size_t left;
	size_t given;
	int ended;
} irmin__git_inflater;

irmin_rc irmin__git_inflate_begin(irmin__git_inflater *inflater,
    irmin_slice stream, irmin_error *err);

/* The next bytes: fewer than `len` only at the end. Fails: ECORRUPT with the
 * offset in the stream, ENOMEM. */
irmin_rc irmin__git_inflate(irmin__git_inflater *inflater, void *bytes,
    size_t len, size_t *got, irmin_error *err);

/* How many bytes of the stream were read; all of them if nothing follows its
 * end. */
size_t irmin__git_inflate_offset(const irmin__git_inflater *inflater);

void irmin__git_inflate_end(irmin__git_inflater *inflater);

#endif
