/* git-place.h - repositories for the tests of this room, and the real git. */
#ifndef IRMIN_TESTS_GIT_PLACE_H
#define IRMIN_TESTS_GIT_PLACE_H

#include "lib/backend-git/git-parts.h"
#include "lib/backend-git/git.h"

#include "tests/support/tap.h"

/* Keeps the config of whoever runs the tests out of them. Call it first. */
void place_begin(void);

/* "<scratch directory>/<name>" */
const char *place_path(const char *name);

/* What a shell command says on standard output, without the last newline, run
 * in a directory below the scratch directory ("" for that itself). Bails if the
 * command fails. */
const char *place_says(const char *dir, const char *command, ...)
    IRMIN_PRINTF(2, 3);

/* Opens with flags; bails if it cannot. A bare repository is made by git. */
irmin_backend *place_open(const char *name, uint32_t flags);
irmin_backend *place_open_bare(const char *name);
irmin_rc place_try(const char *name, const irmin_open_options *options,
    irmin_backend **backend, irmin_error *err);
/* Opens what is on another machine. */
irmin_backend *place_open_on(irmin__os *os, const char *path);
void place_close(irmin_backend *backend);

/* The id that these hexadecimal digits are; bails if they are none. */
irmin_oid place_id(const char *hex);
const char *place_hex(const irmin_oid *id);

/* Adds an object and answers its id. */
irmin_oid place_add(irmin_backend *backend, irmin_object_type type,
    irmin_slice data);

/* A commit of the empty tree that differs by `n`. */
irmin_oid place_commit(irmin_backend *backend, unsigned n);

/* Sets a ref, whatever it is; NULL removes it. */
irmin_rc place_set(irmin_backend *backend, const char *name,
    const irmin_oid *id, irmin_error *err);

/* Checks that a ref is this id, as hexadecimal digits; NULL: absent. */
void place_check_ref(irmin_backend *backend, const char *name,
    const char *wanted, const char *what);

#endif
