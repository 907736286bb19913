/* irmin/store.h: reading from and committing to one branch.
 *
 * Audience: everybody; this is the main header.
 * Shape: a store is live: every call looks at the head of its branch as it is
 *   then. For several reads of one state take its tree or a transaction
 *   (txn.h). Every write is one commit, made optimistically: snapshot, commit,
 *   compare-and-set of the head, retried boundedly, then ESTALE. Writing what
 *   is there makes no commit: UNCHANGED. The first commit of a branch is always
 *   made.
 * Owner: closed by irmin_store_close.
 * Threads: any number at once.
 * Source: Irmin's Store. Since 0.1.
 */
#ifndef IRMIN_STORE_H
#define IRMIN_STORE_H

#include <irmin/branch.h>

IRMIN_C_BEGIN

typedef struct irmin_store irmin_store;

/* Opens the repository that `uri` names and the branch that the options (or
 * branch=NAME) name in one call; closing the store closes both. Fails: as
 * irmin_repo_open and irmin_store_open. Since 0.1. */
IRMIN_CALL irmin_rc irmin_open(const char *uri,
    const irmin_open_options *options, irmin_store **store, irmin_error *err);

/* Opens a store on a branch; NULL is what HEAD names (a detached HEAD gives a
 * detached store). An absent branch is fine: its first commit makes it. Fails:
 * EINVAL (name, closed), ENOMEM, EIO. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_open(irmin_repo *repo, const char *branch,
    irmin_store **store, irmin_error *err);

/* Opens a detached store at a revision (irmin_commit_of_revision): reads are of
 * that state, commits move only this handle. Fails: as
 * irmin_commit_of_revision. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_at(irmin_repo *repo, const char *revision,
    irmin_store **store, irmin_error *err);

/* Makes a branch at this store's head and opens a store on it. Fails: EEXIST,
 * EMISSING (this branch has no commit yet), and as irmin_branch_create. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_store_fork(irmin_store *store, const char *branch,
    irmin_store **fork, irmin_error *err);

/* Gives the handle back; NULL is accepted. See irmin_repo_close about what it
 * flushes. Since 0.1. */
IRMIN_API void irmin_store_close(irmin_store *store);

/* The repository, borrowed as long as the store is open. Since 0.1. */
IRMIN_API irmin_repo *irmin_store_repo(irmin_store *store);

/* The branch's name, valid as long as the store; NULL if detached. Since
 * 0.1. */
IRMIN_API const char *irmin_store_branch(const irmin_store *store);

/* How long calls through this handle may wait; NULL: as the repository. Not
 * while another thread uses the handle. Since 0.1. */
IRMIN_API void irmin_store_set_wait(irmin_store *store,
    const irmin_wait *wait);

/* irmin_repo_flush of the store's repository. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_flush(irmin_store *store, irmin_level level,
    irmin_error *err);

/* ---- heads ---- */

/* The head. Answers: OK; ABSENT (no commit yet). Fails: as irmin_branch_find.
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_head(irmin_store *store, irmin_commit **head,
    irmin_error *err);

/* irmin_branch_cas on the store's head; NULL stands for "no commit". Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_store_cas_head(irmin_store *store,
    irmin_commit *expected, irmin_commit *head, irmin_error *err);

/* irmin_branch_fast_forward on the store's head. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_fast_forward(irmin_store *store,
    irmin_commit *head, irmin_error *err);

/* ---- reads: of the head as it is at that moment ---- */

/* The tree of the head; the empty tree if there is no commit. Fails: as
 * irmin_store_head. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_tree(irmin_store *store, irmin_tree **tree,
    irmin_error *err);

/* A copy of the value at a path. Answers: OK; ABSENT (and an empty buf). Fails:
 * as irmin_tree_find. Cost: a look whether the branch has moved (mem: none; git:
 * a system call, three or four where it moved just now), and a read of each
 * directory on the way, and of the value, that is not in memory. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_find(irmin_store *store, const char *path,
    irmin_buf *value, irmin_error *err);

/* As irmin_tree_open_read: of the head as it is now, whatever comes later. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_store_open_read(irmin_store *store,
    const char *path, irmin_reader **reader, irmin_error *err);

/* What is at a path. Answers: OK; ABSENT. Fails: as irmin_tree_find. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_store_find_mode(irmin_store *store,
    const char *path, irmin_mode *mode, irmin_error *err);

/* As irmin_tree_list. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_list(irmin_store *store, const char *path,
    size_t offset, size_t limit, irmin_list **list, irmin_error *err);

/* ---- writes: one commit each; `info` may be NULL ---- */

/* Sets the value at a path, as irmin_edit_set. Answers: OK; UNCHANGED. Fails:
 * as irmin_edit_set; ESTALE (the head kept moving); ECHECKEDOUT, ELOCKED,
 * EREADONLY, ENOSPC, EIO, ETIMEDOUT, ECANCELED. Cost: the directories on the
 * way and one commit are written. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_set(irmin_store *store, const char *path,
    irmin_slice value, const irmin_info *info, irmin_error *err);

/* The same for a value of `bytes` bytes that `read` gives, however many they are;
 * they are written before the head is looked at, and stay as garbage if this
 * fails. Fails: as irmin_object_add_stream and irmin_store_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_set_stream(irmin_store *store,
    const char *path, irmin_read_fn read, void *arg, uint64_t bytes,
    const irmin_info *info, irmin_error *err);

/* Removes what is at a path, directories whole. Answers: OK; UNCHANGED (nothing
 * was there). Fails: as irmin_store_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_remove(irmin_store *store, const char *path,
    const irmin_info *info, irmin_error *err);

/* Puts a tree at a path ("": replaces everything), as irmin_edit_add_tree.
 * Answers: OK; UNCHANGED. Fails: as irmin_store_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_set_tree(irmin_store *store, const char *path,
    irmin_tree *tree, const irmin_info *info, irmin_error *err);

/* Sets the value at a path to `value` (NULL: removes it) if it is `expected`
 * (NULL: nothing is there). Answers: OK; UNCHANGED (expected and value are the
 * same and hold). Fails: ESTALE (it is something else; `was`, which may be NULL,
 * holds what, and is empty when nothing is there), and as irmin_store_set. On OK
 * `was` holds what was there before. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_test_and_set(irmin_store *store,
    const char *path, const irmin_slice *expected, const irmin_slice *value,
    const irmin_info *info, irmin_buf *was, irmin_error *err);

IRMIN_C_END

#endif
