/* URIs of repositories.
 *
 *   | scheme | : | rest, %XX undone | ? | key | = | value | & | key | = | ...
 *
 * A text without a scheme is a directory by its plain name, if it is there;
 * else it may have escapes and keys like the others.
 */
#include "lib/open/open.h"

#include <stdio.h>

#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"
#include "lib/core/base/options.h"
#include "lib/core/base/text.h"
#include <irmin/alloc.h>

enum key {
	CREATE,
	READONLY,
	BRANCH,
	HASH,
	SHARED,
	CHECKED_OUT,
	LEVEL,
	LOCK_MS,
	CACHE_BYTES,
	DIRTY_BYTES,
	IO
};

/* The keys, with the words each takes; none: any text, or a number of these. */
static const struct key_words {
	const char *name;
	const char *words[4];
	const char *unit;
} keys[] = {
	{ "create", { "0", "1" }, NULL },
	{ "readonly", { "0", "1" }, NULL },
	{ "branch", { NULL }, NULL },
	{ "hash", { "sha1", "sha256" }, NULL },
	{ "shared", { "0", "group", "all" }, NULL },
	{ "checked_out", { "refuse", "move" }, NULL },
	{ "level", { "lazy", "process", "power" }, NULL },
	{ "lock_ms", { NULL }, "milliseconds" },
	{ "cache_bytes", { NULL }, "bytes" },
	{ "dirty_bytes", { NULL }, "bytes" },
	{ "io", { "map", "pread" }, NULL },
};
#define KEY_COUNT (sizeof keys / sizeof *keys)

static const char *const remotes[] = { "git://", "http://", "https://",
	"ssh://", "git+ssh://", "file://", NULL };

/* ---- words ---- */

static int equals(irmin_slice slice, const char *text)
{
	return irmin_slice_equal(slice, irmin_text(text));
}

/* ---- keys ---- */

static irmin_rc refuse_key(const char *text, irmin_slice key, irmin_error *err)
{
	size_t i;

	for (i = 0; i < KEY_COUNT; i++)
		if (irmin__text_is_near(key, keys[i].name))
			return irmin_error_set(err, IRMIN_EINVAL, text,
			    "unknown key \"%.*s\" in %s; did you mean \"%s\"?",
			    (int)key.len, (const char *)key.data, text,
			    keys[i].name);
	return irmin_error_set(err, IRMIN_EINVAL, text,
	    "unknown key \"%.*s\" in %s", (int)key.len, (const char *)key.data,
	    text);
}

static irmin_rc refuse_value(const char *text, const struct key_words *key,
    irmin_slice value, irmin_error *err)
{
	char list[64] = "";
	size_t i, used = 0;

	for (i = 0; key->words[i]; i++)
		used += (size_t)snprintf(list + used, sizeof list - used,
		    "%s\"%s\"", i ? ", " : "", key->words[i]);
	return irmin_error_set(err, IRMIN_EINVAL, text,
	    "unknown value \"%.*s\" of %s in %s; it may be %s%s",
	    (int)value.len, (const char *)value.data, key->name, text,
	    used ? list : "a number of ", used ? "" : key->unit);
}

static int parse_number(const char *text, uint64_t limit, uint64_t *number)
{
	uint64_t n = 0;
	const char *at = text;

	for (; *at >= '0' && *at <= '9'; at++) {
		unsigned digit = (unsigned)(*at - '0');

		if (n > (limit - digit) / 10)
			return -1;
		n = n * 10 + digit;
	}
	*number = n;
	return at == text || *at ? -1 : 0;
}

static irmin_rc apply_number(const char *text, enum key key, const char *value,
    irmin_open_options *options, irmin_error *err)
{
	uint64_t limit = key == LOCK_MS ? UINT32_MAX - 1 : SIZE_MAX;
	uint64_t number;

	if (parse_number(value, limit, &number) != 0)
		return refuse_value(text, &keys[key], irmin_text(value), err);
	if (key == LOCK_MS && !options->wait.timeout_ms)
		options->wait.timeout_ms = (uint32_t)number;
	else if (key == CACHE_BYTES && !options->cache_bytes)
		options->cache_bytes = (size_t)number;
	else if (key == DIRTY_BYTES && !options->dirty_bytes)
		options->dirty_bytes = (size_t)number;
	return IRMIN_OK;
}

/* What a key says counts where the struct says nothing. `word` is its place
 * among the key's words. */
static void apply_word(irmin_open_options *options, enum key key, int word)
{
	static const uint32_t flags[] = { [CREATE] = IRMIN_OPEN_CREATE,
		[READONLY] = IRMIN_OPEN_READ_ONLY,
		[CHECKED_OUT] = IRMIN_OPEN_MOVE_CHECKED_OUT };

	if (key == HASH && options->hash == IRMIN_HASH_NONE)
		options->hash = (irmin_hash_algo)(IRMIN_HASH_SHA1 + word);
	else if (key == SHARED && options->shared == IRMIN_SHARED_DEFAULT)
		options->shared = (irmin_shared)word;
	else if (key == LEVEL && options->level == IRMIN_LEVEL_DEFAULT)
		options->level = (irmin_level)(IRMIN_LAZY + word);
	else if (key == IO && options->io == IRMIN_IO_DEFAULT)
		options->io = (irmin_io)(IRMIN_IO_MAP + word);
	else if (key == CREATE || key == READONLY || key == CHECKED_OUT)
		options->flags |= word ? flags[key] : 0;
}

static irmin_rc apply_key(const char *text, enum key key, char **value,
    irmin__uri *uri, irmin_error *err)
{
	irmin_slice slice = irmin_text(*value);
	int word;

	if (key == BRANCH) {
		irmin_free(uri->branch);
		uri->branch = *value;
		*value = NULL;
		return IRMIN_OK;
	}
	if (keys[key].unit)
		return apply_number(text, key, *value, &uri->options, err);
	for (word = 0; keys[key].words[word]; word++)
		if (equals(slice, keys[key].words[word])) {
			apply_word(&uri->options, key, word);
			return IRMIN_OK;
		}
	return refuse_value(text, &keys[key], slice, err);
}

/* ---- pieces ---- */

/* A copy with its escapes undone. */
static irmin_rc unescape(const char *text, irmin_slice part, char **copy,
    irmin_error *err)
{
	const char *from = part.data, *end = from + part.len;
	char *out = irmin_malloc(part.len + 1);

	*copy = out;
	if (!out)
		return irmin__enomem(err);
	for (; from < end; out++) {
		unsigned char byte = (unsigned char)*from++;

		if (byte == '%') {
			if (end - from < 2 ||
			    irmin__hex_decode(from, 1, &byte) != 0 || !byte)
				return irmin__error_at(err, IRMIN_EINVAL, text,
				    (uint64_t)(from - 1 - text),
				    "a bad escape in %s: %% takes two "
				    "hexadecimal digits, and not 00",
				    text);
			from += 2;
		}
		*out = (char)byte;
	}
	*out = '\0';
	return IRMIN_OK;
}

/* The part of `rest` before `stop`; `rest` goes on behind it. */
static irmin_slice cut(const char **rest, char stop)
{
	const char *at = *rest, *end = strchr(at, stop);
	size_t len = end ? (size_t)(end - at) : strlen(at);

	*rest = at + len + (end != NULL);
	return irmin_bytes(at, len);
}

static irmin_rc parse_pair(const char *text, irmin_slice pair, irmin__uri *uri,
    irmin_error *err)
{
	const char *equal = memchr(pair.data, '=', pair.len);
	size_t key_len = equal ? (size_t)(equal - (const char *)pair.data)
			       : pair.len;
	irmin_slice key = irmin_bytes(pair.data, key_len);
	char *value = NULL;
	size_t i;
	irmin_rc rc;

	for (i = 0; i < KEY_COUNT && !equals(key, keys[i].name); i++)
		;
	if (i == KEY_COUNT)
		return refuse_key(text, key, err);
	if (!equal)
		return irmin_error_set(err, IRMIN_EINVAL, text,
		    "key \"%s\" has no value in %s; write %s=VALUE",
		    keys[i].name, text, keys[i].name);
	rc = unescape(text, irmin_bytes(equal + 1, pair.len - key_len - 1),
	    &value, err);
	if (rc >= 0)
		rc = apply_key(text, (enum key)i, &value, uri, err);
	irmin_free(value);
	return rc;
}

static irmin_rc parse_rest(const char *text, const char *rest, irmin__uri *uri,
    irmin_error *err)
{
	irmin_slice part = cut(&rest, '?');
	irmin_rc rc = unescape(text, part, &uri->rest, err);

	while (rc >= 0 && *rest) {
		part = cut(&rest, '&');
		rc = parse_pair(text, part, uri, err);
	}
	if (rc >= 0 && !uri->options.branch)
		uri->options.branch = uri->branch;
	return rc;
}

/* ---- what kind of text ---- */

/* The length of a scheme in front of its colon, 0 if there is none. */
static size_t scheme_length(const char *text)
{
	size_t len = strspn(text,
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789+.-");

	if (text[len] != ':' || strchr("0123456789+.-", *text))
		return 0;
	return len;
}

/* git://..., and user@host:path, which has no slash before the colon. */
static int is_remote(const char *text)
{
	size_t host = strcspn(text, ":/"), i;

	for (i = 0; remotes[i]; i++)
		if (strncmp(text, remotes[i], strlen(remotes[i])) == 0)
			return 1;
	return text[host] == ':' && memchr(text, '@', host) != NULL;
}

/* Answers: OK; ABSENT. */
static irmin_rc find_directory(irmin__os *os, const char *path,
    irmin_error *err)
{
	irmin__os_stat stat;
	irmin_rc rc = irmin__os_stat_path(os, path, 1, &stat, err);

	if (rc == IRMIN_OK && stat.kind != IRMIN__OS_DIRECTORY)
		return IRMIN_ABSENT;
	return rc;
}

static irmin_rc refuse_missing(irmin__os *os, const char *text,
    irmin_error *err)
{
	irmin_buf path = IRMIN_BUF_INIT;
	irmin_rc rc = irmin__os_absolute(os, text, &path, err);

	if (rc >= 0)
		rc = irmin_error_set(err, IRMIN_EMISSING, (char *)path.data,
		    "there is no directory %s; write git:%s?create=1 to make a "
		    "repository there",
		    (char *)path.data, text);
	irmin_buf_clear(&path);
	return rc;
}

static irmin_rc parse_directory(irmin__os *os, const char *text,
    irmin__uri *uri, irmin_error *err)
{
	irmin_rc rc = find_directory(os, text, err);

	if (rc == IRMIN_OK)
		return irmin__text_copy(irmin_text(text), &uri->rest, err);
	if (rc >= 0)
		rc = parse_rest(text, text, uri, err);
	if (rc >= 0)
		rc = find_directory(os, uri->rest, err);
	if (rc == IRMIN_ABSENT)
		rc = refuse_missing(os, uri->rest, err);
	return rc;
}

irmin_rc irmin__uri_parse(irmin__os *os, const char *text,
    const irmin_open_options *options, irmin__uri *uri, irmin_error *err)
{
	size_t len;
	irmin_rc rc;

	memset(uri, 0, sizeof *uri);
	rc = irmin__options_read(&uri->options, sizeof uri->options, options,
	    "irmin_open_options", err);
	if (rc < 0)
		return rc;
	if (!text || !*text)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the URI is empty; write git:DIR or mem:");
	if (is_remote(text))
		return irmin_error_set(err, IRMIN_ENOTSUP, text,
		    "cannot open %s: it is a remote; clone it first, then open "
		    "the clone",
		    text);
	len = scheme_length(text);
	rc = irmin__text_copy(len ? irmin_bytes(text, len) : irmin_text("git"),
	    &uri->scheme, err);
	if (rc >= 0)
		rc = len ? parse_rest(text, text + len + 1, uri, err)
			 : parse_directory(os, text, uri, err);
	if (rc < 0)
		irmin__uri_clear(uri);
	return rc;
}

void irmin__uri_clear(irmin__uri *uri)
{
	irmin_free(uri->scheme);
	irmin_free(uri->rest);
	irmin_free(uri->branch);
	memset(uri, 0, sizeof *uri);
}
