/*
 * txn-model.h - what transactions promise, over the sorted maps of path-map.h
 *
 * A transaction is a map that it began at, a map that it sees, and the list of
 * what it asked and did. Files are plain: modes are left to others.
 */
#ifndef IRMIN_TESTS_TXN_MODEL_H
#define IRMIN_TESTS_TXN_MODEL_H

#include "tests/support/path-map.h"

enum act_kind {
	/* what is asked, */
	ACT_FIND,
	ACT_HAS,
	ACT_TREE,
	ACT_LIST,
	ACT_LENGTH,
	ACT_ASK, /* how many entries there are at the path */
	ACT_READS,
	/* and what is done */
	ACT_SET = ACT_READS,
	ACT_REMOVE,
	ACT_MOVE,  /* reads its source too */
	ACT_GRAFT, /* of a tree that was read */
	ACT_APPEND /* an operation: a value named by how many entries there are */
};

struct act {
	enum act_kind kind;
	const char *path, *to, *value;
	size_t offset, limit;
	const struct path_map *tree; /* of a graft */
	const char *answer;          /* what was seen, of a read */
};

/* What a read answers on a map, as text; freed at exit. */
const char *act_answer(const struct act *act, const struct path_map *map);

/* Whether two maps answer it alike, or have the same to be moved. */
int act_agrees(const struct act *act, const struct path_map *a,
    const struct path_map *b);

/* What a write does, and answers. */
irmin_rc act_run(const struct act *act, struct path_map *map);

/* Merges three maps; `conflicts` counts the paths where both sides changed, at
 * which the result has ours. */
void model_merge(const struct path_map *base, const struct path_map *ours,
    const struct path_map *theirs, struct path_map *result, size_t *conflicts);

/* Puts what `from` has at a path, or nothing, into a map. */
void model_take(struct path_map *map, const struct path_map *from,
    const char *path);

#endif
