/* Text by lines; tests/interop/test-text-merge.c has it beside git's. */
#include "tests/support/tap.h"
#include "tests/support/value-text.h"
#include "tests/unit/merge/merge-sweep.h"

static irmin_merge *make_text(void)
{
	return irmin_merge_text();
}

static void test_clean(void)
{
	irmin_merge *merge = make_text();

	is_merge(merge, "'a\\nb\\nc\\nd\\n'", "'A\\nb\\nc\\nd\\n'",
	    "'a\\nb\\nc\\nD\\n'", "'A\\nb\\nc\\nD\\n'");
	is_merge(merge, "'a\\nb\\nc\\n'", "'a\\nc\\n'", "'a\\nb\\nc\\nd\\n'",
	    "'a\\nc\\nd\\n'");
	is_merge(merge, "'a\\nb\\nc\\n'", "'a\\nB\\nc\\n'",
	    "'a\\nB\\nc\\nd\\n'", "'a\\nB\\nc\\nd\\n'");
	is_merge(merge, "'a\\n'", "'a\\n'", "''", "''");
	is_merge(merge, "'a\\nb\\nc\\n'", "'b\\nc\\n'", "'a\\nb\\nc'",
	    "'b\\nc'");
	is_merge(merge, "''", "''", "'a'", "a");
	is_merge(merge, "-", "a", "a", "a");
	is_merge(merge, "-", "''", "a", "a");
	is_merge(merge, "1", "a", "a", "a");
	irmin_merge_unref(merge);
}

static void test_conflict(void)
{
	irmin_merge *merge = make_text();

	is_merge(merge, "'a\\nb\\nc\\n'", "'a\\nB\\nc\\n'",
	    "'a\\nx\\ny\\nc\\n'",
	    "!both sides changed lines 2 (ours 2, theirs 2-3)");
	is_merge(merge, "'a\\nb\\n'", "'A\\nb\\n'", "'a\\nB\\n'",
	    "!both sides changed lines 1-2 (ours 1-2, theirs 1-2)");
	is_merge(merge, "'a\\n'", "'a\\nb\\n'", "'a\\nc\\n'",
	    "!lines none (ours 2, theirs 2)");
	is_merge(merge, "'a\\n'", "''", "b", "!lines 1 (ours none, theirs 1)");
	is_merge(merge, "-", "a", "b", "!both sides changed");
	is_merge(merge, "'1\\na\\n2\\na\\n3\\na\\n4\\na\\n5\\n'",
	    "'x\\na\\nx\\na\\nx\\na\\nx\\na\\nx\\n'",
	    "'y\\na\\ny\\na\\ny\\na\\ny\\na\\ny\\n'",
	    "!5 (ours 5, theirs 5) and 2 more");
	is_merge(merge, "a", "1", "b", "!ours is not text");
	is_merge(merge, "a", "b", "[1]", "!theirs is not text");
	is_merge(merge, "1", "b", "c", "!the base is not text");
	irmin_merge_unref(merge);
}

int main(void)
{
	test_clean();
	test_conflict();
	sweep_merge(make_text, "'a\\nb\\nc\\nd\\n'", "'A\\nb\\nc\\nd\\n'",
	    "'a\\nb\\nc\\nD\\n'");
	return done_testing();
}
