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
	return done_testing();
}
