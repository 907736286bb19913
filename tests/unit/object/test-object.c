#include <string.h>

#include "lib/core/object/object.h"
#include "tests/support/tap.h"

static void test_types(void)
{
	is_str(irmin_object_type_name(IRMIN_OBJECT_ANY), "any", "any");
	is_str(irmin_object_type_name(IRMIN_OBJECT_COMMIT), "commit", "commit");
	is_str(irmin_object_type_name(IRMIN_OBJECT_TREE), "tree", "tree");
	is_str(irmin_object_type_name(IRMIN_OBJECT_BLOB), "blob", "blob");
	is_str(irmin_object_type_name(IRMIN_OBJECT_TAG), "tag", "tag");
	is_str(irmin_object_type_name((irmin_object_type)5), "?", "none");
	is_int(irmin__object_type_of(irmin_text("tag")), IRMIN_OBJECT_TAG,
	    "a type by its name");
	is_int(irmin__object_type_of(irmin_text("any")), IRMIN_OBJECT_ANY,
	    "any is no type");
	is_int(irmin__object_type_of(irmin_text("blobb")), IRMIN_OBJECT_ANY,
	    "nor is a longer name");
}

static void test_header(void)
{
	static const uint64_t sizes[] = { 0, 9, 10, 4096, UINT64_MAX };
	char header[IRMIN__OBJECT_HEADER_BYTES];
	const char *wanted;
	irmin_object_type type;
	irmin_error err;
	uint64_t size;
	size_t i, length, used;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		length = irmin__object_header(IRMIN_OBJECT_COMMIT, sizes[i],
		    header);
		wanted = tap_format("commit %ju", (uintmax_t)sizes[i]);
		is_mem(header, length, wanted, strlen(wanted) + 1, "%s",
		    wanted);
		succeeds(irmin__object_header_parse(irmin_bytes(header, length),
			     &type, &size, &used, &err),
		    &err, "read back");
		ok(type == IRMIN_OBJECT_COMMIT && size == sizes[i] &&
			used == length,
		    "to the same");
	}
}

static void test_bad(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint64_t offset;
		const char *why;
	} bad[] = {
		{ "", 0, 0, "nothing" },
		{ "blob", 4, 0, "no space" },
		{ "blob 3", 6, 6, "no NUL" },
		{ "blob \0", 6, 5, "no length" },
		{ "blob 03\0", 8, 6, "a leading zero" },
		{ "blob -3\0", 8, 5, "a sign" },
		{ "blob 3 \0", 8, 6, "a space behind it" },
		{ "blob  3\0", 8, 5, "two spaces" },
		{ "any 3\0", 6, 0, "no type" },
		{ " 3\0", 3, 0, "an empty type" },
		{ "Blob 3\0", 7, 0, "a capital" },
		{ "blob 18446744073709551616\0", 26, 24, "beyond 64 bits" },
		{ "blob 99999999999999999999999999999999999\0", 41, 24,
		    "a length without end" },
	};
	irmin_object_type type;
	irmin_error err;
	uint64_t size;
	size_t i, used;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		fails(irmin__object_header_parse(irmin_bytes(bad[i].bytes,
						     bad[i].len),
			  &type, &size, &used, &err),
		    IRMIN_ECORRUPT, &err, "%s", bad[i].why);
		is_int(err.offset, bad[i].offset, "its offset");
		ok(type == IRMIN_OBJECT_ANY && !used && !size,
		    "the outputs are empty");
	}
}

int main(void)
{
	test_types();
	test_header();
	test_bad();
	return done_testing();
}
