/* cli/cli-nearest.c: see cli-nearest.h. */
#include <string.h>

#include "cli/cli-nearest.h"

#define LONGEST 32

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* One more row of the table: row[j] is the cost of making the first j letters
 * of `b` from the first i of `a`. */
static void next_row(const char *a, const char *b, size_t i,
    size_t rows[3][LONGEST + 1])
{
	size_t *row = rows[i % 3];
	const size_t *above = rows[(i + 2) % 3];
	const size_t *two_above = rows[(i + 1) % 3];

	row[0] = i;
	for (size_t j = 1; b[j - 1]; j++) {
		row[j] = least(above[j], row[j - 1]) + 1;
		row[j] = least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
		if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
		    a[i - 2] == b[j - 1])
			row[j] = least(row[j], two_above[j - 2] + 1);
	}
}

/* Letters put in, left out, changed, or swapped with their neighbour. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1];
	size_t a_len = strlen(a);
	size_t b_len = strlen(b);

	if (a_len > LONGEST || b_len > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++)
		next_row(a, b, i, rows);
	return rows[a_len % 3][b_len];
}

struct cli_nearest cli_nearest_to(const char *word)
{
	struct cli_nearest nearest = { word, NULL, 0 };

	/* "brnach" may mean "branch", "x" may not mean "ls". */
	nearest.distance = strlen(word) / 3 + 1;
	if (nearest.distance > 3)
		nearest.distance = 3;
	return nearest;
}

void cli_nearest_offer(struct cli_nearest *nearest, const char *candidate)
{
	size_t d = distance(nearest->word, candidate);

	if (strncmp(candidate, nearest->word, strlen(nearest->word)) == 0)
		d = least(d, 1);
	if (d < nearest->distance ||
	    (d == nearest->distance && !nearest->best &&
		d < strlen(candidate))) {
		nearest->best = candidate;
		nearest->distance = d;
	}
}
