/* States of a transaction to come back to. A savepoint is an edit that nobody
 * changes, beside the number of operations that led to it; both cost nothing to
 * keep but what the transaction has changed since. */
#include "lib/core/store/txn-parts.h"

#include "lib/core/store/tree-edit.h"

irmin_rc irmin__edit_fork(irmin_edit *edit, irmin_edit **fork, irmin_error *err)
{
	irmin_tree *tree = NULL;
	irmin_rc rc = irmin_edit_tree(edit, &tree, err);

	*fork = NULL;
	if (rc >= 0)
		rc = irmin_edit_new(tree, fork, err);
	if (rc >= 0)
		(*fork)->dirty = edit->dirty;
	irmin_tree_unref(tree);
	return rc;
}

/* Lets go of all but the first `count`. */
static void cut(irmin__savepoints *points, size_t count)
{
	while (points->len > count)
		irmin_edit_free(points->items[--points->len].edit);
}

void irmin__savepoints_clear(irmin__savepoints *points)
{
	cut(points, 0);
	IRMIN__VEC_CLEAR(points);
}

irmin_rc irmin_txn_savepoint(irmin_txn *txn, uint32_t *savepoint,
    irmin_error *err)
{
	irmin__savepoint point = { txn->last_savepoint + 1, NULL,
		txn->ops.len };
	irmin_rc rc;

	irmin_error_clear(err);
	*savepoint = 0;
	rc = IRMIN__VEC_RESERVE(&txn->savepoints, 1, err);
	if (rc >= 0)
		rc = irmin__edit_fork(txn->edit, &point.edit, err);
	if (rc < 0)
		return rc;
	IRMIN__VEC_PUSH(&txn->savepoints, point);
	*savepoint = txn->last_savepoint = point.number;
	return IRMIN_OK;
}

/* How many savepoints there are up to this one; 0: it is not there. */
static size_t place_of(const irmin__savepoints *points, uint32_t number)
{
	size_t i = points->len;

	while (i && points->items[i - 1].number > number)
		i--;
	return i && points->items[i - 1].number == number ? i : 0;
}

irmin_rc irmin_txn_rollback(irmin_txn *txn, uint32_t savepoint,
    irmin_error *err)
{
	size_t place = place_of(&txn->savepoints, savepoint);
	const irmin__savepoint *point;
	irmin_edit *edit = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	if (!place)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the transaction has no savepoint %u", savepoint);
	point = &txn->savepoints.items[place - 1];
	rc = irmin__edit_fork(point->edit, &edit, err);
	if (rc < 0)
		return rc;
	irmin__txn_drop_result(txn);
	irmin_edit_free(txn->edit);
	txn->edit = edit;
	irmin__ops_cut(&txn->ops, point->ops);
	if (txn->touched.count > point->ops)
		txn->touched.count = point->ops;
	cut(&txn->savepoints, place);
	return IRMIN_OK;
}
