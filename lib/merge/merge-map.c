/* Maps: the keys of both, each as an option. */
#include "lib/merge/merge.h"

static irmin_rc merge_key(irmin_merge *merge, irmin_slice key,
    irmin_promise *base, irmin_value *ours, irmin_value *theirs,
    irmin_value **result, irmin_error *err)
{
	(void)key;
	return irmin__merge_optional(merge->parts[0], base, ours, theirs,
	    result, err);
}

static irmin_rc run_map(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin_rc rc = irmin__merge_check_kind(ours, theirs, IRMIN_VALUE_RECORD,
	    "a map", err);

	if (rc < 0)
		return rc;
	return irmin__merge_by_name(merge, merge_key, NULL, base, ours, theirs,
	    result, err);
}

irmin_merge *irmin_merge_map(irmin_merge *value)
{
	static const irmin__merge_class cls = { run_map, NULL };

	return irmin__merge_make(&cls, sizeof(irmin_merge),
	    irmin_shape_map(irmin__merge_shape_of(value)), &value, 1);
}
