/* Pairs, triples and records: the default on the whole, then by component. */
#include "lib/core/base/error.h"
#include "lib/merge/merge.h"
#include "lib/merge/value-shape.h"
#include <irmin/alloc.h>

/* ---- lists of two and three ---- */

#define ITEMS_MAX 3

static irmin_rc check_items(const irmin_value *value, const char *whose,
    size_t count, irmin_error *err)
{
	if (irmin_value_what(value) == IRMIN_VALUE_LIST &&
	    irmin_value_length(value) == count)
		return IRMIN_OK;
	return irmin__merge_mismatch(whose,
	    count == 2 ? "a list of two" : "a list of three", err);
}

static irmin_rc merge_items(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin_value *items[ITEMS_MAX] = { NULL, NULL, NULL };
	irmin__promise_part part;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < merge->count; i++) {
		irmin__promise_of_item(&part, base, i, merge->count);
		rc = irmin__merge_run_value(merge->parts[i], &part.promise,
		    irmin_value_item(ours, i), irmin_value_item(theirs, i),
		    &items[i], err);
		irmin__promise_clear(&part.promise);
	}
	if (rc >= 0)
		rc = irmin_value_of_list(items, merge->count, result, err);
	for (i = 0; i < merge->count; i++)
		irmin_value_unref(items[i]);
	return rc;
}

static irmin_rc run_items(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin_rc rc = check_items(ours, "ours", merge->count, err);
	int decided;

	if (rc >= 0)
		rc = check_items(theirs, "theirs", merge->count, err);
	if (rc < 0)
		return rc;
	rc = irmin__merge_by_default(base, ours, theirs, result, &decided, err);
	if (rc < 0 || decided)
		return rc;
	return merge_items(merge, base, ours, theirs, result, err);
}

static irmin_merge *make_items(irmin_merge *const *parts, size_t count)
{
	static const irmin__merge_class cls = { run_items, NULL };
	irmin_shape *shapes[ITEMS_MAX];
	size_t i;

	for (i = 0; i < count; i++)
		shapes[i] = irmin__merge_shape_of(parts[i]);
	return irmin__merge_make(&cls, sizeof(irmin_merge),
	    irmin_shape_tuple(shapes, count), parts, count);
}

irmin_merge *irmin_merge_pair(irmin_merge *a, irmin_merge *b)
{
	irmin_merge *parts[2] = { a, b };

	return make_items(parts, 2);
}

irmin_merge *irmin_merge_triple(irmin_merge *a, irmin_merge *b, irmin_merge *c)
{
	irmin_merge *parts[3] = { a, b, c };

	return make_items(parts, 3);
}

/* ---- records ----
 *
 * The parts stand in the order of those of the shape, which finds them. */

static irmin_rc merge_field(irmin_merge *merge, irmin_slice name,
    irmin_promise *base, irmin_value *ours, irmin_value *theirs,
    irmin_value **result, irmin_error *err)
{
	const irmin_shape *shape = merge->shape;
	const irmin__shape_part *found = irmin__shape_part_of(shape, name);
	irmin_merge *part;

	if (!found)
		return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
		    "the record has no such field");
	part = merge->parts[found - shape->parts];
	if (ours && theirs)
		return irmin__merge_run(part, base, ours, theirs, result, err);
	return irmin__merge_optional(part, base, ours, theirs, result, err);
}

static irmin_rc run_record(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin_rc rc = irmin__merge_check_kind(ours, theirs, IRMIN_VALUE_RECORD,
	    "a record", err);
	int decided;

	if (rc < 0)
		return rc;
	rc = irmin__merge_by_default(base, ours, theirs, result, &decided, err);
	if (rc < 0 || decided)
		return rc;
	return irmin__merge_by_name(merge, merge_field, NULL, base, ours,
	    theirs, result, err);
}

/* The shape of the fields, and their merges in its order. NULL without memory. */
static irmin_shape *settle_fields(const irmin_merge_field *fields, size_t count,
    irmin_merge **parts)
{
	irmin_shape_field *shapes = irmin_calloc(count, sizeof *shapes);
	irmin_shape *shape = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		parts[i] = fields[i].merge;
		if (!shapes)
			continue;
		shapes[i].name = fields[i].name;
		shapes[i].shape = irmin__merge_shape_of(fields[i].merge);
	}
	if (shapes)
		shape = irmin_shape_record(shapes, count);
	irmin_free(shapes);
	for (i = 0; shape && i < count; i++)
		parts[irmin__shape_part_of(shape, irmin_text(fields[i].name)) -
		    shape->parts] = fields[i].merge;
	return shape;
}

irmin_merge *irmin_merge_record(const irmin_merge_field *fields, size_t count)
{
	static const irmin__merge_class cls = { run_record, NULL };
	irmin_merge **parts = irmin_calloc(count, sizeof *parts);
	irmin_merge *merge;
	size_t i;

	if (!parts) {
		for (i = 0; i < count; i++)
			irmin_merge_unref(fields[i].merge);
		return NULL;
	}
	merge = irmin__merge_make(&cls, sizeof *merge,
	    settle_fields(fields, count, parts), parts, count);
	irmin_free(parts);
	return merge;
}
