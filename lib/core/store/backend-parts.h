/* lib/core/store/backend-parts.h: what the files backend*.c share, and nobody
 * else may use: they are the only callers of a backend's slots. */
#ifndef IRMIN_STORE_BACKEND_PARTS_H
#define IRMIN_STORE_BACKEND_PARTS_H

#include "lib/core/store/repo.h"

/* A slot, or NULL where the author's class ends before it. */
#define IRMIN__SLOT(type, cls, slot)                                           \
	((cls)->size >= offsetof(type, slot) + sizeof(cls)->slot ? (cls)->slot \
								 : NULL)
#define IRMIN__OBJECTS_SLOT(repo, slot)                                        \
	IRMIN__SLOT(irmin_objects_class, (repo)->backend->objects->cls, slot)
#define IRMIN__REFS_SLOT(repo, slot)                                           \
	IRMIN__SLOT(irmin_refs_class, (repo)->backend->refs->cls, slot)
#define IRMIN__BACKEND_SLOT(repo, slot)                                        \
	IRMIN__SLOT(irmin_backend_class, (repo)->backend->cls, slot)

/* The border: between the two halves the backend stays. Fail: EINVAL (closed),
 * EREADONLY. */
irmin_rc irmin__backend_enter(irmin_repo *repo, irmin_error *err);
irmin_rc irmin__backend_enter_to_write(irmin_repo *repo, irmin_error *err);
void irmin__backend_leave(irmin_repo *repo);
/* After a write, whether it succeeded or did half of its work. */
void irmin__backend_leave_written(irmin_repo *repo);

void irmin__backend_trace_id(irmin_repo *repo, const char *name,
    const irmin_oid *id);

/* Whether an id is one of this repository's hash. Fails: EINVAL. */
irmin_rc irmin__backend_check_id(irmin_repo *repo, const irmin_oid *id,
    irmin_error *err);

/* The limit of an object of this type, or of any. */
size_t irmin__backend_limit(const irmin_repo *repo, irmin_object_type type);

#endif
