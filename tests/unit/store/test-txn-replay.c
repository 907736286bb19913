/* Serializable transactions: what is done again on a head that moved, and states to
 * come back to. */
#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"
#include "tests/unit/store/txn-kit.h"

/* ---- what is done again ---- */

static void blind_writes(void)
{
	irmin_info info = IRMIN_INFO_INIT;
	irmin_store *store = kit_open();
	irmin_tree *tree;
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	if (irmin_store_tree(store, &tree, &err) < 0)
		bail("%s", err.text);
	txn = kit_begin(store);
	is_rc(irmin_txn_set(txn, "f", irmin_text("4"), &err), IRMIN_UNCHANGED,
	    "what is there is set again");
	succeeds(irmin_txn_remove(txn, "d", &err), &err, "remove");
	succeeds(irmin_txn_add_tree(txn, "old", tree, &err), &err, "add_tree");
	succeeds(irmin_txn_set_mode(txn, "run", IRMIN_MODE_EXECUTABLE,
		     irmin_text("x"), &err),
	    &err, "set_mode");
	succeeds(irmin_txn_set_int(txn, "n", -12, &err), &err, "set_int");
	kit_set(store, "f", "others");
	kit_set(store, "d/new", "others");
	kit_set(store, "g", "others");
	info.message = "mine";
	is_rc(irmin_txn_commit(txn, &info, &err), IRMIN_OK,
	    "what was written is not read");
	is_str(kit_all(store),
	    "f=4\ng=others\nn=-12\nold/d/a=1\nold/d/b=2\nold/d/sub/x=3\n"
	    "old/f=4\n100755 run=x\n",
	    "and is done again on the head");
	irmin_tree_unref(tree);
	irmin_store_close(store);
}

/* Where the head has another mode, a set keeps that one. */
static void modes_of_the_head(void)
{
	irmin_store *store = kit_open();
	irmin_txn *txn, *between;
	irmin_oid id;
	irmin_error err;

	kit_set_up(store);
	id = room_add(irmin_store_repo(store), IRMIN_OBJECT_BLOB, "blob", 4);
	txn = kit_begin(store);
	kit_write(txn, "f", "5");
	succeeds(irmin_txn_set_blob(txn, "b", IRMIN_MODE_NONE, &id, &err), &err,
	    "set_blob");
	succeeds(irmin_txn_move(txn, "d/a", "a", &err), &err, "move");
	between = kit_begin(store);
	succeeds(irmin_txn_set_mode(between, "f", IRMIN_MODE_EXECUTABLE,
		     irmin_text("x"), &err),
	    &err, "somebody makes it executable");
	succeeds(irmin_txn_commit(between, NULL, &err), &err, "at once");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK, "commit");
	is_str(kit_all(store), "a=1\nb=blob\nd/b=2\nd/sub/x=3\n100755 f=5\n",
	    "the mode is that of the head");
	irmin_store_close(store);
}

static void one_parent(void)
{
	irmin_store *store = kit_open();
	irmin_commit *head = NULL, *now = NULL;
	irmin_oid id, parent;
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = kit_begin(store);
	kit_write(txn, "g", "1");
	kit_set(store, "h", "2");
	if (irmin_store_head(store, &head, &err) < 0 ||
	    irmin_commit_id(head, &id, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK, "commit");
	if (irmin_store_head(store, &now, &err) < 0 ||
	    irmin_commit_parent_id(now, 0, &parent, &err) < 0)
		bail("%s", err.text);
	is_int(irmin_commit_parent_count(now), 1, "one parent,");
	ok(irmin_oid_compare(&id, &parent) == 0, "the head of that moment");
	irmin_commit_unref(head);
	irmin_commit_unref(now);
	irmin_store_close(store);
}

/* ---- by callback ---- */

struct callback {
	int calls, destroyed;
	irmin_rc answer; /* if negative, from call `bad` on */
	int bad;
};

static irmin_rc answer_of(struct callback *self)
{
	return ++self->calls >= self->bad ? self->answer : IRMIN_OK;
}

static irmin_rc count_entries(void *arg, irmin_tree *tree, irmin_buf *answer,
    irmin_error *err)
{
	struct callback *self = arg;
	size_t length;
	irmin_rc rc = answer_of(self);

	if (rc >= 0)
		rc = irmin_tree_length(tree, "d", &length, err);
	if (rc >= 0)
		rc = irmin_buf_append(answer,
		    irmin_text(tap_format("%zu", length)), err);
	return rc < 0 ? rc : IRMIN_OK;
}

/* Sets d/next-N to N, where N is how many entries there are. */
static irmin_rc append_entry(void *arg, irmin_edit *edit, irmin_error *err)
{
	irmin_tree *tree = NULL;
	size_t length = 0;
	const char *path, *value;
	irmin_rc rc = irmin_edit_tree(edit, &tree, err);

	if (rc >= 0)
		rc = irmin_tree_length(tree, "d", &length, err);
	irmin_tree_unref(tree);
	value = tap_format("%zu", length);
	path = tap_format("d/next-%s", value);
	if (rc >= 0)
		rc = irmin_edit_set(edit, path, irmin_text(value), err);
	return rc < 0 ? rc : answer_of(arg);
}

static void count_destroy(void *arg)
{
	((struct callback *)arg)->destroyed++;
}

static void questions(void)
{
	irmin_buf answer = IRMIN_BUF_INIT;
	irmin_store *store = kit_open();
	struct callback ask = { 0, 0, 0, 0 };
	irmin_stale stale;
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = kit_begin(store);
	kit_write(txn, "d/mine", "1");
	is_rc(irmin_txn_ask(txn, count_entries, &ask, count_destroy, &answer,
		  &err),
	    IRMIN_OK, "a question");
	is_mem(answer.data, answer.len, "3", 1, "is about the base");
	kit_set(store, "d/a", "9");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK,
	    "the same answer holds");
	is_int(ask.calls, 2, "it was asked again");
	is_int(ask.destroyed, 1, "and let go of");
	txn = kit_begin(store);
	is_rc(irmin_txn_ask(txn, count_entries, &ask, count_destroy, &answer,
		  &err),
	    IRMIN_OK, "a question");
	kit_write(txn, "g", "1");
	kit_set(store, "d/c", "9");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ESTALE, &err,
	    "another answer does not");
	is_rc(irmin_txn_stale(txn, &stale), IRMIN_OK, "which is told");
	is_str(stale.what, "ask", "what it was");
	is_mem(stale.before.data, stale.before.len, "4", 1, "before");
	is_mem(stale.now.data, stale.now.len, "5", 1, "now");
	irmin_txn_abort(txn);
	is_int(ask.destroyed, 2, "let go of");
	irmin_buf_clear(&answer);
	irmin_store_close(store);
}

static void operations(void)
{
	irmin_store *store = kit_open();
	struct callback apply = { 0, 0, 0, 0 };
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = kit_begin(store);
	is_rc(irmin_txn_apply(txn, append_entry, &apply, count_destroy, &err),
	    IRMIN_OK, "an operation");
	is_rc(irmin_txn_apply(txn, append_entry, &apply, count_destroy, &err),
	    IRMIN_OK, "and another");
	succeeds(kit_find(txn, "d/next-4", &err), &err, "are done at once");
	kit_set(store, "d/c", "5");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK, "commit");
	is_str(kit_all(store),
	    "d/a=1\nd/b=2\nd/c=5\nd/next-4=4\nd/next-5=5\nd/sub/x=3\nf=4\n",
	    "on the head they find what is there");
	is_int(apply.calls, 4, "each is run twice");
	is_int(apply.destroyed, 2, "and let go of");
	irmin_store_close(store);
}

/* With other isolations they are run, and that is all. */
static void not_recorded(void)
{
	irmin_buf answer = IRMIN_BUF_INIT;
	irmin_store *store = kit_open();
	struct callback self = { 0, 0, 0, 0 };
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = kit_begin_as(store, IRMIN_TXN_UNMOVED);
	is_rc(irmin_txn_apply(txn, append_entry, &self, count_destroy, &err),
	    IRMIN_OK, "an operation");
	is_rc(irmin_txn_ask(txn, count_entries, &self, count_destroy, &answer,
		  &err),
	    IRMIN_OK, "a question");
	is_mem(answer.data, answer.len, "3", 1, "about the base");
	is_int(self.destroyed, 2, "both are let go of at once");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK, "commit");
	is_int(self.calls, 2, "and are not run again");
	ok(strstr(kit_all(store), "d/next-3=3\n"), "what was done is there");
	irmin_buf_clear(&answer);
	irmin_store_close(store);
}

static void failing_callbacks(void)
{
	irmin_buf answer = IRMIN_BUF_INIT;
	irmin_store *store = kit_open();
	struct callback at_once = { 0, 0, -2000, 1 };
	struct callback later = { 0, 0, IRMIN_EUSER, 2 };
	const char *before;
	irmin_txn *txn;
	irmin_mode mode;
	irmin_error err;

	kit_set_up(store);
	txn = kit_begin(store);
	fails(irmin_txn_apply(txn, append_entry, &at_once, count_destroy, &err),
	    -2000, &err, "an operation that fails half done");
	is_rc(irmin_txn_find_mode(txn, "d/next-3", &mode, &err), IRMIN_ABSENT,
	    "has done nothing");
	fails(irmin_txn_ask(txn, count_entries, &at_once, count_destroy,
		  &answer, &err),
	    -2000, &err, "so does a question");
	ok(!answer.len, "without an answer");
	is_int(at_once.destroyed, 2, "both are let go of");
	kit_write(txn, "g", "1");
	succeeds(irmin_txn_apply(txn, append_entry, &later, count_destroy,
		     &err),
	    &err, "one that fails the second time");
	kit_set(store, "h", "2");
	before = kit_all(store);
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_EUSER, &err,
	    "fails the commit");
	is_str(kit_all(store), before, "and nothing is done");
	later.answer = IRMIN_OK;
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK,
	    "the transaction can be tried again");
	is_int(later.destroyed, 1, "and lets go in the end");
	txn = kit_begin(store);
	later.answer = IRMIN_EUSER;
	later.calls = 0;
	succeeds(irmin_txn_ask(txn, count_entries, &later, count_destroy,
		     &answer, &err),
	    &err, "a question that fails the second time");
	kit_write(txn, "g", "2");
	kit_set(store, "h", "3");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_EUSER, &err,
	    "fails the commit");
	irmin_txn_abort(txn);
	irmin_buf_clear(&answer);
	irmin_store_close(store);
}

/* ---- updates ---- */

static irmin_rc answer_update(void *arg, const irmin_slice *value,
    irmin_buf *made, irmin_error *err)
{
	irmin_rc rc = *(irmin_rc *)arg;

	if (rc != IRMIN_OK)
		return rc;
	return value ? irmin_buf_set(made, *value, err)
		     : irmin_buf_set(made, irmin_text("none"), err);
}

static void updates(void)
{
	irmin_store *store = kit_open();
	irmin_txn *txn = kit_begin(store);
	irmin_rc answer = IRMIN_OK;
	irmin_error err;

	is_rc(irmin_txn_update(txn, "u", answer_update, &answer, &err),
	    IRMIN_OK, "where nothing is");
	is_rc(irmin_txn_update(txn, "u", answer_update, &answer, &err),
	    IRMIN_UNCHANGED, "to the same");
	answer = IRMIN_UNCHANGED;
	is_rc(irmin_txn_update(txn, "v", answer_update, &answer, &err),
	    IRMIN_UNCHANGED, "left alone");
	kit_write(txn, "w", "1");
	answer = IRMIN_ABSENT;
	is_rc(irmin_txn_update(txn, "w", answer_update, &answer, &err),
	    IRMIN_OK, "removed");
	answer = IRMIN_EABORTED;
	fails(irmin_txn_update(txn, "u", answer_update, &answer, &err),
	    IRMIN_EABORTED, &err, "given up");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK, "commit");
	is_str(kit_all(store), "u=none\n", "what came of it");
	irmin_store_close(store);
}

/* ---- run again ---- */

struct rerun {
	irmin_store *store;
	int runs, disturb; /* how often somebody comes in between */
};

static irmin_rc find_and_set(irmin_txn *txn, void *arg, irmin_error *err)
{
	struct rerun *self = arg;
	irmin_rc rc = kit_find(txn, "f", err);

	self->runs++;
	if (rc >= 0)
		rc = irmin_txn_set(txn, "g", irmin_text("1"), err);
	if (self->disturb-- > 0)
		kit_set(self->store, "f", self->disturb % 2 ? "a" : "b");
	return rc;
}

static void run_again(void)
{
	irmin_info info = IRMIN_INFO_INIT;
	irmin_store *store = kit_open();
	struct rerun self = { store, 0, 2 };
	irmin_error err;

	kit_set_up(store);
	is_rc(irmin_store_transact(store, IRMIN_TXN_SERIALIZABLE, NULL,
		  find_and_set, &self, &err),
	    IRMIN_OK, "a callback whose reads are stale twice");
	is_int(self.runs, 3, "is run three times");
	self.disturb = 100;
	info.retries = 2;
	fails(irmin_store_transact(store, IRMIN_TXN_SERIALIZABLE, &info,
		  find_and_set, &self, &err),
	    IRMIN_ESTALE, &err, "one whose reads always are");
	is_str(err.where, "f", "the error says where");
	irmin_store_close(store);
}

/* ---- savepoints ---- */

static void savepoints(void)
{
	irmin_store *store = kit_open();
	struct callback apply = { 0, 0, 0, 0 };
	uint32_t first = 7, second, third;
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = kit_begin(store);
	kit_write(txn, "kept", "1");
	is_rc(irmin_txn_savepoint(txn, &first, &err), IRMIN_OK, "savepoint");
	is_int(first, 1, "the first");
	kit_write(txn, "kept", "2");
	succeeds(irmin_txn_remove(txn, "d", &err), &err, "remove");
	is_rc(irmin_txn_savepoint(txn, &second, &err), IRMIN_OK, "savepoint");
	is_int(second, 2, "the second");
	succeeds(irmin_txn_apply(txn, append_entry, &apply, count_destroy,
		     &err),
	    &err, "an operation");
	is_rc(irmin_txn_rollback(txn, first, &err), IRMIN_OK, "back");
	is_int(apply.destroyed, 1, "what is taken back is let go of");
	fails(irmin_txn_rollback(txn, second, &err), IRMIN_EINVAL, &err,
	    "what came after is gone");
	fails(irmin_txn_rollback(txn, 0, &err), IRMIN_EINVAL, &err, "0");
	fails(irmin_txn_rollback(txn, 9, &err), IRMIN_EINVAL, &err, "9");
	is_rc(irmin_txn_savepoint(txn, &third, &err), IRMIN_OK, "savepoint");
	is_int(third, 3, "is another one");
	kit_write(txn, "lost", "1");
	is_rc(irmin_txn_rollback(txn, first, &err), IRMIN_OK,
	    "back to the same again");
	kit_set(store, "f", "others");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK,
	    "commit on a head that moved");
	is_str(kit_all(store), "d/a=1\nd/b=2\nd/sub/x=3\nf=others\nkept=1\n",
	    "what was taken back is not done");
	irmin_store_close(store);
}

/* Reads stay, also of what was taken back. */
static void reads_stay(void)
{
	irmin_store *store = kit_open();
	uint32_t point;
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = kit_begin(store);
	if (irmin_txn_savepoint(txn, &point, &err) < 0)
		bail("%s", err.text);
	succeeds(irmin_txn_move(txn, "f", "g", &err), &err, "move");
	is_rc(irmin_txn_rollback(txn, point, &err), IRMIN_OK, "back");
	kit_write(txn, "h", "1");
	kit_set(store, "f", "others");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ESTALE, &err,
	    "its source was read");
	irmin_txn_abort(txn);
	irmin_store_close(store);
}

static void back_to_nothing(unsigned isolation)
{
	irmin_store *store = kit_open();
	uint32_t point;
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = kit_begin_as(store, isolation);
	if (irmin_txn_savepoint(txn, &point, &err) < 0)
		bail("%s", err.text);
	kit_write(txn, "f", "9");
	is_rc(irmin_txn_rollback(txn, point, &err), IRMIN_OK, "back");
	kit_set(store, "f", "others");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_UNCHANGED,
	    "is nothing written");
	irmin_store_close(store);
}

/* ---- out of memory ---- */

static irmin_rc list_some(irmin_txn *txn, irmin_error *err)
{
	irmin_list *list;
	irmin_rc rc = irmin_txn_list(txn, "d", 0, 0, &list, err);

	irmin_list_free(list);
	return rc;
}

static irmin_rc double_value(void *arg, const irmin_slice *value,
    irmin_buf *made, irmin_error *err)
{
	irmin_rc rc;

	(void)arg;
	rc = irmin_buf_set(made, *value, err);
	return rc < 0 ? rc : irmin_buf_append(made, *value, err);
}

static irmin_rc read_all(irmin_txn *txn, irmin_error *err)
{
	irmin_rc rc = kit_find(txn, "f", err);

	if (rc >= 0)
		rc = kit_has(txn, "d/a", err);
	if (rc >= 0)
		rc = list_some(txn, err);
	if (rc >= 0)
		rc = kit_length(txn, "d", err);
	if (rc >= 0)
		rc = kit_tree(txn, "d/sub", err);
	return rc;
}

static irmin_rc write_all(irmin_txn *txn, struct callback *self,
    irmin_error *err)
{
	uint32_t point;
	irmin_buf answer = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin_txn_ask(txn, count_entries, self, count_destroy, &answer,
	    err);
	irmin_buf_clear(&answer);
	if (rc >= 0)
		rc = irmin_txn_set(txn, "g", irmin_text("1"), err);
	if (rc >= 0)
		rc = irmin_txn_savepoint(txn, &point, err);
	if (rc >= 0)
		rc = irmin_txn_apply(txn, append_entry, self, count_destroy,
		    err);
	if (rc >= 0)
		rc = irmin_txn_rollback(txn, point, err);
	if (rc >= 0)
		rc = irmin_txn_move(txn, "d/a", "d/z", err);
	if (rc >= 0)
		rc = irmin_txn_update(txn, "f", double_value, NULL, err);
	if (rc >= 0)
		rc = kit_length(txn, "d/sub", err);
	if (rc >= 0)
		rc = kit_has(txn, "d", err);
	return rc;
}

struct sweep {
	irmin_store *store;
	const char *change; /* by others */
	irmin_rc want;
};

static irmin_rc disturbed(void *arg, irmin_error *err)
{
	struct sweep *sweep = arg;
	struct callback self = { 0, 0, 0, 0 };
	irmin_info info = irmin_info_of("A <a@example.org>", "words");
	irmin_txn *txn = NULL;
	irmin_rc rc;

	rc = irmin_txn_begin(sweep->store, IRMIN_TXN_SERIALIZABLE, &txn, err);
	if (rc >= 0)
		rc = read_all(txn, err);
	if (rc >= 0)
		rc = write_all(txn, &self, err);
	if (rc >= 0)
		rc = irmin_store_set(sweep->store, sweep->change,
		    irmin_text("others"), &info, err);
	if (rc >= 0)
		rc = irmin_txn_commit(txn, &info, err);
	if (rc < 0)
		irmin_txn_abort(txn);
	if (rc == sweep->want && rc < 0)
		rc = IRMIN_OK;
	return rc;
}

/* In a store of its own, so that each run finds the same. */
static irmin_rc run_disturbed(void *arg, irmin_error *err)
{
	struct sweep sweep = *(struct sweep *)arg;
	irmin_info info = irmin_info_of("A <a@example.org>", "words");
	irmin_rc rc = irmin_open("mem:", NULL, &sweep.store, err);

	if (rc >= 0)
		rc = irmin_store_set(sweep.store, "d/a", irmin_text("1"), &info,
		    err);
	if (rc >= 0)
		rc = irmin_store_set(sweep.store, "d/sub/x", irmin_text("3"),
		    &info, err);
	if (rc >= 0)
		rc = irmin_store_set(sweep.store, "f", irmin_text("4"), &info,
		    err);
	if (rc >= 0)
		rc = disturbed(&sweep, err);
	irmin_store_close(sweep.store);
	return rc;
}

static void out_of_memory(void)
{
	struct sweep done = { NULL, "k", IRMIN_OK };
	struct sweep stale = { NULL, "f", IRMIN_ESTALE };
	struct sweep stale_list = { NULL, "d/c", IRMIN_ESTALE };

	alloc_fault_sweep("done again", run_disturbed, &done);
	alloc_fault_sweep("a stale find", run_disturbed, &stale);
	alloc_fault_sweep("a stale list", run_disturbed, &stale_list);
}

int main(void)
{
	blind_writes();
	modes_of_the_head();
	one_parent();
	questions();
	operations();
	not_recorded();
	failing_callbacks();
	updates();
	run_again();
	savepoints();
	reads_stay();
	back_to_nothing(IRMIN_TXN_SERIALIZABLE);
	back_to_nothing(IRMIN_TXN_UNMOVED);
	out_of_memory();
	return done_testing();
}
