/*
 * Deep paths, long histories, large directories and chains of forks are made,
 * hashed, walked, compared and freed on a thread with a stack of 64 KiB:
 * nothing recurses over what is in a repository.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/cost/meter.h"
#include "tests/cost/shape.h"
#include "tests/support/sanitized.h"
#include "tests/support/tap.h"

/* A sanitizer has larger frames; what recursed would still overrun this. */
#define STACK_BYTES ((size_t)64 << (SANITIZED ? 14 : 10))

#define DEPTH     512   /* what a repository takes by default */
#define VERY_DEEP 20000 /* what it takes if it is asked to */
#define COMMITS   1000000
#define FLAT_KEYS 1000000
#define FORKS     300
#define EDITS     100000

static void must(irmin_rc rc, const irmin_error *err)
{
	if (rc < 0)
		bail("%s", err->text);
}

static irmin_repo *open_repo(const char *uri, uint32_t depth)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo;
	irmin_error err;

	options.max_depth = depth;
	options.max_path_bytes = 2 * depth;
	must(irmin_repo_open(uri, &options, &repo, &err), &err);
	return repo;
}

static size_t count_changes(irmin_tree *from, irmin_tree *to)
{
	irmin_change change;
	size_t changes = 0;
	irmin_diff *diff;
	irmin_error err;
	irmin_rc rc;

	must(irmin_tree_diff(from, to, "", &diff, &err), &err);
	while ((rc = irmin_diff_next(diff, &change, &err)) == IRMIN_OK)
		changes++;
	must(rc, &err);
	irmin_diff_free(diff);
	return changes;
}

static irmin_tree *edited(irmin_tree *base, const char *path, const char *text)
{
	irmin_edit *edit;
	irmin_tree *tree;
	irmin_error err;

	must(irmin_edit_new(base, &edit, &err), &err);
	if (text)
		must(irmin_edit_set(edit, path, irmin_text(text), &err), &err);
	else
		must(irmin_edit_remove(edit, path, &err), &err);
	must(irmin_edit_tree(edit, &tree, &err), &err);
	irmin_edit_free(edit);
	return tree;
}

static irmin_oid id_of(irmin_commit *commit)
{
	irmin_error err;
	irmin_oid id;

	must(irmin_commit_id(commit, &id, &err), &err);
	return id;
}

/* ---- deep ---- */

/* What is at the head: one value, as deep as that. */
static void check_deep(irmin_repo *repo, const char *path, size_t depth)
{
	irmin_tree *trees[3];
	irmin_commit *head;
	irmin_error err;

	must(irmin_commit_of_revision(repo, "HEAD", &head, &err), &err);
	must(irmin_commit_tree(head, &trees[0], &err), &err);
	irmin_commit_unref(head);
	is_int(shape_count(trees[0], IRMIN_EACH_TREES), depth,
	    "%zu deep: a walk of %s", depth, irmin_repo_scheme(repo));
	trees[1] = edited(trees[0], path, "other");
	is_int(count_changes(trees[0], trees[1]), 1, "%zu deep: a diff", depth);
	trees[2] = edited(trees[1], path, NULL);
	is_int(count_changes(trees[1], trees[2]), 1,
	    "%zu deep: the diff to an empty tree", depth);
	is_int(shape_count(trees[2], IRMIN_EACH_TREES), 0,
	    "%zu deep: removed with all its directories", depth);
	irmin_tree_unref(trees[0]);
	irmin_tree_unref(trees[1]);
	irmin_tree_unref(trees[2]);
}

static int no_fault(void *arg, const irmin_fault *fault)
{
	(void)arg;
	diag("%s", fault->text);
	return 1;
}

static void test_deep(const char *uri, size_t depth)
{
	irmin_repo *repo = open_repo(tap_format("%s?create=1", uri), depth);
	char *path = calloc(depth, 2);
	irmin_store *store;
	irmin_error err;
	size_t i;

	if (!path)
		bail("out of memory");
	for (i = 0; i + 1 < 2 * depth; i++)
		path[i] = i % 2 ? '/' : 'd';
	must(irmin_store_open(repo, NULL, &store, &err), &err);
	must(irmin_store_set(store, path, irmin_text("deep"), NULL, &err),
	    &err);
	irmin_store_close(store);
	check_deep(repo, path, depth);
	succeeds(irmin_repo_verify(repo, no_fault, NULL, NULL, NULL, &err),
	    &err, "%zu deep: nothing is wrong with it", depth);
	if (strcmp(uri, "mem:") != 0) {
		irmin_repo_close(repo);
		repo = open_repo(uri, depth);
		must(irmin_repo_pack(repo, NULL, NULL, &err), &err);
		check_deep(repo, path, depth);
	}
	free(path);
	irmin_repo_close(repo);
}

/* ---- long ---- */

/* A chain of commits of one tree: each knows its number by its date. */
static irmin_commit *make_chain(irmin_repo *repo, size_t commits, int asks_ids)
{
	irmin_info info = irmin_info_of("A U Thor <a@example.org>", "one more");
	irmin_commit *head = NULL, *next;
	irmin_tree *empty;
	irmin_error err;
	size_t i;

	must(irmin_tree_empty(repo, &empty, &err), &err);
	info.flags = IRMIN_INFO_DATE;
	for (i = 0; i < commits; i++) {
		info.author_time = info.committer_time = (int64_t)i;
		must(irmin_commit_new(repo, empty, &head, head ? 1 : 0, &info,
			 &next, &err),
		    &err);
		irmin_commit_unref(head);
		head = next;
		if (asks_ids)
			id_of(head);
	}
	irmin_tree_unref(empty);
	return head;
}

static size_t count_log(irmin_commit *head)
{
	irmin_commit *commit;
	size_t commits = 0;
	irmin_error err;
	irmin_log *log;
	irmin_rc rc;

	must(irmin_log_open(head, NULL, &log, &err), &err);
	while ((rc = irmin_log_next(log, &commit, &err)) == IRMIN_OK) {
		irmin_commit_unref(commit);
		commits++;
	}
	must(rc, &err);
	irmin_log_free(log);
	return commits;
}

static void test_same_ids(size_t commits)
{
	irmin_repo *repo = open_repo("mem:", DEPTH);
	irmin_commit *early = make_chain(repo, commits, 1);
	irmin_commit *late = make_chain(repo, commits, 0);
	irmin_oid ids[2];

	ids[0] = id_of(early);
	ids[1] = id_of(late);
	ok(irmin_oid_compare(&ids[0], &ids[1]) == 0,
	    "%zu commits: ids asked for at the end are those asked for one "
	    "by one",
	    commits);
	irmin_commit_unref(early);
	irmin_commit_unref(late);
	irmin_repo_close(repo);
}

static void test_history(size_t commits)
{
	irmin_repo *repo = open_repo("mem:", DEPTH);
	irmin_commit *head = make_chain(repo, commits, 0);
	irmin_error err;

	is_int(count_log(head), commits, "%zu commits: their log", commits);
	ok(id_of(head).algo == IRMIN_HASH_SHA1,
	    "%zu commits: the id of the last", commits);
	must(irmin_branch_create(repo, "long", head, &err), &err);
	irmin_commit_unref(head);
	irmin_repo_close(repo);

	repo = open_repo("mem:", DEPTH);
	irmin_commit_unref(make_chain(repo, commits, 0));
	irmin_repo_close(repo);
	ok(1, "%zu commits: freed without their ids", commits);
}

/* ---- wide ---- */

static void test_wide(size_t keys)
{
	irmin_repo *repo = open_repo("mem:", DEPTH);
	struct shape shape = { 1, keys }, part = { 1, keys / 10 };
	irmin_tree *tree = shape_grow(repo, &shape);
	irmin_tree *other = shape_grow(repo, &part);
	irmin_error err;
	irmin_oid id;

	is_int(shape_count(tree, 0), keys, "%zu names: a walk", keys);
	ok(count_changes(other, tree) >= keys - keys / 10, "%zu names: a diff",
	    keys);
	must(irmin_tree_id(tree, &id, &err), &err);
	ok(id.algo == IRMIN_HASH_SHA1, "%zu names: the id", keys);
	irmin_tree_unref(tree);
	irmin_tree_unref(other);
	irmin_repo_close(repo);
}

/* ---- chains of forks ---- */

/* Each branch is a fork of the one before, with one commit more. */
static void test_forks(size_t forks)
{
	irmin_repo *repo = open_repo("mem:", DEPTH);
	irmin_store *store, *fork;
	irmin_commit *head;
	irmin_error err;
	size_t i;

	must(irmin_store_open(repo, NULL, &store, &err), &err);
	must(irmin_store_set(store, "a/0", irmin_text("0"), NULL, &err), &err);
	for (i = 1; i < forks; i++) {
		must(irmin_store_fork(store, tap_format("fork-%zu", i), &fork,
			 &err),
		    &err);
		irmin_store_close(store);
		store = fork;
		must(irmin_store_set(store, tap_format("a/%zu", i),
			 irmin_text("fork"), NULL, &err),
		    &err);
	}
	must(irmin_store_head(store, &head, &err), &err);
	is_int(count_log(head), forks, "%zu forks: the log of the last", forks);
	irmin_commit_unref(head);
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* Each edit begins at the tree of the one before; the last tree alone stays. */
static void test_edits(size_t edits)
{
	irmin_repo *repo = open_repo("mem:", DEPTH);
	irmin_tree *tree, *next;
	irmin_error err;
	size_t i;

	must(irmin_tree_empty(repo, &tree, &err), &err);
	for (i = 0; i < edits; i++) {
		char path[32];

		snprintf(path, sizeof path, "%zu/%zu/%zu", i % 7, i % 49,
		    i % 343);
		next = edited(tree, path, path + i % 3);
		irmin_tree_unref(tree);
		tree = next;
	}
	is_int(shape_count(tree, 0), 343, "%zu edits of edits", edits);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

static void *run_all(void *arg)
{
	const char *uri = tap_format("git:%s/deep.git", tap_tmpdir());

	test_deep("mem:", DEPTH);
	test_deep(uri, DEPTH);
	test_deep("mem:", VERY_DEEP);
	test_same_ids(10000);
	test_history(meter_scaled(COMMITS));
	test_wide(meter_scaled(FLAT_KEYS));
	test_forks(FORKS);
	test_edits(meter_scaled(EDITS));
	return arg;
}

int main(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	size_t before = meter_live();

	if (pthread_attr_init(&attributes) != 0 ||
	    pthread_attr_setstacksize(&attributes, STACK_BYTES) != 0 ||
	    pthread_create(&thread, &attributes, run_all, NULL) != 0)
		bail("cannot start a thread");
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attributes);
	is_int(meter_live(), before, "nothing of it is left");
	return done_testing();
}
