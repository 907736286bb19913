#include "tests/unit/merge/merge-sweep.h"

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/support/value-text.h"

struct sweep {
	irmin_merge *(*make)(void);
	irmin_value *base, *ours, *theirs;
};

static irmin_rc run(void *arg, irmin_error *err)
{
	struct sweep *sweep = arg;
	irmin_merge *merge = sweep->make();
	irmin_value *result = NULL;
	irmin_rc rc;

	if (!merge)
		return irmin_error_set(err, IRMIN_ENOMEM, NULL, "no merge");
	rc = irmin_merge_run(merge, sweep->base, sweep->ours, sweep->theirs,
	    &result, err);
	irmin_value_unref(result);
	irmin_merge_unref(merge);
	return rc;
}

void sweep_merge(irmin_merge *(*make)(void), const char *base, const char *ours,
    const char *theirs)
{
	struct sweep sweep = { make, value_of(base), value_of(ours),
		value_of(theirs) };

	alloc_fault_sweep(ours, run, &sweep);
	irmin_value_unref(sweep.base);
	irmin_value_unref(sweep.ours);
	irmin_value_unref(sweep.theirs);
}
