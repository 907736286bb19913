/* The canonical form of a value, by its shape (tabs as ->, ends of lines as $):
 *
 *   bytes      one line, escaped (value-line.c)
 *   int        -12
 *   list, set, tuple
 *              item$ item$ ...
 *   map, record
 *              name->value$ name->value$ ...       by name
 *   counter    12->00c0ffee00c0ffee                the nonce in 16 digits
 *   multiset   00c0ffee00c0ffee$ 3->element$ ...   by element
 *   log        time->id->entry$ ...                by time, id and entry
 *   lww        time->value
 *
 * Names, ids, entries and elements are bytes. A part that is itself more than
 * bytes or a number is written as the escaped line of its own form. */
#include <stdio.h>

#include "lib/core/base/big-endian.h"
#include "lib/core/base/decimal.h"
#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"
#include "lib/core/base/text.h"
#include "lib/merge/value-line.h"
#include "lib/merge/value-shape.h"
#include "lib/merge/value.h"

/* Where in a value the writer is, for messages. */
struct place {
	const struct place *outer;
	irmin_slice name; /* of a record's item */
	size_t index;     /* of a list's, if there is no name */
};

struct writer {
	irmin_buf *text;
	irmin_error *err;
};

static irmin_rc encode(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value);

/* ---- what does not fit ---- */

/* Writes ".name[3]"; cuts what there is no room for. */
static size_t show_place(const struct place *at, char *out, size_t room)
{
	size_t used = at->outer ? show_place(at->outer, out, room) : 0;
	int length = 0;

	if (!at->outer || used >= room)
		return used;
	if (at->name.data)
		length = snprintf(out + used, room - used, ".%.*s",
		    (int)(at->name.len > 40 ? 40 : at->name.len),
		    (const char *)at->name.data);
	else
		length = snprintf(out + used, room - used, "[%zu]", at->index);
	return length < 0 ? used : used + (size_t)length;
}

static irmin_rc misfit(const struct writer *to, const struct place *at,
    const char *why)
{
	char place[200] = "";

	show_place(at, place, sizeof place);
	return irmin_error_set(to->err, IRMIN_EINVAL, NULL,
	    "cannot encode a value: %s is no %s", place[0] ? place : "it", why);
}

/* ---- pieces ---- */

static irmin_rc put(const struct writer *to, const char *text)
{
	return irmin_buf_append(to->text, irmin_text(text), to->err);
}

static irmin_rc put_number(const struct writer *to, int64_t number)
{
	char digits[IRMIN__DECIMAL_BYTES];
	size_t length = irmin__decimal_encode_int(number, digits);

	return irmin_buf_append(to->text, irmin_bytes(digits, length), to->err);
}

static irmin_rc put_nonce(const struct writer *to, int64_t nonce)
{
	unsigned char bytes[8];
	char digits[17];

	irmin__put_be64(bytes, (uint64_t)nonce);
	irmin__hex_encode(bytes, sizeof bytes, digits);
	return put(to, digits);
}

/* A value inside another one. */
static irmin_rc put_part(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	irmin_buf form = IRMIN_BUF_INIT;
	struct writer inner = { &form, to->err };
	irmin_rc rc;

	if (irmin__shape_is_line(shape))
		return encode(to, at, shape, value);
	rc = encode(&inner, at, shape, value);
	if (rc >= 0)
		rc = irmin__line_escape(irmin_buf_slice(&form), to->text,
		    to->err);
	irmin_buf_clear(&form);
	return rc;
}

/* ---- each kind ---- */

static irmin_rc encode_bytes(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	(void)shape;
	if (value->kind != IRMIN_VALUE_BYTES)
		return misfit(to, at, "bytes");
	return irmin__line_escape(irmin_value_bytes(value), to->text, to->err);
}

static irmin_rc encode_int(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	(void)shape;
	if (value->kind != IRMIN_VALUE_INT)
		return misfit(to, at, "number");
	return put_number(to, value->number);
}

/* Item i, which has this shape, as a line. */
static irmin_rc put_item(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value, size_t i)
{
	struct place here = { at, irmin_bytes(NULL, 0), i };
	irmin_rc rc = put_part(to, &here, shape, value->items[i]);

	return rc < 0 ? rc : put(to, "\n");
}

static irmin_rc encode_list(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	if (value->kind != IRMIN_VALUE_LIST)
		return misfit(to, at, "list");
	for (i = 0; rc >= 0 && i < value->len; i++)
		rc = put_item(to, at, shape->parts[0].shape, value, i);
	return rc;
}

static irmin_rc encode_set(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	if (!irmin__value_is_set(value))
		return misfit(to, at, "set: items in order, none twice");
	return encode_list(to, at, shape, value);
}

static irmin_rc encode_tuple(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	if (value->kind != IRMIN_VALUE_LIST || value->len != shape->count)
		return misfit(to, at, "list of as many items as its shape");
	for (i = 0; rc >= 0 && i < value->len; i++)
		rc = put_item(to, at, shape->parts[i].shape, value, i);
	return rc;
}

static irmin_rc encode_map(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	if (value->kind != IRMIN_VALUE_RECORD)
		return misfit(to, at, "record");
	for (i = 0; rc >= 0 && i < value->len; i++) {
		size_t item = value->sorted[i];
		struct place here = { at, value->names[item], 0 };
		const irmin_shape *part = irmin__shape_field(shape, here.name);

		if (!part)
			return misfit(to, &here, "field of its shape");
		rc = irmin__line_escape(here.name, to->text, to->err);
		if (rc >= 0)
			rc = put(to, "\t");
		if (rc >= 0)
			rc = put_part(to, &here, part, value->items[item]);
		if (rc >= 0)
			rc = put(to, "\n");
	}
	return rc;
}

static irmin_rc encode_counter(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	static const irmin_value_kind kinds[] = { IRMIN_VALUE_INT,
		IRMIN_VALUE_INT };
	irmin_rc rc;

	(void)shape;
	if (!irmin__value_is_list_of(value, 2, kinds))
		return misfit(to, at, "counter: a number and a nonce");
	rc = put_number(to, value->items[0]->number);
	if (rc >= 0)
		rc = put(to, "\t");
	return rc < 0 ? rc : put_nonce(to, value->items[1]->number);
}

static irmin_rc put_counts(const struct writer *to, const struct place *at,
    const irmin_value *counts)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < counts->len; i++) {
		size_t item = counts->sorted[i];
		const irmin_value *count = counts->items[item];
		struct place here = { at, counts->names[item], 0 };

		if (count->kind != IRMIN_VALUE_INT || count->number == 0)
			return misfit(to, &here, "count: a number but 0");
		rc = put_number(to, count->number);
		if (rc >= 0)
			rc = put(to, "\t");
		if (rc >= 0)
			rc = irmin__line_escape(here.name, to->text, to->err);
		if (rc >= 0)
			rc = put(to, "\n");
	}
	return rc;
}

static irmin_rc encode_multiset(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	static const irmin_value_kind kinds[] = { IRMIN_VALUE_INT,
		IRMIN_VALUE_RECORD };
	irmin_rc rc;

	(void)shape;
	if (!irmin__value_is_list_of(value, 2, kinds))
		return misfit(to, at, "multiset: a nonce and a record");
	rc = put_nonce(to, value->items[0]->number);
	if (rc >= 0)
		rc = put(to, "\n");
	return rc < 0 ? rc : put_counts(to, at, value->items[1]);
}

static irmin_rc put_entry(const struct writer *to, const irmin_value *entry)
{
	irmin_rc rc = put_number(to, entry->items[0]->number);
	size_t i;

	for (i = 1; rc >= 0 && i < 3; i++) {
		rc = put(to, "\t");
		if (rc >= 0)
			rc = irmin__line_escape(irmin_value_bytes(
						    entry->items[i]),
			    to->text, to->err);
	}
	return rc < 0 ? rc : put(to, "\n");
}

static irmin_rc encode_log(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	static const irmin_value_kind kinds[] = { IRMIN_VALUE_INT,
		IRMIN_VALUE_BYTES, IRMIN_VALUE_BYTES };
	irmin_rc rc = IRMIN_OK;
	size_t i;

	(void)shape;
	if (!irmin__value_is_set(value))
		return misfit(to, at, "log: entries in order, none twice");
	for (i = 0; rc >= 0 && i < value->len; i++) {
		struct place here = { at, irmin_bytes(NULL, 0), i };

		if (!irmin__value_is_list_of(value->items[i], 3, kinds))
			return misfit(to, &here, "entry: time, id, bytes");
		rc = put_entry(to, value->items[i]);
	}
	return rc;
}

static irmin_rc encode_lww(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	static const irmin_value_kind kinds[] = { IRMIN_VALUE_INT, 0 };
	struct place here = { at, irmin_bytes(NULL, 0), 1 };
	irmin_rc rc;

	if (!irmin__value_is_list_of(value, 2, kinds))
		return misfit(to, at, "list of a time and a value");
	rc = put_number(to, value->items[0]->number);
	if (rc >= 0)
		rc = put(to, "\t");
	if (rc < 0)
		return rc;
	return put_part(to, &here, shape->parts[0].shape, value->items[1]);
}

/* ---- all ---- */

typedef irmin_rc (*encode_fn)(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value);

static const encode_fn encoders[] = {
	[IRMIN__SHAPE_BYTES] = encode_bytes,
	[IRMIN__SHAPE_INT] = encode_int,
	[IRMIN__SHAPE_LIST] = encode_list,
	[IRMIN__SHAPE_SET] = encode_set,
	[IRMIN__SHAPE_TUPLE] = encode_tuple,
	[IRMIN__SHAPE_MAP] = encode_map,
	[IRMIN__SHAPE_RECORD] = encode_map,
	[IRMIN__SHAPE_COUNTER] = encode_counter,
	[IRMIN__SHAPE_MULTISET] = encode_multiset,
	[IRMIN__SHAPE_LOG] = encode_log,
	[IRMIN__SHAPE_LWW] = encode_lww,
};

static irmin_rc encode(const struct writer *to, const struct place *at,
    const irmin_shape *shape, const irmin_value *value)
{
	return encoders[shape->kind](to, at, shape, value);
}

irmin_rc irmin_value_encode(const irmin_value *value, const irmin_shape *shape,
    irmin_buf *bytes, irmin_error *err)
{
	struct writer to = { bytes, err };
	struct place top = { NULL, irmin_bytes(NULL, 0), 0 };
	size_t before = bytes->len;
	irmin_rc rc;

	irmin_error_clear(err);
	if (!shape)
		return irmin__enomem(err);
	rc = encode(&to, &top, shape, value);
	if (rc < 0)
		irmin__buf_cut(bytes, before);
	return rc;
}
