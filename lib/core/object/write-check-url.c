/* The url of a submodule. A clone that follows it hands it to a helper program,
 * so git's fsck refuses what could become an option, another line of what asks
 * for a password, or another host:
 *
 *   ../../path                     from the url of the repository itself
 *   scheme://user:pass@host:port/path?query#fragment
 *   https::scheme://...            the same, for the helper of that name
 *
 * Of the second form only those are looked into that libcurl would fetch; paths,
 * host:path and ssh are nobody's second line.
 */
#include "lib/core/base/hex.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/write-check-parts.h"

#define DIGITS   "0123456789"
#define LETTERS  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define PORT_MAX 65535

/* Takes a byte off, as it stands there or as %XX; -1 for a '%' without digits. */
static int take_byte(irmin_slice *text)
{
	const unsigned char *bytes = text->data;
	unsigned char value = bytes[0];
	int is_escape = value == '%';

	if (is_escape &&
	    (text->len < 3 ||
		irmin__hex_decode((const char *)bytes + 1, 1, &value) < 0)) {
		*text = irmin__slice_from(*text, 1);
		return -1;
	}
	*text = irmin__slice_from(*text, is_escape ? 3 : 1);
	return value;
}

static int has_byte(irmin_slice text, int byte)
{
	while (text.len > 0)
		if (take_byte(&text) == byte)
			return 1;
	return 0;
}

/* Not isalnum(), which a locale may change. */
static int consists_of(irmin_slice text, const char *bytes)
{
	const char *at = text.data;
	size_t i;

	for (i = 0; i < text.len; i++)
		if (at[i] == '\0' || !strchr(bytes, at[i]))
			return 0;
	return 1;
}

/* How many of the bytes stand in front of the first of these. */
static size_t until_any(irmin_slice text, const char *stops)
{
	size_t first = text.len, at;

	for (; *stops; stops++) {
		at = irmin__slice_find(text, *stops);
		if (at < first)
			first = at;
	}
	return first;
}

/* ---- ../../path ---- */

static int is_relative(irmin_slice url)
{
	return irmin__slice_begins(url, "./") ||
	    irmin__slice_begins(url, "../");
}

static const char *rule_of_relative(irmin_slice url)
{
	while (is_relative(url))
		url = irmin__slice_from(url, irmin__slice_find(url, '/') + 1);
	if (irmin__slice_begins(url, ":") || irmin__slice_begins(url, "/"))
		return "it leaves its host (gitmodulesUrl)";
	return NULL;
}

/* ---- scheme://user:pass@host:port/path?query#fragment ---- */

static int is_host(irmin_slice host)
{
	if (!irmin__slice_begins(host, "["))
		return host.len > 0 && consists_of(host, LETTERS DIGITS "-._");
	return host.len > 2 && irmin__slice_ends(host, "]") &&
	    consists_of(irmin_bytes((const char *)host.data + 1, host.len - 2),
		LETTERS DIGITS ".:");
}

static int is_port(irmin_slice port)
{
	unsigned value = 0;

	if (!consists_of(port, DIGITS))
		return 0;
	for (; port.len > 0 && value <= PORT_MAX;
	     port = irmin__slice_from(port, 1))
		value = value * 10 + (unsigned)(*(const char *)port.data - '0');
	return value > 0 && value <= PORT_MAX;
}

static const char *rule_of_authority(irmin_slice authority)
{
	size_t at = irmin__slice_find(authority, '@');
	irmin_slice host = authority;
	size_t colon;

	if (at < authority.len)
		host = irmin__slice_from(authority, at + 1);
	colon = irmin__slice_find(host, ':');
	if (irmin__slice_begins(host, "["))
		colon = irmin__slice_find(host, ']') + 1;
	if (colon < host.len) {
		if (!irmin__slice_begins(irmin__slice_from(host, colon), ":") ||
		    !is_port(irmin__slice_from(host, colon + 1)))
			return "it has a bad port (gitmodulesUrl)";
		host = irmin__slice_until(host, colon);
	}
	return is_host(host) ? NULL : "it has a bad host (gitmodulesUrl)";
}

/* How a step of the path moves: "..", also as escapes, up; "." and nothing not
 * at all; any other down. */
static int move_of(irmin_slice step)
{
	size_t dots = 0;

	while (step.len > 0) {
		if (take_byte(&step) != '.')
			return 1;
		dots++;
	}
	return dots == 2 ? -1 : dots > 2;
}

static const char *rule_of_path(irmin_slice path)
{
	irmin_slice step;
	long depth = 0;

	while (path.len > 0) {
		path = irmin__slice_from(path, 1);
		step = irmin__slice_until(path, irmin__slice_find(path, '/'));
		depth += move_of(step);
		if (depth < 0)
			return "its path leaves its host (gitmodulesUrl)";
		path = irmin__slice_from(path, step.len);
	}
	return NULL;
}

static int is_scheme(irmin_slice scheme)
{
	return scheme.len > 0 &&
	    consists_of(irmin__slice_until(scheme, 1), LETTERS) &&
	    consists_of(scheme, LETTERS DIGITS "+-.");
}

static const char *rule_of_web(irmin_slice url)
{
	size_t colon = irmin__slice_find(url, ':'), length;
	irmin_slice rest = irmin__slice_from(url, colon);
	const char *broken;

	if (has_byte(url, -1))
		return "a '%' has no two digits behind it (gitmodulesUrl)";
	if (!is_scheme(irmin__slice_until(url, colon)) ||
	    !irmin__slice_begins(rest, "://"))
		return "it has no scheme:// (gitmodulesUrl)";
	rest = irmin__slice_from(rest, 3);
	length = until_any(rest, "/?#");
	broken = rule_of_authority(irmin__slice_until(rest, length));
	rest = irmin__slice_from(rest, length);
	rest = irmin__slice_until(rest, until_any(rest, "?#"));
	return broken ? broken : rule_of_path(rest);
}

/* ---- all of them ---- */

/* Takes "https::" off, or nothing; 0 if libcurl would not fetch it. */
static int is_web(irmin_slice *url)
{
	static const char *const schemes[] = { "http:", "https:", "ftp:",
		"ftps:" };
	irmin_slice rest;
	size_t i;

	for (i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		if (!irmin__slice_begins(*url, schemes[i]))
			continue;
		rest = irmin__slice_from(*url, strlen(schemes[i]));
		if (irmin__slice_begins(rest, "//"))
			return 1;
		if (!irmin__slice_begins(rest, ":"))
			return 0;
		*url = irmin__slice_from(rest, 1);
		return 1;
	}
	return 0;
}

const char *irmin__rule_of_url(irmin_slice url)
{
	if (irmin__slice_begins(url, "-"))
		return "it looks like an option (gitmodulesUrl)";
	if (has_byte(url, '\n'))
		return "it has a newline (gitmodulesUrl)";
	if (is_relative(url))
		return rule_of_relative(url);
	return is_web(&url) ? rule_of_web(url) : NULL;
}
