/* Merges as counted things, and the one place where they are run. */
#include "lib/merge/merge.h"

#include "lib/core/base/error.h"
#include "lib/merge/value.h"
#include <irmin/alloc.h>

/* ---- making ---- */

/* What an instance owns, or would have. */
static void give_back(irmin_shape *shape, irmin_merge *const *parts,
    size_t count)
{
	size_t i;

	irmin_shape_unref(shape);
	for (i = 0; i < count; i++)
		irmin_merge_unref(parts[i]);
}

static int is_whole(const irmin_shape *shape, irmin_merge *const *parts,
    size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!parts[i])
			return 0;
	return shape != NULL;
}

irmin_merge *irmin__merge_make(const irmin__merge_class *cls, size_t bytes,
    irmin_shape *shape, irmin_merge *const *parts, size_t count)
{
	size_t head = (bytes + sizeof *parts - 1) / sizeof *parts;
	irmin_merge *merge = NULL;

	if (is_whole(shape, parts, count) &&
	    count < SIZE_MAX / sizeof *parts - head)
		merge = irmin_calloc(head + count, sizeof *parts);
	if (!merge) {
		give_back(shape, parts, count);
		return NULL;
	}
	atomic_init(&merge->refs, 1);
	merge->cls = cls;
	merge->shape = shape;
	merge->parts = (irmin_merge **)(void *)merge + head;
	merge->count = count;
	if (count)
		memcpy(merge->parts, parts, count * sizeof *parts);
	return merge;
}

irmin_shape *irmin__merge_shape_of(const irmin_merge *part)
{
	return part ? irmin_shape_ref(part->shape) : NULL;
}

void irmin__merge_hand_on_sides(irmin_merge *merge)
{
	size_t i;

	for (i = 0; i < merge->count; i++)
		if (merge->parts[i]->sides > merge->sides)
			merge->sides = merge->parts[i]->sides;
}

irmin_merge *irmin_merge_ref(irmin_merge *merge)
{
	if (merge)
		irmin__count_up(&merge->refs);
	return merge;
}

void irmin_merge_unref(irmin_merge *merge)
{
	if (!merge || !irmin__count_down(&merge->refs))
		return;
	if (merge->cls->destroy)
		merge->cls->destroy(merge);
	give_back(merge->shape, merge->parts, merge->count);
	irmin_free(merge);
}

const irmin_shape *irmin_merge_shape(const irmin_merge *merge)
{
	return merge->shape;
}

/* ---- running ---- */

static irmin_rc absent_side(const irmin_value *ours, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
	    "cannot merge: %s has no value, and this merge takes only values",
	    ours ? "theirs" : "ours");
}

irmin_rc irmin__merge_run(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin_value *merged = NULL;
	irmin_rc rc;

	*result = NULL;
	if ((!ours || !theirs) && merge->sides == IRMIN__SIDES_PRESENT)
		return absent_side(ours, err);
	rc = merge->cls->run(merge, base, ours, theirs, &merged, err);
	if (rc < 0)
		return rc;
	/* Rules that were tried before the one that did have left words. */
	irmin_error_clear(err);
	*result = merged;
	return IRMIN_OK;
}

irmin_rc irmin__merge_run_value(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin_rc rc = irmin__merge_run(merge, base, ours, theirs, result, err);

	if (rc < 0 || *result)
		return rc;
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "cannot merge: a merge of a part answered no value");
}

irmin_rc irmin_merge_run(irmin_merge *merge, irmin_value *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin__promise_known known;
	irmin_rc rc;

	irmin_error_clear(err);
	*result = NULL;
	if ((!ours || !theirs) && merge->sides != IRMIN__SIDES_ANY)
		return absent_side(ours, err);
	irmin__promise_of(&known, base);
	rc = irmin__merge_run(merge, &known.promise, ours, theirs, result, err);
	irmin__promise_clear(&known.promise);
	return rc;
}

irmin_rc irmin__merge_by_default(irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, int *decided, irmin_error *err)
{
	irmin_value *old, *taken;
	irmin_rc rc = irmin__promise_find(base, &old, err);

	*decided = 0;
	if (rc < 0)
		return rc == IRMIN_ECONFLICT ? IRMIN_OK : rc;
	if (irmin__value_same(old, ours))
		taken = theirs;
	else if (irmin__value_same(old, theirs))
		taken = ours;
	else
		return IRMIN_OK;
	*decided = 1;
	*result = taken ? irmin_value_ref(taken) : NULL;
	return IRMIN_OK;
}

irmin_rc irmin__merge_mismatch(const char *whose, const char *kind,
    irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
	    "cannot merge: %s is not %s", whose, kind);
}

irmin_rc irmin__merge_check_kind(const irmin_value *ours,
    const irmin_value *theirs, irmin_value_kind kind, const char *words,
    irmin_error *err)
{
	if (irmin_value_what(ours) != kind)
		return irmin__merge_mismatch("ours", words, err);
	if (irmin_value_what(theirs) != kind)
		return irmin__merge_mismatch("theirs", words, err);
	return IRMIN_OK;
}
