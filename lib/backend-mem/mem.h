/* lib/backend-mem/mem.h: a repository in memory, gone when it is closed.
 *
 * What lives in lib/backend-mem: a table of objects by id (mem-objects.c), a
 * sorted table of refs (mem-refs.c), and the opener.
 */
#ifndef IRMIN_BACKEND_MEM_H
#define IRMIN_BACKEND_MEM_H

#include "lib/core/base/os.h"
#include <irmin/backend.h>

/* A new, empty repository whose HEAD names refs/heads/main. */
irmin_rc irmin__mem_open(irmin__os *os, const irmin_open_options *options,
    irmin_backend **backend, irmin_error *err);

#endif
