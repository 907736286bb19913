/* The slot open_read, and what stands in for it. */
#include "lib/core/base/error.h"
#include "lib/core/store/backend-parts.h"
#include "lib/core/store/stream.h"
#include <irmin/alloc.h>

struct irmin__source {
	irmin_repo *repo;
	irmin_object_source *inner;  /* NULL: closed with the repository */
	irmin__source *next, **link; /* in the repository's list */
};

/* ---- an object in memory as a source ---- */

typedef struct whole_source {
	irmin_object_source head;
	irmin_pin data;
	size_t offset;
} whole_source;

static irmin_rc whole_read(irmin_object_source *source, void *bytes, size_t len,
    size_t *got, irmin_error *err)
{
	whole_source *self = (whole_source *)source;
	size_t left = self->data.len - self->offset;

	irmin_error_clear(err);
	*got = len < left ? len : left;
	if (*got)
		memcpy(bytes, (const char *)self->data.data + self->offset,
		    *got);
	self->offset += *got;
	return IRMIN_OK;
}

static void whole_close(irmin_object_source *source)
{
	whole_source *self = (whole_source *)source;

	irmin_pin_release(&self->data);
	irmin_free(self);
}

static const irmin_object_source_class whole_class = {
	.size = sizeof(irmin_object_source_class),
	.read = whole_read,
	.close = whole_close,
};

/* The fallback of the slot: find. */
static irmin_rc open_whole(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
    irmin_object_source **source, irmin_error *err)
{
	irmin_object found = { IRMIN_OBJECT_ANY, IRMIN_PIN_INIT };
	whole_source *made;
	irmin_rc rc = repo->backend->objects->cls->find(repo->backend->objects,
	    context, id, &found, err);

	if (rc != IRMIN_OK)
		return rc;
	made = irmin_calloc(1, sizeof *made);
	if (!made) {
		irmin_pin_release(&found.data);
		return irmin__enomem(err);
	}
	made->head.cls = &whole_class;
	made->data = found.data;
	*type = found.type;
	*bytes = found.data.len;
	*source = &made->head;
	return IRMIN_OK;
}

/* ---- the repository's list ---- */

static void link_source(irmin_repo *repo, irmin__source *source)
{
	irmin__mutex_lock(&repo->mutex);
	source->next = repo->sources;
	source->link = &repo->sources;
	if (source->next)
		source->next->link = &source->next;
	repo->sources = source;
	irmin__mutex_unlock(&repo->mutex);
}

/* Closes the backend's half, if it is open; the mutex is held, without which no
 * repository ends. */
static void close_inner(irmin__source *source)
{
	if (!source->inner)
		return;
	*source->link = source->next;
	if (source->next)
		source->next->link = source->link;
	source->inner->cls->close(source->inner);
	source->inner = NULL;
}

void irmin__sources_close(irmin_repo *repo)
{
	irmin__mutex_lock(&repo->mutex);
	while (repo->sources)
		close_inner(repo->sources);
	irmin__mutex_unlock(&repo->mutex);
}

/* ---- sources ---- */

static irmin_rc open_inner(irmin__source *source, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
    irmin_error *err)
{
	irmin_repo *repo = source->repo;
	irmin_objects *objects;
	irmin_rc rc = irmin__backend_enter(repo, err);

	if (rc < 0)
		return rc;
	irmin__backend_trace_id(repo, "open", id);
	objects = repo->backend->objects;
	if (IRMIN__OBJECTS_SLOT(repo, open_read))
		rc = objects->cls->open_read(objects, context, id, type, bytes,
		    &source->inner, err);
	else
		rc = open_whole(repo, context, id, type, bytes, &source->inner,
		    err);
	if (rc == IRMIN_OK)
		link_source(repo, source);
	irmin__backend_leave(repo);
	return rc;
}

irmin_rc irmin__source_open(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
    irmin__source **source, irmin_error *err)
{
	irmin_context limited = *context;
	irmin__source *made;
	irmin_rc rc;

	*source = NULL;
	*type = IRMIN_OBJECT_ANY;
	*bytes = 0;
	limited.max_object_bytes = irmin__backend_limit(repo, IRMIN_OBJECT_ANY);
	rc = irmin__backend_check_id(repo, id, err);
	if (rc < 0)
		return rc;
	made = irmin_calloc(1, sizeof *made);
	if (!made)
		return irmin__enomem(err);
	made->repo = irmin__repo_ref(repo);
	rc = open_inner(made, &limited, id, type, bytes, err);
	if (rc != IRMIN_OK) {
		irmin__source_close(made);
		return rc;
	}
	irmin__repo_count(repo, IRMIN_STAT_OBJECT_READS, 1);
	*source = made;
	return IRMIN_OK;
}

irmin_rc irmin__source_read(irmin__source *source, void *bytes, size_t len,
    size_t *got, irmin_error *err)
{
	irmin_rc rc;

	*got = 0;
	rc = irmin__backend_enter(source->repo, err);
	if (rc < 0)
		return rc;
	rc = source->inner->cls->read(source->inner, bytes, len, got, err);
	irmin__backend_leave(source->repo);
	irmin__repo_count(source->repo, IRMIN_STAT_OBJECT_READ_BYTES, *got);
	return rc;
}

void irmin__source_close(irmin__source *source)
{
	irmin_repo *repo = source ? source->repo : NULL;

	if (!source)
		return;
	irmin__mutex_lock(&repo->mutex);
	close_inner(source);
	irmin__mutex_unlock(&repo->mutex);
	irmin_free(source);
	irmin__repo_unref(repo);
}
