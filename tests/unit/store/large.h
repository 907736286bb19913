/*
 * large.h - a tree that is larger than the caches it is read through
 */
#ifndef IRMIN_TESTS_STORE_LARGE_H
#define IRMIN_TESTS_STORE_LARGE_H

#include "lib/core/store/tree.h"

/* WIDTH * WIDTH directories of VALUES values. */
#define WIDTH  24
#define VALUES 6
#define KEYS   (WIDTH * WIDTH * VALUES)

/* A repository in memory that does as if it were durable: what was read is let go
 * of, and read again. */
irmin_rc large_try_open(size_t cache_bytes, irmin_repo **repo,
    irmin_error *err);

/* The same; bails if there is none to be had. */
irmin_repo *large_open(size_t cache_bytes);

/* The path of key `i`, which is its value, too. */
void large_key(int i, char key[32]);

/* Writes the tree, and gives its id. */
irmin_oid large_add(irmin_repo *repo);

/* The objects that were read from a repository. */
uint64_t large_reads(irmin_repo *repo);

#endif
