/* lib/core/store/retain.h: how a volatile repository forgets.
 *
 * A ref of the graph either keeps all (a window with no limit), or its branch has
 * a rule: then its window is a ring of its last commits, each counted.
 *
 *      ring      oldest ........................... newest = the head
 *      links   cut | <- kept while inside a ring -> |
 *
 * - `inside` of a commit is in how many rings it stands and is not the oldest.
 *   Where that is not 0, its parents stay. The oldest of a ring that is full loses
 *   them.
 * - A commit behind a ref that keeps all bears the mark of this epoch, and loses
 *   nothing. Marks are set before a ref moves and never taken off: when such a ref
 *   goes, or moves otherwise than forward, there are too many of them, which only
 *   keeps too much, until all is marked anew under the next epoch; that is done
 *   when refs have moved as often as commits were marked the last time, so it
 *   costs a move a constant. What was to lose its parents and was marked waits in
 *   `spared`.
 * - Another parent of a merge that enters a ring loses its parents at once, unless
 *   it is inside a ring; else when it leaves the last one (`side`). So no chain of
 *   side branches grows for ever behind a window.
 *
 * All is called with the lock of the heads held.
 */
#ifndef IRMIN_STORE_RETAIN_H
#define IRMIN_STORE_RETAIN_H

#include "lib/core/base/vec.h"
#include "lib/core/store/commit.h"
#include <irmin/retain.h>

typedef IRMIN__VEC(irmin_commit *) irmin__graph_commits;

typedef struct irmin__window {
	uint64_t limit; /* 0: all is kept, and the ring is empty */
	irmin_commit **ring;
	size_t cap, first, len;
} irmin__window;

typedef struct irmin__retain_rule {
	char *pattern;
	uint64_t commits;
} irmin__retain_rule;

typedef struct irmin__retaining {
	IRMIN__VEC(irmin__retain_rule) rules; /* the last that matches counts */
	uint64_t epoch;
	int unsure;      /* marks are missing: nothing loses its parents */
	int stale;       /* there may be too many of them */
	uint64_t marked; /* commits, since all was marked anew */
	uint64_t moves;  /* of refs, since then */
	irmin__graph_commits spared;
	irmin__graph_commits stack; /* of the walk that marks */
} irmin__retaining;

/* What a move does to a window. All zero is none. */
typedef struct irmin__retain_plan {
	irmin_commit *head;         /* borrowed */
	irmin__graph_commits chain; /* those before it to be entered, newest
	                             * first; counted */
	int goes_on;                /* what the window has stays */
	size_t spares;              /* how many may have to be spared */
	irmin_commit *gone_one;    /* what left the ring, to be let go of ... */
	irmin__graph_commits gone; /* ... without the lock */
} irmin__retain_plan;

/* ---- retain.c ---- */

/* Non-zero once there was a rule; without, nothing here need be called. */
static inline int irmin__retain_is_on(const irmin__retaining *retaining)
{
	return retaining->rules.len != 0;
}

/* How many commits the rule of a ref says; 0: all. */
uint64_t irmin__retain_limit(const irmin__retaining *retaining,
    const char *ref);

void irmin__retain_clear(irmin__retaining *retaining);

/* ---- retain-window.c ---- */

/* Plans a window's move from `now` (which may be NULL) to `head`. Fails: ENOMEM. */
irmin_rc irmin__retain_plan_move(irmin__retaining *retaining,
    irmin__window *window, irmin_commit *now, irmin_commit *head,
    irmin__retain_plan *plan, irmin_error *err);

/* Plans that the window ends. Fails: ENOMEM. */
irmin_rc irmin__retain_plan_end(const irmin__window *window,
    irmin__retain_plan *plan, irmin_error *err);

/* Does it; there is room in `spared` for what all plans together may spare. */
void irmin__retain_move(irmin__retaining *retaining, irmin__window *window,
    irmin__retain_plan *plan);
void irmin__retain_end(irmin__retaining *retaining, irmin__window *window,
    irmin__retain_plan *plan);

/* Lets go of what left; without the lock, unless nothing was done. */
void irmin__retain_plan_clear(irmin__retain_plan *plan);

/* Frees the ring, and lets go of what is still in it. */
void irmin__window_clear(irmin__window *window);

/* ---- retain-mark.c ---- */

/* Whether a commit is behind a ref that keeps all, as far as is known. */
int irmin__retain_is_marked(const irmin__retaining *retaining,
    irmin_commit *commit);

/* Marks a commit and all behind it. Without memory for that, nothing loses its
 * parents until all is marked anew. */
void irmin__retain_mark(irmin__retaining *retaining, irmin_commit *commit);

/* Whether it is time to mark all anew. */
int irmin__retain_is_due(const irmin__retaining *retaining);

/* Begins that: nothing is marked. */
void irmin__retain_unmark(irmin__retaining *retaining);

/* Ends that: what was spared and is not marked any more loses its parents. */
void irmin__retain_review(irmin__retaining *retaining);

#endif
