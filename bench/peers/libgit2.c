/*
 * The workloads of bench-clock.h through libgit2, at the best settings we know:
 * objects in memory by mempack; on disk loose, with the compression asked for
 * (1 or more: what level 0 writes, libgit2 1.5 cannot read back); no fsync; no
 * check that ids just made exist, none of the hash of what is read; a large
 * cache of trees; commits made from ids, without looking up tree and parent.
 *
 *     how=builder    treebuilders kept from commit to commit: nothing is parsed
 *                    again; the program must know which directory it writes
 *     how=updated    git_tree_create_updated: by path, as irmin_store_set
 *
 * In memory libgit2 has no refs: the head it should move is a variable.
 */
#include "bench/bench-clock.h"

#include <git2.h>
#include <git2/sys/commit.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

#include <stdlib.h>
#include <string.h>

struct peer {
	git_repository *repo;
	git_signature *author;
	const char *ref; /* what each commit moves, or NULL */
	git_oid head;
	int has_head;
	git_oid tree; /* of the head */
	git_treebuilder *root, *d, *leaf;
};

static void check(int code, const char *doing)
{
	const git_error *error = git_error_last();

	if (code >= 0)
		return;
	fprintf(stderr, "bench: %s: %s\n", doing, error ? error->message : "?");
	exit(3);
}

static void open_memory(struct peer *self)
{
	git_odb *odb;
	git_odb_backend *memory;

	check(git_odb_new(&odb), "odb");
	check(git_mempack_new(&memory), "mempack");
	check(git_odb_add_backend(odb, memory, 1), "add mempack");
	check(git_repository_new(&self->repo), "repository");
	check(git_repository_set_odb(self->repo, odb), "set odb");
	git_odb_free(odb);
}

static void open_directory(struct peer *self, const struct bench *bench)
{
	char objects[4096];
	git_odb *odb;
	git_odb_backend *loose;

	check(git_repository_init(&self->repo, bench->dir, 1), "init");
	self->ref = "refs/heads/main";
	if (bench->compression < 0)
		return;
	snprintf(objects, sizeof(objects), "%s/objects", bench->dir);
	check(git_odb_new(&odb), "odb");
	check(git_odb_backend_loose(&loose, objects, bench->compression, 0, 0,
		  0),
	    "loose");
	check(git_odb_add_backend(odb, loose, 1), "add loose");
	check(git_repository_set_odb(self->repo, odb), "set odb");
	git_odb_free(odb);
}

static void open_peer(struct peer *self, const struct bench *bench)
{
	git_oid empty;

	memset(self, 0, sizeof(*self));
	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE,
	    (size_t)1 << 22);
	git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_BLOB,
	    (size_t)1 << 16);
	check(git_signature_new(&self->author, BENCH_NAME, BENCH_EMAIL,
		  BENCH_TIME, 0),
	    "signature");
	if (*bench->dir)
		open_directory(self, bench);
	else
		open_memory(self);
	check(git_treebuilder_new(&self->root, self->repo, NULL), "builder");
	check(git_treebuilder_new(&self->d, self->repo, NULL), "builder");
	check(git_treebuilder_write(&empty, self->root), "empty tree");
	self->tree = empty;
}

static void close_peer(struct peer *self)
{
	git_treebuilder_free(self->root);
	git_treebuilder_free(self->d);
	git_treebuilder_free(self->leaf);
	git_signature_free(self->author);
	git_repository_free(self->repo);
	git_libgit2_shutdown();
}

static git_oid write_builder(git_treebuilder *builder)
{
	git_oid id;

	check(git_treebuilder_write(&id, builder), "write a tree");
	return id;
}

static void insert(git_treebuilder *builder, const char *name,
    const git_oid *id, git_filemode_t mode)
{
	check(git_treebuilder_insert(NULL, builder, name, id, mode), "insert");
}

static git_oid write_value(struct peer *self, unsigned i)
{
	char value[24];
	git_oid blob;

	bench_value(i, value);
	check(git_blob_create_from_buffer(&blob, self->repo, value, 16),
	    "write a blob");
	return blob;
}

/* Puts value i into the builders of its directory; writes none of them. */
static void build_leaf(struct peer *self, unsigned i)
{
	char name[16];
	git_oid blob = write_value(self, i);

	if (i % BENCH_PER_DIRECTORY == 0) {
		git_treebuilder_free(self->leaf);
		check(git_treebuilder_new(&self->leaf, self->repo, NULL),
		    "builder");
	}
	snprintf(name, sizeof(name), "%u", i % BENCH_PER_DIRECTORY);
	insert(self->leaf, name, &blob, GIT_FILEMODE_BLOB);
}

static void build_trees(struct peer *self, unsigned i)
{
	char name[16];
	git_oid id = write_builder(self->leaf);

	snprintf(name, sizeof(name), "%u", i / BENCH_PER_DIRECTORY);
	insert(self->d, name, &id, GIT_FILEMODE_TREE);
	id = write_builder(self->d);
	insert(self->root, "d", &id, GIT_FILEMODE_TREE);
	self->tree = write_builder(self->root);
}

static void update_tree(struct peer *self, unsigned i)
{
	char path[40];
	git_tree *tree;
	git_tree_update update = { GIT_TREE_UPDATE_UPSERT, { { 0 } },
		GIT_FILEMODE_BLOB, path };

	bench_path(i, path);
	update.id = write_value(self, i);
	check(git_tree_lookup(&tree, self->repo, &self->tree), "find a tree");
	check(git_tree_create_updated(&self->tree, self->repo, tree, 1,
		  &update),
	    "update a tree");
	git_tree_free(tree);
}

static void commit(struct peer *self)
{
	const git_oid *parents[] = { &self->head };
	git_oid id;

	check(git_commit_create_from_ids(&id, self->repo, self->ref,
		  self->author, self->author, NULL, BENCH_MESSAGE, &self->tree,
		  self->has_head, parents),
	    "commit");
	self->head = id;
	self->has_head = 1;
}

static void tell_ids(const struct peer *self, struct bench *bench)
{
	git_oid_tostr(bench->tree, sizeof(bench->tree), &self->tree);
	git_oid_tostr(bench->commit, sizeof(bench->commit), &self->head);
}

static int run_commits(struct bench *bench)
{
	int updated = strcmp(bench->how, "updated") == 0;
	struct peer self;
	unsigned i;

	open_peer(&self, bench);
	bench_start(bench, bench->commits);
	for (i = 0; i < bench->commits; i++) {
		if (updated) {
			update_tree(&self, i);
		} else {
			build_leaf(&self, i);
			build_trees(&self, i);
		}
		commit(&self);
		bench_lap(bench);
	}
	bench_stop(bench);
	tell_ids(&self, bench);
	close_peer(&self);
	return 0;
}

static void fill(struct peer *self, const struct bench *bench)
{
	unsigned i;

	for (i = 0; i < bench->commits; i++) {
		build_leaf(self, i);
		if ((i + 1) % BENCH_PER_DIRECTORY == 0 ||
		    i + 1 == bench->commits)
			build_trees(self, i);
	}
	commit(self);
}

static void reopen(struct peer *self, const struct bench *bench)
{
	if (!*bench->dir)
		return;
	git_repository_free(self->repo);
	check(git_repository_open(&self->repo, bench->dir), "open");
}

static int run_gets(struct bench *bench)
{
	struct peer self;
	char path[40];
	git_tree *tree;
	git_tree_entry *entry;
	git_blob *blob;
	unsigned i;

	open_peer(&self, bench);
	fill(&self, bench);
	reopen(&self, bench);
	bench_start(bench, bench->gets);
	check(git_tree_lookup(&tree, self.repo, &self.tree), "find a tree");
	for (i = 0; i < bench->gets; i++) {
		bench_path(bench_random(i, bench->commits), path);
		check(git_tree_entry_bypath(&entry, tree, path), "find a path");
		check(git_blob_lookup(&blob, self.repo,
			  git_tree_entry_id(entry)),
		    "find a blob");
		check(git_blob_rawsize(blob) == 16 ? 0 : -1, "a value");
		git_blob_free(blob);
		git_tree_entry_free(entry);
		bench_lap(bench);
	}
	bench_stop(bench);
	git_tree_free(tree);
	tell_ids(&self, bench);
	close_peer(&self);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct bench_entry entries[] = {
		{ "commit-memory", run_commits },
		{ "commit-git", run_commits },
		{ "get-memory", run_gets },
		{ "get-git", run_gets },
		{ NULL, NULL },
	};

	return bench_main(argc, argv, entries);
}
