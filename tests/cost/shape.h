/*
 * shape.h - large trees of known shapes
 *
 * A tree of a power of ten of keys, either all in one flat directory, or in
 * directories of a hundred entries ("04/17/99"), of which only the root may
 * have fewer. Its values are few, so that a git directory has not to keep a
 * million of them.
 */
#ifndef IRMIN_TESTS_COST_SHAPE_H
#define IRMIN_TESTS_COST_SHAPE_H

#include <irmin/irmin.h>

#define SHAPE_PATH 32

struct shape {
	int is_flat;
	size_t keys;
};

/* "flat, 1000 keys": valid until the program ends. */
const char *shape_text(const struct shape *shape);

/* The directories on the way to a key, the root included. */
size_t shape_levels(const struct shape *shape);

/* The bytes of those directories, as git stores them. */
uint64_t shape_path_bytes(const struct shape *shape, irmin_hash_algo algo);

/* The path of a key. */
void shape_key(const struct shape *shape, size_t key, char path[SHAPE_PATH]);

/* A key at random, the same in every run. */
size_t shape_random(const struct shape *shape, uint64_t *seed);

/* The tree, its keys set in random order by one edit; bails if it cannot. */
irmin_tree *shape_grow(irmin_repo *repo, const struct shape *shape);

/* What irmin_tree_each visits of a tree, all of it; bails if it cannot. */
size_t shape_count(irmin_tree *tree, uint32_t flags);

#endif
