#include "lib/core/store/walk.h"

#include "lib/core/base/error.h"

void irmin__walk_init(irmin__walk *walk, irmin_repo *repo,
    const irmin_context *context, int wants_trees)
{
	memset(walk, 0, sizeof *walk);
	walk->repo = repo;
	walk->context = context;
	walk->wants_trees = wants_trees;
	irmin__oid_table_init(&walk->nodes, repo->hash,
	    sizeof(irmin__walk_node), sizeof(uint64_t), (uintptr_t)walk);
}

void irmin__walk_clear(irmin__walk *walk)
{
	irmin__oid_table_clear(&walk->nodes);
	IRMIN__VEC_CLEAR(&walk->parents);
	IRMIN__VEC_CLEAR(&walk->trees);
	irmin_buf_clear(&walk->graph.parents);
}

irmin_rc irmin__walk_add(irmin__walk *walk, const irmin_oid *id,
    uint32_t *number, irmin_error *err)
{
	size_t at;
	irmin_rc rc = irmin__oid_table_add(&walk->nodes, id, &at, err);

	*number = rc < 0 ? 0 : (uint32_t)at;
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__walk_add_commit(irmin__walk *walk, irmin_commit *commit,
    uint32_t *number, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc = irmin__commit_show(commit, err);

	*number = 0;
	if (rc >= 0)
		rc = irmin__commit_id(commit, &id, err);
	return rc < 0 ? rc : irmin__walk_add(walk, &id, number, err);
}

static irmin_rc add_parent(irmin__walk *walk, const irmin_oid *id,
    irmin_error *err)
{
	uint32_t number;
	irmin_rc rc = irmin__walk_add(walk, id, &number, err);

	if (rc >= 0 && walk->parents.len >= UINT32_MAX)
		rc = irmin__enomem(err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&walk->parents, 1, err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&walk->parents, number);
	return rc;
}

static irmin_rc keep_tree(irmin__walk *walk, uint32_t number,
    const irmin_oid *tree, irmin_error *err)
{
	static const irmin_oid none;
	irmin_rc rc = IRMIN_OK;

	if (!walk->wants_trees)
		return IRMIN_OK;
	if (walk->trees.len <= number)
		rc = IRMIN__VEC_RESERVE(&walk->trees,
		    number + 1 - walk->trees.len, err);
	while (rc >= 0 && walk->trees.len <= number)
		IRMIN__VEC_PUSH(&walk->trees, none);
	if (rc >= 0)
		walk->trees.items[number] = *tree;
	return rc;
}

static irmin_rc load_graph(irmin__walk *walk, irmin__walk_node *node,
    uint32_t number, irmin_error *err)
{
	const irmin_graph_commit *graph = &walk->graph;
	const irmin_oid *parents = (const irmin_oid *)graph->parents.data;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	node->time = graph->time;
	node->generation = graph->generation;
	for (i = 0; i < graph->parent_count && rc >= 0; i++)
		rc = add_parent(walk, &parents[i], err);
	return rc < 0 ? rc : keep_tree(walk, number, &graph->tree, err);
}

/* Whether a commit's parents are to be passed over. What the backend keeps of
 * commits tells of none whose history was cut off, so only who reads asks. */
static irmin_rc find_cut(irmin__walk *walk, irmin__walk_node *node,
    uint32_t number, const irmin_commit *commit, irmin_error *err)
{
	irmin_oid id = irmin__walk_id(walk, number);
	irmin_rc rc;

	if (!irmin_commit_parent_count(commit))
		return IRMIN_OK;
	rc = irmin__repo_is_shallow(walk->repo, walk->context, &id, err);
	if (rc == IRMIN_OK)
		node->flags |= IRMIN__WALK_CUT;
	return rc;
}

static irmin_rc load_commit(irmin__walk *walk, irmin__walk_node *node,
    uint32_t number, irmin_commit *commit, irmin_error *err)
{
	size_t count = irmin_commit_parent_count(commit), i;
	irmin_oid id;
	irmin_rc rc = find_cut(walk, node, number, commit, err);

	node->time = irmin_commit_committer(commit).time;
	if (node->flags & IRMIN__WALK_CUT)
		count = 0;
	for (i = 0; i < count && rc >= 0; i++) {
		rc = irmin__commit_parent_id(commit, i, &id, err);
		if (rc == IRMIN_OK)
			rc = add_parent(walk, &id, err);
	}
	if (rc >= 0)
		rc = irmin__commit_tree_id(commit, &id, err);
	return rc < 0 ? rc : keep_tree(walk, number, &id, err);
}

irmin_rc irmin__walk_load(irmin__walk *walk, uint32_t number,
    irmin_commit **commit, irmin_error *err)
{
	irmin_oid id = irmin__walk_id(walk, number);
	size_t first = walk->parents.len;
	irmin__walk_node node;
	irmin_rc rc;

	*commit = NULL;
	if (irmin__walk_node_at(walk, number)->flags & IRMIN__WALK_LOADED)
		return IRMIN_OK;
	memset(&node, 0, sizeof node);
	rc = irmin__repo_find_graph(walk->repo, walk->context, &id,
	    &walk->graph, err);
	if (rc == IRMIN_OK) {
		rc = load_graph(walk, &node, number, err);
	} else if (rc == IRMIN_ABSENT) {
		rc = irmin__commit_get(walk->repo, walk->context, &id, commit,
		    err);
		if (rc >= 0)
			rc = load_commit(walk, &node, number, *commit, err);
	}
	if (rc < 0) {
		walk->parents.len = first;
		irmin_commit_unref(*commit);
		*commit = NULL;
		return rc;
	}
	node.parents = (uint32_t)first;
	node.parent_count = (uint32_t)(walk->parents.len - first);
	node.flags |= irmin__walk_node_at(walk, number)->flags |
	    IRMIN__WALK_LOADED;
	*irmin__walk_node_at(walk, number) = node;
	return IRMIN_OK;
}
