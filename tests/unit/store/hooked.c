#include "tests/unit/store/hooked.h"

#include <string.h>

#include <irmin/alloc.h>

#include "lib/backend-mem/mem.h"
#include "lib/core/object/commit-codec.h"
#include "tests/support/tap.h"

/* Each class is the memory's own behind a front of ours. */
struct objects {
	irmin_objects head;
	irmin_objects *inner;
	struct hooks *hooks;
};

struct refs {
	irmin_refs head;
	irmin_refs *inner;
	struct hooks *hooks;
};

struct backend {
	irmin_backend head;
	irmin_backend *inner;
	struct hooks *hooks;
};

static void note(struct hooks *hooks, char call)
{
	if (hooks->call_count + 1 < sizeof hooks->calls)
		hooks->calls[hooks->call_count++] = call;
}

/* ---- objects ---- */

static irmin_rc find_object(irmin_objects *objects,
    const irmin_context *context, const irmin_oid *id, irmin_object *object,
    irmin_error *err)
{
	irmin_objects *inner = ((struct objects *)objects)->inner;

	return inner->cls->find(inner, context, id, object, err);
}

static irmin_rc has_object(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	irmin_objects *inner = ((struct objects *)objects)->inner;

	return inner->cls->has(inner, context, id, err);
}

static irmin_rc add_objects(irmin_objects *objects,
    const irmin_context *context, const irmin_new_object *added, size_t count,
    irmin_error *err)
{
	irmin_objects *inner = ((struct objects *)objects)->inner;
	struct hooks *hooks = ((struct objects *)objects)->hooks;

	note(hooks, 'a');
	if (hooks->adding)
		hooks->adding(hooks->arg, inner, added, count);
	return inner->cls->add(inner, context, added, count, err);
}

static irmin_rc each_object(irmin_objects *objects,
    const irmin_context *context, const char *prefix, irmin_object_fn fn,
    void *arg, irmin_error *err)
{
	irmin_objects *inner = ((struct objects *)objects)->inner;

	return inner->cls->each(inner, context, prefix, fn, arg, err);
}

static void close_objects(irmin_objects *objects)
{
	irmin_objects *inner = ((struct objects *)objects)->inner;

	inner->cls->close(inner);
	irmin_free(objects);
}

static irmin_rc flush_objects(irmin_objects *objects,
    const irmin_context *context, irmin_level level, irmin_error *err)
{
	(void)context;
	(void)level;
	(void)err;
	note(((struct objects *)objects)->hooks, 'F');
	return IRMIN_OK;
}

static irmin_rc is_shallow(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	const struct hooks *hooks = ((struct objects *)objects)->hooks;

	(void)context;
	(void)err;
	return irmin_oid_compare(id, &hooks->shallow) == 0 ? IRMIN_OK
							   : IRMIN_ABSENT;
}

static irmin_rc find_graph(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_graph_commit *commit, irmin_error *err)
{
	const struct hooks *hooks = ((struct objects *)objects)->hooks;
	irmin__commit_data data;
	irmin_object object;
	irmin_rc rc;

	if (!hooks->generation ||
	    is_shallow(objects, context, id, err) == IRMIN_OK)
		return IRMIN_ABSENT;
	rc = find_object(objects, context, id, &object, err);
	if (rc != IRMIN_OK)
		return rc;
	if (irmin__commit_decode((irmin_hash_algo)id->algo,
		irmin_bytes(object.data.data, object.data.len), &data, err) < 0)
		bail("not a commit");
	commit->tree = data.tree;
	commit->time = irmin__ident_parse(data.committer).time;
	commit->generation = hooks->generation(id, data.message);
	commit->parent_count = data.parents.len;
	rc = irmin_buf_set(&commit->parents,
	    irmin_bytes(data.parents.items,
		data.parents.len * sizeof(irmin_oid)),
	    err);
	irmin__commit_data_clear(&data);
	irmin_pin_release(&object.data);
	return rc;
}

static const irmin_objects_class whole_objects = {
	.size = sizeof(irmin_objects_class),
	.name = "hooked",
	.find = find_object,
	.has = has_object,
	.add = add_objects,
	.each = each_object,
	.close = close_objects,
	.flush = flush_objects,
	.find_graph = find_graph,
	.is_shallow = is_shallow,
};

/* As an author's who knew of no optional slot. */
static const irmin_objects_class bare_objects = {
	.size = offsetof(irmin_objects_class, stat),
	.name = "hooked",
	.find = find_object,
	.has = has_object,
	.add = add_objects,
	.each = each_object,
	.close = close_objects,
	.flush = flush_objects,
};

/* ---- refs ---- */

static irmin_rc find_ref(irmin_refs *refs, const irmin_context *context,
    const char *name, irmin_ref_value *value, irmin_error *err)
{
	irmin_refs *inner = ((struct refs *)refs)->inner;

	return inner->cls->find(inner, context, name, value, err);
}

static irmin_rc cas_refs(irmin_refs *refs, const irmin_context *context,
    const irmin_ref_change *changes, size_t count, const irmin_reflog *reflog,
    size_t *differing, irmin_error *err)
{
	struct refs *self = (struct refs *)refs;
	irmin_rc rc = IRMIN_OK;

	note(self->hooks, 'c');
	if (self->hooks->before_cas)
		rc = self->hooks->before_cas(self->hooks->arg, err);
	return rc < 0 ? rc
		      : self->inner->cls->cas(self->inner, context, changes,
			    count, reflog, differing, err);
}

static irmin_rc each_ref(irmin_refs *refs, const irmin_context *context,
    const char *prefix, irmin_ref_value_fn fn, void *arg, irmin_error *err)
{
	irmin_refs *inner = ((struct refs *)refs)->inner;

	return inner->cls->each(inner, context, prefix, fn, arg, err);
}

static irmin_rc set_link(irmin_refs *refs, const irmin_context *context,
    const char *name, const char *target, irmin_error *err)
{
	irmin_refs *inner = ((struct refs *)refs)->inner;

	return inner->cls->set_link(inner, context, name, target, err);
}

static void close_refs(irmin_refs *refs)
{
	irmin_refs *inner = ((struct refs *)refs)->inner;

	inner->cls->close(inner);
	irmin_free(refs);
}

static irmin_rc flush_refs(irmin_refs *refs, const irmin_context *context,
    irmin_level level, irmin_error *err)
{
	(void)context;
	(void)level;
	(void)err;
	note(((struct refs *)refs)->hooks, 'R');
	return IRMIN_OK;
}

static irmin_rc checked_out(irmin_refs *refs, const irmin_context *context,
    const char *name, irmin_buf *where, irmin_error *err)
{
	const char *has = ((struct refs *)refs)->hooks->checked_out;

	(void)context;
	if (!has || strcmp(has, name) != 0)
		return IRMIN_ABSENT;
	return irmin_buf_set(where, irmin_text("/some/tree"), err);
}

static const irmin_refs_class whole_refs = {
	.size = sizeof(irmin_refs_class),
	.name = "hooked",
	.find = find_ref,
	.cas = cas_refs,
	.each = each_ref,
	.set_link = set_link,
	.close = close_refs,
	.flush = flush_refs,
	.checked_out = checked_out,
};

static const irmin_refs_class bare_refs = {
	.size = offsetof(irmin_refs_class, flush),
	.name = "hooked",
	.find = find_ref,
	.cas = cas_refs,
	.each = each_ref,
	.set_link = set_link,
	.close = close_refs,
	.flush = flush_refs,
	.checked_out = checked_out,
};

/* ---- both ---- */

static void close_backend(irmin_backend *backend)
{
	irmin_backend *inner = ((struct backend *)backend)->inner;

	inner->cls->close(inner);
	irmin_free(backend);
}

static irmin_rc find_config(irmin_backend *backend, const char *key,
    irmin_buf *value, irmin_error *err)
{
	struct hooks *hooks = ((struct backend *)backend)->hooks;
	const char *found = NULL;

	if (hooks->config_rc < 0)
		return irmin_error_set(err, hooks->config_rc, key, "planned");
	if (strcmp(key, "user.name") == 0)
		found = hooks->config_name;
	if (strcmp(key, "user.email") == 0)
		found = hooks->config_email;
	if (!found)
		return IRMIN_ABSENT;
	return irmin_buf_set(value, irmin_text(found), err);
}

static const irmin_backend_class whole_backend = {
	.size = sizeof(irmin_backend_class),
	.scheme = "hooked",
	.close = close_backend,
	.find_config = find_config,
};

static const irmin_backend_class bare_backend = {
	.size = offsetof(irmin_backend_class, find_config),
	.scheme = "hooked",
	.close = close_backend,
	.find_config = find_config,
};

irmin_backend *hooked_backend(struct hooks *hooks, int bare)
{
	struct backend *made = irmin_calloc(1, sizeof *made);
	struct objects *objects = irmin_calloc(1, sizeof *objects);
	struct refs *refs = irmin_calloc(1, sizeof *refs);
	irmin_error err;

	if (!made || !objects || !refs ||
	    irmin__mem_open(irmin__os_posix(), NULL, &made->inner, &err) < 0)
		bail("cannot make a backend");
	made->head = *made->inner;
	/* What it keeps is looked at, so it has to be given everything. */
	made->head.flags &= ~(uint32_t)IRMIN_BACKEND_VOLATILE;
	made->head.cls = bare ? &bare_backend : &whole_backend;
	made->head.objects = &objects->head;
	made->head.refs = &refs->head;
	made->hooks = objects->hooks = refs->hooks = hooks;
	objects->head.cls = bare ? &bare_objects : &whole_objects;
	objects->inner = made->inner->objects;
	refs->head.cls = bare ? &bare_refs : &whole_refs;
	refs->inner = made->inner->refs;
	return &made->head;
}

irmin_repo *hooked_open(struct hooks *hooks, const irmin_open_options *options)
{
	irmin_repo *repo;
	irmin_error err;

	if (irmin_repo_open_backend(hooked_backend(hooks, 0), options, &repo,
		&err) < 0)
		bail("cannot open: %s", err.text);
	return repo;
}
