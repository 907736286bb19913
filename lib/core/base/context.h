/* lib/core/base/context.h: what a caller allows a call that may take long. */
#ifndef IRMIN_BASE_CONTEXT_H
#define IRMIN_BASE_CONTEXT_H

#include <irmin/backend.h>

/* Whether the call may go on; a NULL context always lets it. Fails: ECANCELED. */
irmin_rc irmin__context_check(const irmin_context *context, irmin_error *err);

#endif
