/* Three-way merges of trees, row by row of their table. */
#include "tests/unit/merge/trees.h"

#include <string.h>

#include "tests/support/tap.h"

/* Ours and theirs are edits of base; what a side has at the path of a conflict
 * is ours. */
static const struct row {
	const char *name, *base, *ours, *theirs, *result, *conflicts;
} rows[] = {
	/* one side, or both alike */
	{ "nobody", "a=1", "", "", "a=1", "" },
	{ "ours", "a=1 b=1", "a=2", "", "a=2 b=1", "" },
	{ "theirs", "a=1 b=1", "", "a=2", "a=2 b=1", "" },
	{ "both, elsewhere", "a=1 b=1", "a=2", "b=2", "a=2 b=2", "" },
	{ "both, alike", "a=1 b=1", "a=2 b=2", "a=2", "a=2 b=2", "" },
	{ "both add alike", "z=1", "a=2 b=1", "a=2", "a=2 b=1 z=1", "" },
	{ "both remove", "a=1 b=1 c=1", "-a", "-a c=2", "b=1 c=2", "" },
	{ "ours removes", "a=1 b=1", "-a", "b=2", "b=2", "" },
	{ "theirs removes", "a=1 b=1", "b=2", "-a", "b=2", "" },
	{ "both remove all", "a=1 b=1", "-a", "-b", "", "" },
	/* directories */
	{ "in one directory", "d/a=1 d/b=1 e=1", "d/a=2", "d/b=2 f/g=1",
	    "d/a=2 d/b=2 e=1 f/g=1", "" },
	{ "a directory goes", "d/a=1 d/b=1 e=1", "e=2", "-d", "e=2", "" },
	{ "a directory goes here", "d/a=1 d/b=1 e=1", "-d", "e=2", "e=2", "" },
	{ "a directory goes by halves", "d/a=1 d/b=1 e=1", "-d/a", "-d/b",
	    "e=1", "" },
	{ "gone and added to", "d/a=1 e=1", "-d", "d/b=1", "d/b=1 e=1", "" },
	{ "added to and gone", "d/a=1 e=1", "d/b=1", "-d", "d/b=1 e=1", "" },
	{ "gone and changed", "d/a=1 d/b=1 e=1", "-d", "d/a=2", "e=1",
	    "modify/delete d/a" },
	{ "changed and gone", "d/a=1 d/b=1 e=1", "d/a=2", "-d", "d/a=2 e=1",
	    "modify/delete d/a" },
	{ "deep", "a/b/c/d=1 a/b/e=1 f=1", "a/b/c/d=2", "a/b/e=2 a/g=1",
	    "a/b/c/d=2 a/b/e=2 a/g=1 f=1", "" },
	{ "no base", "", "a=1 d/x=1", "b=1 d/y=1", "a=1 b=1 d/x=1 d/y=1", "" },
	/* a name of two kinds */
	{ "a value becomes a directory", "a=1 b=1", "b=2", "-a a/x=1",
	    "a/x=1 b=2", "" },
	{ "a directory becomes a value", "a/x=1 b=1", "b=2", "-a a=1",
	    "a=1 b=2", "" },
	{ "ours becomes a directory", "a=1 b=1", "-a a/x=1", "b=2", "a/x=1 b=2",
	    "" },
	{ "both become a directory", "a=1", "-a a/x=1", "-a a/y=1",
	    "a/x=1 a/y=1", "" },
	{ "with names between", "a=1 a-=1 a.=1 b=1", "b=2", "-a a/x=1 a.=2",
	    "a-=1 a.=2 a/x=1 b=2", "" },
	{ "a value goes, a directory comes", "a=1 b=1", "-a a/x=1", "-a b=2",
	    "a/x=1 b=2", "" },
	{ "a directory goes, a value comes", "a/x=1 b=1", "-a b=2", "-a a=2",
	    "a=2 b=2", "" },
	/* conflicts */
	{ "both change", "a=1 b=1", "a=2", "a=3 b=2", "a=2 b=2", "content a" },
	{ "both add", "z=1", "a=2", "a=3", "a=2 z=1", "add/add a" },
	{ "ours changes, theirs removes", "a=1 b=1", "a=2", "-a", "a=2 b=1",
	    "modify/delete a" },
	{ "theirs changes, ours removes", "a=1 b=1", "-a", "a=2", "b=1",
	    "modify/delete a" },
	{ "value and directory", "z=1", "a=1", "a/x=1", "a=1 z=1",
	    "file/directory a" },
	{ "directory and value", "z=1", "a/x=1", "a=1", "a/x=1 z=1",
	    "file/directory a" },
	{ "changed and turned", "a=1", "a=2", "-a a/x=1", "a=2",
	    "file/directory a" },
	{ "turned and changed", "d/x=1 d/y=1", "-d d=1", "d/x=2", "d=1",
	    "file/directory d" },
	{ "two directories", "a/x=1 b/x=1", "a/x=2 b/x=2", "a/x=3 b/x=3",
	    "a/x=2 b/x=2", "content a/x, content b/x" },
	{ "in git's order", "a=1 a.=1 a-/b=1", "a=2 a.=2 a-/b=2",
	    "a=3 a.=3 a-/b=3", "a=2 a-/b=2 a.=2",
	    "content a, content a-/b, content a." },
	/* modes */
	{ "mode and contents", "a=1", "!a=1", "a=2", "!a=2", "" },
	{ "contents and mode", "a=1", "a=2", "!a=1", "!a=2", "" },
	{ "modes of both", "a=1", "!a=1", "!a=1", "!a=1", "" },
	{ "added with two modes", "z=1", "a=1", "!a=1", "a=1 z=1", "mode a" },
	{ "link and file", "z=1", "@a=1", "a=1", "@a=1 z=1", "mode a" },
	{ "links", "@a=1", "@a=2", "@a=3", "@a=2", "content a" },
	{ "a link of theirs", "@a=1 b=1", "b=2", "@a=3", "@a=3 b=2", "" },
	{ "gitlinks", "%a=1", "%a=2", "%a=3", "%a=2", "mode a" },
	{ "a gitlink of theirs", "%a=1 b=1", "b=2", "%a=3", "%a=3 b=2", "" },
	{ "gitlink and value", "z=1", "%a=1", "a=1", "%a=1 z=1", "mode a" },
	{ "changed gitlink and none", "%a=1 b=1", "%a=2", "-a", "%a=2 b=1",
	    "modify/delete a" },
};

static void read_again(irmin_repo *repo, irmin_tree **tree)
{
	irmin_error err;
	irmin_oid id;

	if (irmin_tree_write(*tree, &id, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(*tree);
	if (irmin_tree_get(repo, &id, tree, &err) < 0)
		bail("%s", err.text);
}

/* Merges, and compares with what is wanted; the ids of what comes in memory are
 * unknown, and what is stored is only its ids. */
static void check_row(irmin_repo *repo, const struct row *row, int stored)
{
	irmin_tree *base = trees_edit(repo, NULL, row->base);
	irmin_tree *ours = trees_edit(repo, base, row->ours);
	irmin_tree *theirs = trees_edit(repo, base, row->theirs);
	irmin_merge_result *result;
	irmin_tree *merged = NULL;
	irmin_error err;

	if (stored) {
		read_again(repo, &base);
		read_again(repo, &ours);
		read_again(repo, &theirs);
	}
	is_rc(irmin_tree_merge(base, ours, theirs, NULL, &result, &err),
	    *row->conflicts ? IRMIN_ECONFLICT : IRMIN_OK, "%s", row->name);
	if (result &&
	    succeeds(irmin_merge_result_tree(result, &merged, &err), &err,
		"%s: a tree", row->name)) {
		is_str(trees_words(merged), row->result, "%s: what it is",
		    row->name);
		is_str(trees_conflicts(result), row->conflicts,
		    "%s: what conflicts", row->name);
	}
	irmin_tree_unref(merged);
	irmin_merge_result_free(result);
	irmin_tree_unref(theirs);
	irmin_tree_unref(ours);
	irmin_tree_unref(base);
}

static void check_rows(const char *uri, int stored)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo;
	irmin_error err;
	size_t i;

	options.flags = stored ? IRMIN_OPEN_CREATE : 0;
	if (irmin_repo_open(uri, &options, &repo, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(repo, &rows[i], stored);
	irmin_repo_close(repo);
}

int main(void)
{
	check_rows("mem:", 0);
	check_rows(tap_format("git:%s/repo", tap_tmpdir()), 1);
	return done_testing();
}
