#include "lib/core/store/ancestor.h"

#include "lib/core/store/paint.h"

/* Where there is one. */
static irmin__relation relation_of(const irmin__painting *painting)
{
	if (painting->a == painting->b)
		return IRMIN__SAME;
	if (irmin__painting_colours(painting, painting->a) & IRMIN__OF_B)
		return IRMIN__ANCESTOR;
	return IRMIN__DESCENDANT;
}

static irmin_rc run(irmin__painting *painting, irmin_commit *a, irmin_commit *b,
    irmin__relation *relation, irmin_error *err)
{
	irmin_rc rc;

	rc = irmin__painting_add(painting, a, IRMIN__OF_A, &painting->a, err);
	if (rc >= 0)
		rc = irmin__painting_add(painting, b, IRMIN__OF_B, &painting->b,
		    err);
	if (rc >= 0)
		rc = irmin__painting_run(painting, err);
	if (rc == IRMIN_OK)
		return irmin__painting_check_cuts(painting, err);
	if (rc == IRMIN_END)
		*relation = relation_of(painting);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__commit_relation(const irmin_context *context, irmin_commit *a,
    irmin_commit *b, irmin__relation *relation, irmin_error *err)
{
	irmin__painting painting;
	irmin_rc rc;

	*relation = a == b ? IRMIN__SAME : IRMIN__UNRELATED;
	if (a == b)
		return IRMIN_OK;
	irmin__painting_init(&painting, IRMIN__PAINT_RELATION,
	    irmin__commit_repo(a), context, 0);
	rc = run(&painting, a, b, relation, err);
	irmin__painting_clear(&painting);
	return rc;
}

irmin_rc irmin__commit_is_ancestor(const irmin_context *context,
    irmin_commit *a, irmin_commit *b, uint64_t max_commits, int *answer,
    irmin_error *err)
{
	irmin__painting painting;
	irmin__relation relation = IRMIN__UNRELATED;
	irmin_rc rc = IRMIN_OK;

	if (a == b) {
		*answer = 1;
		return IRMIN_OK;
	}
	irmin__painting_init(&painting, IRMIN__PAINT_RELATION,
	    irmin__commit_repo(a), context, max_commits);
	painting.seeks = IRMIN__OF_B;
	rc = run(&painting, a, b, &relation, err);
	irmin__painting_clear(&painting);
	*answer = relation == IRMIN__SAME || relation == IRMIN__ANCESTOR;
	return rc;
}
