/* Streams, stored and compressed: zlib itself reads them; damage is seen. */
#include "lib/pack/deflate.h"

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* The state that all compressions of this program use in turn. */
static irmin__deflaters resting;

static unsigned char *noise(size_t len)
{
	unsigned char *bytes = malloc(len + 1);
	unsigned seed = 1;
	size_t i;

	for (i = 0; i < len; i++) {
		seed = seed * 1103515245 + 12345;
		bytes[i] = (unsigned char)(seed >> 16);
	}
	return bytes;
}

/* Reads a stream with zlib; answers how many bytes came, or -1. */
static long read_back(irmin_slice stream, unsigned char *out, size_t room)
{
	uLong in_len = (uLong)stream.len;
	uLongf out_len = (uLongf)room;

	if (uncompress2(out, &out_len, stream.data, &in_len) != Z_OK ||
	    in_len != stream.len)
		return -1;
	return (long)out_len;
}

static void check_size(size_t len)
{
	unsigned char *bytes = noise(len), *out = malloc(len + 1);
	size_t stored = irmin__stored_bytes(len), cut = len / 3;
	unsigned char *stream = malloc(stored);
	irmin_slice head = irmin_bytes(bytes, cut), back;

	irmin__store(head, irmin_bytes(bytes + cut, len - cut), stream);
	is_int(read_back(irmin_bytes(stream, stored), out, len + 1), (long)len,
	    "%zu bytes: zlib reads it", len);
	is_mem(out, len, bytes, len, "%zu bytes: the same", len);
	is_rc(irmin__stored(irmin_bytes(stream, stored), &back),
	    len <= 65535 ? IRMIN_OK : IRMIN_ABSENT,
	    "%zu bytes: in place, if it is one block", len);
	if (len <= 65535)
		is_mem(back.data, back.len, bytes, len,
		    "%zu bytes: where they lie", len);
	is_rc(irmin__stored(irmin_bytes(stream, stored - 1), &back),
	    IRMIN_ABSENT, "%zu bytes: cut", len);
	free(stream);
	free(bytes);
	free(out);
}

/* Every flipped bit of a stored stream is seen by the checksum or before. */
static void check_flips(void)
{
	unsigned char bytes[40], stream[64], out[64];
	size_t len = sizeof bytes, stored = irmin__stored_bytes(len);
	unsigned wrong = 0, i;
	irmin_slice back;

	memcpy(bytes, "every bit of this text is flipped once...", len);
	for (i = 0; i < 8 * stored; i++) {
		long got;

		irmin__store(irmin_bytes(bytes, len), irmin_bytes(NULL, 0),
		    stream);
		stream[i / 8] ^= (unsigned char)(1 << i % 8);
		wrong += irmin__stored(irmin_bytes(stream, stored), &back) ==
		    IRMIN_OK;
		got = read_back(irmin_bytes(stream, stored), out, sizeof out);
		/* The level of compression in the header means nothing, and
		 * unused bits of a stored block are not looked at. */
		if (got >= 0 && memcmp(out, bytes, len) != 0)
			wrong++;
	}
	is_int(wrong, 0, "no flipped bit gives other bytes");
}

/* Compresses `len` bytes of which the first `cut` are the head. */
static void check_deflate(int level, const unsigned char *bytes, size_t len,
    size_t cut)
{
	irmin_slice head = irmin_bytes(bytes, cut);
	irmin_slice body = irmin_bytes(bytes + cut, len - cut);
	size_t room = irmin__stored_bytes(len) + 100, used = 0, again;
	unsigned char *out = malloc(room), *back = malloc(len + 1);
	irmin_error err;

	is_rc(irmin__deflate(&resting, level, head, body, out, room, &used,
		  &err),
	    IRMIN_OK, "%zu of %zu bytes at level %d", cut, len, level);
	is_int(read_back(irmin_bytes(out, used), back, len + 1), (long)len,
	    "zlib reads them");
	is_mem(back, len, bytes, len, "the same");
	is_rc(irmin__deflate(&resting, level, head, body, out, used + 16,
		  &again, &err),
	    IRMIN_OK, "in little more room");
	is_int(again, used, "the same length");
	is_rc(irmin__deflate(&resting, level, head, body, out, used / 2, &again,
		  &err),
	    IRMIN_ABSENT, "in half the room");
	is_int(again, 0, "nothing");
	free(out);
	out = malloc(used); /* so that one byte too many is seen */
	ok(irmin__deflate(&resting, level, head, body, out, used, &again,
	       &err) >= 0,
	    "in just the room, or not");
	free(out);
	free(back);
}

static void check_levels(void)
{
	static const size_t cuts[] = { 0, 7, 1000, 65535, 65536, 100000 };
	unsigned char *bytes = noise(100000);
	size_t i, used;
	int level;

	memset(bytes + 300, 'a', 90000);
	for (level = -1; level <= 9; level++)
		check_deflate(level, bytes, 1000, 7);
	for (i = 0; i < sizeof cuts / sizeof *cuts; i++)
		check_deflate(6, bytes, 100000, cuts[i]);
	check_deflate(1, bytes, 0, 0);
	is_rc(irmin__deflate(&resting, 9, irmin_bytes(bytes, 10),
		  irmin_bytes(bytes + 10, 90000), bytes, 0, &used, NULL),
	    IRMIN_ABSENT, "no room at all");
	free(bytes);
}

static irmin_rc deflate_twice(void *arg, irmin_error *err)
{
	static unsigned char long_head[70000], out[71000];
	size_t used;
	irmin_rc rc;

	(void)arg;
	rc = irmin__deflate(&resting, 1, irmin_text("head"), irmin_text("body"),
	    out, sizeof out, &used, err);
	if (rc >= 0)
		rc = irmin__deflate(&resting, 1,
		    irmin_bytes(long_head, sizeof long_head),
		    irmin_text("body"), out, sizeof out, &used, err);
	irmin__deflaters_clear(&resting);
	return rc;
}

int main(void)
{
	static const size_t sizes[] = { 0, 1, 2, 65534, 65535, 65536, 131070,
		131071, 200000 };
	size_t i;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++)
		check_size(sizes[i]);
	check_flips();
	check_levels();
	irmin__deflaters_clear(&resting);
	alloc_fault_sweep("deflate", deflate_twice, NULL);
	return done_testing();
}
