/*
 * libgit2, at the best settings we know: objects in memory by mempack; on disk
 * loose, with the compression asked for (1 or more: what level 0 writes, libgit2
 * 1.5 cannot read back); no fsync; no check that ids just made exist, none of the
 * hash of what is read; large caches of trees and values; commits made from ids,
 * without looking up tree and parent.
 *
 *     how=builder    treebuilders kept from commit to commit (libgit2-trees.c):
 *                    nothing is parsed again; the default
 *     how=updated    git_tree_create_updated: by path, as irmin_store_set
 *     how=sync       as builder, and every file is synced
 *
 * In memory libgit2 has no refs: the head it should move is a variable.
 */
#include "bench/peers/libgit2-trees.h"

#include "bench/bench-peer.h"
#include "bench/peers/git-process.h"

#include <git2/sys/commit.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A branch. */
struct head {
	const char *ref; /* what each commit moves, or NULL */
	git_oid commit, tree;
	int is_there;
	struct libgit2_trees *trees;
};

struct libgit2_peer {
	struct bench_peer base;
	git_repository *repo;
	git_signature *author;
	struct head head, fork;
	git_oid base_tree; /* where the fork began */
	git_object **held;
	size_t held_count;
};

struct reader {
	struct bench_reader base;
	git_tree *tree; /* NULL: through the ref */
};

static void check(int code, const char *doing)
{
	libgit2_check(code, doing);
}

static struct libgit2_peer *self_of(struct bench_peer *base)
{
	return (struct libgit2_peer *)base;
}

/* ---- opening ---- */

static void add_backend(git_odb *odb, git_odb_backend *backend, int priority)
{
	check(git_odb_add_backend(odb, backend, priority), "add a backend");
}

static void open_memory(struct libgit2_peer *self)
{
	git_odb_backend *memory;
	git_odb *odb;

	check(git_odb_new(&odb), "odb");
	check(git_mempack_new(&memory), "mempack");
	add_backend(odb, memory, 1);
	check(git_repository_new(&self->repo), "repository");
	check(git_repository_set_odb(self->repo, odb), "set odb");
	git_odb_free(odb);
}

static void use_compression(struct libgit2_peer *self, int synced)
{
	const struct bench *bench = self->base.bench;
	git_odb_backend *loose, *packs;
	char objects[4096];
	git_odb *odb;

	snprintf(objects, sizeof(objects), "%s/objects", bench->dir);
	check(git_odb_new(&odb), "odb");
	check(git_odb_backend_loose(&loose, objects, bench->compression, synced,
		  0, 0),
	    "loose");
	check(git_odb_backend_pack(&packs, objects), "packs");
	add_backend(odb, loose, 2);
	add_backend(odb, packs, 1);
	check(git_repository_set_odb(self->repo, odb), "set odb");
	git_odb_free(odb);
}

static void tune(int synced)
{
	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, synced);
	git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE,
	    (size_t)1 << 22);
	git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_BLOB,
	    (size_t)1 << 16);
}

static void open_directory(struct libgit2_peer *self, int synced)
{
	const struct bench *bench = self->base.bench;

	if (access(bench->dir, F_OK) == 0)
		check(git_repository_open(&self->repo, bench->dir), "open");
	else
		check(git_repository_init(&self->repo, bench->dir, 1), "init");
	if (bench->compression >= 0 || synced)
		use_compression(self, synced);
	self->head.ref = "refs/heads/main";
	self->fork.ref = "refs/heads/fork";
}

static void find_tree(struct head *head, git_repository *repo)
{
	git_treebuilder *empty;
	git_commit *commit;

	if (head->is_there) {
		check(git_commit_lookup(&commit, repo, &head->commit),
		    "find a commit");
		head->tree = *git_commit_tree_id(commit);
		git_commit_free(commit);
		return;
	}
	check(git_treebuilder_new(&empty, repo, NULL), "builder");
	check(git_treebuilder_write(&head->tree, empty), "empty tree");
	git_treebuilder_free(empty);
}

static void open_libgit2(struct bench_peer *base)
{
	struct libgit2_peer *self = self_of(base);
	int synced = strcmp(base->bench->how, "sync") == 0;

	tune(synced);
	if (*base->bench->dir)
		open_directory(self, synced);
	else
		open_memory(self);
	check(git_signature_new(&self->author, BENCH_NAME, BENCH_EMAIL,
		  BENCH_TIME, 0),
	    "signature");
	self->head.is_there = self->head.ref &&
	    git_reference_name_to_id(&self->head.commit, self->repo,
		self->head.ref) == 0;
	find_tree(&self->head, self->repo);
	self->head.trees = libgit2_trees_new(self->repo, &self->head.tree);
}

static void close_libgit2(struct bench_peer *base)
{
	struct libgit2_peer *self = self_of(base);

	while (self->held_count > 0)
		git_object_free(self->held[--self->held_count]);
	free(self->held);
	self->held = NULL;
	libgit2_trees_free(self->head.trees);
	libgit2_trees_free(self->fork.trees);
	self->fork.trees = NULL;
	git_signature_free(self->author);
	git_repository_free(self->repo);
	git_libgit2_shutdown();
}

/* ---- writing ---- */

static git_oid write_value(struct libgit2_peer *self,
    const struct bench_set *set)
{
	git_oid blob;

	check(git_blob_create_from_buffer(&blob, self->repo, set->value,
		  BENCH_VALUE_BYTES),
	    "write a blob");
	return blob;
}

/* `other` is a second parent, or NULL. */
static void commit_tree(struct libgit2_peer *self, struct head *head,
    const git_oid *other)
{
	const git_oid *parents[] = { &head->commit, other };
	git_oid id;

	check(git_commit_create_from_ids(&id, self->repo, head->ref,
		  self->author, self->author, NULL, BENCH_MESSAGE, &head->tree,
		  (size_t)head->is_there + (other != NULL), parents),
	    "commit");
	head->commit = id;
	head->is_there = 1;
}

static void set_libgit2(struct bench_peer *base, const struct bench_set *set)
{
	struct libgit2_peer *self = self_of(base);
	git_oid blob = write_value(self, set);

	libgit2_trees_set(self->head.trees, set->path, &blob);
}

static void commit_libgit2(struct bench_peer *base)
{
	struct libgit2_peer *self = self_of(base);

	libgit2_trees_write(self->head.trees, &self->head.tree);
	commit_tree(self, &self->head, NULL);
}

static void update_tree(struct libgit2_peer *self, struct head *head,
    const struct bench_set *set, const git_oid *blob)
{
	git_tree_update update = { GIT_TREE_UPDATE_UPSERT, *blob,
		GIT_FILEMODE_BLOB, set->path };
	git_tree *tree;

	check(git_tree_lookup(&tree, self->repo, &head->tree), "find a tree");
	check(git_tree_create_updated(&head->tree, self->repo, tree, 1,
		  &update),
	    "update a tree");
	git_tree_free(tree);
}

static void set_head(struct libgit2_peer *self, struct head *head,
    const struct bench_set *set)
{
	git_oid blob = write_value(self, set);

	if (self->base.bench->how[0] == 'u') {
		update_tree(self, head, set, &blob);
	} else {
		libgit2_trees_set(head->trees, set->path, &blob);
		libgit2_trees_write(head->trees, &head->tree);
	}
	commit_tree(self, head, NULL);
}

static void set_one_libgit2(struct bench_peer *base,
    const struct bench_set *set)
{
	struct libgit2_peer *self = self_of(base);

	set_head(self, &self->head, set);
}

static void tell_libgit2(struct bench_peer *base)
{
	struct libgit2_peer *self = self_of(base);
	struct bench *bench = base->bench;

	git_oid_tostr(bench->tree, sizeof(bench->tree), &self->head.tree);
	git_oid_tostr(bench->commit, sizeof(bench->commit), &self->head.commit);
}

static void pack_libgit2(struct bench_peer *base)
{
	static const char *const repack[] = { "repack", "-adq", NULL };

	git_run(base->bench->dir, repack, NULL, 0);
}

/* ---- merging ---- */

static void restart_trees(struct libgit2_peer *self, struct head *head)
{
	libgit2_trees_free(head->trees);
	head->trees = libgit2_trees_new(self->repo, &head->tree);
}

static void fork_libgit2(struct bench_peer *base)
{
	struct libgit2_peer *self = self_of(base);
	const char *ref = self->fork.ref;
	git_reference *made;

	self->base_tree = self->head.tree;
	libgit2_trees_free(self->fork.trees);
	self->fork = self->head;
	self->fork.ref = ref;
	self->fork.trees = libgit2_trees_new(self->repo, &self->head.tree);
	if (!ref)
		return;
	check(git_reference_create(&made, self->repo, ref, &self->fork.commit,
		  1, NULL),
	    "fork");
	git_reference_free(made);
}

static void set_fork_libgit2(struct bench_peer *base,
    const struct bench_set *set)
{
	struct libgit2_peer *self = self_of(base);

	set_head(self, &self->fork, set);
}

static git_tree *find(struct libgit2_peer *self, const git_oid *id)
{
	git_tree *tree;

	check(git_tree_lookup(&tree, self->repo, id), "find a tree");
	return tree;
}

static void merge_libgit2(struct bench_peer *base)
{
	struct libgit2_peer *self = self_of(base);
	git_tree *before = find(self, &self->base_tree);
	git_tree *ours = find(self, &self->head.tree);
	git_tree *theirs = find(self, &self->fork.tree);
	git_index *index;

	check(git_merge_trees(&index, self->repo, before, ours, theirs, NULL),
	    "merge");
	if (git_index_has_conflicts(index))
		bench_fail("merge", "there are conflicts");
	check(git_index_write_tree_to(&self->head.tree, index, self->repo),
	    "write the merge");
	git_index_free(index);
	git_tree_free(before);
	git_tree_free(ours);
	git_tree_free(theirs);
	commit_tree(self, &self->head, &self->fork.commit);
	restart_trees(self, &self->head);
}

/* ---- reading ---- */

static struct bench_reader *new_reader(struct bench_peer *base)
{
	struct libgit2_peer *self = self_of(base);
	struct reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		bench_fail("read", "out of memory");
	reader->base.peer = base;
	if (base->bench->via[0] == 't')
		reader->tree = find(self, &self->head.tree);
	return &reader->base;
}

static git_tree *newest_tree(struct libgit2_peer *self)
{
	git_oid id = self->head.commit;
	git_commit *commit;
	git_tree *tree;

	if (self->head.ref)
		check(git_reference_name_to_id(&id, self->repo, self->head.ref),
		    "read the ref");
	check(git_commit_lookup(&commit, self->repo, &id), "find a commit");
	check(git_commit_tree(&tree, commit), "find a tree");
	git_commit_free(commit);
	return tree;
}

static uint64_t get_libgit2(struct bench_reader *base, const char *path)
{
	struct reader *reader = (struct reader *)base;
	struct libgit2_peer *self = self_of(base->peer);
	git_tree *tree = reader->tree ? reader->tree : newest_tree(self);
	git_tree_entry *entry;
	git_blob *blob;
	uint64_t sum;

	check(git_tree_entry_bypath(&entry, tree, path), "find a path");
	check(git_blob_lookup(&blob, self->repo, git_tree_entry_id(entry)),
	    "find a blob");
	if (git_blob_rawsize(blob) != BENCH_VALUE_BYTES)
		bench_fail(path, "there is no such value");
	sum = bench_checksum(git_blob_rawcontent(blob));
	git_blob_free(blob);
	git_tree_entry_free(entry);
	if (!reader->tree)
		git_tree_free(tree);
	return sum;
}

static void free_reader(struct bench_reader *base)
{
	struct reader *reader = (struct reader *)base;

	git_tree_free(reader->tree);
	free(reader);
}

/* ---- holding all of a tree ---- */

static void hold(struct libgit2_peer *self, git_object *object)
{
	if ((self->held_count & (self->held_count - 1)) == 0)
		self->held = realloc(self->held,
		    (self->held_count ? 2 * self->held_count : 1) *
			sizeof(git_object *));
	if (!self->held)
		bench_fail("load", "out of memory");
	self->held[self->held_count++] = object;
}

static int load_entry(const char *root, const git_tree_entry *entry, void *arg)
{
	struct libgit2_peer *self = arg;
	git_object *object;

	(void)root;
	if (git_tree_entry_type(entry) != GIT_OBJECT_TREE &&
	    !self->base.bench->values)
		return 0;
	check(git_tree_entry_to_object(&object, self->repo, entry), "load");
	hold(self, object);
	return 0;
}

static void load_libgit2(struct bench_peer *base)
{
	struct libgit2_peer *self = self_of(base);
	git_tree *root = find(self, &self->head.tree);

	hold(self, (git_object *)root);
	check(git_tree_walk(root, GIT_TREEWALK_PRE, load_entry, self), "load");
}

int main(int argc, char **argv)
{
	static const struct bench_class class = {
		.size = sizeof(struct libgit2_peer),
		.hows = "builder updated sync ",
		.open = open_libgit2,
		.close = close_libgit2,
		.set = set_libgit2,
		.commit = commit_libgit2,
		.set_one = set_one_libgit2,
		.tell = tell_libgit2,
		.pack = pack_libgit2,
		.reader = new_reader,
		.get = get_libgit2,
		.reader_free = free_reader,
		.fork = fork_libgit2,
		.set_fork = set_fork_libgit2,
		.merge = merge_libgit2,
		.load = load_libgit2,
	};

	return bench_main(argc, argv, &class);
}
