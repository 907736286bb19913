/* irmin/edit.h: making a new tree from an old one.
 *
 * Audience: everybody who changes more than one path.
 * Shape: a builder. It starts at a tree, copies a directory the first time it
 *   is changed and changes it in place after that; freezing it into a tree is
 *   O(1), and the edit can go on from there.
 *   Removing the last entry of a directory removes the directory, up to the
 *   root. A value may replace a directory and the reverse.
 *   An edit that changes nothing gives back the very tree it started from.
 * Owner: freed by irmin_edit_free; it keeps its base.
 * Threads: one at a time for each edit.
 * Errors: stored state is never touched; a call that fails leaves the edit as
 *   it was.
 * Source: Irmin's Tree.add, Tree.remove. Since 0.1.
 */
#ifndef IRMIN_EDIT_H
#define IRMIN_EDIT_H

#include <irmin/tree.h>

IRMIN_C_BEGIN

typedef struct irmin_edit irmin_edit;

/* Starts at `base`. Fails: ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_new(irmin_tree *base, irmin_edit **edit,
    irmin_error *err);

/* Frees an edit; NULL is accepted. Trees frozen from it stay. Since 0.1. */
IRMIN_API void irmin_edit_free(irmin_edit *edit);

/* Freezes: the tree as it is now. The edit can be used further. Fails: ENOMEM.
 * Cost: O(1). Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_tree(irmin_edit *edit, irmin_tree **tree,
    irmin_error *err);

/* Sets the value at a path (the bytes are copied). Over a file or symlink it
 * keeps the mode; over anything else it makes a plain file. Answers: OK;
 * UNCHANGED (the same value was there). Fails: EINVAL (the root, a step that is
 * refused, contents that git refuses in .gitmodules and .gitattributes), ELIMIT,
 * EMISSING, ECORRUPT, EIO, ENOMEM. Cost: as irmin_tree_find, and a copy of each
 * directory on the way that this edit did not copy yet. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_set(irmin_edit *edit, const char *path,
    irmin_slice value, irmin_error *err);

/* The same for a path that is not NUL-terminated. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_set_n(irmin_edit *edit, irmin_slice path,
    irmin_slice value, irmin_error *err);

/* The same for a parsed path. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_set_at(irmin_edit *edit,
    const irmin_path *path, irmin_slice value, irmin_error *err);

/* Sets value and mode: FILE, EXECUTABLE or SYMLINK. Otherwise as irmin_edit_set.
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_set_mode(irmin_edit *edit, const char *path,
    irmin_mode mode, irmin_slice value, irmin_error *err);

/* Puts a blob that the repository has, by its id: FILE, EXECUTABLE or SYMLINK,
 * or NONE for the mode that irmin_edit_set would choose. Answers: OK; UNCHANGED.
 * Fails: EMISSING, EINVAL (not a blob), and as irmin_edit_set. Cost: as that, and
 * a look at the blob, not at its bytes. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_set_blob(irmin_edit *edit, const char *path,
    irmin_mode mode, const irmin_oid *id, irmin_error *err);

/* Puts a gitlink (the id of a commit of another repository). Otherwise as
 * irmin_edit_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_set_gitlink(irmin_edit *edit, const char *path,
    const irmin_oid *id, irmin_error *err);

/* Puts a tree of the same repository at a path; an empty tree removes what is
 * there. Answers: OK; UNCHANGED. Fails: EINVAL (a tree of another repository),
 * and as irmin_edit_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_add_tree(irmin_edit *edit, const char *path,
    irmin_tree *tree, irmin_error *err);

/* Removes what is at a path, directories whole. Answers: OK; UNCHANGED (nothing
 * was there). Fails: as irmin_edit_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_remove(irmin_edit *edit, const char *path,
    irmin_error *err);

/* The same for a path that is not NUL-terminated. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_remove_n(irmin_edit *edit, irmin_slice path,
    irmin_error *err);

/* The same for a parsed path. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_remove_at(irmin_edit *edit,
    const irmin_path *path, irmin_error *err);

/* Moves what is at `from`, value or directory, to `to`, replacing what is
 * there. Answers: OK; UNCHANGED (same path); ABSENT (nothing at `from`; nothing
 * is changed). Fails: EINVAL (one path lies below the other), and as
 * irmin_edit_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_move(irmin_edit *edit, const char *from,
    const char *to, irmin_error *err);

/* Reads, with the changes made so far: as irmin_tree_find. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_find(irmin_edit *edit, const char *path,
    irmin_pin *value, irmin_error *err);

/* As irmin_tree_find_mode, without the id. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_find_mode(irmin_edit *edit, const char *path,
    irmin_mode *mode, irmin_error *err);

IRMIN_C_END

#endif
