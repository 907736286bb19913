#include "lib/core/base/thread.h"

#include <assert.h>

#include "lib/core/base/error.h"

/* What is left to go wrong with a mutex that was made is a mistake of ours. */
static void must_hold(int os_errno)
{
	assert(os_errno == 0);
	(void)os_errno;
}

irmin_rc irmin__mutex_init(irmin__mutex *mutex, irmin_error *err)
{
	int os_errno = pthread_mutex_init(mutex, NULL);

	if (os_errno)
		return irmin__error_system(err, os_errno, "cannot make a mutex",
		    NULL);
	return IRMIN_OK;
}

void irmin__mutex_clear(irmin__mutex *mutex)
{
	must_hold(pthread_mutex_destroy(mutex));
}

void irmin__mutex_lock(irmin__mutex *mutex)
{
	must_hold(pthread_mutex_lock(mutex));
}

void irmin__mutex_unlock(irmin__mutex *mutex)
{
	must_hold(pthread_mutex_unlock(mutex));
}
