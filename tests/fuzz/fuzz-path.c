#include "lib/core/object/path.h"
#include "lib/core/object/refname.h"
#include "lib/core/object/write-check.h"
#include "tests/fuzz/fuzz.h"

/* The plain form of a path is read as itself, step by step. */
static void read_again(const irmin_path *path)
{
	irmin_slice text = irmin_path_text(path), rest = text, step;
	size_t i;

	for (i = 0; i < irmin_path_length(path); i++) {
		REQUIRE(irmin__path_step_next(&rest, &step) == IRMIN_OK);
		REQUIRE(irmin_slice_equal(step, irmin_path_step(path, i)));
		REQUIRE(irmin__check_step(step, NULL) == IRMIN_OK);
	}
	REQUIRE(irmin__path_step_next(&rest, &step) == IRMIN_END);
	REQUIRE(irmin__path_check_read(text, NULL, NULL) == IRMIN_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const irmin__path_limits wide = { len + 1, len + 1, len + 1 };
	const irmin__path_limits narrow = { 16, 4, 2 };
	irmin_slice text = irmin_bytes(bytes, len);
	irmin_path *path;

	if (irmin_path_parse(text, &path, NULL) == IRMIN_OK)
		read_again(path);
	else
		REQUIRE(irmin__path_check_write(text, NULL, NULL) < 0);
	irmin_path_unref(path);
	if (irmin__path_check_write(text, &narrow, NULL) >= 0)
		REQUIRE(irmin__path_check_write(text, &wide, NULL) >= 0);
	if (irmin__check_entry(text, IRMIN_MODE_SYMLINK, NULL) >= 0)
		REQUIRE(irmin__check_step(text, NULL) >= 0);
	if (irmin__refname_check(text, NULL) >= 0)
		REQUIRE(irmin__path_check_read(text, &wide, NULL) >= 0);
	REQUIRE(irmin__refname_check_branch(text, NULL) ==
	    irmin__refname_check_tag(text, NULL));
	return 0;
}
