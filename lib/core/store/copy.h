/* lib/core/store/copy.h: what the files copy*.c share. */
#ifndef IRMIN_STORE_COPY_H
#define IRMIN_STORE_COPY_H

#include "lib/core/store/maintain.h"

/* irmin_repo_copy with batches of so many objects. */
irmin_rc irmin__copy_in_batches(irmin_repo *from, irmin_repo *to,
    const irmin_copy_options *options, size_t batch_objects,
    irmin_copied *copied, irmin_error *err);

/* Makes the refs of `to` those of `from`, HEAD too; `prune` removes the others.
 * `changed` is how many were made, moved or removed. */
irmin_rc irmin__copy_refs(irmin_repo *from, irmin_repo *to, int prune,
    uint64_t *changed, irmin_error *err);

#endif
