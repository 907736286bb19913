/* What lies around the objects: every kind of damage is told with its file, and
 * what is whole says nothing. */
#include "tests/unit/backend-git/git-place.h"

#include <stdio.h>
#include <string.h>

struct told {
	unsigned corrupt, warnings;
	char all[4000];
};

static int note(void *arg, const irmin_fault *fault)
{
	struct told *told = arg;
	size_t len = strlen(told->all);

	told->corrupt += fault->kind == IRMIN_FAULT_CORRUPT;
	told->warnings += fault->kind == IRMIN_FAULT_WARNING;
	snprintf(told->all + len, sizeof told->all - len, "%s: %s\n",
	    fault->where, fault->text);
	return 0;
}

static struct told verify(const char *dir, const char *what)
{
	irmin_backend *backend = place_open(dir, IRMIN_OPEN_READ_ONLY);
	struct told told = { 0, 0, "" };
	irmin_error err;

	succeeds(backend->objects->cls->verify(backend->objects, NULL, note,
		     &told, &err),
	    &err, "%s: verify", what);
	place_close(backend);
	return told;
}

static void check_good(const char *dir, const char *what)
{
	struct told told = verify(dir, what);

	is_str(told.all, "", "%s: nothing is wrong", what);
}

static void check_told(const char *dir, unsigned corrupt, unsigned warnings,
    const char *where, const char *what)
{
	struct told told = verify(dir, what);

	is_int(told.corrupt, corrupt, "%s: what is corrupt", what);
	is_int(told.warnings, warnings, "%s: what is odd", what);
	ok(strstr(told.all, where) != NULL, "%s: where: %s", what, told.all);
}

/* Damages a file of a fresh copy of "good-FORMAT". */
static void check_damage(const char *format, const char *command,
    const char *where)
{
	const char *dir = tap_format("bad-%s", format);

	place_says("", "rm -rf %s && cp -r good-%s %s", dir, format, dir);
	place_says(dir, "chmod -R u+w objects && %s", command);
	check_told(dir, 1, 0, where,
	    tap_format("%s, after '%s'", format, command));
}

static void check_format(const char *format)
{
	const char *dir = tap_format("good-%s", format);

	place_says("", "git init -q --bare -b main --object-format=%s %s",
	    format, dir);
	check_good(dir, tap_format("%s, empty", format));
	place_says(dir,
	    "for i in 1 2 3; do "
	    "c=$(git -c user.name=a -c user.email=b commit-tree -m $i "
	    "$(git mktree < /dev/null)) && git update-ref refs/heads/$i $c; "
	    "git repack -dq; done; "
	    "seq 1000 | git hash-object -w --stdin; "
	    "git multi-pack-index write && "
	    "git commit-graph write --reachable");
	check_good(dir, tap_format("%s, with everything", format));
	check_damage(format, "echo x >> $(ls objects/pack/*.pack | head -1)",
	    ".pack");
	check_damage(format,
	    "printf zzzz | dd of=$(ls objects/pack/*.pack | head -1) bs=1 "
	    "seek=20 conv=notrunc 2>/dev/null",
	    ".pack");
	check_damage(format,
	    "f=$(ls objects/pack/*.idx | head -1); "
	    "printf zzzz | dd of=$f bs=1 seek=1040 conv=notrunc 2>/dev/null",
	    ".idx");
	check_damage(format, ": > $(ls objects/pack/*.idx | head -1)", ".idx");
	check_damage(format,
	    "printf zz | dd of=objects/pack/multi-pack-index bs=1 seek=1200 "
	    "conv=notrunc 2>/dev/null",
	    "multi-pack-index");
	check_damage(format, ": > objects/pack/multi-pack-index",
	    "multi-pack-index");
	check_damage(format,
	    "printf zzzz | dd of=objects/info/commit-graph bs=1 seek=1200 "
	    "conv=notrunc 2>/dev/null",
	    "commit-graph");
	check_damage(format, ": > objects/info/commit-graph", "commit-graph");
	place_says(dir,
	    "mkdir -p objects/ab && touch objects/ab/tmp_obj_x "
	    "objects/ab/whatever objects/pack/tmp_pack_y");
	check_told(dir, 0, 3, "objects/ab/whatever",
	    tap_format("%s, files left behind", format));
}

int main(void)
{
	place_begin();
	check_format("sha1");
	check_format("sha256");
	return done_testing();
}
