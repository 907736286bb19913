/* What a backend is told of changed directories: the base, and splices that lead
 * from it to the new one, as many and as long as the change. */
#include "tests/unit/store/hooked.h"
#include "tests/unit/store/room.h"

#include "lib/backend-git/git.h"
#include "lib/core/base/os.h"
#include "lib/core/store/tree-walk.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of an entry "100644 kNNNNNN" and its id. */
#define ENTRY_BYTES 35

/* What was told since it was all zero. */
struct told {
	size_t trees, based, splices, bytes, wrong;
	irmin_batch *copy; /* trees go there too, or NULL */
};

static uint64_t chance = 1;

static unsigned below(unsigned limit)
{
	chance = chance * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(chance >> 33) % limit;
}

/* ---- what is told ---- */

/* The bytes that come of a base and splices; freed by the caller. */
static unsigned char *rebuild(irmin_slice base, const irmin_new_object *added)
{
	const unsigned char *old = base.data, *new = added->data.data;
	unsigned char *made = malloc(added->data.len + 1);
	size_t from = 0, to = 0, i, gap;

	for (i = 0; i <= added->splice_count; i++) {
		irmin_splice end = { base.len, 0, added->data.len, 0 };
		const irmin_splice *splice = i < added->splice_count
		    ? &added->splices[i]
		    : &end;

		if (splice->base_offset < from || splice->offset < to ||
		    splice->base_offset > base.len ||
		    splice->offset > added->data.len ||
		    splice->offset - to != splice->base_offset - from)
			break;
		gap = splice->offset - to;
		memcpy(made + to, old + from, gap);
		memcpy(made + splice->offset, new + splice->offset,
		    splice->len);
		from = splice->base_offset + splice->base_len;
		to = splice->offset + splice->len;
	}
	if (i <= added->splice_count || from != base.len ||
	    to != added->data.len) {
		free(made);
		return NULL;
	}
	return made;
}

static void hear(struct told *told, irmin_objects *objects,
    const irmin_new_object *added)
{
	unsigned char *made = NULL;
	irmin_object base;
	irmin_error err;
	size_t i;

	told->based++;
	told->splices += added->splice_count;
	for (i = 0; i < added->splice_count; i++)
		told->bytes += added->splices[i].len +
		    added->splices[i].base_len;
	if (objects->cls->find(objects, NULL, &added->base, &base, &err) ==
	    IRMIN_OK)
		made = rebuild(irmin_bytes(base.data.data, base.data.len),
		    added);
	if (!made || memcmp(made, added->data.data, added->data.len) != 0)
		told->wrong++;
	irmin_pin_release(&base.data);
	free(made);
}

static void adding(void *arg, irmin_objects *objects,
    const irmin_new_object *added, size_t count)
{
	struct told *told = arg;
	irmin_error err;
	size_t i;

	for (i = 0; i < count; i++) {
		if (added[i].type != IRMIN_OBJECT_TREE)
			continue;
		told->trees++;
		if (!irmin_oid_is_none(&added[i].base))
			hear(told, objects, &added[i]);
		if (told->copy &&
		    told->copy->cls->add(told->copy, NULL, &added[i], 1, &err) <
			0)
			bail("%s", err.text);
	}
}

/* ---- what is done ---- */

static void set(irmin_edit *edit, unsigned key, unsigned value)
{
	irmin_error err;

	if (irmin_edit_set(edit, tap_format("d/k%06u", key),
		irmin_text(tap_format("%u", value)), &err) < 0)
		bail("%s", err.text);
}

static irmin_edit *edit_of(irmin_tree *tree)
{
	irmin_edit *edit;
	irmin_error err;

	if (irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	return edit;
}

/* Ends the edit; the tree, which is stored. */
static irmin_tree *end_edit(irmin_edit *edit)
{
	irmin_tree *tree;
	irmin_error err;

	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	room_store(tree);
	return tree;
}

static irmin_tree *make(irmin_repo *repo, unsigned size)
{
	irmin_tree *empty;
	irmin_edit *edit;
	irmin_error err;
	unsigned i;

	if (irmin_tree_empty(repo, &empty, &err) < 0)
		bail("%s", err.text);
	edit = edit_of(empty);
	irmin_tree_unref(empty);
	for (i = 0; i < size; i++)
		set(edit, 2 * i, i);
	return end_edit(edit);
}

/* One change: most often a value, set or new; else one goes, or becomes a
 * directory. */
static void change(irmin_edit *edit, unsigned size)
{
	unsigned key = below(2 * size), what = below(8);
	const char *path = tap_format("d/k%06u", key);
	irmin_error err;
	irmin_rc rc = IRMIN_OK;

	if (what == 0)
		rc = irmin_edit_remove(edit, path, &err);
	else if (what == 1)
		rc = irmin_edit_set(edit, tap_format("%s/x", path),
		    irmin_text("y"), &err);
	else
		set(edit, key, below(1u << 30));
	if (rc < 0)
		bail("%s", err.text);
}

static irmin_tree *change_some(irmin_tree *tree, unsigned size, unsigned count)
{
	irmin_edit *edit = edit_of(tree);

	irmin_tree_unref(tree);
	while (count--)
		change(edit, size);
	return end_edit(edit);
}

/* ---- the tests ---- */

static void check_size(unsigned size, unsigned rounds, int read_anew)
{
	struct told told = { 0 };
	struct hooks hooks = { .adding = adding, .arg = &told };
	irmin_repo *repo = hooked_open(&hooks, NULL);
	irmin_tree *tree = make(repo, size);
	unsigned i, changes = 0, count;
	irmin_oid id;

	is_int(told.based, 0, "%u entries: a new directory has no base", size);
	told = (struct told){ 0 };
	for (i = 0; i < rounds; i++) {
		if (read_anew) {
			id = room_store(tree);
			irmin_tree_unref(tree);
			tree = room_tree(repo, &id);
		}
		count = 1 + below(size > 1000 ? 20 : 3);
		changes += count;
		tree = change_some(tree, size, count);
	}
	is_int(told.wrong, 0, "%u entries, %u changes: all come of their bases",
	    size, changes);
	if (size >= 100)
		ok(told.based + 10 >= rounds, "%zu of %zu directories have one",
		    told.based, told.trees);
	ok(told.splices <= changes + told.based, "%zu splices", told.splices);
	ok(told.bytes <= (changes + told.based) * 2 * (ENTRY_BYTES + 2),
	    "of %zu bytes", told.bytes);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

/* A directory that comes back, and one that has little left of what it was. */
static void check_none(void)
{
	struct told told = { 0 };
	struct hooks hooks = { .adding = adding, .arg = &told };
	irmin_repo *repo = hooked_open(&hooks, NULL), *memory;
	irmin_tree *tree = make(repo, 200);
	irmin_edit *edit = edit_of(tree);
	irmin__node *root;
	irmin_error err;
	unsigned i;

	told = (struct told){ 0 };
	set(edit, 1, 1);
	if (irmin_edit_remove(edit, "d/k000001", &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(end_edit(edit));
	is_int(told.splices, 0, "what is as it was has no splices");
	edit = edit_of(tree);
	for (i = 0; i < 200; i++)
		set(edit, 2 * i, i + 1000);
	told = (struct told){ 0 };
	irmin_tree_unref(end_edit(edit));
	is_int(told.splices, 0, "what has changed all over has none");
	irmin_tree_unref(tree);
	irmin_repo_close(repo);

	memory = room_open(NULL);
	tree = make(memory, 40);
	edit = edit_of(tree);
	irmin_tree_unref(tree);
	set(edit, 1, 1);
	if (irmin_edit_tree(edit, &tree, &err) < 0 ||
	    irmin__tree_root(tree, &root, &err) < 0)
		bail("%s", err.text);
	ok(!irmin__node_take_base(root), "in memory there are no bases");
	irmin_edit_free(edit);
	irmin_tree_unref(tree);
	irmin_repo_close(memory);
}

/* They become deltas in a pack, which nobody searches for. */
static void check_git(void)
{
	const char *dir = tap_format("%s/packed.git", tap_tmpdir());
	struct told told = { 0 };
	struct hooks hooks = { .adding = adding, .arg = &told };
	irmin_repo *repo = hooked_open(&hooks, NULL);
	irmin_backend *git;
	struct tap_output said;
	irmin_tree *tree;
	irmin_error err;
	unsigned i;

	tap_run(NULL, "git init -q --bare %s", dir);
	if (irmin__git_open(irmin__os_posix(), dir, NULL, &git, &err) < 0 ||
	    git->objects->cls->batch_begin(git->objects, NULL, &told.copy,
		&err) < 0)
		bail("%s", err.text);
	tree = make(repo, 1000);
	for (i = 0; i < 100; i++)
		tree = change_some(tree, 1000, 2);
	succeeds(told.copy->cls->finish(told.copy, NULL, &err), &err,
	    "%zu trees in a pack", told.trees);
	tap_run(&said,
	    "cd %s && git verify-pack -v objects/pack/*.idx | "
	    "awk '$2 == \"tree\" && NF == 7 { n++; b += $4 } "
	    "END { print n, int(b / n) }'",
	    dir);
	ok(atoi(said.out) >= 95 && atoi(strchr(said.out, ' ')) < 300,
	    "deltas, and the bytes of one: %s", said.out);
	tap_output_clear(&said);
	is_int(tap_run(NULL,
		   "cd %s && git cat-file --batch-all-objects "
		   "--batch-check >/dev/null && git index-pack --strict "
		   "-o ../x.idx $(ls objects/pack/*.pack) 2>&1 | "
		   "grep -i error",
		   dir),
	    1, "git reads them");
	git->objects->cls->close(git->objects);
	git->refs->cls->close(git->refs);
	git->cls->close(git);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

/* ---- allocations ---- */

struct sweep {
	irmin_repo *repo;
	irmin_tree *tree;
};

static irmin_rc change_once(void *arg, irmin_error *err)
{
	struct sweep *sweep = arg;
	irmin_edit *edit = NULL;
	irmin_tree *tree = NULL;
	irmin_rc rc = irmin_edit_new(sweep->tree, &edit, err);

	if (rc >= 0)
		rc = irmin_edit_set(edit, "d/k000100", irmin_text("other"),
		    err);
	if (rc >= 0)
		rc = irmin_edit_set(edit, "d/k000300", irmin_text("other"),
		    err);
	if (rc >= 0)
		rc = irmin_edit_tree(edit, &tree, err);
	if (rc >= 0)
		rc = irmin_tree_write(tree, NULL, err);
	irmin_tree_unref(tree);
	irmin_edit_free(edit);
	return rc;
}

static void check_sweep(void)
{
	struct hooks hooks = { 0 };
	struct sweep sweep = { hooked_open(&hooks, NULL), NULL };
	irmin_error err;

	sweep.tree = make(sweep.repo, 200);
	irmin_tree_unref(change_some(irmin_tree_ref(sweep.tree), 200, 1));
	if (change_once(&sweep, &err) < 0)
		bail("%s", err.text);
	alloc_fault_sweep("a change, stored", change_once, &sweep);
	irmin_tree_unref(sweep.tree);
	irmin_repo_close(sweep.repo);
}

int main(void)
{
	check_size(1, 50, 0);
	check_size(30, 200, 0);
	check_size(30, 100, 1);
	check_size(100, 200, 1);
	check_size(1000, 300, 0);
	check_size(1000, 100, 1);
	check_size(100000, 40, 0);
	check_none();
	check_git();
	check_sweep();
	return done_testing();
}
