/* Values that may be absent. */
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/support/value-text.h"

static void test_rule(void)
{
	irmin_merge *merge = irmin_merge_option(irmin_merge_idempotent());

	is_merge(merge, "a", "a", "b", "b");
	is_merge(merge, "a", "a", "-", "-");
	is_merge(merge, "a", "-", "a", "-");
	is_merge(merge, "a", "-", "-", "-");
	is_merge(merge, "-", "-", "-", "-");
	is_merge(merge, "-", "b", "-", "b");
	is_merge(merge, "-", "-", "b", "b");
	is_merge(merge, "-", "b", "b", "b");
	is_merge(merge, "a", "b", "b", "b");
	is_merge(merge, "-", "b", "c", "!both sides made it");
	is_merge(merge, "a", "b", "c", "!both sides changed it");
	is_merge(merge, "a", "b", "-", "!theirs deleted it");
	is_merge(merge, "a", "-", "b", "!ours deleted it");
	irmin_merge_unref(merge);
}

/* The default comes first: what only one side changed is not asked about. */
static void test_default_first(void)
{
	irmin_merge *merge = irmin_merge_option(irmin_merge_ours());

	is_merge(merge, "a", "a", "b", "b");
	is_merge(merge, "a", "b", "c", "b");
	is_merge(merge, "a", "-", "c", "-");
	irmin_merge_unref(merge);
}

static irmin_rc prefer_values(void *arg, irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err)
{
	(void)arg, (void)base, (void)err;
	*result = irmin_value_ref(ours ? ours : theirs);
	return IRMIN_OK;
}

static void test_own(void)
{
	irmin_merge *merge = irmin_merge_option(
	    irmin_merge_new(prefer_values, NULL, NULL));

	is_merge(merge, "a", "-", "b", "b");
	is_merge(merge, "a", "b", "-", "b");
	is_merge(merge, "a", "-", "a", "-");
	is_merge(merge, "a", "-", "-", "-");
	irmin_merge_unref(merge);
}

static irmin_rc run_option(void *arg, irmin_error *err)
{
	irmin_merge *merge = irmin_merge_option(
	    irmin_merge_option(irmin_merge_idempotent()));

	(void)arg;
	if (!merge)
		return irmin_error_set(err, IRMIN_ENOMEM, NULL, "no memory");
	irmin_merge_unref(merge);
	return IRMIN_OK;
}

int main(void)
{
	test_rule();
	test_default_first();
	test_own();
	ok(!irmin_merge_option(NULL), "NULL in, NULL out");
	ok(alloc_fault_sweep("options", run_option, NULL) > 3,
	    "each allocation");
	return done_testing();
}
