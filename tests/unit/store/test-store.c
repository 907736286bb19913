/* Reading from and committing to one branch. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/hooked.h"

static irmin_store *open_store(void)
{
	irmin_store *store = NULL;
	irmin_error err;

	if (irmin_open("mem:", NULL, &store, &err) < 0)
		bail("cannot open: %s", err.text);
	return store;
}

static irmin_rc set(irmin_store *store, const char *path, const char *value)
{
	irmin_error err;
	irmin_rc rc = irmin_store_set(store, path, irmin_text(value), NULL,
	    &err);

	if (rc < 0)
		diag("%s", err.text);
	return rc;
}

/* The value at a path, "(absent)" without one; freed at exit. */
static const char *get(irmin_store *store, const char *path)
{
	irmin_buf value = IRMIN_BUF_INIT;
	const char *text = "(failed)";
	irmin_error err;
	irmin_rc rc = irmin_store_find(store, path, &value, &err);

	if (rc == IRMIN_ABSENT)
		text = "(absent)";
	else if (rc == IRMIN_OK)
		text = tap_format("%.*s", (int)value.len, (char *)value.data);
	irmin_buf_clear(&value);
	return text;
}

/* The message of the head. */
static const char *message(irmin_store *store)
{
	irmin_commit *head = NULL;
	irmin_slice said;
	const char *text;

	if (irmin_store_head(store, &head, NULL) != IRMIN_OK)
		return "(no commit)";
	said = irmin_commit_message(head);
	text = tap_format("%.*s", (int)said.len, (const char *)said.data);
	irmin_commit_unref(head);
	return text;
}

static uint64_t history_length(irmin_store *store)
{
	irmin_commit *head = NULL, *commit;
	irmin_log *log = NULL;
	uint64_t n = 0;

	if (irmin_store_head(store, &head, NULL) != IRMIN_OK)
		return 0;
	if (irmin_log_open(head, NULL, &log, NULL) < 0)
		bail("cannot walk");
	while (irmin_log_next(log, &commit, NULL) == IRMIN_OK) {
		n++;
		irmin_commit_unref(commit);
	}
	irmin_log_free(log);
	irmin_commit_unref(head);
	return n;
}

/* ---- one path ---- */

static void thin_path(void)
{
	irmin_store *store = open_store();

	is_str(irmin_store_branch(store), "main", "what HEAD names");
	is_str(get(store, "a/b"), "(absent)", "nothing is there at first");
	is_rc(set(store, "a/b", "one"), IRMIN_OK, "set");
	is_str(get(store, "a/b"), "one", "and found");
	is_str(message(store), "set a/b\n", "the default message");
	is_rc(set(store, "/a//b/", "one"), IRMIN_UNCHANGED,
	    "set to what it is, by another spelling");
	is_int(history_length(store), 1, "makes no commit");
	is_rc(irmin_store_remove(store, "a", NULL, NULL), IRMIN_OK, "remove");
	is_str(get(store, "a/b"), "(absent)", "is gone");
	is_str(message(store), "rm a\n", "the default message");
	is_rc(irmin_store_remove(store, "a", NULL, NULL), IRMIN_UNCHANGED,
	    "remove what is not there");
	is_int(history_length(store), 2, "two commits in all");
	irmin_store_close(store);
}

static void lists(void)
{
	irmin_store *store = open_store();
	irmin_list *list;
	irmin_mode mode;

	is_rc(irmin_store_list(store, "", 0, 0, &list, NULL), IRMIN_OK,
	    "the root of an unborn branch");
	is_int(irmin_list_length(list), 0, "is empty");
	irmin_list_free(list);
	set(store, "a/x", "1");
	set(store, "a/y", "2");
	is_rc(irmin_store_list(store, "a", 1, 5, &list, NULL), IRMIN_OK, "a");
	is_int(irmin_list_length(list), 1, "from the second on");
	is_mem(irmin_list_entry(list, 0).name.data,
	    irmin_list_entry(list, 0).name.len, "y", 1, "y");
	irmin_list_free(list);
	is_rc(irmin_store_find_mode(store, "a", &mode, NULL), IRMIN_OK, "mode");
	is_int(mode, IRMIN_MODE_TREE, "a directory");
	is_str(get(store, "a"), "(absent)", "has no value");
	irmin_store_close(store);
}

static void unborn(void)
{
	irmin_info info = IRMIN_INFO_INIT;
	irmin_store *store = open_store(), *fork;
	irmin_commit *head;
	irmin_tree *empty;
	irmin_error err;

	is_rc(irmin_store_head(store, &head, NULL), IRMIN_ABSENT, "no head");
	is_rc(irmin_store_remove(store, "x", NULL, NULL), IRMIN_UNCHANGED,
	    "removing on an unborn branch");
	is_int(history_length(store), 0, "makes no commit");
	fails(irmin_store_fork(store, "f", &fork, &err), IRMIN_EMISSING, &err,
	    "nothing to fork");
	if (irmin_store_tree(store, &empty, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_store_set_tree(store, "", empty, NULL, NULL), IRMIN_OK,
	    "the first commit is made, of the empty tree too");
	is_rc(irmin_store_set_tree(store, "", empty, NULL, NULL),
	    IRMIN_UNCHANGED, "the second is not");
	info.flags = IRMIN_INFO_ALLOW_EMPTY;
	is_rc(irmin_store_set_tree(store, "", empty, &info, NULL), IRMIN_OK,
	    "unless that is allowed");
	is_rc(irmin_store_remove(store, "x", &info, NULL), IRMIN_OK,
	    "of a remove too");
	is_int(history_length(store), 3, "three commits");
	irmin_tree_unref(empty);
	irmin_store_close(store);
}

static void trees(void)
{
	irmin_store *store = open_store(), *fork;
	irmin_tree *tree;
	irmin_error err;

	set(store, "a/x", "1");
	set(store, "a/y", "2");
	succeeds(irmin_store_fork(store, "other", &fork, &err), &err, "fork");
	set(fork, "b", "3");
	if (irmin_store_tree(fork, &tree, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_store_set_tree(store, "copy/of", tree, NULL, NULL),
	    IRMIN_OK, "a tree put at a path");
	is_str(get(store, "copy/of/a/y"), "2", "is there");
	is_str(message(store), "3 changes under copy/of/\n", "N changes");
	is_rc(irmin_store_set_tree(store, "", tree, NULL, NULL), IRMIN_OK,
	    "a tree put at the root");
	is_str(get(store, "copy/of/a/y"), "(absent)", "replaces everything");
	is_str(message(store), "4 changes\n", "changes without a directory");
	irmin_store_close(fork);
	fails(irmin_store_fork(store, "other", &fork, &err), IRMIN_EEXIST, &err,
	    "a branch that exists is not forked to");
	irmin_tree_unref(tree);
	irmin_store_close(store);
}

/* ---- test and set ---- */

static void test_and_set(void)
{
	irmin_store *store = open_store();
	irmin_slice one = irmin_text("1"), two = irmin_text("2");
	irmin_buf was = IRMIN_BUF_INIT;
	irmin_error err;

	fails(irmin_store_test_and_set(store, "a", &one, &two, NULL, &was,
		  &err),
	    IRMIN_ESTALE, &err, "a value expected where none is");
	is_int(was.len, 0, "it was absent");
	is_rc(irmin_store_test_and_set(store, "a", NULL, &one, NULL, &was,
		  &err),
	    IRMIN_OK, "nothing expected where none is");
	is_int(was.len, 0, "it was absent");
	fails(irmin_store_test_and_set(store, "a", NULL, &two, NULL, &was,
		  &err),
	    IRMIN_ESTALE, &err, "nothing expected where one is");
	is_mem(was.data, was.len, "1", 1, "it was 1");
	is_rc(irmin_store_test_and_set(store, "a", &one, &two, NULL, &was,
		  &err),
	    IRMIN_OK, "the value expected");
	is_mem(was.data, was.len, "1", 1, "it was 1");
	is_str(get(store, "a"), "2", "and is 2");
	is_rc(irmin_store_test_and_set(store, "a", &two, &two, NULL, NULL,
		  &err),
	    IRMIN_UNCHANGED, "expected and value are the same");
	is_rc(irmin_store_test_and_set(store, "a", &two, NULL, NULL, &was,
		  &err),
	    IRMIN_OK, "removed");
	is_mem(was.data, was.len, "2", 1, "it was 2");
	is_str(message(store), "rm a\n", "the message tells so");
	is_rc(irmin_store_test_and_set(store, "a", NULL, NULL, NULL, NULL,
		  &err),
	    IRMIN_UNCHANGED, "absent and to be absent");
	set(store, "d/x", "1");
	fails(irmin_store_test_and_set(store, "d", NULL, &one, NULL, &was,
		  &err),
	    IRMIN_ESTALE, &err, "a directory is not nothing");
	is_int(was.len, 0, "and has no value");
	irmin_buf_clear(&was);
	irmin_store_close(store);
}

/* ---- heads ---- */

static void heads(void)
{
	irmin_store *store = open_store();
	irmin_commit *first, *second, *now;
	irmin_error err;

	set(store, "a", "1");
	if (irmin_store_head(store, &first, &err) < 0)
		bail("%s", err.text);
	set(store, "a", "2");
	if (irmin_store_head(store, &second, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_store_cas_head(store, second, first, NULL), IRMIN_OK,
	    "moved back");
	is_str(get(store, "a"), "1", "reads follow");
	fails(irmin_store_cas_head(store, second, first, &err), IRMIN_ESTALE,
	    &err, "not from where it is not");
	is_rc(irmin_store_cas_head(store, first, first, NULL), IRMIN_UNCHANGED,
	    "to where it is");
	is_rc(irmin_store_fast_forward(store, second, NULL), IRMIN_OK,
	    "forward");
	is_rc(irmin_store_fast_forward(store, first, NULL), IRMIN_ALREADY,
	    "it is further");
	is_rc(irmin_store_cas_head(store, second, NULL, NULL), IRMIN_OK,
	    "removed");
	is_rc(irmin_store_head(store, &now, NULL), IRMIN_ABSENT, "it is gone");
	is_rc(irmin_store_fast_forward(store, first, NULL), IRMIN_OK,
	    "an unborn branch moves forward to anything");
	irmin_commit_unref(first);
	irmin_commit_unref(second);
	irmin_store_close(store);
}

static void detached(void)
{
	irmin_store *store = open_store(), *at, *other;
	irmin_repo *repo = irmin_store_repo(store);
	irmin_commit *head, *old;
	irmin_error err;

	set(store, "a", "1");
	set(store, "a", "2");
	if (!succeeds(irmin_store_at(repo, "main~1", &at, &err), &err, "at") ||
	    irmin_store_at(repo, "main~1", &other, &err) < 0)
		return;
	is_str(irmin_store_branch(at), NULL, "it is on no branch");
	is_str(get(at, "a"), "1", "reads are of that state");
	if (irmin_store_head(at, &old, &err) < 0)
		bail("%s", err.text);
	is_rc(set(at, "b", "3"), IRMIN_OK, "a commit there");
	is_str(get(at, "b"), "3", "is seen through this handle");
	is_str(get(other, "b"), "(absent)", "not through another");
	is_str(get(store, "b"), "(absent)", "and moves no branch");
	if (irmin_store_head(at, &head, &err) < 0)
		bail("%s", err.text);
	fails(irmin_store_cas_head(at, old, head, &err), IRMIN_ESTALE, &err,
	    "its head is compared");
	is_rc(irmin_store_cas_head(at, head, old, NULL), IRMIN_OK, "and set");
	is_rc(irmin_store_fast_forward(at, head, NULL), IRMIN_OK, "forward");
	is_rc(irmin_store_fast_forward(at, old, NULL), IRMIN_ALREADY,
	    "not back");
	fails(irmin_store_cas_head(at, head, NULL, &err), IRMIN_EINVAL, &err,
	    "it cannot be without a commit");
	irmin_commit_unref(head);
	irmin_commit_unref(old);
	irmin_store_close(at);
	irmin_store_close(other);
	irmin_store_close(store);
}

/* What a store loaded stays loaded: writing reads no object again. */
static void nothing_is_read_again(void)
{
	irmin_store *store = open_store();
	irmin_repo *repo = irmin_store_repo(store);
	char path[32];
	int i;

	for (i = 0; i < 300; i++) {
		snprintf(path, sizeof path, "d/%d/%d", i / 20, i % 20);
		set(store, path, "x");
	}
	is_int(irmin_repo_stat(repo, IRMIN_STAT_COMMITS), 300, "300 commits");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_READS), 0,
	    "without one read");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_REF_READS), 301,
	    "and with one look at the ref each, and one at HEAD");
	is_str(get(store, "d/3/7"), "x", "and all is there");
	irmin_store_close(store);
}

/* ---- others move the head ---- */

struct race {
	irmin_repo *repo;
	int left;    /* how often somebody is faster */
	int writing; /* that is us */
};

static irmin_rc be_faster(void *arg, irmin_error *err)
{
	struct race *race = arg;
	irmin_store *store;
	char value[16];
	irmin_rc rc;

	if (race->writing || race->left == 0)
		return IRMIN_OK;
	race->left--;
	race->writing = 1;
	snprintf(value, sizeof value, "%d", race->left);
	rc = irmin_store_open(race->repo, "main", &store, err);
	if (rc >= 0)
		rc = irmin_store_set(store, "theirs", irmin_text(value), NULL,
		    err);
	irmin_store_close(store);
	race->writing = 0;
	return rc;
}

static void races(void)
{
	struct race race = { NULL, 7, 0 };
	struct hooks hooks = { 0 };
	irmin_info info = IRMIN_INFO_INIT;
	irmin_slice one = irmin_text("1");
	irmin_buf was = IRMIN_BUF_INIT;
	volatile int cancel = 1;
	irmin_store *store;
	irmin_error err;

	hooks.before_cas = be_faster;
	hooks.arg = &race;
	race.repo = hooked_open(&hooks, NULL);
	if (irmin_store_open(race.repo, NULL, &store, &err) < 0)
		bail("%s", err.text);
	is_rc(set(store, "ours", "1"), IRMIN_OK, "seven others were faster");
	is_str(get(store, "theirs"), "0", "and their last value stands");
	is_str(get(store, "ours"), "1", "beside ours");
	is_int(history_length(store), 8, "nothing is lost, nothing is twice");
	is_int(irmin_repo_stat(race.repo, IRMIN_STAT_RETRIES), 7, "7 retries");

	race.left = 1000;
	info.retries = 4;
	fails(irmin_store_set(store, "ours", irmin_text("2"), &info, &err),
	    IRMIN_ESTALE, &err, "they are always faster");
	is_int(1000 - race.left, 5, "five tries were made");
	info.wait.cancel = &cancel;
	fails(irmin_store_set(store, "ours", irmin_text("2"), &info, &err),
	    IRMIN_ECANCELED, &err, "a caller who gave up");
	info.wait.cancel = NULL;
	info.wait.timeout_ms = 1;
	info.retries = 1000000;
	race.left = -1;
	fails(irmin_store_set(store, "ours", irmin_text("2"), &info, &err),
	    IRMIN_ETIMEDOUT, &err, "a deadline");
	race.left = 1;
	is_rc(irmin_store_test_and_set(store, "ours", &one, NULL, NULL, &was,
		  NULL),
	    IRMIN_OK, "a race is no reason for test_and_set to fail");
	is_mem(was.data, was.len, "1", 1, "it tells what was there");
	irmin_buf_clear(&was);
	irmin_store_close(store);
	irmin_repo_close(race.repo);
}

static void checked_out(void)
{
	struct hooks hooks = { 0 };
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo;
	irmin_store *store;
	irmin_error err;

	hooks.checked_out = "refs/heads/main";
	repo = hooked_open(&hooks, NULL);
	if (irmin_store_open(repo, NULL, &store, &err) < 0)
		bail("%s", err.text);
	fails(irmin_store_set(store, "a", irmin_text("1"), NULL, &err),
	    IRMIN_ECHECKEDOUT, &err, "a branch that a work tree has");
	ok(strstr(err.text, "/some/tree") &&
		strstr(irmin_error_hint(&err), "checked_out=move"),
	    "the work tree and what to do are named: %s", err.text);
	hooks.checked_out = "HEAD";
	fails(irmin_repo_set_head(repo, "x", &err), IRMIN_ECHECKEDOUT, &err,
	    "HEAD of a work tree is not moved either");
	hooks.checked_out = "refs/heads/other";
	is_rc(set(store, "a", "1"), IRMIN_OK, "another branch does not matter");
	irmin_store_close(store);
	irmin_repo_close(repo);

	hooks.checked_out = "refs/heads/main";
	options.flags = IRMIN_OPEN_MOVE_CHECKED_OUT;
	repo = hooked_open(&hooks, &options);
	if (irmin_store_open(repo, NULL, &store, &err) < 0)
		bail("%s", err.text);
	is_rc(set(store, "a", "1"), IRMIN_OK, "unless the options allow it");
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* ---- threads ---- */

#define THREADS    4
#define INCREMENTS 250

static void *increment(void *arg)
{
	irmin_store *store = arg;
	irmin_info info = IRMIN_INFO_INIT;
	irmin_buf was = IRMIN_BUF_INIT;
	char text[16];
	irmin_rc rc;
	int i, n;

	info.wait.timeout_ms = UINT32_MAX;
	info.retries = 1000000;
	for (i = 0; i < INCREMENTS; i++) {
		do {
			irmin_slice before, after;

			rc = irmin_store_find(store, "n", &was, NULL);
			if (rc < 0)
				return (void *)"find failed";
			n = rc == IRMIN_OK ? atoi((char *)was.data) : 0;
			snprintf(text, sizeof text, "%d", n + 1);
			before = irmin_buf_slice(&was);
			after = irmin_text(text);
			rc = irmin_store_test_and_set(store, "n",
			    rc == IRMIN_OK ? &before : NULL, &after, &info,
			    NULL, NULL);
		} while (rc == IRMIN_ESTALE);
		if (rc != IRMIN_OK)
			return (void *)"test_and_set failed";
	}
	irmin_buf_clear(&was);
	return NULL;
}

static void threads(void)
{
	irmin_store *store = open_store();
	pthread_t thread[THREADS];
	void *answer;
	int i;

	for (i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, increment, store) != 0)
			bail("no thread");
	for (i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &answer);
		is_str(answer, NULL, "thread %d", i);
	}
	is_str(get(store, "n"), tap_format("%d", THREADS * INCREMENTS),
	    "every increment counts once");
	is_int(history_length(store), THREADS * INCREMENTS,
	    "and is one commit");
	irmin_store_close(store);
}

/* ---- what is refused; out of memory ---- */

static void refused(void)
{
	irmin_store *store = open_store(), *other = open_store(), *none;
	irmin_repo *repo = irmin_store_repo(store);
	irmin_tree *foreign;
	irmin_error err;

	set(store, "a", "1");
	set(other, "a", "1");
	fails(irmin_store_set(store, "", irmin_text("x"), NULL, &err),
	    IRMIN_EINVAL, &err, "a value at the root");
	fails(irmin_store_set(store, "x/.git/y", irmin_text("x"), NULL, &err),
	    IRMIN_EINVAL, &err, "a step that git refuses");
	fails(irmin_store_open(repo, "a..b", &none, &err), IRMIN_EINVAL, &err,
	    "a name that no branch may have");
	fails(irmin_store_open(repo, "-x", &none, &err), IRMIN_EINVAL, &err,
	    "nor this one");
	if (irmin_store_tree(other, &foreign, &err) < 0)
		bail("%s", err.text);
	fails(irmin_store_set_tree(store, "x", foreign, NULL, &err),
	    IRMIN_EINVAL, &err, "a tree of another repository");
	is_int(history_length(store), 1, "none of them left a commit");
	irmin_tree_unref(foreign);
	irmin_store_close(store);
	irmin_store_close(other);
}

static irmin_rc test_and_set_once(void *arg, irmin_error *err)
{
	irmin_store *store = arg;
	irmin_slice one = irmin_text("1");
	irmin_buf was = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin_store_test_and_set(store, "p/q", &one, &one, NULL, &was,
	    err);
	irmin_buf_clear(&was);
	return rc;
}

static void out_of_memory(void)
{
	irmin_store *store = open_store();

	set(store, "p/q", "1");
	alloc_fault_sweep("test_and_set", test_and_set_once, store);
	is_int(history_length(store), 1, "no commit was made of it");
	irmin_store_close(store);
}

int main(void)
{
	thin_path();
	lists();
	unborn();
	trees();
	test_and_set();
	heads();
	detached();
	nothing_is_read_again();
	races();
	checked_out();
	threads();
	refused();
	out_of_memory();
	return done_testing();
}
