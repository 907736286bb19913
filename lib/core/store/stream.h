/* lib/core/store/stream.h: objects in parts, and many objects at once.
 *
 * Backends that have no slot for it are stood in for: the whole object in
 * memory, within the limit; objects added one call at a time.
 */
#ifndef IRMIN_STORE_STREAM_H
#define IRMIN_STORE_STREAM_H

#include "lib/core/store/repo.h"

/* ---- reading: a source may be left open when the repository is closed, and
 * then answers EINVAL ---- */

/* Opens an object. Answers: OK; ABSENT. */
irmin_rc irmin__source_open(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
    irmin__source **source, irmin_error *err);

/* As the slot. */
irmin_rc irmin__source_read(irmin__source *source, void *bytes, size_t len,
    size_t *got, irmin_error *err);

void irmin__source_close(irmin__source *source);

/* The end of a repository: closes its sources while the backend is there. */
void irmin__sources_close(irmin_repo *repo);

/* ---- writing: closing the repository waits for sinks and batches, so they live
 * no longer than one call of the application ---- */

typedef struct irmin__sink irmin__sink;

/* `context` outlives the sink. */
irmin_rc irmin__sink_open(irmin_repo *repo, const irmin_context *context,
    irmin_object_type type, uint64_t bytes, irmin__sink **sink,
    irmin_error *err);
irmin_rc irmin__sink_write(irmin__sink *sink, irmin_slice bytes,
    irmin_error *err);
/* Frees the sink, also on failure. */
irmin_rc irmin__sink_finish(irmin__sink *sink, const irmin_oid *id,
    irmin_error *err);
void irmin__sink_abort(irmin__sink *sink);

typedef struct irmin__bulk irmin__bulk;

/* A batch of the backend's; `context` outlives it. On failure of an add only
 * abort may follow. */
irmin_rc irmin__bulk_open(irmin_repo *repo, const irmin_context *context,
    irmin__bulk **bulk, irmin_error *err);
irmin_rc irmin__bulk_add(irmin__bulk *bulk, const irmin_new_object *added,
    irmin_error *err);
/* Frees it, also on failure. */
irmin_rc irmin__bulk_finish(irmin__bulk *bulk, irmin_error *err);
void irmin__bulk_abort(irmin__bulk *bulk);

/* Between these two, objects are written to which a ref leads only in the end:
 * they stay, whoever collects garbage meanwhile. */
void irmin__repo_work_begin(irmin_repo *repo);
void irmin__repo_work_end(irmin_repo *repo);

#endif
