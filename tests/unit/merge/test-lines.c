/* Lines of texts, and which differ: against a table of longest common
 * subsequences, and on texts that are made to be slow. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/merge/lines.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define SHORT 12

static void test_split(void)
{
	const irmin_slice texts[3] = { irmin_text("a\n\nb"), irmin_text(""),
		irmin_text("b\na\n") };
	irmin__lines lines[3];
	irmin_error err;
	size_t ids;

	succeeds(irmin__lines_split(texts, 3, lines, &ids, &err), &err,
	    "split");
	is_int(lines[0].count, 3, "what has no newline is a line too");
	is_int(lines[1].count, 0, "nothing has no lines");
	is_int(lines[2].count, 2, "behind the last newline is no line");
	is_int(ids, 4, "a line without newline is another one");
	ok(lines[0].ids[0] == lines[2].ids[1], "equal lines have equal ids");
	ok(lines[0].ids[2] != lines[2].ids[0], "others have others");
	ok(irmin_slice_equal(irmin__lines_text(&lines[0], 1, 3),
	       irmin_text("\nb")),
	    "lines are bytes again");
	ok(irmin_slice_equal(irmin__lines_text(&lines[0], 0, 3), texts[0]),
	    "all of them are the text");
	irmin__lines_clear(lines, 3);
}

/* ---- what is common ---- */

/* How many lines of both are common, at most. */
static size_t longest_common(const irmin__lines *a, const irmin__lines *b)
{
	size_t table[SHORT + 1][SHORT + 1] = { { 0 } };

	for (size_t i = 1; i <= a->count; i++)
		for (size_t j = 1; j <= b->count; j++) {
			size_t up = table[i - 1][j], left = table[i][j - 1];

			table[i][j] = up > left ? up : left;
			if (a->ids[i - 1] == b->ids[j - 1])
				table[i][j] = table[i - 1][j - 1] + 1;
		}
	return table[a->count][b->count];
}

/* Whether the lines without a mark are the same in both; how many. */
static bool is_common(const irmin__lines *a, const unsigned char *a_marks,
    const irmin__lines *b, const unsigned char *b_marks, size_t *count)
{
	size_t i = 0, j = 0;

	for (*count = 0;; ++*count, i++, j++) {
		while (i < a->count && a_marks[i])
			i++;
		while (j < b->count && b_marks[j])
			j++;
		if (i == a->count || j == b->count)
			return i == a->count && j == b->count;
		if (a->ids[i] != b->ids[j])
			return false;
	}
}

static irmin_slice random_text(char *bytes, unsigned lines)
{
	size_t count = (size_t)rand() % (SHORT + 1);

	for (size_t i = 0; i < count; i++) {
		bytes[2 * i] = (char)('a' + rand() % (int)lines);
		bytes[2 * i + 1] = '\n';
	}
	return irmin_bytes(bytes, 2 * count);
}

static void test_short(unsigned alphabet)
{
	unsigned wrong = 0, longer = 0, slid = 0;

	for (unsigned i = 0; i < 20000; i++) {
		unsigned char marks[2][SHORT] = { { 0 } }, before[SHORT];
		char bytes[2][2 * SHORT];
		irmin_slice texts[2] = { random_text(bytes[0], alphabet),
			random_text(bytes[1], alphabet) };
		irmin__lines lines[2];
		size_t ids, common;

		if (irmin__lines_split(texts, 2, lines, &ids, NULL) < 0 ||
		    irmin__lines_diff(&lines[0], &lines[1], ids, marks[0],
			marks[1], NULL) < 0)
			bail("no memory");
		wrong += !is_common(&lines[0], marks[0], &lines[1], marks[1],
		    &common);
		longer += common != longest_common(&lines[0], &lines[1]);
		memcpy(before, marks[0], sizeof before);
		irmin__lines_slide(&lines[0], marks[0], &lines[1], marks[1]);
		irmin__lines_slide(&lines[1], marks[1], &lines[0], marks[0]);
		slid += memcmp(before, marks[0], sizeof before) != 0;
		wrong += !is_common(&lines[0], marks[0], &lines[1], marks[1],
		    &common);
		longer += common != longest_common(&lines[0], &lines[1]);
		irmin__lines_clear(lines, 2);
	}
	is_int(wrong, 0, "%u lines: what is not marked is common", alphabet);
	is_int(longer, 0, "%u lines: and no more is", alphabet);
	ok(alphabet == 1 || slid > 500, "%u lines: and changes slide",
	    alphabet);
}

/* ---- where changes are told ---- */

/* A letter is a line; `want` marks those of `to` that are new. */
static void is_slid(const char *from, const char *to, const char *want)
{
	const char *letters[2] = { from, to };
	unsigned char marks[2][SHORT] = { { 0 } };
	char bytes[2][2 * SHORT], got[SHORT + 1];
	irmin_slice texts[2];
	irmin__lines lines[2];
	size_t ids, i;

	for (unsigned t = 0; t < 2; t++) {
		for (i = 0; letters[t][i]; i++) {
			bytes[t][2 * i] = letters[t][i];
			bytes[t][2 * i + 1] = '\n';
		}
		texts[t] = irmin_bytes(bytes[t], 2 * i);
	}
	if (irmin__lines_split(texts, 2, lines, &ids, NULL) < 0 ||
	    irmin__lines_diff(&lines[0], &lines[1], ids, marks[0], marks[1],
		NULL) < 0)
		bail("no memory");
	irmin__lines_slide(&lines[0], marks[0], &lines[1], marks[1]);
	irmin__lines_slide(&lines[1], marks[1], &lines[0], marks[0]);
	for (i = 0; i < lines[1].count; i++)
		got[i] = marks[1][i] ? '+' : '.';
	got[i] = '\0';
	is_str(got, want, "%s to %s", from, to);
	irmin__lines_clear(lines, 2);
}

static void test_slide(void)
{
	is_slid("ab", "aab", ".+.");
	is_slid("aba", "ababa", "...++");
	is_slid("xaay", "aaay", "+...");
	is_slid("xbay", "baay", "..+.");
	is_slid("a", "a", ".");
	is_slid("", "a", "+");
}

/* ---- texts that are slow to compare ---- */

static size_t common_of_random(size_t count, unsigned alphabet)
{
	char *bytes[2] = { malloc(2 * count), malloc(2 * count) };
	unsigned char *marks[2] = { calloc(count, 1), calloc(count, 1) };
	irmin_slice texts[2];
	irmin__lines lines[2];
	size_t ids, common;

	if (!bytes[0] || !bytes[1] || !marks[0] || !marks[1])
		bail("no memory");
	for (unsigned t = 0; t < 2; t++) {
		for (size_t i = 0; i < count; i++) {
			bytes[t][2 * i] = (char)('a' + rand() % (int)alphabet);
			bytes[t][2 * i + 1] = '\n';
		}
		texts[t] = irmin_bytes(bytes[t], 2 * count);
	}
	if (irmin__lines_split(texts, 2, lines, &ids, NULL) < 0 ||
	    irmin__lines_diff(&lines[0], &lines[1], ids, marks[0], marks[1],
		NULL) < 0)
		bail("no memory");
	ok(is_common(&lines[0], marks[0], &lines[1], marks[1], &common),
	    "%zu lines: what is not marked is common", count);
	irmin__lines_clear(lines, 2);
	for (unsigned t = 0; t < 2; t++) {
		free(bytes[t]);
		free(marks[t]);
	}
	return common;
}

/* Two random texts of 20 different lines have about a third in common in order;
 * the bounded search finds most of it. */
static void test_slow(void)
{
	ok(common_of_random(60000, 20) > 60000 / 5,
	    "and much of what is common is found");
}

static irmin_rc run_split(void *arg, irmin_error *err)
{
	const irmin_slice texts[2] = { irmin_text("a\nb\nc\nd\n"),
		irmin_text("b\na\nd\nc\n") };
	unsigned char marks[2][4] = { { 0 } };
	irmin__lines lines[2];
	irmin_rc rc;
	size_t ids;

	(void)arg;
	rc = irmin__lines_split(texts, 2, lines, &ids, err);
	if (rc < 0)
		return rc;
	rc = irmin__lines_diff(&lines[0], &lines[1], ids, marks[0], marks[1],
	    err);
	irmin__lines_clear(lines, 2);
	return rc;
}

int main(void)
{
	srand(20261121);
	test_split();
	test_short(1);
	test_short(2);
	test_short(3);
	test_short(6);
	test_slide();
	test_slow();
	ok(alloc_fault_sweep("two texts", run_split, NULL) > 8,
	    "each allocation");
	return done_testing();
}
