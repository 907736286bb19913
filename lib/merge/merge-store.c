/* Merging branches: merges of commits as writes of a store, and results that are
 * committed when all is resolved. */
#include "lib/merge/merge-commit.h"
#include "lib/merge/merge-origin.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"

/* ---- where a result comes from ---- */

static void free_origin(irmin__merge_origin *origin)
{
	irmin__store_unref(origin->store);
	irmin_commit_unref(origin->ours);
	irmin_commit_unref(origin->theirs);
	irmin_commit_unref(origin->saved);
	irmin_buf_clear(&origin->message);
	irmin_free(origin);
}

irmin_rc irmin__merge_origin_set(irmin_merge_result *result, irmin_store *store,
    irmin_commit *ours, irmin_commit *theirs, irmin_slice message,
    irmin_error *err)
{
	irmin__merge_origin *origin = irmin_calloc(1, sizeof *origin);

	if (!origin)
		return irmin__enomem(err);
	origin->store = irmin__store_ref(store);
	origin->ours = irmin_commit_ref(ours);
	origin->theirs = irmin_commit_ref(theirs);
	result->origin = origin;
	result->free_origin = free_origin;
	return irmin_buf_set(&origin->message, message, err);
}

irmin_rc irmin__merge_origin_check(const irmin_merge_result *result,
    irmin_error *err)
{
	if (result->origin)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "only a merge into a store that ended in conflicts can be saved or "
	    "committed");
}

/* ---- merging ---- */

struct merging {
	irmin_store *into;
	irmin_commit *theirs;
	const char *branch; /* theirs, or NULL */
	const irmin_merge_options *options;
	int keeps; /* the caller wants a result */
	irmin_merge_result *result;
};

/* What the reflog and the message call theirs: its branch, or else its id. */
static irmin_rc name_theirs(const struct merging *merging, irmin_buf *name,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_oid id;
	irmin_rc rc;

	if (merging->branch)
		return irmin_buf_set(name, irmin_text(merging->branch), err);
	rc = irmin__commit_id(merging->theirs, &id, err);
	if (rc < 0)
		return rc;
	return irmin_buf_set(name, irmin_text(irmin_oid_hex(&id, hex)), err);
}

/* As git's: "Merge branch 'fork' into main". */
static irmin_rc describe_merge(void *arg, irmin_tree *before, irmin_tree *after,
    irmin_buf *message, irmin_error *err)
{
	const struct merging *merging = arg;
	const char *into = irmin_store_branch(merging->into);
	const char *parts[] = { merging->branch ? "Merge branch '"
						: "Merge commit '",
		NULL, "' into ", into ? into : "HEAD" };
	irmin_buf name = IRMIN_BUF_INIT;
	irmin_rc rc = name_theirs(merging, &name, err);
	size_t i;

	(void)before;
	(void)after;
	parts[1] = (char *)name.data;
	irmin__buf_empty(message);
	for (i = 0; i < sizeof parts / sizeof *parts && rc >= 0; i++)
		rc = irmin_buf_append(message, irmin_text(parts[i]), err);
	irmin_buf_clear(&name);
	return rc;
}

static irmin_rc drop_result(struct merging *merging, irmin_rc rc)
{
	irmin_merge_result_free(merging->result);
	merging->result = NULL;
	return rc;
}

/* Conflicts can be resolved and committed later. */
static irmin_rc keep_conflicts(struct merging *merging, irmin_commit *ours,
    irmin_error *err)
{
	const char *said = merging->options->info.message;
	irmin_buf message = IRMIN_BUF_INIT;
	irmin_rc rc = said ? irmin_buf_set(&message, irmin_text(said), err)
			   : describe_merge(merging, NULL, NULL, &message, err);

	if (rc >= 0)
		rc = irmin__merge_origin_set(merging->result, merging->into,
		    ours, merging->theirs, irmin_buf_slice(&message), err);
	irmin_buf_clear(&message);
	return rc < 0 ? drop_result(merging, rc)
		      : irmin__merge_result_verdict(merging->result, err);
}

/* A branch without a commit goes forward to theirs. */
static irmin_rc apply_merge(void *arg, irmin_commit *head, irmin_tree *before,
    irmin_tree **after, irmin_error *err)
{
	struct merging *merging = arg;
	const irmin_merge_options *options = merging->options;
	irmin_context context;
	irmin_rc rc;

	(void)before;
	drop_result(merging, IRMIN_OK);
	if (!head)
		return IRMIN_OK;
	context = irmin__store_write_context(merging->into, &options->info);
	rc = irmin__merge_commits(&context, head, merging->theirs, options,
	    &merging->result, err);
	if (rc == IRMIN_ECONFLICT && merging->keeps)
		return keep_conflicts(merging, head, err);
	if (rc == IRMIN_OK && merging->result)
		rc = irmin_merge_result_tree(merging->result, after, err);
	return rc;
}

static irmin_rc write_merge(struct merging *merging, irmin_error *err)
{
	irmin__change change = { apply_merge, describe_merge, merging };
	irmin__second second = { merging->theirs, NULL };
	irmin_buf name = IRMIN_BUF_INIT;
	irmin_rc rc = irmin__head_check_owner(merging->into->repo,
	    merging->theirs, err);

	/* Heads in memory have no reflog, and ids that nobody needs are not
	 * computed. */
	if (rc >= 0 && !merging->into->repo->graph)
		rc = name_theirs(merging, &name, err);
	second.name = (char *)name.data;
	if (rc >= 0)
		rc = irmin__store_write_merge(merging->into, &change, &second,
		    &merging->options->info, err);
	irmin_buf_clear(&name);
	return rc;
}

static irmin_rc merge_into(irmin_store *into, irmin_commit *theirs,
    const char *branch, const irmin_merge_options *options,
    irmin_merge_result **result, irmin_error *err)
{
	irmin_merge_options known;
	struct merging merging = { into, theirs, branch, &known, result != NULL,
		NULL };
	irmin_rc rc = irmin__merge_options_read(options, &known, err);

	if (rc >= 0)
		rc = write_merge(&merging, err);
	if (rc < 0 && rc != IRMIN_ECONFLICT)
		drop_result(&merging, rc);
	if (result)
		*result = merging.result;
	else
		drop_result(&merging, rc);
	return rc;
}

irmin_rc irmin_store_merge_commit(irmin_store *into, irmin_commit *from,
    const irmin_merge_options *options, irmin_merge_result **result,
    irmin_error *err)
{
	irmin_error_clear(err);
	return merge_into(into, from, NULL, options, result, err);
}

irmin_rc irmin_store_merge(irmin_store *into, irmin_store *from,
    const irmin_merge_options *options, irmin_merge_result **result,
    irmin_error *err)
{
	irmin_commit *theirs = NULL;
	irmin_rc rc;

	if (result)
		*result = NULL;
	rc = irmin_store_head(from, &theirs, err);
	if (rc == IRMIN_ABSENT)
		return IRMIN_ALREADY;
	if (rc >= 0)
		rc = merge_into(into, theirs, irmin_store_branch(from), options,
		    result, err);
	irmin_commit_unref(theirs);
	return rc;
}

/* ---- resolved ---- */

static irmin_rc apply_resolved(void *arg, irmin_commit *head,
    irmin_tree *before, irmin_tree **after, irmin_error *err)
{
	irmin_merge_result *result = arg;
	const irmin__merge_origin *origin = result->origin;
	int same = 0;
	irmin_rc rc = IRMIN_OK;

	(void)before;
	if (head)
		rc = irmin__commit_same(head, origin->ours, &same, err);
	if (rc >= 0 && !same)
		rc = irmin_error_set(err, IRMIN_ESTALE, origin->store->ref,
		    "cannot commit what was resolved: the head moved since; "
		    "merge again");
	return rc < 0 ? rc : irmin_merge_result_tree(result, after, err);
}

static irmin_rc describe_resolved(void *arg, irmin_tree *before,
    irmin_tree *after, irmin_buf *message, irmin_error *err)
{
	const irmin_merge_result *result = arg;

	(void)before;
	(void)after;
	return irmin_buf_set(message, irmin_buf_slice(&result->origin->message),
	    err);
}

/* The head has moved: that what was saved cannot be forgotten is no failure of
 * this. It cannot be committed twice. */
static void forget_saved(irmin_merge_result *result)
{
	irmin_error cause;

	if (irmin__saved_forget(result, &cause) < 0)
		irmin__repo_trace(result->repo, IRMIN_TRACE_WARNING, "conflict",
		    result->origin->store->ref, "%s", cause.text);
}

irmin_rc irmin_merge_result_commit(irmin_merge_result *result,
    const irmin_info *info, irmin_error *err)
{
	irmin__change change = { apply_resolved, describe_resolved, result };
	irmin__second second = { NULL, NULL };
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__merge_origin_check(result, err);
	if (rc >= 0)
		rc = irmin__merge_result_verdict(result, err);
	if (rc < 0)
		return rc;
	second.parent = result->origin->theirs;
	rc = irmin__store_write_merge(result->origin->store, &change, &second,
	    info, err);
	if (rc >= 0)
		forget_saved(result);
	return rc;
}
