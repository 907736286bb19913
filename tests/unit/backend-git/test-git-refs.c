/* Refs beside the real git: each reads what the other wrote, wherever it lies. */
#include "tests/unit/backend-git/git-place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ZEROS "0000000000000000000000000000000000000000"

static irmin_oid ids[8]; /* of commits that are in every repository */
static const char *hexes[8];

static irmin_backend *open_with_commits(const char *name)
{
	irmin_backend *backend = place_open_bare(name);
	unsigned i;

	for (i = 0; i < 8; i++) {
		ids[i] = place_commit(backend, i);
		hexes[i] = place_hex(&ids[i]);
	}
	return backend;
}

static irmin_rc cas(irmin_backend *backend, const char *name,
    const irmin_oid *expected, const irmin_oid *id, irmin_error *err)
{
	irmin_ref_change change;

	memset(&change, 0, sizeof change);
	change.name = name;
	if (expected)
		change.expected = *expected;
	if (id)
		change.id = *id;
	return backend->refs->cls->cas(backend->refs, NULL, &change, 1, NULL,
	    NULL, err);
}

static int exists(const char *name)
{
	return access(place_path(name), F_OK) == 0;
}

/* ---- reading what git wrote ---- */

static int tell(void *arg, const char *name, const irmin_ref_value *value)
{
	const char **told = arg;

	*told = tap_format("%s%s %s\n", *told,
	    value->target.len ? (const char *)value->target.data
			      : place_hex(&value->id),
	    name);
	return 0;
}

static const char *all_refs(irmin_backend *backend, const char *prefix)
{
	const char *told = "";
	irmin_error err;

	if (backend->refs->cls->each(backend->refs, NULL, prefix, tell, &told,
		&err) < 0)
		bail("each: %s", err.text);
	return told;
}

static void check_same_as_git(irmin_backend *backend, const char *dir,
    const char *what)
{
	is_str(all_refs(backend, ""),
	    tap_format("%s\n",
		place_says(dir,
		    "git for-each-ref "
		    "--format='%%(if)%%(symref)%%(then)%%(symref)%%(else)"
		    "%%(objectname)%%(end) %%(refname)'")),
	    "%s: git for-each-ref tells the same", what);
}

static void check_from_git(void)
{
	irmin_backend *backend = open_with_commits("from");
	unsigned i;

	for (i = 0; i < 8; i++)
		place_says("from", "git update-ref refs/heads/b%u %s", i,
		    hexes[i]);
	place_says("from",
	    "git update-ref --no-deref refs/x/y/z %s && "
	    "git symbolic-ref refs/remotes/o/HEAD refs/heads/b1 "
	    "&& git tag -a -m m v1 %s",
	    hexes[1], hexes[2]);
	check_same_as_git(backend, "from", "loose");
	place_says("from", "git pack-refs --all");
	ok(!exists("from/refs/heads/b1"), "they are packed");
	check_same_as_git(backend, "from", "packed");
	place_check_ref(backend, "refs/heads/b3", hexes[3], "packed");
	place_says("from", "git update-ref refs/heads/b3 %s", hexes[4]);
	place_check_ref(backend, "refs/heads/b3", hexes[4], "packed and loose");
	place_says("from",
	    "git update-ref -d refs/heads/b3 && "
	    "git update-ref refs/heads/a %s && "
	    "git update-ref refs/heads/c/d %s",
	    hexes[5], hexes[6]);
	place_check_ref(backend, "refs/heads/b3", NULL, "removed by git");
	check_same_as_git(backend, "from", "some packed");
	is_str(all_refs(backend, "refs/heads/b7"),
	    tap_format("%s refs/heads/b7\n", hexes[7]), "a prefix, packed");
	is_str(all_refs(backend, "refs/heads/b8"), "", "a prefix of none");
	place_says("from", "git pack-refs --all && git pack-refs --all");
	check_same_as_git(backend, "from", "packed again");
	place_close(backend);
}

/* A packed-refs file that is replaced within a tick of the clock, with as many
 * bytes and even the same inode, is still seen. */
static void check_quick_changes(void)
{
	irmin_backend *backend = open_with_commits("quick");
	const char *packed = place_path("quick/packed-refs");
	irmin_ref_value value;
	unsigned i, right = 0;

	memset(&value, 0, sizeof value);
	for (i = 0; i < 500; i++) {
		const char *text = tap_format("%s refs/heads/q\n",
		    hexes[i % 8]);

		tap_write_file(packed, text, strlen(text));
		if (backend->refs->cls->find(backend->refs, NULL,
			"refs/heads/q", &value, NULL) == IRMIN_OK)
			right += !irmin_oid_compare(&value.id, &ids[i % 8]);
	}
	is_int(right, 500, "every change of packed-refs is seen");
	irmin_buf_clear(&value.target);
	place_close(backend);
}

/* `git pack-refs` moves refs from files to packed-refs and writes that again and
 * again: whoever reads meanwhile finds each, moved or not. */
static void check_beside_packing(void)
{
	irmin_backend *backend = open_with_commits("beside");
	const char *dir = place_path("beside");
	unsigned i, absent = 0, wrong = 0;
	irmin_ref_value value;
	irmin_error err;
	pid_t child;

	memset(&value, 0, sizeof value);
	if (place_set(backend, "refs/heads/moves", &ids[0], &err) < 0 ||
	    place_set(backend, "refs/heads/stays", &ids[0], &err) < 0)
		bail("%s", err.text);
	child = fork();
	if (child == 0)
		_exit(tap_run(NULL,
		    "while ! [ -e %s.stop ]; do git --git-dir %s pack-refs "
		    "--all; done",
		    dir, dir));
	for (i = 0; i < 1500; i++) {
		irmin_rc rc = backend->refs->cls->find(backend->refs, NULL,
		    i % 2 ? "refs/heads/moves" : "refs/heads/stays", &value,
		    &err);

		absent += rc != IRMIN_OK;
		wrong += rc == IRMIN_OK &&
		    irmin_oid_compare(&value.id, &ids[i % 2 ? i / 2 % 8 : 0]) !=
			0;
		if (i % 2 &&
		    place_set(backend, "refs/heads/moves",
			&ids[(i / 2 + 1) % 8], &err) < 0)
			diag("%s", err.text);
	}
	tap_write_file(tap_format("%s.stop", dir), "", 0);
	waitpid(child, NULL, 0);
	is_int(absent, 0, "beside git pack-refs no ref is ever absent");
	is_int(wrong, 0, "nor behind what was written");
	irmin_buf_clear(&value.target);
	place_close(backend);
}

/* ---- changing what is packed ---- */

static void check_packed_changes(void)
{
	irmin_backend *backend = open_with_commits("packed");
	irmin_error err;

	place_says("packed",
	    "git update-ref refs/heads/one %s && git tag -a -m m v1 %s && "
	    "git update-ref refs/heads/d/e %s && git pack-refs --all && "
	    "cp packed-refs before",
	    hexes[0], hexes[0], hexes[0]);
	fails(cas(backend, "refs/heads/one", NULL, &ids[1], &err), IRMIN_ESTALE,
	    &err, "a packed ref is there");
	fails(cas(backend, "refs/heads/one", &ids[3], &ids[1], &err),
	    IRMIN_ESTALE, &err, "and is compared");
	is_rc(cas(backend, "refs/heads/one", &ids[0], &ids[1], &err), IRMIN_OK,
	    "and is moved");
	is_str(place_says("packed", "git rev-parse refs/heads/one"), hexes[1],
	    "git sees it");
	fails(cas(backend, "refs/heads/d", NULL, &ids[1], &err), IRMIN_EEXIST,
	    &err, "a ref above a packed one");
	fails(cas(backend, "refs/heads/d/e/f", NULL, &ids[1], &err),
	    IRMIN_EEXIST, &err, "a ref below a packed one");
	ok(!exists("packed/refs/heads/d"), "and no directory is left of it");
	is_rc(cas(backend, "refs/heads/one", &ids[1], NULL, &err), IRMIN_OK,
	    "a ref that is packed and loose is removed");
	place_check_ref(backend, "refs/heads/one", NULL, "removed");
	is_str(place_says("packed", "git for-each-ref --format='%%(refname)'"),
	    "refs/heads/d/e\nrefs/tags/v1", "git sees it");
	is_str(place_says("packed",
		   "grep -v refs/heads/one before | diff - packed-refs"),
	    "", "nothing else of packed-refs has changed");
	is_rc(place_set(backend, "refs/tags/v1", NULL, &err), IRMIN_OK,
	    "a packed tag is removed");
	is_str(place_says("packed", "cut -c41- packed-refs | tail -n +2"),
	    " refs/heads/d/e", "with what it peels to");
	is_rc(place_set(backend, "refs/heads/d/e", NULL, &err), IRMIN_OK,
	    "the last one is removed");
	place_says("packed", "git fsck --strict && git pack-refs --all");
	is_str(all_refs(backend, ""), "", "none is left");
	is_rc(place_set(backend, "refs/heads/d", &ids[1], &err), IRMIN_OK,
	    "the name is free");
	ok(!exists("packed/packed-refs.lock"), "no lock is left");
	place_close(backend);
}

/* ---- what lies in files ---- */

static void write_ref(const char *dir, const char *name, const char *text)
{
	tap_write_file(place_path(tap_format("%s/%s", dir, name)), text,
	    strlen(text));
}

static void check_files(void)
{
	irmin_backend *backend = open_with_commits("files");
	const char *hex = hexes[0];
	const struct {
		const char *text;
		irmin_rc rc;
	} files[] = {
		{ tap_format("%s\n", hex), IRMIN_OK },
		{ hex, IRMIN_OK },
		{ tap_format("%s  and more\n", hex), IRMIN_OK },
		{ tap_format("%s\t\n\n", hex), IRMIN_OK },
		{ tap_format("%.39s\n", hex), IRMIN_ECORRUPT },
		{ tap_format("%sx\n", hex), IRMIN_ECORRUPT },
		{ tap_format(" %s\n", hex), IRMIN_ECORRUPT },
		{ tap_format("g%.39s\n", hex), IRMIN_ECORRUPT },
		{ "", IRMIN_ECORRUPT },
		{ "\n", IRMIN_ECORRUPT },
		{ "ref: refs/heads/main\n", IRMIN_OK },
		{ "ref:refs/heads/main", IRMIN_OK },
		{ "ref:   \t refs/heads/main  \n\n", IRMIN_OK },
		{ "ref: refs/heads/../../x\n", IRMIN_ECORRUPT },
		{ "ref: \n", IRMIN_ECORRUPT },
		{ "ref refs/heads/main\n", IRMIN_ECORRUPT },
		{ "Ref: refs/heads/main\n", IRMIN_ECORRUPT },
	};
	irmin_ref_value value;
	irmin_error err;
	size_t i;

	memset(&value, 0, sizeof value);
	for (i = 0; i < sizeof files / sizeof *files; i++) {
		write_ref("files", "refs/heads/f", files[i].text);
		is_rc(backend->refs->cls->find(backend->refs, NULL,
			  "refs/heads/f", &value, &err),
		    files[i].rc, "file %zu", i);
		if (files[i].rc < 0)
			ok(strstr(err.where, "/refs/heads/f") &&
				err.offset == 0,
			    "file %zu: the error tells where", i);
		else if (value.target.len)
			is_str((const char *)value.target.data,
			    "refs/heads/main", "file %zu: symbolic", i);
		else
			is_str(place_hex(&value.id), hex, "file %zu: an id", i);
	}
	irmin_buf_clear(&value.target);
	is_rc(place_set(backend, "refs/heads/f", &ids[1], &err), IRMIN_OK,
	    "a broken ref can be set");
	place_check_ref(backend, "refs/heads/f", hexes[1], "mended");
	write_ref("files", "refs/heads/f", "");
	fails(cas(backend, "refs/heads/f", &ids[1], &ids[2], &err),
	    IRMIN_ECORRUPT, &err, "but not compared");
	is_rc(place_set(backend, "refs/heads/f", NULL, &err), IRMIN_OK,
	    "and can be removed");

	/* Litter is no ref. */
	write_ref("files", "refs/heads/x.lock", "text");
	write_ref("files", "refs/heads/.hidden", "text");
	place_says("files", "mkdir -p refs/heads/empty/deep");
	is_str(all_refs(backend, ""), "", "litter is not told");
	is_rc(place_set(backend, "refs/heads/empty", &ids[1], &err), IRMIN_OK,
	    "empty directories give way");
	is_rc(place_set(backend, "refs/heads/empty", NULL, &err), IRMIN_OK,
	    "to a ref");
	place_close(backend);
}

static void check_old_symlinks(void)
{
	irmin_backend *backend = open_with_commits("symlink");
	irmin_ref_value value;
	irmin_error err;

	place_close(backend);
	place_says("symlink",
	    "git update-ref refs/heads/main %s && rm HEAD && "
	    "ln -s refs/heads/main HEAD",
	    hexes[0]);
	backend = place_open("symlink", 0);
	memset(&value, 0, sizeof value);
	is_rc(backend->refs->cls->find(backend->refs, NULL, "HEAD", &value,
		  &err),
	    IRMIN_OK, "HEAD is a symlink");
	is_str((const char *)value.target.data, "refs/heads/main",
	    "and symbolic");
	irmin_buf_clear(&value.target);
	place_close(backend);
}

/* ---- what git says of what we write ---- */

static void check_to_git(void)
{
	irmin_backend *backend = open_with_commits("to");
	irmin_error err;

	is_rc(place_set(backend, "refs/heads/main", &ids[0], &err), IRMIN_OK,
	    "main");
	is_rc(place_set(backend, "refs/heads/a/b/c", &ids[1], &err), IRMIN_OK,
	    "one in directories");
	is_rc(place_set(backend, "refs/tags/t", &ids[2], &err), IRMIN_OK,
	    "a tag");
	is_rc(backend->refs->cls->set_link(backend->refs, NULL, "HEAD",
		  "refs/heads/a/b/c", &err),
	    IRMIN_OK, "HEAD");
	check_same_as_git(backend, "to", "written by us");
	is_str(place_says("to", "git symbolic-ref HEAD"), "refs/heads/a/b/c",
	    "git reads HEAD");
	is_str(place_says("to", "git rev-parse HEAD"), hexes[1],
	    "and where it leads");
	place_says("to", "git fsck --strict");
	place_says("to", "git pack-refs --all");
	check_same_as_git(backend, "to", "packed by git");
	is_rc(place_set(backend, "refs/heads/a/b/c", NULL, &err), IRMIN_OK,
	    "removed");
	ok(!exists("to/refs/heads/a"), "and its directories");
	ok(exists("to/refs/heads"), "but not refs/heads");
	is_str(place_says("to", "find . -name '*.lock'"), "", "no lock stays");
	place_close(backend);
}

/* More locks than files may be open. */
static void check_many(void)
{
	enum { MANY = 2000 };
	irmin_backend *backend = open_with_commits("many");
	irmin_ref_change *changes = calloc(MANY, sizeof *changes);
	struct rlimit old, few;
	irmin_error err;
	unsigned i;

	for (i = 0; i < MANY; i++) {
		changes[i].name = tap_format("refs/heads/%u/%u", i % 7, i);
		changes[i].id = ids[i % 8];
	}
	getrlimit(RLIMIT_NOFILE, &old);
	few = old;
	few.rlim_cur = 256;
	setrlimit(RLIMIT_NOFILE, &few);
	succeeds(backend->refs->cls->cas(backend->refs, NULL, changes, MANY,
		     NULL, NULL, &err),
	    &err, "2,000 refs at once");
	setrlimit(RLIMIT_NOFILE, &old);
	is_str(place_says("many", "git for-each-ref | wc -l"), "2000",
	    "git sees them");
	is_str(place_says("many", "find refs -perm -1000"), "",
	    "all are plain files");
	place_says("many", "git pack-refs --all");
	for (i = 0; i < MANY; i++) {
		changes[i].expected = changes[i].id;
		memset(&changes[i].id, 0, sizeof changes[i].id);
	}
	succeeds(backend->refs->cls->cas(backend->refs, NULL, changes, MANY,
		     NULL, NULL, &err),
	    &err, "packed, and removed at once");
	is_str(all_refs(backend, ""), "", "none is left");
	free(changes);
	place_close(backend);
}

/* ---- work trees ---- */

static void check_out(irmin_backend *backend, const char *name,
    const char *wanted, const char *what)
{
	irmin_buf where = IRMIN_BUF_INIT;
	irmin_error err;

	is_rc(backend->refs->cls->checked_out(backend->refs, NULL, name, &where,
		  &err),
	    wanted ? IRMIN_OK : IRMIN_ABSENT, "%s: %s", what, name);
	if (wanted)
		is_str((const char *)where.data, wanted, "%s: %s, where", what,
		    name);
	irmin_buf_clear(&where);
}

static void check_work_trees(void)
{
	const char *top = place_says("", "pwd -P");
	irmin_backend *backend;
	irmin_error err;
	irmin_oid id;

	place_says("",
	    "git init -q -b main work && cd work && "
	    "git -c user.name=a -c user.email=b commit -q --allow-empty -m x && "
	    "git branch other && git worktree add -q ../linked -b side && "
	    "git worktree add -q --detach ../loose");
	backend = place_open("work", 0);
	check_out(backend, "refs/heads/main", tap_format("%s/work", top),
	    "main");
	check_out(backend, "refs/heads/side", tap_format("%s/linked", top),
	    "linked");
	check_out(backend, "refs/heads/other", NULL, "none");
	check_out(backend, "refs/heads/mai", NULL, "a prefix");
	place_close(backend);

	backend = place_open("linked", 0);
	check_out(backend, "refs/heads/main", tap_format("%s/work", top),
	    "from the linked one");
	check_out(backend, "refs/heads/side", tap_format("%s/linked", top),
	    "from the linked one");
	check_out(backend, "HEAD", tap_format("%s/linked", top),
	    "its own HEAD");
	id = place_id(place_says("work", "git rev-parse main"));
	is_rc(place_set(backend, "refs/heads/new", &id, &err), IRMIN_OK,
	    "a branch made there");
	is_rc(place_set(backend, "refs/worktree/own", &id, &err), IRMIN_OK,
	    "a ref of that work tree");
	is_str(place_says("work", "git rev-parse new"), place_hex(&id),
	    "is in the common directory");
	ok(strstr(all_refs(backend, ""), "refs/worktree/own") != NULL,
	    "the work tree's own is told");
	is_str(place_says("linked", "git rev-parse refs/worktree/own"),
	    place_hex(&id), "to git too");
	is_int(tap_run(NULL,
		   "git -C %s rev-parse -q --verify "
		   "refs/worktree/own",
		   place_path("work")),
	    1, "and to no other work tree");
	is_rc(backend->refs->cls->set_link(backend->refs, NULL, "HEAD",
		  "refs/heads/new", &err),
	    IRMIN_OK, "its HEAD is moved");
	is_str(place_says("linked", "git symbolic-ref HEAD"), "refs/heads/new",
	    "git sees it there");
	is_str(place_says("work", "git symbolic-ref HEAD"), "refs/heads/main",
	    "the main one's stays");
	place_close(backend);

	place_says("",
	    "git clone -q --bare work bare.git 2>/dev/null && "
	    "git -C bare.git worktree add -q ../of-bare other");
	backend = place_open("bare.git", 0);
	check_out(backend, "refs/heads/main", NULL, "HEAD of a bare one");
	check_out(backend, "HEAD", NULL, "HEAD of a bare one");
	check_out(backend, "refs/heads/other", tap_format("%s/of-bare", top),
	    "linked to a bare one");
	place_close(backend);
}

/* ---- reflogs ---- */

static irmin_rc cas_logged(irmin_backend *backend, const char *name,
    const irmin_oid *id, const char *message, irmin_error *err)
{
	irmin_reflog reflog = { { { "A U", 3 }, { "a@b", 3 }, 1700000000,
				    -330 },
		irmin_text(message) };
	irmin_ref_change change;

	memset(&change, 0, sizeof change);
	change.name = name;
	change.any = 1;
	if (id)
		change.id = *id;
	return backend->refs->cls->cas(backend->refs, NULL, &change, 1, &reflog,
	    NULL, err);
}

static char *read_log(const char *path)
{
	char *text = tap_read_file(place_path(path), NULL);

	return text ? text : strdup("");
}

static void check_reflogs(void)
{
	static const char who[] = "A U <a@b> 1700000000 -0330";
	irmin_backend *backend = open_with_commits("logs");
	irmin_error err;
	char *text;

	place_close(backend);
	place_says("logs",
	    "git config core.bare false && "
	    "git config core.worktree ../logs-tree && mkdir ../logs-tree");
	backend = place_open("logs", 0);
	succeeds(cas_logged(backend, "refs/heads/main", &ids[0], "first", &err),
	    &err, "make");
	succeeds(cas_logged(backend, "refs/heads/main", &ids[1],
		     "  two\n\nlines\tand more \n", &err),
	    &err, "move");
	succeeds(cas_logged(backend, "refs/heads/main", &ids[1], "again", &err),
	    &err, "do not move");
	succeeds(cas_logged(backend, "refs/heads/main", &ids[2], "", &err),
	    &err, "say nothing");
	succeeds(cas_logged(backend, "refs/tags/t", &ids[2], "tag", &err), &err,
	    "a tag");
	text = read_log("logs/logs/refs/heads/main");
	is_str(text,
	    tap_format("%s %s %s\tfirst\n%s %s %s\ttwo lines and more\n"
		       "%s %s %s\n",
		ZEROS, hexes[0], who, hexes[0], hexes[1], who, hexes[1],
		hexes[2], who),
	    "the branch's log");
	free(text);
	text = read_log("logs/logs/HEAD");
	ok(strstr(text, "two lines and more") != NULL, "HEAD's log too");
	free(text);
	ok(!exists("logs/logs/refs/tags/t"), "a tag has none");
	is_str(place_says("logs", "git reflog show --format='%%H %%gs' main"),
	    tap_format("%s \n%s two lines and more\n%s first", hexes[2],
		hexes[1], hexes[0]),
	    "git reflog reads it");
	place_says("logs", "git fsck --strict");

	succeeds(cas_logged(backend, "refs/heads/side/x", &ids[3], "x", &err),
	    &err, "another branch");
	text = read_log("logs/logs/HEAD");
	ok(strstr(text, hexes[3]) == NULL, "is not in HEAD's log");
	free(text);
	succeeds(cas_logged(backend, "refs/heads/side/x", NULL, "gone", &err),
	    &err, "removed");
	ok(!exists("logs/logs/refs/heads/side"), "its log goes with it");
	succeeds(cas_logged(backend, "refs/heads/side", &ids[3], "y", &err),
	    &err, "a branch where directories were");
	ok(exists("logs/logs/refs/heads/side"), "has its log");
	place_says("logs",
	    "rm -r logs/refs/heads/side && "
	    "mkdir -p logs/refs/heads/side/full/x && "
	    ": > logs/refs/heads/side/full/x/y");
	ok(cas_logged(backend, "refs/heads/side", &ids[4], "z", &err) < 0,
	    "a log that cannot be written: %s", err.text);
	place_check_ref(backend, "refs/heads/side", hexes[3],
	    "then the ref stays");
	succeeds(cas_logged(backend, "HEAD", &ids[4], "detached", &err), &err,
	    "HEAD by itself");
	is_str(place_says("logs", "tail -n 1 logs/HEAD | cut -f 2"), "detached",
	    "is logged");
	place_close(backend);
}

/* Which logs are made, as git config says it. */
static void check_log_policy(const char *value, int bare, int branch, int tag)
{
	const char *dir = tap_format("policy-%s-%d", value, bare);
	irmin_backend *backend = open_with_commits(dir);
	irmin_error err;

	place_close(backend);
	place_says(dir, "git config core.bare %s", bare ? "true" : "false");
	if (*value)
		place_says(dir, "git config core.logallrefupdates %s", value);
	backend = place_open(dir, 0);
	succeeds(cas_logged(backend, "refs/heads/main", &ids[0], "m", &err),
	    &err, "%s: a branch", dir);
	succeeds(cas_logged(backend, "refs/tags/t", &ids[0], "m", &err), &err,
	    "%s: a tag", dir);
	is_int(exists(tap_format("%s/logs/refs/heads/main", dir)), branch,
	    "%s: the branch's log", dir);
	is_int(exists(tap_format("%s/logs/HEAD", dir)), branch,
	    "%s: HEAD's log", dir);
	is_int(exists(tap_format("%s/logs/refs/tags/t", dir)), tag,
	    "%s: the tag's log", dir);
	/* One that is there is written to, whatever the config says. */
	place_says(dir, "mkdir -p logs/refs/heads && : > logs/refs/heads/main");
	succeeds(cas_logged(backend, "refs/heads/main", &ids[1], "m", &err),
	    &err, "%s: with a log", dir);
	is_str(place_says(dir, "wc -l < logs/refs/heads/main"), "1",
	    "%s: it is used", dir);
	place_close(backend);
}

int main(void)
{
	place_begin();
	check_from_git();
	check_quick_changes();
	check_beside_packing();
	check_packed_changes();
	check_files();
	check_old_symlinks();
	check_to_git();
	check_many();
	check_work_trees();
	check_reflogs();
	check_log_policy("", 1, 0, 0);
	check_log_policy("", 0, 1, 0);
	check_log_policy("true", 1, 1, 0);
	check_log_policy("false", 0, 0, 0);
	check_log_policy("always", 1, 1, 1);
	return done_testing();
}
