/* Copies, checked by git, by verify, and by what is in them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "lib/core/store/copy.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

static const char *sh(const char *dir, const char *command)
{
	struct tap_output said;
	const char *out;

	if (tap_run(&said, "cd %s && set -e; %s", dir, command) != 0)
		bail("%s: %s", command, said.err);
	out = tap_format("%s", said.out);
	tap_output_clear(&said);
	return out;
}

static const char *make(const char *format)
{
	static int count;
	const char *dir = tap_format("%s/c%d", tap_tmpdir(), count++);

	sh(tap_tmpdir(),
	    tap_format("git init -q -b main --object-format=%s %s", format,
		dir));
	sh(dir,
	    "git config user.name A; git config user.email a@b;"
	    "mkdir -p d/e; echo 1 > a; echo 2 > d/x; echo 3 > d/e/y; ln -s a l;"
	    "head -c 300000 /dev/zero > big; git add .; git commit -qm 1;"
	    "echo 4 > a; git commit -qam 2; git tag -am v1 v1;"
	    "git tag light HEAD:d/x; git branch side HEAD~1;"
	    "git symbolic-ref refs/heads/link refs/heads/side");
	return dir;
}

static irmin_repo *open_at(const char *dir, irmin_hash_algo create)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo;
	irmin_error err;

	options.hash = create;
	options.flags = create ? IRMIN_OPEN_CREATE : 0;
	if (irmin_repo_open(tap_format("git:%s", dir), &options, &repo, &err) <
	    0)
		bail("%s", err.text);
	return repo;
}

/* What git says is in a repository. */
static const char *contents(const char *dir)
{
	return sh(dir,
	    "git for-each-ref --format='%(refname) %(objectname) "
	    "%(symref)'; git symbolic-ref HEAD || git rev-parse "
	    "HEAD; git cat-file --batch-all-objects --batch-check");
}

static void copies(irmin_repo *from, irmin_repo *to, uint32_t flags,
    irmin_rc want, irmin_copied *copied, const char *name)
{
	irmin_copy_options options = IRMIN_COPY_OPTIONS_INIT;
	irmin_error err;

	options.flags = flags;
	irmin_error_clear(&err);
	is_rc(irmin_repo_copy(from, to, &options, copied, &err), want, "%s: %s",
	    name, err.text);
}

static void through_memory(const char *format, irmin_hash_algo hash)
{
	const char *dir = make(format), *copy = tap_format("%s-copy", dir);
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *from = open_at(dir, 0), *to = open_at(copy, hash), *memory;
	irmin_copied first, second, none;

	options.hash = hash;
	memory = room_open(&options);
	copies(from, memory, IRMIN_COPY_STRICT, IRMIN_OK, &first,
	    "git to memory");
	copies(memory, to, IRMIN_COPY_STRICT, IRMIN_OK, &second,
	    "memory to git");
	is_str(contents(copy), contents(dir), "%s: all is as it was", format);
	is_str(sh(copy, "git fsck --strict --full 2>&1"), "",
	    "git finds no fault");
	ok(first.objects == second.objects && first.bytes == second.bytes &&
		!first.present && first.refs == 5,
	    "%d objects of %d bytes, %d refs", (int)first.objects,
	    (int)first.bytes, (int)first.refs);
	copies(memory, to, 0, IRMIN_UNCHANGED, &none, "once more");
	ok(none.objects == 0 && none.present == first.objects && none.refs == 0,
	    "all is present");
	irmin_repo_close(memory);
	irmin_repo_close(from);
	irmin_repo_close(to);
}

/* Moves, new names in each other's way, and what goes. */
static void follows(const char *format, irmin_hash_algo hash)
{
	const char *dir = make(format), *copy = tap_format("%s-copy", dir);
	irmin_repo *from = open_at(dir, 0), *to = open_at(copy, hash);
	irmin_copied copied;

	copies(from, to, 0, IRMIN_OK, &copied, "first");
	sh(dir,
	    "echo 5 > a; git commit -qam 3; git tag -d v1 light; "
	    "git tag light/er; git branch -D link; git branch link; "
	    "git branch more; git checkout -q more");
	copies(from, to, 0, IRMIN_EEXIST, &copied, "names in the way");
	is_int(copied.objects, 3, "what is new was copied");
	copies(from, to, IRMIN_COPY_PRUNE, IRMIN_OK, &copied, "pruned");
	is_str(sh(copy, "git for-each-ref; git symbolic-ref HEAD"),
	    sh(dir, "git for-each-ref; git symbolic-ref HEAD"),
	    "the refs are as there");
	ok(!copied.objects, "the objects had come before");
	sh(dir, "git checkout -q --detach main~1");
	copies(from, to, 0, IRMIN_OK, &copied, "a detached HEAD");
	is_int(copied.refs, 1, "... is one ref");
	is_str(sh(copy, "cat HEAD"), sh(dir, "cat .git/HEAD"), "... as there");
	sh(dir, "git checkout -q main");
	copies(from, to, IRMIN_COPY_PRUNE, IRMIN_OK, &copied, "and back");
	is_str(contents(copy),
	    sh(copy,
		"git for-each-ref "
		"--format='%(refname) %(objectname) "
		"%(symref)'; git symbolic-ref HEAD; "
		"git cat-file --batch-all-objects "
		"--batch-check"),
	    "HEAD is a link again");
	irmin_repo_close(from);
	irmin_repo_close(to);
}

/* ---- what is refused ---- */

static int count_fault(void *arg, const irmin_fault *fault)
{
	*(int *)arg += fault->kind == IRMIN_FAULT_FORMAT && fault->text[0];
	return 0;
}

static void refused(void)
{
	const char *dir = make("sha1"), *copy = tap_format("%s-copy", dir);
	irmin_copy_options options = IRMIN_COPY_OPTIONS_INIT;
	irmin_repo *from, *to = open_at(copy, IRMIN_HASH_SHA1), *other;
	irmin_open_options of_other = IRMIN_OPEN_OPTIONS_INIT;
	irmin_error err;
	int faults = 0;

	sh(dir,
	    "{ echo tree $(git rev-parse HEAD^{tree}); echo author A 1 "
	    "+0000; echo 'committer A <a@b> 1 +0000'; echo; echo x; } | "
	    "git hash-object --literally -t commit -w --stdin");
	from = open_at(dir, 0);
	of_other.hash = IRMIN_HASH_SHA256;
	other = room_open(&of_other);
	fails(irmin_repo_copy(from, other, NULL, NULL, &err), IRMIN_EINVAL,
	    &err, "another hash");
	fails(irmin_repo_copy(from, from, NULL, NULL, &err), IRMIN_EINVAL, &err,
	    "itself");
	irmin_repo_close(other);
	other = open_at(dir, 0);
	fails(irmin_repo_copy(from, other, NULL, NULL, &err), IRMIN_EINVAL,
	    &err, "itself, opened twice");
	irmin_repo_close(other);
	options.flags = 64;
	fails(irmin_repo_copy(from, to, &options, NULL, &err), IRMIN_EINVAL,
	    &err, "unknown flags");
	options.flags = IRMIN_COPY_STRICT;
	options.fault = count_fault;
	options.fault_arg = &faults;
	fails(irmin_repo_copy(from, to, &options, NULL, &err), IRMIN_EREFUSED,
	    &err, "what fsck objects to");
	is_int(faults, 1, "... and it is told");
	is_str(sh(copy, "git for-each-ref"), "", "no ref has moved");
	options.flags = 0;
	succeeds(irmin_repo_copy(from, to, &options, NULL, &err), &err,
	    "not strictly");
	is_int(faults, 2, "... it is told");
	irmin_repo_close(to);
	to = room_open(NULL);
	sh(dir,
	    "printf '[submodule \"a\"]\\n\\turl = -uhm\\n\\tpath = a\\n' > "
	    ".gitmodules; git add .gitmodules; git commit -qm m; rm -f "
	    ".git/objects/$(git hash-object --stdin </dev/null)");
	faults = 0;
	succeeds(irmin_repo_copy(from, to, &options, NULL, &err), &err,
	    "a submodule that runs a command");
	is_int(faults, 2, "... is told");
	irmin_repo_close(to);
	irmin_repo_close(from);
}

static void broken(void)
{
	const char *dir = make("sha1"), *copy = tap_format("%s-copy", dir);
	irmin_repo *from = open_at(dir, 0),
		   *to = open_at(copy, IRMIN_HASH_SHA1);
	const char *id = tap_format("%.40s", sh(dir, "git rev-parse HEAD:d/x"));
	irmin_error err;

	sh(dir,
	    "f() { echo .git/objects/$(git rev-parse $1 | sed "
	    "'s,^..,&/,'); }; cp -f $(f HEAD:a) $(f HEAD:d/x)");
	fails(irmin_repo_copy(from, to, NULL, NULL, &err), IRMIN_ECORRUPT, &err,
	    "an object with another's bytes");
	ok(strstr(err.text, id), "... is named: %s", err.text);
	is_str(sh(copy, "git for-each-ref"), "", "no ref has moved");
	irmin_repo_close(from);
	irmin_repo_close(to);
}

static void work_tree(void)
{
	const char *dir = make("sha1"), *other = make("sha1");
	irmin_repo *from = open_at(dir, 0), *to = open_at(other, 0);
	const char *before = sh(other, "git for-each-ref");
	irmin_error err;

	sh(dir, "echo 9 > a; git commit -qam 9");
	fails(irmin_repo_copy(from, to, NULL, NULL, &err), IRMIN_ECHECKEDOUT,
	    &err, "over a branch that is checked out");
	is_str(sh(other, "git for-each-ref"), before, "no ref has moved");
	sh(dir, "git reset -q --hard HEAD~1; git checkout -q side");
	fails(irmin_repo_copy(from, to, NULL, NULL, &err), IRMIN_ECHECKEDOUT,
	    &err, "over a HEAD that a work tree follows");
	is_str(sh(other, "git for-each-ref"), before, "no ref has moved");
	irmin_repo_close(from);
	irmin_repo_close(to);
}

/* ---- large objects, packs, shallow sources, and answers ---- */

static void large(void)
{
	const char *dir = make("sha1"), *copy = tap_format("%s-copy", dir);
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *from, *to = open_at(copy, IRMIN_HASH_SHA1);
	irmin_error err;

	options.max_value_bytes = options.max_tree_bytes = 100000;
	if (irmin_repo_open(dir, &options, &from, &err) < 0)
		bail("%s", err.text);
	succeeds(irmin_repo_copy(from, to, NULL, NULL, &err), &err,
	    "with an object above the limit");
	is_str(contents(copy), contents(dir), "all is as it was");
	irmin_repo_close(from);
	irmin_repo_close(to);
}

static void packed(void)
{
	const char *dir = make("sha1"), *copy = tap_format("%s-copy", dir);
	irmin_repo *from, *to = open_at(copy, IRMIN_HASH_SHA1);
	irmin_error err;

	sh(dir,
	    "for i in $(seq 40); do echo $i > a; git commit -qam $i; "
	    "done; git gc -q");
	from = open_at(dir, 0);
	succeeds(irmin_repo_copy(from, to, NULL, NULL, &err), &err,
	    "out of a pack with deltas");
	is_str(contents(copy), contents(dir), "all is as it was");
	is_str(sh(copy, "git fsck --strict --full 2>&1"), "",
	    "git finds no fault");
	irmin_repo_close(from);
	irmin_repo_close(to);
}

struct interruption {
	uint64_t after;
};

static int interrupt(void *arg, const char *stage, uint64_t done,
    uint64_t total)
{
	(void)stage;
	(void)total;
	return done > ((struct interruption *)arg)->after ? 5678 : 0;
}

/* A copy that was stopped behind its first batch goes on there. */
static void resumed(void)
{
	const char *dir = make("sha1"), *copy = tap_format("%s-copy", dir);
	irmin_copy_options options = IRMIN_COPY_OPTIONS_INIT;
	irmin_repo *from, *to = open_at(copy, IRMIN_HASH_SHA1);
	struct interruption after = { 700 };
	irmin_copied first, second;
	irmin_error err;

	sh(dir,
	    "seq 1000 1900 | sed 's/.*/blob\\ndata 4\\n&/' | "
	    "git fast-import --quiet");
	from = open_at(dir, 0);
	options.progress = interrupt;
	options.progress_arg = &after;
	is_rc(irmin__copy_in_batches(from, to, &options, 300, &first, &err),
	    5678, "a copy is stopped");
	is_str(sh(copy, "git for-each-ref"), "", "no ref has moved");
	succeeds(irmin_repo_copy(from, to, NULL, &second, &err), &err,
	    "and begins again");
	ok(second.present >= 600 && second.objects > 0,
	    "%d were there, %d came", (int)second.present, (int)second.objects);
	is_str(contents(copy), contents(dir), "all is as it was");
	irmin_repo_close(from);
	irmin_repo_close(to);
}

static void cut_off(void)
{
	const char *dir = make("sha1"), *part = tap_format("%s-part", dir);
	irmin_repo *from, *to = room_open(NULL), *whole;
	irmin_error err;

	sh(tap_tmpdir(),
	    tap_format("git clone -q --depth 1 file://%s %s", dir, part));
	from = open_at(part, 0);
	fails(irmin_repo_copy(from, to, NULL, NULL, &err), IRMIN_ETRUNCATED,
	    &err, "a shallow clone");
	whole = open_at(dir, 0);
	succeeds(irmin_repo_copy(whole, to, NULL, NULL, &err), &err,
	    "the whole of it");
	succeeds(irmin_repo_copy(from, to, NULL, NULL, &err), &err,
	    "and then the shallow clone, too");
	irmin_repo_close(whole);
	irmin_repo_close(from);
	irmin_repo_close(to);
}

static int stop_stage(void *arg, const char *stage, uint64_t done,
    uint64_t total)
{
	(void)done;
	(void)total;
	return strcmp(stage, arg) == 0 ? 3456 : 0;
}

static int stop_fault(void *arg, const irmin_fault *fault)
{
	(void)arg;
	(void)fault;
	return 4567;
}

static void answers(void)
{
	static const char *const stages[] = { "copying objects",
		"copying refs" };
	irmin_copy_options options = IRMIN_COPY_OPTIONS_INIT;
	irmin_repo *from, *to = room_open(NULL);
	const char *dir = make("sha1");
	irmin_error err;
	size_t i;

	sh(dir,
	    "{ printf '100644 .git\\0'; git rev-parse HEAD:a | xxd -r -p; "
	    "} | git hash-object --literally -t tree -w --stdin");
	from = open_at(dir, 0);
	options.progress = stop_stage;
	for (i = 0; i < 2; i++) {
		options.progress_arg = (void *)(uintptr_t)stages[i];
		is_rc(irmin_repo_copy(from, to, &options, NULL, &err), 3456,
		    "who is told of %s can stop", stages[i]);
	}
	irmin_repo_close(to);
	to = room_open(NULL);
	options.progress = NULL;
	options.fault = stop_fault;
	is_rc(irmin_repo_copy(from, to, &options, NULL, &err), 4567,
	    "who is told of a fault can stop");
	options.fault = NULL;
	succeeds(irmin_repo_copy(from, to, &options, NULL, &err), &err,
	    "and then all of it");
	irmin_repo_close(to);
	irmin_repo_close(from);
}

static irmin_repo *swept;

static irmin_rc sweep_copy(void *arg, irmin_error *err)
{
	irmin_repo *to = NULL;
	irmin_rc rc = room_try_open(&to, err);

	(void)arg;
	if (rc >= 0)
		rc = irmin_repo_copy(swept, to, NULL, NULL, err);
	irmin_repo_close(to);
	return rc;
}

int main(void)
{
	through_memory("sha1", IRMIN_HASH_SHA1);
	through_memory("sha256", IRMIN_HASH_SHA256);
	follows("sha1", IRMIN_HASH_SHA1);
	follows("sha256", IRMIN_HASH_SHA256);
	refused();
	broken();
	work_tree();
	large();
	packed();
	resumed();
	cut_off();
	answers();
	swept = open_at(make("sha1"), 0);
	if (sweep_copy(NULL, NULL) < 0) /* what it keeps, it has then */
		bail("cannot copy");
	alloc_fault_sweep("a copy", sweep_copy, NULL);
	irmin_repo_close(swept);
	return done_testing();
}
