/* Whether two commits are one, without their ids wherever that can be seen. */
#include "lib/core/store/commit-parts.h"

static int is_same_id(const irmin_oid *a, const irmin_oid *b)
{
	return irmin_oid_compare(a, b) == 0;
}

/* Cheap, and of two commits by the same program mostly enough. */
static int is_said_alike(const irmin_commit *a, const irmin_commit *b)
{
	return irmin_slice_equal(a->data.author, b->data.author) &&
	    irmin_slice_equal(a->data.committer, b->data.committer) &&
	    irmin_slice_equal(a->data.message, b->data.message) &&
	    irmin_slice_equal(a->data.extra, b->data.extra);
}

/* Whether both point to the same parents, and to all of them. */
static int has_same_parents(irmin_commit *a, irmin_commit *b)
{
	size_t count, i;
	int same;

	irmin__mutex_lock(&a->repo->ids.mutex);
	count = atomic_load(&a->parent_count);
	same = a->parents && b->parents && !a->cut && !b->cut &&
	    count == atomic_load(&b->parent_count);
	for (i = 0; i < count && same; i++)
		same = a->parents[i] == b->parents[i];
	irmin__mutex_unlock(&a->repo->ids.mutex);
	return same;
}

/* Of two commits in memory that say the same. Answers: OK; ABSENT (only their
 * ids tell). */
static irmin_rc compare_parts(irmin_commit *a, irmin_commit *b, int *same,
    irmin_error *err)
{
	irmin_rc rc;

	if (a->repo != b->repo || !a->generation || !b->generation)
		return IRMIN_ABSENT;
	if (a->generation != b->generation)
		return IRMIN_OK;
	rc = irmin_tree_same(atomic_load(&a->tree), atomic_load(&b->tree), same,
	    err);
	if (rc < 0 || !*same || has_same_parents(a, b))
		return rc < 0 ? rc : IRMIN_OK;
	*same = 0;
	return IRMIN_ABSENT;
}

irmin_rc irmin__commit_same(irmin_commit *a, irmin_commit *b, int *same,
    irmin_error *err)
{
	const irmin_oid *a_known = irmin__commit_known_id(a);
	const irmin_oid *b_known = irmin__commit_known_id(b);
	irmin_oid a_id, b_id;
	irmin_rc rc;

	*same = a == b;
	if (*same)
		return IRMIN_OK;
	if (a_known && b_known) {
		*same = is_same_id(a_known, b_known);
		return IRMIN_OK;
	}
	if (!is_said_alike(a, b))
		return IRMIN_OK;
	rc = compare_parts(a, b, same, err);
	if (rc != IRMIN_ABSENT)
		return rc;
	rc = irmin__commit_id(a, &a_id, err);
	if (rc >= 0)
		rc = irmin__commit_id(b, &b_id, err);
	*same = rc >= 0 && is_same_id(&a_id, &b_id);
	return rc;
}
