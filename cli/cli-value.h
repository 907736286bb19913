/* cli/cli-value.h: a value and what it is, on standard output. */
#ifndef CLI_VALUE_H
#define CLI_VALUE_H

#include "cli/cli-json.h"
#include "cli/command.h"

#define CLI_SHORT_ID 10

/* "file", "executable", "symlink", "directory", "gitlink". */
const char *cli_value_kind(irmin_mode mode);

/* The id's first digits, and a NUL. */
char *cli_value_short_id(const irmin_oid *id, char text[CLI_SHORT_ID + 1]);

/* JSON members "kind" and "mode" of something. */
void cli_value_json_mode(struct cli_json *json, irmin_mode mode);

/* Writes what is at a path of a tree: its very bytes; on a terminal escaped and
 * with a newline at the end; with --json an object. Fails: ABSENT (a definite
 * no, saying what is there instead), and as irmin_tree_find. */
irmin_rc cli_value_write(struct cli *cli, irmin_tree *tree, const char *path);

#endif
