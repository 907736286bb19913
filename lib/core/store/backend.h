/* lib/core/store/backend.h: a backend from the outside: is it whole, and its
 * end. What a repository asks of one is in repo.h. */
#ifndef IRMIN_STORE_BACKEND_H
#define IRMIN_STORE_BACKEND_H

#include <irmin/backend.h>

/* Whether every required slot and member is there. Fails: EINVAL naming it. */
irmin_rc irmin__backend_check(const irmin_backend *backend, irmin_error *err);

/* Closes objects, refs, and the backend itself; NULL, and parts that are
 * missing, are accepted. */
void irmin__backend_close(irmin_backend *backend);

#endif
