/* lib/core/store/tree-edit.h: changing one path of an edit.
 *
 * A change is made in two moves: irmin__edit_walk goes down the path and notes
 * where each step is or would be; then irmin__edit_put or irmin__edit_cut makes
 * what has to be new, from the bottom up and aside, until it meets a node that
 * is the edit's own already (or the root), and puts it in there. That is the
 * only change of what was there before, and it comes last: what fails, fails
 * before it.
 */
#ifndef IRMIN_STORE_TREE_EDIT_H
#define IRMIN_STORE_TREE_EDIT_H

#include "lib/core/base/vec.h"
#include "lib/core/store/node.h"
#include "lib/core/store/tree.h"

/* One step of the path that is being changed. */
typedef struct irmin__edit_step {
	irmin_slice name;   /* of the caller's path */
	irmin__node *dir;   /* where it is looked up; NULL: no such directory */
	irmin__node *own;   /* keeps it, if not the directory above; or NULL */
	irmin__trail trail; /* to what was found there */
} irmin__edit_step;

struct irmin_edit {
	irmin_repo *repo;
	irmin_tree *tree;  /* what it began at, or was frozen to last */
	irmin__node *root; /* NULL: that of `tree`, nothing was done yet */
	uint64_t owner;    /* the tag of nodes that may be changed in place */
	size_t dirty;      /* bytes that may not be stored yet */
	int relies;        /* on objects to which no ref leads: edit-spill.c */
	int marks;         /* walks may go to the marker of a directory */
	irmin_slice path;  /* of the last walk; the caller's */
	IRMIN__VEC(irmin__edit_step) steps;
};

/* The root as it is now; it lives until the next change. */
irmin_rc irmin__edit_root(irmin_edit *edit, irmin__node **root,
    irmin_error *err);

/* Puts another root, whose reference is taken over. */
void irmin__edit_set_root(irmin_edit *edit, irmin__node *root);

/* Goes down a path to be written. Answers: OK (something is there); ABSENT.
 * Fails: EINVAL (the root, a reserved step), ECORRUPT (a directory on the way
 * that cannot be changed), and as reading does. */
irmin_rc irmin__edit_walk(irmin_edit *edit, irmin_slice path, irmin_error *err);

/* irmin_edit_set of a file, whatever the types of paths say: for trees that the
 * library makes for itself. */
irmin_rc irmin__edit_set_untyped(irmin_edit *edit, const char *path,
    irmin_slice value, irmin_error *err);

/* ---- edit-spill.c ---- */

/* Before `bytes` more are put: beyond the bound, what there is is written, and let
 * go of; the nodes that a walk found are gone then. */
irmin_rc irmin__edit_make_room(irmin_edit *edit, size_t bytes,
    irmin_error *err);

/* From now on until it is settled or freed, objects are needed to which no ref
 * leads: what protects them from being collected stays. */
void irmin__edit_rely(irmin_edit *edit);
void irmin__edit_settle(irmin_edit *edit);
void irmin__tree_rely(irmin_tree *tree);
void irmin__tree_settle(irmin_tree *tree);

/* ---- tree-edit.c ---- */

/* Forgets the last walk. */
void irmin__edit_forget_walk(irmin_edit *edit);

/* What the walk ended at. */
irmin__edit_step *irmin__edit_last(const irmin_edit *edit);

/* Puts an entry where the walk ended, in place of what was there; directories
 * on the way are made. The name of the change is not looked at, and its child's
 * reference is taken over, also on failure. Fails: EINVAL (a new name that is
 * refused), ELIMIT, ENOMEM. */
irmin_rc irmin__edit_put(irmin_edit *edit, const irmin__node_change *change,
    irmin_error *err);

/* Removes what the walk found, and the directories that are empty then. */
irmin_rc irmin__edit_cut(irmin_edit *edit, irmin_error *err);

/* Whether a directory (NULL: one that is new) may have an entry of this name and
 * mode, where one of mode `there` is, or nothing. Fails: EINVAL, ELIMIT. */
irmin_rc irmin__entry_check(const irmin_repo *repo, const irmin__node *dir,
    irmin_slice name, irmin_mode there, irmin_mode mode, irmin_error *err);

/* What an entry has, as a change that puts it elsewhere: the child is counted,
 * `id` is the room for the id. And giving the child of a change back. */
void irmin__place_copy(irmin__place place, irmin__node_change *change,
    irmin_oid *id);
void irmin__change_drop(const irmin__node_change *change);

/* ---- edit.c ---- */

/* Sets a value, with a mode or NONE; the path was checked for reading. */
irmin_rc irmin__edit_set_value(irmin_edit *edit, irmin_slice path,
    irmin_mode mode, irmin_slice value, irmin_error *err);

/* ---- edit-graft.c ---- */

/* Puts what a tree of the same repository has at a path, which is nothing if the
 * tree is NULL. Answers: OK; UNCHANGED. Fails: as irmin_edit_add_tree. */
irmin_rc irmin__edit_take(irmin_edit *edit, irmin_slice path, irmin_tree *from,
    irmin_error *err);

#endif
