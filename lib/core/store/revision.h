/* lib/core/store/revision.h: what the files revision*.c share. */
#ifndef IRMIN_STORE_REVISION_H
#define IRMIN_STORE_REVISION_H

#include "lib/core/store/commit.h"

/* A revision that is being looked for. */
typedef struct irmin__revision {
	irmin_repo *repo;
	irmin_context context;
	const char *text; /* all of it, for messages */
} irmin__revision;

/* Fills err: "revision <text>: <why>". Returns `rc`. */
irmin_rc irmin__revision_refuse(const irmin__revision *revision, irmin_rc rc,
    const char *why, irmin_error *err);

/* What a revision begins with: HEAD, @, "", an id, a ref, an abbreviated id.
 * Where such an id is ambiguous, only objects count that lead to one of type
 * `want` (ANY: all; TREE: commits too). Fails: EMISSING; EINVAL (ambiguous). */
irmin_rc irmin__revision_base(const irmin__revision *revision,
    irmin_slice base, irmin_object_type want, irmin_oid *id,
    irmin_error *err);

#endif
