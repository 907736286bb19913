/*
 * An edit larger than memory: what it has not stored is bounded, nothing is lost
 * of it, and no ref knows of it before it is committed.
 */
#include "tests/cost/meter.h"

#include "tests/support/tap.h"

#include <stdio.h>
#include <string.h>

#define BOUND       ((size_t)1 << 20)
#define VALUE_BYTES 2000
#define DIRS        50

/* What a value says: no two are alike. */
static irmin_slice value_of(char *buffer, unsigned n)
{
	memset(buffer, 'a' + (char)(n % 26), VALUE_BYTES);
	snprintf(buffer, VALUE_BYTES, "%u\n", n);
	return irmin_bytes(buffer, VALUE_BYTES);
}

static const char *path_of(char *buffer, size_t bytes, unsigned n)
{
	snprintf(buffer, bytes, "d%u/e%u/%u", n % DIRS, n / DIRS % 7, n);
	return buffer;
}

static irmin_repo *open_at(const char *name, size_t dirty_bytes)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo;
	irmin_error err;

	options.flags = IRMIN_OPEN_CREATE;
	options.dirty_bytes = dirty_bytes;
	options.cache_bytes = BOUND;
	if (irmin_repo_open(name, &options, &repo, &err) < 0)
		bail("%s", err.text);
	return repo;
}

static irmin_store *store_of(irmin_repo *repo)
{
	irmin_store *store;
	irmin_error err;

	if (irmin_store_open(repo, "main", &store, &err) < 0)
		bail("%s", err.text);
	return store;
}

/* Sets all values; answers the most that was allocated at one time. */
static size_t set_all(irmin_txn *txn, unsigned count)
{
	char value[VALUE_BYTES], path[64];
	size_t before = meter_live(), most = before;
	irmin_error err;
	unsigned i;

	for (i = 0; i < count; i++) {
		if (irmin_txn_set(txn, path_of(path, sizeof(path), i),
			value_of(value, i), &err) < 0)
			bail("%s", err.text);
		if (meter_live() > most)
			most = meter_live();
	}
	return most - before;
}

static unsigned right(irmin_store *store, unsigned count)
{
	char value[VALUE_BYTES], path[64];
	irmin_buf there = IRMIN_BUF_INIT;
	irmin_error err;
	unsigned i, found = 0;

	for (i = 0; i < count; i++)
		found += irmin_store_find(store, path_of(path, sizeof(path), i),
			     &there, &err) == IRMIN_OK &&
		    irmin_slice_equal(irmin_buf_slice(&there),
			value_of(value, i));
	irmin_buf_clear(&there);
	return found;
}

/* ---- the tests ---- */

static irmin_txn *begin(irmin_store *store)
{
	irmin_txn *txn;
	irmin_error err;

	if (irmin_txn_begin(store, IRMIN_TXN_UNMOVED, &txn, &err) < 0)
		bail("%s", err.text);
	return txn;
}

static void check_bounded(irmin_level level)
{
	const char *dir = tap_format("%s/bounded-%d.git", tap_tmpdir(),
	    (int)level);
	unsigned count = (unsigned)meter_scaled(20000);
	irmin_repo *repo = open_at(tap_format("git:%s%s", dir,
				       level == IRMIN_POWER ? "?level=power"
							    : ""),
	    BOUND);
	irmin_store *store = store_of(repo);
	irmin_txn *txn = begin(store);
	irmin_commit *head;
	irmin_error err;
	size_t most = set_all(txn, count);

	ok(most < 8 * BOUND, "%u values of %d bytes: at most %zu bytes", count,
	    VALUE_BYTES, most);
	ok(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES) > count / 2,
	    "most of it is stored");
	is_rc(irmin_store_head(store, &head, &err), IRMIN_ABSENT,
	    "no ref knows");
	tap_run(NULL, "git --git-dir %s repack -adq", dir);
	succeeds(irmin_txn_commit(txn, NULL, &err), &err, "committed");
	is_int(tap_run(NULL, "ls %s/objects/pack/*.keep 2>/dev/null", dir), 2,
	    "nothing is held back from git any more");
	is_int(right(store, count), count, "all of it is there");
	is_int(tap_run(NULL,
		   "git --git-dir %s repack -adq && "
		   "git --git-dir %s fsck --strict",
		   dir, dir),
	    0, "and git is content");
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* An edit's tree, and one that it was put into, hold on to what was written. */
static void check_held(void)
{
	const char *dir = tap_format("%s/held.git", tap_tmpdir());
	irmin_repo *repo = open_at(tap_format("git:%s", dir), BOUND);
	irmin_store *store = store_of(repo), *other;
	irmin_tree *tree, *sub;
	irmin_edit *edit;
	char value[VALUE_BYTES], path[64];
	irmin_error err;
	unsigned i, count = 2000;

	if (irmin_store_open(repo, "other", &other, &err) < 0 ||
	    irmin_tree_empty(repo, &tree, &err) < 0 ||
	    irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	for (i = 0; i < count; i++)
		if (irmin_edit_set(edit, path_of(path, sizeof(path), i),
			value_of(value, i), &err) < 0)
			bail("%s", err.text);
	if (irmin_edit_tree(edit, &tree, &err) < 0 ||
	    irmin_tree_find_tree(tree, "d7", &sub, &err) != IRMIN_OK)
		bail("%s", err.text);
	irmin_edit_free(edit);
	irmin_tree_unref(tree);
	succeeds(irmin_store_set(other, "x", irmin_text("y"), NULL, &err), &err,
	    "another ref moves");
	tap_run(NULL, "git --git-dir %s repack -adq", dir);
	succeeds(irmin_store_set_tree(store, "", sub, NULL, &err), &err,
	    "a part of it is committed");
	is_int(tap_run(NULL, "git --git-dir %s fsck --strict", dir), 0,
	    "which is all there");
	irmin_tree_unref(sub);
	irmin_store_close(other);
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* Where nothing can be written, nothing is let go. */
static void check_memory(void)
{
	irmin_repo *repo = open_at("mem:", 1000);
	irmin_store *store = store_of(repo);
	irmin_txn *txn = begin(store);
	irmin_error err;

	set_all(txn, 500);
	is_int(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES), 0,
	    "mem: stores nothing");
	succeeds(irmin_txn_commit(txn, NULL, &err), &err, "committed");
	is_int(right(store, 500), 500, "all of it is there");
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* A bound below every value: each call stores what the one before has set. */
static void check_tiny(void)
{
	const char *dir = tap_format("%s/tiny.git", tap_tmpdir());
	irmin_repo *repo = open_at(tap_format("git:%s?dirty_bytes=1", dir), 0);
	irmin_store *store = store_of(repo);
	irmin_txn *txn = begin(store);
	irmin_error err;

	set_all(txn, 120);
	succeeds(irmin_txn_remove(txn, "d3/e0", &err), &err, "removed");
	is_rc(irmin_txn_remove(txn, "d3/e0", &err), IRMIN_UNCHANGED, "gone");
	succeeds(irmin_txn_commit(txn, NULL, &err), &err, "committed");
	is_int(right(store, 120), 119, "all the others are there");
	is_int(tap_run(NULL, "git --git-dir %s fsck --strict", dir), 0,
	    "and git is content");
	irmin_store_close(store);
	irmin_repo_close(repo);
}

int main(void)
{
	check_bounded(IRMIN_PROCESS);
	check_bounded(IRMIN_POWER);
	check_held();
	check_memory();
	check_tiny();
	return done_testing();
}
