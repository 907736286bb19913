#include "tests/support/value-text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/buf-print.h"
#include "tests/support/tap.h"

#define ITEMS_MAX 64

static irmin_value *parse(const char **at);

static void must(irmin_rc rc)
{
	if (rc < 0)
		bail("a value of a test: %s", irmin_rc_name(rc));
}

static int is_word(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("./_", c));
}

static irmin_slice parse_word(const char **at)
{
	const char *begin = *at;

	while (is_word(**at))
		++*at;
	return irmin_bytes(begin, (size_t)(*at - begin));
}

static irmin_value *parse_quoted(const char **at)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_value *value = NULL;

	for (++*at; **at && **at != '\''; ++*at) {
		int newline = (*at)[0] == '\\' && (*at)[1] == 'n';

		*at += newline;
		must(irmin_buf_append(&bytes,
		    irmin_bytes(newline ? "\n" : *at, 1), NULL));
	}
	*at += **at == '\'';
	must(irmin_value_of_bytes(irmin_buf_slice(&bytes), &value, NULL));
	irmin_buf_clear(&bytes);
	return value;
}

/* [item item] or {name=item name=item} */
static irmin_value *parse_items(const char **at)
{
	irmin_value *items[ITEMS_MAX], *value = NULL;
	irmin_slice names[ITEMS_MAX];
	char end = **at == '[' ? ']' : '}';
	size_t count = 0, i;

	for (++*at; **at && **at != end; count++) {
		if (count == ITEMS_MAX)
			bail("a value of a test has too many items");
		if (end == '}') {
			names[count] = parse_word(at);
			*at += **at == '=';
		}
		items[count] = parse(at);
		*at += **at == ' ';
	}
	*at += **at == end;
	must(end == '}'
		? irmin_value_of_record(names, items, count, &value, NULL)
		: irmin_value_of_list(items, count, &value, NULL));
	for (i = 0; i < count; i++)
		irmin_value_unref(items[i]);
	return value;
}

static irmin_value *parse_scalar(const char **at)
{
	irmin_value *value = NULL;
	char *end;

	if (isdigit((unsigned char)**at) || **at == '-') {
		must(irmin_value_of_int(strtoll(*at, &end, 10), &value, NULL));
		*at = end;
	} else {
		must(irmin_value_of_bytes(parse_word(at), &value, NULL));
	}
	return value;
}

static irmin_value *parse(const char **at)
{
	if (**at == '\'')
		return parse_quoted(at);
	if (**at == '[' || **at == '{')
		return parse_items(at);
	return parse_scalar(at);
}

irmin_value *value_of(const char *text)
{
	const char *at = text;
	irmin_value *value;

	if (strcmp(text, "-") == 0)
		return NULL;
	value = parse(&at);
	if (at == text || *at)
		bail("no value: %s", text);
	return value;
}

/* ---- and back ---- */

static void print_bytes(irmin_slice bytes, irmin_buf *text)
{
	const char *data = bytes.data;
	size_t i, plain = 0;

	while (plain < bytes.len && is_word(data[plain]))
		plain++;
	if (bytes.len && plain == bytes.len &&
	    !isdigit((unsigned char)data[0])) {
		buf_print(text, "%.*s", (int)bytes.len, data);
		return;
	}
	buf_print(text, "'");
	for (i = 0; i < bytes.len; i++)
		buf_print(text, data[i] == '\n' ? "\\n" : "%c", data[i]);
	buf_print(text, "'");
}

static void print(const irmin_value *value, irmin_buf *text)
{
	int is_list = irmin_value_what(value) == IRMIN_VALUE_LIST;
	size_t i;

	if (irmin_value_what(value) == IRMIN_VALUE_BYTES) {
		print_bytes(irmin_value_bytes(value), text);
		return;
	}
	if (irmin_value_what(value) == IRMIN_VALUE_INT) {
		buf_print(text, "%" PRId64, irmin_value_int(value));
		return;
	}
	buf_print(text, is_list ? "[" : "{");
	for (i = 0; i < irmin_value_length(value); i++) {
		irmin_slice name = irmin_value_name(value, i);

		buf_print(text, "%s%.*s%s", i ? " " : "", (int)name.len,
		    name.len ? (const char *)name.data : "",
		    is_list ? "" : "=");
		print(irmin_value_item(value, i), text);
	}
	buf_print(text, is_list ? "]" : "}");
}

const char *value_text(const irmin_value *value)
{
	irmin_buf text = IRMIN_BUF_INIT;
	const char *told;

	if (!value)
		return "-";
	print(value, &text);
	told = tap_format("%s", (const char *)text.data);
	irmin_buf_clear(&text);
	return told;
}

/* ---- merges ---- */

void value_text__is_merge(const char *file, int line, irmin_merge *merge,
    const char *base, const char *ours, const char *theirs, const char *want)
{
	irmin_value *sides[3] = { value_of(base), value_of(ours),
		value_of(theirs) };
	irmin_value *result = NULL;
	irmin_error err;
	irmin_rc rc;
	size_t i;

	rc = irmin_merge_run(merge, sides[0], sides[1], sides[2], &result,
	    &err);
	if (*want == '!')
		tap__ok(file, line,
		    rc == IRMIN_ECONFLICT && err.code == rc && !result &&
			strstr(err.text, want + 1),
		    "conflict", "%s: %s and %s conflict: %s", base, ours,
		    theirs, rc < 0 ? err.text : value_text(result));
	else
		tap__is_str(file, line, rc < 0 ? err.text : value_text(result),
		    want, "%s: %s and %s", base, ours, theirs);
	tap__ok(file, line, rc < 0 || err.code == 0, "err is empty",
	    "and no error is told");
	for (i = 0; i < 3; i++)
		irmin_value_unref(sides[i]);
	irmin_value_unref(result);
}
