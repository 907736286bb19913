/* lib/core/store/commit-queue.h: commits that wait to be visited, newest
 * committer date first and, of one date, first come first served; as git walks.
 */
#ifndef IRMIN_STORE_COMMIT_QUEUE_H
#define IRMIN_STORE_COMMIT_QUEUE_H

#include "lib/core/base/vec.h"
#include <irmin/commit.h>

typedef struct irmin__queued {
	irmin_commit *commit;
	void *mark;     /* the caller's */
	int64_t time;
	uint64_t serial;
} irmin__queued;

/* All zero is the empty queue. */
typedef struct irmin__commit_queue {
	IRMIN__VEC(irmin__queued) heap;
	uint64_t serial;
} irmin__commit_queue;

/* Takes the reference over, also on failure. Fails: ENOMEM. */
irmin_rc irmin__commit_queue_push(irmin__commit_queue *queue,
    irmin_commit *commit, void *mark, irmin_error *err);

/* Gives the first one, and its reference. Answers: OK; END. */
irmin_rc irmin__commit_queue_pop(irmin__commit_queue *queue,
    irmin__queued *first);

void irmin__commit_queue_clear(irmin__commit_queue *queue);

#endif
