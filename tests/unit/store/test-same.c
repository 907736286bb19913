/* Whether two trees are the same: as their contents say, and without hashing
 * where pointers and entries tell. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

#define ROUNDS 400

static unsigned seed = 1;

static unsigned below(unsigned n)
{
	return (unsigned)rand_r(&seed) % n;
}

/* Few paths and values, so that edits often meet, undo each other and make files
 * of directories. */
static void edit_at_random(irmin_edit *edit, unsigned count)
{
	static const char *const steps[] = { "a", "b", "a.c", "d" };
	const char *path, *value;
	irmin_error err;
	irmin_rc rc;

	for (; count; count--) {
		path = tap_format("%s/%s%s", steps[below(4)], steps[below(4)],
		    below(3) ? "" : "/z");
		value = tap_format("%u", below(2));
		rc = below(4)
		    ? irmin_edit_set(edit, path, irmin_text(value), &err)
		    : irmin_edit_remove(edit, path, &err);
		if (rc < 0)
			bail("%s", err.text);
	}
}

static irmin_tree *derive(irmin_tree *base, unsigned count)
{
	irmin_tree *tree = NULL;
	irmin_edit *edit = NULL;
	irmin_error err;

	if (irmin_edit_new(base, &edit, &err) < 0)
		bail("%s", err.text);
	edit_at_random(edit, count);
	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	return tree;
}

static int are_same(irmin_tree *a, irmin_tree *b)
{
	irmin_error err;
	int same;

	if (irmin_tree_same(a, b, &same, &err) < 0)
		bail("%s", err.text);
	return same;
}

static void in_memory(irmin_repo *repo)
{
	irmin_tree *empty = room_build(repo, NULL), *a, *b;
	unsigned wrong = 0, same = 0, different = 0, i;
	uint64_t hashed = 0, before;
	int expected, found;

	for (i = 0; i < ROUNDS; i++) {
		a = derive(empty, 1 + below(12));
		b = below(3) ? derive(a, below(4)) : derive(empty, below(3));
		expected = strcmp(room_text(a), room_text(b)) == 0;
		before = irmin_repo_stat(repo, IRMIN_STAT_HASHED_BYTES);
		found = are_same(a, b);
		hashed += irmin_repo_stat(repo, IRMIN_STAT_HASHED_BYTES) -
		    before;
		wrong += found != expected || are_same(b, a) != expected;
		same += expected;
		different += !expected;
		irmin_tree_unref(a);
		irmin_tree_unref(b);
	}
	is_int(wrong, 0, "two trees are the same as their contents are");
	ok(same > ROUNDS / 10 && different > ROUNDS / 10,
	    "many are (%u), many are not (%u)", same, different);
	is_int(hashed, 0, "no tree that is in memory is hashed");
	irmin_tree_unref(empty);
}

static void not_in_memory(irmin_repo *repo)
{
	irmin_tree *empty = room_build(repo, NULL), *a, *b, *read;
	unsigned wrong = 0, i;
	int expected;
	irmin_oid id;

	for (i = 0; i < ROUNDS; i++) {
		a = derive(empty, 1 + below(12));
		id = room_store(a);
		read = room_tree(repo, &id);
		b = derive(below(2) ? a : read, below(3));
		expected = strcmp(room_text(a), room_text(b)) == 0;
		wrong += are_same(read, b) != expected ||
		    are_same(b, read) != expected || !are_same(a, read);
		irmin_tree_unref(a);
		irmin_tree_unref(b);
		irmin_tree_unref(read);
	}
	is_int(wrong, 0, "also where they are read");
	irmin_tree_unref(empty);
}

/* A mode that git once wrote makes another object of the same entries. */
static void odd_modes(irmin_repo *repo)
{
	irmin_oid odd_id = room_add_tree(repo, "100664 a 1\n100644 b 2\n");
	irmin_tree *odd = room_tree(repo, &odd_id), *changed = NULL;
	irmin_tree *plain = room_build(repo, "a=1", "b=2", NULL);
	irmin_edit *edit = NULL;
	irmin_error err;

	if (irmin_edit_new(odd, &edit, &err) < 0 ||
	    irmin_edit_set(edit, "b", irmin_text("3"), &err) < 0 ||
	    irmin_edit_set(edit, "b", irmin_text("2"), &err) < 0 ||
	    irmin_edit_tree(edit, &changed, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	ok(!are_same(odd, plain), "an odd mode is another tree");
	ok(are_same(changed, plain), "an edit makes it plain");
	ok(!are_same(changed, odd), "and another one");
	irmin_tree_unref(odd);
	irmin_tree_unref(changed);
	irmin_tree_unref(plain);
}

/* What is put in the place of an equal directory changes nothing, whether it was
 * hashed or not; and what the edit did before is not frozen by the question. */
static void put_again(irmin_repo *repo)
{
	irmin_tree *base = room_build(repo, "d/x=1", "d/y/z=2", "e=3", NULL);
	irmin_tree *sub = room_build(repo, "x=1", "y/z=2", NULL);
	irmin_tree *whole, *last = NULL;
	irmin_edit *edit = NULL;
	irmin_error err;

	if (irmin_edit_new(base, &edit, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_edit_add_tree(edit, "d", sub, &err), IRMIN_UNCHANGED,
	    "an equal directory is there already");
	is_rc(irmin_edit_set(edit, "d/x", irmin_text("9"), &err), IRMIN_OK,
	    "changed");
	is_rc(irmin_edit_add_tree(edit, "d", sub, &err), IRMIN_OK,
	    "another is put in its place");
	is_rc(irmin_edit_set(edit, "e", irmin_text("4"), &err), IRMIN_OK,
	    "set");
	is_rc(irmin_edit_add_tree(edit, "d", sub, &err), IRMIN_UNCHANGED,
	    "and is there now");
	is_rc(irmin_edit_set(edit, "e", irmin_text("3"), &err), IRMIN_OK,
	    "set back");
	whole = room_build(repo, "d/x=1", "d/y/z=2", "e=3", NULL);
	is_rc(irmin_edit_add_tree(edit, "", whole, &err), IRMIN_UNCHANGED,
	    "the whole is as it was");
	is_rc(irmin_edit_set(edit, "e", irmin_text("5"), &err), IRMIN_OK,
	    "and can be changed");
	if (irmin_edit_tree(edit, &last, &err) < 0)
		bail("%s", err.text);
	is_str(room_text(last), "d/x=1\nd/y/z=2\ne=5\n", "as it says");
	is_str(room_text(base), "d/x=1\nd/y/z=2\ne=3\n",
	    "what it began at is as it was");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
	irmin_tree_unref(sub);
	irmin_tree_unref(whole);
	irmin_tree_unref(last);
}

/* A value that is there already is not hashed to find that out. */
static void set_again(irmin_repo *repo)
{
	irmin_tree *base = room_build(repo, "d/x=1", NULL);
	irmin_edit *edit = NULL;
	irmin_error err;
	uint64_t before;

	if (irmin_edit_new(base, &edit, &err) < 0)
		bail("%s", err.text);
	before = irmin_repo_stat(repo, IRMIN_STAT_HASHED_BYTES);
	is_rc(irmin_edit_set(edit, "d/x", irmin_text("1"), &err),
	    IRMIN_UNCHANGED, "the same value");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_HASHED_BYTES) - before, 0,
	    "is known by its bytes");
	is_rc(irmin_edit_set_mode(edit, "d/x", IRMIN_MODE_EXECUTABLE,
		  irmin_text("1"), &err),
	    IRMIN_OK, "another mode is a change");
	is_rc(irmin_edit_set(edit, "d/x", irmin_text("2"), &err), IRMIN_OK,
	    "so is another value");
	irmin_edit_free(edit);
	irmin_tree_unref(base);
}

static irmin_rc compare(void *arg, irmin_error *err)
{
	irmin_tree **trees = arg;
	int same = 0;
	irmin_rc rc = irmin_tree_same(trees[0], trees[1], &same, err);

	if (rc >= 0 && !same)
		bail("they are the same");
	return rc;
}

int main(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_tree *twins[] = { room_build(repo, "a/b/c=1", "d=2", NULL),
		room_build(repo, "a/b/c=1", "d=2", NULL) };

	in_memory(repo);
	not_in_memory(repo);
	odd_modes(repo);
	put_again(repo);
	set_again(repo);
	alloc_fault_sweep("compare two trees", compare, twins);
	irmin_tree_unref(twins[0]);
	irmin_tree_unref(twins[1]);
	irmin_repo_close(repo);
	return done_testing();
}
