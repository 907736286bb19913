/* Pairs, triples and records. */
#include "tests/support/tap.h"
#include "tests/support/value-text.h"
#include "tests/unit/merge/merge-sweep.h"

static irmin_merge *make_pair(void)
{
	return irmin_merge_pair(irmin_merge_idempotent(), irmin_merge_max());
}

static irmin_merge *make_triple(void)
{
	return irmin_merge_triple(irmin_merge_default(), irmin_merge_min(),
	    irmin_merge_counter());
}

static irmin_merge *make_record(void)
{
	irmin_merge_field fields[3] = {
		{ "name", irmin_merge_idempotent() },
		{ "best", irmin_merge_max() },
		{ "hits", irmin_merge_counter() },
	};

	return irmin_merge_record(fields, 3);
}

static void test_pair(void)
{
	irmin_merge *merge = make_pair();

	is_merge(merge, "[a 5]", "[b 5]", "[a 7]", "[b 7]");
	is_merge(merge, "[a 5]", "[a 5]", "[a 3]", "[a 3]");
	is_merge(merge, "[a 5]", "[b 5]", "[a 3]", "[b 5]");
	is_merge(merge, "-", "[a 1]", "[a 2]", "[a 2]");
	is_merge(merge, "-", "[a 1]", "[b 2]", "!both sides made it");
	is_merge(merge, "[a 5]", "[b 5]", "[c 5]", "!both sides changed it");
	is_merge(merge, "[a 5]", "[b]", "[a 5]", "!ours is not a list of two");
	is_merge(merge, "[a 5]", "[a 5]", "b", "!theirs is not a list of two");
	is_merge(merge, "b", "[a 5]", "[c 5]", "!the base is not a list");
	is_merge(merge, "b", "[a 5]", "[a 6]", "[a 6]");
	irmin_merge_unref(merge);
}

static void test_triple(void)
{
	irmin_merge *merge = make_triple();

	is_merge(merge, "[a 5 1]", "[a 3 4]", "[b 7 2]", "[b 3 5]");
	is_merge(merge, "[a 5 1]", "[a 5]", "[b 7 2]",
	    "!ours is not a list of three");
	irmin_merge_unref(merge);
}

static void test_record(void)
{
	irmin_merge *merge = make_record();

	is_merge(merge, "{best=1 hits=2 name=a}", "{name=b best=4 hits=3}",
	    "{name=a best=3 hits=4}", "{best=4 hits=5 name=b}");
	is_merge(merge, "{hits=2 name=a}", "{hits=2 name=a}", "{best=1}",
	    "{best=1}");
	is_merge(merge, "{hits=2 name=a}", "{hits=3 name=a}", "{hits=2}",
	    "{hits=3}");
	is_merge(merge, "{hits=2 name=a}", "{name=a}", "{hits=3 name=a}",
	    "!\"hits\": ours deleted it");
	is_merge(merge, "{hits=1}", "{hits=2 name=b}", "{hits=3 name=c}",
	    "!\"name\": both sides made it");
	is_merge(merge, "{}", "{hits=2}", "{other=c}",
	    "!\"other\": the record");
	is_merge(merge, "{}", "[a]", "{hits=2}", "!ours is not a record");
	is_merge(merge, "-", "{}", "a", "!theirs is not a record");
	is_merge(merge, "a", "{hits=1}", "{hits=2}", "{hits=3}");
	irmin_merge_unref(merge);
}

/* A part that answers nothing has no place in a list. */
static irmin_rc answer_nothing(void *arg, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	(void)arg, (void)base, (void)ours, (void)theirs, (void)result,
	    (void)err;
	return IRMIN_OK;
}

static void test_nothing(void)
{
	irmin_merge *own = irmin_merge_new(answer_nothing, NULL, NULL);
	irmin_merge_field field = { "a", irmin_merge_ref(own) };
	irmin_merge *pair = irmin_merge_pair(own, irmin_merge_ours());
	irmin_merge *record = irmin_merge_record(&field, 1);
	irmin_value *ours = value_of("[1 2]"), *theirs = value_of("[3 4]");
	irmin_value *result = NULL;
	irmin_error err;

	fails(irmin_merge_run(pair, NULL, ours, theirs, &result, &err),
	    IRMIN_EINVAL, &err, "an item that is none");
	ok(!result, "is no result");
	is_merge(record, "{a=1}", "{a=2}", "{a=3}", "{}");
	irmin_value_unref(ours);
	irmin_value_unref(theirs);
	irmin_merge_unref(pair);
	irmin_merge_unref(record);
}

static void test_made(void)
{
	irmin_merge_field twice[2] = { { "a", irmin_merge_ours() },
		{ "a", irmin_merge_ours() } };
	irmin_merge_field none[2] = { { "a", irmin_merge_ours() },
		{ "b", NULL } };
	irmin_merge *empty = irmin_merge_record(NULL, 0);

	ok(!irmin_merge_pair(NULL, irmin_merge_ours()), "no pair of one");
	ok(!irmin_merge_triple(irmin_merge_ours(), irmin_merge_ours(), NULL),
	    "no triple of two");
	ok(!irmin_merge_record(twice, 2), "no field twice");
	ok(!irmin_merge_record(none, 2), "no field without a merge");
	is_merge(empty, "{}", "{}", "{}", "{}");
	irmin_merge_unref(empty);
}

int main(void)
{
	test_pair();
	test_triple();
	test_record();
	test_nothing();
	test_made();
	sweep_merge(make_pair, "[a 5]", "[b 5]", "[a 7]");
	sweep_merge(make_triple, "[a 5 1]", "[a 3 4]", "[b 7 2]");
	sweep_merge(make_record, "{best=1 hits=2}", "{best=4 hits=3 name=b}",
	    "{best=3 hits=4}");
	return done_testing();
}
