/* A backend as a whole: is it complete, its end, and the border that every call
 * of a slot crosses: it is refused once the repository is closed, and closing
 * waits until all are back.
 */
#include "lib/core/store/backend.h"

#include "lib/core/base/text.h"
#include "lib/core/store/backend-parts.h"

/* ---- whole, and closed ---- */

static int objects_are_whole(const irmin_objects *objects)
{
	const irmin_objects_class *cls = objects ? objects->cls : NULL;

	return cls && IRMIN__SLOT(irmin_objects_class, cls, find) &&
	    IRMIN__SLOT(irmin_objects_class, cls, has) &&
	    IRMIN__SLOT(irmin_objects_class, cls, add) &&
	    IRMIN__SLOT(irmin_objects_class, cls, each) &&
	    IRMIN__SLOT(irmin_objects_class, cls, close);
}

static int refs_are_whole(const irmin_refs *refs)
{
	const irmin_refs_class *cls = refs ? refs->cls : NULL;

	return cls && IRMIN__SLOT(irmin_refs_class, cls, find) &&
	    IRMIN__SLOT(irmin_refs_class, cls, cas) &&
	    IRMIN__SLOT(irmin_refs_class, cls, each) &&
	    IRMIN__SLOT(irmin_refs_class, cls, set_link) &&
	    IRMIN__SLOT(irmin_refs_class, cls, close);
}

irmin_rc irmin__backend_check(const irmin_backend *backend, irmin_error *err)
{
	const char *lacks = NULL;

	if (!backend)
		lacks = "everything: it is NULL";
	else if (!backend->cls || !backend->cls->scheme ||
	    !IRMIN__SLOT(irmin_backend_class, backend->cls, close))
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
	    IRMIN__SLOT(irmin_objects_class, objects->cls, close))
		objects->cls->close(objects);
	if (refs && refs->cls &&
	    IRMIN__SLOT(irmin_refs_class, refs->cls, close))
		refs->cls->close(refs);
	if (backend && backend->cls &&
	    IRMIN__SLOT(irmin_backend_class, backend->cls, close))
		backend->cls->close(backend);
}

/* ---- the border ---- */

/* A thread leaves where it entered: a stripe that is empty after closing stays
 * so, but for calls that are about to be refused. */
int irmin__backend_is_entered(irmin_repo *repo)
{
	size_t i;

	for (i = 0; i < IRMIN__STRIPES; i++)
		if (atomic_load(&repo->stripes[i].borders))
			return 1;
	return 0;
}

static atomic_uint *own_border(irmin_repo *repo)
{
	return &repo->stripes[irmin__thread_stripe()].borders;
}

void irmin__backend_leave(irmin_repo *repo)
{
	if (atomic_fetch_sub(own_border(repo), 1) != 1 ||
	    !atomic_load(&repo->closed))
		return;
	irmin__mutex_lock(&repo->mutex);
	irmin__condition_wake(&repo->left);
	irmin__mutex_unlock(&repo->mutex);
}

irmin_rc irmin__backend_enter(irmin_repo *repo, irmin_error *err)
{
	atomic_fetch_add(own_border(repo), 1);
	if (!atomic_load(&repo->closed))
		return IRMIN_OK;
	irmin__backend_leave(repo);
	return irmin_error_set(err, IRMIN_EINVAL, repo->location,
	    "the repository is closed");
}

irmin_rc irmin__backend_enter_to_write(irmin_repo *repo, irmin_error *err)
{
	if (irmin_repo_is_read_only(repo))
		return irmin_error_set(err, IRMIN_EREADONLY, repo->location,
		    "the repository is opened read-only");
	return irmin__backend_enter(repo, err);
}

void irmin__backend_leave_written(irmin_repo *repo)
{
	atomic_fetch_add(&repo->written, 1);
	irmin__backend_leave(repo);
}

void irmin__backend_trace_id(irmin_repo *repo, const char *name,
    const irmin_oid *id)
{
	char hex[IRMIN_OID_HEX_BYTES];

	if (repo->trace)
		irmin__repo_trace(repo, IRMIN_TRACE_DEBUG, name,
		    irmin_oid_hex(id, hex), "object");
}

irmin_rc irmin__backend_check_id(irmin_repo *repo, const irmin_oid *id,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	if (id->algo == repo->hash)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, NULL, "\"%s\" is no %s id",
	    irmin_oid_hex(id, hex), irmin_hash_name(repo->hash));
}

/* ---- the config ---- */

irmin_rc irmin__repo_find_config(irmin_repo *repo, const char *key,
    irmin_buf *value, irmin_error *err)
{
	irmin_rc rc;

	irmin__buf_empty(value);
	rc = irmin__backend_enter(repo, err);
	if (rc < 0)
		return rc;
	rc = IRMIN_ABSENT;
	if (IRMIN__BACKEND_SLOT(repo, find_config))
		rc = repo->backend->cls->find_config(repo->backend, key, value,
		    err);
	irmin__backend_leave(repo);
	return rc;
}
