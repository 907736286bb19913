/* irmin/branch.h: the names that heads have.
 *
 * Audience: everybody.
 * Shape: a branch is a ref below refs/heads/; its name is written without that
 *   prefix and follows git check-ref-format, slashes included. Every move is a
 *   compare-and-set, also against git itself.
 * Threads: any.
 * Errors: a branch that a work tree has checked out is not moved: ECHECKEDOUT
 *   (irmin_open_options). A lock that others hold is waited for, boundedly:
 *   ELOCKED names the file, its age and its holder where the system tells.
 * Source: git-check-ref-format, git-update-ref; Irmin's Branch. Since 0.1.
 */
#ifndef IRMIN_BRANCH_H
#define IRMIN_BRANCH_H

#include <irmin/commit.h>

IRMIN_C_BEGIN

/* Whether a name may be a branch. Answers: OK. Fails: EINVAL naming the rule.
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_branch_check(const char *name, irmin_error *err);

/* The head of a branch. Answers: OK; ABSENT (no such branch). Fails: EINVAL,
 * ECORRUPT (the ref), EMISSING (its commit), EIO, ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_branch_find(irmin_repo *repo, const char *name,
    irmin_commit **head, irmin_error *err);

/* Moves a branch to `head` (NULL: removes it) if its head is `expected` (NULL:
 * it must be absent). `reason` goes to the reflog (NULL: "irmin"). Answers: OK;
 * UNCHANGED (expected and head are the same and hold). Fails: ESTALE,
 * ECHECKEDOUT, ELOCKED, EREADONLY, EINVAL, EEXIST (a branch named like a
 * directory of this one, or the reverse), ENOSPC, EIO, ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_branch_cas(irmin_repo *repo, const char *name,
    irmin_commit *expected, irmin_commit *head, const char *reason,
    irmin_error *err);

/* Makes a branch. Fails: EEXIST, and as irmin_branch_cas. Since 0.1. */
IRMIN_CALL irmin_rc irmin_branch_create(irmin_repo *repo, const char *name,
    irmin_commit *head, irmin_error *err);

/* Removes a branch whatever its head. Answers: OK; UNCHANGED (there is none).
 * Fails: as irmin_branch_cas. Since 0.1. */
IRMIN_CALL irmin_rc irmin_branch_remove(irmin_repo *repo, const char *name,
    irmin_error *err);

/* Moves a branch forward. Answers: OK; ALREADY (it is there, or further).
 * Fails: ESTALE (`head` is no descendant), and as irmin_branch_cas. Cost: a walk
 * from `head` to the branch. Since 0.1. */
IRMIN_CALL irmin_rc irmin_branch_fast_forward(irmin_repo *repo,
    const char *name, irmin_commit *head, irmin_error *err);

/* irmin_ref_each: one ref; borrowed for the call. */
typedef struct irmin_ref {
	size_t size;
	irmin_slice name;   /* in full: refs/heads/main; NUL behind it */
	irmin_oid id;       /* no id for a symbolic ref that leads nowhere */
	irmin_slice target; /* of a symbolic ref; NUL behind it; else empty */
} irmin_ref;

/* A non-zero answer stops and is passed through. */
typedef int (*irmin_ref_fn)(void *arg, const irmin_ref *ref);

/* Tells the refs whose full name begins with `prefix` ("refs/heads/"), sorted
 * by name. Fails: ECORRUPT (file in err->where), EIO, ENOMEM, what `fn`
 * answered. Since 0.1. */
IRMIN_CALL irmin_rc irmin_ref_each(irmin_repo *repo, const char *prefix,
    irmin_ref_fn fn, void *arg, irmin_error *err);

/* The branch that HEAD names, whether it exists or not. Answers: OK; ABSENT
 * (HEAD is detached). Fails: EMISSING, ECORRUPT, EIO, ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_head(irmin_repo *repo, irmin_buf *branch,
    irmin_error *err);

/* Makes HEAD name this branch. Fails: ECHECKEDOUT in a repository with a work
 * tree (git switch does that), EREADONLY, EINVAL, ELOCKED, EIO, ENOMEM. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_repo_set_head(irmin_repo *repo, const char *branch,
    irmin_error *err);

IRMIN_C_END

#endif
