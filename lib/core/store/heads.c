/* Refs that lead to heads: what links lead to, and how heads are moved. */
#include "lib/core/store/heads.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include "lib/core/object/refname.h"
#include "lib/core/store/ancestor.h"

/* How deep git follows symbolic refs. */
#define MAX_LINKS 5

/* How often a fast-forward starts again because the ref moved under it. */
#define MAX_RACES 100

irmin_rc irmin__head_name(const char *branch, irmin_buf *ref, irmin_error *err)
{
	irmin_rc rc;

	if (!branch)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the name of the branch is NULL");
	rc = irmin__refname_check_branch(irmin_text(branch), err);
	if (rc >= 0)
		rc = irmin_buf_set(ref, irmin_text(IRMIN__HEADS), err);
	if (rc >= 0)
		rc = irmin_buf_append(ref, irmin_text(branch), err);
	return rc;
}

/* One ref: its value or, if the repository keeps its graph in memory and `head`
 * is not NULL, the commit. */
static irmin_rc read_ref(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_ref_value *value, irmin_commit **head,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_ABSENT;

	irmin__buf_empty(&value->target);
	if (repo->graph && head)
		rc = irmin__repo_head_find(repo, name, head, err);
	return rc == IRMIN_ABSENT
	    ? irmin__repo_ref_find(repo, context, name, value, err)
	    : rc;
}

irmin_rc irmin__head_resolve(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_buf *final, irmin_oid *id, irmin_commit **head,
    irmin_error *err)
{
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_buf at = IRMIN_BUF_INIT, last;
	int links;
	irmin_rc rc;

	memset(id, 0, sizeof *id);
	if (head)
		*head = NULL;
	for (links = 0; links <= MAX_LINKS; links++) {
		rc = read_ref(repo, context, at.len ? (char *)at.data : name,
		    &value, head, err);
		if (rc != IRMIN_OK || !value.target.len)
			break;
		last = at;
		at = value.target;
		value.target = last;
	}
	if (links > MAX_LINKS)
		rc = irmin_error_set(err, IRMIN_ECORRUPT, name,
		    "ref %s is a link to a link, more than %d deep", name,
		    MAX_LINKS);
	if (rc >= 0 && final) {
		irmin_rc kept = irmin_buf_set(final,
		    at.len ? irmin_buf_slice(&at) : irmin_text(name), err);
		if (kept < 0)
			rc = kept;
	}
	if (rc == IRMIN_OK)
		*id = value.id;
	irmin_buf_clear(&at);
	irmin_buf_clear(&value.target);
	if (head && rc != IRMIN_OK) {
		irmin_commit_unref(*head);
		*head = NULL;
	}
	return rc;
}

irmin_rc irmin__repo_ref_resolve(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_buf *final, irmin_oid *id, irmin_error *err)
{
	return irmin__head_resolve(repo, context, name, final, id, NULL, err);
}

/* A ref that leads to something else than a commit is broken. */
irmin_rc irmin__head_find(irmin_repo *repo, const irmin_context *context,
    const char *ref, irmin_buf *final, irmin_commit **head, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc;

	rc = irmin__head_resolve(repo, context, ref, final, &id, head, err);
	if (rc == IRMIN_OK && !*head)
		rc = irmin__commit_get(repo, context, &id, head, err);
	return rc;
}

/* ---- moving ---- */

/* A reflog keeps a line for each move. */
static irmin_rc one_line(const char *what, irmin_slice message, irmin_buf *line,
    irmin_error *err)
{
	irmin_slice begin = irmin_text(what);
	irmin_rc rc = irmin_buf_reserve(line, begin.len + message.len, err);
	size_t i;

	if (rc >= 0)
		rc = irmin_buf_append(line, begin, err);
	if (rc >= 0)
		rc = irmin_buf_append(line, message, err);
	for (i = 0; i < line->len; i++)
		if (line->data[i] < ' ')
			line->data[i] = ' ';
	return rc;
}

irmin_rc irmin__head_default_committer(irmin_repo *repo, irmin_ident *who,
    irmin_error *err)
{
	irmin_info info;
	irmin_ident author;
	irmin_slice message;
	irmin_rc rc = irmin__info_read(NULL, &info, err);

	if (rc < 0)
		return rc;
	return irmin__info_resolve(repo, &info, NULL, &author, who, &message,
	    err);
}

/* No id stands for no commit. */
static irmin_rc id_of(irmin_commit *commit, irmin_oid *id, irmin_error *err)
{
	memset(id, 0, sizeof *id);
	return commit ? irmin__commit_id(commit, id, err) : IRMIN_OK;
}

irmin_rc irmin__head_cas(irmin_repo *repo, const irmin_context *context,
    const char *ref, irmin_commit *expected, irmin_commit *head,
    const irmin_ident *who, const char *what, irmin_slice message,
    irmin_error *err)
{
	irmin_ref_change change;
	irmin_reflog reflog;
	irmin_buf line = IRMIN_BUF_INIT;
	irmin_rc rc;

	if (repo->graph)
		return irmin__repo_head_cas(repo, context, ref, expected, head,
		    err);
	memset(&change, 0, sizeof change);
	change.name = ref;
	rc = id_of(expected, &change.expected, err);
	if (rc >= 0)
		rc = id_of(head, &change.id, err);
	if (who)
		reflog.who = *who;
	else if (rc >= 0)
		rc = irmin__head_default_committer(repo, &reflog.who, err);
	if (rc >= 0)
		rc = one_line(what, message, &line, err);
	reflog.message = irmin_buf_slice(&line);
	if (rc >= 0)
		rc = irmin__repo_ref_cas(repo, context, &change, 1, &reflog,
		    NULL, err);
	irmin_buf_clear(&line);
	return rc;
}

irmin_rc irmin__head_check_owner(irmin_repo *repo, const irmin_commit *commit,
    irmin_error *err)
{
	if (!commit || irmin__commit_repo(commit) == repo)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "the commit is of another repository");
}

/* What a ref is at: a commit, or else an id, or nothing. */
struct position {
	irmin_commit *commit;
	irmin_oid id;
};

static irmin_rc is_at(const struct position *now, irmin_commit *commit,
    int *same, irmin_error *err)
{
	irmin_oid at;
	irmin_rc rc;

	*same = 0;
	if (now->commit)
		return commit
		    ? irmin__commit_same(now->commit, commit, same, err)
		    : IRMIN_OK;
	rc = id_of(commit, &at, err);
	*same = rc >= 0 && irmin_oid_compare(&now->id, &at) == 0;
	return rc;
}

static irmin_rc refuse_stale(const char *ref, struct position *now,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc = IRMIN_OK;

	if (now->commit)
		rc = irmin__commit_id(now->commit, &now->id, err);
	if (rc < 0)
		return rc;
	return irmin_error_set(err, IRMIN_ESTALE, ref,
	    "cannot move %s: it is %s%s, which is not what was expected", ref,
	    irmin_oid_is_none(&now->id) ? "absent" : "at ",
	    irmin_oid_hex(&now->id, hex));
}

irmin_rc irmin__head_move(irmin_repo *repo, const irmin_context *context,
    const char *ref, irmin_commit *expected, irmin_commit *head,
    const char *reason, irmin_error *err)
{
	irmin_buf final = IRMIN_BUF_INIT;
	struct position now = { NULL, { { 0 }, 0 } };
	int expects = 0, stays = 0;
	irmin_rc rc = irmin__head_check_owner(repo, expected, err);

	if (rc >= 0)
		rc = irmin__head_check_owner(repo, head, err);
	if (rc >= 0)
		rc = irmin__head_resolve(repo, context, ref, &final, &now.id,
		    &now.commit, err);
	if (rc >= 0)
		rc = is_at(&now, expected, &expects, err);
	if (rc >= 0 && !expects)
		rc = refuse_stale(ref, &now, err);
	if (rc >= 0)
		rc = is_at(&now, head, &stays, err);
	if (rc >= 0 && stays)
		rc = IRMIN_UNCHANGED;
	else if (rc >= 0)
		rc = irmin__head_cas(repo, context, (char *) final.data,
		    expected, head, NULL, reason ? reason : "irmin",
		    irmin_bytes(NULL, 0), err);
	irmin_commit_unref(now.commit);
	irmin_buf_clear(&final);
	return rc;
}

/* One try. Answers: OK; ALREADY. Fails: ESTALE (no descendant: `raced` is 0; the
 * ref moved meanwhile: it is 1). */
static irmin_rc try_forward(irmin_repo *repo, const irmin_context *context,
    const char *ref, irmin_commit *head, int *raced, irmin_error *err)
{
	irmin_commit *now = NULL;
	irmin__relation relation = IRMIN__DESCENDANT;
	irmin_buf final = IRMIN_BUF_INIT;
	irmin_rc rc;

	*raced = 0;
	rc = irmin__head_find(repo, context, ref, &final, &now, err);
	if (rc == IRMIN_OK)
		rc = irmin__commit_relation(context, head, now, &relation, err);
	if (rc >= 0 && relation == IRMIN__UNRELATED)
		rc = irmin_error_set(err, IRMIN_ESTALE, ref,
		    "cannot move %s forward: the commit is no descendant of "
		    "its head",
		    ref);
	if (rc >= 0 && relation != IRMIN__DESCENDANT) {
		rc = IRMIN_ALREADY;
	} else if (rc >= 0) {
		rc = irmin__head_cas(repo, context, (char *) final.data, now,
		    head, NULL, "irmin: fast-forward", irmin_bytes(NULL, 0),
		    err);
		*raced = rc == IRMIN_ESTALE;
	}
	irmin_commit_unref(now);
	irmin_buf_clear(&final);
	return rc;
}

irmin_rc irmin__head_forward(irmin_repo *repo, const irmin_context *context,
    const char *ref, irmin_commit *head, irmin_error *err)
{
	int raced = 1, tries;
	irmin_rc rc = irmin__head_check_owner(repo, head, err);

	for (tries = 0; rc >= 0 && raced && tries < MAX_RACES; tries++) {
		rc = try_forward(repo, context, ref, head, &raced, err);
		if (raced && tries + 1 < MAX_RACES)
			rc = IRMIN_OK;
	}
	return rc;
}

irmin_rc irmin__head_check_free(irmin_repo *repo, const irmin_context *context,
    irmin_error *err)
{
	irmin_buf where = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__repo_checked_out(repo, context, "HEAD", &where, err);
	if (rc == IRMIN_OK)
		rc = irmin_error_set(err, IRMIN_ECHECKEDOUT, "HEAD",
		    "cannot move HEAD: %s has it checked out; use git switch "
		    "there",
		    where.len ? (char *)where.data : "a work tree");
	irmin_buf_clear(&where);
	return rc;
}
