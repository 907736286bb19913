/* From where objects are borrowed: the same directories as git finds. */
#include "tests/unit/backend-git/git-place.h"
#include "lib/backend-git/git-objects.h"

#include "tests/support/alloc-fault.h"

#include <stdlib.h>
#include <string.h>

/* ---- the file ---- */

static void check_file(const char *text, size_t len, const char *wanted,
    const char *what)
{
	irmin__git_texts paths = { NULL, 0, 0 };
	const char *got = "";
	irmin_error err;
	size_t i;

	is_rc(irmin__git_alternates_parse(irmin_bytes(text, len), &paths, &err),
	    IRMIN_OK, "%s", what);
	for (i = 0; i < paths.len; i++)
		got = tap_format("%s[%s]", got, paths.items[i]);
	is_str(got, wanted, "%s: its paths", what);
	irmin__git_texts_clear(&paths);
}

static void check_text(const char *text, const char *wanted, const char *what)
{
	check_file(text, strlen(text), wanted, what);
}

static void check_parser(void)
{
	check_text("", "", "nothing");
	check_text("/a\n../b\n", "[/a][../b]", "two");
	check_text("/a\n/b", "[/a][/b]", "the last without its end");
	check_text("\n\n/a\n\n", "[/a]", "empty lines");
	check_text("#/a\n/b#c\n # d\n", "[/b#c][ # d]", "comments");
	check_text("\"/a b\"\n/c\n", "[/a b][/c]", "quotes");
	check_text("\"\\303\\244\\\"\\\\\\n\\t\"\n", "[\303\244\"\\\n\t]",
	    "escapes");
	check_text("\"#a\"\n", "[#a]", "no comment in quotes");
	check_text("\"/a\\q\"\n/b\n", "[\"/a\\q\"][/b]", "no such escape");
	check_text("\"/a\\400\"\n", "[\"/a\\400\"]", "beyond a byte");
	check_text("\"/a\n/b\n", "[\"/a][/b]", "a quote that stays open");
	check_text("\"/a\\", "[\"/a\\]", "the end behind a backslash");
	check_text("\"\"\n", "", "nothing in quotes");
	check_file("/a\0b\n/c\n", 8, "[/c]", "a NUL");
}

/* ---- the directories ---- */

static irmin__git_directories directories_of(const char *dir)
{
	irmin__git_directories found = { NULL, 0, 0 };
	irmin_error err;

	if (irmin__git_directories_find(irmin__os_posix(),
		place_path(tap_format("%s/objects", dir)), &found, &err) < 0)
		bail("%s: %s", dir, err.text);
	return found;
}

/* The alternates of a repository, sorted, one a line; git's own way to tell. */
static void check_same(const char *dir, const char *what)
{
	irmin__git_directories found = directories_of(dir);
	const char *list = "";
	size_t i;

	for (i = 1; i < found.len; i++)
		list = tap_format("%s%s\n", list, found.items[i].path);
	tap_write_file(place_path("list"), list, strlen(list));
	is_str(place_says("", "sort list"),
	    place_says(dir,
		"git count-objects -v 2>/dev/null | sed -n 's/^alternate: //p' "
		"| while read -r d; do realpath \"$d\"; done | sort"),
	    "%s: as git", what);
	irmin__git_directories_clear(&found);
}

static void borrow(const char *dir, const char *text)
{
	tap_write_file(place_path(
			   tap_format("%s/objects/info/alternates", dir)),
	    text, strlen(text));
}

static void make(const char *dir)
{
	place_says("", "git init -q --bare '%s'", dir);
}

/* a borrows from b, that from c, and so on. */
static void check_chain(void)
{
	char name[2] = "a";

	make("a");
	for (; name[0] < 'i'; name[0]++) {
		char next[2] = { (char)(name[0] + 1), 0 };

		make(next);
		borrow(name, tap_format("../../%s/objects\n", next));
	}
	check_same("h", "one");
	check_same("f", "three deep");
	check_same("c", "six deep");
	check_same("b", "seven deep: too deep");
	borrow("i", "../../g/objects\n");
	check_same("g", "a circle");
	borrow("i", "../../i/objects\n");
	check_same("i", "itself");
	borrow("i",
	    tap_format("/nowhere\n%s\n../../h\n",
		place_path("b/objects/../objects//")));
	check_same("i", "one that is not there, and odd spelling");
	make("with odd name");
	borrow("i", "\"../../with\\040odd name/objects\"\n");
	check_same("i", "quotes");
	place_says("",
	    "ln -s a/objects link && mkdir far && mv i far/ && "
	    "ln -s far/i i");
	borrow("i", "../../../a/objects\n");
	check_same("i", "relative to where a symlink leads");
}

static void check_change(void)
{
	irmin__git_directories found;
	irmin_error err;

	make("x");
	found = directories_of("x");
	is_rc(irmin__git_directories_check(irmin__os_posix(), &found, &err),
	    IRMIN_OK, "nothing has changed");
	borrow("x", "/nowhere\n");
	is_rc(irmin__git_directories_check(irmin__os_posix(), &found, &err),
	    IRMIN_ABSENT, "a file was made");
	irmin__git_directories_clear(&found);
	found = directories_of("x");
	borrow("x", "/nowhere/either\n");
	is_rc(irmin__git_directories_check(irmin__os_posix(), &found, &err),
	    IRMIN_ABSENT, "a file was changed");
	irmin__git_directories_clear(&found);
}

static irmin_rc find_all(void *arg, irmin_error *err)
{
	irmin__git_directories found = { NULL, 0, 0 };
	irmin_rc rc = irmin__git_directories_find(irmin__os_posix(), arg,
	    &found, err);

	irmin__git_directories_clear(&found);
	return rc;
}

int main(void)
{
	place_begin();
	check_parser();
	check_chain();
	check_change();
	alloc_fault_sweep("finding them", find_all,
	    (void *)place_path("c/objects"));
	return done_testing();
}
