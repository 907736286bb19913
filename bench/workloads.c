/*
 * The workloads of bench-clock.h through libirmin, as a program would write them.
 *
 *     commit-memory, commit-git    one store_set a commit
 *     get-memory, get-git          random reads from the tree at the head
 *
 * The functions measure_... are what callgrind counts (`make bench-check`).
 */
#include "bench/bench-clock.h"

#include <irmin/irmin.h>

#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

static const irmin_info info = { sizeof(irmin_info), BENCH_AUTHOR, NULL,
	BENCH_MESSAGE, BENCH_TIME, BENCH_TIME, 0, 0, IRMIN_INFO_DATE, 0,
	{ 0, 0, NULL } };

static int complain(const irmin_error *err)
{
	fprintf(stderr, "bench: %s\n", err->text);
	return -1;
}

static irmin_rc open_store(const struct bench *bench, irmin_store **store,
    irmin_error *err)
{
	char uri[4096];

	snprintf(uri, sizeof(uri), *bench->dir ? "git:%s?create=1" : "mem:%s",
	    bench->dir);
	return irmin_open(uri, NULL, store, err);
}

/* Asks for both ids: all that were left for later are computed here. */
static irmin_rc find_ids(irmin_store *store, struct bench *bench,
    irmin_error *err)
{
	irmin_commit *head = NULL;
	irmin_tree *tree = NULL;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_store_head(store, &head, err);
	if (rc >= 0)
		rc = irmin_commit_id(head, &id, err);
	if (rc >= 0) {
		irmin_oid_hex(&id, bench->commit);
		rc = irmin_commit_tree(head, &tree, err);
	}
	if (rc >= 0)
		rc = irmin_tree_id(tree, &id, err);
	if (rc >= 0)
		irmin_oid_hex(&id, bench->tree);
	irmin_tree_unref(tree);
	irmin_commit_unref(head);
	return rc;
}

static NOINLINE irmin_rc measure_commits(irmin_store *store,
    struct bench *bench, irmin_error *err)
{
	char path[40], value[24];
	unsigned i;
	irmin_rc rc;

	for (i = 0; i < bench->commits; i++) {
		bench_path(i, path);
		bench_value(i, value);
		rc = irmin_store_set(store, path, irmin_bytes(value, 16), &info,
		    err);
		if (rc < 0)
			return rc;
		bench_lap(bench);
	}
	return find_ids(store, bench, err);
}

static int run_commits(struct bench *bench)
{
	irmin_store *store = NULL;
	irmin_error err;
	irmin_rc rc = open_store(bench, &store, &err);

	if (rc >= 0) {
		bench_start(bench, bench->commits);
		rc = measure_commits(store, bench, &err);
		bench_stop(bench);
	}
	irmin_store_close(store);
	return rc < 0 ? complain(&err) : 0;
}

/* All keys in one commit. */
static irmin_rc fill(irmin_store *store, const struct bench *bench,
    irmin_error *err)
{
	irmin_txn *txn = NULL;
	char path[40], value[24];
	unsigned i;
	irmin_rc rc;

	rc = irmin_txn_begin(store, IRMIN_TXN_UNMOVED, &txn, err);
	for (i = 0; rc >= 0 && i < bench->commits; i++) {
		bench_path(i, path);
		bench_value(i, value);
		rc = irmin_txn_set(txn, path, irmin_bytes(value, 16), err);
	}
	if (rc >= 0)
		rc = irmin_txn_commit(txn, &info, err);
	if (rc < 0)
		irmin_txn_abort(txn);
	return rc;
}

static NOINLINE irmin_rc measure_gets(irmin_store *store, struct bench *bench,
    irmin_error *err)
{
	irmin_tree *tree = NULL;
	irmin_pin value = IRMIN_PIN_INIT;
	char path[40];
	unsigned i;
	irmin_rc rc;

	rc = irmin_store_tree(store, &tree, err);
	for (i = 0; rc >= 0 && i < bench->gets; i++) {
		bench_path(bench_random(i, bench->commits), path);
		rc = irmin_tree_find(tree, path, &value, err);
		if (rc >= 0 && value.len != 16)
			rc = irmin_error_set(err, IRMIN_EMISSING, path,
			    "no value at %s", path);
		irmin_pin_release(&value);
		bench_lap(bench);
	}
	irmin_tree_unref(tree);
	return rc;
}

/* The handle is opened anew: its caches are as empty as a peer's. */
static irmin_rc reopen(const struct bench *bench, irmin_store **store,
    irmin_error *err)
{
	if (!*bench->dir)
		return IRMIN_OK;
	irmin_store_close(*store);
	*store = NULL;
	return open_store(bench, store, err);
}

static int run_gets(struct bench *bench)
{
	irmin_store *store = NULL;
	irmin_error err;
	irmin_rc rc = open_store(bench, &store, &err);

	if (rc >= 0)
		rc = fill(store, bench, &err);
	if (rc >= 0)
		rc = reopen(bench, &store, &err);
	if (rc >= 0) {
		bench_start(bench, bench->gets);
		rc = measure_gets(store, bench, &err);
		bench_stop(bench);
	}
	if (rc >= 0)
		rc = find_ids(store, bench, &err);
	irmin_store_close(store);
	return rc < 0 ? complain(&err) : 0;
}

int main(int argc, char **argv)
{
	static const struct bench_entry entries[] = {
		{ "commit-memory", run_commits },
		{ "commit-git", run_commits },
		{ "get-memory", run_gets },
		{ "get-git", run_gets },
		{ NULL, NULL },
	};

	return bench_main(argc, argv, entries);
}
