/* irmin/conflict.h: merging branches, and conflicts as data.
 *
 * Audience: programs that merge.
 * Shape: a merge ends in a commit, or in a list of conflicts with the partial
 *   tree; resolve them and commit, take a policy, or give up.
 * Owner: a result is freed by irmin_merge_result_free; conflicts are borrowed
 *   from it.
 * Threads: one at a time for each result.
 * Source: semantics of git merge-tree; Irmin's Merge.conflict. Since 0.1.
 */
#ifndef IRMIN_CONFLICT_H
#define IRMIN_CONFLICT_H

#include <irmin/contents.h>
#include <irmin/store.h>

IRMIN_C_BEGIN

typedef struct irmin_merge_result irmin_merge_result;
typedef struct irmin_conflict irmin_conflict;

typedef enum irmin_conflict_kind {
	IRMIN_CONFLICT_CONTENT = 1,
	IRMIN_CONFLICT_MODIFY_DELETE = 2,
	IRMIN_CONFLICT_FILE_DIRECTORY = 3,
	IRMIN_CONFLICT_MODE = 4,
	IRMIN_CONFLICT_ADD_ADD = 5
} irmin_conflict_kind;

typedef enum irmin_side {
	IRMIN_SIDE_BASE = 0,
	IRMIN_SIDE_OURS = 1,
	IRMIN_SIDE_THEIRS = 2
} irmin_side;

/* What to do with conflicts. */
typedef enum irmin_merge_policy {
	IRMIN_MERGE_FAIL = 0,
	IRMIN_MERGE_OURS = 1,
	IRMIN_MERGE_THEIRS = 2
} irmin_merge_policy;

/* irmin_merge_options.flags */
enum irmin_merge_flag {
	IRMIN_MERGE_UNRELATED = 1, /* histories without a common ancestor */
	IRMIN_MERGE_NO_FF = 2      /* a commit even where ours is an ancestor */
};

/* How to merge; all zero is the default. */
typedef struct irmin_merge_options {
	size_t size;
	uint32_t flags;
	irmin_merge_policy policy;
	uint64_t max_commits; /* of the search for bases; 0: all */
	irmin_info info;      /* info.size may stay 0 */
} irmin_merge_options;

/* Merges a store's head into another's. Answers: OK; ALREADY. Fails: ECONFLICT
 * (`result`, which may be NULL, is filled on OK too), ESTALE, ELIMIT,
 * ETRUNCATED, EINVAL (unrelated histories), and as irmin_store_set. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_store_merge(irmin_store *into, irmin_store *from,
    const irmin_merge_options *options, irmin_merge_result **result,
    irmin_error *err);

/* The same with a commit. Since 0.1. */
IRMIN_CALL irmin_rc irmin_store_merge_commit(irmin_store *into,
    irmin_commit *from, const irmin_merge_options *options,
    irmin_merge_result **result, irmin_error *err);

/* Merges trees; a NULL base is the empty tree. Answers: OK. Fails: ECONFLICT,
 * and as reading does. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_merge(irmin_tree *base, irmin_tree *ours,
    irmin_tree *theirs, const irmin_merge_options *options,
    irmin_merge_result **result, irmin_error *err);

/* The merged tree; where there are conflicts, ours at their paths. A reference
 * for the caller. Since 0.1. */
IRMIN_API irmin_tree *irmin_merge_result_tree(
    const irmin_merge_result *result);

/* The number of conflicts. Since 0.1. */
IRMIN_API size_t irmin_merge_result_conflicts(
    const irmin_merge_result *result);

/* The next conflict. Answers: OK; END. Since 0.1. */
IRMIN_CALL irmin_rc irmin_merge_result_next(irmin_merge_result *result,
    irmin_conflict **conflict);

/* Puts the value of a conflict's path (NULL: removes it). Since 0.1. */
IRMIN_CALL irmin_rc irmin_merge_result_resolve(irmin_merge_result *result,
    irmin_conflict *conflict, const irmin_slice *value, irmin_error *err);

/* Commits the result once every conflict is resolved. Fails: ECONFLICT (some
 * are left), ESTALE, and as irmin_store_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_merge_result_commit(irmin_merge_result *result,
    const irmin_info *info, irmin_error *err);

/* Frees a result; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_merge_result_free(irmin_merge_result *result);

/* The path. Since 0.1. */
IRMIN_API const char *irmin_conflict_path(const irmin_conflict *conflict);
/* The kind. Since 0.1. */
IRMIN_API irmin_conflict_kind irmin_conflict_what(
    const irmin_conflict *conflict);
/* The words of the merge function. Since 0.1. */
IRMIN_API const char *irmin_conflict_message(const irmin_conflict *conflict);
/* One side's entry; MODE_NONE where it is absent. Since 0.1. */
IRMIN_API irmin_entry irmin_conflict_entry(const irmin_conflict *conflict,
    irmin_side side);
/* One side's value. Answers: OK; ABSENT. Since 0.1. */
IRMIN_CALL irmin_rc irmin_conflict_value(irmin_conflict *conflict,
    irmin_side side, irmin_pin *value, irmin_error *err);

IRMIN_C_END

#endif
