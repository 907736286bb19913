/* lib/pack/inflate.h: zlib streams, read.
 *
 * What lives in lib/pack: git's packed formats as bytes: entries, deltas,
 * indexes, multi-pack indexes, commit-graphs, and the streams in which objects
 * are compressed. Which files there are, and when they change, is the business
 * of the backend.
 */
#ifndef IRMIN_PACK_INFLATE_H
#define IRMIN_PACK_INFLATE_H

#include <stdatomic.h>

#include <zlib.h>

#include <irmin/bytes.h>

/* What reads a stream takes longer to make than a small object takes to read:
 * some of them rest here between two uses, for as many threads as read at a time.
 * All zero: none. */
#define IRMIN__INFLATERS 4
typedef struct irmin__inflate_state irmin__inflate_state;
typedef struct irmin__inflaters {
	_Atomic(irmin__inflate_state *) states[IRMIN__INFLATERS];
} irmin__inflaters;

/* Inflates a stream that gives exactly `size` bytes, in one go (libdeflate, where
 * it was found). `used` is the length of the stream. Answers: OK; ABSENT (the
 * slice ends within the stream). Fails: ECORRUPT with the offset in the stream
 * (broken, or another size), ENOMEM. */
irmin_rc irmin__inflate_whole(irmin__inflaters *resting, irmin_slice stream,
    void *out, size_t size, size_t *used, irmin_error *err);

/* Frees those that rest. */
void irmin__inflaters_clear(irmin__inflaters *resting);

/* Reads a stream in parts. */
typedef struct irmin__inflater {
	z_stream zlib;
	const unsigned char *rest; /* not yet given to zlib */
	size_t left;
	uint64_t given; /* to zlib, over all parts */
	int ended;
} irmin__inflater;

irmin_rc irmin__inflate_begin(irmin__inflater *inflater, irmin_slice stream,
    irmin_error *err);

/* Goes on with the next part of the stream; the one before is used up. */
void irmin__inflate_more(irmin__inflater *inflater, irmin_slice stream);

/* The next bytes: fewer than `len` only at the end, or where the part of the
 * stream is used up (`ended` tells which). Fails: ECORRUPT with the offset in the
 * stream, ENOMEM. */
irmin_rc irmin__inflate(irmin__inflater *inflater, void *bytes, size_t len,
    size_t *got, irmin_error *err);

/* How many bytes of the stream were read. */
uint64_t irmin__inflate_offset(const irmin__inflater *inflater);

void irmin__inflate_end(irmin__inflater *inflater);

#endif
