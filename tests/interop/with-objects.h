/* with-objects.h - every object of a repository, beside what git says of it. */
#ifndef IRMIN_TESTS_WITH_OBJECTS_H
#define IRMIN_TESTS_WITH_OBJECTS_H

#include "tests/support/tap.h"

#include <irmin/irmin.h>

/* An object as `git cat-file --batch` tells it; points into git_objects. */
struct git_object {
	irmin_oid id;
	irmin_object_type type;
	irmin_slice data;
};

/* All of a repository, sorted by id. */
struct git_objects {
	struct git_object *all;
	size_t count;
	struct tap_output said;
};

/* Asks git for every object, reachable or not; bails if it cannot tell. */
void git_objects_read(const char *dir, struct git_objects *objects);
void git_objects_clear(struct git_objects *objects);

/* Opens git:DIR?KEYS ("" for none); bails if it cannot. */
irmin_repo *git_open_keys(const char *dir, const char *keys);

/* Checks that every object is found, told by irmin_object_each, and read in
 * parts, with the type and bytes that git gives, and that no other is told. */
void check_objects(irmin_repo *repo, const struct git_objects *objects,
    const char *what);

/* Checks that they get the same ids when they are written to a new repository
 * at `copy`, and that git reads the same there. */
void check_written(const char *copy, const struct git_objects *objects,
    irmin_hash_algo hash, const char *what);

/* Checks that the history of `revision` is told in the order of `git log`. */
void check_log(irmin_repo *repo, const char *dir, const char *revision,
    const char *what);

#endif
