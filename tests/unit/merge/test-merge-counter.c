/* Counters, plain numbers and multisets. */
#include "tests/support/tap.h"
#include "tests/support/value-text.h"
#include "tests/unit/merge/merge-sweep.h"

#define MOST  "9223372036854775807"
#define LEAST "-9223372036854775808"

static void test_number(void)
{
	irmin_merge *merge = irmin_merge_counter();

	is_merge(merge, "5", "7", "4", "6");
	is_merge(merge, "-", "7", "4", "11");
	is_merge(merge, "5", "7", "7", "9");
	is_merge(merge, "5", "a", "7", "!ours is not a counter");
	is_merge(merge, "5", "7", "a", "!theirs is not a number");
	is_merge(merge, "a", "7", "4", "!the base is not a number");
	is_merge(merge, "5", "7", "[7 0]", "!theirs is not a number");
	irmin_merge_unref(merge);
}

/* The sum is exact: it overflows if and only if the result does. */
static void test_overflow(void)
{
	irmin_merge *merge = irmin_merge_counter();

	is_merge(merge, MOST, MOST, MOST, MOST);
	is_merge(merge, LEAST, LEAST, LEAST, LEAST);
	is_merge(merge, MOST, LEAST, MOST, LEAST);
	is_merge(merge, LEAST, MOST, LEAST, MOST);
	is_merge(merge, LEAST, "-1", "-1", "9223372036854775806");
	is_merge(merge, "-1", MOST, LEAST, "0");
	is_merge(merge, "0", LEAST, MOST, "-1");
	is_merge(merge, "0", MOST, "1", "!64 bits");
	is_merge(merge, "1", LEAST, "0", "!64 bits");
	is_merge(merge, "-1", MOST, "0", "!64 bits");
	is_merge(merge, "-1", "0", MOST, "!64 bits");
	is_merge(merge, "1", "-1", LEAST, "!64 bits");
	is_merge(merge, MOST, LEAST, LEAST, "!64 bits");
	irmin_merge_unref(merge);
}

static irmin_merge *make_counter(void)
{
	return irmin_merge_counter();
}

static void test_counter(void)
{
	irmin_merge *merge = make_counter();

	is_merge(merge, "[5 1]", "[7 2]", "[4 4]", "[6 7]");
	is_merge(merge, "-", "[7 2]", "[4 4]", "[11 6]");
	is_merge(merge, "[5 1]", "[5 1]", "[9 3]", "[9 3]");
	is_merge(merge, "[5 1]", "[5 1 2]", "[5 1]", "!ours is not a counter");
	is_merge(merge, "[5 1]", "[5 1]", "7", "!theirs is not a counter");
	is_merge(merge, "[5 1]", "[5 1]", "[a 1]", "!theirs is not a number");
	is_merge(merge, "5", "[5 1]", "[6 1]", "!the base is not a list");
	irmin_merge_unref(merge);
}

static irmin_merge *make_multiset(void)
{
	return irmin_merge_multiset();
}

static void test_multiset(void)
{
	irmin_merge *merge = make_multiset();

	is_merge(merge, "[1 {a=1 b=2}]", "[2 {a=3 b=2}]", "[4 {a=1 c=1}]",
	    "[7 {a=3 c=1}]");
	is_merge(merge, "-", "[2 {a=3}]", "[4 {a=1}]", "[6 {a=4}]");
	is_merge(merge, "[1 {a=2}]", "[2 {a=1}]", "[4 {a=1}]", "[7 {}]");
	is_merge(merge, "[1 {a=3}]", "[2 {}]", "[4 {}]", "[7 {a=-3}]");
	is_merge(merge, "[1 {a=1}]", "[2 {a=" MOST "}]", "[4 {a=2}]",
	    "!\"a\": what both sides added");
	is_merge(merge, "[1 {a=1}]", "[2 {a=b}]", "[4 {a=2}]",
	    "!\"a\": cannot merge: ours is not a number");
	is_merge(merge, "[1 {}]", "[2 [a]]", "[4 {}]",
	    "!ours is not a multiset");
	is_merge(merge, "[1 {}]", "[2 {}]", "a", "!theirs is not a multiset");
	is_merge(merge, "[1 b]", "[2 {}]", "[3 {}]",
	    "!the base is not a multiset");
	irmin_merge_unref(merge);
}

int main(void)
{
	test_number();
	test_overflow();
	test_counter();
	test_multiset();
	sweep_merge(make_counter, "[5 1]", "[7 2]", "[4 4]");
	sweep_merge(make_multiset, "[1 {a=1 b=2}]", "[2 {a=3 b=2}]",
	    "[4 {a=1 c=1}]");
	return done_testing();
}
