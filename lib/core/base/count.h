/* lib/core/base/count.h: counts of references.
 *
 * A process that never made a thread needs no atomic instructions to count, and
 * they are what a copied directory of many children costs most. Where the C
 * library tells (glibc 2.32 and later), plain loads and stores do until then.
 */
#ifndef IRMIN_BASE_COUNT_H
#define IRMIN_BASE_COUNT_H

#include <stdatomic.h>
#include <stddef.h>

#ifdef __has_include
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define IRMIN__SINGLE_THREADED __libc_single_threaded
#endif
#endif
#ifndef IRMIN__SINGLE_THREADED
#define IRMIN__SINGLE_THREADED 0
#endif

static inline void irmin__count_up(atomic_size_t *count)
{
	if (IRMIN__SINGLE_THREADED)
		atomic_store_explicit(count,
		    atomic_load_explicit(count, memory_order_relaxed) + 1,
		    memory_order_relaxed);
	else
		atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

/* Non-zero if that was the last reference: the caller frees. */
static inline int irmin__count_down(atomic_size_t *count)
{
	size_t before;

	if (!IRMIN__SINGLE_THREADED)
		return atomic_fetch_sub_explicit(count, 1,
			   memory_order_acq_rel) == 1;
	before = atomic_load_explicit(count, memory_order_relaxed);
	atomic_store_explicit(count, before - 1, memory_order_relaxed);
	return before == 1;
}

#endif
