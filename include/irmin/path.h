/* irmin/path.h: where a value lives.
 *
 * Audience: everybody; the parsed form is for hot loops.
 * Shape: a path is steps joined by '/'. A step is 1 to 255 bytes without NUL
 *   and '/', in any encoding; nothing is folded. Leading, trailing and double
 *   slashes are dropped; "" is the root. Refused are the steps that git
 *   refuses: ".", "..", ".git" and its disguises on HFS+ and NTFS. The step
 *   ".irmin" is reserved for typed directories.
 * Limits: 4,096 bytes a path and 512 steps (irmin_open_options changes them).
 * Threads: any; an irmin_path is immutable and counted.
 * Source: verify_path and fsck of git. Since 0.1.
 */
#ifndef IRMIN_PATH_H
#define IRMIN_PATH_H

#include <irmin/bytes.h>

IRMIN_C_BEGIN

typedef struct irmin_path irmin_path;

/* Parses a path once, to be used many times by the functions that end in
 * `_at`. Fails: EINVAL naming the rule that refuses it, ELIMIT, ENOMEM.
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_path_parse(irmin_slice text, irmin_path **path,
    irmin_error *err);

/* Takes another reference and returns `path`. Since 0.1. */
IRMIN_API irmin_path *irmin_path_ref(irmin_path *path);

/* Gives a reference back; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_path_unref(irmin_path *path);

/* The number of steps; 0 for the root. Since 0.1. */
IRMIN_API size_t irmin_path_length(const irmin_path *path);

/* Step `i`, valid as long as the path; empty if there is no such step. Since
 * 0.1. */
IRMIN_API irmin_slice irmin_path_step(const irmin_path *path, size_t i);

/* The path in its plain form: steps joined by single slashes, with a NUL
 * behind them. Valid as long as the path. Since 0.1. */
IRMIN_API irmin_slice irmin_path_text(const irmin_path *path);

IRMIN_C_END

#endif
