/* A zlib stream, RFC 1950 and 1951; this one stores its bytes as they are:
 *
 *   | 78 01 | block | block | ... | Adler-32 of all bytes, big endian |
 *
 *   block: | 1 if it is the last, else 0 | n | ~n | n bytes |
 *          n is 2 bytes, little endian
 */
#include "lib/pack/deflate.h"

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/pack/streams.h"
#include <irmin/alloc.h>

#define BLOCK_MAX     65535u
#define STREAM_HEADER 2
#define BLOCK_HEADER  5
#define TRAILER       4

/* ---- stored streams ---- */

size_t irmin__stored_bytes(size_t len)
{
	size_t blocks = len ? (len - 1) / BLOCK_MAX + 1 : 1;

	return STREAM_HEADER + blocks * BLOCK_HEADER + len + TRAILER;
}

/* Takes `len` bytes from the front of two slices. */
static void take_bytes(irmin_slice *head, irmin_slice *body, size_t len,
    unsigned char *out)
{
	irmin_slice *parts[2] = { head, body };
	int i;

	for (i = 0; i < 2; i++) {
		size_t n = parts[i]->len < len ? parts[i]->len : len;

		if (n)
			memcpy(out, parts[i]->data, n);
		*parts[i] = irmin__slice_from(*parts[i], n);
		out += n;
		len -= n;
	}
}

static uint32_t add_adler(uint32_t sum, irmin_slice bytes)
{
	return bytes.len ? (uint32_t)adler32_z(sum, bytes.data, bytes.len)
			 : sum;
}

void irmin__store(irmin_slice head, irmin_slice body, unsigned char *out)
{
	uint32_t sum = add_adler(add_adler(1, head), body);
	size_t n;

	*out++ = 0x78;
	*out++ = 0x01;
	do {
		n = head.len + body.len;
		*out++ = n <= BLOCK_MAX;
		n = n < BLOCK_MAX ? n : BLOCK_MAX;
		*out++ = (unsigned char)n;
		*out++ = (unsigned char)(n >> 8);
		*out++ = (unsigned char)~n;
		*out++ = (unsigned char)(~n >> 8);
		take_bytes(&head, &body, n, out);
		out += n;
	} while (head.len + body.len);
	irmin__put_be32(out, sum);
}

irmin_rc irmin__stored(irmin_slice stream, irmin_slice *bytes)
{
	const unsigned char *s = stream.data;
	const unsigned char *end;
	uint32_t sum;
	size_t n;

	*bytes = irmin_bytes(NULL, 0);
	if (stream.len < STREAM_HEADER + BLOCK_HEADER + TRAILER)
		return IRMIN_ABSENT;
	n = s[3] | (size_t)s[4] << 8;
	if (s[0] != 0x78 || s[1] != 0x01 || s[2] != 1 ||
	    (s[5] | (size_t)s[6] << 8) != (~n & BLOCK_MAX) ||
	    stream.len != irmin__stored_bytes(n))
		return IRMIN_ABSENT;
	s += STREAM_HEADER + BLOCK_HEADER;
	end = s + n;
	sum = irmin__be32(end);
	if (add_adler(1, irmin_bytes(s, n)) != sum)
		return IRMIN_ABSENT;
	*bytes = irmin_bytes(s, n);
	return IRMIN_OK;
}

/* ---- compressed streams ---- */

/* Feeds one slice; answers what zlib did, or Z_BUF_ERROR when `out` is full. */
static int deflate_slice(z_stream *zlib, irmin_slice bytes, int last,
    size_t *out_left)
{
	int result = Z_OK;

	do {
		size_t n = bytes.len < IRMIN__PUMP_MAX ? bytes.len
						       : IRMIN__PUMP_MAX;
		size_t room = *out_left < IRMIN__PUMP_MAX ? *out_left
							  : IRMIN__PUMP_MAX;

		zlib->next_in = (unsigned char *)bytes.data;
		zlib->avail_in = (uInt)n;
		zlib->avail_out = (uInt)room;
		result = deflate(zlib,
		    last && n == bytes.len ? Z_FINISH : Z_NO_FLUSH);
		bytes = irmin__slice_from(bytes, n - zlib->avail_in);
		*out_left -= room - zlib->avail_out;
		if (!*out_left && result != Z_STREAM_END)
			return Z_BUF_ERROR;
	} while (result == Z_OK && (bytes.len || last));
	return result;
}

/* What compresses short heads, and what does the rest; each is made when it is
 * needed first. */
struct irmin__deflater {
	int level;
	int begun; /* zlib */
	z_stream zlib;
	irmin__fast_deflater *fast;
};

static void deflater_free(irmin__deflater *deflater)
{
	if (!deflater)
		return;
	if (deflater->begun)
		deflateEnd(&deflater->zlib);
	irmin__fast_deflater_free(deflater->fast);
	irmin_free(deflater);
}

/* The one that rests, if it is of that level, or a new one; NULL: no memory. */
static irmin__deflater *take_deflater(irmin__deflaters *resting, int level)
{
	irmin__deflater *deflater = atomic_exchange(resting, NULL);

	if (deflater && deflater->level == level)
		return deflater;
	deflater_free(deflater);
	deflater = irmin_calloc(1, sizeof *deflater);
	if (!deflater)
		return NULL;
	deflater->level = level;
	deflater->fast = irmin__fast_deflater_new(level);
	return deflater;
}

/* Z_STREAM_END, Z_BUF_ERROR (no room), Z_MEM_ERROR. */
static int deflate_both(irmin__deflater *deflater, irmin_slice head,
    irmin_slice body, unsigned char *out, size_t *left)
{
	int result;

	if (deflater->begun) {
		result = deflateReset(&deflater->zlib);
	} else {
		irmin__zlib_init(&deflater->zlib);
		result = deflateInit(&deflater->zlib, deflater->level);
		deflater->begun = result == Z_OK;
	}
	if (result != Z_OK)
		return Z_MEM_ERROR;
	deflater->zlib.next_out = out;
	result = deflate_slice(&deflater->zlib, head, 0, left);
	return result == Z_OK ? deflate_slice(&deflater->zlib, body, 1, left)
			      : result;
}

irmin_rc irmin__deflate(irmin__deflaters *resting, int level, irmin_slice head,
    irmin_slice body, unsigned char *out, size_t out_bytes, size_t *used,
    irmin_error *err)
{
	irmin__deflater *deflater = take_deflater(resting, level);
	size_t left = out_bytes;
	int result = Z_BUF_ERROR;

	*used = 0;
	if (!deflater)
		return irmin__enomem(err);
	if (deflater->fast && head.len <= IRMIN__FAST_HEAD_MAX) {
		*used = irmin__fast_deflate(deflater->fast, head, body, out,
		    out_bytes);
	} else {
		result = deflate_both(deflater, head, body, out, &left);
		*used = result == Z_STREAM_END ? out_bytes - left : 0;
	}
	deflater_free(atomic_exchange(resting, deflater));
	if (result == Z_MEM_ERROR)
		return irmin__enomem(err);
	return *used ? IRMIN_OK : IRMIN_ABSENT;
}

void irmin__deflaters_clear(irmin__deflaters *resting)
{
	deflater_free(atomic_exchange(resting, NULL));
}
