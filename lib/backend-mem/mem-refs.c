/* Refs in an array of pointers sorted by name, under one lock. Reflogs are not
 * kept: who watches a repository in memory shares its process. */
#include "lib/backend-mem/mem-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/core/object/refname.h"
#include <irmin/alloc.h>

typedef struct mem_ref {
	char *name;
	irmin_oid id; /* no id: symbolic, or about to go */
	char *target; /* of a symbolic ref, or NULL */
	/* The change of the compare-and-set under way, else NULL. */
	const irmin_ref_change *change;
} mem_ref;

typedef struct mem_refs {
	irmin_refs head;
	irmin_hash_algo hash;
	irmin__mutex mutex;
	IRMIN__VEC(mem_ref *) refs;
} mem_refs;

static mem_ref *ref_new(const char *name, irmin_error *err)
{
	size_t bytes = strlen(name) + 1;
	mem_ref *ref = irmin_calloc(1, sizeof *ref + bytes);

	if (!ref) {
		(void)irmin__enomem(err);
		return NULL;
	}
	ref->name = memcpy(ref + 1, name, bytes);
	return ref;
}

static void ref_free(mem_ref *ref)
{
	irmin_free(ref->target);
	irmin_free(ref);
}

static int ref_is_there(const mem_ref *ref)
{
	return ref->target || !irmin_oid_is_none(&ref->id);
}

/* Where the first name not below the first `len` bytes of `name` stands. */
static size_t lower_bound(const mem_refs *self, const char *name, size_t len)
{
	size_t low = 0, high = self->refs.len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *other = self->refs.items[mid]->name;

		if (irmin_slice_compare(irmin_text(other),
			irmin_bytes(name, len)) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static mem_ref *find_ref(const mem_refs *self, const char *name, size_t len)
{
	size_t at = lower_bound(self, name, len);
	mem_ref *ref;

	if (at == self->refs.len)
		return NULL;
	ref = self->refs.items[at];
	return strlen(ref->name) == len && memcmp(ref->name, name, len) == 0
	    ? ref
	    : NULL;
}

/* The ref of this name, made without a value if there is none. Only then is the
 * name checked: whatever is there has a good one. */
static irmin_rc get_ref(mem_refs *self, const char *name, mem_ref **out,
    irmin_error *err)
{
	size_t at = lower_bound(self, name, strlen(name));
	mem_ref *ref;
	irmin_rc rc;

	*out = NULL;
	if (at < self->refs.len && !strcmp(self->refs.items[at]->name, name)) {
		*out = self->refs.items[at];
		return IRMIN_OK;
	}
	rc = irmin__refname_check(irmin_text(name), err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&self->refs, 1, err);
	if (rc < 0)
		return rc;
	ref = ref_new(name, err);
	if (!ref)
		return IRMIN_ENOMEM;
	memmove(self->refs.items + at + 1, self->refs.items + at,
	    (self->refs.len - at) * sizeof *self->refs.items);
	self->refs.items[at] = ref;
	self->refs.len++;
	*out = ref;
	return IRMIN_OK;
}

/* Ends a compare-and-set: takes the marks off and what has no value out. */
static void sweep(mem_refs *self)
{
	size_t i, kept = 0;

	for (i = 0; i < self->refs.len; i++) {
		mem_ref *ref = self->refs.items[i];

		ref->change = NULL;
		if (ref_is_there(ref))
			self->refs.items[kept++] = ref;
		else
			ref_free(ref);
	}
	self->refs.len = kept;
}

/* ---- reading ---- */

static irmin_rc mem_find_ref(irmin_refs *refs, const irmin_context *context,
    const char *name, irmin_ref_value *value, irmin_error *err)
{
	mem_refs *self = (mem_refs *)refs;
	const mem_ref *ref;
	irmin_rc rc = IRMIN_OK;

	(void)context;
	irmin_error_clear(err);
	memset(&value->id, 0, sizeof value->id);
	value->target.len = 0;

	irmin__mutex_lock(&self->mutex);
	ref = find_ref(self, name, strlen(name));
	if (ref && ref->target)
		rc = irmin_buf_set(&value->target, irmin_text(ref->target),
		    err);
	else if (ref)
		value->id = ref->id;
	irmin__mutex_unlock(&self->mutex);
	if (ref)
		return rc;
	rc = irmin__refname_check(irmin_text(name), err);
	return rc < 0 ? rc : IRMIN_ABSENT;
}

/* A copy of one ref, to be told without the lock. */
typedef struct told_ref {
	char *name;
	irmin_ref_value value;
} told_ref;

typedef IRMIN__VEC(told_ref) told_refs;

static void told_clear(told_refs *told)
{
	size_t i;

	for (i = 0; i < told->len; i++) {
		irmin_free(told->items[i].name);
		irmin_buf_clear(&told->items[i].value.target);
	}
	IRMIN__VEC_CLEAR(told);
}

static irmin_rc told_add(told_refs *told, const mem_ref *ref, irmin_error *err)
{
	size_t bytes = strlen(ref->name) + 1;
	told_ref copy = { irmin_malloc(bytes), { ref->id, IRMIN_BUF_INIT } };
	irmin_rc rc = IRMIN_OK;

	if (!copy.name)
		return irmin__enomem(err);
	memcpy(copy.name, ref->name, bytes);
	if (ref->target)
		rc = irmin_buf_set(&copy.value.target, irmin_text(ref->target),
		    err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(told, 1, err);
	if (rc < 0) {
		irmin_buf_clear(&copy.value.target);
		irmin_free(copy.name);
		return rc;
	}
	IRMIN__VEC_PUSH(told, copy);
	return IRMIN_OK;
}

static irmin_rc copy_refs(mem_refs *self, const char *prefix, told_refs *told,
    irmin_error *err)
{
	size_t len = strlen(prefix);
	irmin_rc rc = IRMIN_OK;
	size_t i;

	irmin__mutex_lock(&self->mutex);
	for (i = lower_bound(self, prefix, len);
	     rc >= 0 && i < self->refs.len &&
	     !strncmp(self->refs.items[i]->name, prefix, len);
	     i++)
		if (!strncmp(self->refs.items[i]->name, "refs/", 5))
			rc = told_add(told, self->refs.items[i], err);
	irmin__mutex_unlock(&self->mutex);
	return rc;
}

static irmin_rc mem_each_ref(irmin_refs *refs, const irmin_context *context,
    const char *prefix, irmin_ref_value_fn fn, void *arg, irmin_error *err)
{
	told_refs told = { NULL, 0, 0 };
	irmin_rc rc;
	size_t i;

	(void)context;
	irmin_error_clear(err);
	rc = copy_refs((mem_refs *)refs, prefix, &told, err);
	for (i = 0; rc == IRMIN_OK && i < told.len; i++)
		rc = fn(arg, told.items[i].name, &told.items[i].value);
	told_clear(&told);
	return rc;
}

/* ---- writing ---- */

/* Whether a ref stands in the way of others: it is there now, or will be. */
static int ref_blocks(const mem_ref *ref)
{
	return ref_is_there(ref) ||
	    (ref->change && !irmin_oid_is_none(&ref->change->id));
}

static irmin_rc in_the_way(const char *name, const char *other,
    irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EEXIST, name,
	    "cannot make %s: %s is there, and a ref cannot also be a directory "
	    "of refs",
	    name, other);
}

/* Git keeps refs as files, so refs/a and refs/a/b cannot both be; the same rule
 * here keeps every repository one that git could hold. */
static irmin_rc check_directories(const mem_refs *self, const char *name,
    irmin_error *err)
{
	const char *slash;
	size_t len = strlen(name), at;

	for (slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		const mem_ref *ref = find_ref(self, name,
		    (size_t)(slash - name));

		if (ref && ref_blocks(ref))
			return in_the_way(name, ref->name, err);
	}
	for (at = lower_bound(self, name, len); at < self->refs.len; at++) {
		const mem_ref *ref = self->refs.items[at];

		if (strncmp(ref->name, name, len) != 0 || ref->name[len] > '/')
			break;
		if (ref->name[len] == '/' && ref_blocks(ref))
			return in_the_way(name, ref->name, err);
	}
	return IRMIN_OK;
}

static int is_expected(const mem_ref *ref, const irmin_ref_change *change)
{
	return change->any ||
	    (!ref->target &&
		irmin_oid_compare(&ref->id, &change->expected) == 0);
}

/* Marks the ref of each change, making those that are not there. */
static irmin_rc mark_changes(mem_refs *self, const irmin_ref_change *changes,
    size_t count, irmin_error *err)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const irmin_oid *id = &changes[i].id;
		mem_ref *ref;
		irmin_rc rc = get_ref(self, changes[i].name, &ref, err);

		if (rc < 0)
			return rc;
		if (!irmin_oid_is_none(id) && id->algo != self->hash)
			return irmin_error_set(err, IRMIN_EINVAL, ref->name,
			    "cannot set %s: the id is not one of this "
			    "repository",
			    ref->name);
		if (ref->change)
			return irmin_error_set(err, IRMIN_EINVAL, ref->name,
			    "cannot change %s twice at once", ref->name);
		ref->change = &changes[i];
	}
	return IRMIN_OK;
}

static irmin_rc check_changes(const mem_refs *self,
    const irmin_ref_change *changes, size_t count, size_t *differing,
    irmin_error *err)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const char *name = changes[i].name;
		const mem_ref *ref = find_ref(self, name, strlen(name));

		if (!is_expected(ref, &changes[i])) {
			if (differing)
				*differing = i;
			return irmin_error_set(err, IRMIN_ESTALE, name,
			    "cannot move %s: it is not what was expected",
			    name);
		}
	}
	for (i = 0; i < count; i++) {
		irmin_rc rc = irmin_oid_is_none(&changes[i].id)
		    ? IRMIN_OK
		    : check_directories(self, changes[i].name, err);

		if (rc < 0)
			return rc;
	}
	return IRMIN_OK;
}

/* Cannot fail. Answers whether something must be swept out. */
static int apply_changes(mem_refs *self, const irmin_ref_change *changes,
    size_t count)
{
	int gone = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		const char *name = changes[i].name;
		mem_ref *ref = find_ref(self, name, strlen(name));

		irmin_free(ref->target);
		ref->target = NULL;
		ref->id = changes[i].id;
		ref->change = NULL;
		gone |= !ref_is_there(ref);
	}
	return gone;
}

static irmin_rc mem_cas(irmin_refs *refs, const irmin_context *context,
    const irmin_ref_change *changes, size_t count, const irmin_reflog *reflog,
    size_t *differing, irmin_error *err)
{
	mem_refs *self = (mem_refs *)refs;
	irmin_rc rc;

	(void)context;
	(void)reflog;
	irmin_error_clear(err);
	if (differing)
		*differing = 0;
	irmin__mutex_lock(&self->mutex);
	rc = mark_changes(self, changes, count, err);
	if (rc >= 0)
		rc = check_changes(self, changes, count, differing, err);
	if (rc < 0 || apply_changes(self, changes, count))
		sweep(self);
	irmin__mutex_unlock(&self->mutex);
	return rc;
}

static irmin_rc mem_set_link(irmin_refs *refs, const irmin_context *context,
    const char *name, const char *target, irmin_error *err)
{
	mem_refs *self = (mem_refs *)refs;
	size_t bytes = strlen(target) + 1;
	char *copy = NULL;
	mem_ref *ref;
	irmin_rc rc;

	(void)context;
	irmin_error_clear(err);
	rc = irmin__refname_check(irmin_text(name), err);
	if (rc >= 0)
		rc = irmin__refname_check(irmin_text(target), err);
	if (rc < 0)
		return rc;
	copy = irmin_malloc(bytes);
	if (!copy)
		return irmin__enomem(err);
	memcpy(copy, target, bytes);

	irmin__mutex_lock(&self->mutex);
	rc = check_directories(self, name, err);
	if (rc >= 0)
		rc = get_ref(self, name, &ref, err);
	if (rc >= 0) {
		irmin_free(ref->target);
		ref->target = copy;
		copy = NULL;
		memset(&ref->id, 0, sizeof ref->id);
	}
	irmin__mutex_unlock(&self->mutex);
	irmin_free(copy);
	return rc;
}

/* ---- the store ---- */

static void mem_refs_close(irmin_refs *refs)
{
	mem_refs *self = (mem_refs *)refs;
	size_t i;

	for (i = 0; i < self->refs.len; i++)
		ref_free(self->refs.items[i]);
	IRMIN__VEC_CLEAR(&self->refs);
	irmin__mutex_clear(&self->mutex);
	irmin_free(self);
}

static const irmin_refs_class mem_refs_class = {
	.size = sizeof(irmin_refs_class),
	.name = "mem",
	.find = mem_find_ref,
	.cas = mem_cas,
	.each = mem_each_ref,
	.set_link = mem_set_link,
	.close = mem_refs_close,
};

irmin_rc irmin__mem_refs_new(irmin_hash_algo hash, const char *head,
    irmin_refs **refs, irmin_error *err)
{
	mem_refs *self;
	irmin_rc rc;

	*refs = NULL;
	self = irmin_calloc(1, sizeof *self);
	if (!self)
		return irmin__enomem(err);
	self->head.cls = &mem_refs_class;
	self->hash = hash;
	rc = irmin__mutex_init(&self->mutex, err);
	if (rc < 0) {
		irmin_free(self);
		return rc;
	}
	rc = mem_set_link(&self->head, NULL, "HEAD", head, err);
	if (rc < 0) {
		mem_refs_close(&self->head);
		return rc;
	}
	*refs = &self->head;
	return IRMIN_OK;
}
