/* What the graph holds, by id.
 *
 *   heads, commits shown -> commit -> parents, tree -> directories, values
 *
 * A thing that is indexed is counted. The table numbers its entries as they
 * come, so it is the queue of a breadth-first walk, too: what the entries before
 * `walked` refer to is in the table or in inner. A walk that fails goes on the
 * next time. Things are never taken out one by one: the whole index goes when it
 * has doubled, or when refs have moved as often as it had entries when it was
 * made; so it holds at most as much that is gone as there was, and costs a move
 * nothing that is not paid for by look-ups.
 *
 * Commits whose id was asked for are kept in `shown`, as nobody else may tell of
 * them; those that nobody else holds go when the list has doubled.
 */
#include "lib/core/store/graph-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/store/tree-walk.h"

#define SMALL 64 /* below that nothing is worth tidying up */

static irmin__graph_thing *thing_at(const irmin__graph_index *index, size_t at)
{
	return irmin__oid_table_extra(&index->table, at);
}

static void thing_ref(const irmin__graph_thing *thing)
{
	if (thing->type == IRMIN_OBJECT_COMMIT)
		irmin_commit_ref(thing->thing);
	else if (thing->type == IRMIN_OBJECT_TREE)
		irmin__node_ref(thing->thing);
	else
		irmin__blob_ref(thing->thing);
}

void irmin__graph_thing_unref(const irmin__graph_thing *thing)
{
	if (!thing->thing)
		return;
	if (thing->type == IRMIN_OBJECT_COMMIT)
		irmin_commit_unref(thing->thing);
	else if (thing->type == IRMIN_OBJECT_TREE)
		irmin__node_unref(thing->thing);
	else
		irmin__blob_unref(thing->thing);
}

/* ---- life ---- */

irmin_rc irmin__graph_index_init(irmin__graph_index *index,
    irmin_hash_algo hash, irmin_error *err)
{
	irmin__oid_table_init(&index->table, hash, sizeof(irmin__graph_thing),
	    sizeof(void *), (uintptr_t)index);
	index->seen_moves = UINT64_MAX;
	return irmin__mutex_init(&index->mutex, err);
}

static void drop_table(irmin__oid_table *table)
{
	size_t i;

	for (i = 0; i < table->len; i++)
		irmin__graph_thing_unref(irmin__oid_table_extra(table, i));
	irmin__oid_table_clear(table);
}

void irmin__graph_index_close(irmin__graph_index *index)
{
	irmin__oid_table table;
	irmin__graph_commits shown;
	size_t i;

	irmin__mutex_lock(&index->mutex);
	table = index->table;
	shown = index->shown;
	memset(&index->table, 0, sizeof index->table);
	memset(&index->shown, 0, sizeof index->shown);
	index->is_closed = 1;
	irmin__mutex_unlock(&index->mutex);
	drop_table(&table);
	for (i = shown.len; i-- > 0;)
		irmin_commit_unref(shown.items[i]);
	IRMIN__VEC_CLEAR(&shown);
}

void irmin__graph_index_clear(irmin__graph_index *index)
{
	irmin__mutex_clear(&index->mutex);
}

/* ---- what may be gone ---- */

static int is_worn(const irmin__graph_index *index, uint64_t moves)
{
	size_t len = index->table.len;

	return index->shown.len > index->shown_limit ||
	    (len > index->made_len * 2 + SMALL) ||
	    (len && moves - index->made_moves > index->made_len + SMALL);
}

/* Takes the commits out that nobody else holds; the mutex is held. From the last
 * on, as each may hold those before it. */
static void tidy_shown(irmin__graph_index *index)
{
	size_t i, kept = 0;

	for (i = index->shown.len; i-- > 0;) {
		irmin_commit *commit = index->shown.items[i];

		if (irmin__commit_is_sole(commit)) {
			irmin_commit_unref(commit);
			index->shown.items[i] = NULL;
		}
	}
	for (i = 0; i < index->shown.len; i++)
		if (index->shown.items[i])
			index->shown.items[kept++] = index->shown.items[i];
	index->shown.len = kept;
	index->shown_limit = kept * 2 + SMALL;
	index->seen_shown = 0;
}

/* Ends the index if it is not worth its memory, and forgets who is gone then; the
 * mutex is held before and after. */
static void tidy(irmin__graph *graph)
{
	irmin__graph_index *index = &graph->index;
	irmin__oid_table old = index->table;

	if (!is_worn(index, irmin__graph_moves(graph)))
		return;
	irmin__oid_table_init(&index->table, old.algo,
	    sizeof(irmin__graph_thing), sizeof(void *), old.seed[0]);
	index->walked = 0;
	index->seen_moves = UINT64_MAX;
	index->seen_shown = 0;
	irmin__mutex_unlock(&index->mutex);
	drop_table(&old);
	irmin__mutex_lock(&index->mutex);
	tidy_shown(index);
}

static irmin_rc push_shown(irmin__graph_index *index, irmin_commit *commit,
    irmin_error *err)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(&index->shown, 1, err);

	if (rc < 0)
		return rc;
	IRMIN__VEC_PUSH(&index->shown, irmin_commit_ref(commit));
	atomic_store(&irmin__commit_kept_of(commit)->shown, 1);
	return IRMIN_OK;
}

irmin_rc irmin__graph_show(irmin__graph *graph, irmin_commit *commit,
    irmin_error *err)
{
	irmin__graph_index *index = &graph->index;
	atomic_uchar *shown = &irmin__commit_kept_of(commit)->shown;
	irmin_rc rc = IRMIN_OK;

	if (atomic_load_explicit(shown, memory_order_relaxed))
		return IRMIN_OK;
	irmin__mutex_lock(&index->mutex);
	if (!index->is_closed)
		tidy(graph);
	if (!index->is_closed && !atomic_load(shown))
		rc = push_shown(index, commit, err);
	irmin__mutex_unlock(&index->mutex);
	return rc;
}

/* ---- the walk; the mutex is held ---- */

static irmin_rc insert(irmin__graph_index *index, const irmin_oid *id,
    irmin_object_type type, void *thing, irmin_error *err)
{
	irmin__graph_thing *added;
	size_t at;
	irmin_rc rc = irmin__oid_table_add(&index->table, id, &at, err);

	if (rc != IRMIN_OK)
		return rc;
	added = thing_at(index, at);
	added->thing = thing;
	added->type = type;
	thing_ref(added);
	return IRMIN_OK;
}

/* Answers: OK (inner has it, or the index); ABSENT. */
static irmin_rc is_known(irmin__graph *graph, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	irmin_objects *inner = graph->inner->objects;

	if (irmin__oid_table_find(&graph->index.table, id) !=
	    IRMIN__OID_TABLE_NONE)
		return IRMIN_OK;
	return inner->cls->has(inner, context, id, err);
}

static irmin_rc add_commit(irmin__graph *graph, const irmin_context *context,
    irmin_commit *commit, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc = irmin__commit_id(commit, &id, err);

	if (rc >= 0)
		rc = is_known(graph, context, &id, err);
	if (rc == IRMIN_ABSENT)
		rc = insert(&graph->index, &id, IRMIN_OBJECT_COMMIT, commit,
		    err);
	return rc;
}

static irmin_rc add_node(irmin__graph *graph, irmin__node *node,
    irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc = irmin__node_id(graph->repo, node, &id, err);

	if (rc < 0 || irmin__node_is_stored(node))
		return rc;
	return insert(&graph->index, &id, IRMIN_OBJECT_TREE, node, err);
}

/* What is looked up by id must be counted by itself. */
static irmin_rc add_small(irmin__graph *graph, irmin__place place,
    irmin_error *err)
{
	irmin__blob *blob;
	irmin_oid id;
	irmin_rc rc;

	if (atomic_load_explicit(&place.leaf->stored, memory_order_acquire))
		return IRMIN_OK;
	rc = irmin__blob_new(irmin__place_small(place), &blob, err);
	if (rc < 0)
		return rc;
	irmin__place_id(place, &id);
	rc = insert(&graph->index, &id, IRMIN_OBJECT_BLOB, blob, err);
	irmin__blob_unref(blob);
	return rc;
}

static irmin_rc add_blob(irmin__graph *graph, irmin__place place,
    irmin__blob *blob, irmin_error *err)
{
	irmin_oid id;

	if (atomic_load_explicit(&blob->stored, memory_order_acquire))
		return IRMIN_OK;
	irmin__place_id(place, &id);
	return insert(&graph->index, &id, IRMIN_OBJECT_BLOB, blob, err);
}

/* What is not in memory is in inner. */
static irmin_rc walk_node(irmin__graph *graph, irmin__node *node,
    irmin_error *err)
{
	irmin__cursor cursor;
	irmin_rc rc = IRMIN_OK;

	irmin__cursor_init(&cursor, node, 0);
	for (; rc >= 0 && !irmin__cursor_is_end(&cursor);
	     irmin__cursor_step(&cursor)) {
		void *child = irmin__place_child(cursor.place);

		if (irmin__place_is_small(cursor.place))
			rc = add_small(graph, cursor.place, err);
		else if (child && irmin__place_is_tree(cursor.place))
			rc = add_node(graph, child, err);
		else if (child)
			rc = add_blob(graph, cursor.place, child, err);
	}
	return rc;
}

/* Parents that were cut off are not there. */
static irmin_rc walk_parent(irmin__graph *graph, const irmin_context *context,
    irmin_commit *commit, size_t i, irmin_error *err)
{
	irmin_commit *parent = NULL;
	irmin_oid id;
	irmin_rc rc = irmin__commit_parent_id(commit, i, &id, err);

	if (rc == IRMIN_OK)
		rc = is_known(graph, context, &id, err);
	if (rc != IRMIN_ABSENT)
		return rc;
	rc = irmin__commit_parent(commit, context, i, &parent, err);
	if (rc == IRMIN_OK)
		rc = add_commit(graph, context, parent, err);
	irmin_commit_unref(parent);
	if (rc != IRMIN_ETRUNCATED)
		return rc;
	irmin_error_clear(err);
	return IRMIN_OK;
}

static irmin_rc walk_commit(irmin__graph *graph, const irmin_context *context,
    irmin_commit *commit, irmin_error *err)
{
	size_t count = irmin_commit_parent_count(commit), i;
	irmin_tree *tree = NULL;
	irmin__node *root;
	irmin_rc rc = irmin_commit_tree(commit, &tree, err);

	root = rc < 0 ? NULL : irmin__tree_loaded_root(tree);
	if (root)
		rc = add_node(graph, root, err);
	for (i = 0; i < count && rc >= 0; i++)
		rc = walk_parent(graph, context, commit, i, err);
	irmin_tree_unref(tree);
	return rc;
}

static irmin_rc walk_on(irmin__graph *graph, const irmin_context *context,
    irmin_error *err)
{
	irmin__graph_index *index = &graph->index;
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && index->walked < index->table.len) {
		irmin__graph_thing thing = *thing_at(index, index->walked);

		if (thing.type == IRMIN_OBJECT_COMMIT)
			rc = walk_commit(graph, context, thing.thing, err);
		else if (thing.type == IRMIN_OBJECT_TREE)
			rc = walk_node(graph, thing.thing, err);
		if (rc >= 0)
			index->walked++;
	}
	return rc;
}

static irmin_rc add_heads(irmin__graph *graph, const irmin_context *context,
    irmin_error *err)
{
	irmin__graph_index *index = &graph->index;
	uint64_t moves = irmin__graph_moves(graph);
	irmin__graph_commits heads = { NULL, 0, 0 };
	irmin_rc rc = IRMIN_OK;
	size_t i;

	if (moves == index->seen_moves)
		return IRMIN_OK;
	rc = irmin__graph_all_heads(graph, &heads, err);
	for (i = 0; i < heads.len; i++) {
		if (rc >= 0)
			rc = add_commit(graph, context, heads.items[i], err);
		irmin_commit_unref(heads.items[i]);
	}
	IRMIN__VEC_CLEAR(&heads);
	if (rc >= 0)
		index->seen_moves = moves;
	return rc;
}

/* Brings the index up to what there is now. */
static irmin_rc refresh(irmin__graph *graph, const irmin_context *context,
    irmin_error *err)
{
	irmin__graph_index *index = &graph->index;
	int is_new = index->table.len == 0;
	irmin_rc rc = add_heads(graph, context, err);

	for (; rc >= 0 && index->seen_shown < index->shown.len;
	     index->seen_shown += rc >= 0)
		rc = add_commit(graph, context,
		    index->shown.items[index->seen_shown], err);
	if (rc >= 0)
		rc = walk_on(graph, context, err);
	if (rc >= 0 && is_new) {
		index->made_len = index->table.len;
		index->made_moves = irmin__graph_moves(graph);
	}
	return rc;
}

/* ---- questions ---- */

/* The number of a thing, the index having been brought up to now if need be. */
static irmin_rc find(irmin__graph *graph, const irmin_context *context,
    const irmin_oid *id, size_t *at, irmin_error *err)
{
	irmin__graph_index *index = &graph->index;
	irmin_rc rc = IRMIN_OK;

	*at = irmin__oid_table_find(&index->table, id);
	if (*at != IRMIN__OID_TABLE_NONE)
		return IRMIN_OK;
	rc = refresh(graph, context, err);
	if (rc >= 0)
		*at = irmin__oid_table_find(&index->table, id);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__graph_index_find(irmin__graph *graph,
    const irmin_context *context, const irmin_oid *id,
    irmin__graph_thing *thing, irmin_error *err)
{
	irmin__graph_index *index = &graph->index;
	size_t at;
	irmin_rc rc;

	memset(thing, 0, sizeof *thing);
	irmin__mutex_lock(&index->mutex);
	tidy(graph);
	rc = find(graph, context, id, &at, err);
	if (rc >= 0 && at != IRMIN__OID_TABLE_NONE) {
		*thing = *thing_at(index, at);
		thing_ref(thing);
	}
	irmin__mutex_unlock(&index->mutex);
	if (rc < 0)
		return rc;
	return thing->thing ? IRMIN_OK : IRMIN_ABSENT;
}

irmin_rc irmin__graph_index_ids(irmin__graph *graph,
    const irmin_context *context, irmin__graph_ids *ids, irmin_error *err)
{
	irmin__graph_index *index = &graph->index;
	irmin_rc rc;
	size_t i;

	irmin__mutex_lock(&index->mutex);
	rc = refresh(graph, context, err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(ids, index->table.len, err);
	for (i = 0; rc >= 0 && i < index->table.len; i++)
		IRMIN__VEC_PUSH(ids, irmin__oid_table_id(&index->table, i));
	irmin__mutex_unlock(&index->mutex);
	return rc;
}

/* ---- the graph's own ---- */

/* Something of this type that inner does not have. Answers: OK; ABSENT. */
irmin_rc irmin__graph_find(irmin__graph *graph, const irmin_context *context,
    const irmin_oid *id, irmin_object_type type, void **own, irmin_error *err)
{
	irmin_objects *inner = graph->inner->objects;
	irmin__graph_thing thing;
	irmin_rc rc = inner->cls->has(inner, context, id, err);

	*own = NULL;
	if (rc != IRMIN_ABSENT)
		return rc < 0 ? rc : IRMIN_ABSENT;
	rc = irmin__graph_index_find(graph, context, id, &thing, err);
	if (rc == IRMIN_OK && thing.type != type) {
		irmin__graph_thing_unref(&thing);
		return IRMIN_ABSENT;
	}
	*own = thing.thing;
	return rc;
}
