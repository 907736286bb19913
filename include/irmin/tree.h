/* irmin/tree.h: immutable directories of values.
 *
 * Audience: everybody.
 * Shape: a tree is a git tree with all that is below it. It never changes;
 *   edit.h makes new ones that share what did not change. Entries are in git's
 *   order: a directory compares as if its name ended in '/'.
 * Owner: counted: what a function gives in `tree` is released by
 *   irmin_tree_unref. Pins stay valid after the tree is gone.
 * Threads: any.
 * Errors: what is broken or not there below a tree is ECORRUPT or EMISSING
 *   naming the id, never ABSENT.
 * Source: gitformat-tree; Irmin's Tree. Since 0.1.
 */
#ifndef IRMIN_TREE_H
#define IRMIN_TREE_H

#include <irmin/object.h>
#include <irmin/path.h>

IRMIN_C_BEGIN

typedef struct irmin_tree irmin_tree;
typedef struct irmin_list irmin_list;

/* What an entry is, with git's numbers. */
typedef enum irmin_mode {
	IRMIN_MODE_NONE = 0,
	IRMIN_MODE_TREE = 0040000,
	IRMIN_MODE_FILE = 0100644,
	IRMIN_MODE_EXECUTABLE = 0100755,
	IRMIN_MODE_SYMLINK = 0120000,
	IRMIN_MODE_GITLINK = 0160000
} irmin_mode;

/* The empty tree of a repository. Fails: ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_empty(irmin_repo *repo, irmin_tree **tree,
    irmin_error *err);

/* The tree with this id. Fails: EMISSING, ECORRUPT, EINVAL (not a tree), EIO,
 * ENOMEM. Cost: one object read. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_get(irmin_repo *repo, const irmin_oid *id,
    irmin_tree **tree, irmin_error *err);

/* Takes another reference and returns `tree`. Since 0.1. */
IRMIN_API irmin_tree *irmin_tree_ref(irmin_tree *tree);

/* Gives a reference back; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_tree_unref(irmin_tree *tree);

/* The id. It may be computed here, with those of everything below that has
 * none yet. Fails: ENOMEM, and as reading does. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_id(irmin_tree *tree, irmin_oid *id,
    irmin_error *err);

/* Writes what of it is not stored yet, and moves no head: for what is too large
 * to be kept in memory until its commit. What no commit comes to name is garbage
 * in the end. `id` may be NULL. Fails: EREADONLY, and as writing does. Cost: an
 * object write for each directory and value that is new. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_write(irmin_tree *tree, irmin_oid *id,
    irmin_error *err);

/* Whether both hold the same: by pointer, then by id. Fails: as irmin_tree_id.
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_same(irmin_tree *a, irmin_tree *b, int *same,
    irmin_error *err);

/* The value at a path: a file's bytes, a symlink's target. Answers: OK; ABSENT
 * (nothing there, or a directory or gitlink: irmin_tree_find_mode tells). The
 * pin stays valid until it is released. Fails: EINVAL, EMISSING, ECORRUPT,
 * ELIMIT, EIO, ENOMEM. Cost: an object read for each step not yet loaded, and
 * one for the value. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_find(irmin_tree *tree, const char *path,
    irmin_pin *value, irmin_error *err);

/* The same for a path that is not NUL-terminated. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_find_n(irmin_tree *tree, irmin_slice path,
    irmin_pin *value, irmin_error *err);

/* The same for a parsed path. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_find_at(irmin_tree *tree,
    const irmin_path *path, irmin_pin *value, irmin_error *err);

/* Opens the value at a path for reading in parts, however large it is. The reader
 * outlives the tree. Answers: OK; ABSENT (as irmin_tree_find; and no reader).
 * Fails: as irmin_object_open, EMISSING included. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_open_read(irmin_tree *tree, const char *path,
    irmin_reader **reader, irmin_error *err);

/* What is at a path, without reading it; the root is a TREE. Answers: OK;
 * ABSENT (and MODE_NONE). `id` may be NULL; asked for, it may be computed here.
 * Fails: as irmin_tree_find. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_find_mode(irmin_tree *tree, const char *path,
    irmin_mode *mode, irmin_oid *id, irmin_error *err);

/* The directory at a path. Answers: OK; ABSENT (nothing there, or no
 * directory). Fails: as irmin_tree_find. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_find_tree(irmin_tree *tree, const char *path,
    irmin_tree **sub, irmin_error *err);

/* The number of entries of the directory at a path; loads no child. Answers:
 * OK; ABSENT (and 0). Fails: as irmin_tree_find. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_length(irmin_tree *tree, const char *path,
    size_t *length, irmin_error *err);

/* One entry of a list. `name` is valid as long as the list; `id` is no id for
 * an entry whose id was not computed yet. */
typedef struct irmin_entry {
	irmin_slice name;
	irmin_mode mode;
	irmin_oid id;
} irmin_entry;

/* The entries of the directory at a path, from the `offset`th on, at most
 * `limit` (0: all); loads no child. Answers: OK; ABSENT (no such directory, and
 * a NULL list). Fails: as irmin_tree_find. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_list(irmin_tree *tree, const char *path,
    size_t offset, size_t limit, irmin_list **list, irmin_error *err);

/* The number of entries in a list; 0 for NULL. Since 0.1. */
IRMIN_API size_t irmin_list_length(const irmin_list *list);

/* Entry `i` of a list; the name is empty if there is no such entry. Since
 * 0.1. */
IRMIN_API irmin_entry irmin_list_entry(const irmin_list *list, size_t i);

/* Frees a list; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_list_free(irmin_list *list);

/* irmin_tree_each: flags */
enum irmin_each_flag {
	IRMIN_EACH_TREES = 1,    /* tell directories too, before what they hold */
	IRMIN_EACH_VALUES = 2,   /* read the values of files and symlinks */
	IRMIN_EACH_SHALLOW = 4   /* do not descend */
};

/* One entry of a walk; borrowed for the call. */
typedef struct irmin_visit {
	size_t size;
	irmin_slice path;  /* from the root of the walk */
	irmin_mode mode;
	irmin_oid id;      /* no id, if it was not computed yet */
	irmin_slice value; /* with IRMIN_EACH_VALUES */
} irmin_visit;

/* A non-zero answer stops the walk and is passed through. */
typedef int (*irmin_visit_fn)(void *arg, const irmin_visit *visit);

/* Walks everything below a path in git's order. Answers: OK; ABSENT (no such
 * directory); what `fn` answered. Fails: as irmin_tree_find. Cost: a read of
 * each directory, and of each value if asked. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_each(irmin_tree *tree, const char *path,
    uint32_t flags, irmin_visit_fn fn, void *arg, irmin_error *err);

IRMIN_C_END

#endif
