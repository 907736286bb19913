/* Association lists: maps that keep an order, and whose keys are any values. */
#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/merge/merge.h"

/* ---- entries by key ---- */

/* The entries of one, borrowed, in the order of their keys. */
typedef IRMIN__VEC(irmin_value *) entries;

static int compare_keys(const void *a, const void *b)
{
	return irmin_value_compare(irmin_value_item(*(irmin_value *const *)a,
				       0),
	    irmin_value_item(*(irmin_value *const *)b, 0));
}

static int is_entry(const irmin_value *value)
{
	return irmin_value_what(value) == IRMIN_VALUE_LIST &&
	    irmin_value_length(value) == 2;
}

/* Fails: ECONFLICT (it is no association list). */
static irmin_rc add_entries(irmin_value *list, const char *whose,
    entries *sorted, irmin_error *err)
{
	size_t i, count = irmin_value_length(list);
	irmin_rc rc = IRMIN__VEC_RESERVE(sorted, count, err);

	if (rc >= 0 && irmin_value_what(list) != IRMIN_VALUE_LIST)
		rc = irmin__merge_mismatch(whose, "an association list", err);
	for (i = 0; rc >= 0 && i < count; i++) {
		irmin_value *entry = irmin_value_item(list, i);

		if (is_entry(entry))
			IRMIN__VEC_PUSH(sorted, entry);
		else
			rc = irmin__merge_mismatch(whose, "an association list",
			    err);
	}
	return rc;
}

/* Fails: ECONFLICT (a key is there twice, or as add_entries). */
static irmin_rc sort_entries(irmin_value *list, const char *whose,
    entries *sorted, irmin_error *err)
{
	irmin_rc rc = add_entries(list, whose, sorted, err);
	size_t i;

	if (rc >= 0 && sorted->len)
		qsort(sorted->items, sorted->len, sizeof *sorted->items,
		    compare_keys);
	for (i = 1; rc >= 0 && i < sorted->len; i++)
		if (compare_keys(&sorted->items[i - 1], &sorted->items[i]) == 0)
			rc = irmin_error_set(err, IRMIN_ECONFLICT, NULL,
			    "cannot merge: %s has a key twice", whose);
	return rc;
}

/* What stands under the key of an entry; NULL if nothing does. */
static irmin_value *find_entry(const entries *sorted, irmin_value *entry)
{
	irmin_value **found = NULL;

	if (sorted->len)
		found = bsearch(&entry, sorted->items, sorted->len,
		    sizeof *sorted->items, compare_keys);
	return found ? irmin_value_item(*found, 1) : NULL;
}

/* ---- the base of one key ---- */

/* A merge under way. */
struct join {
	irmin_merge *value;
	irmin_promise *base;
	entries old, ours, theirs;
	int has_old;    /* the base was asked for */
	entries merged; /* ours, in the order of the result */
};

struct entry_promise {
	irmin_promise promise;
	struct join *join;
	irmin_value *entry;
};

static irmin_rc sort_base(struct join *join, irmin_error *err)
{
	irmin_value *whole;
	irmin_rc rc;

	if (join->has_old)
		return IRMIN_OK;
	rc = irmin__promise_find(join->base, &whole, err);
	if (rc >= 0 && whole)
		rc = sort_entries(whole, "the base", &join->old, err);
	if (rc < 0)
		join->old.len = 0;
	join->has_old = rc >= 0;
	return rc;
}

static irmin_rc compute_entry(irmin_promise *promise, irmin_value **base,
    irmin_error *err)
{
	struct entry_promise *asked = (struct entry_promise *)(void *)promise;
	irmin_rc rc = sort_base(asked->join, err);

	if (rc < 0)
		return rc;
	*base = find_entry(&asked->join->old, asked->entry);
	if (*base)
		irmin_value_ref(*base);
	return IRMIN_OK;
}

/* ---- joining ---- */

/* Appends the entry of a key with what is merged of it. */
static irmin_rc add_entry(struct join *join, irmin_value *key,
    irmin_value *item, irmin_error *err)
{
	irmin_value *both[2] = { key, item }, *entry;
	irmin_rc rc = irmin_value_of_list(both, 2, &entry, err);

	if (rc >= 0)
		IRMIN__VEC_PUSH(&join->merged, entry);
	return rc;
}

/* The entry is that of either side. */
static irmin_rc merge_entry(struct join *join, irmin_value *entry,
    irmin_error *err)
{
	struct entry_promise base = { { compute_entry, NULL, 0 }, join, entry };
	irmin_value *item = NULL;
	irmin_rc rc;

	rc = irmin__merge_optional(join->value, &base.promise,
	    find_entry(&join->ours, entry), find_entry(&join->theirs, entry),
	    &item, err);
	irmin__promise_clear(&base.promise);
	if (rc >= 0 && item)
		rc = add_entry(join, irmin_value_item(entry, 0), item, err);
	irmin_value_unref(item);
	return rc;
}

static irmin_rc merge_entries(struct join *join, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < irmin_value_length(ours); i++)
		rc = merge_entry(join, irmin_value_item(ours, i), err);
	for (i = 0; rc >= 0 && i < irmin_value_length(theirs); i++)
		if (!find_entry(&join->ours, irmin_value_item(theirs, i)))
			rc = merge_entry(join, irmin_value_item(theirs, i),
			    err);
	if (rc >= 0)
		rc = irmin_value_of_list(join->merged.items, join->merged.len,
		    result, err);
	return rc;
}

static void clear_join(struct join *join)
{
	size_t i;

	for (i = 0; i < join->merged.len; i++)
		irmin_value_unref(join->merged.items[i]);
	IRMIN__VEC_CLEAR(&join->merged);
	IRMIN__VEC_CLEAR(&join->old);
	IRMIN__VEC_CLEAR(&join->ours);
	IRMIN__VEC_CLEAR(&join->theirs);
}

static irmin_rc run_alist(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	struct join join;
	irmin_rc rc;

	memset(&join, 0, sizeof join);
	join.value = merge->parts[0];
	join.base = base;
	rc = sort_entries(ours, "ours", &join.ours, err);
	if (rc >= 0)
		rc = sort_entries(theirs, "theirs", &join.theirs, err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&join.merged,
		    join.ours.len + join.theirs.len, err);
	if (rc >= 0)
		rc = merge_entries(&join, ours, theirs, result, err);
	clear_join(&join);
	return rc;
}

irmin_merge *irmin_merge_alist(irmin_merge *value)
{
	static const irmin__merge_class cls = { run_alist, NULL };
	irmin_shape *items[2] = { irmin_shape_bytes(),
		irmin__merge_shape_of(value) };

	return irmin__merge_make(&cls, sizeof(irmin_merge),
	    irmin_shape_list(irmin_shape_tuple(items, 2)), &value, 1);
}
