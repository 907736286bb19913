/* Two records, name by name: what maps, records, multisets and JSON share. */
#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/merge/merge.h"
#include "lib/merge/value.h"

/* ---- the names of some records, in order ---- */

#define RECORDS    3
#define NAME_SHOWN 100 /* bytes of a name in a conflict's words */

struct walk {
	const irmin_value *records[RECORDS]; /* NULL: not that many */
	size_t at[RECORDS];                  /* in the order of its names */
};

static int is_at_end(const struct walk *walk, size_t which)
{
	const irmin_value *record = walk->records[which];

	return !record || walk->at[which] == irmin_value_length(record);
}

static irmin_slice name_of(const struct walk *walk, size_t which)
{
	const irmin_value *record = walk->records[which];

	return irmin_value_name(record, record->sorted[walk->at[which]]);
}

/* The least name of all, and for each record what it has under it, or NULL.
 * Answers 0 at the end. */
static int next_name(struct walk *walk, irmin_slice *name,
    irmin_value *items[RECORDS])
{
	int found = 0;
	size_t i;

	for (i = 0; i < RECORDS; i++)
		if (!is_at_end(walk, i) &&
		    (!found ||
			irmin_slice_compare(name_of(walk, i), *name) < 0)) {
			*name = name_of(walk, i);
			found = 1;
		}
	for (i = 0; found && i < RECORDS; i++) {
		const irmin_value *record = walk->records[i];

		items[i] = NULL;
		if (!is_at_end(walk, i) &&
		    irmin_slice_equal(name_of(walk, i), *name))
			items[i] = irmin_value_item(record,
			    record->sorted[walk->at[i]++]);
	}
	return found;
}

/* ---- merging ---- */

/* Off the stack, since values of values have one for each depth. */
struct join {
	struct walk walk;
	irmin_value *items[RECORDS]; /* under the name that it is at */
	irmin_slice name;
	irmin__promise_part part;
	/* What is merged so far; the items are ours. */
	IRMIN__VEC(irmin_slice) names;
	IRMIN__VEC(irmin_value *) merged;
};

static void free_join(struct join *join)
{
	size_t i;

	for (i = 0; i < join->merged.len; i++)
		irmin_value_unref(join->merged.items[i]);
	IRMIN__VEC_CLEAR(&join->merged);
	IRMIN__VEC_CLEAR(&join->names);
	irmin_free(join);
}

/* Takes the item. */
static irmin_rc add_merged(struct join *join, irmin_value *item,
    irmin_error *err)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(&join->names, 1, err);

	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&join->merged, 1, err);
	if (rc < 0) {
		irmin_value_unref(item);
		return rc;
	}
	IRMIN__VEC_PUSH(&join->names, join->name);
	IRMIN__VEC_PUSH(&join->merged, item);
	return IRMIN_OK;
}

/* The words of a conflict with the name before them. */
static irmin_rc locate(irmin_rc rc, irmin_slice name, irmin_error *err)
{
	if (rc != IRMIN_ECONFLICT || !err)
		return rc;
	return irmin_error_set(err, rc, NULL, "\"%.*s\": %s",
	    (int)(name.len < NAME_SHOWN ? name.len : NAME_SHOWN),
	    name.len ? (const char *)name.data : "", err->text);
}

static irmin_rc merge_name(struct join *join, irmin_merge *merge,
    irmin__merge_field_fn field, irmin_promise *base, irmin_error *err)
{
	irmin_value *item = NULL;
	irmin_rc rc;

	irmin__promise_of_field(&join->part, base, join->name);
	rc = field(merge, join->name, &join->part.promise, join->items[0],
	    join->items[1], &item, err);
	irmin__promise_clear(&join->part.promise);
	if (rc < 0)
		return locate(rc, join->name, err);
	return item ? add_merged(join, item, err) : IRMIN_OK;
}

irmin_rc irmin__merge_by_name(irmin_merge *merge, irmin__merge_field_fn field,
    irmin_value *old, irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err)
{
	struct join *join = irmin_calloc(1, sizeof *join);
	irmin_rc rc = IRMIN_OK;

	if (!join)
		return irmin__enomem(err);
	join->walk.records[0] = ours;
	join->walk.records[1] = theirs;
	join->walk.records[2] = old;
	while (rc >= 0 && next_name(&join->walk, &join->name, join->items))
		rc = merge_name(join, merge, field, base, err);
	if (rc >= 0)
		rc = irmin_value_of_record(join->names.items,
		    join->merged.items, join->merged.len, result, err);
	free_join(join);
	return rc;
}
