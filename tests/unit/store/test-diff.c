/* Diffs: what is told, in which order, and what is opened to find it. Random
 * trees and git's own answers are in tests/model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"
#include <irmin/diff.h>

/* The changes as one word each: "+a/b -c *d". */
static irmin_rc collect(irmin_tree *from, irmin_tree *to, const char *path,
    char *text, size_t text_bytes, irmin_error *err)
{
	irmin_diff *diff;
	irmin_change change;
	size_t len = 0;
	irmin_rc rc = irmin_tree_diff(from, to, path, &diff, err);

	text[0] = '\0';
	while (rc == IRMIN_OK) {
		rc = irmin_diff_next(diff, &change, err);
		if (rc == IRMIN_OK)
			len += (size_t)snprintf(text + len, text_bytes - len,
			    "%c%s ", " +-*"[change.kind],
			    (const char *)change.path.data);
	}
	irmin_diff_free(diff);
	return rc;
}

#define is_diff(from, to, path, want)                                          \
	do {                                                                   \
		char text[512];                                                \
		irmin_error error;                                             \
		is_rc(collect(from, to, path, text, sizeof text, &error),      \
		    IRMIN_END, "\"%s\" is walked to its end", path);           \
		is_str(text, want, "below \"%s\"", path);                      \
	} while (0)

static void test_kinds(irmin_repo *repo)
{
	irmin_tree *from = room_build(repo, "a/b=1", "a/c=2", "a/d=3", "z=4",
	    NULL);
	irmin_tree *to = room_build(repo, "a/b=1", "a/c=x", "a/e=5", "z=4",
	    NULL);

	is_diff(from, to, "", "*a/c -a/d +a/e ");
	is_diff(to, from, "", "*a/c +a/d -a/e ");
	is_diff(from, from, "", "");
	is_diff(NULL, from, "", "+a/b +a/c +a/d +z ");
	is_diff(from, NULL, "", "-a/b -a/c -a/d -z ");
	is_diff(NULL, NULL, "", "");
	is_diff(from, to, "a", "*a/c -a/d +a/e ");
	is_diff(from, to, "//a//c/", "*a/c ");
	is_diff(from, to, "a/d", "-a/d ");
	is_diff(from, to, "a/b", "");
	is_diff(from, to, "z", "");
	is_diff(from, to, "nowhere/at/all", "");
	irmin_tree_unref(from);
	irmin_tree_unref(to);
}

static void test_file_and_directory(irmin_repo *repo)
{
	irmin_tree *from = room_build(repo, "a=1", "a.=2", "b=3", NULL);
	irmin_tree *to = room_build(repo, "a/x=1", "a.=5", "a/y=2", "b=3",
	    NULL);

	is_diff(from, to, "", "-a *a. +a/x +a/y ");
	is_diff(to, from, "", "+a *a. -a/x -a/y ");
	is_diff(from, to, "a", "-a +a/x +a/y ");
	is_diff(to, from, "a", "+a -a/x -a/y ");
	irmin_tree_unref(from);
	irmin_tree_unref(to);
}

static void test_what_is_told(irmin_repo *repo)
{
	irmin_tree *from = room_build(repo, "a=1", "x=0", NULL), *to;
	irmin_diff *diff;
	irmin_change change;
	irmin_edit *edit;
	irmin_pin value;
	irmin_error err;

	if (irmin_edit_new(from, &edit, &err) < 0 ||
	    irmin_edit_set_mode(edit, "a", IRMIN_MODE_EXECUTABLE,
		irmin_text("1"), &err) < 0 ||
	    irmin_edit_set(edit, "n", irmin_text("2"), &err) < 0 ||
	    irmin_edit_tree(edit, &to, &err) < 0 ||
	    irmin_tree_diff(from, to, "", &diff, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	irmin_tree_unref(from);
	irmin_tree_unref(to);
	is_rc(irmin_diff_next(diff, &change, &err), IRMIN_OK, "first");
	is_int(change.kind, IRMIN_CHANGE_CHANGED, "a mode is a change");
	is_int(change.old_mode, IRMIN_MODE_FILE, "from this");
	is_int(change.new_mode, IRMIN_MODE_EXECUTABLE, "to that");
	ok(irmin_oid_compare(&change.old_id, &change.new_id) == 0 &&
		!irmin_oid_is_none(&change.old_id),
	    "of the same bytes");
	is_rc(irmin_diff_value(diff, 0, &value, &err), IRMIN_OK, "before");
	is_mem(value.data, value.len, "1", 1, "is at hand");
	irmin_pin_release(&value);
	is_rc(irmin_diff_next(diff, &change, &err), IRMIN_OK, "second");
	is_int(change.kind, IRMIN_CHANGE_ADDED, "is new");
	is_int(change.old_mode, IRMIN_MODE_NONE, "was nothing");
	ok(irmin_oid_is_none(&change.old_id), "and had no id");
	is_rc(irmin_diff_value(diff, 0, &value, &err), IRMIN_ABSENT, "before");
	is_rc(irmin_diff_value(diff, 1, &value, &err), IRMIN_OK, "after");
	is_mem(value.data, value.len, "2", 1, "is at hand");
	irmin_pin_release(&value);
	is_rc(irmin_diff_next(diff, &change, &err), IRMIN_END, "no more");
	is_rc(irmin_diff_next(diff, &change, &err), IRMIN_END, "still none");
	is_rc(irmin_diff_value(diff, 1, &value, &err), IRMIN_ABSENT, "nor one");
	irmin_diff_free(diff);
}

/* A thousand values in a hundred directories; one of them differs. */
static void test_cost(irmin_repo *repo)
{
	irmin_tree *tree = room_build(repo, NULL), *changed;
	irmin_edit *edit;
	irmin_error err;
	irmin_oid from, to;
	uint64_t reads, decoded;
	char path[48];
	int i;

	if (irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < 1000; i++) {
		snprintf(path, sizeof path, "d%d/e%d/f%d", i / 100, i / 10, i);
		if (irmin_edit_set(edit, path, irmin_text(path), &err) < 0)
			bail("%s", err.text);
	}
	irmin_tree_unref(tree);
	if (irmin_edit_tree(edit, &tree, &err) < 0 ||
	    irmin_edit_set(edit, "d5/e55/f555", irmin_text("x"), &err) < 0 ||
	    irmin_edit_tree(edit, &changed, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	from = room_store(tree);
	to = room_store(changed);
	irmin_tree_unref(tree);
	irmin_tree_unref(changed);
	tree = room_tree(repo, &from);
	changed = room_tree(repo, &to);
	reads = irmin_repo_stat(repo, IRMIN_STAT_OBJECT_READS);
	decoded = irmin_repo_stat(repo, IRMIN_STAT_TREES_DECODED);
	is_diff(tree, changed, "", "*d5/e55/f555 ");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_READS) - reads, 4,
	    "two directories are read on each side");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_TREES_DECODED) - decoded, 4,
	    "and decoded");
	irmin_tree_unref(tree);
	irmin_tree_unref(changed);
}

static void test_wrong(irmin_repo *repo)
{
	static const char hex[] = "1234567812345678123456781234567812345678";
	irmin_repo *elsewhere = room_open(NULL);
	irmin_oid id = room_add_tree(repo, tap_format("40000 d %s\n", hex));
	irmin_tree *gone = room_tree(repo, &id);
	irmin_tree *tree = room_build(repo, "a=1", "z=2", NULL);
	irmin_tree *foreign = room_build(elsewhere, "a=1", NULL);
	irmin_diff *diff;
	irmin_change change;
	irmin_error err;

	fails(irmin_tree_diff(tree, foreign, "", &diff, &err), IRMIN_EINVAL,
	    &err, "trees of two repositories");
	ok(diff == NULL, "have no diff");
	succeeds(irmin_tree_diff(tree, gone, "", &diff, &err), &err, "begun");
	is_rc(irmin_diff_next(diff, &change, &err), IRMIN_OK, "what is there");
	fails(irmin_diff_next(diff, &change, &err), IRMIN_EMISSING, &err,
	    "a directory that is not there");
	fails(irmin_diff_next(diff, &change, &err), IRMIN_EMISSING, &err,
	    "is not stepped over the next time");
	ok(strstr(err.text, "\"d\"") && strstr(err.text, hex),
	    "path and id are told: %s", err.text);
	irmin_diff_free(diff);
	irmin_tree_unref(gone);
	irmin_tree_unref(tree);
	irmin_tree_unref(foreign);
	irmin_repo_close(elsewhere);
}

static void test_unsorted(irmin_repo *repo)
{
	irmin_oid id = room_add_tree(repo,
	    "100644 b 1\n100644 c 2\n100644 a 3\n");
	irmin_tree *from = room_tree(repo, &id);
	irmin_tree *to = room_build(repo, "a=3", "b=x", "d=4", NULL);

	is_diff(from, to, "", "*b -c +d ");
	irmin_tree_unref(from);
	irmin_tree_unref(to);
}

struct pair {
	irmin_repo *repo;
	irmin_oid from, to;
};

/* Trees that nobody has asked for ids: a directory of thousands, and what is
 * equal without being shared. */
static void test_unhashed(irmin_repo *repo)
{
	irmin_tree *from, *to;
	irmin_edit *edit;
	irmin_error err;
	uint64_t hashed;
	char name[16];
	int i;

	from = room_build(repo, "flat/x=1", "d/e/f=1", NULL);
	if (irmin_edit_new(from, &edit, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(from);
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "flat/%d", i);
		if (irmin_edit_set(edit, name, irmin_text("v"), &err) < 0)
			bail("%s", err.text);
	}
	if (irmin_edit_tree(edit, &from, &err) < 0 ||
	    irmin_edit_set(edit, "flat/77", irmin_text("w"), &err) < 0 ||
	    irmin_edit_remove(edit, "d/e", &err) < 0 ||
	    irmin_edit_set(edit, "d/e/f", irmin_text("1"), &err) < 0 ||
	    irmin_edit_remove(edit, "flat/4000", &err) < 0 ||
	    irmin_edit_tree(edit, &to, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	hashed = irmin_repo_stat(repo, IRMIN_STAT_HASHED_BYTES);
	is_diff(from, to, "", "-flat/4000 *flat/77 ");
	is_diff(from, to, "d", "");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_HASHED_BYTES) - hashed, 0,
	    "nothing is hashed to compare what is in memory");
	irmin_tree_unref(from);
	irmin_tree_unref(to);
}

static irmin_rc diff_all(void *arg, irmin_error *err)
{
	const struct pair *pair = arg;
	irmin_tree *from = NULL, *to = NULL;
	char text[512];
	irmin_rc rc;

	rc = irmin_tree_get(pair->repo, &pair->from, &from, err);
	if (rc >= 0)
		rc = irmin_tree_get(pair->repo, &pair->to, &to, err);
	if (rc >= 0)
		rc = collect(from, to, "a", text, sizeof text, err);
	irmin_tree_unref(from);
	irmin_tree_unref(to);
	return rc;
}

static void test_no_memory(irmin_repo *repo)
{
	irmin_tree *from = room_build(repo, "a/b/c=1", "a/x=2", NULL);
	irmin_tree *to = room_build(repo, "a/b/c=3", "a/y/z=4", NULL);
	struct pair pair = { repo, room_store(from), room_store(to) };

	irmin_tree_unref(from);
	irmin_tree_unref(to);
	alloc_fault_sweep("a diff", diff_all, &pair);
}

int main(void)
{
	size_t live = alloc_fault_live();
	irmin_repo *repo = room_open(NULL);

	test_kinds(repo);
	test_file_and_directory(repo);
	test_what_is_told(repo);
	test_cost(repo);
	test_unhashed(repo);
	test_wrong(repo);
	test_unsorted(repo);
	test_no_memory(repo);
	irmin_repo_close(repo);
	is_int(alloc_fault_live(), live, "nothing is left behind");
	return done_testing();
}
