/* lib/core/store/commit-queue.h: commits that wait to be visited: by generation
 * where a walk asks for that, the highest first; then newest committer date first
 * and, of one date, first come first served; as git walks.
 */
#ifndef IRMIN_STORE_COMMIT_QUEUE_H
#define IRMIN_STORE_COMMIT_QUEUE_H

#include "lib/core/base/vec.h"
#include <irmin/commit.h>

typedef struct irmin__queued {
	uint64_t generation;  /* 0 where only dates count */
	int64_t time;
	uint64_t serial;
	uint32_t number;      /* of walk.h */
	irmin_commit *commit; /* if it was read; or NULL */
	irmin_tree *tree;     /* if it was looked at; or NULL */
} irmin__queued;

/* All zero is the empty queue. */
typedef struct irmin__commit_queue {
	IRMIN__VEC(irmin__queued) heap;
	uint64_t serial;
} irmin__commit_queue;

/* Takes commit and tree over, also on failure; the serial is given here. Fails:
 * ENOMEM. */
irmin_rc irmin__commit_queue_push(irmin__commit_queue *queue,
    irmin__queued added, irmin_error *err);

/* Gives the first one, with what it holds. Answers: OK; END. */
irmin_rc irmin__commit_queue_pop(irmin__commit_queue *queue,
    irmin__queued *first);

/* Gives back what one holds. */
void irmin__queued_clear(irmin__queued *queued);

void irmin__commit_queue_clear(irmin__commit_queue *queue);

#endif
