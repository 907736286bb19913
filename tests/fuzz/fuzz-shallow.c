#include "lib/backend-git/git-objects.h"
#include "tests/fuzz/fuzz.h"

static void parse(irmin_hash_algo hash, irmin_slice text)
{
	irmin__git_ids ids = { NULL, 0, 0 };
	irmin_error err;
	irmin_rc rc;
	size_t i;

	rc = irmin__git_shallow_parse(hash, text, &ids, &err);
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_ECORRUPT);
	REQUIRE(rc == IRMIN_OK || err.offset < text.len);
	REQUIRE(ids.len <= text.len / (2 * irmin_hash_size(hash)));
	for (i = 0; rc == IRMIN_OK && i < ids.len; i++) {
		REQUIRE(ids.items[i].algo == hash);
		REQUIRE(!i ||
		    irmin_oid_compare(&ids.items[i - 1], &ids.items[i]) <= 0);
	}
	IRMIN__VEC_CLEAR(&ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	parse(IRMIN_HASH_SHA1, irmin_bytes(bytes, len));
	parse(IRMIN_HASH_SHA256, irmin_bytes(bytes, len));
	return 0;
}
