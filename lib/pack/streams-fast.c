/* The streams of libdeflate, which wants what it compresses in one piece. A head
 * goes before it in a block of its own: 5 bytes more, and no copy of the body.
 *
 *   | 78 01 | head, stored | body, compressed | Adler-32 of both, big endian |
 *
 *   head, stored: | 0 | n | ~n | n bytes |        n is 2 bytes, little endian
 *
 * Source: RFC 1950 and 1951.
 */
#include "lib/pack/streams.h"

#include <libdeflate.h>

#define STREAM_HEADER  2
#define BLOCK_HEADER   5
#define TRAILER        4
#define ORDINARY_LEVEL 6

/* Its types, under our names. */
static struct libdeflate_compressor *compressor_of(irmin__fast_deflater *it)
{
	return (struct libdeflate_compressor *)it;
}

static struct libdeflate_decompressor *decompressor_of(irmin__fast_inflater *it)
{
	return (struct libdeflate_decompressor *)it;
}

/* ---- deflate ---- */

irmin__fast_deflater *irmin__fast_deflater_new(int level)
{
	return (irmin__fast_deflater *)libdeflate_alloc_compressor(
	    level < 0 ? ORDINARY_LEVEL : level);
}

void irmin__fast_deflater_free(irmin__fast_deflater *deflater)
{
	libdeflate_free_compressor(compressor_of(deflater));
}

static unsigned char *put_stored(irmin_slice head, unsigned char *out)
{
	*out++ = 0;
	*out++ = (unsigned char)head.len;
	*out++ = (unsigned char)(head.len >> 8);
	*out++ = (unsigned char)~head.len;
	*out++ = (unsigned char)(~head.len >> 8);
	memcpy(out, head.data, head.len);
	return out + head.len;
}

static void put_sum(irmin_slice head, irmin_slice body, unsigned char *out)
{
	uint32_t sum = libdeflate_adler32(1, head.data, head.len);
	int shift;

	if (body.len)
		sum = libdeflate_adler32(sum, body.data, body.len);
	for (shift = 24; shift >= 0; shift -= 8)
		*out++ = (unsigned char)(sum >> shift);
}

size_t irmin__fast_deflate(irmin__fast_deflater *deflater, irmin_slice head,
    irmin_slice body, unsigned char *out, size_t out_bytes)
{
	size_t before = STREAM_HEADER + BLOCK_HEADER + head.len;
	unsigned char *at = out;
	size_t used;

	if (!head.len)
		return libdeflate_zlib_compress(compressor_of(deflater),
		    body.data, body.len, out, out_bytes);
	if (out_bytes < before + TRAILER)
		return 0;
	*at++ = 0x78;
	*at++ = 0x01;
	at = put_stored(head, at);
	used = libdeflate_deflate_compress(compressor_of(deflater), body.data,
	    body.len, at, out_bytes - before - TRAILER);
	if (!used)
		return 0;
	put_sum(head, body, at + used);
	return before + used + TRAILER;
}

/* ---- inflate ---- */

irmin__fast_inflater *irmin__fast_inflater_new(void)
{
	return (irmin__fast_inflater *)libdeflate_alloc_decompressor();
}

void irmin__fast_inflater_free(irmin__fast_inflater *inflater)
{
	libdeflate_free_decompressor(decompressor_of(inflater));
}

size_t irmin__fast_inflate(irmin__fast_inflater *inflater, irmin_slice stream,
    void *out, size_t size)
{
	size_t used = 0;

	/* A smaller window, which nobody writes, it would not heed. */
	if (!stream.len || *(const unsigned char *)stream.data != 0x78)
		return 0;
	if (libdeflate_zlib_decompress_ex(decompressor_of(inflater),
		stream.data, stream.len, out, size, &used,
		NULL) != LIBDEFLATE_SUCCESS)
		return 0;
	return used;
}
