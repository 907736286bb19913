/* The base of a merge of commits. Several best common ancestors (two branches
 * that were merged into each other at once have two) are merged into one, the
 * oldest first:
 *
 *     sum = the oldest
 *     for each next one:
 *         sum = merge(the base of sum and next, sum, next)
 *
 * where the base of these may again be a sum of several, and so on down a history
 * that others made. So it is a stack on the heap; and what was once summed is
 * kept, as branches that all merge each other ask for it again and again. No
 * object is written and no commit made for any of it: a sum stands in the history
 * as the commits in it.
 * Bases of the same tree need no base of theirs. So it ends at the first level
 * where the sides agreed, and branches that merge each other for ever do not walk
 * back to the beginning each time.
 */
#include "lib/merge/merge-commit.h"

#include "lib/core/base/error.h"
#include "lib/core/store/commit.h"

struct level {
	irmin__bases bases; /* what is to be summed, newest first */
	size_t summed;      /* so many of them are in the sum */
	irmin__merge_base sum;
	const irmin__merge_base *below; /* of sum and next; NULL: unknown */
};

struct summing {
	irmin_repo *repo;
	const irmin_context *context;
	uint64_t max_commits;
	IRMIN__VEC(struct level *) levels; /* that are under way */
	IRMIN__VEC(struct level *) done;
};

void irmin__merge_base_clear(irmin__merge_base *base)
{
	irmin_tree_unref(base->tree);
	base->tree = NULL;
	irmin__conflict_paths_clear(&base->conflicts);
}

static void free_level(struct level *level)
{
	irmin__bases_clear(&level->bases);
	irmin__merge_base_clear(&level->sum);
	irmin_free(level);
}

static struct level *top_of(const struct summing *summing)
{
	return summing->levels.items[summing->levels.len - 1];
}

/* The ones that are in the sum are the last, the next one stands before them. */
static irmin_commit *const *summed_of(const struct level *level)
{
	return level->bases.items + level->bases.len - level->summed;
}

/* ---- down and up ---- */

/* Begins a level; takes over the bases, also on failure. */
static irmin_rc enter(struct summing *summing, irmin__bases *bases,
    irmin_error *err)
{
	struct level *level = irmin_calloc(1, sizeof *level);
	irmin_rc rc = level ? IRMIN__VEC_RESERVE(&summing->levels, 1, err)
			    : irmin__enomem(err);

	if (rc < 0) {
		irmin__bases_clear(bases);
		irmin_free(level);
		return rc;
	}
	level->bases = *bases;
	memset(bases, 0, sizeof *bases);
	IRMIN__VEC_PUSH(&summing->levels, level);
	if (!level->bases.len)
		return IRMIN_OK;
	level->summed = 1;
	return irmin_commit_tree(*summed_of(level), &level->sum.tree, err);
}

/* The innermost level has its sum: the base that the one above waits for. */
static irmin_rc leave(struct summing *summing, irmin_error *err)
{
	struct level *level = top_of(summing);
	irmin_rc rc = IRMIN__VEC_RESERVE(&summing->done, 1, err);

	if (rc < 0)
		return rc;
	IRMIN__VEC_PUSH(&summing->done, level);
	if (--summing->levels.len)
		top_of(summing)->below = &level->sum;
	return IRMIN_OK;
}

/* ---- what was summed before ---- */

static irmin_rc is_same_set(const irmin__bases *a, const irmin__bases *b,
    int *same, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i, j;

	*same = a->len == b->len;
	for (i = 0; i < a->len && rc >= 0 && *same; i++) {
		*same = 0;
		for (j = 0; j < b->len && rc >= 0 && !*same; j++)
			rc = irmin__commit_same(a->items[i], b->items[j], same,
			    err);
	}
	return rc;
}

/* The sum of these bases; NULL if it is not there yet. */
static irmin_rc find_done(const struct summing *summing,
    const irmin__bases *bases, const irmin__merge_base **found,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	int same = 0;
	size_t i;

	*found = NULL;
	for (i = 0; i < summing->done.len && rc >= 0 && !same; i++) {
		rc = is_same_set(&summing->done.items[i]->bases, bases, &same,
		    err);
		if (same)
			*found = &summing->done.items[i]->sum;
	}
	return rc;
}

/* ---- one step ---- */

/* Looks for the base of the sum and the next one. Only where there are more than
 * two can it have been summed before. */
static irmin_rc look_below(struct summing *summing, irmin_error *err)
{
	struct level *level = top_of(summing);
	irmin_commit *const *summed = summed_of(level);
	irmin__bases_query query = { summed, level->summed, summed - 1, 1,
		summing->max_commits };
	irmin__bases bases = { NULL, 0, 0 };
	irmin_rc rc;

	rc = irmin__bases_find(summing->context, &query, &bases, err);
	if (rc >= 0 && level->bases.len > 2)
		rc = find_done(summing, &bases, &level->below, err);
	if (rc >= 0 && !level->below)
		return enter(summing, &bases, err);
	irmin__bases_clear(&bases);
	return rc;
}

/* Where the sum conflicts it still does, whatever the next one has there. */
static irmin_rc add_next(struct summing *summing, irmin_tree *next,
    irmin_error *err)
{
	struct level *level = top_of(summing);
	irmin_merge_result *result = NULL;
	irmin_tree *tree = NULL;
	irmin_rc rc;

	rc = irmin__merge_trees(summing->repo, summing->context,
	    level->below->tree, &level->below->conflicts, level->sum.tree, next,
	    &result, err);
	if (rc == IRMIN_ECONFLICT)
		rc = irmin__merge_result_paths(result, &level->sum.conflicts,
		    err);
	if (rc >= 0)
		rc = irmin_merge_result_tree(result, &tree, err);
	irmin_merge_result_free(result);
	if (rc < 0)
		return rc;
	irmin_tree_unref(level->sum.tree);
	level->sum.tree = tree;
	level->below = NULL;
	level->summed++;
	return IRMIN_OK;
}

static irmin_rc step(struct summing *summing, irmin_error *err)
{
	struct level *level = top_of(summing);
	irmin_tree *next = NULL;
	int same = 0;
	irmin_rc rc;

	if (level->summed == level->bases.len)
		return leave(summing, err);
	rc = irmin_commit_tree(summed_of(level)[-1], &next, err);
	if (rc >= 0 && !level->below)
		rc = irmin_tree_same(level->sum.tree, next, &same, err);
	if (rc >= 0 && same)
		level->summed++;
	else if (rc >= 0)
		rc = level->below ? add_next(summing, next, err)
				  : look_below(summing, err);
	irmin_tree_unref(next);
	return rc;
}

irmin_rc irmin__merge_base_of(irmin_repo *repo, const irmin_context *context,
    irmin__bases *bases, uint64_t max_commits, irmin__merge_base *base,
    irmin_error *err)
{
	struct summing summing = { repo, context, max_commits, { NULL, 0, 0 },
		{ NULL, 0, 0 } };
	irmin_rc rc = enter(&summing, bases, err);

	memset(base, 0, sizeof *base);
	while (rc >= 0 && summing.levels.len)
		rc = step(&summing, err);
	if (rc >= 0) { /* the outermost was the last to be done */
		struct level *level = summing.done.items[summing.done.len - 1];

		*base = level->sum;
		memset(&level->sum, 0, sizeof level->sum);
	}
	while (summing.levels.len)
		free_level(summing.levels.items[--summing.levels.len]);
	while (summing.done.len)
		free_level(summing.done.items[--summing.done.len]);
	IRMIN__VEC_CLEAR(&summing.levels);
	IRMIN__VEC_CLEAR(&summing.done);
	return rc;
}
