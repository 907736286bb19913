/*
 * Git's packed formats, one by one: git brings the same history into each of
 * them, and every object and the order of the history are read as git reads
 * them, with the files mapped and with the files read. What we pack ourselves is
 * one row more, read by git.
 */
#include "tests/interop/with-git.h"
#include "tests/interop/with-objects.h"

#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A form of a repository: how git makes it, run in the repository, and what
 * holds only if it has been made. `$Q` is quiet git. */
struct form {
	const char *name;
	const char *make;
	const char *holds;
};

#define CHAINS "git verify-pack -v objects/pack/*.idx | grep -q ^chain"
#define LONGEST                                                                \
	"git verify-pack -v objects/pack/*.idx | "                             \
	"sed -n 's/^chain length = \\([0-9]*\\):.*/\\1/p' | sort -n | tail -1"
#define PACKS "$(ls objects/pack/*.pack | wc -l)"
#define LOOSE "$(git count-objects | cut -d' ' -f1)"
/* Four packs, three of them of a range of commits. */
#define IN_FOUR(options)                                                       \
	"into='git pack-objects -q --revs " options " objects/pack/pack';"     \
	"for r in main~90 main~60 main~30; do echo $r | $into; "               \
	"git prune-packed -q; done; $into --all </dev/null;"                   \
	"git prune-packed -q; "
/* 701 versions of one file, each a delta of the one before. */
#define DEEP(depth)                                                            \
	"awk 'BEGIN { for (i = 0; i < 99; i++) line[i] = i * 7919 % 997;"      \
	"for (n = 0; n < 701; n++) {"                                          \
	"line[n % 99] = n; body = \"\";"                                       \
	"for (i = 0; i < 99; i++) body = body \"line \" line[i] \"\\n\";"      \
	"printf \"commit refs/heads/deep\\ncommitter A <a@b> %d +0000\\n\","   \
	"1500000000 + n;"                                                      \
	"printf \"data 1\\nx\\nM 644 inline f\\ndata %d\\n%s\\n\","            \
	"length(body), body } }' |"                                            \
	"git -c fastimport.unpackLimit=1 fast-import --quiet --depth=" depth

static const struct form forms[] = {
	{ "loose", ":", "test " LOOSE " -gt 400" },
	{ "packed, without deltas", "git repack -adfq --window=0",
	    "! " CHAINS " && test " LOOSE " = 0" },
	{ "packed, bases by offset",
	    "git -c repack.useDeltaBaseOffset=true repack -adfq", CHAINS },
	{ "packed, bases by id",
	    "git -c repack.useDeltaBaseOffset=false repack -adfq", CHAINS },
	{ "a chain of 50", "git repack -adq; " DEEP("50"),
	    "test $(" LONGEST ") = 50" },
	{ "a chain of 700", DEEP("4000"), "test $(" LONGEST ") = 700" },
	{ "a thin pack, completed",
	    "printf 'main\\n^main~40\\n' | git pack-objects -q --revs --thin "
	    "--stdout >thin; tip=$(git rev-parse main);"
	    "git branch -f main main~40; git tag -d v1 v2 v3 v4 >/dev/null;"
	    "git branch -qD side; git repack -adq; git prune;"
	    "git index-pack --fix-thin --stdin <thin >/dev/null;"
	    "git update-ref refs/heads/main $tip",
	    "! git index-pack -o x.idx thin 2>/dev/null && test " PACKS
	    " = 2" },
	{ "an index of version 1", "git -c pack.indexVersion=1 repack -adfq",
	    "! head -c 4 objects/pack/*.idx | grep -q tOc" },
	{ "an index with 64-bit offsets",
	    "git repack -adfq; rm -f objects/pack/*.idx objects/pack/*.rev;"
	    "git index-pack --index-version=2,0x1000 objects/pack/*.pack "
	    ">/dev/null",
	    /* Larger than one whose offsets are all of 31 bits. */
	    "test $(cat objects/pack/*.idx | wc -c) -gt "
	    "$(($(cat objects/pack/*.idx | "
	    "git show-index --object-format=$FORMAT | wc -l) * ($HEX / 2 + 8) + 1032 + $HEX))" },
	{ "four packs", IN_FOUR("--unpacked"), "test " PACKS " = 4" },
	{ "four packs that share objects", IN_FOUR(""), "test " PACKS " = 4" },
	{ "a multi-pack index",
	    IN_FOUR("--unpacked") "git multi-pack-index write",
	    "git multi-pack-index verify" },
	{ "a multi-pack index of packs that share objects",
	    IN_FOUR("") "git multi-pack-index write",
	    "git multi-pack-index verify" },
	{ "a multi-pack index, and packs beside it",
	    IN_FOUR(
		"--unpacked") "git multi-pack-index write;"
			      "for n in 1 2; do echo $n | git hash-object -w --stdin; done | "
			      "git pack-objects -q objects/pack/pack >/dev/null;"
			      "git prune-packed -q; echo 3 | git hash-object -w --stdin",
	    "test " PACKS " = 5 && test " LOOSE " = 1" },
	{ "a multi-pack index, and packs that it lacks by now",
	    IN_FOUR(
		"--unpacked") "git multi-pack-index write;"
			      "cp objects/pack/multi-pack-index keep; git repack -adfq;"
			      "mv -f keep objects/pack/multi-pack-index",
	    "test " PACKS " = 1 && test -e objects/pack/multi-pack-index" },
	{ "loose and packed at once",
	    "git repack -afq; "
	    "p=$(ls objects/pack/*.pack); mv $p x; rm -f objects/pack/*;"
	    "git unpack-objects -q <x; git index-pack --stdin <x >/dev/null",
	    "test " LOOSE " -gt 400 && test " PACKS " = 1" },
	{ "bitmap, reverse index, commit-graph",
	    "git -c pack.writeReverseIndex=true repack -adfbq;"
	    "git commit-graph write --reachable --changed-paths --no-progress",
	    "ls objects/pack/*.rev objects/pack/*.bitmap "
	    "objects/info/commit-graph" },
	{ "a chain of commit-graphs",
	    "git repack -adq; for r in main~90 main~60 main; do "
	    "git rev-parse $r | git commit-graph write --stdin-commits "
	    "--split=no-merge --no-progress; done",
	    "test $(wc -l <objects/info/commit-graphs/commit-graph-chain) "
	    "= 3" },
	{ "a cruft pack",
	    "git branch -D side >/dev/null; echo lost | git hash-object -w "
	    "--stdin; git repack --cruft -dq",
	    "ls objects/pack/*.mtimes && test " PACKS " = 2" },
	{ "kept packs",
	    IN_FOUR("--unpacked") "for p in objects/pack/*.pack; do "
				  ">${p%.pack}.keep; done; git repack -adq",
	    "test " PACKS " = 4" },
	{ "borrowed objects, two deep",
	    IN_FOUR(
		"--unpacked") "mkdir -p low/info low/pack low/est/pack "
			      "low/est/info; set -- objects/pack/*.pack;"
			      "mv ${1%.pack}.* low/est/pack; mv ${2%.pack}.* low/pack;"
			      "mkdir low/est/zz; echo a | git hash-object -w --stdin;"
			      "git unpack-objects -q <$3 2>/dev/null; mv objects/?? low/est;"
			      "printf '# a comment\\n%s\\n' $PWD/low >objects/info/alternates;"
			      "echo $PWD/low/est >low/info/alternates",
	    "test " PACKS " = 2 && git cat-file -e main~95" },
	{ "borrowed by relative and quoted paths, in a circle",
	    IN_FOUR(
		"--unpacked") "mkdir -p 'low \"er\"/pack' "
			      "'low \"er\"/info'; set -- objects/pack/*.pack;"
			      "mv ${1%.pack}.* 'low \"er\"/pack';"
			      "printf '%s\\n' '\"../low \\\"er\\\"\"' >objects/info/alternates;"
			      "echo $PWD/objects >'low \"er\"/info/alternates'",
	    "test " PACKS " = 3 && git cat-file -e main~95" },
};

/* ---- the history ---- */

static void write_commit(irmin_buf *stream, const char *branch, int n)
{
	buf_print(stream,
	    "commit refs/heads/%s\nmark :%d\n"
	    "author Ann <ann@example.org> %d +0100\n"
	    "committer Carl <carl@example.org> %d -0330\n"
	    "data <<END\nchange %d\nEND\n",
	    branch, n, 1500000000 + n * 60, 1500000000 + n * 61, n);
}

static void write_value(irmin_buf *stream, const char *mode, const char *path,
    irmin_slice value)
{
	buf_print(stream, "M %s inline %s\ndata %zu\n", mode, path, value.len);
	buf_add(stream, value);
	buf_print(stream, "\n");
}

/* Lines that stay, in which each version changes one, and grows by another. */
static irmin_slice grown(irmin_buf *value, int n)
{
	uint64_t chance = 7;
	int i;

	value->len = 0;
	for (i = 0; i < 300 + n; i++)
		buf_print(value, "%d: %016llx\n",
		    i * 37 % 300 < n && i < 300 ? n : i,
		    (unsigned long long)random_next(&chance));
	return irmin_buf_slice(value);
}

static irmin_slice noise(irmin_buf *value, size_t len)
{
	uint64_t chance = len;

	value->len = 0;
	while (value->len < len) {
		uint64_t word = random_next(&chance);

		buf_add(value, irmin_bytes(&word, sizeof(word)));
	}
	return irmin_bytes(value->data, len);
}

/* What is rare: large, empty, binary, all modes, tags of everything. */
static void write_rare(irmin_buf *stream, irmin_buf *value, const char *format)
{
	const char *link = strcmp(format, "sha256") == 0
	    ? "1234567890123456789012345678901234567890"
	      "123456789012345678901234"
	    : "1234567890123456789012345678901234567890";

	write_value(stream, "644", "empty", irmin_text(""));
	write_value(stream, "644", "noise/1", noise(value, 1));
	write_value(stream, "644", "noise/70000", noise(value, 70000));
	write_value(stream, "644", "noise/300000", noise(value, 300000));
	write_value(stream, "755", "bin/run", irmin_text("#!/bin/sh\n"));
	write_value(stream, "120000", "bin/link", irmin_text("run"));
	buf_print(stream, "M 160000 %s module\n", link);
	buf_print(stream,
	    "tag v1\nfrom refs/heads/main\ntagger T <t@e> 1600000000 +0000\n"
	    "data 4\ntag\n\n");
}

static void write_history(const char *dir, const char *format)
{
	irmin_buf stream = IRMIN_BUF_INIT, value = IRMIN_BUF_INIT;
	int n;

	git_init(dir, format);
	for (n = 1; n <= 120; n++) {
		write_commit(&stream, n % 9 == 0 ? "side" : "main", n);
		if (n == 9)
			buf_print(&stream, "from refs/heads/main\n");
		if (n % 20 == 0)
			buf_print(&stream, "merge refs/heads/side\n");
		write_value(&stream, "644", "log", grown(&value, n));
		write_value(&stream, "644",
		    tap_format("dir%d/sub%d/file%d", n % 5, n % 11, n),
		    irmin_text(tap_format("value %d\n", n)));
	}
	write_rare(&stream, &value, format);
	git_fast_import(dir, &stream);
	git_says(dir, "tag -a -m nested v2 v1");
	git_says(dir, "tag -a -m blob v3 main:log");
	git_says(dir, "tag -a -m tree v4 'main^{tree}'");
	irmin_buf_clear(&value);
	irmin_buf_clear(&stream);
}

/* ---- the forms ---- */

/* In the repository, by the shell. */
static int run_in(const char *dir, const char *format, const char *script)
{
	struct tap_output said;
	int code = tap_run(&said,
	    "set -e; cd %s; export GIT_DIR=. FORMAT=%s HEX=%d "
	    "GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org; %s",
	    dir, format, strcmp(format, "sha1") == 0 ? 40 : 64, script);

	if (code != 0)
		diag("%s: %s%s", script, said.out, said.err);
	tap_output_clear(&said);
	return code;
}

static void check_reading(const char *dir, const struct git_objects *objects,
    const char *keys, const char *name)
{
	const char *what = tap_format("%s%s%s", name, *keys ? ", " : "", keys);
	irmin_repo *repo = git_open_keys(dir, keys);

	check_objects(repo, objects, what);
	check_log(repo, dir, "main", what);
	irmin_repo_close(repo);
}

static void check_form(const char *source, const char *format,
    const struct form *form)
{
	const char *dir = git_path(tap_format("form-%s.git", format));
	const char *name = tap_format("%s: %s", format, form->name);
	struct git_objects objects;

	if (tap_run(NULL, "cp -al %s %s", source, dir) != 0 ||
	    run_in(dir, format, form->make) != 0)
		bail("%s cannot be made", name);
	ok(run_in(dir, format, form->holds) == 0, "%s is what git made", name);
	git_objects_read(dir, &objects);
	check_reading(dir, &objects, "", name);
	check_reading(dir, &objects, "io=pread", name);
	git_objects_clear(&objects);
	tap_run(NULL, "rm -rf %s", dir);
}

/* The same objects, whoever packed them. */
static void check_packed_by_us(const char *dir, const char *format)
{
	struct git_objects before, after;
	irmin_repo *repo = git_open_keys(dir, "");
	irmin_error err;

	git_objects_read(dir, &before);
	is_rc(irmin_repo_pack(repo, NULL, NULL, &err), IRMIN_OK,
	    "%s: packed by us", format);
	git_objects_read(dir, &after);
	ok(run_in(dir, format, "test " LOOSE " = 0 && test " PACKS " = 1") == 0,
	    "%s: into one pack", format);
	ok(before.said.out_len == after.said.out_len &&
		memcmp(before.said.out, after.said.out, after.said.out_len) ==
		    0,
	    "%s: git reads the same %zu objects", format, before.count);
	ok(run_in(dir, format,
	       "git verify-pack objects/pack/*.idx && "
	       "git multi-pack-index verify && "
	       "git commit-graph verify --no-progress") == 0,
	    "%s: git finds nothing wrong with the files", format);
	git_fsck_is_clean(dir);
	check_objects(repo, &after, tap_format("%s: the same handle", format));
	irmin_repo_close(repo);
	check_reading(dir, &after, "", tap_format("%s: a new handle", format));
	git_objects_clear(&before);
	git_objects_clear(&after);
}

static void check_format(const char *format, irmin_hash_algo hash)
{
	const char *source = git_path(tap_format("%s.git", format));
	struct git_objects objects;
	size_t i;

	write_history(source, format);
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		check_form(source, format, &forms[i]);
	git_objects_read(source, &objects);
	check_written(git_path(tap_format("written-%s.git", format)), &objects,
	    hash, format);
	git_objects_clear(&objects);
	check_packed_by_us(source, format);
}

int main(void)
{
	check_format("sha1", IRMIN_HASH_SHA1);
	check_format("sha256", IRMIN_HASH_SHA256);
	return done_testing();
}
