/* cli/cli-diff.h: which lines differ between two texts.
 *
 * A shortest edit script (Myers, "An O(ND) difference algorithm and its
 * variations", 1986, in linear space); for texts that share little, one that is
 * nearly so and takes bounded time for each line.
 */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

#include <irmin/bytes.h>

struct cli_lines {
	irmin_slice *lines; /* each with its newline, if it has one */
	unsigned char
	    *changed; /* not 0: the other side has no such line here */
	size_t count;
};

struct cli_diff {
	struct cli_lines old, new;
};

/* Lines old_from up to old_to are replaced by new_from up to new_to. */
struct cli_diff_block {
	size_t old_from, old_to, new_from, new_to;
};

/* Compares; the lines point into the two texts. */
void cli_diff_init(struct cli_diff *diff, irmin_slice old_text,
    irmin_slice new_text);
void cli_diff_clear(struct cli_diff *diff);

/* The first block behind `block`, which begins all zero. Zero at the end. */
int cli_diff_next(const struct cli_diff *diff, struct cli_diff_block *block);

#endif
