/* irmin/conflict.h: merging trees, and conflicts as data.
 *
 * Audience: programs that merge.
 * Shape: a three-way merge ends in a tree, or in a partial tree with a list of
 *   conflicts; resolve them, take a policy, or give up.
 *   What one side changed is taken from that side, directories whole and
 *   unopened. Where both changed a value, the contents of its path merges them
 *   (contents.h). Where one side changed and the other removed, the contents is
 *   asked if it can take an absent side, else it is a conflict; so is a value
 *   against a directory.
 * Owner: a result is freed by irmin_merge_result_free; conflicts are borrowed
 *   from it.
 * Threads: one at a time for each result.
 * Source: git merge-tree; Irmin's Merge.conflict. Since 0.1.
 */
#ifndef IRMIN_CONFLICT_H
#define IRMIN_CONFLICT_H

#include <irmin/contents.h>
#include <irmin/txn.h>

IRMIN_C_BEGIN

typedef struct irmin_merge_result irmin_merge_result;
typedef struct irmin_conflict irmin_conflict;

typedef enum irmin_conflict_kind {
	IRMIN_CONFLICT_CONTENT = 1,
	IRMIN_CONFLICT_MODIFY_DELETE = 2,
	IRMIN_CONFLICT_FILE_DIRECTORY = 3,
	IRMIN_CONFLICT_MODE = 4,   /* modes, kinds of entries, gitlinks */
	IRMIN_CONFLICT_ADD_ADD = 5 /* both added a value, and there was none */
} irmin_conflict_kind;

typedef enum irmin_side {
	IRMIN_SIDE_BASE = 0,
	IRMIN_SIDE_OURS = 1,
	IRMIN_SIDE_THEIRS = 2
} irmin_side;

/* What becomes of conflicts. */
typedef enum irmin_merge_policy {
	IRMIN_MERGE_FAIL = 0,  /* they stay */
	IRMIN_MERGE_OURS = 1,  /* ours is taken, at the path of the conflict only */
	IRMIN_MERGE_THEIRS = 2 /* theirs likewise */
} irmin_merge_policy;

/* irmin_merge_options.flags */
enum irmin_merge_flag {
	IRMIN_MERGE_UNRELATED = 1, /* histories without a common ancestor */
	IRMIN_MERGE_NO_FF = 2      /* a commit even where ours is an ancestor */
};

/* Asked about each conflict before the policy. It puts a resolution with
 * irmin_merge_result_resolve or _take, or leaves the conflict. A negative answer
 * ends the merge. */
typedef irmin_rc (*irmin_resolve_fn)(void *arg, irmin_merge_result *result,
    irmin_conflict *conflict, irmin_error *err);

/* How to merge; all zero is the default. Of trees, only policy and resolve
 * count. */
typedef struct irmin_merge_options {
	size_t size;
	uint32_t flags;            /* enum irmin_merge_flag */
	irmin_merge_policy policy;
	irmin_resolve_fn resolve;  /* or NULL */
	void *resolve_arg;
	uint64_t max_commits;      /* of the search for bases; 0: all */
	irmin_info info;           /* of the commit; info.size may stay 0 */
} irmin_merge_options;

#define IRMIN_MERGE_OPTIONS_INIT                                               \
	{                                                                      \
		sizeof(irmin_merge_options), 0, IRMIN_MERGE_FAIL, NULL, NULL,  \
		0, IRMIN_INFO_INIT                                             \
	}

/* Merges trees of one repository; a NULL base is the empty tree. `result` is
 * filled on OK and on ECONFLICT, and NULL else. Answers: OK. Fails: ECONFLICT,
 * EINVAL (trees of several repositories), what merge functions answer, and as
 * reading does: EMISSING and ECORRUPT name the object. Cost: object reads
 * proportional to what theirs changed, and to the depth of that. Since 0.1. */
IRMIN_CALL irmin_rc irmin_tree_merge(irmin_tree *base, irmin_tree *ours,
    irmin_tree *theirs, const irmin_merge_options *options,
    irmin_merge_result **result, irmin_error *err);

/* ---- results ---- */

/* The merged tree; where a conflict is left, ours at its path. To be released.
 * Fails: ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_merge_result_tree(irmin_merge_result *result,
    irmin_tree **tree, irmin_error *err);

/* The number of conflicts, resolved ones included, and of those that are
 * left. Since 0.1. */
IRMIN_API size_t irmin_merge_result_conflicts(
    const irmin_merge_result *result);
IRMIN_API size_t irmin_merge_result_left(const irmin_merge_result *result);

/* The next conflict, in git's order of paths; after END it begins again.
 * Answers: OK; END. Since 0.1. */
IRMIN_CALL irmin_rc irmin_merge_result_next(irmin_merge_result *result,
    irmin_conflict **conflict);

/* The conflict at a path. Answers: OK; ABSENT. Since 0.1. */
IRMIN_CALL irmin_rc irmin_merge_result_find(irmin_merge_result *result,
    const char *path, irmin_conflict **conflict);

/* Resolves a conflict, which may be done again, by a value at its path (NULL:
 * nothing) or by what one side has there: mode, directory and all. Fail: as
 * irmin_edit_set and irmin_edit_add_tree. Since 0.1. */
IRMIN_CALL irmin_rc irmin_merge_result_resolve(irmin_merge_result *result,
    irmin_conflict *conflict, const irmin_slice *value, irmin_error *err);
IRMIN_CALL irmin_rc irmin_merge_result_take(irmin_merge_result *result,
    irmin_conflict *conflict, irmin_side side, irmin_error *err);

/* Frees a result; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_merge_result_free(irmin_merge_result *result);

/* ---- one conflict ---- */

/* The path; NUL-terminated, valid as long as the result. Since 0.1. */
IRMIN_API const char *irmin_conflict_path(const irmin_conflict *conflict);
/* The kind. Since 0.1. */
IRMIN_API irmin_conflict_kind irmin_conflict_what(
    const irmin_conflict *conflict);
/* Words for people: those of the merge function, where it was one. Since 0.1. */
IRMIN_API const char *irmin_conflict_message(const irmin_conflict *conflict);
/* Whether it was resolved. Since 0.1. */
IRMIN_API int irmin_conflict_is_resolved(const irmin_conflict *conflict);

/* One side's entry: MODE_NONE where it is absent; the name is the last step, and
 * the id may be computed here. Fails: ENOMEM, and as irmin_tree_id. Since 0.1. */
IRMIN_CALL irmin_rc irmin_conflict_entry(irmin_conflict *conflict,
    irmin_side side, irmin_entry *entry, irmin_error *err);

/* One side's value, or its directory. Answers: OK; ABSENT (it has none). Fail:
 * as irmin_tree_find. Since 0.1. */
IRMIN_CALL irmin_rc irmin_conflict_value(irmin_conflict *conflict,
    irmin_side side, irmin_pin *value, irmin_error *err);
IRMIN_CALL irmin_rc irmin_conflict_tree(irmin_conflict *conflict,
    irmin_side side, irmin_tree **tree, irmin_error *err);

/* The name of a kind: "content", "modify/delete", ...; "?" for an unknown one.
 * The string is static. Since 0.1. */
IRMIN_API const char *irmin_conflict_kind_name(irmin_conflict_kind kind);

/* ---- transactions ---- */

/* What made the last commit of a transaction end in ECONFLICT, borrowed from the
 * transaction. Resolve every conflict and commit again: the transaction then
 * stands on the head with which it was merged. A write to the transaction drops
 * the result, and the next commit merges anew. Answers: OK; ABSENT (there is
 * none, and NULL). Since 0.1. */
IRMIN_CALL irmin_rc irmin_txn_conflicts(irmin_txn *txn,
    irmin_merge_result **result);

IRMIN_C_END

#endif
