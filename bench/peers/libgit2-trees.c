#include "bench/peers/libgit2-trees.h"

#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#define LEVELS     4
#define NAME_BYTES 40

struct level {
	git_treebuilder *builder;
	char name[NAME_BYTES]; /* in the level above */
	int is_changed;
};

struct libgit2_trees {
	git_repository *repo;
	struct libgit2_pack *pack;
	struct level levels[LEVELS];
	unsigned depth; /* levels that are open; the root always is */
};

static git_treebuilder *new_builder(git_repository *repo, const git_oid *id)
{
	git_treebuilder *builder;
	git_tree *tree = NULL;

	if (id)
		libgit2_check(git_tree_lookup(&tree, repo, id), "find a tree");
	libgit2_check(git_treebuilder_new(&builder, repo, tree), "builder");
	git_tree_free(tree);
	return builder;
}

struct libgit2_trees *libgit2_trees_new(git_repository *repo,
    struct libgit2_pack *pack, const git_oid *tree)
{
	struct libgit2_trees *trees = calloc(1, sizeof(*trees));

	if (!trees)
		bench_fail("trees", "out of memory");
	trees->repo = repo;
	trees->pack = pack;
	trees->levels[0].builder = new_builder(repo, tree);
	trees->depth = 1;
	return trees;
}

void libgit2_trees_free(struct libgit2_trees *trees)
{
	unsigned i;

	if (!trees)
		return;
	for (i = 0; i < trees->depth; i++)
		git_treebuilder_free(trees->levels[i].builder);
	free(trees);
}

/* Writes level `i`, if it changed, into the one above. */
static void write_level(struct libgit2_trees *trees, unsigned i)
{
	struct level *level = &trees->levels[i], *above = level - 1;
	git_oid id;

	if (!level->is_changed)
		return;
	libgit2_check(git_treebuilder_write(&id, level->builder),
	    "write a tree");
	libgit2_pack_note(trees->pack, &id);
	libgit2_check(git_treebuilder_insert(NULL, above->builder, level->name,
			  &id, GIT_FILEMODE_TREE),
	    "insert a tree");
	level->is_changed = 0;
	above->is_changed = 1;
}

static void leave(struct libgit2_trees *trees, unsigned depth)
{
	while (trees->depth > depth) {
		write_level(trees, --trees->depth);
		git_treebuilder_free(trees->levels[trees->depth].builder);
	}
}

/* Makes the directory `name` of level `depth - 1` the last level. */
static void enter(struct libgit2_trees *trees, unsigned depth, const char *name,
    size_t len)
{
	struct level *level = &trees->levels[depth];
	const git_tree_entry *entry;

	if (depth < trees->depth && strncmp(level->name, name, len) == 0 &&
	    level->name[len] == '\0')
		return;
	leave(trees, depth);
	if (depth == LEVELS || len >= NAME_BYTES)
		bench_fail(name, "the path is too long");
	memcpy(level->name, name, len);
	level->name[len] = '\0';
	entry = git_treebuilder_get(level[-1].builder, level->name);
	level->builder = new_builder(trees->repo,
	    entry ? git_tree_entry_id(entry) : NULL);
	level->is_changed = 0;
	trees->depth = depth + 1;
}

void libgit2_trees_set(struct libgit2_trees *trees, const char *path,
    const git_oid *blob)
{
	unsigned depth = 1;
	const char *slash;
	struct level *last;

	for (; (slash = strchr(path, '/')); path = slash + 1)
		enter(trees, depth++, path, (size_t)(slash - path));
	leave(trees, depth);
	last = &trees->levels[depth - 1];
	libgit2_check(git_treebuilder_insert(NULL, last->builder, path, blob,
			  GIT_FILEMODE_BLOB),
	    "insert a blob");
	last->is_changed = 1;
}

void libgit2_trees_write(struct libgit2_trees *trees, git_oid *tree)
{
	unsigned i;

	for (i = trees->depth - 1; i > 0; i--)
		write_level(trees, i);
	libgit2_check(git_treebuilder_write(tree, trees->levels[0].builder),
	    "write a tree");
	libgit2_pack_note(trees->pack, tree);
	trees->levels[0].is_changed = 0;
}
