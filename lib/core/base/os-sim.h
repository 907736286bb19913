/* lib/core/base/os-sim.h: a machine in memory, for tests of faults and crashes.
 *
 * Linked into tests only. A simulator is an irmin__os whose files live in
 * memory. It keeps, for each file and directory, what is there and what of it
 * would survive loss of power (what was synced), logs every operation, and can
 * fail the n-th or "crash" at it: from then on every operation fails until
 * irmin__os_sim_restart, which rebuilds the file system from what survived: the
 * last write torn, unsynced writes and names lost or kept as the seed decides.
 *
 * It is stricter than most file systems: a new file's name survives only when
 * its directory was synced, a rename may survive where the file's bytes do not,
 * and renames may survive out of order. A rename itself is never halved. There
 * are no symlinks, everybody is root, and the working directory is "/". It can
 * be used by several threads; whoever waits for another thread should know that
 * sleeping only moves the simulated clock.
 */
#ifndef IRMIN_BASE_OS_SIM_H
#define IRMIN_BASE_OS_SIM_H

#include "lib/core/base/os.h"

/* What survives a crash. */
typedef enum irmin__os_loss {
	IRMIN__OS_LOSE_NOTHING = 0, /* the process died, the machine did not */
	IRMIN__OS_LOSE_UNSYNCED,    /* all that was not synced */
	IRMIN__OS_LOSE_SOME         /* of that, a random part, in any order;
	                             * writes may be torn at any byte */
} irmin__os_loss;

irmin_rc irmin__os_sim_new(uint64_t seed, irmin__os **os, irmin_error *err);
void irmin__os_sim_free(irmin__os *os);

/* The number of operations that can fail, so far. */
uint64_t irmin__os_sim_operations(irmin__os *os);

/* Operation number `at` (counted from 1, from the simulator's beginning) fails
 * with `os_errno` and does nothing; but a write may first have written a part,
 * and what a failed sync of a file did not write, no later one will. 0 takes
 * it back. */
void irmin__os_sim_fail_at(irmin__os *os, uint64_t at, int os_errno);

/* Non-zero if the planned failure has happened. */
int irmin__os_sim_failed(irmin__os *os);

/* The machine stops before operation number `at`; 0 takes it back. */
void irmin__os_sim_crash_at(irmin__os *os, uint64_t at);

/* Non-zero if it stopped. */
int irmin__os_sim_crashed(irmin__os *os);

/* Starts the machine again with what survived, whether or not it had stopped;
 * takes a planned crash back. Files that were open answer EIO and are closed
 * all the same. Fails: ENOMEM (the simulator can only be freed). */
irmin_rc irmin__os_sim_restart(irmin__os *os, irmin__os_loss loss,
    irmin_error *err);

/* The n-th operation, counted from 1, as a line of text ("rename a b"), or NULL;
 * valid until the next operation. */
const char *irmin__os_sim_log(irmin__os *os, uint64_t n);

/* Copies the directory `root` and all below it, as processes see it, to a real
 * directory, which is made if it is not there; for `git fsck`. */
irmin_rc irmin__os_sim_export(irmin__os *os, const char *root,
    const char *directory, irmin_error *err);

#endif
