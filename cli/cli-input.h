/* cli/cli-input.h: a value from a file or from standard input, of any size. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "cli/command.h"

struct cli_input {
	const char *name; /* for messages */
	irmin_buf whole;  /* all of it, where it is not large */
	bool large;       /* then it is read by cli_input_read, */
	uint64_t bytes;   /* so many bytes */
	int fd;
	int error; /* errno, after cli_input_read failed */
};

/* Opens the file, or standard input for NULL. Of a large value that comes through
 * a pipe, whose size must be known beforehand, the bytes go to a file without a
 * name in $TMPDIR, else in /tmp. */
irmin_rc cli_input_open(struct cli *cli, const char *file,
    struct cli_input *input);
void cli_input_close(struct cli_input *input);

/* An irmin_read_fn; `input` is a struct cli_input. */
int cli_input_read(void *input, void *bytes, size_t len, size_t *got);

#endif
