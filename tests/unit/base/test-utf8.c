/* UTF-8: what is a character is told as by a table of code points. */
#include <string.h>

#include "lib/core/base/utf8.h"
#include "tests/support/tap.h"

/* Writes a code point in `length` bytes, over-long ones too. */
static void write_point(unsigned point, size_t length, unsigned char *out)
{
	static const unsigned char marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t i;

	for (i = length; i-- > 1; point >>= 6)
		out[i] = (unsigned char)(0x80 | (point & 0x3f));
	out[0] = (unsigned char)(marks[length] | point);
}

static size_t length_of(unsigned point)
{
	if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

/* Every code point in every length that has room for it, surrogates and what is
 * beyond the last one included. */
static void test_points(void)
{
	static const unsigned ends[] = { 0, 0x80, 0x800, 0x10000, 0x200000 };
	unsigned char text[5] = "";
	size_t length, wrong = 0, cut = 0;
	unsigned point;

	for (length = 1; length <= 4; length++)
		for (point = 0; point < ends[length]; point++) {
			size_t right = length_of(point) == length ? length : 0;

			write_point(point, length, text);
			wrong += irmin__utf8_length(text, 5) != right;
			cut += irmin__utf8_length(text, length - 1) != 0;
		}
	is_int(wrong, 0, "every code point has one form");
	is_int(cut, 0, "none is read behind its end");
}

/* Bytes that no code point begins with, and such that do not go on. */
static void test_malformed(void)
{
	static const unsigned char rests[] = { 0x00, 0x7f, 0xc0, 0xff };
	unsigned char text[4];
	size_t wrong = 0, i, at;
	unsigned first;

	for (first = 0x80; first < 0x100; first++)
		for (i = 0; i < sizeof rests; i++)
			for (at = 1; at < 4; at++) {
				memset(text, 0x90, sizeof text);
				text[0] = (unsigned char)first;
				text[at] = rests[i];
				wrong += irmin__utf8_length(text, 4) > at;
			}
	is_int(wrong, 0, "nothing reaches over what does not go on");
	is_int(irmin__utf8_length((const unsigned char *)"\x80\x80", 2), 0,
	    "nor begins in the middle");
	is_int(irmin__utf8_length((const unsigned char *)"\xf8\x88\x80\x80", 4),
	    0, "nor has five bytes");
}

static void test_shown(void)
{
	unsigned char text[2];
	size_t wrong = 0;
	unsigned point;

	for (point = 0; point < 0x800; point++) {
		size_t length = length_of(point);
		int obeyed = point < 0x20 || (point >= 0x7f && point < 0xa0);

		write_point(point, length, text);
		wrong += irmin__utf8_shown(text, 2) != (obeyed ? 0 : length);
	}
	is_int(wrong, 0, "all is shown but what a terminal obeys");
}

int main(void)
{
	test_points();
	test_malformed();
	test_shown();
	return done_testing();
}
