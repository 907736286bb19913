/* Moving what changed to where it reads best, and where the other side's change
 * is: a line added beside an equal one can be either of the two. */
#include "lib/merge/lines.h"

/* A run of marked lines, perhaps empty: there is one before each line that is
 * not marked, and one at the end, so the n-th runs of both texts stand at the
 * same place of what is common. */
struct run {
	const irmin__lines *lines;
	unsigned char *marks;
	size_t start, end;
};

static int is_marked(const struct run *run, size_t i)
{
	return i < run->lines->count && run->marks[i];
}

static void widen(struct run *run)
{
	while (is_marked(run, run->end))
		run->end++;
	while (run->start > 0 && run->marks[run->start - 1])
		run->start--;
}

static int next(struct run *run)
{
	if (run->end == run->lines->count)
		return 0;
	run->start = ++run->end;
	widen(run);
	return 1;
}

static void previous(struct run *run)
{
	run->end = --run->start;
	widen(run);
}

static int is_empty(const struct run *run)
{
	return run->start == run->end;
}

static int slide_down(struct run *run)
{
	const size_t *ids = run->lines->ids;

	if (run->end == run->lines->count || ids[run->start] != ids[run->end])
		return 0;
	run->marks[run->start++] = 0;
	run->marks[run->end++] = 1;
	widen(run);
	return 1;
}

static int slide_up(struct run *run)
{
	const size_t *ids = run->lines->ids;

	if (run->start == 0 || ids[run->start - 1] != ids[run->end - 1])
		return 0;
	run->marks[--run->start] = 1;
	run->marks[--run->end] = 0;
	widen(run);
	return 1;
}

/* Slides a run up and down as far as it goes, until it meets no more of its kind
 * on the way. Answers whether it is now lower than it could be, and whether there
 * is a change of the other text on its way. */
static int slide_all(struct run *run, struct run *other, int *meets)
{
	size_t size, highest;

	do {
		size = run->end - run->start;
		while (slide_up(run))
			previous(other);
		highest = run->end;
		*meets = !is_empty(other);
		while (slide_down(run)) {
			(void)next(other);
			*meets |= !is_empty(other);
		}
	} while (size != run->end - run->start);
	return run->end != highest;
}

void irmin__lines_slide(const irmin__lines *lines, unsigned char *marks,
    const irmin__lines *other_lines, unsigned char *other_marks)
{
	struct run run = { lines, marks, 0, 0 };
	struct run other = { other_lines, other_marks, 0, 0 }; /* only looks */
	int meets;

	widen(&run);
	widen(&other);
	do {
		if (is_empty(&run) || !slide_all(&run, &other, &meets))
			continue;
		while (meets && is_empty(&other)) {
			(void)slide_up(&run);
			previous(&other);
		}
	} while (next(&run) && next(&other));
}
