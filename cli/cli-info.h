/* cli/cli-info.h: who commits, when and why, for the commands that do. */
#ifndef CLI_INFO_H
#define CLI_INFO_H

#include "cli/command.h"

/* Keys of the options that such a command has in its table. */
enum { CLI_KEY_MESSAGE = 'm', CLI_KEY_AUTHOR = CLI_LONG_ONLY + 200 };

#define CLI_INFO_OPTIONS                                                       \
	{ CLI_KEY_MESSAGE, "message", "MSG",                                   \
		"why; else the library says "                                  \
		"what" },                                                      \
	{                                                                      \
		CLI_KEY_AUTHOR, "author", "A", "who, as 'Name <e-mail>'"       \
	}

struct cli_info {
	irmin_info info;
	irmin_buf author, committer; /* what info points to */
};

/* From the options, else from GIT_AUTHOR_* and GIT_COMMITTER_*, else as the
 * library has it, which is as git does. Call it when cli->store is open.
 * Fails: EINVAL. */
irmin_rc cli_info_init(struct cli *cli, struct cli_info *info);
void cli_info_clear(struct cli_info *info);

#endif
