/* lib/core/store/batch.h: the inside of a batch, for what encodes trees. */
#ifndef IRMIN_STORE_BATCH_H
#define IRMIN_STORE_BATCH_H

#include "lib/core/base/vec.h"
#include "lib/core/store/node.h"
#include "lib/core/store/tree.h"

struct irmin__batch {
	irmin_repo *repo;
	uint64_t serial; /* marks the nodes and blobs that it holds */
	IRMIN__VEC(irmin_new_object) objects;
	IRMIN__VEC(atomic_uchar *) stored; /* set once they are written */
	IRMIN__VEC(void *) copies;         /* bytes that the objects need */
	IRMIN__VEC(irmin_tree *) trees;    /* held until they are written */
};

/* Adds an object whose id is known. `stored` (may be NULL) is set when it has
 * been written; `copy` (may be NULL) is freed with the batch, also when this
 * fails. Fails: ENOMEM. */
irmin_rc irmin__batch_put(irmin__batch *batch, irmin_object_type type,
    const irmin_oid *id, irmin_slice data, atomic_uchar *stored, void *copy,
    irmin_error *err);

/* Says of the directory that was put last, with these bytes, by what it differs
 * from that of which it was made, if that is known. Fails: ENOMEM. */
irmin_rc irmin__batch_splice(irmin__batch *batch, irmin__node *dir,
    const unsigned char *bytes, irmin_error *err);

/* Sets `stored` too when the batch has been written. Fails: ENOMEM. */
irmin_rc irmin__batch_mark(irmin__batch *batch, atomic_uchar *stored,
    irmin_error *err);

/* The id of an object in a repository, in one part or in several; counts the
 * bytes hashed. */
irmin_rc irmin__object_id(irmin_repo *repo, irmin_object_type type,
    irmin_slice data, irmin_oid *id, irmin_error *err);
irmin_rc irmin__object_id_parts(irmin_repo *repo, irmin_object_type type,
    const irmin_slice *parts, size_t count, irmin_oid *id, irmin_error *err);

#endif
