/* The ref store of a git directory: reading, listing. Changes are in
 * git-refs-cas.c.
 *
 * A ref is looked for in its file first, then in packed-refs. `git pack-refs`
 * works in the other order, packed-refs first, then away with the file, so a ref
 * that is there is found.
 */
#include "lib/backend-git/git-parts.h"

#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/text.h"
#include "lib/core/object/refname.h"
#include <irmin/alloc.h>

irmin_rc irmin__git_ref_find(irmin__git_refs *refs, const char *name,
    irmin_ref_value *value, irmin_error *err)
{
	irmin__git_packed *packed;
	irmin_rc rc;

	rc = irmin__git_seen_find(refs, name, value, err);
	if (rc != IRMIN_ABSENT || strncmp(name, "refs/", 5) != 0)
		return rc;
	rc = irmin__git_packed_get(refs, &packed, err);
	if (rc < 0)
		return rc;
	rc = irmin__git_packed_find(packed, irmin_text(name), &value->id);
	irmin__git_packed_unref(packed);
	return rc;
}

static irmin_rc git_ref_find(irmin_refs *refs, const irmin_context *context,
    const char *name, irmin_ref_value *value, irmin_error *err)
{
	irmin_rc rc;

	(void)context;
	irmin_error_clear(err);
	memset(&value->id, 0, sizeof value->id);
	irmin__buf_empty(&value->target);
	rc = irmin__refname_check(irmin_text(name), err);
	if (rc < 0)
		return rc;
	return irmin__git_ref_find((irmin__git_refs *)refs, name, value, err);
}

/* ---- listing ---- */

typedef struct listed_ref {
	char *name;
	int broken; /* it is not told, nor what packed-refs has of it */
	irmin_ref_value value;
} listed_ref;

/* The refs that have files of their own. */
typedef struct ref_list {
	irmin__git *git;
	const irmin_context *context;
	const char *root; /* of the walk under way */
	IRMIN__VEC(listed_ref) refs;
	irmin_error fault; /* of the first that cannot be read; code 0: none */
	irmin_error *err;
} ref_list;

static void list_clear(ref_list *list)
{
	size_t i;

	for (i = 0; i < list->refs.len; i++) {
		irmin_free(list->refs.items[i].name);
		irmin_buf_clear(&list->refs.items[i].value.target);
	}
	IRMIN__VEC_CLEAR(&list->refs);
}

/* A ref that cannot be read does not hide the others. */
static int is_fault(irmin_rc rc)
{
	return rc == IRMIN_ECORRUPT || rc == IRMIN_EACCES || rc == IRMIN_EIO;
}

/* The first fault is what the listing answers in the end. Fails: what is none. */
static irmin_rc note_fault(ref_list *list, irmin_rc rc,
    const irmin_error *fault)
{
	if (!is_fault(rc)) {
		if (list->err)
			*list->err = *fault;
		return rc;
	}
	if (!list->fault.code)
		list->fault = *fault;
	return IRMIN_OK;
}

/* A file that is gone meanwhile may be in packed-refs, which is read later. */
static int list_loose(void *arg, const char *name, irmin__os_kind kind)
{
	ref_list *list = arg;
	listed_ref ref = { NULL, 0, { { { 0 }, 0 }, IRMIN_BUF_INIT } };
	irmin_error fault;
	irmin_rc rc;

	(void)kind;
	if (strcmp(irmin__git_ref_root(list->git, name), list->root) != 0)
		return IRMIN_OK;
	rc = irmin__context_check(list->context, list->err);
	if (rc < 0)
		return rc;
	rc = irmin__git_loose_ref_find(list->git, name, &ref.value, &fault);
	ref.broken = rc < 0;
	if (rc < 0)
		rc = note_fault(list, rc, &fault);
	if (rc != IRMIN_OK)
		goto done;
	rc = IRMIN__VEC_RESERVE(&list->refs, 1, list->err);
	if (rc < 0)
		goto done;
	rc = irmin__text_copy(irmin_text(name), &ref.name, list->err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&list->refs, ref);
done:
	if (rc != IRMIN_OK)
		irmin_buf_clear(&ref.value.target);
	return rc < 0 ? rc : IRMIN_OK;
}

static int compare_refs(const void *a, const void *b)
{
	const listed_ref *left = a, *right = b;

	return strcmp(left->name, right->name);
}

static irmin_rc list_all_loose(ref_list *list, const char *prefix)
{
	const irmin__git_layout *layout = &list->git->layout;
	irmin_rc rc;

	list->root = layout->common_dir;
	rc = irmin__git_loose_ref_each(list->git, list->root, prefix,
	    list_loose, list, list->err);
	list->root = layout->git_dir;
	if (rc >= 0 && strcmp(layout->git_dir, layout->common_dir) != 0)
		rc = irmin__git_loose_ref_each(list->git, list->root, prefix,
		    list_loose, list, list->err);
	if (list->refs.len)
		qsort(list->refs.items, list->refs.len,
		    sizeof *list->refs.items, compare_refs);
	return rc;
}

static irmin_rc tell_packed(irmin__git_packed_ref ref, irmin_buf *name,
    irmin_ref_value_fn fn, void *arg, irmin_error *err)
{
	irmin_ref_value value = { ref.id, IRMIN_BUF_INIT };
	irmin_rc rc;

	if (irmin__refname_check(ref.name, NULL) < 0)
		return IRMIN_OK; /* as git: a name that cannot be used */
	rc = irmin_buf_set(name, ref.name, err);
	return rc < 0 ? rc : fn(arg, (const char *)name->data, &value);
}

/* Both lists are sorted; where both have a ref, its own file counts. */
static irmin_rc tell_merged(const ref_list *list,
    const irmin__git_packed *packed, const char *prefix, irmin_ref_value_fn fn,
    void *arg, irmin_error *err)
{
	size_t p = irmin__git_packed_bound(packed, irmin_text(prefix));
	size_t l = 0;
	irmin_buf name = IRMIN_BUF_INIT;
	irmin_rc rc = IRMIN_OK;

	while (rc == IRMIN_OK) {
		const listed_ref *loose = l < list->refs.len
		    ? &list->refs.items[l]
		    : NULL;
		irmin__git_packed_ref ref = { { NULL, 0 }, { { 0 }, 0 } };
		int order;

		if (p < irmin__git_packed_count(packed))
			ref = irmin__git_packed_at(packed, p);
		if (!irmin__slice_begins(ref.name, prefix))
			ref.name.len = 0;
		if (!loose && !ref.name.len)
			break;
		order = !loose ? 1
		    : !ref.name.len
		    ? -1
		    : irmin_slice_compare(irmin_text(loose->name), ref.name);
		p += order >= 0;
		l += order <= 0;
		if (order > 0)
			rc = tell_packed(ref, &name, fn, arg, err);
		else if (!loose->broken)
			rc = fn(arg, loose->name, &loose->value);
	}
	irmin_buf_clear(&name);
	return rc;
}

/* What packed-refs has; nothing, if it cannot be read. */
static irmin_rc get_packed(irmin__git_refs *self, ref_list *list,
    irmin__git_packed **packed)
{
	irmin_buf none = IRMIN_BUF_INIT;
	irmin_error fault;
	irmin_rc rc;

	rc = irmin__git_packed_get(self, packed, &fault);
	if (rc >= 0)
		return rc;
	rc = note_fault(list, rc, &fault);
	return rc < 0 ? rc
		      : irmin__git_packed_parse(self->git->head.hash, &none, "",
			    packed, list->err);
}

/* Who opened to write must know that refs are missing; who did not gets what can
 * be read. */
static irmin_rc git_ref_each(irmin_refs *refs, const irmin_context *context,
    const char *prefix, irmin_ref_value_fn fn, void *arg, irmin_error *err)
{
	irmin__git_refs *self = (irmin__git_refs *)refs;
	ref_list list = { .git = self->git, .context = context, .err = err };
	irmin__git_packed *packed = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = list_all_loose(&list, prefix);
	if (rc >= 0)
		rc = get_packed(self, &list, &packed);
	if (rc >= 0)
		rc = tell_merged(&list, packed, prefix, fn, arg, err);
	irmin__git_packed_unref(packed);
	list_clear(&list);
	if (rc != IRMIN_OK || !list.fault.code ||
	    (self->git->head.flags & IRMIN_BACKEND_READ_ONLY))
		return rc;
	if (err)
		*err = list.fault;
	return list.fault.code;
}

/* ---- checking ---- */

typedef struct ref_check {
	irmin__git *git;
	const irmin_context *context;
	irmin_fault_fn fn;
	void *arg;
	irmin_error *err;
} ref_check;

static irmin_rc tell_fault(ref_check *check, irmin_rc rc,
    const irmin_error *cause)
{
	irmin_fault fault = { .size = sizeof fault };

	fault.kind = IRMIN_FAULT_CORRUPT;
	fault.where = cause->where;
	fault.text = cause->text;
	if (is_fault(rc))
		return check->fn(check->arg, &fault);
	if (check->err)
		*check->err = *cause;
	return rc;
}

static int check_loose(void *arg, const char *name, irmin__os_kind kind)
{
	ref_check *check = arg;
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_error cause;
	irmin_rc rc;

	(void)kind;
	rc = irmin__context_check(check->context, check->err);
	if (rc < 0)
		return rc;
	rc = irmin__git_loose_ref_find(check->git, name, &value, &cause);
	irmin_buf_clear(&value.target);
	return rc < 0 ? tell_fault(check, rc, &cause) : IRMIN_OK;
}

static irmin_rc git_refs_verify(irmin_refs *refs, const irmin_context *context,
    irmin_fault_fn fn, void *arg, irmin_error *err)
{
	irmin__git_refs *self = (irmin__git_refs *)refs;
	irmin__git_layout *layout = &self->git->layout;
	ref_check check = { self->git, context, fn, arg, err };
	irmin__git_packed *packed = NULL;
	irmin_error cause;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__git_loose_ref_each(self->git, layout->common_dir, "",
	    check_loose, &check, err);
	if (rc == IRMIN_OK && strcmp(layout->git_dir, layout->common_dir) != 0)
		rc = irmin__git_loose_ref_each(self->git, layout->git_dir, "",
		    check_loose, &check, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__git_packed_get(self, &packed, &cause);
	irmin__git_packed_unref(packed);
	return rc < 0 ? tell_fault(&check, rc, &cause) : IRMIN_OK;
}

/* ---- the store ---- */

static irmin_rc git_refs_flush(irmin_refs *refs, const irmin_context *context,
    irmin_level level, irmin_error *err)
{
	irmin__git_refs *self = (irmin__git_refs *)refs;

	(void)context;
	irmin_error_clear(err);
	if (level < IRMIN_POWER)
		return IRMIN_OK;
	return irmin__git_unsynced_flush(self->git, &self->unsynced, err);
}

static void git_refs_close(irmin_refs *refs)
{
	irmin__git_refs *self = (irmin__git_refs *)refs;

	irmin__git_packed_unref(self->packed);
	irmin__git_unsynced_clear(&self->unsynced);
	irmin__git_seen_free(self->seen);
	irmin__mutex_clear(&self->packed_mutex);
	irmin_free(self);
}

static const irmin_refs_class git_refs_class = {
	.size = sizeof(irmin_refs_class),
	.name = "git",
	.find = git_ref_find,
	.cas = irmin__git_refs_cas,
	.each = git_ref_each,
	.set_link = irmin__git_refs_set_link,
	.close = git_refs_close,
	.flush = git_refs_flush,
	.checked_out = irmin__git_refs_checked_out,
	.pack = irmin__git_refs_pack,
	.verify = git_refs_verify,
};

static irmin_rc init_locks(irmin__git_refs *self, irmin_error *err)
{
	irmin_rc rc = irmin__git_unsynced_init(&self->unsynced, err);

	if (rc < 0)
		return rc;
	rc = irmin__mutex_init(&self->packed_mutex, err);
	if (rc < 0)
		irmin__git_unsynced_clear(&self->unsynced);
	return rc;
}

irmin_rc irmin__git_refs_new(irmin__git *git, irmin_refs **refs,
    irmin_error *err)
{
	irmin__git_refs *self;
	irmin_rc rc;

	*refs = NULL;
	self = irmin_calloc(1, sizeof *self);
	if (!self)
		return irmin__enomem(err);
	self->head.cls = &git_refs_class;
	self->git = git;
	rc = irmin__git_seen_new(&self->seen, err);
	if (rc >= 0)
		rc = init_locks(self, err);
	if (rc < 0) {
		irmin__git_seen_free(self->seen);
		irmin_free(self);
		return rc;
	}
	*refs = &self->head;
	return IRMIN_OK;
}
