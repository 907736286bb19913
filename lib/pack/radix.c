#include "lib/pack/radix.h"

#include <string.h>

#include <irmin/alloc.h>

#include "lib/core/base/error.h"

#define DIGIT_BITS 11
#define DIGITS     (1u << DIGIT_BITS)

/* Moves the items in the order of one digit. */
static void move_by_digit(const irmin__keyed *from, irmin__keyed *to,
    size_t count, unsigned shift, size_t places[DIGITS])
{
	size_t i, before = 0;

	memset(places, 0, DIGITS * sizeof *places);
	for (i = 0; i < count; i++)
		places[from[i].key >> shift & (DIGITS - 1)]++;
	for (i = 0; i < DIGITS; i++) {
		size_t here = places[i];

		places[i] = before;
		before += here;
	}
	for (i = 0; i < count; i++)
		to[places[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
}

/* The bits in which keys differ. */
static uint64_t bits_of(const irmin__keyed *items, size_t count)
{
	uint64_t bits = 0;
	size_t i;

	for (i = 0; i < count; i++)
		bits |= items[i].key ^ items[0].key;
	return bits;
}

irmin_rc irmin__radix_sort(irmin__keyed *items, size_t count, irmin_error *err)
{
	size_t *places = irmin_calloc(DIGITS, sizeof *places);
	irmin__keyed *other = irmin_calloc(count, sizeof *other);
	irmin__keyed *from = items, *to = other, *swap;
	uint64_t bits = bits_of(items, count);
	irmin_rc rc = IRMIN_OK;
	unsigned shift;

	if (!places || !other) {
		rc = irmin__enomem(err);
		goto done;
	}
	for (shift = 0; shift < 64; shift += DIGIT_BITS) {
		if (!(bits >> shift & (DIGITS - 1)))
			continue;
		move_by_digit(from, to, count, shift, places);
		swap = from;
		from = to;
		to = swap;
	}
	if (from != items)
		memcpy(items, from, count * sizeof *items);
done:
	irmin_free(places);
	irmin_free(other);
	return rc;
}
