/* What it takes to ask the reads of a transaction again, where the head that
 * others moved is not in memory. */
#include "tests/support/tap.h"
#include "tests/unit/store/txn-kit.h"

#define DIRECTORIES 50

static irmin_store *open_git(const char *name)
{
	irmin_store *store = NULL;
	irmin_error err;

	if (irmin_open(tap_format("git:%s/%s.git?create=1", tap_tmpdir(), name),
		NULL, &store, &err) < 0)
		bail("%s", err.text);
	return store;
}

static const char *path_in(int directory)
{
	return tap_format("d/%d/x", directory);
}

static void fill(irmin_store *store)
{
	irmin_txn *txn = kit_begin(store);
	irmin_error err;
	int i;

	for (i = 0; i < DIRECTORIES; i++)
		kit_write(txn, path_in(i), "1");
	if (irmin_txn_commit(txn, NULL, &err) < 0)
		bail("%s", err.text);
}

/* A transaction that read all values and wrote one. */
static irmin_txn *begin_reading(irmin_store *store)
{
	irmin_txn *txn = kit_begin(store);
	irmin_error err;
	int i;

	for (i = 0; i < DIRECTORIES; i++)
		if (kit_find(txn, path_in(i), &err) < 0)
			bail("%s", err.text);
	kit_write(txn, "mine", "1");
	return txn;
}

static uint64_t trees_read(irmin_store *store)
{
	return irmin_repo_stat(irmin_store_repo(store),
	    IRMIN_STAT_TREES_DECODED);
}

/* The root, d and the one directory in it that was written to. */
static void only_what_differs(void)
{
	irmin_store *store = open_git("differs"), *others;
	uint64_t before;
	irmin_txn *txn;
	irmin_error err;

	fill(store);
	others = open_git("differs");
	txn = begin_reading(store);
	kit_set(others, "d/7/y", "2");
	before = trees_read(store);
	succeeds(irmin_txn_commit(txn, NULL, &err), &err, "%d reads that hold",
	    DIRECTORIES);
	ok(trees_read(store) - before <= 3, "open %d directories",
	    (int)(trees_read(store) - before));
	irmin_store_close(others);
	irmin_store_close(store);
}

/* A directory of the new head that cannot be read is no other answer. */
static void broken(void)
{
	irmin_store *store = open_git("broken"), *others;
	irmin_stale stale;
	irmin_txn *txn;
	irmin_error err;

	fill(store);
	others = open_git("broken");
	txn = begin_reading(store);
	kit_set(others, "d/7/y", "2");
	if (tap_run(NULL,
		"cd %s/broken.git && id=$(git rev-parse main:d/7) && "
		"mv objects/$(echo $id | cut -c1-2)/$(echo $id | cut -c3-) "
		"kept && echo $id > kept-id",
		tap_tmpdir()) != 0)
		bail("cannot take an object away");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_EMISSING, &err,
	    "a directory of the head is missing");
	is_rc(irmin_txn_stale(txn, &stale), IRMIN_ABSENT, "nothing is stale");
	if (tap_run(NULL,
		"cd %s/broken.git && id=$(cat kept-id) && "
		"mv kept objects/$(echo $id | cut -c1-2)/$(echo $id | "
		"cut -c3-)",
		tap_tmpdir()) != 0)
		bail("cannot put it back");
	succeeds(irmin_txn_commit(txn, NULL, &err), &err,
	    "once it is back, the transaction commits");
	irmin_store_close(others);
	irmin_store_close(store);
}

int main(void)
{
	only_what_differs();
	broken();
	return done_testing();
}
