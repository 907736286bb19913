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
	snprintf(told->all + len, sizeof told->all - len, "%s: %s; ",
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
	check_damage(format,
	    "rm objects/info/commit-graph && git rev-parse refs/heads/1 | "
	    "git commit-graph write --stdin-commits --split=no-merge && "
	    "git commit-graph write --reachable --split=no-merge && "
	    "cd objects/info/commit-graphs && chmod u+w * && "
	    "printf zz | dd of=graph-$(head -1 commit-graph-chain).graph bs=1 "
	    "seek=1130 conv=notrunc 2>/dev/null",
	    "commit-graphs/graph-");
	place_says(dir,
	    "mkdir -p objects/ab && touch objects/ab/tmp_obj_x "
	    "objects/ab/whatever objects/pack/tmp_pack_y");
	check_told(dir, 0, 3, "objects/ab/whatever",
	    tap_format("%s, files left behind", format));
	place_says(dir, "echo ../../nowhere/objects > objects/info/alternates");
	check_told(dir, 0, 4, "/nowhere/objects",
	    tap_format("%s, an alternate that is gone", format));
}

/* ---- refs ---- */

static int count_ref(void *arg, const char *name, const irmin_ref_value *value)
{
	unsigned *count = arg;

	(void)value;
	ok(strcmp(name, "refs/heads/broken") != 0 &&
		strcmp(name, "refs/heads/empty") != 0,
	    "%s is not broken", name);
	(*count)++;
	return 0;
}

static void check_refs(uint32_t flags, irmin_rc wanted, unsigned count,
    unsigned faults, const char *what)
{
	irmin_backend *backend = place_open("refs", flags);
	struct told told = { 0, 0, "" };
	unsigned listed = 0;
	irmin_error err;

	is_rc(backend->refs->cls->each(backend->refs, NULL, "refs/heads/",
		  count_ref, &listed, &err),
	    wanted, "%s: each", what);
	ok(wanted == IRMIN_OK || err.where[0] == '/', "%s: where: %s", what,
	    err.where);
	is_int(listed, count, "%s: the others are told", what);
	succeeds(backend->refs->cls->verify(backend->refs, NULL, note, &told,
		     &err),
	    &err, "%s: verify", what);
	is_int(told.corrupt, faults, "%s: faults: %s", what, told.all);
	place_close(backend);
}

/* One that is broken does not hide the others, nor is its place in packed-refs
 * taken for it. */
static void check_broken_refs(void)
{
	place_says("", "git init -q --bare refs");
	place_says("refs",
	    "c=$(git -c user.name=a -c user.email=b commit-tree -m x "
	    "$(git mktree < /dev/null)) && for r in a broken z; do "
	    "git update-ref refs/heads/$r $c; done && git pack-refs --all && "
	    "git update-ref refs/heads/b $c && git update-ref -d refs/heads/z");

	place_says("refs",
	    "echo bad > refs/heads/broken && : > refs/heads/empty");
	check_refs(0, IRMIN_ECORRUPT, 2, 2, "two are broken");
	check_refs(IRMIN_OPEN_READ_ONLY, IRMIN_OK, 2, 2, "opened read-only");
	place_says("refs", "echo bad > packed-refs");
	check_refs(0, IRMIN_ECORRUPT, 1, 3, "packed-refs is broken");
}

int main(void)
{
	place_begin();
	check_format("sha1");
	check_format("sha256");
	check_broken_refs();
	return done_testing();
}
