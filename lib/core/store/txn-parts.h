/* lib/core/store/txn-parts.h: the inside of a transaction, for txn*.c.
 *
 * A transaction is an edit that began at a commit. A serializable one notes
 * besides what it asked of that commit, and what it did to the edit; both are
 * done again on another head, if that has come in between. What was answered
 * needs no note: the base, which the transaction holds, answers the same again.
 */
#ifndef IRMIN_STORE_TXN_PARTS_H
#define IRMIN_STORE_TXN_PARTS_H

#include "lib/core/base/table.h"
#include "lib/core/base/vec.h"
#include "lib/core/store/merger.h"
#include "lib/core/store/store.h"
#include <irmin/stale.h>

/* ---- txn-reads.c: what was asked ---- */

typedef enum irmin__read_kind {
	IRMIN__READ_FIND,
	IRMIN__READ_HAS,
	IRMIN__READ_TREE,
	IRMIN__READ_LIST,
	IRMIN__READ_LENGTH,
	IRMIN__READ_MOVE,
	IRMIN__READ_ASK
} irmin__read_kind;

/* What tells one read from another; its bytes are part of a key. */
typedef struct irmin__read_range {
	uint64_t kind, offset, limit;
} irmin__read_range;

typedef struct irmin__read {
	irmin__read_range range;
	char *path; /* plain */
	size_t path_len;
	irmin_question_fn question; /* of an ask, as what follows */
	void *arg;
	void (*destroy)(void *arg);
	irmin_buf answer;
	unsigned char key[]; /* the range and the path */
} irmin__read;

typedef struct irmin__reads {
	irmin__table table; /* all but what was asked by callback */
	IRMIN__VEC(irmin__read *) all;
	irmin_buf key; /* of the one that is noted just now */
} irmin__reads;

void irmin__reads_init(irmin__reads *reads, uint64_t seed);
void irmin__reads_clear(irmin__reads *reads);

/* Notes a read, once. Fails: ENOMEM. */
irmin_rc irmin__reads_note(irmin__reads *reads, irmin__read_range range,
    irmin_slice path, irmin_error *err);

/* Notes a question and its answer; `arg` goes over to it on success. */
irmin_rc irmin__reads_note_ask(irmin__reads *reads, irmin_question_fn question,
    void *arg, void (*destroy)(void *arg), irmin_slice answer,
    irmin_error *err);

/* Finds the first read whose answer on `now` is not that on `base`; NULL: there
 * is none. */
irmin_rc irmin__reads_check(irmin__reads *reads, irmin_tree *base,
    irmin_tree *now, const irmin__read **stale, irmin_error *err);

/* ---- txn-stale.c: a read that has another answer now ---- */

typedef struct irmin__answer {
	irmin_pin pin;  /* of a value, */
	irmin_buf text; /* or all else */
	int is_there;
} irmin__answer;

typedef struct irmin__stale {
	const irmin__read *read; /* NULL: none */
	irmin__answer before, now;
} irmin__stale;

void irmin__stale_clear(irmin__stale *stale);

/* Fills it; for ESTALE, which is `err` then. Fails: ESTALE; as the read did. */
irmin_rc irmin__stale_tell(irmin__stale *stale, const irmin__read *read,
    irmin_tree *base, irmin_tree *now, const irmin_store *store,
    irmin_error *err);

/* ---- txn-ops.c: what was done ---- */

typedef enum irmin__op_kind {
	IRMIN__OP_SET,
	IRMIN__OP_SET_MODE,
	IRMIN__OP_SET_BLOB,
	IRMIN__OP_ADD_TREE, /* from here on, what may take something away */
	IRMIN__OP_REMOVE,
	IRMIN__OP_MOVE,
	IRMIN__OP_APPLY
} irmin__op_kind;

typedef struct irmin__op {
	irmin__op_kind kind;
	irmin_mode mode;
	const char *path, *to;
	irmin_slice value;
	const irmin_oid *id;
	irmin_tree *tree;
	irmin_operation_fn operation;
	void *arg;
	void (*destroy)(void *arg);
} irmin__op;

typedef IRMIN__VEC(irmin__op *) irmin__ops;

/* A copy that keeps what it points to; `arg` goes over to it. Fails: ENOMEM. */
irmin_rc irmin__op_keep(const irmin__op *op, irmin__op **kept,
    irmin_error *err);
void irmin__op_free(irmin__op *op);

/* Does it to an edit. Answers: what the edit, or the operation, answers. */
irmin_rc irmin__op_run(const irmin__op *op, irmin_edit *edit, irmin_error *err);

/* Lets go of all but the first `count`. */
void irmin__ops_cut(irmin__ops *ops, size_t count);

/* The tree that they make of `before`. */
irmin_rc irmin__ops_replay(const irmin__ops *ops, irmin_tree *before,
    irmin_tree **after, irmin_error *err);

/* ---- txn-touched.c: where it was done ---- */

typedef struct irmin__touched {
	irmin__table table;
	size_t count;   /* the operations that are in it: the first ones */
	irmin_buf path; /* that is looked for just now */
} irmin__touched;

void irmin__touched_init(irmin__touched *touched, uint64_t seed);
void irmin__touched_clear(irmin__touched *touched);

/* Whether something was written at a path, below it, or in place of a directory
 * above it. Fails: ENOMEM. Cost: amortised, that of the operations. */
irmin_rc irmin__touched_find(irmin__touched *touched, const irmin__ops *ops,
    irmin_slice path, int *found, irmin_error *err);

/* ---- txn-save.c: states to come back to ---- */

typedef struct irmin__savepoint {
	uint32_t number;
	irmin_edit *edit; /* nobody changes it */
	size_t ops;       /* how many there were */
} irmin__savepoint;

typedef IRMIN__VEC(irmin__savepoint) irmin__savepoints;

void irmin__savepoints_clear(irmin__savepoints *points);

/* Another edit, which goes on from where this one is. */
irmin_rc irmin__edit_fork(irmin_edit *edit, irmin_edit **fork,
    irmin_error *err);

/* ---- the transaction ---- */

struct irmin_txn {
	irmin_store *store;
	irmin_isolation isolation;
	int validates_reads; /* also if nothing was written */
	irmin_commit *base;  /* NULL on an unborn branch */
	irmin_tree *base_tree;
	irmin_edit *edit;
	irmin__reads reads; /* these four of a serializable one only */
	irmin__ops ops;
	irmin__touched touched;
	int took_away; /* an operation that may do other than set was noted */
	irmin__savepoints savepoints;
	uint32_t last_savepoint;
	irmin__stale stale;         /* of the last commit */
	irmin_merge_result *result; /* of the last commit, if it conflicts */
	irmin_commit *met;          /* the head it was merged with, or NULL */
};

static inline int irmin__txn_records(const irmin_txn *txn)
{
	return txn->isolation == IRMIN_TXN_SERIALIZABLE;
}

/* Passes on what a callback answered, in words if it gave none; `whose` is as
 * "a question". */
irmin_rc irmin__txn_blame(irmin_rc rc, const char *whose, irmin_error *err);

/* Forgets the result of a commit that ended in conflicts: something is written,
 * or it is adopted. */
void irmin__txn_drop_result(irmin_txn *txn);

/* ---- txn-merge.c ---- */

/* Merges what was done with the head of this moment. Fails: ECONFLICT, and the
 * transaction has the result; as irmin_tree_merge. */
irmin_rc irmin__txn_merge(irmin_txn *txn, irmin_commit *head,
    irmin_tree *before, irmin_tree *tree, irmin_tree **after, irmin_error *err);

/* Before a commit: if the last one ended in conflicts, goes on from what they
 * were resolved to. Fails: ECONFLICT (some are left). */
irmin_rc irmin__txn_adopt(irmin_txn *txn, irmin_error *err);

#endif
