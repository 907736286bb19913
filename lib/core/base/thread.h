/* lib/core/base/thread.h: locks between the threads of a process.
 *
 * Always the machine's own, whatever irmin__os is in use.
 */
#ifndef IRMIN_BASE_THREAD_H
#define IRMIN_BASE_THREAD_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include <irmin/error.h>

typedef pthread_mutex_t irmin__mutex;

/* Fails: ENOMEM, EIO. */
irmin_rc irmin__mutex_init(irmin__mutex *mutex, irmin_error *err);
void irmin__mutex_clear(irmin__mutex *mutex);
void irmin__mutex_lock(irmin__mutex *mutex);
void irmin__mutex_unlock(irmin__mutex *mutex);

/* What many threads write all the time is kept in this many places, each in
 * cache lines of its own (what follows a place ends with as many spare bytes):
 * two processors that write one line have to hand it to and fro. */
#define IRMIN__STRIPES    16
#define IRMIN__LINE_BYTES 64

/* The place of the calling thread, the same as long as it lives. Two threads may
 * share one: what stands there is atomic. */
static inline size_t irmin__thread_stripe(void)
{
	/* A thread's number is an address, and those of two threads lie some
	 * multiple of pages apart: the upper bits of the product tell them. */
	uint64_t pages = (uint64_t)(uintptr_t)pthread_self() >> 12;

	return (size_t)((pages * UINT64_C(0x9E3779B97F4A7C15)) >> 60) %
	    IRMIN__STRIPES;
}

#endif
