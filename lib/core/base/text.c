#include "lib/core/base/text.h"

#include "lib/core/base/error.h"
#include <irmin/alloc.h>

/* Longer words are not compared. */
#define MAX_WORD 16

irmin_rc irmin__text_copy(irmin_slice text, char **copy, irmin_error *err)
{
	*copy = irmin_malloc(text.len + 1);
	if (!*copy)
		return irmin__enomem(err);
	if (text.len)
		memcpy(*copy, text.data, text.len);
	(*copy)[text.len] = '\0';
	return IRMIN_OK;
}

/* Insertions, removals and changes from one word to another. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t row[MAX_WORD + 1], i, j;

	for (j = 0; j <= b_len; j++)
		row[j] = j;
	for (i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= b_len; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b_len];
}

int irmin__text_is_near(irmin_slice typed, const char *word)
{
	size_t len = strlen(word);

	return typed.len <= MAX_WORD && len <= MAX_WORD &&
	    distance(typed.data, typed.len, word, len) <= (len + 2) / 3;
}
