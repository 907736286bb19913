/* What a transaction does, to its edit and, if it is serializable, into its notes.
 */
#include "lib/core/store/txn-parts.h"

#include "lib/core/base/decimal.h"

/* An operation of the caller's may fail half done: it is run on a fork, which
 * then is the edit. */
static irmin_rc run_forked(irmin_txn *txn, const irmin__op *op,
    irmin_error *err)
{
	irmin_edit *fork = NULL;
	irmin_rc rc = irmin__edit_fork(txn->edit, &fork, err);

	if (rc >= 0)
		rc = irmin__op_run(op, fork, err);
	if (rc < 0) {
		irmin_edit_free(fork);
		return rc;
	}
	irmin_edit_free(txn->edit);
	txn->edit = fork;
	return rc;
}

static irmin_rc run(irmin_txn *txn, const irmin__op *op, irmin_error *err)
{
	irmin_rc rc;

	if (op->kind == IRMIN__OP_APPLY)
		rc = run_forked(txn, op, err);
	else
		rc = irmin__op_run(op, txn->edit, err);
	if (rc >= 0)
		irmin__txn_drop_result(txn);
	return rc;
}

/* What sets the same again has written; a move that found nothing has not. */
static int has_written(const irmin__op *op, irmin_rc rc)
{
	return rc == IRMIN_OK || (rc > 0 && op->kind != IRMIN__OP_MOVE);
}

static irmin_rc run_noted(irmin_txn *txn, const irmin__op *op, irmin_error *err)
{
	irmin__op *kept;
	irmin_rc rc = IRMIN__VEC_RESERVE(&txn->ops, 1, err);

	if (rc >= 0)
		rc = irmin__op_keep(op, &kept, err);
	if (rc < 0)
		return rc;
	rc = run(txn, op, err);
	if (has_written(op, rc)) {
		IRMIN__VEC_PUSH(&txn->ops, kept);
		txn->took_away |= op->kind >= IRMIN__OP_ADD_TREE;
	} else {
		kept->destroy = NULL; /* it stays the caller's */
		irmin__op_free(kept);
	}
	return rc;
}

static irmin_rc write_op(irmin_txn *txn, const irmin__op *op, irmin_error *err)
{
	irmin_error_clear(err);
	return irmin__txn_records(txn) ? run_noted(txn, op, err)
				       : run(txn, op, err);
}

static irmin__op op_at(irmin__op_kind kind, const char *path)
{
	irmin__op op;

	memset(&op, 0, sizeof op);
	op.kind = kind;
	op.path = path;
	return op;
}

irmin_rc irmin_txn_set(irmin_txn *txn, const char *path, irmin_slice value,
    irmin_error *err)
{
	irmin__op op = op_at(IRMIN__OP_SET, path);

	op.value = value;
	return write_op(txn, &op, err);
}

irmin_rc irmin_txn_set_int(irmin_txn *txn, const char *path, int64_t value,
    irmin_error *err)
{
	char text[IRMIN__DECIMAL_BYTES];
	size_t length = irmin__decimal_encode_int(value, text);

	return irmin_txn_set(txn, path, irmin_bytes(text, length), err);
}

irmin_rc irmin_txn_set_mode(irmin_txn *txn, const char *path, irmin_mode mode,
    irmin_slice value, irmin_error *err)
{
	irmin__op op = op_at(IRMIN__OP_SET_MODE, path);

	op.mode = mode;
	op.value = value;
	return write_op(txn, &op, err);
}

irmin_rc irmin_txn_set_blob(irmin_txn *txn, const char *path, irmin_mode mode,
    const irmin_oid *id, irmin_error *err)
{
	irmin__op op = op_at(IRMIN__OP_SET_BLOB, path);

	op.mode = mode;
	op.id = id;
	return write_op(txn, &op, err);
}

irmin_rc irmin_txn_add_tree(irmin_txn *txn, const char *path, irmin_tree *tree,
    irmin_error *err)
{
	irmin__op op = op_at(IRMIN__OP_ADD_TREE, path);

	op.tree = tree;
	return write_op(txn, &op, err);
}

irmin_rc irmin_txn_remove(irmin_txn *txn, const char *path, irmin_error *err)
{
	irmin__op op = op_at(IRMIN__OP_REMOVE, path);

	return write_op(txn, &op, err);
}

/* ---- writes that read ---- */

/* The read is noted first: behind the move, nothing may fail any more. */
irmin_rc irmin_txn_move(irmin_txn *txn, const char *from, const char *to,
    irmin_error *err)
{
	irmin__read_range range = { IRMIN__READ_MOVE, 0, 0 };
	irmin__op op = op_at(IRMIN__OP_MOVE, from);
	irmin_mode mode;
	irmin_rc rc = irmin_edit_find_mode(txn->edit, from, &mode, err);

	if (rc >= 0 && irmin__txn_records(txn))
		rc = irmin__reads_note(&txn->reads, range, irmin_text(from),
		    err);
	if (rc < 0)
		return rc;
	op.to = to;
	return write_op(txn, &op, err);
}

static irmin_rc put_update(irmin_txn *txn, const char *path, irmin_rc answer,
    const irmin_buf *made, irmin_error *err)
{
	if (answer == IRMIN_UNCHANGED)
		return answer;
	if (answer == IRMIN_ABSENT)
		return irmin_txn_remove(txn, path, err);
	return irmin_txn_set(txn, path, irmin_buf_slice(made), err);
}

irmin_rc irmin_txn_update(irmin_txn *txn, const char *path, irmin_update_fn fn,
    void *arg, irmin_error *err)
{
	irmin_pin pin = IRMIN_PIN_INIT;
	irmin_buf made = IRMIN_BUF_INIT;
	irmin_slice value;
	irmin_rc rc = irmin_txn_find(txn, path, &pin, err);

	value = irmin_bytes(pin.data, pin.len);
	if (rc >= 0)
		rc = irmin__txn_blame(fn(arg, rc == IRMIN_OK ? &value : NULL,
					  &made, err),
		    "an update", err);
	if (rc >= 0)
		rc = put_update(txn, path, rc, &made, err);
	irmin_pin_release(&pin);
	irmin_buf_clear(&made);
	return rc;
}

/* ---- by callback ---- */

irmin_rc irmin_txn_apply(irmin_txn *txn, irmin_operation_fn operation,
    void *arg, void (*destroy)(void *arg), irmin_error *err)
{
	irmin__op op = op_at(IRMIN__OP_APPLY, NULL);
	irmin_rc rc;

	op.operation = operation;
	op.arg = arg;
	op.destroy = destroy;
	rc = write_op(txn, &op, err);
	if (destroy && (rc < 0 || !irmin__txn_records(txn)))
		destroy(arg);
	return rc;
}
