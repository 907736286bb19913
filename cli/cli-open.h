/* cli/cli-open.h: the repository, branch and state a command works on. */
#ifndef CLI_OPEN_H
#define CLI_OPEN_H

#include "cli/command.h"

/* The directory of the repository that encloses the working directory, found as
 * git finds it: $GIT_DIR, else a directory on the way up that is a git directory
 * or holds `.git`. Puts its path into `dir`. Fails: EMISSING. */
irmin_rc cli_discover(struct cli *cli, irmin_buf *dir);

/* What -C or an operand names, as a URI: a URI stays, a path becomes git:PATH
 * with its special bytes escaped. */
void cli_open_uri_of(const char *text, irmin_buf *uri);

/* Opens cli->store and cli->repo for reading. */
irmin_rc cli_open(struct cli *cli);

/* Opens cli->repo only, whatever its heads are like; `flags` are enum
 * irmin_open_flag. */
irmin_rc cli_open_repo(struct cli *cli, uint32_t flags);

/* The same for changing refs: a detached HEAD does not matter. */
irmin_rc cli_open_for_refs(struct cli *cli);

/* The same for committing; `cancel` (may be NULL) ends what waits. Fails also:
 * EREFUSED when HEAD is detached and no branch was named: a commit would belong
 * to nobody. */
irmin_rc cli_open_to_write(struct cli *cli, const volatile int *cancel);

/* The commit that `rev` names; NULL: the head of the branch. Relative forms
 * without a name ("@", "@{1 hour ago}") start at the branch. Fails: ABSENT (a
 * definite no: no commit there yet), and as irmin_commit_of_revision. */
irmin_rc cli_open_commit(struct cli *cli, const char *rev,
    irmin_commit **commit);

/* The id of the head of the branch. Fails: ABSENT (a definite no), and as
 * irmin_commit_id. */
irmin_rc cli_open_head_id(struct cli *cli, irmin_oid *id);

/* The object that `rev` names, of any type: as irmin_object_of_revision, with the
 * same relative forms. */
irmin_rc cli_open_object(struct cli *cli, const char *rev, irmin_oid *id,
    irmin_object_type *type);

/* The tree of that commit; the empty tree where HEAD names a branch without a
 * commit. */
irmin_rc cli_open_tree(struct cli *cli, const char *rev, irmin_tree **tree);

/* The branch as people call it: its name, or "a detached HEAD". */
const char *cli_open_branch(const struct cli *cli);

/* With --json, the outcome of a writing command: opens an object and tells
 * result, branch and the head after it; the caller may add, and ends it. */
struct cli_json;
irmin_rc cli_open_outcome(struct cli *cli, irmin_rc rc, struct cli_json *json);

#endif
