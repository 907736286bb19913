/* cli/cli-progress.h: how far long work is, for people who look on.
 *
 * A line on standard error, if that is a terminal, from a third of a second on
 * (GIT_PROGRESS_DELAY says after how many seconds instead); it is gone when the
 * work is done.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/command.h"

struct cli_progress {
	const char *doing; /* "importing", or the command's name and */
	const char *stage; /* of work that the library does; NULL: files */
	uint64_t total;    /* 0: nobody knows */
	uint64_t count, bytes;
	int64_t begun_ms, patience_ms, drawn_ms;
	bool wanted, drawn;
};

void cli_progress_begin(struct cli_progress *progress, const struct cli *cli,
    const char *doing, uint64_t total);

/* One more file of so many bytes. */
void cli_progress_step(struct cli_progress *progress, uint64_t bytes);

/* An irmin_progress_fn; `progress` is a struct cli_progress. */
int cli_progress_tell(void *progress, const char *stage, uint64_t done,
    uint64_t total);

/* Takes the line away until it is drawn again: something is to be written. */
void cli_progress_hide(struct cli_progress *progress);

/* Takes the line away for good. Returns the seconds it all took. */
double cli_progress_end(struct cli_progress *progress);

/* "12 bytes", "3.4 MB". */
#define CLI_SIZE_BYTES 32
const char *cli_progress_size(uint64_t bytes, char text[CLI_SIZE_BYTES]);

#endif
