#include <stdlib.h>
#include <string.h>

#include "lib/core/object/tree-codec.h"
#include "lib/core/object/write-check.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/object/git-fsck.h"

#define RANDOM_FILES 2000

#define WHOLE_MODULE                                                           \
	"[submodule \"a\"]\n"                                                  \
	"\tpath = a\n"                                                         \
	"\turl = https://h/a.git\n"                                            \
	"\tupdate = rebase\n"                                                  \
	"\tbranch = -x\n"

static irmin_rc check(const char *name, const char *contents, irmin_error *err)
{
	return irmin__check_special(irmin_text(name), irmin_text(contents),
	    err);
}

static void test_modules(void)
{
	static const struct {
		const char *contents, *rule;
	} bad[] = {
		{ "[submodule \"\"]\nurl = x\n", "gitmodulesName" },
		{ "[submodule \"..\"]\nurl = x\n", "gitmodulesName" },
		{ "[submodule \"a/../b\"]\nurl = x\n", "gitmodulesName" },
		{ "[submodule \"a\\\\..\"]\nurl = x\n", "gitmodulesName" },
		{ "[submodule \"a\"]\nurl = -x\n", "gitmodulesUrl" },
		{ "[submodule \"a\"]\nURL = -x\n", "gitmodulesUrl" },
		{ "[submodule.a]\nurl = -x\n", "gitmodulesUrl" },
		{ "[submodule \"a\"]\npath = -x\n", "gitmodulesPath" },
		{ "[submodule \"a\"]\nupdate = !sh\n", "gitmodulesUpdate" },
		{ "[submodule \"a\"]\nupdate = \" !\n", "gitmodulesParse" },
		{ "[submodule \"a", "gitmodulesParse" },
	};
	static const char *const good[] = { "", "# nothing\n", WHOLE_MODULE,
		"[submodule \"a..b\"]\nurl = ../b\n", "[submodule]\nurl = -x\n",
		"[other \"..\"]\nurl = -x\n", "[submodule \"a\"]\nurl\n" };
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		fails(check(".gitmodules", bad[i].contents, &err), IRMIN_EINVAL,
		    &err, "bad: %s", bad[i].rule);
		ok(strstr(err.text, bad[i].rule), "%s", err.text);
		is_rc(check("a\\.GITMODULES .", bad[i].contents, &err),
		    IRMIN_EINVAL, "under another name, too");
		is_rc(check("modules", bad[i].contents, &err), IRMIN_OK,
		    "any other file may have it");
	}
	for (i = 0; i < sizeof good / sizeof *good; i++)
		succeeds(check(".gitmodules", good[i], &err), &err, "good: %zu",
		    i);
}

static const char *module_with_url(const char *url)
{
	return tap_format("[submodule \"a\"]\nurl = \"%s\"\n", url);
}

static void test_urls(void)
{
	static const char *const bad[] = { "-u", "--upload-pack=x", "a%0ab",
		"git://h/a%0A", "../:h", "./../:h", "..//h", "http://",
		"http:///p", "https://h:0/", "https://h:65536/",
		"https://h:1x/", "https://h:/", "http://h/..",
		"http://h/a/../../b", "http://h/%2e%2E/", "http://h/%zz",
		"http://h/%", "http://u@/p", "http://h h/", "http::a",
		"https::://h", "ftp::-x", "ftps://?h", "http://[::1/",
		"http://a]/", "x\\ny" };
	static const char *const good[] = { "a", "/p", "h:p", "u@h:p/../..",
		"ssh://h/p", "git://h/p", "../a", "../../a", "./a", "https://h",
		"https://h/a/../b", "http://u:p@h:8080/a?q/../..#f",
		"http://[::1]:80/", "https::https://h/a", "file:///p",
		"http://h/a%20b", "http:x" };
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		fails(check(".gitmodules", module_with_url(bad[i]), &err),
		    IRMIN_EINVAL, &err, "bad: %s", bad[i]);
	for (i = 0; i < sizeof good / sizeof *good; i++)
		succeeds(check(".gitmodules", module_with_url(good[i]), &err),
		    &err, "good: %s", good[i]);
}

static void test_attributes(void)
{
	char line[2050];
	irmin_error err;
	size_t large = ((size_t)100 << 20) + 1;
	char *bytes = malloc(large);

	memset(line, 'a', sizeof line);
	line[2047] = '\0';
	succeeds(check(".gitattributes", line, &err), &err, "2,047 bytes");
	line[2047] = '\n';
	line[2048] = 'b';
	line[2049] = '\0';
	succeeds(check(".gitattributes", line, &err), &err, "and a next line");
	line[2047] = 'a';
	line[2048] = '\0';
	fails(check(".gitattributes", line, &err), IRMIN_EINVAL, &err,
	    "one byte more");
	ok(strstr(err.text, "gitattributesLineLength"), "%s", err.text);
	fails(check("GITATT~1", line, &err), IRMIN_EINVAL, &err,
	    "under another name");
	succeeds(check(".gitignore", line, &err), &err, "another file");
	if (!bytes)
		bail("out of memory");
	memset(bytes, '\n', large);
	fails(irmin__check_special(irmin_text(".gitattributes"),
		  irmin_bytes(bytes, large), &err),
	    IRMIN_EINVAL, &err, "a huge file");
	ok(strstr(err.text, "gitattributesLarge"), "%s", err.text);
	succeeds(irmin__check_special(irmin_text(".gitattributes"),
		     irmin_bytes(bytes, large - 1), &err),
	    &err, "just not so large");
	fails(irmin__check_special(irmin_text(".gitmodules"),
		  irmin_bytes(bytes, large), &err),
	    IRMIN_EINVAL, &err, "the other one");
	ok(strstr(err.text, "gitmodulesLarge"), "%s", err.text);
	free(bytes);
}

/* ---- random .gitmodules, and git ---- */

#define ANY(pieces) pieces[(size_t)rand() % (sizeof(pieces) / sizeof *(pieces))]

static const char *random_url(void)
{
	static const char *const begins[] = { "", "-", "./", "../", "../../",
		"http://", "https://", "ftp::http://", "http::", "git://",
		"ssh://", "ftps://", "http://h", "http://h/" };
	static const char *const pieces[] = { "h", "h", "/", "/", ":", ":80",
		":0", "@", "..", "../", ".", "%0a", "%0A", "%2e", "%", "%41",
		"?", "#", "[", "::1", "]", "-", "\\n", "\\\\", " ", "\xc3\xa4",
		"~", ":65536", ":00080", "\\\"", "_", "*", "!" };
	const char *url = ANY(begins);
	size_t count = (size_t)rand() % 6;

	while (count--)
		url = tap_format("%s%s", url, ANY(pieces));
	return url;
}

static const char *random_modules(void)
{
	static const char *const names[] = { "a", "a/b", "..", "a/..", "../a",
		"a..b", "", "a\\\\..\\\\b", "...", "\\\"" };
	static const char *const others[] = { "", "path = a\n", "path = -a\n",
		"path = \" -a\"\n", "update = !x\n", "update = none\n",
		"update = \"!\"\n", "url\n", "path\n", "x", "[x", "= y\n",
		"branch = -\n" };

	return tap_format("%s[%s \"%s\"]\n%s%s\"%s\"\n%s",
	    rand() % 9 ? "" : "# c\n", rand() % 9 ? "submodule" : "Submodule",
	    rand() % 3 ? "a" : ANY(names), rand() % 3 ? "" : ANY(others),
	    rand() % 9 ? "url = " : "URL=", random_url(),
	    rand() % 5 ? "" : ANY(others));
}

/* A blob is read as .gitmodules where a tree says so. */
static size_t add_modules(struct git_fsck *fsck, irmin_slice contents)
{
	irmin_slice name = irmin_text(".gitmodules");
	unsigned char tree[64];
	irmin_oid id;

	if (irmin_hash_object(IRMIN_HASH_SHA1, IRMIN_OBJECT_BLOB, contents, &id,
		NULL) < 0)
		bail("cannot hash");
	git_fsck_add(fsck, IRMIN_OBJECT_TREE,
	    irmin_bytes(tree,
		irmin__tree_entry_encode(name, IRMIN_MODE_FILE, &id, tree)));
	return git_fsck_add(fsck, IRMIN_OBJECT_BLOB, contents);
}

static void test_random(void)
{
	struct git_fsck *fsck = git_fsck_new(IRMIN_HASH_SHA1);
	static const char *files[RANDOM_FILES];
	static size_t numbers[RANDOM_FILES];
	int i, looser = 0, stricter = 0, taken = 0;

	srand(6);
	for (i = 0; i < RANDOM_FILES; i++) {
		files[i] = random_modules();
		numbers[i] = add_modules(fsck, irmin_text(files[i]));
	}
	git_fsck_run(fsck);
	for (i = 0; i < RANDOM_FILES; i++) {
		const char *refusal = git_fsck_refusal(fsck, numbers[i]);
		irmin_rc rc = check(".gitmodules", files[i], NULL);

		if (refusal && rc >= 0) {
			looser++;
			diag("taken by us: %s\n%s", files[i], refusal);
		}
		taken += !refusal;
		stricter += !refusal && rc < 0;
	}
	is_int(looser, 0, ".gitmodules: never looser than git");
	ok(taken > RANDOM_FILES / 10 && taken < RANDOM_FILES * 9 / 10,
	    "git takes %d of %d", taken, RANDOM_FILES);
	diag(".gitmodules: stricter than git for %d of %d", stricter, taken);
	git_fsck_free(fsck);
}

static irmin_rc check_one(void *arg, irmin_error *err)
{
	(void)arg;
	return check(".gitmodules", "[submodule \"a\"]\nurl = b\n", err);
}

int main(void)
{
	test_modules();
	test_urls();
	test_attributes();
	test_random();
	alloc_fault_sweep("check", check_one, NULL);
	return done_testing();
}
