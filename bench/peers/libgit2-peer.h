/*
 * libgit2-peer.h - libgit2 as a peer: what its parts share
 *
 * peer-libgit2.c opens, libgit2-write.c commits and merges, libgit2-read.c reads.
 * Each slot of bench-peer.h that they fill in has its contract there.
 */
#ifndef BENCH_LIBGIT2_PEER_H
#define BENCH_LIBGIT2_PEER_H

#include "bench/bench-peer.h"
#include "bench/peers/libgit2-trees.h"

#define LIBGIT2_MAIN "refs/heads/main"

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
	struct libgit2_pack *pack; /* how=mempack, else NULL */
	unsigned unpacked;         /* commits */
	git_signature *author;
	struct head head, fork;
	git_oid base_tree; /* where the fork began */
	git_object **held;
	size_t held_count;
};

static inline struct libgit2_peer *libgit2_self(struct bench_peer *base)
{
	return (struct libgit2_peer *)base;
}

static inline git_tree *libgit2_tree(struct libgit2_peer *self,
    const git_oid *id)
{
	git_tree *tree;

	libgit2_check(git_tree_lookup(&tree, self->repo, id), "find a tree");
	return tree;
}

void libgit2_set(struct bench_peer *base, const struct bench_set *set);
void libgit2_commit(struct bench_peer *base);
void libgit2_set_one(struct bench_peer *base, const struct bench_set *set);
void libgit2_settle(struct bench_peer *base);
void libgit2_fork(struct bench_peer *base);
void libgit2_set_fork(struct bench_peer *base, const struct bench_set *set);
void libgit2_merge(struct bench_peer *base);

struct bench_reader *libgit2_reader(struct bench_peer *base);
uint64_t libgit2_get(struct bench_reader *base, const char *path);
void libgit2_reader_free(struct bench_reader *base);
void libgit2_load(struct bench_peer *base);

#endif
