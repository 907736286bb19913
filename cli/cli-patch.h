/* cli/cli-patch.h: what differs between two trees, as people and programs read
 * it. */
#ifndef CLI_PATCH_H
#define CLI_PATCH_H

#include "cli/cli-json.h"
#include "cli/command.h"

enum cli_patch_form {
	CLI_PATCH_LINES, /* as `git diff` */
	CLI_PATCH_NAMES, /* paths only */
	CLI_PATCH_KINDS, /* A, M or D, and the path */
	CLI_PATCH_JSON   /* elements of an array the caller begins and ends */
};

/* The tree before a commit: that of its first parent; NULL where it has none, or
 * where the history is cut. */
irmin_rc cli_patch_before(struct cli *cli, irmin_commit *commit,
    irmin_tree **tree);

/* Writes what differs below `path`; NULL trees are empty. `json` is for the
 * JSON form only. */
irmin_rc cli_patch_write(struct cli *cli, irmin_tree *from, irmin_tree *to,
    const char *path, enum cli_patch_form form, struct cli_json *json);

#endif
