/* Three-way merge of trees: changed directories. The first change of one makes a
 * directory of our own out of ours, which the later ones change in place; it goes
 * into the one above when it is left. */
#include "lib/core/base/slice.h"
#include "lib/core/store/tree-edit.h"
#include "lib/core/store/tree-walk.h"
#include "lib/merge/merge-parts.h"

/* The directory that is changed next, borrowed. */
static irmin_rc open_result(irmin__tree_merge *merge, irmin__merge_level *level,
    irmin__node **dir, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	*dir = level->result ? level->result : level->dirs[IRMIN_SIDE_OURS];
	if (!*dir) {
		rc = irmin__node_new(merge->repo->hash, merge->owner, 0, 0,
		    &level->result, err);
		*dir = level->result;
	}
	return rc;
}

static irmin_rc check(const irmin__tree_merge *merge, const irmin__node *dir,
    const irmin__trail *trail, const irmin__node_change *change,
    irmin_error *err)
{
	if (change->mode == IRMIN_MODE_NONE)
		return IRMIN_OK;
	return irmin__entry_check(merge->repo, dir, change->name,
	    trail->found ? irmin__place_mode(trail->place) : IRMIN_MODE_NONE,
	    change->mode, err);
}

irmin_rc irmin__merge_put(irmin__tree_merge *merge,
    const irmin__node_change *change, irmin_error *err)
{
	irmin__merge_level *level = irmin__merge_top(merge);
	irmin__node *dir, *made = NULL;
	irmin__trail trail;
	irmin_rc rc = open_result(merge, level, &dir, err);

	if (rc >= 0) {
		irmin__trail_find(&trail, dir, change->name);
		rc = check(merge, dir, &trail, change, err);
	}
	if (rc >= 0)
		rc = irmin__node_apply_at(dir, merge->owner, &trail, change,
		    &made, err);
	if (rc < 0) {
		irmin__change_drop(change);
		return rc;
	}
	if (made == level->result)
		return IRMIN_OK;
	if (!merge->repo->is_volatile)
		irmin__node_derive(made, dir);
	level->result = made;
	return IRMIN_OK;
}

irmin_rc irmin__merge_put_place(irmin__tree_merge *merge, irmin_slice name,
    irmin__place place, irmin_mode mode, irmin_error *err)
{
	irmin__node_change change = { .mode = IRMIN_MODE_NONE };
	irmin_oid id;
	irmin_rc rc;

	if (place.leaf)
		irmin__place_copy(place, &change, &id);
	change.name = name;
	if (place.leaf && mode != IRMIN_MODE_NONE)
		change.mode = mode;
	rc = irmin__merge_put(merge, &change, err);
	if (rc >= 0 || irmin__merge_set_path(merge, name, NULL) < 0)
		return rc;
	return irmin__path_locate(err, rc, irmin_buf_slice(&merge->path));
}

/* Puts a directory at the path in the innermost one; an empty one is none. */
static irmin_rc put_above(irmin__tree_merge *merge, irmin__node *dir,
    irmin_error *err)
{
	irmin__node_change change = { .mode = IRMIN_MODE_NONE };
	irmin_slice path = irmin_buf_slice(&merge->path);
	size_t above = irmin__merge_top(merge)->path_len;
	irmin_rc rc;

	change.name = irmin__slice_from(path, above + (above > 0));
	if (irmin__node_length(dir)) {
		change.mode = IRMIN_MODE_TREE;
		change.child = irmin__node_ref(dir);
	}
	rc = irmin__merge_put(merge, &change, err);
	return irmin__path_locate(err, rc, path);
}

irmin_rc irmin__merge_leave(irmin__tree_merge *merge, irmin_error *err)
{
	irmin__merge_level *level = irmin__merge_top(merge);
	irmin__node *dir = level->result;
	irmin_rc rc;

	merge->path.len = level->path_len;
	level->result = NULL;
	irmin__merge_drop_level(merge);
	if (!dir)
		return IRMIN_OK;
	if (!merge->levels.len) {
		merge->root = dir;
		return IRMIN_OK;
	}
	rc = put_above(merge, dir, err);
	irmin__node_unref(dir);
	return rc;
}
