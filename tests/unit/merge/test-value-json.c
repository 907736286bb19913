/* JSON: a table of texts, then that nothing but the one form of a value is
 * taken, on a small stack and without memory too. */
#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#include "lib/merge/value.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/sanitized.h"
#include "tests/support/tap.h"
#include "tests/support/value-text.h"

#define GOOD        SIZE_MAX
#define STACK_BYTES ((size_t)64 << (SANITIZED ? 14 : 10))

/* What decodes, or where it does not. */
static const struct row {
	const char *text;
	size_t bad;
} rows[] = {
	{ "0", GOOD },
	{ "-12", GOOD },
	{ "9223372036854775807", GOOD },
	{ "-9223372036854775808", GOOD },
	{ "\"\"", GOOD },
	{ "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f/\x7f\"", GOOD },
	{ "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", GOOD },
	{ "[]", GOOD },
	{ "{}", GOOD },
	{ "[1,[\"a\",[]],{\"\":{}}]", GOOD },
	{ "{\"\":0,\"\\u0000\":1,\"A\":1,\"a\":2,\"\xc3\xa9\":3}", GOOD },
	{ "[true,false,null]", GOOD },
	{ "[0.1,-0.0,1.50,1e21,1E+5,-2.5e-07,1e999]", GOOD },
	{ "\"[[\\\"[{\"", GOOD },
	{ "", 0 },
	{ " 1", 0 },
	{ "1\n", 1 },
	{ "1 2", 1 },
	{ "-0", 0 },
	{ "-", 0 },
	{ "01", 0 },
	{ "-01.5", 0 },
	{ "+1", 0 },
	{ "1.", 1 },
	{ ".5", 0 },
	{ "1.e5", 1 },
	{ "1e", 1 },
	{ "1e+", 1 },
	{ "9223372036854775808", 0 },
	{ "nul", 0 },
	{ "nulla", 4 },
	{ "TRUE", 0 },
	{ "[", 1 },
	{ "]", 0 },
	{ "[1", 2 },
	{ "[1,]", 3 },
	{ "[,1]", 1 },
	{ "[1, 2]", 3 },
	{ "[1}", 2 },
	{ "{", 1 },
	{ "{\"a\"}", 4 },
	{ "{\"a\":}", 5 },
	{ "{\"a\":1,}", 7 },
	{ "{\"a\": 1}", 5 },
	{ "{\"a\":1", 6 },
	{ "{a:1}", 1 },
	{ "{\"b\":1,\"a\":2}", 7 },
	{ "{\"a\":1,\"a\":2}", 7 },
	{ "\"a", 2 },
	{ "\"a\n\"", 2 },
	{ "\"a\x1f\"", 2 },
	{ "\"\xff\"", 1 },
	{ "\"\xc3\"", 1 },
	{ "\"\xed\xa0\x80\"", 1 },
	{ "\"\\", 1 },
	{ "\"\\u00e9\"", 1 },
	{ "\"\\u0041\"", 1 },
	{ "\"\\ud83d\\ude00\"", 1 },
	{ "\"\\/\"", 1 },
	{ "\"\\u000a\"", 1 },
	{ "\"\\u0022\"", 1 },
	{ "\"\\u001F\"", 1 },
	{ "\"\\u001", 1 },
	{ "\"\\x41\"", 1 },
	{ "'a'", 0 },
};

static void test_row(const struct row *row)
{
	irmin_slice text = irmin_text(row->text);
	irmin_buf again = IRMIN_BUF_INIT;
	irmin_value *value = NULL;
	irmin_error err;
	irmin_rc rc = irmin_value_decode_json(text, &value, &err);

	if (row->bad == GOOD) {
		succeeds(rc, &err, "row %td", row - rows);
	} else {
		fails(rc, IRMIN_EINVAL, &err, "row %td", row - rows);
		is_int(err.offset, row->bad, "there: %s", err.text);
		ok(!value, "and no value");
	}
	if (value) {
		succeeds(irmin_value_encode_json(value, &again, &err), &err,
		    "its value is encoded");
		is_mem(again.data, again.len, text.data, text.len, "alike");
	}
	irmin_buf_clear(&again);
	irmin_value_unref(value);
}

static void test_ends(void)
{
	irmin_value *value = NULL;
	irmin_error err;

	fails(irmin_value_decode_json(irmin_bytes("1\0", 2), &value, &err),
	    IRMIN_EINVAL, &err, "a NUL behind a number");
	is_int(err.offset, 1, "there");
	fails(irmin_value_decode_json(irmin_bytes("\"\0\"", 3), &value, &err),
	    IRMIN_EINVAL, &err, "a NUL in a string");
	is_int(err.offset, 1, "there");
	fails(irmin_value_decode_json(irmin_bytes("\"\\\0\"", 4), &value, &err),
	    IRMIN_EINVAL, &err, "an escaped NUL");
	is_int(err.offset, 1, "there");
	fails(irmin_value_decode_json(irmin_bytes(NULL, 0), &value, &err),
	    IRMIN_EINVAL, &err, "nothing");
	fails(irmin_value_decode_json(irmin_bytes("null", 3), &value, &err),
	    IRMIN_EINVAL, &err, "a word that is cut off");
	fails(irmin_value_decode_json(irmin_bytes("\"\\u0001", 6), &value,
		  &err),
	    IRMIN_EINVAL, &err, "an escape that is cut off");
}

/* ---- values ---- */

/* What is in JSON as a value. */
static void test_kinds(void)
{
	irmin_value *value = NULL, *list;
	irmin_error err;

	succeeds(irmin_value_decode_json(
		     irmin_text("{\"a\":[1,\"x\",15.5,null],\"b\":{}}"), &value,
		     &err),
	    &err, "an object");
	if (!value)
		return;
	is_int(irmin_value_what(value), IRMIN_VALUE_RECORD, "is a record");
	list = irmin_value_field(value, irmin_text("a"));
	is_int(irmin_value_length(list), 4, "with a list");
	is_int(irmin_value_int(irmin_value_item(list, 0)), 1, "of a number,");
	ok(irmin_slice_equal(irmin_value_bytes(irmin_value_item(list, 1)),
	       irmin_text("x")),
	    "bytes,");
	ok(irmin_slice_equal(irmin_value_bytes(irmin_value_item(list, 2)),
	       irmin_text("\xff"
			  "15.5")),
	    "a word");
	ok(irmin_slice_equal(irmin_value_bytes(irmin_value_item(list, 3)),
	       irmin_text("\xffnull")),
	    "and another");
	irmin_value_unref(value);
}

/* Bytes that JSON has no string or word for. */
static void test_misfits(void)
{
	static const char *const bytes[] = { "\x80", "a\xc3", "\xff",
		"\xffTrue", "\xffnull ", "\xffnullnull",
		"\xff"
		"1",
		"\xff"
		"-0",
		"\xff 1.5",
		"\xff"
		"1.5 ",
		"\xff"
		"1.5e",
		"\xff\"x\"", "\xff[]", "\xffNaN", "\xffInfinity", "\xff\xff" };
	irmin_value *value = NULL;
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof bytes / sizeof *bytes; i++) {
		if (irmin_value_of_bytes(irmin_text(bytes[i]), &value, &err) <
		    0)
			bail("%s", err.text);
		fails(irmin_value_encode_json(value, &out, &err), IRMIN_EINVAL,
		    &err, "misfit %zu", i);
		is_int(out.len, 0, "and nothing is appended");
		irmin_value_unref(value);
	}
	irmin_buf_clear(&out);
}

/* ---- depth ---- */

/* A text nested so deep, for free(). */
static char *nested(const char *open, const char *close, size_t depth)
{
	size_t opening = strlen(open), i;
	char *text = malloc(depth * (opening + 1) + 2);

	if (!text)
		bail("no memory");
	for (i = 0; i < depth; i++)
		memcpy(text + i * opening, open, opening);
	text[depth * opening] = '1';
	memset(text + depth * opening + 1, *close, depth);
	text[depth * (opening + 1) + 1] = '\0';
	return text;
}

static irmin_rc decode_nested(const char *open, const char *close, size_t depth)
{
	char *text = nested(open, close, depth);
	irmin_value *value = NULL;
	irmin_error err;
	irmin_rc rc = irmin_value_decode_json(irmin_text(text), &value, &err);

	irmin_value_unref(value);
	free(text);
	return rc;
}

static void *run_nested(void *arg)
{
	irmin_rc *rcs = arg;

	rcs[0] = decode_nested("[", "]", IRMIN__VALUE_DEPTH);
	rcs[1] = decode_nested("{\"a\":", "}", IRMIN__VALUE_DEPTH);
	rcs[2] = decode_nested("[", "]", IRMIN__VALUE_DEPTH + 1);
	rcs[3] = decode_nested("[", "]", 1000000);
	rcs[4] = decode_nested("{\"a\":", "}", 1000000);
	return NULL;
}

static void test_depth(void)
{
	irmin_rc rcs[5] = { 0 };
	pthread_attr_t attributes;
	pthread_t thread;

	if (pthread_attr_init(&attributes) ||
	    pthread_attr_setstacksize(&attributes, STACK_BYTES) ||
	    pthread_create(&thread, &attributes, run_nested, rcs) ||
	    pthread_join(thread, NULL))
		bail("no thread");
	pthread_attr_destroy(&attributes);
	is_rc(rcs[0], IRMIN_OK, "as deep as values are");
	is_rc(rcs[1], IRMIN_OK, "objects too");
	is_rc(rcs[2], IRMIN_ELIMIT, "no deeper");
	is_rc(rcs[3], IRMIN_ELIMIT, "however deep");
	is_rc(rcs[4], IRMIN_ELIMIT, "objects too");
}

/* ---- random texts ---- */

static void append(irmin_buf *text, const char *bytes)
{
	if (irmin_buf_append(text, irmin_text(bytes), NULL) < 0)
		bail("no memory");
}

static void append_random(irmin_buf *text, int depth)
{
	static const char *const atoms[] = { "0", "-1", "1.5", "1e21", "true",
		"null", "\"\"", "\"a\"", "\"\\n\"", "\"\xc3\xa9\"", "\"b\\\\\"",
		"\"\\u0001\"" };
	static const char *const names[] = { "\"\":", "\"a\":", "\"b\":",
		"\"\xc3\xa9\":" };
	int kind = depth > 3 ? 0 : rand() % 3, i, count = rand() % 4;

	if (kind == 0) {
		append(text,
		    atoms[(size_t)rand() % (sizeof atoms / sizeof *atoms)]);
		return;
	}
	append(text, kind == 1 ? "[" : "{");
	for (i = 0; i < count; i++) {
		if (i > 0)
			append(text, ",");
		if (kind == 2)
			append(text, names[i]);
		append_random(text, depth + 1);
	}
	append(text, kind == 1 ? "]" : "}");
}

/* Whether what decodes is what is encoded; counts what does. */
static int is_only_form(irmin_slice text, unsigned *taken)
{
	irmin_buf again = IRMIN_BUF_INIT;
	irmin_value *value = NULL;
	irmin_error err;
	irmin_rc rc = irmin_value_decode_json(text, &value, &err);
	int right;

	if (rc < 0)
		return rc == IRMIN_EINVAL && err.offset <= text.len;
	++*taken;
	right = irmin_value_encode_json(value, &again, &err) == IRMIN_OK &&
	    irmin_slice_equal(irmin_buf_slice(&again), text);
	irmin_value_unref(value);
	irmin_buf_clear(&again);
	return right;
}

static void test_random(void)
{
	static const char bytes[] = "0123456789-+.eE\"\\[]{}:, \nabtrun";
	unsigned whole = 0, changed = 0;
	irmin_buf text = IRMIN_BUF_INIT;
	int i, right = 1;

	for (i = 0; i < 20000 && right; i++) {
		text.len = 0;
		append_random(&text, 0);
		right = is_only_form(irmin_buf_slice(&text), &whole);
		text.data[(size_t)rand() % text.len] =
		    (unsigned char)bytes[(size_t)rand() % (sizeof bytes - 1)];
		right = right && is_only_form(irmin_buf_slice(&text), &changed);
	}
	ok(right, "texts have one value, values one text: %s", text.data);
	is_int(whole, 20000, "all that is canonical is taken");
	ok(changed > 1000, "and %u with another byte", changed);
	irmin_buf_clear(&text);
}

/* ---- memory ---- */

static irmin_rc run_codec(void *arg, irmin_error *err)
{
	irmin_buf again = IRMIN_BUF_INIT;
	irmin_value *value = NULL;
	irmin_rc rc = irmin_value_decode_json(irmin_text(arg), &value, err);

	if (rc >= 0)
		rc = irmin_value_encode_json(value, &again, err);
	irmin_value_unref(value);
	irmin_buf_clear(&again);
	return rc;
}

int main(void)
{
	static char text[] = "{\"a\":[1,\"x\\n\",0.30000000000000004,true],"
			     "\"b\":{\"c\":[]}}";
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(&rows[i]);
	test_ends();
	test_kinds();
	test_misfits();
	test_depth();
	srand(1);
	test_random();
	alloc_fault_sweep("an object", run_codec, text);
	return done_testing();
}
