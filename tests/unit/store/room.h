/*
 * room.h - a repository in memory, and trees in it, for tests of this room
 */
#ifndef IRMIN_TESTS_STORE_ROOM_H
#define IRMIN_TESTS_STORE_ROOM_H

#include "lib/core/store/tree.h"
#include <irmin/store.h>

/* A new repository in memory; bails if there is none to be had. */
irmin_repo *room_open(const irmin_open_options *options);

/* The same, answering what opening answers. */
irmin_rc room_try_open(irmin_repo **repo, irmin_error *err);

/* A store on a branch; bails where there is none. */
irmin_store *room_store_on(irmin_repo *repo, const char *branch);

/* How many faults irmin_repo_verify finds, each told as a comment. */
int room_faults(irmin_repo *repo);

/* Writes an object as it is, and gives its id. */
irmin_oid room_add(irmin_repo *repo, irmin_object_type type, const void *bytes,
    size_t len);

/* A tree from lines of "mode name text\n": values are written first, the text
 * of a directory is the hexadecimal id of a tree. In the order given. */
irmin_oid room_add_tree(irmin_repo *repo, const char *lines);

/* The tree with this id, read anew. */
irmin_tree *room_tree(irmin_repo *repo, const irmin_oid *id);

/* A tree in memory: "path=text" for each value, NULL at the end. */
irmin_tree *room_build(irmin_repo *repo, const char *first, ...);

/* Writes what of a tree is not stored, and gives its id. */
irmin_oid room_store(irmin_tree *tree);

/* All that is in a tree: "path=text\n" in git's order, with a mode other than
 * that of a file in front ("120000 "). Freed at exit. */
const char *room_text(irmin_tree *tree);

const char *room_hex(const irmin_oid *id);

#endif
