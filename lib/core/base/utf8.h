/* lib/core/base/utf8.h: characters in bytes from outside. */
#ifndef IRMIN_BASE_UTF8_H
#define IRMIN_BASE_UTF8_H

#include <stddef.h>

static inline int irmin__utf8_continues(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* How many bytes the UTF-8 character at the beginning of `len` bytes has; 0 if
 * there is none: malformed, over-long, a surrogate, cut off. */
size_t irmin__utf8_length(const unsigned char *text, size_t len);

/* The same, 0 also for what a terminal obeys: the characters below space, DEL,
 * and U+0080 to U+009F. */
size_t irmin__utf8_shown(const unsigned char *text, size_t len);

#endif
