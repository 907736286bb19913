/* Merges that look at values as wholes, and those of a program's own. */
#include "lib/core/base/error.h"
#include "lib/merge/merge.h"
#include "lib/merge/value.h"

/* ---- default and idempotent ---- */

static irmin_rc both_changed(irmin_promise *base, irmin_error *err)
{
	irmin_value *old;
	irmin_rc rc = irmin__promise_find(base, &old, err);

	if (rc < 0)
		return rc;
	return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
	    old ? "both sides changed it, each in its own way"
		: "both sides made it, and not the same");
}

static irmin_rc run_default(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	int decided;
	irmin_rc rc;

	(void)merge;
	rc = irmin__merge_by_default(base, ours, theirs, result, &decided, err);
	return rc < 0 || decided ? rc : both_changed(base, err);
}

static irmin_rc run_idempotent(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	if (!irmin__value_same(ours, theirs))
		return run_default(merge, base, ours, theirs, result, err);
	*result = irmin_value_ref(ours);
	return IRMIN_OK;
}

irmin_merge *irmin_merge_default(void)
{
	static const irmin__merge_class cls = { run_default, NULL };

	return irmin__merge_make(&cls, sizeof(irmin_merge), irmin_shape_bytes(),
	    NULL, 0);
}

irmin_merge *irmin_merge_idempotent(void)
{
	static const irmin__merge_class cls = { run_idempotent, NULL };

	return irmin__merge_make(&cls, sizeof(irmin_merge), irmin_shape_bytes(),
	    NULL, 0);
}

/* ---- one side ---- */

static irmin_rc run_ours(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	(void)merge, (void)base, (void)theirs, (void)err;
	*result = ours ? irmin_value_ref(ours) : NULL;
	return IRMIN_OK;
}

static irmin_rc run_theirs(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	return run_ours(merge, base, theirs, ours, result, err);
}

static irmin_merge *make_side(const irmin__merge_class *cls)
{
	irmin_merge *merge = irmin__merge_make(cls, sizeof(irmin_merge),
	    irmin_shape_bytes(), NULL, 0);

	if (merge)
		merge->sides = IRMIN__SIDES_ANY;
	return merge;
}

irmin_merge *irmin_merge_ours(void)
{
	static const irmin__merge_class cls = { run_ours, NULL };

	return make_side(&cls);
}

irmin_merge *irmin_merge_theirs(void)
{
	static const irmin__merge_class cls = { run_theirs, NULL };

	return make_side(&cls);
}

/* ---- of a program's own ---- */

typedef struct own_merge {
	irmin_merge merge;
	irmin_merge_fn fn;
	void *arg;
	void (*destroy)(void *arg);
} own_merge;

static void destroy_own(irmin_merge *merge)
{
	own_merge *own = (own_merge *)(void *)merge;

	if (own->destroy)
		own->destroy(own->arg);
}

/* What a program answers is not relied on: whatever is not negative is OK, a
 * failure has no result, and err tells of it. */
static irmin_rc run_own(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	own_merge *own = (own_merge *)(void *)merge;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = own->fn(own->arg, base, ours, theirs, result, err);
	if (rc >= 0)
		return IRMIN_OK;
	irmin_value_unref(*result);
	*result = NULL;
	if (err && err->code != rc)
		irmin_error_set(err, rc, NULL, "a merge function failed: %s",
		    irmin_rc_text(rc));
	return rc;
}

irmin_merge *irmin_merge_new(irmin_merge_fn fn, void *arg,
    void (*destroy)(void *arg))
{
	static const irmin__merge_class cls = { run_own, destroy_own };
	own_merge *own;

	own = (own_merge *)(void *)irmin__merge_make(&cls, sizeof *own,
	    irmin_shape_bytes(), NULL, 0);
	if (!own) {
		if (destroy)
			destroy(arg);
		return NULL;
	}
	own->merge.sides = IRMIN__SIDES_FROM_OPTION;
	own->fn = fn;
	own->arg = arg;
	own->destroy = destroy;
	return &own->merge;
}
