/* Saved results are read: they came from anywhere, so all of them is checked. */
#include "lib/merge/merge-saved.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"

/* What a saved commit holds. */
struct saved {
	irmin_store *store;
	irmin_commit *parents[2]; /* ours, theirs */
	irmin_tree *sides[IRMIN__SIDES];
	irmin_tree *tree;
	irmin_pin list, message;
};

static void clear(struct saved *saved)
{
	size_t i;

	for (i = 0; i < 2; i++)
		irmin_commit_unref(saved->parents[i]);
	for (i = 0; i < IRMIN__SIDES; i++)
		irmin_tree_unref(saved->sides[i]);
	irmin_tree_unref(saved->tree);
	irmin_pin_release(&saved->list);
	irmin_pin_release(&saved->message);
}

static irmin_rc refuse(const struct saved *saved, const char *why,
    irmin_error *err)
{
	const char *branch = irmin_store_branch(saved->store);

	return irmin_error_set(err, IRMIN_ECORRUPT, branch,
	    "what is saved as conflicts of %s was not saved by this library: "
	    "%s",
	    branch, why);
}

/* ---- reading ---- */

static irmin_rc read_parents(struct saved *saved, irmin_commit *commit,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	if (irmin_commit_parent_count(commit) != 2)
		return refuse(saved, "it is not the commit of a merge", err);
	for (i = 0; i < 2 && rc >= 0; i++)
		rc = irmin_commit_parent(commit, i, &saved->parents[i], err);
	if (rc >= 0)
		rc = irmin_commit_tree(saved->parents[0],
		    &saved->sides[IRMIN_SIDE_OURS], err);
	if (rc >= 0)
		rc = irmin_commit_tree(saved->parents[1],
		    &saved->sides[IRMIN_SIDE_THEIRS], err);
	return rc;
}

static irmin_rc read_text(const struct saved *saved, irmin_tree *root,
    const char *name, irmin_pin *text, irmin_error *err)
{
	irmin_rc rc = irmin_tree_find(root, name, text, err);

	return rc == IRMIN_ABSENT ? refuse(saved, "a file is missing", err)
				  : rc;
}

static irmin_rc check_version(const struct saved *saved, irmin_tree *root,
    irmin_error *err)
{
	irmin_pin version = IRMIN_PIN_INIT;
	irmin_rc rc = read_text(saved, root, IRMIN__SAVED_VERSION, &version,
	    err);

	if (rc >= 0 &&
	    !irmin__slice_is(irmin_bytes(version.data, version.len),
		IRMIN__SAVED_FORM))
		rc = refuse(saved, "its version is unknown", err);
	irmin_pin_release(&version);
	return rc;
}

/* A directory that is not there is empty. */
static irmin_rc read_trees(struct saved *saved, irmin_tree *root,
    irmin_error *err)
{
	irmin_rc rc;

	rc = irmin_tree_find_tree(root, IRMIN__SAVED_BASE,
	    &saved->sides[IRMIN_SIDE_BASE], err);
	if (rc >= 0)
		rc = irmin_tree_find_tree(root, IRMIN__SAVED_TREE, &saved->tree,
		    err);
	if (rc == IRMIN_ABSENT)
		rc = irmin_tree_empty(saved->store->repo, &saved->tree, err);
	return rc;
}

static irmin_rc read_all(struct saved *saved, irmin_commit *commit,
    irmin_error *err)
{
	irmin_tree *root = NULL;
	irmin_rc rc = read_parents(saved, commit, err);

	if (rc >= 0)
		rc = irmin_commit_tree(commit, &root, err);
	if (rc >= 0)
		rc = check_version(saved, root, err);
	if (rc >= 0)
		rc = read_text(saved, root, IRMIN__SAVED_LIST, &saved->list,
		    err);
	if (rc >= 0)
		rc = read_text(saved, root, IRMIN__SAVED_MESSAGE,
		    &saved->message, err);
	if (rc >= 0)
		rc = read_trees(saved, root, err);
	irmin_tree_unref(root);
	return rc;
}

/* ---- the result ---- */

static irmin_rc make_result(const struct saved *saved, irmin_commit *commit,
    irmin_merge_result *result, irmin_error *err)
{
	irmin_error cause;
	irmin_rc rc;

	result->tree = irmin_tree_ref(saved->tree);
	rc = irmin__saved_list_decode(irmin_bytes(saved->list.data,
					  saved->list.len),
	    result, &cause);
	if (rc == IRMIN_ENOMEM)
		return irmin__enomem(err);
	if (rc < 0)
		return refuse(saved, cause.text, err);
	rc = irmin__merge_origin_set(result, saved->store, saved->parents[0],
	    saved->parents[1],
	    irmin_bytes(saved->message.data, saved->message.len), err);
	if (rc >= 0)
		result->origin->saved = irmin_commit_ref(commit);
	return rc;
}

static irmin_rc resume(irmin_store *store, irmin_commit *commit,
    irmin_merge_result **result, irmin_error *err)
{
	struct saved saved;
	irmin_merge_result *made = NULL;
	irmin_rc rc;

	memset(&saved, 0, sizeof saved);
	saved.store = store;
	rc = read_all(&saved, commit, err);
	if (rc >= 0)
		rc = irmin__merge_result_new(store->repo,
		    saved.sides[IRMIN_SIDE_BASE], saved.sides[IRMIN_SIDE_OURS],
		    saved.sides[IRMIN_SIDE_THEIRS], &made, err);
	if (rc >= 0)
		rc = make_result(&saved, commit, made, err);
	clear(&saved);
	if (rc < 0)
		irmin_merge_result_free(made);
	else
		*result = made;
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin_store_merge_resume(irmin_store *store,
    irmin_merge_result **result, irmin_error *err)
{
	irmin_context context = irmin__store_context(store);
	irmin_buf ref = IRMIN_BUF_INIT;
	irmin_commit *commit = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	*result = NULL;
	rc = irmin__saved_ref(store, &ref, err);
	if (rc >= 0)
		rc = irmin__head_find(store->repo, &context, (char *)ref.data,
		    NULL, &commit, err);
	if (rc == IRMIN_OK)
		rc = resume(store, commit, result, err);
	irmin_commit_unref(commit);
	irmin_buf_clear(&ref);
	return rc;
}
