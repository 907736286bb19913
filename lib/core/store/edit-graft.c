/* Edits of what exists: putting a tree at a path, and moving. */
#include <irmin/edit.h>

#include "lib/core/base/error.h"
#include "lib/core/object/write-check.h"
#include "lib/core/store/tree-edit.h"
#include "lib/core/store/tree-walk.h"

/* Under a new tag nothing is changed in place that is there now: who compares may
 * hash it, and who goes back finds it as it was. */
static void freeze(irmin_edit *edit)
{
	edit->owner = irmin__repo_serial(edit->repo);
}

/* ---- putting a tree ---- */

static irmin_rc replace_root(irmin_edit *edit, irmin_tree *tree,
    irmin_error *err)
{
	irmin__node *root, *new_root;
	int same;
	irmin_rc rc;

	freeze(edit);
	rc = irmin__edit_root(edit, &root, err);
	if (rc >= 0)
		rc = irmin__tree_root(tree, &new_root, err);
	if (rc >= 0)
		rc = irmin__node_same(edit->repo, root, new_root, &same, err);
	if (rc < 0)
		return rc;
	if (same)
		return IRMIN_UNCHANGED;
	irmin__edit_set_root(edit, irmin__node_ref(new_root));
	return IRMIN_OK;
}

/* A change that puts a tree; the child is borrowed. */
static void change_of_tree(irmin_tree *tree, irmin__node_change *change)
{
	irmin__node *root = irmin__tree_loaded_root(tree);

	memset(change, 0, sizeof *change);
	change->mode = IRMIN_MODE_TREE;
	change->id = root ? irmin__node_known_id(root) : &tree->id;
	change->child = root;
}

/* Whether the walk ended at the same directory. One that is not loaded has an
 * id. */
static irmin_rc is_there(irmin_edit *edit, const irmin__node_change *change,
    int *same, irmin_error *err)
{
	const irmin__edit_step *last = irmin__edit_last(edit);
	irmin__node *child;
	irmin_oid id, there;
	irmin_rc rc;

	*same = 0;
	if (!last->trail.found || !irmin__place_is_tree(last->trail.place))
		return IRMIN_OK;
	freeze(edit);
	child = irmin__place_child(last->trail.place);
	if (child && change->child)
		return irmin__node_same(edit->repo, child, change->child, same,
		    err);
	rc = irmin__place_find_id(edit->repo, last->trail.place, &there, err);
	if (rc >= 0 && change->id)
		id = *change->id;
	else if (rc >= 0)
		rc = irmin__node_id(edit->repo, change->child, &id, err);
	*same = rc >= 0 && irmin_oid_compare(&there, &id) == 0;
	return rc;
}

static irmin_rc put_tree(irmin_edit *edit, irmin_slice path, irmin_tree *tree,
    irmin_error *err)
{
	irmin__node_change change;
	int same = 0;
	irmin_rc rc = irmin__edit_walk(edit, path, err);

	change_of_tree(tree, &change);
	if (rc >= 0)
		rc = is_there(edit, &change, &same, err);
	if (rc < 0)
		return rc;
	if (same)
		return IRMIN_UNCHANGED;
	if (change.child)
		irmin__node_ref(change.child);
	return irmin__edit_put(edit, &change, err);
}

irmin_rc irmin_edit_add_tree(irmin_edit *edit, const char *path,
    irmin_tree *tree, irmin_error *err)
{
	irmin_slice text = irmin_text(path), rest = text, step;
	int empty;
	irmin_rc rc;

	irmin_error_clear(err);
	if (tree->repo != edit->repo)
		return irmin_error_set(err, IRMIN_EINVAL, path,
		    "the tree is of another repository");
	if (atomic_load(&tree->relies))
		irmin__edit_rely(edit);
	rc = irmin__path_check_read(text, &edit->repo->limits, err);
	if (rc < 0)
		return rc;
	if (irmin__path_step_next(&rest, &step) == IRMIN_END)
		return replace_root(edit, tree, err);
	rc = irmin__tree_is_empty(tree, &empty, err);
	if (rc < 0)
		return rc;
	if (empty)
		return irmin_edit_remove_n(edit, text, err);
	return put_tree(edit, text, tree, err);
}

/* ---- taking from another tree ---- */

/* Puts what is at a place elsewhere. */
static irmin_rc put_change(irmin_edit *edit, irmin_slice path,
    const irmin__node_change *change, irmin_error *err)
{
	irmin_rc rc = irmin__edit_walk(edit, path, err);

	if (rc < 0) {
		irmin__change_drop(change);
		return rc;
	}
	return irmin__edit_put(edit, change, err);
}

static irmin_rc take(irmin_edit *edit, irmin_slice path, irmin_tree *from,
    irmin_error *err)
{
	irmin__node_change change;
	irmin__node *root;
	irmin__spot spot;
	irmin_oid id;
	irmin_rc rc = IRMIN_ABSENT;

	if (from)
		rc = irmin__tree_root(from, &root, err);
	if (from && rc >= 0)
		rc = irmin__spot_find(edit->repo, root, path, &spot, err);
	if (rc == IRMIN_ABSENT)
		return irmin_edit_remove_n(edit, path, err);
	if (rc < 0)
		return rc;
	if (irmin__spot_is_root(&spot))
		return replace_root(edit, from, err);
	irmin__place_copy(spot.place, &change, &id);
	irmin__spot_clear(&spot);
	return put_change(edit, path, &change, err);
}

irmin_rc irmin__edit_take(irmin_edit *edit, irmin_slice path, irmin_tree *from,
    irmin_error *err)
{
	irmin_rc rc;

	if (from && atomic_load(&from->relies))
		irmin__edit_rely(edit);
	edit->marks = 1;
	rc = take(edit, path, from, err);
	edit->marks = 0;
	return rc;
}

/* ---- moving ---- */

enum relation { APART, SAME, NESTED };

static enum relation relate(irmin_slice a, irmin_slice b)
{
	irmin_slice a_step, b_step;
	irmin_rc a_rc, b_rc;

	do {
		a_rc = irmin__path_step_next(&a, &a_step);
		b_rc = irmin__path_step_next(&b, &b_step);
	} while (a_rc == IRMIN_OK && b_rc == IRMIN_OK &&
	    irmin_slice_equal(a_step, b_step));
	if (a_rc == IRMIN_OK && b_rc == IRMIN_OK)
		return APART;
	return a_rc == b_rc ? SAME : NESTED;
}

/* A value that comes to a name whose contents git reads must be fit for it. */
static irmin_rc check_special(irmin_edit *edit, irmin_slice from,
    irmin_slice name, irmin_error *err)
{
	const irmin__edit_step *step = irmin__edit_last(edit);
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_rc rc;

	if (!irmin__check_is_special(name))
		return IRMIN_OK;
	rc = irmin__place_value(edit->repo, step->trail.place, from, &value,
	    err);
	if (rc == IRMIN_OK)
		rc = irmin__check_special(name,
		    irmin_bytes(value.data, value.len), err);
	irmin_pin_release(&value);
	return rc;
}

static irmin_slice last_step(irmin_slice path)
{
	irmin_slice step = irmin_bytes(NULL, 0), next;

	while (irmin__path_step_next(&path, &next) == IRMIN_OK)
		step = next;
	return step;
}

/* Both halves of a move; the walk has found `from`. What is moved is held: the
 * next walk may let go of the directory that it was in. */
static irmin_rc put_and_cut(irmin_edit *edit, irmin_slice from, irmin_slice to,
    irmin_error *err)
{
	irmin__node_change change;
	irmin_oid id;
	irmin_rc rc;

	rc = check_special(edit, from, last_step(to), err);
	if (rc < 0)
		return rc;
	irmin__place_copy(irmin__edit_last(edit)->trail.place, &change, &id);
	rc = put_change(edit, to, &change, err);
	if (rc >= 0)
		rc = irmin__edit_walk(edit, from, err);
	return rc < 0 ? rc : irmin__edit_cut(edit, err);
}

/* The root from before is what the edit goes back to if the second half fails. */
static irmin_rc move(irmin_edit *edit, irmin_slice from, irmin_slice to,
    irmin_error *err)
{
	irmin__node *root = edit->root;
	uint64_t owner = edit->owner;
	irmin_rc rc;

	if (root)
		irmin__node_ref(root);
	freeze(edit);
	rc = put_and_cut(edit, from, to, err);
	if (rc >= 0) {
		irmin__node_unref(root);
		return IRMIN_OK;
	}
	irmin__edit_set_root(edit, root);
	edit->owner = owner;
	return rc;
}

irmin_rc irmin_edit_move(irmin_edit *edit, const char *from, const char *to,
    irmin_error *err)
{
	irmin_slice source = irmin_text(from), target = irmin_text(to);
	enum relation relation = relate(source, target);
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__path_check_read(source, &edit->repo->limits, err);
	if (rc >= 0)
		rc = irmin__path_check_read(target, &edit->repo->limits, err);
	if (rc >= 0)
		rc = irmin__edit_walk(edit, source, err);
	if (rc != IRMIN_OK)
		return rc;
	if (relation == SAME)
		return IRMIN_UNCHANGED;
	if (relation == NESTED)
		return irmin_error_set(err, IRMIN_EINVAL, to,
		    "cannot move \"%s\" to \"%s\": one lies below the other",
		    from, to);
	return move(edit, source, target, err);
}
