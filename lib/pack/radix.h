/* lib/pack/radix.h: many numbers, sorted. */
#ifndef IRMIN_PACK_RADIX_H
#define IRMIN_PACK_RADIX_H

#include <stddef.h>
#include <stdint.h>

#include <irmin/error.h>

/* A thing to be sorted: by `key`, equal ones as they stood. */
typedef struct irmin__keyed {
	uint64_t key;
	uint32_t at;
} irmin__keyed;

/* Fails: ENOMEM (nothing was moved). */
irmin_rc irmin__radix_sort(irmin__keyed *items, size_t count, irmin_error *err);

#endif
