/* lib/core/store/tree-walk.h: from a tree to its nodes, entries and values. */
#ifndef IRMIN_STORE_TREE_WALK_H
#define IRMIN_STORE_TREE_WALK_H

#include "lib/core/store/node.h"
#include "lib/core/store/tree.h"

/* A handle. Its root is loaded like a child of a node: when it is first asked
 * for, by whoever comes first. */
struct irmin_tree {
	atomic_size_t refs;
	irmin_repo *repo;
	_Atomic(irmin__node *) root; /* NULL: not loaded, it has this id */
	irmin_oid id;
	atomic_int relies; /* on objects to which no ref leads: edit-spill.c */
};

/* A tree with this root, whose reference is taken over on success. */
irmin_rc irmin__tree_of_node(irmin_repo *repo, irmin__node *root,
    irmin_tree **tree, irmin_error *err);

/* The root, or NULL if it is not loaded. */
irmin__node *irmin__tree_loaded_root(const irmin_tree *tree);

/* The root, loaded if need be; it lives as long as the tree. */
irmin_rc irmin__tree_root(irmin_tree *tree, irmin__node **root,
    irmin_error *err);

/* The directory of an entry, loaded if need be. It lives as long as its parent,
 * and `own` is NULL; or, where the cache is full, only by the reference `own`,
 * which the caller gives back. `path` is its path, for errors. */
irmin_rc irmin__place_open(irmin_repo *repo, irmin__place place,
    irmin_slice path, irmin__node **child, irmin__node **own, irmin_error *err);

/* Goes on from a directory to one below it: gives back the reference `held` that
 * kept the upper one, if the lower one has one of its own. */
static inline void irmin__node_hold(irmin__node **held, irmin__node *own)
{
	if (!own)
		return;
	irmin__node_unref(*held);
	*held = own;
}

/* The value of an entry. Answers: OK; ABSENT (it has none). */
irmin_rc irmin__place_value(irmin_repo *repo, irmin__place place,
    irmin_slice path, irmin_pin *value, irmin_error *err);

/* The id of a node, computed where it is not known, with those of everything
 * below it; nothing is written. */
irmin_rc irmin__node_id(irmin_repo *repo, irmin__node *node, irmin_oid *id,
    irmin_error *err);

/* The id of an entry, computed likewise. */
irmin_rc irmin__place_find_id(irmin_repo *repo, irmin__place place,
    irmin_oid *id, irmin_error *err);

/* Whether two directories are the same: by pointers and known ids, and where
 * these do not tell, by what is in them; nothing is hashed that pointers tell.
 * Fails: as irmin__node_id. Cost: what they do not share. */
irmin_rc irmin__node_same(irmin_repo *repo, irmin__node *a, irmin__node *b,
    int *same, irmin_error *err);

/* What a path leads to: an entry or, where the place has no leaf, the root. */
typedef struct irmin__spot {
	irmin__place place;
	irmin_slice path;  /* as it was given */
	irmin__node *held; /* what keeps the place, if not the root; or NULL */
} irmin__spot;

static inline int irmin__spot_is_root(const irmin__spot *spot)
{
	return spot->place.leaf == NULL;
}

/* Finds what is at a path below `root`. Answers: OK (the spot is to be cleared);
 * ABSENT. */
irmin_rc irmin__spot_find(irmin_repo *repo, irmin__node *root, irmin_slice path,
    irmin__spot *spot, irmin_error *err);

static inline void irmin__spot_clear(irmin__spot *spot)
{
	irmin__node_unref(spot->held);
}

irmin_mode irmin__spot_mode(const irmin__spot *spot);

/* Answers: OK; ABSENT (a directory, a gitlink). */
irmin_rc irmin__spot_value(irmin_repo *repo, const irmin__spot *spot,
    irmin_pin *value, irmin_error *err);

/* Finds a directory of a tree; the caller gives it back. Answers: OK; ABSENT. */
irmin_rc irmin__tree_open(irmin_tree *tree, const char *path,
    irmin__node **node, irmin_error *err);

/* The path up to a step that irmin__path_step_next found in it. */
static inline irmin_slice irmin__path_to(irmin_slice path, irmin_slice step)
{
	const char *begin = path.data, *end = step.data;

	return irmin_bytes(begin, (size_t)(end - begin) + step.len);
}

/* Adds to an error of reading at which path it was. */
irmin_rc irmin__tree_locate(irmin_error *err, irmin_rc rc, irmin_slice path);

#endif
