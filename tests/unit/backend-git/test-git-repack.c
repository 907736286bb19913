/* All objects into one pack: what git finds before, git finds after. */
#include "tests/unit/backend-git/git-place.h"

#include <stdlib.h>
#include <string.h>

static irmin_rc pack(irmin_backend *backend, irmin_error *err)
{
	return backend->objects->cls->pack(backend->objects, NULL, NULL, NULL,
	    err);
}

/* Versions of files in several packs, of both kinds of deltas, and loose. */
static void make(const char *name, const char *format)
{
	place_says("",
	    "git init -q --object-format=%s -b main %s && cd %s &&"
	    "git config user.name n && git config user.email e@x && mkdir d &&"
	    "seq 1 2000 >d/numbers && seq 1 300 >text && : >empty &&"
	    "for i in $(seq 1 40); do echo $i >d/f$i; done",
	    format, name, name);
	place_says(name,
	    "commit() { git add -A && git commit -q -m \"$1\"; };"
	    "change() { for i in 1 2 3 4 5; do echo $1 $i >>d/numbers;"
	    "  sed -i \"${i}s/$/ $1/\" text; echo $1 >d/f$i; commit $1$i; done; };"
	    "commit first; change a; git repack -q -d; change b;"
	    "git -c repack.useDeltaBaseOffset=false repack -q -d;"
	    "git tag -m t tag; git branch side; change c; git checkout -q side;"
	    "change e; git merge -q -X ours -m merge main;"
	    "echo unreachable | git hash-object -w --stdin >/dev/null");
}

static const char *all_objects(const char *name)
{
	return place_says(name,
	    "git cat-file --batch-all-objects --batch-check | sort");
}

static const char *counts(const char *name)
{
	return place_says(name,
	    "git count-objects -v | grep -E '^(count|packs|garbage):' | "
	    "tr '\\n' ' '");
}

static void check_packed(const char *name, const char *before)
{
	place_says(name, "git fsck --strict --full 2>&1");
	place_says(name, "git verify-pack .git/objects/pack/*.idx");
	place_says(name, "git commit-graph verify 2>&1");
	is_str(all_objects(name), before, "%s: the same objects", name);
	is_str(place_says(name,
		   "git log --format=%%H --all --date-order | wc -l"),
	    place_says(name,
		"git -c core.commitGraph=false log --format=%%H --all "
		"--date-order | wc -l"),
	    "%s: the same history", name);
	is_str(place_says(name, "find .git -name 'tmp_*' -o -name '*.lock'"),
	    "", "%s: nothing is left", name);
}

static void check_all(const char *format)
{
	const char *name = tap_format("all-%s", format);
	irmin_backend *backend;
	const char *before;
	irmin_error err;

	make(name, format);
	before = all_objects(name);
	backend = place_open(name, 0);
	succeeds(pack(backend, &err), &err, "%s: packed", format);
	is_str(counts(name), "count: 0 packs: 1 garbage: 0 ", "%s", format);
	check_packed(name, before);
	is_rc(pack(backend, &err), IRMIN_UNCHANGED, "%s: once more", format);
	ok(atoi(place_says(name, "du -k .git/objects/pack | cut -f 1")) < 100,
	    "%s: deltas are kept, and made", format);
	place_close(backend);
}

/* A pack to be kept stays, beside a multi-pack index of both. */
static void check_kept(void)
{
	irmin_backend *backend;
	const char *before;
	irmin_error err;

	make("kept", "sha1");
	place_says("kept",
	    "git multi-pack-index write &&"
	    "f=$(ls .git/objects/pack/*.pack | head -n 1) &&"
	    "touch ${f%%.pack}.keep");
	before = all_objects("kept");
	backend = place_open("kept", 0);
	succeeds(pack(backend, &err), &err, "packed beside a kept pack");
	is_str(counts("kept"), "count: 0 packs: 2 garbage: 0 ", "two packs");
	place_says("kept", "git multi-pack-index verify");
	check_packed("kept", before);
	place_says("kept", "rm .git/objects/pack/*.keep");
	succeeds(pack(backend, &err), &err, "no longer kept");
	is_str(counts("kept"), "count: 0 packs: 1 garbage: 0 ", "one pack");
	is_str(place_says("kept", "ls .git/objects/pack | grep multi; true"),
	    "", "that needs no multi-pack index");
	check_packed("kept", before);
	place_close(backend);
}

/* One broken entry: nothing changes. */
static void check_broken(void)
{
	irmin_backend *backend;
	const char *before;
	irmin_error err;

	make("broken", "sha1");
	place_says("broken",
	    "f=$(ls -S .git/objects/pack/*.pack | head -n 1) && chmod 644 $f &&"
	    "printf XX | dd of=$f bs=1 seek=2000 conv=notrunc 2>/dev/null");
	before = place_says("broken", "find .git/objects -type f | sort");
	backend = place_open("broken", 0);
	fails(pack(backend, &err), IRMIN_ECORRUPT, &err, "a broken entry");
	ok(strstr(err.where, ".pack") != NULL, "the error names the pack");
	is_str(place_says("broken", "find .git/objects -type f | sort"), before,
	    "nothing changed");
	place_close(backend);
}

static int cancel(void *arg, const char *stage, uint64_t done, uint64_t total)
{
	(void)stage;
	(void)total;
	*(uint64_t *)arg = done;
	return done > 100 ? IRMIN_EUSER : IRMIN_OK;
}

static void check_refused(void)
{
	irmin_backend *backend;
	uint64_t done = 0;
	irmin_error err;

	make("refused", "sha1");
	backend = place_open("refused", 0);
	is_rc(backend->objects->cls->pack(backend->objects, NULL, cancel, &done,
		  &err),
	    IRMIN_EUSER, "stopped by the progress");
	ok(done > 100, "after a while");
	is_str(place_says("refused", "find .git -name 'tmp_*'"), "",
	    "nothing is left");
	place_close(backend);
	backend = place_open("refused", IRMIN_OPEN_READ_ONLY);
	fails(pack(backend, &err), IRMIN_EREADONLY, &err, "read-only");
	place_close(backend);
	place_says("refused",
	    "git config core.repositoryFormatVersion 1 &&"
	    "git config extensions.preciousObjects true");
	backend = place_open("refused", 0);
	fails(pack(backend, &err), IRMIN_ENOTSUP, &err, "precious objects");
	place_close(backend);
}

static void check_odd(void)
{
	irmin_backend *backend;
	irmin_error err;

	place_says("", "git init -q --bare nothing");
	backend = place_open("nothing", 0);
	is_rc(pack(backend, &err), IRMIN_UNCHANGED, "an empty repository");
	place_close(backend);
	make("whole", "sha1");
	place_says("",
	    "git clone -q --bare --depth 2 file://$PWD/whole shallow");
	backend = place_open("shallow", 0);
	succeeds(pack(backend, &err), &err, "a shallow repository");
	place_says("shallow", "git fsck --strict --full 2>&1");
	ok(!strlen(place_says("shallow", "find . -name commit-graph")),
	    "gets no commit-graph");
	place_close(backend);
	place_says("",
	    "git clone -q -s whole borrower && cd borrower && echo x >x &&"
	    "git add x && git -c user.name=n -c user.email=e commit -q -m x");
	backend = place_open("borrower", 0);
	succeeds(pack(backend, &err), &err, "a borrower");
	is_str(place_says("borrower", "git count-objects -v | grep in-pack"),
	    "in-pack: 3", "what is borrowed stays where it is");
	place_says("borrower", "git fsck --strict --full 2>&1");
	place_says("borrower", "git commit-graph verify 2>&1");
	place_close(backend);
}

int main(void)
{
	place_begin();
	check_all("sha1");
	check_all("sha256");
	check_kept();
	check_broken();
	check_refused();
	check_odd();
	return done_testing();
}
