/* irmin/txn.h: several reads and writes as one commit.
 *
 * Audience: everybody.
 * Shape: a transaction starts at the head of that moment and sees that state,
 *   with its own writes on top, whatever others commit. What happens at commit
 *   if the head moved meanwhile is its isolation; if it did not move, every
 *   isolation commits alike. stale.h has what belongs to SERIALIZABLE, and
 *   savepoints; conflict.h what a MERGE that conflicts ends in.
 * Owner: ended, and freed, by irmin_txn_commit when that succeeds, else by
 *   irmin_txn_abort. Pins and trees read from it stay valid.
 * Threads: one at a time for each transaction.
 * Source: Irmin's Store.with_tree and its isolation. Since 0.1.
 */
#ifndef IRMIN_TXN_H
#define IRMIN_TXN_H

#include <irmin/store.h>

IRMIN_C_BEGIN

typedef struct irmin_txn irmin_txn;

/* At commit, if the head moved since the base ... */
typedef enum irmin_isolation {
	IRMIN_TXN_MERGE = 0,        /* ... three-way merge (the default) */
	IRMIN_TXN_SERIALIZABLE = 1, /* ... ESTALE if a read would differ now, else
	                             * what was done is done again there */
	IRMIN_TXN_UNMOVED = 2       /* ... ESTALE */
} irmin_isolation;

/* Begins at the head of the store. Fails: EINVAL (there is no such isolation), and
 * as irmin_store_tree. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_begin(irmin_store *store,
    irmin_isolation isolation, irmin_txn **txn, irmin_error *err);

/* Commits; onto the head of that moment, which is the only parent. Answers: OK;
 * UNCHANGED (nothing was written, no commit is made). On success the transaction
 * is ended and freed; on failure it stays as it was: abort it, or try again. Who
 * wrote nothing is never stale. Fails: ESTALE (irmin_txn_stale tells the read);
 * ECONFLICT (irmin_txn_conflicts has them: resolve, and commit again); what
 * operations, questions and merge functions answer; and as irmin_store_set. Cost:
 * if the head did not move, as irmin_store_set; else that of asking and doing all
 * again, or of irmin_tree_merge. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_commit(irmin_txn *txn, const irmin_info *info,
    irmin_error *err);

/* Forgets it; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_txn_abort(irmin_txn *txn);

/* The value at a path, as irmin_tree_find. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_find(irmin_txn *txn, const char *path,
    irmin_pin *value, irmin_error *err);

/* What is at a path, as irmin_tree_find_mode. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_find_mode(irmin_txn *txn, const char *path,
    irmin_mode *mode, irmin_error *err);

/* The directory at a path, as irmin_tree_find_tree. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_find_tree(irmin_txn *txn, const char *path,
    irmin_tree **tree, irmin_error *err);

/* The entries of a directory, as irmin_tree_list. What a SERIALIZABLE transaction
 * has read by that is their names and modes; who goes by an id finds what it is
 * of. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_list(irmin_txn *txn, const char *path,
    size_t offset, size_t limit, irmin_list **list, irmin_error *err);

/* The number of entries of a directory, as irmin_tree_length. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_length(irmin_txn *txn, const char *path,
    size_t *length, irmin_error *err);

/* The value at a path as a decimal number. Answers: OK; ABSENT (and 0). Fails:
 * EINVAL (the value is not the canonical decimal form of a 64-bit number), and
 * as irmin_txn_find. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_find_int(irmin_txn *txn, const char *path,
    int64_t *value, irmin_error *err);

/* Sets a value, as irmin_edit_set. A SERIALIZABLE transaction keeps a copy of what
 * it sets until it ends; for large values there is irmin_txn_set_blob. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_txn_set(irmin_txn *txn, const char *path,
    irmin_slice value, irmin_error *err);

/* Sets a value to a number in decimal. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_set_int(irmin_txn *txn, const char *path,
    int64_t value, irmin_error *err);

/* Sets value and mode, as irmin_edit_set_mode. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_set_mode(irmin_txn *txn, const char *path,
    irmin_mode mode, irmin_slice value, irmin_error *err);

/* Puts a blob by its id, as irmin_edit_set_blob. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_set_blob(irmin_txn *txn, const char *path,
    irmin_mode mode, const irmin_oid *id, irmin_error *err);

/* Puts a tree, as irmin_edit_add_tree. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_add_tree(irmin_txn *txn, const char *path,
    irmin_tree *tree, irmin_error *err);

/* Removes, as irmin_edit_remove. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_remove(irmin_txn *txn, const char *path,
    irmin_error *err);

/* Moves, as irmin_edit_move; the source is a read. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_move(irmin_txn *txn, const char *from,
    const char *to, irmin_error *err);

/* Makes a new value of the one at a path (NULL: there is none). Answers: OK, and
 * `made` is it; ABSENT, to remove it; UNCHANGED, to leave it; a failure ends the
 * update. */
typedef irmin_rc (*irmin_update_fn)(void *arg, const irmin_slice *value,
    irmin_buf *made, irmin_error *err);

/* Finds the value at a path, which is a read, and sets what comes of it. Answers:
 * OK; UNCHANGED. Fails: what `fn` answered, and as irmin_txn_find and
 * irmin_txn_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_update(irmin_txn *txn, const char *path,
    irmin_update_fn fn, void *arg, irmin_error *err);

/* The commit the transaction stands on: the one it began at or, once conflicts
 * were resolved, the head that it was merged with; NULL on an unborn branch.
 * Borrowed from the transaction until it is committed. Since 0.1. */
IRMIN_API irmin_commit *irmin_txn_base(irmin_txn *txn);

/* What irmin_store_transact runs. A negative answer ends the transaction; give
 * up with IRMIN_EABORTED. */
typedef irmin_rc (*irmin_txn_fn)(irmin_txn *txn, void *arg, irmin_error *err);

/* Begins, runs `fn`, commits; again, boundedly (info->retries), on ESTALE only.
 * Answers: OK; UNCHANGED. Fails: what `fn` answered; ESTALE, err->where being the
 * path of the last read that was; and as irmin_txn_commit. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_transact(irmin_store *store,
    irmin_isolation isolation, const irmin_info *info, irmin_txn_fn fn,
    void *arg, irmin_error *err);

IRMIN_C_END

#endif
