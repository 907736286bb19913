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
static void put_piece(const irmin__trail *trail, size_t at, irmin__node *piece,
    irmin__node **root)
{
	if (at)
		irmin__fan_set(irmin__trail_fan(trail, *root, at - 1),
		    trail->at[at - 1], piece);
	else
		*root = piece;
}

static irmin_rc own_fans(const irmin__trail *trail, uint64_t owner,
    irmin__node **root, irmin_error *err)
{
	irmin__node *fan, *copy;
	irmin_rc rc;
	size_t i;

	for (i = 0; i < trail->depth; i++) {
		fan = irmin__trail_fan(trail, *root, i);
		if (fan->owner == owner)
			continue;
		rc = irmin__fan_copy(fan, owner, &copy, err);
		if (rc < 0)
			return rc;
		put_piece(trail, i, copy, root);
	}
	return IRMIN_OK;
}

static void recount(const irmin__trail *trail, irmin__node *root)
{
	size_t i;

	for (i = trail->depth; i > 0; i--)
		irmin__fan_recount(irmin__trail_fan(trail, root, i - 1),
		    trail->at[i - 1]);
}

/* Changes the leaf where the trail ends. */
static irmin_rc change_leaf(const irmin__trail *trail, uint64_t owner,
    size_t gone, const irmin__node_change *change, irmin__node **root,
    irmin_error *err)
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
		recount(trail, *root);
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

static irmin_rc replace(const irmin__trail *trail, uint64_t owner,
    const irmin__node_change *change, irmin__node **root, irmin_error *err)
{
	irmin_rc rc = own_fans(trail, owner, root, err);

	return rc < 0 ? rc : change_leaf(trail, owner, 1, change, root, err);
}

static irmin_rc take_out(const irmin__trail *trail, uint64_t owner,
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

static irmin_rc apply(irmin__trail *trail, uint64_t owner,
    const irmin__node_change *change, irmin__node **root, irmin_error *err)
{
	int is_tree = change->mode == IRMIN_MODE_TREE;

	if (change->mode == IRMIN_MODE_NONE)
		return take_out(trail, owner, root, err);
	if (trail->found && irmin__place_is_tree(trail->place) == is_tree)
		return replace(trail, owner, change, root, err);
	if (trail->found)
		return change_kind(trail, owner, change, root, err);
	if (trail->is_tree != is_tree)
		irmin__trail_seek(trail, *root, change->name, is_tree);
	return insert(trail, owner, change, root, err);
}

irmin_rc irmin__node_apply(irmin__node *dir, uint64_t owner,
    const irmin__node_change *change, irmin__node **result, irmin_error *err)
{
	irmin__trail trail;

	irmin__trail_find(&trail, dir, change->name);
	return irmin__node_apply_at(dir, owner, &trail, change, result, err);
}

irmin_rc irmin__node_apply_at(irmin__node *dir, uint64_t owner,
    irmin__trail *trail, const irmin__node_change *change, irmin__node **result,
    irmin_error *err)
{
	irmin__node *canonical = NULL, *root = dir;
	irmin_rc rc = IRMIN_OK;

	*result = NULL;
	if (dir->flags & IRMIN__TREE_ODD_MODE) {
		rc = irmin__node_canonical(dir, &canonical, err);
		root = canonical;
		if (rc >= 0)
			irmin__trail_find(trail, root, change->name);
	}
	if (rc >= 0)
		rc = apply(trail, owner, change, &root, err);
	if (rc >= 0)
		*result = root;
	else if (root != dir && root != canonical)
		irmin__node_unref(root);
	irmin__node_unref(canonical);
	return rc;
}
