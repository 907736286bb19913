#include "lib/core/base/context.h"

/* Another thread or a signal handler may set the flag at any time: the public
 * type is a plain int, for C++ and for bindings, so it is the reading that must
 * be atomic. */
static int is_set(const volatile int *cancel)
{
	return cancel && __atomic_load_n(cancel, __ATOMIC_RELAXED) != 0;
}

irmin_rc irmin__context_check(const irmin_context *context, irmin_error *err)
{
	if (context && is_set(context->cancel))
		return irmin_error_set(err, IRMIN_ECANCELED, NULL,
		    "canceled by the caller");
	return IRMIN_OK;
}
