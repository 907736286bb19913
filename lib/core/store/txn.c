/* A transaction is an edit that began at a commit. */
#include <irmin/txn.h>

#include "lib/core/base/decimal.h"
#include "lib/core/base/error.h"
#include "lib/core/store/store.h"
#include <irmin/alloc.h>

struct irmin_txn {
	irmin_store *store;
	irmin_commit *base; /* NULL on an unborn branch */
	irmin_tree *base_tree;
	irmin_edit *edit;
};

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

static irmin_rc check_isolation(const irmin_store *store,
    irmin_isolation isolation, irmin_error *err)
{
	if (isolation == IRMIN_TXN_UNMOVED)
		return IRMIN_OK;
	if (isolation != IRMIN_TXN_MERGE && isolation != IRMIN_TXN_SERIALIZABLE)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "there is no isolation %d", (int)isolation);
	return irmin_error_set(err, IRMIN_ENOTSUP, store->ref,
	    "this isolation needs the merge functions, which this version does "
	    "not have; use IRMIN_TXN_UNMOVED");
}

irmin_rc irmin_txn_begin(irmin_store *store, irmin_isolation isolation,
    irmin_txn **txn, irmin_error *err)
{
	irmin_txn *made;
	irmin_rc rc;

	irmin_error_clear(err);
	*txn = NULL;
	rc = check_isolation(store, isolation, err);
	if (rc < 0)
		return rc;
	made = irmin_calloc(1, sizeof *made);
	if (!made)
		return irmin__enomem(err);
	made->store = irmin__store_ref(store);
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

/* UNMOVED: what was written to the base counts only if the base is the head.
 * Without writes there is nothing that could be stale. */
static irmin_rc apply_txn(void *arg, irmin_commit *head, irmin_tree *before,
    irmin_tree **after, irmin_error *err)
{
	irmin_txn *txn = arg;
	irmin_tree *tree = NULL;
	int same = 0, unmoved = 0;
	irmin_rc rc;

	(void)before;
	rc = irmin_edit_tree(txn->edit, &tree, err);
	if (rc >= 0)
		rc = irmin_tree_same(txn->base_tree, tree, &same, err);
	if (rc >= 0 && !same)
		rc = is_base(txn, head, &unmoved, err);
	if (rc >= 0 && same)
		rc = IRMIN_UNCHANGED;
	else if (rc >= 0 && !unmoved)
		rc = irmin_error_set(err, IRMIN_ESTALE, txn->store->ref,
		    "the head moved since the transaction began; begin again");
	if (rc == IRMIN_OK)
		*after = tree;
	else
		irmin_tree_unref(tree);
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
	rc = irmin__store_write(txn->store, &change, info, err);
	if (rc >= 0)
		irmin_txn_abort(txn);
	return rc;
}

/* What the callback answered, in words if it gave none. */
static irmin_rc give_up(irmin_rc rc, irmin_error *err)
{
	if (err && err->code != rc)
		return irmin_error_set(err, rc, NULL,
		    "the transaction was given up: its callback answered %d "
		    "(%s)",
		    (int)rc, irmin_rc_text(rc));
	return rc;
}

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
	rc = fn(txn, arg, err);
	if (rc < 0) {
		irmin_txn_abort(txn);
		return give_up(rc, err);
	}
	rc = irmin_txn_commit(txn, info, err);
	if (rc < 0)
		irmin_txn_abort(txn);
	*stale = rc == IRMIN_ESTALE;
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
			rc = irmin__store_back_off(store, &known, &patience,
			    err);
	}
	return rc < 0 ? rc : answer;
}

/* ---- reads ---- */

irmin_rc irmin_txn_find(irmin_txn *txn, const char *path, irmin_pin *value,
    irmin_error *err)
{
	return irmin_edit_find(txn->edit, path, value, err);
}

irmin_rc irmin_txn_find_mode(irmin_txn *txn, const char *path, irmin_mode *mode,
    irmin_error *err)
{
	return irmin_edit_find_mode(txn->edit, path, mode, err);
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
	return rc;
}

irmin_rc irmin_txn_list(irmin_txn *txn, const char *path, size_t offset,
    size_t limit, irmin_list **list, irmin_error *err)
{
	irmin_tree *now = NULL;
	irmin_rc rc;

	*list = NULL;
	rc = irmin_edit_tree(txn->edit, &now, err);
	if (rc >= 0)
		rc = irmin_tree_list(now, path, offset, limit, list, err);
	irmin_tree_unref(now);
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
	return rc;
}

irmin_rc irmin_txn_find_int(irmin_txn *txn, const char *path, int64_t *value,
    irmin_error *err)
{
	irmin_pin pin = IRMIN_PIN_INIT;
	irmin_rc rc;

	*value = 0;
	rc = irmin_edit_find(txn->edit, path, &pin, err);
	if (rc == IRMIN_OK &&
	    irmin__decimal_decode_int(pin.data, pin.len, value) != 0)
		rc = irmin_error_set(err, IRMIN_EINVAL, path,
		    "the value of %s is not a 64-bit number in decimal", path);
	irmin_pin_release(&pin);
	return rc;
}

/* ---- writes ---- */

irmin_rc irmin_txn_set(irmin_txn *txn, const char *path, irmin_slice value,
    irmin_error *err)
{
	return irmin_edit_set(txn->edit, path, value, err);
}

irmin_rc irmin_txn_set_int(irmin_txn *txn, const char *path, int64_t value,
    irmin_error *err)
{
	char text[IRMIN__DECIMAL_BYTES];
	size_t length = irmin__decimal_encode_int(value, text);

	return irmin_edit_set(txn->edit, path, irmin_bytes(text, length), err);
}

irmin_rc irmin_txn_set_mode(irmin_txn *txn, const char *path, irmin_mode mode,
    irmin_slice value, irmin_error *err)
{
	return irmin_edit_set_mode(txn->edit, path, mode, value, err);
}

irmin_rc irmin_txn_set_blob(irmin_txn *txn, const char *path, irmin_mode mode,
    const irmin_oid *id, irmin_error *err)
{
	return irmin_edit_set_blob(txn->edit, path, mode, id, err);
}

irmin_rc irmin_txn_add_tree(irmin_txn *txn, const char *path, irmin_tree *tree,
    irmin_error *err)
{
	return irmin_edit_add_tree(txn->edit, path, tree, err);
}

irmin_rc irmin_txn_remove(irmin_txn *txn, const char *path, irmin_error *err)
{
	return irmin_edit_remove(txn->edit, path, err);
}

irmin_rc irmin_txn_move(irmin_txn *txn, const char *from, const char *to,
    irmin_error *err)
{
	return irmin_edit_move(txn->edit, from, to, err);
}
