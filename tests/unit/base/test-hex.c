#include <string.h>

#include "lib/core/base/hex.h"
#include "tests/support/tap.h"

static void test_digit(void)
{
	int digit, known = 0;

	for (digit = -128; digit < 128; digit++)
		known += irmin__hex_digit((char)digit) >= 0;
	is_int(known, 22, "there are 22 digits");
	is_int(irmin__hex_digit('0'), 0, "0");
	is_int(irmin__hex_digit('9'), 9, "9");
	is_int(irmin__hex_digit('a'), 10, "a");
	is_int(irmin__hex_digit('F'), 15, "F");
	is_int(irmin__hex_digit('g'), -1, "g is none");
	is_int(irmin__hex_digit('\0'), -1, "NUL is none");
}

static void test_round_trip(void)
{
	unsigned char bytes[256], back[256];
	char hex[513];
	int i;

	for (i = 0; i < 256; i++)
		bytes[i] = (unsigned char)i;
	irmin__hex_encode(bytes, 256, hex);
	is_int(strlen(hex), 512, "two digits a byte");
	ok(!strncmp(hex, "000102", 6), "the first ones");
	is_str(hex + 506, "fdfeff", "the last ones");
	is_int(irmin__hex_decode(hex, 256, back), 0, "decoded");
	is_mem(back, 256, bytes, 256, "to the same");
	is_int(irmin__hex_decode("aBFf", 2, back), 0, "either case");
	is_mem(back, 2, "\xab\xff", 2, "is read");
	irmin__hex_encode(bytes, 0, hex);
	is_str(hex, "", "nothing gives nothing");
}

static void test_bad(void)
{
	unsigned char back[4];

	is_int(irmin__hex_decode("0g", 1, back), -1, "a bad low digit");
	is_int(irmin__hex_decode("g0", 1, back), -1, "a bad high digit");
	is_int(irmin__hex_decode("", 1, back), -1, "the end of the text");
	is_int(irmin__hex_decode("00zz", 1, back), 0, "read no further");
}

int main(void)
{
	test_digit();
	test_round_trip();
	test_bad();
	return done_testing();
}
