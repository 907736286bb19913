/* Values that may be absent. */
#include "lib/core/base/error.h"
#include "lib/merge/merge.h"

static irmin_rc modified_and_deleted(const irmin_value *ours, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
	    ours ? "ours changed it and theirs deleted it"
		 : "ours deleted it and theirs changed it");
}

/* Both sides are present, or the default has not decided; so with one of them
 * absent there is a base, and it is not the other. */
static irmin_rc merge_undecided(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin_value *old;
	irmin_rc rc;

	if (!ours && !theirs)
		return IRMIN_OK;
	if ((ours && theirs) || merge->sides != IRMIN__SIDES_PRESENT)
		return irmin__merge_run(merge, base, ours, theirs, result, err);
	rc = irmin__promise_find(base, &old, err);
	return rc < 0 ? rc : modified_and_deleted(ours, err);
}

irmin_rc irmin__merge_optional(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	int decided;
	irmin_rc rc;

	*result = NULL;
	rc = irmin__merge_by_default(base, ours, theirs, result, &decided, err);
	if (rc < 0 || decided)
		return rc;
	return merge_undecided(merge, base, ours, theirs, result, err);
}

static irmin_rc run_option(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	return irmin__merge_optional(merge->parts[0], base, ours, theirs,
	    result, err);
}

irmin_merge *irmin_merge_option(irmin_merge *value)
{
	static const irmin__merge_class cls = { run_option, NULL };
	irmin_merge *merge;

	merge = irmin__merge_make(&cls, sizeof(irmin_merge),
	    irmin__merge_shape_of(value), &value, 1);
	if (merge)
		merge->sides = IRMIN__SIDES_ANY;
	return merge;
}
