/* A transaction is an edit that began at a commit. */
#include "lib/core/store/txn-parts.h"

#include <irmin/alloc.h>

#include "lib/core/base/error.h"

/* ---- beginning and ending ---- */

static irmin_rc begin(irmin_txn *txn, irmin_error *err)
{
	irmin_context context = irmin__store_context(txn->store);
	irmin_rc rc;

	rc = irmin__store_head(txn->store, &context, NULL, &txn->base, err);
	if (rc >= 0)
		rc = irmin__store_tree_of(txn->store, txn->base,
		    &txn->base_tree, err);
	if (rc >= 0)
		rc = irmin_edit_new(txn->base_tree, &txn->edit, err);
	return rc < 0 ? rc : IRMIN_OK;
}

/* `isolation` is without its flags, which are in `flags`. */
static irmin_rc check_isolation(const irmin_store *store, unsigned isolation,
    unsigned flags, irmin_error *err)
{
	if (isolation > IRMIN_TXN_UNMOVED)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "there is no isolation %u", isolation);
	if (isolation != IRMIN_TXN_MERGE)
		return IRMIN_OK;
	if (flags)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "a transaction that merges does not validate its reads; "
		    "use IRMIN_TXN_SERIALIZABLE");
	if (!store->repo->merger)
		return irmin_error_set(err, IRMIN_ENOTSUP, store->ref,
		    "this repository was opened without merge functions; use "
		    "IRMIN_TXN_SERIALIZABLE or IRMIN_TXN_UNMOVED");
	return IRMIN_OK;
}

irmin_rc irmin_txn_begin(irmin_store *store, irmin_isolation isolation,
    irmin_txn **txn, irmin_error *err)
{
	unsigned flags = (unsigned)isolation & IRMIN_TXN_VALIDATE_READS;
	unsigned plain = (unsigned)isolation & ~IRMIN_TXN_VALIDATE_READS;
	irmin_txn *made;
	irmin_rc rc;

	irmin_error_clear(err);
	*txn = NULL;
	rc = check_isolation(store, plain, flags, err);
	if (rc < 0)
		return rc;
	made = irmin_calloc(1, sizeof *made);
	if (!made)
		return irmin__enomem(err);
	made->store = irmin__store_ref(store);
	made->isolation = (irmin_isolation)plain;
	made->validates_reads = flags != 0;
	irmin__reads_init(&made->reads, irmin__repo_serial(store->repo));
	irmin__touched_init(&made->touched, irmin__repo_serial(store->repo));
	rc = begin(made, err);
	if (rc < 0)
		irmin_txn_abort(made);
	else
		*txn = made;
	return rc;
}

void irmin_txn_abort(irmin_txn *txn)
{
	if (!txn)
		return;
	irmin__txn_drop_result(txn);
	irmin__stale_clear(&txn->stale);
	irmin__savepoints_clear(&txn->savepoints);
	irmin__ops_cut(&txn->ops, 0);
	IRMIN__VEC_CLEAR(&txn->ops);
	irmin__touched_clear(&txn->touched);
	irmin__reads_clear(&txn->reads);
	irmin_edit_free(txn->edit);
	irmin_tree_unref(txn->base_tree);
	irmin_commit_unref(txn->base);
	irmin__store_unref(txn->store);
	irmin_free(txn);
}

irmin_commit *irmin_txn_base(irmin_txn *txn)
{
	return txn->base;
}

/* ---- commit ---- */

static irmin_rc is_base(const irmin_txn *txn, irmin_commit *head, int *same,
    irmin_error *err)
{
	*same = txn->base == head;
	if (!txn->base || !head)
		return IRMIN_OK;
	return irmin__commit_same(txn->base, head, same, err);
}

static irmin_rc refuse_moved(const irmin_txn *txn, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ESTALE, txn->store->ref,
	    "the head moved since the transaction began; begin again");
}

/* What was asked is asked again, then what was done is done again. */
static irmin_rc apply_anew(irmin_txn *txn, irmin_tree *before,
    irmin_tree **after, irmin_error *err)
{
	const irmin__read *stale = NULL;
	irmin_rc rc;

	rc = irmin__reads_check(&txn->reads, txn->base_tree, before, &stale,
	    err);
	if (rc >= 0 && stale)
		rc = irmin__stale_tell(&txn->stale, stale, txn->base_tree,
		    before, txn->store, err);
	return rc < 0 ? rc : irmin__ops_replay(&txn->ops, before, after, err);
}

/* Whether nothing was written, so that nothing can be stale. What wrote the same
 * again has written, where it is done again. */
static irmin_rc wrote_nothing(const irmin_txn *txn, irmin_tree *tree,
    int *nothing, irmin_error *err)
{
	*nothing = 0;
	if (irmin__txn_records(txn))
		*nothing = !txn->ops.len;
	else
		return irmin_tree_same(txn->base_tree, tree, nothing, err);
	return IRMIN_OK;
}

/* On a head that is not the base. */
static irmin_rc apply_moved(irmin_txn *txn, irmin_commit *head,
    irmin_tree *before, irmin_tree *tree, irmin_tree **after, irmin_error *err)
{
	int nothing;
	irmin_rc rc = wrote_nothing(txn, tree, &nothing, err);

	if (rc < 0)
		return rc;
	if (nothing && !txn->validates_reads)
		return IRMIN_UNCHANGED;
	if (txn->isolation == IRMIN_TXN_UNMOVED)
		return refuse_moved(txn, err);
	if (txn->isolation == IRMIN_TXN_SERIALIZABLE)
		return apply_anew(txn, before, after, err);
	return irmin__txn_merge(txn, head, before, tree, after, err);
}

static irmin_rc apply_txn(void *arg, irmin_commit *head, irmin_tree *before,
    irmin_tree **after, irmin_error *err)
{
	irmin_txn *txn = arg;
	irmin_tree *tree = NULL;
	int unmoved = 0, same = 0;
	irmin_rc rc;

	rc = irmin_edit_tree(txn->edit, &tree, err);
	if (rc >= 0)
		rc = is_base(txn, head, &unmoved, err);
	if (rc >= 0 && unmoved)
		*after = irmin_tree_ref(tree);
	else if (rc >= 0)
		rc = apply_moved(txn, head, before, tree, after, err);
	irmin_tree_unref(tree);
	if (rc == IRMIN_OK)
		rc = irmin_tree_same(before, *after, &same, err);
	if (rc == IRMIN_OK && same)
		rc = IRMIN_UNCHANGED;
	return rc;
}

static irmin_rc describe_txn(void *arg, irmin_tree *before, irmin_tree *after,
    irmin_buf *message, irmin_error *err)
{
	(void)arg;
	return irmin__message_of_changes(before, after, message, err);
}

irmin_rc irmin_txn_commit(irmin_txn *txn, const irmin_info *info,
    irmin_error *err)
{
	irmin__change change = { apply_txn, describe_txn, txn };
	irmin_rc rc;

	irmin_error_clear(err);
	irmin__stale_clear(&txn->stale);
	rc = irmin__txn_adopt(txn, err);
	if (rc >= 0)
		rc = irmin__store_write(txn->store, &change, info, err);
	if (rc >= 0)
		irmin_txn_abort(txn);
	return rc;
}

/* ---- with a callback ---- */

/* One run. `stale` tells whether its commit came too late. */
static irmin_rc run_once(irmin_store *store, irmin_isolation isolation,
    const irmin_info *info, irmin_txn_fn fn, void *arg, int *stale,
    irmin_error *err)
{
	irmin_txn *txn = NULL;
	irmin_rc rc = irmin_txn_begin(store, isolation, &txn, err);

	*stale = 0;
	if (rc < 0)
		return rc;
	rc = irmin__txn_blame(fn(txn, arg, err), "its callback", err);
	if (rc < 0) {
		irmin_txn_abort(txn);
		return rc;
	}
	rc = irmin_txn_commit(txn, info, err);
	if (rc < 0)
		irmin_txn_abort(txn);
	*stale = rc == IRMIN_ESTALE;
	return rc;
}

/* Who runs out of tries is told in the end where the last one was stale: at which
 * path, if it was a read. */
static irmin_rc back_off(irmin_store *store, const irmin_info *info,
    irmin__patience *patience, irmin_error *err)
{
	irmin_error last;
	irmin_rc rc;

	if (!err)
		return irmin__store_back_off(store, info, patience, NULL);
	last = *err;
	rc = irmin__store_back_off(store, info, patience, err);
	if (rc == IRMIN_ESTALE)
		memcpy(err->where, last.where, sizeof err->where);
	return rc;
}

irmin_rc irmin_store_transact(irmin_store *store, irmin_isolation isolation,
    const irmin_info *info, irmin_txn_fn fn, void *arg, irmin_error *err)
{
	irmin__patience patience = { 0 };
	irmin_info known;
	int stale = 1;
	irmin_rc answer = IRMIN_OK, rc;

	irmin_error_clear(err);
	rc = irmin__info_read(info, &known, err);
	while (rc >= 0 && stale) {
		answer = run_once(store, isolation, &known, fn, arg, &stale,
		    err);
		if (stale)
			rc = back_off(store, &known, &patience, err);
	}
	return rc < 0 ? rc : answer;
}
