/* Values out of their canonical form, which value-encode.c draws. Nothing else
 * is taken: each kind checks what its encoder would have written otherwise, so
 * that the value found has exactly these bytes as its form. */
#include "lib/core/base/big-endian.h"
#include "lib/core/base/decimal.h"
#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"
#include "lib/core/base/slice.h"
#include "lib/merge/value-items.h"
#include "lib/merge/value-line.h"
#include "lib/merge/value-shape.h"
#include "lib/merge/value.h"

#define NONCE_DIGITS 16

/* What is wrong is said once, by whoever sees it. Where, is said as a place in
 * the text of the moment: an inner one is a copy, and read_part finds the place
 * in the text that holds it.
 *
 * The reader calls itself for what is inside, and no deeper than the length of
 * the text has binary digits: each level escapes what ends or parts the lines of
 * the next. */
struct reader {
	const char *why;
	const char *where;
	irmin_error *err; /* for what is not wrong with the text */
};

static irmin_rc decode(struct reader *from, const irmin_shape *shape,
    irmin_slice text, irmin_value **value);

static irmin_rc wrong(struct reader *from, const void *where, const char *why)
{
	from->where = where;
	from->why = why;
	return IRMIN_EINVAL;
}

/* ---- pieces ---- */

/* Cuts off what stands before a byte, and the byte. */
static irmin_rc cut(struct reader *from, irmin_slice *rest, char byte,
    irmin_slice *before, const char *why)
{
	size_t length = irmin__slice_find(*rest, byte);

	if (length == rest->len)
		return wrong(from, (const char *)rest->data + length, why);
	*before = irmin__slice_until(*rest, length);
	*rest = irmin__slice_from(*rest, length + 1);
	return IRMIN_OK;
}

static irmin_rc read_bytes(struct reader *from, irmin_slice line,
    irmin_buf *bytes)
{
	size_t bad = 0;
	irmin_rc rc = irmin__line_unescape(line, bytes, &bad, from->err);

	if (rc == IRMIN_EINVAL)
		return wrong(from, (const char *)line.data + bad,
		    "this is not how bytes are escaped");
	return rc;
}

static irmin_rc read_number(struct reader *from, irmin_slice line,
    int64_t *number)
{
	if (irmin__decimal_decode_int(line.data, line.len, number) == 0)
		return IRMIN_OK;
	return wrong(from, line.data,
	    "a 64-bit number in decimal should be here");
}

static irmin_rc read_nonce(struct reader *from, irmin_slice line,
    int64_t *nonce)
{
	unsigned char bytes[NONCE_DIGITS / 2];
	char digits[NONCE_DIGITS + 1];

	if (line.len == NONCE_DIGITS &&
	    irmin__hex_decode(line.data, sizeof bytes, bytes) == 0) {
		irmin__hex_encode(bytes, sizeof bytes, digits);
		*nonce = (int64_t)irmin__be64(bytes);
		if (memcmp(digits, line.data, NONCE_DIGITS) == 0)
			return IRMIN_OK;
	}
	return wrong(from, line.data,
	    "a nonce of 16 lower-case hexadecimal digits should be here");
}

/* A value inside another one. */
static irmin_rc read_part(struct reader *from, const irmin_shape *shape,
    irmin_slice line, irmin_value **value)
{
	irmin_buf form = IRMIN_BUF_INIT;
	irmin_rc rc;

	if (irmin__shape_is_line(shape))
		return decode(from, shape, line, value);
	rc = read_bytes(from, line, &form);
	if (rc >= 0) {
		irmin_slice text = irmin_buf_slice(&form);

		rc = decode(from, shape, text, value);
		if (rc == IRMIN_EINVAL) {
			text.len = (size_t)(from->where -
			    (const char *)text.data);
			from->where = (const char *)line.data +
			    irmin__line_length(text);
		}
	}
	irmin_buf_clear(&form);
	return rc;
}

/* ---- the items of what is being read ---- */

struct items {
	irmin__items all;
	irmin_buf text;  /* what the names lie in */
	size_t text_max; /* what they come to at most */
};

#define ITEMS_INIT(text_max)                                                   \
	{                                                                      \
		IRMIN__ITEMS_INIT, IRMIN_BUF_INIT, (text_max)                  \
	}

static void clear_items(struct items *items)
{
	irmin__items_clear(&items->all);
	irmin_buf_clear(&items->text);
}

static irmin_rc add_part(struct reader *from, struct items *items,
    const irmin_shape *shape, irmin_slice line)
{
	irmin_value *item = NULL;
	irmin_rc rc = read_part(from, shape, line, &item);

	return rc < 0 ? rc : irmin__items_add(&items->all, item, from->err);
}

static irmin_rc add_int(struct reader *from, struct items *items,
    int64_t number)
{
	irmin_value *item = NULL;
	irmin_rc rc = irmin_value_of_int(number, &item, from->err);

	return rc < 0 ? rc : irmin__items_add(&items->all, item, from->err);
}

static irmin_rc add_number(struct reader *from, struct items *items,
    irmin_slice line)
{
	int64_t number = 0;
	irmin_rc rc = read_number(from, line, &number);

	return rc < 0 ? rc : add_int(from, items, number);
}

static irmin_rc add_nonce(struct reader *from, struct items *items,
    irmin_slice line)
{
	int64_t nonce = 0;
	irmin_rc rc = read_nonce(from, line, &nonce);

	return rc < 0 ? rc : add_int(from, items, nonce);
}

static irmin_rc read_value_of_bytes(struct reader *from, irmin_slice line,
    irmin_value **value)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_rc rc;

	if (irmin__line_plain(line) == line.len)
		return irmin_value_of_bytes(line, value, from->err);
	rc = read_bytes(from, line, &bytes);
	if (rc >= 0)
		rc = irmin_value_of_bytes(irmin_buf_slice(&bytes), value,
		    from->err);
	irmin_buf_clear(&bytes);
	return rc;
}

static irmin_rc add_bytes(struct reader *from, struct items *items,
    irmin_slice line)
{
	irmin_value *item = NULL;
	irmin_rc rc = read_value_of_bytes(from, line, &item);

	return rc < 0 ? rc : irmin__items_add(&items->all, item, from->err);
}

/* Names come in order, none twice. `text` gets room for all of them, and then
 * stays where it is. */
static irmin_rc add_name(struct reader *from, struct items *items,
    irmin_slice line)
{
	size_t before = items->text.len, count = items->all.names.len;
	irmin_slice name;
	irmin_rc rc;

	rc = irmin_buf_reserve(&items->text, items->text_max - before,
	    from->err);
	if (rc >= 0)
		rc = read_bytes(from, line, &items->text);
	if (rc < 0)
		return rc;
	name = irmin__slice_from(irmin_buf_slice(&items->text), before);
	if (count > 0 &&
	    irmin_slice_compare(items->all.names.items[count - 1], name) >= 0)
		return wrong(from, line.data, "names should be in order");
	return irmin__items_name(&items->all, name, from->err);
}

/* Whether the last item comes behind the one before it. */
static irmin_rc check_order(struct reader *from, const struct items *items,
    irmin_slice line)
{
	size_t count = items->all.values.len;

	if (count > 1 &&
	    irmin_value_compare(items->all.values.items[count - 2],
		items->all.values.items[count - 1]) >= 0)
		return wrong(from, line.data, "lines should be in order");
	return IRMIN_OK;
}

typedef irmin_rc (*finish_fn)(const irmin__items *items, irmin_value **value,
    irmin_error *err);

/* ---- lines ---- */

typedef irmin_rc (*line_fn)(struct reader *from, const irmin_shape *shape,
    irmin_slice line, struct items *items);

static irmin_rc read_lines(struct reader *from, const irmin_shape *shape,
    irmin_slice text, line_fn read_line, finish_fn finish, irmin_value **value)
{
	struct items items = ITEMS_INIT(text.len);
	irmin_rc rc = IRMIN_OK;
	irmin_slice line;

	while (rc >= 0 && text.len > 0) {
		rc = cut(from, &text, '\n', &line, "a line does not end");
		if (rc >= 0)
			rc = read_line(from, shape, line, &items);
	}
	if (rc >= 0)
		rc = finish(&items.all, value, from->err);
	clear_items(&items);
	return rc;
}

static irmin_rc read_list_line(struct reader *from, const irmin_shape *shape,
    irmin_slice line, struct items *items)
{
	return add_part(from, items, shape->parts[0].shape, line);
}

static irmin_rc read_set_line(struct reader *from, const irmin_shape *shape,
    irmin_slice line, struct items *items)
{
	irmin_rc rc = read_list_line(from, shape, line, items);

	return rc < 0 ? rc : check_order(from, items, line);
}

static irmin_rc read_tuple_line(struct reader *from, const irmin_shape *shape,
    irmin_slice line, struct items *items)
{
	size_t i = items->all.values.len;

	if (i == shape->count)
		return wrong(from, line.data, "a line too many");
	return add_part(from, items, shape->parts[i].shape, line);
}

static irmin_rc read_map_line(struct reader *from, const irmin_shape *shape,
    irmin_slice line, struct items *items)
{
	const irmin_shape *part;
	irmin_slice name;
	irmin_rc rc;

	rc = cut(from, &line, '\t', &name, "a tab behind a name is missing");
	if (rc >= 0)
		rc = add_name(from, items, name);
	if (rc < 0)
		return rc;
	part = irmin__shape_field(shape,
	    items->all.names.items[items->all.names.len - 1]);
	if (!part)
		return wrong(from, name.data, "there is no field of this name");
	return add_part(from, items, part, line);
}

static irmin_rc read_count_line(struct reader *from, const irmin_shape *shape,
    irmin_slice line, struct items *items)
{
	irmin_slice count;
	irmin_rc rc;

	(void)shape;
	rc = cut(from, &line, '\t', &count, "a tab behind a count is missing");
	if (rc >= 0)
		rc = add_number(from, items, count);
	if (rc < 0)
		return rc;
	if (irmin__slice_is(count, "0"))
		return wrong(from, count.data,
		    "what is there 0 times has no line");
	return add_name(from, items, line);
}

static irmin_rc read_entry(struct reader *from, const irmin_shape *shape,
    irmin_slice line, struct items *items)
{
	irmin_slice time, id;
	irmin_rc rc;

	(void)shape;
	rc = cut(from, &line, '\t', &time, "a tab behind a time is missing");
	if (rc >= 0)
		rc = cut(from, &line, '\t', &id,
		    "a tab behind an id is missing");
	if (rc >= 0)
		rc = add_number(from, items, time);
	if (rc >= 0)
		rc = add_bytes(from, items, id);
	return rc < 0 ? rc : add_bytes(from, items, line);
}

/* ---- lists of a few parts ---- */

static irmin_rc read_parts(struct reader *from, const irmin_shape *shape,
    irmin_slice text, line_fn read, irmin_value **value)
{
	struct items items = ITEMS_INIT(0);
	irmin_rc rc = read(from, shape, text, &items);

	if (rc >= 0)
		rc = irmin__items_list(&items.all, value, from->err);
	clear_items(&items);
	return rc;
}

static irmin_rc read_log_line(struct reader *from, const irmin_shape *shape,
    irmin_slice line, struct items *items)
{
	irmin_value *entry = NULL;
	irmin_rc rc = read_parts(from, shape, line, read_entry, &entry);

	if (rc >= 0)
		rc = irmin__items_add(&items->all, entry, from->err);
	return rc < 0 ? rc : check_order(from, items, line);
}

static irmin_rc read_counter(struct reader *from, const irmin_shape *shape,
    irmin_slice text, struct items *items)
{
	irmin_slice number;
	irmin_rc rc;

	(void)shape;
	rc = cut(from, &text, '\t', &number,
	    "a tab behind a number is missing");
	if (rc >= 0)
		rc = add_number(from, items, number);
	return rc < 0 ? rc : add_nonce(from, items, text);
}

static irmin_rc read_multiset(struct reader *from, const irmin_shape *shape,
    irmin_slice text, struct items *items)
{
	irmin_value *counts = NULL;
	irmin_slice nonce;
	irmin_rc rc = cut(from, &text, '\n', &nonce, "a line does not end");

	if (rc >= 0)
		rc = add_nonce(from, items, nonce);
	if (rc >= 0)
		rc = read_lines(from, shape, text, read_count_line,
		    irmin__items_record, &counts);
	return rc < 0 ? rc : irmin__items_add(&items->all, counts, from->err);
}

static irmin_rc read_lww(struct reader *from, const irmin_shape *shape,
    irmin_slice text, struct items *items)
{
	irmin_slice time;
	irmin_rc rc;

	rc = cut(from, &text, '\t', &time, "a tab behind a time is missing");
	if (rc >= 0)
		rc = add_number(from, items, time);
	if (rc < 0)
		return rc;
	return add_part(from, items, shape->parts[0].shape, text);
}

/* ---- all ---- */

static irmin_rc read_int(struct reader *from, irmin_slice text,
    irmin_value **value)
{
	int64_t number = 0;
	irmin_rc rc = read_number(from, text, &number);

	return rc < 0 ? rc : irmin_value_of_int(number, value, from->err);
}

static irmin_rc read_tuple(struct reader *from, const irmin_shape *shape,
    irmin_slice text, irmin_value **value)
{
	irmin_value *tuple = NULL;
	irmin_rc rc = read_lines(from, shape, text, read_tuple_line,
	    irmin__items_list, &tuple);

	if (rc >= 0 && tuple->len == shape->count) {
		*value = tuple;
		return rc;
	}
	irmin_value_unref(tuple);
	return rc < 0 ? rc
		      : wrong(from, (const char *)text.data + text.len,
			    "a line is missing");
}

static irmin_rc decode(struct reader *from, const irmin_shape *shape,
    irmin_slice text, irmin_value **value)
{
	switch (shape->kind) {
	case IRMIN__SHAPE_BYTES:
		return read_value_of_bytes(from, text, value);
	case IRMIN__SHAPE_INT:
		return read_int(from, text, value);
	case IRMIN__SHAPE_LIST:
		return read_lines(from, shape, text, read_list_line,
		    irmin__items_list, value);
	case IRMIN__SHAPE_SET:
		return read_lines(from, shape, text, read_set_line,
		    irmin__items_list, value);
	case IRMIN__SHAPE_TUPLE:
		return read_tuple(from, shape, text, value);
	case IRMIN__SHAPE_MAP:
	case IRMIN__SHAPE_RECORD:
		return read_lines(from, shape, text, read_map_line,
		    irmin__items_record, value);
	case IRMIN__SHAPE_COUNTER:
		return read_parts(from, shape, text, read_counter, value);
	case IRMIN__SHAPE_MULTISET:
		return read_parts(from, shape, text, read_multiset, value);
	case IRMIN__SHAPE_LOG:
		return read_lines(from, shape, text, read_log_line,
		    irmin__items_list, value);
	case IRMIN__SHAPE_LWW:
		break;
	}
	return read_parts(from, shape, text, read_lww, value);
}

irmin_rc irmin_value_decode(irmin_slice bytes, const irmin_shape *shape,
    irmin_value **value, irmin_error *err)
{
	struct reader from = { NULL, NULL, err };
	size_t offset;
	irmin_rc rc;

	irmin_error_clear(err);
	*value = NULL;
	if (!shape)
		return irmin__enomem(err);
	if (!bytes.data)
		bytes = irmin_text("");
	rc = decode(&from, shape, bytes, value);
	if (rc != IRMIN_EINVAL)
		return rc;
	offset = (size_t)(from.where - (const char *)bytes.data);
	return irmin__error_at(err, rc, NULL, offset,
	    "cannot decode a value: at byte %zu: %s", offset, from.why);
}
