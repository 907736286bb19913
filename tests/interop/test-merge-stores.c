/*
 * Merged branches as git sees them: the shape of the history, reflogs, saved
 * conflicts that go elsewhere; several processes that merge at once; and one that
 * is killed while it merges.
 */
#include "tests/interop/with-git.h"
#include "tests/support/tap.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <irmin/store-merge.h>

#define PROCESSES 3
#define ROUNDS    12
#define KILLS     25

static irmin_info info_at(int64_t time)
{
	irmin_info info = irmin_info_of("A <a@example.org>", NULL);

	info.flags = IRMIN_INFO_DATE;
	info.author_time = info.committer_time = time;
	info.retries = 1000000;
	info.wait.timeout_ms = UINT32_MAX;
	return info;
}

static void check(irmin_rc rc, const irmin_error *err)
{
	if (rc < 0)
		bail("%s", err->text);
}

static irmin_store *open_branch(irmin_repo *repo, const char *branch)
{
	irmin_store *store;
	irmin_error err;

	check(irmin_store_open(repo, branch, &store, &err), &err);
	return store;
}

static void set(irmin_store *store, const char *path, const char *value,
    int64_t time)
{
	irmin_info info = info_at(time);
	irmin_error err;

	check(irmin_store_set(store, path, irmin_text(value), &info, &err),
	    &err);
}

static irmin_rc merge(irmin_store *into, irmin_store *from, int64_t time,
    irmin_merge_result **result)
{
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	irmin_error err;
	irmin_rc rc;

	options.info = info_at(time);
	rc = irmin_store_merge(into, from, &options, result, &err);
	if (rc != IRMIN_ECONFLICT)
		check(rc, &err);
	return rc;
}

static irmin_store *fork_of(irmin_store *store, const char *branch)
{
	irmin_store *fork;
	irmin_error err;

	check(irmin_store_fork(store, branch, &fork, &err), &err);
	return fork;
}

/* ---- what git shows ---- */

static void shapes(void)
{
	const char *dir = git_path("shapes");
	irmin_store *main_, *fork, *third;
	irmin_repo *repo;

	git_init(dir, "sha1");
	git_says(dir, "config core.logAllRefUpdates true");
	repo = git_open(dir, NULL);
	main_ = open_branch(repo, "main");
	set(main_, "base", "1", 1);
	fork = fork_of(main_, "fork");
	third = fork_of(main_, "third");
	set(main_, "ours", "1", 2);
	set(fork, "theirs", "1", 3);
	merge(main_, fork, 4, NULL);
	merge(fork, main_, 5, NULL);
	set(fork, "more", "1", 6);
	set(third, "third", "1", 7);
	merge(third, fork, 8, NULL);
	is_str(git_says(dir, "log --graph --format=%%s third | sed 's/ *$//'"),
	    "*   Merge branch 'fork' into third\n"
	    "|\\\n"
	    "| * set more\n"
	    "| *   Merge branch 'fork' into main\n"
	    "| |\\\n"
	    "| | * set theirs\n"
	    "| * | set ours\n"
	    "| |/\n"
	    "* / set third\n"
	    "|/\n"
	    "* set base",
	    "the history has that shape");
	is_str(git_says(dir, "log -g --format=%%gs main"),
	    "merge fork: Merge made by the 'irmin' strategy.\n"
	    "commit: set ours\n"
	    "commit (initial): set base",
	    "the reflog tells of the merge");
	is_str(git_says(dir, "log -g --format=%%gs -n 2 fork"),
	    "commit: set more\n"
	    "merge main: Fast-forward",
	    "and of the fast-forward");
	is_str(git_says(dir, "merge-tree --write-tree third~1 fork"),
	    git_says(dir, "rev-parse third^{tree}"), "git merges as we do");
	irmin_store_close(third);
	irmin_store_close(fork);
	irmin_store_close(main_);
	irmin_repo_close(repo);
	git_fsck_is_clean(dir);
}

/* ---- conflicts that are resolved elsewhere ---- */

static irmin_merge_result *resume(irmin_repo *repo)
{
	irmin_store *store = open_branch(repo, "main");
	irmin_merge_result *result;
	irmin_error err;

	if (!succeeds(irmin_store_merge_resume(store, &result, &err), &err,
		"resumed") ||
	    !result)
		bail("there is nothing to resume");
	irmin_store_close(store); /* the result keeps what it needs */
	return result;
}

/* Resolves with theirs; the branch has both then. */
static void resolve(irmin_repo *repo)
{
	irmin_merge_result *result = resume(repo);
	irmin_conflict *conflict;
	irmin_store *store;
	irmin_buf value = IRMIN_BUF_INIT;
	irmin_error err;

	is_int(irmin_merge_result_left(result), 2, "with its conflicts");
	while (irmin_merge_result_next(result, &conflict) == IRMIN_OK)
		check(irmin_merge_result_take(result, conflict,
			  IRMIN_SIDE_THEIRS, &err),
		    &err);
	succeeds(irmin_merge_result_commit(result, NULL, &err), &err,
	    "committed");
	irmin_merge_result_free(result);
	store = open_branch(repo, "main");
	check(irmin_store_find(store, "d/b", &value, &err), &err);
	is_str((char *)value.data, "theirs", "as it was resolved");
	irmin_buf_clear(&value);
	irmin_store_close(store);
}

static void save_conflicts(irmin_repo *repo)
{
	irmin_store *store = open_branch(repo, "main"), *fork;
	irmin_merge_result *result;
	irmin_error err;

	set(store, "a", "base", 1);
	set(store, "d/b", "base", 2);
	fork = fork_of(store, "fork");
	set(store, "a", "ours", 3);
	set(store, "d/b", "ours", 4);
	set(fork, "a", "theirs", 5);
	set(fork, "d/b", "theirs", 6);
	set(fork, "c", "theirs", 7);
	is_rc(merge(store, fork, 8, &result), IRMIN_ECONFLICT, "a conflict");
	succeeds(irmin_merge_result_save(result, &err), &err, "is saved");
	irmin_merge_result_free(result);
	irmin_store_close(fork);
	irmin_store_close(store);
}

static void elsewhere(void)
{
	const char *here = git_path("here"), *there = git_path("there");
	irmin_repo *repo, *memory;
	irmin_error err;

	git_init(here, "sha256");
	repo = git_open(here, NULL);
	save_conflicts(repo);
	git_fsck_is_clean(here);
	is_str(git_says(here, "ls-tree --name-only refs/irmin/conflict/main"),
	    "base\nlist\nmessage\ntree\nversion", "git reads its tree");
	is_str(git_says(here, "show refs/irmin/conflict/main:list"),
	    "a\tleft\\ncontent\\nboth sides changed it\\n\n"
	    "d/b\tleft\\ncontent\\nboth sides changed it\\n",
	    "and the list");
	is_str(git_says(here, "show refs/irmin/conflict/main:tree/c"), "theirs",
	    "and what was merged");
	is_str(git_says(here, "rev-parse refs/irmin/conflict/main^@"),
	    git_says(here, "rev-parse main fork"), "of both sides");

	git_init(there, "sha256");
	git_says(there, "fetch -q %s 'refs/*:refs/*'", here);
	check(irmin_repo_open("mem:?hash=sha256", NULL, &memory, &err), &err);
	check(irmin_repo_copy(repo, memory, NULL, NULL, &err), &err);
	irmin_repo_close(repo);
	resolve(memory);
	irmin_repo_close(memory);
	repo = git_open(there, NULL);
	resolve(repo);
	irmin_repo_close(repo);
	is_int(tap_run(NULL,
		   "git -C %s rev-parse -q --verify "
		   "refs/irmin/conflict/main",
		   there),
	    1, "what was saved is forgotten");
	is_str(git_says(there, "log -n 1 --format=%%s main"),
	    "Merge branch 'fork' into main", "the merge is there");
	git_fsck_is_clean(there);
}

/* ---- at once ---- */

/* Sets on its own branch, merges that into main, and main into it. */
static void work(const char *dir, int number)
{
	irmin_repo *repo = git_open(dir, NULL);
	irmin_store *shared = open_branch(repo, "main");
	irmin_store *own = open_branch(repo, tap_format("own-%d", number));
	int i;

	for (i = 0; i < ROUNDS; i++) {
		set(own, tap_format("%d/%d", number, i), "x", i);
		merge(shared, own, i, NULL);
		merge(own, shared, i, NULL);
	}
	irmin_store_close(own);
	irmin_store_close(shared);
	irmin_repo_close(repo);
}

static void at_once(void)
{
	const char *dir = git_path("at-once");
	pid_t children[PROCESSES];
	irmin_repo *repo;
	irmin_store *store;
	irmin_tree *tree;
	irmin_error err;
	int i, status, failed = 0;
	size_t length, total = 0;

	git_init(dir, "sha1");
	repo = git_open(dir, NULL);
	store = open_branch(repo, "main");
	set(store, "base", "1", 1);
	for (i = 0; i < PROCESSES; i++)
		irmin_store_close(fork_of(store, tap_format("own-%d", i)));
	irmin_store_close(store);
	irmin_repo_close(repo);
	fflush(NULL);
	for (i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			work(dir, i);
			_exit(0);
		}
	}
	for (i = 0; i < PROCESSES; i++)
		failed |= waitpid(children[i], &status, 0) < 0 || status != 0;
	ok(!failed, "all processes merged");
	repo = git_open(dir, NULL);
	store = open_branch(repo, "main");
	check(irmin_store_tree(store, &tree, &err), &err);
	for (i = 0; i < PROCESSES; i++) {
		check(irmin_tree_length(tree, tap_format("%d", i), &length,
			  &err),
		    &err);
		total += length;
	}
	is_int(total, (size_t)PROCESSES * ROUNDS, "nothing is lost");
	is_str(git_says(dir,
		   "for-each-ref --no-contains main "
		   "--merged=main --count=1 --format=x"),
	    "x", "every branch is merged");
	irmin_tree_unref(tree);
	irmin_store_close(store);
	irmin_repo_close(repo);
	git_fsck_is_clean(dir);
}

/* ---- killed ---- */

/* Two values that belong together, on the fork, and merged. */
_Noreturn static void merge_for_ever(const char *dir, int told)
{
	irmin_repo *repo = git_open(dir, NULL);
	irmin_store *store = open_branch(repo, "main");
	irmin_store *fork = open_branch(repo, "fork");
	int64_t time;

	for (time = 10;; time++) {
		irmin_info info = info_at(time);
		const char *value = tap_format("%d", (int)time);
		irmin_error err;
		irmin_txn *txn;

		check(irmin_txn_begin(fork, IRMIN_TXN_UNMOVED, &txn, &err),
		    &err);
		check(irmin_txn_set(txn, "a/x", irmin_text(value), &err), &err);
		check(irmin_txn_set(txn, "b/y", irmin_text(value), &err), &err);
		check(irmin_txn_commit(txn, &info, &err), &err);
		set(store, "own", value, time);
		merge(store, fork, time, NULL);
		if (time == 10 && write(told, "m", 1) != 1)
			_exit(1);
		merge(fork, store, time, NULL);
	}
}

/* Starts a process that merges, and waits until it has merged once. */
static pid_t start_merging(const char *dir)
{
	char byte;
	int told[2];
	pid_t child;

	fflush(NULL);
	if (pipe(told) != 0)
		bail("no pipe");
	child = fork();
	if (child == 0)
		merge_for_ever(dir, told[1]);
	close(told[1]);
	if (read(told[0], &byte, 1) != 1)
		bail("it ends before it has merged");
	close(told[0]);
	return child;
}

/* -> whether the two values are there, and are the same */
static int is_whole(irmin_repo *repo)
{
	irmin_store *store = open_branch(repo, "main");
	irmin_buf x = IRMIN_BUF_INIT, y = IRMIN_BUF_INIT;
	irmin_error err;
	int same;

	check(irmin_store_find(store, "a/x", &x, &err), &err);
	check(irmin_store_find(store, "b/y", &y, &err), &err);
	same = irmin_slice_equal(irmin_buf_slice(&x), irmin_buf_slice(&y));
	irmin_buf_clear(&x);
	irmin_buf_clear(&y);
	irmin_store_close(store);
	return same;
}

static void killed(void)
{
	const char *dir = git_path("killed");
	irmin_store *store, *fork_;
	irmin_repo *repo;
	uint64_t rng = 3;
	int i, whole = 0, merged = 0;

	git_init(dir, "sha1");
	repo = git_open(dir, NULL);
	store = open_branch(repo, "main");
	set(store, "a/x", "0", 1);
	set(store, "b/y", "0", 2);
	fork_ = fork_of(store, "fork");
	irmin_store_close(fork_);
	irmin_store_close(store);
	irmin_repo_close(repo);
	for (i = 0; i < KILLS; i++) {
		struct timespec wait = { 0,
			1000000L + (long)random_below(&rng, 30000000) };
		pid_t child = start_merging(dir);

		nanosleep(&wait, NULL);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		repo = git_open(dir, NULL);
		whole += is_whole(repo);
		store = open_branch(repo, "main");
		fork_ = open_branch(repo, "fork");
		merged += merge(store, fork_, 9, NULL) >= 0 && is_whole(repo);
		irmin_store_close(fork_);
		irmin_store_close(store);
		irmin_repo_close(repo);
	}
	is_int(whole, KILLS, "a merge is there as a whole or not at all");
	is_int(merged, KILLS, "and whoever comes next can merge");
	ok(atoi(git_says(dir, "rev-list --count --merges main")) > KILLS,
	    "there were merges to be killed in");
	git_fsck_is_clean(dir);
}

int main(void)
{
	shapes();
	elsewhere();
	at_once();
	killed();
	return done_testing();
}
