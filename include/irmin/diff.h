/* irmin/diff.h: what differs between two trees.
 *
 * Audience: everybody.
 * Shape: a cursor over the changed paths, in git's order. A file that became a
 *   directory is one REMOVED and the ADDED files in it. Only leaves are told:
 *   values and gitlinks, not directories.
 * Owner: the cursor is freed by irmin_diff_free; it keeps both trees.
 * Threads: one at a time for each cursor.
 * Source: git diff-tree -r. Since 0.1.
 */
#ifndef IRMIN_DIFF_H
#define IRMIN_DIFF_H

#include <irmin/tree.h>

IRMIN_C_BEGIN

typedef struct irmin_diff irmin_diff;

typedef enum irmin_change_kind {
	IRMIN_CHANGE_ADDED = 1,
	IRMIN_CHANGE_REMOVED = 2,
	IRMIN_CHANGE_CHANGED = 3 /* the bytes, or the mode, or both */
} irmin_change_kind;

/* One change, valid until the cursor moves. Ids are computed where they were
 * not yet known. */
typedef struct irmin_change {
	irmin_change_kind kind;
	irmin_slice path; /* NUL behind it */
	irmin_mode old_mode, new_mode;
	irmin_oid old_id, new_id;
} irmin_change;

/* Opens a cursor over what changed from `from` to `to` below `path` ("": all);
 * NULL stands for the empty tree. Fails: EINVAL (path), ENOMEM; reading errors
 * come from irmin_diff_next. Cost: the whole diff is proportional to the
 * change; equal subtrees are never opened. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_diff(irmin_tree *from, irmin_tree *to,
    const char *path, irmin_diff **diff, irmin_error *err);

/* The next change. Answers: OK; END. Fails: EMISSING, ECORRUPT, EIO, ENOMEM.
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_diff_next(irmin_diff *diff, irmin_change *change,
    irmin_error *err);

/* The value before (`side` 0) or after (1) the change last told. Answers: OK;
 * ABSENT (that side has none, or is a gitlink). Fails: as irmin_tree_find.
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_diff_value(irmin_diff *diff, int side,
    irmin_pin *value, irmin_error *err);

/* Frees a cursor; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_diff_free(irmin_diff *diff);

IRMIN_C_END

#endif
