/* The slots of objects that every backend has, and their like. */
#include <assert.h>

#include "lib/core/store/backend-parts.h"

size_t irmin__backend_limit(const irmin_repo *repo, irmin_object_type type)
{
	if (type == IRMIN_OBJECT_TREE)
		return repo->max_tree_bytes;
	if (type == IRMIN_OBJECT_ANY &&
	    repo->max_tree_bytes > repo->max_value_bytes)
		return repo->max_tree_bytes;
	return repo->max_value_bytes;
}

/* Whether what the backend gave is what was asked for. */
static irmin_rc check_object(const irmin_oid *id, irmin_object_type type,
    const irmin_object *object, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	if (object->type < IRMIN_OBJECT_COMMIT ||
	    object->type > IRMIN_OBJECT_TAG)
		return irmin_error_set(err, IRMIN_ECORRUPT,
		    irmin_oid_hex(id, hex),
		    "object %s has no type that git knows", hex);
	if (type != IRMIN_OBJECT_ANY && object->type != type)
		return irmin_error_set(err, IRMIN_ECORRUPT,
		    irmin_oid_hex(id, hex),
		    "object %s is a %s, where a %s must be", hex,
		    irmin_object_type_name(object->type),
		    irmin_object_type_name(type));
	return IRMIN_OK;
}

irmin_rc irmin__repo_object_find(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type type, irmin_object *object,
    irmin_error *err)
{
	irmin_context limited = *context;
	irmin_object found = { IRMIN_OBJECT_ANY, IRMIN_PIN_INIT };
	irmin_rc rc;

	*object = found;
	limited.max_object_bytes = irmin__backend_limit(repo, type);
	rc = irmin__backend_check_id(repo, id, err);
	if (rc >= 0)
		rc = irmin__backend_enter(repo, err);
	if (rc < 0)
		return rc;
	irmin__backend_trace_id(repo, "find", id);
	rc = repo->backend->objects->cls->find(repo->backend->objects, &limited,
	    id, &found, err);
	irmin__backend_leave(repo);
	if (rc == IRMIN_OK)
		rc = check_object(id, type, &found, err);
	if (rc != IRMIN_OK) {
		irmin_pin_release(&found.data);
		return rc;
	}
	irmin__repo_count(repo, IRMIN_STAT_OBJECT_READS, 1);
	irmin__repo_count(repo, IRMIN_STAT_OBJECT_READ_BYTES, found.data.len);
	*object = found;
	return IRMIN_OK;
}

irmin_rc irmin__repo_object(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type type, irmin_object *object,
    irmin_error *err)
{
	irmin_rc rc = irmin__repo_object_find(repo, context, id, type, object,
	    err);
	char hex[IRMIN_OID_HEX_BYTES];

	if (rc == IRMIN_ABSENT)
		return irmin_error_set(err, IRMIN_EMISSING,
		    irmin_oid_hex(id, hex), "%s %s is missing",
		    type == IRMIN_OBJECT_ANY ? "object"
					     : irmin_object_type_name(type),
		    hex);
	return rc;
}

irmin_rc irmin__repo_has(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	irmin_rc rc = irmin__backend_check_id(repo, id, err);

	if (rc >= 0)
		rc = irmin__backend_enter(repo, err);
	if (rc < 0)
		return rc;
	irmin__backend_trace_id(repo, "has", id);
	rc = repo->backend->objects->cls->has(repo->backend->objects, context,
	    id, err);
	irmin__backend_leave(repo);
	return rc;
}

irmin_rc irmin__repo_freshen(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	irmin_objects *objects;
	irmin_rc rc = irmin__backend_check_id(repo, id, err);

	if (rc >= 0)
		rc = irmin__backend_enter_to_write(repo, err);
	if (rc < 0)
		return rc;
	irmin__backend_trace_id(repo, "freshen", id);
	objects = repo->backend->objects;
	if (IRMIN__OBJECTS_SLOT(repo, freshen))
		rc = objects->cls->freshen(objects, context, id, err);
	else
		rc = objects->cls->has(objects, context, id, err);
	irmin__backend_leave_written(repo);
	return rc;
}

/* The fallback of the slot `stat`. */
static irmin_rc stat_by_find(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
    irmin_error *err)
{
	irmin_object found = { IRMIN_OBJECT_ANY, IRMIN_PIN_INIT };
	irmin_rc rc;

	rc = repo->backend->objects->cls->find(repo->backend->objects, context,
	    id, &found, err);
	if (rc == IRMIN_OK) {
		*type = found.type;
		*bytes = found.data.len;
	}
	irmin_pin_release(&found.data);
	return rc;
}

irmin_rc irmin__repo_object_stat(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
    irmin_error *err)
{
	irmin_context limited = *context;
	irmin_rc rc;

	*type = IRMIN_OBJECT_ANY;
	*bytes = 0;
	limited.max_object_bytes = irmin__backend_limit(repo, IRMIN_OBJECT_ANY);
	rc = irmin__backend_check_id(repo, id, err);
	if (rc >= 0)
		rc = irmin__backend_enter(repo, err);
	if (rc < 0)
		return rc;
	irmin__backend_trace_id(repo, "stat", id);
	if (IRMIN__OBJECTS_SLOT(repo, stat))
		rc = repo->backend->objects->cls->stat(repo->backend->objects,
		    &limited, id, type, bytes, err);
	else
		rc = stat_by_find(repo, &limited, id, type, bytes, err);
	irmin__backend_leave(repo);
	return rc;
}

/* A backend may be an author's: what it says must fit together. */
static irmin_rc check_graph(irmin_repo *repo, const irmin_oid *id,
    const irmin_graph_commit *commit, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	if (commit->tree.algo == repo->hash &&
	    commit->parents.len == commit->parent_count * sizeof(irmin_oid))
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_ECORRUPT, irmin_oid_hex(id, hex),
	    "what the backend keeps of commit %s does not fit together", hex);
}

irmin_rc irmin__repo_find_graph(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_graph_commit *commit, irmin_error *err)
{
	irmin_objects *objects;
	irmin_rc rc = irmin__backend_check_id(repo, id, err);

	if (rc >= 0)
		rc = irmin__backend_enter(repo, err);
	if (rc < 0)
		return rc;
	rc = IRMIN_ABSENT;
	objects = repo->backend->objects;
	if (IRMIN__OBJECTS_SLOT(repo, find_graph))
		rc = objects->cls->find_graph(objects, context, id, commit,
		    err);
	irmin__backend_leave(repo);
	return rc == IRMIN_OK ? check_graph(repo, id, commit, err) : rc;
}

irmin_rc irmin__repo_is_shallow(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	irmin_objects *objects;
	irmin_rc rc = irmin__backend_check_id(repo, id, err);

	if (rc >= 0)
		rc = irmin__backend_enter(repo, err);
	if (rc < 0)
		return rc;
	rc = IRMIN_ABSENT;
	objects = repo->backend->objects;
	if (IRMIN__OBJECTS_SLOT(repo, is_shallow))
		rc = objects->cls->is_shallow(objects, context, id, err);
	irmin__backend_leave(repo);
	return rc;
}

irmin_rc irmin__repo_add(irmin_repo *repo, const irmin_context *context,
    const irmin_new_object *objects, size_t count, irmin_error *err)
{
	uint64_t bytes = 0;
	irmin_rc rc;
	size_t i;

	rc = irmin__backend_enter_to_write(repo, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < count; i++) {
		assert(objects[i].id.algo == repo->hash);
		bytes += objects[i].data.len;
		irmin__backend_trace_id(repo, "add", &objects[i].id);
	}
	rc = repo->backend->objects->cls->add(repo->backend->objects, context,
	    objects, count, err);
	irmin__backend_leave_written(repo);
	if (rc < 0)
		return rc;
	irmin__repo_count(repo, IRMIN_STAT_OBJECT_WRITES, count);
	irmin__repo_count(repo, IRMIN_STAT_OBJECT_WRITE_BYTES, bytes);
	return IRMIN_OK;
}

irmin_rc irmin__repo_each_object(irmin_repo *repo, const irmin_context *context,
    const char *prefix, irmin_object_fn fn, void *arg, irmin_error *err)
{
	irmin_rc rc = irmin__backend_enter(repo, err);

	if (rc < 0)
		return rc;
	irmin__repo_trace(repo, IRMIN_TRACE_DEBUG, "each", prefix, "objects");
	rc = repo->backend->objects->cls->each(repo->backend->objects, context,
	    prefix, fn, arg, err);
	irmin__backend_leave(repo);
	return rc;
}

irmin_rc irmin__repo_flush_objects(irmin_repo *repo,
    const irmin_context *context, irmin_level level, irmin_error *err)
{
	irmin_rc rc = irmin__backend_enter(repo, err);

	if (rc < 0)
		return rc;
	if (IRMIN__OBJECTS_SLOT(repo, flush))
		rc = repo->backend->objects->cls->flush(repo->backend->objects,
		    context, level, err);
	irmin__backend_leave(repo);
	return rc;
}
