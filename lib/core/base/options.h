/* lib/core/base/options.h: option structs of callers older or newer than we. */
#ifndef IRMIN_BASE_OPTIONS_H
#define IRMIN_BASE_OPTIONS_H

#include <stddef.h>

#include <irmin/error.h>

/* Copies an option struct, whose first member is `size_t size`, into ours of
 * `bytes` bytes: as far as its size covers, the rest zero; NULL is all zero. The
 * copy's size is `bytes`. `what` names the struct. Fails: EINVAL (a size of 0, or
 * of a newer header with a member set that we do not know). */
irmin_rc irmin__options_read(void *to, size_t bytes, const void *from,
    const char *what, irmin_error *err);

#endif
