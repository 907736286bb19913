/*
 * What a large tree takes of memory: one that was read from a packed git
 * directory, and the same made in memory. And all of it is given back.
 */
#include "tests/cost/meter.h"
#include "tests/cost/shape.h"
#include "tests/support/tap.h"

/* Bytes a key, at most: its entry, what finds it there, and its part of what
 * directories and the backend keep; of what was set, the value too. */
#define READ_BYTES 100
#define MADE_BYTES 200

static void must(irmin_rc rc, const irmin_error *err)
{
	if (rc < 0)
		bail("%s", err->text);
}

/* All of it may stay in memory. */
static irmin_repo *open_repo(const char *uri)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo;
	irmin_error err;

	options.cache_bytes = options.dirty_bytes = (size_t)1 << 30;
	must(irmin_repo_open(uri, &options, &repo, &err), &err);
	return repo;
}

static void check(const struct shape *shape, const char *what, size_t bytes,
    size_t most)
{
	ok(bytes <= most * shape->keys, "%s, %s: at most %zu bytes a key",
	    shape_text(shape), what, most);
	diag("%s, %s: %.1f bytes a key", shape_text(shape), what,
	    (double)bytes / (double)shape->keys);
}

static void test_made(const struct shape *shape)
{
	irmin_repo *repo = open_repo("mem:");
	size_t before = meter_live();
	irmin_error err;
	irmin_tree *tree;
	irmin_oid id;

	tree = shape_grow(repo, shape);
	check(shape, "made in memory", meter_live() - before, MADE_BYTES);
	must(irmin_tree_id(tree, &id, &err), &err);
	check(shape, "made in memory, with its ids", meter_live() - before,
	    MADE_BYTES);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

/* The tree in one pack, at the head of the branch. */
static void store_packed(const struct shape *shape, const char *uri)
{
	irmin_repo *repo = open_repo(tap_format("%s?create=1", uri));
	irmin_store *store;
	irmin_tree *tree;
	irmin_error err;

	must(irmin_store_open(repo, NULL, &store, &err), &err);
	tree = shape_grow(repo, shape);
	must(irmin_store_set_tree(store, "", tree, NULL, &err), &err);
	irmin_tree_unref(tree);
	irmin_store_close(store);
	must(irmin_repo_pack(repo, NULL, NULL, &err), &err);
	irmin_repo_close(repo);
}

static void test_read(const struct shape *shape)
{
	const char *uri = tap_format("git:%s/%d.git", tap_tmpdir(),
	    shape->is_flat);
	irmin_commit *head;
	irmin_tree *tree;
	irmin_error err;
	irmin_repo *repo;
	size_t before;

	store_packed(shape, uri);
	repo = open_repo(uri);
	must(irmin_commit_of_revision(repo, "HEAD", &head, &err), &err);
	must(irmin_commit_tree(head, &tree, &err), &err);
	before = meter_live();
	is_int(shape_count(tree, 0), shape->keys, "%s, read: all are there",
	    shape_text(shape));
	check(shape, "read", meter_live() - before, READ_BYTES);
	irmin_tree_unref(tree);
	irmin_commit_unref(head);
	irmin_repo_close(repo);
}

int main(void)
{
	struct shape fanned = { 0, meter_scaled(1000000) };
	struct shape flat = { 1, meter_scaled(100000) };
	size_t before = meter_live();

	test_made(&fanned);
	test_read(&fanned);
	test_made(&flat);
	test_read(&flat);
	is_int(meter_live(), before, "nothing of it is left");
	return done_testing();
}
