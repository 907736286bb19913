/*
 * Large commits beside a git that repacks and collects garbage all the time,
 * without any grace: threads that share a handle commit thousands of values at
 * once, each commit a pack. Nothing is lost, at no moment.
 *
 * IRMIN_LIVE_SECONDS: how long it lasts at least (5).
 */
#include "tests/interop/with-git.h"

#include "tests/support/tap.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 2
#define KEYS    10000
#define DIRS    100
#define LEAST   3

struct writer {
	irmin_store *store;
	pthread_t thread;
	double until;
	unsigned commits;
	irmin_rc rc;
	irmin_error err;
};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static irmin_rc commit_all(struct writer *writer)
{
	irmin_txn *txn;
	irmin_error *err = &writer->err;
	char path[40], value[40];
	irmin_rc rc;
	int i;

	rc = irmin_txn_begin(writer->store, IRMIN_TXN_UNMOVED, &txn, err);
	if (rc < 0)
		return rc;
	for (i = 0; rc >= 0 && i < KEYS; i++) {
		snprintf(path, sizeof(path), "%u/%d/%d", writer->commits % 3,
		    i % DIRS, i);
		snprintf(value, sizeof(value), "%u %d", writer->commits, i);
		rc = irmin_txn_set(txn, path, irmin_text(value), err);
	}
	if (rc >= 0)
		rc = irmin_txn_commit(txn, NULL, err);
	if (rc < 0)
		irmin_txn_abort(txn);
	return rc;
}

static void *write_all(void *arg)
{
	struct writer *writer = arg;

	while (writer->rc >= 0 &&
	    (writer->commits < LEAST || seconds() < writer->until)) {
		writer->rc = commit_all(writer);
		writer->commits += writer->rc >= 0;
	}
	return NULL;
}

static pid_t start_git(const char *dir)
{
	pid_t child = fork();

	if (child == 0)
		_exit(tap_run(NULL,
		    "cd %s && while ! [ -e ../stop ]; do "
		    "git repack -adq 2>>../said; echo x >>../repacked; "
		    "git gc -q --prune=now 2>>../said; sleep 0.5; done",
		    dir));
	return child;
}

static void check_branch(const char *dir, const char *branch,
    const struct writer *writer)
{
	if (!ok(writer->rc >= 0, "%s: %u commits", branch, writer->commits))
		diag("%s", writer->err.text);
	is_str(git_says(dir, "rev-list --count %s", branch),
	    tap_format("%u", writer->commits), "%s: all are there", branch);
	is_int(atoi(git_says(dir, "ls-tree -r --name-only %s | wc -l", branch)),
	    KEYS * (writer->commits < 3 ? (int)writer->commits : 3),
	    "%s: with all values", branch);
}

int main(void)
{
	static const char *const branches[THREADS] = { "one", "two" };
	const char *dir = git_path("packs.git"),
		   *text = getenv("IRMIN_LIVE_SECONDS");
	struct writer writers[THREADS];
	irmin_repo *repo;
	irmin_error err;
	pid_t git;
	int i;

	git_init(dir, "sha1");
	git_says(dir, "config core.commitGraph false");
	git = start_git(dir);
	repo = git_open(dir, NULL);
	memset(writers, 0, sizeof(writers));
	for (i = 0; i < THREADS; i++) {
		writers[i].until = seconds() + (text ? atof(text) : 5);
		if (irmin_store_open(repo, branches[i], &writers[i].store,
			&err) < 0)
			bail("%s", err.text);
	}
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&writers[i].thread, NULL, write_all,
			&writers[i]) != 0)
			bail("no thread");
	for (i = 0; i < THREADS; i++)
		pthread_join(writers[i].thread, NULL);
	tap_write_file(git_path("stop"), "", 0);
	waitpid(git, NULL, 0);
	git_fsck_is_clean(dir);
	for (i = 0; i < THREADS; i++) {
		check_branch(dir, branches[i], &writers[i]);
		irmin_store_close(writers[i].store);
	}
	irmin_repo_close(repo);
	is_str(git_says(dir, "count-objects -v | grep ^garbage"), "garbage: 0",
	    "and nothing else is left");
	ok(access(git_path("repacked"), F_OK) == 0, "git repacked");
	return done_testing();
}
