/* Counters, multisets, sets, logs and last writers, one step on. */
#include <string.h>

#include "lib/core/base/os.h"
#include "lib/merge/value.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/support/value-text.h"

/* Puts what a step made in the place of what it was made of. */
static void replace(irmin_value **value, irmin_value *made)
{
	irmin_value_unref(*value);
	*value = made;
}

/* ---- counters ---- */

static void test_counter(void)
{
	static const int64_t deltas[] = { 5, -7, 0, INT64_MAX, 2 };
	irmin_value *counter = NULL, *next = NULL;
	int64_t sum = 0, nonce = 0;
	irmin_error err;
	size_t i;

	for (i = 0; i < 5; i++) {
		sum += deltas[i];
		succeeds(irmin_value_counter_add(counter, deltas[i], &next,
			     &err),
		    &err, "another step");
		replace(&counter, next);
		is_int(irmin_value_int(irmin_value_item(counter, 0)), sum,
		    "the sum");
		ok(irmin_value_int(irmin_value_item(counter, 1)) != nonce,
		    "with a nonce of its own");
		nonce = irmin_value_int(irmin_value_item(counter, 1));
	}
	is_int(sum, INT64_MAX, "all that 64 bits hold");
	fails(irmin_value_counter_add(counter, 1, &next, &err), IRMIN_ELIMIT,
	    &err, "and one more");
	ok(!next, "and no value");
	irmin_value_unref(counter);
}

static void test_counter_below(void)
{
	irmin_value *counter = value_of("[-9223372036854775807 0]"), *next;
	irmin_error err;

	fails(irmin_value_counter_add(counter, -2, &next, &err), IRMIN_ELIMIT,
	    &err, "two below the least but one");
	succeeds(irmin_value_counter_add(counter, -1, &next, &err), &err,
	    "the least");
	is_int(irmin_value_int(irmin_value_item(next, 0)), INT64_MIN, "is it");
	irmin_value_unref(counter);
	irmin_value_unref(next);
}

/* ---- multisets ---- */

static void is_multiset(irmin_value **set, const char *element, int64_t delta,
    const char *want)
{
	irmin_value *next = NULL, *counts = value_of(want);
	irmin_error err;

	succeeds(irmin_value_multiset_add(*set, irmin_text(element), delta,
		     &next, &err),
	    &err, "%s, %d more", element, (int)delta);
	if (!next)
		return;
	ok(irmin__value_same(irmin_value_item(next, 1), counts), "%s is %s",
	    value_text(irmin_value_item(next, 1)), want);
	irmin_value_unref(counts);
	ok(!*set ||
		!irmin__value_same(irmin_value_item(*set, 0),
		    irmin_value_item(next, 0)),
	    "another nonce");
	replace(set, next);
}

static void test_multiset(void)
{
	irmin_value *set = NULL, *next;
	irmin_error err;

	is_multiset(&set, "pear", 2, "{pear=2}");
	is_multiset(&set, "fig", 1, "{pear=2 fig=1}");
	is_multiset(&set, "pear", -1, "{fig=1 pear=1}");
	is_multiset(&set, "fig", -1, "{pear=1}");
	is_multiset(&set, "fig", -1, "{pear=1 fig=-1}");
	is_multiset(&set, "plum", 0, "{pear=1 fig=-1}");
	fails(irmin_value_multiset_add(set, irmin_text("pear"), INT64_MAX,
		  &next, &err),
	    IRMIN_ELIMIT, &err, "more than 64 bits hold");
	irmin_value_unref(set);
}

/* ---- sets ---- */

typedef irmin_rc (*set_fn)(irmin_value *old, irmin_value *element,
    irmin_value **value, irmin_error *err);

static void is_set(irmin_value **set, set_fn step, const char *element,
    irmin_rc rc, const char *want)
{
	irmin_value *item = value_of(element), *next = NULL;
	irmin_error err;

	is_rc(step(*set, item, &next, &err), rc, "%s", element);
	irmin_value_unref(item);
	if (!next)
		return;
	is_str(value_text(next), want, "the set");
	ok(rc == IRMIN_OK || !*set || next == *set, "as it was, if it was so");
	replace(set, next);
}

static void test_set(void)
{
	irmin_value *set = NULL;

	is_set(&set, irmin_value_set_remove, "1", IRMIN_UNCHANGED, "[]");
	is_set(&set, irmin_value_set_add, "10", IRMIN_OK, "[10]");
	is_set(&set, irmin_value_set_add, "2", IRMIN_OK, "[2 10]");
	is_set(&set, irmin_value_set_add, "30", IRMIN_OK, "[2 10 30]");
	is_set(&set, irmin_value_set_add, "5", IRMIN_OK, "[2 5 10 30]");
	is_set(&set, irmin_value_set_add, "10", IRMIN_UNCHANGED, "[2 5 10 30]");
	is_set(&set, irmin_value_set_remove, "7", IRMIN_UNCHANGED,
	    "[2 5 10 30]");
	is_set(&set, irmin_value_set_remove, "2", IRMIN_OK, "[5 10 30]");
	is_set(&set, irmin_value_set_remove, "30", IRMIN_OK, "[5 10]");
	is_set(&set, irmin_value_set_remove, "10", IRMIN_OK, "[5]");
	is_set(&set, irmin_value_set_remove, "5", IRMIN_OK, "[]");
	irmin_value_unref(set);
}

/* ---- what has a time ---- */

static void test_log(void)
{
	int64_t begun = irmin__os_now_us(irmin__os_posix());
	irmin_value *log = NULL, *next = NULL;
	irmin_error err;
	size_t i;

	for (i = 0; i < 50; i++) {
		const char *entry = i % 2 ? "odd" : "even";

		if (irmin_value_log_append(log, irmin_text(entry), &next,
			&err) < 0)
			bail("%s", err.text);
		replace(&log, next);
	}
	ok(irmin__value_is_set(log), "entries are in order, none twice");
	is_int(irmin_value_length(log), 50, "all of them");
	for (i = 0; i < 50; i++) {
		irmin_value *entry = irmin_value_item(log, i);
		irmin_slice text = irmin_value_bytes(
		    irmin_value_item(entry, 2));

		ok(irmin_slice_equal(text, irmin_text(i % 2 ? "odd" : "even")),
		    "in the order in which they came");
		ok(irmin_value_int(irmin_value_item(entry, 0)) >= begun,
		    "at their times");
		is_int(irmin_value_bytes(irmin_value_item(entry, 1)).len, 16,
		    "with an id");
	}
	irmin_value_unref(log);
}

/* Another clock was ahead of ours. */
static void test_skew(void)
{
	irmin_value *log = value_of("[[9000000000000000000 zz x]]");
	irmin_value *last = value_of("[[9223372036854775807 aa x]]");
	irmin_value *next = NULL, *item = value_of("y");
	irmin_error err;

	succeeds(irmin_value_log_append(log, irmin_text("y"), &next, &err),
	    &err, "behind an entry of tomorrow");
	if (next)
		is_int(irmin_value_int(
			   irmin_value_item(irmin_value_item(next, 1), 0)),
		    9000000000000000001, "a little later than that");
	irmin_value_unref(next);
	fails(irmin_value_log_append(last, irmin_text("y"), &next, &err),
	    IRMIN_ELIMIT, &err, "behind the end of time");
	fails(irmin_value_lww_set(irmin_value_item(log, 0), item, &next, &err),
	    IRMIN_EINVAL, &err, "an entry is no pair");
	irmin_value_unref(log);
	irmin_value_unref(last);
	irmin_value_unref(item);
}

static void test_lww(void)
{
	irmin_value *old = value_of("[9000000000000000000 x]"), *next = NULL;
	irmin_value *end = value_of("[9223372036854775807 x]"), *item;
	int64_t begun = irmin__os_now_us(irmin__os_posix());
	irmin_error err;

	item = value_of("[a b]");
	succeeds(irmin_value_lww_set(NULL, item, &next, &err), &err, "first");
	ok(next && irmin_value_int(irmin_value_item(next, 0)) >= begun, "now");
	irmin_value_unref(next);
	succeeds(irmin_value_lww_set(old, item, &next, &err), &err, "next");
	is_str(value_text(next), "[9000000000000000001 [a b]]", "later");
	irmin_value_unref(next);
	fails(irmin_value_lww_set(end, item, &next, &err), IRMIN_ELIMIT, &err,
	    "at the end of time");
	ok(!next, "and no value");
	irmin_value_unref(old);
	irmin_value_unref(end);
	irmin_value_unref(item);
}

/* ---- what is something else ---- */

static irmin_rc step(int kind, irmin_value *old, irmin_value **value,
    irmin_error *err)
{
	switch (kind) {
	case 0:
		return irmin_value_counter_add(old, 1, value, err);
	case 1:
		return irmin_value_multiset_add(old, irmin_text("a"), 1, value,
		    err);
	case 2:
		return irmin_value_log_append(old, irmin_text("a"), value, err);
	case 3:
		return irmin_value_lww_set(old, old, value, err);
	case 4:
		return irmin_value_set_add(old, old, value, err);
	default:
		return irmin_value_set_remove(old, old, value, err);
	}
}

static void test_unfit(void)
{
	static const struct {
		const char *value;
		unsigned fits; /* bit by bit, of which kinds it is */
	} rows[] = { { "1", 0 }, { "a", 0 }, { "{a=1}", 0 }, { "[]", 0x34 },
		{ "[1 2]", 0x39 }, { "[2 1]", 0x09 }, { "[1 a]", 0x08 },
		{ "[1 {a=1}]", 0x3a }, { "[1 {a=b}]", 0x38 },
		{ "[1 2 3]", 0x30 }, { "[[1 a b]]", 0x34 },
		{ "[[2 a b] [1 a b]]", 0 }, { "[[1 a 2]]", 0x30 } };
	irmin_value *value, *next;
	irmin_error err;
	size_t i, kind;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		for (kind = 0; kind < 6; kind++) {
			irmin_rc rc;

			value = value_of(rows[i].value);
			rc = step((int)kind, value, &next, &err);
			if (rows[i].fits >> kind & 1)
				succeeds(rc, &err, "%s", rows[i].value);
			else
				fails(rc, IRMIN_EINVAL, &err, "%s",
				    rows[i].value);
			irmin_value_unref(next);
			irmin_value_unref(value);
		}
}

/* ---- memory ---- */

struct run {
	int kind;
	irmin_value *old;
};

static irmin_rc run_step(void *arg, irmin_error *err)
{
	const struct run *run = arg;
	irmin_value *next = NULL;
	irmin_rc rc = step(run->kind, run->old, &next, err);

	irmin_value_unref(next);
	return rc;
}

static void test_memory(void)
{
	static const char *const olds[] = { "[1 2]", "[1 {a=1 b=2}]",
		"[[1 a b]]", "[1 a]", "[1 2]", "[1 2]" };
	size_t i;

	for (i = 0; i < 6; i++) {
		struct run run = { (int)i, value_of(olds[i]) };

		alloc_fault_sweep(olds[i], run_step, &run);
		irmin_value_unref(run.old);
	}
}

int main(void)
{
	test_counter();
	test_counter_below();
	test_multiset();
	test_set();
	test_log();
	test_skew();
	test_lww();
	test_unfit();
	test_memory();
	return done_testing();
}
