#include "lib/merge/value-json.h"

#include "lib/core/base/decimal.h"
#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/text.h"
#include "lib/core/base/utf8.h"
#include "lib/merge/value.h"

/* ---- what JSON is made of ---- */

static size_t count_digits(irmin_slice text, size_t from)
{
	const char *bytes = text.data;
	size_t at = from;

	while (at < text.len && bytes[at] >= '0' && bytes[at] <= '9')
		at++;
	return at - from;
}

static int is_at(irmin_slice text, size_t at, const char *bytes)
{
	return at < text.len && strchr(bytes, ((const char *)text.data)[at]) &&
	    ((const char *)text.data)[at];
}

/* How many bytes the fraction at a place has, and the exponent; 0: there is
 * none, or no digits in it. */
static size_t fraction_length(irmin_slice text, size_t at)
{
	size_t digits = is_at(text, at, ".") ? count_digits(text, at + 1) : 0;

	return digits ? 1 + digits : 0;
}

static size_t exponent_length(irmin_slice text, size_t at)
{
	size_t sign, digits;

	if (!is_at(text, at, "eE"))
		return 0;
	sign = (size_t)is_at(text, at + 1, "+-");
	digits = count_digits(text, at + 1 + sign);
	return digits ? 1 + sign + digits : 0;
}

static size_t number_length(irmin_slice text, int *is_whole)
{
	size_t length = (size_t)is_at(text, 0, "-");
	size_t digits = count_digits(text, length), more;

	if (digits == 0 || (digits > 1 && is_at(text, length, "0")))
		return 0;
	length += digits;
	more = fraction_length(text, length);
	more += exponent_length(text, length + more);
	*is_whole = more == 0;
	return length + more;
}

size_t irmin__json_word(irmin_slice text, int *is_whole)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i;

	*is_whole = 0;
	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (irmin__slice_begins(text, words[i]))
			return strlen(words[i]);
	return number_length(text, is_whole);
}

size_t irmin__json_plain(irmin_slice text)
{
	const unsigned char *bytes = text.data;
	size_t at = 0, length = 1;

	while (at < text.len && length > 0 && bytes[at] >= 0x20 &&
	    bytes[at] != '"' && bytes[at] != '\\') {
		length = irmin__utf8_length(bytes + at, text.len - at);
		at += length;
	}
	return at;
}

/* ---- writing ---- */

static irmin_rc write_value(const irmin_value *value, irmin_buf *out,
    irmin_error *err);

static irmin_rc misfit(irmin_error *err, const char *what)
{
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "cannot encode a value as JSON: %s", what);
}

static irmin_rc put(irmin_buf *out, const char *text, irmin_error *err)
{
	return irmin_buf_append(out, irmin_text(text), err);
}

static irmin_rc put_escape(irmin_buf *out, unsigned char byte, irmin_error *err)
{
	const char *known = byte ? strchr(IRMIN__JSON_ESCAPED, byte) : NULL;
	char text[] = "\\u0000";

	if (known) {
		text[1] = IRMIN__JSON_LETTERS[known - IRMIN__JSON_ESCAPED];
		text[2] = '\0';
	} else {
		irmin__hex_encode(&byte, 1, text + 4);
	}
	return put(out, text, err);
}

static irmin_rc write_string(irmin_slice text, irmin_buf *out, irmin_error *err)
{
	irmin_rc rc = put(out, "\"", err);

	while (rc >= 0 && text.len > 0) {
		size_t plain = irmin__json_plain(text);
		unsigned char byte;

		rc = irmin_buf_append(out, irmin__slice_until(text, plain),
		    err);
		text = irmin__slice_from(text, plain);
		if (rc < 0 || text.len == 0)
			break;
		byte = *(const unsigned char *)text.data;
		if (byte >= 0x80)
			return misfit(err, "bytes that are not UTF-8");
		rc = put_escape(out, byte, err);
		text = irmin__slice_from(text, 1);
	}
	return rc < 0 ? rc : put(out, "\"", err);
}

static irmin_rc write_bytes(irmin_slice bytes, irmin_buf *out, irmin_error *err)
{
	irmin_slice word;
	int is_whole;

	if (!irmin__slice_begins(bytes, IRMIN__JSON_MARK))
		return write_string(bytes, out, err);
	word = irmin__slice_from(bytes, strlen(IRMIN__JSON_MARK));
	if (word.len == 0 || irmin__json_word(word, &is_whole) != word.len ||
	    is_whole)
		return misfit(err, "bytes that are not UTF-8 and no word");
	return irmin_buf_append(out, word, err);
}

static irmin_rc write_int(int64_t number, irmin_buf *out, irmin_error *err)
{
	char digits[IRMIN__DECIMAL_BYTES];
	size_t length = irmin__decimal_encode_int(number, digits);

	return irmin_buf_append(out, irmin_bytes(digits, length), err);
}

static irmin_rc write_array(const irmin_value *list, irmin_buf *out,
    irmin_error *err)
{
	irmin_rc rc = put(out, "[", err);
	size_t i;

	for (i = 0; rc >= 0 && i < list->len; i++) {
		if (i > 0)
			rc = put(out, ",", err);
		if (rc >= 0)
			rc = write_value(list->items[i], out, err);
	}
	return rc < 0 ? rc : put(out, "]", err);
}

static irmin_rc write_object(const irmin_value *record, irmin_buf *out,
    irmin_error *err)
{
	irmin_rc rc = put(out, "{", err);
	size_t i;

	for (i = 0; rc >= 0 && i < record->len; i++) {
		size_t item = record->sorted[i];

		if (i > 0)
			rc = put(out, ",", err);
		if (rc >= 0)
			rc = write_string(record->names[item], out, err);
		if (rc >= 0)
			rc = put(out, ":", err);
		if (rc >= 0)
			rc = write_value(record->items[item], out, err);
	}
	return rc < 0 ? rc : put(out, "}", err);
}

static irmin_rc write_value(const irmin_value *value, irmin_buf *out,
    irmin_error *err)
{
	switch (irmin_value_what(value)) {
	case IRMIN_VALUE_BYTES:
		return write_bytes(irmin_value_bytes(value), out, err);
	case IRMIN_VALUE_INT:
		return write_int(value->number, out, err);
	case IRMIN_VALUE_LIST:
		return write_array(value, out, err);
	case IRMIN_VALUE_RECORD:
		break;
	}
	return write_object(value, out, err);
}

irmin_rc irmin_value_encode_json(const irmin_value *value, irmin_buf *bytes,
    irmin_error *err)
{
	size_t before = bytes->len;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = write_value(value, bytes, err);
	if (rc < 0)
		irmin__buf_cut(bytes, before);
	return rc;
}
