#include "lib/core/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/core/base/utf8.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof *(array))

/* What a text is formatted into before it is escaped and cut: long enough that
 * a path of full length does not push out what stands behind it. */
#define RAW_BYTES 5120

enum kind { EFFECT, REFUSAL, FAILURE, UNKNOWN };

struct code {
	irmin_rc rc;
	enum kind kind;
	const char *name;
	const char *words;
};

static const struct code codes[] = {
#define CODE_ROW(name, value, kind, words) { value, kind, #name, words },
	IRMIN_CODES(CODE_ROW)
#undef CODE_ROW
};

static const struct code *find_code(irmin_rc rc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].rc == rc)
			return &codes[i];
	return NULL;
}

const char *irmin_rc_name(irmin_rc rc)
{
	const struct code *code = find_code(rc);

	return code ? code->name : "?";
}

const char *irmin_rc_text(irmin_rc rc)
{
	const struct code *code = find_code(rc);

	return code ? code->words : "a code that is not libirmin's";
}

int irmin_rc_is_refusal(irmin_rc rc)
{
	const struct code *code = find_code(rc);

	return code && code->kind == REFUSAL;
}

/* ---- text from outside ---- */

/* Writes the character at *text, escaped if it is none that can be shown, and
 * moves *text behind it. `out` has room for 5 bytes. */
static size_t show_character(const unsigned char **text,
    const unsigned char *end, char *out)
{
	static const char escaped[] = "\a\b\t\n\v\f\r";
	static const char letters[] = "abtnvfr";
	size_t length = irmin__utf8_shown(*text, (size_t)(end - *text));
	const char *escape;

	if (length) {
		memcpy(out, *text, length);
		*text += length;
		return length;
	}
	escape = strchr(escaped, **text);
	if (escape && *escape)
		snprintf(out, 5, "\\%c", letters[escape - escaped]);
	else
		snprintf(out, 5, "\\x%02x", **text);
	(*text)++;
	return strlen(out);
}

/* Copies a text as one printable line, cut behind a whole character. */
static void copy_line(char *out, size_t out_bytes, const char *text)
{
	const unsigned char *rest = (const unsigned char *)text;
	const unsigned char *end = rest + strlen(text);
	char shown[5];
	size_t length, used = 0;

	while (rest < end) {
		length = show_character(&rest, end, shown);
		if (used + length >= out_bytes)
			break;
		memcpy(out + used, shown, length);
		used += length;
	}
	out[used] = '\0';
}

/* Copies a name as it is; of a long one the tail, behind "...". */
static void copy_tail(char *out, size_t out_bytes, const char *name)
{
	size_t length = strlen(name);
	const char *tail;

	if (length < out_bytes) {
		memcpy(out, name, length + 1);
		return;
	}
	tail = name + length - (out_bytes - sizeof "...");
	while (irmin__utf8_continues((unsigned char)*tail))
		tail++;
	snprintf(out, out_bytes, "...%s", tail);
}

/* ---- filling ---- */

void irmin_error_clear(irmin_error *err)
{
	if (!err)
		return;
	err->code = 0;
	err->os_errno = 0;
	err->offset = IRMIN_NO_OFFSET;
	err->where[0] = err->text[0] = '\0';
}

/* `where` and the arguments may point into `err`: a message that is wrapped. */
static void fill(irmin_error *err, irmin_rc code, const char *where,
    const char *format, va_list args)
{
	char raw[RAW_BYTES], tail[sizeof err->where];

	if (vsnprintf(raw, sizeof raw, format, args) < 0)
		raw[0] = '\0';
	copy_tail(tail, sizeof tail, where ? where : "");
	irmin_error_clear(err);
	err->code = code;
	memcpy(err->where, tail, strlen(tail) + 1);
	copy_line(err->text, sizeof err->text, raw);
}

irmin_rc irmin_error_set(irmin_error *err, irmin_rc code, const char *where,
    const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	fill(err, code, where, format, args);
	va_end(args);
	return code;
}

irmin_rc irmin__error_at(irmin_error *err, irmin_rc code, const char *where,
    uint64_t offset, const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	fill(err, code, where, format, args);
	va_end(args);
	err->offset = offset;
	return code;
}

irmin_rc irmin__enomem(irmin_error *err)
{
	irmin_error_set(err, IRMIN_ENOMEM, NULL, "out of memory");
	if (err)
		err->os_errno = ENOMEM;
	return IRMIN_ENOMEM;
}

static irmin_rc code_of_errno(int os_errno)
{
	switch (os_errno) {
	case ENOMEM:
		return IRMIN_ENOMEM;
	case ENOSPC:
	case EDQUOT:
		return IRMIN_ENOSPC;
	case EACCES:
	case EPERM:
		return IRMIN_EACCES;
	case EROFS:
		return IRMIN_EREADONLY;
	case ENOENT:
	case ENOTDIR:
		return IRMIN_EMISSING;
	case EEXIST:
	case ENOTEMPTY:
		return IRMIN_EEXIST;
	case EMFILE:
	case ENFILE:
	case ENAMETOOLONG:
		return IRMIN_ELIMIT;
	case ENOSYS:
	case EOPNOTSUPP:
		return IRMIN_ENOTSUP;
	default:
		return IRMIN_EIO;
	}
}

irmin_rc irmin__error_system(irmin_error *err, int os_errno, const char *doing,
    const char *where)
{
	irmin_rc code = code_of_errno(os_errno);
	char tail[sizeof err->where], reason[128];

	if (!err)
		return code;
	copy_tail(tail, sizeof tail, where ? where : "");
	irmin_error_set(err, code, tail, "%s%s%s: %s", doing,
	    tail[0] ? " " : "", tail,
	    strerror_r(os_errno, reason, sizeof reason));
	err->os_errno = os_errno;
	return code;
}

irmin_rc irmin__error_locate(irmin_error *err, irmin_rc rc, const char *where)
{
	char raw[RAW_BYTES], tail[sizeof err->where];

	if (rc >= 0 || !err || err->where[0] || !where || !where[0])
		return rc;
	copy_tail(tail, sizeof tail, where);
	snprintf(raw, sizeof raw, "%s: %s", tail, err->text);
	memcpy(err->where, tail, strlen(tail) + 1);
	copy_line(err->text, sizeof err->text, raw);
	return rc;
}

/* A hint holds no ": ", so a "; " in a file's name is not taken for one. */
const char *irmin_error_hint(const irmin_error *err)
{
	const char *hint = "", *next;

	if (!err)
		return hint;
	for (next = err->text; (next = strstr(next, "; ")); hint = next)
		next += 2;
	return strstr(hint, ": ") ? "" : hint;
}
