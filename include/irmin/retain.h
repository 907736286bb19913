/* irmin/retain.h: how much history is kept.
 *
 * Audience: programs that update for ever and look back only so far.
 * Shape: rules of a repository, each for the branches whose names match a
 *   pattern: the last so many commits. A repository begins without rules and
 *   keeps all. Of several rules that match a branch, the one set last counts.
 *     Kept are, for each branch with a rule, its head and the commits before it
 *   on the way of first parents, as many as the rule says; of a merge among them
 *   the other parents, and no more of their history unless another branch keeps
 *   it; and the whole history behind every other ref.
 *     At the cut a commit has lost its parents. Where their ids were known to
 *   anybody it still names them, and asking for one is ETRUNCATED; where not, it
 *   is a commit without parents. irmin_log ends there, as git's does in a shallow
 *   repository.
 *     Handles keep their commit and its tree, not the history behind it.
 * Threads: any.
 * Errors: in this version only repositories in memory forget: ENOTSUP elsewhere.
 * Source: this project; git's shallow repositories for what a cut is. Since 0.1.
 */
#ifndef IRMIN_RETAIN_H
#define IRMIN_RETAIN_H

#include <irmin/repo.h>

IRMIN_C_BEGIN

/* All zero keeps all. */
typedef struct irmin_retention {
	size_t size;
	uint64_t commits; /* so many; 0: all */
} irmin_retention;

#define IRMIN_RETENTION_INIT { sizeof(irmin_retention), 0 }

/* Sets the rule for the branches whose names (without refs/heads/) match
 * `pattern`, in place of the rule that this pattern had. In a pattern `*` stands
 * for any characters, also none and '/'; all else for itself. `rule` may be NULL:
 * keep all. What the rule drops is let go of at once, and later with every commit
 * what the new one displaces; memory is free when no handle holds it. Answers: OK.
 * Fails: ENOTSUP, EREADONLY, EINVAL (a pattern that is NULL or empty, the rule's
 * size), ENOMEM. Cost: a walk over the windows and over the history that is kept
 * whole; afterwards each commit costs some 0.1 us more. Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_retain(irmin_repo *repo, const char *pattern,
    const irmin_retention *rule, irmin_error *err);

IRMIN_C_END

#endif
