/* Merging two commits: which of the two is in the other, and if neither is, the
 * merge of their trees on what they have in common. */
#include "lib/merge/merge-commit.h"

#include "lib/core/store/heads.h"

struct merging {
	const irmin_context *context;
	irmin_commit *ours, *theirs;
	const irmin_merge_options *options;
};

static irmin_rc merge_trees_of(const struct merging *merging,
    const irmin__merge_base *base, irmin_merge_result **result,
    irmin_error *err)
{
	irmin_tree *ours = NULL, *theirs = NULL;
	irmin_rc rc = irmin_commit_tree(merging->ours, &ours, err);

	if (rc >= 0)
		rc = irmin_commit_tree(merging->theirs, &theirs, err);
	if (rc >= 0)
		rc = irmin__merge_trees(irmin__commit_repo(merging->ours),
		    merging->context, base->tree, &base->conflicts, ours,
		    theirs, result, err);
	if (rc == IRMIN_ECONFLICT)
		rc = irmin__merge_result_settle(*result, merging->options, err);
	if (rc < 0 && rc != IRMIN_ECONFLICT) {
		irmin_merge_result_free(*result);
		*result = NULL;
	}
	irmin_tree_unref(ours);
	irmin_tree_unref(theirs);
	return rc;
}

/* Takes over the bases. */
static irmin_rc merge_on(const struct merging *merging, irmin__bases *bases,
    irmin_merge_result **result, irmin_error *err)
{
	irmin__merge_base base;
	irmin_rc rc;

	if (!bases->len && !(merging->options->flags & IRMIN_MERGE_UNRELATED))
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the two histories have no common ancestor; to merge them "
		    "nevertheless, ask for IRMIN_MERGE_UNRELATED");
	rc = irmin__merge_base_of(irmin__commit_repo(merging->ours),
	    merging->context, bases, merging->options->max_commits, &base, err);
	if (rc >= 0)
		rc = merge_trees_of(merging, &base, result, err);
	irmin__merge_base_clear(&base);
	return rc;
}

/* Whether this commit is the only base, so that it is in the other one. */
static irmin_rc is_base(irmin_commit *commit, const irmin__bases *bases,
    int *answer, irmin_error *err)
{
	*answer = 0;
	return bases->len == 1
	    ? irmin__commit_same(bases->items[0], commit, answer, err)
	    : IRMIN_OK;
}

irmin_rc irmin__merge_commits(const irmin_context *context, irmin_commit *ours,
    irmin_commit *theirs, const irmin_merge_options *options,
    irmin_merge_result **result, irmin_error *err)
{
	struct merging merging = { context, ours, theirs, options };
	irmin__bases_query query = { &ours, 1, &theirs, 1,
		options->max_commits };
	irmin__bases bases = { NULL, 0, 0 };
	int already = 0, forward = 0;
	irmin_rc rc;

	*result = NULL;
	rc = irmin__bases_find(context, &query, &bases, err);
	if (rc >= 0)
		rc = is_base(theirs, &bases, &already, err);
	if (rc >= 0 && !(options->flags & IRMIN_MERGE_NO_FF))
		rc = is_base(ours, &bases, &forward, err);
	if (rc >= 0 && already)
		rc = IRMIN_ALREADY;
	else if (rc >= 0 && !forward)
		rc = merge_on(&merging, &bases, result, err);
	irmin__bases_clear(&bases);
	return rc;
}

/* ---- the public face ---- */

/* What is not to be merged: the tree of the later one. */
static irmin_rc take_later(irmin_commit *ours, irmin_commit *theirs,
    irmin_commit *later, irmin_merge_result **result, irmin_error *err)
{
	irmin_tree *trees[3] = { NULL, NULL, NULL };
	irmin_rc rc = irmin_commit_tree(ours, &trees[0], err);

	if (rc >= 0)
		rc = irmin_commit_tree(theirs, &trees[1], err);
	if (rc >= 0)
		rc = irmin_commit_tree(later, &trees[2], err);
	if (rc >= 0)
		rc = irmin__merge_result_new(irmin__commit_repo(ours),
		    later == ours ? trees[1] : trees[0], trees[0], trees[1],
		    result, err);
	if (rc >= 0) {
		(*result)->tree = trees[2];
		trees[2] = NULL;
	}
	irmin_tree_unref(trees[0]);
	irmin_tree_unref(trees[1]);
	irmin_tree_unref(trees[2]);
	return rc;
}

irmin_rc irmin_commit_merge(irmin_commit *ours, irmin_commit *theirs,
    const irmin_merge_options *options, irmin_merge_result **result,
    irmin_error *err)
{
	irmin_repo *repo = irmin__commit_repo(ours);
	irmin_merge_options known;
	irmin_context context;
	irmin_rc rc;

	irmin_error_clear(err);
	*result = NULL;
	rc = irmin__merge_options_read(options, &known, err);
	if (rc >= 0)
		rc = irmin__head_check_owner(repo, theirs, err);
	if (rc < 0)
		return rc;
	context = irmin__repo_context(repo, &known.info.wait);
	rc = irmin__merge_commits(&context, ours, theirs, &known, result, err);
	if (rc < 0 || *result)
		return rc;
	rc = take_later(ours, theirs, rc == IRMIN_ALREADY ? ours : theirs,
	    result, err);
	return rc < 0 ? rc : IRMIN_ALREADY;
}
