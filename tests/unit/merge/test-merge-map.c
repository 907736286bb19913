/* Maps and association lists. */
#include "tests/support/tap.h"
#include "tests/support/value-text.h"
#include "tests/unit/merge/merge-sweep.h"

static irmin_merge *make_map(void)
{
	return irmin_merge_map(irmin_merge_counter());
}

static void test_map(void)
{
	irmin_merge *merge = make_map();

	is_merge(merge, "{a=1 b=2}", "{a=3 b=2 c=1}", "{a=2}", "{a=4 c=1}");
	is_merge(merge, "-", "{a=3}", "{a=2 b=1}", "{a=5 b=1}");
	is_merge(merge, "{a=1}", "{}", "{}", "{}");
	is_merge(merge, "{a=1}", "{}", "{a=2}", "!\"a\": ours deleted it");
	is_merge(merge, "{a=1}", "{a=2}", "{}", "!\"a\": ours changed it");
	is_merge(merge, "{}", "{b=1 a=2}", "{a=3 c=1}", "{a=5 b=1 c=1}");
	is_merge(merge, "a", "{a=1}", "{a=2}", "{a=3}");
	is_merge(merge, "{}", "[]", "{}", "!ours is not a map");
	is_merge(merge, "{}", "{}", "a", "!theirs is not a map");
	irmin_merge_unref(merge);
}

static void test_nested(void)
{
	irmin_merge *merge = irmin_merge_map(
	    irmin_merge_map(irmin_merge_idempotent()));

	is_merge(merge, "{a={b=x c=y}}", "{a={b=z c=y}}", "{a={b=x}}",
	    "{a={b=z}}");
	is_merge(merge, "{a={b=x}}", "{a={b=y}}", "{a={b=z}}",
	    "!\"a\": \"b\": both sides changed it");
	is_merge(merge, "{a={b=x}}", "{a={b=y}}", "{}", "!theirs deleted it");
	irmin_merge_unref(merge);
}

static irmin_merge *make_alist(void)
{
	return irmin_merge_alist(irmin_merge_counter());
}

static void test_alist(void)
{
	irmin_merge *merge = make_alist();

	is_merge(merge, "[[b 1] [a 1]]", "[[b 2] [a 1] [z 1]]",
	    "[[y 1] [b 1] [c 2]]", "[[b 2] [z 1] [y 1] [c 2]]");
	is_merge(merge, "-", "[[b 1]]", "[[a 2] [b 2]]", "[[b 3] [a 2]]");
	is_merge(merge, "[[a 1]]", "[]", "[]", "[]");
	is_merge(merge, "[[[1] 5]]", "[[[1] 6]]", "[[[1] 7] [[0] 1]]",
	    "[[[1] 8] [[0] 1]]");
	is_merge(merge, "[[a 1]]", "[]", "[[a 2]]", "!ours deleted it");
	is_merge(merge, "[]", "[[a 1] [a 2]]", "[]", "!ours has a key twice");
	is_merge(merge, "[]", "[[a 1]]", "[[a]]",
	    "!theirs is not an association list");
	is_merge(merge, "[]", "a", "[]", "!ours is not an association list");
	is_merge(merge, "[b]", "[[a 1] [b 1]]", "[]",
	    "!the base is not an association list");
	is_merge(merge, "[b]", "[]", "[]", "[]");
	irmin_merge_unref(merge);
}

int main(void)
{
	test_map();
	test_nested();
	test_alist();
	ok(!irmin_merge_map(NULL), "no map of nothing");
	ok(!irmin_merge_alist(NULL), "no association list of nothing");
	sweep_merge(make_map, "{a=1 b=2}", "{a=3 b=2 c=1}", "{a=2}");
	sweep_merge(make_alist, "[[b 1] [a 1]]", "[[b 2] [a 1] [z 1]]",
	    "[[y 1] [b 1] [c 2]]");
	return done_testing();
}
