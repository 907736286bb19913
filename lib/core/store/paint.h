/* lib/core/store/paint.h: two histories, painted back from their newest commits
 * until they meet.
 *
 * Each side has a colour, which goes on from a commit to its parents; what has
 * both colours is a common ancestor. What lies below a common ancestor is stale:
 * nothing new is to be found there. Painting ends when all that waits is stale.
 *
 * Commits are visited by generation where that is known, and by date. The order
 * decides only what it costs: a commit that gets a colour late is visited again,
 * so clocks that go wrong cost time and no truth.
 */
#ifndef IRMIN_STORE_PAINT_H
#define IRMIN_STORE_PAINT_H

#include "lib/core/store/commit-queue.h"
#include "lib/core/store/walk.h"

/* Marks of a node. */
enum {
	IRMIN__OF_A = IRMIN__WALK_MARKS,
	IRMIN__OF_B = IRMIN__WALK_MARKS << 1,
	IRMIN__OF_BOTH = IRMIN__OF_A | IRMIN__OF_B,
	IRMIN__STALE = IRMIN__WALK_MARKS << 2,
	IRMIN__WAITING = IRMIN__WALK_MARKS << 3, /* in the queue */
	IRMIN__PAINTED = IRMIN__OF_BOTH | IRMIN__STALE | IRMIN__WAITING
};

#define IRMIN__PAINT_NONE UINT32_MAX

/* What is looked for. */
typedef enum irmin__paint_aim {
	/* The common ancestors that are below no other, in `common`: all of
	 * these, and perhaps some more. It ends early where one side's only
	 * commit is the other's ancestor. */
	IRMIN__PAINT_BASES,
	/* Whether a side's only commit is an ancestor of the other side. */
	IRMIN__PAINT_RELATION
} irmin__paint_aim;

typedef struct irmin__painting {
	irmin__walk walk;
	irmin__commit_queue queue;
	irmin__paint_aim aim;
	uint32_t seeks; /* colours that can find it; of both as a rule */
	uint32_t a, b;  /* the only commit of its side, or NONE */
	uint64_t left;  /* how many more commits may be met */
	size_t open;    /* in the queue, of a colour that seeks, not stale */
	size_t cuts;    /* of such a colour alone, and their history is cut */
	IRMIN__VEC(uint32_t) common;
	int unordered;  /* some known generation is not above its parent's */
} irmin__painting;

/* The context outlives it. `max_commits` of 0 is no limit. */
void irmin__painting_init(irmin__painting *painting, irmin__paint_aim aim,
    irmin_repo *repo, const irmin_context *context, uint64_t max_commits);
void irmin__painting_clear(irmin__painting *painting);

/* Takes all colours off, and keeps what was learnt of the commits. */
void irmin__painting_wash(irmin__painting *painting);

/* Adds a commit to a side, before it runs. Fails: ELIMIT, and as reading does. */
irmin_rc irmin__painting_add(irmin__painting *painting, irmin_commit *commit,
    uint32_t colour, uint32_t *number, irmin_error *err);

/* The same of one that was met. */
irmin_rc irmin__painting_add_number(irmin__painting *painting, uint32_t number,
    uint32_t colour, irmin_error *err);

/* Paints what was added. Answers: OK; END (`a` has B's colour, or `b` has A's).
 * Fails: ELIMIT, and as reading does. */
irmin_rc irmin__painting_run(irmin__painting *painting, irmin_error *err);

/* After it ran to OK. Fails: ETRUNCATED (what is looked for may lie where history
 * was cut off; it names the place), ENOMEM. */
irmin_rc irmin__painting_check_cuts(const irmin__painting *painting,
    irmin_error *err);

static inline uint32_t irmin__painting_colours(const irmin__painting *painting,
    uint32_t number)
{
	return irmin__walk_node_at(&painting->walk, number)->flags &
	    IRMIN__OF_BOTH;
}

#endif
