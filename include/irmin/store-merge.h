/* irmin/store-merge.h: merging branches.
 *
 * Audience: programs that merge.
 * Shape: a merge of two heads is a fast-forward, or a three-way merge of their
 *   trees (conflict.h) on all their best common ancestors (bases.h), which are
 *   merged in memory where there are several. It ends in one commit with the
 *   parents ours and theirs, or in conflicts, and then moves nothing.
 *   A result can be saved and taken up again later, elsewhere: it is a commit
 *   under refs/irmin/conflict/.
 * Threads: stores any; one at a time for each result.
 * Source: git-merge; Irmin's Store.merge. Since 0.1.
 */
#ifndef IRMIN_STORE_MERGE_H
#define IRMIN_STORE_MERGE_H

#include <irmin/bases.h>
#include <irmin/conflict.h>

IRMIN_C_BEGIN

/* Merges a store's head into another's, of the same repository; again if the
 * head moves meanwhile, as irmin_store_set. `result` (may be NULL) is filled on
 * ECONFLICT, and where a commit was made; else NULL. Answers: OK; ALREADY
 * (theirs is in ours). Fails: ECONFLICT (the branch stays), ESTALE, ELIMIT and
 * ETRUNCATED (the bases were not found), EINVAL (unrelated histories), and as
 * irmin_store_set and irmin_tree_merge. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_merge(irmin_store *into, irmin_store *from,
    const irmin_merge_options *options, irmin_merge_result **result,
    irmin_error *err);

/* The same with a commit. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_merge_commit(irmin_store *into,
    irmin_commit *from, const irmin_merge_options *options,
    irmin_merge_result **result, irmin_error *err);

/* The tree of a merge of two commits, nothing moved or committed. Answers: OK;
 * ALREADY (one is in the other: the tree of the later one, no conflicts).
 * Fails: as irmin_store_merge. Since 0.1. */
IRMIN_CALL irmin_rc irmin_commit_merge(irmin_commit *ours,
    irmin_commit *theirs, const irmin_merge_options *options,
    irmin_merge_result **result, irmin_error *err);

/* Commits a result of irmin_store_merge or irmin_store_merge_resume, every
 * conflict of which is resolved, and forgets what was saved of it. `info` may be
 * NULL. Fails: ECONFLICT (some are left), ESTALE (the branch has moved; merge
 * again), EINVAL (a result of something else), and as irmin_store_set. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_merge_result_commit(irmin_merge_result *result,
    const irmin_info *info, irmin_error *err);

/* Saves a result, with what was resolved of it, as refs/irmin/conflict/<branch>.
 * Fails: EINVAL (a result of something else, a detached store), ESTALE (another
 * one is saved there: it is to be resolved or aborted first), and as
 * irmin_store_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_merge_result_save(irmin_merge_result *result,
    irmin_error *err);

/* Takes up the saved result of a branch. Answers: OK; ABSENT (none). Fails:
 * ECORRUPT (it was not saved by this library), EINVAL (a detached store), and as
 * reading does. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_merge_resume(irmin_store *store,
    irmin_merge_result **result, irmin_error *err);

/* Forgets the saved result of a branch, also one that cannot be read. Answers:
 * OK; UNCHANGED (there was none). Fails: EINVAL (a detached store), and as
 * irmin_store_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_merge_abort(irmin_store *store,
    irmin_error *err);

IRMIN_C_END

#endif
