/* Merges that take the smaller or the larger, and never ask the base. */
#include "lib/merge/merge.h"

static irmin_rc run_min(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	int order = irmin_value_compare(ours, theirs);

	(void)merge, (void)base, (void)err;
	*result = irmin_value_ref(order <= 0 ? ours : theirs);
	return IRMIN_OK;
}

static irmin_rc run_max(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	int order = irmin_value_compare(ours, theirs);

	(void)merge, (void)base, (void)err;
	*result = irmin_value_ref(order >= 0 ? ours : theirs);
	return IRMIN_OK;
}

irmin_merge *irmin_merge_min(void)
{
	static const irmin__merge_class cls = { run_min, NULL };

	return irmin__merge_make(&cls, sizeof(irmin_merge), irmin_shape_bytes(),
	    NULL, 0);
}

irmin_merge *irmin_merge_max(void)
{
	static const irmin__merge_class cls = { run_max, NULL };

	return irmin__merge_make(&cls, sizeof(irmin_merge), irmin_shape_bytes(),
	    NULL, 0);
}

/* ---- last writer wins ---- */

static int is_lww(const irmin_value *value)
{
	return irmin_value_what(value) == IRMIN_VALUE_LIST &&
	    irmin_value_length(value) == 2 &&
	    irmin_value_what(irmin_value_item(value, 0)) == IRMIN_VALUE_INT;
}

/* Lists compare item by item: by time, then value, so ties agree everywhere. */
static irmin_rc run_lww(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	if (!is_lww(ours) || !is_lww(theirs))
		return irmin__merge_mismatch(is_lww(ours) ? "theirs" : "ours",
		    "a value with its time", err);
	return run_max(merge, base, ours, theirs, result, err);
}

irmin_merge *irmin_merge_lww(void)
{
	static const irmin__merge_class cls = { run_lww, NULL };

	return irmin__merge_make(&cls, sizeof(irmin_merge),
	    irmin_shape_lww(irmin_shape_bytes()), NULL, 0);
}
