/* Merges of branches: what moves and what does not, in memory and on disk. */
#include <irmin/branch.h>
#include <irmin/store-merge.h>

#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/merge/branches.h"
#include "tests/unit/merge/trees.h"

static bool is_same(irmin_commit *a, irmin_commit *b)
{
	irmin_oid x, y;

	if (irmin_commit_id(a, &x, NULL) < 0 ||
	    irmin_commit_id(b, &y, NULL) < 0)
		bail("no id");
	return irmin_oid_compare(&x, &y) == 0;
}

static bool has_parents(irmin_commit *commit, irmin_commit *ours,
    irmin_commit *theirs)
{
	irmin_commit *first = NULL, *second = NULL;
	bool held = irmin_commit_parent_count(commit) == 2 &&
	    irmin_commit_parent(commit, 0, &first, NULL) == IRMIN_OK &&
	    irmin_commit_parent(commit, 1, &second, NULL) == IRMIN_OK &&
	    is_same(first, ours) && is_same(second, theirs);

	irmin_commit_unref(first);
	irmin_commit_unref(second);
	return held;
}

/* ---- what a merge ends in ---- */

static void clean(const char *uri)
{
	struct branches both = branches_open(uri, "a=1 b=1", "a=2", "b=2");
	irmin_commit *ours = branches_head(both.main),
		     *theirs = branches_head(both.fork);
	irmin_commit *merged, *now;
	irmin_merge_result *result;
	irmin_error err;

	succeeds(irmin_store_merge(both.main, both.fork, NULL, &result, &err),
	    &err, "%s: merge", uri);
	is_str(branches_words(both.main), "a=2 b=2", "both changes");
	is_str(branches_words(both.fork), "a=1 b=2", "on one branch");
	merged = branches_head(both.main);
	ok(has_parents(merged, ours, theirs), "ours is the first parent");
	branches_says(both.main, "Merge branch 'fork' into main\n");
	is_int(irmin_merge_result_conflicts(result), 0, "nothing to tell");
	is_rc(irmin_merge_result_commit(result, NULL, &err), IRMIN_EINVAL,
	    "it is committed");
	irmin_merge_result_free(result);

	is_rc(irmin_store_merge(both.main, both.fork, NULL, &result, &err),
	    IRMIN_ALREADY, "again: it is there");
	ok(!result, "no result");
	is_rc(irmin_store_merge(both.main, both.main, NULL, NULL, &err),
	    IRMIN_ALREADY, "itself is there too");
	is_rc(irmin_store_merge(both.fork, both.main, NULL, &result, &err),
	    IRMIN_OK, "the other way round");
	ok(!result, "is no merge");
	now = branches_head(both.fork);
	ok(is_same(now, merged), "the head goes forward");
	irmin_commit_unref(now);
	irmin_commit_unref(merged);
	irmin_commit_unref(ours);
	irmin_commit_unref(theirs);
	branches_close(&both);
}

static void no_forward(const char *uri)
{
	struct branches both = branches_open(uri, "a=1", NULL, "a=2");
	irmin_commit *ours = branches_head(both.main),
		     *theirs = branches_head(both.fork);
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	irmin_commit *merged;
	irmin_error err;

	options.flags = IRMIN_MERGE_NO_FF;
	options.info = irmin_info_of("B <b@example.org>", "with words");
	options.info.size = 0;
	succeeds(irmin_store_merge(both.main, both.fork, &options, NULL, &err),
	    &err, "%s: no fast-forward", uri);
	merged = branches_head(both.main);
	ok(has_parents(merged, ours, theirs), "but a merge");
	ok(irmin_slice_equal(irmin_commit_author(merged).name, irmin_text("B")),
	    "by who says so");
	branches_says(both.main, "with words\n");
	is_str(branches_words(both.main), "a=2", "of theirs");
	irmin_commit_unref(merged);
	irmin_commit_unref(ours);
	irmin_commit_unref(theirs);
	branches_close(&both);
}

/* A branch without a commit has nothing to merge, and begins with what is merged
 * into it. */
static void unborn(const char *uri)
{
	struct branches both = branches_open(uri, "a=1", NULL, "a=2");
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	irmin_store *new;
	irmin_error err;

	options.flags = IRMIN_MERGE_NO_FF;
	if (irmin_store_open(irmin_store_repo(both.main), "new", &new, &err) <
	    0)
		bail("%s", err.text);
	is_rc(irmin_store_merge(both.main, new, NULL, NULL, &err),
	    IRMIN_ALREADY, "%s: of nothing", uri);
	is_rc(irmin_store_merge(new, both.fork, &options, NULL, &err), IRMIN_OK,
	    "into nothing");
	is_str(branches_words(new), "a=2", "all of it");
	irmin_store_close(new);
	branches_close(&both);
}

static void by_commit(const char *uri)
{
	struct branches both = branches_open(uri, "a=1 b=1", "a=2", "b=2");
	irmin_commit *theirs = branches_head(both.fork);
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_store *detached;
	irmin_error err;
	irmin_oid id;

	if (irmin_store_at(irmin_store_repo(both.main), "main", &detached,
		&err) < 0)
		bail("%s", err.text);
	succeeds(irmin_store_merge_commit(detached, theirs, NULL, NULL, &err),
	    &err, "%s: into a detached head", uri);
	is_str(branches_words(detached), "a=2 b=2", "it moves");
	is_str(branches_words(both.main), "a=2 b=1", "and no branch does");
	if (irmin_commit_id(theirs, &id, &err) < 0)
		bail("%s", err.text);
	branches_says(detached,
	    tap_format("Merge commit '%s' into HEAD\n",
		irmin_oid_hex(&id, hex)));
	irmin_store_close(detached);
	irmin_commit_unref(theirs);
	branches_close(&both);
}

/* ---- conflicts ---- */

static irmin_merge_result *conflict(const struct branches *both)
{
	irmin_commit *before = branches_head(both->main), *after;
	irmin_merge_result *result;
	irmin_error err;

	fails(irmin_store_merge(both->main, both->fork, NULL, &result, &err),
	    IRMIN_ECONFLICT, &err, "both changed it");
	if (!result)
		bail("no result");
	after = branches_head(both->main);
	ok(is_same(before, after), "nothing moves");
	irmin_commit_unref(before);
	irmin_commit_unref(after);
	return result;
}

static void resolved(const char *uri)
{
	struct branches both = branches_open(uri, "a=1 b=1 c=1", "a=2 c=2",
	    "a=3 b=3 c=3");
	irmin_commit *ours = branches_head(both.main),
		     *theirs = branches_head(both.fork);
	irmin_merge_result *result = conflict(&both);
	irmin_commit *merged;
	irmin_error err;

	is_str(trees_conflicts(result), "content a, content c", "%s", uri);
	branches_resolve(result, "a", "23");
	fails(irmin_merge_result_commit(result, NULL, &err), IRMIN_ECONFLICT,
	    &err, "one is left");
	branches_resolve(result, "c", "32");
	succeeds(irmin_merge_result_commit(result, NULL, &err), &err,
	    "all are resolved");
	is_str(branches_words(both.main), "a=23 b=3 c=32", "as they were");
	branches_says(both.main, "Merge branch 'fork' into main\n");
	merged = branches_head(both.main);
	ok(has_parents(merged, ours, theirs), "into a merge");
	fails(irmin_merge_result_commit(result, NULL, &err), IRMIN_ESTALE, &err,
	    "but once");
	irmin_merge_result_free(result);
	irmin_commit_unref(merged);
	irmin_commit_unref(ours);
	irmin_commit_unref(theirs);
	branches_close(&both);
}

static void moved(const char *uri)
{
	struct branches both = branches_open(uri, "a=1", "a=2", "a=3");
	irmin_merge_result *result = conflict(&both);
	irmin_error err;

	branches_resolve(result, "a", "4");
	branches_change(both.main, "b=1");
	fails(irmin_merge_result_commit(result, NULL, &err), IRMIN_ESTALE, &err,
	    "%s: the head has moved since", uri);
	is_str(branches_words(both.main), "a=2 b=1", "and stays");
	irmin_merge_result_free(result);
	branches_close(&both);
}

/* Moves the branch under the merge that asks it, the first time. */
static irmin_rc move_and_take(void *arg, irmin_merge_result *result,
    irmin_conflict *conflict, irmin_error *err)
{
	struct branches *both = arg;
	char *words = strstr(branches_words(both->main), "moved");

	if (!words)
		branches_change(both->main, "moved=1");
	return irmin_merge_result_take(result, conflict, IRMIN_SIDE_THEIRS,
	    err);
}

static irmin_rc give_up(void *arg, irmin_merge_result *result,
    irmin_conflict *conflict, irmin_error *err)
{
	(void)arg;
	(void)result;
	return irmin_error_set(err, IRMIN_EABORTED, NULL, "no more of %s",
	    irmin_conflict_path(conflict));
}

static void callbacks(const char *uri)
{
	struct branches both = branches_open(uri, "a=1", "a=2", "a=3");
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	irmin_merge_result *result;
	irmin_error err;

	options.resolve = give_up;
	is_rc(irmin_store_merge(both.main, both.fork, &options, &result, &err),
	    IRMIN_EABORTED, "%s: a callback gives up", uri);
	ok(!result, "and there is no result");
	is_str(err.text, "no more of a", "but its words");
	options.resolve = move_and_take;
	options.resolve_arg = &both;
	succeeds(irmin_store_merge(both.main, both.fork, &options, &result,
		     &err),
	    &err, "the branch moves meanwhile");
	is_str(branches_words(both.main), "a=3 moved=1",
	    "and is merged as it is");
	is_int(irmin_merge_result_conflicts(result), 1, "what was resolved");
	irmin_merge_result_free(result);
	branches_close(&both);
}

static irmin_rc always_move(void *arg, irmin_merge_result *result,
    irmin_conflict *conflict, irmin_error *err)
{
	struct branches *both = arg;

	branches_change(both->main, tap_format("moved=%p", (void *)result));
	branches_change(both->main, "-moved");
	return irmin_merge_result_take(result, conflict, IRMIN_SIDE_OURS, err);
}

static void impatient(const char *uri)
{
	struct branches both = branches_open(uri, "a=1", "a=2", "a=3");
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	irmin_merge_result *result;
	irmin_error err;

	options.resolve = always_move;
	options.resolve_arg = &both;
	options.info.retries = 3;
	fails(irmin_store_merge(both.main, both.fork, &options, &result, &err),
	    IRMIN_ESTALE, &err, "%s: a branch that always moves", uri);
	ok(!result, "no result");
	is_str(branches_words(both.main), "a=2", "and no merge");
	branches_close(&both);
}

static void of_others(void)
{
	struct branches both = branches_open("mem:", "a=1", "a=2", "a=3");
	struct branches other = branches_open("mem:", "a=1", "a=2", "a=3");
	irmin_error err;

	fails(irmin_store_merge(both.main, other.fork, NULL, NULL, &err),
	    IRMIN_EINVAL, &err, "a branch of another repository");
	branches_close(&other);
	branches_close(&both);
}

/* ---- without memory ---- */

/* Into a detached head, which forgets it. */
static irmin_rc merge_once(void *arg, irmin_error *err)
{
	const struct branches *both = arg;
	irmin_slice value = irmin_text("4");
	irmin_merge_result *result = NULL;
	irmin_store *into = NULL;
	irmin_conflict *found;
	irmin_rc rc;

	rc = irmin_store_at(irmin_store_repo(both->main), "main", &into, err);
	if (rc >= 0)
		rc = irmin_store_merge(into, both->fork, NULL, &result, err);
	if (rc == IRMIN_ECONFLICT) {
		rc = irmin_merge_result_next(result, &found);
		if (rc >= 0)
			rc = irmin_merge_result_resolve(result, found, &value,
			    err);
		if (rc >= 0)
			rc = irmin_merge_result_commit(result, NULL, err);
	}
	irmin_merge_result_free(result);
	irmin_store_close(into);
	return rc;
}

static void sweeps(void)
{
	static const char *const theirs[] = { "b=2", "a=3" };
	struct branches both;
	irmin_error err;
	size_t i;

	for (i = 0; i < 2; i++) {
		both = branches_open("mem:", "a=1 b=1", "a=2", theirs[i]);
		succeeds(merge_once(&both, &err), &err, "theirs: %s",
		    theirs[i]);
		alloc_fault_sweep(theirs[i], merge_once, &both);
		branches_close(&both);
	}
}

static const char *fresh(void)
{
	static int count;

	return tap_format("git:%s/%d", tap_tmpdir(), count++);
}

int main(void)
{
	static void (*const tests[])(const char *uri) = { clean, no_forward,
		unborn, by_commit, resolved, moved, callbacks, impatient };
	size_t i;

	for (i = 0; i < sizeof tests / sizeof *tests; i++) {
		tests[i]("mem:");
		tests[i](fresh());
	}
	of_others();
	sweeps();
	return done_testing();
}
