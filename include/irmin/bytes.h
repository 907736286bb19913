/* irmin/bytes.h: bytes borrowed (slice), lent (pin) and owned (buf).
 *
 * Audience: everybody.
 * Shape: lengths are in bytes; any byte may occur, NUL included.
 * Owner: a slice owns nothing, its lifetime stands at the function that gives
 *   it. A pin keeps its bytes until irmin_pin_release. A buf belongs to the
 *   caller, is reused by every function that fills it, and always has a NUL
 *   behind its `len` bytes once it has been filled.
 * Threads: one at a time for each pin and buf. Since 0.1.
 */
#ifndef IRMIN_BYTES_H
#define IRMIN_BYTES_H

#include <stddef.h>
#include <string.h>

#include <irmin/error.h>

IRMIN_C_BEGIN

/* Borrowed bytes. Frozen. */
typedef struct irmin_slice {
	const void *data;
	size_t len;
} irmin_slice;

/* Lent bytes: `release(owner)` gives them back. Frozen. */
typedef struct irmin_pin {
	const void *data;
	size_t len;
	void (*release)(void *owner);
	void *owner;
} irmin_pin;

/* Owned bytes. Frozen. */
typedef struct irmin_buf {
	unsigned char *data;
	size_t len;
	size_t cap;
} irmin_buf;

#define IRMIN_PIN_INIT { NULL, 0, NULL, NULL }
#define IRMIN_BUF_INIT { NULL, 0, 0 }

/* The slice of `len` bytes at `data`. Since 0.1. */
static inline irmin_slice irmin_bytes(const void *data, size_t len)
{
	irmin_slice slice;

	slice.data = data;
	slice.len = len;
	return slice;
}

/* The slice of a C string, without its NUL; NULL gives the empty slice.
 * Since 0.1. */
static inline irmin_slice irmin_text(const char *text)
{
	return irmin_bytes(text, text ? strlen(text) : 0);
}

/* Non-zero if both hold the same bytes. Since 0.1. */
IRMIN_API int irmin_slice_equal(irmin_slice a, irmin_slice b);

/* Order by unsigned bytes, a prefix first: <0, 0, >0. Since 0.1. */
IRMIN_API int irmin_slice_compare(irmin_slice a, irmin_slice b);

/* Gives the bytes back and empties the pin; an empty pin is accepted.
 * Since 0.1. */
IRMIN_API void irmin_pin_release(irmin_pin *pin);

/* Frees and empties; an empty buf is accepted. Since 0.1. */
IRMIN_API void irmin_buf_clear(irmin_buf *buf);

/* Makes room for `extra` more bytes and a NUL. Fails: ENOMEM (the buf is as
 * before). Since 0.1. */
IRMIN_CALL irmin_rc irmin_buf_reserve(irmin_buf *buf, size_t extra,
    irmin_error *err);

/* Replaces the contents by a copy of `bytes`, which must not lie in the buf.
 * Fails: ENOMEM (the buf is as before). Since 0.1. */
IRMIN_CALL irmin_rc irmin_buf_set(irmin_buf *buf, irmin_slice bytes,
    irmin_error *err);

/* Appends a copy of `bytes`, which must not lie in the buf. Fails: ENOMEM (the
 * buf is as before). Since 0.1. */
IRMIN_CALL irmin_rc irmin_buf_append(irmin_buf *buf, irmin_slice bytes,
    irmin_error *err);

/* The contents as a slice, valid until the buf changes. Since 0.1. */
static inline irmin_slice irmin_buf_slice(const irmin_buf *buf)
{
	return irmin_bytes(buf->data, buf->len);
}

IRMIN_C_END

#endif
