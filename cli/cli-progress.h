/* cli/cli-progress.h: how far long work is, for people who look on.
 *
 * A line on standard error, if that is a terminal, from a third of a second on;
 * it is gone when the work is done.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/command.h"

struct cli_progress {
	const char *doing; /* "importing" */
	uint64_t total;    /* files; 0: nobody knows */
	uint64_t count, bytes;
	int64_t begun_ms, drawn_ms;
	bool wanted;
};

void cli_progress_begin(struct cli_progress *progress, const struct cli *cli,
    const char *doing, uint64_t total);

/* One more file of so many bytes. */
void cli_progress_step(struct cli_progress *progress, uint64_t bytes);

/* Takes the line away. Returns the seconds it all took. */
double cli_progress_end(struct cli_progress *progress);

/* "12 bytes", "3.4 MB". */
#define CLI_SIZE_BYTES 32
const char *cli_progress_size(uint64_t bytes, char text[CLI_SIZE_BYTES]);

#endif
