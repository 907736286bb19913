/* Merges around others: one after the other, in other words, on other values. */
#include "lib/core/base/error.h"
#include "lib/merge/merge.h"

/* ---- seq ---- */

static irmin_rc run_seq(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_ECONFLICT;
	size_t i;

	if (!merge->count)
		return irmin_error_set(err, rc, NULL,
		    "there is no merge to try");
	for (i = 0; rc == IRMIN_ECONFLICT && i < merge->count; i++)
		rc = irmin__merge_run(merge->parts[i], base, ours, theirs,
		    result, err);
	return rc;
}

irmin_merge *irmin_merge_seq(irmin_merge *const *merges, size_t count)
{
	static const irmin__merge_class cls = { run_seq, NULL };
	irmin_shape *shape = count ? irmin__merge_shape_of(merges[0])
				   : irmin_shape_bytes();
	irmin_merge *merge;

	merge = irmin__merge_make(&cls, sizeof *merge, shape, merges, count);
	if (merge)
		irmin__merge_hand_on_sides(merge);
	return merge;
}

/* ---- on another shape ---- */

irmin_merge *irmin_merge_on(irmin_shape *shape, irmin_merge *merge)
{
	static const irmin__merge_class cls = { run_seq, NULL };
	irmin_merge *made;

	made = irmin__merge_make(&cls, sizeof *made, shape, &merge, 1);
	if (made)
		irmin__merge_hand_on_sides(made);
	return made;
}

/* ---- in other words ---- */

typedef struct worded_merge {
	irmin_merge merge;
	irmin_conflict_fn fn;
	void *arg;
	void (*destroy)(void *arg);
} worded_merge;

static void destroy_worded(irmin_merge *merge)
{
	worded_merge *worded = (worded_merge *)(void *)merge;

	if (worded->destroy)
		worded->destroy(worded->arg);
}

/* Only the words are the function's: what it does to the code is undone. */
static irmin_rc run_worded(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	worded_merge *worded = (worded_merge *)(void *)merge;
	irmin_rc rc = irmin__merge_run(merge->parts[0], base, ours, theirs,
	    result, err);

	if (rc == IRMIN_ECONFLICT && err) {
		worded->fn(worded->arg, err);
		err->code = rc;
	}
	return rc;
}

irmin_merge *irmin_merge_with_conflict(irmin_merge *merge, irmin_conflict_fn fn,
    void *arg, void (*destroy)(void *arg))
{
	static const irmin__merge_class cls = { run_worded, destroy_worded };
	worded_merge *made;

	made = (worded_merge *)(void *)irmin__merge_make(&cls, sizeof *made,
	    irmin__merge_shape_of(merge), &merge, 1);
	if (!made) {
		if (destroy)
			destroy(arg);
		return NULL;
	}
	irmin__merge_hand_on_sides(&made->merge);
	made->fn = fn;
	made->arg = arg;
	made->destroy = destroy;
	return &made->merge;
}
