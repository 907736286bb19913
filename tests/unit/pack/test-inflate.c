/* Streams that zlib wrote, read whole and in parts, cut, damaged, too long and too
 * short; by several threads.
 */
#include "lib/pack/inflate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/base/slice.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

static irmin__inflaters resting;

/* Half noise, half not. */
static unsigned char *sample(size_t len)
{
	unsigned char *bytes = malloc(len + 1);
	unsigned seed = 1;
	size_t i;

	for (i = 0; i < len; i++) {
		seed = seed * 1103515245 + 12345;
		bytes[i] = i / 64 % 2 ? 'a' : (unsigned char)(seed >> 16);
	}
	return bytes;
}

static unsigned char *compressed(const unsigned char *bytes, size_t len,
    size_t *used)
{
	uLongf out_len = compressBound((uLong)len);
	unsigned char *out = malloc(out_len + 10);

	if (compress2(out, &out_len, bytes, (uLong)len, 6) != Z_OK)
		bail("zlib does not compress");
	*used = out_len;
	memset(out + out_len, 0x78, 10);
	return out;
}

/* Reads a stream given in parts, in pieces. */
static irmin_rc in_parts(irmin_slice stream, size_t part, unsigned char *out,
    size_t room, size_t piece, size_t *len, irmin_error *err)
{
	irmin__inflater inflater;
	size_t at = part < stream.len ? part : stream.len, got = 0;
	irmin_rc rc;

	*len = 0;
	rc = irmin__inflate_begin(&inflater, irmin_bytes(stream.data, at), err);
	if (rc < 0)
		return rc;
	while (rc >= 0 && !inflater.ended && *len < room) {
		size_t n = room - *len < piece ? room - *len : piece;
		size_t more = stream.len - at < part ? stream.len - at : part;

		rc = irmin__inflate(&inflater, out + *len, n, &got, err);
		*len += got;
		if (rc < 0 || got == n || inflater.ended)
			continue;
		if (!more)
			break;
		irmin__inflate_more(&inflater,
		    irmin_bytes((const char *)stream.data + at, more));
		at += more;
	}
	if (rc >= 0)
		rc = inflater.ended ? IRMIN_OK : IRMIN_ABSENT;
	irmin__inflate_end(&inflater);
	return rc;
}

static void check_size(size_t len)
{
	static const size_t parts[] = { 1, 7, 4096, 1 << 20 };
	unsigned char *bytes = sample(len), *out = malloc(len + 2);
	size_t used, stream_len, got, i;
	unsigned char *stream = compressed(bytes, len, &stream_len);
	irmin_error err;

	is_rc(irmin__inflate_whole(&resting,
		  irmin_bytes(stream, stream_len + 10), out, len, &used, &err),
	    IRMIN_OK, "%zu bytes, and something behind", len);
	is_int(used, stream_len, "where the stream ends");
	is_mem(out, len, bytes, len, "the same");
	fails(irmin__inflate_whole(&resting, irmin_bytes(stream, stream_len),
		  out, len + 1, &used, &err),
	    IRMIN_ECORRUPT, &err, "a byte more is wanted");
	is_int(used, 0, "nothing is used");
	if (len)
		fails(irmin__inflate_whole(&resting,
			  irmin_bytes(stream, stream_len), out, len - 1, &used,
			  &err),
		    IRMIN_ECORRUPT, &err, "a byte less is wanted");
	for (i = 0; i < 4; i++) {
		is_rc(in_parts(irmin_bytes(stream, stream_len), parts[i], out,
			  len + 1, 1000, &got, &err),
		    IRMIN_OK, "in parts of %zu", parts[i]);
		is_mem(out, got, bytes, len, "the same");
	}
	free(stream);
	free(bytes);
	free(out);
}

/* Every cut is seen as one; every flipped bit is seen, or changes nothing. */
static void check_damage(void)
{
	unsigned char *bytes = sample(500), out[501];
	size_t stream_len, used, got, i;
	unsigned char *stream = compressed(bytes, 500, &stream_len);
	unsigned wrong = 0, differ = 0;
	irmin_error err;
	irmin_rc rc;

	for (i = 0; i < stream_len; i++) {
		wrong += irmin__inflate_whole(&resting, irmin_bytes(stream, i),
			     out, 500, &used, &err) != IRMIN_ABSENT;
		wrong += in_parts(irmin_bytes(stream, i), 100, out, 501, 501,
			     &got, &err) != IRMIN_ABSENT;
	}
	is_int(wrong, 0, "no cut stream is whole, or broken");
	for (i = 0; i < 8 * stream_len; i++) {
		stream[i / 8] ^= (unsigned char)(1 << i % 8);
		rc = irmin__inflate_whole(&resting,
		    irmin_bytes(stream, stream_len), out, 500, &used, &err);
		wrong += rc == IRMIN_OK && memcmp(out, bytes, 500) != 0;
		wrong += rc < 0 &&
		    (err.code != IRMIN_ECORRUPT || err.offset > stream_len);
		differ += (in_parts(irmin_bytes(stream, stream_len), 100, out,
			       501, 501, &got, &err) == IRMIN_OK) !=
		    (rc == IRMIN_OK);
		stream[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	is_int(wrong, 0, "no flipped bit gives other bytes");
	is_int(differ, 0, "whole and in parts are one opinion");
	free(stream);
	free(bytes);
}

static void check_refused(void)
{
	static const unsigned char dictionary[] = { 0x78, 0xbb, 0, 0, 0, 1 };
	static const unsigned char block[] = { 0x78, 0x01, 7, 0 };
	unsigned char byte;
	irmin_error err;
	size_t used;

	fails(irmin__inflate_whole(&resting,
		  irmin_bytes(dictionary, sizeof dictionary), &byte, 1, &used,
		  &err),
	    IRMIN_ECORRUPT, &err, "a dictionary");
	fails(irmin__inflate_whole(&resting, irmin_text("nonsense"), &byte, 1,
		  &used, &err),
	    IRMIN_ECORRUPT, &err, "no stream");
	fails(irmin__inflate_whole(&resting, irmin_bytes(block, sizeof block),
		  &byte, 1, &used, &err),
	    IRMIN_ECORRUPT, &err, "a block of no kind");
	is_int(err.offset, 3, "at its byte");
	is_rc(irmin__inflate_whole(&resting, irmin_bytes(NULL, 0), NULL, 0,
		  &used, &err),
	    IRMIN_ABSENT, "nothing is no stream yet");
}

/* ---- threads ---- */

typedef struct shared_work {
	irmin__inflaters resting;
	irmin_slice stream;
	const unsigned char *bytes;
	size_t len;
	atomic_uint wrong;
} shared_work;

static void *read_often(void *arg)
{
	shared_work *work = arg;
	unsigned char *out = malloc(work->len);
	size_t used;
	int i;

	for (i = 0; i < 300; i++)
		if (irmin__inflate_whole(&work->resting, work->stream, out,
			work->len, &used, NULL) != IRMIN_OK ||
		    memcmp(out, work->bytes, work->len) != 0)
			atomic_fetch_add(&work->wrong, 1);
	free(out);
	return NULL;
}

static void check_threads(void)
{
	enum { THREADS = 6 };
	pthread_t threads[THREADS];
	unsigned char *bytes = sample(2000);
	shared_work work = { .bytes = bytes, .len = 2000 };
	unsigned char *stream = compressed(bytes, 2000, &work.stream.len);
	int i;

	work.stream.data = stream;
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, read_often, &work))
			bail("no thread");
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	is_int(atomic_load(&work.wrong), 0, "%d threads", THREADS);
	irmin__inflaters_clear(&work.resting);
	free(stream);
	free(bytes);
}

static irmin_rc both_ways(void *arg, irmin_error *err)
{
	const irmin_slice *stream = arg;
	unsigned char out[500];
	size_t used;
	irmin_rc rc;

	rc = irmin__inflate_whole(&resting, *stream, out, 500, &used, err);
	if (rc >= 0)
		rc = irmin__inflate_whole(&resting,
		    irmin__slice_until(*stream, stream->len - 1), out, 500,
		    &used, err);
	if (rc >= 0)
		rc = in_parts(*stream, 3, out, 500, 50, &used, err);
	irmin__inflaters_clear(&resting);
	return rc;
}

int main(void)
{
	static const size_t sizes[] = { 0, 1, 100, 1000, 65536, 300000 };
	unsigned char *bytes = sample(500), *stream;
	irmin_slice slice;
	size_t i;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++)
		check_size(sizes[i]);
	check_damage();
	check_refused();
	check_threads();
	irmin__inflaters_clear(&resting);
	stream = compressed(bytes, 500, &slice.len);
	slice.data = stream;
	alloc_fault_sweep("inflate", both_ways, &slice);
	free(stream);
	free(bytes);
	return done_testing();
}
