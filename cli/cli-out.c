/* cli/cli-out.c: see cli-out.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli-out.h"

static bool wants_color(void)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static size_t columns_of(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) < 0 ? 0 : size.ws_col;
}

void cli_out_init(struct cli_out *out, int fd)
{
	out->fd = fd;
	out->error = 0;
	out->terminal = isatty(fd);
	out->color = out->terminal && wants_color();
	out->columns = out->terminal ? columns_of(fd) : 0;
	out->len = 0;
}

static void write_all(struct cli_out *out, const char *data, size_t len)
{
	while (len > 0 && !out->error) {
		ssize_t n = write(out->fd, data, len);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno != EINTR) {
			out->error = errno;
		}
	}
}

bool cli_out_flush(struct cli_out *out)
{
	write_all(out, out->bytes, out->len);
	out->len = 0;
	return !out->error;
}

void cli_out_bytes(struct cli_out *out, const void *data, size_t len)
{
	if (len == 0)
		return;
	if (len > sizeof(out->bytes) - out->len)
		cli_out_flush(out);
	if (len > sizeof(out->bytes)) {
		write_all(out, data, len);
		return;
	}
	memcpy(out->bytes + out->len, data, len);
	out->len += len;
	/* Somebody looks on: a line that is ready is not held back. */
	if (out->terminal && out->bytes[out->len - 1] == '\n')
		cli_out_flush(out);
}

void cli_out_slice(struct cli_out *out, irmin_slice slice)
{
	cli_out_bytes(out, slice.data, slice.len);
}

void cli_out_text(struct cli_out *out, const char *text)
{
	cli_out_bytes(out, text, strlen(text));
}

void cli_out_printf(struct cli_out *out, const char *format, ...)
{
	char text[1024];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len > 0)
		cli_out_bytes(out, text,
		    len < (int)sizeof(text) ? (size_t)len : sizeof(text) - 1);
}

void cli_out_color(struct cli_out *out, enum cli_color color)
{
	static const char *const sequences[] = {
		[CLI_PLAIN] = "\033[m",
		[CLI_BOLD] = "\033[1m",
		[CLI_RED] = "\033[31m",
		[CLI_GREEN] = "\033[32m",
		[CLI_YELLOW] = "\033[33m",
		[CLI_CYAN] = "\033[36m",
	};

	if (out->color)
		cli_out_text(out, sequences[color]);
}
