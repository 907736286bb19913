/* Values: what they hold, how they compare, how deep they get. */
#include <string.h>

#include "lib/merge/value.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

static irmin_value *text(const char *bytes)
{
	irmin_value *value = NULL;

	if (irmin_value_of_bytes(irmin_text(bytes), &value, NULL) < 0)
		bail("no memory");
	return value;
}

static irmin_value *number(int64_t n)
{
	irmin_value *value = NULL;

	if (irmin_value_of_int(n, &value, NULL) < 0)
		bail("no memory");
	return value;
}

static irmin_rc make_record(const char *const *names, size_t count,
    irmin_value **record, irmin_error *err)
{
	irmin_slice slices[8];
	irmin_value *items[8];
	irmin_rc rc;
	size_t i;

	for (i = 0; i < count; i++) {
		slices[i] = irmin_text(names[i]);
		items[i] = number((int64_t)i);
	}
	rc = irmin_value_of_record(slices, items, count, record, err);
	for (i = 0; i < count; i++)
		irmin_value_unref(items[i]);
	return rc;
}

static void test_scalars(void)
{
	irmin_value *a = text("a"), *n = number(INT64_MIN);

	is_int(irmin_value_what(a), IRMIN_VALUE_BYTES, "bytes are bytes");
	is_mem(irmin_value_bytes(a).data, irmin_value_bytes(a).len, "a", 1,
	    "and hold them");
	is_int(irmin_value_int(a), 0, "bytes have no number");
	is_int(irmin_value_length(a), 0, "and no items");
	is_int(irmin_value_int(n), INT64_MIN, "a number");
	is_int(irmin_value_bytes(n).len, 0, "a number has no bytes");
	ok(!irmin_value_item(n, 0), "nor items");
	ok(irmin_value_compare(a, n) < 0, "kinds come before contents");
	irmin_value_unref(a);
	irmin_value_unref(n);
}

static void test_record(void)
{
	static const char *const names[] = { "m", "", "z", "a", "k" };
	static const char *const twice[] = { "m", "a", "m" };
	irmin_value *record = NULL, *bad = NULL;
	irmin_error err;
	size_t i;

	succeeds(make_record(names, 5, &record, &err), &err, "a record");
	if (!record)
		return;
	for (i = 0; i < 5; i++) {
		irmin_slice name = irmin_text(names[i]);

		ok(irmin_slice_equal(irmin_value_name(record, i), name),
		    "name %zu keeps its place", i);
		is_int(irmin_value_int(irmin_value_field(record, name)), i,
		    "and its item is found");
	}
	ok(!irmin_value_field(record, irmin_text("b")), "no such name");
	is_int(irmin_value_name(record, 5).len, 0, "no such place");
	fails(make_record(twice, 3, &bad, &err), IRMIN_EINVAL, &err,
	    "a name twice");
	ok(!bad, "and no value");
	irmin_value_unref(record);
}

static void test_compare(void)
{
	irmin_value *items[] = { number(1), number(2), number(3) };
	irmin_value *short_list = NULL, *long_list = NULL, *other = NULL;
	irmin_error err;
	size_t i;

	succeeds(irmin_value_of_list(items, 2, &short_list, &err), &err, "2");
	succeeds(irmin_value_of_list(items, 3, &long_list, &err), &err, "3");
	succeeds(irmin_value_of_list(items + 1, 1, &other, &err), &err, "1");
	ok(irmin_value_compare(short_list, long_list) < 0, "a prefix is less");
	ok(irmin_value_compare(other, long_list) > 0, "items in order");
	ok(irmin__value_same(NULL, NULL) && !irmin__value_same(other, NULL),
	    "an absent value is like no other");
	for (i = 0; i < 3; i++)
		irmin_value_unref(items[i]);
	irmin_value_unref(short_list);
	irmin_value_unref(long_list);
	irmin_value_unref(other);
}

static void test_record_order(void)
{
	static const char *const sorted[] = { "a", "b" };
	const irmin_slice names[] = { irmin_text("b"), irmin_text("a") };
	irmin_value *items[] = { number(1), number(0) };
	irmin_value *a = NULL, *b = NULL, *c = NULL;
	irmin_error err;

	succeeds(make_record(sorted, 2, &a, &err), &err, "in order");
	succeeds(irmin_value_of_record(names, items, 2, &b, &err), &err,
	    "the same in another");
	is_int(irmin_value_compare(a, b), 0, "are equal");
	succeeds(irmin_value_of_record(names + 1, items, 1, &c, &err), &err,
	    "less names");
	ok(irmin_value_compare(a, c) < 0 && irmin_value_compare(c, b) > 0,
	    "the items are compared by name");
	irmin_value_unref(items[0]);
	irmin_value_unref(items[1]);
	irmin_value_unref(a);
	irmin_value_unref(b);
	irmin_value_unref(c);
}

static void test_set(void)
{
	static const int64_t sorted[] = { INT64_MIN, -1, 2, 10 };
	irmin_value *items[] = { number(10), number(-1), number(10), number(2),
		number(INT64_MIN), number(-1) };
	irmin_value *set = NULL;
	irmin_error err;
	size_t i;

	succeeds(irmin_value_of_set(items, 6, &set, &err), &err, "a set");
	if (!set)
		return;
	is_int(irmin_value_length(set), 4, "has each item once");
	for (i = 0; i < 4; i++)
		is_int(irmin_value_int(irmin_value_item(set, i)), sorted[i],
		    "in order");
	irmin_value_unref(set);
	for (i = 0; i < 6; i++)
		irmin_value_unref(items[i]);
	succeeds(irmin_value_of_set(NULL, 0, &set, &err), &err, "none");
	is_int(irmin_value_length(set), 0, "is empty");
	irmin_value_unref(set);
}

static void test_depth(void)
{
	irmin_value *value = number(0), *outer = NULL;
	irmin_rc rc = IRMIN_OK;
	irmin_error err;
	int depth = 0;

	while (rc == IRMIN_OK) {
		rc = irmin_value_of_list(&value, 1, &outer, &err);
		if (rc < 0)
			break;
		irmin_value_unref(value);
		value = outer;
		depth++;
	}
	is_int(depth, IRMIN__VALUE_DEPTH, "as deep as that");
	fails(rc, IRMIN_ELIMIT, &err, "and no deeper");
	irmin_value_unref(value);
}

static irmin_rc run_set(void *arg, irmin_error *err)
{
	irmin_value *items[2] = { NULL, NULL }, *set = NULL;
	irmin_rc rc = irmin_value_of_int(1, &items[0], err);

	(void)arg;
	if (rc >= 0)
		rc = irmin_value_of_int(1, &items[1], err);
	if (rc >= 0)
		rc = irmin_value_of_set(items, 2, &set, err);
	irmin_value_unref(items[0]);
	irmin_value_unref(items[1]);
	irmin_value_unref(set);
	return rc;
}

static irmin_rc run_record(void *arg, irmin_error *err)
{
	const irmin_slice names[] = { irmin_text("b"), irmin_text("a") };
	irmin_value *items[2] = { NULL, NULL }, *record = NULL;
	irmin_rc rc = irmin_value_of_int(1, &items[0], err);

	(void)arg;
	if (rc >= 0)
		rc = irmin_value_of_bytes(irmin_text("x"), &items[1], err);
	if (rc >= 0)
		rc = irmin_value_of_record(names, items, 2, &record, err);
	irmin_value_unref(items[0]);
	irmin_value_unref(items[1]);
	irmin_value_unref(record);
	return rc;
}

int main(void)
{
	test_scalars();
	test_record();
	test_compare();
	test_record_order();
	test_set();
	test_depth();
	is_int(alloc_fault_sweep("a record", run_record, NULL), 4,
	    "one allocation a value");
	is_int(alloc_fault_sweep("a set", run_set, NULL), 5,
	    "and one to sort in");
	return done_testing();
}
