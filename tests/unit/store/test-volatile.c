/* Repositories that keep their graph in memory: what is written, what is found by
 * id and for how long, and that what nobody holds is freed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "lib/core/store/repo.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/history.h"
#include "tests/unit/store/room.h"

static void set(irmin_store *store, const char *path, const char *value)
{
	irmin_info info = irmin_info_of("A <a@b>", "m");
	irmin_error err;

	if (irmin_store_set(store, path, irmin_text(value), &info, &err) < 0)
		bail("%s", err.text);
}

static irmin_commit *head_of(irmin_store *store)
{
	irmin_commit *head = NULL;
	irmin_error err;

	if (irmin_store_head(store, &head, &err) != IRMIN_OK)
		bail("no head");
	return head;
}

static int count_one(void *arg, const irmin_oid *id)
{
	(void)id;
	++*(int *)arg;
	return 0;
}

static int count_objects(irmin_repo *repo)
{
	irmin_error err;
	int count = 0;

	if (irmin_object_each(repo, NULL, count_one, &count, &err) < 0)
		bail("%s", err.text);
	return count;
}

static void nothing_is_written(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_store *store = room_store_on(repo, "main");
	irmin_commit *head;
	irmin_oid id;
	irmin_error err;
	int i;

	for (i = 0; i < 50; i++)
		set(store, tap_format("d/%d", i % 7), tap_format("%d", i));
	is_int(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES), 0,
	    "no object is written");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_READS), 0,
	    "none is read");
	ok(irmin_repo_stat(repo, IRMIN_STAT_HASHED_BYTES) < 50 * 3,
	    "values are hashed, and nothing else");
	head = head_of(store);
	is_rc(irmin_commit_id(head, &id, &err), IRMIN_OK, "an id is asked for");
	is_int(count_objects(repo), 50 * 3 + 50, "everything has one now");
	is_int(room_faults(repo), 0, "and fits together");
	irmin_commit_unref(head);
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* What is found by id is the graph's own, and may be built upon. */
static void by_id(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_store *store = room_store_on(repo, "main");
	irmin_commit *head, *found, *none;
	irmin_tree *tree = NULL, *again = NULL;
	irmin_edit *edit = NULL;
	irmin_oid id, tree_id, blob;
	irmin_object_type type;
	irmin_mode mode;
	irmin_error err;
	uint64_t bytes;
	int same;

	set(store, "a/b", "a value of its own");
	head = head_of(store);
	if (irmin_commit_id(head, &id, &err) < 0 ||
	    irmin_store_tree(store, &tree, &err) < 0 ||
	    irmin_tree_id(tree, &tree_id, &err) < 0 ||
	    irmin_tree_find_mode(tree, "a/b", &mode, &blob, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_commit_get(repo, &id, &found, &err), IRMIN_OK, "a commit");
	ok(found == head, "it is the same one");
	irmin_commit_unref(found);
	is_rc(irmin_tree_get(repo, &tree_id, &again, &err), IRMIN_OK, "a tree");
	is_rc(irmin_tree_same(tree, again, &same, &err), IRMIN_OK, "compared");
	ok(same, "it is the same");
	fails(irmin_commit_get(repo, &tree_id, &none, &err), IRMIN_EINVAL, &err,
	    "a tree is no commit");
	is_rc(irmin_object_stat(repo, &blob, &type, &bytes, &err), IRMIN_OK,
	    "a value");
	is_int(bytes, 18, "its size");
	if (irmin_edit_new(again, &edit, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	irmin_tree_unref(again);
	is_rc(irmin_edit_set_blob(edit, "c", IRMIN_MODE_NONE, &blob, &err),
	    IRMIN_OK, "a value by id");
	is_rc(irmin_edit_remove(edit, "a", &err), IRMIN_OK, "its path goes");
	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	irmin_commit_unref(head);
	is_rc(irmin_branch_remove(repo, "main", &err), IRMIN_OK,
	    "and the branch");
	is_str(room_text(tree), "c=a value of its own\n", "the value stays");
	irmin_tree_unref(tree);
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* An object that is added takes along what it names. */
static void settled(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_store *store = room_store_on(repo, "main");
	irmin_commit *head, *tagged = NULL;
	irmin_oid id, tag;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_error err;
	const char *text;
	int i;

	for (i = 0; i < 5; i++)
		set(store, tap_format("x/%d", i), tap_format("%d", i));
	head = head_of(store);
	if (irmin_commit_id(head, &id, &err) < 0)
		bail("%s", err.text);
	irmin_commit_unref(head);
	text = tap_format("object %s\ntype commit\ntag t\n"
			  "tagger A <a@b> 0 +0000\n\nm\n",
	    irmin_oid_hex(&id, hex));
	is_rc(irmin_object_add(repo, IRMIN_OBJECT_TAG, irmin_text(text), &tag,
		  &err),
	    IRMIN_OK, "a tag of the head");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES),
	    1 + 5 * 3 + (1 + 2 + 3 + 4 + 5),
	    "all that it leads to is written, small values with each leaf");
	is_rc(irmin_branch_remove(repo, "main", &err), IRMIN_OK,
	    "the branch goes");
	is_rc(irmin_commit_of_revision(repo,
		  tap_format("%s^{commit}~4", irmin_oid_hex(&tag, hex)),
		  &tagged, &err),
	    IRMIN_OK, "the history is there by the tag");
	irmin_commit_unref(tagged);
	is_int(room_faults(repo), 0, "and fits together");
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* Blocks that live after so many rounds of making and removing branches. */
static size_t live_after(irmin_repo *repo, int rounds, int looks)
{
	irmin_error err;
	int i, j;

	for (i = 0; i < rounds; i++) {
		irmin_store *store = room_store_on(repo, "side");
		irmin_commit *head, *found = NULL;
		irmin_oid id;

		for (j = 0; j < 20; j++)
			set(store, tap_format("p/%d", j),
			    tap_format("%d", i * 20 + j));
		head = head_of(store);
		if (looks &&
		    (irmin_commit_id(head, &id, &err) < 0 ||
			irmin_commit_get(repo, &id, &found, &err) < 0))
			bail("%s", err.text);
		irmin_commit_unref(found);
		irmin_commit_unref(head);
		irmin_store_close(store);
		if (irmin_branch_remove(repo, "side", &err) < 0)
			bail("%s", err.text);
	}
	return alloc_fault_live();
}

static void freed(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_store *store = room_store_on(repo, "main");
	size_t few, many;

	set(store, "a", "1");
	few = live_after(repo, 1, 0);
	many = live_after(repo, 50, 0);
	is_int(many, few, "what no branch reaches is freed at once");
	live_after(repo, 50, 1);
	few = live_after(repo, 1, 0);
	many = live_after(repo, 400, 1);
	ok(many < few + 4000,
	    "... by and by, when it was looked up by id: "
	    "%zu and %zu blocks",
	    few, many);
	live_after(repo, 60, 0);
	irmin_store_close(store);
	irmin_repo_close(repo);
}

int main(void)
{
	nothing_is_written();
	by_id();
	settled();
	freed();
	is_int(alloc_fault_live(), 0, "nothing is left behind");
	return done_testing();
}
