/* Which lines of two texts differ: Myers' O(ND) difference algorithm, in linear
 * space: the middle of a shortest way is found from both ends, and the two halves
 * are done in turn. */
#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/merge/lines.h"

/* So many steps are looked ahead from both ends at least; more for long texts.
 * Beyond that the way that got furthest is taken, which need not be the
 * shortest, so that texts made to be slow are not. */
#define STEPS_MIN 256

/* ---- what is looked at ---- */

/* The lines of one text that occur in the other, between a common beginning and
 * a common end. All others are told apart without looking at their order. */
struct side {
	size_t *ids;
	size_t *places; /* in the text */
	size_t count;
	unsigned char *marks;
};

struct box {
	ptrdiff_t from[2], to[2]; /* of side 0 and side 1 */
};

struct diff {
	struct side sides[2];
	ptrdiff_t *forward, *backward; /* how far each diagonal is reached */
	ptrdiff_t most;                /* steps */
	IRMIN__VEC(struct box) boxes;  /* still to be done */
};

/* ---- the middle of a shortest way ---- */

/* Reach by diagonal, which is the place in side 0 minus that in side 1. */
struct front {
	ptrdiff_t *reach;
	ptrdiff_t low, high; /* diagonals that it is on, every second */
};

static void widen(struct front *front, const struct box *box, ptrdiff_t beyond)
{
	if (front->low > box->from[0] - box->to[1])
		front->reach[--front->low - 1] = beyond;
	else
		front->low++;
	if (front->high < box->to[0] - box->from[1])
		front->reach[++front->high + 1] = beyond;
	else
		front->high--;
}

static int is_on(const struct front *front, ptrdiff_t diagonal)
{
	return front->low <= diagonal && diagonal <= front->high;
}

/* One step ahead on all diagonals. Answers whether it met the other front, and
 * where in side 0 and on which diagonal. */
static int go_forward(const struct diff *diff, const struct box *box,
    struct front *front, const struct front *back, ptrdiff_t at[2])
{
	const size_t *a = diff->sides[0].ids, *b = diff->sides[1].ids;
	ptrdiff_t *reach = front->reach, d, i;

	widen(front, box, -1);
	for (d = front->high; d >= front->low; d -= 2) {
		i = reach[d - 1] >= reach[d + 1] ? reach[d - 1] + 1
						 : reach[d + 1];
		while (i < box->to[0] && i - d < box->to[1] && a[i] == b[i - d])
			i++;
		reach[d] = i;
		if (back && is_on(back, d) && back->reach[d] <= i) {
			at[0] = i;
			at[1] = i - d;
			return 1;
		}
	}
	return 0;
}

static int go_backward(const struct diff *diff, const struct box *box,
    struct front *front, const struct front *ahead, ptrdiff_t at[2])
{
	const size_t *a = diff->sides[0].ids, *b = diff->sides[1].ids;
	ptrdiff_t *reach = front->reach, d, i;

	widen(front, box, PTRDIFF_MAX);
	for (d = front->high; d >= front->low; d -= 2) {
		i = reach[d - 1] < reach[d + 1] ? reach[d - 1]
						: reach[d + 1] - 1;
		while (i > box->from[0] && i - d > box->from[1] &&
		    a[i - 1] == b[i - d - 1])
			i--;
		reach[d] = i;
		if (ahead && is_on(ahead, d) && i <= ahead->reach[d]) {
			at[0] = i;
			at[1] = i - d;
			return 1;
		}
	}
	return 0;
}

/* The place that is furthest from a corner on any diagonal; answers how far. */
static ptrdiff_t furthest(const struct box *box, const struct front *front,
    int is_forward, ptrdiff_t at[2])
{
	const ptrdiff_t *start = is_forward ? box->from : box->to;
	const ptrdiff_t *end = is_forward ? box->to : box->from;
	ptrdiff_t sign = is_forward ? 1 : -1, best = -1, d;

	for (d = front->high; d >= front->low; d -= 2) {
		ptrdiff_t i = front->reach[d], far;

		if ((end[0] - i) * sign < 0)
			i = end[0];
		if ((end[1] - (i - d)) * sign < 0)
			i = end[1] + d;
		far = (i - start[0] + i - d - start[1]) * sign;
		if (far > best) {
			best = far;
			at[0] = i;
			at[1] = i - d;
		}
	}
	return best;
}

/* Where to divide a box, inside it. */
static void find_middle(const struct diff *diff, const struct box *box,
    ptrdiff_t at[2])
{
	ptrdiff_t first = box->from[0] - box->from[1];
	ptrdiff_t last = box->to[0] - box->to[1];
	struct front ahead = { diff->forward, first, first };
	struct front back = { diff->backward, last, last };
	int odd = (first - last) & 1;
	ptrdiff_t steps, other[2];

	ahead.reach[first] = box->from[0];
	back.reach[last] = box->to[0];
	for (steps = 1; steps <= diff->most; steps++)
		if (go_forward(diff, box, &ahead, odd ? &back : NULL, at) ||
		    go_backward(diff, box, &back, odd ? NULL : &ahead, at))
			return;
	if (furthest(box, &ahead, 1, at) < furthest(box, &back, 0, other))
		memcpy(at, other, sizeof other);
}

/* ---- dividing ---- */

static void mark(struct side *side, ptrdiff_t from, ptrdiff_t to)
{
	for (; from < to; from++)
		side->marks[side->places[from]] = 1;
}

/* Takes the common beginning and end off. */
static void shrink(const struct diff *diff, struct box *box)
{
	const size_t *a = diff->sides[0].ids, *b = diff->sides[1].ids;

	while (box->from[0] < box->to[0] && box->from[1] < box->to[1] &&
	    a[box->from[0]] == b[box->from[1]]) {
		box->from[0]++;
		box->from[1]++;
	}
	while (box->from[0] < box->to[0] && box->from[1] < box->to[1] &&
	    a[box->to[0] - 1] == b[box->to[1] - 1]) {
		box->to[0]--;
		box->to[1]--;
	}
}

static irmin_rc divide(struct diff *diff, struct box box, irmin_error *err)
{
	struct box low, high;
	irmin_rc rc;

	shrink(diff, &box);
	if (box.from[0] == box.to[0] || box.from[1] == box.to[1]) {
		mark(&diff->sides[0], box.from[0], box.to[0]);
		mark(&diff->sides[1], box.from[1], box.to[1]);
		return IRMIN_OK;
	}
	rc = IRMIN__VEC_RESERVE(&diff->boxes, 2, err);
	if (rc < 0)
		return rc;
	low = high = box;
	find_middle(diff, &box, low.to);
	memcpy(high.from, low.to, sizeof high.from);
	IRMIN__VEC_PUSH(&diff->boxes, high);
	IRMIN__VEC_PUSH(&diff->boxes, low);
	return IRMIN_OK;
}

static irmin_rc divide_all(struct diff *diff, irmin_error *err)
{
	struct box whole = { { 0, 0 },
		{ (ptrdiff_t)diff->sides[0].count,
		    (ptrdiff_t)diff->sides[1].count } };
	irmin_rc rc = divide(diff, whole, err);

	while (rc >= 0 && diff->boxes.len)
		rc = divide(diff, diff->boxes.items[--diff->boxes.len], err);
	return rc;
}

/* ---- setting up ---- */

/* Where the texts begin to differ, and how many lines at their ends do not. */
static void trim(const irmin__lines *a, const irmin__lines *b, size_t *head,
    size_t *tail)
{
	size_t least = a->count < b->count ? a->count : b->count;

	*head = *tail = 0;
	while (*head < least && a->ids[*head] == b->ids[*head])
		++*head;
	while (*tail < least - *head &&
	    a->ids[a->count - *tail - 1] == b->ids[b->count - *tail - 1])
		++*tail;
}

/* Collects the lines that occur in the other text, and marks the others. */
static irmin_rc fill_side(const irmin__lines *lines, const irmin__lines *other,
    size_t head, size_t tail, unsigned char *seen, struct side *side,
    irmin_error *err)
{
	size_t i, room = lines->count - head - tail;

	side->ids = irmin_calloc(room, sizeof *side->ids);
	side->places = irmin_calloc(room, sizeof *side->places);
	if (!side->ids || !side->places)
		return irmin__enomem(err);
	for (i = 0; i < other->count; i++)
		seen[other->ids[i]] = 1;
	for (i = head; i < lines->count - tail; i++) {
		if (!seen[lines->ids[i]]) {
			side->marks[i] = 1;
			continue;
		}
		side->ids[side->count] = lines->ids[i];
		side->places[side->count++] = i;
	}
	for (i = 0; i < other->count; i++)
		seen[other->ids[i]] = 0;
	return IRMIN_OK;
}

static ptrdiff_t most_steps(size_t diagonals)
{
	ptrdiff_t root = 1;

	for (; diagonals; diagonals >>= 2)
		root <<= 1;
	return root < STEPS_MIN ? STEPS_MIN : root;
}

/* The diagonals of the box, and one beyond each. Fails: ENOMEM. */
static irmin_rc make_fronts(struct diff *diff, ptrdiff_t **fronts,
    irmin_error *err)
{
	size_t counts[2] = { diff->sides[0].count, diff->sides[1].count };
	size_t diagonals = counts[0] + counts[1] + 3;

	*fronts = irmin_calloc(diagonals, 2 * sizeof **fronts);
	if (!*fronts)
		return irmin__enomem(err);
	diff->forward = *fronts + counts[1] + 1;
	diff->backward = diff->forward + diagonals;
	diff->most = most_steps(diagonals);
	return IRMIN_OK;
}

irmin_rc irmin__lines_diff(const irmin__lines *from, const irmin__lines *to,
    size_t ids, unsigned char *from_marks, unsigned char *to_marks,
    irmin_error *err)
{
	unsigned char *seen = irmin_calloc(ids, 1);
	ptrdiff_t *fronts = NULL;
	struct diff diff;
	size_t head, tail, i;
	irmin_rc rc;

	memset(&diff, 0, sizeof diff);
	diff.sides[0].marks = from_marks;
	diff.sides[1].marks = to_marks;
	trim(from, to, &head, &tail);
	rc = seen ? IRMIN_OK : irmin__enomem(err);
	if (rc >= 0)
		rc = fill_side(from, to, head, tail, seen, &diff.sides[0], err);
	if (rc >= 0)
		rc = fill_side(to, from, head, tail, seen, &diff.sides[1], err);
	if (rc >= 0)
		rc = make_fronts(&diff, &fronts, err);
	if (rc >= 0)
		rc = divide_all(&diff, err);
	IRMIN__VEC_CLEAR(&diff.boxes);
	for (i = 0; i < 2; i++) {
		irmin_free(diff.sides[i].ids);
		irmin_free(diff.sides[i].places);
	}
	irmin_free(fronts);
	irmin_free(seen);
	return rc;
}
