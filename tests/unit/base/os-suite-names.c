/* Cases of the os suite: names. */
#include "tests/unit/base/os-suite-place.h"

#include <string.h>

#include "tests/support/tap.h"

static void test_stat(struct place *place)
{
	irmin__os_stat stat;
	irmin__file *file;

	make(place, "a", "four");
	make_dir(place, "d");
	is_int(stat_of(place, "a").kind, IRMIN__OS_FILE, "a file");
	is_int(stat_of(place, "a").bytes, 4, "its length");
	is_int(stat_of(place, "d").kind, IRMIN__OS_DIRECTORY, "a directory");
	ok(stat_of(place, "a").inode != stat_of(place, "d").inode,
	    "each has its inode");
	is_int(stat_of(place, "a").device, stat_of(place, "d").device,
	    "on one device");
	is_rc(irmin__os_stat_path(place->os, at(place, "none"), 1, &stat,
		  &place->err),
	    IRMIN_ABSENT, "stat what is not there");
	is_int(stat.kind, IRMIN__OS_NONE, "nothing");
	is_rc(irmin__os_stat_path(place->os, at(place, "a/b"), 1, &stat,
		  &place->err),
	    IRMIN_ABSENT, "stat below a file");
	irmin__os_open(place->os, at(place, "a"), IRMIN__OS_READ, 0, &file,
	    &place->err);
	is_rc(irmin__os_stat_file(file, &stat, &place->err), IRMIN_OK,
	    "stat an open file");
	is_int(stat.inode, stat_of(place, "a").inode, "it is the same");
	irmin__os_close(file);
	is_rc(irmin__os_stat_path(place->os, at(place, "d/../a"), 0, &stat,
		  &place->err),
	    IRMIN_OK, "dots in a path");
	is_int(stat.inode, stat_of(place, "a").inode, "are steps");
	is_rc(irmin__os_stat_path(place->os, at(place, "d//./"), 0, &stat,
		  &place->err),
	    IRMIN_OK, "slashes and single dots");
	is_int(stat.inode, stat_of(place, "d").inode, "are none");
}

static void test_mode(struct place *place)
{
	irmin__file *file;

	irmin__os_open(place->os, at(place, "a"), WRITE_NEW, 0600, &file,
	    &place->err);
	is_int(stat_of(place, "a").mode, 0600, "mode of a new file");
	is_rc(irmin__os_chmod(file, 0444, &place->err), IRMIN_OK, "chmod");
	is_int(stat_of(place, "a").mode, 0444, "its new mode");
	is_rc(irmin__os_write(file, irmin_text("x"), &place->err), IRMIN_OK,
	    "write to what is open, though read-only now");
	irmin__os_close(file);
	irmin__os_mkdir(place->os, at(place, "d"), 0700, &place->err);
	is_int(stat_of(place, "d").mode, 0700, "mode of a new directory");
	is_rc(irmin__os_chmod_path(place->os, at(place, "d"), 02770,
		  &place->err),
	    IRMIN_OK, "chmod by name");
	is_int(stat_of(place, "d").mode, 02770, "with the set-group bit");
	refuses(place,
	    irmin__os_chmod_path(place->os, at(place, "none"), 0700,
		&place->err),
	    IRMIN_EMISSING, "none", "chmod of nothing");
}

static void test_lock(struct place *place)
{
	irmin__file *first, *second;

	irmin__os_open(place->os, at(place, "a"), WRITE_NEW, 01600, &first,
	    &place->err);
	is_int(stat_of(place, "a").mode, 01600, "a file with the sticky bit");
	irmin__os_open(place->os, at(place, "a"), IRMIN__OS_READ, 0, &second,
	    &place->err);
	is_rc(irmin__os_lock(first, &place->err), IRMIN_OK, "lock a file");
	is_rc(irmin__os_lock(first, &place->err), IRMIN_OK, "and once more");
	refuses(place, irmin__os_lock(second, &place->err), IRMIN_ELOCKED, "a",
	    "another open file is refused");
	irmin__os_close(first);
	is_rc(irmin__os_lock(second, &place->err), IRMIN_OK,
	    "until the first is closed");
	irmin__os_close(second);
}

static void test_touch(struct place *place)
{
	int64_t before;

	make(place, "a", "x");
	before = stat_of(place, "a").modified_us;
	irmin__os_sleep_us(place->os, 20000);
	is_rc(irmin__os_touch(place->os, at(place, "a"), &place->err), IRMIN_OK,
	    "touch");
	ok(stat_of(place, "a").modified_us >= before + 10000,
	    "it was modified later");
	is_rc(irmin__os_touch(place->os, at(place, "none"), &place->err),
	    IRMIN_ABSENT, "touch nothing");
	holds(place, "none", NULL);
}

static irmin_rc move(struct place *place, const char *from, const char *to)
{
	return irmin__os_rename(place->os, at(place, from), at(place, to),
	    &place->err);
}

static void test_rename(struct place *place)
{
	make(place, "a", "a");
	make(place, "b", "b");
	is_rc(move(place, "a", "b"), IRMIN_OK, "rename over a file");
	holds(place, "a", NULL);
	holds(place, "b", "a");
	make_dir(place, "d");
	is_rc(move(place, "b", "d/c"), IRMIN_OK, "into a directory");
	holds(place, "d/c", "a");
	refuses(place, move(place, "none", "x"), IRMIN_EMISSING, "x",
	    "rename nothing");
	ok(strstr(place->err.text, "none"), "both names are told");
	refuses(place, move(place, "d/c", "none/x"), IRMIN_EMISSING, "none/x",
	    "rename to nowhere");
	holds(place, "d/c", "a");
	is_rc(move(place, "d/c", "d/c"), IRMIN_OK, "rename to itself");
	holds(place, "d/c", "a");
	make(place, "f", "f");
	refuses(place, move(place, "f", "d"), IRMIN_EIO, "d",
	    "a file over a directory");
	refuses(place, move(place, "d", "f"), IRMIN_EMISSING, "f",
	    "a directory over a file");
	is_rc(irmin__os_link(place->os, at(place, "f"), at(place, "g"),
		  &place->err),
	    IRMIN_OK, "link");
	is_rc(move(place, "f", "g"), IRMIN_OK, "over a name of the same file");
	holds(place, "f", "f");
	holds(place, "g", "f");
}

static void test_rename_directory(struct place *place)
{
	make_dir(place, "d");
	make(place, "d/a", "a");
	make_dir(place, "e");
	is_rc(move(place, "d", "e"), IRMIN_OK, "over an empty directory");
	holds(place, "e/a", "a");
	holds(place, "d/a", NULL);
	make_dir(place, "d");
	refuses(place, move(place, "d", "e"), IRMIN_EEXIST, "e",
	    "over one that is not empty");
	refuses(place, move(place, "e", "e/below"), IRMIN_EIO, "e/below",
	    "below itself");
	is_rc(move(place, "e", "d/e"), IRMIN_OK, "into another");
	holds(place, "d/e/a", "a");
	holds(place, "d/e/../../d/e/a", "a");
}

static void test_link(struct place *place)
{
	make(place, "a", "a");
	is_rc(irmin__os_link(place->os, at(place, "a"), at(place, "b"),
		  &place->err),
	    IRMIN_OK, "link");
	is_int(stat_of(place, "a").inode, stat_of(place, "b").inode,
	    "two names of one file");
	put(place, "a", IRMIN__OS_WRITE, "z");
	holds(place, "b", "z");
	is_rc(irmin__os_unlink(place->os, at(place, "a"), &place->err),
	    IRMIN_OK, "unlink one");
	holds(place, "a", NULL);
	holds(place, "b", "z");
	make(place, "c", "c");
	refuses(place,
	    irmin__os_link(place->os, at(place, "b"), at(place, "c"),
		&place->err),
	    IRMIN_EEXIST, "c", "link over a file");
	holds(place, "c", "c");
	refuses(place,
	    irmin__os_link(place->os, at(place, "none"), at(place, "x"),
		&place->err),
	    IRMIN_EMISSING, "x", "link nothing");
	make_dir(place, "d");
	refuses(place,
	    irmin__os_link(place->os, at(place, "d"), at(place, "x"),
		&place->err),
	    IRMIN_ENOTSUP, "x", "link a directory");
}

static void test_unlink(struct place *place)
{
	make(place, "a", "a");
	make_dir(place, "d");
	is_rc(irmin__os_unlink(place->os, at(place, "a"), &place->err),
	    IRMIN_OK, "unlink");
	is_rc(irmin__os_unlink(place->os, at(place, "a"), &place->err),
	    IRMIN_ABSENT, "unlink again");
	is_rc(irmin__os_unlink(place->os, at(place, "x/y"), &place->err),
	    IRMIN_ABSENT, "unlink below nothing");
	refuses(place, irmin__os_unlink(place->os, at(place, "d"), &place->err),
	    IRMIN_EIO, "d", "unlink a directory");
	is_int(stat_of(place, "d").kind, IRMIN__OS_DIRECTORY, "it stays");
}

static void test_directories(struct place *place)
{
	irmin__os *os = place->os;
	irmin_error *err = &place->err;

	is_rc(irmin__os_mkdir(os, at(place, "d"), 0755, err), IRMIN_OK,
	    "mkdir");
	is_rc(irmin__os_mkdir(os, at(place, "d"), 0755, err), IRMIN_ALREADY,
	    "mkdir again");
	make(place, "a", "a");
	refuses(place, irmin__os_mkdir(os, at(place, "a"), 0755, err),
	    IRMIN_EEXIST, "a", "mkdir where a file is");
	refuses(place, irmin__os_mkdir(os, at(place, "x/y"), 0755, err),
	    IRMIN_EMISSING, "x/y", "mkdir below nothing");
	make(place, "d/a", "a");
	refuses(place, irmin__os_rmdir(os, at(place, "d"), err), IRMIN_EEXIST,
	    "d", "rmdir with something in it");
	irmin__os_unlink(os, at(place, "d/a"), err);
	is_rc(irmin__os_rmdir(os, at(place, "d"), err), IRMIN_OK, "rmdir");
	is_rc(irmin__os_rmdir(os, at(place, "d"), err), IRMIN_ABSENT,
	    "rmdir again");
	is_rc(irmin__os_rmdir(os, at(place, "a"), err), IRMIN_ABSENT,
	    "rmdir of a file");
	holds(place, "a", "a");
}

/* What a directory's list told: a bit for each of the names "a" to "z". */
struct names {
	uint32_t seen;
	int wrong; /* seen twice, of unknown name, or of the wrong kind */
	int answer;
	struct place *remove_in;
};

/* Directories are those called "d". */
static int note_name(void *arg, const char *name, irmin__os_kind kind)
{
	struct names *names = arg;
	uint32_t bit = (uint32_t)1 << (name[0] - 'a');
	irmin__os_kind want = name[0] == 'd' ? IRMIN__OS_DIRECTORY
					     : IRMIN__OS_FILE;

	if (name[0] < 'a' || name[0] > 'z' || name[1] || (names->seen & bit) ||
	    (kind != want && kind != IRMIN__OS_NONE))
		names->wrong++;
	names->seen |= bit;
	if (names->remove_in)
		irmin__os_unlink(names->remove_in->os,
		    at(names->remove_in, name), &names->remove_in->err);
	return names->answer;
}

static irmin_rc list(struct place *place, const char *name, struct names *names)
{
	return irmin__os_each(place->os, at(place, name), note_name, names,
	    &place->err);
}

static void test_each(struct place *place)
{
	struct names all = { 0 }, stopped = { 0 }, none = { 0 };

	make(place, "a", "");
	make(place, "c", "");
	make_dir(place, "d");
	is_rc(list(place, ".", &all), IRMIN_OK, "each");
	is_int(all.seen, 1 | 4 | 8, "all names");
	is_int(all.wrong, 0, "and nothing else");
	stopped.answer = 1234;
	is_rc(list(place, ".", &stopped), 1234, "an answer is passed through");
	is_int(stopped.seen & (stopped.seen - 1), 0, "at the first name");
	is_rc(list(place, "d", &none), IRMIN_OK, "each of an empty directory");
	is_rc(list(place, "none", &none), IRMIN_ABSENT, "each of nothing");
	is_rc(list(place, "a", &none), IRMIN_ABSENT, "each of a file");
	is_int(none.seen, 0, "told nothing");
}

static void test_each_removes(struct place *place)
{
	struct names names = { .remove_in = place }, left = { 0 };

	make(place, "a", "");
	make(place, "b", "");
	make(place, "c", "");
	is_rc(list(place, ".", &names), IRMIN_OK, "remove while listing");
	is_int(names.seen, 7, "all were told");
	is_rc(list(place, ".", &left), IRMIN_OK, "list again");
	is_int(left.seen, 0, "all are gone");
}

static void test_readlink(struct place *place)
{
	irmin_buf target = IRMIN_BUF_INIT;

	make(place, "a", "a");
	is_rc(irmin__os_readlink(place->os, at(place, "a"), &target,
		  &place->err),
	    IRMIN_ABSENT, "a file is no link");
	is_rc(irmin__os_readlink(place->os, at(place, "none"), &target,
		  &place->err),
	    IRMIN_ABSENT, "nor is nothing");
	is_int(target.len, 0, "the output is empty");
	irmin_buf_clear(&target);
}

static void resolves(struct place *place, const char *path, const char *want)
{
	irmin_buf out = IRMIN_BUF_INIT;

	is_rc(irmin__os_absolute(place->os, path, &out, &place->err), IRMIN_OK,
	    "absolute %s", path);
	is_str((char *)out.data, want, "it is %s", want);
	irmin_buf_clear(&out);
}

/* `dir` is absolute and has no symlink in it. */
static void test_absolute(struct place *place)
{
	make_dir(place, "d");
	make(place, "d/a", "a");
	resolves(place, "/", "/");
	resolves(place, "/..", "/");
	resolves(place, place->dir, place->dir);
	resolves(place, at(place, "d/a"), at(place, "d/a"));
	resolves(place, at(place, "d//./a"), at(place, "d/a"));
	resolves(place, at(place, "d/../d/"), at(place, "d"));
	resolves(place, at(place, "none"), at(place, "none"));
	resolves(place, at(place, "d/x/y/"), at(place, "d/x/y"));
	resolves(place, at(place, "x/./../y"), at(place, "y"));
	resolves(place, at(place, "x/../../absolute/d"), at(place, "d"));
	resolves(place, at(place, "d/a/b"), at(place, "d/a/b"));
}

const struct os_case os_name_cases[] = {
	{ "stat", test_stat },
	{ "mode", test_mode },
	{ "lock", test_lock },
	{ "touch", test_touch },
	{ "rename", test_rename },
	{ "rename-directory", test_rename_directory },
	{ "link", test_link },
	{ "unlink", test_unlink },
	{ "directories", test_directories },
	{ "each", test_each },
	{ "each-removes", test_each_removes },
	{ "readlink", test_readlink },
	{ "absolute", test_absolute },
	{ NULL, NULL },
};
