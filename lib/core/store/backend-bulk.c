/* The slots add_begin and batch_begin, what stands in for them, and those of work
 * that uses them. */
#include "lib/core/base/error.h"
#include "lib/core/store/backend-parts.h"
#include "lib/core/store/stream.h"
#include <irmin/alloc.h>

struct irmin__sink {
	irmin_repo *repo;
	uint64_t bytes;
	irmin_object_sink *inner;
};

struct irmin__bulk {
	irmin_repo *repo;
	const irmin_context *context;
	uint64_t objects, bytes;
	irmin_batch *inner; /* NULL: the backend has none */
};

/* ---- an object gathered in memory ---- */

typedef struct whole_sink {
	irmin_object_sink head;
	irmin_objects *objects;
	const irmin_context *context;
	irmin_object_type type;
	irmin_buf data;
} whole_sink;

static void whole_abort(irmin_object_sink *sink)
{
	whole_sink *self = (whole_sink *)sink;

	irmin_buf_clear(&self->data);
	irmin_free(self);
}

static irmin_rc whole_write(irmin_object_sink *sink, irmin_slice bytes,
    irmin_error *err)
{
	return irmin_buf_append(&((whole_sink *)sink)->data, bytes, err);
}

static irmin_rc whole_finish(irmin_object_sink *sink, const irmin_oid *id,
    irmin_error *err)
{
	whole_sink *self = (whole_sink *)sink;
	irmin_new_object added;
	irmin_rc rc;

	memset(&added, 0, sizeof added);
	added.id = *id;
	added.type = self->type;
	added.data = irmin_buf_slice(&self->data);
	rc = self->objects->cls->add(self->objects, self->context, &added, 1,
	    err);
	whole_abort(sink);
	return rc;
}

static const irmin_object_sink_class whole_class = {
	.size = sizeof(irmin_object_sink_class),
	.write = whole_write,
	.finish = whole_finish,
	.abort = whole_abort,
};

/* The fallback of add_begin. */
static irmin_rc open_whole(irmin_repo *repo, const irmin_context *context,
    irmin_object_type type, uint64_t bytes, irmin_object_sink **sink,
    irmin_error *err)
{
	size_t limit = irmin__backend_limit(repo, type);
	whole_sink *made;
	irmin_rc rc;

	if (bytes > limit)
		return irmin_error_set(err, IRMIN_ELIMIT, repo->location,
		    "cannot add %llu bytes: more than the limit of %zu for "
		    "what must be whole in memory",
		    (unsigned long long)bytes, limit);
	made = irmin_calloc(1, sizeof *made);
	if (!made)
		return irmin__enomem(err);
	made->head.cls = &whole_class;
	made->objects = repo->backend->objects;
	made->context = context;
	made->type = type;
	rc = irmin_buf_reserve(&made->data, (size_t)bytes, err);
	if (rc < 0)
		whole_abort(&made->head);
	else
		*sink = &made->head;
	return rc;
}

/* ---- sinks ---- */

irmin_rc irmin__sink_open(irmin_repo *repo, const irmin_context *context,
    irmin_object_type type, uint64_t bytes, irmin__sink **sink,
    irmin_error *err)
{
	irmin__sink *made = irmin_calloc(1, sizeof *made);
	irmin_objects *objects;
	irmin_rc rc;

	*sink = NULL;
	rc = made ? irmin__backend_enter_to_write(repo, err)
		  : irmin__enomem(err);
	if (rc < 0) {
		irmin_free(made);
		return rc;
	}
	made->repo = repo;
	made->bytes = bytes;
	objects = repo->backend->objects;
	if (IRMIN__OBJECTS_SLOT(repo, add_begin))
		rc = objects->cls->add_begin(objects, context, type, bytes,
		    &made->inner, err);
	else
		rc = open_whole(repo, context, type, bytes, &made->inner, err);
	if (rc < 0) {
		irmin__backend_leave(repo);
		irmin_free(made);
		return rc;
	}
	*sink = made;
	return IRMIN_OK;
}

irmin_rc irmin__sink_write(irmin__sink *sink, irmin_slice bytes,
    irmin_error *err)
{
	return sink->inner->cls->write(sink->inner, bytes, err);
}

irmin_rc irmin__sink_finish(irmin__sink *sink, const irmin_oid *id,
    irmin_error *err)
{
	irmin_repo *repo = sink->repo;
	irmin_rc rc;

	irmin__backend_trace_id(repo, "add", id);
	rc = sink->inner->cls->finish(sink->inner, id, err);
	irmin__backend_leave_written(repo);
	if (rc >= 0) {
		irmin__repo_count(repo, IRMIN_STAT_OBJECT_WRITES, 1);
		irmin__repo_count(repo, IRMIN_STAT_OBJECT_WRITE_BYTES,
		    sink->bytes);
	}
	irmin_free(sink);
	return rc;
}

void irmin__sink_abort(irmin__sink *sink)
{
	if (!sink)
		return;
	sink->inner->cls->abort(sink->inner);
	irmin__backend_leave(sink->repo);
	irmin_free(sink);
}

/* ---- batches ---- */

irmin_rc irmin__bulk_open(irmin_repo *repo, const irmin_context *context,
    irmin__bulk **bulk, irmin_error *err)
{
	irmin__bulk *made = irmin_calloc(1, sizeof *made);
	irmin_rc rc;

	*bulk = NULL;
	rc = made ? irmin__backend_enter_to_write(repo, err)
		  : irmin__enomem(err);
	if (rc < 0) {
		irmin_free(made);
		return rc;
	}
	made->repo = repo;
	made->context = context;
	if (IRMIN__OBJECTS_SLOT(repo, batch_begin))
		rc = repo->backend->objects->cls
			 ->batch_begin(repo->backend->objects, context,
			     &made->inner, err);
	if (rc < 0) {
		irmin__backend_leave(repo);
		irmin_free(made);
		return rc;
	}
	*bulk = made;
	return IRMIN_OK;
}

irmin_rc irmin__bulk_add(irmin__bulk *bulk, const irmin_new_object *added,
    irmin_error *err)
{
	irmin_objects *objects = bulk->repo->backend->objects;
	irmin_rc rc;

	irmin__backend_trace_id(bulk->repo, "add", &added->id);
	if (bulk->inner)
		rc = bulk->inner->cls->add(bulk->inner, bulk->context, added, 1,
		    err);
	else
		rc = objects->cls->add(objects, bulk->context, added, 1, err);
	if (rc < 0)
		return rc;
	bulk->objects++;
	bulk->bytes += added->data.len;
	return IRMIN_OK;
}

irmin_rc irmin__bulk_finish(irmin__bulk *bulk, irmin_error *err)
{
	irmin_repo *repo = bulk->repo;
	irmin_rc rc = IRMIN_OK;

	if (bulk->inner)
		rc = bulk->inner->cls->finish(bulk->inner, bulk->context, err);
	irmin__backend_leave_written(repo);
	if (rc >= 0) {
		irmin__repo_count(repo, IRMIN_STAT_OBJECT_WRITES,
		    bulk->objects);
		irmin__repo_count(repo, IRMIN_STAT_OBJECT_WRITE_BYTES,
		    bulk->bytes);
	}
	irmin_free(bulk);
	return rc;
}

void irmin__bulk_abort(irmin__bulk *bulk)
{
	if (!bulk)
		return;
	if (bulk->inner)
		bulk->inner->cls->abort(bulk->inner);
	irmin__backend_leave_written(bulk->repo);
	irmin_free(bulk);
}

/* ---- work that a ref ends ---- */

/* Nobody begins or ends it in a repository that is closed: it is over then. */
void irmin__repo_work_begin(irmin_repo *repo)
{
	if (irmin__backend_enter(repo, NULL) < 0)
		return;
	if (IRMIN__OBJECTS_SLOT(repo, work_begin))
		repo->backend->objects->cls->work_begin(repo->backend->objects);
	irmin__backend_leave(repo);
}

void irmin__repo_work_end(irmin_repo *repo)
{
	if (irmin__backend_enter(repo, NULL) < 0)
		return;
	if (IRMIN__OBJECTS_SLOT(repo, work_end))
		repo->backend->objects->cls->work_end(repo->backend->objects);
	irmin__backend_leave(repo);
}
