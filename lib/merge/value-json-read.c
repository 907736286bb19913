/* JSON is read in the one form that value-json.h draws: whatever would have been
 * written otherwise is refused where it stands. */
#include "lib/core/base/decimal.h"
#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/text.h"
#include "lib/merge/value-items.h"
#include "lib/merge/value-json.h"
#include "lib/merge/value.h"

struct reader {
	const char *text;
	irmin_slice rest;
	int depth;
	irmin_error *err;
};

static irmin_rc read_value(struct reader *from, irmin_value **value);

/* ---- pieces ---- */

static irmin_rc wrong(const struct reader *from, irmin_rc rc, const char *why)
{
	size_t at = (size_t)((const char *)from->rest.data - from->text);

	return irmin__error_at(from->err, rc, NULL, at,
	    "cannot decode JSON: at byte %zu: %s", at, why);
}

static int next(const struct reader *from)
{
	return from->rest.len ? *(const unsigned char *)from->rest.data : -1;
}

static void skip(struct reader *from, size_t length)
{
	from->rest = irmin__slice_from(from->rest, length);
}

static irmin_rc expect(struct reader *from, char byte, const char *why)
{
	if (next(from) != byte)
		return wrong(from, IRMIN_EINVAL, why);
	skip(from, 1);
	return IRMIN_OK;
}

/* ---- strings ---- */

/* The byte behind \u00, if that is how it is written; else -1. */
static int read_hex(irmin_slice escape)
{
	const char *text = escape.data;
	unsigned char byte = 0;
	char digits[3];

	if (escape.len < 6 || !irmin__slice_begins(escape, "\\u00") ||
	    irmin__hex_decode(text + 4, 1, &byte) != 0)
		return -1;
	irmin__hex_encode(&byte, 1, digits);
	if (byte >= 0x20 || memcmp(digits, text + 4, 2) != 0 ||
	    (byte && strchr(IRMIN__JSON_ESCAPED, byte)))
		return -1;
	return byte;
}

static irmin_rc read_escape(struct reader *from, irmin_buf *bytes)
{
	const char *text = from->rest.data, *known = NULL;
	int byte = read_hex(from->rest);
	size_t length = 6;
	char plain;

	if (from->rest.len > 1 && text[1])
		known = strchr(IRMIN__JSON_LETTERS, text[1]);
	if (known) {
		byte = (unsigned char)
		    IRMIN__JSON_ESCAPED[known - IRMIN__JSON_LETTERS];
		length = 2;
	}
	if (byte < 0)
		return wrong(from, IRMIN_EINVAL,
		    "this is not how anything is escaped");
	skip(from, length);
	plain = (char)byte;
	return irmin_buf_append(bytes, irmin_bytes(&plain, 1), from->err);
}

/* Appends what a string is. */
static irmin_rc read_string(struct reader *from, irmin_buf *bytes)
{
	irmin_rc rc = expect(from, '"', "a string should be here");

	while (rc >= 0) {
		size_t plain = irmin__json_plain(from->rest);

		rc = irmin_buf_append(bytes,
		    irmin__slice_until(from->rest, plain), from->err);
		if (rc < 0)
			return rc;
		skip(from, plain);
		if (next(from) != '\\')
			break;
		rc = read_escape(from, bytes);
	}
	if (rc < 0)
		return rc;
	return expect(from, '"',
	    "a string does not go on or end like this: it is UTF-8 with "
	    "control characters escaped");
}

static irmin_rc read_bytes(struct reader *from, irmin_value **value)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_rc rc = read_string(from, &bytes);

	if (rc >= 0)
		rc = irmin_value_of_bytes(irmin_buf_slice(&bytes), value,
		    from->err);
	irmin_buf_clear(&bytes);
	return rc;
}

/* ---- numbers and words ---- */

static irmin_rc read_word(struct reader *from, irmin_value **value)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	int64_t number = 0;
	int is_whole;
	irmin_slice word;
	irmin_rc rc;

	word = irmin__slice_until(from->rest,
	    irmin__json_word(from->rest, &is_whole));
	if (word.len == 0)
		return wrong(from, IRMIN_EINVAL,
		    "a value should be here, with no space before it");
	if (is_whole &&
	    irmin__decimal_decode_int(word.data, word.len, &number) != 0)
		return wrong(from, IRMIN_EINVAL,
		    "a number of 64 bits should be here");
	skip(from, word.len);
	if (is_whole)
		return irmin_value_of_int(number, value, from->err);
	rc = irmin_buf_append(&bytes, irmin_text(IRMIN__JSON_MARK), from->err);
	if (rc >= 0)
		rc = irmin_buf_append(&bytes, word, from->err);
	if (rc >= 0)
		rc = irmin_value_of_bytes(irmin_buf_slice(&bytes), value,
		    from->err);
	irmin_buf_clear(&bytes);
	return rc;
}

/* ---- arrays and objects ---- */

static irmin_rc add_item(struct reader *from, irmin__items *items)
{
	irmin_value *item = NULL;
	irmin_rc rc = read_value(from, &item);

	return rc < 0 ? rc : irmin__items_add(items, item, from->err);
}

static irmin_rc read_array(struct reader *from, irmin_value **value)
{
	irmin__items items = IRMIN__ITEMS_INIT;
	irmin_rc rc = IRMIN_OK;

	skip(from, 1);
	while (rc >= 0 && next(from) != ']') {
		if (items.values.len > 0)
			rc = expect(from, ',', "a comma or ] should be here");
		if (rc >= 0)
			rc = add_item(from, &items);
	}
	if (rc >= 0) {
		skip(from, 1);
		rc = irmin__items_list(&items, value, from->err);
	}
	irmin__items_clear(&items);
	return rc;
}

/* Names are found again when all are there, since `text` moves as it grows. */
struct object {
	irmin__items items;
	irmin_buf text;
	IRMIN__VEC(size_t) ends; /* of the names in it */
};

static irmin_slice name_at(const struct object *object, size_t i)
{
	size_t begin = i > 0 ? object->ends.items[i - 1] : 0;

	return irmin_bytes(object->text.data + begin,
	    object->ends.items[i] - begin);
}

static irmin_rc add_name(struct reader *from, struct object *object)
{
	size_t count = object->ends.len;
	struct reader begin = *from;
	irmin_rc rc = read_string(from, &object->text);

	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&object->ends, 1, from->err);
	if (rc < 0)
		return rc;
	IRMIN__VEC_PUSH(&object->ends, object->text.len);
	if (count > 0 &&
	    irmin_slice_compare(name_at(object, count - 1),
		name_at(object, count)) >= 0)
		return wrong(&begin, IRMIN_EINVAL, "names should be in order");
	return expect(from, ':', "a colon should be here");
}

static irmin_rc finish_object(struct reader *from, struct object *object,
    irmin_value **value)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	skip(from, 1);
	for (i = 0; rc >= 0 && i < object->ends.len; i++)
		rc = irmin__items_name(&object->items, name_at(object, i),
		    from->err);
	if (rc < 0)
		return rc;
	return irmin__items_record(&object->items, value, from->err);
}

static irmin_rc read_object(struct reader *from, irmin_value **value)
{
	struct object object = { IRMIN__ITEMS_INIT, IRMIN_BUF_INIT,
		{ NULL, 0, 0 } };
	irmin_rc rc = IRMIN_OK;

	skip(from, 1);
	while (rc >= 0 && next(from) != '}') {
		if (object.ends.len > 0)
			rc = expect(from, ',', "a comma or } should be here");
		if (rc >= 0)
			rc = add_name(from, &object);
		if (rc >= 0)
			rc = add_item(from, &object.items);
	}
	if (rc >= 0)
		rc = finish_object(from, &object, value);
	irmin__items_clear(&object.items);
	irmin_buf_clear(&object.text);
	IRMIN__VEC_CLEAR(&object.ends);
	return rc;
}

/* ---- all ---- */

static irmin_rc read_inside(struct reader *from, irmin_value **value)
{
	irmin_rc rc;

	if (from->depth == IRMIN__VALUE_DEPTH)
		return wrong(from, IRMIN_ELIMIT, "it is nested too deep");
	from->depth++;
	rc = next(from) == '[' ? read_array(from, value)
			       : read_object(from, value);
	from->depth--;
	return rc;
}

static irmin_rc read_value(struct reader *from, irmin_value **value)
{
	switch (next(from)) {
	case '[':
	case '{':
		return read_inside(from, value);
	case '"':
		return read_bytes(from, value);
	default:
		return read_word(from, value);
	}
}

irmin_rc irmin_value_decode_json(irmin_slice bytes, irmin_value **value,
    irmin_error *err)
{
	struct reader from = { bytes.data, bytes, 0, err };
	irmin_value *made = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	*value = NULL;
	if (!bytes.data) {
		from.rest = irmin_text("");
		from.text = from.rest.data;
	}
	rc = read_value(&from, &made);
	if (rc >= 0 && from.rest.len > 0)
		rc = wrong(&from, IRMIN_EINVAL, "the text should end here");
	if (rc >= 0)
		*value = made;
	else
		irmin_value_unref(made);
	return rc;
}
