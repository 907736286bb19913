/* Results that wait for their conflicts to be resolved: a commit as
 * refs/irmin/conflict/<branch>.
 *
 *     parents   ours, theirs
 *     message   the subject of the commit to come, and how many conflicts
 *     tree      base/     what was merged on; several bases, as one
 *               list      the conflicts: saved-list.c
 *               message   of the commit to come
 *               tree/     what was merged and resolved so far
 *               version   "1"
 *
 * Ours and theirs at a path are found through the parents, and an empty directory
 * is none. So it is all there wherever the ref is fetched to, and garbage
 * collectors see to it that it stays. docs/formats/conflicts.md tells it to users.
 */
#include "lib/merge/merge-saved.h"

#include <stdio.h>

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/store/stream.h"
#include "lib/core/store/tree-edit.h"

/* ---- the ref ---- */

irmin_rc irmin__saved_ref(const irmin_store *store, irmin_buf *ref,
    irmin_error *err)
{
	const char *branch = irmin_store_branch(store);
	irmin_rc rc;

	if (!branch)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "a detached store has no branch under whose name conflicts "
		    "could be saved");
	rc = irmin_buf_set(ref, irmin_text(IRMIN__SAVED_REFS), err);
	return rc < 0 ? rc : irmin_buf_append(ref, irmin_text(branch), err);
}

static irmin_rc move_saved(irmin_store *store, irmin_commit *from,
    irmin_commit *to, irmin_error *err)
{
	irmin_context context = irmin__store_context(store);
	irmin_buf ref = IRMIN_BUF_INIT;
	irmin_rc rc = irmin__saved_ref(store, &ref, err);

	if (rc >= 0)
		rc = irmin__head_move(store->repo, &context, (char *)ref.data,
		    from, to, "irmin: conflicts", err);
	irmin_buf_clear(&ref);
	return rc;
}

irmin_rc irmin__saved_forget(irmin_merge_result *result, irmin_error *err)
{
	irmin__merge_origin *origin = result->origin;
	irmin_rc rc;

	if (!origin->saved)
		return IRMIN_OK;
	rc = move_saved(origin->store, origin->saved, NULL, err);
	if (rc >= 0) {
		irmin_commit_unref(origin->saved);
		origin->saved = NULL;
	}
	return rc;
}

/* Whatever it is: also one that cannot be read. */
irmin_rc irmin_store_merge_abort(irmin_store *store, irmin_error *err)
{
	irmin_context context = irmin__store_context(store);
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_buf ref = IRMIN_BUF_INIT;
	irmin_ref_change change;
	irmin_rc rc;

	irmin_error_clear(err);
	memset(&change, 0, sizeof change);
	rc = irmin__saved_ref(store, &ref, err);
	if (rc >= 0)
		rc = irmin__repo_ref_find(store->repo, &context,
		    (char *)ref.data, &value, err);
	change.name = (char *)ref.data;
	change.any = 1;
	if (rc == IRMIN_ABSENT)
		rc = IRMIN_UNCHANGED;
	else if (rc >= 0)
		rc = irmin__repo_ref_cas(store->repo, &context, &change, 1,
		    NULL, NULL, err);
	irmin_buf_clear(&value.target);
	irmin_buf_clear(&ref);
	return rc;
}

/* ---- saving ---- */

/* The types of paths are about branches, not about this tree. */
static irmin_rc put_texts(const irmin_merge_result *result, irmin_edit *edit,
    irmin_error *err)
{
	irmin_buf list = IRMIN_BUF_INIT;
	irmin_rc rc = irmin__saved_list_encode(result, &list, err);

	if (rc >= 0)
		rc = irmin__edit_set_untyped(edit, IRMIN__SAVED_LIST,
		    irmin_buf_slice(&list), err);
	if (rc >= 0)
		rc = irmin__edit_set_untyped(edit, IRMIN__SAVED_MESSAGE,
		    irmin_buf_slice(&result->origin->message), err);
	if (rc >= 0)
		rc = irmin__edit_set_untyped(edit, IRMIN__SAVED_VERSION,
		    irmin_text(IRMIN__SAVED_FORM), err);
	irmin_buf_clear(&list);
	return rc;
}

static irmin_rc put_trees(irmin_merge_result *result, irmin_edit *edit,
    irmin_error *err)
{
	irmin_tree *base = result->sides[IRMIN_SIDE_BASE], *tree = NULL;
	irmin_rc rc = irmin_merge_result_tree(result, &tree, err);

	if (rc >= 0)
		rc = irmin_edit_add_tree(edit, IRMIN__SAVED_TREE, tree, err);
	if (rc >= 0 && base)
		rc = irmin_edit_add_tree(edit, IRMIN__SAVED_BASE, base, err);
	irmin_tree_unref(tree);
	return rc;
}

static irmin_rc make_tree(irmin_merge_result *result, irmin_tree **tree,
    irmin_error *err)
{
	irmin_tree *empty = NULL;
	irmin_edit *edit = NULL;
	irmin_rc rc = irmin_tree_empty(result->repo, &empty, err);

	if (rc >= 0)
		rc = irmin_edit_new(empty, &edit, err);
	if (rc >= 0)
		rc = put_texts(result, edit, err);
	if (rc >= 0)
		rc = put_trees(result, edit, err);
	if (rc >= 0)
		rc = irmin_edit_tree(edit, tree, err);
	irmin_edit_free(edit);
	irmin_tree_unref(empty);
	return rc;
}

static irmin_rc make_message(const irmin_merge_result *result,
    irmin_buf *message, irmin_error *err)
{
	irmin_slice subject = irmin_buf_slice(&result->origin->message);
	char words[128];
	irmin_rc rc;

	snprintf(words, sizeof words,
	    "\n\n%zu of %zu conflicts are left; irmin resolve ends them.\n",
	    result->left, result->conflicts.len);
	subject = irmin__slice_until(subject, irmin__slice_find(subject, '\n'));
	rc = irmin_buf_set(message, subject, err);
	return rc < 0 ? rc : irmin_buf_append(message, irmin_text(words), err);
}

static irmin_rc make_commit(irmin_merge_result *result, irmin_commit **commit,
    irmin_error *err)
{
	irmin_commit *parents[2] = { result->origin->ours,
		result->origin->theirs };
	irmin_info info = IRMIN_INFO_INIT;
	irmin_buf message = IRMIN_BUF_INIT;
	irmin_tree *tree = NULL;
	irmin_rc rc = make_tree(result, &tree, err);

	if (rc >= 0)
		rc = make_message(result, &message, err);
	info.message = (char *)message.data;
	if (rc >= 0)
		rc = irmin_commit_new(result->repo, tree, parents, 2, &info,
		    commit, err);
	irmin_buf_clear(&message);
	irmin_tree_unref(tree);
	return rc;
}

/* What is there is only replaced by what comes of the same result. */
static irmin_rc publish(irmin_merge_result *result, irmin_commit *commit,
    irmin_error *err)
{
	irmin__merge_origin *origin = result->origin;
	const char *branch = irmin_store_branch(origin->store);
	irmin_rc rc;

	rc = move_saved(origin->store, origin->saved, commit, err);
	if (rc == IRMIN_ESTALE)
		return irmin_error_set(err, rc, branch,
		    "the conflicts of another merge into %s are saved; resolve "
		    "or abort that one first",
		    branch);
	if (rc < 0)
		return rc;
	irmin_commit_unref(origin->saved);
	origin->saved = irmin_commit_ref(commit);
	return IRMIN_OK;
}

irmin_rc irmin_merge_result_save(irmin_merge_result *result, irmin_error *err)
{
	irmin_buf ref = IRMIN_BUF_INIT;
	irmin_commit *commit = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__merge_origin_check(result, err);
	if (rc >= 0) /* before anything is written */
		rc = irmin__saved_ref(result->origin->store, &ref, err);
	irmin_buf_clear(&ref);
	if (rc < 0)
		return rc;
	irmin__repo_work_begin(result->repo);
	rc = make_commit(result, &commit, err);
	if (rc >= 0)
		rc = publish(result, commit, err);
	irmin__repo_work_end(result->repo);
	irmin_commit_unref(commit);
	return rc;
}
