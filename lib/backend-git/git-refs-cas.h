/* lib/backend-git/git-refs-cas.h: a change of refs under way.
 *
 *   git-refs-lock.c  takes the locks, compares, writes new values into them
 *   git-refs-cas.c   puts them in place, or takes it all back
 */
#ifndef IRMIN_BACKEND_GIT_REFS_CAS_H
#define IRMIN_BACKEND_GIT_REFS_CAS_H

#include "lib/backend-git/git-parts.h"

/* One of the changes. */
typedef struct irmin__git_update {
	const irmin_ref_change *change;
	size_t index; /* in the caller's array */
	irmin__git_lock lock;
	irmin_oid before; /* no id: absent, or symbolic */
	int was_loose, was_packed, was_symbolic;
	int done;
} irmin__git_update;

typedef struct irmin__git_cas {
	irmin__git_refs *refs;
	irmin__git *git;
	const irmin_context *context;
	const irmin_reflog *reflog; /* NULL: nothing goes to reflogs */
	IRMIN__VEC(irmin__git_update) updates; /* sorted by name */
	irmin__git_lock packed_lock;
	int packed_changes;
	irmin__git_lock head_lock; /* for HEAD's reflog only */
	const irmin__git_update *head_update; /* of the ref that HEAD names */
	size_t differing; /* the first in the caller's order, or SIZE_MAX */
	irmin_error *err;
} irmin__git_cas;

static inline int irmin__git_update_removes(const irmin__git_update *u)
{
	return irmin_oid_is_none(&u->change->id);
}

static inline int irmin__git_update_was_there(const irmin__git_update *u)
{
	return u->was_loose || u->was_packed;
}

/* Whether the ref is to be written: not if it is already what it shall be. */
static inline int irmin__git_update_writes(const irmin__git_update *u)
{
	return !irmin__git_update_removes(u) &&
	    (u->was_symbolic ||
		irmin_oid_compare(&u->before, &u->change->id) != 0);
}

/* Fills the updates, sorted. Fails: EINVAL, EEXIST, ENOMEM. */
irmin_rc irmin__git_cas_collect(irmin__git_cas *cas,
    const irmin_ref_change *changes, size_t count);

/* The file of an update's ref. */
irmin_rc irmin__git_cas_path(const irmin__git_cas *cas,
    const irmin__git_update *u, irmin__git_path *path);

/* Takes the lock of one ref and reads what the ref is. Answers: OK; ABSENT (the
 * ref cannot be there: a file is where its directory would be; no lock is held
 * then). Fails: ELOCKED, ... */
irmin_rc irmin__git_cas_lock(irmin__git_cas *cas, irmin__git_update *u);

/* Makes sure that a ref which is locked can have a file. Fails: EEXIST. */
irmin_rc irmin__git_cas_check_place(irmin__git_cas *cas,
    const irmin__git_update *u);

/* Steps 1 to 3. Fails: ESTALE, and as irmin_refs_class.cas. */
irmin_rc irmin__git_cas_prepare(irmin__git_cas *cas);

/* EEXIST: one name is a directory of another. */
irmin_rc irmin__git_cas_in_the_way(const char *name, irmin_error *err);

#endif
