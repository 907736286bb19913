/*
 * libgit2-trees.h - trees as a program would write them that knows libgit2 well
 *
 * The treebuilders of the directories on the way to what was set last are kept,
 * so that nothing is parsed again as long as one stays in a directory.
 */
#ifndef BENCH_LIBGIT2_TREES_H
#define BENCH_LIBGIT2_TREES_H

#include "bench/peers/libgit2-pack.h"

struct libgit2_trees;

/* Begins at a tree; what is written is noted in `pack`, which may be NULL. */
struct libgit2_trees *libgit2_trees_new(git_repository *repo,
    struct libgit2_pack *pack, const git_oid *tree);
void libgit2_trees_free(struct libgit2_trees *trees);

/* Puts a blob at a path. Directories that it leaves are written. */
void libgit2_trees_set(struct libgit2_trees *trees, const char *path,
    const git_oid *blob);

/* Writes what changed, and goes on from there. */
void libgit2_trees_write(struct libgit2_trees *trees, git_oid *tree);

#endif
