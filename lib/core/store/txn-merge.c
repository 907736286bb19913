/* Transactions that merge: with the head of the moment in the place of ours, and
 * what they did in that of theirs. */
#include "lib/core/store/txn-parts.h"

void irmin__txn_drop_result(irmin_txn *txn)
{
	if (!txn->result)
		return;
	txn->store->repo->merger->free_result(txn->result);
	txn->result = NULL;
	irmin_commit_unref(txn->met);
	txn->met = NULL;
}

irmin_rc irmin__txn_merge(irmin_txn *txn, irmin_commit *head,
    irmin_tree *before, irmin_tree *tree, irmin_tree **after, irmin_error *err)
{
	irmin_repo *repo = txn->store->repo;
	irmin_context context = irmin__store_context(txn->store);
	irmin_merge_result *result = NULL;
	irmin_rc rc;

	rc = repo->merger->trees(repo, &context, txn->base_tree, before, tree,
	    &result, err);
	if (rc == IRMIN_ECONFLICT) {
		txn->result = result;
		txn->met = head ? irmin_commit_ref(head) : NULL;
		return rc;
	}
	if (rc >= 0)
		rc = repo->merger->result_tree(result, after, err);
	repo->merger->free_result(result);
	return rc;
}

static irmin_rc refuse_rest(const irmin_txn *txn, size_t left, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ECONFLICT, txn->store->ref,
	    "%zu conflict%s with %s left; resolve %s", left,
	    left == 1 ? "" : "s",
	    txn->store->ref ? txn->store->ref : "the detached head",
	    left == 1 ? "it" : "them");
}

/* Savepoints are of what was merged, and go with it: behind them, the changes of
 * others would be undone. */
irmin_rc irmin__txn_adopt(irmin_txn *txn, irmin_error *err)
{
	const irmin__merger *merger = txn->store->repo->merger;
	irmin_tree *tree = NULL, *base_tree = NULL;
	irmin_edit *edit = NULL;
	size_t left;
	irmin_rc rc;

	if (!txn->result)
		return IRMIN_OK;
	left = merger->result_left(txn->result);
	if (left)
		return refuse_rest(txn, left, err);
	rc = merger->result_tree(txn->result, &tree, err);
	if (rc >= 0)
		rc = irmin__store_tree_of(txn->store, txn->met, &base_tree,
		    err);
	if (rc >= 0)
		rc = irmin_edit_new(tree, &edit, err);
	irmin_tree_unref(tree);
	if (rc < 0) {
		irmin_tree_unref(base_tree);
		return rc;
	}
	irmin_edit_free(txn->edit);
	irmin_tree_unref(txn->base_tree);
	irmin_commit_unref(txn->base);
	txn->edit = edit;
	txn->base_tree = base_tree;
	txn->base = txn->met ? irmin_commit_ref(txn->met) : NULL;
	irmin__savepoints_clear(&txn->savepoints);
	irmin__txn_drop_result(txn);
	return IRMIN_OK;
}

irmin_rc irmin_txn_conflicts(irmin_txn *txn, irmin_merge_result **result)
{
	*result = txn->result;
	return txn->result ? IRMIN_OK : IRMIN_ABSENT;
}
