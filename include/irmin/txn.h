/* irmin/txn.h: several reads and writes as one commit.
 *
 * Audience: everybody.
 * Shape: a transaction starts at the head of that moment and sees that state,
 *   with its own writes on top, whatever others commit. What happens at commit
 *   if the head moved meanwhile is its isolation; if it did not move, every
 *   isolation commits alike.
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
	IRMIN_TXN_SERIALIZABLE = 1, /* ... ESTALE if a read would differ now */
	IRMIN_TXN_UNMOVED = 2       /* ... ESTALE */
} irmin_isolation;

/* Begins at the head of the store. Fails: ENOTSUP (MERGE and SERIALIZABLE, which
 * come with the merge functions; 0.1 has UNMOVED only), and as irmin_store_tree.
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_begin(irmin_store *store,
    irmin_isolation isolation, irmin_txn **txn, irmin_error *err);

/* Commits. Answers: OK; UNCHANGED (nothing was written, no commit is made). On
 * success the transaction is ended and freed; on failure it stays as it was:
 * abort it, or try again. Fails: ESTALE, and as irmin_store_set. Since 0.1. */
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

/* The entries of a directory, as irmin_tree_list. Since 0.1. */
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

/* Sets a value, as irmin_edit_set. Since 0.1. */
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

/* The commit the transaction began at; NULL on an unborn branch. Borrowed from
 * the transaction. Since 0.1. */
IRMIN_API irmin_commit *irmin_txn_base(irmin_txn *txn);

/* What irmin_store_transact runs. A negative answer ends the transaction; give
 * up with IRMIN_EABORTED. */
typedef irmin_rc (*irmin_txn_fn)(irmin_txn *txn, void *arg, irmin_error *err);

/* Begins, runs `fn`, commits; again, boundedly (info->retries), on ESTALE only.
 * Answers: OK; UNCHANGED. Fails: what `fn` answered, ESTALE, and as
 * irmin_txn_commit. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_transact(irmin_store *store,
    irmin_isolation isolation, const irmin_info *info, irmin_txn_fn fn,
    void *arg, irmin_error *err);

IRMIN_C_END

#endif
