/* lib/core/store/ancestor.h: which of two commits came first. */
#ifndef IRMIN_STORE_ANCESTOR_H
#define IRMIN_STORE_ANCESTOR_H

#include "lib/core/store/commit.h"

typedef enum irmin__relation {
	IRMIN__SAME,
	IRMIN__ANCESTOR,   /* the first is an ancestor of the second */
	IRMIN__DESCENDANT, /* the reverse */
	IRMIN__UNRELATED   /* neither */
} irmin__relation;

/* What one commit is to another of the same repository. Fails: ETRUNCATED (the
 * answer lies where a history was cut off). Cost: a walk back from both until
 * they meet, or, with generations, until one is passed. */
irmin_rc irmin__commit_relation(const irmin_context *context, irmin_commit *a,
    irmin_commit *b, irmin__relation *relation, irmin_error *err);

/* Whether `a` is `b` or an ancestor of it; at most `max_commits` (0: all) are
 * visited. Fails: ELIMIT, and as irmin__commit_relation, where the history of
 * `b` was cut off. */
irmin_rc irmin__commit_is_ancestor(const irmin_context *context,
    irmin_commit *a, irmin_commit *b, uint64_t max_commits, int *answer,
    irmin_error *err);

#endif
