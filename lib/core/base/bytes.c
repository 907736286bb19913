#include <irmin/bytes.h>

#include <irmin/alloc.h>

#include "lib/core/base/error.h"

#define CAP_MIN 32

int irmin_slice_equal(irmin_slice a, irmin_slice b)
{
	return a.len == b.len &&
	    (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int irmin_slice_compare(irmin_slice a, irmin_slice b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.data, b.data, common) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

void irmin_pin_release(irmin_pin *pin)
{
	irmin_pin lent = *pin;

	memset(pin, 0, sizeof *pin);
	if (lent.release)
		lent.release(lent.owner);
}

void irmin_buf_clear(irmin_buf *buf)
{
	irmin_free(buf->data);
	memset(buf, 0, sizeof *buf);
}

irmin_rc irmin_buf_reserve(irmin_buf *buf, size_t extra, irmin_error *err)
{
	size_t need, cap;
	unsigned char *data;

	irmin_error_clear(err);
	if (extra >= SIZE_MAX - buf->len)
		return irmin__enomem(err);
	need = buf->len + extra + 1;
	if (need <= buf->cap)
		return IRMIN_OK;
	cap = buf->cap > SIZE_MAX / 2 ? need : buf->cap + buf->cap / 2;
	if (cap < need)
		cap = need < CAP_MIN ? CAP_MIN : need;
	data = irmin_realloc(buf->data, cap);
	if (!data)
		return irmin__enomem(err);
	data[buf->len] = '\0';
	buf->data = data;
	buf->cap = cap;
	return IRMIN_OK;
}

irmin_rc irmin_buf_set(irmin_buf *buf, irmin_slice bytes, irmin_error *err)
{
	size_t extra = bytes.len > buf->len ? bytes.len - buf->len : 0;
	irmin_rc rc = irmin_buf_reserve(buf, extra, err);

	if (rc < 0)
		return rc;
	if (bytes.len)
		memcpy(buf->data, bytes.data, bytes.len);
	buf->len = bytes.len;
	buf->data[buf->len] = '\0';
	return IRMIN_OK;
}

irmin_rc irmin_buf_append(irmin_buf *buf, irmin_slice bytes, irmin_error *err)
{
	irmin_rc rc = irmin_buf_reserve(buf, bytes.len, err);

	if (rc < 0)
		return rc;
	if (bytes.len)
		memcpy(buf->data + buf->len, bytes.data, bytes.len);
	buf->len += bytes.len;
	buf->data[buf->len] = '\0';
	return IRMIN_OK;
}
