/* Bytes as a line:
 *
 *   \n \r \t \\     these
 *   \x hh           any other that a terminal obeys, and each byte that is not
 *                   part of a UTF-8 character; two lower-case digits
 *   all else        as it is
 *
 * What needs no escape is never escaped, so that bytes have one line. */
#include "lib/merge/value-line.h"

#include "lib/core/base/hex.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/utf8.h"

#define ESCAPE_BYTES 4 /* of the longest */

size_t irmin__line_plain(irmin_slice bytes)
{
	const unsigned char *text = bytes.data;
	size_t at = 0, length = 1;

	while (at < bytes.len && length > 0 && text[at] != '\\') {
		length = text[at] >= 0x20 && text[at] < 0x7f
		    ? 1
		    : irmin__utf8_shown(text + at, bytes.len - at);
		at += length;
	}
	return at;
}

/* Writes the escape of a byte; returns how many. */
static size_t escape_byte(unsigned char byte, char *out)
{
	static const char escaped[] = "\n\r\t\\", letters[] = "nrt\\";
	const char *known = byte ? strchr(escaped, byte) : NULL;
	char hex[3];

	out[0] = '\\';
	if (known) {
		out[1] = letters[known - escaped];
		return 2;
	}
	irmin__hex_encode(&byte, 1, hex);
	out[1] = 'x';
	memcpy(out + 2, hex, 2);
	return ESCAPE_BYTES;
}

irmin_rc irmin__line_escape(irmin_slice bytes, irmin_buf *line,
    irmin_error *err)
{
	const unsigned char *text = bytes.data;
	irmin_rc rc = irmin_buf_reserve(line, bytes.len, err);
	char escape[ESCAPE_BYTES];
	size_t at = 0, length;

	while (rc >= 0 && at < bytes.len) {
		irmin_slice rest = irmin__slice_from(bytes, at);

		length = irmin__line_plain(rest);
		rc = irmin_buf_append(line, irmin__slice_until(rest, length),
		    err);
		at += length;
		if (rc < 0 || at == bytes.len)
			break;
		length = escape_byte(text[at++], escape);
		rc = irmin_buf_append(line, irmin_bytes(escape, length), err);
	}
	return rc;
}

size_t irmin__line_length(irmin_slice bytes)
{
	const unsigned char *text = bytes.data;
	size_t at = 0, length = 0;
	char escape[ESCAPE_BYTES];

	while (at < bytes.len) {
		size_t plain = irmin__line_plain(irmin__slice_from(bytes, at));

		at += plain;
		length += plain;
		if (at < bytes.len)
			length += escape_byte(text[at++], escape);
	}
	return length;
}

/* Reads the escape at the beginning of a line, be it needed or not. Returns how
 * many bytes it has, 0 if there is none. */
static size_t unescape_byte(irmin_slice line, unsigned char *byte)
{
	static const char letters[] = "nrt\\", escaped[] = "\n\r\t\\";
	const char *text = line.data;
	const char *known;

	if (line.len < 2 || text[0] != '\\')
		return 0;
	known = text[1] ? strchr(letters, text[1]) : NULL;
	if (known) {
		*byte = (unsigned char)escaped[known - letters];
		return 2;
	}
	if (text[1] != 'x' || line.len < ESCAPE_BYTES ||
	    irmin__hex_decode(text + 2, 1, byte) != 0)
		return 0;
	return ESCAPE_BYTES;
}

/* Appends the bytes of a line whose escapes need not be needed. */
static irmin_rc append_bytes(irmin_slice line, irmin_buf *bytes, size_t *bad,
    irmin_error *err)
{
	size_t at = 0, length;
	unsigned char byte;
	irmin_rc rc;

	for (;;) {
		irmin_slice rest = irmin__slice_from(line, at);

		length = irmin__line_plain(rest);
		rc = irmin_buf_append(bytes, irmin__slice_until(rest, length),
		    err);
		at += length;
		if (rc < 0 || at == line.len)
			return rc;
		length = unescape_byte(irmin__slice_from(line, at), &byte);
		*bad = at;
		if (length == 0)
			return IRMIN_EINVAL;
		rc = irmin_buf_append(bytes, irmin_bytes(&byte, 1), err);
		if (rc < 0)
			return rc;
		at += length;
	}
}

/* Whether this is the line of these bytes; else tells where it is not. */
static irmin_rc check_line(irmin_slice line, irmin_slice bytes, size_t *bad,
    irmin_error *err)
{
	irmin_buf right = IRMIN_BUF_INIT;
	irmin_rc rc = irmin__line_escape(bytes, &right, err);
	const unsigned char *text = line.data;

	if (rc >= 0 && !irmin_slice_equal(line, irmin_buf_slice(&right))) {
		for (*bad = 0; *bad < line.len && *bad < right.len; ++*bad)
			if (text[*bad] != right.data[*bad])
				break;
		rc = IRMIN_EINVAL;
	}
	irmin_buf_clear(&right);
	return rc;
}

irmin_rc irmin__line_unescape(irmin_slice line, irmin_buf *bytes, size_t *bad,
    irmin_error *err)
{
	size_t before = bytes->len;
	irmin_rc rc = append_bytes(line, bytes, bad, err);

	if (rc < 0 || bytes->len - before == line.len)
		return rc; /* without escapes it is its own line */
	return check_line(line,
	    irmin__slice_from(irmin_buf_slice(bytes), before), bad, err);
}
