/* lib/core/store/repo-object.h: objects as they are, for this room. */
#ifndef IRMIN_STORE_REPO_OBJECT_H
#define IRMIN_STORE_REPO_OBJECT_H

#include "lib/core/store/repo.h"
#include <irmin/object.h>

/* Whether these bytes have this id. Fails: ECORRUPT naming both. */
irmin_rc irmin__object_check_id(irmin_repo *repo, const irmin_oid *id,
    irmin_object_type type, irmin_slice data, irmin_error *err);

/* irmin_object_open in a context. */
irmin_rc irmin__reader_open(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_reader **reader, irmin_error *err);

/* A reader of bytes in memory, which have their id; the pin is taken over, also
 * on failure. */
irmin_rc irmin__reader_of_pin(irmin_repo *repo, irmin_object_type type,
    irmin_pin *data, irmin_reader **reader, irmin_error *err);

/* Goes from a tag to what it names, and from a commit to its tree, until an
 * object of type `want` comes; ANY is the first that is no tag. `id` is where it
 * begins and ends. Fails: EMISSING; EINVAL (there is no way to one). */
irmin_rc irmin__object_peel(irmin_repo *repo, const irmin_context *context,
    irmin_object_type want, irmin_oid *id, irmin_object_type *type,
    irmin_error *err);

#endif
