/* lib/core/base/cancel.h: the flag by which a caller ends a call early. */
#ifndef IRMIN_BASE_CANCEL_H
#define IRMIN_BASE_CANCEL_H

/* Whether the flag is set; NULL never is. Another thread or a signal handler may
 * set it at any time: the public type is a plain int, for C++ and for bindings,
 * so it is the reading that must be atomic. */
static inline int irmin__is_canceled(const volatile int *cancel)
{
	return cancel && __atomic_load_n(cancel, __ATOMIC_RELAXED) != 0;
}

#endif
