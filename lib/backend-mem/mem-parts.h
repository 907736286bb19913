/* lib/backend-mem/mem-parts.h: the two halves of the memory backend. */
#ifndef IRMIN_BACKEND_MEM_PARTS_H
#define IRMIN_BACKEND_MEM_PARTS_H

#include "lib/core/base/os.h"
#include <irmin/backend.h>

/* An empty object store. Fails: ENOMEM, EIO (no randomness). */
irmin_rc irmin__mem_objects_new(irmin__os *os, irmin_hash_algo hash,
    irmin_objects **objects, irmin_error *err);

/* A ref store with nothing but HEAD, which names `head`. Fails: ENOMEM. */
irmin_rc irmin__mem_refs_new(irmin_hash_algo hash, const char *head,
    irmin_refs **refs, irmin_error *err);

#endif
