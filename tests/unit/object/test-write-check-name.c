#include <stdlib.h>
#include <string.h>

#include "lib/core/object/tree-codec.h"
#include "lib/core/object/write-check.h"
#include "tests/support/tap.h"
#include "tests/unit/object/git-fsck.h"

#define NAMES 4000

static void test_table(void)
{
	static const struct {
		const char *name, *rule;
	} bad[] = {
		{ "", "emptyName" },
		{ ".", "hasDot" },
		{ "..", "hasDotdot" },
		{ "a/b", "fullPathname" },
		{ ".git", "hasDotgit" },
		{ ".GIT", "hasDotgit" },
		{ ".git ", "hasDotgit" },
		{ ".git. . ", "hasDotgit" },
		{ ".git::$INDEX_ALLOCATION", "hasDotgit" },
		{ "git~1", "hasDotgit" },
		{ "GIT~1.", "hasDotgit" },
		{ "a\\.git", "hasDotgit" },
		{ "a\\git~1\\b", "hasDotgit" },
		{ ".g\xe2\x80\x8cit", "hasDotgit" },
		{ "\xef\xbb\xbf.git", "hasDotgit" },
		{ ".git\xe2\x80\xae", "hasDotgit" },
	};
	static const char *const good[] = { "a", "...", ".gi", ".gitx", "git",
		"git~2", "git~10", ".git~1", "a.git", ".git-", "\xff",
		".g\xe2\x80\x8bit", ".g\xc4\xb1t", " .git", "a\\b", "-x", " " };
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		fails(irmin__check_step(irmin_text(bad[i].name), &err),
		    IRMIN_EINVAL, &err, "bad: \"%s\"", bad[i].name);
		ok(strstr(err.text, bad[i].rule), "%s", err.text);
	}
	for (i = 0; i < sizeof good / sizeof *good; i++)
		succeeds(irmin__check_step(irmin_text(good[i]), &err), &err,
		    "good: \"%s\"", good[i]);
	fails(irmin__check_step(irmin_bytes("a\0b", 3), &err), IRMIN_EINVAL,
	    &err, "a NUL");
}

static void test_special(void)
{
	static const struct {
		const char *name;
		int has_rules;
	} special[] = {
		{ ".gitmodules", 1 },
		{ ".GitModules .", 1 },
		{ "gitmod~1", 1 },
		{ "gitmod~4", 1 },
		{ "gi7eba~9", 1 },
		{ "GI7EB~10", 1 },
		{ "~1000000", 1 },
		{ ".gitmodules::$DATA", 1 },
		{ "a\\.gitmodules", 1 },
		{ ".git\xe2\x80\x8dmodules", 1 },
		{ ".gitattributes", 1 },
		{ "gitatt~2", 1 },
		{ "gi7d29~1", 1 },
		{ ".gitignore", 0 },
		{ "gi250a~1", 0 },
		{ ".mailmap", 0 },
		{ "maba30~1", 0 },
		{ "mailma~4", 0 },
	};
	static const char *const plain[] = { "gitmodules", ".gitmodulesx",
		"gitmod~5", "gitmod~10", "gi7eba~0", "gi7eba~", "gi7ebb~1",
		"~0000001", "~100000", "~10000000", "mailmap", ".mailma~1" };
	irmin_error err;
	irmin_slice name;
	size_t i;

	for (i = 0; i < sizeof special / sizeof *special; i++) {
		name = irmin_text(special[i].name);
		fails(irmin__check_entry(name, IRMIN_MODE_SYMLINK, &err),
		    IRMIN_EINVAL, &err, "no symlink: %s", special[i].name);
		is_rc(irmin__check_entry(name, IRMIN_MODE_TREE, &err),
		    IRMIN_EINVAL, "no directory");
		is_rc(irmin__check_entry(name, IRMIN_MODE_GITLINK, &err),
		    IRMIN_EINVAL, "no gitlink");
		is_rc(irmin__check_entry(name, IRMIN_MODE_FILE, &err), IRMIN_OK,
		    "a file");
		is_rc(irmin__check_entry(name, IRMIN_MODE_EXECUTABLE, &err),
		    IRMIN_OK, "an executable");
		is_int(!!irmin__check_is_special(name), special[i].has_rules,
		    "whether its contents have rules");
	}
	for (i = 0; i < sizeof plain / sizeof *plain; i++) {
		name = irmin_text(plain[i]);
		succeeds(irmin__check_entry(name, IRMIN_MODE_SYMLINK, &err),
		    &err, "any other name: %s", plain[i]);
		ok(!irmin__check_is_special(name), "has no rules");
	}
	name = irmin_text("a");
	fails(irmin__check_entry(name, IRMIN_MODE_NONE, &err), IRMIN_EINVAL,
	    &err, "no mode");
	fails(irmin__check_entry(name, (irmin_mode)0100664, &err), IRMIN_EINVAL,
	    &err, "an odd mode");
}

/* ---- random names, and git ---- */

struct name {
	char text[64];
	size_t as_file, as_link; /* numbers of the trees that hold it */
};

static struct name names[NAMES];

static void random_name(char text[64])
{
	static const char *const pieces[] = { ".git", ".GIT", ".", "g", "i",
		"t", "G", "T", "git", "~", "~1", "~2", "1", "0", " ", ".", "\\",
		":", "$", "x", "modules", "gitmodules", "MODULES", "attributes",
		"gitattributes", "ignore", "mailmap", "mailma", "gi7eba",
		"gi7e", "gi7d29", "gi250a", "maba30", "gitmod", "gitatt",
		"\xe2\x80\x8c", "\xe2\x80\xaa", "\xe2\x81\xaf", "\xef\xbb\xbf",
		"\xe2\x80\x8b", "\xe2\x80", "\xff", "\xc0\xae", "\xed\xa0\x80",
		"\xef\xbf\xbe", "\xf0\x90\x80\x80", "\xf4\x90\x80\x80" };
	size_t count = 1 + (size_t)rand() % 6;

	text[0] = '\0';
	/* Half begin well, or few would come close to what is refused. */
	if (rand() % 2)
		strcpy(text, ".git");
	while (count--)
		strcat(text,
		    pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)]);
}

static irmin_buf tree_of(const char *name, irmin_mode mode, irmin_oid id)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_slice step = irmin_text(name);

	if (irmin_buf_reserve(&bytes,
		irmin__tree_entry_bytes(step, mode, IRMIN_HASH_SHA1), NULL) < 0)
		bail("out of memory");
	bytes.len = irmin__tree_entry_encode(step, mode, &id, bytes.data);
	return bytes;
}

static size_t add_tree(struct git_fsck *fsck, const char *name, irmin_mode mode)
{
	irmin_buf bytes = tree_of(name, mode, git_fsck_blob(fsck));
	size_t number = git_fsck_add(fsck, IRMIN_OBJECT_TREE,
	    irmin_buf_slice(&bytes));

	irmin_buf_clear(&bytes);
	return number;
}

struct tally {
	int taken, refused; /* by git */
	int looser;         /* we take what git refuses: never */
	int stricter;       /* we refuse what git takes */
};

static void count(struct tally *tally, int we_take, const char *refusal,
    const char *name, const char *as)
{
	if (refusal)
		tally->refused++;
	else
		tally->taken++;
	if (we_take && refusal) {
		tally->looser++;
		diag("taken by us as %s: \"%s\", git: %s", as, name, refusal);
	}
	tally->stricter += !we_take && !refusal;
}

static void report(const struct tally *tally, const char *what)
{
	is_int(tally->looser, 0, "%s: never looser than git", what);
	ok(tally->taken > NAMES / 20 && tally->refused > NAMES / 20,
	    "git takes %d and refuses %d", tally->taken, tally->refused);
	diag("%s: stricter than git for %d of %d", what, tally->stricter,
	    tally->taken);
}

static int takes_bytes(struct git_fsck *fsck, const char *name, irmin_mode mode)
{
	irmin_buf bytes = tree_of(name, mode, git_fsck_blob(fsck));
	irmin_rc rc = irmin__check_object(IRMIN_HASH_SHA1, IRMIN_OBJECT_TREE,
	    irmin_buf_slice(&bytes), NULL);

	irmin_buf_clear(&bytes);
	return rc == IRMIN_OK;
}

static void compare(struct git_fsck *fsck)
{
	struct tally ours = { 0, 0, 0, 0 }, foreign = { 0, 0, 0, 0 };
	size_t i;

	for (i = 0; i < NAMES; i++) {
		const struct name *name = &names[i];
		irmin_slice step = irmin_text(name->text);
		const char *file = git_fsck_refusal(fsck, name->as_file);
		const char *link = git_fsck_refusal(fsck, name->as_link);

		count(&ours, !irmin__check_entry(step, IRMIN_MODE_FILE, NULL),
		    file, name->text, "a file");
		count(&ours,
		    !irmin__check_entry(step, IRMIN_MODE_SYMLINK, NULL), link,
		    name->text, "a symlink");
		count(&foreign, takes_bytes(fsck, name->text, IRMIN_MODE_FILE),
		    file, name->text, "a foreign file");
		count(&foreign,
		    takes_bytes(fsck, name->text, IRMIN_MODE_SYMLINK), link,
		    name->text, "a foreign symlink");
	}
	report(&ours, "what we make");
	report(&foreign, "what comes");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text,
	    ((const struct name *)b)->text);
}

static void append_line(irmin_buf *lines, const char *name)
{
	const char *line = tap_format("100644 blob "
				      "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
				      "\t%s",
	    name);

	if (irmin_buf_append(lines, irmin_bytes(line, strlen(line) + 1), NULL) <
	    0)
		bail("out of memory");
}

/* Whether git reads these names into an index, with the checks on that it makes
 * on macOS and Windows. */
static int git_reads(const irmin_buf *lines)
{
	const char *dir = tap_format("%s/index", tap_tmpdir());
	const char *const mktree[] = { "git", "mktree", "-z", "--missing",
		NULL };
	struct tap_output output;
	int code;

	if (tap_run(NULL, "git init -q '%s'", dir) ||
	    tap_run_argv(&output, dir, mktree, lines->data, lines->len))
		bail("git mktree failed");
	code = tap_run(NULL,
	    "cd '%s' && git -c core.protectHFS=true -c core.protectNTFS=true "
	    "read-tree %.40s",
	    dir, output.out);
	tap_output_clear(&output);
	return code == 0;
}

static void test_index(void)
{
	irmin_buf lines = IRMIN_BUF_INIT;
	size_t i, taken = 0;

	qsort(names, NAMES, sizeof *names, by_name);
	for (i = 0; i < NAMES; i++) {
		if ((i > 0 && !strcmp(names[i].text, names[i - 1].text)) ||
		    irmin__check_step(irmin_text(names[i].text), NULL) < 0)
			continue;
		append_line(&lines, names[i].text);
		taken++;
	}
	ok(git_reads(&lines), "git reads %zu names that we take", taken);
	append_line(&lines, ".git ");
	ok(!git_reads(&lines), "and refuses one more");
	irmin_buf_clear(&lines);
}

static void test_random(void)
{
	struct git_fsck *fsck = git_fsck_new(IRMIN_HASH_SHA1);
	size_t i;

	srand(3);
	for (i = 0; i < NAMES; i++) {
		random_name(names[i].text);
		names[i].as_file = add_tree(fsck, names[i].text,
		    IRMIN_MODE_FILE);
		names[i].as_link = add_tree(fsck, names[i].text,
		    IRMIN_MODE_SYMLINK);
	}
	git_fsck_run(fsck);
	compare(fsck);
	git_fsck_free(fsck);
}

int main(void)
{
	test_table();
	test_special();
	test_random();
	test_index();
	return done_testing();
}
