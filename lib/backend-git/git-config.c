/* A config file, as git-config(1) has it:
 *
 *   [section]                          # or ; until the end of the line
 *   [section "Sub \"section\""]        \x is x
 *   [section.subsection]               the old form, in lower case
 *       name                           true
 *       name = value  # comment        blanks around the value go
 *       name = " quoted #;" and \      a line goes on behind a backslash
 *           more\n\t\b\\\"
 *
 * Sections and names ignore case, subsections do not. Lines end in LF or CRLF.
 */
#include "lib/backend-git/git-config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "lib/core/base/error.h"
#include <irmin/alloc.h>

#define CONFIG_MAX_BYTES ((size_t)8 << 20)
#define END_OF_FILE      (-1)

typedef struct config_reader {
	irmin__git_config *config;
	const unsigned char *bytes;
	size_t len, at;
	size_t line;
	const char *file;
	size_t
	    section; /* offset in the text of "section." or what went wrong */
	size_t section_len;
	irmin_error *err;
} config_reader;

void irmin__git_config_clear(irmin__git_config *config)
{
	irmin_buf_clear(&config->text);
	IRMIN__VEC_CLEAR(&config->entries);
}

/* ---- characters ---- */

static int peek(const config_reader *reader)
{
	size_t at = reader->at;

	if (at < reader->len && reader->bytes[at] == '\r' &&
	    at + 1 < reader->len && reader->bytes[at + 1] == '\n')
		return '\n';
	return at < reader->len ? reader->bytes[at] : END_OF_FILE;
}

static int take(config_reader *reader)
{
	int c = peek(reader);

	if (c == END_OF_FILE)
		return c;
	reader->at += c == '\n' && reader->bytes[reader->at] == '\r' ? 2 : 1;
	if (c == '\n')
		reader->line++;
	return c;
}

static irmin_rc bad(const config_reader *reader, const char *why)
{
	return irmin__error_at(reader->err, IRMIN_ECORRUPT, reader->file,
	    reader->at, "cannot read %s: line %zu: %s", reader->file,
	    reader->line, why);
}

static irmin_rc put(config_reader *reader, int c)
{
	char byte = (char)c;

	return irmin_buf_append(&reader->config->text, irmin_bytes(&byte, 1),
	    reader->err);
}

static void skip_line(config_reader *reader)
{
	int c = take(reader);

	while (c != '\n' && c != END_OF_FILE)
		c = take(reader);
}

static void skip_blanks(config_reader *reader)
{
	while (peek(reader) == ' ' || peek(reader) == '\t')
		take(reader);
}

/* ---- sections ---- */

/* The quoted part of [section "subsection"], behind its first quote. */
static irmin_rc read_subsection(config_reader *reader)
{
	irmin_rc rc;
	int c;

	for (rc = put(reader, '.'); rc >= 0; rc = put(reader, c)) {
		c = take(reader);
		if (c == '"')
			return IRMIN_OK;
		if (c == '\\')
			c = take(reader);
		if (c == '\n' || c == END_OF_FILE || c == 0)
			return bad(reader, "a subsection that does not end");
	}
	return rc;
}

/* [section ...] behind its bracket. It is put into the text, and stays there as
 * the beginning of the keys to come. */
static irmin_rc read_section(config_reader *reader)
{
	irmin_rc rc = IRMIN_OK;
	int c;

	reader->section = reader->config->text.len;
	for (c = take(reader); isalnum(c) || c == '.' || c == '-';
	     c = take(reader)) {
		rc = put(reader, tolower(c));
		if (rc < 0)
			return rc;
	}
	if (c == ' ' || c == '\t') {
		skip_blanks(reader);
		if (take(reader) != '"')
			return bad(reader, "a section that does not end");
		rc = read_subsection(reader);
		if (rc < 0)
			return rc;
		c = take(reader);
	}
	reader->section_len = reader->config->text.len - reader->section;
	if (c != ']' || !reader->section_len)
		return bad(reader, "a section that has no name or no end");
	return put(reader, 0);
}

/* ---- values ---- */

/* A character behind a backslash; 0 where the line goes on. */
static irmin_rc read_escape(config_reader *reader, int *c)
{
	switch (take(reader)) {
	case '\n':
		*c = 0;
		return IRMIN_OK;
	case 't':
		*c = '\t';
		return IRMIN_OK;
	case 'b':
		*c = '\b';
		return IRMIN_OK;
	case 'n':
		*c = '\n';
		return IRMIN_OK;
	case '\\':
		*c = '\\';
		return IRMIN_OK;
	case '"':
		*c = '"';
		return IRMIN_OK;
	default:
		return bad(reader, "an escape that git does not know");
	}
}

/* A value behind its "="; blanks at its end are cut unless they are quoted. */
static irmin_rc read_value(config_reader *reader)
{
	irmin_buf *text = &reader->config->text;
	size_t kept = text->len;
	int quoted = 0, plain;
	irmin_rc rc = IRMIN_OK;

	skip_blanks(reader);
	while (rc >= 0) {
		int c = take(reader);

		if (c == END_OF_FILE || c == '\n')
			break;
		if (!quoted && (c == '#' || c == ';')) {
			skip_line(reader);
			break;
		}
		if (c == '"') {
			quoted = !quoted;
			kept = text->len;
			continue;
		}
		if (c == 0)
			return bad(reader, "a NUL");
		plain = c != '\\';
		if (!plain)
			rc = read_escape(reader, &c);
		if (rc < 0 || !c)
			continue;
		rc = put(reader, c);
		if (quoted || !plain || !isspace(c))
			kept = text->len;
	}
	if (rc >= 0 && quoted)
		return bad(reader, "a quote that does not end");
	if (rc < 0)
		return rc;
	text->len = kept;
	return put(reader, 0);
}

/* Puts "section.name" into the text. */
static irmin_rc read_key(config_reader *reader)
{
	irmin_buf *text = &reader->config->text;
	irmin_rc rc;

	if (!reader->section_len)
		return bad(reader, "a key in front of all sections");
	rc = irmin_buf_reserve(text, reader->section_len + 1, reader->err);
	if (rc < 0)
		return rc;
	memcpy(text->data + text->len, text->data + reader->section,
	    reader->section_len);
	text->len += reader->section_len;
	rc = put(reader, '.');
	while (rc >= 0 && (isalnum(peek(reader)) || peek(reader) == '-'))
		rc = put(reader, tolower(take(reader)));
	return rc < 0 ? rc : put(reader, 0);
}

static irmin_rc read_entry(config_reader *reader)
{
	irmin__git_config *config = reader->config;
	irmin__git_entry entry = { config->text.len, IRMIN__GIT_NO_VALUE };
	irmin_rc rc;

	rc = read_key(reader);
	if (rc < 0)
		return rc;
	skip_blanks(reader);
	if (peek(reader) == '=') {
		take(reader);
		entry.value = config->text.len;
		rc = read_value(reader);
	} else if (peek(reader) != '\n' && peek(reader) != END_OF_FILE) {
		rc = bad(reader, "neither a key nor a value");
	}
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&config->entries, 1, reader->err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&config->entries, entry);
	return rc;
}

/* ---- files ---- */

irmin_rc irmin__git_config_parse(irmin__git_config *config, irmin_slice bytes,
    const char *file, irmin_error *err)
{
	config_reader reader = { config, bytes.data, bytes.len, 0, 1, file, 0,
		0, err };
	irmin_rc rc = IRMIN_OK;

	if (bytes.len >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
		reader.at = 3; /* the byte order mark of some editors */
	while (rc >= 0 && peek(&reader) != END_OF_FILE) {
		int c = peek(&reader);

		if (c == '#' || c == ';') {
			skip_line(&reader);
		} else if (c == '[') {
			take(&reader);
			rc = read_section(&reader);
		} else if (isalpha(c)) {
			rc = read_entry(&reader);
		} else if (isspace(c)) {
			take(&reader);
		} else {
			rc = bad(&reader, "neither a section nor a key");
		}
	}
	return rc;
}

irmin_rc irmin__git_config_read(irmin__git_config *config, irmin__os *os,
    const char *file, irmin_error *err)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__os_read_file(os, file, CONFIG_MAX_BYTES, &bytes, err);
	if (rc == IRMIN_OK)
		rc = irmin__git_config_parse(config, irmin_buf_slice(&bytes),
		    file, err);
	irmin_buf_clear(&bytes);
	return rc;
}

/* ---- looking up ---- */

/* Whether a key as stored (lower case outside the subsection) is the one asked
 * for, which may be in any case there. */
static int is_key(const char *stored, const char *asked)
{
	const char *first = strchr(asked, '.');
	const char *last = strrchr(asked, '.');
	size_t i;

	for (i = 0; stored[i] && asked[i]; i++) {
		int c = (unsigned char)asked[i];

		if (!first || asked + i < first || asked + i > last)
			c = tolower(c);
		if ((unsigned char)stored[i] != c)
			return 0;
	}
	return stored[i] == asked[i];
}

static const irmin__git_entry *find_entry(const irmin__git_config *config,
    const char *key)
{
	size_t i;

	for (i = config->entries.len; i-- > 0;) {
		const irmin__git_entry *entry = &config->entries.items[i];

		if (is_key((const char *)config->text.data + entry->key, key))
			return entry;
	}
	return NULL;
}

static const char *value_of(const irmin__git_config *config,
    const irmin__git_entry *entry)
{
	return entry->value == IRMIN__GIT_NO_VALUE
	    ? ""
	    : (const char *)config->text.data + entry->value;
}

const char *irmin__git_config_find(const irmin__git_config *config,
    const char *key)
{
	const irmin__git_entry *entry = find_entry(config, key);

	return entry ? value_of(config, entry) : NULL;
}

const char *irmin__git_config_next(const irmin__git_config *config,
    size_t *cursor)
{
	if (*cursor >= config->entries.len)
		return NULL;
	return (const char *)config->text.data +
	    config->entries.items[(*cursor)++].key;
}

/* Whether a value is one of these words, in any case. */
static int is_word(const char *value, const char *const *words)
{
	size_t i;

	for (; *words; words++) {
		for (i = 0; value[i] &&
		     tolower((unsigned char)value[i]) == (*words)[i];
		     i++)
			;
		if (!value[i] && !(*words)[i])
			return 1;
	}
	return 0;
}

static irmin_rc bad_value(const char *key, const char *value, const char *kind,
    irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ECORRUPT, key,
	    "cannot use the setting %s: \"%s\" is not %s", key, value, kind);
}

/* Reads a number that may end in k, m or g. */
static int parse_number(const char *text, int64_t *number)
{
	int64_t factor = 1;
	char *end;

	errno = 0;
	*number = strtoll(text, &end, 0);
	if (end == text || errno)
		return 0;
	if (*end) {
		const char *unit = strchr("kmg", tolower((unsigned char)*end));

		if (!unit || end[1])
			return 0;
		factor <<= *unit == 'k' ? 10 : *unit == 'm' ? 20 : 30;
	}
	if (*number > INT64_MAX / factor || *number < INT64_MIN / factor)
		return 0;
	*number *= factor;
	return 1;
}

irmin_rc irmin__git_config_bool(const irmin__git_config *config,
    const char *key, int *value, irmin_error *err)
{
	static const char *const yes[] = { "true", "yes", "on", NULL };
	static const char *const no[] = { "false", "no", "off", "", NULL };
	const irmin__git_entry *entry = find_entry(config, key);
	int64_t number;

	if (!entry)
		return IRMIN_ABSENT;
	if (entry->value == IRMIN__GIT_NO_VALUE ||
	    is_word(value_of(config, entry), yes))
		*value = 1;
	else if (is_word(value_of(config, entry), no))
		*value = 0;
	else if (parse_number(value_of(config, entry), &number))
		*value = number != 0;
	else
		return bad_value(key, value_of(config, entry), "a truth value",
		    err);
	return IRMIN_OK;
}

irmin_rc irmin__git_config_number(const irmin__git_config *config,
    const char *key, int64_t *value, irmin_error *err)
{
	const char *text = irmin__git_config_find(config, key);
	int64_t number;

	if (!text)
		return IRMIN_ABSENT;
	if (!parse_number(text, &number))
		return bad_value(key, text, "a number", err);
	*value = number;
	return IRMIN_OK;
}
