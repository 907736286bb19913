#include <string.h>

#include <irmin/irmin.h>

#include "cli/cli-script.h"
#include "tests/fuzz/fuzz.h"

/*
 * A script of `irmin txn`, done in transactions of each isolation on heads of
 * their own. That of the first stays where it is; the others move on, to commits
 * that change nothing: what is done again, or merged, is then the same as what is
 * done once.
 */
static irmin_repo *repo;

static void open_once(void)
{
	static const char *const paths[] = { "a", "b/c", "b/d", "e/f/g" };
	irmin_store *store;
	size_t i;

	if (repo)
		return;
	REQUIRE(irmin_repo_open("mem:", NULL, &repo, NULL) == IRMIN_OK);
	REQUIRE(irmin_store_open(repo, "main", &store, NULL) == IRMIN_OK);
	for (i = 0; i < sizeof paths / sizeof *paths; i++)
		REQUIRE(irmin_store_set(store, paths[i], irmin_text("1"), NULL,
			    NULL) == IRMIN_OK);
	irmin_store_close(store);
}

static irmin_rc count_bytes(void *arg, irmin_slice path, irmin_slice value,
    irmin_error *err)
{
	(void)err;
	REQUIRE(strlen(path.data) == path.len);
	*(size_t *)arg += value.len;
	return IRMIN_OK;
}

/* Runs it, takes it back, and runs it again: the same comes of it. */
static irmin_rc run_twice(const struct cli_script *script, irmin_txn *txn)
{
	size_t once = 0, twice = 0;
	irmin_error err;
	uint32_t point;
	irmin_rc rc;

	REQUIRE(irmin_txn_savepoint(txn, &point, NULL) == IRMIN_OK);
	rc = cli_script_run(script, txn, count_bytes, &once, &err);
	REQUIRE((rc < 0) == (err.code == rc && *err.text));
	REQUIRE(irmin_txn_rollback(txn, point, NULL) == IRMIN_OK);
	REQUIRE(cli_script_run(script, txn, count_bytes, &twice, NULL) == rc);
	REQUIRE(once == twice);
	return rc;
}

static void move_head(irmin_store *store)
{
	irmin_info info = IRMIN_INFO_INIT;

	info.flags = IRMIN_INFO_ALLOW_EMPTY;
	REQUIRE(irmin_store_remove(store, "none", &info, NULL) == IRMIN_OK);
}

/* The tree that is there in the end. */
static irmin_oid run_as(const struct cli_script *script,
    irmin_isolation isolation)
{
	irmin_store *store;
	irmin_tree *tree;
	irmin_txn *txn;
	irmin_oid id;

	REQUIRE(irmin_store_at(repo, "main", &store, NULL) == IRMIN_OK);
	REQUIRE(irmin_txn_begin(store, isolation, &txn, NULL) == IRMIN_OK);
	if (run_twice(script, txn) < 0) {
		irmin_txn_abort(txn);
	} else {
		if (isolation != IRMIN_TXN_UNMOVED)
			move_head(store);
		REQUIRE(irmin_txn_commit(txn, NULL, NULL) >= 0);
	}
	REQUIRE(irmin_store_tree(store, &tree, NULL) == IRMIN_OK);
	REQUIRE(irmin_tree_id(tree, &id, NULL) == IRMIN_OK);
	irmin_tree_unref(tree);
	irmin_store_close(store);
	return id;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct cli_script script;
	irmin_oid once, again;
	irmin_error err;
	irmin_rc rc;

	open_once();
	rc = cli_script_parse(&script, "script", irmin_bytes(bytes, len), &err);
	REQUIRE(rc == IRMIN_OK || (rc == IRMIN_EINVAL && *err.text));
	if (rc >= 0) {
		once = run_as(&script, IRMIN_TXN_UNMOVED);
		again = run_as(&script, IRMIN_TXN_SERIALIZABLE);
		REQUIRE(irmin_oid_compare(&once, &again) == 0);
		again = run_as(&script, IRMIN_TXN_MERGE);
		REQUIRE(irmin_oid_compare(&once, &again) == 0);
	}
	cli_script_clear(&script);
	return 0;
}
