/* JSON: objects by key, the rest as idempotent. */
#include "lib/merge/value.h"
#include "tests/support/tap.h"
#include "tests/support/value-text.h"
#include "tests/unit/merge/merge-sweep.h"

static irmin_merge *make_json(void)
{
	return irmin_merge_json();
}

static void test_objects(void)
{
	irmin_merge *merge = make_json();

	is_merge(merge, "{a=1 b=[x]}", "{a=2 b=[x] c=n}", "{a=1 b=[y] d=m}",
	    "{a=2 b=[y] c=n d=m}");
	is_merge(merge, "{a={b={c=1 d=1}}}", "{a={b={c=2 d=1}}}",
	    "{a={b={c=1 d=3}}}", "{a={b={c=2 d=3}}}");
	is_merge(merge, "-", "{a=1}", "{b=2}", "{a=1 b=2}");
	is_merge(merge, "5", "{a=1}", "{b=2}", "{a=1 b=2}");
	is_merge(merge, "{a=1}", "{a=2 b=1}", "{a=2 c=1}", "{a=2 b=1 c=1}");
	is_merge(merge, "{a=1 b=2}", "{a=1}", "{b=2}", "{}");
	is_merge(merge, "{a={b=1}}", "{a={b=2}}", "{a={b=3}}",
	    "!\"a\": \"b\": both sides changed it");
	is_merge(merge, "{a=1}", "{}", "{a=2}", "!\"a\": ours deleted it");
	irmin_merge_unref(merge);
}

static void test_rest(void)
{
	irmin_merge *merge = make_json();

	is_merge(merge, "[1 2]", "[1 2 3]", "[1 2]", "[1 2 3]");
	is_merge(merge, "[1 2]", "[1 2 3]", "[0 1 2]", "!both sides changed");
	is_merge(merge, "5", "6", "6", "6");
	is_merge(merge, "5", "{a=1}", "5", "{a=1}");
	is_merge(merge, "{}", "{a=1}", "5", "!both sides changed it");
	is_merge(merge, "{}", "5", "{}", "5");
	irmin_merge_unref(merge);
}

/* An object as deep as there are, with this at its end. */
static irmin_value *deep(const char *end, const char *more)
{
	irmin_value *value = value_of(end), *rest = value_of(more);
	irmin_slice names[2] = { irmin_text("a"), irmin_text(more) };
	int i;

	for (i = 0; i < IRMIN__VALUE_DEPTH; i++) {
		irmin_value *items[2] = { value, rest }, *outer = NULL;

		if (irmin_value_of_record(names, items, 2, &outer, NULL) < 0)
			bail("no memory");
		irmin_value_unref(value);
		value = outer;
	}
	irmin_value_unref(rest);
	return value;
}

static void test_deep(void)
{
	irmin_value *sides[3] = { deep("x", "o"), deep("y", "p"),
		deep("x", "q") };
	irmin_value *result = NULL, *at;
	irmin_merge *merge = make_json();
	irmin_error err;
	int i;

	succeeds(irmin_merge_run(merge, sides[0], sides[1], sides[2], &result,
		     &err),
	    &err, "the deepest objects merge");
	for (at = result, i = 0; at && i < IRMIN__VALUE_DEPTH; i++)
		at = irmin_value_field(at, irmin_text("a"));
	is_str(value_text(at), "y", "down to their end");
	irmin_value_unref(result);
	for (i = 0; i < 3; i++)
		irmin_value_unref(sides[i]);
	irmin_merge_unref(merge);
}

int main(void)
{
	test_objects();
	test_rest();
	test_deep();
	sweep_merge(make_json, "{a={b=1} c=1}", "{a={b=2 d=1} c=1}",
	    "{a={b=1} e=[1]}");
	return done_testing();
}
