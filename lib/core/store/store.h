/* lib/core/store/store.h: the inside of a store, for this room and lib/open. */
#ifndef IRMIN_STORE_STORE_H
#define IRMIN_STORE_STORE_H

#include "lib/core/store/heads.h"
#include <irmin/store.h>

/* store-read.c: what a thread reads through. */
typedef struct irmin__reader irmin__reader;

typedef struct irmin__reader_slot {
	_Atomic(irmin__reader *) reader; /* NULL: none, or in use just now */
	char apart[IRMIN__LINE_BYTES];
} irmin__reader_slot;

struct irmin_store {
	atomic_size_t count;  /* the handle, and each transaction */
	irmin_repo *repo;
	int owns_repo;        /* closing it closes the repository */
	char *ref;            /* refs/heads/main; NULL if detached */
	irmin_wait wait;
	irmin__mutex mutex;   /* of `head` */
	irmin_commit *head;   /* detached: the head; else the one last seen, kept
	                       * so that its trees stay loaded */
	atomic_uint_fast64_t generation; /* counts what makes readers stale */
	atomic_uint_fast64_t renewals; /* of the ledger, that were followed */
	atomic_uint filled;   /* a bit for each slot that may have a reader */
	irmin__reader_slot slots[IRMIN__STRIPES];
};

/* Closing the store closes its repository from now on. */
void irmin__store_own_repo(irmin_store *store);

irmin_store *irmin__store_ref(irmin_store *store);
void irmin__store_unref(irmin_store *store);

irmin_context irmin__store_context(const irmin_store *store);

/* Fails: EINVAL (the repository is closed). */
irmin_rc irmin__store_check_open(const irmin_store *store, irmin_error *err);

/* The head now; `final` (may be NULL) is the ref to move, empty if detached.
 * Answers: OK; ABSENT. */
irmin_rc irmin__store_head(irmin_store *store, const irmin_context *context,
    irmin_buf *final, irmin_commit **head, irmin_error *err);

/* Remembers a head that was just made or read; a volatile repository has it in
 * memory anyway, and may let go of it. */
void irmin__store_saw(irmin_store *store, irmin_commit *head);

/* Lets go of what is loaded of the head, which is the same afterwards. */
void irmin__store_renew(irmin_store *store);

/* Moves a detached head. Fails: ESTALE. */
irmin_rc irmin__store_cas_detached(irmin_store *store,
    irmin_commit *expected, irmin_commit *head, irmin_error *err);

/* ---- store-read.c ---- */

/* Lets go of the readers: the head has moved, or memory is to be given back.
 * Those in use go when they are done. */
void irmin__store_drop_readers(irmin_store *store);

/* Lets go of what is loaded of the head, if the ledger has counted a renewal that
 * this store did not follow yet. */
void irmin__store_renew_if_due(irmin_store *store);

/* The tree of a head; NULL has the empty one. */
irmin_rc irmin__store_tree_of(irmin_store *store, irmin_commit *head,
    irmin_tree **tree, irmin_error *err);

/* ---- store-write.c ---- */

/* What a write does, run again on every head that it meets. */
typedef struct irmin__change {
	/* Makes the tree after from the tree of `head` (NULL: no commit yet).
	 * Answers: OK; UNCHANGED (`after` may be NULL then). A failure ends the
	 * write, ESTALE too. */
	irmin_rc (*apply)(void *arg, irmin_commit *head, irmin_tree *before,
	    irmin_tree **after, irmin_error *err);
	/* The message, where info has none. */
	irmin_rc (*describe)(void *arg, irmin_tree *before, irmin_tree *after,
	    irmin_buf *message, irmin_error *err);
	void *arg;
} irmin__change;

/* Makes one commit of a change, over heads that move, boundedly. Answers: OK;
 * UNCHANGED. Fails: as irmin_store_set, and what `apply` answered. */
irmin_rc irmin__store_write(irmin_store *store, const irmin__change *change,
    const irmin_info *info, irmin_error *err);

/* The other side of a merge. */
typedef struct irmin__second {
	irmin_commit *parent; /* of the commit, after the head */
	const char *name;     /* in the reflog, "merge <name>: ..." as git's; NULL:
	                       * "commit (merge): ..." */
} irmin__second;

/* The same for a merge: `apply` may also answer OK without a tree, and the head
 * moves forward to the second parent; and ALREADY, which is answered. On a branch
 * without a commit it can only do the first. */
irmin_rc irmin__store_write_merge(irmin_store *store,
    const irmin__change *change, const irmin__second *second,
    const irmin_info *info, irmin_error *err);

/* The context of a write: info's wait counts before the store's. */
irmin_context irmin__store_write_context(const irmin_store *store,
    const irmin_info *info);

/* How often, and until when, a caller tries again; all zero at first. */
typedef struct irmin__patience {
	uint32_t tries;
	irmin_context context; /* of the waits, from the first on */
} irmin__patience;

/* Waits a little, and longer the more tries there were, before the next one.
 * Fails: ESTALE (no more retries), ECANCELED, ETIMEDOUT. */
irmin_rc irmin__store_back_off(irmin_store *store, const irmin_info *info,
    irmin__patience *patience, irmin_error *err);

#endif
