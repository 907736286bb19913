#include "lib/core/object/backend-args.h"

#include <string.h>

#include "lib/core/base/hex.h"

irmin_rc irmin__backend_args_added(irmin_hash_algo algo,
    const irmin_new_object *added, irmin_error *err)
{
	if (added->id.algo == algo && added->type >= IRMIN_OBJECT_COMMIT &&
	    added->type <= IRMIN_OBJECT_TAG)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "cannot add an object: its id or its type is not one of this "
	    "repository");
}

irmin_rc irmin__backend_args_prefix(irmin_hash_algo algo, const char *digits,
    char prefix[IRMIN_OID_HEX_BYTES], irmin_error *err)
{
	size_t i, len = strlen(digits);

	for (i = 0; i < len && irmin__hex_digit(digits[i]) >= 0; i++)
		;
	if (i < len || len > 2 * irmin_hash_size(algo))
		return irmin_error_set(err, IRMIN_EINVAL, digits,
		    "cannot list objects: \"%s\" is not the beginning of an id",
		    digits);
	for (i = 0; i < len; i++)
		prefix[i] = "0123456789abcdef"[irmin__hex_digit(digits[i])];
	prefix[len] = '\0';
	return IRMIN_OK;
}

irmin_rc irmin__backend_args_limit(const irmin_context *context,
    const irmin_oid *id, irmin_object *object, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	size_t len = object->data.len;

	if (!context || !context->max_object_bytes ||
	    len <= context->max_object_bytes)
		return IRMIN_OK;
	irmin_pin_release(&object->data);
	memset(object, 0, sizeof *object);
	return irmin_error_set(err, IRMIN_ELIMIT, irmin_oid_hex(id, hex),
	    "cannot read object %s: it has %zu bytes, more than the limit of "
	    "%zu",
	    hex, len, context->max_object_bytes);
}
