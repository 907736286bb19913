/* lib/backend-git/git-config.h: the settings in git's config files.
 *
 * Includes (include.path, includeIf.*) are not followed: what they name may lie
 * anywhere, and nothing that a repository names is opened.
 */
#ifndef IRMIN_BACKEND_GIT_CONFIG_H
#define IRMIN_BACKEND_GIT_CONFIG_H

#include "lib/core/base/os.h"
#include "lib/core/base/vec.h"
#include <irmin/bytes.h>

/* One "key = value"; both are offsets of C strings in the text. */
typedef struct irmin__git_entry {
	size_t key;   /* "section.name" or "section.subsection.name" */
	size_t value; /* IRMIN__GIT_NO_VALUE for a key without "=" */
} irmin__git_entry;

#define IRMIN__GIT_NO_VALUE SIZE_MAX

/* All zero is the empty one. */
typedef struct irmin__git_config {
	irmin_buf text;
	IRMIN__VEC(irmin__git_entry) entries;
} irmin__git_config;

void irmin__git_config_clear(irmin__git_config *config);

/* Appends what `bytes` say. Fails: ECORRUPT with the offset, and the line in the
 * text; ENOMEM. */
irmin_rc irmin__git_config_parse(irmin__git_config *config, irmin_slice bytes,
    irmin_error *err);

/* Appends what a file says. Answers: OK; ABSENT (no such file). Fails: as
 * irmin__git_config_parse, ELIMIT (a file of more than 8 MiB), EIO, ... */
irmin_rc irmin__git_config_read(irmin__git_config *config, irmin__os *os,
    const char *file, irmin_error *err);

/* The last value of a key; section and name are found in any case. NULL if it
 * is not there; "" for a key without "=". */
const char *irmin__git_config_find(const irmin__git_config *config,
    const char *key);

/* The same as a truth value: a key without "=" is true. Answers: OK; ABSENT (and
 * `value` is as it was). Fails: ECORRUPT (neither true nor false). */
irmin_rc irmin__git_config_bool(const irmin__git_config *config,
    const char *key, int *value, irmin_error *err);

/* The same as a number, with git's k, m, g. Answers: OK; ABSENT (and `value` is
 * as it was). Fails: ECORRUPT. */
irmin_rc irmin__git_config_number(const irmin__git_config *config,
    const char *key, int64_t *value, irmin_error *err);

/* The first entry at or after *cursor (start with 0), which is moved behind it;
 * NULL at the end. */
const char *irmin__git_config_next(const irmin__git_config *config,
    size_t *cursor);

#endif
