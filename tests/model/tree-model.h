/*
 * tree-model.h - random trees, and what git would make of them
 *
 * Beside the sorted map of tests/support/path-map.h, which says what a tree is.
 */
#ifndef IRMIN_TESTS_TREE_MODEL_H
#define IRMIN_TESTS_TREE_MODEL_H

#include "tests/support/path-map.h"

/* Paths and values with which a lot goes wrong that can go wrong: of few
 * letters, some of which sort before '/' and some behind it. rand() is asked. */
const char *model_random_path(void);
const char *model_random_value(void);
irmin_mode model_random_mode(void);

/* The steps of a path joined by single slashes: random ones are written badly
 * on purpose, and a map has them plain. */
const char *model_plain(const char *path);

/* Whether git lets a path in its plain form be written. */
int model_is_writable(const char *plain);

/* Whether what lies below a path can be put at another one of a map without
 * letting that grow too large for a test. */
int model_fits(const struct path_map *map, const char *to,
    const struct path_map *from, const char *below);

/* The id that git gives to such a tree. */
irmin_oid model_id(const struct path_map *map, irmin_hash_algo algo);

#endif
