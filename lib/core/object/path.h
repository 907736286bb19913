/* lib/core/object/path.h: paths step by step. */
#ifndef IRMIN_OBJECT_PATH_H
#define IRMIN_OBJECT_PATH_H

#include <irmin/path.h>

/* Bounds; all zero is the default of each. */
typedef struct irmin__path_limits {
	size_t path_bytes; /* 4,096 */
	size_t step_bytes; /* 255 */
	size_t depth;      /* 512 */
} irmin__path_limits;

/* The step that only typed directories have, and only this library writes. */
#define IRMIN__RESERVED_STEP ".irmin"

/* The same with its defaults filled in; NULL is all of them. */
irmin__path_limits irmin__path_limits_resolve(
    const irmin__path_limits *limits);

/* Walks the steps of a text. `rest` is what is left; start with the whole text.
 * Checks nothing. Answers: OK and the next step; END. */
irmin_rc irmin__path_step_next(irmin_slice *rest, irmin_slice *step);

/* Whether a text is a path within the limits whose steps may be READ (no NUL, a
 * length of 1 and more). Fails: EINVAL, ELIMIT; err->where is the path. */
irmin_rc irmin__path_check_read(irmin_slice text,
    const irmin__path_limits *limits, irmin_error *err);

/* Whether it may also be WRITTEN: every step passes irmin__check_step
 * (write-check.h), and none is ".irmin". err->where is left to the caller, who
 * may hand in one step of a longer path. */
irmin_rc irmin__path_check_write(irmin_slice text,
    const irmin__path_limits *limits, irmin_error *err);

/* Sets `where` of an error that has none to a path. Returns err's code, or
 * `rc`. */
irmin_rc irmin__path_locate(irmin_error *err, irmin_rc rc, irmin_slice text);

#endif
