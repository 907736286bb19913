/* lib/merge/rules.h: the types of paths and directories of a repository. */
#ifndef IRMIN_MERGE_RULES_H
#define IRMIN_MERGE_RULES_H

#include "lib/core/store/merger.h"

/* The type that the rules of a repository give to a path, borrowed as long as the
 * repository lives; NULL: none does, it is bytes. */
irmin_contents *irmin__rules_find(const irmin_repo *repo, irmin_slice path);

/* The type of this name for directories, borrowed likewise; NULL: unknown. */
irmin_contents *irmin__rules_find_type(const irmin_repo *repo,
    irmin_slice name);

/* Whether a pattern matches a path. */
int irmin__pattern_matches(irmin_slice pattern, irmin_slice path);

/* Fails: EINVAL. */
irmin_rc irmin__pattern_check(const char *pattern, irmin_error *err);

/* The slots of the merger. */
irmin_rc irmin__rules_check_value(irmin_repo *repo, irmin_slice path,
    irmin_slice value, irmin_error *err);
void irmin__rules_free(irmin__rules *rules);

#endif
