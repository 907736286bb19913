/* lib/backend-git/git.h: a git directory as a repository.
 *
 * What lives in lib/backend-git: one git directory: its layout and config,
 * where objects lie (in files, packs, and elsewhere), refs and their locks. It
 * knows nothing of trees in memory, and merges nothing. Formats of packs live in
 * lib/pack.
 */
#ifndef IRMIN_BACKEND_GIT_H
#define IRMIN_BACKEND_GIT_H

#include "lib/core/base/os.h"
#include <irmin/backend.h>

/* Opens the git directory at `path`: a git directory, a work tree with .git, or
 * one whose .git is a file. With IRMIN_OPEN_CREATE a repository is made where
 * there is nothing, or an empty directory. */
irmin_rc irmin__git_open(irmin__os *os, const char *path,
    const irmin_open_options *options, irmin_backend **backend,
    irmin_error *err);

#endif
