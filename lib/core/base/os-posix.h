/* lib/core/base/os-posix.h: the slots of os-posix.c that are no file's.
 *
 * They stand in os-posix-host.c (clocks, randomness, names of host and user)
 * and os-posix-proc.c (who has a file open).
 */
#ifndef IRMIN_BASE_OS_POSIX_H
#define IRMIN_BASE_OS_POSIX_H

#include "lib/core/base/os-class.h"

int64_t irmin__posix_now_us(irmin__os *os);
int64_t irmin__posix_monotonic_us(irmin__os *os);
void irmin__posix_sleep_us(irmin__os *os, int64_t us);
int32_t irmin__posix_zone(irmin__os *os, int64_t seconds);
irmin_rc irmin__posix_random(irmin__os *os, void *bytes, size_t len,
    irmin_error *err);
void irmin__posix_host(irmin__os *os, char *name, size_t name_bytes);
void irmin__posix_user(irmin__os *os, char *name, size_t name_bytes);
const char *irmin__posix_environment(irmin__os *os, const char *name);
irmin_rc irmin__posix_absolute(irmin__os *os, const char *path, irmin_buf *out,
    irmin_error *err);
irmin_rc irmin__posix_holder(irmin__os *os, const char *path, char *who,
    size_t who_bytes);

#endif
