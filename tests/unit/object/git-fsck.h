/* What `git fsck --strict` says of many objects, asked in one run: a process for
 * each would take minutes. */
#ifndef IRMIN_TESTS_GIT_FSCK_H
#define IRMIN_TESTS_GIT_FSCK_H

#include <irmin/hash.h>

struct git_fsck;

/* A scratch repository with an empty tree and an empty blob. */
struct git_fsck *git_fsck_new(irmin_hash_algo algo);
void git_fsck_free(struct git_fsck *fsck);

/* Puts an object in, whatever its bytes; answers its number, counted from 0. */
size_t git_fsck_add(struct git_fsck *fsck, irmin_object_type type,
    irmin_slice bytes);

/* Writes what was added, and asks. Once. */
void git_fsck_run(struct git_fsck *fsck);

/* The id that git gave to an object. */
irmin_oid git_fsck_id(const struct git_fsck *fsck, size_t number);

/* The line that refuses an object, or NULL if git takes it. */
const char *git_fsck_refusal(const struct git_fsck *fsck, size_t number);

/* A commit that can stand as a parent, and the empty tree and blob. */
irmin_oid git_fsck_commit(const struct git_fsck *fsck);
irmin_oid git_fsck_tree(const struct git_fsck *fsck);
irmin_oid git_fsck_blob(const struct git_fsck *fsck);

#endif
