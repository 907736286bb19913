/* Text by lines. */
#include "lib/merge/diff3.h"
#include "lib/merge/merge.h"
#include "lib/merge/value.h"

static irmin_rc merge_lines(const irmin_value *old, const irmin_value *ours,
    const irmin_value *theirs, irmin_value **result, irmin_error *err)
{
	irmin_buf merged = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__diff3(old ? irmin_value_bytes(old) : irmin_text(NULL),
	    irmin_value_bytes(ours), irmin_value_bytes(theirs), &merged, err);
	if (rc >= 0)
		rc = irmin_value_of_bytes(irmin_buf_slice(&merged), result,
		    err);
	irmin_buf_clear(&merged);
	return rc;
}

/* Without a base the text was empty, as for git. */
static irmin_rc run_text(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin_value *old;
	irmin_rc rc = irmin__merge_check_kind(ours, theirs, IRMIN_VALUE_BYTES,
	    "text", err);

	(void)merge;
	if (rc < 0)
		return rc;
	if (irmin__value_same(ours, theirs)) {
		*result = irmin_value_ref(ours);
		return IRMIN_OK;
	}
	rc = irmin__promise_find(base, &old, err);
	if (rc >= 0 && old && irmin_value_what(old) != IRMIN_VALUE_BYTES)
		rc = irmin__merge_mismatch("the base", "text", err);
	return rc < 0 ? rc : merge_lines(old, ours, theirs, result, err);
}

irmin_merge *irmin_merge_text(void)
{
	static const irmin__merge_class cls = { run_text, NULL };

	return irmin__merge_make(&cls, sizeof(irmin_merge), irmin_shape_bytes(),
	    NULL, 0);
}
