/* lib/core/base/error.h: filling errors from inside the library. */
#ifndef IRMIN_BASE_ERROR_H
#define IRMIN_BASE_ERROR_H

#include <irmin/error.h>

/* Out of memory: fills `err` without allocating and returns IRMIN_ENOMEM. */
irmin_rc irmin__enomem(irmin_error *err);

/* A failed system call: maps `os_errno` to a code (ENOSPC and EDQUOT: ENOSPC;
 * EACCES and EPERM: EACCES; EROFS: EREADONLY; ENOMEM: ENOMEM; ENOENT and
 * ENOTDIR: EMISSING; EEXIST and ENOTEMPTY: EEXIST; EMFILE, ENFILE and
 * ENAMETOOLONG: ELIMIT; ENOSYS and EOPNOTSUPP: ENOTSUP; else EIO). `doing` is
 * what failed ("cannot read"); text: "<doing> <where>: <strerror>". */
irmin_rc irmin__error_system(irmin_error *err, int os_errno, const char *doing,
    const char *where);

/* As irmin_error_set, with the byte offset in `where`. */
irmin_rc irmin__error_at(irmin_error *err, irmin_rc code, const char *where,
    uint64_t offset, const char *format, ...) IRMIN_PRINTF(5, 6);

/* Gives an error that has none a `where`, and its text that beginning: lower
 * rooms know bytes and offsets, upper ones the file or id they came from. Does
 * nothing if rc is not negative. Returns `rc`. */
irmin_rc irmin__error_locate(irmin_error *err, irmin_rc rc, const char *where);

#endif
