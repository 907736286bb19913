#include "lib/core/store/store.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include "lib/core/store/ancestor.h"
#include <irmin/alloc.h>

/* ---- opening and closing ---- */

/* A store on a ref, or detached at a commit, of which it takes a reference. */
static irmin_rc new_store(irmin_repo *repo, const char *ref, irmin_commit *head,
    irmin_store **store, irmin_error *err)
{
	irmin_store *made = irmin_calloc(1, sizeof *made);
	irmin_rc rc;

	if (!made)
		return irmin__enomem(err);
	rc = irmin__mutex_init(&made->mutex, err);
	if (rc < 0) {
		irmin_free(made);
		return rc;
	}
	atomic_init(&made->count, 1);
	made->repo = irmin__repo_ref(repo);
	made->head = head ? irmin_commit_ref(head) : NULL;
	if (ref)
		rc = irmin__text_copy(irmin_text(ref), &made->ref, err);
	if (rc < 0)
		irmin__store_unref(made);
	else
		*store = made;
	return rc;
}

/* What HEAD names, or a detached store where it names a commit. */
static irmin_rc open_head(irmin_repo *repo, const irmin_context *context,
    irmin_store **store, irmin_error *err)
{
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_commit *head = NULL;
	irmin_rc rc;

	rc = irmin__repo_ref_find(repo, context, "HEAD", &value, err);
	if (rc == IRMIN_ABSENT)
		rc = irmin_error_set(err, IRMIN_EMISSING, "HEAD",
		    "the repository has no HEAD; name a branch");
	if (rc >= 0 && !value.target.len)
		rc = irmin__commit_get(repo, context, &value.id, &head, err);
	else if (rc >= 0 &&
	    strncmp((char *)value.target.data, IRMIN__HEADS,
		strlen(IRMIN__HEADS)) != 0)
		rc = irmin_error_set(err, IRMIN_ECORRUPT, "HEAD",
		    "HEAD names %s, which is no branch",
		    (char *)value.target.data);
	if (rc >= 0)
		rc = new_store(repo, head ? NULL : (char *)value.target.data,
		    head, store, err);
	irmin_commit_unref(head);
	irmin_buf_clear(&value.target);
	return rc;
}

static irmin_rc refuse_closed(irmin_repo *repo, irmin_error *err)
{
	if (!atomic_load(&repo->closed))
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, repo->location,
	    "the repository is closed");
}

irmin_rc irmin_store_open(irmin_repo *repo, const char *branch,
    irmin_store **store, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_buf ref = IRMIN_BUF_INIT;
	irmin_rc rc;

	irmin_error_clear(err);
	*store = NULL;
	if (!branch)
		return open_head(repo, &context, store, err);
	rc = refuse_closed(repo, err);
	if (rc >= 0)
		rc = irmin__head_name(branch, &ref, err);
	if (rc >= 0)
		rc = new_store(repo, (char *)ref.data, NULL, store, err);
	irmin_buf_clear(&ref);
	return rc;
}

irmin_rc irmin_store_at(irmin_repo *repo, const char *revision,
    irmin_store **store, irmin_error *err)
{
	irmin_commit *head = NULL;
	irmin_rc rc;

	*store = NULL;
	rc = irmin_commit_of_revision(repo, revision, &head, err);
	if (rc >= 0)
		rc = new_store(repo, NULL, head, store, err);
	irmin_commit_unref(head);
	return rc;
}

irmin_rc irmin_store_fork(irmin_store *store, const char *branch,
    irmin_store **fork, irmin_error *err)
{
	irmin_commit *head = NULL;
	irmin_rc rc;

	*fork = NULL;
	rc = irmin_store_head(store, &head, err);
	if (rc == IRMIN_ABSENT)
		rc = irmin_error_set(err, IRMIN_EMISSING, store->ref,
		    "cannot fork %s: it has no commit yet", store->ref);
	if (rc >= 0)
		rc = irmin_branch_create(store->repo, branch, head, err);
	if (rc >= 0)
		rc = irmin_store_open(store->repo, branch, fork, err);
	if (rc >= 0)
		irmin__store_saw(*fork, head);
	irmin_commit_unref(head);
	return rc;
}

void irmin__store_own_repo(irmin_store *store)
{
	store->owns_repo = 1;
}

irmin_store *irmin__store_ref(irmin_store *store)
{
	atomic_fetch_add_explicit(&store->count, 1, memory_order_relaxed);
	return store;
}

void irmin__store_unref(irmin_store *store)
{
	if (!store || atomic_fetch_sub(&store->count, 1) != 1)
		return;
	irmin__store_drop_readers(store);
	irmin_commit_unref(store->head);
	irmin__mutex_clear(&store->mutex);
	irmin__repo_unref(store->repo);
	irmin_free(store->ref);
	irmin_free(store);
}

void irmin_store_close(irmin_store *store)
{
	irmin_repo *owned;

	if (!store)
		return;
	owned = store->owns_repo ? store->repo : NULL;
	irmin_repo_close(owned);
	irmin__store_unref(store);
}

irmin_repo *irmin_store_repo(irmin_store *store)
{
	return store->repo;
}

const char *irmin_store_branch(const irmin_store *store)
{
	return store->ref ? store->ref + strlen(IRMIN__HEADS) : NULL;
}

void irmin_store_set_wait(irmin_store *store, const irmin_wait *wait)
{
	static const irmin_wait none = IRMIN_WAIT_INIT;

	store->wait = wait ? *wait : none;
}

irmin_rc irmin_store_flush(irmin_store *store, irmin_level level,
    irmin_error *err)
{
	return irmin_repo_flush(store->repo, level, err);
}

irmin_rc irmin__store_check_open(const irmin_store *store, irmin_error *err)
{
	return refuse_closed(store->repo, err);
}

irmin_context irmin__store_context(const irmin_store *store)
{
	return irmin__repo_context(store->repo, &store->wait);
}

/* ---- the head ---- */

static int has_id(const irmin_commit *commit, const irmin_oid *id)
{
	const irmin_oid *known = irmin__commit_known_id(commit);

	return known && irmin_oid_compare(known, id) == 0;
}

/* The last head seen, if it has this id (NULL: any). */
static irmin_commit *last_head(irmin_store *store, const irmin_oid *id)
{
	irmin_commit *head;

	irmin__mutex_lock(&store->mutex);
	head = store->head;
	if (head && id && !has_id(head, id))
		head = NULL;
	if (head)
		irmin_commit_ref(head);
	irmin__mutex_unlock(&store->mutex);
	return head;
}

void irmin__store_saw(irmin_store *store, irmin_commit *head)
{
	irmin_commit *old;

	if (store->repo->graph) {
		irmin__store_drop_readers(store);
		return;
	}
	irmin_commit_ref(head);
	irmin__mutex_lock(&store->mutex);
	old = store->head;
	store->head = head;
	irmin__mutex_unlock(&store->mutex);
	irmin__store_drop_readers(store);
	irmin_commit_unref(old);
}

irmin_rc irmin__store_head(irmin_store *store, const irmin_context *context,
    irmin_buf *final, irmin_commit **head, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc;

	irmin__store_renew_if_due(store);
	if (!store->ref) {
		*head = last_head(store, NULL);
		return irmin__store_check_open(store, err);
	}
	rc = irmin__head_resolve(store->repo, context, store->ref, final, &id,
	    head, err);
	if (rc != IRMIN_OK || *head)
		return rc;
	*head = last_head(store, &id);
	if (*head)
		return IRMIN_OK;
	rc = irmin__commit_get(store->repo, context, &id, head, err);
	if (rc >= 0)
		irmin__store_saw(store, *head);
	return rc;
}

/* Puts `head` in place of just this commit. */
static int swap_head(irmin_store *store, irmin_commit *now, irmin_commit *head)
{
	int swapped;

	irmin__mutex_lock(&store->mutex);
	swapped = store->head == now;
	if (swapped) {
		store->head = irmin_commit_ref(head);
		atomic_fetch_add(&store->generation, 1);
	}
	irmin__mutex_unlock(&store->mutex);
	if (swapped) {
		irmin__store_drop_readers(store);
		irmin_commit_unref(now);
	}
	return swapped;
}

/* A commit that is read anew has nothing loaded. */
void irmin__store_renew(irmin_store *store)
{
	irmin_context context = irmin__store_context(store);
	irmin_commit *now = last_head(store, NULL), *fresh = NULL;
	const irmin_oid *id = now ? irmin__commit_known_id(now) : NULL;

	if (id &&
	    irmin__commit_get(store->repo, &context, id, &fresh, NULL) >= 0)
		swap_head(store, now, fresh);
	irmin_commit_unref(fresh);
	irmin_commit_unref(now);
}

irmin_rc irmin__store_cas_detached(irmin_store *store, irmin_commit *expected,
    irmin_commit *head, irmin_error *err)
{
	irmin_commit *now;
	int same, swapped = 0;
	irmin_rc rc;

	do {
		now = last_head(store, NULL);
		same = 0;
		rc = expected ? irmin__commit_same(now, expected, &same, err)
			      : IRMIN_OK;
		if (rc >= 0 && !same)
			rc = irmin_error_set(err, IRMIN_ESTALE, NULL,
			    "the detached head is not what was expected");
		if (rc >= 0)
			swapped = swap_head(store, now, head);
		irmin_commit_unref(now);
	} while (rc >= 0 && !swapped);
	return rc;
}

irmin_rc irmin_store_head(irmin_store *store, irmin_commit **head,
    irmin_error *err)
{
	irmin_context context = irmin__store_context(store);

	irmin_error_clear(err);
	return irmin__store_head(store, &context, NULL, head, err);
}

/* The same commit twice moves nothing; on a detached store, whatever it is. */
static irmin_rc move_detached(irmin_store *store, irmin_commit *expected,
    irmin_commit *head, irmin_error *err)
{
	int same = 0;
	irmin_rc rc;

	if (!head)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "a detached store cannot be without a commit");
	rc = irmin__head_check_owner(store->repo, head, err);
	if (rc >= 0)
		rc = irmin__store_cas_detached(store, expected, head, err);
	if (rc >= 0)
		rc = irmin__commit_same(expected, head, &same, err);
	return rc >= 0 && same ? IRMIN_UNCHANGED : rc;
}

irmin_rc irmin_store_cas_head(irmin_store *store, irmin_commit *expected,
    irmin_commit *head, irmin_error *err)
{
	irmin_context context = irmin__store_context(store);
	irmin_rc rc;

	irmin_error_clear(err);
	if (!store->ref)
		return move_detached(store, expected, head, err);
	rc = irmin__head_move(store->repo, &context, store->ref, expected, head,
	    NULL, err);
	if (rc == IRMIN_OK && head)
		irmin__store_saw(store, head);
	return rc;
}

static irmin_rc forward_detached(irmin_store *store,
    const irmin_context *context, irmin_commit *head, irmin_error *err)
{
	irmin_commit *now = last_head(store, NULL);
	irmin__relation relation;
	irmin_rc rc = irmin__head_check_owner(store->repo, head, err);

	if (rc >= 0)
		rc = irmin__commit_relation(context, head, now, &relation, err);
	if (rc >= 0 && relation == IRMIN__UNRELATED)
		rc = irmin_error_set(err, IRMIN_ESTALE, NULL,
		    "cannot move forward: the commit is no descendant of the "
		    "head");
	if (rc >= 0 && relation != IRMIN__DESCENDANT)
		rc = IRMIN_ALREADY;
	else if (rc >= 0)
		rc = irmin__store_cas_detached(store, now, head, err);
	irmin_commit_unref(now);
	return rc;
}

irmin_rc irmin_store_fast_forward(irmin_store *store, irmin_commit *head,
    irmin_error *err)
{
	irmin_context context = irmin__store_context(store);

	irmin_error_clear(err);
	if (!store->ref)
		return forward_detached(store, &context, head, err);
	return irmin__head_forward(store->repo, &context, store->ref, head,
	    err);
}
