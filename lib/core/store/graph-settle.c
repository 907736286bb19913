/* Writing things of the graph into inner, with all that they reach: children and
 * parents first, so that inner is closed at any moment. */
#include "lib/core/store/graph-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/object/links.h"
#include "lib/core/store/batch.h"
#include "lib/core/store/tree-walk.h"

struct settling {
	irmin__graph *graph;
	const irmin_context *context;
	irmin__graph_commits commits; /* each needs those behind it */
	irmin_error *err;
	irmin_rc failed; /* at a link */
};

static irmin_rc settle_blob(irmin__graph *graph, const irmin_context *context,
    const irmin_oid *id, irmin__blob *blob, irmin_error *err)
{
	irmin_new_object object;
	irmin_rc rc;

	memset(&object, 0, sizeof object);
	object.id = *id;
	object.type = IRMIN_OBJECT_BLOB;
	object.data = irmin_bytes(blob->bytes, blob->len);
	rc = irmin__repo_add(graph->repo, context, &object, 1, err);
	if (rc >= 0)
		atomic_store_explicit(&blob->stored, 1, memory_order_release);
	return rc;
}

static irmin_rc settle_node(irmin__graph *graph, irmin__node *node,
    irmin_error *err)
{
	irmin_tree *tree;
	irmin_rc rc = irmin__tree_of_node(graph->repo, node, &tree, err);

	if (rc < 0)
		return rc;
	irmin__node_ref(node);
	rc = irmin_tree_write(tree, NULL, err);
	irmin_tree_unref(tree);
	return rc;
}

/* ---- commits ---- */

/* A commit whose parents are in inner. */
static irmin_rc write_commit(struct settling *settling, irmin_commit *commit)
{
	irmin_repo *repo = settling->graph->repo;
	irmin__batch *batch = NULL;
	irmin_tree *tree = NULL;
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin__commit_bytes(commit, &bytes, settling->err);
	if (rc >= 0)
		rc = irmin_commit_tree(commit, &tree, settling->err);
	if (rc >= 0)
		rc = irmin__batch_new(repo, &batch, settling->err);
	if (rc >= 0)
		rc = irmin__tree_collect(tree, batch, &id, settling->err);
	if (rc >= 0)
		rc = irmin__batch_add(batch, IRMIN_OBJECT_COMMIT,
		    irmin_buf_slice(&bytes), 0, &id, settling->err);
	if (rc >= 0)
		rc = irmin__batch_write(batch, settling->context,
		    settling->err);
	irmin__batch_free(batch);
	irmin_tree_unref(tree);
	irmin_buf_clear(&bytes);
	return rc;
}

/* Puts the parents that are not in inner on top. Those that were cut off are
 * nowhere. */
static irmin_rc push_parents(struct settling *settling, irmin_commit *commit)
{
	irmin_objects *inner = settling->graph->inner->objects;
	irmin_error *err = settling->err;
	size_t count = irmin_commit_parent_count(commit), i;
	irmin_commit *parent;
	irmin_oid id;
	irmin_rc rc = IRMIN_OK;

	for (i = 0; i < count && rc >= 0; i++) {
		rc = irmin__commit_parent_id(commit, i, &id, err);
		if (rc == IRMIN_OK)
			rc = inner->cls->has(inner, settling->context, &id,
			    err);
		if (rc != IRMIN_ABSENT)
			continue;
		rc = irmin__commit_parent(commit, settling->context, i, &parent,
		    err);
		if (rc == IRMIN_OK)
			rc = IRMIN__VEC_RESERVE(&settling->commits, 1, err);
		if (rc >= 0 && parent)
			IRMIN__VEC_PUSH(&settling->commits, parent);
		else
			irmin_commit_unref(parent);
		if (rc == IRMIN_ETRUNCATED) {
			irmin_error_clear(err);
			rc = IRMIN_OK;
		}
	}
	return rc;
}

static irmin_rc settle_commit(irmin__graph *graph, const irmin_context *context,
    irmin_commit *commit, irmin_error *err)
{
	struct settling settling = { graph, context, { NULL, 0, 0 }, err,
		IRMIN_OK };
	irmin__graph_commits *commits = &settling.commits;
	irmin_rc rc = IRMIN__VEC_RESERVE(commits, 1, err);

	if (rc >= 0)
		IRMIN__VEC_PUSH(commits, irmin_commit_ref(commit));
	while (rc >= 0 && commits->len) {
		size_t before = commits->len;
		irmin_commit *top = commits->items[before - 1];

		rc = push_parents(&settling, top);
		if (rc < 0 || commits->len > before)
			continue;
		rc = write_commit(&settling, top);
		irmin_commit_unref(top);
		commits->len--;
	}
	while (commits->len)
		irmin_commit_unref(commits->items[--commits->len]);
	IRMIN__VEC_CLEAR(commits);
	return rc;
}

/* ---- by id ---- */

irmin_rc irmin__graph_settle(irmin__graph *graph, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	irmin_objects *inner = graph->inner->objects;
	irmin__graph_thing thing;
	irmin_rc rc = inner->cls->has(inner, context, id, err);

	if (rc != IRMIN_ABSENT)
		return rc;
	rc = irmin__graph_index_find(graph, context, id, &thing, err);
	if (rc != IRMIN_OK)
		return rc < 0 ? rc : IRMIN_OK;
	if (thing.type == IRMIN_OBJECT_COMMIT)
		rc = settle_commit(graph, context, thing.thing, err);
	else if (thing.type == IRMIN_OBJECT_TREE)
		rc = settle_node(graph, thing.thing, err);
	else
		rc = settle_blob(graph, context, id, thing.thing, err);
	irmin__graph_thing_unref(&thing);
	return rc;
}

static int settle_link(void *arg, const irmin__link *link)
{
	struct settling *settling = arg;

	settling->failed = irmin__graph_settle(settling->graph,
	    settling->context, &link->id, settling->err);
	return settling->failed;
}

/* Bytes that are broken name nothing: that they are is not our business. */
irmin_rc irmin__graph_settle_links(irmin__graph *graph,
    const irmin_context *context, const irmin_new_object *object,
    irmin_error *err)
{
	struct settling settling = { graph, context, { NULL, 0, 0 }, err,
		IRMIN_OK };
	irmin_error broken;
	irmin_rc rc = IRMIN_OK;

	if (object->type != IRMIN_OBJECT_BLOB)
		rc = irmin__links_each(graph->backend.hash, object->type,
		    object->data, settle_link, &settling, &broken);
	if (rc == IRMIN_ENOMEM && settling.failed >= 0)
		return irmin__enomem(err);
	return settling.failed;
}
