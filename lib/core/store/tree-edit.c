#include "lib/core/store/tree-edit.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/write-check.h"
#include "lib/core/store/tree-walk.h"

/* ---- the root ---- */

irmin_rc irmin__edit_root(irmin_edit *edit, irmin__node **root,
    irmin_error *err)
{
	*root = edit->root;
	if (*root)
		return IRMIN_OK;
	return irmin__tree_root(edit->tree, root, err);
}

void irmin__edit_set_root(irmin_edit *edit, irmin__node *root)
{
	irmin__node_unref(edit->root);
	edit->root = root;
}

/* ---- going down ---- */

static irmin_rc refuse(irmin_slice path, const char *why, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "cannot write \"%.*s\": %s", (int)path.len,
	    path.len ? (const char *)path.data : "", why);
}

/* Such a tree was read, so it has an id. */
static irmin_rc refuse_broken(irmin_slice path, const irmin__node *node,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	irmin_oid_hex(irmin__node_known_id(node), hex);
	return irmin_error_set(err, IRMIN_ECORRUPT, hex,
	    "cannot write \"%.*s\": entries of tree %s are %s", (int)path.len,
	    (const char *)path.data, hex,
	    node->flags & IRMIN__TREE_UNSORTED ? "out of order"
					       : "there twice");
}

/* The directory in which the step behind the last one is looked up; NULL if
 * there is none. */
static irmin_rc open_last(irmin_edit *edit, irmin_slice path,
    irmin__node **node, irmin__node **own, irmin_error *err)
{
	const irmin__edit_step *last;

	*node = NULL;
	*own = NULL;
	if (!edit->steps.len)
		return irmin__edit_root(edit, node, err);
	last = irmin__edit_last(edit);
	if (!last->trail.found || !irmin__place_is_tree(last->trail.place))
		return IRMIN_OK;
	return irmin__place_open(edit->repo, last->trail.place,
	    irmin__path_to(path, last->name), node, own, err);
}

static irmin_rc add_step(irmin_edit *edit, irmin_slice path, irmin_slice name,
    irmin_error *err)
{
	irmin__edit_step *step;
	irmin__node *dir, *own;
	irmin_rc rc;

	if (!edit->marks && irmin__slice_is(name, IRMIN__RESERVED_STEP))
		return refuse(path,
		    "the step " IRMIN__RESERVED_STEP " is reserved", err);
	rc = open_last(edit, path, &dir, &own, err);
	if (rc >= 0 && dir && irmin__node_is_broken(dir))
		rc = refuse_broken(path, dir, err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&edit->steps, 1, err);
	if (rc < 0) {
		irmin__node_unref(own);
		return rc;
	}
	step = &edit->steps.items[edit->steps.len++];
	step->name = name;
	step->dir = dir;
	step->own = own;
	step->trail.found = 0;
	if (dir)
		irmin__trail_find(&step->trail, dir, name);
	return IRMIN_OK;
}

void irmin__edit_forget_walk(irmin_edit *edit)
{
	while (edit->steps.len)
		irmin__node_unref(edit->steps.items[--edit->steps.len].own);
}

irmin_rc irmin__edit_walk(irmin_edit *edit, irmin_slice path, irmin_error *err)
{
	irmin_slice rest = path, name;
	irmin_rc rc = IRMIN_OK;

	edit->path = path;
	irmin__edit_forget_walk(edit);
	while (rc >= 0 && irmin__path_step_next(&rest, &name) == IRMIN_OK)
		rc = add_step(edit, path, name, err);
	if (rc < 0)
		return rc;
	if (!edit->steps.len)
		return refuse(path, "it is the root", err);
	return irmin__edit_last(edit)->trail.found ? IRMIN_OK : IRMIN_ABSENT;
}

irmin__edit_step *irmin__edit_last(const irmin_edit *edit)
{
	return &edit->steps.items[edit->steps.len - 1];
}

/* ---- what may be put ---- */

/* A name that was there is not checked again, unless its kind changes; who may
 * write markers was found out on the way. */
static irmin_rc check_name(const irmin_repo *repo, irmin_slice name,
    irmin_mode there, irmin_mode mode, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (there == mode)
		return IRMIN_OK;
	if (!there && !irmin__slice_is(name, IRMIN__RESERVED_STEP))
		rc = irmin__path_check_write(name, &repo->limits, err);
	return rc < 0 ? rc : irmin__check_entry(name, mode, err);
}

static irmin_rc check_room(const irmin_repo *repo, const irmin__node *dir,
    irmin_slice name, irmin_mode mode, irmin_error *err)
{
	size_t limit = repo->max_tree_bytes;
	size_t bytes;

	if (limit > UINT32_MAX)
		limit = UINT32_MAX;
	bytes = irmin__tree_entry_bytes(name, mode, repo->hash);
	if (bytes <= limit && irmin__node_bytes(dir) <= limit - bytes)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_ELIMIT, NULL,
	    "a directory would have more than %zu bytes", limit);
}

irmin_rc irmin__entry_check(const irmin_repo *repo, const irmin__node *dir,
    irmin_slice name, irmin_mode there, irmin_mode mode, irmin_error *err)
{
	irmin_rc rc = check_name(repo, name, there, mode, err);

	if (rc >= 0 && !there && dir)
		rc = check_room(repo, dir, name, mode, err);
	return rc;
}

static irmin_rc check_steps(const irmin_edit *edit, irmin_mode mode,
    irmin_error *err)
{
	size_t i, last = edit->steps.len - 1;
	irmin_rc rc = IRMIN_OK;

	for (i = 0; i <= last && rc >= 0; i++) {
		const irmin__edit_step *step = &edit->steps.items[i];

		rc = irmin__entry_check(edit->repo, step->dir, step->name,
		    step->trail.found ? irmin__place_mode(step->trail.place)
				      : IRMIN_MODE_NONE,
		    i < last ? IRMIN_MODE_TREE : mode, err);
	}
	return rc;
}

/* ---- coming up ---- */

/* Makes a directory with nothing but this entry in it. */
static irmin_rc make_single(irmin_edit *edit, const irmin__node_change *change,
    irmin__node **node, irmin_error *err)
{
	irmin__node *made, *same;
	irmin_rc rc;

	rc = irmin__node_new(edit->repo->hash, edit->owner, 1,
	    irmin__tree_entry_bytes(change->name, change->mode,
		edit->repo->hash),
	    &made, err);
	if (rc < 0)
		return rc;
	rc = irmin__node_apply(made, edit->owner, change, &same, err);
	if (rc < 0)
		irmin__node_unref(made);
	else
		*node = same;
	return rc;
}

void irmin__change_drop(const irmin__node_change *change)
{
	if (change->mode == IRMIN_MODE_TREE)
		irmin__node_unref(change->child);
	else
		irmin__blob_unref(change->child);
}

void irmin__place_copy(irmin__place place, irmin__node_change *change,
    irmin_oid *id)
{
	memset(change, 0, sizeof *change);
	change->mode = irmin__place_mode(place);
	change->id = irmin__place_id(place, id) ? id : NULL;
	if (irmin__place_is_small(place)) {
		irmin__change_set_value(change, irmin__place_small(place),
		    NULL);
		return;
	}
	change->child = irmin__place_child(place);
	if (!change->child)
		return;
	if (change->mode == IRMIN_MODE_TREE)
		irmin__node_ref(change->child);
	else
		irmin__blob_ref(change->child);
}

/* Of a directory that is copied: a large one shares most with the one it was. */
#define COPIED_BYTES ((size_t)4096)

/* What a new or copied directory takes, the entry that it is changed by aside. */
static size_t copied_bytes(const irmin__node *dir)
{
	size_t bytes = dir ? 2 * irmin__node_bytes(dir) : 0;

	return sizeof *dir + (bytes < COPIED_BYTES ? bytes : COPIED_BYTES);
}

/* What a change takes: the value, the entry and its record, with what both grow
 * ahead. */
static size_t changed_bytes(const irmin_edit *edit,
    const irmin__node_change *change)
{
	size_t bytes = 2 *
	    (irmin__tree_entry_bytes(change->name, change->mode,
		 edit->repo->hash) +
		sizeof(irmin__node_entry) + sizeof(uint64_t));
	const irmin__blob *blob = change->child;

	bytes += change->small.len;
	if (blob && change->mode != IRMIN_MODE_TREE)
		bytes += sizeof *blob + blob->len;
	return bytes;
}

/* Makes a change at step `at` and, as far as directories are not the edit's own
 * yet, in everything above. What fails drops all that was built, and with it the
 * child that the change brought. */
static irmin_rc apply_up(irmin_edit *edit, size_t at, irmin__node_change change,
    irmin_error *err)
{
	size_t bytes = edit->dirty;
	irmin__node *result = NULL;
	irmin_rc rc;

	for (;; at--) {
		irmin__edit_step *step = &edit->steps.items[at];

		bytes += changed_bytes(edit, &change);
		if (step->dir)
			rc = irmin__node_apply_at(step->dir, edit->owner,
			    &step->trail, &change, &result, err);
		else
			rc = make_single(edit, &change, &result, err);
		if (rc < 0) {
			irmin__change_drop(&change);
			return rc;
		}
		if (result == step->dir) {
			edit->dirty = bytes;
			return IRMIN_OK;
		}
		bytes += copied_bytes(step->dir);
		if (step->dir && !edit->repo->is_volatile)
			irmin__node_derive(result, step->dir);
		if (at == 0)
			break;
		change.name = step[-1].name;
		change.mode = IRMIN_MODE_TREE;
		change.id = NULL;
		change.child = result;
		change.small.is_there = 0;
		change.small.len = 0;
	}
	irmin__edit_set_root(edit, result);
	edit->dirty = bytes;
	return IRMIN_OK;
}

irmin_rc irmin__edit_put(irmin_edit *edit, const irmin__node_change *change,
    irmin_error *err)
{
	irmin__node_change named = *change;
	irmin_rc rc = check_steps(edit, change->mode, err);

	if (rc < 0) {
		irmin__change_drop(change);
		return irmin__path_locate(err, rc, edit->path);
	}
	named.name = irmin__edit_last(edit)->name;
	return apply_up(edit, edit->steps.len - 1, named, err);
}

irmin_rc irmin__edit_cut(irmin_edit *edit, irmin_error *err)
{
	irmin__node_change change;
	size_t at = edit->steps.len - 1;

	while (at > 0 && irmin__node_length(edit->steps.items[at].dir) == 1)
		at--;
	memset(&change, 0, sizeof change);
	change.name = edit->steps.items[at].name;
	return apply_up(edit, at, change, err);
}
