#include <stdlib.h>
#include <string.h>

#include "lib/core/object/refname.h"
#include "tests/support/tap.h"

#define RANDOM_NAMES 500

static irmin_rc check(const char *name)
{
	irmin_error err;

	return irmin__refname_check(irmin_text(name), &err);
}

static int git_takes(const char *option, const char *name)
{
	const char *const argv[] = { "git", "check-ref-format",
		option ? option : name, option ? name : NULL, NULL };

	return tap_run_argv(NULL, tap_tmpdir(), argv, "", 0) == 0;
}

static void test_rules(void)
{
	static const char *const good[] = { "HEAD", "FETCH_HEAD",
		"refs/heads/a", "refs/x", "refs/heads/a/b.c", "refs/heads/@",
		"refs/heads/a@", "refs/heads/\xc3\xa4", "refs/heads/a.lockb",
		"refs/heads/-" };
	static const struct {
		const char *name, *rule;
	} bad[] = {
		{ "", "neither" },
		{ "head", "neither" },
		{ "A/B", "neither" },
		{ "refs", "neither" },
		{ "refs/", "'/'" },
		{ "refs//a", "'/'" },
		{ "refs/heads/a/", "'/'" },
		{ "refs/heads/.a", "'.'" },
		{ "refs/../a", "'.'" },
		{ "refs/heads/a..b", "\"..\"" },
		{ "refs/heads/a.", "ends with a '.'" },
		{ "refs/heads/a.lock", ".lock" },
		{ "refs/a.lock/b", ".lock" },
		{ "refs/heads/a@{b", "@{" },
		{ "refs/heads/a b", "blank" },
		{ "refs/heads/a\tb", "control" },
		{ "refs/heads/a\x7f", "control" },
		{ "refs/heads/a\\b", "backslash" },
		{ "refs/heads/a~b", "'~'" },
		{ "refs/heads/a^b", "'^'" },
		{ "refs/heads/a:b", "':'" },
		{ "refs/heads/a?", "'?'" },
		{ "refs/heads/*", "'*'" },
		{ "refs/heads/[", "'['" },
	};
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof good / sizeof *good; i++)
		is_rc(check(good[i]), IRMIN_OK, "good: %s", good[i]);
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		fails(irmin__refname_check(irmin_text(bad[i].name), &err),
		    IRMIN_EINVAL, &err, "bad: %s", bad[i].name);
		ok(strstr(err.text, bad[i].rule), "%s names the rule: %s",
		    err.text, bad[i].rule);
	}
	fails(irmin__refname_check(irmin_bytes("refs/a\0b", 8), &err),
	    IRMIN_EINVAL, &err, "a NUL");
	ok(strstr(err.text, "control"), "is a control character");
}

/* Every byte alone, in the middle of a name. */
static void test_bytes(void)
{
	char name[] = "refs/heads/a?b";
	int byte, equal = 0;

	for (byte = 1; byte < 256; byte++) {
		name[12] = (char)byte;
		equal += (check(name) == IRMIN_OK) == git_takes(NULL, name);
	}
	is_int(equal, 255, "each byte as git takes it");
}

/* Names from pieces that the rules are about. */
static const char *random_name(char name[64])
{
	static const char *const pieces[] = { "a", "b", "/", "/", ".", "..",
		".lock", "@", "{", "@{", "-", "HEAD", "~", "\\", "lock", "refs",
		"*", "\x01", "\xff" };
	size_t count = 1 + (size_t)rand() % 5;

	name[0] = '\0';
	while (count--)
		strcat(name,
		    pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)]);
	return name;
}

static void test_random(void)
{
	char piece[64];
	const char *full;
	irmin_error err;
	irmin_rc rc;
	int i, equal = 0, good = 0;

	srand(1);
	for (i = 0; i < RANDOM_NAMES; i++) {
		random_name(piece);
		full = tap_format("refs/%s", piece);
		rc = check(full);
		if ((rc == IRMIN_OK) == git_takes(NULL, full))
			equal++;
		else
			diag("differs: %s (%d)", full, rc);
		rc = irmin__refname_check_branch(irmin_text(piece), &err);
		if ((rc == IRMIN_OK) == git_takes("--branch", piece))
			equal++;
		else
			diag("differs as a branch: %s (%d)", piece, rc);
		good += rc == IRMIN_OK;
	}
	is_int(equal, 2 * RANDOM_NAMES, "random names as git takes them");
	ok(good > RANDOM_NAMES / 10 && good < RANDOM_NAMES * 9 / 10,
	    "some are good, some are not (%d)", good);
}

static void test_branch(void)
{
	static const char *const bad[] = { "", "HEAD", "-a", "-", "a..b", "/a",
		"a/", "@{-1}" };
	irmin_error err;
	size_t i;

	is_rc(irmin__refname_check_branch(irmin_text("topic/a-b"), &err),
	    IRMIN_OK, "a branch");
	is_rc(irmin__refname_check_branch(irmin_text("a/HEAD"), &err), IRMIN_OK,
	    "HEAD as a part");
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		fails(irmin__refname_check_branch(irmin_text(bad[i]), &err),
		    IRMIN_EINVAL, &err, "no branch: %s", bad[i]);
}

int main(void)
{
	test_rules();
	test_branch();
	test_bytes();
	test_random();
	return done_testing();
}
