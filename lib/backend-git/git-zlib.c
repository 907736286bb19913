/* A zlib stream, RFC 1950 and 1951; this one stores its bytes as they are:
 *
 *   | 78 01 | block | block | ... | Adler-32 of all bytes, big endian |
 *
 *   block: | 1 if it is the last, else 0 | n | ~n | n bytes |
 *          n is 2 bytes, little endian
 */
#include "lib/backend-git/git-zlib.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include <irmin/alloc.h>

#define BLOCK_MAX     65535u
#define STREAM_HEADER 2
#define BLOCK_HEADER  5
#define TRAILER       4
#define PUMP_MAX      ((size_t)1 << 30) /* zlib counts with 32 bits */

/* ---- stored streams ---- */

size_t irmin__git_stored_bytes(size_t len)
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

void irmin__git_store(irmin_slice head, irmin_slice body, unsigned char *out)
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
	*out++ = (unsigned char)(sum >> 24);
	*out++ = (unsigned char)(sum >> 16);
	*out++ = (unsigned char)(sum >> 8);
	*out++ = (unsigned char)sum;
}

irmin_rc irmin__git_stored(irmin_slice stream, irmin_slice *bytes)
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
	    stream.len != irmin__git_stored_bytes(n))
		return IRMIN_ABSENT;
	s += STREAM_HEADER + BLOCK_HEADER;
	end = s + n;
	sum = (uint32_t)end[0] << 24 | (uint32_t)end[1] << 16 |
	    (uint32_t)end[2] << 8 | end[3];
	if (add_adler(1, irmin_bytes(s, n)) != sum)
		return IRMIN_ABSENT;
	*bytes = irmin_bytes(s, n);
	return IRMIN_OK;
}

/* ---- zlib ---- */

static voidpf zlib_alloc(voidpf opaque, uInt count, uInt bytes)
{
	(void)opaque;
	if (bytes && count > SIZE_MAX / bytes)
		return NULL;
	return irmin_malloc((size_t)count * bytes);
}

static void zlib_free(voidpf opaque, voidpf block)
{
	(void)opaque;
	irmin_free(block);
}

static void zlib_init(z_stream *zlib)
{
	memset(zlib, 0, sizeof *zlib);
	zlib->zalloc = zlib_alloc;
	zlib->zfree = zlib_free;
}

/* Feeds one slice; answers what zlib did, or Z_BUF_ERROR when `out` is full. */
static int deflate_slice(z_stream *zlib, irmin_slice bytes, int last,
    size_t *out_left)
{
	int result = Z_OK;

	do {
		size_t n = bytes.len < PUMP_MAX ? bytes.len : PUMP_MAX;
		size_t room = *out_left < PUMP_MAX ? *out_left : PUMP_MAX;

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

struct irmin__git_deflater {
	z_stream zlib;
	int level;
};

static void deflater_free(irmin__git_deflater *deflater)
{
	if (!deflater)
		return;
	deflateEnd(&deflater->zlib);
	irmin_free(deflater);
}

/* The one that rests, if it is of that level, or a new one; NULL: no memory. */
static irmin__git_deflater *take_deflater(irmin__git_resting *resting,
    int level)
{
	irmin__git_deflater *deflater = atomic_exchange(resting, NULL);

	if (deflater && deflater->level == level &&
	    deflateReset(&deflater->zlib) == Z_OK)
		return deflater;
	deflater_free(deflater);
	deflater = irmin_malloc(sizeof *deflater);
	if (!deflater)
		return NULL;
	zlib_init(&deflater->zlib);
	deflater->level = level;
	if (deflateInit(&deflater->zlib, level) == Z_OK)
		return deflater;
	irmin_free(deflater);
	return NULL;
}

irmin_rc irmin__git_deflate(irmin__git_resting *resting, int level,
    irmin_slice head, irmin_slice body, unsigned char *out, size_t out_bytes,
    size_t *used, irmin_error *err)
{
	irmin__git_deflater *deflater = take_deflater(resting, level);
	size_t left = out_bytes;
	int result;

	*used = 0;
	if (!deflater)
		return irmin__enomem(err);
	deflater->zlib.next_out = out;
	result = deflate_slice(&deflater->zlib, head, 0, &left);
	if (result == Z_OK)
		result = deflate_slice(&deflater->zlib, body, 1, &left);
	deflater_free(atomic_exchange(resting, deflater));
	if (result != Z_STREAM_END)
		return IRMIN_ABSENT;
	*used = out_bytes - left;
	return IRMIN_OK;
}

void irmin__git_resting_clear(irmin__git_resting *resting)
{
	deflater_free(atomic_exchange(resting, NULL));
}

irmin_rc irmin__git_inflate_begin(irmin__git_inflater *inflater,
    irmin_slice stream, irmin_error *err)
{
	zlib_init(&inflater->zlib);
	inflater->rest = stream.data;
	inflater->left = stream.len;
	inflater->given = 0;
	inflater->ended = 0;
	return inflateInit(&inflater->zlib) == Z_OK ? IRMIN_OK
						    : irmin__enomem(err);
}

size_t irmin__git_inflate_offset(const irmin__git_inflater *inflater)
{
	return inflater->given - inflater->zlib.avail_in;
}

static irmin_rc inflate_failed(const irmin__git_inflater *inflater, int result,
    irmin_error *err)
{
	const char *why = inflater->zlib.msg;

	if (result == Z_MEM_ERROR)
		return irmin__enomem(err);
	if (result == Z_BUF_ERROR)
		why = "it ends too early";
	else if (result == Z_NEED_DICT)
		why = "it needs a dictionary";
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
	    irmin__git_inflate_offset(inflater), "bad zlib stream: %s",
	    why ? why : "zlib refuses it");
}

irmin_rc irmin__git_inflate(irmin__git_inflater *inflater, void *bytes,
    size_t len, size_t *got, irmin_error *err)
{
	z_stream *zlib = &inflater->zlib;

	*got = 0;
	while (*got < len && !inflater->ended) {
		size_t room = len - *got < PUMP_MAX ? len - *got : PUMP_MAX;
		int result;

		if (!zlib->avail_in) {
			size_t n = inflater->left < PUMP_MAX ? inflater->left
							     : PUMP_MAX;

			zlib->next_in = (unsigned char *)inflater->rest;
			zlib->avail_in = (uInt)n;
			inflater->rest += n;
			inflater->left -= n;
			inflater->given += n;
		}
		zlib->next_out = (unsigned char *)bytes + *got;
		zlib->avail_out = (uInt)room;
		result = inflate(zlib, Z_NO_FLUSH);
		*got += room - zlib->avail_out;
		inflater->ended = result == Z_STREAM_END;
		if (result != Z_OK && result != Z_STREAM_END)
			return inflate_failed(inflater, result, err);
	}
	return IRMIN_OK;
}

void irmin__git_inflate_end(irmin__git_inflater *inflater)
{
	inflateEnd(&inflater->zlib);
}
