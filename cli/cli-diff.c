/* cli/cli-diff.c: see cli-diff.h.
 *
 * Equal lines get equal numbers, so that comparing two is comparing integers.
 * A box is a stretch of old lines and a stretch of new ones; a point in it is x
 * old and y new lines from its corner, and x - y is the point's diagonal. Edit
 * paths walk from both corners at once, one edit a round; where two meet, the
 * box is split.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli-diff.h"
#include "cli/cli-message.h"

#define ROUNDS_MAX 256 /* then the box is split where a path came furthest */

struct side {
	const uint32_t *numbers;
	unsigned char *changed;
	ptrdiff_t from, to;
};

struct box {
	struct side old, new;
};

struct point {
	ptrdiff_t x, y;
};

/* How far the paths from one corner of a box came: the largest x on each
 * diagonal, -1 where none came inside the box. Index 0 is the middle. */
struct corner {
	ptrdiff_t *reach;
	bool backward; /* from the end; x and y count from there */
};

static ptrdiff_t width(const struct box *box)
{
	return box->old.to - box->old.from;
}

static ptrdiff_t height(const struct box *box)
{
	return box->new.to - box->new.from;
}

static bool lines_match(const struct corner *corner, const struct box *box,
    ptrdiff_t x, ptrdiff_t y)
{
	const struct side *old = &box->old;
	const struct side *new = &box->new;

	if (corner->backward)
		return old->numbers[old->to - 1 - x] ==
		    new->numbers[new->to - 1 - y];
	return old->numbers[old->from + x] == new->numbers[new->from + y];
}

/* One edit from the neighbouring diagonals, then along equal lines. */
static ptrdiff_t extend(const struct corner *corner, const struct box *box,
    ptrdiff_t k)
{
	ptrdiff_t left = corner->reach[k - 1];
	ptrdiff_t above = corner->reach[k + 1];
	ptrdiff_t x = -1;

	if (left >= 0 && left < width(box))
		x = left + 1;
	if (above > x && above - (k + 1) < height(box))
		x = above;
	while (x >= 0 && x < width(box) && x - k < height(box) &&
	    lines_match(corner, box, x, x - k))
		x++;
	return x;
}

/* One round: the paths of `d` edits. True if one meets a path from the other
 * corner; `met` is where. */
static bool advance(const struct corner *corner, const struct corner *other,
    const struct box *box, ptrdiff_t d, struct point *met)
{
	ptrdiff_t n = width(box);
	ptrdiff_t m = height(box);

	for (ptrdiff_t k = -d; k <= d; k += 2) {
		ptrdiff_t opposite = n - m - k; /* the other's name for k */
		ptrdiff_t x;

		if (k < -m || k > n)
			continue;
		x = extend(corner, box, k);
		corner->reach[k] = x;
		if (x < 0 || opposite < -d || opposite > d ||
		    other->reach[opposite] < 0 ||
		    x + other->reach[opposite] < n)
			continue;
		met->x = corner->backward ? n - x : x;
		met->y = corner->backward ? m - (x - k) : x - k;
		return true;
	}
	return false;
}

/* The furthest point that `d` edits reach from the first corner. */
static struct point furthest(const struct corner *corner, const struct box *box,
    ptrdiff_t d)
{
	struct point best = { 0, 0 };

	for (ptrdiff_t k = -d; k <= d; k += 2) {
		bool inside = k >= -height(box) && k <= width(box);
		ptrdiff_t x = inside ? corner->reach[k] : -1;

		if (x >= 0 && x + x - k > best.x + best.y) {
			best.x = x;
			best.y = x - k;
		}
	}
	return best;
}

/* Where to split a box whose sides begin and end differently; both parts are
 * smaller than it. */
static struct point split(struct corner corners[2], const struct box *box)
{
	ptrdiff_t low = height(box) < ROUNDS_MAX ? height(box) : ROUNDS_MAX;
	ptrdiff_t high = width(box) < ROUNDS_MAX ? width(box) : ROUNDS_MAX;
	struct point met;

	for (int i = 0; i < 2; i++) {
		for (ptrdiff_t k = -low - 1; k <= high + 1; k++)
			corners[i].reach[k] = -1;
		corners[i].reach[0] = 0;
	}
	for (ptrdiff_t d = 1;; d++) {
		if (advance(&corners[0], &corners[1], box, d, &met) ||
		    advance(&corners[1], &corners[0], box, d, &met))
			return met;
		if (d >= ROUNDS_MAX)
			return furthest(&corners[0], box, d);
	}
}

/* Drops equal lines at both ends. */
static void trim(struct side *old, struct side *new)
{
	while (old->from < old->to && new->from < new->to &&
	    old->numbers[old->from] == new->numbers[new->from]) {
		old->from++;
		new->from++;
	}
	while (old->from < old->to && new->from < new->to &&
	    old->numbers[old->to - 1] == new->numbers[new->to - 1]) {
		old->to--;
		new->to--;
	}
}

static void mark(const struct side *side)
{
	memset(side->changed + side->from, 1, (size_t)(side->to - side->from));
}

/* Goes into the first part and goes on with the second, which bounds the depth
 * to that of halving ROUNDS_MAX edits. */
static void compare(struct corner corners[2], struct box box)
{
	for (;;) {
		struct box first;
		struct point at;

		trim(&box.old, &box.new);
		if (width(&box) == 0 || height(&box) == 0)
			break;
		at = split(corners, &box);
		first = box;
		first.old.to = box.old.from + at.x;
		first.new.to = box.new.from + at.y;
		compare(corners, first);
		box.old.from += at.x;
		box.new.from += at.y;
	}
	mark(&box.old);
	mark(&box.new);
}

static void split_lines(struct cli_lines *side, irmin_slice text)
{
	const char *data = text.data;
	size_t count = 0;
	size_t from = 0;

	for (size_t i = 0; i < text.len; i++)
		count += data[i] == '\n' || i + 1 == text.len;
	side->lines = cli_alloc(count * sizeof(*side->lines));
	side->changed = cli_alloc(count);
	side->count = 0;
	if (count > 0)
		memset(side->changed, 0, count);
	for (size_t i = 0; i < text.len; i++) {
		if (data[i] != '\n' && i + 1 < text.len)
			continue;
		side->lines[side->count++] = irmin_bytes(data + from,
		    i + 1 - from);
		from = i + 1;
	}
}

static uint64_t hash_line(irmin_slice line)
{
	const unsigned char *data = line.data;
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < line.len; i++)
		hash = (hash ^ data[i]) * 1099511628211U;
	return hash ^ hash >> 29;
}

/* Numbers the lines of both sides; `numbers` has room for all of them, the old
 * side's first. */
static void number_lines(const struct cli_diff *diff, uint32_t *numbers)
{
	size_t count = diff->old.count + diff->new.count;
	size_t size = 16;
	irmin_slice *slots;
	uint32_t *slot_numbers;

	while (size < 2 * count)
		size *= 2;
	slots = cli_alloc(size * sizeof(*slots));
	slot_numbers = cli_alloc(size * sizeof(*slot_numbers));
	memset(slots, 0, size * sizeof(*slots));
	for (size_t i = 0; i < count; i++) {
		irmin_slice line = i < diff->old.count
		    ? diff->old.lines[i]
		    : diff->new.lines[i - diff->old.count];
		size_t at = hash_line(line) & (size - 1);

		while (slots[at].len > 0 && !irmin_slice_equal(slots[at], line))
			at = (at + 1) & (size - 1);
		if (slots[at].len == 0) {
			slots[at] = line;
			slot_numbers[at] = (uint32_t)i;
		}
		numbers[i] = slot_numbers[at];
	}
	free(slots);
	free(slot_numbers);
}

static size_t end_of_group(const struct cli_lines *side, size_t from)
{
	while (from < side->count && side->changed[from])
		from++;
	return from;
}

/* A group of lines that are only added, or only removed, and could stand
 * elsewhere stands as far down as it can: an added function then shows its own
 * closing brace. */
static void slide_down(struct cli_lines *side, const struct cli_lines *other,
    const uint32_t *numbers)
{
	size_t from = 0;
	size_t facing = 0; /* the line of the other side at `from` */

	while (from < side->count) {
		size_t to = end_of_group(side, from);

		while (to > from && to < side->count && facing < other->count &&
		    !other->changed[facing] && numbers[from] == numbers[to]) {
			side->changed[from++] = 0;
			side->changed[to] = 1;
			to = end_of_group(side, to);
			facing++;
		}
		from = to + 1;
		facing = end_of_group(other, facing) + 1;
	}
}

static void compare_all(struct cli_diff *diff, const uint32_t *numbers)
{
	size_t old_count = diff->old.count;
	size_t new_count = diff->new.count;
	size_t room = old_count + new_count + 3;
	struct box box = {
		{ numbers, diff->old.changed, 0, (ptrdiff_t)old_count },
		{ numbers + old_count, diff->new.changed, 0,
		    (ptrdiff_t)new_count },
	};
	ptrdiff_t *forward = cli_alloc(room * sizeof(*forward));
	ptrdiff_t *backward = cli_alloc(room * sizeof(*backward));
	struct corner corners[2] = {
		{ forward + new_count + 1, false },
		{ backward + new_count + 1, true },
	};

	compare(corners, box);
	free(forward);
	free(backward);
}

void cli_diff_init(struct cli_diff *diff, irmin_slice old_text,
    irmin_slice new_text)
{
	uint32_t *numbers;

	split_lines(&diff->old, old_text);
	split_lines(&diff->new, new_text);
	numbers = cli_alloc(
	    (diff->old.count + diff->new.count) * sizeof(*numbers));
	number_lines(diff, numbers);
	compare_all(diff, numbers);
	slide_down(&diff->old, &diff->new, numbers);
	slide_down(&diff->new, &diff->old, numbers + diff->old.count);
	free(numbers);
}

void cli_diff_clear(struct cli_diff *diff)
{
	free(diff->old.lines);
	free(diff->old.changed);
	free(diff->new.lines);
	free(diff->new.changed);
	memset(diff, 0, sizeof(*diff));
}

int cli_diff_next(const struct cli_diff *diff, struct cli_diff_block *block)
{
	const struct cli_lines *old = &diff->old;
	const struct cli_lines *new = &diff->new;
	size_t i = block->old_to;
	size_t j = block->new_to;

	while (i < old->count && j < new->count && !old->changed[i] &&
	    !new->changed[j]) {
		i++;
		j++;
	}
	block->old_from = i;
	block->new_from = j;
	while (i < old->count && old->changed[i])
		i++;
	while (j < new->count &&new->changed[j])
		j++;
	block->old_to = i;
	block->new_to = j;
	return block->old_from < i || block->new_from < j;
}
