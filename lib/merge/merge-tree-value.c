/* Three-way merge of trees: values that both sides changed, by the type of their
 * path. The base is read if the merge asks for it. What a side has that is not in
 * the type's form is a conflict; so is what the merge says is one. Any other
 * failure ends the merge of the trees. */
#include "lib/core/base/error.h"
#include "lib/core/object/write-check.h"
#include "lib/core/store/batch.h"
#include "lib/core/store/tree-edit.h"
#include "lib/core/store/tree-walk.h"
#include "lib/merge/contents.h"
#include "lib/merge/merge-parts.h"
#include "lib/merge/merge.h"
#include <irmin/alloc.h>

/* One name whose values are being merged. */
struct files {
	irmin_promise base; /* first: it is cast to this */
	irmin__tree_merge *merge;
	const irmin__merge_name *name;
	irmin_contents *contents; /* borrowed */
};

/* ---- reading ---- */

/* Bytes that are not the canonical form cannot be merged. */
static irmin_rc decode(const struct files *files, irmin_side side,
    irmin_slice bytes, irmin_value **value, irmin_error *err)
{
	static const char *const words[] = { "that of the base", "ours",
		"theirs" };
	irmin_error why;
	irmin_rc rc = irmin_contents_decode(files->contents, bytes, value,
	    &why);

	if (rc == IRMIN_EINVAL)
		return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
		    "%s is not of type %s: %s", words[side],
		    irmin_contents_name(files->contents), why.text);
	if (rc < 0 && err)
		*err = why;
	return rc;
}

/* The value of a side, NULL if it has none. */
static irmin_rc read_side(const struct files *files, irmin_side side,
    irmin_value **value, irmin_error *err)
{
	irmin__place place = files->name->sides[side];
	irmin_pin bytes = IRMIN_PIN_INIT;
	irmin_rc rc;

	*value = NULL;
	if (!irmin__place_is_file(place))
		return IRMIN_OK;
	rc = irmin__place_value(files->merge->repo, place,
	    irmin_buf_slice(&files->merge->path), &bytes, err);
	if (rc >= 0)
		rc = decode(files, side, irmin_bytes(bytes.data, bytes.len),
		    value, err);
	irmin_pin_release(&bytes);
	return rc;
}

static irmin_rc compute_base(irmin_promise *promise, irmin_value **base,
    irmin_error *err)
{
	const struct files *files = (const struct files *)(void *)promise;
	irmin_rc rc;

	if (files->name->is_blind)
		return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
		    "the common ancestors conflict here");
	rc = read_side(files, IRMIN_SIDE_BASE, base, err);
	return rc < 0 || *base ? rc : IRMIN_ABSENT;
}

/* ---- writing ---- */

/* The bytes of what was merged. That they are not what may stand there is the
 * fault of the merge. */
static irmin_rc encode(const struct files *files, const irmin_value *value,
    irmin_buf *bytes, irmin_error *err)
{
	size_t limit = files->merge->repo->max_value_bytes;
	irmin_rc rc = irmin_contents_encode(files->contents, value, bytes, err);

	if (rc >= 0 && bytes->len > limit)
		rc = irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "a value of %zu bytes, where %zu are allowed", bytes->len,
		    limit);
	if (rc >= 0 && irmin__check_is_special(files->name->name))
		rc = irmin__check_special(files->name->name,
		    irmin_buf_slice(bytes), err);
	return rc;
}

/* Whether ours has just that. */
static int is_ours(const struct files *files, irmin_mode mode,
    const irmin_oid *id)
{
	irmin__place ours = files->name->sides[IRMIN_SIDE_OURS];
	irmin_oid there;

	return ours.leaf && irmin__place_mode(ours) == mode &&
	    irmin__place_id(ours, &there) && irmin_oid_compare(&there, id) == 0;
}

static irmin_rc put_bytes(const struct files *files, irmin_mode mode,
    irmin_slice bytes, irmin_error *err)
{
	irmin__node_change change = { .name = files->name->name, .mode = mode };
	irmin_oid id;
	irmin_rc rc = irmin__object_id(files->merge->repo, IRMIN_OBJECT_BLOB,
	    bytes, &id, err);

	if (rc < 0 || is_ours(files, mode, &id))
		return rc;
	change.id = &id;
	rc = irmin__change_set_value(&change, bytes, err);
	return rc < 0 ? rc : irmin__merge_put(files->merge, &change, err);
}

/* Puts what was merged; NULL is nothing. */
static irmin_rc put_merged(const struct files *files, irmin_mode mode,
    const irmin_value *value, irmin_error *err)
{
	irmin__node_change gone = { .name = files->name->name,
		.mode = IRMIN_MODE_NONE };
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_rc rc;

	if (!value && !files->name->sides[IRMIN_SIDE_OURS].leaf)
		return IRMIN_OK;
	if (!value)
		return irmin__merge_put(files->merge, &gone, err);
	rc = encode(files, value, &bytes, err);
	if (rc >= 0)
		rc = put_bytes(files, mode, irmin_buf_slice(&bytes), err);
	irmin_buf_clear(&bytes);
	return rc;
}

/* ---- merging ---- */

static irmin_rc run(struct files *files, irmin_value **value, irmin_error *err)
{
	irmin_value *ours = NULL, *theirs = NULL;
	irmin_rc rc = read_side(files, IRMIN_SIDE_OURS, &ours, err);

	if (rc >= 0)
		rc = read_side(files, IRMIN_SIDE_THEIRS, &theirs, err);
	if (rc >= 0)
		rc = irmin__merge_run(irmin_contents_merge(files->contents),
		    &files->base, ours, theirs, value, err);
	irmin__promise_clear(&files->base);
	irmin_value_unref(ours);
	irmin_value_unref(theirs);
	return rc;
}

irmin_rc irmin__merge_by_type(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_contents *contents, irmin_mode mode,
    irmin_error *err)
{
	struct files files = { { compute_base, NULL, 0 }, merge, name,
		contents };
	irmin_value *value = NULL;
	irmin_rc rc = run(&files, &value, err);

	if (rc >= 0)
		rc = put_merged(&files, mode, value, err);
	irmin_value_unref(value);
	if (rc == IRMIN_ECONFLICT)
		return rc;
	return irmin__path_locate(err, rc, irmin_buf_slice(&merge->path));
}
