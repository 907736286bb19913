#include "tests/unit/store/txn-kit.h"

#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

irmin_store *kit_open(void)
{
	irmin_store *store = NULL;
	irmin_error err;

	if (irmin_open("mem:", NULL, &store, &err) < 0)
		bail("%s", err.text);
	return store;
}

/* A NULL value removes. */
void kit_set(irmin_store *store, const char *path, const char *value)
{
	irmin_error err;
	irmin_rc rc = value
	    ? irmin_store_set(store, path, irmin_text(value), NULL, &err)
	    : irmin_store_remove(store, path, NULL, &err);

	if (rc < 0)
		bail("%s", err.text);
}

irmin_txn *kit_begin_as(irmin_store *store, unsigned isolation)
{
	irmin_txn *txn = NULL;
	irmin_error err;

	if (irmin_txn_begin(store, (irmin_isolation)isolation, &txn, &err) < 0)
		bail("%s", err.text);
	return txn;
}

irmin_txn *kit_begin(irmin_store *store)
{
	return kit_begin_as(store, IRMIN_TXN_SERIALIZABLE);
}

const char *kit_all(irmin_store *store)
{
	irmin_tree *tree = NULL;
	irmin_error err;
	const char *text;

	if (irmin_store_tree(store, &tree, &err) < 0)
		bail("%s", err.text);
	text = room_text(tree);
	irmin_tree_unref(tree);
	return text;
}

void kit_write(irmin_txn *txn, const char *path, const char *value)
{
	irmin_error err;

	if (irmin_txn_set(txn, path, irmin_text(value), &err) < 0)
		bail("%s", err.text);
}

irmin_rc kit_find(irmin_txn *txn, const char *path, irmin_error *err)
{
	irmin_pin pin;
	irmin_rc rc = irmin_txn_find(txn, path, &pin, err);

	irmin_pin_release(&pin);
	return rc;
}

irmin_rc kit_has(irmin_txn *txn, const char *path, irmin_error *err)
{
	irmin_mode mode;

	return irmin_txn_find_mode(txn, path, &mode, err);
}

irmin_rc kit_tree(irmin_txn *txn, const char *path, irmin_error *err)
{
	irmin_tree *tree;
	irmin_rc rc = irmin_txn_find_tree(txn, path, &tree, err);

	irmin_tree_unref(tree);
	return rc;
}

irmin_rc kit_length(irmin_txn *txn, const char *path, irmin_error *err)
{
	size_t length;

	return irmin_txn_length(txn, path, &length, err);
}

void kit_set_up(irmin_store *store)
{
	kit_set(store, "d/a", "1");
	kit_set(store, "d/b", "2");
	kit_set(store, "d/sub/x", "3");
	kit_set(store, "f", "4");
}
