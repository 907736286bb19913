/* cli/cli-diff.c: see cli-diff.h.
 *
 * Equal lines get equal numbers, so that comparing two is comparing integers.
 * A box is a stretch of old lines and a stretch of new ones. Edit paths walk
 * through it from both corners at once, one edit a round; where two meet, the
 * box is split. x counts old lines, y new ones; a diagonal is x - y.
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

/* Furthest x on each diagonal, from one corner; -1: the diagonal was not
 * reached inside the box. Index 0 is the middle of the memory. */
struct front {
	ptrdiff_t *reach;
};

struct paths {
	struct front front[2];
	ptrdiff_t *memory[2];
};

struct point {
	ptrdiff_t x, y;
};

static bool lines_match(const struct side *old, const struct side *new,
    int backward, ptrdiff_t x, ptrdiff_t y)
{
	return backward
	    ? old->numbers[old->to - 1 - x] == new->numbers[new->to - 1 - y]
	    : old->numbers[old->from + x] == new->numbers[new->from + y];
}

/* One edit from the neighbouring diagonals, then along equal lines. */
static ptrdiff_t extend(const struct front *front, const struct side *old,
    const struct side *new, int backward, ptrdiff_t k)
{
	ptrdiff_t n = old->to - old->from;
	ptrdiff_t m = new->to - new->from;
	ptrdiff_t left = front->reach[k - 1];
	ptrdiff_t above = front->reach[k + 1];
	ptrdiff_t x = -1;

	if (left >= 0 && left < n)
		x = left + 1;
	if (above >= 0 && above - (k + 1) < m && above > x)
		x = above;
	while (x >= 0 && x < n && x - k < m &&
	    lines_match(old, new, backward, x, x - k))
		x++;
	return x;
}

/* One round of one corner: paths of `d` edits. True if one meets a path of the
 * other corner, whose front is `other`; `met` is where, from this corner. */
static bool advance(struct front *front, const struct front *other,
    const struct side *old, const struct side *new, int backward, ptrdiff_t d,
    struct point *met)
{
	ptrdiff_t n = old->to - old->from;
	ptrdiff_t m = new->to - new->from;
	ptrdiff_t delta = n - m;

	for (ptrdiff_t k = -d; k <= d; k += 2) {
		ptrdiff_t x;

		if (k < -m || k > n)
			continue;
		x = extend(front, old, new, backward, k);
		front->reach[k] = x;
		if (x < 0 || delta - k < -d || delta - k > d ||
		    other->reach[delta - k] < 0 ||
		    x + other->reach[delta - k] < n)
			continue;
		met->x = x;
		met->y = x - k;
		return true;
	}
	return false;
}

/* The furthest point that `d` edits reach from the first corner. */
static struct point furthest(const struct front *front, ptrdiff_t d,
    ptrdiff_t n, ptrdiff_t m)
{
	struct point best = { 0, 0 };

	for (ptrdiff_t k = -d; k <= d; k += 2) {
		ptrdiff_t x = k < -m || k > n ? -1 : front->reach[k];

		if (x >= 0 && x + x - k > best.x + best.y) {
			best.x = x;
			best.y = x - k;
		}
	}
	return best;
}

/* Where to split a box whose sides begin and end differently; both parts are
 * smaller than it. */
static struct point split(struct paths *paths, const struct side *old,
    const struct side *new)
{
	ptrdiff_t n = old->to - old->from;
	ptrdiff_t m = new->to - new->from;
	struct front *forward = &paths->front[0];
	struct front *backward = &paths->front[1];
	ptrdiff_t low = m < ROUNDS_MAX ? m : ROUNDS_MAX;
	ptrdiff_t high = n < ROUNDS_MAX ? n : ROUNDS_MAX;
	struct point met;

	for (ptrdiff_t k = -low - 1; k <= high + 1; k++) {
		forward->reach[k] = -1;
		backward->reach[k] = -1;
	}
	forward->reach[0] = 0;
	backward->reach[0] = 0;
	for (ptrdiff_t d = 1;; d++) {
		if (advance(forward, backward, old, new, 0, d, &met))
			return met;
		if (advance(backward, forward, old, new, 1, d, &met)) {
			met.x = n - met.x;
			met.y = m - met.y;
			return met;
		}
		if (d >= ROUNDS_MAX)
			return furthest(forward, d, n, m);
	}
}

static void mark(struct side *side)
{
	memset(side->changed + side->from, 1, (size_t)(side->to - side->from));
	side->from = side->to;
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

/* Goes into the first part and goes on with the second, so the depth is that of
 * halving ROUNDS_MAX or the edits. */
static void compare(struct paths *paths, struct side old, struct side new)
{
	for (;;) {
		struct side first_old, first_new;
		struct point at;

		trim(&old, &new);
		if (old.from == old.to || new.from == new.to) {
			mark(&old);
			mark(&new);
			return;
		}
		at = split(paths, &old, &new);
		first_old = old;
		first_new = new;
		first_old.to = old.from + at.x;
		first_new.to = new.from + at.y;
		compare(paths, first_old, first_new);
		old.from += at.x;
		new.from += at.y;
	}
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
	struct side old = { numbers, diff->old.changed, 0,
		(ptrdiff_t)old_count };
	struct side new = { numbers + old_count, diff->new.changed, 0,
		(ptrdiff_t)new_count };
	struct paths paths;

	for (int i = 0; i < 2; i++) {
		paths.memory[i] = cli_alloc(room * sizeof(ptrdiff_t));
		paths.front[i].reach = paths.memory[i] + new_count + 1;
	}
	compare(&paths, old, new);
	free(paths.memory[0]);
	free(paths.memory[1]);
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
