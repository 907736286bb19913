/* min, max and last writer wins. */
#include "tests/support/tap.h"
#include "tests/support/value-text.h"
#include "tests/unit/merge/merge-sweep.h"

static void test_order(void)
{
	irmin_merge *min = irmin_merge_min(), *max = irmin_merge_max();

	is_merge(min, "-", "10", "9", "9");
	is_merge(min, "1", "-10", "9", "-10");
	is_merge(max, "20", "10", "9", "10");
	is_merge(max, "5", "5", "3", "5");
	is_merge(min, "-", "b", "ab", "ab");
	is_merge(max, "-", "b", "7", "7");
	is_merge(max, "-", "[1 2]", "[1]", "[1 2]");
	irmin_merge_unref(min);
	irmin_merge_unref(max);
}

static irmin_merge *make_lww(void)
{
	return irmin_merge_lww();
}

static void test_lww(void)
{
	irmin_merge *merge = make_lww();

	is_merge(merge, "[9 z]", "[2 a]", "[1 b]", "[2 a]");
	is_merge(merge, "-", "[2 a]", "[2 b]", "[2 b]");
	is_merge(merge, "-", "[2 b]", "[2 a]", "[2 b]");
	is_merge(merge, "-", "[-2 b]", "[-1 a]", "[-1 a]");
	is_merge(merge, "-", "[b 2]", "[2 a]", "!ours is not a value with");
	is_merge(merge, "-", "[2 b]", "a", "!theirs is not a value with");
	is_merge(merge, "-", "[2 b c]", "[2 a]", "!ours is not a value with");
	irmin_merge_unref(merge);
}

int main(void)
{
	test_order();
	test_lww();
	sweep_merge(make_lww, "-", "[2 a]", "[1 b]");
	return done_testing();
}
