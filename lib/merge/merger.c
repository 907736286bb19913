#include "lib/merge/merging.h"

#include "lib/merge/rules.h"
#include "lib/merge/tree-merge.h"

static irmin_rc merge_trees(irmin_repo *repo, const irmin_context *context,
    irmin_tree *base, irmin_tree *ours, irmin_tree *theirs,
    irmin_merge_result **result, irmin_error *err)
{
	return irmin__merge_trees(repo, context, base, NULL, ours, theirs,
	    result, err);
}

const irmin__merger irmin__merging = {
	.trees = merge_trees,
	.result_tree = irmin_merge_result_tree,
	.result_left = irmin_merge_result_left,
	.free_result = irmin_merge_result_free,
	.check_value = irmin__rules_check_value,
	.free_rules = irmin__rules_free,
};
