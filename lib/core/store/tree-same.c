/* Whether two trees are the same, as a whole or at one path: by pointer, then by
 * id; what is equal is not opened. */
#include "lib/core/store/tree-walk.h"

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

/* One tree on its way down a path. */
struct descent {
	irmin_repo *repo;
	irmin__node *dir;  /* or NULL: there is nothing */
	irmin__node *held; /* what keeps it, if not the root; or NULL */
	irmin__place place;
	int found;
};

static void step_into(struct descent *down, irmin_slice step)
{
	down->found = down->dir &&
	    irmin__node_find(down->dir, step, &down->place);
}

static irmin_rc open_step(struct descent *down, irmin_slice path,
    irmin_error *err)
{
	irmin__node *own;
	irmin_rc rc;

	down->dir = NULL;
	if (!down->found || !irmin__place_is_tree(down->place))
		return IRMIN_OK;
	rc = irmin__place_open(down->repo, down->place, path, &down->dir, &own,
	    err);
	if (rc >= 0)
		irmin__node_hold(&down->held, own);
	return rc;
}

/* Whether both stand before the same: nothing, one child, or one id. */
static irmin_rc compare_steps(struct descent *a, struct descent *b, int *same,
    irmin_error *err)
{
	irmin_oid a_id, b_id;
	void *child;
	irmin_rc rc;

	*same = !a->found && !b->found;
	if (!a->found || !b->found ||
	    irmin__place_mode(a->place) != irmin__place_mode(b->place))
		return IRMIN_OK;
	child = irmin__place_child(a->place);
	*same = child && child == irmin__place_child(b->place);
	if (*same)
		return IRMIN_OK;
	rc = irmin__place_find_id(a->repo, a->place, &a_id, err);
	if (rc >= 0)
		rc = irmin__place_find_id(b->repo, b->place, &b_id, err);
	*same = rc >= 0 && irmin_oid_compare(&a_id, &b_id) == 0;
	return rc;
}

irmin_rc irmin__tree_same_at(irmin_tree *a, irmin_tree *b, irmin_slice path,
    int *same, irmin_error *err)
{
	struct descent of_a = { a->repo, NULL, NULL, { NULL, 0 }, 0 };
	struct descent of_b = { b->repo, NULL, NULL, { NULL, 0 }, 0 };
	irmin_slice rest = path, step;
	irmin_rc rc = irmin_tree_same(a, b, same, err);

	if (rc >= 0 && !*same)
		rc = irmin__tree_root(a, &of_a.dir, err);
	if (rc >= 0 && !*same)
		rc = irmin__tree_root(b, &of_b.dir, err);
	while (rc >= 0 && !*same &&
	    irmin__path_step_next(&rest, &step) == IRMIN_OK) {
		step_into(&of_a, step);
		step_into(&of_b, step);
		rc = compare_steps(&of_a, &of_b, same, err);
		if (rc >= 0 && !*same)
			rc = open_step(&of_a, path, err);
		if (rc >= 0 && !*same)
			rc = open_step(&of_b, path, err);
	}
	irmin__node_unref(of_a.held);
	irmin__node_unref(of_b.held);
	return rc < 0 ? rc : IRMIN_OK;
}
