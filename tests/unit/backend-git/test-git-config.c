/* Settings, with real git to say what they are. */
#include "tests/unit/backend-git/git-place.h"
#include "tests/support/alloc-fault.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char text[] =
    "[core]\n\tbare\n\tsharedRepository = 0640\n"
    "[User]\n name = \"A \\\"quoted\\\" one\" # and more\n"
    "[user]\n email = first@example.org\n EMAIL = last@example.org\n"
    "[remote \"Or.I gin\"]\n\turl = /a/b\n"
    "[remote \"or.i gin\"]\n\turl = other\n"
    "[t]\n a = yes\n b = On\n c = TRUE\n d = 1\n e = -7\n f =\n g = no\n"
    " h = oFF\n i = false\n j = 0\n k = 2k\n l = maybe\n m = 1x\n"
    "[n]\n a = 12\n b = -1\n c = 1k\n d = 3M\n e = 1g\n f = 0x10\n g = 010\n"
    " h = 99999999999999999999\n i = 9999999999g\n j = 1.5\n k = ten\n"
    " l =\n";

static irmin__git_config parse(const char *bytes)
{
	irmin__git_config config;
	irmin_error err;

	memset(&config, 0, sizeof config);
	if (irmin__git_config_parse(&config, irmin_text(bytes), &err) < 0)
		bail("%s", err.text);
	return config;
}

static void check_strings(const irmin__git_config *config)
{
	static const char *const keys[] = { "core.bare",
		"core.sharedrepository", "CORE.SharedRepository", "user.name",
		"user.email", "remote.Or.I gin.url", "REMOTE.or.i gin.URL" };
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++)
		is_str(irmin__git_config_find(config, keys[i]),
		    place_says("", "git config -f config --get '%s'", keys[i]),
		    "%s", keys[i]);
	is_str(irmin__git_config_find(config, "remote.OR.I GIN.url"), NULL,
	    "subsections do not ignore case");
	is_str(irmin__git_config_find(config, "user.nam"), NULL, "no prefix");
	is_str(irmin__git_config_find(config, "user"), NULL, "no section");
	is_str(irmin__git_config_find(config, ""), NULL, "no name");
}

/* `--type` as git knows it; "" where git says that it is none. */
static const char *git_typed(const char *type, const char *key)
{
	return place_says("",
	    "git config -f config --type=%s --get %s 2>/dev/null || true", type,
	    key);
}

static void check_types(const irmin__git_config *config)
{
	size_t cursor = 0;
	const char *key;

	while ((key = irmin__git_config_next(config, &cursor))) {
		const char *git_bool, *git_number;
		const char *is_bool = "", *is_number = "";
		int64_t number;
		irmin_error err;
		int value;

		if (key[0] != 't' && key[0] != 'n')
			continue;
		git_bool = git_typed("bool", key);
		git_number = git_typed("int", key);
		if (irmin__git_config_bool(config, key, &value, &err) ==
		    IRMIN_OK)
			is_bool = value ? "true" : "false";
		else
			is_str(err.where, key, "%s: the error names it", key);
		if (irmin__git_config_number(config, key, &number, &err) ==
		    IRMIN_OK)
			is_number = tap_format("%" PRId64, number);
		is_str(is_bool, git_bool, "%s as a truth value", key);
		is_str(is_number, git_number, "%s as a number", key);
	}
}

static void check_absent(const irmin__git_config *config)
{
	int64_t number = 5;
	int value = 7;

	is_rc(irmin__git_config_bool(config, "a.b", &value, NULL), IRMIN_ABSENT,
	    "a truth value that is not there");
	is_rc(irmin__git_config_number(config, "a.b", &number, NULL),
	    IRMIN_ABSENT, "a number that is not there");
	ok(value == 7 && number == 5, "what was assumed stays");
}

static void check_files(void)
{
	irmin__git_config config;
	irmin_error err;

	memset(&config, 0, sizeof config);
	is_rc(irmin__git_config_read(&config, irmin__os_posix(),
		  place_path("nothing"), &err),
	    IRMIN_ABSENT, "a file that is not there");
	tap_write_file(place_path("bad"), "[a]\nb = \"c\n", 11);
	fails(irmin__git_config_read(&config, irmin__os_posix(),
		  place_path("bad"), &err),
	    IRMIN_ECORRUPT, &err, "a file that cannot be read");
	is_str(err.where, place_path("bad"), "the error names it");
	ok(strstr(err.text, "line 2") != NULL, "and the line: %s", err.text);
	is_rc(irmin__git_config_read(&config, irmin__os_posix(),
		  place_path("config"), &err),
	    IRMIN_OK, "a good one");
	tap_write_file(place_path("more"), "[user]name=x", 12);
	is_rc(irmin__git_config_read(&config, irmin__os_posix(),
		  place_path("more"), &err),
	    IRMIN_OK, "and another behind it");
	is_str(irmin__git_config_find(&config, "user.name"), "x",
	    "the last of both counts");
	irmin__git_config_clear(&config);
}

static irmin_rc parse_all(void *arg, irmin_error *err)
{
	irmin__git_config config;
	irmin_rc rc;

	(void)arg;
	memset(&config, 0, sizeof config);
	rc = irmin__git_config_parse(&config, irmin_text(text), err);
	irmin__git_config_clear(&config);
	return rc;
}

int main(void)
{
	irmin__git_config config;

	place_begin();
	tap_write_file(place_path("config"), text, strlen(text));
	config = parse(text);
	check_strings(&config);
	check_types(&config);
	check_absent(&config);
	irmin__git_config_clear(&config);
	check_files();
	alloc_fault_sweep("parsing", parse_all, NULL);
	return done_testing();
}
