#include "lib/core/object/tag-codec.h"
#include "lib/core/object/write-check.h"
#include "tests/fuzz/fuzz.h"

/* A tag that is read keeps its bytes. */
static void there_and_back(irmin_hash_algo algo, irmin_slice bytes)
{
	irmin__tag_data tag;
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_error err;

	if (irmin__tag_decode(algo, bytes, &tag, &err) < 0) {
		REQUIRE(err.code == IRMIN_ECORRUPT && err.offset <= bytes.len);
		return;
	}
	REQUIRE(irmin__tag_encode(&tag, &out, &err) >= 0);
	REQUIRE(irmin_slice_equal(irmin_buf_slice(&out), bytes));
	if (irmin__check_tag(&tag, NULL) >= 0)
		REQUIRE(irmin__check_object(algo, IRMIN_OBJECT_TAG, bytes,
			    &err) >= 0);
	irmin_buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	there_and_back(IRMIN_HASH_SHA1, irmin_bytes(bytes, len));
	there_and_back(IRMIN_HASH_SHA256, irmin_bytes(bytes, len));
	return 0;
}
