/* Merges around others: seq, on, with_conflict, like. */
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/support/value-text.h"
#include "tests/unit/merge/merge-sweep.h"

/* ---- seq and on ---- */

static irmin_merge *make_seq(void)
{
	irmin_merge *merges[3] = { irmin_merge_counter(), irmin_merge_set(),
		irmin_merge_idempotent() };

	return irmin_merge_seq(merges, 3);
}

static void test_seq(void)
{
	irmin_merge *merge = make_seq(), *none = irmin_merge_seq(NULL, 0);

	is_merge(merge, "1", "2", "3", "4");
	is_merge(merge, "[a]", "[b]", "[a c]", "[b c]");
	is_merge(merge, "a", "b", "a", "b");
	is_merge(merge, "a", "b", "c", "!both sides changed it");
	is_merge(merge, "a", "-", "b", "!ours has no value");
	is_merge(none, "1", "1", "1", "!there is no merge");
	irmin_merge_unref(merge);
	irmin_merge_unref(none);
}

static irmin_rc fail(void *arg, irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err)
{
	(void)arg, (void)base, (void)ours, (void)theirs, (void)result;
	return irmin_error_set(err, IRMIN_EIO, NULL, "the disk is gone");
}

static void test_failure(void)
{
	irmin_merge *merges[2] = { irmin_merge_new(fail, NULL, NULL),
		irmin_merge_ours() };
	irmin_merge *merge = irmin_merge_seq(merges, 2);
	irmin_value *value = value_of("a"), *result;
	irmin_error err;

	fails(irmin_merge_run(merge, NULL, value, value, &result, &err),
	    IRMIN_EIO, &err, "only a conflict makes it go on");
	irmin_value_unref(value);
	irmin_merge_unref(merge);
}

/* What sides one of them takes, the sequence does. */
static void test_absent(void)
{
	irmin_merge *merges[2] = { irmin_merge_counter(),
		irmin_merge_theirs() };
	irmin_merge *merge = irmin_merge_seq(merges, 2);
	irmin_merge *on = irmin_merge_on(irmin_shape_int(),
	    irmin_merge_option(irmin_merge_max()));

	is_merge(merge, "1", "-", "3", "3");
	is_merge(merge, "1", "2", "-", "-");
	is_merge(on, "1", "1", "-", "-");
	is_merge(on, "1", "2", "3", "3");
	irmin_merge_unref(merge);
	irmin_merge_unref(on);
}

/* ---- with_conflict ---- */

static void reword(void *arg, irmin_error *err)
{
	irmin_error_set(err, IRMIN_EIO, NULL, "%s, said %s", err->text,
	    (const char *)arg);
}

static char alice[] = "Alice";

static irmin_merge *make_worded(void)
{
	return irmin_merge_with_conflict(irmin_merge_idempotent(), reword,
	    alice, NULL);
}

static void test_worded(void)
{
	irmin_merge *merge = make_worded();
	irmin_merge *option = irmin_merge_with_conflict(irmin_merge_option(
							    irmin_merge_max()),
	    reword, alice, NULL);

	is_merge(merge, "a", "b", "c",
	    "!both sides changed it, each in its own way, said Alice");
	is_merge(merge, "a", "b", "b", "b");
	is_merge(option, "1", "-", "2", "!said Alice");
	irmin_merge_unref(merge);
	irmin_merge_unref(option);
}

/* ---- like ---- */

/* Numbers as the lists [n]; 13 has none. */
static irmin_rc wrap(void *arg, irmin_value *from, irmin_value **to,
    irmin_error *err)
{
	++*(int *)arg;
	if (irmin_value_int(from) == 13)
		return irmin_error_set(err, IRMIN_ECONFLICT, NULL, "unlucky");
	return irmin_value_of_list(&from, 1, to, err);
}

static irmin_rc unwrap(void *arg, irmin_value *from, irmin_value **to,
    irmin_error *err)
{
	irmin_value *item = irmin_value_item(from, 0);

	(void)arg;
	if (!item)
		return IRMIN_ECONFLICT;
	*to = irmin_value_ref(item);
	(void)err;
	return irmin_value_int(item) == 99 ? IRMIN_EUSER : IRMIN_OK;
}

static irmin_rc answer_nothing(void *arg, irmin_value *from, irmin_value **to,
    irmin_error *err)
{
	(void)arg, (void)from, (void)to, (void)err;
	return IRMIN_OK;
}

static int wrapped;

static irmin_merge *make_like(void)
{
	return irmin_merge_like(wrap, unwrap, &wrapped, NULL,
	    irmin_merge_idempotent());
}

static void test_like(void)
{
	irmin_merge *merge = make_like();
	irmin_merge *set = irmin_merge_like(wrap, unwrap, &wrapped, NULL,
	    irmin_merge_set());

	is_merge(merge, "1", "1", "2", "2");
	is_merge(merge, "1", "2", "13", "!unlucky");
	is_merge(merge, "13", "2", "3", "!unlucky");
	is_merge(merge, "1", "2", "3", "!both sides changed it");
	wrapped = 0;
	is_merge(merge, "13", "2", "2", "2");
	is_int(wrapped, 2, "a base that is not asked for is not converted");
	is_merge(merge, "-", "2", "3", "!both sides made it");
	is_merge(set, "1", "1", "2", "2");
	is_merge(set, "2", "1", "2", "1");
	irmin_merge_unref(merge);
	irmin_merge_unref(set);
}

static void test_bad_conversion(void)
{
	irmin_merge *merge = make_like();
	irmin_merge *nothing = irmin_merge_like(answer_nothing, unwrap, NULL,
	    NULL, irmin_merge_ours());
	irmin_value *value = value_of("99"), *result = NULL;
	irmin_error err;

	fails(irmin_merge_run(merge, NULL, value, value, &result, &err),
	    IRMIN_EUSER, &err, "a conversion that fails without words");
	ok(!result, "and all the same with a value");
	fails(irmin_merge_run(nothing, NULL, value, value, &result, &err),
	    IRMIN_EINVAL, &err, "a conversion to nothing");
	irmin_value_unref(value);
	irmin_merge_unref(merge);
	irmin_merge_unref(nothing);
}

static void test_like_absent(void)
{
	irmin_merge *merge = irmin_merge_like(wrap, unwrap, &wrapped, NULL,
	    irmin_merge_option(irmin_merge_idempotent()));

	is_merge(merge, "1", "-", "1", "-");
	is_merge(merge, "1", "-", "2", "!ours deleted it");
	is_merge(merge, "-", "2", "-", "2");
	irmin_merge_unref(merge);
}

/* ---- what is consumed ---- */

static void count_up(void *arg)
{
	++*(int *)arg;
}

static void test_consumed(void)
{
	irmin_merge *none[2] = { irmin_merge_ours(), NULL };
	int freed = 0;

	ok(!irmin_merge_seq(none, 2), "seq of NULL");
	ok(!irmin_merge_on(NULL, irmin_merge_ours()), "on no shape");
	ok(!irmin_merge_on(irmin_shape_int(), NULL), "on a shape, nothing");
	ok(!irmin_merge_with_conflict(NULL, reword, &freed, count_up),
	    "other words for nothing");
	ok(!irmin_merge_like(wrap, unwrap, &freed, count_up, NULL),
	    "like nothing");
	is_int(freed, 2, "what functions are given is freed");
	irmin_merge_unref(irmin_merge_like(wrap, unwrap, &freed, count_up,
	    irmin_merge_ours()));
	irmin_merge_unref(irmin_merge_with_conflict(irmin_merge_ours(), reword,
	    &freed, count_up));
	is_int(freed, 4, "once");
	is_int(alloc_fault_live(), 0, "nothing is left");
}

int main(void)
{
	test_seq();
	test_failure();
	test_absent();
	test_worded();
	test_like();
	test_bad_conversion();
	test_like_absent();
	test_consumed();
	sweep_merge(make_seq, "[a]", "[b]", "[a c]");
	sweep_merge(make_worded, "a", "b", "a");
	sweep_merge(make_like, "1", "1", "2");
	return done_testing();
}
