/* Conflicts as data: what is told of each, how they are resolved, policies; and
 * merges on a base that conflicts itself. */
#include <stdlib.h>
#include <string.h>

#include "lib/merge/tree-merge.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/merge/trees.h"

struct merged {
	irmin_repo *repo;
	irmin_tree *trees[3];
	irmin_merge_result *result;
	irmin_rc rc;
	irmin_error err;
};

static void open_trees(struct merged *merged, const char *base,
    const char *ours, const char *theirs)
{
	memset(merged, 0, sizeof *merged);
	if (irmin_repo_open("mem:", NULL, &merged->repo, &merged->err) < 0)
		bail("%s", merged->err.text);
	merged->trees[0] = trees_edit(merged->repo, NULL, base);
	merged->trees[1] = trees_edit(merged->repo, merged->trees[0], ours);
	merged->trees[2] = trees_edit(merged->repo, merged->trees[0], theirs);
}

static void merge(struct merged *merged, const irmin_merge_options *options)
{
	merged->rc = irmin_tree_merge(merged->trees[0], merged->trees[1],
	    merged->trees[2], options, &merged->result, &merged->err);
}

static void clear(struct merged *merged)
{
	size_t i;

	irmin_merge_result_free(merged->result);
	for (i = 0; i < 3; i++)
		irmin_tree_unref(merged->trees[i]);
	irmin_repo_close(merged->repo);
}

static void has(struct merged *merged, const char *words, const char *what)
{
	irmin_error err;
	irmin_tree *tree;

	if (!succeeds(irmin_merge_result_tree(merged->result, &tree, &err),
		&err, "%s: a tree", what))
		return;
	is_str(trees_words(tree), words, "%s", what);
	irmin_tree_unref(tree);
}

static irmin_conflict *find(struct merged *merged, const char *path)
{
	irmin_conflict *conflict;

	if (irmin_merge_result_find(merged->result, path, &conflict) !=
	    IRMIN_OK)
		bail("there is no conflict at %s", path);
	return conflict;
}

/* Every kind of conflict at once. */
#define BASE   "a=1 b=1 d/x=1 e=1 z=1"
#define OURS   "a=2 -b d/x=2 !e=2 f=2 g/x=2"
#define THEIRS "a=3 b=3 -d @e=3 f=3 g=3 z=3"
#define MERGED "a=2 d/x=2 !e=2 f=2 g/x=2 z=3"

/* ---- what is told ---- */

static void test_told(void)
{
	struct merged merged;
	irmin_conflict *conflict;
	irmin_pin value;
	irmin_entry entry;
	irmin_tree *sub;

	open_trees(&merged, BASE, OURS, THEIRS);
	merge(&merged, NULL);
	is_rc(merged.rc, IRMIN_ECONFLICT, "conflicts");
	ok(strstr(merged.err.text, "6 paths") != NULL, "how many: %s",
	    merged.err.text);
	is_str(merged.err.where, "a", "and where the first is");
	has(&merged, MERGED, "the partial tree");
	is_str(trees_conflicts(merged.result),
	    "content a, modify/delete b, modify/delete d/x, mode e, "
	    "add/add f, file/directory g",
	    "in order");
	is_int(irmin_merge_result_conflicts(merged.result), 6, "six");
	is_int(irmin_merge_result_left(merged.result), 6, "all are left");
	is_rc(irmin_merge_result_find(merged.result, "z", &conflict),
	    IRMIN_ABSENT, "none where it merged");
	conflict = find(&merged, "d/x");
	is_rc(irmin_conflict_entry(conflict, IRMIN_SIDE_OURS, &entry,
		  &merged.err),
	    IRMIN_OK, "an entry");
	is_int(entry.mode, IRMIN_MODE_FILE, "its mode");
	is_mem(entry.name.data, entry.name.len, "x", 1, "its name");
	is_rc(irmin_conflict_entry(conflict, IRMIN_SIDE_THEIRS, &entry,
		  &merged.err),
	    IRMIN_OK, "no entry");
	is_int(entry.mode, IRMIN_MODE_NONE, "says so");
	is_rc(irmin_conflict_value(conflict, IRMIN_SIDE_BASE, &value,
		  &merged.err),
	    IRMIN_OK, "a value");
	is_mem(value.data, value.len, "1", 1, "of the base");
	irmin_pin_release(&value);
	is_rc(irmin_conflict_value(conflict, IRMIN_SIDE_THEIRS, &value,
		  &merged.err),
	    IRMIN_ABSENT, "no value");
	is_rc(irmin_conflict_value(conflict, (irmin_side)7, &value,
		  &merged.err),
	    IRMIN_ABSENT, "no such side");
	conflict = find(&merged, "g");
	is_rc(irmin_conflict_tree(conflict, IRMIN_SIDE_OURS, &sub, &merged.err),
	    IRMIN_OK, "a directory");
	is_str(trees_words(sub), "x=2", "of ours");
	irmin_tree_unref(sub);
	is_rc(irmin_conflict_tree(conflict, IRMIN_SIDE_THEIRS, &sub,
		  &merged.err),
	    IRMIN_ABSENT, "a value is none");
	is_str(irmin_conflict_kind_name((irmin_conflict_kind)9), "?",
	    "an unknown kind");
	clear(&merged);
}

static void test_no_base(void)
{
	irmin_merge_result *result;
	struct merged merged;
	irmin_conflict *conflict;
	irmin_entry entry;
	irmin_pin value;
	irmin_tree *sub;

	open_trees(&merged, "", "a=1", "a=2");
	is_rc(irmin_tree_merge(NULL, merged.trees[1], merged.trees[2], NULL,
		  &result, &merged.err),
	    IRMIN_ECONFLICT, "no base is the empty tree");
	if (irmin_merge_result_next(result, &conflict) == IRMIN_OK) {
		is_rc(irmin_conflict_entry(conflict, IRMIN_SIDE_BASE, &entry,
			  &merged.err),
		    IRMIN_OK, "of which there are no entries");
		is_int(entry.mode, IRMIN_MODE_NONE, "none");
		is_rc(irmin_conflict_value(conflict, IRMIN_SIDE_BASE, &value,
			  &merged.err),
		    IRMIN_ABSENT, "no values");
		is_rc(irmin_conflict_tree(conflict, IRMIN_SIDE_BASE, &sub,
			  &merged.err),
		    IRMIN_ABSENT, "and no directories");
		is_rc(irmin_merge_result_take(result, conflict, IRMIN_SIDE_BASE,
			  &merged.err),
		    IRMIN_OK, "taking it");
	}
	merged.result = result;
	has(&merged, "", "removes");
	clear(&merged);
}

/* ---- resolving ---- */

static void test_resolved(void)
{
	struct merged merged;
	irmin_slice value = irmin_text("new");
	irmin_conflict *conflict;

	open_trees(&merged, BASE, OURS, THEIRS);
	merge(&merged, NULL);
	conflict = find(&merged, "a");
	is_rc(irmin_merge_result_resolve(merged.result, conflict, &value,
		  &merged.err),
	    IRMIN_OK, "by a value");
	ok(irmin_conflict_is_resolved(conflict), "it is noted");
	is_int(irmin_merge_result_left(merged.result), 5, "one less is left");
	has(&merged, "a=new d/x=2 !e=2 f=2 g/x=2 z=3", "a value");
	is_rc(irmin_merge_result_resolve(merged.result, conflict, NULL,
		  &merged.err),
	    IRMIN_OK, "again, by nothing");
	is_int(irmin_merge_result_left(merged.result), 5, "counted once");
	has(&merged, "d/x=2 !e=2 f=2 g/x=2 z=3", "nothing");
	is_rc(irmin_merge_result_take(merged.result, conflict, IRMIN_SIDE_BASE,
		  &merged.err),
	    IRMIN_OK, "again, by the base");
	is_rc(irmin_merge_result_take(merged.result, find(&merged, "b"),
		  IRMIN_SIDE_THEIRS, &merged.err),
	    IRMIN_OK, "what ours removed");
	is_rc(irmin_merge_result_take(merged.result, find(&merged, "d/x"),
		  IRMIN_SIDE_THEIRS, &merged.err),
	    IRMIN_OK, "what theirs removed");
	is_rc(irmin_merge_result_take(merged.result, find(&merged, "e"),
		  IRMIN_SIDE_THEIRS, &merged.err),
	    IRMIN_OK, "a link");
	is_rc(irmin_merge_result_take(merged.result, find(&merged, "f"),
		  IRMIN_SIDE_OURS, &merged.err),
	    IRMIN_OK, "what is there");
	is_rc(irmin_merge_result_take(merged.result, find(&merged, "g"),
		  IRMIN_SIDE_THEIRS, &merged.err),
	    IRMIN_OK, "a value for a directory");
	has(&merged, "a=1 b=3 @e=3 f=2 g=3 z=3", "all of it");
	is_rc(irmin_merge_result_take(merged.result, find(&merged, "g"),
		  IRMIN_SIDE_OURS, &merged.err),
	    IRMIN_OK, "and back");
	has(&merged, "a=1 b=3 @e=3 f=2 g/x=2 z=3", "the directory");
	is_int(irmin_merge_result_left(merged.result), 0, "none is left");
	fails(irmin_merge_result_take(merged.result, conflict, (irmin_side)3,
		  &merged.err),
	    IRMIN_EINVAL, &merged.err, "no such side");
	clear(&merged);
}

/* A marker can be taken from a side, and not be set. */
static void test_marker(void)
{
	struct merged merged;
	irmin_slice value = irmin_text("z\n");
	irmin_conflict *conflict;

	open_trees(&merged, "d/a=1", "d/.irmin=x", "d/.irmin=y");
	merge(&merged, NULL);
	conflict = find(&merged, "d/.irmin");
	fails(irmin_merge_result_resolve(merged.result, conflict, &value,
		  &merged.err),
	    IRMIN_EINVAL, &merged.err, "it is no plain value");
	ok(!irmin_conflict_is_resolved(conflict), "that resolved nothing");
	is_rc(irmin_merge_result_take(merged.result, conflict,
		  IRMIN_SIDE_THEIRS, &merged.err),
	    IRMIN_OK, "but may come from a side");
	has(&merged, "d/.irmin=y d/a=1", "the marker of theirs");
	is_rc(irmin_merge_result_take(merged.result, conflict, IRMIN_SIDE_BASE,
		  &merged.err),
	    IRMIN_OK, "which may have none");
	has(&merged, "d/a=1", "no marker");
	clear(&merged);
}

/* ---- policies and callbacks ---- */

static irmin_rc resolve_some(void *arg, irmin_merge_result *result,
    irmin_conflict *conflict, irmin_error *err)
{
	const char *path = irmin_conflict_path(conflict);
	irmin_slice value = irmin_text("called");

	++*(int *)arg;
	if (strcmp(path, "a") == 0)
		return irmin_merge_result_resolve(result, conflict, &value,
		    err);
	if (strcmp(path, "b") == 0)
		return irmin_merge_result_take(result, conflict,
		    IRMIN_SIDE_THEIRS, err);
	return IRMIN_OK;
}

static irmin_rc give_up(void *arg, irmin_merge_result *result,
    irmin_conflict *conflict, irmin_error *err)
{
	(void)result;
	(void)conflict;
	++*(int *)arg;
	(void)err;
	return IRMIN_EABORTED;
}

static void check_policy(irmin_merge_policy policy, irmin_resolve_fn resolve,
    irmin_rc rc, const char *words, size_t left)
{
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	struct merged merged;
	int called = 0;

	options.policy = policy;
	options.resolve = resolve;
	options.resolve_arg = &called;
	open_trees(&merged, BASE, OURS, THEIRS);
	merge(&merged, &options);
	is_rc(merged.rc, rc, "policy %d", (int)policy);
	is_int(called, resolve ? 6 : 0, "asked of each");
	if (ok(merged.result != NULL, "a result")) {
		has(&merged, words, "what it is");
		is_int(irmin_merge_result_left(merged.result), left,
		    "what is left");
		is_int(irmin_merge_result_conflicts(merged.result), 6,
		    "the conflicts stay to be looked at");
	}
	clear(&merged);
}

static void test_policies(void)
{
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	struct merged merged;
	int called = 0;

	check_policy(IRMIN_MERGE_FAIL, NULL, IRMIN_ECONFLICT, MERGED, 6);
	check_policy(IRMIN_MERGE_OURS, NULL, IRMIN_OK, MERGED, 0);
	check_policy(IRMIN_MERGE_THEIRS, NULL, IRMIN_OK,
	    "a=3 b=3 @e=3 f=3 g=3 z=3", 0);
	check_policy(IRMIN_MERGE_FAIL, resolve_some, IRMIN_ECONFLICT,
	    "a=called b=3 d/x=2 !e=2 f=2 g/x=2 z=3", 4);
	check_policy(IRMIN_MERGE_THEIRS, resolve_some, IRMIN_OK,
	    "a=called b=3 @e=3 f=3 g=3 z=3", 0);
	open_trees(&merged, BASE, OURS, THEIRS);
	options.resolve = give_up;
	options.resolve_arg = &called;
	merge(&merged, &options);
	is_rc(merged.rc, IRMIN_EABORTED, "a callback gives up");
	is_int(called, 1, "at once");
	ok(!merged.result, "there is no result");
	ok(strstr(merged.err.text, "given up at \"a\"") != NULL, "words: %s",
	    merged.err.text);
	options.resolve = NULL;
	options.policy = (irmin_merge_policy)3;
	merge(&merged, &options);
	is_rc(merged.rc, IRMIN_EINVAL, "no such policy");
	clear(&merged);
}

static void test_repositories(void)
{
	irmin_merge_result *result;
	struct merged here, there;

	open_trees(&here, "", "a=1", "b=1");
	open_trees(&there, "", "a=1", "b=1");
	fails(irmin_tree_merge(here.trees[0], here.trees[1], there.trees[2],
		  NULL, &result, &here.err),
	    IRMIN_EINVAL, &here.err, "trees of two repositories");
	ok(!result, "no result");
	clear(&there);
	clear(&here);
}

/* ---- a base that conflicts ---- */

static irmin_rc take_ours(void *arg, irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err)
{
	irmin_value *value;
	irmin_rc rc = IRMIN_OK;

	(void)theirs;
	if (arg)
		rc = irmin_promise_get(base, &value, err);
	if (rc >= 0)
		*result = irmin_value_ref(ours);
	return rc < 0 ? rc : IRMIN_OK;
}

/* The base is the merge of two bases that conflict, as far as it went. */
static const struct blind {
	const char *name, *bases[3], *ours, *theirs, *result, *conflicts;
} blinds[] = {
	{ "ours is as the base", { "a=1", "a=2", "a=3" }, "", "a=4", "a=2",
	    "content a" },
	{ "theirs is as the base", { "a=1", "a=2", "a=3" }, "a=4", "", "a=4",
	    "content a" },
	{ "both alike", { "a=1", "a=2", "a=3" }, "a=4", "a=4", "a=4", "" },
	{ "elsewhere", { "a=1 b=1", "a=2", "a=3" }, "a=4 b=2", "a=4 c=1 -b b=1",
	    "a=4 b=2 c=1", "" },
	{ "removed in ours", { "a=1 z=1", "a=2", "a=3" }, "-a", "", "z=1",
	    "modify/delete a" },
	{ "removed in theirs", { "a=1 z=1", "a=2", "a=3" }, "", "-a", "a=2 z=1",
	    "modify/delete a" },
	{ "removed in both", { "a=1 z=1", "a=2", "a=3" }, "-a", "-a y=1",
	    "y=1 z=1", "" },
	{ "below", { "d/a=1 d/b=1", "d/a=2", "d/a=3" }, "d/b=2", "d/a=4",
	    "d/a=2 d/b=2", "content d/a" },
	{ "below what is alike", { "d/a=1 d/b=1", "d/a=2", "d/a=3" }, "z=1",
	    "d/b=2", "d/a=2 d/b=2 z=1", "" },
	{ "a directory is gone", { "d/a=1 d/b=1 z=1", "d/a=2", "d/a=3" }, "-d",
	    "d/b=2", "z=1", "modify/delete d/a, modify/delete d/b" },
	{ "two of them",
	    { "d/a=1 d/a-=1 e=1", "d/a=2 d/a-=2 e=2", "d/a=3 d/a-=3 e=3" },
	    "d/a=4", "d/a-=5 e=6", "d/a=4 d/a-=2 e=2",
	    "content d/a, content d/a-, content e" },
	{ "a value and a directory", { "z=1", "d=1", "d/a=1" }, "-d d/a=1",
	    "-d d/a=2 d/b=1", "d/a=1 z=1", "content d/a, modify/delete d/b" },
	{ "the same, other way", { "z=1", "d=1", "d/a=1" }, "", "-d d/a=2",
	    "d=1 z=1", "file/directory d" },
	{ "types that do not ask", { "o/a=1", "o/a=2", "o/a=3" }, "o/a=4",
	    "o/a=5", "o/a=4", "" },
	{ "types that ask", { "q/a=1", "q/a=2", "q/a=3" }, "q/a=4", "q/a=5",
	    "q/a=4", "content q/a" },
};

static void add_rules(irmin_repo *repo)
{
	static int asks;
	irmin_error err;

	if (irmin_repo_rule(repo, "o/**",
		irmin_contents_bytes(irmin_merge_new(take_ours, NULL, NULL)),
		&err) < 0 ||
	    irmin_repo_rule(repo, "q/**",
		irmin_contents_bytes(irmin_merge_new(take_ours, &asks, NULL)),
		&err) < 0)
		bail("%s", err.text);
}

static void check_blind(const struct blind *blind)
{
	irmin__conflict_paths paths = { NULL, 0, 0 };
	struct merged bases, merged;
	irmin_tree *base;

	open_trees(&bases, blind->bases[0], blind->bases[1], blind->bases[2]);
	merge(&bases, NULL);
	if (irmin_merge_result_tree(bases.result, &base, &bases.err) < 0 ||
	    irmin__merge_result_paths(bases.result, &paths, &bases.err) < 0)
		bail("%s", bases.err.text);
	add_rules(bases.repo);
	memset(&merged, 0, sizeof merged);
	merged.trees[1] = trees_edit(bases.repo, base, blind->ours);
	merged.trees[2] = trees_edit(bases.repo, base, blind->theirs);
	merged.rc = irmin__merge_trees(bases.repo, NULL, base, &paths,
	    merged.trees[1], merged.trees[2], &merged.result, &merged.err);
	is_rc(merged.rc, *blind->conflicts ? IRMIN_ECONFLICT : IRMIN_OK, "%s",
	    blind->name);
	if (merged.result) {
		has(&merged, blind->result, blind->name);
		is_str(trees_conflicts(merged.result), blind->conflicts,
		    "%s: conflicts", blind->name);
	}
	clear(&merged);
	irmin__conflict_paths_clear(&paths);
	irmin_tree_unref(base);
	clear(&bases);
}

/* ---- memory ---- */

static irmin_rc resolve_all(void *arg, irmin_error *err)
{
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	irmin__conflict_paths paths = { NULL, 0, 0 };
	struct merged *merged = arg;
	irmin_merge_result *result;
	irmin_rc rc;

	options.policy = IRMIN_MERGE_THEIRS;
	rc = irmin_tree_merge(merged->trees[0], merged->trees[1],
	    merged->trees[2], NULL, &result, err);
	if (rc == IRMIN_ECONFLICT)
		rc = irmin__merge_result_paths(result, &paths, err);
	if (rc >= 0)
		rc = irmin__merge_result_settle(result, &options, err);
	irmin__conflict_paths_clear(&paths);
	irmin_merge_result_free(result);
	return rc;
}

static void test_memory(void)
{
	struct merged merged;

	open_trees(&merged, BASE, OURS, THEIRS);
	ok(alloc_fault_sweep("conflicts", resolve_all, &merged) > 10,
	    "they allocate");
	clear(&merged);
}

int main(void)
{
	size_t i;

	test_told();
	test_no_base();
	test_resolved();
	test_marker();
	test_policies();
	test_repositories();
	for (i = 0; i < sizeof blinds / sizeof *blinds; i++)
		check_blind(&blinds[i]);
	test_memory();
	return done_testing();
}
