/* lib/core/base/text.h: text and bufs that we own. */
#ifndef IRMIN_BASE_TEXT_H
#define IRMIN_BASE_TEXT_H

#include <irmin/bytes.h>

/* A copy for irmin_free. Fails: ENOMEM (and `copy` is NULL). */
irmin_rc irmin__text_copy(irmin_slice text, char **copy, irmin_error *err);

/* Cuts a buf down to `len` bytes and keeps its memory. */
static inline void irmin__buf_cut(irmin_buf *buf, size_t len)
{
	buf->len = len;
	if (buf->data)
		buf->data[len] = '\0';
}

static inline void irmin__buf_empty(irmin_buf *buf)
{
	irmin__buf_cut(buf, 0);
}

/* Whether a word is likely a typo of another. */
int irmin__text_is_near(irmin_slice typed, const char *word);

#endif
