/* cli/cli-conflict.h: the conflicts of a merge, as people and programs read
 * them, and the merge of a branch that waits for them. */
#ifndef CLI_CONFLICT_H
#define CLI_CONFLICT_H

#include "cli/cli-json.h"
#include "cli/command.h"

/* A table: path, kind, and what is to be said of it. */
void cli_conflict_table(struct cli *cli, irmin_merge_result *result);

/* An array with an object for each. */
irmin_rc cli_conflict_json(struct cli *cli, irmin_merge_result *result,
    struct cli_json *json);

/* One of them as an object; `values`: with what each side has there. */
irmin_rc cli_conflict_json_one(struct cli *cli, irmin_conflict *conflict,
    bool values, struct cli_json *json);

/* Whether a side has a value there, and not a directory, a gitlink or
 * nothing. */
bool cli_conflict_has_value(const irmin_entry *entry);

/* "base", "ours", "theirs". */
const char *cli_conflict_side_name(irmin_side side);

/* The merge that waits on the branch. Fails: ABSENT (a definite no: none does),
 * and as irmin_store_merge_resume. */
irmin_rc cli_conflict_resume(struct cli *cli, irmin_merge_result **result);

/* The conflict of the result at a path. Fails: ABSENT (a definite no). */
irmin_rc cli_conflict_find(struct cli *cli, irmin_merge_result *result,
    const char *path, irmin_conflict **conflict);

/* Keeps a result for later, so that it survives this process whatever level the
 * URI asks for. */
irmin_rc cli_conflict_save(struct cli *cli, irmin_merge_result *result);

/* `--abort`: forgets the merge that waits. */
irmin_rc cli_conflict_abort(struct cli *cli);

#endif
