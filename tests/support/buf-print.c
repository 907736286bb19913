#include "tests/support/buf-print.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/tap.h"

void buf_add(irmin_buf *buf, irmin_slice bytes)
{
	if (irmin_buf_append(buf, bytes, NULL) < 0)
		bail("out of memory");
}

void buf_print(irmin_buf *buf, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		bail("out of memory");
	buf_add(buf, irmin_bytes(text, (size_t)len));
	free(text);
}

int buf_match(irmin_buf *got, irmin_buf *want)
{
	int same = irmin_slice_equal(irmin_buf_slice(got),
	    irmin_buf_slice(want));

	irmin_buf_clear(got);
	irmin_buf_clear(want);
	return same;
}
