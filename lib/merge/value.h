/* lib/merge/value.h: the inside of values, for this room.
 *
 * What lives in lib/merge: what two sides become: values and their codecs, merge
 * functions and their combinators, contents types and rules, and on top of them
 * the merging of trees, commits and stores. It needs lib/core/store; nothing in
 * there calls it but through merger.h.
 */
#ifndef IRMIN_MERGE_VALUE_H
#define IRMIN_MERGE_VALUE_H

#include "lib/core/base/count.h"
#include <irmin/value.h>

/* How deep values are nested: deeper ones cannot be made, so whoever walks a
 * value may call itself. */
#define IRMIN__VALUE_DEPTH 100

struct irmin_value {
	atomic_size_t refs;
	uint8_t kind;  /* irmin_value_kind */
	uint8_t depth; /* 0: no items */
	int64_t number;
	size_t len;           /* bytes, or items */
	irmin_value **items;  /* of a list or record */
	irmin_slice *names;   /* of a record; each NUL-terminated */
	uint32_t *sorted;     /* of a record: its items by name */
	unsigned char room[]; /* what the pointers above lie in, or the bytes */
};

/* Whether both are the same; NULL is an absent value. */
int irmin__value_same(const irmin_value *a, const irmin_value *b);

/* Whether it is a list of so many items, of these kinds; 0 is any. */
int irmin__value_is_list_of(const irmin_value *value, size_t count,
    const irmin_value_kind *kinds);

/* Whether it is a list of items in order, none twice. */
int irmin__value_is_set(const irmin_value *value);

#endif
