/* irmin/commit.h: one state and where it came from.
 *
 * Audience: everybody.
 * Shape: a git commit: a tree, its parents in order (ours first), author,
 *   committer, message. Immutable.
 * Owner: counted; what a function gives is released by irmin_commit_unref. In a
 *   repository in memory (mem:) a commit that neither a ref nor a handle holds is
 *   gone, and cannot be found by its id any more.
 *   Slices borrowed from a commit live as long as it.
 * Threads: any.
 * Source: gitformat-commit; Irmin's Commit. Since 0.1.
 */
#ifndef IRMIN_COMMIT_H
#define IRMIN_COMMIT_H

#include <irmin/tree.h>

IRMIN_C_BEGIN

typedef struct irmin_commit irmin_commit;

/* Makes a commit and moves no head. The tree, the parents and `info` (NULL:
 * defaults) are of `repo`. Fails: EINVAL (a name or message git refuses, a
 * parent twice), EREADONLY, and as reading and writing do. Cost: writes what of
 * the tree is not stored yet. Since 0.1. */
IRMIN_CALL irmin_rc irmin_commit_new(irmin_repo *repo, irmin_tree *tree,
    irmin_commit *const *parents, size_t parent_count, const irmin_info *info,
    irmin_commit **commit, irmin_error *err);

/* The commit with this id. Fails: EMISSING, ECORRUPT, EINVAL (not a commit),
 * EIO, ENOMEM. Cost: one object read. Since 0.1. */
IRMIN_CALL irmin_rc irmin_commit_get(irmin_repo *repo, const irmin_oid *id,
    irmin_commit **commit, irmin_error *err);

/* The commit that a revision names: a branch, a tag, a full ref, an id or a
 * unique prefix of 4 or more digits, HEAD or @, each followed by any number of
 * ~N, ^N, @{2026-11-20 14:03} and @{5 minutes ago}: the newest commit that is not
 * later, by commit time along first parents. A moment is a day, or a day and a
 * time (seconds and zone may follow, a T may stand between), in local time unless
 * the zone is given; @1700000000; N seconds, minutes, hours, days, weeks, months
 * or years ago; yesterday; now. Fails: EMISSING (no such revision, or history
 * begins later), EINVAL (not a revision, or an ambiguous one: the candidates are
 * in the text), and as reading does. Since 0.1. */
IRMIN_CALL irmin_rc irmin_commit_of_revision(irmin_repo *repo,
    const char *revision, irmin_commit **commit, irmin_error *err);

/* Takes another reference and returns `commit`. Since 0.1. */
IRMIN_API irmin_commit *irmin_commit_ref(irmin_commit *commit);

/* Gives a reference back; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_commit_unref(irmin_commit *commit);

/* The id; it may be computed here, with those of all ancestors that have none.
 * Fails: ENOMEM, and as writing does. Since 0.1. */
IRMIN_CALL irmin_rc irmin_commit_id(irmin_commit *commit, irmin_oid *id,
    irmin_error *err);

/* The tree. Fails: as irmin_tree_get. Since 0.1. */
IRMIN_CALL irmin_rc irmin_commit_tree(irmin_commit *commit, irmin_tree **tree,
    irmin_error *err);

/* The number of parents. Since 0.1. */
IRMIN_API size_t irmin_commit_parent_count(const irmin_commit *commit);

/* Parent `i`. Answers: OK; ABSENT (there are fewer). Fails: ETRUNCATED (cut by
 * a shallow boundary), and as irmin_commit_get. Cost: one object read. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_commit_parent(irmin_commit *commit, size_t i,
    irmin_commit **parent, irmin_error *err);

/* The id of parent `i`; it may be computed here. Answers: OK; ABSENT (there are
 * fewer; no id). Fails: as irmin_commit_id. Since 0.1. */
IRMIN_CALL irmin_rc irmin_commit_parent_id(irmin_commit *commit, size_t i,
    irmin_oid *id, irmin_error *err);

/* Who wrote it, and when. Since 0.1. */
IRMIN_API irmin_ident irmin_commit_author(const irmin_commit *commit);

/* Who committed it, and when. Since 0.1. */
IRMIN_API irmin_ident irmin_commit_committer(const irmin_commit *commit);

/* The message, with its final newline. Since 0.1. */
IRMIN_API irmin_slice irmin_commit_message(const irmin_commit *commit);

/* The first header line of this name ("encoding", "gpgsig", ...), continuation
 * lines included as they are stored; empty if there is none. Since 0.1. */
IRMIN_API irmin_slice irmin_commit_header(const irmin_commit *commit,
    const char *name);

IRMIN_C_END

#endif
