/* cli/cli-nearest.h: what a mistyped word may have meant. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

/* The nearest of the words offered so far; `word` is what was typed. */
struct cli_nearest {
	const char *word;
	const char *best; /* NULL: none is near enough */
	size_t distance;
};

struct cli_nearest cli_nearest_to(const char *word);
void cli_nearest_offer(struct cli_nearest *nearest, const char *candidate);

#endif
