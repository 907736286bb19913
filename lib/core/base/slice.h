/* lib/core/base/slice.h: parts of borrowed bytes. All take an empty slice, whose
 * data may be NULL. */
#ifndef IRMIN_BASE_SLICE_H
#define IRMIN_BASE_SLICE_H

#include <irmin/bytes.h>

/* What stands from `at` on, which is at most the length. */
static inline irmin_slice irmin__slice_from(irmin_slice slice, size_t at)
{
	if (at > 0)
		slice.data = (const char *)slice.data + at;
	slice.len -= at;
	return slice;
}

/* What stands before `at`, which is at most the length. */
static inline irmin_slice irmin__slice_until(irmin_slice slice, size_t at)
{
	slice.len = at;
	return slice;
}

/* Where this byte stands first; the length if nowhere. */
static inline size_t irmin__slice_find(irmin_slice slice, char byte)
{
	const char *found =
		slice.len ? (const char *)memchr(slice.data, byte, slice.len)
			  : NULL;

	return found ? (size_t)(found - (const char *)slice.data) : slice.len;
}

static inline int irmin__slice_has(irmin_slice slice, char byte)
{
	return irmin__slice_find(slice, byte) < slice.len;
}

static inline int irmin__slice_is(irmin_slice slice, const char *text)
{
	size_t length = strlen(text);

	return slice.len == length &&
		(length == 0 || memcmp(slice.data, text, length) == 0);
}

static inline int irmin__slice_begins(irmin_slice slice, const char *text)
{
	size_t length = strlen(text);

	return slice.len >= length &&
		irmin__slice_is(irmin__slice_until(slice, length), text);
}

static inline int irmin__slice_ends(irmin_slice slice, const char *text)
{
	size_t length = strlen(text);

	return slice.len >= length &&
		irmin__slice_is(irmin__slice_from(slice, slice.len - length),
			text);
}

#endif
