/* lib/merge/value-shape.h: the inside of shapes, for the codec. A shape is data: what
 * is done with each kind stands in value-encode.c and value-decode.c. */
#ifndef IRMIN_MERGE_VALUE_SHAPE_H
#define IRMIN_MERGE_VALUE_SHAPE_H

#include "lib/core/base/count.h"
#include <irmin/value.h>

typedef enum irmin__shape_kind {
	IRMIN__SHAPE_BYTES,
	IRMIN__SHAPE_INT,
	IRMIN__SHAPE_LIST,
	IRMIN__SHAPE_SET,
	IRMIN__SHAPE_TUPLE,
	IRMIN__SHAPE_MAP,
	IRMIN__SHAPE_RECORD,
	IRMIN__SHAPE_COUNTER,
	IRMIN__SHAPE_MULTISET,
	IRMIN__SHAPE_LOG,
	IRMIN__SHAPE_LWW
} irmin__shape_kind;

typedef struct irmin__shape_part {
	irmin_slice name; /* of a record's field; NUL-terminated */
	irmin_shape *shape;
} irmin__shape_part;

struct irmin_shape {
	atomic_size_t refs;
	irmin__shape_kind kind;
	size_t count; /* of parts */
	irmin__shape_part
	    parts[]; /* of a record sorted by name, names behind */
};

/* Whether its values are written as one line that stands in another as it is. */
static inline int irmin__shape_is_line(const irmin_shape *shape)
{
	return shape->kind == IRMIN__SHAPE_BYTES ||
	    shape->kind == IRMIN__SHAPE_INT;
}

/* The shape of what has this name in a map or record; NULL if it has no such
 * field. */
const irmin_shape *irmin__shape_field(const irmin_shape *shape,
    irmin_slice name);

/* The part of a record that has this name; NULL if there is none. */
const irmin__shape_part *irmin__shape_part_of(const irmin_shape *record,
    irmin_slice name);

#endif
