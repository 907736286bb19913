#include "lib/core/base/hex.h"

int irmin__hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
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
		int high = irmin__hex_digit(hex[2 * i]);
		int low = high < 0 ? -1 : irmin__hex_digit(hex[2 * i + 1]);

		if (low < 0)
			return -1;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}
