/* Transactions that merge with what others committed meanwhile. */
#include <string.h>

#include <irmin/conflict.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"
#include "tests/unit/store/txn-kit.h"

static irmin_txn *begin(irmin_store *store)
{
	return kit_begin_as(store, IRMIN_TXN_MERGE);
}

static irmin_commit *head_of(irmin_store *store)
{
	irmin_commit *head = NULL;
	irmin_error err;

	if (irmin_store_head(store, &head, &err) != IRMIN_OK)
		bail("no head");
	return head;
}

/* Writes a path that others write too, and commits into the conflict. */
static irmin_txn *conflict(irmin_store *store, irmin_merge_result **result)
{
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = begin(store);
	kit_write(txn, "f", "mine");
	kit_write(txn, "g", "mine");
	kit_set(store, "f", "others");
	kit_set(store, "h", "others");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ECONFLICT, &err,
	    "both wrote it");
	is_rc(irmin_txn_conflicts(txn, result), IRMIN_OK, "a result");
	is_int(irmin_merge_result_left(*result), 1, "with one conflict");
	return txn;
}

static void resolve(irmin_merge_result *result, const char *path,
    const char *text)
{
	irmin_slice value = irmin_text(text);
	irmin_conflict *conflict = NULL;
	irmin_error err;

	if (irmin_merge_result_find(result, path, &conflict) != IRMIN_OK)
		bail("no conflict at %s", path);
	if (irmin_merge_result_resolve(result, conflict, &value, &err) < 0)
		bail("%s", err.text);
}

/* ---- without conflicts ---- */

static void merged(void)
{
	irmin_store *store = kit_open();
	irmin_merge_result *result;
	irmin_commit *head, *now;
	irmin_oid id, parent;
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = begin(store);
	succeeds(kit_find(txn, "f", &err), &err, "find");
	kit_write(txn, "g", "mine");
	succeeds(irmin_txn_remove(txn, "d/sub", &err), &err, "remove");
	kit_set(store, "f", "others");
	kit_set(store, "d/a", "others");
	head = head_of(store);
	is_rc(irmin_txn_conflicts(txn, &result), IRMIN_ABSENT, "no conflicts");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK,
	    "both took effect, though it read what changed");
	is_str(kit_all(store), "d/a=others\nd/b=2\nf=others\ng=mine\n", "all");
	now = head_of(store);
	is_int(irmin_commit_parent_count(now), 1, "one parent,");
	if (irmin_commit_id(head, &id, &err) < 0 ||
	    irmin_commit_parent_id(now, 0, &parent, &err) < 0)
		bail("%s", err.text);
	ok(irmin_oid_compare(&id, &parent) == 0, "the head of that moment");
	irmin_commit_unref(head);
	irmin_commit_unref(now);
	irmin_store_close(store);
}

/* A write skew, which this isolation lets pass. */
static void skewed(void)
{
	irmin_store *store = kit_open();
	irmin_txn *a, *b;
	irmin_error err;

	kit_set_up(store);
	a = begin(store);
	b = begin(store);
	succeeds(kit_find(a, "d/a", &err), &err, "one reads a");
	succeeds(kit_find(b, "d/b", &err), &err, "the other b");
	kit_write(a, "d/b", "9");
	kit_write(b, "d/a", "9");
	is_rc(irmin_txn_commit(a, NULL, &err), IRMIN_OK, "one writes b");
	is_rc(irmin_txn_commit(b, NULL, &err), IRMIN_OK, "the other a");
	irmin_store_close(store);
}

static void nothing_to_merge(void)
{
	irmin_store *store = kit_open();
	irmin_txn *txn;
	irmin_error err;

	txn = begin(store);
	kit_write(txn, "a", "1");
	kit_set(store, "b", "2");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK,
	    "a branch that was born meanwhile");
	is_str(kit_all(store), "a=1\nb=2\n", "has both");
	txn = begin(store);
	kit_write(txn, "a", "3");
	kit_set(store, "a", "3");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_UNCHANGED,
	    "others did the same");
	txn = begin(store);
	kit_write(txn, "a", "4");
	kit_write(txn, "a", "3");
	kit_set(store, "a", "5");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_UNCHANGED,
	    "what was changed back");
	is_str(kit_all(store), "a=5\nb=2\n", "is no change");
	irmin_store_close(store);
}

static void without_merger(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_store *store = room_store_on(repo, "main");
	irmin_txn *txn;
	irmin_error err;

	fails(irmin_txn_begin(store, IRMIN_TXN_MERGE, &txn, &err),
	    IRMIN_ENOTSUP, &err, "where nobody merges");
	ok(!txn && strstr(irmin_error_hint(&err), "IRMIN_TXN_SERIALIZABLE"),
	    "the text says what there is: %s", err.text);
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* ---- conflicts ---- */

static void resolved(void)
{
	irmin_store *store = kit_open();
	irmin_merge_result *result;
	irmin_error err;
	irmin_txn *txn = conflict(store, &result);

	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ECONFLICT, &err,
	    "it is not resolved");
	ok(strstr(err.text, "1 conflict "), "which is said: %s", err.text);
	is_rc(irmin_txn_conflicts(txn, &result), IRMIN_OK, "and stays");
	is_str(kit_all(store), "d/a=1\nd/b=2\nd/sub/x=3\nf=others\nh=others\n",
	    "nothing is done");
	resolve(result, "f", "both");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK, "resolved");
	is_str(kit_all(store),
	    "d/a=1\nd/b=2\nd/sub/x=3\nf=both\ng=mine\nh=others\n",
	    "all is done");
	irmin_store_close(store);
}

/* Once resolved, it stands on the head that it was merged with: what came after
 * is merged anew, and may conflict anew. */
static void resolved_too_late(void)
{
	irmin_store *store = kit_open();
	irmin_merge_result *result;
	irmin_commit *met;
	irmin_error err;
	irmin_txn *txn = conflict(store, &result);
	uint32_t point;

	if (irmin_txn_savepoint(txn, &point, &err) < 0)
		bail("%s", err.text);
	met = head_of(store);
	resolve(result, "f", "both");
	kit_set(store, "f", "others again");
	kit_set(store, "k", "others");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ECONFLICT, &err,
	    "others were there again");
	ok(irmin_txn_base(txn) == met, "it stands on the head of then");
	irmin_commit_unref(met);
	fails(irmin_txn_rollback(txn, point, &err), IRMIN_EINVAL, &err,
	    "before which there is no savepoint");
	is_rc(irmin_txn_conflicts(txn, &result), IRMIN_OK, "another result");
	resolve(result, "f", "all");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK, "resolved");
	is_str(kit_all(store),
	    "d/a=1\nd/b=2\nd/sub/x=3\nf=all\ng=mine\nh=others\nk=others\n",
	    "all is done");
	irmin_store_close(store);
}

/* Who takes what others did has changed nothing. */
static void resolved_to_nothing(void)
{
	irmin_store *store = kit_open();
	irmin_merge_result *result;
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = begin(store);
	kit_write(txn, "f", "mine");
	kit_set(store, "f", "others");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ECONFLICT, &err,
	    "both wrote it");
	is_rc(irmin_txn_conflicts(txn, &result), IRMIN_OK, "a result");
	resolve(result, "f", "others");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_UNCHANGED, "as it is");
	irmin_store_close(store);
}

static void dropped(void)
{
	irmin_store *store = kit_open();
	irmin_merge_result *result;
	irmin_error err;
	irmin_txn *txn = conflict(store, &result);

	resolve(result, "f", "both");
	kit_write(txn, "f", "others");
	is_rc(irmin_txn_conflicts(txn, &result), IRMIN_ABSENT,
	    "a write drops the result");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK,
	    "and it is merged anew");
	is_str(kit_all(store),
	    "d/a=1\nd/b=2\nd/sub/x=3\nf=others\ng=mine\nh=others\n", "so");
	txn = begin(store);
	kit_write(txn, "f", "mine");
	kit_set(store, "f", "1");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ECONFLICT, &err,
	    "another conflict");
	irmin_txn_abort(txn);
	irmin_store_close(store);
}

/* ---- with a callback ---- */

struct rerun {
	irmin_store *store;
	int runs;
};

static irmin_rc write_late(irmin_txn *txn, void *arg, irmin_error *err)
{
	struct rerun *self = arg;
	irmin_rc rc = irmin_txn_set(txn, "f", irmin_text("mine"), err);

	kit_set(self->store, "f", self->runs++ ? "a" : "b");
	return rc;
}

static void not_rerun(void)
{
	irmin_store *store = kit_open();
	struct rerun self = { store, 0 };
	irmin_error err;

	kit_set_up(store);
	fails(irmin_store_transact(store, IRMIN_TXN_MERGE, NULL, write_late,
		  &self, &err),
	    IRMIN_ECONFLICT, &err, "a callback that conflicts");
	is_int(self.runs, 1, "is not run again");
	irmin_store_close(store);
}

/* ---- out of memory ---- */

/* Commits into a conflict, resolves it, and commits again. */
static irmin_rc resolve_one(irmin_txn *txn, const irmin_info *info,
    irmin_error *err)
{
	irmin_merge_result *result;
	irmin_conflict *conflict;
	irmin_rc rc = irmin_txn_commit(txn, info, err);

	if (rc != IRMIN_ECONFLICT)
		return rc;
	if (irmin_txn_conflicts(txn, &result) != IRMIN_OK ||
	    irmin_merge_result_next(result, &conflict) != IRMIN_OK)
		return IRMIN_EUSER;
	rc = irmin_merge_result_take(result, conflict, IRMIN_SIDE_THEIRS, err);
	return rc < 0 ? rc : irmin_txn_commit(txn, info, err);
}

static irmin_rc merge_late(void *arg, irmin_error *err)
{
	irmin_info info = irmin_info_of("A <a@example.org>", "words");
	const char *path = arg;
	irmin_store *store = NULL;
	irmin_txn *txn = NULL;
	irmin_rc rc = irmin_open("mem:", NULL, &store, err);

	if (rc >= 0)
		rc = irmin_store_set(store, "f", irmin_text("1"), &info, err);
	if (rc >= 0)
		rc = irmin_txn_begin(store, IRMIN_TXN_MERGE, &txn, err);
	if (rc >= 0)
		rc = irmin_txn_set(txn, "f", irmin_text("mine"), err);
	if (rc >= 0)
		rc = irmin_store_set(store, path, irmin_text("2"), &info, err);
	if (rc >= 0)
		rc = resolve_one(txn, &info, err);
	if (rc < 0)
		irmin_txn_abort(txn);
	irmin_store_close(store);
	return rc;
}

static void out_of_memory(void)
{
	char other[] = "g", same[] = "f";

	alloc_fault_sweep("a merge", merge_late, other);
	alloc_fault_sweep("a conflict", merge_late, same);
}

int main(void)
{
	merged();
	skewed();
	nothing_to_merge();
	without_merger();
	resolved();
	resolved_too_late();
	resolved_to_nothing();
	dropped();
	not_rerun();
	out_of_memory();
	return done_testing();
}
