/* The objects that a volatile repository calls: inner's, and what the graph
 * holds, encoded when somebody asks for it. */
#include "lib/core/store/graph-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/object/backend-args.h"
#include "lib/core/store/tree-walk.h"
#include <irmin/alloc.h>

static irmin__graph *graph_of(irmin_objects *objects)
{
	return ((irmin__graph_objects *)objects)->graph;
}

/* ---- things as objects ---- */

/* Each entry as it stands in its leaf, with the id that it has by now. */
static irmin_rc encode_node(irmin__graph *graph, irmin__node *node,
    irmin_buf *bytes, irmin_error *err)
{
	irmin__cursor cursor;
	irmin_rc rc = irmin_buf_reserve(bytes, irmin__node_bytes(node), err);

	irmin__cursor_init(&cursor, node, 0);
	for (; rc >= 0 && !irmin__cursor_is_end(&cursor);
	     irmin__cursor_step(&cursor)) {
		const irmin__node *leaf = cursor.place.leaf;
		size_t at = cursor.place.at;
		size_t begin = leaf->entries[at].offset;
		irmin_oid id;

		rc = irmin__place_find_id(graph->repo, cursor.place, &id, err);
		if (rc >= 0)
			rc = irmin_buf_append(bytes,
			    irmin_bytes(leaf->bytes + begin,
				irmin__node_id_offset(leaf, at) - begin),
			    err);
		if (rc >= 0)
			rc = irmin_buf_append(bytes,
			    irmin_bytes(id.bytes, leaf->id_bytes), err);
	}
	return rc;
}

static irmin_rc thing_bytes(irmin__graph *graph,
    const irmin__graph_thing *thing, irmin_pin *pin, irmin_error *err)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_rc rc;

	if (thing->type == IRMIN_OBJECT_BLOB) {
		irmin__blob_pin(thing->thing, pin);
		return IRMIN_OK;
	}
	if (thing->type == IRMIN_OBJECT_TREE)
		rc = encode_node(graph, thing->thing, &bytes, err);
	else
		rc = irmin__commit_bytes(thing->thing, &bytes, err);
	if (rc < 0) {
		irmin_buf_clear(&bytes);
		return rc;
	}
	pin->data = bytes.data;
	pin->len = bytes.len;
	pin->release = irmin_free;
	pin->owner = bytes.data;
	return IRMIN_OK;
}

/* ---- reading ---- */

static irmin_rc graph_find(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_object *object, irmin_error *err)
{
	irmin__graph *graph = graph_of(objects);
	irmin_objects *inner = graph->inner->objects;
	irmin__graph_thing thing;
	irmin_rc rc = inner->cls->find(inner, context, id, object, err);

	if (rc != IRMIN_ABSENT)
		return rc;
	rc = irmin__graph_index_find(graph, context, id, &thing, err);
	if (rc != IRMIN_OK)
		return rc;
	object->type = thing.type;
	rc = thing_bytes(graph, &thing, &object->data, err);
	irmin__graph_thing_unref(&thing);
	return rc < 0 ? rc
		      : irmin__backend_args_limit(context, id, object, err);
}

static irmin_rc graph_has(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	irmin__graph *graph = graph_of(objects);
	irmin_objects *inner = graph->inner->objects;
	irmin__graph_thing thing;
	irmin_rc rc = inner->cls->has(inner, context, id, err);

	if (rc != IRMIN_ABSENT)
		return rc;
	rc = irmin__graph_index_find(graph, context, id, &thing, err);
	irmin__graph_thing_unref(&thing);
	return rc;
}

static irmin_rc thing_size(const irmin__graph_thing *thing, uint64_t *bytes,
    irmin_error *err)
{
	irmin_buf object = IRMIN_BUF_INIT;
	irmin_rc rc = IRMIN_OK;

	if (thing->type == IRMIN_OBJECT_TREE) {
		*bytes = irmin__node_bytes(thing->thing);
	} else if (thing->type == IRMIN_OBJECT_BLOB) {
		*bytes = ((const irmin__blob *)thing->thing)->len;
	} else {
		rc = irmin__commit_bytes(thing->thing, &object, err);
		*bytes = object.len;
	}
	irmin_buf_clear(&object);
	return rc;
}

static irmin_rc stat_inner(irmin__graph *graph, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
    irmin_error *err)
{
	irmin_objects *inner = graph->inner->objects;
	irmin_object found = { IRMIN_OBJECT_ANY, IRMIN_PIN_INIT };
	irmin_rc rc;

	if (IRMIN__INNER_OBJECTS_SLOT(graph, stat))
		return inner->cls->stat(inner, context, id, type, bytes, err);
	rc = inner->cls->find(inner, context, id, &found, err);
	*type = found.type;
	*bytes = found.data.len;
	irmin_pin_release(&found.data);
	return rc;
}

static irmin_rc graph_stat(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
    irmin_error *err)
{
	irmin__graph *graph = graph_of(objects);
	irmin__graph_thing thing;
	irmin_rc rc = stat_inner(graph, context, id, type, bytes, err);

	if (rc != IRMIN_ABSENT)
		return rc;
	rc = irmin__graph_index_find(graph, context, id, &thing, err);
	if (rc != IRMIN_OK)
		return rc;
	*type = thing.type;
	rc = thing_size(&thing, bytes, err);
	irmin__graph_thing_unref(&thing);
	return rc;
}

struct each {
	irmin_object_fn fn;
	void *arg;
};

static int begins(const irmin_oid *id, const char *digits)
{
	char hex[IRMIN_OID_HEX_BYTES];

	return strncmp(irmin_oid_hex(id, hex), digits, strlen(digits)) == 0;
}

static irmin_rc graph_each(irmin_objects *objects, const irmin_context *context,
    const char *prefix, irmin_object_fn fn, void *arg, irmin_error *err)
{
	irmin__graph *graph = graph_of(objects);
	irmin_objects *inner = graph->inner->objects;
	char digits[IRMIN_OID_HEX_BYTES];
	irmin__graph_ids ids = { NULL, 0, 0 };
	irmin_rc rc;
	size_t i;

	rc = irmin__backend_args_prefix(graph->backend.hash, prefix, digits,
	    err);
	if (rc >= 0)
		rc = inner->cls->each(inner, context, prefix, fn, arg, err);
	if (rc == IRMIN_OK)
		rc = irmin__graph_index_ids(graph, context, &ids, err);
	for (i = 0; rc == IRMIN_OK && i < ids.len; i++)
		if (begins(&ids.items[i], digits))
			rc = fn(arg, &ids.items[i]);
	IRMIN__VEC_CLEAR(&ids);
	return rc;
}

/* ---- commits without their bytes ---- */

/* Whether a commit of the graph lost its parents. Answers: OK (yes); ABSENT. */
static irmin_rc is_cut(irmin_commit *commit, const irmin_context *context)
{
	irmin_commit *parent;
	irmin_rc rc = irmin__commit_parent(commit, context, 0, &parent, NULL);

	irmin_commit_unref(parent);
	return rc == IRMIN_ETRUNCATED ? IRMIN_OK : IRMIN_ABSENT;
}

static irmin_rc tell_graph(irmin_commit *commit, irmin_graph_commit *told,
    irmin_error *err)
{
	size_t i;
	irmin_oid id;
	irmin_rc rc = irmin__commit_tree_id(commit, &told->tree, err);

	told->time = irmin_commit_committer(commit).time;
	told->generation = 0;
	told->parent_count = irmin_commit_parent_count(commit);
	told->parents.len = 0;
	for (i = 0; i < told->parent_count && rc >= 0; i++) {
		rc = irmin__commit_parent_id(commit, i, &id, err);
		if (rc >= 0)
			rc = irmin_buf_append(&told->parents,
			    irmin_bytes(&id, sizeof id), err);
	}
	return rc;
}

static irmin_rc graph_find_graph(irmin_objects *objects,
    const irmin_context *context, const irmin_oid *id,
    irmin_graph_commit *commit, irmin_error *err)
{
	irmin__graph *graph = graph_of(objects);
	irmin_objects *inner = graph->inner->objects;
	void *found;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__graph_find(graph, context, id, IRMIN_OBJECT_COMMIT, &found,
	    err);
	if (rc == IRMIN_OK)
		rc = is_cut(found, context) == IRMIN_OK
		    ? IRMIN_ABSENT
		    : tell_graph(found, commit, err);
	else if (rc == IRMIN_ABSENT &&
	    IRMIN__INNER_OBJECTS_SLOT(graph, find_graph))
		rc = inner->cls->find_graph(inner, context, id, commit, err);
	irmin_commit_unref(found);
	return rc;
}

static irmin_rc graph_is_shallow(irmin_objects *objects,
    const irmin_context *context, const irmin_oid *id, irmin_error *err)
{
	irmin__graph *graph = graph_of(objects);
	irmin_objects *inner = graph->inner->objects;
	void *found;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__graph_find(graph, context, id, IRMIN_OBJECT_COMMIT, &found,
	    err);
	if (rc == IRMIN_OK)
		rc = is_cut(found, context);
	else if (rc == IRMIN_ABSENT &&
	    IRMIN__INNER_OBJECTS_SLOT(graph, is_shallow))
		rc = inner->cls->is_shallow(inner, context, id, err);
	irmin_commit_unref(found);
	return rc;
}

/* ---- writing ---- */

/* One by one, as each may name those before it. */
static irmin_rc graph_add(irmin_objects *objects, const irmin_context *context,
    const irmin_new_object *added, size_t count, irmin_error *err)
{
	irmin__graph *graph = graph_of(objects);
	irmin_objects *inner = graph->inner->objects;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	irmin_error_clear(err);
	for (i = 0; i < count && rc >= 0; i++) {
		rc = irmin__graph_settle_links(graph, context, &added[i], err);
		if (rc >= 0)
			rc = inner->cls->add(inner, context, &added[i], 1, err);
	}
	return rc;
}

static void graph_close(irmin_objects *objects)
{
	(void)objects; /* the wrapper closes inner as a whole */
}

/* ---- what is inner's business alone ---- */

static irmin_rc graph_flush(irmin_objects *objects,
    const irmin_context *context, irmin_level level, irmin_error *err)
{
	irmin__graph *graph = graph_of(objects);
	irmin_objects *inner = graph->inner->objects;

	irmin_error_clear(err);
	if (!IRMIN__INNER_OBJECTS_SLOT(graph, flush))
		return IRMIN_OK;
	return inner->cls->flush(inner, context, level, err);
}

static irmin_rc graph_verify(irmin_objects *objects,
    const irmin_context *context, irmin_fault_fn fn, void *arg,
    irmin_error *err)
{
	irmin__graph *graph = graph_of(objects);
	irmin_objects *inner = graph->inner->objects;

	irmin_error_clear(err);
	if (!IRMIN__INNER_OBJECTS_SLOT(graph, verify))
		return IRMIN_OK;
	return inner->cls->verify(inner, context, fn, arg, err);
}

const irmin_objects_class irmin__graph_objects_class = {
	.size = sizeof(irmin_objects_class),
	.name = "graph",
	.find = graph_find,
	.has = graph_has,
	.add = graph_add,
	.each = graph_each,
	.close = graph_close,
	.stat = graph_stat,
	.flush = graph_flush,
	.find_graph = graph_find_graph,
	.is_shallow = graph_is_shallow,
	.verify = graph_verify,
};
