/* Reading trees: by path, by list, by walk; lazily, deep, broken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

static void is_value(irmin_tree *tree, const char *path, const char *want)
{
	irmin_pin value;
	irmin_error err;
	irmin_rc rc = irmin_tree_find(tree, path, &value, &err);

	if (want && is_rc(rc, IRMIN_OK, "\"%s\" is there", path))
		is_mem(value.data, value.len, want, strlen(want),
		    "\"%s\" is %s", path, want);
	else if (!want)
		is_rc(rc, IRMIN_ABSENT, "\"%s\" has no value", path);
	irmin_pin_release(&value);
}

static void is_mode(irmin_tree *tree, const char *path, irmin_mode want)
{
	irmin_mode mode;
	irmin_error err;
	irmin_rc rc = irmin_tree_find_mode(tree, path, &mode, NULL, &err);

	is_rc(rc, want ? IRMIN_OK : IRMIN_ABSENT, "mode of \"%s\"", path);
	is_int(mode, want, "\"%s\" is %06o", path, want);
}

static uint64_t reads(irmin_repo *repo)
{
	return irmin_repo_stat(repo, IRMIN_STAT_OBJECT_READS);
}

/* ---- one path ---- */

static void test_empty(irmin_repo *repo)
{
	irmin_tree *tree;
	irmin_error err;
	irmin_oid id;
	size_t length = 9;

	succeeds(irmin_tree_empty(repo, &tree, &err), &err, "the empty tree");
	succeeds(irmin_tree_id(tree, &id, &err), &err, "has an id");
	is_str(room_hex(&id), "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
	    "which is git's");
	is_rc(irmin_tree_length(tree, "", &length, &err), IRMIN_OK, "its root");
	is_int(length, 0, "holds nothing");
	is_value(tree, "", NULL);
	is_value(tree, "a", NULL);
	irmin_tree_unref(tree);
}

static void test_find(irmin_repo *repo)
{
	irmin_tree *tree = room_build(repo, "a/b/c=1", "a/b.=2", "a/b0=3",
	    "z=", NULL);
	irmin_tree *sub;
	irmin_path *path;
	irmin_pin value;
	irmin_error err;

	is_value(tree, "a/b/c", "1");
	is_value(tree, "//a///b/c/", "1");
	is_value(tree, "a/b.", "2");
	is_value(tree, "a/b0", "3");
	is_value(tree, "z", "");
	is_value(tree, "a/b", NULL);
	is_value(tree, "a/b/c/d", NULL);
	is_value(tree, "a/b/d", NULL);
	is_mode(tree, "", IRMIN_MODE_TREE);
	is_mode(tree, "a/b", IRMIN_MODE_TREE);
	is_mode(tree, "a/b/c", IRMIN_MODE_FILE);
	is_mode(tree, "a/c", IRMIN_MODE_NONE);
	is_rc(irmin_tree_find_tree(tree, "a/b", &sub, &err), IRMIN_OK, "sub");
	is_value(sub, "c", "1");
	irmin_tree_unref(sub);
	is_rc(irmin_tree_find_tree(tree, "a/b/c", &sub, &err), IRMIN_ABSENT,
	    "a value is no directory");
	ok(sub == NULL, "and gives none");
	fails(irmin_tree_find_n(tree, irmin_bytes("a\0b", 3), &value, &err),
	    IRMIN_EINVAL, &err, "a path with a NUL");
	if (irmin_path_parse(irmin_text("a/b/c"), &path, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_tree_find_at(tree, path, &value, &err), IRMIN_OK,
	    "a parsed path");
	is_mem(value.data, value.len, "1", 1, "leads there too");
	irmin_path_unref(path);
	irmin_tree_unref(tree);
	is_mem(value.data, value.len, "1", 1, "a pin outlives its tree");
	irmin_pin_release(&value);
}

/* Each directory is read once, when it is first needed. */
static void test_lazy(irmin_repo *repo)
{
	irmin_tree *tree = room_build(repo, "a/b/c=1", "a/x=2", "d/e=3", NULL);
	irmin_oid id = room_store(tree), got;
	irmin_error err;
	irmin_mode mode;
	uint64_t before;

	irmin_tree_unref(tree);
	before = reads(repo);
	if (irmin__tree_of_id(repo, &id, &tree, &err) < 0)
		bail("%s", err.text);
	succeeds(irmin_tree_id(tree, &got, &err), &err, "an id by id");
	is_int(reads(repo) - before, 0, "reads nothing");
	is_value(tree, "a/b/c", "1");
	is_int(reads(repo) - before, 4, "3 directories and a value are read");
	is_value(tree, "a/b/c", "1");
	is_int(reads(repo) - before, 5, "then the value only");
	succeeds(irmin_tree_find_mode(tree, "d", &mode, &got, &err), &err, "d");
	is_int(reads(repo) - before, 5, "the id of a directory is at hand");
	irmin_tree_unref(tree);
}

/* ---- entries ---- */

static void test_list(irmin_repo *repo)
{
	irmin_tree *tree = room_build(repo, "a/x=1", "a.=2", "a0=3", "b=4",
	    NULL);
	static const char *const names[] = { "a.", "a", "a0", "b" };
	irmin_list *list;
	irmin_error err;
	irmin_entry entry;
	size_t i, length;

	is_rc(irmin_tree_list(tree, "", 0, 0, &list, &err), IRMIN_OK, "list");
	is_int(irmin_list_length(list), 4, "all are there");
	for (i = 0; i < 4; i++) {
		entry = irmin_list_entry(list, i);
		is_mem(entry.name.data, entry.name.len, names[i],
		    strlen(names[i]), "%s in git's order", names[i]);
	}
	entry = irmin_list_entry(list, 1);
	ok(irmin_oid_is_none(&entry.id), "a new directory has no id yet");
	entry = irmin_list_entry(list, 0);
	ok(!irmin_oid_is_none(&entry.id), "a new value has");
	is_int(irmin_list_entry(list, 4).name.len, 0, "behind the end: empty");
	irmin_list_free(list);
	is_rc(irmin_tree_list(tree, "", 1, 2, &list, &err), IRMIN_OK, "a part");
	irmin_tree_unref(tree);
	is_int(irmin_list_length(list), 2, "as many as were asked for");
	entry = irmin_list_entry(list, 1);
	is_mem(entry.name.data, entry.name.len, "a0", 2,
	    "a list outlives its tree");
	irmin_list_free(list);

	tree = room_build(repo, "a=1", NULL);
	is_rc(irmin_tree_list(tree, "", 7, 2, &list, &err), IRMIN_OK,
	    "from behind the end");
	is_int(irmin_list_length(list), 0, "nothing");
	irmin_list_free(list);
	is_rc(irmin_tree_list(tree, "a", 0, 0, &list, &err), IRMIN_ABSENT,
	    "a value has no list");
	ok(list == NULL && irmin_list_length(list) == 0, "and gives none");
	is_rc(irmin_tree_length(tree, "b", &length, &err), IRMIN_ABSENT,
	    "nothing has no length");
	irmin_tree_unref(tree);
}

struct seen {
	char text[256];
	int stop_after, answer;
};

static int see(void *arg, const irmin_visit *visit)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	snprintf(seen->text + len, sizeof seen->text - len, "%.*s%s ",
	    (int)visit->path.len, (const char *)visit->path.data,
	    visit->mode == IRMIN_MODE_TREE ? "/" : "");
	return --seen->stop_after == 0 ? seen->answer : 0;
}

static void test_each(irmin_repo *repo)
{
	irmin_tree *tree = room_build(repo, "a/b/c=1", "a/x=2", "a.=3", "z=4",
	    NULL);
	struct seen seen = { "", 0, 0 };
	irmin_error err;

	is_rc(irmin_tree_each(tree, "", 0, see, &seen, &err), IRMIN_OK, "each");
	is_str(seen.text, "a. a/b/c a/x z ", "values in git's order");
	seen.text[0] = '\0';
	is_rc(irmin_tree_each(tree, "", IRMIN_EACH_TREES, see, &seen, &err),
	    IRMIN_OK, "with directories");
	is_str(seen.text, "a. a/ a/b/ a/b/c a/x z ", "before what they hold");
	seen.text[0] = '\0';
	is_rc(irmin_tree_each(tree, "a", IRMIN_EACH_TREES | IRMIN_EACH_SHALLOW,
		  see, &seen, &err),
	    IRMIN_OK, "a itself");
	is_str(seen.text, "b/ x ", "paths begin below it");
	seen.text[0] = '\0';
	seen.stop_after = 2;
	seen.answer = 1234;
	is_rc(irmin_tree_each(tree, "", 0, see, &seen, &err), 1234, "stopped");
	is_str(seen.text, "a. a/b/c ", "there");
	is_rc(irmin_tree_each(tree, "z", 0, see, &seen, &err), IRMIN_ABSENT,
	    "a value cannot be walked");
	irmin_tree_unref(tree);
}

/* ---- what is wrong ---- */

static void test_missing(irmin_repo *repo)
{
	static const char hex[] = "1234567812345678123456781234567812345678";
	irmin_oid id = room_add_tree(repo,
	    tap_format("40000 gone %s\n100644 here x\n", hex));
	irmin_oid top = room_add_tree(repo,
	    tap_format("40000 top %s\n", room_hex(&id)));
	irmin_tree *tree = room_tree(repo, &top), *none;
	struct seen seen = { "", 0, 0 };
	irmin_pin value;
	irmin_error err;
	irmin_mode mode;

	fails(irmin_tree_find(tree, "top/gone/x", &value, &err), IRMIN_EMISSING,
	    &err, "a directory that is not there");
	ok(strstr(err.text, hex) && strstr(err.text, "top/gone"),
	    "id and path are told: %s", err.text);
	is_value(tree, "top/here", "x");
	is_rc(irmin_tree_find_mode(tree, "top/gone", &mode, NULL, &err),
	    IRMIN_OK, "what it is can be told");
	fails(irmin_tree_each(tree, "", 0, see, &seen, &err), IRMIN_EMISSING,
	    &err, "a walk");
	ok(strstr(err.text, "top/gone"), "tells where: %s", err.text);
	irmin_tree_unref(tree);

	top = room_add(repo, IRMIN_OBJECT_BLOB, "x", 1);
	fails(irmin_tree_get(repo, &top, &none, &err), IRMIN_EINVAL, &err,
	    "a blob is no tree");
	if (irmin_oid_parse(irmin_text(hex), &id, &err) < 0)
		bail("%s", err.text);
	fails(irmin_tree_get(repo, &id, &none, &err), IRMIN_EMISSING, &err,
	    "an id of nothing");
	ok(none == NULL, "gives no tree");
}

static void test_corrupt(irmin_repo *repo)
{
	irmin_oid bad = room_add(repo, IRMIN_OBJECT_TREE, "100644 a", 8);
	irmin_oid blob = room_add(repo, IRMIN_OBJECT_BLOB, "x", 1);
	irmin_oid id = room_add_tree(repo,
	    tap_format("40000 bad %s\n40000 blob %s\n", room_hex(&bad),
		room_hex(&blob)));
	irmin_tree *tree = room_tree(repo, &id), *none;
	irmin_pin value;
	irmin_error err;

	fails(irmin_tree_find(tree, "bad/a", &value, &err), IRMIN_ECORRUPT,
	    &err, "a tree that is cut off");
	ok(strstr(err.text, room_hex(&bad)) && strstr(err.text, "\"bad\""),
	    "id and path are told: %s", err.text);
	fails(irmin_tree_find(tree, "blob/a", &value, &err), IRMIN_ECORRUPT,
	    &err, "a directory that is a value");
	fails(irmin_tree_get(repo, &bad, &none, &err), IRMIN_ECORRUPT, &err,
	    "got by id");
	irmin_tree_unref(tree);
}

static void test_unsorted(irmin_repo *repo)
{
	irmin_oid id = room_add_tree(repo, "100644 b 1\n100644 a 2\n");
	irmin_tree *tree = room_tree(repo, &id);

	is_str(room_text(tree), "b=1\na=2\n", "in the order it has");
	is_value(tree, "a", "2");
	is_value(tree, "b", "1");
	is_value(tree, "c", NULL);
	irmin_tree_unref(tree);
}

/* Deeper than any path may be: made of one tree around the other. */
static void test_too_deep(irmin_repo *repo)
{
	irmin_oid id = room_add_tree(repo, "100644 v x\n");
	struct seen seen = { "", 0, 0 };
	irmin_tree *tree;
	irmin_error err;
	int i;

	for (i = 0; i < 511; i++)
		id = room_add_tree(repo,
		    tap_format("40000 d %s\n", room_hex(&id)));
	tree = room_tree(repo, &id);
	is_rc(irmin_tree_each(tree, "", 0, see, &seen, &err), IRMIN_OK,
	    "512 steps are allowed");
	irmin_tree_unref(tree);
	id = room_add_tree(repo, tap_format("40000 d %s\n", room_hex(&id)));
	tree = room_tree(repo, &id);
	fails(irmin_tree_each(tree, "", 0, see, &seen, &err), IRMIN_ELIMIT,
	    &err, "513 are not");
	irmin_tree_unref(tree);
}

/* ---- ids, and storing ---- */

static void test_same(irmin_repo *repo)
{
	irmin_tree *a = room_build(repo, "a/b=1", "c/d=2", NULL);
	irmin_tree *b = room_build(repo, "a/b=1", "c/d=3", NULL);
	irmin_oid id = room_store(a), other = room_store(b);
	irmin_error err;
	uint64_t before;
	int same = 0;

	irmin_tree_unref(b);
	b = room_build(repo, "c/d=2", "a/b=1", NULL);
	is_rc(irmin_tree_same(a, b, &same, &err), IRMIN_OK, "compared");
	ok(same, "the same made in another order");
	irmin_tree_unref(a);
	irmin_tree_unref(b);
	a = room_tree(repo, &id);
	b = room_tree(repo, &other);
	before = reads(repo);
	is_rc(irmin_tree_same(a, b, &same, &err), IRMIN_OK, "compared");
	ok(!same, "they differ");
	is_rc(irmin__tree_same_at(a, b, irmin_text("a/b"), &same, &err),
	    IRMIN_OK, "at a/b");
	ok(same, "they do not");
	is_int(reads(repo) - before, 0, "nothing had to be opened");
	is_rc(irmin__tree_same_at(a, b, irmin_text("c/d"), &same, &err),
	    IRMIN_OK, "at c/d");
	ok(!same, "they do");
	is_rc(irmin__tree_same_at(a, b, irmin_text("c/x/y"), &same, &err),
	    IRMIN_OK, "at c/x/y");
	ok(same, "neither has anything");
	irmin_tree_unref(a);
	irmin_tree_unref(b);
}

static void test_store(irmin_repo *repo)
{
	irmin_tree *tree = room_build(repo, "a/b=1", "a/c=1", "d=2", NULL);
	irmin_tree *again;
	irmin_error err;
	irmin_oid id, known;
	uint64_t writes;

	succeeds(irmin_tree_id(tree, &known, &err), &err, "an id");
	fails(irmin_tree_get(repo, &known, &again, &err), IRMIN_EMISSING, &err,
	    "is known before the tree is stored");
	writes = irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES);
	id = room_store(tree);
	ok(irmin_oid_compare(&id, &known) == 0, "it stays the same");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES) - writes, 5,
	    "two trees and three values are written");
	room_store(tree);
	is_int(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES) - writes, 5,
	    "and no more, the second time");
	again = room_tree(repo, &id);
	is_str(room_text(again), "a/b=1\na/c=1\nd=2\n", "and can be read");
	irmin_tree_unref(again);
	irmin_tree_unref(tree);
}

/* Each level holds the one below twice: 2^60 paths, 60 trees. */
static void test_write(irmin_repo *repo)
{
	irmin_tree *tree = room_build(repo, "w/a=1", "w/b=2", NULL), *again;
	irmin_oid id, written;
	irmin_error err;
	uint64_t writes;

	succeeds(irmin_tree_id(tree, &id, &err), &err, "an id, by itself");
	fails(irmin_tree_get(repo, &id, &again, &err), IRMIN_EMISSING, &err,
	    "does not make an object");
	succeeds(irmin_tree_write(tree, &written, &err), &err, "writing does");
	is_str(room_hex(&written), room_hex(&id), "with that id");
	again = room_tree(repo, &id);
	is_value(again, "w/b", "2");
	irmin_tree_unref(again);
	writes = irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES);
	succeeds(irmin_tree_write(tree, NULL, &err), &err, "once more");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES), writes,
	    "writes nothing");
	irmin_tree_unref(tree);
}

static void test_doubled(irmin_repo *repo)
{
	irmin_tree *tree = room_build(repo, "v=doubled", NULL);
	irmin_edit *edit;
	irmin_error err;
	uint64_t writes = irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES);
	int i;

	for (i = 0; i < 60; i++) {
		irmin_tree *empty, *below = tree;

		if (irmin_tree_empty(repo, &empty, &err) < 0 ||
		    irmin_edit_new(empty, &edit, &err) < 0 ||
		    irmin_edit_add_tree(edit, "a", below, &err) < 0 ||
		    irmin_edit_add_tree(edit, "b", below, &err) < 0 ||
		    irmin_edit_tree(edit, &tree, &err) < 0)
			bail("%s", err.text);
		irmin_edit_free(edit);
		irmin_tree_unref(empty);
		irmin_tree_unref(below);
	}
	room_store(tree);
	is_int(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES) - writes, 62,
	    "what is shared is written once");
	irmin_tree_unref(tree);
}

/* ---- no memory ---- */

struct stored {
	irmin_repo *repo;
	irmin_oid id;
};

static irmin_rc read_all(void *arg, irmin_error *err)
{
	const struct stored *stored = arg;
	irmin_tree *tree = NULL, *sub = NULL;
	irmin_list *list = NULL;
	irmin_pin value = IRMIN_PIN_INIT;
	struct seen seen = { "", 0, 0 };
	irmin_rc rc;

	rc = irmin_tree_get(stored->repo, &stored->id, &tree, err);
	if (rc >= 0)
		rc = irmin_tree_find(tree, "a/b/c", &value, err);
	if (rc >= 0)
		rc = irmin_tree_find_tree(tree, "d", &sub, err);
	if (rc >= 0)
		rc = irmin_tree_list(tree, "a", 0, 0, &list, err);
	if (rc >= 0)
		rc = irmin_tree_each(tree, "", IRMIN_EACH_VALUES, see, &seen,
		    err);
	irmin_pin_release(&value);
	irmin_list_free(list);
	irmin_tree_unref(sub);
	irmin_tree_unref(tree);
	return rc;
}

/* In a repository of its own, where the failure leaves nothing stored. */
static irmin_rc store_all(void *arg, irmin_error *err)
{
	irmin_repo *repo;
	irmin_tree *tree = NULL;
	irmin_edit *edit = NULL;
	irmin__batch *batch = NULL;
	irmin_context context;
	irmin_oid id;
	irmin_rc rc = room_try_open(&repo, err);

	(void)arg;
	if (rc < 0)
		return rc;
	context = irmin__repo_context(repo, NULL);
	rc = irmin_tree_empty(repo, &tree, err);
	if (rc >= 0)
		rc = irmin_edit_new(tree, &edit, err);
	irmin_tree_unref(tree);
	tree = NULL;
	if (rc >= 0)
		rc = irmin_edit_set(edit, "a/b/c", irmin_text("1"), err);
	if (rc >= 0)
		rc = irmin_edit_tree(edit, &tree, err);
	if (rc >= 0)
		rc = irmin_tree_id(tree, &id, err);
	if (rc >= 0)
		rc = irmin__batch_new(repo, &batch, err);
	if (rc >= 0)
		rc = irmin__tree_collect(tree, batch, &id, err);
	if (rc >= 0)
		rc = irmin__batch_write(batch, &context, err);
	irmin__batch_free(batch);
	irmin_edit_free(edit);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
	return rc;
}

static void test_no_memory(irmin_repo *repo)
{
	irmin_tree *tree = room_build(repo, "a/b/c=1", "a/x=2", "d/e=3", NULL);
	struct stored stored = { repo, room_store(tree) };

	irmin_tree_unref(tree);
	alloc_fault_sweep("reading", read_all, &stored);
	alloc_fault_sweep("storing", store_all, NULL);
}

int main(void)
{
	size_t live = alloc_fault_live();
	irmin_repo *repo = room_open(NULL);

	test_empty(repo);
	test_find(repo);
	test_lazy(repo);
	test_list(repo);
	test_each(repo);
	test_missing(repo);
	test_corrupt(repo);
	test_unsorted(repo);
	test_too_deep(repo);
	test_same(repo);
	test_store(repo);
	test_write(repo);
	test_doubled(repo);
	test_no_memory(repo);
	irmin_repo_close(repo);
	is_int(alloc_fault_live(), live, "nothing is left behind");
	return done_testing();
}
