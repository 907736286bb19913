/* Directories of a type: their markers, who merges them, and when they are merged
 * name by name after all. */
#include <string.h>

#include <irmin/alloc.h>
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/merge/trees.h"

enum deed {
	PILE,
	CONFLICT,
	FAIL,
	FAIL_SILENTLY,
	NO_TREE,
	FOREIGN,
	EMPTY,
	OURS
};

static struct scene {
	enum deed deed;
	int called;
	const char *saw; /* what the three sides had */
	irmin_tree *foreign;
} scene;

static irmin_rc decode(void *arg, irmin_slice bytes, irmin_value **value,
    irmin_error *err)
{
	(void)arg;
	return irmin_value_of_bytes(bytes, value, err);
}

static irmin_rc encode(void *arg, const irmin_value *value, irmin_buf *bytes,
    irmin_error *err)
{
	(void)arg;
	return irmin_buf_append(bytes, irmin_value_bytes(value), err);
}

/* Ours with one value more. */
static irmin_rc pile(irmin_tree *ours, irmin_tree **result, irmin_error *err)
{
	irmin_edit *edit;
	irmin_rc rc = irmin_edit_new(ours, &edit, err);

	if (rc >= 0)
		rc = irmin_edit_set(edit, "piled", irmin_text("1"), err);
	if (rc >= 0)
		rc = irmin_edit_tree(edit, result, err);
	irmin_edit_free(edit);
	return rc;
}

static irmin_rc merge_pile(void *arg, irmin_tree *base, irmin_tree *ours,
    irmin_tree *theirs, irmin_tree **result, irmin_error *err)
{
	(void)arg;
	scene.called++;
	if (scene.saw)
		scene.saw = tap_format("%s | %s | %s",
		    base ? trees_words(base) : "none", trees_words(ours),
		    trees_words(theirs));
	switch (scene.deed) {
	case CONFLICT:
		return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
		    "the piles are too high");
	case FAIL:
		return irmin_error_set(err, IRMIN_EIO, NULL, "it fell");
	case FAIL_SILENTLY:
		return IRMIN_EABORTED;
	case NO_TREE:
		return IRMIN_OK;
	case FOREIGN:
		*result = irmin_tree_ref(scene.foreign);
		return IRMIN_OK;
	case OURS:
		*result = irmin_tree_ref(ours);
		return IRMIN_OK;
	case EMPTY:
	case PILE:
		break;
	}
	if (scene.deed == PILE)
		return pile(ours, result, err);
	return irmin_tree_find_tree(theirs, "nothing", result, err);
}

static irmin_contents *pile_type(const char *name)
{
	irmin_contents_class cls = { .size = sizeof cls,
		.name = name,
		.decode = decode,
		.encode = encode,
		.merge_tree = merge_pile };

	return irmin_contents_new(&cls, irmin_merge_default(), NULL, NULL);
}

static irmin_repo *open_repo(void)
{
	irmin_contents *plain = irmin_contents_bytes(irmin_merge_default());
	irmin_repo *repo;
	irmin_error err;

	if (irmin_repo_open("mem:", NULL, &repo, &err) < 0 ||
	    irmin_repo_add_type(repo, pile_type("pile"), &err) < 0 ||
	    irmin_repo_add_type(repo, plain, &err) < 0)
		bail("%s", err.text);
	return repo;
}

/* ---- markers ---- */

static void test_markers(void)
{
	irmin_repo *repo = open_repo();
	irmin_tree *tree = trees_edit(repo, NULL, "d/a=1"), *marked;
	char line[256];
	irmin_edit *edit;
	irmin_error err;

	if (irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	memset(line, 'x', sizeof line);
	succeeds(irmin_edit_set_type(edit, "d", irmin_text("pile 1 16"), &err),
	    &err, "a directory is marked");
	is_rc(irmin_edit_set_type(edit, "/d/", irmin_text("pile 1 16"), &err),
	    IRMIN_UNCHANGED, "once");
	succeeds(irmin_edit_set_type(edit, "n/m", irmin_text("pile"), &err),
	    &err, "one that is not there is made");
	is_rc(irmin_edit_set_type(edit, "n", irmin_text(""), &err),
	    IRMIN_UNCHANGED, "no mark to take away");
	succeeds(irmin_edit_set_type(edit, "x", irmin_bytes(line, 254), &err),
	    &err, "a line of 254 bytes");
	fails(irmin_edit_set_type(edit, "x", irmin_bytes(line, 255), &err),
	    IRMIN_EINVAL, &err, "and no more");
	succeeds(irmin_edit_set_type(edit, "x", irmin_text(""), &err), &err,
	    "with its mark an empty directory goes");
	fails(irmin_edit_set_type(edit, "d", irmin_text("a\nb"), &err),
	    IRMIN_EINVAL, &err, "two lines");
	fails(irmin_edit_set_type(edit, "d", irmin_text(" a"), &err),
	    IRMIN_EINVAL, &err, "no type in front");
	fails(irmin_edit_set(edit, "d/.irmin", irmin_text("pile"), &err),
	    IRMIN_EINVAL, &err, "a plain write");
	fails(irmin_edit_remove(edit, "d/.irmin", &err), IRMIN_EINVAL, &err,
	    "a plain removal");
	fails(irmin_edit_move(edit, "d/.irmin", "e", &err), IRMIN_EINVAL, &err,
	    "a move");
	if (irmin_edit_tree(edit, &marked, &err) < 0)
		bail("%s", err.text);
	is_str(trees_words(marked),
	    "d/.irmin=pile 1 16\n d/a=1 n/m/.irmin=pile\n", "what it is");
	succeeds(irmin_edit_set_type(edit, "", irmin_text("pile"), &err), &err,
	    "the root, too");
	irmin_tree_unref(marked);
	irmin_edit_free(edit);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

/* ---- merging ---- */

#define MARK "d/.irmin=pile "

static const struct row {
	const char *name;
	enum deed deed;
	const char *base, *ours, *theirs;
	int called;
	const char *result, *conflicts;
	const char *words; /* that the first conflict has */
} rows[] = {
	{ "both changed", PILE, MARK "d/a=1 d/b=1", "d/a=2", "d/b=2", 1,
	    "d/.irmin=pile d/a=2 d/b=1 d/piled=1", "", "" },
	{ "no base", PILE, "z=1", MARK "d/a=2", MARK "d/b=2", 1,
	    "d/.irmin=pile d/a=2 d/piled=1 z=1", "", "" },
	{ "with others", PILE, MARK "e/a=1 e/b=1", "d/a=2 e/a=2", "d/b=2 e/b=2",
	    1, "d/.irmin=pile d/a=2 d/piled=1 e/a=2 e/b=2", "", "" },
	{ "inside another", PILE, "x/d/.irmin=pile x/d/a=1", "x/d/a=2 x/e=1",
	    "x/d/a=3 x/f=1", 1,
	    "x/d/.irmin=pile x/d/a=2 x/d/piled=1 x/e=1 x/f=1", "", "" },
	{ "ours only", PILE, MARK "z=1", "d/a=2", "z=2", 0,
	    "d/.irmin=pile d/a=2 z=2", "", "" },
	{ "theirs only", PILE, MARK "z=1", "z=2", "d/a=2", 0,
	    "d/.irmin=pile d/a=2 z=2", "", "" },
	{ "theirs and back", PILE, MARK "d/a=1", "d/b=2", "d/a=2 d/a=1", 0,
	    "d/.irmin=pile d/a=1 d/b=2", "", "" },
	{ "ours and back", PILE, MARK "d/a=1", "d/a=2 d/a=1", "d/b=2", 0,
	    "d/.irmin=pile d/a=1 d/b=2", "", "" },
	{ "both alike", PILE, MARK "d/a=1", "d/a=2 z=1", "d/a=2 y=1", 0,
	    "d/.irmin=pile d/a=2 y=1 z=1", "", "" },
	{ "nothing new", OURS, MARK "d/a=1", "d/a=2", "d/b=2", 1,
	    "d/.irmin=pile d/a=2", "", "" },
	{ "the root", PILE, ".irmin=pile a=1", "a=2", "b=2", 1,
	    ".irmin=pile a=2 piled=1", "", "" },
	{ "a conflict", CONFLICT, MARK "d/a=1", "d/a=2 z=1", "d/b=2 y=1", 1,
	    "d/.irmin=pile d/a=2 y=1 z=1", "content d",
	    "the piles are too high" },
	{ "at the root", CONFLICT, ".irmin=pile a=1", "a=2", "b=2", 1,
	    ".irmin=pile a=2", "content ", "the piles are too high" },
	{ "gone in ours", PILE, MARK "d/a=1 z=1", "-d", "d/a=2", 0, "z=1",
	    "modify/delete d", "ours removed the directory" },
	{ "gone in theirs", PILE, MARK "d/a=1 z=1", "d/a=2", "-d", 0,
	    "d/.irmin=pile d/a=2 z=1", "modify/delete d", "theirs removed it" },
	{ "gone, unchanged", PILE, MARK "d/a=1 z=1", "z=2", "-d", 0, "z=2", "",
	    "" },
	/* name by name */
	{ "a mark less in theirs", PILE, MARK "d/a=1", "d/a=2",
	    "d/a=3 -d/.irmin", 0, "d/a=2", "content d/a",
	    "the markers of its directory differ" },
	{ "none in the base", PILE, "d/a=1", MARK "d/a=2", MARK "d/a=3", 0,
	    "d/.irmin=pile d/a=2", "content d/a",
	    "the markers of its directory differ" },
	{ "another mark", PILE, MARK "d/a=1 d/b=1", "d/a=2",
	    "d/b=2 d/.irmin=heap", 0, "d/.irmin=heap d/a=2 d/b=2", "", "" },
	{ "two other marks", PILE, MARK "d/a=1", "d/.irmin=x", "d/.irmin=y", 0,
	    "d/.irmin=x d/a=1", "content d/.irmin",
	    "the markers of its directory differ" },
	{ "a mode", PILE, "!d/.irmin=pile d/a=1", "d/a=2", "d/a=3", 0,
	    "!d/.irmin=pile d/a=2", "content d/a",
	    "the markers of its directory differ" },
	{ "an unknown type", PILE, "d/.irmin=heap d/a=1 d/e/a=1",
	    "d/a=2 d/e/a=2", "d/a=3 d/e/a=3", 0, "d/.irmin=heap d/a=2 d/e/a=2",
	    "content d/a, content d/e/a",
	    "the type of its directory is not known here" },
	{ "a type of values", PILE, "d/.irmin=bytes d/a=1", "d/a=2", "d/a=3", 0,
	    "d/.irmin=bytes d/a=2", "content d/a",
	    "the type of its directory is not known here" },
	{ "two lines", PILE, "d/.irmin=pile\nx d/a=1", "d/a=2", "d/a=3", 0,
	    "d/.irmin=pile\nx d/a=2", "content d/a",
	    "the marker of its directory is malformed" },
	{ "no word", PILE, "d/.irmin=\n d/a=1", "d/a=2", "d/a=3", 0,
	    "d/.irmin=\n d/a=2", "content d/a",
	    "the marker of its directory is malformed" },
	{ "no mark elsewhere", PILE, "d/.irmin=heap e/a=1", "d/a=2 e/a=2",
	    "d/b=2 e/a=3", 0, "d/.irmin=heap d/a=2 d/b=2 e/a=2", "content e/a",
	    "both sides changed it" },
};

static const char *first_message(irmin_merge_result *result)
{
	irmin_conflict *conflict;

	if (irmin_merge_result_next(result, &conflict) != IRMIN_OK)
		return "";
	return irmin_conflict_message(conflict);
}

static void check_row(const struct row *row)
{
	irmin_repo *repo = open_repo();
	irmin_tree *base = trees_edit(repo, NULL, row->base);
	irmin_tree *ours = trees_edit(repo, base, row->ours);
	irmin_tree *theirs = trees_edit(repo, base, row->theirs);
	irmin_merge_result *result;
	irmin_tree *merged = NULL;
	irmin_error err;

	memset(&scene, 0, sizeof scene);
	scene.deed = row->deed;
	is_rc(irmin_tree_merge(base, ours, theirs, NULL, &result, &err),
	    *row->conflicts ? IRMIN_ECONFLICT : IRMIN_OK, "%s", row->name);
	is_int(scene.called, row->called, "%s: how often the type was asked",
	    row->name);
	if (result && irmin_merge_result_tree(result, &merged, &err) >= 0) {
		const char *words;

		is_str(trees_words(merged), row->result, "%s: what it is",
		    row->name);
		is_str(trees_conflicts(result), row->conflicts,
		    "%s: what conflicts", row->name);
		words = first_message(result);
		ok(strstr(words, row->words) != NULL, "%s: it says \"%s\"",
		    row->name, words);
	}
	irmin_tree_unref(merged);
	irmin_merge_result_free(result);
	irmin_tree_unref(theirs);
	irmin_tree_unref(ours);
	irmin_tree_unref(base);
	irmin_repo_close(repo);
}

/* ---- what is asked, and what may be answered ---- */

struct sides {
	irmin_repo *repo;
	irmin_tree *trees[3];
};

static void make_sides(struct sides *sides)
{
	sides->repo = open_repo();
	sides->trees[0] = trees_edit(sides->repo, NULL, MARK "d/a=1 x=1");
	sides->trees[1] = trees_edit(sides->repo, sides->trees[0], "d/a=2");
	sides->trees[2] = trees_edit(sides->repo, sides->trees[0], "d/b=2 x=2");
	memset(&scene, 0, sizeof scene);
}

static void clear_sides(struct sides *sides)
{
	size_t i;

	for (i = 0; i < 3; i++)
		irmin_tree_unref(sides->trees[i]);
	irmin_repo_close(sides->repo);
}

static irmin_rc merge(const struct sides *sides, irmin_merge_result **result,
    irmin_error *err)
{
	return irmin_tree_merge(sides->trees[0], sides->trees[1],
	    sides->trees[2], NULL, result, err);
}

static void test_asked(void)
{
	irmin_merge_result *result;
	struct sides sides;
	irmin_error err;

	make_sides(&sides);
	scene.saw = "";
	is_rc(merge(&sides, &result, &err), IRMIN_OK, "it merges");
	is_str(scene.saw,
	    ".irmin=pile a=1 | .irmin=pile a=2 | .irmin=pile a=1 b=2",
	    "the three directories are given");
	irmin_merge_result_free(result);
	clear_sides(&sides);
}

static void test_failures(void)
{
	static const struct {
		enum deed deed;
		irmin_rc rc;
		const char *words;
	} cases[] = {
		{ FAIL, IRMIN_EIO, "it fell" },
		{ FAIL_SILENTLY, IRMIN_EABORTED, "the merge of type pile" },
		{ NO_TREE, IRMIN_EINVAL, "no tree" },
		{ FOREIGN, IRMIN_EINVAL, "another repository" },
		{ EMPTY, IRMIN_EINVAL, "no tree" },
	};
	irmin_repo *other = open_repo();
	irmin_merge_result *result;
	struct sides sides;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		make_sides(&sides);
		scene.deed = cases[i].deed;
		scene.foreign = trees_edit(other, NULL, "a=1");
		fails(merge(&sides, &result, &err), cases[i].rc, &err,
		    "a failure ends the merge");
		ok(!result, "without a result");
		is_str(err.where, "d", "it says where");
		ok(strstr(err.text, cases[i].words) != NULL, "and what: %s",
		    err.text);
		irmin_tree_unref(scene.foreign);
		clear_sides(&sides);
	}
	irmin_repo_close(other);
}

static irmin_rc merge_again(void *arg, irmin_error *err)
{
	irmin_merge_result *result;
	irmin_rc rc = merge(arg, &result, err);

	irmin_merge_result_free(result);
	return rc;
}

static void test_memory(void)
{
	struct sides sides;

	make_sides(&sides);
	ok(alloc_fault_sweep("a merge by type", merge_again, &sides) > 5,
	    "it allocates");
	clear_sides(&sides);
}

int main(void)
{
	size_t i;

	test_markers();
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(&rows[i]);
	test_asked();
	test_failures();
	test_memory();
	return done_testing();
}
