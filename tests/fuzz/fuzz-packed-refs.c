#include "lib/backend-git/git-parts.h"
#include "tests/fuzz/fuzz.h"

static irmin__git_packed *parse(irmin_hash_algo hash, irmin_slice text)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin__git_packed *packed;
	irmin_error err;
	irmin_rc rc;

	REQUIRE(irmin_buf_set(&bytes, text, &err) == IRMIN_OK);
	rc = irmin__git_packed_parse(hash, &bytes, "f", &packed, &err);
	irmin_buf_clear(&bytes);
	REQUIRE((rc == IRMIN_OK) == (packed != NULL));
	REQUIRE(
	    rc == IRMIN_OK || (rc == IRMIN_ECORRUPT && err.offset <= text.len));
	return packed;
}

/* What is left without a ref is a packed-refs file with all the others. */
static void take_out(irmin_hash_algo hash, const irmin__git_packed *packed,
    irmin_slice name)
{
	irmin_buf rest = IRMIN_BUF_INIT;
	irmin__git_packed *others;
	irmin_error err;
	irmin_oid id;

	REQUIRE(irmin__git_packed_without(packed, &name, 1, &rest, &err) ==
	    IRMIN_OK);
	others = parse(hash, irmin_buf_slice(&rest));
	REQUIRE(others);
	REQUIRE(irmin__git_packed_count(others) + 1 ==
	    irmin__git_packed_count(packed));
	REQUIRE(irmin__git_packed_find(others, name, &id) == IRMIN_ABSENT);
	irmin__git_packed_unref(others);
	irmin_buf_clear(&rest);
}

static void read_all(irmin_hash_algo hash, irmin_slice text)
{
	irmin__git_packed *packed = parse(hash, text);
	irmin_slice last = irmin_bytes(NULL, 0);
	size_t i;

	if (!packed)
		return;
	for (i = 0; i < irmin__git_packed_count(packed); i++) {
		irmin__git_packed_ref ref = irmin__git_packed_at(packed, i);
		irmin_oid id;

		REQUIRE(irmin_slice_compare(last, ref.name) < 0);
		REQUIRE(irmin__git_packed_bound(packed, ref.name) == i);
		REQUIRE(
		    irmin__git_packed_find(packed, ref.name, &id) == IRMIN_OK);
		REQUIRE(irmin_oid_compare(&id, &ref.id) == 0);
		take_out(hash, packed, ref.name);
		last = ref.name;
	}
	(void)irmin__git_packed_collides(packed, "refs/heads/a/b");
	irmin__git_packed_unref(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	read_all(IRMIN_HASH_SHA1, irmin_bytes(bytes, len));
	read_all(IRMIN_HASH_SHA256, irmin_bytes(bytes, len));
	return 0;
}
