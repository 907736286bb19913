/* lib/core/store/copy.h: what the files copy*.c share. */
#ifndef IRMIN_STORE_COPY_H
#define IRMIN_STORE_COPY_H

#include "lib/core/store/maintain.h"

/* Makes the refs of `to` those of `from`, HEAD too; `prune` removes the others.
 * `changed` is how many were made, moved or removed. */
irmin_rc irmin__copy_refs(irmin_repo *from, irmin_repo *to, int prune,
    uint64_t *changed, irmin_error *err);

#endif
