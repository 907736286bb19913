/* lib/core/store/commit-parts.h: the inside of a commit, for commit*.c.
 *
 * One that was read points into its object. One that was made has what its maker
 * said as text, points to its tree and, in a repository whose commits are late,
 * to its parents; it is an object only when its id is asked for.
 *
 * What may change, and when:
 * - `data.tree` and `data.parents` of one that was made are filled by whoever
 *   has claimed the id, and stay once it is known.
 * - pointers to parents go when the commit is cut: under the gate's mutex, and
 *   only while nobody else has claimed the id. So who has claimed it reads them
 *   without the mutex, and others with it.
 */
#ifndef IRMIN_STORE_COMMIT_PARTS_H
#define IRMIN_STORE_COMMIT_PARTS_H

#include "lib/core/object/commit-codec.h"
#include "lib/core/store/commit.h"
#include "lib/core/store/ids.h"

struct irmin_commit {
	atomic_size_t count;
	irmin_repo *repo;
	irmin__late_id id;
	irmin_pin bytes;            /* the object; or idents and message */
	irmin__commit_data data;    /* points into `bytes` */
	_Atomic(irmin_tree *) tree; /* NULL until it is asked for */
	atomic_size_t parent_count;
	irmin_commit **parents;     /* behind it; NULL: it was read */
	int cut;                    /* it is to lose its parents, or has */
	int lost;                   /* ... and parents that are not told of */
	uint64_t generation;        /* as it was made; 0: not known */
	irmin__commit_kept kept;
	irmin_commit *dead;         /* the next one to be freed */
};

/* A commit with room for the pointers to so many parents, and their ids; or one
 * that is read, with neither. */
irmin_rc irmin__commit_alloc(irmin_repo *repo, int is_made,
    size_t parent_count, irmin_commit **commit, irmin_error *err);

/* ---- commit-id.c ---- */

/* The object of a commit whose `data` is complete, and its id. */
irmin_rc irmin__commit_hash(irmin_commit *commit, irmin_buf *bytes,
    irmin_oid *id, irmin_error *err);

#endif
