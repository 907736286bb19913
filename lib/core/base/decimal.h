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

/* Writes a number with a minus where it is below zero, and no NUL. Returns how
 * many bytes, IRMIN__DECIMAL_BYTES at most. */
size_t irmin__decimal_encode_int(int64_t value, char *out);

/* Reads the one form in which that writes a number: no plus, no leading zeros.
 * Returns 0, or -1. */
int irmin__decimal_decode_int(const char *text, size_t len, int64_t *value);

#endif
