/* cli/cli-quote.c: see cli-quote.h. */
#include <string.h>

#include "cli/cli-quote.h"

static bool is_continuation(const unsigned char *data, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if ((data[i] & 0xc0) != 0x80)
			return false;
	return true;
}

/* The length of the well-formed UTF-8 character at `data`, or 0. */
static size_t utf8_length(const unsigned char *data, size_t len)
{
	unsigned char c = data[0];
	size_t want = c < 0x80 ? 1
	    : c < 0xc2         ? 0
	    : c < 0xe0         ? 2
	    : c < 0xf0         ? 3
	    : c < 0xf5         ? 4
			       : 0;

	if (want == 0 || want > len || !is_continuation(data, 1, want))
		return 0;
	/* Overlong forms, surrogates, and what lies beyond U+10FFFF. */
	if ((c == 0xe0 && data[1] < 0xa0) || (c == 0xed && data[1] > 0x9f) ||
	    (c == 0xf0 && data[1] < 0x90) || (c == 0xf4 && data[1] > 0x8f))
		return 0;
	return want;
}

/* Characters that turn the direction of a line can make it read as another:
 * U+202A..U+202E and U+2066..U+2069. */
static bool is_direction(const unsigned char *data, size_t len)
{
	return len == 3 && data[0] == 0xe2 &&
	    ((data[1] == 0x80 && data[2] >= 0xaa && data[2] <= 0xae) ||
		(data[1] == 0x81 && data[2] >= 0xa6 && data[2] <= 0xa9));
}

size_t cli_quote_printable(const unsigned char *data, size_t len)
{
	size_t n = utf8_length(data, len);

	if (n == 1 && (data[0] < 0x20 || data[0] == 0x7f))
		return 0;
	if (n == 2 && data[0] == 0xc2 && data[1] < 0xa0)
		return 0;
	return is_direction(data, n) ? 0 : n;
}

bool cli_quote_is_utf8(irmin_slice text)
{
	const unsigned char *data = text.data;
	size_t n;

	for (size_t i = 0; i < text.len; i += n) {
		n = utf8_length(data + i, text.len - i);
		if (n == 0)
			return false;
	}
	return true;
}

/* The letter after the backslash for bytes that have one in C. */
static char escape_letter(unsigned char c)
{
	static const char letters[] = "abtnvfr"; /* from 7, bell, on */

	if (c == '"' || c == '\\')
		return (char)c;
	return c >= 7 && c <= 13 ? letters[c - 7] : 0;
}

static void escape_byte(struct cli_out *out, unsigned char c)
{
	if (escape_letter(c))
		cli_out_printf(out, "\\%c", escape_letter(c));
	else
		cli_out_printf(out, "\\%03o", c);
}

/* How many bytes at `data` need no escape inside quotes. */
static size_t plain_length(const unsigned char *data, size_t len, bool utf8)
{
	if (data[0] == '"' || data[0] == '\\')
		return 0;
	return data[0] >= 0x80 && !utf8 ? 0 : cli_quote_printable(data, len);
}

static bool needs_quotes(irmin_slice text, bool utf8)
{
	const unsigned char *data = text.data;
	size_t n;

	for (size_t i = 0; i < text.len; i += n) {
		n = plain_length(data + i, text.len - i, utf8);
		if (n == 0)
			return true;
	}
	return false;
}

static void quote(struct cli_out *out, const char *prefix, irmin_slice text,
    bool utf8)
{
	const unsigned char *data = text.data;
	size_t n;

	if (!needs_quotes(text, utf8)) {
		cli_out_text(out, prefix);
		cli_out_slice(out, text);
		return;
	}
	cli_out_printf(out, "\"%s", prefix);
	for (size_t i = 0; i < text.len; i += n ? n : 1) {
		n = plain_length(data + i, text.len - i, utf8);
		if (n > 0)
			cli_out_bytes(out, data + i, n);
		else
			escape_byte(out, data[i]);
	}
	cli_out_text(out, "\"");
}

void cli_quote_path(struct cli_out *out, irmin_slice path)
{
	quote(out, "", path, false);
}

void cli_quote_prefixed(struct cli_out *out, const char *prefix,
    irmin_slice path)
{
	quote(out, prefix, path, false);
}

void cli_quote_name(struct cli_out *out, irmin_slice name)
{
	quote(out, "", name, true);
}

/* As the library escapes text in its messages. */
static size_t escape_in_line(struct cli_out *out, unsigned char c)
{
	const char *letter = c == '\n' ? "\\n" : c == '\t' ? "\\t" : NULL;

	if (out && letter)
		cli_out_text(out, letter);
	else if (out)
		cli_out_printf(out, "\\x%02x", c);
	return letter ? 2 : 4;
}

size_t cli_quote_line(struct cli_out *out, irmin_slice text)
{
	const unsigned char *data = text.data;
	size_t width = 0;
	size_t n;

	for (size_t i = 0; i < text.len; i += n ? n : 1) {
		n = cli_quote_printable(data + i, text.len - i);
		width += n ? 1 : escape_in_line(out, data[i]);
		if (out && n > 0)
			cli_out_bytes(out, data + i, n);
	}
	return width;
}

void cli_quote_text(struct cli_out *out, irmin_slice text)
{
	const char *data = text.data;
	size_t from = 0;

	if (!out->terminal) {
		cli_out_slice(out, text);
		return;
	}
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && data[i] != '\n' && data[i] != '\t')
			continue;
		cli_quote_line(out, irmin_bytes(data + from, i - from));
		if (i < text.len)
			cli_out_bytes(out, data + i, 1);
		from = i + 1;
	}
}
