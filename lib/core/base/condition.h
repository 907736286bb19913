/* lib/core/base/condition.h: waiting for another thread. */
#ifndef IRMIN_BASE_CONDITION_H
#define IRMIN_BASE_CONDITION_H

#include "lib/core/base/thread.h"

typedef pthread_cond_t irmin__condition;

/* Fails: ENOMEM, EIO. */
irmin_rc irmin__condition_init(irmin__condition *condition, irmin_error *err);
void irmin__condition_clear(irmin__condition *condition);

/* Waits, with the mutex given back meanwhile; may also return for no reason. */
void irmin__condition_wait(irmin__condition *condition, irmin__mutex *mutex);

/* Wakes everybody who waits. */
void irmin__condition_wake(irmin__condition *condition);

#endif
