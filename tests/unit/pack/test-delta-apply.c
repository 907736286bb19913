/* Deltas written by hand: what each instruction does, and what is refused. */
#include "lib/pack/delta.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/tap.h"

#define DELTA(text) irmin_bytes(text, sizeof(text) - 1)

/* Applies it in memory of just the sizes, so that a byte too far is seen. */
static irmin_rc apply(irmin_slice base, irmin_slice delta, size_t size,
    char **out, irmin_error *err)
{
	char *own_base = malloc(base.len + !base.len);
	char *own_delta = malloc(delta.len + !delta.len);
	irmin_rc rc;

	*out = malloc(size + !size);
	memcpy(own_base, base.data, base.len);
	memcpy(own_delta, delta.data, delta.len);
	rc = irmin__delta_apply(irmin_bytes(own_base, base.len),
	    irmin_bytes(own_delta, delta.len), *out, size, err);
	free(own_base);
	free(own_delta);
	return rc;
}

static void gives(irmin_slice delta, const char *result)
{
	irmin_slice base = irmin_text("0123456789");
	char *out;
	irmin_error err;

	succeeds(apply(base, delta, strlen(result), &out, &err), &err, "%s",
	    result);
	is_mem(out, strlen(result), result, strlen(result), "it gives %s",
	    result);
	free(out);
}

static void refused(irmin_slice delta, size_t size, uint64_t offset,
    const char *says)
{
	irmin_slice base = irmin_text("0123456789");
	irmin_error err;
	char *out;

	if (fails(apply(base, delta, size, &out, &err), IRMIN_ECORRUPT, &err,
		"%s", says)) {
		ok(strstr(err.text, says), "it says %s: %s", says, err.text);
		is_int(err.offset, offset, "and where");
	}
	free(out);
}

static void check_good(void)
{
	gives(DELTA("\x0a\x00"), "");
	gives(DELTA("\x0a\x03\x03xyz"), "xyz");
	gives(DELTA("\x0a\x0a\x90\x0a"), "0123456789");
	gives(DELTA("\x0a\x03\x91\x07\x03"), "789");
	gives(DELTA("\x0a\x05\x91\x02\x02\x01-\x91\x00\x02"), "23-01");
	gives(DELTA("\x0a\x02\xff\x01\x00\x00\x00\x02\x00\x00"), "12");
	gives(DELTA("\x8a\x80\x00\x81\x00\x01x"), "x");
}

/* A size of 0 is 65,536. */
static void check_default_size(void)
{
	size_t len = 70000;
	char *base = calloc(1, len), *out;
	irmin_error err;

	memset(base + 100, 'x', 65536);
	succeeds(apply(irmin_bytes(base, len),
		     DELTA("\xf0\xa2\x04\x80\x80\x04\x81\x64"), 65536, &out,
		     &err),
	    &err, "a copy without a size");
	is_mem(out, 65536, base + 100, 65536, "65,536 bytes");
	free(out);
	fails(apply(irmin_bytes(base, len),
		  DELTA("\xf0\xa2\x04\x80\x80\x04\x83\x71\x11"), 65536, &out,
		  &err),
	    IRMIN_ECORRUPT, &err, "one byte behind the base");
	free(out);
	free(base);
}

static void check_bad(void)
{
	refused(DELTA(""), 0, 0, "cut short");
	refused(DELTA("\x0a"), 0, 1, "cut short");
	refused(DELTA("\x8a"), 0, 1, "cut short");
	refused(DELTA("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\x00"), 0, 9,
	    "beyond 64 bits");
	refused(DELTA("\x8a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x00"),
	    0, 10, "beyond 64 bits");
	refused(DELTA("\x09\x03\x03xyz"), 3, 2, "base of another size");
	refused(DELTA("\x0a\x04\x03xyz"), 3, 2, "another size than expected");
	refused(DELTA("\x0a\x03\x03xy"), 3, 3, "cut short");
	refused(DELTA("\x0a\x03\x00"), 3, 3, "reserved");
	refused(DELTA("\x0a\x03\x91\x08"), 3, 4, "cut short");
	refused(DELTA("\x0a\x03\x91\x08\x03"), 3, 5, "outside its base");
	refused(DELTA("\x0a\x03\x98\xff\x03"), 3, 5, "outside its base");
	refused(DELTA("\x0a\x03\x80"), 3, 3, "outside its base");
	refused(DELTA("\x0a\x03\x04wxyz"), 3, 7, "more than its size");
	refused(DELTA("\x0a\x03\x02xy\x90\x02"), 3, 7, "more than its size");
	refused(DELTA("\x0a\x03\x02xy"), 3, 5, "less than its size");
	refused(DELTA("\x0a\x03"), 3, 2, "less than its size");
}

static void check_sizes(void)
{
	uint64_t base_size, size;
	irmin_error err;
	size_t used;

	succeeds(irmin__delta_sizes(DELTA("\xff\xff\xff\xff\xff\xff\xff\xff\xff"
					  "\x01\x80\x01rest"),
		     &base_size, &size, &used, &err),
	    &err, "sizes");
	ok(base_size == UINT64_MAX, "the largest one");
	is_int(size, 128, "and another");
	is_int(used, 12, "their length");
	fails(irmin__delta_sizes(DELTA("\x05\x85"), &base_size, &size, &used,
		  &err),
	    IRMIN_ECORRUPT, &err, "cut short");
	is_int(used, 0, "nothing is used");
}

int main(void)
{
	check_good();
	check_default_size();
	check_bad();
	check_sizes();
	return done_testing();
}
