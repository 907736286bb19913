/* What a transaction is asked. The answer is that of its edit; what is noted is
 * the question alone, as put to the base, before anything was written. */
#include "lib/core/store/txn-parts.h"

#include "lib/core/base/decimal.h"
#include "lib/core/base/text.h"

/* A directory in which something was written answers as that and the base make
 * it, which takes more of the base than the same question: all names, to know
 * which of its own are new. If something was taken away, even what lies below:
 * a directory is there as long as it has something in it. */
static irmin_rc note_below(irmin_txn *txn, irmin__read_kind kind,
    const char *path, irmin_error *err)
{
	irmin__read_range range = { IRMIN__READ_LIST, 0, 0 };
	irmin_slice text = irmin_text(path);
	int touched;
	irmin_rc rc;

	if (!txn->ops.len || (kind == IRMIN__READ_HAS && !txn->took_away))
		return IRMIN_OK;
	rc = irmin__touched_find(&txn->touched, &txn->ops, text, &touched, err);
	if (rc < 0 || !touched)
		return rc;
	if (txn->took_away)
		range.kind = IRMIN__READ_TREE;
	return irmin__reads_note(&txn->reads, range, text, err);
}

/* Notes what was answered well; else passes `rc` on. */
static irmin_rc note_range(irmin_txn *txn, irmin_rc rc, irmin__read_range range,
    const char *path, irmin_error *err)
{
	irmin__read_kind kind = (irmin__read_kind)range.kind;
	irmin_rc noted;

	if (rc < 0 || !irmin__txn_records(txn))
		return rc;
	noted = irmin__reads_note(&txn->reads, range, irmin_text(path), err);
	if (noted >= 0 && kind != IRMIN__READ_FIND && kind != IRMIN__READ_TREE)
		noted = note_below(txn, kind, path, err);
	return noted < 0 ? noted : rc;
}

static irmin_rc note(irmin_txn *txn, irmin_rc rc, irmin__read_kind kind,
    const char *path, irmin_error *err)
{
	irmin__read_range range = { (uint64_t)kind, 0, 0 };

	return note_range(txn, rc, range, path, err);
}

irmin_rc irmin_txn_find(irmin_txn *txn, const char *path, irmin_pin *value,
    irmin_error *err)
{
	irmin_rc rc = irmin_edit_find(txn->edit, path, value, err);

	rc = note(txn, rc, IRMIN__READ_FIND, path, err);
	if (rc < 0)
		irmin_pin_release(value);
	return rc;
}

irmin_rc irmin_txn_find_mode(irmin_txn *txn, const char *path, irmin_mode *mode,
    irmin_error *err)
{
	irmin_rc rc = irmin_edit_find_mode(txn->edit, path, mode, err);

	rc = note(txn, rc, IRMIN__READ_HAS, path, err);
	if (rc < 0)
		*mode = IRMIN_MODE_NONE;
	return rc;
}

irmin_rc irmin_txn_find_tree(irmin_txn *txn, const char *path,
    irmin_tree **tree, irmin_error *err)
{
	irmin_tree *now = NULL;
	irmin_rc rc;

	*tree = NULL;
	rc = irmin_edit_tree(txn->edit, &now, err);
	if (rc >= 0)
		rc = irmin_tree_find_tree(now, path, tree, err);
	irmin_tree_unref(now);
	rc = note(txn, rc, IRMIN__READ_TREE, path, err);
	if (rc < 0) {
		irmin_tree_unref(*tree);
		*tree = NULL;
	}
	return rc;
}

irmin_rc irmin_txn_list(irmin_txn *txn, const char *path, size_t offset,
    size_t limit, irmin_list **list, irmin_error *err)
{
	irmin__read_range range = { IRMIN__READ_LIST, offset, limit };
	irmin_tree *now = NULL;
	irmin_rc rc;

	*list = NULL;
	rc = irmin_edit_tree(txn->edit, &now, err);
	if (rc >= 0)
		rc = irmin_tree_list(now, path, offset, limit, list, err);
	irmin_tree_unref(now);
	rc = note_range(txn, rc, range, path, err);
	if (rc < 0) {
		irmin_list_free(*list);
		*list = NULL;
	}
	return rc;
}

irmin_rc irmin_txn_length(irmin_txn *txn, const char *path, size_t *length,
    irmin_error *err)
{
	irmin_tree *now = NULL;
	irmin_rc rc;

	*length = 0;
	rc = irmin_edit_tree(txn->edit, &now, err);
	if (rc >= 0)
		rc = irmin_tree_length(now, path, length, err);
	irmin_tree_unref(now);
	rc = note(txn, rc, IRMIN__READ_LENGTH, path, err);
	if (rc < 0)
		*length = 0;
	return rc;
}

/* ---- numbers ---- */

irmin_rc irmin_txn_find_int(irmin_txn *txn, const char *path, int64_t *value,
    irmin_error *err)
{
	irmin_pin pin = IRMIN_PIN_INIT;
	irmin_rc rc;

	*value = 0;
	rc = irmin_txn_find(txn, path, &pin, err);
	if (rc == IRMIN_OK &&
	    irmin__decimal_decode_int(pin.data, pin.len, value) != 0)
		rc = irmin_error_set(err, IRMIN_EINVAL, path,
		    "the value of %s is not a 64-bit number in decimal", path);
	irmin_pin_release(&pin);
	return rc;
}

/* ---- by callback ---- */

static irmin_rc ask(irmin_txn *txn, irmin_question_fn question, void *arg,
    irmin_buf *answer, irmin_error *err)
{
	irmin_rc rc = question(arg, txn->base_tree, answer, err);

	rc = irmin__txn_blame(rc, "a question", err);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin_txn_ask(irmin_txn *txn, irmin_question_fn question, void *arg,
    void (*destroy)(void *arg), irmin_buf *answer, irmin_error *err)
{
	int records = irmin__txn_records(txn);
	irmin_rc rc;

	irmin_error_clear(err);
	irmin__buf_empty(answer);
	rc = ask(txn, question, arg, answer, err);
	if (rc >= 0 && records)
		rc = irmin__reads_note_ask(&txn->reads, question, arg, destroy,
		    irmin_buf_slice(answer), err);
	if (rc < 0)
		irmin__buf_empty(answer);
	if (destroy && (rc < 0 || !records))
		destroy(arg);
	return rc;
}
