/* Several reads and writes as one commit. */
#include <stdint.h>
#include <string.h>

#include <irmin/irmin.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

static irmin_store *open_store(void)
{
	irmin_store *store = NULL;
	irmin_error err;

	if (irmin_open("mem:", NULL, &store, &err) < 0)
		bail("%s", err.text);
	return store;
}

static void set(irmin_store *store, const char *path, const char *value)
{
	irmin_error err;

	if (irmin_store_set(store, path, irmin_text(value), NULL, &err) < 0)
		bail("%s", err.text);
}

static irmin_txn *begin(irmin_store *store)
{
	irmin_txn *txn = NULL;
	irmin_error err;

	if (irmin_txn_begin(store, IRMIN_TXN_UNMOVED, &txn, &err) < 0)
		bail("%s", err.text);
	return txn;
}

static int holds(irmin_store *store, const char *path, const char *want)
{
	irmin_buf value = IRMIN_BUF_INIT;
	irmin_rc rc = irmin_store_find(store, path, &value, NULL);
	int same = rc == IRMIN_OK
	    ? want && strcmp((char *)value.data, want) == 0
	    : rc == IRMIN_ABSENT && !want;

	irmin_buf_clear(&value);
	return same;
}

static uint64_t commits(irmin_store *store)
{
	return irmin_repo_stat(irmin_store_repo(store), IRMIN_STAT_COMMITS);
}

static void one_commit(void)
{
	irmin_store *store = open_store();
	irmin_commit *head;
	irmin_txn *txn;
	irmin_pin pin = IRMIN_PIN_INIT;
	irmin_tree *tree;
	irmin_list *list;
	irmin_mode mode;
	irmin_slice said;
	size_t length;

	set(store, "d/old", "1");
	txn = begin(store);
	ok(irmin_txn_base(txn) != NULL, "it has a base");
	is_rc(irmin_txn_set(txn, "d/new", irmin_text("2"), NULL), IRMIN_OK,
	    "set");
	is_rc(irmin_txn_set_mode(txn, "d/run", IRMIN_MODE_EXECUTABLE,
		  irmin_text("3"), NULL),
	    IRMIN_OK, "set with a mode");
	is_rc(irmin_txn_move(txn, "d/old", "d/moved", NULL), IRMIN_OK, "move");
	is_rc(irmin_txn_find(txn, "d/moved", &pin, NULL), IRMIN_OK,
	    "its writes are seen");
	is_mem(pin.data, pin.len, "1", 1, "through it");
	irmin_pin_release(&pin);
	is_rc(irmin_txn_find(txn, "d/old", &pin, NULL), IRMIN_ABSENT,
	    "also "
	    "what is gone");
	is_rc(irmin_txn_find_mode(txn, "d/run", &mode, NULL), IRMIN_OK, "mode");
	is_int(mode, IRMIN_MODE_EXECUTABLE, "executable");
	is_rc(irmin_txn_length(txn, "d", &length, NULL), IRMIN_OK, "length");
	is_int(length, 3, "three");
	is_rc(irmin_txn_list(txn, "d", 0, 2, &list, NULL), IRMIN_OK, "list");
	is_int(irmin_list_length(list), 2, "two of them");
	irmin_list_free(list);
	is_rc(irmin_txn_find_tree(txn, "d", &tree, NULL), IRMIN_OK, "subtree");
	is_rc(irmin_txn_add_tree(txn, "e", tree, NULL), IRMIN_OK, "put again");
	is_rc(irmin_txn_remove(txn, "d/run", NULL), IRMIN_OK, "remove");
	ok(holds(store, "d/old", "1") && holds(store, "d/new", NULL),
	    "the store sees none of it");
	is_int(commits(store), 1, "and nothing is committed");
	is_rc(irmin_txn_commit(txn, NULL, NULL), IRMIN_OK, "commit");
	is_int(commits(store), 2, "is one commit");
	ok(holds(store, "e/run", "3") && holds(store, "d/run", NULL) &&
		holds(store, "d/moved", "1"),
	    "with all of it");
	is_rc(irmin_tree_find(tree, "run", &pin, NULL), IRMIN_OK,
	    "a tree taken out stays");
	irmin_pin_release(&pin);
	irmin_tree_unref(tree);
	if (irmin_store_head(store, &head, NULL) != IRMIN_OK)
		bail("no head");
	said = irmin_commit_message(head);
	is_mem(said.data, said.len, "6 changes\n", 10, "its message counts");
	irmin_commit_unref(head);
	irmin_store_close(store);
}

static void nothing_written(void)
{
	irmin_info info = IRMIN_INFO_INIT;
	irmin_store *store = open_store();
	irmin_txn *txn = begin(store);
	irmin_error err;

	ok(!irmin_txn_base(txn), "an unborn branch is no base");
	is_rc(irmin_txn_commit(txn, NULL, NULL), IRMIN_UNCHANGED,
	    "nothing on an unborn branch");
	set(store, "a", "1");
	txn = begin(store);
	if (irmin_txn_set(txn, "a", irmin_text("2"), &err) < 0 ||
	    irmin_txn_set(txn, "a", irmin_text("1"), &err) < 0)
		bail("%s", err.text);
	set(store, "b", "others");
	is_rc(irmin_txn_commit(txn, NULL, NULL), IRMIN_UNCHANGED,
	    "changed and changed back, though the head moved");
	is_int(commits(store), 2, "is no commit");
	info.flags = IRMIN_INFO_ALLOW_EMPTY;
	is_rc(irmin_txn_commit(begin(store), &info, NULL), IRMIN_OK,
	    "unless that is allowed");
	is_int(commits(store), 3, "then it is");
	irmin_txn_abort(NULL);
	irmin_store_close(store);
}

static void moved(void)
{
	irmin_store *store = open_store();
	irmin_txn *txn;
	irmin_error err;

	txn = begin(store);
	if (irmin_txn_set(txn, "a", irmin_text("1"), &err) < 0)
		bail("%s", err.text);
	set(store, "b", "2");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ESTALE, &err,
	    "the branch was born meanwhile");
	irmin_txn_abort(txn);
	txn = begin(store);
	if (irmin_txn_set(txn, "a", irmin_text("1"), &err) < 0)
		bail("%s", err.text);
	set(store, "b", "3");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ESTALE, &err,
	    "the head moved meanwhile");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ESTALE, &err,
	    "the transaction is as it was");
	irmin_txn_abort(txn);
	ok(holds(store, "a", NULL), "none of it is there");
	is_int(commits(store), 2, "and no commit was made for it");
	irmin_store_close(store);
}

/* A transaction outlives the handle that it began on. */
static void without_its_store(void)
{
	irmin_store *store = open_store(), *second;
	irmin_txn *txn;
	irmin_error err;

	if (irmin_store_open(irmin_store_repo(store), "main", &second, &err) <
	    0)
		bail("%s", err.text);
	txn = begin(second);
	irmin_store_close(second);
	is_rc(irmin_txn_set(txn, "a", irmin_text("1"), NULL), IRMIN_OK, "set");
	is_rc(irmin_txn_commit(txn, NULL, NULL), IRMIN_OK, "commit");
	ok(holds(store, "a", "1"), "it is there");
	irmin_store_close(store);
}

static void isolations(void)
{
	irmin_store *store = open_store();
	irmin_txn *txn;
	irmin_error err;

	fails(irmin_txn_begin(store,
		  (irmin_isolation)(IRMIN_TXN_MERGE | IRMIN_TXN_VALIDATE_READS),
		  &txn, &err),
	    IRMIN_EINVAL, &err, "merging validates no reads");
	ok(!txn && strstr(irmin_error_hint(&err), "IRMIN_TXN_SERIALIZABLE"),
	    "and the text says what does: %s", err.text);
	fails(irmin_txn_begin(store, (irmin_isolation)7, &txn, &err),
	    IRMIN_EINVAL, &err, "and this is none");
	irmin_store_close(store);
}

/* ---- numbers ---- */

static void numbers(void)
{
	static const int64_t good[] = { 0, 1, -1, 10, INT64_MAX, INT64_MIN };
	static const char *const bad[] = { "", "-", "+1", "01", "-0", "1 ",
		"9223372036854775808", "-9223372036854775809", "1x",
		"99999999999999999999999" };
	irmin_store *store = open_store();
	irmin_txn *txn = begin(store);
	irmin_error err;
	int64_t n = 7;
	size_t i;

	is_rc(irmin_txn_find_int(txn, "n", &n, NULL), IRMIN_ABSENT, "absent");
	is_int(n, 0, "is 0");
	for (i = 0; i < sizeof good / sizeof *good; i++) {
		succeeds(irmin_txn_set_int(txn, "n", good[i], &err), &err,
		    "set");
		is_rc(irmin_txn_find_int(txn, "n", &n, NULL), IRMIN_OK, "find");
		is_int(n, good[i], "the same number");
	}
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (irmin_txn_set(txn, "n", irmin_text(bad[i]), &err) < 0)
			bail("%s", err.text);
		fails(irmin_txn_find_int(txn, "n", &n, &err), IRMIN_EINVAL,
		    &err, "\"%s\" is no number", bad[i]);
		is_int(n, 0, "and gives none");
	}
	irmin_txn_abort(txn);
	irmin_store_close(store);
}

/* ---- with a callback ---- */

struct transfer {
	irmin_store *store;
	int runs, disturb; /* how often somebody comes in between */
	irmin_rc answer;
};

static irmin_rc transfer(irmin_txn *txn, void *arg, irmin_error *err)
{
	struct transfer *self = arg;
	int64_t a = 0, b = 0;
	irmin_rc rc;

	self->runs++;
	if ((rc = irmin_txn_find_int(txn, "a", &a, err)) < 0)
		return rc;
	if ((rc = irmin_txn_find_int(txn, "b", &b, err)) < 0)
		return rc;
	if (self->disturb) {
		self->disturb--;
		set(self->store, "c", self->disturb % 2 ? "x" : "y");
	}
	if (self->answer)
		return self->answer;
	if ((rc = irmin_txn_set_int(txn, "a", a - 10, err)) < 0)
		return rc;
	return irmin_txn_set_int(txn, "b", b + 10, err);
}

static void transact(void)
{
	irmin_info info = IRMIN_INFO_INIT;
	irmin_store *store = open_store();
	struct transfer self = { store, 0, 3, 0 };
	irmin_error err;

	set(store, "a", "100");
	is_rc(irmin_store_transact(store, IRMIN_TXN_UNMOVED, NULL, transfer,
		  &self, &err),
	    IRMIN_OK, "a transaction");
	is_int(self.runs, 4, "is run again when somebody came in between");
	ok(holds(store, "a", "90") && holds(store, "b", "10"),
	    "and takes effect once");

	self.runs = 0;
	self.disturb = 100;
	info.retries = 2;
	fails(irmin_store_transact(store, IRMIN_TXN_UNMOVED, &info, transfer,
		  &self, &err),
	    IRMIN_ESTALE, &err, "somebody always comes in between");
	is_int(self.runs, 3, "it is tried again twice");

	self.disturb = 0;
	self.answer = IRMIN_EABORTED;
	fails(irmin_store_transact(store, IRMIN_TXN_UNMOVED, NULL, transfer,
		  &self, &err),
	    IRMIN_EABORTED, &err, "a callback that gives up");
	self.answer = -2000;
	fails(irmin_store_transact(store, IRMIN_TXN_UNMOVED, NULL, transfer,
		  &self, &err),
	    -2000, &err, "with a number of its own");
	self.answer = IRMIN_ABSENT;
	is_rc(irmin_store_transact(store, IRMIN_TXN_UNMOVED, NULL, transfer,
		  &self, &err),
	    IRMIN_UNCHANGED, "a callback that wrote nothing");
	ok(holds(store, "a", "90"), "nothing was moved");
	irmin_store_close(store);
}

/* ---- out of memory ---- */

static irmin_rc transact_once(void *arg, irmin_error *err)
{
	struct transfer self = { arg, 0, 0, 0 };
	irmin_txn *txn = NULL;
	irmin_rc rc;

	rc = irmin_txn_begin(arg, IRMIN_TXN_UNMOVED, &txn, err);
	if (rc >= 0)
		rc = transfer(txn, &self, err);
	irmin_txn_abort(txn);
	return rc;
}

static void out_of_memory(void)
{
	irmin_store *store = open_store();

	set(store, "a", "100");
	alloc_fault_sweep("a transaction", transact_once, store);
	irmin_store_close(store);
}

int main(void)
{
	one_commit();
	nothing_written();
	moved();
	without_its_store();
	isolations();
	numbers();
	transact();
	out_of_memory();
	return done_testing();
}
