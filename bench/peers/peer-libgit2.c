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
 *     how=mempack    as builder; in a directory too objects stay in memory, and
 *                    go there, and the ref with them, as one pack every 1,000
 *                    commits and at the end
 *
 * In memory libgit2 has no refs: the head it should move is a variable.
 */
#include "bench/peers/libgit2-peer.h"

#include "bench/peers/git-process.h"

#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Trees that a merge writes are not known to us, and could not be packed. */
static const char *lacks_libgit2(const struct bench *bench)
{
	return strcmp(bench->how, "mempack") == 0 &&
		(!*bench->dir || strcmp(bench->workload, "w4") == 0)
	    ? "how=mempack is for directories and not for merges"
	    : NULL;
}

/* ---- opening ---- */

static void add_backend(git_odb *odb, git_odb_backend *backend, int priority)
{
	libgit2_check(git_odb_add_backend(odb, backend, priority),
	    "add a backend");
}

static void open_memory(struct libgit2_peer *self)
{
	git_odb_backend *memory;
	git_odb *odb;

	libgit2_check(git_odb_new(&odb), "odb");
	libgit2_check(git_mempack_new(&memory), "mempack");
	add_backend(odb, memory, 1);
	libgit2_check(git_repository_new(&self->repo), "repository");
	libgit2_check(git_repository_set_odb(self->repo, odb), "set odb");
	git_odb_free(odb);
}

static void use_compression(struct libgit2_peer *self, int synced)
{
	const struct bench *bench = self->base.bench;
	git_odb_backend *loose, *packs;
	char objects[4096];
	git_odb *odb;

	snprintf(objects, sizeof(objects), "%s/objects", bench->dir);
	libgit2_check(git_odb_new(&odb), "odb");
	libgit2_check(git_odb_backend_loose(&loose, objects, bench->compression,
			  synced, 0, 0),
	    "loose");
	libgit2_check(git_odb_backend_pack(&packs, objects), "packs");
	add_backend(odb, loose, 2);
	add_backend(odb, packs, 1);
	libgit2_check(git_repository_set_odb(self->repo, odb), "set odb");
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
		libgit2_check(git_repository_open(&self->repo, bench->dir),
		    "open");
	else
		libgit2_check(git_repository_init(&self->repo, bench->dir, 1),
		    "init");
	if (bench->compression >= 0 || synced)
		use_compression(self, synced);
	if (strcmp(bench->how, "mempack") == 0)
		self->pack = libgit2_pack_new(self->repo);
	self->head.ref = LIBGIT2_MAIN;
	self->fork.ref = "refs/heads/fork";
}

static void find_tree(struct head *head, git_repository *repo)
{
	git_treebuilder *empty;
	git_commit *commit;

	if (head->is_there) {
		libgit2_check(git_commit_lookup(&commit, repo, &head->commit),
		    "find a commit");
		head->tree = *git_commit_tree_id(commit);
		git_commit_free(commit);
		return;
	}
	libgit2_check(git_treebuilder_new(&empty, repo, NULL), "builder");
	libgit2_check(git_treebuilder_write(&head->tree, empty), "empty tree");
	git_treebuilder_free(empty);
}

static void open_libgit2(struct bench_peer *base)
{
	struct libgit2_peer *self = libgit2_self(base);
	int synced = strcmp(base->bench->how, "sync") == 0;

	tune(synced);
	if (*base->bench->dir)
		open_directory(self, synced);
	else
		open_memory(self);
	libgit2_check(git_signature_new(&self->author, BENCH_NAME, BENCH_EMAIL,
			  BENCH_TIME, 0),
	    "signature");
	self->head.is_there = self->head.ref &&
	    git_reference_name_to_id(&self->head.commit, self->repo,
		self->head.ref) == 0;
	find_tree(&self->head, self->repo);
	self->head.trees = libgit2_trees_new(self->repo, self->pack,
	    &self->head.tree);
}

static void close_libgit2(struct bench_peer *base)
{
	struct libgit2_peer *self = libgit2_self(base);

	while (self->held_count > 0)
		git_object_free(self->held[--self->held_count]);
	free(self->held);
	self->held = NULL;
	libgit2_trees_free(self->head.trees);
	libgit2_trees_free(self->fork.trees);
	self->fork.trees = NULL;
	libgit2_pack_free(self->pack);
	self->pack = NULL;
	git_signature_free(self->author);
	git_repository_free(self->repo);
	git_libgit2_shutdown();
}

static void tell_libgit2(struct bench_peer *base)
{
	struct libgit2_peer *self = libgit2_self(base);
	struct bench *bench = base->bench;

	git_oid_tostr(bench->tree, sizeof(bench->tree), &self->head.tree);
	git_oid_tostr(bench->commit, sizeof(bench->commit), &self->head.commit);
}

static void pack_libgit2(struct bench_peer *base)
{
	static const char *const repack[] = { "repack", "-adq", NULL };

	git_run(base->bench->dir, repack, NULL, 0);
}

int main(int argc, char **argv)
{
	static const struct bench_class class = {
		.size = sizeof(struct libgit2_peer),
		.hows = "builder updated sync mempack ",
		.lacks = lacks_libgit2,
		.open = open_libgit2,
		.close = close_libgit2,
		.set = libgit2_set,
		.commit = libgit2_commit,
		.set_one = libgit2_set_one,
		.settle = libgit2_settle,
		.tell = tell_libgit2,
		.pack = pack_libgit2,
		.reader = libgit2_reader,
		.get = libgit2_get,
		.reader_free = libgit2_reader_free,
		.fork = libgit2_fork,
		.set_fork = libgit2_set_fork,
		.merge = libgit2_merge,
		.load = libgit2_load,
	};

	return bench_main(argc, argv, &class);
}
