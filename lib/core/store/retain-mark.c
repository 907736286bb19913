/* Marks on what is kept whole. */
#include "lib/core/store/retain.h"

/* Below that many commits, marking anew is cheap. */
#define FEW 256

int irmin__retain_is_marked(const irmin__retaining *retaining,
    irmin_commit *commit)
{
	return retaining->unsure ||
	    irmin__commit_kept_of(commit)->mark == retaining->epoch;
}

/* Marks one commit, whose reference is given back. Fails: ENOMEM. */
static irmin_rc mark_one(irmin__retaining *retaining, irmin_commit *commit)
{
	irmin__commit_kept *kept = irmin__commit_kept_of(commit);
	size_t count = irmin_commit_parent_count(commit), i;
	irmin_commit *parent;
	irmin_rc rc = IRMIN_OK;

	if (kept->mark != retaining->epoch)
		rc = IRMIN__VEC_RESERVE(&retaining->stack, count, NULL);
	if (kept->mark != retaining->epoch && rc >= 0) {
		kept->mark = retaining->epoch;
		retaining->marked++;
		for (i = 0; i < count; i++) {
			parent = irmin__commit_held_parent(commit, i);
			if (parent)
				IRMIN__VEC_PUSH(&retaining->stack, parent);
		}
	}
	irmin_commit_unref(commit);
	return rc;
}

void irmin__retain_mark(irmin__retaining *retaining, irmin_commit *commit)
{
	irmin__graph_commits *stack = &retaining->stack;
	irmin_rc rc = mark_one(retaining, irmin_commit_ref(commit));

	while (rc >= 0 && stack->len)
		rc = mark_one(retaining, stack->items[--stack->len]);
	if (rc >= 0)
		return;
	while (stack->len)
		irmin_commit_unref(stack->items[--stack->len]);
	retaining->unsure = 1;
	retaining->stale = 1;
}

int irmin__retain_is_due(const irmin__retaining *retaining)
{
	return retaining->stale &&
	    (retaining->marked < FEW || retaining->moves >= retaining->marked);
}

void irmin__retain_unmark(irmin__retaining *retaining)
{
	retaining->epoch++;
	retaining->unsure = 0;
	retaining->stale = 0;
	retaining->marked = 0;
	retaining->moves = 0;
}

void irmin__retain_review(irmin__retaining *retaining)
{
	irmin__graph_commits *spared = &retaining->spared;
	size_t i, kept = 0;

	for (i = 0; i < spared->len; i++) {
		irmin_commit *commit = spared->items[i];

		if (irmin__retain_is_marked(retaining, commit)) {
			spared->items[kept++] = commit;
			continue;
		}
		if (!irmin__commit_kept_of(commit)->inside)
			irmin__commit_let_go(commit);
		irmin_commit_unref(commit);
	}
	spared->len = kept;
}
