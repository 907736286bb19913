/* lib/merge/merge-origin.h: of which store's heads a result is a merge. */
#ifndef IRMIN_MERGE_MERGE_ORIGIN_H
#define IRMIN_MERGE_MERGE_ORIGIN_H

#include "lib/core/store/store.h"
#include "lib/merge/result.h"
#include <irmin/store-merge.h>

struct irmin__merge_origin {
	irmin_store *store; /* counted, as what follows */
	irmin_commit *ours, *theirs;
	irmin_commit *saved; /* what was saved of this result; or NULL */
	irmin_buf message;   /* of the commit to come, where nobody says another */
};

/* Makes a result one of a store. Fails: ENOMEM. */
irmin_rc irmin__merge_origin_set(irmin_merge_result *result,
    irmin_store *store, irmin_commit *ours, irmin_commit *theirs,
    irmin_slice message, irmin_error *err);

/* Fails: EINVAL (a result of something else). */
irmin_rc irmin__merge_origin_check(const irmin_merge_result *result,
    irmin_error *err);

/* Forgets what was saved of a result, if it still is there; merge-saved.c. */
irmin_rc irmin__saved_forget(irmin_merge_result *result, irmin_error *err);

#endif
