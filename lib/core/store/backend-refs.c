/* The slots of refs. */
#include "lib/core/base/text.h"
#include "lib/core/object/refname.h"
#include "lib/core/store/backend-parts.h"
#include "lib/core/store/commit.h"
#include "lib/core/store/graph.h"

/* A ref is an id of this repository or the name of another ref. */
static irmin_rc check_ref(irmin_repo *repo, const char *name,
    const irmin_ref_value *value, irmin_error *err)
{
	irmin_slice target = irmin_buf_slice(&value->target);

	if (!target.len && value->id.algo == repo->hash)
		return IRMIN_OK;
	if (target.len && irmin__refname_check(target, NULL) >= 0)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_ECORRUPT, name,
	    "ref %s holds neither an id nor the name of a ref", name);
}

irmin_rc irmin__repo_ref_find(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_ref_value *value, irmin_error *err)
{
	irmin_rc rc;

	memset(&value->id, 0, sizeof value->id);
	irmin__buf_empty(&value->target);
	rc = irmin__backend_enter(repo, err);
	if (rc < 0)
		return rc;
	irmin__repo_trace(repo, IRMIN_TRACE_DEBUG, "ref-find", name, "ref");
	rc = repo->backend->refs->cls->find(repo->backend->refs, context, name,
	    value, err);
	irmin__backend_leave(repo);
	irmin__repo_count(repo, IRMIN_STAT_REF_READS, 1);
	return rc == IRMIN_OK ? check_ref(repo, name, value, err) : rc;
}

irmin_rc irmin__repo_checked_out(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_buf *where, irmin_error *err)
{
	irmin_rc rc;

	irmin__buf_empty(where);
	rc = irmin__backend_enter(repo, err);
	if (rc < 0)
		return rc;
	rc = IRMIN_ABSENT;
	if (IRMIN__REFS_SLOT(repo, checked_out))
		rc = repo->backend->refs->cls->checked_out(repo->backend->refs,
		    context, name, where, err);
	irmin__backend_leave(repo);
	return rc;
}

static irmin_rc refuse_checked_out(irmin_repo *repo,
    const irmin_context *context, const char *name, irmin_error *err)
{
	irmin_buf where = IRMIN_BUF_INIT;
	irmin_rc rc;

	if (repo->flags & IRMIN_OPEN_MOVE_CHECKED_OUT ||
	    strncmp(name, IRMIN__HEADS, strlen(IRMIN__HEADS)) != 0)
		return IRMIN_OK;
	rc = irmin__repo_checked_out(repo, context, name, &where, err);
	if (rc == IRMIN_OK)
		rc = irmin_error_set(err, IRMIN_ECHECKEDOUT, name,
		    "cannot move branch %s: it is checked out in %s; switch "
		    "that work tree to another branch, or open the repository "
		    "with checked_out=move",
		    name + strlen(IRMIN__HEADS),
		    where.len ? (char *)where.data : "a work tree");
	irmin_buf_clear(&where);
	return rc;
}

static void trace_moves(irmin_repo *repo, const irmin_ref_change *changes,
    size_t count)
{
	char from[IRMIN_OID_HEX_BYTES], to[IRMIN_OID_HEX_BYTES];
	size_t i;

	for (i = 0; repo->trace && i < count; i++)
		irmin__repo_trace(repo, IRMIN_TRACE_INFO, "head",
		    changes[i].name, "%s -> %s",
		    changes[i].any ? "?"
				   : irmin_oid_hex(&changes[i].expected, from),
		    irmin_oid_hex(&changes[i].id, to));
}

/* At level POWER the objects are safe before the ref that needs them ... */
static irmin_rc flush_before(irmin_repo *repo, const irmin_context *context,
    irmin_error *err)
{
	if (repo->level != IRMIN_POWER)
		return IRMIN_OK;
	return irmin__repo_flush_objects(repo, context, IRMIN_POWER, err);
}

/* ... and the ref is safe before the call returns. */
static irmin_rc flush_after(irmin_repo *repo, const irmin_context *context,
    irmin_rc moved, irmin_error *err)
{
	irmin_rc rc;

	if (moved < 0 || repo->level != IRMIN_POWER)
		return moved;
	rc = irmin__repo_flush_refs(repo, context, IRMIN_POWER, err);
	return rc < 0 ? rc : moved;
}

irmin_rc irmin__repo_ref_cas(irmin_repo *repo, const irmin_context *context,
    const irmin_ref_change *changes, size_t count, const irmin_reflog *reflog,
    size_t *differing, irmin_error *err)
{
	irmin_rc rc;
	size_t i;

	rc = flush_before(repo, context, err);
	if (rc >= 0)
		rc = irmin__backend_enter_to_write(repo, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < count && rc >= 0; i++)
		rc = refuse_checked_out(repo, context, changes[i].name, err);
	if (rc >= 0)
		rc = repo->backend->refs->cls->cas(repo->backend->refs, context,
		    changes, count, reflog, differing, err);
	irmin__backend_leave_written(repo);
	irmin__repo_count(repo, IRMIN_STAT_REF_WRITES, 1);
	if (rc >= 0)
		trace_moves(repo, changes, count);
	return flush_after(repo, context, rc, err);
}

/* ---- heads that are kept in memory ---- */

irmin_rc irmin__repo_head_find(irmin_repo *repo, const char *name,
    irmin_commit **head, irmin_error *err)
{
	irmin_rc rc = irmin__backend_enter(repo, err);

	*head = NULL;
	if (rc < 0)
		return rc;
	irmin__repo_trace(repo, IRMIN_TRACE_DEBUG, "ref-find", name, "head");
	rc = irmin__graph_head(repo->graph, name, head);
	irmin__backend_leave(repo);
	if (rc == IRMIN_OK)
		irmin__repo_count(repo, IRMIN_STAT_REF_READS, 1);
	return rc;
}

/* Ids only where they are known: telling computes none. */
static void trace_head(irmin_repo *repo, const char *name,
    const irmin_commit *expected, const irmin_commit *head)
{
	const irmin_oid *from = expected ? irmin__commit_known_id(expected)
					 : NULL;
	const irmin_oid *to = head ? irmin__commit_known_id(head) : NULL;
	char from_hex[IRMIN_OID_HEX_BYTES], to_hex[IRMIN_OID_HEX_BYTES];

	if (repo->trace)
		irmin__repo_trace(repo, IRMIN_TRACE_INFO, "head", name,
		    "%s -> %s", from ? irmin_oid_hex(from, from_hex) : "?",
		    to ? irmin_oid_hex(to, to_hex) : "?");
}

irmin_rc irmin__repo_head_cas(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_commit *expected, irmin_commit *head,
    irmin_error *err)
{
	irmin_rc rc = irmin__backend_enter_to_write(repo, err);

	if (rc < 0)
		return rc;
	rc = refuse_checked_out(repo, context, name, err);
	if (rc >= 0)
		rc = irmin__graph_cas(repo->graph, context, name, expected,
		    head, err);
	irmin__backend_leave_written(repo);
	irmin__repo_count(repo, IRMIN_STAT_REF_WRITES, 1);
	if (rc >= 0)
		trace_head(repo, name, expected, head);
	return rc;
}

irmin_rc irmin__repo_ref_each(irmin_repo *repo, const irmin_context *context,
    const char *prefix, irmin_ref_value_fn fn, void *arg, irmin_error *err)
{
	irmin_rc rc = irmin__backend_enter(repo, err);

	if (rc < 0)
		return rc;
	irmin__repo_trace(repo, IRMIN_TRACE_DEBUG, "ref-each", prefix, "refs");
	rc = repo->backend->refs->cls->each(repo->backend->refs, context,
	    prefix, fn, arg, err);
	irmin__backend_leave(repo);
	return rc;
}

irmin_rc irmin__repo_ref_set_link(irmin_repo *repo,
    const irmin_context *context, const char *name, const char *target,
    irmin_error *err)
{
	irmin_rc rc = irmin__backend_enter_to_write(repo, err);

	if (rc < 0)
		return rc;
	rc = repo->backend->refs->cls->set_link(repo->backend->refs, context,
	    name, target, err);
	irmin__backend_leave_written(repo);
	irmin__repo_count(repo, IRMIN_STAT_REF_WRITES, 1);
	if (rc >= 0)
		irmin__repo_trace(repo, IRMIN_TRACE_INFO, "head", name, "%s",
		    target);
	return flush_after(repo, context, rc, err);
}

irmin_rc irmin__repo_flush_refs(irmin_repo *repo, const irmin_context *context,
    irmin_level level, irmin_error *err)
{
	irmin_rc rc = irmin__backend_enter(repo, err);

	if (rc < 0)
		return rc;
	if (IRMIN__REFS_SLOT(repo, flush))
		rc = repo->backend->refs->cls->flush(repo->backend->refs,
		    context, level, err);
	irmin__backend_leave(repo);
	return rc;
}
