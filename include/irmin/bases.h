/* irmin/bases.h: best common ancestors.
 *
 * Audience: programs that merge or compare branches.
 * Shape: all of them, as git merge-base --all. A search that meets its budget
 *   is ELIMIT, one that meets a cut in the history is ETRUNCATED naming it;
 *   neither is ever "no ancestor".
 * Threads: any. Source: git-merge-base. Since 0.1.
 */
#ifndef IRMIN_BASES_H
#define IRMIN_BASES_H

#include <irmin/commit.h>

IRMIN_C_BEGIN

/* Told each base, newest first; a non-zero answer stops and is passed
 * through. */
typedef int (*irmin_commit_fn)(void *arg, irmin_commit *commit);

/* Finds the bases, visiting at most `max_commits` (0: all). Answers: OK; ABSENT
 * (both were walked to their roots, and there is none); what `fn` answered.
 * Fails: EINVAL (commits of two repositories), ELIMIT, ETRUNCATED, and as reading
 * does. Since 0.1. */
IRMIN_CALL irmin_rc irmin_commit_bases(irmin_commit *a, irmin_commit *b,
    uint64_t max_commits, irmin_commit_fn fn, void *arg, irmin_error *err);

/* Whether `a` is `b` or an ancestor of it. Fails: as irmin_commit_bases. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_commit_is_ancestor(irmin_commit *a, irmin_commit *b,
    uint64_t max_commits, int *answer, irmin_error *err);

IRMIN_C_END

#endif
