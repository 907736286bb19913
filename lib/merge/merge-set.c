/* Sets, and logs, which are sets that only grow. */
#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/merge/merge.h"
#include "lib/merge/value.h"

/* ---- sets ---- */

/* One of the three in its order, and how far it is looked through. */
struct side {
	irmin_value *set; /* NULL: empty */
	size_t at;
};

static irmin_value *front(const struct side *side)
{
	return side->set ? irmin_value_item(side->set, side->at) : NULL;
}

/* Sorts a list that need not have been made as a set. */
static irmin_rc open_side(irmin_value *list, struct side *side,
    irmin_error *err)
{
	side->at = 0;
	return irmin_value_of_set(list->items, irmin_value_length(list),
	    &side->set, err);
}

/* Whether the base has an element that is not before the last one asked for. */
static int is_in(struct side *base, const irmin_value *element)
{
	int order = -1;

	while (order < 0 && front(base)) {
		order = irmin_value_compare(front(base), element);
		base->at += order < 0;
	}
	return order == 0;
}

/* The next element of both. What both have stays, whether it is old or was added
 * twice; what one alone has is new, or else the other has removed it. */
static irmin_value *next_element(struct side *base, struct side *ours,
    struct side *theirs, int *stays)
{
	irmin_value *a = front(ours), *b = front(theirs);
	int order = !a ? 1 : !b ? -1 : irmin_value_compare(a, b);
	irmin_value *element = order <= 0 ? a : b;

	*stays = element && (order == 0 || !is_in(base, element));
	ours->at += order <= 0;
	theirs->at += order >= 0;
	return element;
}

static irmin_rc join_sides(struct side *base, struct side *ours,
    struct side *theirs, irmin_value **result, irmin_error *err)
{
	IRMIN__VEC(irmin_value *) kept = { NULL, 0, 0 };
	irmin_value *element;
	irmin_rc rc;
	int stays;

	rc = IRMIN__VEC_RESERVE(&kept,
	    irmin_value_length(ours->set) + irmin_value_length(theirs->set),
	    err);
	while (rc >= 0 && (element = next_element(base, ours, theirs, &stays)))
		if (stays)
			IRMIN__VEC_PUSH(&kept, element);
	if (rc >= 0)
		rc = irmin_value_of_list(kept.items, kept.len, result, err);
	IRMIN__VEC_CLEAR(&kept);
	return rc;
}

static irmin_rc open_base(irmin_promise *promise, struct side *base,
    irmin_error *err)
{
	irmin_value *old;
	irmin_rc rc = irmin__promise_find(promise, &old, err);

	if (rc < 0 || !old)
		return rc;
	if (irmin_value_what(old) != IRMIN_VALUE_LIST)
		return irmin__merge_mismatch("the base", "a set", err);
	return open_side(old, base, err);
}

static irmin_rc merge_sides(irmin_promise *promise, struct side *ours,
    struct side *theirs, irmin_value **result, irmin_error *err)
{
	struct side base = { NULL, 0 };
	irmin_rc rc;

	if (irmin__value_same(ours->set, theirs->set)) {
		*result = irmin_value_ref(ours->set);
		return IRMIN_OK;
	}
	rc = open_base(promise, &base, err);
	if (rc >= 0)
		rc = join_sides(&base, ours, theirs, result, err);
	irmin_value_unref(base.set);
	return rc;
}

static irmin_rc run_set(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	struct side sides[2] = { { NULL, 0 }, { NULL, 0 } };
	irmin_rc rc = irmin__merge_check_kind(ours, theirs, IRMIN_VALUE_LIST,
	    "a set", err);

	(void)merge;
	if (rc >= 0)
		rc = open_side(ours, &sides[0], err);
	if (rc >= 0)
		rc = open_side(theirs, &sides[1], err);
	if (rc >= 0)
		rc = merge_sides(base, &sides[0], &sides[1], result, err);
	irmin_value_unref(sides[0].set);
	irmin_value_unref(sides[1].set);
	return rc;
}

irmin_merge *irmin_merge_set(void)
{
	static const irmin__merge_class cls = { run_set, NULL };

	return irmin__merge_make(&cls, sizeof(irmin_merge),
	    irmin_shape_set(irmin_shape_bytes()), NULL, 0);
}

/* ---- logs ---- */

/* A list of lists (time, id, entry). */
static int is_log(const irmin_value *value)
{
	size_t i;

	for (i = 0; i < irmin_value_length(value); i++) {
		const irmin_value *entry = irmin_value_item(value, i);

		if (irmin_value_what(entry) != IRMIN_VALUE_LIST ||
		    irmin_value_length(entry) != 3 ||
		    irmin_value_what(irmin_value_item(entry, 0)) !=
			IRMIN_VALUE_INT)
			return 0;
	}
	return irmin_value_what(value) == IRMIN_VALUE_LIST;
}

/* Entries compare by time, then id, then what they say: a set of them is a log,
 * and nothing of either side is lost. */
static irmin_rc run_log(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	size_t counts[2] = { irmin_value_length(ours),
		irmin_value_length(theirs) };
	IRMIN__VEC(irmin_value *) both = { NULL, 0, 0 };
	irmin_rc rc;
	size_t i;

	(void)merge, (void)base;
	if (!is_log(ours) || !is_log(theirs))
		return irmin__merge_mismatch(is_log(ours) ? "theirs" : "ours",
		    "a log", err);
	rc = IRMIN__VEC_RESERVE(&both, counts[0] + counts[1], err);
	for (i = 0; rc >= 0 && i < counts[0]; i++)
		IRMIN__VEC_PUSH(&both, irmin_value_item(ours, i));
	for (i = 0; rc >= 0 && i < counts[1]; i++)
		IRMIN__VEC_PUSH(&both, irmin_value_item(theirs, i));
	if (rc >= 0)
		rc = irmin_value_of_set(both.items, both.len, result, err);
	IRMIN__VEC_CLEAR(&both);
	return rc;
}

irmin_merge *irmin_merge_log(void)
{
	static const irmin__merge_class cls = { run_log, NULL };

	return irmin__merge_make(&cls, sizeof(irmin_merge), irmin_shape_log(),
	    NULL, 0);
}
