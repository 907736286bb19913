/* irmin/value.h: what merge functions work on, and how it is written.
 *
 * Audience: authors of merges and contents types.
 * Shape: a value is bytes, a 64-bit number, a list of values, or a record
 *   (names and values, in order). Immutable and counted.
 *   A shape says how values of one kind are written by the codec "irmin": one
 *   canonical form, line based, readable in `git show`. JSON is the second
 *   codec. Only the canonical form decodes.
 * Owner: value constructors take their own reference to what they are given.
 *   Shape constructors CONSUME the shapes they are given, also when they fail;
 *   NULL in gives NULL out, and who takes a NULL shape in the end reports it as
 *   ENOMEM. To use one twice: irmin_shape_ref.
 * Threads: any.
 * Source: Irmin's Type. Since 0.1.
 */
#ifndef IRMIN_VALUE_H
#define IRMIN_VALUE_H

#include <irmin/bytes.h>

IRMIN_C_BEGIN

typedef struct irmin_value irmin_value;
typedef struct irmin_shape irmin_shape;

typedef enum irmin_value_kind {
	IRMIN_VALUE_BYTES = 1,
	IRMIN_VALUE_INT = 2,
	IRMIN_VALUE_LIST = 3,
	IRMIN_VALUE_RECORD = 4
} irmin_value_kind;

/* ---- making ---- */

/* A copy of bytes. Fails: ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_of_bytes(irmin_slice bytes,
    irmin_value **value, irmin_error *err);

/* A number. Fails: ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_of_int(int64_t number, irmin_value **value,
    irmin_error *err);

/* A list. Fails: ENOMEM, ELIMIT (lists in lists, more than 100 deep). Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_value_of_list(irmin_value *const *items,
    size_t count, irmin_value **value, irmin_error *err);

/* A set: the list of the items in their order (irmin_value_compare), none twice.
 * Fails: as a list. Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_of_set(irmin_value *const *items,
    size_t count, irmin_value **value, irmin_error *err);

/* A record, in the order given. Fails: EINVAL (a name twice), ENOMEM, ELIMIT (as
 * a list). Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_of_record(const irmin_slice *names,
    irmin_value *const *items, size_t count, irmin_value **value,
    irmin_error *err);

/* Takes another reference and returns `value`. Since 0.1. */
IRMIN_API irmin_value *irmin_value_ref(irmin_value *value);

/* Gives a reference back; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_value_unref(irmin_value *value);

/* ---- looking ---- */

/* What it is. Since 0.1. */
IRMIN_API irmin_value_kind irmin_value_what(const irmin_value *value);

/* The bytes; empty if it is something else. Lives as long as the value. Since
 * 0.1. */
IRMIN_API irmin_slice irmin_value_bytes(const irmin_value *value);

/* The number; 0 if it is something else. Since 0.1. */
IRMIN_API int64_t irmin_value_int(const irmin_value *value);

/* The number of items of a list or record; else 0. Since 0.1. */
IRMIN_API size_t irmin_value_length(const irmin_value *value);

/* Item `i` of a list or record, borrowed; NULL if there is none. Since 0.1. */
IRMIN_API irmin_value *irmin_value_item(const irmin_value *value, size_t i);

/* Name `i` of a record; empty if there is none. Since 0.1. */
IRMIN_API irmin_slice irmin_value_name(const irmin_value *value, size_t i);

/* The item of this name, borrowed; NULL if there is none. Cost: the names are
 * sorted once, when the record is made. Since 0.1. */
IRMIN_API irmin_value *irmin_value_field(const irmin_value *value,
    irmin_slice name);

/* Order: kind, then content; the items of a list in turn, those of a record by
 * name, each name before its item: in which order a record was made makes no
 * difference. <0, 0, >0. Since 0.1. */
IRMIN_API int irmin_value_compare(const irmin_value *a, const irmin_value *b);

/* ---- shapes: how values are written ----
 *
 * Bytes, numbers, counters and last-writer-wins values are written without a
 * newline; the others are lines, each of which ends with one.
 * Bytes are escaped so that they stand in one line: \n \r \t \\, and \xhh for
 * other control characters and what is not UTF-8. Inside another shape, bytes and
 * numbers stand as they are, and the text of any other shape is escaped in turn.
 * docs/formats/values.md shows each. */

/* Bytes: one line. Since 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_bytes(void);
/* A number in decimal. Since 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_int(void);
/* A list: a line for each item. Since 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_list(irmin_shape *item);
/* A list that is a set (irmin_value_of_set): as a list. Since 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_set(irmin_shape *item);
/* A list of as many items, a line for each. Since 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_tuple(irmin_shape *const *items,
    size_t count);
/* A record of any names: lines "name<TAB>value", sorted by name. Since 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_map(irmin_shape *value);

/* One field of a record. */
typedef struct irmin_shape_field {
	const char *name;
	irmin_shape *shape; /* consumed by what takes the field */
} irmin_shape_field;

/* A record of these names, each of which may be absent, written as a map; NULL
 * also for a name that is there twice. Since 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_record(const irmin_shape_field *fields,
    size_t count);
/* The list (number, nonce): "N<TAB>nonce". The nonce is a number, written as 16
 * hexadecimal digits. Equal edits made twice differ by their nonces, so a merge
 * takes them for two. Since 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_counter(void);
/* The list (nonce, record of elements and their counts): a line "nonce", as that
 * of a counter, then lines "count<TAB>element", sorted by element; no count is 0.
 * Since 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_multiset(void);
/* A set of lists (microseconds since 1970, id, entry), the latter two bytes:
 * lines "time<TAB>id<TAB>entry", sorted by time, then id, then entry. Since
 * 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_log(void);
/* The list (microseconds since 1970, value): "time<TAB>value". Since 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_lww(irmin_shape *value);

/* Takes another reference and returns `shape`; NULL stays NULL. Since 0.1. */
IRMIN_CALL irmin_shape *irmin_shape_ref(irmin_shape *shape);

/* Gives a reference back; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_shape_unref(irmin_shape *shape);

/* ---- codecs ---- */

/* Appends the canonical form of a value. Fails: EINVAL (it is not of that shape;
 * where), ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_encode(const irmin_value *value,
    const irmin_shape *shape, irmin_buf *bytes, irmin_error *err);

/* The value with this canonical form. Fails: EINVAL (anything else, with the
 * offset), ELIMIT (nested too deep), ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_decode(irmin_slice bytes,
    const irmin_shape *shape, irmin_value **value, irmin_error *err);

/* The same as JSON, in one form: names sorted, no space, exact 64-bit integers. A
 * string is bytes, an array a list, an object a record; true, false, null and
 * numbers with a fraction or exponent, for which values have no kind, are bytes
 * that begin with 0xFF (which is never part of a string), then JSON's word, as it
 * is written. Fail: EINVAL (decoding: with the offset), ELIMIT (nested more than
 * 100 deep), ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_encode_json(const irmin_value *value,
    irmin_buf *bytes, irmin_error *err);
IRMIN_CALL irmin_rc irmin_value_decode_json(irmin_slice bytes,
    irmin_value **value, irmin_error *err);

/* ---- one step on: what programs do to counters and the like ----
 *
 * `old` may be NULL: there was none. Nonces and ids are random, times are now.
 * Fail: EINVAL (`old` is not of that shape), ENOMEM, EIO (no randomness). */

/* A counter with `delta` added. Fails: ELIMIT (overflow). Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_counter_add(const irmin_value *old,
    int64_t delta, irmin_value **value, irmin_error *err);

/* A multiset with `delta` more of an element; with none left it is gone. Fails:
 * ELIMIT (overflow). Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_multiset_add(const irmin_value *old,
    irmin_slice element, int64_t delta, irmin_value **value,
    irmin_error *err);

/* A log with an entry more, which is later than its last one. Fails: ELIMIT (no
 * time is). Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_log_append(const irmin_value *old,
    irmin_slice entry, irmin_value **value, irmin_error *err);

/* A last-writer-wins value that is later than `old`. Fails: ELIMIT (no time is).
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_lww_set(const irmin_value *old,
    irmin_value *item, irmin_value **value, irmin_error *err);

/* A set with an element, or without it. Answer: OK; UNCHANGED (so it was: `value`
 * is `old`, or an empty set). Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_set_add(irmin_value *old,
    irmin_value *element, irmin_value **value, irmin_error *err);
IRMIN_CALL irmin_rc irmin_value_set_remove(irmin_value *old,
    irmin_value *element, irmin_value **value, irmin_error *err);

IRMIN_C_END

#endif
