#include "lib/merge/value-shape.h"

#include <stdlib.h>

#include <irmin/alloc.h>

/* ---- making ---- */

/* A shape with room for its parts and `extra` bytes; NULL without memory. */
static irmin_shape *new_shape(irmin__shape_kind kind, size_t count,
    size_t extra)
{
	irmin_shape *shape = NULL;
	size_t room;

	if (count < SIZE_MAX / 2 / sizeof *shape->parts &&
	    extra < SIZE_MAX / 4) {
		room = sizeof *shape + count * sizeof *shape->parts + extra;
		shape = irmin_calloc(1, room);
	}
	if (!shape)
		return NULL;
	atomic_init(&shape->refs, 1);
	shape->kind = kind;
	shape->count = count;
	return shape;
}

/* A shape with one part, which it consumes. */
static irmin_shape *new_shape_of(irmin__shape_kind kind, irmin_shape *part)
{
	irmin_shape *shape = part ? new_shape(kind, 1, 0) : NULL;

	if (shape)
		shape->parts[0].shape = part;
	else
		irmin_shape_unref(part);
	return shape;
}

irmin_shape *irmin_shape_bytes(void)
{
	return new_shape(IRMIN__SHAPE_BYTES, 0, 0);
}

irmin_shape *irmin_shape_int(void)
{
	return new_shape(IRMIN__SHAPE_INT, 0, 0);
}

irmin_shape *irmin_shape_list(irmin_shape *item)
{
	return new_shape_of(IRMIN__SHAPE_LIST, item);
}

irmin_shape *irmin_shape_set(irmin_shape *item)
{
	return new_shape_of(IRMIN__SHAPE_SET, item);
}

irmin_shape *irmin_shape_map(irmin_shape *value)
{
	return new_shape_of(IRMIN__SHAPE_MAP, value);
}

irmin_shape *irmin_shape_counter(void)
{
	return new_shape(IRMIN__SHAPE_COUNTER, 0, 0);
}

irmin_shape *irmin_shape_multiset(void)
{
	return new_shape(IRMIN__SHAPE_MULTISET, 0, 0);
}

irmin_shape *irmin_shape_log(void)
{
	return new_shape(IRMIN__SHAPE_LOG, 0, 0);
}

irmin_shape *irmin_shape_lww(irmin_shape *value)
{
	return new_shape_of(IRMIN__SHAPE_LWW, value);
}

irmin_shape *irmin_shape_tuple(irmin_shape *const *items, size_t count)
{
	irmin_shape *shape = new_shape(IRMIN__SHAPE_TUPLE, count, 0);
	int whole = shape != NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		whole = whole && items[i];
		if (shape)
			shape->parts[i].shape = items[i];
		else
			irmin_shape_unref(items[i]);
	}
	if (whole)
		return shape;
	irmin_shape_unref(shape);
	return NULL;
}

/* ---- records ---- */

static int compare_parts(const void *a, const void *b)
{
	const irmin__shape_part *left = a, *right = b;

	return irmin_slice_compare(left->name, right->name);
}

/* Sorts the fields; 0 if a name is there twice or a shape is not there. */
static int settle_record(irmin_shape *shape)
{
	irmin__shape_part *parts = shape->parts;
	size_t i;

	if (shape->count)
		qsort(parts, shape->count, sizeof *parts, compare_parts);
	for (i = 0; i < shape->count; i++)
		if (!parts[i].shape ||
		    (i > 0 && compare_parts(&parts[i - 1], &parts[i]) == 0))
			return 0;
	return 1;
}

irmin_shape *irmin_shape_record(const irmin_shape_field *fields, size_t count)
{
	irmin_shape *shape;
	size_t i, extra = 0;
	char *text;

	for (i = 0; i < count; i++)
		extra += strlen(fields[i].name) + 1;
	shape = new_shape(IRMIN__SHAPE_RECORD, count, extra);
	text = shape ? (char *)(shape->parts + count) : NULL;
	for (i = 0; i < count; i++) {
		size_t length = strlen(fields[i].name);

		if (!shape) {
			irmin_shape_unref(fields[i].shape);
			continue;
		}
		shape->parts[i].name = irmin_bytes(text, length);
		shape->parts[i].shape = fields[i].shape;
		memcpy(text, fields[i].name, length + 1);
		text += length + 1;
	}
	if (shape && settle_record(shape))
		return shape;
	irmin_shape_unref(shape);
	return NULL;
}

const irmin__shape_part *irmin__shape_part_of(const irmin_shape *record,
    irmin_slice name)
{
	irmin__shape_part wanted = { name, NULL };

	if (!record->count)
		return NULL;
	return bsearch(&wanted, record->parts, record->count,
	    sizeof *record->parts, compare_parts);
}

const irmin_shape *irmin__shape_field(const irmin_shape *shape,
    irmin_slice name)
{
	const irmin__shape_part *found;

	if (shape->kind == IRMIN__SHAPE_MAP)
		return shape->parts[0].shape;
	found = irmin__shape_part_of(shape, name);
	return found ? found->shape : NULL;
}

/* ---- counting ---- */

irmin_shape *irmin_shape_ref(irmin_shape *shape)
{
	if (shape)
		irmin__count_up(&shape->refs);
	return shape;
}

void irmin_shape_unref(irmin_shape *shape)
{
	size_t i;

	if (!shape || !irmin__count_down(&shape->refs))
		return;
	for (i = 0; i < shape->count; i++)
		irmin_shape_unref(shape->parts[i].shape);
	irmin_free(shape);
}
