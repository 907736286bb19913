#include "lib/backend-git/git-objects.h"
#include "tests/fuzz/fuzz.h"

/* Every line gives at most one path, and no path can cut a C string short. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	irmin__git_texts paths = { NULL, 0, 0 };
	irmin_error err;
	size_t i, total = 0;

	REQUIRE(irmin__git_alternates_parse(irmin_bytes(bytes, len), &paths,
		    &err) == IRMIN_OK);
	for (i = 0; i < paths.len; i++) {
		REQUIRE(paths.items[i][0]);
		total += strlen(paths.items[i]);
	}
	REQUIRE(total <= len);
	irmin__git_texts_clear(&paths);
	return 0;
}
