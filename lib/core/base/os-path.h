/* lib/core/base/os-path.h: paths of files by their spelling alone. */
#ifndef IRMIN_BASE_OS_PATH_H
#define IRMIN_BASE_OS_PATH_H

#include <irmin/bytes.h>

/* Appends a path's steps to the absolute path in `out`: "." and empty steps are
 * dropped, ".." takes the last one away. Fails: ENOMEM. */
irmin_rc irmin__os_path_append(irmin_buf *out, const char *steps,
    irmin_error *err);

#endif
