/* Merges through a conversion and back. */
#include "lib/core/base/error.h"
#include "lib/merge/merge.h"

typedef struct like_merge {
	irmin_merge merge;
	irmin_value_fn to, from;
	void *arg;
	void (*destroy)(void *arg);
} like_merge;

/* A conversion is a program's own: what it answers is not relied on. An absent
 * value stays one. */
static irmin_rc convert(const like_merge *like, irmin_value_fn fn,
    irmin_value *from, irmin_value **to, irmin_error *err)
{
	irmin_rc rc;

	*to = NULL;
	if (!from)
		return IRMIN_OK;
	irmin_error_clear(err);
	rc = fn(like->arg, from, to, err);
	if (rc >= 0 && *to)
		return IRMIN_OK;
	if (rc >= 0)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "cannot merge: a conversion answered no value");
	irmin_value_unref(*to);
	*to = NULL;
	if (err && err->code != rc)
		irmin_error_set(err, rc, NULL,
		    "cannot merge: a conversion failed: %s", irmin_rc_text(rc));
	return rc;
}

/* ---- the base, converted when it is asked for ---- */

typedef struct like_promise {
	irmin_promise promise;
	irmin_promise *whole;
	const like_merge *like;
} like_promise;

static irmin_rc compute_like(irmin_promise *promise, irmin_value **base,
    irmin_error *err)
{
	like_promise *asked = (like_promise *)(void *)promise;
	irmin_value *whole;
	irmin_rc rc = irmin__promise_find(asked->whole, &whole, err);

	return rc < 0 ? rc
		      : convert(asked->like, asked->like->to, whole, base, err);
}

/* ---- running ---- */

static irmin_rc run_converted(like_merge *like, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	like_promise promise = { { compute_like, NULL, 0 }, base, like };
	irmin_value *merged = NULL;
	irmin_rc rc;

	rc = irmin__merge_run(like->merge.parts[0], &promise.promise, ours,
	    theirs, &merged, err);
	irmin__promise_clear(&promise.promise);
	if (rc >= 0)
		rc = convert(like, like->from, merged, result, err);
	irmin_value_unref(merged);
	return rc;
}

static irmin_rc run_like(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	like_merge *like = (like_merge *)(void *)merge;
	irmin_value *sides[2] = { NULL, NULL };
	irmin_rc rc = convert(like, like->to, ours, &sides[0], err);

	if (rc >= 0)
		rc = convert(like, like->to, theirs, &sides[1], err);
	if (rc >= 0)
		rc = run_converted(like, base, sides[0], sides[1], result, err);
	irmin_value_unref(sides[0]);
	irmin_value_unref(sides[1]);
	return rc;
}

/* ---- making ---- */

static void destroy_like(irmin_merge *merge)
{
	like_merge *like = (like_merge *)(void *)merge;

	if (like->destroy)
		like->destroy(like->arg);
}

irmin_merge *irmin_merge_like(irmin_value_fn to, irmin_value_fn from, void *arg,
    void (*destroy)(void *arg), irmin_merge *merge)
{
	static const irmin__merge_class cls = { run_like, destroy_like };
	like_merge *like;

	like = (like_merge *)(void *)irmin__merge_make(&cls, sizeof *like,
	    irmin_shape_bytes(), &merge, 1);
	if (!like) {
		if (destroy)
			destroy(arg);
		return NULL;
	}
	irmin__merge_hand_on_sides(&like->merge);
	like->to = to;
	like->from = from;
	like->arg = arg;
	like->destroy = destroy;
	return &like->merge;
}
