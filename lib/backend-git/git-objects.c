/* The object store of a git directory: the slots. */
#include "lib/backend-git/git-objects.h"

#include "lib/backend-git/git-keep.h"
#include "lib/backend-git/git-repack.h"
#include "lib/backend-git/git-write.h"
#include "lib/core/base/error.h"
#include "lib/core/object/backend-args.h"
#include <irmin/alloc.h>

/* A quarter of what the options leave to us: the rest is for directories and
 * values that are kept as such. */
#define CACHE_BYTES ((size_t)4 << 20)

/* ---- what is not there ---- */

/* In a partial clone, objects that somebody else has are left out; whether this
 * one ever was there only he knows. Answers: ABSENT. Fails: EMISSING. */
static irmin_rc not_there(irmin__git_objects *self, const irmin_oid *id,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_slice remote;

	if (irmin__git_promisor(self->git, &remote) != IRMIN_OK)
		return IRMIN_ABSENT;
	irmin_oid_hex(id, hex);
	return irmin_error_set(err, IRMIN_EMISSING, hex,
	    "object %s is not here: it was left out of this partial clone; "
	    "fetch it with 'git cat-file -e %s'",
	    hex, hex);
}

/* ---- reading ---- */

/* What is asked of a copy, and what comes out. */
typedef struct question {
	irmin__git_objects *self;
	irmin__pack_reading reading;
	irmin_object_type *type;
	uint64_t *bytes;
	irmin_object *object;
	irmin_object_source **source;
} question;

static question question_of(irmin__git_objects *self,
    const irmin_context *context)
{
	question q = { self, { context, self->cache }, NULL, NULL, NULL, NULL };

	return q;
}

static size_t limit_of(const question *q)
{
	return q->reading.context ? q->reading.context->max_object_bytes : 0;
}

static irmin_rc find_copy(void *arg, const irmin__git_copy *copy,
    irmin_error *err)
{
	question *q = arg;

	if (copy->pack)
		return irmin__pack_find(copy->pack, copy->offset, &q->reading,
		    q->object, err);
	return irmin__git_loose_find(q->self->git->os, copy->file, limit_of(q),
	    q->object, err);
}

static irmin_rc git_find(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_object *object, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;
	question q = question_of(self, context);
	irmin_rc rc;

	irmin_error_clear(err);
	memset(object, 0, sizeof *object);
	q.object = object;
	rc = irmin__git_search(self, id, 1, find_copy, &q, err);
	return rc == IRMIN_ABSENT ? not_there(self, id, err) : rc;
}

/* A pack that can be opened cannot be taken away any more. */
static irmin_rc has_copy(void *arg, const irmin__git_copy *copy,
    irmin_error *err)
{
	question *q = arg;
	irmin__os_stat stat;
	irmin__view view;
	irmin_rc rc;

	if (!copy->pack)
		return irmin__os_stat_path(q->self->git->os, copy->file, 1,
		    &stat, err);
	rc = irmin__pack_entry_view(copy->pack, copy->offset, 1, &view, err);
	if (rc == IRMIN_OK)
		irmin__view_release(&view);
	return rc;
}

static irmin_rc git_has(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;
	question q = question_of(self, context);

	irmin_error_clear(err);
	return irmin__git_search(self, id, 1, has_copy, &q, err);
}

static irmin_rc stat_copy(void *arg, const irmin__git_copy *copy,
    irmin_error *err)
{
	question *q = arg;

	if (copy->pack)
		return irmin__pack_stat(copy->pack, copy->offset, &q->reading,
		    q->type, q->bytes, err);
	return irmin__git_loose_stat(q->self->git->os, copy->file, q->type,
	    q->bytes, err);
}

static irmin_rc git_stat(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
    irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;
	question q = question_of(self, context);
	irmin_rc rc;

	irmin_error_clear(err);
	*type = IRMIN_OBJECT_ANY;
	*bytes = 0;
	q.type = type;
	q.bytes = bytes;
	rc = irmin__git_search(self, id, 1, stat_copy, &q, err);
	if (rc != IRMIN_OK) {
		*type = IRMIN_OBJECT_ANY;
		*bytes = 0;
	}
	return rc;
}

static irmin_rc open_copy(void *arg, const irmin__git_copy *copy,
    irmin_error *err)
{
	question *q = arg;

	if (copy->pack)
		return irmin__pack_open_read(copy->pack, copy->offset,
		    &q->reading, q->type, q->bytes, q->source, err);
	return irmin__git_loose_open(q->self->git->os, copy->file, q->type,
	    q->bytes, q->source, err);
}

static irmin_rc git_open_read(irmin_objects *objects,
    const irmin_context *context, const irmin_oid *id, irmin_object_type *type,
    uint64_t *bytes, irmin_object_source **source, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;
	question q = question_of(self, context);
	irmin_rc rc;

	irmin_error_clear(err);
	*type = IRMIN_OBJECT_ANY;
	*bytes = 0;
	*source = NULL;
	q.type = type;
	q.bytes = bytes;
	q.source = source;
	rc = irmin__git_search(self, id, 1, open_copy, &q, err);
	if (rc != IRMIN_OK) {
		*type = IRMIN_OBJECT_ANY;
		*bytes = 0;
	}
	return rc == IRMIN_ABSENT ? not_there(self, id, err) : rc;
}

/* ---- freshening ---- */

/* What is not ours to freshen will not stay because we ask. */
static irmin_rc freshen_copy(void *arg, const irmin__git_copy *copy,
    irmin_error *err)
{
	irmin__git_objects *self = arg;
	irmin_rc rc;

	rc = irmin__os_touch(self->git->os,
	    copy->pack ? irmin__pack_path(copy->pack) : copy->file, err);
	return rc == IRMIN_EACCES || rc == IRMIN_EREADONLY ? IRMIN_ABSENT : rc;
}

static irmin_rc git_freshen(irmin_objects *objects,
    const irmin_context *context, const irmin_oid *id, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;
	irmin_rc rc;

	(void)context;
	irmin_error_clear(err);
	rc = irmin__git_check_writable(self->git, err);
	if (rc >= 0)
		rc = irmin__git_search(self, id, 1, freshen_copy, self, err);
	if (rc == IRMIN_OK && self->git->durable)
		irmin__git_unsynced_all(&self->unsynced);
	return rc;
}

typedef struct keeping {
	irmin__git_objects *self;
	const irmin_new_object *added;
} keeping;

/* Whoever wrote a pack may not have synced it. */
static void note_unsynced(irmin__git_objects *self, const irmin__git_copy *copy)
{
	if (!copy->pack) {
		irmin__git_unsynced_add(&self->unsynced, copy->file, 0);
		return;
	}
	if (atomic_exchange(&copy->place->unsynced, 1))
		return;
	irmin__git_unsynced_add(&self->unsynced, irmin__pack_path(copy->pack),
	    0);
	irmin__git_unsynced_add(&self->unsynced, copy->place->idx, 0);
}

/* A pack of ours that is not marked to be kept may go while we rely on it:
 * `git repack -ad`, when it looked before our ref moved, does not pack again what
 * nothing reached then, however fresh the pack is. A file it leaves alone. */
static int is_kept(const irmin__git_copy *copy)
{
	return copy->place &&
	    (copy->place->flags &
		(IRMIN__GIT_PACK_KEPT | IRMIN__GIT_PACK_HELD)) ==
	    IRMIN__GIT_PACK_KEPT;
}

static irmin_rc keep_copy(void *arg, const irmin__git_copy *copy,
    irmin_error *err)
{
	keeping *k = arg;
	const irmin_new_object *added = k->added;
	question q = question_of(k->self, NULL);
	irmin_object there = { IRMIN_OBJECT_ANY, IRMIN_PIN_INIT };
	irmin_rc rc;

	if (!copy->directory && !is_kept(copy))
		return IRMIN_ABSENT; /* irmin__git_loose_add sees to it */
	rc = freshen_copy(k->self, copy, err);
	if (rc != IRMIN_OK)
		return rc;
	q.object = &there;
	rc = find_copy(&q, copy, err);
	if (rc == IRMIN_OK &&
	    (there.type != added->type ||
		!irmin_slice_equal(irmin_bytes(there.data.data, there.data.len),
		    added->data)))
		rc = IRMIN_ABSENT;
	irmin_pin_release(&there.data);
	if (rc == IRMIN_OK)
		note_unsynced(k->self, copy);
	return rc;
}

irmin_rc irmin__git_objects_keep(irmin__git_objects *objects,
    const irmin_new_object *added, irmin_error *err)
{
	keeping k = { objects, added };
	irmin_rc rc = irmin__git_search(objects, &added->id, 0, keep_copy, &k,
	    err);

	return rc == IRMIN_ENOMEM || rc >= 0 ? rc : IRMIN_ABSENT;
}

/* ---- writing ---- */

irmin_rc irmin__git_objects_add(irmin__git_objects *objects,
    const irmin_new_object *added, irmin_error *err)
{
	irmin_rc rc = irmin__git_objects_keep(objects, added, err);

	return rc == IRMIN_ABSENT
	    ? irmin__git_loose_add(objects->git, &objects->unsynced, added, err)
	    : rc;
}

static irmin_rc git_add(irmin_objects *objects, const irmin_context *context,
    const irmin_new_object *added, size_t count, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;
	irmin_rc rc;
	size_t i;

	irmin_error_clear(err);
	rc = irmin__git_check_writable(self->git, err);
	for (i = 0; rc >= 0 && i < count; i++) {
		rc = irmin__backend_args_added(self->git->head.hash, &added[i],
		    err);
		if (rc >= 0)
			rc = irmin__context_check(context, err);
		if (rc >= 0)
			rc = irmin__git_objects_add(self, &added[i], err);
	}
	return rc;
}

static irmin_rc git_add_begin(irmin_objects *objects,
    const irmin_context *context, irmin_object_type type, uint64_t bytes,
    irmin_object_sink **sink, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;

	(void)context;
	irmin_error_clear(err);
	return irmin__git_sink_new(self->git, &self->unsynced, type, bytes,
	    sink, err);
}

static irmin_rc git_batch_begin(irmin_objects *objects,
    const irmin_context *context, irmin_batch **batch, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;

	(void)context;
	irmin_error_clear(err);
	return irmin__git_batch_new(self, batch, err);
}

static irmin_rc git_flush(irmin_objects *objects, const irmin_context *context,
    irmin_level level, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;

	(void)context;
	irmin_error_clear(err);
	if (level < IRMIN_POWER)
		return IRMIN_OK;
	return irmin__git_unsynced_flush(self->git, &self->unsynced, err);
}

static void git_work_begin(irmin_objects *objects)
{
	irmin__git_work_begin(((irmin__git_objects *)objects)->git);
}

static void git_work_end(irmin_objects *objects)
{
	irmin__git_work_end(((irmin__git_objects *)objects)->git);
}

/* ---- the rest ---- */

static irmin_rc git_refresh(irmin_objects *objects,
    const irmin_context *context, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;
	irmin__git_packs *packs;
	irmin_rc rc;

	(void)context;
	irmin_error_clear(err);
	rc = irmin__git_packs_get(self, &packs, err);
	if (rc >= 0)
		rc = irmin__git_packs_look(self, &packs, err);
	irmin__git_packs_unref(packs);
	return rc < 0 ? rc : IRMIN_OK;
}

static irmin_rc git_is_shallow(irmin_objects *objects,
    const irmin_context *context, const irmin_oid *id, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;

	(void)context;
	irmin_error_clear(err);
	return irmin__git_shallow_has(self->git, &self->shallow, id, err);
}

/* ---- the store ---- */

static void git_objects_close(irmin_objects *objects)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;

	irmin__git_graph_unref(self->graph);
	irmin__git_packs_unref(self->packs);
	irmin__delta_cache_free(self->cache);
	irmin__git_shallow_clear(&self->shallow);
	irmin__git_unsynced_clear(&self->unsynced);
	irmin__mutex_clear(&self->looking);
	irmin__mutex_clear(&self->mutex);
	irmin__mutex_clear(&self->graph_mutex);
	irmin_free(self);
}

static const irmin_objects_class git_objects_class = {
	.size = sizeof(irmin_objects_class),
	.name = "git",
	.find = git_find,
	.has = git_has,
	.add = git_add,
	.each = irmin__git_objects_each,
	.close = git_objects_close,
	.stat = git_stat,
	.flush = git_flush,
	.refresh = git_refresh,
	.freshen = git_freshen,
	.open_read = git_open_read,
	.add_begin = git_add_begin,
	.batch_begin = git_batch_begin,
	.scan = irmin__git_objects_scan,
	.find_graph = irmin__git_objects_find_graph,
	.is_shallow = git_is_shallow,
	.pack = irmin__git_repack,
	.verify = irmin__git_objects_verify,
	.work_begin = git_work_begin,
	.work_end = git_work_end,
	.write_graph = irmin__git_objects_write_graph,
};

/* The locks; all or none of them. */
static irmin_rc init_locks(irmin__git_objects *self, irmin_error *err)
{
	irmin__mutex *mutexes[] = { &self->looking, &self->mutex,
		&self->graph_mutex };
	size_t made = 0;
	irmin_rc rc;

	rc = irmin__git_unsynced_init(&self->unsynced, err);
	if (rc < 0)
		return rc;
	rc = irmin__git_shallow_init(&self->shallow, err);
	if (rc < 0) {
		irmin__git_unsynced_clear(&self->unsynced);
		return rc;
	}
	while (rc >= 0 && made < sizeof mutexes / sizeof *mutexes) {
		rc = irmin__mutex_init(mutexes[made], err);
		made += rc >= 0;
	}
	if (rc >= 0)
		return rc;
	while (made)
		irmin__mutex_clear(mutexes[--made]);
	irmin__git_shallow_clear(&self->shallow);
	irmin__git_unsynced_clear(&self->unsynced);
	return rc;
}

irmin_rc irmin__git_objects_new(irmin__git *git,
    const irmin_open_options *options, irmin_objects **objects,
    irmin_error *err)
{
	irmin__git_objects *self;
	size_t cache = CACHE_BYTES;
	irmin_rc rc;

	*objects = NULL;
	self = irmin_calloc(1, sizeof *self);
	if (!self)
		return irmin__enomem(err);
	self->head.cls = &git_objects_class;
	self->git = git;
	if (options && options->io == IRMIN_IO_READ)
		self->io = IRMIN__WINDOWS_READ;
	if (options && options->cache_bytes)
		cache = options->cache_bytes / 4;
	rc = init_locks(self, err);
	if (rc < 0) {
		irmin_free(self);
		return rc;
	}
	rc = irmin__delta_cache_new(cache, &self->cache, err);
	if (rc < 0) {
		git_objects_close(&self->head);
		return rc;
	}
	*objects = &self->head;
	return IRMIN_OK;
}
