/* lib/core/store/heads.h: moving refs, for branches and stores. */
#ifndef IRMIN_STORE_HEADS_H
#define IRMIN_STORE_HEADS_H

#include "lib/core/store/commit.h"

/* Writes refs/heads/<name>. Fails: EINVAL (no branch may have this name). */
irmin_rc irmin__head_name(const char *branch, irmin_buf *ref,
    irmin_error *err);

/* The commit that a ref leads to, links followed. `final` as in
 * irmin__repo_ref_resolve. Answers: OK; ABSENT. */
irmin_rc irmin__head_find(irmin_repo *repo, const irmin_context *context,
    const char *ref, irmin_buf *final, irmin_commit **head, irmin_error *err);

/* irmin__repo_ref_resolve which, in a volatile repository, gives the commit in
 * place of its id where it has the ref in memory: then no id is computed. */
irmin_rc irmin__head_resolve(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_buf *final, irmin_oid *id, irmin_commit **head,
    irmin_error *err);

/* Whether a commit (or NULL) is of this repository. Fails: EINVAL. */
irmin_rc irmin__head_check_owner(irmin_repo *repo, const irmin_commit *commit,
    irmin_error *err);

/* Moves a ref that is no link, from `expected` to `head`; NULL is "absent".
 * `who` (NULL: the default committer) and, in one line, `what` and `message` go
 * to the reflog. Fails: ESTALE, and as irmin_commit_id and the backend's cas. */
irmin_rc irmin__head_cas(irmin_repo *repo, const irmin_context *context,
    const char *ref, irmin_commit *expected, irmin_commit *head,
    const irmin_ident *who, const char *what, irmin_slice message,
    irmin_error *err);

/* Who moves refs, where nobody says. */
irmin_rc irmin__head_default_committer(irmin_repo *repo, irmin_ident *who,
    irmin_error *err);

/* Whether HEAD itself may be moved: a work tree follows it, and only who changes
 * its files may. Fails: ECHECKEDOUT. */
irmin_rc irmin__head_check_free(irmin_repo *repo,
    const irmin_context *context, irmin_error *err);

/* irmin_branch_cas on a full name. */
irmin_rc irmin__head_move(irmin_repo *repo, const irmin_context *context,
    const char *ref, irmin_commit *expected, irmin_commit *head,
    const char *reason, irmin_error *err);

/* irmin_branch_fast_forward on a full name. */
irmin_rc irmin__head_forward(irmin_repo *repo, const irmin_context *context,
    const char *ref, irmin_commit *head, irmin_error *err);

#endif
