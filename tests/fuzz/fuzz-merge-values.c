#include "lib/merge/value.h"
#include "tests/fuzz/fuzz.h"
#include <irmin/merge.h>

/* ---- merges ---- */

static irmin_merge *make_map(void)
{
	return irmin_merge_map(irmin_merge_counter());
}

static irmin_merge *make_alist(void)
{
	return irmin_merge_alist(irmin_merge_set());
}

static irmin_merge *make_pair(void)
{
	return irmin_merge_pair(irmin_merge_idempotent(), irmin_merge_log());
}

static irmin_merge *make_record(void)
{
	irmin_merge_field fields[2] = {
		{ "a", irmin_merge_multiset() },
		{ "b", irmin_merge_option(irmin_merge_lww()) },
	};

	return irmin_merge_record(fields, 2);
}

static const struct kind {
	irmin_merge *(*make)(void);
	int is_json;
	int has_identity; /* an unchanged side gives the other, and in its order */
	int commutes;
} kinds[] = {
	{ irmin_merge_counter, 0, 1, 1 },
	{ irmin_merge_multiset, 0, 1, 1 },
	{ irmin_merge_set, 0, 1, 1 },
	{ irmin_merge_log, 0, 0, 1 },
	{ irmin_merge_lww, 0, 0, 1 },
	{ make_map, 0, 1, 1 },
	{ make_alist, 0, 0, 0 },
	{ make_pair, 0, 1, 1 },
	{ make_record, 0, 1, 1 },
	{ irmin_merge_json, 1, 1, 1 },
};

/* ---- laws ---- */

static irmin_rc decode(const struct kind *kind, const irmin_merge *merge,
    irmin_slice bytes, irmin_value **value)
{
	return kind->is_json
	    ? irmin_value_decode_json(bytes, value, NULL)
	    : irmin_value_decode(bytes, irmin_merge_shape(merge), value, NULL);
}

static irmin_rc encode(const struct kind *kind, const irmin_merge *merge,
    const irmin_value *value, irmin_buf *bytes)
{
	return kind->is_json
	    ? irmin_value_encode_json(value, bytes, NULL)
	    : irmin_value_encode(value, irmin_merge_shape(merge), bytes, NULL);
}

static irmin_value *run(irmin_merge *merge, irmin_value *base,
    irmin_value *ours, irmin_value *theirs)
{
	irmin_value *result = NULL;
	irmin_error err;
	irmin_rc rc;

	rc = irmin_merge_run(merge, base, ours, theirs, &result, &err);
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_ECONFLICT);
	REQUIRE(err.code == rc && (rc < 0) == !result);
	return result;
}

/* What comes out is of the shape, and its form is canonical. */
static void check_form(const struct kind *kind, const irmin_merge *merge,
    const irmin_value *result)
{
	irmin_buf form = IRMIN_BUF_INIT;
	irmin_value *back = NULL;

	REQUIRE(encode(kind, merge, result, &form) == IRMIN_OK);
	REQUIRE(decode(kind, merge, irmin_buf_slice(&form), &back) == IRMIN_OK);
	REQUIRE(irmin__value_same(result, back));
	irmin_value_unref(back);
	irmin_buf_clear(&form);
}

static void check_merge(const struct kind *kind, irmin_merge *merge,
    irmin_value *base, irmin_value *ours, irmin_value *theirs)
{
	irmin_value *result = run(merge, base, ours, theirs);
	irmin_value *turned = run(merge, base, theirs, ours);

	REQUIRE(!result == !turned);
	REQUIRE(!kind->commutes || irmin__value_same(result, turned));
	if (result)
		check_form(kind, merge, result);
	irmin_value_unref(result);
	irmin_value_unref(turned);
}

static void check_identity(irmin_merge *merge, irmin_value *base,
    irmin_value *other)
{
	irmin_value *results[2] = { run(merge, base, base, other),
		run(merge, base, other, base) };

	REQUIRE(irmin__value_same(results[0], other));
	REQUIRE(irmin__value_same(results[1], other));
	irmin_value_unref(results[0]);
	irmin_value_unref(results[1]);
}

/* ---- input ---- */

static size_t find_end(const uint8_t *bytes, size_t len)
{
	const uint8_t *end = len ? memchr(bytes, '\0', len) : NULL;

	return end ? (size_t)(end - bytes) : len;
}

/* The input is a letter for the kind, then the forms of base, ours and theirs,
 * divided by NUL; a base that is none is absent. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	irmin_value *values[3] = { NULL, NULL, NULL };
	const struct kind *kind;
	irmin_merge *merge;
	size_t i, at = 1;

	if (len == 0)
		return 0;
	kind = &kinds[bytes[0] % (sizeof kinds / sizeof *kinds)];
	merge = kind->make();
	REQUIRE(merge);
	for (i = 0; i < 3 && at <= len; i++) {
		size_t length = find_end(bytes + at, len - at);

		if (decode(kind, merge, irmin_bytes(bytes + at, length),
			&values[i]) < 0)
			values[i] = NULL;
		at += length + 1;
	}
	if (values[1] && values[2])
		check_merge(kind, merge, values[0], values[1], values[2]);
	if (values[0] && values[2] && kind->has_identity)
		check_identity(merge, values[0], values[2]);
	for (i = 0; i < 3; i++)
		irmin_value_unref(values[i]);
	irmin_merge_unref(merge);
	return 0;
}
