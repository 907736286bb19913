#include "lib/core/store/heads.h"

#include "lib/core/base/text.h"
#include "lib/core/object/refname.h"
#include <irmin/branch.h>

irmin_rc irmin_branch_check(const char *name, irmin_error *err)
{
	irmin_error_clear(err);
	if (!name)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the name of the branch is NULL");
	return irmin__refname_check_branch(irmin_text(name), err);
}

irmin_rc irmin_branch_find(irmin_repo *repo, const char *name,
    irmin_commit **head, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_buf ref = IRMIN_BUF_INIT;
	irmin_rc rc;

	irmin_error_clear(err);
	*head = NULL;
	rc = irmin__head_name(name, &ref, err);
	if (rc >= 0)
		rc = irmin__head_find(repo, &context, (char *)ref.data, NULL,
		    head, err);
	irmin_buf_clear(&ref);
	return rc;
}

irmin_rc irmin_branch_cas(irmin_repo *repo, const char *name,
    irmin_commit *expected, irmin_commit *head, const char *reason,
    irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_buf ref = IRMIN_BUF_INIT;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__head_name(name, &ref, err);
	if (rc >= 0)
		rc = irmin__head_move(repo, &context, (char *)ref.data,
		    expected, head, reason, err);
	irmin_buf_clear(&ref);
	return rc;
}

irmin_rc irmin_branch_create(irmin_repo *repo, const char *name,
    irmin_commit *head, irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	if (!head)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "a branch needs a commit to begin at");
	rc = irmin_branch_cas(repo, name, NULL, head, "branch: created", err);
	if (rc == IRMIN_ESTALE)
		rc = irmin_error_set(err, IRMIN_EEXIST, name,
		    "branch %s exists already", name);
	return rc;
}

irmin_rc irmin_branch_remove(irmin_repo *repo, const char *name,
    irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_ref_change change;
	irmin_buf ref = IRMIN_BUF_INIT;
	irmin_rc rc;

	irmin_error_clear(err);
	memset(&change, 0, sizeof change);
	change.any = 1;
	rc = irmin__head_name(name, &ref, err);
	if (rc >= 0)
		rc = irmin__repo_ref_find(repo, &context, (char *)ref.data,
		    &value, err);
	if (rc == IRMIN_ABSENT) {
		rc = IRMIN_UNCHANGED;
	} else if (rc >= 0) {
		change.name = (char *)ref.data;
		rc = irmin__repo_ref_cas(repo, &context, &change, 1, NULL, NULL,
		    err);
	}
	irmin_buf_clear(&value.target);
	irmin_buf_clear(&ref);
	return rc;
}

irmin_rc irmin_branch_fast_forward(irmin_repo *repo, const char *name,
    irmin_commit *head, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_buf ref = IRMIN_BUF_INIT;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__head_name(name, &ref, err);
	if (rc >= 0)
		rc = irmin__head_forward(repo, &context, (char *)ref.data, head,
		    err);
	irmin_buf_clear(&ref);
	return rc;
}

/* ---- all refs ---- */

struct each {
	irmin_repo *repo;
	const irmin_context *context;
	irmin_ref_fn fn;
	void *arg;
	irmin_error *err;
};

/* Tells one ref with what it leads to. */
static int tell_ref(void *arg, const char *name, const irmin_ref_value *value)
{
	const struct each *each = arg;
	irmin_ref ref;
	irmin_rc rc;

	memset(&ref, 0, sizeof ref);
	ref.size = sizeof ref;
	ref.name = irmin_text(name);
	ref.target = irmin_buf_slice(&value->target);
	ref.id = value->id;
	if (ref.target.len) {
		rc = irmin__repo_ref_resolve(each->repo, each->context,
		    (char *)value->target.data, NULL, &ref.id, each->err);
		if (rc < 0)
			return rc;
	}
	return each->fn(each->arg, &ref);
}

irmin_rc irmin_ref_each(irmin_repo *repo, const char *prefix, irmin_ref_fn fn,
    void *arg, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	struct each each = { repo, &context, fn, arg, err };

	irmin_error_clear(err);
	return irmin__repo_ref_each(repo, &context, prefix ? prefix : "",
	    tell_ref, &each, err);
}

/* ---- HEAD ---- */

/* The ref that HEAD names. Answers: OK; ABSENT (it is detached). */
static irmin_rc find_head(irmin_repo *repo, const irmin_context *context,
    irmin_ref_value *value, irmin_error *err)
{
	irmin_rc rc = irmin__repo_ref_find(repo, context, "HEAD", value, err);

	if (rc == IRMIN_ABSENT)
		return irmin_error_set(err, IRMIN_EMISSING, "HEAD",
		    "the repository has no HEAD");
	if (rc == IRMIN_OK && !value->target.len)
		return IRMIN_ABSENT;
	return rc;
}

irmin_rc irmin_repo_head(irmin_repo *repo, irmin_buf *branch, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_slice target, heads = irmin_text(IRMIN__HEADS);
	irmin_rc rc;

	irmin_error_clear(err);
	irmin__buf_empty(branch);
	rc = find_head(repo, &context, &value, err);
	target = irmin_buf_slice(&value.target);
	if (rc == IRMIN_OK &&
	    (target.len <= heads.len ||
		memcmp(target.data, heads.data, heads.len)))
		rc = irmin_error_set(err, IRMIN_ECORRUPT, "HEAD",
		    "HEAD names %s, which is no branch",
		    (const char *)target.data);
	if (rc == IRMIN_OK)
		rc = irmin_buf_set(branch,
		    irmin_bytes((const char *)target.data + heads.len,
			target.len - heads.len),
		    err);
	irmin_buf_clear(&value.target);
	return rc;
}

irmin_rc irmin_repo_set_head(irmin_repo *repo, const char *branch,
    irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_buf ref = IRMIN_BUF_INIT;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__head_name(branch, &ref, err);
	if (rc >= 0)
		rc = irmin__head_check_free(repo, &context, err);
	if (rc >= 0)
		rc = irmin__repo_ref_set_link(repo, &context, "HEAD",
		    (char *)ref.data, err);
	irmin_buf_clear(&ref);
	return rc < 0 ? rc : IRMIN_OK;
}
