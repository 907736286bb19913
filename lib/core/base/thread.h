/* lib/core/base/thread.h: locks between the threads of a process.
 *
 * Always the machine's own, whatever irmin__os is in use.
 */
#ifndef IRMIN_BASE_THREAD_H
#define IRMIN_BASE_THREAD_H

#include <pthread.h>

#include <irmin/error.h>

typedef pthread_mutex_t irmin__mutex;

/* Fails: ENOMEM, EIO. */
irmin_rc irmin__mutex_init(irmin__mutex *mutex, irmin_error *err);
void irmin__mutex_clear(irmin__mutex *mutex);
void irmin__mutex_lock(irmin__mutex *mutex);
void irmin__mutex_unlock(irmin__mutex *mutex);

#endif
