#include "lib/core/store/walk.h"

#include "lib/core/base/error.h"

void irmin__walk_init(irmin__walk *walk, irmin_repo *repo,
    const irmin_context *context, int wants_trees)
{
	memset(walk, 0, sizeof *walk);
	walk->repo = repo;
	walk->context = context;
	walk->wants_trees = wants_trees;
	walk->by_id = !repo->late_commits;
	irmin__oid_table_init(&walk->ids, repo->hash, sizeof(uint32_t),
	    sizeof(uint32_t), (uintptr_t)walk);
	irmin__commit_table_init(&walk->said, (uintptr_t)walk);
}

void irmin__walk_clear(irmin__walk *walk)
{
	size_t i;

	for (i = 0; i < walk->commits.len; i++)
		irmin_commit_unref(walk->commits.items[i]);
	IRMIN__VEC_CLEAR(&walk->commits);
	IRMIN__VEC_CLEAR(&walk->nodes);
	IRMIN__VEC_CLEAR(&walk->parents);
	IRMIN__VEC_CLEAR(&walk->trees);
	irmin__oid_table_clear(&walk->ids);
	irmin__commit_table_clear(&walk->said);
	irmin_buf_clear(&walk->graph.parents);
}

/* ---- numbers ---- */

static irmin_rc reserve_node(irmin__walk *walk, irmin_error *err)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(&walk->nodes, 1, err);

	if (rc >= 0 && walk->repo->late_commits)
		rc = IRMIN__VEC_RESERVE(&walk->commits, 1, err);
	return rc;
}

/* A node for which there is room; `commit` may be NULL. */
static uint32_t push_node(irmin__walk *walk, irmin_commit *commit)
{
	irmin__walk_node node;

	memset(&node, 0, sizeof node);
	IRMIN__VEC_PUSH(&walk->nodes, node);
	if (walk->repo->late_commits) {
		if (commit)
			irmin_commit_ref(commit);
		IRMIN__VEC_PUSH(&walk->commits, commit);
	}
	return (uint32_t)walk->nodes.len - 1;
}

static uint32_t *number_of_id(irmin__walk *walk, size_t at)
{
	return irmin__oid_table_extra(&walk->ids, at);
}

/* `commit` is the one with this id, or NULL. */
static irmin_rc add_id(irmin__walk *walk, const irmin_oid *id,
    irmin_commit *commit, uint32_t *number, irmin_error *err)
{
	size_t at;
	irmin_rc rc = reserve_node(walk, err);

	if (rc >= 0)
		rc = irmin__oid_table_add(&walk->ids, id, &at, err);
	if (rc < 0)
		return rc;
	if (rc == IRMIN_OK) {
		*number_of_id(walk, at) = push_node(walk, commit);
		walk->nodes.items[walk->nodes.len - 1].id_at = (uint32_t)at;
	}
	*number = *number_of_id(walk, at);
	return IRMIN_OK;
}

/* From now on ids count, those of the commits that were met first. One that lost
 * parents may have the id of another: then only one of them is found by it. */
static irmin_rc go_by_id(irmin__walk *walk, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	irmin_oid id;
	size_t at;
	uint32_t i;

	for (i = 0; rc >= 0 && i < walk->nodes.len; i++) {
		rc = irmin__commit_id(walk->commits.items[i], &id, err);
		if (rc >= 0)
			rc = irmin__oid_table_add(&walk->ids, &id, &at, err);
		if (rc < 0)
			return rc;
		if (rc == IRMIN_OK)
			*number_of_id(walk, at) = i;
		walk->nodes.items[i].id_at = (uint32_t)at;
	}
	walk->by_id = 1;
	return IRMIN_OK;
}

static irmin_rc add_said(irmin__walk *walk, irmin_commit *commit,
    uint32_t *number, irmin_error *err)
{
	irmin_rc rc = reserve_node(walk, err);

	if (rc >= 0)
		rc = irmin__commit_table_add(&walk->said, commit, number, err);
	if (rc == IRMIN_OK)
		*number = push_node(walk, commit);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__walk_add(irmin__walk *walk, irmin_commit *commit,
    uint32_t *number, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc = IRMIN_OK;

	*number = 0;
	if (!walk->by_id && irmin__commit_generation(commit))
		return add_said(walk, commit, number, err);
	if (!walk->by_id)
		rc = go_by_id(walk, err);
	if (rc >= 0)
		rc = irmin__commit_id(commit, &id, err);
	return rc < 0 ? rc : add_id(walk, &id, commit, number, err);
}

/* ---- what a node tells ---- */

static irmin_rc push_parent(irmin__walk *walk, uint32_t number,
    irmin_error *err)
{
	irmin_rc rc = walk->parents.len < UINT32_MAX
	    ? IRMIN__VEC_RESERVE(&walk->parents, 1, err)
	    : irmin__enomem(err);

	if (rc >= 0)
		IRMIN__VEC_PUSH(&walk->parents, number);
	return rc;
}

static irmin_rc add_parent(irmin__walk *walk, const irmin_oid *id,
    irmin_error *err)
{
	uint32_t number;
	irmin_rc rc = add_id(walk, id, NULL, &number, err);

	return rc < 0 ? rc : push_parent(walk, number, err);
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
    const irmin_commit *commit, irmin_error *err)
{
	irmin_rc rc;

	if (!irmin_commit_parent_count(commit))
		return IRMIN_OK;
	rc = irmin__repo_is_shallow(walk->repo, walk->context,
	    irmin__commit_known_id(commit), err);
	if (rc == IRMIN_OK)
		node->flags |= IRMIN__WALK_CUT;
	return rc;
}

/* One that was read, or written: its id is known. */
static irmin_rc load_read(irmin__walk *walk, irmin__walk_node *node,
    uint32_t number, irmin_commit *commit, irmin_error *err)
{
	size_t count = irmin_commit_parent_count(commit), i;
	irmin_oid id;
	irmin_rc rc = find_cut(walk, node, commit, err);

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

/* One that points to its parents, unless they were let go. */
static irmin_rc load_made(irmin__walk *walk, irmin__walk_node *node,
    irmin_commit *commit, irmin_error *err)
{
	size_t first = walk->parents.len, i;
	irmin_commit *parent;
	uint32_t number;
	irmin_rc rc = IRMIN_OK;
	int cut = 0;

	node->time = irmin_commit_committer(commit).time;
	node->generation = irmin__commit_generation(commit);
	for (i = 0; rc >= 0 && i < irmin_commit_parent_count(commit); i++) {
		parent = irmin__commit_held_parent(commit, i);
		cut |= !parent;
		if (!parent)
			continue;
		rc = irmin__walk_add(walk, parent, &number, err);
		irmin_commit_unref(parent);
		if (rc >= 0)
			rc = push_parent(walk, number, err);
	}
	if (rc >= 0 && (cut || irmin__commit_has_lost(commit))) {
		node->flags |= IRMIN__WALK_CUT;
		walk->parents.len = first;
	}
	return rc;
}

static irmin_commit *commit_at(const irmin__walk *walk, uint32_t number)
{
	return number < walk->commits.len ? walk->commits.items[number] : NULL;
}

static irmin_rc load_at_hand(irmin__walk *walk, irmin__walk_node *node,
    uint32_t number, irmin_commit *commit, irmin_error *err)
{
	return irmin__commit_is_made(commit)
	    ? load_made(walk, node, commit, err)
	    : load_read(walk, node, number, commit, err);
}

static irmin_rc load_by_id(irmin__walk *walk, irmin__walk_node *node,
    uint32_t number, irmin_commit **commit, irmin_error *err)
{
	irmin_oid id = irmin__oid_table_id(&walk->ids, node->id_at);
	irmin_rc rc;

	rc = irmin__repo_find_graph(walk->repo, walk->context, &id,
	    &walk->graph, err);
	if (rc == IRMIN_OK)
		return load_graph(walk, node, number, err);
	if (rc == IRMIN_ABSENT)
		rc = irmin__commit_get(walk->repo, walk->context, &id, commit,
		    err);
	return rc < 0 ? rc : load_at_hand(walk, node, number, *commit, err);
}

irmin_rc irmin__walk_load(irmin__walk *walk, uint32_t number,
    irmin_commit **commit, irmin_error *err)
{
	size_t first = walk->parents.len;
	irmin__walk_node node = *irmin__walk_node_at(walk, number);
	irmin_rc rc;

	*commit = NULL;
	if (node.flags & IRMIN__WALK_LOADED)
		return IRMIN_OK;
	if (commit_at(walk, number)) {
		*commit = irmin_commit_ref(commit_at(walk, number));
		rc = load_at_hand(walk, &node, number, *commit, err);
	} else {
		rc = load_by_id(walk, &node, number, commit, err);
	}
	if (rc < 0) {
		walk->parents.len = first;
		irmin_commit_unref(*commit);
		*commit = NULL;
		return rc;
	}
	node.parents = (uint32_t)first;
	node.parent_count = (uint32_t)(walk->parents.len - first);
	node.flags |= IRMIN__WALK_LOADED;
	node.id_at = irmin__walk_node_at(walk, number)->id_at;
	*irmin__walk_node_at(walk, number) = node;
	return IRMIN_OK;
}

/* ---- the thing itself ---- */

irmin_rc irmin__walk_id(const irmin__walk *walk, uint32_t number, irmin_oid *id,
    irmin_error *err)
{
	irmin_commit *commit = commit_at(walk, number);

	if (commit)
		return irmin__commit_id(commit, id, err);
	*id = irmin__oid_table_id(&walk->ids,
	    irmin__walk_node_at(walk, number)->id_at);
	return IRMIN_OK;
}

irmin_rc irmin__walk_commit(const irmin__walk *walk, uint32_t number,
    irmin_commit **commit, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc;

	*commit = commit_at(walk, number);
	if (*commit) {
		irmin_commit_ref(*commit);
		return IRMIN_OK;
	}
	rc = irmin__walk_id(walk, number, &id, err);
	return rc < 0
	    ? rc
	    : irmin__commit_get(walk->repo, walk->context, &id, commit, err);
}

irmin_rc irmin__walk_tree(const irmin__walk *walk, uint32_t number,
    irmin_tree **tree, irmin_error *err)
{
	irmin_commit *commit = commit_at(walk, number);

	if (commit)
		return irmin_commit_tree(commit, tree, err);
	return irmin__tree_of_id(walk->repo, &walk->trees.items[number], tree,
	    err);
}

irmin_rc irmin__walk_refuse_cut(const irmin__walk *walk, uint32_t number,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_commit *commit = commit_at(walk, number);
	irmin_oid id;
	irmin_rc rc = irmin__walk_id(walk, number, &id, err);

	if (rc < 0)
		return rc;
	irmin_oid_hex(&id, hex);
	return irmin_error_set(err, IRMIN_ETRUNCATED, hex,
	    commit && irmin__commit_is_made(commit)
		? "the history before commit %s was let go"
		: "the history is cut off before commit %s; git fetch "
		  "--unshallow brings it",
	    hex);
}
