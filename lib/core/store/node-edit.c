/* Directories in memory: making a changed one.
 *
 * First the fans on the way are made the owner's, which changes no contents; then
 * the leaf is changed, which fails or is done; then the sums above it follow. So
 * what fails has changed nothing that anybody sees.
 */
#include "lib/core/base/error.h"
#include "lib/core/store/node-parts.h"

/* What `at` on the trail leads to becomes another piece; at the top that is the
 * directory itself, which the caller keeps. */
static void put_piece(irmin__trail *trail, size_t at, irmin__node *piece,
    irmin__node **root)
{
	if (at)
		irmin__fan_set(trail->steps[at - 1].fan,
		    trail->steps[at - 1].at, piece);
	else
		*root = piece;
}

static irmin_rc own_fans(irmin__trail *trail, uint64_t owner,
    irmin__node **root, irmin_error *err)
{
	irmin__node *copy;
	irmin_rc rc;
	size_t i;

	for (i = 0; i < trail->depth; i++) {
		if (trail->steps[i].fan->owner == owner)
			continue;
		rc = irmin__fan_copy(trail->steps[i].fan, owner, &copy, err);
		if (rc < 0)
			return rc;
		put_piece(trail, i, copy, root);
		trail->steps[i].fan = copy;
	}
	return IRMIN_OK;
}

static void recount(const irmin__trail *trail)
{
	size_t i;

	for (i = trail->depth; i > 0; i--)
		irmin__fan_recount(trail->steps[i - 1].fan,
		    trail->steps[i - 1].at);
}

/* Changes the leaf where the trail ends. */
static irmin_rc change_leaf(irmin__trail *trail, uint64_t owner, size_t gone,
    const irmin__node_change *change, irmin__node **root, irmin_error *err)
{
	irmin__node *leaf = trail->place.leaf, *copy;
	irmin_rc rc;

	if (leaf->owner == owner) {
		rc = irmin__leaf_change(leaf, trail->place.at, gone, change,
		    err);
	} else {
		rc = irmin__leaf_copy(leaf, owner, trail->place.at, gone,
		    change, &copy, err);
		if (rc >= 0)
			put_piece(trail, trail->depth, copy, root);
	}
	if (rc >= 0)
		recount(trail);
	return rc;
}

/* Makes a root the owner's. */
static irmin_rc own_root(irmin__node **root, uint64_t owner, irmin_error *err)
{
	if ((*root)->owner == owner)
		return IRMIN_OK;
	return irmin__piece_own(*root, owner, root, err);
}

/* Puts a new name where the trail ends. */
static irmin_rc insert(irmin__trail *trail, uint64_t owner,
    const irmin__node_change *change, irmin__node **root, irmin_error *err)
{
	int is_tree = change->mode == IRMIN_MODE_TREE;
	irmin_rc rc = IRMIN_OK;

	if (irmin__piece_is_full(trail->place.leaf)) {
		rc = own_root(root, owner, err);
		if (rc >= 0)
			rc = irmin__node_make_room(*root, change->name, is_tree,
			    err);
		if (rc >= 0)
			irmin__trail_seek(trail, *root, change->name, is_tree);
	}
	if (rc >= 0)
		rc = own_fans(trail, owner, root, err);
	if (rc >= 0)
		rc = change_leaf(trail, owner, 0, change, root, err);
	return rc;
}

static irmin_rc replace(irmin__trail *trail, uint64_t owner,
    const irmin__node_change *change, irmin__node **root, irmin_error *err)
{
	irmin_rc rc = own_fans(trail, owner, root, err);

	return rc < 0 ? rc : change_leaf(trail, owner, 1, change, root, err);
}

static irmin_rc take_out(irmin__trail *trail, uint64_t owner,
    irmin__node **root, irmin_error *err)
{
	irmin_rc rc = replace(trail, owner, NULL, root, err);

	if (rc >= 0)
		irmin__node_mend(trail, *root);
	return rc;
}

/* A file becomes a directory or the other way round, and stands elsewhere then.
 * Once its old place is the owner's, what can fail is to put in the new one. */
static irmin_rc change_kind(irmin__trail *trail, uint64_t owner,
    const irmin__node_change *change, irmin__node **root, irmin_error *err)
{
	int is_tree = change->mode == IRMIN_MODE_TREE;
	irmin_rc rc = own_fans(trail, owner, root, err);

	if (rc >= 0)
		rc = change_leaf(trail, owner, 0, NULL, root, err);
	if (rc < 0)
		return rc;
	irmin__trail_seek(trail, *root, change->name, is_tree);
	rc = insert(trail, owner, change, root, err);
	if (rc < 0)
		return rc;
	irmin__trail_seek(trail, *root, change->name, !is_tree);
	return take_out(trail, owner, root, err);
}

static irmin_rc apply(irmin__node **root, uint64_t owner,
    const irmin__node_change *change, irmin_error *err)
{
	int is_tree = change->mode == IRMIN_MODE_TREE;
	irmin__trail trail;
	int found = irmin__trail_find(&trail, *root, change->name);

	if (change->mode == IRMIN_MODE_NONE)
		return take_out(&trail, owner, root, err);
	if (found && irmin__place_is_tree(trail.place) == is_tree)
		return replace(&trail, owner, change, root, err);
	if (found)
		return change_kind(&trail, owner, change, root, err);
	if (trail.is_tree != is_tree)
		irmin__trail_seek(&trail, *root, change->name, is_tree);
	return insert(&trail, owner, change, root, err);
}

irmin_rc irmin__node_apply(irmin__node *dir, uint64_t owner,
    const irmin__node_change *change, irmin__node **result, irmin_error *err)
{
	irmin__node *canonical = NULL, *root = dir;
	irmin_rc rc = IRMIN_OK;

	*result = NULL;
	if (dir->flags & IRMIN__TREE_ODD_MODE) {
		rc = irmin__node_canonical(dir, &canonical, err);
		root = canonical;
	}
	if (rc >= 0)
		rc = apply(&root, owner, change, err);
	if (rc >= 0)
		*result = root;
	else if (root != dir && root != canonical)
		irmin__node_unref(root);
	irmin__node_unref(canonical);
	return rc;
}
