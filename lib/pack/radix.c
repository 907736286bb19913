#include "lib/pack/radix.h"

#include <string.h>

#include <irmin/alloc.h>

#include "lib/core/base/error.h"

#define DIGIT_BITS 11
#define DIGITS     (1u << DIGIT_BITS)
#define PASSES     ((64 + DIGIT_BITS - 1) / DIGIT_BITS)

/* The counts of all passes are taken in one go: later passes see the same
 * keys. */
static void count_digits(const irmin__keyed *items, size_t count,
    size_t counts[PASSES][DIGITS])
{
	size_t i;
	unsigned pass;

	for (i = 0; i < count; i++)
		for (pass = 0; pass < PASSES; pass++)
			counts[pass][items[i].key >> pass * DIGIT_BITS &
			    (DIGITS - 1)]++;
}

static void move_by_digit(const irmin__keyed *from, irmin__keyed *to,
    size_t count, unsigned pass, size_t places[DIGITS])
{
	size_t i, before = 0;

	for (i = 0; i < DIGITS; i++) {
		size_t here = places[i];

		places[i] = before;
		before += here;
	}
	for (i = 0; i < count; i++)
		to[places[from[i].key >> pass * DIGIT_BITS & (DIGITS - 1)]++] =
		    from[i];
}

irmin_rc irmin__radix_sort(irmin__keyed *items, size_t count, irmin_error *err)
{
	size_t(*counts)[DIGITS] = irmin_calloc(PASSES, sizeof *counts);
	irmin__keyed *other = irmin_calloc(count, sizeof *other);
	irmin__keyed *from = items, *to = other;
	irmin_rc rc = IRMIN_OK;
	unsigned pass;

	if (!counts || !other) {
		rc = irmin__enomem(err);
		goto done;
	}
	count_digits(items, count, counts);
	for (pass = 0; pass < PASSES && count; pass++) {
		size_t digit = from->key >> pass * DIGIT_BITS & (DIGITS - 1);
		irmin__keyed *swap = from;

		if (counts[pass][digit] == count)
			continue;
		move_by_digit(from, to, count, pass, counts[pass]);
		from = to;
		to = swap;
	}
	if (from != items)
		memcpy(items, from, count * sizeof *items);
done:
	irmin_free(counts);
	irmin_free(other);
	return rc;
}
