/* stop.h - the machine of a life stops, starts again, and git looks at it. */
#ifndef IRMIN_TESTS_STOP_H
#define IRMIN_TESTS_STOP_H

#include "tests/crash/sweep.h"

/* Stops before the n-th operation from now on; 0 takes it back. */
void stop_plan(struct life *life, uint64_t n);
bool stop_happened(struct life *life);

/* Starts it again; all handles must be closed. */
void stop_restart(struct life *life, irmin__os_loss loss);

/* Takes locks away that lost the mark that tells whose they were, as git asks its
 * users to; answers how many. */
unsigned stop_remove_locks(struct life *life);

/* What `git fsck --strict` says of a copy: checks that it is nothing; a
 * repository that step 0 made half is none yet. */
void stop_fsck(struct life *life, size_t step, uint64_t n);

#endif
