#include <string.h>

#include "lib/core/base/options.h"
#include "tests/support/tap.h"

/* A struct as it is with us, as it was, and as it will be. */
struct now {
	size_t size;
	int first, second;
};

struct older {
	size_t size;
	int first;
};

struct newer {
	size_t size;
	int first, second, third, fourth;
};

static irmin_rc read_options(struct now *to, const void *from, irmin_error *err)
{
	memset(to, 'x', sizeof *to);
	return irmin__options_read(to, sizeof *to, from, "irmin_now", err);
}

static void test_read(void)
{
	struct now from = { sizeof from, 1, 2 }, to;
	irmin_error err;

	is_rc(read_options(&to, &from, &err), IRMIN_OK, "the same size");
	is_mem(&to, sizeof to, &from, sizeof from, "is copied");
	is_rc(read_options(&to, NULL, &err), IRMIN_OK, "NULL");
	is_int(to.first, 0, "is all zero");
	is_int(to.size, sizeof to, "but the size");
}

static void test_versions(void)
{
	struct older old = { offsetof(struct older, first) + sizeof(int), 7 };
	struct newer new = { sizeof new, 7, 8, 0, 0 };
	struct now to;
	irmin_error err;

	is_rc(read_options(&to, &old, &err), IRMIN_OK, "an older caller");
	is_int(to.first, 7, "what it knows");
	is_int(to.second, 0, "what it does not");
	is_int(to.size, sizeof to, "our size");
	is_rc(read_options(&to, &new, &err), IRMIN_OK, "a newer caller");
	is_int(to.second, 8, "what we know");
	new.fourth = 1;
	fails(read_options(&to, &new, &err), IRMIN_EINVAL, &err,
	    "a member that we do not know");
	ok(strstr(err.text, "irmin_now"), "the struct is named");
}

static void test_bad_size(void)
{
	struct now from = { 0, 1, 2 }, to;
	irmin_error err;

	fails(read_options(&to, &from, &err), IRMIN_EINVAL, &err, "no size");
	ok(strstr(err.text, "irmin_now"), "the struct is named");
	from.size = 1000000;
	fails(read_options(&to, &from, &err), IRMIN_EINVAL, &err,
	    "a size that was never set");
}

int main(void)
{
	test_read();
	test_versions();
	test_bad_size();
	return done_testing();
}
