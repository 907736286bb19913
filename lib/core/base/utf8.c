#include "lib/core/base/utf8.h"

/* By the first byte alone. */
static size_t length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t irmin__utf8_length(const unsigned char *text, size_t len)
{
	size_t length = len ? length_of(text[0]) : 0, i;

	if (length > len)
		return 0;
	for (i = 1; i < length; i++)
		if (!irmin__utf8_continues(text[i]))
			return 0;
	if ((length == 3 && text[0] == 0xe0 && text[1] < 0xa0) ||
	    (length == 3 && text[0] == 0xed && text[1] > 0x9f) ||
	    (length == 4 && text[0] == 0xf0 && text[1] < 0x90) ||
	    (length == 4 && text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return length;
}

size_t irmin__utf8_shown(const unsigned char *text, size_t len)
{
	size_t length = irmin__utf8_length(text, len);

	if ((length == 1 && (text[0] < 0x20 || text[0] == 0x7f)) ||
	    (length == 2 && text[0] == 0xc2 && text[1] < 0xa0))
		return 0;
	return length;
}
