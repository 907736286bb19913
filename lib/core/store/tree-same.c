/* Whether two trees are the same, as a whole or at one path: by pointer, then by
 * id; what is equal is not opened. */
#include "lib/core/store/tree-walk.h"

irmin_rc irmin_tree_same(irmin_tree *a, irmin_tree *b, int *same,
    irmin_error *err)
{
	irmin__node *root = irmin__tree_loaded_root(a);
	irmin_oid a_id, b_id;
	irmin_rc rc = IRMIN_OK;

	irmin_error_clear(err);
	*same = a == b || (root && root == irmin__tree_loaded_root(b));
	if (*same)
		return IRMIN_OK;
	rc = irmin_tree_id(a, &a_id, err);
	if (rc >= 0)
		rc = irmin_tree_id(b, &b_id, err);
	*same = rc >= 0 && irmin_oid_compare(&a_id, &b_id) == 0;
	return rc;
}

/* One tree on its way down a path. */
struct descent {
	irmin_repo *repo;
	irmin__node *node; /* or NULL: there is nothing */
	size_t at;
	int found;
};

static void step_into(struct descent *down, irmin_slice step)
{
	down->found = down->node &&
	    irmin__node_find(down->node, step, &down->at);
}

static irmin_rc open_step(struct descent *down, irmin_slice path,
    irmin_error *err)
{
	irmin__node *node = down->node;

	down->node = NULL;
	if (!down->found || !irmin__node_is_tree(node, down->at))
		return IRMIN_OK;
	return irmin__node_open(down->repo, node, down->at, path, &down->node,
	    err);
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
	    irmin__node_mode(a->node, a->at) !=
		irmin__node_mode(b->node, b->at))
		return IRMIN_OK;
	child = irmin__node_child(a->node, a->at);
	*same = child && child == irmin__node_child(b->node, b->at);
	if (*same)
		return IRMIN_OK;
	rc = irmin__node_find_id(a->repo, a->node, a->at, &a_id, err);
	if (rc >= 0)
		rc = irmin__node_find_id(b->repo, b->node, b->at, &b_id, err);
	*same = rc >= 0 && irmin_oid_compare(&a_id, &b_id) == 0;
	return rc;
}

irmin_rc irmin__tree_same_at(irmin_tree *a, irmin_tree *b, irmin_slice path,
    int *same, irmin_error *err)
{
	struct descent of_a = { a->repo, NULL, 0, 0 };
	struct descent of_b = { b->repo, NULL, 0, 0 };
	irmin_slice rest = path, step;
	irmin_rc rc = irmin_tree_same(a, b, same, err);

	if (rc >= 0 && !*same)
		rc = irmin__tree_root(a, &of_a.node, err);
	if (rc >= 0 && !*same)
		rc = irmin__tree_root(b, &of_b.node, err);
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
	return rc < 0 ? rc : IRMIN_OK;
}
