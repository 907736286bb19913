/* Whether two trees are the same, as a whole or at one path: by pointer, then by
 * id; what is equal is not opened. */
#include "lib/core/store/tree-pair.h"

irmin_rc irmin_tree_same(irmin_tree *a, irmin_tree *b, int *same,
    irmin_error *err)
{
	irmin__node *a_root = irmin__tree_loaded_root(a);
	irmin__node *b_root = irmin__tree_loaded_root(b);
	irmin_oid a_id, b_id;
	irmin_rc rc;

	irmin_error_clear(err);
	*same = a == b;
	if (*same)
		return IRMIN_OK;
	if (a_root && b_root)
		return irmin__node_same(a->repo, a_root, b_root, same, err);
	rc = irmin_tree_id(a, &a_id, err);
	if (rc >= 0)
		rc = irmin_tree_id(b, &b_id, err);
	*same = rc >= 0 && irmin_oid_compare(&a_id, &b_id) == 0;
	return rc;
}

/* ---- down one path of both ---- */

static irmin_rc init_side(irmin__pair_side *side, irmin_tree *tree,
    irmin_error *err)
{
	memset(side, 0, sizeof *side);
	side->repo = tree->repo;
	side->mode = IRMIN_MODE_TREE;
	return irmin__tree_root(tree, &side->dir, err);
}

static void step_into(irmin__pair_side *side, irmin_slice step)
{
	side->mode = IRMIN_MODE_NONE;
	side->place.leaf = NULL;
	if (side->dir && irmin__node_find(side->dir, step, &side->place))
		side->mode = irmin__place_mode(side->place);
}

static irmin_rc open_side(irmin__pair_side *side, irmin_slice path,
    irmin_error *err)
{
	irmin__node *own;
	irmin_rc rc;

	if (side->mode != IRMIN_MODE_TREE) {
		side->dir = NULL;
		return IRMIN_OK;
	}
	if (!side->place.leaf)
		return IRMIN_OK;
	rc = irmin__place_open(side->repo, side->place, path, &side->dir, &own,
	    err);
	if (rc >= 0)
		irmin__node_hold(&side->held, own);
	return rc;
}

irmin_rc irmin__pair_open(irmin__pair *pair, irmin__pair_side *side,
    irmin_error *err)
{
	return open_side(side, pair->path, err);
}

/* Whether it can be seen that both entries are one: by what is loaded, or by ids
 * that are known. Nothing on either side is the same too. */
static int is_one(const irmin__pair_side *a, const irmin__pair_side *b)
{
	irmin_oid a_id, b_id;
	void *child;

	if (a->mode != b->mode)
		return 0;
	if (!a->mode)
		return 1;
	child = irmin__place_child(a->place);
	if (child && child == irmin__place_child(b->place))
		return 1;
	return irmin__place_id(a->place, &a_id) &&
	    irmin__place_id(b->place, &b_id) &&
	    irmin_oid_compare(&a_id, &b_id) == 0;
}

/* The id of a tree, if it is known. */
static const irmin_oid *known_id(const irmin_tree *tree)
{
	irmin__node *root = irmin__tree_loaded_root(tree);

	return root ? irmin__node_known_id(root) : &tree->id;
}

static int are_one(const irmin_tree *a, const irmin_tree *b)
{
	irmin__node *root = irmin__tree_loaded_root(a);
	const irmin_oid *a_id = known_id(a), *b_id = known_id(b);

	return a == b || (root && root == irmin__tree_loaded_root(b)) ||
	    (a_id && b_id && irmin_oid_compare(a_id, b_id) == 0);
}

irmin_rc irmin__pair_find(irmin_tree *a, irmin_tree *b, irmin_slice path,
    irmin__pair *pair, int *same, irmin_error *err)
{
	irmin_slice rest = path, before = irmin_bytes(path.data, 0), step;
	irmin_rc rc;

	memset(pair, 0, sizeof *pair);
	pair->path = path;
	*same = are_one(a, b);
	if (*same)
		return IRMIN_OK;
	rc = init_side(&pair->a, a, err);
	if (rc >= 0)
		rc = init_side(&pair->b, b, err);
	while (rc >= 0 && !*same &&
	    irmin__path_step_next(&rest, &step) == IRMIN_OK) {
		rc = open_side(&pair->a, before, err);
		if (rc >= 0)
			rc = open_side(&pair->b, before, err);
		step_into(&pair->a, step);
		step_into(&pair->b, step);
		*same = rc >= 0 && is_one(&pair->a, &pair->b);
		before = irmin__path_to(path, step);
	}
	return rc < 0 ? rc : IRMIN_OK;
}

void irmin__pair_clear(irmin__pair *pair)
{
	irmin__node_unref(pair->a.held);
	irmin__node_unref(pair->b.held);
	memset(pair, 0, sizeof *pair);
}

/* ---- both compared ---- */

/* The directory that was found, if it is loaded. */
static irmin__node *loaded(const irmin__pair_side *side)
{
	return side->place.leaf ? irmin__place_child(side->place) : side->dir;
}

irmin_rc irmin__pair_same(irmin__pair *pair, int *same, irmin_error *err)
{
	irmin__pair_side *a = &pair->a, *b = &pair->b;
	irmin_oid a_id, b_id;
	irmin_rc rc;

	*same = !a->mode && !b->mode;
	if (*same || a->mode != b->mode)
		return IRMIN_OK;
	if (a->mode == IRMIN_MODE_TREE && loaded(a) && loaded(b))
		return irmin__node_same(a->repo, loaded(a), loaded(b), same,
		    err);
	rc = irmin__place_find_id(a->repo, a->place, &a_id, err);
	if (rc >= 0)
		rc = irmin__place_find_id(b->repo, b->place, &b_id, err);
	*same = rc >= 0 && irmin_oid_compare(&a_id, &b_id) == 0;
	return rc;
}

irmin_rc irmin__tree_same_at(irmin_tree *a, irmin_tree *b, irmin_slice path,
    int *same, irmin_error *err)
{
	irmin__pair pair;
	irmin_rc rc = irmin__pair_find(a, b, path, &pair, same, err);

	if (rc >= 0 && !*same)
		rc = irmin__pair_same(&pair, same, err);
	irmin__pair_clear(&pair);
	return rc;
}
