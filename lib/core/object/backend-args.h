/* lib/core/object/backend-args.h: what every backend checks of its arguments. */
#ifndef IRMIN_OBJECT_BACKEND_ARGS_H
#define IRMIN_OBJECT_BACKEND_ARGS_H

#include <irmin/backend.h>

/* An object to be added to a repository of this hash: its id is one of that
 * hash, its type one of git's. Fails: EINVAL. */
irmin_rc irmin__backend_args_added(irmin_hash_algo algo,
    const irmin_new_object *added, irmin_error *err);

/* The digits with which ids begin that are to be told, of either case; `prefix`
 * gets them in lower case. Fails: EINVAL. */
irmin_rc irmin__backend_args_prefix(irmin_hash_algo algo, const char *digits,
    char prefix[IRMIN_OID_HEX_BYTES], irmin_error *err);

/* Whether an object that was found is within the context's limit; it is released
 * and emptied if it is not. Fails: ELIMIT naming it. */
irmin_rc irmin__backend_args_limit(const irmin_context *context,
    const irmin_oid *id, irmin_object *object, irmin_error *err);

#endif
