/* The slots of long calls, and what stands in for the one that must be there. */
#include <stdlib.h>

#include "lib/core/base/context.h"
#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/core/store/backend-parts.h"
#include "lib/core/store/maintain.h"

/* ---- scan ---- */

struct ids {
	IRMIN__VEC(irmin_oid) all;
	irmin_error *err;
};

static int collect_id(void *arg, const irmin_oid *id)
{
	struct ids *ids = arg;
	irmin_rc rc = IRMIN__VEC_RESERVE(&ids->all, 1, ids->err);

	if (rc >= 0)
		IRMIN__VEC_PUSH(&ids->all, *id);
	return rc;
}

static int is_fault(irmin_rc rc)
{
	return rc < 0 && rc != IRMIN_ENOMEM && rc != IRMIN_ECANCELED;
}

static irmin_rc scan_one(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_scan_fn fn, void *arg, irmin_error *err)
{
	irmin_object found = { IRMIN_OBJECT_ANY, IRMIN_PIN_INIT };
	irmin_scanned scanned;
	irmin_error why;
	irmin_rc rc = irmin__context_check(context, err);

	if (rc < 0)
		return rc;
	rc = objects->cls->find(objects, context, id, &found, &why);
	if (rc == IRMIN_ABSENT) /* it vanished meanwhile */
		return IRMIN_OK;
	if (rc < 0 && !is_fault(rc)) {
		if (err)
			*err = why;
		return rc;
	}
	memset(&scanned, 0, sizeof scanned);
	scanned.id = *id;
	scanned.type = rc < 0 ? IRMIN_OBJECT_ANY : found.type;
	scanned.data = irmin_bytes(found.data.data, found.data.len);
	scanned.fault = rc < 0 ? &why : NULL;
	rc = fn(arg, &scanned);
	irmin_pin_release(&found.data);
	return rc;
}

/* The fallback of the slot: each, and then find, since a backend may be busy
 * while it tells ids. */
static irmin_rc scan_by_find(irmin_objects *objects,
    const irmin_context *context, irmin_scan_fn fn, void *arg, irmin_error *err)
{
	struct ids ids = { { NULL, 0, 0 }, err };
	irmin_rc rc = objects->cls->each(objects, context, "", collect_id, &ids,
	    err);
	size_t i;

	for (i = 0; rc == IRMIN_OK && i < ids.all.len; i++)
		rc = scan_one(objects, context, &ids.all.items[i], fn, arg,
		    err);
	IRMIN__VEC_CLEAR(&ids.all);
	return rc;
}

irmin_rc irmin__repo_scan(irmin_repo *repo, const irmin_context *context,
    irmin_scan_fn fn, void *arg, irmin_error *err)
{
	irmin_context limited = *context;
	irmin_objects *objects;
	irmin_rc rc = irmin__backend_enter(repo, err);

	if (rc < 0)
		return rc;
	limited.max_object_bytes = irmin__backend_limit(repo, IRMIN_OBJECT_ANY);
	irmin__repo_trace(repo, IRMIN_TRACE_DEBUG, "scan", repo->location,
	    "objects");
	objects = repo->backend->objects;
	if (IRMIN__OBJECTS_SLOT(repo, scan))
		rc = objects->cls->scan(objects, &limited, fn, arg, err);
	else
		rc = scan_by_find(objects, &limited, fn, arg, err);
	irmin__backend_leave(repo);
	return rc;
}

/* ---- pack ---- */

static irmin_rc enter_to_pack(irmin_repo *repo, const char *what,
    irmin_error *err)
{
	irmin_rc rc = irmin__backend_enter_to_write(repo, err);

	if (rc >= 0)
		irmin__repo_trace(repo, IRMIN_TRACE_INFO, "pack",
		    repo->location, "%s", what);
	return rc;
}

irmin_rc irmin__repo_pack_objects(irmin_repo *repo,
    const irmin_context *context, irmin_progress_fn progress, void *arg,
    irmin_error *err)
{
	irmin_objects *objects;
	irmin_rc rc = enter_to_pack(repo, "objects", err);

	if (rc < 0)
		return rc;
	rc = IRMIN_UNCHANGED;
	objects = repo->backend->objects;
	if (IRMIN__OBJECTS_SLOT(repo, pack))
		rc = objects->cls->pack(objects, context, progress, arg, err);
	irmin__backend_leave_written(repo);
	return rc;
}

irmin_rc irmin__repo_write_graph(irmin_repo *repo, const irmin_context *context,
    irmin_error *err)
{
	irmin_objects *objects;
	irmin_rc rc = enter_to_pack(repo, "commit-graph", err);

	if (rc < 0)
		return rc;
	rc = IRMIN_UNCHANGED;
	objects = repo->backend->objects;
	if (IRMIN__OBJECTS_SLOT(repo, write_graph))
		rc = objects->cls->write_graph(objects, context, err);
	irmin__backend_leave_written(repo);
	return rc;
}

irmin_rc irmin__repo_pack_refs(irmin_repo *repo, const irmin_context *context,
    irmin_error *err)
{
	irmin_refs *refs;
	irmin_rc rc = enter_to_pack(repo, "refs", err);

	if (rc < 0)
		return rc;
	rc = IRMIN_UNCHANGED;
	refs = repo->backend->refs;
	if (IRMIN__REFS_SLOT(repo, pack))
		rc = refs->cls->pack(refs, context, err);
	irmin__backend_leave_written(repo);
	return rc;
}

/* ---- verify ---- */

irmin_rc irmin__repo_verify_objects(irmin_repo *repo,
    const irmin_context *context, irmin_fault_fn fn, void *arg,
    irmin_error *err)
{
	irmin_objects *objects;
	irmin_rc rc = irmin__backend_enter(repo, err);

	if (rc < 0)
		return rc;
	objects = repo->backend->objects;
	if (IRMIN__OBJECTS_SLOT(repo, verify))
		rc = objects->cls->verify(objects, context, fn, arg, err);
	irmin__backend_leave(repo);
	return rc;
}

irmin_rc irmin__repo_verify_refs(irmin_repo *repo, const irmin_context *context,
    irmin_fault_fn fn, void *arg, irmin_error *err)
{
	irmin_refs *refs;
	irmin_rc rc = irmin__backend_enter(repo, err);

	if (rc < 0)
		return rc;
	refs = repo->backend->refs;
	if (IRMIN__REFS_SLOT(repo, verify))
		rc = refs->cls->verify(refs, context, fn, arg, err);
	irmin__backend_leave(repo);
	return rc;
}
