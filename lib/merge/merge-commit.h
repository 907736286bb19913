/* lib/merge/merge-commit.h: merging commits, for those who merge stores. */
#ifndef IRMIN_MERGE_MERGE_COMMIT_H
#define IRMIN_MERGE_MERGE_COMMIT_H

#include "lib/core/store/bases.h"
#include "lib/merge/result.h"
#include <irmin/store-merge.h>

/* Merges two commits of one repository; nothing is committed. Answers: OK; OK
 * without a result (ours goes forward to theirs); ALREADY (theirs is in ours).
 * Fails: as irmin_store_merge; on ECONFLICT there is a result. */
irmin_rc irmin__merge_commits(const irmin_context *context,
    irmin_commit *ours, irmin_commit *theirs,
    const irmin_merge_options *options, irmin_merge_result **result,
    irmin_error *err);

/* ---- merge-base.c ---- */

/* The base of a merge of trees: where it has conflicts, it is none. */
typedef struct irmin__merge_base {
	irmin_tree *tree; /* NULL: the empty one */
	irmin__conflict_paths conflicts;
} irmin__merge_base;

void irmin__merge_base_clear(irmin__merge_base *base);

/* What best common ancestors have in common: the tree of the one there is;
 * several are merged, in memory. Takes over the bases, also on failure. Fails: as
 * irmin_store_merge. */
irmin_rc irmin__merge_base_of(irmin_repo *repo, const irmin_context *context,
    irmin__bases *bases, uint64_t max_commits, irmin__merge_base *base,
    irmin_error *err);

#endif
