/* Streams that store: zlib itself reads them; damage is seen. */
#include "lib/backend-git/git-zlib.h"

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#include <stdlib.h>
#include <string.h>

/* The state that all compressions of this program use in turn. */
static irmin__git_resting resting;

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

/* Reads a stream in pieces; answers how many bytes came, or -1. */
static long inflate_all(irmin_slice stream, unsigned char *out, size_t room,
    size_t piece, irmin_error *err)
{
	irmin__git_inflater inflater;
	size_t got = 0, done = 0;
	irmin_rc rc;

	rc = irmin__git_inflate_begin(&inflater, stream, err);
	if (rc < 0)
		return -1;
	do {
		rc = irmin__git_inflate(&inflater, out + done,
		    piece < room - done ? piece : room - done, &got, err);
		done += got;
	} while (rc >= 0 && got == piece && done < room);
	irmin__git_inflate_end(&inflater);
	return rc < 0 ? -1 : (long)done;
}

static void check_size(size_t len)
{
	unsigned char *bytes = noise(len), *out = malloc(len + 1);
	size_t stored = irmin__git_stored_bytes(len), cut = len / 3;
	unsigned char *stream = malloc(stored);
	irmin_slice head = irmin_bytes(bytes, cut), back;
	uLongf out_len = (uLongf)len + 1;
	irmin_error err;

	irmin__git_store(head, irmin_bytes(bytes + cut, len - cut), stream);
	is_int(uncompress(out, &out_len, stream, (uLong)stored), Z_OK,
	    "%zu bytes: zlib reads it", len);
	is_mem(out, out_len, bytes, len, "%zu bytes: the same", len);
	is_int(inflate_all(irmin_bytes(stream, stored), out, len + 1, 1000,
		   &err),
	    (long)len, "%zu bytes: so do we", len);
	is_rc(irmin__git_stored(irmin_bytes(stream, stored), &back),
	    len <= 65535 ? IRMIN_OK : IRMIN_ABSENT,
	    "%zu bytes: in place, if it is one block", len);
	if (len <= 65535)
		is_mem(back.data, back.len, bytes, len,
		    "%zu bytes: where they lie", len);
	is_rc(irmin__git_stored(irmin_bytes(stream, stored - 1), &back),
	    IRMIN_ABSENT, "%zu bytes: cut", len);
	free(stream);
	free(bytes);
	free(out);
}

/* Every flipped bit of a stored stream is seen by the checksum or before. */
static void check_flips(void)
{
	unsigned char bytes[40], stream[64], out[64];
	size_t len = sizeof bytes, stored = irmin__git_stored_bytes(len);
	unsigned wrong = 0, i;
	irmin_slice back;

	memcpy(bytes, "every bit of this text is flipped once...", len);
	for (i = 0; i < 8 * stored; i++) {
		long got;

		irmin__git_store(irmin_bytes(bytes, len), irmin_bytes(NULL, 0),
		    stream);
		stream[i / 8] ^= (unsigned char)(1 << i % 8);
		wrong += irmin__git_stored(irmin_bytes(stream, stored),
			     &back) == IRMIN_OK;
		got = inflate_all(irmin_bytes(stream, stored), out, sizeof out,
		    sizeof out, NULL);
		/* The level of compression in the header means nothing, and
		 * unused bits of a stored block are not looked at. */
		if (got >= 0 && memcmp(out, bytes, len) != 0)
			wrong++;
	}
	is_int(wrong, 0, "no flipped bit gives other bytes");
}

static void check_cuts(void)
{
	unsigned char out[2000], back[2000];
	unsigned char *bytes = noise(1000);
	size_t used = 0, cut;
	unsigned wrong = 0;
	irmin_error err;

	memset(bytes + 300, 'a', 600);
	is_rc(irmin__git_deflate(&resting, 6, irmin_bytes(bytes, 7),
		  irmin_bytes(bytes + 7, 993), out, sizeof out, &used, &err),
	    IRMIN_OK, "deflate");
	ok(used < 600, "made smaller");
	is_int(inflate_all(irmin_bytes(out, used), back, 1001, 1001, &err),
	    1000, "and larger again");
	is_mem(back, 1000, bytes, 1000, "the same");
	for (cut = 0; cut < used; cut++) {
		memset(&err, 0, sizeof err);
		if (inflate_all(irmin_bytes(out, cut), back, 1001, 1001,
			&err) >= 0 ||
		    err.code != IRMIN_ECORRUPT || err.offset != cut)
			wrong++;
	}
	is_int(wrong, 0, "every cut stream is corrupt, at its end");
	is_rc(irmin__git_deflate(&resting, 6, irmin_bytes(bytes, 7),
		  irmin_bytes(bytes + 7, 993), out, used - 1, &cut, &err),
	    IRMIN_ABSENT, "room for one byte less");
	is_rc(irmin__git_deflate(&resting, 6, irmin_bytes(bytes, 7),
		  irmin_bytes(bytes + 7, 993), out, used, &cut, &err),
	    IRMIN_OK, "just enough room");
	is_int(cut, used, "is used");
	is_rc(irmin__git_deflate(&resting, 1, irmin_bytes(NULL, 0),
		  irmin_bytes(NULL, 0), out, sizeof out, &used, &err),
	    IRMIN_OK, "nothing can be deflated too");
	is_int(inflate_all(irmin_bytes(out, used), back, 10, 10, &err), 0,
	    "to nothing");
	free(bytes);
}

static irmin_rc both_ways(void *arg, irmin_error *err)
{
	unsigned char out[200], back[100];
	size_t used;
	irmin_rc rc;

	(void)arg;
	rc = irmin__git_deflate(&resting, 1, irmin_text("head"),
	    irmin_text("body"), out, sizeof out, &used, err);
	if (rc >= 0 &&
	    inflate_all(irmin_bytes(out, used), back, 100, 3, err) < 0)
		rc = IRMIN_ENOMEM;
	irmin__git_resting_clear(&resting);
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
	check_cuts();
	irmin__git_resting_clear(&resting);
	alloc_fault_sweep("zlib", both_ways, NULL);
	return done_testing();
}
