/* The merge of texts beside `git merge-file`: what both merge cleanly, they merge
 * to the same bytes, and they find the same texts in conflict. Where lines are
 * often repeated, git throws some away before it looks for what is common
 * (xdl_cleanup_records), to be fast, and so may align others than we do: there
 * the two need only mostly agree. */
#include <irmin/merge.h>

#include <stdlib.h>

#include "tests/interop/with-git.h"
#include "tests/support/tap.h"

#define LINES_MAX 40
#define BATCH     250

struct kind {
	const char *name;
	unsigned lines;  /* so many lines there are to draw from */
	unsigned length; /* so many are in a base, at most */
	unsigned edits;  /* so many each side makes, at most */
	unsigned cases;
	unsigned may_differ; /* so many cases in a hundred */
};

struct text {
	unsigned lines[LINES_MAX * 3];
	size_t count;
	int no_newline; /* at its end */
};

static uint64_t chance = 20261121;

/* ---- random texts ---- */

static void random_base(const struct kind *kind, struct text *text)
{
	text->count = random_below(&chance, kind->length + 1);
	for (size_t i = 0; i < text->count; i++)
		text->lines[i] = random_below(&chance, kind->lines);
	text->no_newline = random_below(&chance, 8) == 0;
}

/* Puts other lines in the place of some. */
static void splice(const struct kind *kind, struct text *text)
{
	size_t at = random_below(&chance, (unsigned)text->count + 1);
	size_t gone = random_below(&chance, 4), come = random_below(&chance, 4);

	if (gone > text->count - at)
		gone = text->count - at;
	memmove(text->lines + at + come, text->lines + at + gone,
	    (text->count - at - gone) * sizeof *text->lines);
	text->count += come - gone;
	while (come-- > 0)
		text->lines[at + come] = random_below(&chance, kind->lines);
}

static void edit(const struct kind *kind, const struct text *base,
    struct text *text)
{
	unsigned edits = random_below(&chance, kind->edits + 1);

	*text = *base;
	while (edits-- > 0)
		splice(kind, text);
	if (random_below(&chance, 16) == 0)
		text->no_newline = !text->no_newline;
}

static void print_text(const struct text *text, irmin_buf *bytes)
{
	for (size_t i = 0; i < text->count; i++)
		buf_print(bytes, "line %u\n", text->lines[i]);
	if (text->no_newline && bytes->len)
		bytes->len--;
}

/* ---- merging ---- */

struct sample {
	irmin_buf texts[3]; /* ours, base, theirs, as git takes them */
};

static const char *file_of(unsigned i, char which)
{
	return tap_format("%s/%u.%c", tap_tmpdir(), i, which);
}

static void make_samples(const struct kind *kind, struct sample *samples,
    unsigned count)
{
	static const char names[3] = { 'o', 'b', 't' };

	for (unsigned i = 0; i < count; i++) {
		struct text texts[3];

		random_base(kind, &texts[1]);
		edit(kind, &texts[1], &texts[0]);
		edit(kind, &texts[1], &texts[2]);
		for (unsigned t = 0; t < 3; t++) {
			irmin_buf *bytes = &samples[i].texts[t];

			memset(bytes, 0, sizeof *bytes);
			print_text(&texts[t], bytes);
			tap_write_file(file_of(i, names[t]), bytes->data,
			    bytes->len);
		}
	}
}

/* What we make of a sample; NULL if it conflicts. */
static irmin_value *merge_sample(irmin_merge *merge,
    const struct sample *sample)
{
	irmin_value *values[3] = { NULL, NULL, NULL }, *result = NULL;
	irmin_error err;
	irmin_rc rc = IRMIN_OK;

	for (unsigned t = 0; rc >= 0 && t < 3; t++)
		rc = irmin_value_of_bytes(irmin_buf_slice(&sample->texts[t]),
		    &values[t], &err);
	if (rc >= 0)
		rc = irmin_merge_run(merge, values[1], values[0], values[2],
		    &result, &err);
	if (rc < 0 && rc != IRMIN_ECONFLICT)
		bail("merging: %s", err.text);
	for (unsigned t = 0; t < 3; t++)
		irmin_value_unref(values[t]);
	return result;
}

struct counts {
	unsigned clean, conflicts; /* for both */
	unsigned differ;
};

/* `ours` is NULL for a conflict; `said` what git exited with. */
static void compare(const irmin_value *ours, long said, unsigned i,
    struct counts *counts)
{
	size_t len = 0;
	char *bytes = tap_read_file(file_of(i, 'm'), &len);
	irmin_slice git = irmin_bytes(bytes, len);

	if (!ours && said > 0)
		counts->conflicts++;
	else if (ours && said == 0 &&
	    irmin_slice_equal(irmin_value_bytes(ours), git))
		counts->clean++;
	else
		counts->differ++;
	free(bytes);
}

static void run_batch(const struct kind *kind, irmin_merge *merge,
    struct counts *counts)
{
	struct sample samples[BATCH];
	struct tap_output said;
	char *at;

	make_samples(kind, samples, BATCH);
	if (tap_run(&said,
		"cd '%s' && for i in $(seq 0 %d); do git merge-file -p -q "
		"$i.o $i.b $i.t > $i.m; echo $?; done",
		tap_tmpdir(), BATCH - 1) != 0)
		bail("git merge-file: %s", said.err);
	at = said.out;
	for (unsigned i = 0; i < BATCH; i++) {
		irmin_value *ours = merge_sample(merge, &samples[i]);

		compare(ours, strtol(at, &at, 10), i, counts);
		irmin_value_unref(ours);
		for (unsigned t = 0; t < 3; t++)
			irmin_buf_clear(&samples[i].texts[t]);
	}
	tap_output_clear(&said);
}

static void test_kind(const struct kind *kind)
{
	struct counts counts = { 0, 0, 0 };
	irmin_merge *merge = irmin_merge_text();

	for (unsigned done = 0; done < kind->cases; done += BATCH)
		run_batch(kind, merge, &counts);
	diag("%s: %u clean, %u conflicts, %u differ", kind->name, counts.clean,
	    counts.conflicts, counts.differ);
	ok(counts.clean * 10 >= kind->cases, "%s: a tenth is clean",
	    kind->name);
	ok(counts.conflicts * 10 >= kind->cases, "%s: a tenth conflicts",
	    kind->name);
	ok(counts.differ * 100 <= kind->cases * kind->may_differ,
	    "%s: at most %u %% differ", kind->name, kind->may_differ);
	irmin_merge_unref(merge);
}

int main(void)
{
	static const struct kind kinds[] = {
		{ "lines that hardly repeat", 100000, 30, 4, 500, 0 },
		{ "lines that repeat", 30, 20, 3, 500, 0 },
		{ "few lines", 4, 12, 2, 500, 0 },
		{ "long texts of few lines", 2, 40, 4, 500, 5 },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		test_kind(&kinds[i]);
	return done_testing();
}
