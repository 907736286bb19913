/* lib/core/base/decimal.h: numbers as decimal digits. By hand, since snprintf
 * costs as much as hashing a small object. */
#ifndef IRMIN_BASE_DECIMAL_H
#define IRMIN_BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#define IRMIN__DECIMAL_BYTES 20 /* of the largest number */

/* Writes at least `least` digits, with zeros in front, and no NUL. Returns how
 * many. */
static inline size_t irmin__decimal_encode(uint64_t value, size_t least,
    char *out)
{
	uint64_t rest = value;
	size_t digits = 1, i;

	while (rest /= 10)
		digits++;
	if (digits < least)
		digits = least;
	for (i = digits; i-- > 0; value /= 10)
		out[i] = (char)('0' + value % 10);
	return digits;
}

#endif
