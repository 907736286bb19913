/* Retention of the refs of a graph. */
#include "lib/core/store/graph-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/base/options.h"
#include "lib/core/base/text.h"
#include <irmin/alloc.h>

/* ---- moves; the lock of the heads is held ---- */

/* Marks what is behind refs whose limit is 0. */
static void mark_all(irmin__graph *graph)
{
	irmin__retaining *retaining = &graph->retaining;
	const irmin__graph_ref *ref;
	size_t cursor = 0;

	irmin__retain_unmark(retaining);
	while ((ref = irmin__table_next(&graph->table, &cursor)))
		if (ref->commit && !irmin__retain_limit(retaining, ref->name))
			irmin__retain_mark(retaining, ref->commit);
}

irmin_rc irmin__graph_retain_plan(irmin__graph *graph, irmin__graph_ref *ref,
    irmin_commit *head, irmin__retain_plan *plan, irmin_error *err)
{
	irmin__retaining *retaining = &graph->retaining;

	if (!irmin__retain_is_on(retaining))
		return IRMIN_OK;
	if (irmin__retain_is_due(retaining)) {
		mark_all(graph);
		irmin__retain_review(retaining);
	}
	return head ? irmin__retain_plan_move(retaining, &ref->window,
			  ref->commit, head, plan, err)
		    : irmin__retain_plan_end(&ref->window, plan, err);
}

irmin_rc irmin__graph_retain_reserve(irmin__graph *graph, size_t spares,
    irmin_error *err)
{
	return IRMIN__VEC_RESERVE(&graph->retaining.spared, spares, err);
}

void irmin__graph_retain_do(irmin__graph *graph, irmin__graph_ref *ref,
    irmin__retain_plan *plan)
{
	if (!irmin__retain_is_on(&graph->retaining))
		return;
	if (plan->head)
		irmin__retain_move(&graph->retaining, &ref->window, plan);
	else
		irmin__retain_end(&graph->retaining, &ref->window, plan);
}

/* ---- rules ---- */

typedef IRMIN__VEC(irmin__retain_rule) rules;

/* A ref whose limit changes. */
struct change {
	irmin__graph_ref *ref;
	irmin__window window;         /* the new one */
	irmin__retain_plan end, move; /* of the old, and of the new */
};

typedef IRMIN__VEC(struct change) changes;

/* The rules with one more, or one changed; patterns are shared with `old`, but for
 * the last. */
static irmin_rc with_rule(const irmin__retaining *old, const char *pattern,
    uint64_t commits, irmin__retaining *with, irmin_error *err)
{
	irmin__retain_rule rule = { NULL, commits };
	size_t i;
	irmin_rc rc;

	memset(&with->rules, 0, sizeof with->rules);
	rc = IRMIN__VEC_RESERVE(&with->rules, old->rules.len + 1, err);
	if (rc >= 0)
		rc = irmin__text_copy(irmin_text(pattern), &rule.pattern, err);
	if (rc < 0) {
		IRMIN__VEC_CLEAR(&with->rules);
		return rc;
	}
	for (i = 0; i < old->rules.len; i++)
		if (strcmp(old->rules.items[i].pattern, pattern) != 0)
			IRMIN__VEC_PUSH(&with->rules, old->rules.items[i]);
	IRMIN__VEC_PUSH(&with->rules, rule);
	return IRMIN_OK;
}

static irmin_rc plan_change(irmin__graph *graph, struct change *change,
    irmin_error *err)
{
	irmin_rc rc = irmin__retain_plan_end(&change->ref->window, &change->end,
	    err);

	if (rc >= 0 && change->window.limit)
		rc = irmin__retain_plan_move(&graph->retaining, &change->window,
		    NULL, change->ref->commit, &change->move, err);
	return rc;
}

/* Plans all that changes by the rules that `with` has. */
static irmin_rc plan_changes(irmin__graph *graph, const irmin__retaining *with,
    changes *planned, irmin_error *err)
{
	irmin__graph_ref *ref;
	size_t cursor = 0, spares = 0;
	irmin_rc rc = IRMIN__VEC_RESERVE(planned, graph->table.used, err);

	while (rc >= 0 && (ref = irmin__table_next(&graph->table, &cursor))) {
		struct change *change = &planned->items[planned->len];
		uint64_t limit = irmin__retain_limit(with, ref->name);

		if (limit == ref->window.limit)
			continue;
		memset(change, 0, sizeof *change);
		planned->len++;
		change->ref = ref;
		change->window.limit = limit;
		rc = plan_change(graph, change, err);
		spares += change->end.spares + change->move.spares;
	}
	return rc < 0 ? rc : irmin__graph_retain_reserve(graph, spares, err);
}

/* Marks come first, as what moves to a window may be kept whole by others. */
static void make_changes(irmin__graph *graph, changes *planned)
{
	irmin__retaining *retaining = &graph->retaining;
	size_t i;

	mark_all(graph);
	for (i = 0; i < planned->len; i++) {
		struct change *change = &planned->items[i];
		irmin__window old = change->ref->window;

		irmin__retain_end(retaining, &old, &change->end);
		change->ref->window = change->window;
		change->window = old;
	}
	for (i = 0; i < planned->len; i++) {
		struct change *change = &planned->items[i];

		if (change->ref->window.limit)
			irmin__retain_move(retaining, &change->ref->window,
			    &change->move);
	}
	retaining->stale = retaining->unsure;
	irmin__retain_review(retaining);
}

/* Whichever rule is not in force any more. */
static void free_rule(irmin__retaining *retaining, const char *pattern)
{
	size_t i;

	for (i = 0; i < retaining->rules.len; i++)
		if (strcmp(retaining->rules.items[i].pattern, pattern) == 0)
			irmin_free(retaining->rules.items[i].pattern);
	IRMIN__VEC_CLEAR(&retaining->rules);
}

static void clear_changes(changes *planned)
{
	size_t i;

	for (i = 0; i < planned->len; i++) {
		irmin__retain_plan_clear(&planned->items[i].end);
		irmin__retain_plan_clear(&planned->items[i].move);
		irmin__window_clear(&planned->items[i].window);
	}
	IRMIN__VEC_CLEAR(planned);
}

static irmin_rc set_rule(irmin__graph *graph, const char *pattern,
    uint64_t commits, irmin_error *err)
{
	irmin__retaining *retaining = &graph->retaining;
	irmin__retaining other;
	changes planned = { NULL, 0, 0 };
	irmin_rc rc;

	irmin__mutex_lock(&graph->heads);
	rc = with_rule(retaining, pattern, commits, &other, err);
	if (rc >= 0) {
		rc = plan_changes(graph, &other, &planned, err);
		if (rc >= 0) {
			irmin__retaining old = *retaining;

			retaining->rules.items = other.rules.items;
			retaining->rules.len = other.rules.len;
			retaining->rules.cap = other.rules.cap;
			make_changes(graph, &planned);
			other = old;
		}
		free_rule(&other, pattern);
	}
	irmin__mutex_unlock(&graph->heads);
	clear_changes(&planned);
	return rc;
}

irmin_rc irmin_repo_retain(irmin_repo *repo, const char *pattern,
    const irmin_retention *rule, irmin_error *err)
{
	irmin_retention known;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__options_read(&known, sizeof known, rule, "irmin_retention",
	    err);
	if (rc < 0)
		return rc;
	if (!pattern || !*pattern)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "a rule of retention needs a pattern of branches");
	if (!repo->graph)
		return irmin_error_set(err, IRMIN_ENOTSUP, repo->location,
		    "cannot set a rule of retention: only repositories in "
		    "memory forget in this version");
	rc = irmin__backend_enter_to_write(repo, err);
	if (rc < 0)
		return rc;
	rc = set_rule(repo->graph, pattern, known.commits, err);
	irmin__backend_leave(repo);
	return rc < 0 ? rc : IRMIN_OK;
}
