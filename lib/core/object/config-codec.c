/* A config file, as git-config(1) has it:
 *
 *   [section]                      # or ; begin a comment up to the line's end
 *   [section "Sub \"section\""]    \x is x
 *   [section.subsection]           an older form; in lower case
 *   	name                       without a value
 *   	name = value  # comment    blanks around the value go, those in it are ' '
 *   	name = " as it is # " and \
 *   	       \t \b \n \\ \"      a line goes on behind a backslash
 *
 * Sections and names ignore case. Lines end in LF or CRLF.
 */
#include "lib/core/object/config-codec.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* some editors begin with one */
#define END_OF_FILE     (-1)

void irmin__config_reader_init(irmin__config_reader *reader, irmin_slice bytes)
{
	memset(reader, 0, sizeof *reader);
	reader->bytes = bytes;
	reader->line = 1;
	if (irmin__slice_begins(bytes, BYTE_ORDER_MARK))
		reader->offset = strlen(BYTE_ORDER_MARK);
}

void irmin__config_reader_clear(irmin__config_reader *reader)
{
	irmin_buf_clear(&reader->section);
	irmin_buf_clear(&reader->key);
	irmin_buf_clear(&reader->value);
}

/* ---- characters; locale does not change what they are ---- */

static int is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static int is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_name(int c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

static int in_lower_case(int c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* The next character; CRLF is one newline. */
static int peek(const irmin__config_reader *reader)
{
	irmin_slice rest = irmin__slice_from(reader->bytes, reader->offset);

	if (rest.len == 0)
		return END_OF_FILE;
	if (irmin__slice_begins(rest, "\r\n"))
		return '\n';
	return *(const unsigned char *)rest.data;
}

static int take(irmin__config_reader *reader)
{
	int c = peek(reader);

	if (c == END_OF_FILE)
		return c;
	if (c == '\n') {
		reader->line++;
		reader->offset +=
		    ((const char *)reader->bytes.data)[reader->offset] == '\r';
	}
	reader->offset++;
	return c;
}

static void skip_blanks(irmin__config_reader *reader)
{
	while (is_blank(peek(reader)))
		take(reader);
}

/* Up to the newline that ends the line, not behind it. */
static void skip_line(irmin__config_reader *reader)
{
	while (peek(reader) != '\n' && peek(reader) != END_OF_FILE)
		take(reader);
}

static irmin_rc corrupt(const irmin__config_reader *reader, const char *why,
    irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL, reader->offset,
	    "line %zu: %s", reader->line, why);
}

static irmin_rc put(irmin_buf *out, int c, irmin_error *err)
{
	char byte = (char)c;

	return irmin_buf_append(out, irmin_bytes(&byte, 1), err);
}

/* ---- [section "subsection"] ---- */

/* Behind the first quote, up to the last. */
static irmin_rc read_subsection(irmin__config_reader *reader, irmin_error *err)
{
	irmin_rc rc = put(&reader->section, '.', err);
	int c;

	while (rc >= 0) {
		c = take(reader);
		if (c == '"')
			break;
		if (c == '\\')
			c = take(reader);
		if (c == '\n' || c == END_OF_FILE)
			return corrupt(reader, "a subsection does not end",
			    err);
		if (c == '\0')
			return corrupt(reader, "a subsection has a NUL", err);
		rc = put(&reader->section, c, err);
	}
	return rc;
}

static irmin_rc read_section(irmin__config_reader *reader, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	take(reader);
	reader->section.len = 0;
	while (rc >= 0 && (is_name(peek(reader)) || peek(reader) == '.'))
		rc = put(&reader->section, in_lower_case(take(reader)), err);
	if (rc >= 0 && reader->section.len == 0)
		return corrupt(reader, "a section has no name", err);
	if (rc >= 0 && is_blank(peek(reader))) {
		skip_blanks(reader);
		if (take(reader) != '"')
			return corrupt(reader, "a section does not end", err);
		rc = read_subsection(reader, err);
	}
	if (rc >= 0 && take(reader) != ']')
		return corrupt(reader, "a section does not end", err);
	return rc < 0 ? rc : put(&reader->section, '.', err);
}

/* ---- name = value ---- */

static irmin_rc read_key(irmin__config_reader *reader, irmin_error *err)
{
	irmin_rc rc;

	if (reader->section.len == 0)
		return corrupt(reader, "a name stands before all sections",
		    err);
	rc = irmin_buf_set(&reader->key, irmin_buf_slice(&reader->section),
	    err);
	while (rc >= 0 && is_name(peek(reader)))
		rc = put(&reader->key, in_lower_case(take(reader)), err);
	return rc;
}

/* What stands behind a backslash. */
static irmin_rc put_escape(irmin__config_reader *reader, irmin_error *err)
{
	static const char letters[] = "tbn\\\"", bytes[] = "\t\b\n\\\"";
	int c = take(reader);
	const char *letter = c > 0 ? strchr(letters, c) : NULL;

	if (c == '\n' || c == END_OF_FILE)
		return IRMIN_OK; /* the line goes on */
	if (!letter)
		return corrupt(reader, "there is no such escape", err);
	return put(&reader->value, bytes[letter - letters], err);
}

/* Puts one character of a value, and blanks that were passed before it. */
static irmin_rc put_character(irmin__config_reader *reader, int c, int *quoted,
    size_t *blanks, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	for (; rc >= 0 && *blanks > 0; --*blanks)
		rc = put(&reader->value, ' ', err);
	if (rc < 0)
		return rc;
	if (c == '\0')
		return corrupt(reader, "a value has a NUL", err);
	if (c == '\\')
		return put_escape(reader, err);
	if (c != '"')
		return put(&reader->value, c, err);
	*quoted = !*quoted;
	return IRMIN_OK;
}

static irmin_rc read_value(irmin__config_reader *reader, irmin_error *err)
{
	size_t blanks = 0;
	int quoted = 0, c;
	irmin_rc rc = irmin_buf_set(&reader->value, irmin_text(""), err);

	while (rc >= 0) {
		c = peek(reader);
		if (c == '\n' || c == END_OF_FILE)
			break;
		if (!quoted && (c == '#' || c == ';')) {
			skip_line(reader);
			break;
		}
		take(reader);
		if (!quoted && is_blank(c))
			blanks += reader->value.len > 0;
		else
			rc = put_character(reader, c, &quoted, &blanks, err);
	}
	if (rc >= 0 && quoted)
		return corrupt(reader, "a quote does not end", err);
	return rc;
}

static irmin_rc read_entry(irmin__config_reader *reader,
    irmin__config_entry *entry, irmin_error *err)
{
	irmin_rc rc = read_key(reader, err);
	int has_value;

	if (rc < 0)
		return rc;
	while (peek(reader) == ' ' || peek(reader) == '\t')
		take(reader);
	has_value = peek(reader) == '=';
	if (has_value) {
		take(reader);
		rc = read_value(reader, err);
	} else if (peek(reader) != '\n' && peek(reader) != END_OF_FILE) {
		rc = corrupt(reader, "neither a name nor a value", err);
	}
	if (rc < 0)
		return rc;
	entry->key = irmin_buf_slice(&reader->key);
	if (has_value)
		entry->value = irmin_buf_slice(&reader->value);
	return IRMIN_OK;
}

irmin_rc irmin__config_reader_next(irmin__config_reader *reader,
    irmin__config_entry *entry, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	int c;

	memset(entry, 0, sizeof *entry);
	while (rc >= 0) {
		c = peek(reader);
		if (c == END_OF_FILE)
			return IRMIN_END;
		if (is_letter(c))
			return read_entry(reader, entry, err);
		if (c == '[')
			rc = read_section(reader, err);
		else if (c == '#' || c == ';')
			skip_line(reader);
		else if (c == '\n' || is_blank(c))
			take(reader);
		else
			rc = corrupt(reader, "neither a section nor a name",
			    err);
	}
	return rc;
}

irmin_slice irmin__config_subsection(irmin_slice key)
{
	size_t first = irmin__slice_find(key, '.');
	const char *bytes = key.data;
	size_t last = key.len;

	while (last > first && bytes[last - 1] != '.')
		last--;
	if (last <= first + 1)
		return irmin_bytes(NULL, 0);
	return irmin_bytes(bytes + first + 1, last - first - 2);
}
