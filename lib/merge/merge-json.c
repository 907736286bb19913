/* JSON: objects are records and merge by key, all else as idempotent. */
#include "lib/merge/merge.h"
#include "lib/merge/value.h"

static irmin_rc merge_key(irmin_merge *merge, irmin_slice key,
    irmin_promise *base, irmin_value *ours, irmin_value *theirs,
    irmin_value **result, irmin_error *err)
{
	(void)key;
	return irmin__merge_optional(merge, base, ours, theirs, result, err);
}

/* Calls itself for objects in objects, which are at most IRMIN__VALUE_DEPTH
 * deep. */
static irmin_rc run_json(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	if (irmin_value_what(ours) != IRMIN_VALUE_RECORD ||
	    irmin_value_what(theirs) != IRMIN_VALUE_RECORD ||
	    irmin__value_same(ours, theirs))
		return irmin__merge_run(merge->parts[0], base, ours, theirs,
		    result, err);
	return irmin__merge_by_name(merge, merge_key, NULL, base, ours, theirs,
	    result, err);
}

irmin_merge *irmin_merge_json(void)
{
	static const irmin__merge_class cls = { run_json, NULL };
	irmin_merge *whole = irmin_merge_idempotent();

	return irmin__merge_make(&cls, sizeof(irmin_merge), irmin_shape_bytes(),
	    &whole, 1);
}
