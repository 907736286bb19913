/* lib/core/store/tree-pair.h: what is at one path of two trees.
 *
 * The way down is gone in both at once, and only as far as they differ: what
 * they share, by pointer or by an id that is known, is not opened. Nothing is
 * hashed on the way.
 */
#ifndef IRMIN_STORE_TREE_PAIR_H
#define IRMIN_STORE_TREE_PAIR_H

#include "lib/core/store/tree-walk.h"

typedef struct irmin__pair_side {
	irmin_repo *repo;
	irmin__node *dir;   /* the root, or where `place` is; NULL: nowhere */
	irmin__node *held;  /* what keeps it, if not the root; or NULL */
	irmin__place place; /* without a leaf: the root, or nothing */
	irmin_mode mode;    /* NONE: nothing is there */
} irmin__pair_side;

typedef struct irmin__pair {
	irmin__pair_side a, b;
	irmin_slice path;
} irmin__pair;

/* Finds what is at a path. Where `same` is set, both have the same there and the
 * sides tell nothing. The pair is to be cleared, also on failure. */
irmin_rc irmin__pair_find(irmin_tree *a, irmin_tree *b, irmin_slice path,
    irmin__pair *pair, int *same, irmin_error *err);
void irmin__pair_clear(irmin__pair *pair);

/* Whether both have the same entry there, or none. Fails: as irmin__node_id.
 * Cost: as irmin__node_same. */
irmin_rc irmin__pair_same(irmin__pair *pair, int *same, irmin_error *err);

/* Goes down into the directory that was found, which is `dir` then. */
irmin_rc irmin__pair_open(irmin__pair *pair, irmin__pair_side *side,
    irmin_error *err);

#endif
