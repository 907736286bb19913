/* lib/core/store/commit.h: commits, for this room. */
#ifndef IRMIN_STORE_COMMIT_H
#define IRMIN_STORE_COMMIT_H

#include "lib/core/store/tree.h"

/* Makes and writes a commit with one call of the backend: what of the tree is
 * not stored yet, then the commit. `default_message` stands in for info's. */
irmin_rc irmin__commit_make(irmin_repo *repo, const irmin_context *context,
    irmin_tree *tree, irmin_commit *const *parents, size_t parent_count,
    const irmin_info *info, const char *default_message,
    irmin_commit **commit, irmin_error *err);

/* irmin_commit_get of an id that must be a commit: ECORRUPT where it is not. */
irmin_rc irmin__commit_get(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_commit **commit, irmin_error *err);

/* Its id, which in this room is always known. */
const irmin_oid *irmin__commit_oid(const irmin_commit *commit);

/* The id of its tree. */
const irmin_oid *irmin__commit_tree_oid(const irmin_commit *commit);

irmin_repo *irmin__commit_repo(const irmin_commit *commit);

/* irmin_commit_parent in a context. */
irmin_rc irmin__commit_parent(irmin_commit *commit,
    const irmin_context *context, size_t i, irmin_commit **parent,
    irmin_error *err);

/* Whether the parents of a commit are there to be asked for. Fails: ETRUNCATED
 * naming it (a shallow repository). */
irmin_rc irmin__commit_check_cut(irmin_repo *repo,
    const irmin_context *context, const irmin_oid *id, irmin_error *err);

/* The commit that a tag or a commit of this id is, peeled. Fails: EINVAL (it is
 * something else), and as irmin_commit_get. */
irmin_rc irmin__commit_peel(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_commit **commit, irmin_error *err);

/* ---- message.c: what a commit says that was given no words ---- */

/* "set a/b": a verb and a path, control characters escaped. */
irmin_rc irmin__message_of_path(const char *verb, irmin_slice path,
    irmin_buf *message, irmin_error *err);

/* "3 changes under a/": from one tree (NULL: the empty one) to another. */
irmin_rc irmin__message_of_changes(irmin_tree *from, irmin_tree *to,
    irmin_buf *message, irmin_error *err);

#endif
