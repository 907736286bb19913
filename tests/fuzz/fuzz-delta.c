#include "lib/pack/delta.h"
#include "tests/fuzz/fuzz.h"

#define LIMIT ((size_t)1 << 20)

/* Applies a delta as a reader does, who makes room for what its head says. */
static irmin_rc apply(irmin_slice base, irmin_slice delta, unsigned char **out,
    size_t *size)
{
	irmin_error err;
	irmin_rc rc;

	*out = NULL;
	rc = irmin__delta_result_size(delta, LIMIT, size, &err);
	if (rc == IRMIN_OK) {
		REQUIRE(*size <= LIMIT);
		*out = malloc(*size + !*size);
		rc = irmin__delta_apply(base, delta, *out, *size, &err);
	}
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_ECORRUPT || rc == IRMIN_ELIMIT);
	REQUIRE(rc == IRMIN_OK || err.code == rc);
	REQUIRE(rc != IRMIN_ECORRUPT || err.offset <= delta.len);
	return rc;
}

static void read_delta(irmin_slice base, irmin_slice delta)
{
	unsigned char *out;
	size_t size;

	(void)apply(base, delta, &out, &size);
	free(out);
}

static void make_delta(irmin_slice base, irmin_slice target, size_t max_bytes)
{
	irmin_buf delta = IRMIN_BUF_INIT;
	irmin__delta_index *index;
	unsigned char *out;
	irmin_rc rc;
	size_t size;

	if (irmin__delta_index_new(base, &index, NULL) != IRMIN_OK)
		return;
	rc = irmin__delta_make(index, target, max_bytes, &delta, NULL);
	REQUIRE(rc == IRMIN_OK || (rc == IRMIN_ABSENT && !delta.len));
	REQUIRE(delta.len <= max_bytes);
	if (rc == IRMIN_OK) {
		REQUIRE(apply(base, irmin_buf_slice(&delta), &out, &size) ==
		    IRMIN_OK);
		REQUIRE(size == target.len && !memcmp(out, target.data, size));
		free(out);
	} else if (max_bytes < SIZE_MAX) {
		make_delta(base, target, SIZE_MAX);
	} else {
		REQUIRE(!target.len);
	}
	irmin__delta_index_free(index);
	irmin_buf_clear(&delta);
}

/* Splices as the bytes say; a delta of them gives something of the right size
 * from any base. */
static void make_of_splices(irmin_slice base, irmin_slice target,
    const uint8_t *bytes)
{
	irmin_buf delta = IRMIN_BUF_INIT;
	irmin_splice splices[2];
	unsigned char *out;
	size_t size, i;

	for (i = 0; i < 2; i++, bytes += 4)
		splices[i] = (irmin_splice){ bytes[0], bytes[1], bytes[2],
			bytes[3] };
	if (irmin__delta_of_splices(base.len, target, splices, 2, &delta,
		NULL) == IRMIN_OK) {
		REQUIRE(apply(base, irmin_buf_slice(&delta), &out, &size) ==
		    IRMIN_OK);
		REQUIRE(size == target.len);
		free(out);
	}
	irmin_buf_clear(&delta);
}

/* The input is the length of the base in two bytes, the longest delta in two,
 * two splices of four each, the base, and a delta, or what one is made of. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	irmin_slice base, rest;
	size_t split;

	if (len < 12)
		return 0;
	split = bytes[0] | (size_t)bytes[1] << 8;
	split = split < len - 12 ? split : len - 12;
	base = irmin_bytes(bytes + 12, split);
	rest = irmin_bytes(bytes + 12 + split, len - 12 - split);
	read_delta(base, rest);
	make_delta(base, rest, bytes[2] | (size_t)bytes[3] << 8);
	make_of_splices(base, rest, bytes + 4);
	return 0;
}
