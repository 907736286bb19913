/* Shapes: who owns their parts, whatever becomes of them. */
#include "lib/merge/value-shape.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

static void test_counting(void)
{
	irmin_shape *item = irmin_shape_int(), *list;

	list = irmin_shape_list(irmin_shape_ref(item));
	ok(list && list->parts[0].shape == item, "a list of that item");
	irmin_shape_unref(list);
	is_int(item->refs, 1, "gave its reference back");
	irmin_shape_unref(item);
	ok(!irmin_shape_ref(NULL), "no shape has no references");
	irmin_shape_unref(NULL);
}

static void test_null_in_null_out(void)
{
	irmin_shape *items[] = { irmin_shape_int(), NULL, irmin_shape_bytes() };
	irmin_shape_field fields[] = { { "a", NULL },
		{ "b", irmin_shape_int() } };

	ok(!irmin_shape_list(NULL), "a list");
	ok(!irmin_shape_set(NULL), "a set");
	ok(!irmin_shape_map(NULL), "a map");
	ok(!irmin_shape_lww(NULL), "a last writer");
	ok(!irmin_shape_tuple(items, 3), "a tuple");
	ok(!irmin_shape_record(fields, 2), "a record");
	is_int(alloc_fault_live(), 0, "all are freed");
}

static void test_record(void)
{
	irmin_shape_field fields[] = { { "z", irmin_shape_int() },
		{ "", irmin_shape_bytes() }, { "m", irmin_shape_log() } };
	irmin_shape_field twice[] = { { "z", irmin_shape_int() },
		{ "m", irmin_shape_log() }, { "z", irmin_shape_int() } };
	irmin_shape *record = irmin_shape_record(fields, 3);
	size_t i;

	for (i = 0; record && i < 3; i++)
		ok(irmin__shape_field(record, irmin_text(fields[i].name)) ==
			fields[i].shape,
		    "field \"%s\"", fields[i].name);
	ok(record && !irmin__shape_field(record, irmin_text("n")), "no other");
	irmin_shape_unref(record);
	record = irmin_shape_record(NULL, 0);
	ok(record && !irmin__shape_field(record, irmin_text("")),
	    "none at all");
	irmin_shape_unref(record);
	ok(!irmin_shape_record(twice, 3), "a name twice");
	is_int(alloc_fault_live(), 0, "all are freed");
}

/* One of each, inside one another. */
static irmin_rc run_all(void *arg, irmin_error *err)
{
	irmin_shape *items[] = { irmin_shape_map(irmin_shape_counter()),
		irmin_shape_lww(irmin_shape_set(irmin_shape_bytes())) };
	irmin_shape_field fields[] = { { "t", irmin_shape_tuple(items, 2) },
		{ "m", irmin_shape_multiset() },
		{ "l", irmin_shape_list(irmin_shape_int()) },
		{ "o", irmin_shape_log() } };
	irmin_shape *record = irmin_shape_record(fields, 4);
	irmin_rc rc = record ? IRMIN_OK : IRMIN_ENOMEM;

	(void)arg;
	irmin_shape_unref(record);
	return rc < 0 ? irmin_error_set(err, rc, NULL, "no shape") : rc;
}

int main(void)
{
	test_counting();
	test_null_in_null_out();
	test_record();
	is_int(alloc_fault_sweep("a shape of all kinds", run_all, NULL), 12,
	    "one allocation a shape");
	return done_testing();
}
