/* All best common ancestors, as git merge-base --all.
 *
 * Painting gives every common ancestor that is below no other, and perhaps some
 * that are: where generations are not known, it may end before a late colour has
 * come to them. So those are looked at once more, each beside all others.
 */
#include <irmin/bases.h>

#include "lib/core/base/error.h"
#include "lib/core/store/ancestor.h"
#include "lib/core/store/bases.h"
#include "lib/core/store/paint.h"

typedef IRMIN__VEC(uint32_t) numbers;

void irmin__bases_clear(irmin__bases *bases)
{
	size_t i;

	for (i = 0; i < bases->len; i++)
		irmin_commit_unref(bases->items[i]);
	IRMIN__VEC_CLEAR(bases);
}

/* ---- painting ---- */

static irmin_rc add_side(irmin__painting *painting, irmin_commit *const *side,
    size_t count, uint32_t colour, uint32_t *only, irmin_error *err)
{
	uint32_t number = IRMIN__PAINT_NONE;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; i < count && rc >= 0; i++)
		rc = irmin__painting_add(painting, side[i], colour, &number,
		    err);
	*only = count == 1 ? number : IRMIN__PAINT_NONE;
	return rc;
}

/* What painting found, without what it found to be below another. */
static irmin_rc collect(irmin__painting *painting, numbers *found,
    irmin_error *err)
{
	size_t i;
	irmin_rc rc;

	rc = IRMIN__VEC_RESERVE(found, painting->common.len, err);
	for (i = 0; rc >= 0 && i < painting->common.len; i++) {
		uint32_t number = painting->common.items[i];

		if (!(irmin__walk_node_at(&painting->walk, number)->flags &
			IRMIN__STALE))
			IRMIN__VEC_PUSH(found, number);
	}
	return rc;
}

/* One side's only commit, which is the other's ancestor. */
static irmin_rc collect_side(irmin__painting *painting, numbers *found,
    irmin_error *err)
{
	uint32_t a = painting->a;
	int is_a = a != IRMIN__PAINT_NONE &&
	    irmin__painting_colours(painting, a) & IRMIN__OF_B;
	irmin_rc rc = IRMIN__VEC_RESERVE(found, 1, err);

	if (rc >= 0)
		IRMIN__VEC_PUSH(found, is_a ? a : painting->b);
	return rc;
}

static irmin_rc paint_sides(irmin__painting *painting,
    const irmin__bases_query *query, numbers *found, irmin_error *err)
{
	irmin_rc rc;

	rc = add_side(painting, query->a, query->a_count, IRMIN__OF_A,
	    &painting->a, err);
	if (rc >= 0)
		rc = add_side(painting, query->b, query->b_count, IRMIN__OF_B,
		    &painting->b, err);
	if (rc >= 0)
		rc = irmin__painting_run(painting, err);
	if (rc == IRMIN_END)
		return collect_side(painting, found, err);
	if (rc >= 0)
		rc = irmin__painting_check_cuts(painting, err);
	return rc < 0 ? rc : collect(painting, found, err);
}

/* ---- what is below another ---- */

/* Whether one that was found may yet be below another: in an order by generation
 * no colour comes late. */
static int is_doubtful(const irmin__painting *painting, const numbers *found)
{
	int unknown = painting->unordered;
	size_t i;

	for (i = 0; i < found->len && !unknown; i++)
		unknown = !irmin__walk_node_at(&painting->walk, found->items[i])
			       ->generation;
	return found->len > 1 && unknown;
}

/* Drops those with the colour of `kept`, which is one of them. */
static void drop_coloured(const irmin__painting *painting, uint32_t kept,
    numbers *found)
{
	size_t len = 0, i;

	for (i = 0; i < found->len; i++) {
		uint32_t number = found->items[i];

		if (number == kept ||
		    !(irmin__painting_colours(painting, number) & IRMIN__OF_A))
			found->items[len++] = number;
	}
	found->len = len;
}

/* Paints one of them against all others. Answers: OK; END (it is below one). */
static irmin_rc paint_one(irmin__painting *painting, const numbers *found,
    uint32_t one, irmin_error *err)
{
	irmin_rc rc;
	size_t i;

	irmin__painting_wash(painting);
	rc = irmin__painting_add_number(painting, one, IRMIN__OF_A, err);
	for (i = 0; i < found->len && rc >= 0; i++)
		if (found->items[i] != one)
			rc = irmin__painting_add_number(painting,
			    found->items[i], IRMIN__OF_B, err);
	painting->a = one;
	return rc < 0 ? rc : irmin__painting_run(painting, err);
}

static irmin_rc drop_redundant(irmin__painting *painting, numbers *found,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i = 0;

	painting->aim = IRMIN__PAINT_RELATION;
	while (rc >= 0 && i < found->len) {
		uint32_t one = found->items[i];

		rc = paint_one(painting, found, one, err);
		if (rc == IRMIN_END)
			found->items[i] = found->items[--found->len];
		else if (rc >= 0)
			drop_coloured(painting, one, found), i++;
	}
	return rc < 0 ? rc : IRMIN_OK;
}

/* ---- what is told ---- */

static void sort_by_date(const irmin__walk *walk, numbers *found)
{
	size_t i, at;

	for (i = 1; i < found->len; i++) {
		uint32_t number = found->items[i];
		int64_t time = irmin__walk_node_at(walk, number)->time;

		for (at = i; at &&
		     irmin__walk_node_at(walk, found->items[at - 1])->time <
			 time;
		     at--)
			found->items[at] = found->items[at - 1];
		found->items[at] = number;
	}
}

static irmin_rc give(const irmin__walk *walk, const numbers *found,
    irmin__bases *bases, irmin_error *err)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(bases, found->len, err);
	size_t i;

	for (i = 0; i < found->len && rc >= 0; i++) {
		irmin_commit *commit;

		rc = irmin__walk_commit(walk, found->items[i], &commit, err);
		if (rc >= 0)
			IRMIN__VEC_PUSH(bases, commit);
	}
	if (rc < 0)
		irmin__bases_clear(bases);
	return rc;
}

irmin_rc irmin__bases_find(const irmin_context *context,
    const irmin__bases_query *query, irmin__bases *bases, irmin_error *err)
{
	irmin__painting painting;
	numbers found = { NULL, 0, 0 };
	irmin_rc rc;

	memset(bases, 0, sizeof *bases);
	irmin__painting_init(&painting, IRMIN__PAINT_BASES,
	    irmin__commit_repo(query->a[0]), context, query->max_commits);
	rc = paint_sides(&painting, query, &found, err);
	if (rc >= 0 && is_doubtful(&painting, &found))
		rc = drop_redundant(&painting, &found, err);
	if (rc >= 0) {
		sort_by_date(&painting.walk, &found);
		rc = give(&painting.walk, &found, bases, err);
	}
	if (rc >= 0)
		rc = bases->len ? IRMIN_OK : IRMIN_ABSENT;
	IRMIN__VEC_CLEAR(&found);
	irmin__painting_clear(&painting);
	return rc;
}

/* ---- the public face ---- */

static irmin_rc check_owner(const irmin_commit *a, const irmin_commit *b,
    irmin_error *err)
{
	if (irmin__commit_repo(a) == irmin__commit_repo(b))
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "the commits are of two repositories");
}

irmin_rc irmin_commit_bases(irmin_commit *a, irmin_commit *b,
    uint64_t max_commits, irmin_commit_fn fn, void *arg, irmin_error *err)
{
	irmin_context context = irmin__repo_context(irmin__commit_repo(a),
	    NULL);
	irmin__bases_query query = { &a, 1, &b, 1, max_commits };
	irmin__bases bases = { NULL, 0, 0 };
	irmin_rc rc;
	size_t i;

	irmin_error_clear(err);
	rc = check_owner(a, b, err);
	if (rc >= 0)
		rc = irmin__bases_find(&context, &query, &bases, err);
	for (i = 0; i < bases.len && rc == IRMIN_OK; i++)
		rc = fn(arg, bases.items[i]);
	irmin__bases_clear(&bases);
	return rc;
}

irmin_rc irmin_commit_is_ancestor(irmin_commit *a, irmin_commit *b,
    uint64_t max_commits, int *answer, irmin_error *err)
{
	irmin_context context = irmin__repo_context(irmin__commit_repo(a),
	    NULL);
	irmin_rc rc;

	irmin_error_clear(err);
	*answer = 0;
	rc = check_owner(a, b, err);
	return rc < 0 ? rc
		      : irmin__commit_is_ancestor(&context, a, b, max_commits,
			    answer, err);
}
