#include "lib/pack/deflate.h"
#include "lib/pack/inflate.h"
#include "tests/fuzz/fuzz.h"

#define LIMIT ((size_t)1 << 17)

static irmin__inflaters inflaters;
static irmin__deflaters deflaters;

/* Reads a stream in parts of `part` bytes. What it gives is at most LIMIT. */
static irmin_rc in_parts(irmin_slice stream, size_t part, unsigned char *out,
    size_t *len, uint64_t *used)
{
	irmin__inflater inflater;
	const char *at = stream.data, *end = at + stream.len;
	irmin_rc rc = IRMIN_OK;
	size_t got;

	*len = 0;
	REQUIRE(irmin__inflate_begin(&inflater, irmin_bytes(NULL, 0), NULL) ==
	    IRMIN_OK);
	while (rc == IRMIN_OK && !inflater.ended && *len < LIMIT) {
		rc = irmin__inflate(&inflater, out + *len, LIMIT - *len, &got,
		    NULL);
		*len += got;
		if (rc != IRMIN_OK || inflater.ended || *len == LIMIT)
			break;
		if (at == end)
			rc = IRMIN_ABSENT;
		got = (size_t)(end - at) < part ? (size_t)(end - at) : part;
		irmin__inflate_more(&inflater, irmin_bytes(at, got));
		at += got;
	}
	*used = irmin__inflate_offset(&inflater);
	REQUIRE(*used <= stream.len);
	irmin__inflate_end(&inflater);
	return rc;
}

/* Whole or in parts, a stream is the same. */
static void read_stream(irmin_slice stream, size_t size, size_t part)
{
	unsigned char *parts = malloc(LIMIT), *whole = malloc(LIMIT);
	size_t len, used;
	uint64_t offset;
	irmin_rc rc, as_whole;
	irmin_error err;

	rc = in_parts(stream, part, parts, &len, &offset);
	as_whole = irmin__inflate_whole(&inflaters, stream, whole, size, &used,
	    &err);
	if (as_whole == IRMIN_OK)
		REQUIRE(rc == IRMIN_OK && len == size && used == offset &&
		    !memcmp(parts, whole, len));
	else
		REQUIRE(!used &&
		    (as_whole == IRMIN_ABSENT ||
			(err.code == IRMIN_ECORRUPT &&
			    err.offset <= stream.len)));
	if (rc == IRMIN_OK && len < LIMIT) {
		REQUIRE(irmin__inflate_whole(&inflaters, stream, whole, len,
			    &used, NULL) == IRMIN_OK);
		REQUIRE(used == offset && !memcmp(parts, whole, len));
	}
	free(parts);
	free(whole);
}

/* What is compressed comes back, with nothing behind it being read. */
static void round_trip(int level, size_t cut, irmin_slice bytes)
{
	size_t room = irmin__stored_bytes(bytes.len) + 64, used, again;
	unsigned char *out = malloc(room), *back = malloc(bytes.len + 1);
	const char *data = bytes.data;

	cut = cut < bytes.len ? cut : bytes.len;
	REQUIRE(irmin__deflate(&deflaters, level, irmin_bytes(data, cut),
		    irmin_bytes(data + cut, bytes.len - cut), out, room, &used,
		    NULL) == IRMIN_OK);
	REQUIRE(irmin__inflate_whole(&inflaters, irmin_bytes(out, room), back,
		    bytes.len, &again, NULL) == IRMIN_OK);
	REQUIRE(used == again && !memcmp(back, data, bytes.len));
	free(out);
	free(back);
}

/* The input is a size of two bytes, the length of parts, a level, and the
 * stream. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	irmin_slice rest;

	if (len < 4)
		return 0;
	rest = irmin_bytes(bytes + 4, len - 4);
	read_stream(rest, bytes[0] | (size_t)bytes[1] << 8, 1 + bytes[2]);
	round_trip(bytes[3] % 11 - 1, bytes[2], rest);
	return 0;
}
