#include "lib/core/store/commit-parts.h"

#include <assert.h>

#include "lib/core/base/count.h"
#include "lib/core/base/error.h"
#include "lib/core/object/tag-codec.h"
#include "lib/core/store/graph.h"
#include <irmin/alloc.h>

/* How many tags may point to tags before a commit comes. */
#define MAX_TAGS 64

/* ---- reading ---- */

irmin_rc irmin__commit_alloc(irmin_repo *repo, int is_made, size_t parent_count,
    irmin_commit **commit, irmin_error *err)
{
	size_t each = sizeof(irmin_commit *) + sizeof(irmin_oid);
	irmin_commit *made = NULL;

	*commit = NULL;
	if (parent_count < SIZE_MAX / 2 / each)
		made = irmin_calloc(1, sizeof *made + parent_count * each);
	if (!made)
		return irmin__enomem(err);
	atomic_init(&made->count, 1);
	atomic_init(&made->tree, NULL);
	atomic_init(&made->parent_count, parent_count);
	made->repo = irmin__repo_ref(repo);
	if (is_made) {
		made->parents = (irmin_commit **)(made + 1);
		made->data.parents.items = (irmin_oid *)(made->parents +
		    parent_count);
		made->data.parents.len = parent_count;
	}
	*commit = made;
	return IRMIN_OK;
}

/* The commit that was read as `object`, which is released. */
static irmin_rc read_commit(irmin_repo *repo, const irmin_oid *id,
    irmin_object *object, irmin_commit **commit, irmin_error *err)
{
	irmin_commit *made;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc = irmin__commit_alloc(repo, 0, 0, &made, err);

	if (rc < 0) {
		irmin_pin_release(&object->data);
		return rc;
	}
	made->bytes = object->data;
	rc = irmin__commit_decode(repo->hash,
	    irmin_bytes(made->bytes.data, made->bytes.len), &made->data, err);
	if (rc < 0) {
		irmin_commit_unref(made);
		return irmin__error_locate(err, rc, irmin_oid_hex(id, hex));
	}
	atomic_init(&made->parent_count, made->data.parents.len);
	irmin__late_set(&made->id, id);
	*commit = made;
	return IRMIN_OK;
}

/* The commit that a volatile repository keeps. Answers: OK; ABSENT. */
static irmin_rc find_kept(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_commit **commit, irmin_error *err)
{
	void *own;
	irmin_rc rc = irmin__repo_find_own(repo, context, id,
	    IRMIN_OBJECT_COMMIT, &own, err);

	*commit = own;
	return rc;
}

irmin_rc irmin__commit_get(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_commit **commit, irmin_error *err)
{
	irmin_object object;
	irmin_rc rc = find_kept(repo, context, id, commit, err);

	if (rc != IRMIN_ABSENT)
		return rc;
	rc = irmin__repo_object(repo, context, id, IRMIN_OBJECT_COMMIT, &object,
	    err);
	return rc < 0 ? rc : read_commit(repo, id, &object, commit, err);
}

static irmin_rc refuse_type(const irmin_oid *id, irmin_object_type type,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	irmin_oid_hex(id, hex);
	return irmin_error_set(err, IRMIN_EINVAL, hex,
	    "object %s is a %s, not a commit", hex,
	    irmin_object_type_name(type));
}

irmin_rc irmin_commit_get(irmin_repo *repo, const irmin_oid *id,
    irmin_commit **commit, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_object object;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = find_kept(repo, &context, id, commit, err);
	if (rc != IRMIN_ABSENT)
		return rc;
	rc = irmin__repo_object(repo, &context, id, IRMIN_OBJECT_ANY, &object,
	    err);
	if (rc < 0)
		return rc;
	if (object.type == IRMIN_OBJECT_COMMIT)
		return read_commit(repo, id, &object, commit, err);
	irmin_pin_release(&object.data);
	return refuse_type(id, object.type, err);
}

irmin_rc irmin__commit_peel(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_commit **commit, irmin_error *err)
{
	irmin_oid at = *id;
	irmin__tag_data tag;
	irmin_object object;
	char hex[IRMIN_OID_HEX_BYTES];
	int tags;
	irmin_rc rc;

	*commit = NULL;
	for (tags = 0; tags < MAX_TAGS; tags++) {
		rc = find_kept(repo, context, &at, commit, err);
		if (rc != IRMIN_ABSENT)
			return rc;
		rc = irmin__repo_object(repo, context, &at, IRMIN_OBJECT_ANY,
		    &object, err);
		if (rc < 0)
			return rc;
		if (object.type == IRMIN_OBJECT_COMMIT)
			return read_commit(repo, &at, &object, commit, err);
		if (object.type == IRMIN_OBJECT_TAG)
			rc = irmin__tag_decode(repo->hash,
			    irmin_bytes(object.data.data, object.data.len),
			    &tag, err);
		else
			rc = refuse_type(&at, object.type, err);
		irmin_pin_release(&object.data);
		if (rc < 0)
			return irmin__error_locate(err, rc,
			    irmin_oid_hex(&at, hex));
		at = tag.object;
	}
	return irmin_error_set(err, IRMIN_ELIMIT, irmin_oid_hex(id, hex),
	    "tag %s leads through more than %d tags", hex, MAX_TAGS);
}

/* ---- the handle ---- */

irmin_commit *irmin_commit_ref(irmin_commit *commit)
{
	irmin__count_up(&commit->count);
	return commit;
}

/* Gives a reference back; a commit without any goes before the list `dead`. */
static irmin_commit *drop(irmin_commit *commit, irmin_commit *dead)
{
	if (!commit || !irmin__count_down(&commit->count))
		return dead;
	commit->dead = dead;
	return commit;
}

static void free_commit(irmin_commit *commit)
{
	irmin_tree_unref(atomic_load(&commit->tree));
	if (!commit->parents)
		irmin__commit_data_clear(&commit->data);
	irmin_pin_release(&commit->bytes);
	irmin__repo_unref(commit->repo);
	irmin_free(commit);
}

/* Without recursion: a history may be as long as memory allows. */
void irmin_commit_unref(irmin_commit *commit)
{
	irmin_commit *dead = drop(commit, NULL);
	size_t i;

	while (dead) {
		commit = dead;
		dead = commit->dead;
		for (i = 0; commit->parents && i < commit->data.parents.len;
		     i++)
			dead = drop(commit->parents[i], dead);
		free_commit(commit);
	}
}

irmin_repo *irmin__commit_repo(const irmin_commit *commit)
{
	return commit->repo;
}

irmin_rc irmin_commit_tree(irmin_commit *commit, irmin_tree **tree,
    irmin_error *err)
{
	irmin_tree *known = atomic_load(&commit->tree), *made = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	*tree = NULL;
	if (!known) {
		rc = irmin__tree_of_id(commit->repo, &commit->data.tree, &made,
		    err);
		if (rc < 0)
			return rc;
		if (atomic_compare_exchange_strong(&commit->tree, &known, made))
			known = made;
		else /* another thread was faster */
			irmin_tree_unref(made);
	}
	*tree = irmin_tree_ref(known);
	return IRMIN_OK;
}

irmin_ident irmin_commit_author(const irmin_commit *commit)
{
	return irmin__ident_parse(commit->data.author);
}

irmin_ident irmin_commit_committer(const irmin_commit *commit)
{
	return irmin__ident_parse(commit->data.committer);
}

irmin_slice irmin_commit_message(const irmin_commit *commit)
{
	return commit->data.message;
}

irmin_slice irmin_commit_header(const irmin_commit *commit, const char *name)
{
	return irmin__commit_header(&commit->data, irmin_text(name));
}
