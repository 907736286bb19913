/* The writes that merge: a second parent, the head that moves forward, what the
 * reflog says, and heads that move meanwhile. */
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "lib/core/store/store.h"
#include "tests/support/tap.h"

struct merging {
	irmin_rc answer;
	irmin_tree *tree;   /* the merged one; NULL: none */
	irmin_store *store; /* moves under the first try; NULL: does not */
	int tries;
};

static irmin_rc apply(void *arg, irmin_commit *head, irmin_tree *before,
    irmin_tree **after, irmin_error *err)
{
	struct merging *merging = arg;

	(void)head;
	(void)before;
	if (merging->tries++ == 0 && merging->store &&
	    irmin_store_set(merging->store, "moved", irmin_text("1"), NULL,
		err) < 0)
		bail("%s", err->text);
	if (merging->tree)
		*after = irmin_tree_ref(merging->tree);
	return merging->answer;
}

static irmin_rc describe(void *arg, irmin_tree *before, irmin_tree *after,
    irmin_buf *message, irmin_error *err)
{
	(void)arg;
	(void)before;
	(void)after;
	return irmin_buf_set(message, irmin_text("Merge it"), err);
}

static irmin_rc merge(irmin_store *store, struct merging *merging,
    irmin_commit *theirs, const char *name)
{
	irmin__change change = { apply, describe, merging };
	irmin__second second = { theirs, name };
	irmin_info info = irmin_info_of("Merger <m@example.org>", NULL);

	return irmin__store_write_merge(store, &change, &second, &info, NULL);
}

static irmin_commit *head_of(irmin_store *store)
{
	irmin_commit *head = NULL;
	irmin_error err;

	if (irmin_store_head(store, &head, &err) != IRMIN_OK)
		bail("no head");
	return head;
}

static bool is_commit(irmin_commit *commit, irmin_commit *want)
{
	irmin_oid a, b;
	irmin_error err;

	if (irmin_commit_id(commit, &a, &err) < 0 ||
	    irmin_commit_id(want, &b, &err) < 0)
		bail("%s", err.text);
	return irmin_oid_compare(&a, &b) == 0;
}

static bool has_parent(irmin_commit *commit, size_t i, irmin_commit *want)
{
	irmin_commit *parent = NULL;
	bool held;

	held = irmin_commit_parent(commit, i, &parent, NULL) == IRMIN_OK &&
	    is_commit(parent, want);
	irmin_commit_unref(parent);
	return held;
}

/* Two branches with a commit each of its own. */
static void set_up(const char *uri, irmin_store **ours, irmin_store **theirs)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_error err;

	options.flags = IRMIN_OPEN_CREATE;
	if (irmin_open(uri, &options, ours, &err) < 0 ||
	    irmin_store_set(*ours, "base", irmin_text("b"), NULL, &err) < 0 ||
	    irmin_store_fork(*ours, "fork", theirs, &err) < 0 ||
	    irmin_store_set(*ours, "ours", irmin_text("o"), NULL, &err) < 0 ||
	    irmin_store_set(*theirs, "theirs", irmin_text("t"), NULL, &err) < 0)
		bail("%s", err.text);
}

static void two_parents(const char *uri)
{
	struct merging merging = { IRMIN_OK, NULL, NULL, 0 };
	irmin_commit *before, *theirs, *merged;
	irmin_store *store, *fork;
	irmin_slice said;

	set_up(uri, &store, &fork);
	before = head_of(store);
	theirs = head_of(fork);
	if (irmin_store_tree(fork, &merging.tree, NULL) < 0)
		bail("no tree");
	is_rc(merge(store, &merging, theirs, "fork"), IRMIN_OK, "%s: merge",
	    uri);
	merged = head_of(store);
	is_int(irmin_commit_parent_count(merged), 2, "two parents");
	ok(has_parent(merged, 0, before) && has_parent(merged, 1, theirs),
	    "ours first");
	said = irmin_commit_message(merged);
	is_mem(said.data, said.len, "Merge it\n", 9, "the message");
	irmin_commit_unref(before);

	merging.answer = IRMIN_ALREADY;
	is_rc(merge(store, &merging, theirs, "fork"), IRMIN_ALREADY,
	    "it is there already");
	before = head_of(store);
	ok(is_commit(before, merged), "and nothing moves");
	irmin_commit_unref(before);
	irmin_commit_unref(merged);
	irmin_commit_unref(theirs);
	irmin_tree_unref(merging.tree);
	irmin_store_close(fork);
	irmin_store_close(store);
}

static void forward(const char *uri)
{
	struct merging merging = { IRMIN_OK, NULL, NULL, 0 };
	irmin_commit *theirs, *now;
	irmin_store *store, *fork, *unborn;

	set_up(uri, &store, &fork);
	theirs = head_of(fork);
	is_rc(merge(store, &merging, theirs, "fork"), IRMIN_OK, "%s: forward",
	    uri);
	now = head_of(store);
	ok(is_commit(now, theirs), "the head is theirs");
	irmin_commit_unref(now);
	if (irmin_store_open(irmin_store_repo(store), "new", &unborn, NULL) < 0)
		bail("no store");
	is_rc(merge(unborn, &merging, theirs, "fork"), IRMIN_OK,
	    "a branch begins so");
	now = head_of(unborn);
	ok(is_commit(now, theirs), "at theirs");
	irmin_commit_unref(now);
	irmin_commit_unref(theirs);
	irmin_store_close(unborn);
	irmin_store_close(fork);
	irmin_store_close(store);
}

static void race(const char *uri)
{
	struct merging merging = { IRMIN_OK, NULL, NULL, 0 };
	irmin_commit *theirs, *moved, *merged;
	irmin_store *store, *fork;

	set_up(uri, &store, &fork);
	theirs = head_of(fork);
	merging.store = store;
	if (irmin_store_tree(fork, &merging.tree, NULL) < 0)
		bail("no tree");
	is_rc(merge(store, &merging, theirs, "fork"), IRMIN_OK, "%s: raced",
	    uri);
	is_int(merging.tries, 2, "the second try");
	merged = head_of(store);
	if (irmin_commit_parent(merged, 0, &moved, NULL) != IRMIN_OK)
		bail("no parent");
	ok(has_parent(merged, 1, theirs) &&
		irmin_slice_equal(irmin_commit_message(moved),
		    irmin_text("set moved\n")),
	    "is on the head that came in between");
	irmin_commit_unref(moved);
	irmin_commit_unref(merged);
	irmin_commit_unref(theirs);
	irmin_tree_unref(merging.tree);
	irmin_store_close(fork);
	irmin_store_close(store);
}

/* The last lines of a reflog, without what stands before the tab; and who. */
static void is_logged(const char *dir, const char *ref, const char *want)
{
	char *log, *end, *line, *tab;

	log = tap_read_file(tap_format("%s/logs/%s", dir, ref), NULL);
	if (!log)
		bail("%s has no reflog", ref);
	end = strrchr(log, '\n');
	*end = '\0';
	line = strrchr(log, '\n');
	line = line ? line + 1 : log;
	tab = strchr(line, '\t');
	is_str(tab + 1, want, "the reflog says so");
	ok(strstr(line, " Merger <m@example.org> "), "and who it was");
	free(log);
}

static void reflogs(void)
{
	struct merging merging = { IRMIN_OK, NULL, NULL, 0 };
	const char *dir = tap_format("%s/logged", tap_tmpdir());
	irmin_store *store, *fork;
	irmin_commit *theirs;

	if (tap_run(NULL,
		"git init -q --bare %s && git -C %s config "
		"core.logAllRefUpdates true",
		dir, dir) != 0)
		bail("no repository");
	set_up(tap_format("git:%s", dir), &store, &fork);
	theirs = head_of(fork);
	if (irmin_store_tree(fork, &merging.tree, NULL) < 0)
		bail("no tree");
	irmin_store_close(fork);
	merge(store, &merging, theirs, "fork");
	is_logged(dir, "refs/heads/main",
	    "merge fork: Merge made by the 'irmin' strategy.");
	merge(store, &merging, theirs, NULL);
	is_logged(dir, "refs/heads/main", "commit (merge): Merge it");
	irmin_tree_unref(merging.tree);
	merging.tree = NULL;
	merge(store, &merging, theirs, "fork");
	is_logged(dir, "refs/heads/main", "merge fork: Fast-forward");
	irmin_commit_unref(theirs);
	irmin_store_close(store);
}

int main(void)
{
	const char *git[3];
	size_t i;

	for (i = 0; i < 3; i++)
		git[i] = tap_format("git:%s/%zu", tap_tmpdir(), i);
	two_parents("mem:");
	two_parents(git[0]);
	forward("mem:");
	forward(git[1]);
	race("mem:");
	race(git[2]);
	reflogs();
	return done_testing();
}
