/* What is wrong with a repository, beside what git's fsck says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

/* ---- repositories ---- */

static const char *sh(const char *dir, const char *command)
{
	struct tap_output said;
	const char *out;

	if (tap_run(&said, "cd %s && set -e; %s", dir, command) != 0)
		bail("%s: %s", command, said.err);
	while (said.out_len && said.out[said.out_len - 1] == '\n')
		said.out[--said.out_len] = '\0';
	out = tap_format("%s", said.out);
	tap_output_clear(&said);
	return out;
}

static const char *make_first(const char *format)
{
	const char *dir = tap_format("%s/first-%s", tap_tmpdir(), format);

	sh(tap_tmpdir(),
	    tap_format("git init -q -b main --object-format=%s %s", format,
		dir));
	sh(dir,
	    "git config user.name A; git config user.email a@b;"
	    "mkdir -p d/e; echo 1 > a; echo 2 > d/x; echo 3 > d/e/y; ln -s a l;"
	    "git add .; git commit -qm 1; echo 4 > a; git commit -qam 2;"
	    "git tag -am v1 v1; git tag -am of-tag of-tag v1;"
	    "git tag light HEAD:d/x; git branch side HEAD~1;"
	    "git symbolic-ref refs/heads/link refs/heads/main");
	return dir;
}

/* A copy of one that is made once. */
static const char *make(const char *format)
{
	static const char *first[2];
	static int count;
	int which = strcmp(format, "sha1") != 0;
	const char *dir = tap_format("%s/v%d", tap_tmpdir(), count++);

	if (!first[which])
		first[which] = make_first(format);
	sh(tap_tmpdir(), tap_format("cp -a %s %s", first[which], dir));
	return dir;
}

/* ---- faults as text ---- */

struct told {
	char *lines;
	int bad; /* that are no warnings */
};

static int tell(void *arg, const irmin_fault *fault)
{
	static const char *const kinds[] = { "?", "corrupt", "missing",
		"format", "warning" };
	struct told *told = arg;
	char hex[IRMIN_OID_HEX_BYTES], *longer;

	if (fault->size != sizeof *fault || !fault->text || !*fault->text ||
	    !fault->where)
		bail("a fault that is not whole");
	told->bad += fault->kind != IRMIN_FAULT_WARNING;
	if (asprintf(&longer, "%s%s %s %s %s: %s\n",
		told->lines ? told->lines : "", kinds[fault->kind],
		irmin_object_type_name(fault->type),
		irmin_oid_hex(&fault->id, hex), fault->where, fault->text) < 0)
		bail("out of memory");
	free(told->lines);
	told->lines = longer;
	return 0;
}

static struct told verify(const char *dir)
{
	struct told told = { NULL, 0 };
	irmin_repo *repo;
	irmin_error err;

	if (irmin_repo_open(dir, NULL, &repo, &err) < 0)
		bail("%s", err.text);
	succeeds(irmin_repo_verify(repo, tell, &told, NULL, NULL, &err), &err,
	    "a check ends well");
	irmin_repo_close(repo);
	if (!told.lines)
		told.lines = strdup("");
	return told;
}

static int git_objects(const char *dir)
{
	return tap_run(NULL,
		   "cd %s && git fsck --strict --full --no-dangling "
		   ">/dev/null 2>&1",
		   dir) != 0;
}

/* Damages a fresh repository with a command that prints an id or a name, and
 * looks for "KIND ... what was printed" among the faults. */
static void damaged(const char *format, const char *name, const char *kind,
    const char *command)
{
	const char *dir = make(format);
	const char *what = sh(dir, command);
	struct told told = verify(dir);
	char *line, *rest = told.lines;
	int found = 0;

	while ((line = strsep(&rest, "\n")))
		found |= strncmp(line, kind, strlen(kind)) == 0 &&
		    strstr(line, what);
	ok(found, "%s, %s: %s %s is told", format, name, kind, what);
	ok(git_objects(dir), "%s, %s: git objects too", format, name);
	free(told.lines);
}

static void sound(const char *dir, const char *name)
{
	struct told told = verify(dir);

	is_str(told.lines, "", "%s: there is nothing to tell", name);
	ok(!git_objects(dir), "%s: nor for git", name);
	free(told.lines);
}

/* Finds the file of an object: of $id. */
#define FILE_OF "f=.git/objects/$(echo $id | sed 's,^..,&/,'); "

static void check_missing(const char *format)
{
	static const struct {
		const char *name, *revision;
	} gone[] = { { "a blob", "HEAD:d/x" }, { "a tree", "HEAD:d" },
		{ "a root tree", "HEAD^{tree}" }, { "a parent", "HEAD~1" },
		{ "a branch's commit", "HEAD" }, { "a tag's tag", "v1" },
		{ "a symlink's target", "HEAD:l" } };
	size_t i;

	for (i = 0; i < sizeof gone / sizeof *gone; i++)
		damaged(format, gone[i].name, "missing",
		    tap_format("id=$(git rev-parse %s); " FILE_OF
			       "rm -f $f; echo $id",
			gone[i].revision));
}

static void check_corrupt(const char *format)
{
	damaged(format, "garbage", "corrupt",
	    "id=$(git rev-parse HEAD:a); " FILE_OF
	    "chmod u+w $f; echo no zlib > $f; echo $id");
	damaged(format, "an empty file", "corrupt",
	    "id=$(git rev-parse HEAD:d); " FILE_OF
	    "chmod u+w $f; : > $f; echo $id");
	damaged(format, "a file cut short", "corrupt",
	    "id=$(git rev-parse HEAD); " FILE_OF
	    "chmod u+w $f; truncate -s -9 $f; echo $id");
	damaged(format, "another's bytes", "corrupt",
	    "id=$(git rev-parse HEAD:a); " FILE_OF "g=$f; "
	    "id=$(git rev-parse HEAD:d/x); " FILE_OF "cp -f $g $f; echo $id");
	damaged(format, "a blob in place of a tree", "corrupt",
	    "t=$(printf \"40000 s\\t\" >/dev/null; id=$(git rev-parse HEAD:a);"
	    " printf \"040000 tree $id\\ts\\n\" | git mktree --missing 2>/dev/"
	    "null || { printf '40000 s\\0'; printf $id | xxd -r -p; } | "
	    "git hash-object --literally -t tree -w --stdin);"
	    "git update-ref refs/tags/t $t; git rev-parse HEAD:a");
	damaged(format, "a tree in place of a commit", "corrupt",
	    "{ echo object $(git rev-parse HEAD:d); echo type commit; "
	    "echo tag x; echo 'tagger A <a@b> 1 +0000'; echo; echo x; } | "
	    "git hash-object --literally -t tag -w --stdin > t;"
	    "git update-ref refs/tags/x $(cat t); rm t; "
	    "git rev-parse HEAD:d");
	damaged(format, "a commit that is none", "corrupt",
	    "echo nothing | git hash-object --literally -t commit -w --stdin");
}

static void check_format(const char *format)
{
	damaged(format, "no e-mail", "format",
	    "{ echo tree $(git rev-parse HEAD^{tree}); echo author A 1 +0000; "
	    "echo 'committer A <a@b> 1 +0000'; echo; echo x; } | "
	    "git hash-object --literally -t commit -w --stdin");
	damaged(format, "a tree with .git", "format",
	    "{ printf '100644 .git\\0'; git rev-parse HEAD:a | xxd -r -p; } | "
	    "git hash-object --literally -t tree -w --stdin");
	damaged(format, "a tree out of order", "format",
	    "{ printf '100644 b\\0'; git rev-parse HEAD:a | xxd -r -p; "
	    "printf '100644 a\\0'; git rev-parse HEAD:a | xxd -r -p; } | "
	    "git hash-object --literally -t tree -w --stdin");
	damaged(format, "a mode with a zero", "format",
	    "{ printf '0100644 b\\0'; git rev-parse HEAD:a | xxd -r -p; } | "
	    "git hash-object --literally -t tree -w --stdin");
	damaged(format, "a submodule that runs a command", "format",
	    "printf '[submodule \"a\"]\\n\\turl = -uhm\\n\\tpath = a\\n' > "
	    ".gitmodules; git add .gitmodules; git commit -qm m; "
	    "git rev-parse HEAD:.gitmodules");
}

static void check_refs(const char *format)
{
	damaged(format, "a branch to nothing", "missing",
	    "id=$(echo no | git hash-object --stdin); "
	    "echo $id > .git/refs/heads/no; echo refs/heads/no");
	damaged(format, "a branch to a blob", "corrupt",
	    "git rev-parse HEAD:a > .git/refs/heads/no; echo refs/heads/no");
	damaged(format, "a ref that holds no id", "corrupt",
	    "echo garbage > .git/refs/heads/no; echo refs/heads/no");
	damaged(format, "a detached HEAD to nothing", "missing",
	    "id=$(echo no | git hash-object --stdin); "
	    "echo $id > .git/HEAD; echo HEAD");
}

/* Flips a bit of $f, $1 bytes before its end. */
#define FLIP                                                                     \
	"flip() { chmod u+w $f; n=$(($(stat -c %s $f) - $1)); "                  \
	"b=$(xxd -p -s $n -l 1 $f); b=$(printf %03o $((0x$b ^ 16))); "           \
	"printf \"\\\\$b\" | dd of=$f bs=1 seek=$n conv=notrunc 2>/dev/null; } " \
	"; "

/* A packed repository with all its files. */
#define PACKED                                                                 \
	"for i in $(seq 8); do echo $i >> d/x; git commit -qam $i; done; "     \
	"git gc -q; git multi-pack-index write; "                              \
	"git commit-graph write --reachable; " FLIP

static void check_packs(const char *format)
{
	damaged(format, "a pack with a flipped bit", "corrupt",
	    PACKED "f=$(ls .git/objects/pack/*.pack); flip 400; "
		   "rm -f .git/objects/pack/multi*; basename $f .pack");
	damaged(format, "a pack with a wrong checksum", "corrupt",
	    PACKED "f=$(ls .git/objects/pack/*.pack); flip 3; "
		   "basename $f .pack");
	damaged(format, "an index with a wrong checksum", "corrupt",
	    PACKED "f=$(ls .git/objects/pack/*.idx); flip 3; basename $f");
	damaged(format, "a multi-pack index with a flipped bit", "corrupt",
	    PACKED "f=.git/objects/pack/multi-pack-index; flip 3; "
		   "echo multi-pack-index");
	damaged(format, "a commit-graph with a flipped bit", "corrupt",
	    PACKED "f=.git/objects/info/commit-graph; flip 3; "
		   "echo commit-graph");
	damaged(format, "a tree that was packed", "missing",
	    PACKED "id=$(git rev-parse HEAD~3:d); mkdir p; mv "
		   ".git/objects/pack/* p; for i in p/*.pack; do "
		   "git unpack-objects -q < $i; done; rm -rf p; "
		   "rm -rf .git/objects/info/commit-graph; " FILE_OF
		   "rm -f $f; echo $id");
}

static void check_sound_packs(const char *format)
{
	const char *dir = make(format), *borrower = tap_format("%s-b", dir);

	sh(dir, PACKED ":");
	sound(dir, "a packed repository");
	sh(tap_tmpdir(),
	    tap_format("git clone -q -s --bare %s %s", dir, borrower));
	sound(borrower, "one that borrows all objects");
}

/* ---- odd, but sound ---- */

static void check_sound(const char *format)
{
	const char *dir = make(format), *empty, *shallow;
	struct told told;

	sound(dir, "a repository");
	shallow = tap_format("%s-shallow", dir);
	sh(tap_tmpdir(),
	    tap_format("git clone -q --depth 1 file://%s %s", dir, shallow));
	sound(shallow, "a shallow clone");
	empty = tap_format("%s-empty", dir);
	sh(tap_tmpdir(),
	    tap_format("git init -q --object-format=%s %s", format, empty));
	sound(empty, "an empty repository");
	sh(dir, "git symbolic-ref refs/heads/away refs/heads/nowhere");
	told = verify(dir);
	ok(strstr(told.lines, "warning") && !told.bad,
	    "a link to nothing is a warning: %s", told.lines);
	free(told.lines);
	sh(dir,
	    "git symbolic-ref -d refs/heads/away; "
	    "git config core.repositoryformatversion 1; "
	    "git config extensions.partialclone o; "
	    "git config remote.o.url x; git config remote.o.promisor true; "
	    "f=.git/objects/$(git rev-parse main:a | sed 's,^..,&/,');"
	    "rm -f $f");
	told = verify(dir);
	ok(strstr(told.lines, "warning") && !told.bad,
	    "what a partial clone lacks is a warning: %s", told.lines);
	free(told.lines);
}

/* ---- answers ---- */

static int stop(void *arg, const irmin_fault *fault)
{
	(void)arg;
	(void)fault;
	return 2345;
}

static int stop_stage(void *arg, const char *stage, uint64_t done,
    uint64_t total)
{
	(void)done;
	(void)total;
	return strcmp(stage, arg) == 0 ? 3456 : 0;
}

static int count_calls(void *arg, const char *stage, uint64_t done,
    uint64_t total)
{
	ok(*stage && (!total || done <= total), "progress: %s %d of %d", stage,
	    (int)done, (int)total);
	++*(int *)arg;
	return 0;
}

static void check_answers(void)
{
	static const char *const stages[] = { "counting", "checking objects",
		"checking refs", "checking files" };
	const char *dir = make("sha1");
	struct told told = { NULL, 0 };
	irmin_repo *repo;
	irmin_error err;
	int calls = 0;
	size_t i;

	sh(dir, "echo garbage > .git/refs/heads/no");
	if (irmin_repo_open(dir, NULL, &repo, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_repo_verify(repo, stop, NULL, NULL, NULL, &err), 2345,
	    "who is told of a fault can stop");
	for (i = 0; i < 4; i++)
		is_rc(irmin_repo_verify(repo, tell, &told, stop_stage,
			  (void *)(uintptr_t)stages[i], &err),
		    3456, "who is told of %s can stop", stages[i]);
	is_rc(irmin_repo_verify(repo, tell, &told, count_calls, &calls, &err),
	    IRMIN_OK, "with progress");
	ok(calls >= 4, "... of each stage");
	irmin_repo_close(repo);
	free(told.lines);
}

static int count(const char *text, const char *part)
{
	int n = 0;

	for (text = strstr(text, part); text; text = strstr(text + 1, part))
		n++;
	return n;
}

/* What listing, reading and checking files all stumble upon. */
static void check_once(void)
{
	const char *dir = make("sha1");
	struct told told;

	sh(dir,
	    "git repack -adq; f=$(echo .git/objects/pack/*.idx); "
	    "chmod u+w $f; : > $f; "
	    "echo garbage > .git/refs/heads/no; "
	    "echo garbage > .git/refs/heads/other");
	told = verify(dir);
	is_int(count(told.lines, "\ncorrupt any  /") +
		(strncmp(told.lines, "corrupt any  /", 14) == 0),
	    3, "one index, two refs, each once: %s", told.lines);
	free(told.lines);
}

/* ---- when memory runs out ---- */

static int ignore(void *arg, const irmin_fault *fault)
{
	(void)arg;
	(void)fault;
	return 0;
}

static irmin_rc sweep_verify(void *arg, irmin_error *err)
{
	irmin_repo *repo = NULL;
	irmin_rc rc = irmin_repo_open(arg, NULL, &repo, err);

	if (rc >= 0)
		rc = irmin_repo_verify(repo, ignore, NULL, NULL, NULL, err);
	irmin_repo_close(repo);
	return rc;
}

int main(void)
{
	static const char *const formats[] = { "sha1", "sha256" };
	size_t i;

	for (i = 0; i < 2; i++) {
		check_sound(formats[i]);
		check_missing(formats[i]);
		check_corrupt(formats[i]);
		check_format(formats[i]);
		check_refs(formats[i]);
		check_packs(formats[i]);
		check_sound_packs(formats[i]);
	}
	check_once();
	check_answers();
	alloc_fault_sweep("a check", sweep_verify,
	    (void *)(uintptr_t)make("sha1"));
	return done_testing();
}
