/* The refs that a volatile repository calls: the table's heads, whose ids are
 * computed when somebody asks for them, and inner's. */
#include "lib/core/store/graph-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include <irmin/alloc.h>

static irmin__graph *graph_of(irmin_refs *refs)
{
	return ((irmin__graph_refs *)refs)->graph;
}

static int is_mark(const irmin__graph *graph, const irmin_ref_value *value)
{
	return !value->target.len &&
	    irmin_oid_compare(&value->id, &graph->mark) == 0;
}

/* ---- reading ---- */

/* The id that a ref has in the table. Answers: OK; ABSENT. */
static irmin_rc find_head(irmin__graph *graph, const char *name, irmin_oid *id,
    irmin_error *err)
{
	irmin_commit *head;
	irmin_rc rc = irmin__graph_head(graph, name, &head);

	if (rc == IRMIN_OK)
		rc = irmin__commit_id(head, id, err);
	irmin_commit_unref(head);
	return rc;
}

/* A ref may come into the table after that was looked at. */
static irmin_rc graph_find(irmin_refs *refs, const irmin_context *context,
    const char *name, irmin_ref_value *value, irmin_error *err)
{
	irmin__graph *graph = graph_of(refs);
	irmin_refs *inner = graph->inner->refs;
	irmin_rc rc;

	irmin_error_clear(err);
	do {
		irmin__buf_empty(&value->target);
		rc = find_head(graph, name, &value->id, err);
		if (rc != IRMIN_ABSENT)
			return rc;
		rc = inner->cls->find(inner, context, name, value, err);
	} while (rc == IRMIN_OK && is_mark(graph, value));
	return rc;
}

struct each {
	irmin__graph *graph;
	irmin_ref_value_fn fn;
	void *arg;
	irmin_error *err;
};

/* One that was removed meanwhile is not told. */
static int tell(void *arg, const char *name, const irmin_ref_value *value)
{
	const struct each *each = arg;
	irmin_ref_value head = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_rc rc;

	if (!is_mark(each->graph, value))
		return each->fn(each->arg, name, value);
	rc = find_head(each->graph, name, &head.id, each->err);
	if (rc == IRMIN_ABSENT)
		return IRMIN_OK;
	return rc < 0 ? rc : each->fn(each->arg, name, &head);
}

static irmin_rc graph_each(irmin_refs *refs, const irmin_context *context,
    const char *prefix, irmin_ref_value_fn fn, void *arg, irmin_error *err)
{
	irmin__graph *graph = graph_of(refs);
	irmin_refs *inner = graph->inner->refs;
	struct each each = { graph, fn, arg, err };

	return inner->cls->each(inner, context, prefix, tell, &each, err);
}

/* ---- writing ---- */

/* What is only in the graph is held by the ref from now on: a commit by the
 * table, all else by being written. */
static irmin_rc take_target(irmin__graph *graph, const irmin_context *context,
    irmin__graph_move *move, irmin_error *err)
{
	void *own;
	irmin_rc rc;

	if (irmin_oid_is_none(&move->id))
		return IRMIN_OK;
	rc = irmin__graph_find(graph, context, &move->id, IRMIN_OBJECT_COMMIT,
	    &own, err);
	move->head = own;
	if (rc == IRMIN_ABSENT)
		rc = irmin__graph_settle(graph, context, &move->id, err);
	return rc < 0 ? rc : IRMIN_OK;
}

static irmin_rc graph_cas(irmin_refs *refs, const irmin_context *context,
    const irmin_ref_change *changes, size_t count, const irmin_reflog *reflog,
    size_t *differing, irmin_error *err)
{
	irmin__graph *graph = graph_of(refs);
	irmin__graph_move *moves = irmin_calloc(count + 1, sizeof *moves);
	irmin_rc rc = IRMIN_OK;
	size_t i;

	(void)reflog;
	irmin_error_clear(err);
	if (differing)
		*differing = 0;
	if (!moves)
		return irmin__enomem(err);
	for (i = 0; i < count && rc >= 0; i++) {
		moves[i].name = changes[i].name;
		moves[i].any = changes[i].any;
		moves[i].expected_id = changes[i].expected;
		moves[i].id = changes[i].id;
		rc = take_target(graph, context, &moves[i], err);
	}
	if (rc >= 0)
		rc = irmin__graph_move_all(graph, context, moves, count,
		    differing, err);
	for (i = 0; i < count; i++)
		irmin_commit_unref(moves[i].head);
	irmin_free(moves);
	return rc;
}

static irmin_rc graph_set_link(irmin_refs *refs, const irmin_context *context,
    const char *name, const char *target, irmin_error *err)
{
	return irmin__graph_link(graph_of(refs), context, name, target, err);
}

static void graph_close(irmin_refs *refs)
{
	(void)refs; /* the wrapper closes inner as a whole */
}

/* ---- what is inner's business alone ---- */

static irmin_rc graph_flush(irmin_refs *refs, const irmin_context *context,
    irmin_level level, irmin_error *err)
{
	irmin__graph *graph = graph_of(refs);
	irmin_refs *inner = graph->inner->refs;

	irmin_error_clear(err);
	if (!IRMIN__INNER_REFS_SLOT(graph, flush))
		return IRMIN_OK;
	return inner->cls->flush(inner, context, level, err);
}

static irmin_rc graph_checked_out(irmin_refs *refs,
    const irmin_context *context, const char *name, irmin_buf *where,
    irmin_error *err)
{
	irmin__graph *graph = graph_of(refs);
	irmin_refs *inner = graph->inner->refs;

	irmin_error_clear(err);
	if (!IRMIN__INNER_REFS_SLOT(graph, checked_out))
		return IRMIN_ABSENT;
	return inner->cls->checked_out(inner, context, name, where, err);
}

static irmin_rc graph_verify(irmin_refs *refs, const irmin_context *context,
    irmin_fault_fn fn, void *arg, irmin_error *err)
{
	irmin__graph *graph = graph_of(refs);
	irmin_refs *inner = graph->inner->refs;

	irmin_error_clear(err);
	if (!IRMIN__INNER_REFS_SLOT(graph, verify))
		return IRMIN_OK;
	return inner->cls->verify(inner, context, fn, arg, err);
}

const irmin_refs_class irmin__graph_refs_class = {
	.size = sizeof(irmin_refs_class),
	.name = "graph",
	.find = graph_find,
	.cas = graph_cas,
	.each = graph_each,
	.set_link = graph_set_link,
	.close = graph_close,
	.flush = graph_flush,
	.checked_out = graph_checked_out,
	.verify = graph_verify,
};
