/* lib/pack/streams.h: what inflate.c and deflate.c stand on: zlib with our
 * allocator, and libdeflate, where it was found. That one is quicker by far, and
 * knows only streams that are all there; what it does not do, zlib does.
 */
#ifndef IRMIN_PACK_STREAMS_H
#define IRMIN_PACK_STREAMS_H

#include <zlib.h>

#include <irmin/bytes.h>

#define IRMIN__PUMP_MAX ((size_t)1 << 30) /* zlib counts with 32 bits */

/* Prepares what deflateInit and inflateInit are given. */
void irmin__zlib_init(z_stream *zlib);

/* The states of libdeflate; NULL where it was not found, or for want of memory. */
typedef struct irmin__fast_deflater irmin__fast_deflater;
typedef struct irmin__fast_inflater irmin__fast_inflater;

#ifdef IRMIN__HAVE_LIBDEFLATE

irmin__fast_deflater *irmin__fast_deflater_new(int level);
void irmin__fast_deflater_free(irmin__fast_deflater *deflater);

/* The length of the stream; 0 if there is no room for it. `head` is at most
 * IRMIN__FAST_HEAD_MAX bytes long. */
#define IRMIN__FAST_HEAD_MAX 65535
size_t irmin__fast_deflate(irmin__fast_deflater *deflater, irmin_slice head,
    irmin_slice body, unsigned char *out, size_t out_bytes);

irmin__fast_inflater *irmin__fast_inflater_new(void);
void irmin__fast_inflater_free(irmin__fast_inflater *inflater);

/* The length of a stream that gives exactly `size` bytes; 0 if it is none: why,
 * zlib has to tell. */
size_t irmin__fast_inflate(irmin__fast_inflater *inflater, irmin_slice stream,
    void *out, size_t size);

#else

#define IRMIN__FAST_HEAD_MAX 0

static inline irmin__fast_deflater *irmin__fast_deflater_new(int level)
{
	(void)level;
	return NULL;
}

static inline void irmin__fast_deflater_free(irmin__fast_deflater *deflater)
{
	(void)deflater;
}

static inline size_t irmin__fast_deflate(irmin__fast_deflater *deflater,
    irmin_slice head, irmin_slice body, unsigned char *out, size_t out_bytes)
{
	(void)deflater, (void)head, (void)body, (void)out, (void)out_bytes;
	return 0;
}

static inline irmin__fast_inflater *irmin__fast_inflater_new(void)
{
	return NULL;
}

static inline void irmin__fast_inflater_free(irmin__fast_inflater *inflater)
{
	(void)inflater;
}

static inline size_t irmin__fast_inflate(irmin__fast_inflater *inflater,
    irmin_slice stream, void *out, size_t size)
{
	(void)inflater, (void)stream, (void)out, (void)size;
	return 0;
}

#endif

#endif
