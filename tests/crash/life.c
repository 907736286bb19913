#include "tests/crash/life.h"

#include "lib/open/open.h"
#include "tests/support/tap.h"

#include <stdio.h>
#include <string.h>

#define START 1700000000

/* Authors and dates that do not depend on when and where it runs. */
static irmin_info info_of(const char *message)
{
	static const char author[] = "A Life <life@example.org>";
	irmin_info info = irmin_info_of(author, message);

	info.flags = IRMIN_INFO_DATE;
	info.author_time = START;
	info.committer_time = START + 1;
	info.author_zone = 130;
	return info;
}

static irmin_rc open_life(struct life *life, uint32_t flags, irmin_error *err)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	const char *uri = strcmp(life->scheme, "mem") == 0
	    ? "mem:"
	    : "git:" LIFE_DIRECTORY;
	irmin_rc rc;

	options.flags = flags;
	options.level = life->level;
	rc = irmin__repo_open_on(life->os, uri, &options, &life->repo, err);
	if (rc >= 0)
		rc = irmin_store_open(life->repo, "main", &life->store, err);
	if (rc < 0)
		life_close(life);
	return rc;
}

irmin_rc life_open(struct life *life, irmin_error *err)
{
	return open_life(life, 0, err);
}

void life_close(struct life *life)
{
	irmin_store_close(life->store);
	irmin_repo_close(life->repo);
	life->store = NULL;
	life->repo = NULL;
}

static irmin_rc create(struct life *life, irmin_error *err)
{
	return open_life(life, IRMIN_OPEN_CREATE, err);
}

static irmin_rc first_set(struct life *life, irmin_error *err)
{
	irmin_info info = info_of("first");

	return irmin_store_set(life->store, "a/x", irmin_text("one"), &info,
	    err);
}

static irmin_rc overwrite(struct life *life, irmin_error *err)
{
	irmin_info info = info_of("second");

	return irmin_store_set(life->store, "a/x", irmin_text("two"), &info,
	    err);
}

static irmin_rc set_beside(struct life *life, irmin_error *err)
{
	static const char bytes[] = "\0\1\2binary\n\n";
	irmin_info info = info_of("beside");

	return irmin_store_set(life->store, "a/y/z",
	    irmin_bytes(bytes, sizeof(bytes)), &info, err);
}

static irmin_rc remove_value(struct life *life, irmin_error *err)
{
	irmin_info info = info_of("gone");

	return irmin_store_remove(life->store, "a/x", &info, err);
}

static irmin_rc count_from(struct life *life, const irmin_slice *expected,
    const char *value, irmin_error *err)
{
	irmin_info info = info_of("counted");
	irmin_slice next = irmin_text(value);
	irmin_buf was = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin_store_test_and_set(life->store, "counter", expected, &next,
	    &info, &was, err);
	irmin_buf_clear(&was);
	return rc;
}

static irmin_rc count_first(struct life *life, irmin_error *err)
{
	return count_from(life, NULL, "1", err);
}

static irmin_rc count_second(struct life *life, irmin_error *err)
{
	irmin_slice one = irmin_text("1");

	return count_from(life, &one, "2", err);
}

static irmin_rc read_in(irmin_txn *txn, irmin_error *err)
{
	irmin_list *list = NULL;
	irmin_pin pin = IRMIN_PIN_INIT;
	irmin_rc rc;

	rc = irmin_txn_list(txn, "a", 0, 0, &list, err);
	if (rc >= 0)
		rc = irmin_txn_find(txn, "a/y/z", &pin, err);
	irmin_pin_release(&pin);
	irmin_list_free(list);
	return rc;
}

static irmin_rc write_in(irmin_txn *txn, irmin_error *err)
{
	int64_t counter = 0;
	irmin_rc rc;

	rc = irmin_txn_find_int(txn, "counter", &counter, err);
	if (rc >= 0)
		rc = irmin_txn_set_int(txn, "counter", counter + 1, err);
	if (rc >= 0)
		rc = irmin_txn_set_mode(txn, "bin/run", IRMIN_MODE_EXECUTABLE,
		    irmin_text("#!/bin/sh\n"), err);
	if (rc >= 0)
		rc = irmin_txn_set_mode(txn, "bin/link", IRMIN_MODE_SYMLINK,
		    irmin_text("run"), err);
	if (rc >= 0)
		rc = irmin_txn_move(txn, "a/y", "b/y", err);
	return rc;
}

static irmin_rc transaction(struct life *life, irmin_error *err)
{
	irmin_info info = info_of("many at once");
	irmin_txn *txn = NULL;
	irmin_rc rc;

	rc = irmin_txn_begin(life->store, IRMIN_TXN_UNMOVED, &txn, err);
	if (rc >= 0)
		rc = read_in(txn, err);
	if (rc >= 0)
		rc = write_in(txn, err);
	if (rc >= 0)
		rc = irmin_txn_commit(txn, &info, err);
	if (rc < 0)
		irmin_txn_abort(txn);
	return rc;
}

static irmin_rc fork_branch(struct life *life, irmin_error *err)
{
	irmin_store *dev = NULL;
	irmin_rc rc = irmin_store_fork(life->store, "deep/dev", &dev, err);

	irmin_store_close(dev);
	return rc;
}

static irmin_rc commit_on_branch(struct life *life, irmin_error *err)
{
	irmin_info info = info_of("on a branch");
	irmin_store *dev = NULL;
	irmin_rc rc;

	rc = irmin_store_open(life->repo, "deep/dev", &dev, err);
	if (rc >= 0)
		rc = irmin_store_set(dev, "dev", irmin_text("yes"), &info, err);
	irmin_store_close(dev);
	return rc;
}

static irmin_rc fast_forward(struct life *life, irmin_error *err)
{
	irmin_commit *dev = NULL;
	irmin_rc rc;

	rc = irmin_branch_find(life->repo, "deep/dev", &dev, err);
	if (rc == IRMIN_OK)
		rc = irmin_store_fast_forward(life->store, dev, err);
	irmin_commit_unref(dev);
	return rc;
}

static irmin_rc remove_branch(struct life *life, irmin_error *err)
{
	return irmin_branch_remove(life->repo, "deep/dev", err);
}

static irmin_rc edit_files(irmin_edit *edit, int count, irmin_error *err)
{
	char path[40];
	irmin_rc rc = IRMIN_OK;
	int i;

	for (i = 0; rc >= 0 && i < count; i++) {
		snprintf(path, sizeof(path), "d%d/file %d", i % 3, i);
		rc = irmin_edit_set(edit, path, irmin_text(path), err);
	}
	return rc;
}

static irmin_rc import_to(struct life *life, const char *path, int count,
    irmin_error *err)
{
	irmin_info info = info_of("files");
	irmin_tree *empty = NULL, *tree = NULL;
	irmin_edit *edit = NULL;
	irmin_rc rc;

	rc = irmin_tree_empty(life->repo, &empty, err);
	if (rc >= 0)
		rc = irmin_edit_new(empty, &edit, err);
	if (rc >= 0)
		rc = edit_files(edit, count, err);
	if (rc >= 0)
		rc = irmin_edit_tree(edit, &tree, err);
	if (rc >= 0)
		rc = irmin_store_set_tree(life->store, path, tree, &info, err);
	irmin_tree_unref(tree);
	irmin_edit_free(edit);
	irmin_tree_unref(empty);
	return rc;
}

static irmin_rc import_files(struct life *life, irmin_error *err)
{
	return import_to(life, "in", 20, err);
}

/* So many that they become a pack. */
static irmin_rc import_many(struct life *life, irmin_error *err)
{
	return import_to(life, "many", 300, err);
}

static int give(void *arg, void *bytes, size_t len, size_t *got)
{
	size_t *left = arg;

	*got = len < *left ? len : *left;
	memset(bytes, 's', *got);
	*left -= *got;
	return 0;
}

static irmin_rc stream_value(struct life *life, irmin_error *err)
{
	irmin_info info = info_of("streamed");
	size_t left = 3000;

	return irmin_store_set_stream(life->store, "large", give, &left, left,
	    &info, err);
}

static irmin_rc flush(struct life *life, irmin_error *err)
{
	return irmin_store_flush(life->store, IRMIN_POWER, err);
}

/* A commit of two parents, as a merge makes it, and a branch for it. */
static irmin_rc join(struct life *life, irmin_error *err)
{
	irmin_info info = info_of("joined");
	irmin_commit *parents[2] = { NULL, NULL }, *joined = NULL;
	irmin_tree *tree = NULL;
	irmin_rc rc;

	rc = irmin_store_head(life->store, &parents[0], err);
	if (rc >= 0)
		rc = irmin_commit_of_revision(life->repo, "main~2", &parents[1],
		    err);
	if (rc >= 0)
		rc = irmin_commit_tree(parents[0], &tree, err);
	if (rc >= 0)
		rc = irmin_commit_new(life->repo, tree, parents, 2, &info,
		    &joined, err);
	if (rc >= 0)
		rc = irmin_branch_create(life->repo, "joined", joined, err);
	irmin_commit_unref(joined);
	irmin_tree_unref(tree);
	irmin_commit_unref(parents[1]);
	irmin_commit_unref(parents[0]);
	return rc;
}

static irmin_rc set_head(struct life *life, irmin_error *err)
{
	return irmin_repo_set_head(life->repo, "joined", err);
}

static irmin_rc walk(irmin_commit *from, const char *path, irmin_error *err)
{
	irmin_log_options options = IRMIN_LOG_OPTIONS_INIT;
	irmin_log *log = NULL;
	irmin_commit *commit;
	irmin_rc rc;

	options.path = path;
	rc = irmin_log_open(from, &options, &log, err);
	while (rc == IRMIN_OK) {
		rc = irmin_log_next(log, &commit, err);
		irmin_commit_unref(commit);
	}
	irmin_log_free(log);
	return rc;
}

static irmin_rc compare(irmin_tree *from, irmin_tree *to, irmin_error *err)
{
	irmin_diff *diff = NULL;
	irmin_change change;
	irmin_rc rc;

	rc = irmin_tree_diff(from, to, "", &diff, err);
	while (rc == IRMIN_OK)
		rc = irmin_diff_next(diff, &change, err);
	irmin_diff_free(diff);
	return rc;
}

/* Changes nothing: the log of a path, and what differs from long ago. */
static irmin_rc look_back(struct life *life, irmin_error *err)
{
	irmin_commit *old = NULL, *head = NULL;
	irmin_tree *from = NULL, *to = NULL;
	irmin_rc rc;

	rc = irmin_commit_of_revision(life->repo, "main~4", &old, err);
	if (rc >= 0)
		rc = irmin_store_head(life->store, &head, err);
	if (rc >= 0)
		rc = walk(head, "counter", err);
	if (rc >= 0)
		rc = irmin_commit_tree(old, &from, err);
	if (rc >= 0)
		rc = irmin_commit_tree(head, &to, err);
	if (rc >= 0)
		rc = compare(from, to, err);
	irmin_tree_unref(to);
	irmin_tree_unref(from);
	irmin_commit_unref(head);
	irmin_commit_unref(old);
	return rc;
}

static const struct {
	const char *name;
	irmin_rc (*run)(struct life *life, irmin_error *err);
	bool needs_past;
} steps[] = {
	{ "create", create, true },
	{ "first set", first_set, false },
	{ "overwrite", overwrite, false },
	{ "set beside", set_beside, false },
	{ "remove", remove_value, false },
	{ "test_and_set, absent", count_first, false },
	{ "test_and_set", count_second, false },
	{ "transaction", transaction, false },
	{ "fork", fork_branch, false },
	{ "commit on a branch", commit_on_branch, false },
	{ "fast_forward", fast_forward, false },
	{ "remove a branch", remove_branch, false },
	{ "import 20 files", import_files, false },
	{ "flush", flush, true },
	{ "import 300 files", import_many, true },
	{ "commit of two parents", join, false },
	{ "set HEAD", set_head, false },
	{ "stream", stream_value, false },
	{ "log and diff", look_back, false },
};

size_t life_steps(void)
{
	return sizeof(steps) / sizeof(steps[0]);
}

const char *life_step_name(size_t step)
{
	return steps[step].name;
}

bool life_step_needs_past(size_t step)
{
	return steps[step].needs_past;
}

irmin_rc life_step(struct life *life, size_t step, irmin_error *err)
{
	return steps[step].run(life, err);
}

void life_begin(struct life *life, size_t count)
{
	irmin_error err;
	size_t step;

	if (irmin__os_sim_new(life->seed, &life->os, &err) < 0)
		bail("no simulated machine: %s", err.text);
	for (step = 0; step < count; step++)
		if (life_step(life, step, &err) < 0)
			bail("%s, nothing failing: %s", steps[step].name,
			    err.text);
}

void life_end(struct life *life)
{
	life_close(life);
	irmin__os_sim_free(life->os);
	life->os = NULL;
}
