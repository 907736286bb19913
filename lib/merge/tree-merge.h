/* lib/merge/tree-merge.h: merging trees, for those who merge commits. */
#ifndef IRMIN_MERGE_TREE_MERGE_H
#define IRMIN_MERGE_TREE_MERGE_H

#include "lib/core/base/vec.h"
#include "lib/core/store/repo.h"
#include <irmin/conflict.h>

/* Where a base that was merged of several is none, because these conflict: paths
 * in the order of their steps, each once, owned; all zero is the empty set. */
typedef IRMIN__VEC(char *) irmin__conflict_paths;

/* Adds the paths of the conflicts of a result that are left. Fails: ENOMEM (and
 * nothing was added). */
irmin_rc irmin__merge_result_paths(const irmin_merge_result *result,
    irmin__conflict_paths *paths, irmin_error *err);

void irmin__conflict_paths_clear(irmin__conflict_paths *paths);

/* As irmin_tree_merge without a policy. At `base_conflicts` (may be NULL) and
 * below no side is taken for unchanged, and merge functions that ask for the base
 * conflict; those that do not succeed. */
irmin_rc irmin__merge_trees(irmin_repo *repo, const irmin_context *context,
    irmin_tree *base, const irmin__conflict_paths *base_conflicts,
    irmin_tree *ours, irmin_tree *theirs, irmin_merge_result **result,
    irmin_error *err);

/* Asks the callback of the options about each conflict that is left, then takes
 * their policy; NULL leaves everything. Answers: OK (none is left). Fails:
 * ECONFLICT, and what the callback answers. */
irmin_rc irmin__merge_result_settle(irmin_merge_result *result,
    const irmin_merge_options *options, irmin_error *err);

/* Options of a caller, which may be NULL, shorter than ours or longer; the info
 * in them needs no size. Fails: EINVAL. */
irmin_rc irmin__merge_options_read(const irmin_merge_options *options,
    irmin_merge_options *known, irmin_error *err);

#endif
