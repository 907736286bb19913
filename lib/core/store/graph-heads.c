/* The heads of the graph, and their moves.
 *
 * A move of a head that is there, to another commit, is a pointer that changes
 * under the lock. Whatever else happens to refs goes the long way: what the table
 * says is looked at, ids are compared without the lock (they may have to be
 * computed), and then, if the table still says so, inner's refs and the table
 * change together:
 *
 *      table          inner                expected of inner
 *      commit         the mark             the mark, if the commit is expected;
 *                                          else "absent": inner refuses
 *      -              id, link, nothing    what is expected
 */
#include "lib/core/store/graph-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include <irmin/alloc.h>

/* The lock is held. */
static irmin__graph_ref *find_ref(const irmin__graph *graph, const char *name)
{
	return irmin__table_find(&graph->table, irmin_text(name));
}

irmin_rc irmin__graph_head(irmin__graph *graph, const char *ref,
    irmin_commit **head)
{
	const irmin__graph_ref *found;

	*head = NULL;
	irmin__mutex_lock(&graph->heads);
	found = find_ref(graph, ref);
	if (found)
		*head = irmin_commit_ref(found->commit);
	irmin__mutex_unlock(&graph->heads);
	return *head ? IRMIN_OK : IRMIN_ABSENT;
}

uint64_t irmin__graph_moves(const irmin__graph *graph)
{
	return atomic_load_explicit(&graph->moves, memory_order_acquire);
}

/* The lock is held. */
static void count_move(irmin__graph *graph)
{
	atomic_fetch_add_explicit(&graph->moves, 1, memory_order_release);
}

irmin_rc irmin__graph_all_heads(irmin__graph *graph,
    irmin__graph_commits *heads, irmin_error *err)
{
	const irmin__graph_ref *entry;
	size_t cursor = 0;
	irmin_rc rc;

	irmin__mutex_lock(&graph->heads);
	rc = IRMIN__VEC_RESERVE(heads, graph->table.used, err);
	while (rc >= 0 && (entry = irmin__table_next(&graph->table, &cursor)))
		IRMIN__VEC_PUSH(heads, irmin_commit_ref(entry->commit));
	irmin__mutex_unlock(&graph->heads);
	return rc;
}

void irmin__graph_drop_heads(irmin__graph *graph)
{
	irmin__graph_ref *entry;
	size_t cursor = 0;

	while ((entry = irmin__table_next(&graph->table, &cursor))) {
		irmin_commit_unref(entry->commit);
		irmin__window_clear(&entry->window);
		irmin_free(entry);
	}
	irmin__table_clear(&graph->table);
	irmin__retain_clear(&graph->retaining);
}

/* ---- looking: what does the table say, and is it what is expected? ---- */

static void look(irmin__graph *graph, irmin__graph_move *moves, size_t count)
{
	const irmin__graph_ref *found;
	size_t i;

	irmin__mutex_lock(&graph->heads);
	for (i = 0; i < count; i++) {
		found = find_ref(graph, moves[i].name);
		moves[i].seen = found ? irmin_commit_ref(found->commit) : NULL;
	}
	irmin__mutex_unlock(&graph->heads);
}

static void unsee(irmin__graph_move *moves, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		irmin_commit_unref(moves[i].seen);
		moves[i].seen = NULL;
		irmin__retain_plan_clear(&moves[i].plan);
	}
}

/* What is expected of a ref in the table is a commit or an id; of another, inner
 * must be told an id. */
static irmin_rc judge(irmin__graph_move *move, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc = IRMIN_OK;

	move->holds = move->any || (move->seen && move->seen == move->expected);
	if (move->holds)
		return IRMIN_OK;
	if (!move->seen) {
		if (move->expected)
			rc = irmin__commit_id(move->expected,
			    &move->expected_id, err);
		return rc;
	}
	if (move->expected)
		return irmin__commit_same(move->seen, move->expected,
		    &move->holds, err);
	if (irmin_oid_is_none(&move->expected_id))
		return IRMIN_OK;
	rc = irmin__commit_id(move->seen, &id, err);
	move->holds = rc >= 0 &&
	    irmin_oid_compare(&id, &move->expected_id) == 0;
	return rc;
}

/* ---- doing; the lock is held ---- */

static irmin_rc add_ref(irmin__graph *graph, irmin__graph_move *move,
    irmin_error *err)
{
	size_t bytes = strlen(move->name) + 1;
	irmin__graph_ref *made = irmin_calloc(1, sizeof *made + bytes);
	irmin_rc rc;

	if (!made)
		return irmin__enomem(err);
	memcpy(made->name, move->name, bytes);
	made->window.limit = irmin__retain_limit(&graph->retaining, move->name);
	rc = irmin__table_add(&graph->table, made, err);
	if (rc < 0) {
		irmin_free(made);
		return rc;
	}
	move->entry = made;
	move->added = 1;
	return IRMIN_OK;
}

static void remove_ref(irmin__graph *graph, irmin__graph_move *move)
{
	irmin__table_remove(&graph->table, irmin_text(move->name));
	irmin__window_clear(&move->entry->window);
	irmin_free(move->entry);
	move->entry = NULL;
}

/* Finds the entries of all moves, making those that there will be. Answers: OK;
 * UNCHANGED (the table says something else now). */
static irmin_rc enter(irmin__graph *graph, irmin__graph_move *moves,
    size_t count, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; i < count; i++) {
		moves[i].entry = find_ref(graph, moves[i].name);
		moves[i].added = 0;
		if (moves[i].seen !=
		    (moves[i].entry ? moves[i].entry->commit : NULL))
			return IRMIN_UNCHANGED;
	}
	for (i = 0; i < count && rc >= 0; i++) {
		if (!moves[i].entry) /* named twice: inner refuses that */
			moves[i].entry = find_ref(graph, moves[i].name);
		if (!moves[i].entry && moves[i].head)
			rc = add_ref(graph, &moves[i], err);
	}
	return rc;
}

/* Plans what the moves do to windows. */
static irmin_rc plan(irmin__graph *graph, irmin__graph_move *moves,
    size_t count, irmin_error *err)
{
	size_t spares = 0, i;
	irmin_rc rc = IRMIN_OK;

	for (i = 0; i < count && rc >= 0; i++) {
		if (moves[i].entry)
			rc = irmin__graph_retain_plan(graph, moves[i].entry,
			    moves[i].head, &moves[i].plan, err);
		spares += moves[i].plan.spares;
	}
	return rc < 0 ? rc : irmin__graph_retain_reserve(graph, spares, err);
}

static irmin_rc change_inner(irmin__graph *graph, const irmin_context *context,
    const irmin__graph_move *moves, size_t count, size_t *differing,
    irmin_error *err)
{
	irmin_refs *inner = graph->inner->refs;
	irmin_ref_change *changes = irmin_calloc(count, sizeof *changes);
	irmin_rc rc;
	size_t i;

	if (!changes)
		return irmin__enomem(err);
	for (i = 0; i < count; i++) {
		changes[i].name = moves[i].name;
		changes[i].any = moves[i].any;
		if (!moves[i].seen)
			changes[i].expected = moves[i].expected_id;
		else if (moves[i].holds)
			changes[i].expected = graph->mark;
		changes[i].id = moves[i].head ? graph->mark : moves[i].id;
	}
	rc = inner->cls->cas(inner, context, changes, count, NULL, differing,
	    err);
	irmin_free(changes);
	return rc;
}

/* Makes the table what inner is now, or takes out what was put in. What a move
 * has seen is given back later: that is what the table held, too. */
static void settle(irmin__graph *graph, irmin__graph_move *moves, size_t count,
    irmin_rc done)
{
	size_t i;

	for (i = 0; i < count; i++) {
		irmin__graph_move *move = &moves[i];

		if (done < 0) {
			if (move->added)
				remove_ref(graph, move);
			continue;
		}
		if (move->entry) {
			irmin_commit_unref(move->entry->commit);
			irmin__graph_retain_do(graph, move->entry, &move->plan);
		}
		if (move->head)
			move->entry->commit = irmin_commit_ref(move->head);
		else if (move->entry)
			remove_ref(graph, move);
	}
	if (done >= 0)
		count_move(graph);
	else
		graph->retaining.stale = 1; /* what was planned was marked */
}

/* Answers: OK; UNCHANGED (look again). */
static irmin_rc try_moves(irmin__graph *graph, const irmin_context *context,
    irmin__graph_move *moves, size_t count, size_t *differing, irmin_error *err)
{
	irmin_rc rc;

	irmin__mutex_lock(&graph->heads);
	rc = enter(graph, moves, count, err);
	if (rc == IRMIN_OK)
		rc = plan(graph, moves, count, err);
	if (rc == IRMIN_OK)
		rc = change_inner(graph, context, moves, count, differing, err);
	if (rc != IRMIN_UNCHANGED)
		settle(graph, moves, count, rc);
	irmin__mutex_unlock(&graph->heads);
	return rc;
}

irmin_rc irmin__graph_move_all(irmin__graph *graph,
    const irmin_context *context, irmin__graph_move *moves, size_t count,
    size_t *differing, irmin_error *err)
{
	irmin_rc rc;
	size_t i;

	do {
		rc = IRMIN_OK;
		look(graph, moves, count);
		for (i = 0; i < count && rc >= 0; i++)
			rc = judge(&moves[i], err);
		if (rc >= 0)
			rc = try_moves(graph, context, moves, count, differing,
			    err);
		unsee(moves, count);
	} while (rc == IRMIN_UNCHANGED);
	return rc;
}

irmin_rc irmin__graph_link(irmin__graph *graph, const irmin_context *context,
    const char *name, const char *target, irmin_error *err)
{
	irmin_refs *inner = graph->inner->refs;
	irmin__graph_move move;
	irmin_rc rc = IRMIN_OK;

	memset(&move, 0, sizeof move);
	move.name = name;
	irmin__mutex_lock(&graph->heads);
	move.entry = find_ref(graph, name);
	rc = plan(graph, &move, 1, err);
	if (rc >= 0)
		rc = inner->cls->set_link(inner, context, name, target, err);
	if (move.entry && rc >= 0)
		move.seen = irmin_commit_ref(move.entry->commit);
	settle(graph, &move, 1, rc);
	irmin__mutex_unlock(&graph->heads);
	unsee(&move, 1);
	return rc;
}

/* The short way. Answers: OK; UNCHANGED (it is not that simple). */
static irmin_rc move_pointer(irmin__graph *graph, const char *ref,
    irmin_commit *expected, irmin_commit *head, irmin_error *err)
{
	irmin__graph_move move;
	irmin_rc rc = IRMIN_UNCHANGED;

	memset(&move, 0, sizeof move);
	move.head = head;
	irmin__mutex_lock(&graph->heads);
	move.entry = find_ref(graph, ref);
	if (move.entry && move.entry->commit == expected) {
		rc = plan(graph, &move, 1, err);
		move.seen = irmin_commit_ref(expected);
		settle(graph, &move, 1, rc);
	}
	irmin__mutex_unlock(&graph->heads);
	unsee(&move, 1);
	return rc;
}

irmin_rc irmin__graph_cas(irmin__graph *graph, const irmin_context *context,
    const char *ref, irmin_commit *expected, irmin_commit *head,
    irmin_error *err)
{
	irmin__graph_move move;
	irmin_rc rc = IRMIN_UNCHANGED;

	if (expected && head)
		rc = move_pointer(graph, ref, expected, head, err);
	if (rc != IRMIN_UNCHANGED)
		return rc;
	memset(&move, 0, sizeof move);
	move.name = ref;
	move.expected = expected;
	move.head = head;
	return irmin__graph_move_all(graph, context, &move, 1, NULL, err);
}
