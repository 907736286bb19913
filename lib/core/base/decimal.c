#include "lib/core/base/decimal.h"

size_t irmin__decimal_encode_int(int64_t value, char *out)
{
	size_t minus = value < 0;
	uint64_t size = minus ? 0 - (uint64_t)value : (uint64_t)value;

	if (minus)
		*out = '-';
	return minus + irmin__decimal_encode(size, 1, out + minus);
}

int irmin__decimal_decode_int(const char *text, size_t len, int64_t *value)
{
	int minus = len && *text == '-';
	const char *digits = text + minus, *end = text + len, *at;
	uint64_t limit = (uint64_t)INT64_MAX + (uint64_t)minus, n = 0;

	if (digits == end || (*digits == '0' && (minus || digits + 1 != end)))
		return -1;
	for (at = digits; at < end; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (*at < '0' || *at > '9' || n > (limit - digit) / 10)
			return -1;
		n = n * 10 + digit;
	}
	*value = minus ? (int64_t)(0 - n) : (int64_t)n;
	return 0;
}
