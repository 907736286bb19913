/* Windows: what enters and leaves the ring of a branch. */
#include "lib/core/store/retain.h"

#include "lib/core/base/error.h"
#include <irmin/alloc.h>

static uint32_t *inside_of(irmin_commit *commit)
{
	return &irmin__commit_kept_of(commit)->inside;
}

static irmin_commit **ring_at(const irmin__window *window, size_t i)
{
	return &window->ring[(window->first + i) % window->cap];
}

static irmin_commit *newest(const irmin__window *window)
{
	return window->len ? *ring_at(window, window->len - 1) : NULL;
}

void irmin__window_clear(irmin__window *window)
{
	size_t i;

	for (i = 0; i < window->len; i++)
		irmin_commit_unref(*ring_at(window, i));
	irmin_free(window->ring);
	memset(window, 0, sizeof *window);
}

/* ---- planning ---- */

/* Room for more, and for one above the limit while the oldest is still there. */
static irmin_rc reserve_ring(irmin__window *window, size_t extra,
    irmin_error *err)
{
	uint64_t most = window->limit + 1;
	size_t need = window->len + extra, cap, i;
	irmin_commit **ring;

	need = need < most ? need : (size_t)most;
	if (need <= window->cap)
		return IRMIN_OK;
	cap = window->cap * 2 > need ? window->cap * 2 : need + 6;
	ring = cap < SIZE_MAX / sizeof(irmin_commit *)
	    ? irmin_malloc(cap * sizeof(irmin_commit *))
	    : NULL;
	if (!ring)
		return irmin__enomem(err);
	for (i = 0; i < window->len; i++)
		ring[i] = *ring_at(window, i);
	irmin_free(window->ring);
	window->ring = ring;
	window->cap = cap;
	window->first = 0;
	return IRMIN_OK;
}

/* Goes back from the new head until the one so far comes, or there are enough. */
static irmin_rc plan_chain(const irmin__window *window, irmin_commit *now,
    irmin__retain_plan *plan, irmin_error *err)
{
	irmin__graph_commits *chain = &plan->chain;
	irmin_commit *at = irmin__commit_held_parent(plan->head, 0);
	irmin_rc rc = IRMIN_OK;

	plan->spares = 1 + irmin_commit_parent_count(plan->head);
	while (at && at != now && chain->len + 1 < window->limit) {
		rc = IRMIN__VEC_RESERVE(chain, 1, err);
		if (rc < 0)
			break;
		IRMIN__VEC_PUSH(chain, at);
		plan->spares += 1 + irmin_commit_parent_count(at);
		at = irmin__commit_held_parent(at, 0);
	}
	plan->goes_on = now && at == now;
	irmin_commit_unref(at);
	return rc;
}

irmin_rc irmin__retain_plan_move(irmin__retaining *retaining,
    irmin__window *window, irmin_commit *now, irmin_commit *head,
    irmin__retain_plan *plan, irmin_error *err)
{
	irmin_commit *parent;
	size_t leaving;
	irmin_rc rc;

	plan->head = head;
	if (!window->limit) {
		irmin__retain_mark(retaining, head);
		parent = irmin__commit_held_parent(head, 0);
		plan->goes_on = !now || parent == now;
		irmin_commit_unref(parent);
		return IRMIN_OK;
	}
	rc = plan_chain(window, newest(window), plan, err);
	leaving = plan->goes_on ? plan->chain.len + 1 : window->len;
	if (!plan->goes_on)
		plan->spares += window->len;
	if (rc >= 0 && leaving > 1)
		rc = IRMIN__VEC_RESERVE(&plan->gone, leaving - 1, err);
	if (rc >= 0)
		rc = reserve_ring(window, plan->chain.len + 1, err);
	return rc;
}

irmin_rc irmin__retain_plan_end(const irmin__window *window,
    irmin__retain_plan *plan, irmin_error *err)
{
	plan->spares = window->len;
	return IRMIN__VEC_RESERVE(&plan->gone, window->len, err);
}

void irmin__retain_plan_clear(irmin__retain_plan *plan)
{
	size_t i;

	irmin_commit_unref(plan->gone_one);
	for (i = 0; i < plan->gone.len; i++)
		irmin_commit_unref(plan->gone.items[i]);
	for (i = 0; i < plan->chain.len; i++)
		irmin_commit_unref(plan->chain.items[i]);
	IRMIN__VEC_CLEAR(&plan->gone);
	IRMIN__VEC_CLEAR(&plan->chain);
	memset(plan, 0, sizeof *plan);
}

/* ---- doing; nothing here can fail ---- */

static void leave(irmin__retain_plan *plan, irmin_commit *commit)
{
	if (plan->gone_one)
		IRMIN__VEC_PUSH(&plan->gone, commit);
	else
		plan->gone_one = commit;
}

/* A commit loses its parents, unless somebody needs them. */
static void retire(irmin__retaining *retaining, irmin_commit *commit)
{
	if (*inside_of(commit))
		return;
	if (irmin__retain_is_marked(retaining, commit))
		IRMIN__VEC_PUSH(&retaining->spared, irmin_commit_ref(commit));
	else
		irmin__commit_let_go(commit);
}

static void retire_sides(irmin__retaining *retaining, irmin_commit *merge)
{
	size_t count = irmin_commit_parent_count(merge), i;
	irmin_commit *side;

	for (i = 1; i < count; i++) {
		side = irmin__commit_held_parent(merge, i);
		if (!side)
			continue;
		irmin__commit_kept_of(side)->side = 1;
		retire(retaining, side);
		irmin_commit_unref(side);
	}
}

static void enter(irmin__retaining *retaining, irmin__window *window,
    irmin_commit *commit, irmin__retain_plan *plan)
{
	window->len++;
	*ring_at(window, window->len - 1) = irmin_commit_ref(commit);
	if (window->len > 1)
		++*inside_of(commit);
	retire_sides(retaining, commit);
	if (window->len > window->limit) {
		leave(plan, *ring_at(window, 0));
		window->first = (window->first + 1) % window->cap;
		window->len--;
		--*inside_of(*ring_at(window, 0));
	}
	if (window->len == window->limit)
		retire(retaining, *ring_at(window, 0));
}

/* Takes all out of the ring, and answers how many. */
static void empty(irmin__window *window, irmin__retain_plan *plan)
{
	size_t i;

	for (i = 0; i < window->len; i++) {
		irmin_commit *commit = *ring_at(window, i);

		if (i)
			--*inside_of(commit);
		leave(plan, commit);
	}
	window->first = window->len = 0;
}

/* Of what left, the sides of merges lose their parents. */
static void retire_gone(irmin__retaining *retaining,
    const irmin__retain_plan *plan)
{
	size_t i;

	if (plan->gone_one && irmin__commit_kept_of(plan->gone_one)->side)
		retire(retaining, plan->gone_one);
	for (i = 0; i < plan->gone.len; i++)
		if (irmin__commit_kept_of(plan->gone.items[i])->side)
			retire(retaining, plan->gone.items[i]);
}

void irmin__retain_move(irmin__retaining *retaining, irmin__window *window,
    irmin__retain_plan *plan)
{
	size_t i;

	retaining->moves++;
	if (!window->limit) {
		retaining->stale |= !plan->goes_on;
		return;
	}
	if (plan->head == newest(window))
		return;
	if (!plan->goes_on)
		empty(window, plan);
	for (i = plan->chain.len; i-- > 0;)
		enter(retaining, window, plan->chain.items[i], plan);
	enter(retaining, window, plan->head, plan);
	if (!plan->goes_on)
		retire_gone(retaining, plan);
}

void irmin__retain_end(irmin__retaining *retaining, irmin__window *window,
    irmin__retain_plan *plan)
{
	retaining->moves++;
	retaining->stale |= !window->limit;
	empty(window, plan);
	retire_gone(retaining, plan);
}
