/* lib/core/store/tree.h: trees in memory, for this room.
 *
 * A node (node.h) is one directory: its entries in git's order, each with what
 * is known of the child: its id, the loaded child node, or the bytes of a value
 * that is not stored yet. An irmin_tree is a reference to a root node and to the
 * repository. Nodes are immutable once they are frozen; an edit changes in place
 * the nodes that carry its owner tag.
 */
#ifndef IRMIN_STORE_TREE_H
#define IRMIN_STORE_TREE_H

#include "lib/core/store/repo.h"
#include <irmin/edit.h>

/* The tree with this id, nothing read yet; for ids that a commit names. */
irmin_rc irmin__tree_of_id(irmin_repo *repo, const irmin_oid *id,
    irmin_tree **tree, irmin_error *err);

/* The repository of a tree, borrowed. */
irmin_repo *irmin__tree_repo(const irmin_tree *tree);

/* Objects on their way to the backend, in an order in which each comes after
 * what it refers to. */
typedef struct irmin__batch irmin__batch;

irmin_rc irmin__batch_new(irmin_repo *repo, irmin__batch **batch,
    irmin_error *err);
void irmin__batch_free(irmin__batch *batch);

/* Adds one object; `data` is borrowed until the batch was written, or copied. */
irmin_rc irmin__batch_add(irmin__batch *batch, irmin_object_type type,
    irmin_slice data, int copy, irmin_oid *id, irmin_error *err);

/* Adds everything of a tree that is not stored yet, children first, and gives
 * the tree's id. */
irmin_rc irmin__tree_collect(irmin_tree *tree, irmin__batch *batch,
    irmin_oid *id, irmin_error *err);

/* Writes the batch in one call of the backend, and then marks the nodes in it as
 * stored. */
irmin_rc irmin__batch_write(irmin__batch *batch, const irmin_context *context,
    irmin_error *err);

/* Whether the tree has no entry; reads nothing. Fails: ENOMEM. */
irmin_rc irmin__tree_is_empty(irmin_tree *tree, int *empty, irmin_error *err);

/* Whether the entry at a path is the same in both trees (absent included), by
 * pointer or id and without opening what is equal. */
irmin_rc irmin__tree_same_at(irmin_tree *a, irmin_tree *b, irmin_slice path,
    int *same, irmin_error *err);

#endif
