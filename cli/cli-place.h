/* cli/cli-place.h: writing below a directory, and never outside it.
 *
 * Every step of a path is opened from the one before, and no step may be a
 * symlink: whatever stands below the directory, or is put there meanwhile,
 * cannot lead out of it.
 */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include "cli/command.h"

struct cli_place {
	const char *dir;
	int *fds; /* the directory, then each step of `path` */
	size_t depth, room;
	irmin_buf path; /* where we are */
	bool force;     /* files and symlinks in the way are replaced */
};

/* Opens the directory; `make`: if it is not there, makes it. Answers: OK;
 * ABSENT. */
irmin_rc cli_place_open(struct cli *cli, struct cli_place *place,
    const char *dir, bool make);
void cli_place_close(struct cli_place *place);

/* Whether a file or symlink can be put at `path`. Answers: OK. Fails: EEXIST. */
irmin_rc cli_place_check(struct cli *cli, struct cli_place *place,
    irmin_slice path);

/* Puts it there, with the directories on the way. A gitlink becomes an empty
 * directory, as git makes it. */
irmin_rc cli_place_put(struct cli *cli, struct cli_place *place,
    irmin_slice path, irmin_mode mode, irmin_slice value);

#endif
