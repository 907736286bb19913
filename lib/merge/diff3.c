#include "lib/merge/diff3.h"

#include <stdio.h>

#include "lib/core/base/error.h"
#include "lib/merge/lines.h"
#include <irmin/alloc.h>

#define HUNKS_SHOWN 3

/* ---- one side against the base ---- */

struct side {
	const irmin__lines *old, *lines; /* the base's and its own */
	unsigned char *old_marks, *marks;
	size_t base, at; /* lines that stand for each other */
	size_t start;    /* of its next change in the base; SIZE_MAX: none */
};

static int is_marked(const unsigned char *marks, const irmin__lines *lines,
    size_t at)
{
	return at < lines->count && marks[at];
}

static void find_start(struct side *side)
{
	size_t base = side->base, at = side->at;

	while (base < side->old->count && !side->old_marks[base] &&
	    !is_marked(side->marks, side->lines, at)) {
		base++;
		at++;
	}
	side->start = base < side->old->count || at < side->lines->count
	    ? base
	    : SIZE_MAX;
}

/* Goes to a line of the base, up to which there is no change. */
static void go_to(struct side *side, size_t base)
{
	side->at += base - side->base;
	side->base = base;
}

/* Goes past the next change if it touches the lines up to `until`, which it may
 * widen. */
static int pass_change(struct side *side, size_t *until)
{
	if (side->start > *until)
		return 0;
	go_to(side, side->start);
	while (is_marked(side->old_marks, side->old, side->base))
		side->base++;
	while (is_marked(side->marks, side->lines, side->at))
		side->at++;
	find_start(side);
	if (*until < side->base)
		*until = side->base;
	return 1;
}

static irmin_rc open_side(const irmin__lines *old, const irmin__lines *lines,
    size_t ids, struct side *side, irmin_error *err)
{
	irmin_rc rc;

	side->old = old;
	side->lines = lines;
	side->old_marks = irmin_calloc(old->count, 1);
	side->marks = irmin_calloc(lines->count, 1);
	if (!side->old_marks || !side->marks)
		return irmin__enomem(err);
	rc = irmin__lines_diff(old, lines, ids, side->old_marks, side->marks,
	    err);
	if (rc < 0)
		return rc;
	irmin__lines_slide(old, side->old_marks, lines, side->marks);
	irmin__lines_slide(lines, side->marks, old, side->old_marks);
	find_start(side);
	return IRMIN_OK;
}

static void close_side(struct side *side)
{
	irmin_free(side->old_marks);
	irmin_free(side->marks);
}

/* ---- both sides ---- */

/* Lines from one to before another. */
struct range {
	size_t from, until;
};

/* What is between lines that are common to all three; `changed` by which side. */
struct hunk {
	struct range base, sides[2];
	int changed[2];
};

struct merge {
	irmin__lines texts[3]; /* base, ours, theirs */
	struct side sides[2];
	irmin_buf *merged;
	char words[256]; /* on the first conflicts */
	size_t told;     /* bytes of them */
	size_t conflicts;
};

/* The next hunk behind a line of the base; 0 if there is none. */
static int next_hunk(struct merge *merge, struct hunk *hunk)
{
	struct side *sides = merge->sides;
	size_t i;
	int more;

	hunk->base.from = sides[0].start < sides[1].start ? sides[0].start
							  : sides[1].start;
	if (hunk->base.from == SIZE_MAX)
		return 0;
	hunk->base.until = hunk->base.from;
	for (i = 0; i < 2; i++) {
		go_to(&sides[i], hunk->base.from);
		hunk->sides[i].from = sides[i].at;
		hunk->changed[i] = 0;
	}
	do {
		for (more = 0, i = 0; i < 2; i++)
			if (pass_change(&sides[i], &hunk->base.until))
				more = hunk->changed[i] = 1;
	} while (more);
	for (i = 0; i < 2; i++) {
		go_to(&sides[i], hunk->base.until);
		hunk->sides[i].until = sides[i].at;
	}
	return 1;
}

static irmin_slice side_text(const struct merge *merge, const struct hunk *hunk,
    size_t side)
{
	return irmin__lines_text(&merge->texts[1 + side],
	    hunk->sides[side].from, hunk->sides[side].until);
}

/* ---- conflicts ---- */

static const char *print_range(struct range range, char *text, size_t size)
{
	if (range.from == range.until)
		snprintf(text, size, "none");
	else if (range.from + 1 == range.until)
		snprintf(text, size, "%zu", range.until);
	else
		snprintf(text, size, "%zu-%zu", range.from + 1, range.until);
	return text;
}

static void note_conflict(struct merge *merge, const struct hunk *hunk)
{
	size_t room = sizeof merge->words - merge->told;
	char texts[3][48];
	int written;

	if (merge->conflicts++ >= HUNKS_SHOWN)
		return;
	written = snprintf(merge->words + merge->told, room,
	    "%s lines %s (ours %s, theirs %s)", merge->told ? "," : "",
	    print_range(hunk->base, texts[0], sizeof texts[0]),
	    print_range(hunk->sides[0], texts[1], sizeof texts[1]),
	    print_range(hunk->sides[1], texts[2], sizeof texts[2]));
	merge->told += (size_t)written < room ? (size_t)written : room - 1;
}

static irmin_rc tell_conflicts(const struct merge *merge, irmin_error *err)
{
	if (merge->conflicts <= HUNKS_SHOWN)
		return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
		    "both sides changed%s", merge->words);
	return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
	    "both sides changed%s and %zu more", merge->words,
	    merge->conflicts - HUNKS_SHOWN);
}

/* ---- merging ---- */

static irmin_rc merge_hunk(struct merge *merge, const struct hunk *hunk,
    irmin_error *err)
{
	irmin_slice ours = side_text(merge, hunk, 0);
	irmin_slice theirs = side_text(merge, hunk, 1);

	if (!hunk->changed[1] || irmin_slice_equal(ours, theirs))
		return irmin_buf_append(merge->merged, ours, err);
	if (!hunk->changed[0])
		return irmin_buf_append(merge->merged, theirs, err);
	note_conflict(merge, hunk);
	return IRMIN_OK;
}

static irmin_rc merge_hunks(struct merge *merge, irmin_error *err)
{
	const irmin__lines *base = &merge->texts[0];
	irmin_rc rc = IRMIN_OK;
	struct hunk hunk;
	size_t done = 0;

	while (rc >= 0 && next_hunk(merge, &hunk)) {
		rc = irmin_buf_append(merge->merged,
		    irmin__lines_text(base, done, hunk.base.from), err);
		if (rc >= 0)
			rc = merge_hunk(merge, &hunk, err);
		done = hunk.base.until;
	}
	if (rc >= 0)
		rc = irmin_buf_append(merge->merged,
		    irmin__lines_text(base, done, base->count), err);
	return rc >= 0 && merge->conflicts ? tell_conflicts(merge, err) : rc;
}

irmin_rc irmin__diff3(irmin_slice base, irmin_slice ours, irmin_slice theirs,
    irmin_buf *merged, irmin_error *err)
{
	const irmin_slice texts[3] = { base, ours, theirs };
	struct merge merge;
	size_t ids, i;
	irmin_rc rc;

	memset(&merge, 0, sizeof merge);
	merge.merged = merged;
	rc = irmin__lines_split(texts, 3, merge.texts, &ids, err);
	for (i = 0; rc >= 0 && i < 2; i++)
		rc = open_side(&merge.texts[0], &merge.texts[1 + i], ids,
		    &merge.sides[i], err);
	if (rc >= 0)
		rc = merge_hunks(&merge, err);
	close_side(&merge.sides[0]);
	close_side(&merge.sides[1]);
	irmin__lines_clear(merge.texts, 3);
	return rc;
}
