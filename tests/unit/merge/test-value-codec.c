/* The canonical codec: a table of forms, then that nothing but the one form of a
 * value is taken: for random values, and for what is near their forms. */
#include <stdlib.h>
#include <string.h>

#include "lib/core/base/text.h"
#include "lib/merge/value-line.h"
#include "lib/merge/value-shape.h"
#include "lib/merge/value.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/shape-text.h"
#include "tests/support/tap.h"

#define NONCE "\t00c0ffee00c0ffee"

static irmin_shape *shape_named(const char *name)
{
	irmin_shape *shape = shape_of(irmin_text(name));

	if (!shape)
		bail("%s is no shape", name);
	return shape;
}

/* ---- a table ---- */

#define GOOD SIZE_MAX

/* What decodes, or where it does not. */
static const struct row {
	const char *shape;
	const char *form;
	size_t bad;
} rows[] = {
	{ "b", "", GOOD },
	{ "b", "as it is, \xc3\xa9 and \xf0\x9f\x98\x80 too", GOOD },
	{ "b", "\\n\\r\\t\\\\\\x00\\x1b\\x7f", GOOD },
	{ "b", "\\xff\\xc3(\\xe2\\x82\\xc2\\x85", GOOD },
	{ "b", "a\nb", 1 },
	{ "b", "a\tb", 1 },
	{ "b", "ab\x7f", 2 },
	{ "b", "a\xff", 1 },
	{ "b", "a\xc3", 1 },
	{ "b", "a\xc2\x85", 1 },
	{ "b", "a\\", 1 },
	{ "b", "a\\q", 1 },
	{ "b", "a\\x1", 1 },
	{ "b", "a\\x1g", 1 },
	{ "b", "\\x0a", 1 },
	{ "b", "\\x5c", 1 },
	{ "b", "a\\x41", 1 },
	{ "b", "\\xFF", 2 },
	{ "b", "a\\xc3\\xa9", 1 },
	{ "i", "0", GOOD },
	{ "i", "-9223372036854775808", GOOD },
	{ "i", "9223372036854775808", 0 },
	{ "i", "1\n", 0 },
	{ "i", "", 0 },
	{ "li", "", GOOD },
	{ "li", "2\n1\n1\n", GOOD },
	{ "li", "2\n1", 3 },
	{ "li", "2\n\n", 2 },
	{ "lb", "\n\na\n", GOOD },
	{ "lb", "a\n\\x62\n", 2 },
	{ "llb", "\n\\n\na\\nb\\\\n\\n\n", GOOD },
	{ "llb", "a\\nb\n", 4 },
	{ "llb", "x\\n\na\\nb\\\\q\\n\n", 8 },
	{ "lllb", "\\\\n\\n\n", GOOD },
	{ "lllb", "\\\\n\\n\na\\\\x62\\\\n\\n\n", 7 },
	{ "si", "-1\n2\n10\n", GOOD },
	{ "si", "10\n2\n", 3 },
	{ "si", "2\n2\n", 2 },
	{ "sb", "\\n\na\n", GOOD },
	{ "sb", "a\n\\n\n", 2 },
	{ "ssi", "\n1\\n2\\n\n2\\n\n", GOOD },
	{ "ssi", "2\\n1\\n\n", 3 },
	{ "()", "", GOOD },
	{ "()", "\n", 0 },
	{ "(ib)", "1\na\n", GOOD },
	{ "(ib)", "1\n", 2 },
	{ "(ib)", "1\na\nb\n", 4 },
	{ "(ib)", "a\n1\n", 0 },
	{ "mi", "", GOOD },
	{ "mi", "\t0\n\\t\t1\na\t2\n", GOOD },
	{ "mi", "a\t1\na\t1\n", 4 },
	{ "mi", "b\t1\na\t1\n", 4 },
	{ "mi", "a1\n", 2 },
	{ "mi", "a\t1\t\n", 2 },
	{ "mi", "a\t01\n", 2 },
	{ "mi", "\\x61\t1\n", 0 },
	{ "mb", "a\t\n", GOOD },
	{ "mmc", "a\tb\\t1\\\\t00c0ffee00c0ffee\\n\n", GOOD },
	{ "mmc", "a\tb\\t1\\\\t00C0ffee00c0ffee\\n\n", 9 },
	{ "{ibli}", "\t1\\n\na\\n\tx\nb\t1\n", GOOD },
	{ "{ibli}", "", GOOD },
	{ "{ibli}", "a\\n\tx\n", GOOD },
	{ "{ibli}", "a\\n\tx\nc\t1\n", 6 },
	{ "{ibli}", "b\tx\n", 2 },
	{ "c", "12" NONCE, GOOD },
	{ "c", "-3\tffffffffffffffff", GOOD },
	{ "c", "12" NONCE "\n", 3 },
	{ "c", "12\t00C0FFEE00C0FFEE", 3 },
	{ "c", "12\t00c0ffee00c0ffe", 3 },
	{ "c", "12", 2 },
	{ "c", "+12" NONCE, 0 },
	{ "u", "00c0ffee00c0ffee\n", GOOD },
	{ "u", "00c0ffee00c0ffee\n-1\t\n3\t\\t\n2\tb\n", GOOD },
	{ "u", "00c0ffee00c0ffee", 16 },
	{ "u", "", 0 },
	{ "u", "00c0ffee00c0ffee\n0\ta\n", 17 },
	{ "u", "00c0ffee00c0ffee\n1\tb\n1\ta\n", 23 },
	{ "u", "00c0ffee00c0ffee\n1\tb\n1\tb\n", 23 },
	{ "u", "00c0ffee00c0ffee\n1b\n", 19 },
	{ "j", "", GOOD },
	{ "j", "-5\tb\tx\n7\ta\tx\n7\ta\ty\n7\tb\t\n", GOOD },
	{ "j", "7\ta\ty\n7\ta\tx\n", 6 },
	{ "j", "7\ta\ty\n7\ta\ty\n", 6 },
	{ "j", "7\ta\n", 3 },
	{ "j", "7\n", 1 },
	{ "j", "7\ta\tx\ty\n", 5 },
	{ "j", "x\ta\tx\n", 0 },
	{ "wb", "7\ta", GOOD },
	{ "wb", "7\ta\n", 3 },
	{ "wli", "-7\t1\\n2\\n", GOOD },
	{ "wli", "-7\t1\\n2", 7 },
	{ "wc", "7\t1\\t00c0ffee00c0ffee", GOOD },
	{ "wc", "7\t1" NONCE, 3 },
	{ "wi", "7", 1 },
};

static void test_row(const struct row *row)
{
	irmin_shape *shape = shape_named(row->shape);
	irmin_slice form = irmin_text(row->form);
	irmin_buf again = IRMIN_BUF_INIT;
	irmin_value *value = NULL;
	irmin_error err;
	irmin_rc rc = irmin_value_decode(form, shape, &value, &err);

	if (row->bad == GOOD) {
		succeeds(rc, &err, "%s, row %td", row->shape, row - rows);
	} else {
		fails(rc, IRMIN_EINVAL, &err, "%s, row %td", row->shape,
		    row - rows);
		is_int(err.offset, row->bad, "there: %s", err.text);
		ok(!value, "and no value");
	}
	if (value) {
		succeeds(irmin_value_encode(value, shape, &again, &err), &err,
		    "its value is encoded");
		is_mem(again.data, again.len, form.data, form.len, "alike");
	}
	irmin_buf_clear(&again);
	irmin_value_unref(value);
	irmin_shape_unref(shape);
}

static void test_nul(void)
{
	irmin_shape *shape = irmin_shape_bytes();
	irmin_value *value = NULL;
	irmin_error err;

	fails(irmin_value_decode(irmin_bytes("a\0", 2), shape, &value, &err),
	    IRMIN_EINVAL, &err, "a NUL as it is");
	is_int(err.offset, 1, "there");
	succeeds(irmin_value_decode(irmin_bytes(NULL, 0), shape, &value, &err),
	    &err, "nothing");
	irmin_value_unref(value);
	irmin_shape_unref(shape);
	fails(irmin_value_decode(irmin_text("a"), NULL, &value, &err),
	    IRMIN_ENOMEM, &err, "a shape for which there was no memory");
}

/* ---- what does not fit its shape ---- */

static irmin_value *decoded(const char *name, const char *form)
{
	irmin_shape *shape = shape_named(name);
	irmin_value *value = NULL;
	irmin_error err;

	if (irmin_value_decode(irmin_text(form), shape, &value, &err) < 0)
		bail("%s", err.text);
	irmin_shape_unref(shape);
	return value;
}

/* The shape and form of a value, another shape, and where it does not fit. */
static const struct misfit {
	const char *shape, *form, *other, *where;
} misfits[] = {
	{ "b", "a", "i", "it is no number" },
	{ "i", "1", "b", "it is no bytes" },
	{ "b", "a", "li", "it is no list" },
	{ "li", "1\n", "mi", "it is no record" },
	{ "lb", "a\nb\n", "li", "[0] is no number" },
	{ "mlb", "k\ta\\nb\\n\n", "mli", ".k[0] is no number" },
	{ "mlb", "k\ta\\nb\\n\n", "msi", ".k[0] is no number" },
	{ "li", "2\n1\n", "si", "it is no set" },
	{ "li", "1\n1\n", "si", "it is no set" },
	{ "i", "1", "si", "it is no set" },
	{ "li", "1\n2\n", "(i)", "it is no list of as many" },
	{ "li", "1\n", "(ii)", "it is no list of as many" },
	{ "mi", "q\t1\n", "{i}", ".q is no field" },
	{ "mmi", "k\tq\\t1\\n\n", "m{i}", ".k.q is no field" },
	{ "li", "1\n2\n3\n", "c", "it is no counter" },
	{ "(ib)", "1\na\n", "c", "it is no counter" },
	{ "(ii)", "1\n2\n", "u", "it is no multiset" },
	{ "(imi)", "1\na\\t0\\n\n", "u", ".a is no count" },
	{ "(imb)", "1\na\\tb\\n\n", "u", ".a is no count" },
	{ "l(ibi)", "1\\na\\n1\\n\n", "j", "[0] is no entry" },
	{ "l(ibb)", "2\\n\\n\\n\n1\\n\\n\\n\n", "j", "it is no log" },
	{ "lb", "a\n", "j", "[0] is no entry" },
	{ "(bb)", "1\na\n", "wb", "it is no list of a time" },
	{ "(ii)", "1\n2\n", "wb", "[1] is no bytes" },
};

static void test_misfit(const struct misfit *row)
{
	irmin_shape *shape = shape_named(row->other);
	irmin_value *value = decoded(row->shape, row->form);
	irmin_buf form = IRMIN_BUF_INIT;
	irmin_error err;

	if (irmin_buf_set(&form, irmin_text("kept"), NULL) < 0)
		bail("no memory");
	fails(irmin_value_encode(value, shape, &form, &err), IRMIN_EINVAL, &err,
	    "%s as %s", row->shape, row->other);
	ok(strstr(err.text, row->where) != NULL, "%s: %s", row->where,
	    err.text);
	is_str((char *)form.data, "kept", "and nothing is appended");
	irmin_buf_clear(&form);
	irmin_value_unref(value);
	irmin_shape_unref(shape);
}

/* A record is written the same in whatever order it was made. */
static void test_record_order(void)
{
	const irmin_slice names[] = { irmin_text("b"), irmin_text("a") };
	irmin_value *items[2] = { NULL, NULL }, *record = NULL;
	irmin_shape *shape = shape_named("mi");
	irmin_buf form = IRMIN_BUF_INIT;
	irmin_error err;

	if (irmin_value_of_int(1, &items[0], NULL) < 0 ||
	    irmin_value_of_int(2, &items[1], NULL) < 0 ||
	    irmin_value_of_record(names, items, 2, &record, NULL) < 0)
		bail("no memory");
	succeeds(irmin_value_encode(record, shape, &form, &err), &err, "b, a");
	is_str((char *)form.data, "a\t2\nb\t1\n", "by name");
	irmin_value_unref(items[0]);
	irmin_value_unref(items[1]);
	irmin_value_unref(record);
	irmin_buf_clear(&form);
	irmin_shape_unref(shape);
}

/* ---- random values, and what is near their forms ---- */

static irmin_slice random_bytes(void)
{
	static const char *const pieces[] = { "", "a", "b", "x0a", "0", "\n",
		"\t", "\r", "\\", "\x01", "\x7f", "\xc3\xa9", "\xc3", "\xa9",
		"\xff", "\xc2\x85", "\xf0\x9f\x98\x80", "\xe2\x82" };
	static char text[64];
	int i, count = rand() % 4;

	text[0] = '\0';
	for (i = 0; i < count; i++)
		strcat(text,
		    pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)]);
	return rand() % 16 ? irmin_text(text) : irmin_bytes("\0", 1);
}

static int64_t random_int(void)
{
	static const int64_t ends[] = { INT64_MIN, INT64_MAX, -1, 0 };

	return rand() % 4 ? rand() % 20 - 5 : ends[rand() % 4];
}

static irmin_value *random_value(const irmin_shape *shape);

static void take(irmin_rc rc)
{
	if (rc < 0)
		bail("a random value: %s", irmin_rc_name(rc));
}

static irmin_value *new_bytes(void)
{
	irmin_value *value;

	take(irmin_value_of_bytes(random_bytes(), &value, NULL));
	return value;
}

static irmin_value *new_int(int64_t number)
{
	irmin_value *value;

	take(irmin_value_of_int(number, &value, NULL));
	return value;
}

/* A list of these or the set of them; gives them back. */
static irmin_value *new_list(irmin_value **items, size_t count, int set)
{
	irmin_value *value;
	size_t i;

	take(set ? irmin_value_of_set(items, count, &value, NULL)
		 : irmin_value_of_list(items, count, &value, NULL));
	for (i = 0; i < count; i++)
		irmin_value_unref(items[i]);
	return value;
}

/* Of any names for a shape of items or NULL (counts); of fields for a record. */
static irmin_value *random_record(const irmin_shape *shape)
{
	irmin_slice names[4];
	irmin_value *items[4], *value;
	char text[4][64];
	size_t count = 0, i;

	for (i = 0; i < (size_t)rand() % 5; i++) {
		irmin_slice name = random_bytes();
		const irmin_shape *part = NULL;

		if (shape && shape->kind == IRMIN__SHAPE_RECORD)
			name = shape->parts[i % shape->count].name;
		if (shape)
			part = irmin__shape_field(shape, name);
		memcpy(text[count], name.data, name.len);
		names[count] = irmin_bytes(text[count], name.len);
		items[count++] = part ? random_value(part)
				      : new_int(random_int() | 1);
	}
	while (irmin_value_of_record(names, items, count, &value, NULL) ==
	    IRMIN_EINVAL)
		irmin_value_unref(items[--count]);
	while (count > 0)
		irmin_value_unref(items[--count]);
	return value;
}

static irmin_value *random_items(const irmin_shape *shape)
{
	irmin_value *items[4];
	size_t count = 0, wanted = (size_t)rand() % 4;

	if (shape->kind == IRMIN__SHAPE_TUPLE)
		wanted = shape->count;
	for (; count < wanted; count++)
		items[count] = random_value(
		    shape->parts[count % shape->count].shape);
	return new_list(items, count, shape->kind == IRMIN__SHAPE_SET);
}

static irmin_value *random_log(void)
{
	irmin_value *entries[3], *parts[3];
	size_t count = (size_t)rand() % 4, i;

	for (i = 0; i < count; i++) {
		parts[0] = new_int(random_int());
		parts[1] = new_bytes();
		parts[2] = new_bytes();
		entries[i] = new_list(parts, 3, 0);
	}
	return new_list(entries, count, 1);
}

static irmin_value *random_value(const irmin_shape *shape)
{
	irmin_value *items[2];

	switch (shape->kind) {
	case IRMIN__SHAPE_BYTES:
		return new_bytes();
	case IRMIN__SHAPE_INT:
		return new_int(random_int());
	case IRMIN__SHAPE_LIST:
	case IRMIN__SHAPE_SET:
	case IRMIN__SHAPE_TUPLE:
		return random_items(shape);
	case IRMIN__SHAPE_MAP:
	case IRMIN__SHAPE_RECORD:
		return random_record(shape);
	case IRMIN__SHAPE_LOG:
		return random_log();
	case IRMIN__SHAPE_COUNTER:
	case IRMIN__SHAPE_MULTISET:
	case IRMIN__SHAPE_LWW:
		break;
	}
	items[0] = new_int(random_int());
	items[1] = shape->kind == IRMIN__SHAPE_COUNTER ? new_int(random_int())
	    : shape->kind == IRMIN__SHAPE_MULTISET
	    ? random_record(NULL)
	    : random_value(shape->parts[0].shape);
	return new_list(items, 2, 0);
}

/* Whether what decodes is what is encoded; counts what does. */
static int is_only_form(const irmin_shape *shape, irmin_slice form,
    unsigned *taken)
{
	irmin_buf again = IRMIN_BUF_INIT;
	irmin_value *value = NULL;
	irmin_error err;
	irmin_rc rc = irmin_value_decode(form, shape, &value, &err);
	int right;

	if (rc < 0)
		return rc == IRMIN_EINVAL && err.offset <= form.len;
	++*taken;
	right = irmin_value_encode(value, shape, &again, &err) == IRMIN_OK &&
	    irmin_slice_equal(irmin_buf_slice(&again), form);
	irmin_value_unref(value);
	irmin_buf_clear(&again);
	return right;
}

/* Puts one byte that means something in, over another, or takes one away. */
static void mutate(irmin_buf *form)
{
	static const char bytes[] = "\n\t\\nrtx0a159fA-\xc3\xa9\xff";
	char byte = bytes[(size_t)rand() % (sizeof bytes - 1)];
	size_t at = (size_t)rand() % (form->len + 1);

	switch (rand() % 3) {
	case 0:
		take(irmin_buf_append(form, irmin_bytes(&byte, 1), NULL));
		memmove(form->data + at + 1, form->data + at,
		    form->len - 1 - at);
		form->data[at] = (unsigned char)byte;
		break;
	case 1:
		if (at < form->len)
			form->data[at] = (unsigned char)byte;
		break;
	default:
		if (at < form->len) {
			memmove(form->data + at, form->data + at + 1,
			    form->len - at);
			form->len--;
		}
		break;
	}
}

static int round_trips(const irmin_shape *shape, unsigned *taken)
{
	irmin_value *value = random_value(shape), *back = NULL;
	irmin_buf form = IRMIN_BUF_INIT;
	int i, right;

	right = irmin_value_encode(value, shape, &form, NULL) == IRMIN_OK &&
	    irmin_value_decode(irmin_buf_slice(&form), shape, &back, NULL) ==
		IRMIN_OK &&
	    irmin__value_same(value, back);
	for (i = 0; right && i < 8; i++) {
		mutate(&form);
		right = is_only_form(shape, irmin_buf_slice(&form), taken);
	}
	if (!right)
		diag("after %d mutations: %s", i, form.data);
	irmin_value_unref(value);
	irmin_value_unref(back);
	irmin_buf_clear(&form);
	return right;
}

static void test_random(const char *name)
{
	irmin_shape *shape = shape_named(name);
	unsigned taken = 0;
	int i, right = 1;

	for (i = 0; i < 2000 && right; i++)
		right = round_trips(shape, &taken);
	ok(right, "%s: values have one form, and forms one value", name);
	ok(taken >= 100, "%s: %u mutated forms were those of a value", name,
	    taken);
	irmin_shape_unref(shape);
}

/* ---- memory ---- */

static irmin_rc run_codec(void *arg, irmin_error *err)
{
	const struct row *row = arg;
	irmin_shape *shape = shape_of(irmin_text(row->shape));
	irmin_buf form = IRMIN_BUF_INIT;
	irmin_value *value = NULL;
	irmin_rc rc;

	rc = irmin_value_decode(irmin_text(row->form), shape, &value, err);
	if (rc >= 0)
		rc = irmin_value_encode(value, shape, &form, err);
	irmin_value_unref(value);
	irmin_buf_clear(&form);
	irmin_shape_unref(shape);
	return rc;
}

int main(void)
{
	static const char *const random[] = { "b", "i", "lb", "li", "sb", "ssi",
		"(ibl(i))", "mb", "mmi", "{ibmc}", "c", "u", "j", "wb", "wu",
		"mwlb", "lllb", "mj", "lu" };
	static struct row all = { "m{clbw(bu)j}",
		"k\ta\\\\n\\tx\\\\ny\\\\n\\n"
		"b\\t1\\\\t00c0ffee00c0ffee\\n\n",
		GOOD };
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(&rows[i]);
	for (i = 0; i < sizeof misfits / sizeof *misfits; i++)
		test_misfit(&misfits[i]);
	test_nul();
	test_record_order();
	srand(1);
	for (i = 0; i < sizeof random / sizeof *random; i++)
		test_random(random[i]);
	alloc_fault_sweep("a map of records", run_codec, &all);
	return done_testing();
}
