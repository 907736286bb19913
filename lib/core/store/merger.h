/* lib/core/store/merger.h: what this room needs of lib/merge, which stands on it.
 *
 * lib/open hands it to every repository that it opens. A repository that has
 * none (the tests of this room) answers ENOTSUP where it would have to merge.
 */
#ifndef IRMIN_STORE_MERGER_H
#define IRMIN_STORE_MERGER_H

#include "lib/core/store/repo.h"
#include <irmin/conflict.h>

/* merge-rules.h: the types of paths and directories of a repository. */
typedef struct irmin__rules irmin__rules;

typedef struct irmin__merger {
	/* As irmin_tree_merge without a policy, in a context. */
	irmin_rc (*trees)(irmin_repo *repo, const irmin_context *context,
	    irmin_tree *base, irmin_tree *ours, irmin_tree *theirs,
	    irmin_merge_result **result, irmin_error *err);
	/* irmin_merge_result_tree, _left and _free: transactions keep a result
	 * until its conflicts are resolved. */
	irmin_rc (*result_tree)(irmin_merge_result *result, irmin_tree **tree,
	    irmin_error *err);
	size_t (*result_left)(const irmin_merge_result *result);
	void (*free_result)(irmin_merge_result *result);
	/* Whether these bytes may be set at a path: by the rules, of which the
	 * repository has some. Fails: EINVAL (not the canonical form). */
	irmin_rc (*check_value)(irmin_repo *repo, irmin_slice path,
	    irmin_slice value, irmin_error *err);
	void (*free_rules)(irmin__rules *rules);
} irmin__merger;

/* Before anybody else has the repository. */
void irmin__repo_set_merger(irmin_repo *repo, const irmin__merger *merger);

#endif
