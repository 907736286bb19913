/* with-git.h - what the tests beside the real git share. */
#ifndef IRMIN_TESTS_WITH_GIT_H
#define IRMIN_TESTS_WITH_GIT_H

#include <irmin/irmin.h>

#include <stdint.h>

#include "tests/support/buf-print.h"

/* A directory of this name below the scratch directory, not made yet. */
const char *git_path(const char *name);

/* Makes an empty bare repository with git; `format` is "sha1" or "sha256". */
void git_init(const char *dir, const char *format);

/* What `git --git-dir DIR ...` says, without its last newline, kept until exit;
 * bails if git fails. */
const char *git_says(const char *dir, const char *command, ...)
    IRMIN_PRINTF(2, 3);

/* Feeds a stream to `git fast-import`; all objects end up loose. */
void git_fast_import(const char *dir, const irmin_buf *stream);

/* Checks that `git fsck --strict` finds nothing; nobody may write meanwhile. */
void git_fsck_is_clean(const char *dir);

/* Opens git:DIR with these options (NULL: defaults); bails if it cannot. */
irmin_repo *git_open(const char *dir, const irmin_open_options *options);

/* A fixed sequence of random numbers; `state` is the seed. */
uint64_t random_next(uint64_t *state);
unsigned random_below(uint64_t *state, unsigned limit);

#endif
