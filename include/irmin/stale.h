/* irmin/stale.h: serializable transactions: what they read, and savepoints.
 *
 * Audience: programs that use IRMIN_TXN_SERIALIZABLE, authors of data types.
 * Shape: what is read through such a transaction is recorded, and asked again at
 *   commit if the head moved: of the state it began at, before its own writes.
 *   If all answers hold, what it did is done again there, in the same order.
 *   What it asks of a directory that it has written in counts as reading all
 *   names there, and all below once it has taken something away: its answers
 *   are the same then as if it had begun when it is committed.
 *   Plain set, remove and add_tree read nothing; move and update read what they
 *   start from. Types without fixed paths record questions and operations
 *   instead: so an insertion goes where the head has the place for it, whatever
 *   others did to the directories meanwhile.
 * Threads: one at a time for each transaction.
 * Source: semantics section 5. Since 0.1.
 */
#ifndef IRMIN_STALE_H
#define IRMIN_STALE_H

#include <irmin/edit.h>
#include <irmin/txn.h>

IRMIN_C_BEGIN

/* Added to an isolation other than MERGE: commit also checks reads of a
 * transaction that wrote nothing. In C++, the sum is to be cast back. */
#define IRMIN_TXN_VALIDATE_READS 0x100u

/* A question: looks at nothing but the tree it is given, and puts its answer, as
 * bytes, into `answer`, which is empty. A negative answer ends what called it. */
typedef irmin_rc (*irmin_question_fn)(void *arg, irmin_tree *tree,
    irmin_buf *answer, irmin_error *err);

/* An operation: looks at nothing but the edit it is given, and changes that. What
 * it did until it fails is taken back. */
typedef irmin_rc (*irmin_operation_fn)(void *arg, irmin_edit *edit,
    irmin_error *err);

/* Asks now, on the base, without what the transaction wrote; and again at commit,
 * on the head, where another answer is ESTALE. With other isolations it is only
 * asked now. `destroy` (may be NULL) frees `arg` when it is not needed any more,
 * also on failure. Fails: what the question answers, ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_ask(irmin_txn *txn, irmin_question_fn question,
    void *arg, void (*destroy)(void *arg), irmin_buf *answer,
    irmin_error *err);

/* Runs now, on the transaction, and again at commit, on the head. With other
 * isolations it is only run now. `destroy` as in irmin_txn_ask. Answers: what the
 * operation answers. Fails: what it answers, ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_apply(irmin_txn *txn,
    irmin_operation_fn operation, void *arg, void (*destroy)(void *arg),
    irmin_error *err);

/* A read with two answers. That of a find is the value, that of an ask what it
 * answered; others are told in words: "executable", "3", "directory" and an id,
 * or names a line each, the first of which differs. */
typedef struct irmin_stale {
	size_t size;
	const char *what;   /* "find", "has", "tree", "list", "length", "move",
	                     * "ask" */
	irmin_slice path;   /* of an ask: empty */
	irmin_slice before; /* on the base; data is NULL: nothing was there */
	irmin_slice now;    /* on the head */
} irmin_stale;

/* The read that made the last commit ESTALE; borrowed from the transaction until
 * the next one. Answers: OK; ABSENT (it was no read). Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_stale(const irmin_txn *txn, irmin_stale *stale);

/* Marks a state to come back to. Numbers rise from 1, and none is given twice.
 * Fails: ENOMEM. Cost: O(1). Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_savepoint(irmin_txn *txn, uint32_t *savepoint,
    irmin_error *err);

/* Takes back all writes since a savepoint, which stays, unlike those after it;
 * reads stay recorded. Commits that resolve conflicts drop all savepoints. Fails:
 * EINVAL (no such savepoint), ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_rollback(irmin_txn *txn, uint32_t savepoint,
    irmin_error *err);

IRMIN_C_END

#endif
