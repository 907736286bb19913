/* cli/cli-refs.h: which refs point to a commit, for logs that people read. */
#ifndef CLI_REFS_H
#define CLI_REFS_H

#include "cli/command.h"

struct cli_refs {
	struct cli_ref *refs; /* sorted by id */
	size_t count, room;
};

/* Collects them; tags are followed to their commits. Call it when cli->store is
 * open. */
irmin_rc cli_refs_init(struct cli *cli, struct cli_refs *refs);
void cli_refs_clear(struct cli_refs *refs);

/* " (HEAD -> main, tag: v1)", or nothing. */
void cli_refs_write(const struct cli_refs *refs, const irmin_oid *id,
    struct cli_out *out);

#endif
