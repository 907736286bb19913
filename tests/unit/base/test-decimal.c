#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/core/base/decimal.h"
#include "tests/support/tap.h"

static void is_decimal(uint64_t value, int least)
{
	char got[IRMIN__DECIMAL_BYTES], want[32];
	size_t length = irmin__decimal_encode(value, (size_t)least, got);

	snprintf(want, sizeof want, "%0*" PRIu64, least, value);
	is_mem(got, length, want, strlen(want), "%s", want);
}

static void is_int_both_ways(int64_t value)
{
	char got[IRMIN__DECIMAL_BYTES], want[32];
	size_t length = irmin__decimal_encode_int(value, got);
	int64_t back = ~value;

	snprintf(want, sizeof want, "%" PRId64, value);
	is_mem(got, length, want, strlen(want), "%s", want);
	is_int(irmin__decimal_decode_int(got, length, &back), 0, "is read");
	is_int(back, value, "as the same");
}

static void test_ints(void)
{
	static const int64_t values[] = { 0, 1, -1, 9, -10, INT64_MAX,
		INT64_MIN, INT64_MAX - 1, INT64_MIN + 1 };
	static const char *const bad[] = { "", "-", "-0", "00", "01", "-01",
		"+1", " 1", "1 ", "1a", "0x1", "--1", "9223372036854775808",
		"-9223372036854775809", "18446744073709551616",
		"99999999999999999999" };
	int64_t value;
	size_t i;

	for (i = 0; i < sizeof values / sizeof *values; i++)
		is_int_both_ways(values[i]);
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		is_int(irmin__decimal_decode_int(bad[i], strlen(bad[i]),
			   &value),
		    -1, "\"%s\" is none", bad[i]);
}

int main(void)
{
	uint64_t power;

	for (power = 1; power < UINT64_MAX / 10; power *= 10) {
		is_decimal(power - 1, 1);
		is_decimal(power, 1);
	}
	is_decimal(UINT64_MAX, 1);
	is_decimal(0, 4);
	is_decimal(530, 4);
	is_decimal(9999, 4);
	is_decimal(12345, 4);
	test_ints();
	return done_testing();
}
