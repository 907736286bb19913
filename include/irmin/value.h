/* irmin/value.h: what merge functions work on.
 *
 * Audience: authors of merges and contents types.
 * Shape: bytes, a 64-bit number, a list of values, or a record (names and
 *   values, in order). Immutable and counted. The codec "irmin" writes a value
 *   in one canonical form, line based and readable in `git show`; "json" is the
 *   second codec. Only the canonical form decodes.
 * Owner: constructors take their own reference to what they are given.
 * Threads: any.
 * Source: Irmin's Type. Since 0.1.
 */
#ifndef IRMIN_VALUE_H
#define IRMIN_VALUE_H

#include <irmin/bytes.h>

IRMIN_C_BEGIN

typedef struct irmin_value irmin_value;

typedef enum irmin_value_kind {
	IRMIN_VALUE_BYTES = 1,
	IRMIN_VALUE_INT = 2,
	IRMIN_VALUE_LIST = 3,
	IRMIN_VALUE_RECORD = 4
} irmin_value_kind;

/* A copy of bytes. Fails: ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_of_bytes(irmin_slice bytes,
    irmin_value **value, irmin_error *err);

/* A number. Fails: ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_of_int(int64_t number, irmin_value **value,
    irmin_error *err);

/* A list. Fails: ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_value_of_list(irmin_value *const *items,
    size_t count, irmin_value **value, irmin_error *err);

/* A record, in the order given. Fails: EINVAL (a name twice), ENOMEM. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_value_of_record(const irmin_slice *names,
    irmin_value *const *items, size_t count, irmin_value **value,
    irmin_error *err);

/* Takes another reference and returns `value`. Since 0.1. */
IRMIN_API irmin_value *irmin_value_ref(irmin_value *value);

/* Gives a reference back; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_value_unref(irmin_value *value);

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

/* The item of this name, borrowed; NULL if there is none. Since 0.1. */
IRMIN_API irmin_value *irmin_value_field(const irmin_value *value,
    const char *name);

/* Order: kind, then content; items in order. <0, 0, >0. Since 0.1. */
IRMIN_API int irmin_value_compare(const irmin_value *a, const irmin_value *b);

IRMIN_C_END

#endif
