/* Sets and logs. */
#include "tests/support/tap.h"
#include "tests/support/value-text.h"
#include "tests/unit/merge/merge-sweep.h"

static irmin_merge *make_set(void)
{
	return irmin_merge_set();
}

static void test_set(void)
{
	irmin_merge *merge = make_set();

	is_merge(merge, "[a b c]", "[b c d]", "[a c e]", "[c d e]");
	is_merge(merge, "[a b c]", "[]", "[a b c d]", "[d]");
	is_merge(merge, "[]", "[a b]", "[b c]", "[a b c]");
	is_merge(merge, "-", "[b]", "[a]", "[a b]");
	is_merge(merge, "[a b]", "[]", "[]", "[]");
	is_merge(merge, "[]", "[]", "[]", "[]");
	is_merge(merge, "[1 2 10]", "[1 2]", "[2 10 9]", "[2 9]");
	is_merge(merge, "[[1 a]]", "[[1 a] [0 b]]", "[]", "[[0 b]]");
	irmin_merge_unref(merge);
}

/* Lists that were not made as sets are taken for the sets that they mean. */
static void test_order(void)
{
	irmin_merge *merge = make_set();

	is_merge(merge, "[c a b]", "[d b b c]", "[e c a]", "[c d e]");
	is_merge(merge, "[a]", "[c b]", "[b c c]", "[b c]");
	irmin_merge_unref(merge);
}

static void test_no_set(void)
{
	irmin_merge *merge = make_set();

	is_merge(merge, "[a]", "a", "[b]", "!ours is not a set");
	is_merge(merge, "[a]", "[b]", "{a=1}", "!theirs is not a set");
	is_merge(merge, "a", "[b]", "[c]", "!the base is not a set");
	is_merge(merge, "a", "[b]", "[b]", "[b]");
	irmin_merge_unref(merge);
}

static irmin_merge *make_log(void)
{
	return irmin_merge_log();
}

static void test_log(void)
{
	irmin_merge *merge = make_log();

	is_merge(merge, "[[1 a x]]", "[[1 a x] [3 a y]]", "[[1 a x] [2 b z]]",
	    "[[1 a x] [2 b z] [3 a y]]");
	is_merge(merge, "-", "[[1 a x]]", "[[1 a y] [1 a x]]",
	    "[[1 a x] [1 a y]]");
	is_merge(merge, "[[1 a x]]", "[]", "[[1 a x]]", "[[1 a x]]");
	is_merge(merge, "-", "[]", "[]", "[]");
	is_merge(merge, "-", "a", "[]", "!ours is not a log");
	is_merge(merge, "-", "[]", "[a]", "!theirs is not a log");
	is_merge(merge, "-", "[]", "[[a a x]]", "!theirs is not a log");
	is_merge(merge, "-", "[[1 a]]", "[]", "!ours is not a log");
	irmin_merge_unref(merge);
}

int main(void)
{
	test_set();
	test_order();
	test_no_set();
	test_log();
	sweep_merge(make_set, "[a b c]", "[b c d]", "[a c e]");
	sweep_merge(make_log, "[[1 a x]]", "[[1 a x] [3 a y]]",
	    "[[1 a x] [2 b z]]");
	return done_testing();
}
