#include "lib/core/base/condition.h"

#include <assert.h>

#include "lib/core/base/error.h"

/* What is left to go wrong with a condition that was made is our mistake. */
static void must_hold(int os_errno)
{
	assert(os_errno == 0);
	(void)os_errno;
}

irmin_rc irmin__condition_init(irmin__condition *condition, irmin_error *err)
{
	int os_errno = pthread_cond_init(condition, NULL);

	if (os_errno)
		return irmin__error_system(err, os_errno,
		    "cannot make a condition", NULL);
	return IRMIN_OK;
}

void irmin__condition_clear(irmin__condition *condition)
{
	must_hold(pthread_cond_destroy(condition));
}

void irmin__condition_wait(irmin__condition *condition, irmin__mutex *mutex)
{
	must_hold(pthread_cond_wait(condition, mutex));
}

void irmin__condition_wake(irmin__condition *condition)
{
	must_hold(pthread_cond_broadcast(condition));
}
