/* Whether two directories are the same, without hashing what nobody has asked
 * for: by pointers and by ids that are known, and where these do not tell, entry
 * by entry down to where they do. Costs what the two do not share. */
#include "lib/core/store/tree-walk.h"

#include "lib/core/base/vec.h"

enum verdict { DIFFERENT, SAME, UNSURE };

/* Two directories side by side. */
struct pair {
	irmin__cursor a, b;
};

struct comparison {
	irmin_repo *repo;
	IRMIN__VEC(struct pair) pairs;
};

static enum verdict compare_ids(const irmin_oid *a, const irmin_oid *b)
{
	return irmin_oid_compare(a, b) == 0 ? SAME : DIFFERENT;
}

static enum verdict judge(const irmin__node *a, const irmin__node *b)
{
	const irmin_oid *a_id, *b_id;

	if (a == b)
		return SAME;
	if (irmin__node_bytes(a) != irmin__node_bytes(b) ||
	    irmin__node_length(a) != irmin__node_length(b))
		return DIFFERENT;
	a_id = irmin__node_known_id(a);
	b_id = irmin__node_known_id(b);
	return a_id && b_id ? compare_ids(a_id, b_id) : UNSURE;
}

/* What was read may have modes that we would write otherwise. */
static int is_odd(const irmin__node *node)
{
	return node->flags != 0;
}

static irmin_rc compare_hashed(struct comparison *comparison, irmin__node *a,
    irmin__node *b, enum verdict *verdict, irmin_error *err)
{
	irmin_oid a_id, b_id;
	irmin_rc rc = irmin__node_id(comparison->repo, a, &a_id, err);

	if (rc >= 0)
		rc = irmin__node_id(comparison->repo, b, &b_id, err);
	if (rc >= 0)
		*verdict = compare_ids(&a_id, &b_id);
	return rc;
}

/* Compares two directories, or looks at their entries next: then the verdict is
 * still open. */
static irmin_rc enter(struct comparison *comparison, irmin__node *a,
    irmin__node *b, enum verdict *verdict, irmin_error *err)
{
	struct pair pair;
	irmin_rc rc;

	*verdict = judge(a, b);
	if (*verdict != UNSURE)
		return IRMIN_OK;
	if (is_odd(a) || is_odd(b))
		return compare_hashed(comparison, a, b, verdict, err);
	rc = IRMIN__VEC_RESERVE(&comparison->pairs, 1, err);
	if (rc < 0)
		return rc;
	irmin__cursor_init(&pair.a, a, 0);
	irmin__cursor_init(&pair.b, b, 0);
	IRMIN__VEC_PUSH(&comparison->pairs, pair);
	return IRMIN_OK;
}

/* Two entries; `verdict` as of enter. */
static irmin_rc compare_places(struct comparison *comparison, irmin__place a,
    irmin__place b, enum verdict *verdict, irmin_error *err)
{
	irmin__node *a_child, *b_child;
	irmin_oid a_id, b_id;
	irmin_rc rc;

	*verdict = DIFFERENT;
	if (irmin__place_mode(a) != irmin__place_mode(b) ||
	    !irmin_slice_equal(irmin__place_name(a), irmin__place_name(b)))
		return IRMIN_OK;
	a_child = irmin__place_child(a);
	b_child = irmin__place_child(b);
	if (a_child && b_child && irmin__place_is_tree(a))
		return enter(comparison, a_child, b_child, verdict, err);
	rc = irmin__place_find_id(comparison->repo, a, &a_id, err);
	if (rc >= 0)
		rc = irmin__place_find_id(comparison->repo, b, &b_id, err);
	if (rc >= 0)
		*verdict = compare_ids(&a_id, &b_id);
	return rc;
}

static irmin_rc advance(struct comparison *comparison, enum verdict *verdict,
    irmin_error *err)
{
	struct pair *pair = &comparison->pairs.items[comparison->pairs.len - 1];
	irmin__place a, b;

	*verdict = SAME;
	irmin__cursor_skip_shared(&pair->a, &pair->b);
	if (irmin__cursor_is_end(&pair->a)) {
		comparison->pairs.len--;
		return IRMIN_OK;
	}
	a = pair->a.place;
	b = pair->b.place;
	irmin__cursor_step(&pair->a);
	irmin__cursor_step(&pair->b);
	return compare_places(comparison, a, b, verdict, err);
}

irmin_rc irmin__node_same(irmin_repo *repo, irmin__node *a, irmin__node *b,
    int *same, irmin_error *err)
{
	struct comparison comparison = { repo, { NULL, 0, 0 } };
	enum verdict verdict;
	irmin_rc rc = enter(&comparison, a, b, &verdict, err);

	while (rc >= 0 && verdict != DIFFERENT && comparison.pairs.len)
		rc = advance(&comparison, &verdict, err);
	*same = rc >= 0 && verdict == SAME;
	IRMIN__VEC_CLEAR(&comparison.pairs);
	return rc;
}
