/* lib/core/store/commit.h: commits, for this room. */
#ifndef IRMIN_STORE_COMMIT_H
#define IRMIN_STORE_COMMIT_H

#include "lib/core/store/tree.h"

/* Makes a commit. `default_message` stands in for info's. Where commits are late
 * (irmin_repo.late_commits) nothing is hashed or written, and the commit points
 * to its tree and its parents; else it is written with one call of the backend:
 * what of the tree is not stored yet, then the commit. */
irmin_rc irmin__commit_make(irmin_repo *repo, const irmin_context *context,
    irmin_tree *tree, irmin_commit *const *parents, size_t parent_count,
    const irmin_info *info, const char *default_message,
    irmin_commit **commit, irmin_error *err);

/* irmin_commit_get of an id that must be a commit: ECORRUPT where it is not. */
irmin_rc irmin__commit_get(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_commit **commit, irmin_error *err);

/* ---- commit-id.c: ids, which may be computed late ---- */

/* The id, or NULL if nobody has asked for it yet. Commits that were read have
 * one, and so have all where commits are not late. */
const irmin_oid *irmin__commit_known_id(const irmin_commit *commit);

/* irmin_commit_id, and the id of its tree: they are computed with those of all
 * ancestors that have none. Any thread; without recursion. Fail: ENOMEM. */
irmin_rc irmin__commit_id(irmin_commit *commit, irmin_oid *id,
    irmin_error *err);
irmin_rc irmin__commit_tree_id(irmin_commit *commit, irmin_oid *id,
    irmin_error *err);

/* Its id, or one that a walk from it meets, gets to the user: in a volatile
 * repository it can be looked up from now on. Fails: ENOMEM. */
irmin_rc irmin__commit_show(irmin_commit *commit, irmin_error *err);

/* Its object, made anew, in place of what `bytes` had. Fails: ENOMEM. */
irmin_rc irmin__commit_bytes(irmin_commit *commit, irmin_buf *bytes,
    irmin_error *err);

/* Lets go of the parents. A parent whose id was ever asked for stays known by
 * it, and asking for it fails with ETRUNCATED; others were never there. While
 * another thread computes the id of this commit it goes on with its parents,
 * and lets go of them itself. */
void irmin__commit_cut(irmin_commit *commit);

/* irmin_commit_parent_id. */
irmin_rc irmin__commit_parent_id(irmin_commit *commit, size_t i,
    irmin_oid *id, irmin_error *err);

/* ---- commit-same.c ---- */

/* Whether both are one commit: by pointer, then by what they say, by generation,
 * tree and parents in memory, and only then by their ids. Fails: as
 * irmin__commit_id. */
irmin_rc irmin__commit_same(irmin_commit *a, irmin_commit *b, int *same,
    irmin_error *err);

/* ---- both ---- */

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

/* ---- commit-kept.c: for who keeps commits in memory ---- */

/* What the graph notes of a commit. */
typedef struct irmin__commit_kept {
	atomic_uchar shown; /* it is in the list of graph-index.c */
	uint8_t side;       /* retain.h, as what follows; under its lock */
	uint32_t inside;
	uint64_t mark;
} irmin__commit_kept;

irmin__commit_kept *irmin__commit_kept_of(irmin_commit *commit);

/* Whether the caller's reference is the only one, and so stays it. */
int irmin__commit_is_sole(const irmin_commit *commit);

/* Its generation, if it and all its ancestors were made in memory: one above the
 * highest of its parents'; else 0. So of two commits that are one, both have the
 * same. */
uint64_t irmin__commit_generation(const irmin_commit *commit);

/* All that a commit says that was made in memory; those that are one say the
 * same. */
irmin_slice irmin__commit_said(const irmin_commit *commit);

/* Whether a commit points to its parents, or would if it had not been cut. */
int irmin__commit_is_made(const irmin_commit *commit);

/* Whether it has let go of parents that nobody saw, so that it is told of as one
 * without them. */
int irmin__commit_has_lost(irmin_commit *commit);

/* Parent `i`, counted, if the commit points to it; else NULL. */
irmin_commit *irmin__commit_held_parent(irmin_commit *commit, size_t i);

/* Cuts a commit that points to its parents; of one that was read, the backend has
 * them. */
void irmin__commit_let_go(irmin_commit *commit);

/* ---- message.c: what a commit says that was given no words ---- */

/* "set a/b": a verb and a path, control characters escaped. */
irmin_rc irmin__message_of_path(const char *verb, irmin_slice path,
    irmin_buf *message, irmin_error *err);

/* "3 changes under a/": from one tree (NULL: the empty one) to another. Of very
 * many, it says only that. */
irmin_rc irmin__message_of_changes(irmin_tree *from, irmin_tree *to,
    irmin_buf *message, irmin_error *err);

#endif
