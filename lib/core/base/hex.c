#include "lib/core/base/hex.h"

/* One more than what a digit is worth. A table, since the digits of an id are
 * random, and branches on them would be guessed wrong. */
static const unsigned char worth[256] = {
	['0'] = 1,
	2,
	3,
	4,
	5,
	6,
	7,
	8,
	9,
	10,
	['A'] = 11,
	12,
	13,
	14,
	15,
	16,
	['a'] = 11,
	12,
	13,
	14,
	15,
	16,
};

static inline int value_of(char digit)
{
	return worth[(unsigned char)digit] - 1;
}

int irmin__hex_digit(char digit)
{
	return value_of(digit);
}

void irmin__hex_encode(const unsigned char *bytes, size_t len, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		*hex++ = digits[bytes[i] >> 4];
		*hex++ = digits[bytes[i] & 15];
	}
	*hex = '\0';
}

int irmin__hex_decode(const char *hex, size_t len, unsigned char *bytes)
{
	size_t i;

	for (i = 0; i < len; i++) {
		int high = value_of(hex[2 * i]);
		int low = high < 0 ? -1 : value_of(hex[2 * i + 1]);

		if (low < 0)
			return -1;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}
