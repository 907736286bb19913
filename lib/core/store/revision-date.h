/* lib/core/store/revision-date.h: moments as people write them. */
#ifndef IRMIN_STORE_REVISION_DATE_H
#define IRMIN_STORE_REVISION_DATE_H

#include "lib/core/base/os.h"

/* Seconds since 1970 of a moment: revision-date.c has the forms. Fails: EINVAL
 * naming them. */
irmin_rc irmin__date_parse(irmin__os *os, irmin_slice text, int64_t *seconds,
    irmin_error *err);

#endif
