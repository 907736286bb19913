/* cli/cli-folder.h: reading a folder of the file system. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include <sys/stat.h>

#include "cli/command.h"

/* Told each file (its bytes) and symlink (its target), both borrowed for the
 * call; `path` is from the folder. A negative answer stops. */
typedef irmin_rc (*cli_folder_fn)(void *arg, const char *path, irmin_mode mode,
    irmin_slice value);

struct cli_folder {
	uint64_t files, symlinks, skipped;
	dev_t own_device; /* of the repository, which is not read into itself */
	ino_t own_inode;
	irmin_buf path, value;
	cli_folder_fn fn;
	void *arg;
};

/* Reads everything below `dir`, one file at a time; symlinks below it are not
 * followed. What cannot be held is counted and remarked on. */
irmin_rc cli_folder_read(struct cli *cli, struct cli_folder *folder,
    const char *dir, cli_folder_fn fn, void *arg);

#endif
