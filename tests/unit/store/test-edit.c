/* Edits: what each call makes of a tree, what it refuses, and that a call which
 * fails leaves the edit as it was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

static irmin_edit *begin(irmin_tree *base)
{
	irmin_edit *edit;
	irmin_error err;

	if (irmin_edit_new(base, &edit, &err) < 0)
		bail("%s", err.text);
	return edit;
}

static irmin_tree *freeze(irmin_edit *edit)
{
	irmin_tree *tree;
	irmin_error err;

	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	return tree;
}

/* What is in an edit now. Freezing it changes how it goes on, but not what it
 * does, which is a good thing to test along. */
static const char *text_of(irmin_edit *edit)
{
	irmin_tree *tree = freeze(edit);
	const char *text = room_text(tree);

	irmin_tree_unref(tree);
	return text;
}

#define set(edit, path, value)                                                 \
	irmin_edit_set(edit, path, irmin_text(value), &err)

/* ---- values ---- */

static void test_set(irmin_repo *repo)
{
	irmin_tree *base = room_build(repo, "a/b=1", NULL);
	irmin_edit *edit = begin(base);
	irmin_error err;

	is_rc(set(edit, "a/c", "2"), IRMIN_OK, "beside");
	is_rc(set(edit, "a/c", "2"), IRMIN_UNCHANGED, "the same again");
	is_rc(set(edit, "//a//c/", "2"), IRMIN_UNCHANGED, "spelled otherwise");
	is_rc(set(edit, "x/y/z", "3"), IRMIN_OK, "new directories");
	is_str(text_of(edit), "a/b=1\na/c=2\nx/y/z=3\n", "all there");
	is_rc(set(edit, "a", "4"), IRMIN_OK, "a value over a directory");
	is_str(text_of(edit), "a=4\nx/y/z=3\n", "replaces it");
	is_rc(set(edit, "a/b/c", "5"), IRMIN_OK, "directories over a value");
	is_str(text_of(edit), "a/b/c=5\nx/y/z=3\n", "replace it");
	is_rc(set(edit, "x/y/z", ""), IRMIN_OK, "an empty value");
	is_rc(set(edit, "x/y/z", ""), IRMIN_UNCHANGED, "is a value");
	is_str(text_of(edit), "a/b/c=5\nx/y/z=\n", "and is there");
	is_str(room_text(base), "a/b=1\n", "the base is as it was");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

static void test_parsed(irmin_repo *repo)
{
	irmin_tree *base = room_build(repo, "a/b=1", NULL);
	irmin_edit *edit = begin(base);
	irmin_path *path, *reserved;
	irmin_error err;

	if (irmin_path_parse(irmin_text("a/c"), &path, &err) < 0 ||
	    irmin_path_parse(irmin_text("a/.irmin"), &reserved, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_edit_set_at(edit, path, irmin_text("2"), &err), IRMIN_OK,
	    "set by a parsed path");
	is_str(text_of(edit), "a/b=1\na/c=2\n", "is set");
	is_rc(irmin_edit_remove_at(edit, path, &err), IRMIN_OK, "and removed");
	is_str(text_of(edit), "a/b=1\n", "is gone");
	fails(irmin_edit_set_at(edit, reserved, irmin_text("2"), &err),
	    IRMIN_EINVAL, &err, "a reserved step");
	irmin_path_unref(path);
	irmin_path_unref(reserved);
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

static void test_modes(irmin_repo *repo)
{
	irmin_tree *base = room_build(repo, "d/e=0", NULL);
	irmin_edit *edit = begin(base);
	irmin_oid id = { { 1 }, IRMIN_HASH_SHA1 };
	irmin_pin value;
	irmin_error err;
	irmin_mode mode;

	is_rc(irmin_edit_set_mode(edit, "x", IRMIN_MODE_EXECUTABLE,
		  irmin_text("1"), &err),
	    IRMIN_OK, "an executable");
	is_rc(irmin_edit_set_mode(edit, "x", IRMIN_MODE_EXECUTABLE,
		  irmin_text("1"), &err),
	    IRMIN_UNCHANGED, "the same again");
	is_rc(set(edit, "x", "2"), IRMIN_OK, "another value");
	is_rc(irmin_edit_set_mode(edit, "l", IRMIN_MODE_SYMLINK,
		  irmin_text("x"), &err),
	    IRMIN_OK, "a link");
	is_rc(set(edit, "l", "y"), IRMIN_OK, "that leads elsewhere");
	is_rc(irmin_edit_set_gitlink(edit, "sub", &id, &err), IRMIN_OK,
	    "a gitlink");
	is_rc(irmin_edit_set_gitlink(edit, "sub", &id, &err), IRMIN_UNCHANGED,
	    "the same again");
	is_rc(irmin_edit_find_mode(edit, "sub", &mode, &err), IRMIN_OK, "mode");
	is_int(mode, IRMIN_MODE_GITLINK, "of a gitlink");
	is_rc(irmin_edit_find(edit, "sub", &value, &err), IRMIN_ABSENT,
	    "which has no value");
	is_str(text_of(edit), "d/e=0\n120000 l=y\n160000 sub=\n100755 x=2\n",
	    "a set keeps the mode of what is there");
	is_rc(set(edit, "sub", "3"), IRMIN_OK, "a value over a gitlink");
	is_rc(irmin_edit_set_mode(edit, "x", IRMIN_MODE_FILE, irmin_text("2"),
		  &err),
	    IRMIN_OK, "another mode only");
	is_str(text_of(edit), "d/e=0\n120000 l=y\nsub=3\nx=2\n",
	    "makes plain files");
	fails(irmin_edit_set_mode(edit, "x", IRMIN_MODE_TREE, irmin_text("2"),
		  &err),
	    IRMIN_EINVAL, &err, "no mode of a value");
	id.bytes[0] = 0;
	fails(irmin_edit_set_gitlink(edit, "sub", &id, &err), IRMIN_EINVAL,
	    &err, "a gitlink of zeros");
	id.algo = IRMIN_HASH_SHA256;
	id.bytes[0] = 1;
	fails(irmin_edit_set_gitlink(edit, "sub", &id, &err), IRMIN_EINVAL,
	    &err, "a gitlink of another hash");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

static void test_remove(irmin_repo *repo)
{
	irmin_tree *base = room_build(repo, "a/b/c=1", "a/x=2", NULL), *tree;
	irmin_edit *edit = begin(base);
	irmin_error err;
	irmin_oid id;

	is_rc(irmin_edit_remove(edit, "a/b/x", &err), IRMIN_UNCHANGED,
	    "nothing there");
	is_rc(irmin_edit_remove(edit, "a/x/y", &err), IRMIN_UNCHANGED,
	    "nothing below a value");
	is_rc(irmin_edit_remove(edit, "a/b/c", &err), IRMIN_OK, "the last");
	is_str(text_of(edit), "a/x=2\n", "takes its directory along");
	is_rc(irmin_edit_remove(edit, "a", &err), IRMIN_OK, "a directory");
	tree = freeze(edit);
	is_str(room_text(tree), "", "whole");
	id = room_store(tree);
	is_str(room_hex(&id), "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
	    "what is left is the empty tree");
	irmin_tree_unref(tree);
	is_rc(set(edit, "n", "1"), IRMIN_OK, "it can be filled again");
	is_str(text_of(edit), "n=1\n", "is");
	fails(irmin_edit_remove(edit, "", &err), IRMIN_EINVAL, &err,
	    "the root");
	fails(set(edit, "/", "1"), IRMIN_EINVAL, &err, "a value as the root");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

static void test_reads(irmin_repo *repo)
{
	irmin_tree *base = room_build(repo, "a/b=1", NULL);
	irmin_edit *edit = begin(base);
	irmin_pin value;
	irmin_error err;

	if (set(edit, "a/b", "2") < 0)
		bail("%s", err.text);
	is_rc(irmin_edit_find(edit, "a/b", &value, &err), IRMIN_OK, "found");
	if (set(edit, "a/b", "3") < 0)
		bail("%s", err.text);
	is_mem(value.data, value.len, "2", 1, "a pin keeps what it was");
	irmin_pin_release(&value);
	is_rc(irmin_edit_find(edit, "a", &value, &err), IRMIN_ABSENT,
	    "a directory has no value");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

/* ---- freezing ---- */

static void test_freeze(irmin_repo *repo)
{
	irmin_tree *base = room_build(repo, "a/b=1", NULL), *first, *second;
	irmin_edit *edit = begin(base);
	irmin_error err;

	if (set(edit, "a/b", "1") != IRMIN_UNCHANGED ||
	    irmin_edit_remove(edit, "x", &err) != IRMIN_UNCHANGED)
		bail("nothing should change");
	first = freeze(edit);
	ok(first == base, "an edit without changes gives the tree it began at");
	irmin_tree_unref(first);
	if (set(edit, "a/c", "2") < 0)
		bail("%s", err.text);
	first = freeze(edit);
	second = freeze(edit);
	ok(first == second && first != base, "twice frozen is the same tree");
	irmin_tree_unref(second);
	if (set(edit, "a/c", "3") < 0 || set(edit, "a/d", "4") < 0)
		bail("%s", err.text);
	second = freeze(edit);
	is_str(room_text(first), "a/b=1\na/c=2\n", "what is frozen stays");
	is_str(room_text(second), "a/b=1\na/c=3\na/d=4\n",
	    "beside what follows");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
	is_str(room_text(first), "a/b=1\na/c=2\n", "also without the edit");
	irmin_tree_unref(first);
	irmin_tree_unref(second);
}

/* ---- names and values that are refused ---- */

static void test_names(irmin_repo *repo)
{
	static const char *const refused[] = { ".", "a/..", ".git", "a/.GIT/b",
		"git~1", ".git .", "a\\.git", ".g\xe2\x80\x8cit", ".irmin",
		"a/.irmin/b", ".gitmodules/a", ".gitattributes/a",
		".gitignore/a", ".mailmap/a" };
	irmin_tree *base = room_build(repo, "a/b=1", NULL);
	irmin_edit *edit = begin(base);
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof refused / sizeof *refused; i++) {
		fails(set(edit, refused[i], "1"), IRMIN_EINVAL, &err,
		    "setting %s", refused[i]);
		fails(irmin_edit_add_tree(edit, refused[i], base, &err),
		    IRMIN_EINVAL, &err, "a tree at %s", refused[i]);
		fails(irmin_edit_move(edit, "a", refused[i], &err),
		    IRMIN_EINVAL, &err, "moving to %s", refused[i]);
	}
	fails(irmin_edit_move(edit, "a/.irmin", "c", &err), IRMIN_EINVAL, &err,
	    "moving from a reserved step");
	fails(irmin_edit_remove(edit, ".irmin", &err), IRMIN_EINVAL, &err,
	    "removing a reserved step");
	fails(set(edit, tap_format("%0256d", 1), "1"), IRMIN_EINVAL, &err,
	    "a step of 256 bytes");
	fails(set(edit, tap_format("%04097d", 1), "1"), IRMIN_ELIMIT, &err,
	    "a path of 4097 bytes");
	fails(irmin_edit_set_n(edit, irmin_bytes("a\0b", 3), irmin_text("1"),
		  &err),
	    IRMIN_EINVAL, &err, "a NUL");
	fails(irmin_edit_add_tree(edit, ".gitmodules", base, &err),
	    IRMIN_EINVAL, &err, "a directory .gitmodules");
	fails(irmin_edit_set_mode(edit, ".gitmodules", IRMIN_MODE_SYMLINK,
		  irmin_text("x"), &err),
	    IRMIN_EINVAL, &err, "a link .gitmodules");
	is_rc(set(edit, ".gitignore", "*.o\n"), IRMIN_OK, "a file .gitignore");
	is_rc(irmin_edit_remove(edit, ".gitignore", &err), IRMIN_OK, "goes");
	is_str(text_of(edit), "a/b=1\n", "nothing else was changed");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

static void test_special_contents(irmin_repo *repo)
{
	static const char evil[] = "[submodule \"x\"]\n\turl = -u./payload\n";
	irmin_tree *base = room_build(repo, "evil=", NULL);
	irmin_edit *edit = begin(base);
	irmin_error err;

	fails(set(edit, ".gitmodules", evil), IRMIN_EINVAL, &err,
	    "a .gitmodules that git refuses");
	is_rc(set(edit, "evil", evil), IRMIN_OK, "is a fine value elsewhere");
	fails(irmin_edit_move(edit, "evil", "d/.gitmodules", &err),
	    IRMIN_EINVAL, &err, "but cannot be moved there");
	is_rc(set(edit, ".gitattributes", "* text\n"), IRMIN_OK,
	    "attributes that git reads");
	fails(set(edit, ".gitattributes", tap_format("%03000d\n", 0)),
	    IRMIN_EINVAL, &err, "attributes that git refuses");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

/* Names that git would refuse today, in trees that somebody else made. */
static void test_foreign_names(irmin_repo *repo)
{
	irmin_oid sub = room_add_tree(repo, "100644 x 1\n");
	irmin_oid id = room_add_tree(repo,
	    tap_format("100664 .GIT 0\n40000 .git %s\n40000 a %s\n",
		room_hex(&sub), room_hex(&sub)));
	irmin_tree *base = room_tree(repo, &id);
	irmin_edit *edit = begin(base);
	irmin_error err;

	is_rc(set(edit, "a/y", "2"), IRMIN_OK, "beside them");
	is_str(text_of(edit), ".GIT=0\n.git/x=1\na/x=1\na/y=2\n", "all kept");
	is_rc(set(edit, ".git/y", "3"), IRMIN_OK, "and in them");
	is_rc(irmin_edit_remove(edit, ".GIT", &err), IRMIN_OK, "or away");
	is_str(text_of(edit), ".git/x=1\n.git/y=3\na/x=1\na/y=2\n", "so it is");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

static void test_broken(irmin_repo *repo)
{
	irmin_oid bad = room_add_tree(repo, "100644 b 1\n100644 a 2\n");
	irmin_oid twice = room_add_tree(repo, "100644 a 1\n100644 a 2\n");
	irmin_oid id = room_add_tree(repo,
	    tap_format("40000 bad %s\n40000 twice %s\n", room_hex(&bad),
		room_hex(&twice)));
	irmin_tree *base = room_tree(repo, &id);
	irmin_edit *edit = begin(base);
	irmin_error err;

	fails(set(edit, "bad/a", "3"), IRMIN_ECORRUPT, &err, "out of order");
	ok(strstr(err.text, room_hex(&bad)), "named: %s", err.text);
	fails(irmin_edit_remove(edit, "twice/a", &err), IRMIN_ECORRUPT, &err,
	    "a name twice");
	ok(strstr(err.text, room_hex(&twice)), "named: %s", err.text);
	is_rc(set(edit, "good", "1"), IRMIN_OK, "beside them");
	is_rc(irmin_edit_remove(edit, "bad", &err), IRMIN_OK, "or away");
	is_str(text_of(edit), "good=1\ntwice/a=1\ntwice/a=2\n", "as they are");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

static void test_limits(void)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo;
	irmin_tree *base;
	irmin_edit *edit;
	irmin_error err;

	options.max_value_bytes = 10;
	options.max_tree_bytes = 60;
	repo = room_open(&options);
	base = room_build(repo, NULL);
	edit = begin(base);
	is_rc(set(edit, "a", "0123456789"), IRMIN_OK, "as much as is allowed");
	fails(set(edit, "b", "0123456789x"), IRMIN_ELIMIT, &err, "a byte more");
	is_rc(set(edit, "b", "1"), IRMIN_OK, "two entries of 29 bytes");
	fails(set(edit, "c", "1"), IRMIN_ELIMIT, &err, "a third one");
	is_str(text_of(edit), "a=0123456789\nb=1\n", "nothing else is there");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
	irmin_repo_close(repo);
}

/* ---- whole subtrees ---- */

static void test_add_tree(irmin_repo *repo)
{
	irmin_repo *elsewhere = room_open(NULL);
	irmin_tree *base = room_build(repo, "a/b=1", "v=0", NULL);
	irmin_tree *sub = room_build(repo, "x=7", "y/z=8", NULL);
	irmin_tree *empty = room_build(repo, NULL);
	irmin_tree *foreign = room_build(elsewhere, "x=7", NULL);
	irmin_edit *edit = begin(base);
	irmin_error err;

	is_rc(irmin_edit_add_tree(edit, "v", sub, &err), IRMIN_OK, "a tree");
	is_rc(irmin_edit_add_tree(edit, "v", sub, &err), IRMIN_UNCHANGED,
	    "the same again");
	is_str(text_of(edit), "a/b=1\nv/x=7\nv/y/z=8\n", "over a value");
	is_rc(set(edit, "v/y/z", "9"), IRMIN_OK, "can be edited");
	is_str(room_text(sub), "x=7\ny/z=8\n", "and is not changed by that");
	is_rc(irmin_edit_add_tree(edit, "v/y", empty, &err), IRMIN_OK,
	    "an empty one");
	is_str(text_of(edit), "a/b=1\nv/x=7\n", "removes what was there");
	is_rc(irmin_edit_add_tree(edit, "n", empty, &err), IRMIN_UNCHANGED,
	    "or nothing");
	fails(irmin_edit_add_tree(edit, "f", foreign, &err), IRMIN_EINVAL, &err,
	    "a tree of another repository");
	is_rc(irmin_edit_add_tree(edit, "", sub, &err), IRMIN_OK,
	    "as the root");
	is_rc(irmin_edit_add_tree(edit, "", sub, &err), IRMIN_UNCHANGED,
	    "the same again");
	is_str(text_of(edit), "x=7\ny/z=8\n", "it is all there is");
	is_rc(irmin_edit_add_tree(edit, "", empty, &err), IRMIN_OK, "emptied");
	is_str(text_of(edit), "", "by the empty tree");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
	irmin_tree_unref(sub);
	irmin_tree_unref(empty);
	irmin_tree_unref(foreign);
	irmin_repo_close(elsewhere);
}

static void test_add_unread(irmin_repo *repo)
{
	irmin_tree *sub = room_build(repo, "x=7", NULL), *tree;
	irmin_tree *base = room_build(repo, "v/x=7", NULL);
	irmin_oid id = room_store(sub);
	irmin_edit *edit = begin(base);
	irmin_error err;
	uint64_t before = irmin_repo_stat(repo, IRMIN_STAT_OBJECT_READS);

	room_store(base);
	irmin_tree_unref(sub);
	if (irmin__tree_of_id(repo, &id, &tree, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_edit_add_tree(edit, "w", tree, &err), IRMIN_OK, "by id");
	is_rc(irmin_edit_add_tree(edit, "v", tree, &err), IRMIN_UNCHANGED,
	    "the same as what is there");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_READS) - before, 0,
	    "nothing is read");
	is_str(text_of(edit), "v/x=7\nw/x=7\n", "it is there");
	irmin_tree_unref(tree);
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

static void test_move(irmin_repo *repo)
{
	irmin_tree *base = room_build(repo, "a/b=1", "a/c=2", "d/e=3", NULL);
	irmin_edit *edit = begin(base);
	irmin_error err;

	is_rc(irmin_edit_move(edit, "a/b", "a/b", &err), IRMIN_UNCHANGED,
	    "to itself");
	is_rc(irmin_edit_move(edit, "a/x", "y", &err), IRMIN_ABSENT, "nothing");
	fails(irmin_edit_move(edit, "a", "a/b", &err), IRMIN_EINVAL, &err,
	    "into itself");
	fails(irmin_edit_move(edit, "a/b", "a", &err), IRMIN_EINVAL, &err,
	    "over its own directory");
	fails(irmin_edit_move(edit, "", "a", &err), IRMIN_EINVAL, &err,
	    "the root");
	fails(irmin_edit_move(edit, "a", "", &err), IRMIN_EINVAL, &err,
	    "to the root");
	is_rc(irmin_edit_move(edit, "a/b", "n/m", &err), IRMIN_OK, "a value");
	is_str(text_of(edit), "a/c=2\nd/e=3\nn/m=1\n", "is moved");
	is_rc(irmin_edit_move(edit, "a", "d", &err), IRMIN_OK, "a directory");
	is_str(text_of(edit), "d/c=2\nn/m=1\n", "replaces another");
	is_rc(irmin_edit_move(edit, "n/m", "n/o", &err), IRMIN_OK,
	    "the only value of a directory");
	is_str(text_of(edit), "d/c=2\nn/o=1\n", "within it");
	is_rc(irmin_edit_set_mode(edit, "x", IRMIN_MODE_EXECUTABLE,
		  irmin_text("#"), &err),
	    IRMIN_OK, "an executable");
	is_rc(irmin_edit_move(edit, "x", "d/x", &err), IRMIN_OK, "moved");
	is_str(text_of(edit), "d/c=2\n100755 d/x=#\nn/o=1\n", "stays one");
	is_str(room_text(base), "a/b=1\na/c=2\nd/e=3\n", "the base stays");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

/* ---- failing half-way ---- */

/* One call on an edit. */
typedef irmin_rc (
    *edit_call)(irmin_edit *edit, irmin_tree *sub, irmin_error *err);

static irmin_rc call_set(irmin_edit *edit, irmin_tree *sub, irmin_error *err)
{
	(void)sub;
	return irmin_edit_set(edit, "a/n/m/o", irmin_text("new"), err);
}

static irmin_rc call_replace(irmin_edit *edit, irmin_tree *sub,
    irmin_error *err)
{
	(void)sub;
	return irmin_edit_set(edit, "a/b", irmin_text("new"), err);
}

static irmin_rc call_remove(irmin_edit *edit, irmin_tree *sub, irmin_error *err)
{
	(void)sub;
	return irmin_edit_remove(edit, "d/e/f", err);
}

static irmin_rc call_add_tree(irmin_edit *edit, irmin_tree *sub,
    irmin_error *err)
{
	return irmin_edit_add_tree(edit, "a/t", sub, err);
}

static irmin_rc call_move(irmin_edit *edit, irmin_tree *sub, irmin_error *err)
{
	(void)sub;
	return irmin_edit_move(edit, "d/e", "a/n/e", err);
}

/* An edit that shares all with its base, or has nodes of its own. */
static irmin_edit *prepare(irmin_tree *base, int touched)
{
	irmin_edit *edit = begin(base);
	irmin_error err;

	if (touched &&
	    (set(edit, "a/z", "5") < 0 || set(edit, "d/e/z", "6") < 0))
		bail("%s", err.text);
	return edit;
}

/* Fails each allocation of a call in turn. */
static void sweep(irmin_repo *repo, const char *name, edit_call call,
    int touched)
{
	irmin_tree *base = room_build(repo, "a/b=1", "a/c=2", "d/e/f=3", NULL);
	irmin_tree *sub = room_build(repo, "s/t=4", NULL);
	const char *before = touched ? "a/b=1\na/c=2\na/z=5\nd/e/f=3\nd/e/z=6\n"
				     : "a/b=1\na/c=2\nd/e/f=3\n";
	int n, same = 1;
	irmin_rc rc = IRMIN_ENOMEM;

	for (n = 1; rc == IRMIN_ENOMEM; n++) {
		irmin_edit *edit = prepare(base, touched);
		irmin_error err;

		alloc_fault_at((uint64_t)n);
		rc = call(edit, sub, &err);
		alloc_fault_at(0);
		if (rc < 0)
			same = same && strcmp(text_of(edit), before) == 0;
		irmin_edit_free(edit);
	}
	ok(rc == IRMIN_OK && same,
	    "%s%s: %d allocations failed, and nothing changed", name,
	    touched ? ", in place" : "", n - 2);
	irmin_tree_unref(sub);
	irmin_tree_unref(base);
}

static void test_no_memory(irmin_repo *repo)
{
	int touched;

	for (touched = 0; touched < 2; touched++) {
		sweep(repo, "set", call_set, touched);
		sweep(repo, "replace", call_replace, touched);
		sweep(repo, "remove", call_remove, touched);
		sweep(repo, "add_tree", call_add_tree, touched);
		sweep(repo, "move", call_move, touched);
	}
}

int main(void)
{
	size_t live = alloc_fault_live();
	irmin_repo *repo = room_open(NULL);

	test_set(repo);
	test_parsed(repo);
	test_modes(repo);
	test_remove(repo);
	test_reads(repo);
	test_freeze(repo);
	test_names(repo);
	test_special_contents(repo);
	test_foreign_names(repo);
	test_broken(repo);
	test_limits();
	test_add_tree(repo);
	test_add_unread(repo);
	test_move(repo);
	test_no_memory(repo);
	irmin_repo_close(repo);
	is_int(alloc_fault_live(), live, "nothing is left behind");
	return done_testing();
}
