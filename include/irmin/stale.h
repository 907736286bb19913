/* irmin/stale.h: serializable transactions: what they read, and savepoints.
 *
 * Audience: programs that use IRMIN_TXN_SERIALIZABLE, authors of data types.
 * Shape: reads through a transaction are recorded with their answers and asked
 *   again at commit if the head moved. Types without fixed paths record
 *   questions and operations instead.
 * Threads: one at a time for each transaction.
 * Source: semantics section 5. Since 0.1.
 */
#ifndef IRMIN_STALE_H
#define IRMIN_STALE_H

#include <irmin/edit.h>
#include <irmin/txn.h>

IRMIN_C_BEGIN

/* Commit also checks reads of a transaction that wrote nothing. */
#define IRMIN_TXN_VALIDATE_READS 0x100u

/* A question: sees only the tree it is given and puts its answer, as bytes,
 * into `answer`. */
typedef irmin_rc (*irmin_question_fn)(void *arg, irmin_tree *tree,
    irmin_buf *answer, irmin_error *err);

/* An operation: sees and changes only the edit it is given. */
typedef irmin_rc (*irmin_operation_fn)(void *arg, irmin_edit *edit,
    irmin_error *err);

/* Asks now, on the base, and again at commit, on the head; a different answer
 * is ESTALE. `destroy` (may be NULL) frees `arg`, also on failure. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_ask(irmin_txn *txn, irmin_question_fn question,
    void *arg, void (*destroy)(void *arg), irmin_buf *answer,
    irmin_error *err);

/* Runs now, on the transaction, and again at commit, on the head. `destroy`
 * (may be NULL) frees `arg`, also on failure. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_apply(irmin_txn *txn,
    irmin_operation_fn operation, void *arg, void (*destroy)(void *arg),
    irmin_error *err);

/* The read that made the last commit ESTALE; borrowed from the transaction. */
typedef struct irmin_stale {
	size_t size;
	const char *what;  /* "find", "list", "length", "has", "tree", "ask" */
	irmin_slice path;
	irmin_slice before; /* the answer on the base, as text for people */
	irmin_slice now;    /* the answer on the head */
} irmin_stale;

/* Tells it. Answers: OK; ABSENT (the last commit was not stale). Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_stale(const irmin_txn *txn, irmin_stale *stale);

/* Marks a state to come back to; numbers rise from 1. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_savepoint(irmin_txn *txn, uint32_t *savepoint,
    irmin_error *err);

/* Takes back all writes since a savepoint; reads stay recorded. Fails: EINVAL
 * (no such savepoint). Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_rollback(irmin_txn *txn, uint32_t savepoint,
    irmin_error *err);

IRMIN_C_END

#endif
