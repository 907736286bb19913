/* cli/cli-commit.h: a commit as people and programs read it. */
#ifndef CLI_COMMIT_H
#define CLI_COMMIT_H

#include "cli/cli-json.h"
#include "cli/cli-refs.h"

/* Writes it as `git log` does, without the blank line behind it; `refs` may be
 * NULL. */
irmin_rc cli_commit_write(struct cli *cli, irmin_commit *commit,
    const struct cli_refs *refs);

/* One line: the short id and the first line of the message. */
irmin_rc cli_commit_write_short(struct cli *cli, irmin_commit *commit,
    const struct cli_refs *refs);

/* Its members, inside an object that the caller begins and ends. */
irmin_rc cli_commit_json(struct cli *cli, irmin_commit *commit,
    struct cli_json *json);

/* The first line of its message. */
irmin_slice cli_commit_subject(const irmin_commit *commit);

#endif
