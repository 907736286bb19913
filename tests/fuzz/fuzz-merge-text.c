#include "lib/merge/diff3.h"
#include "tests/fuzz/fuzz.h"

#define LINES_MAX 4096

static irmin_rc merge(irmin_slice base, irmin_slice ours, irmin_slice theirs,
    irmin_buf *merged)
{
	irmin_error err;
	irmin_rc rc;

	merged->len = 0;
	irmin_error_clear(&err);
	rc = irmin__diff3(base, ours, theirs, merged, &err);
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_ECONFLICT);
	REQUIRE(err.code == rc);
	return rc;
}

static int is_merged(irmin_rc rc, const irmin_buf *merged, irmin_slice want)
{
	return rc == IRMIN_OK &&
	    irmin_slice_equal(irmin_buf_slice(merged), want);
}

/* An unchanged side gives the other, equal sides that; both orders agree. */
static void check_laws(irmin_slice base, irmin_slice ours, irmin_slice theirs)
{
	irmin_buf merged = IRMIN_BUF_INIT, turned = IRMIN_BUF_INIT;
	irmin_rc rc;

	REQUIRE(is_merged(merge(base, base, theirs, &merged), &merged, theirs));
	REQUIRE(is_merged(merge(base, ours, base, &merged), &merged, ours));
	REQUIRE(is_merged(merge(base, ours, ours, &merged), &merged, ours));
	rc = merge(base, ours, theirs, &merged);
	REQUIRE(rc == merge(base, theirs, ours, &turned));
	REQUIRE(rc < 0 || is_merged(rc, &merged, irmin_buf_slice(&turned)));
	irmin_buf_clear(&merged);
	irmin_buf_clear(&turned);
}

/* The input is three texts, divided by NUL. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	irmin_slice texts[3] = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	size_t i;

	if (len > LINES_MAX)
		return 0;
	for (i = 0; i < 3; i++) {
		const uint8_t *end = len ? memchr(bytes, '\0', len) : NULL;
		size_t length = end ? (size_t)(end - bytes) : len;

		texts[i] = irmin_bytes(bytes, length);
		bytes += end ? length + 1 : length;
		len -= end ? length + 1 : length;
	}
	check_laws(texts[0], texts[1], texts[2]);
	return 0;
}
