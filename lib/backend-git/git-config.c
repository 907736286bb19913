/* Settings in one text: "section.name\0value\0section.name\0value\0...", in the
 * order of the files, so that the last of a name counts. */
#include "lib/backend-git/git-config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/object/config-codec.h"

#define CONFIG_MAX_BYTES ((size_t)8 << 20)

void irmin__git_config_clear(irmin__git_config *config)
{
	irmin_buf_clear(&config->text);
	IRMIN__VEC_CLEAR(&config->entries);
}

/* ---- files ---- */

/* Appends a string with its NUL; tells where it begins. */
static irmin_rc put_string(irmin__git_config *config, irmin_slice string,
    size_t *at, irmin_error *err)
{
	irmin_rc rc;

	*at = config->text.len;
	rc = irmin_buf_append(&config->text, string, err);
	return rc < 0
	    ? rc
	    : irmin_buf_append(&config->text, irmin_bytes("", 1), err);
}

static irmin_rc put_entry(irmin__git_config *config,
    const irmin__config_entry *read, irmin_error *err)
{
	irmin__git_entry entry = { 0, IRMIN__GIT_NO_VALUE };
	irmin_rc rc = put_string(config, read->key, &entry.key, err);

	if (rc >= 0 && read->value.data)
		rc = put_string(config, read->value, &entry.value, err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&config->entries, 1, err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&config->entries, entry);
	return rc;
}

irmin_rc irmin__git_config_parse(irmin__git_config *config, irmin_slice bytes,
    irmin_error *err)
{
	irmin__config_reader reader;
	irmin__config_entry entry;
	irmin_rc rc = IRMIN_OK;

	irmin__config_reader_init(&reader, bytes);
	while (rc == IRMIN_OK) {
		rc = irmin__config_reader_next(&reader, &entry, err);
		if (rc == IRMIN_OK)
			rc = put_entry(config, &entry, err);
	}
	irmin__config_reader_clear(&reader);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__git_config_read(irmin__git_config *config, irmin__os *os,
    const char *file, irmin_error *err)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__os_read_file(os, file, CONFIG_MAX_BYTES, &bytes, err);
	if (rc == IRMIN_OK)
		rc = irmin__error_locate(err,
		    irmin__git_config_parse(config, irmin_buf_slice(&bytes),
			err),
		    file);
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
