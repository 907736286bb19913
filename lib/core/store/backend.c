/* The only caller of a backend's slots. Every call crosses the border: it is
 * refused once the repository is closed, and closing waits until all are back.
 */
#include "lib/core/store/backend.h"

#include <assert.h>

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include "lib/core/object/refname.h"
#include "lib/core/store/repo.h"

/* A slot, or NULL where the author's class ends before it. */
#define SLOT(type, cls, slot)                                                  \
	((cls)->size >= offsetof(type, slot) + sizeof(cls)->slot ? (cls)->slot \
								 : NULL)
#define OBJECTS_SLOT(repo, slot)                                               \
	SLOT(irmin_objects_class, (repo)->backend->objects->cls, slot)
#define REFS_SLOT(repo, slot)                                                  \
	SLOT(irmin_refs_class, (repo)->backend->refs->cls, slot)
#define BACKEND_SLOT(repo, slot)                                               \
	SLOT(irmin_backend_class, (repo)->backend->cls, slot)

/* ---- whole, and closed ---- */

static int objects_are_whole(const irmin_objects *objects)
{
	const irmin_objects_class *cls = objects ? objects->cls : NULL;

	return cls && SLOT(irmin_objects_class, cls, find) &&
	    SLOT(irmin_objects_class, cls, has) &&
	    SLOT(irmin_objects_class, cls, add) &&
	    SLOT(irmin_objects_class, cls, each) &&
	    SLOT(irmin_objects_class, cls, close);
}

static int refs_are_whole(const irmin_refs *refs)
{
	const irmin_refs_class *cls = refs ? refs->cls : NULL;

	return cls && SLOT(irmin_refs_class, cls, find) &&
	    SLOT(irmin_refs_class, cls, cas) &&
	    SLOT(irmin_refs_class, cls, each) &&
	    SLOT(irmin_refs_class, cls, set_link) &&
	    SLOT(irmin_refs_class, cls, close);
}

irmin_rc irmin__backend_check(const irmin_backend *backend, irmin_error *err)
{
	const char *lacks = NULL;

	if (!backend)
		lacks = "everything: it is NULL";
	else if (!backend->cls || !backend->cls->scheme ||
	    !SLOT(irmin_backend_class, backend->cls, close))
		lacks = "its class, scheme or close";
	else if (!objects_are_whole(backend->objects))
		lacks = "a required slot of objects";
	else if (!refs_are_whole(backend->refs))
		lacks = "a required slot of refs";
	else if (!irmin_hash_size(backend->hash))
		lacks = "a hash";
	if (lacks)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the backend lacks %s", lacks);
	return IRMIN_OK;
}

void irmin__backend_close(irmin_backend *backend)
{
	irmin_objects *objects = backend ? backend->objects : NULL;
	irmin_refs *refs = backend ? backend->refs : NULL;

	if (objects && objects->cls &&
	    SLOT(irmin_objects_class, objects->cls, close))
		objects->cls->close(objects);
	if (refs && refs->cls && SLOT(irmin_refs_class, refs->cls, close))
		refs->cls->close(refs);
	if (backend && backend->cls &&
	    SLOT(irmin_backend_class, backend->cls, close))
		backend->cls->close(backend);
}

/* ---- the border ---- */

static void leave(irmin_repo *repo)
{
	if (atomic_fetch_sub(&repo->borders, 1) != 1 ||
	    !atomic_load(&repo->closed))
		return;
	irmin__mutex_lock(&repo->mutex);
	irmin__condition_wake(&repo->left);
	irmin__mutex_unlock(&repo->mutex);
}

static irmin_rc enter(irmin_repo *repo, irmin_error *err)
{
	atomic_fetch_add(&repo->borders, 1);
	if (!atomic_load(&repo->closed))
		return IRMIN_OK;
	leave(repo);
	return irmin_error_set(err, IRMIN_EINVAL, repo->location,
	    "the repository is closed");
}

static irmin_rc enter_to_write(irmin_repo *repo, irmin_error *err)
{
	if (irmin_repo_is_read_only(repo))
		return irmin_error_set(err, IRMIN_EREADONLY, repo->location,
		    "the repository is opened read-only");
	return enter(repo, err);
}

/* After a write, whether it succeeded or did half of its work. */
static void leave_written(irmin_repo *repo)
{
	atomic_fetch_add(&repo->written, 1);
	leave(repo);
}

static void trace_id(irmin_repo *repo, const char *name, const irmin_oid *id)
{
	char hex[IRMIN_OID_HEX_BYTES];

	if (repo->trace)
		irmin__repo_trace(repo, IRMIN_TRACE_DEBUG, name,
		    irmin_oid_hex(id, hex), "object");
}

static irmin_rc check_id(irmin_repo *repo, const irmin_oid *id,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	if (id->algo == repo->hash)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, NULL, "\"%s\" is no %s id",
	    irmin_oid_hex(id, hex), irmin_hash_name(repo->hash));
}

/* ---- objects ---- */

static size_t limit_of(const irmin_repo *repo, irmin_object_type type)
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

	irmin_oid_hex(id, hex);
	if (object->type < IRMIN_OBJECT_COMMIT ||
	    object->type > IRMIN_OBJECT_TAG)
		return irmin_error_set(err, IRMIN_ECORRUPT, hex,
		    "object %s has no type that git knows", hex);
	if (type != IRMIN_OBJECT_ANY && object->type != type)
		return irmin_error_set(err, IRMIN_ECORRUPT, hex,
		    "object %s is a %s, where a %s must be", hex,
		    irmin_object_type_name(object->type),
		    irmin_object_type_name(type));
	return IRMIN_OK;
}

irmin_rc irmin__repo_object(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type type, irmin_object *object,
    irmin_error *err)
{
	irmin_context limited = *context;
	irmin_object found = { IRMIN_OBJECT_ANY, IRMIN_PIN_INIT };
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc;

	*object = found;
	limited.max_object_bytes = limit_of(repo, type);
	rc = check_id(repo, id, err);
	if (rc >= 0)
		rc = enter(repo, err);
	if (rc < 0)
		return rc;
	trace_id(repo, "find", id);
	rc = repo->backend->objects->cls->find(repo->backend->objects, &limited,
	    id, &found, err);
	leave(repo);
	if (rc == IRMIN_ABSENT)
		return irmin_error_set(err, IRMIN_EMISSING,
		    irmin_oid_hex(id, hex), "%s %s is missing",
		    type == IRMIN_OBJECT_ANY ? "object"
					     : irmin_object_type_name(type),
		    irmin_oid_hex(id, hex));
	if (rc >= 0)
		rc = check_object(id, type, &found, err);
	if (rc < 0) {
		irmin_pin_release(&found.data);
		return rc;
	}
	irmin__repo_count(repo, IRMIN_STAT_OBJECT_READS, 1);
	irmin__repo_count(repo, IRMIN_STAT_OBJECT_READ_BYTES, found.data.len);
	*object = found;
	return IRMIN_OK;
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
	limited.max_object_bytes = limit_of(repo, IRMIN_OBJECT_ANY);
	rc = check_id(repo, id, err);
	if (rc >= 0)
		rc = enter(repo, err);
	if (rc < 0)
		return rc;
	trace_id(repo, "stat", id);
	if (OBJECTS_SLOT(repo, stat))
		rc = repo->backend->objects->cls->stat(repo->backend->objects,
		    &limited, id, type, bytes, err);
	else
		rc = stat_by_find(repo, &limited, id, type, bytes, err);
	leave(repo);
	return rc;
}

irmin_rc irmin__repo_add(irmin_repo *repo, const irmin_context *context,
    const irmin_new_object *objects, size_t count, irmin_error *err)
{
	uint64_t bytes = 0;
	irmin_rc rc;
	size_t i;

	rc = enter_to_write(repo, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < count; i++) {
		assert(objects[i].id.algo == repo->hash);
		bytes += objects[i].data.len;
		trace_id(repo, "add", &objects[i].id);
	}
	rc = repo->backend->objects->cls->add(repo->backend->objects, context,
	    objects, count, err);
	leave_written(repo);
	if (rc < 0)
		return rc;
	irmin__repo_count(repo, IRMIN_STAT_OBJECT_WRITES, count);
	irmin__repo_count(repo, IRMIN_STAT_OBJECT_WRITE_BYTES, bytes);
	return IRMIN_OK;
}

irmin_rc irmin__repo_each_object(irmin_repo *repo, const irmin_context *context,
    const char *prefix, irmin_object_fn fn, void *arg, irmin_error *err)
{
	irmin_rc rc = enter(repo, err);

	if (rc < 0)
		return rc;
	irmin__repo_trace(repo, IRMIN_TRACE_DEBUG, "each", prefix, "objects");
	rc = repo->backend->objects->cls->each(repo->backend->objects, context,
	    prefix, fn, arg, err);
	leave(repo);
	return rc;
}

/* ---- refs ---- */

/* A ref is an id of this repository or the name of another ref. */
static irmin_rc check_ref(irmin_repo *repo, const char *name,
    const irmin_ref_value *value, irmin_error *err)
{
	irmin_slice target = irmin_buf_slice(&value->target);

	if (!target.len && value->id.algo == repo->hash)
		return IRMIN_OK;
	if (target.len && irmin__refname_check(target, NULL) >= 0)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_ECORRUPT, name,
	    "ref %s holds neither an id nor the name of a ref", name);
}

irmin_rc irmin__repo_ref_find(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_ref_value *value, irmin_error *err)
{
	irmin_rc rc;

	memset(&value->id, 0, sizeof value->id);
	irmin__buf_empty(&value->target);
	rc = enter(repo, err);
	if (rc < 0)
		return rc;
	irmin__repo_trace(repo, IRMIN_TRACE_DEBUG, "ref-find", name, "ref");
	rc = repo->backend->refs->cls->find(repo->backend->refs, context, name,
	    value, err);
	leave(repo);
	irmin__repo_count(repo, IRMIN_STAT_REF_READS, 1);
	return rc == IRMIN_OK ? check_ref(repo, name, value, err) : rc;
}

irmin_rc irmin__repo_checked_out(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_buf *where, irmin_error *err)
{
	irmin_rc rc;

	irmin__buf_empty(where);
	rc = enter(repo, err);
	if (rc < 0)
		return rc;
	rc = IRMIN_ABSENT;
	if (REFS_SLOT(repo, checked_out))
		rc = repo->backend->refs->cls->checked_out(repo->backend->refs,
		    context, name, where, err);
	leave(repo);
	return rc;
}

static irmin_rc refuse_checked_out(irmin_repo *repo,
    const irmin_context *context, const char *name, irmin_error *err)
{
	irmin_buf where = IRMIN_BUF_INIT;
	irmin_rc rc;

	if (repo->flags & IRMIN_OPEN_MOVE_CHECKED_OUT ||
	    strncmp(name, IRMIN__HEADS, strlen(IRMIN__HEADS)) != 0)
		return IRMIN_OK;
	rc = irmin__repo_checked_out(repo, context, name, &where, err);
	if (rc == IRMIN_OK)
		rc = irmin_error_set(err, IRMIN_ECHECKEDOUT, name,
		    "cannot move branch %s: it is checked out in %s; switch "
		    "that work tree to another branch, or open the repository "
		    "with checked_out=move",
		    name + strlen(IRMIN__HEADS),
		    where.len ? (char *)where.data : "a work tree");
	irmin_buf_clear(&where);
	return rc;
}

static void trace_moves(irmin_repo *repo, const irmin_ref_change *changes,
    size_t count)
{
	char from[IRMIN_OID_HEX_BYTES], to[IRMIN_OID_HEX_BYTES];
	size_t i;

	for (i = 0; repo->trace && i < count; i++)
		irmin__repo_trace(repo, IRMIN_TRACE_INFO, "head",
		    changes[i].name, "%s -> %s",
		    changes[i].any ? "?"
				   : irmin_oid_hex(&changes[i].expected, from),
		    irmin_oid_hex(&changes[i].id, to));
}

/* At level POWER the objects are safe before the ref that needs them ... */
static irmin_rc flush_before(irmin_repo *repo, const irmin_context *context,
    irmin_error *err)
{
	if (repo->level != IRMIN_POWER)
		return IRMIN_OK;
	return irmin__repo_flush_objects(repo, context, IRMIN_POWER, err);
}

/* ... and the ref is safe before the call returns. */
static irmin_rc flush_after(irmin_repo *repo, const irmin_context *context,
    irmin_rc moved, irmin_error *err)
{
	irmin_rc rc;

	if (moved < 0 || repo->level != IRMIN_POWER)
		return moved;
	rc = irmin__repo_flush_refs(repo, context, IRMIN_POWER, err);
	return rc < 0 ? rc : moved;
}

irmin_rc irmin__repo_ref_cas(irmin_repo *repo, const irmin_context *context,
    const irmin_ref_change *changes, size_t count, const irmin_reflog *reflog,
    size_t *differing, irmin_error *err)
{
	irmin_rc rc;
	size_t i;

	rc = flush_before(repo, context, err);
	if (rc >= 0)
		rc = enter_to_write(repo, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < count && rc >= 0; i++)
		rc = refuse_checked_out(repo, context, changes[i].name, err);
	if (rc >= 0)
		rc = repo->backend->refs->cls->cas(repo->backend->refs, context,
		    changes, count, reflog, differing, err);
	leave_written(repo);
	irmin__repo_count(repo, IRMIN_STAT_REF_WRITES, 1);
	if (rc >= 0)
		trace_moves(repo, changes, count);
	return flush_after(repo, context, rc, err);
}

irmin_rc irmin__repo_ref_each(irmin_repo *repo, const irmin_context *context,
    const char *prefix, irmin_ref_value_fn fn, void *arg, irmin_error *err)
{
	irmin_rc rc = enter(repo, err);

	if (rc < 0)
		return rc;
	irmin__repo_trace(repo, IRMIN_TRACE_DEBUG, "ref-each", prefix, "refs");
	rc = repo->backend->refs->cls->each(repo->backend->refs, context,
	    prefix, fn, arg, err);
	leave(repo);
	return rc;
}

irmin_rc irmin__repo_ref_set_link(irmin_repo *repo,
    const irmin_context *context, const char *name, const char *target,
    irmin_error *err)
{
	irmin_rc rc = enter_to_write(repo, err);

	if (rc < 0)
		return rc;
	rc = repo->backend->refs->cls->set_link(repo->backend->refs, context,
	    name, target, err);
	leave_written(repo);
	irmin__repo_count(repo, IRMIN_STAT_REF_WRITES, 1);
	if (rc >= 0)
		irmin__repo_trace(repo, IRMIN_TRACE_INFO, "head", name, "%s",
		    target);
	return flush_after(repo, context, rc, err);
}

/* ---- both ---- */

irmin_rc irmin__repo_flush_objects(irmin_repo *repo,
    const irmin_context *context, irmin_level level, irmin_error *err)
{
	irmin_rc rc = enter(repo, err);

	if (rc < 0)
		return rc;
	if (OBJECTS_SLOT(repo, flush))
		rc = repo->backend->objects->cls->flush(repo->backend->objects,
		    context, level, err);
	leave(repo);
	return rc;
}

irmin_rc irmin__repo_flush_refs(irmin_repo *repo, const irmin_context *context,
    irmin_level level, irmin_error *err)
{
	irmin_rc rc = enter(repo, err);

	if (rc < 0)
		return rc;
	if (REFS_SLOT(repo, flush))
		rc = repo->backend->refs->cls->flush(repo->backend->refs,
		    context, level, err);
	leave(repo);
	return rc;
}

irmin_rc irmin__repo_find_config(irmin_repo *repo, const char *key,
    irmin_buf *value, irmin_error *err)
{
	irmin_rc rc;

	irmin__buf_empty(value);
	rc = enter(repo, err);
	if (rc < 0)
		return rc;
	rc = IRMIN_ABSENT;
	if (BACKEND_SLOT(repo, find_config))
		rc = repo->backend->cls->find_config(repo->backend, key, value,
		    err);
	leave(repo);
	return rc;
}
