/*
 * Where git keeps things, and how refs lead to them: peeled tags, symbolic refs,
 * a detached HEAD, a `.git` that is a file, linked work trees. Every ref and
 * every revision is asked of git too.
 */
#include "tests/interop/with-git.h"
#include "tests/interop/with-objects.h"

#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* By the shell, in `dir`; bails if it fails. */
static void run_in(const char *dir, const char *script)
{
	struct tap_output said;

	if (tap_run(&said, "set -e; cd %s; %s", dir, script) != 0)
		bail("%s: %s", script, said.err);
	tap_output_clear(&said);
}

/* A work tree with a submodule, a linked work tree, and refs of all kinds. */
static void write_project(const char *top, const char *format)
{
	const char *script = tap_format(
	    "git init -q --object-format=%s lib; cd lib;"
	    "echo 1 >a; git add a; git commit -qm lib; cd ..;"
	    "git init -q --object-format=%s project; cd project;"
	    "for n in 1 2 3 4; do echo $n >n; mkdir -p d; echo $n >d/$n;"
	    "git add .; GIT_COMMITTER_DATE=\"150000000$n +0000\" "
	    "git commit -qm $n; done;"
	    "git tag light; git tag -m one annotated main~1;"
	    "git tag -m two nested annotated; git tag -m b blob main:n;"
	    "git tag -m t tree main^{tree}; git tag light-blob main:n;"
	    "git branch topic/deep main~2; git branch old main~3;"
	    "git symbolic-ref refs/heads/alias refs/heads/topic/deep;"
	    "git symbolic-ref refs/remotes/origin/HEAD refs/heads/old;"
	    "git update-ref refs/notes/commits main~1;"
	    "git update-ref refs/odd main~3;"
	    "git -c protocol.file.allow=always submodule --quiet add "
	    "$PWD/../lib sub;"
	    "git commit -qm sub; git worktree add -q ../linked topic/deep;"
	    "git worktree add -q --detach ../detached main~1",
	    format, format);

	if (tap_run(NULL, "mkdir %s", top) != 0)
		bail("cannot make %s", top);
	run_in(top, script);
}

/* ---- refs ---- */

static int write_ref(void *arg, const irmin_ref *ref)
{
	char hex[IRMIN_OID_HEX_BYTES];

	buf_print(arg, "%s%s %s %s", ((irmin_buf *)arg)->len ? "\n" : "",
	    (const char *)ref->name.data, irmin_oid_hex(&ref->id, hex),
	    ref->target.len ? (const char *)ref->target.data : "");
	return 0;
}

static void check_refs(irmin_repo *repo, const char *dir, const char *what)
{
	irmin_buf text = IRMIN_BUF_INIT;
	irmin_error err;

	succeeds(irmin_ref_each(repo, "refs/", write_ref, &text, &err), &err,
	    "%s: the refs are told", what);
	is_str((const char *)text.data,
	    git_says(dir,
		"for-each-ref "
		"--format='%%(refname) %%(objectname) %%(symref)'"),
	    "%s: as git for-each-ref tells them", what);
	irmin_buf_clear(&text);
}

/* ---- revisions ---- */

static void check_object_of(irmin_repo *repo, const char *dir,
    const char *revision, const char *what)
{
	struct tap_output said;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_object_type type;
	irmin_error err;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_object_of_revision(repo, revision, &id, &type, &err);
	if (tap_run(&said, "git --git-dir %s rev-parse --verify -q '%s'", dir,
		revision) != 0) {
		ok(rc == IRMIN_EMISSING || rc == IRMIN_EINVAL,
		    "%s: %s leads nowhere", what, revision);
	} else {
		succeeds(rc, &err, "%s: %s leads somewhere", what, revision);
		is_str(tap_format("%s\n", irmin_oid_hex(&id, hex)), said.out,
		    "%s: %s is what git makes of it", what, revision);
		is_str(irmin_object_type_name(type),
		    git_says(dir, "cat-file -t '%s' || echo commit", revision),
		    "%s: %s: its type", what, revision);
	}
	tap_output_clear(&said);
}

static void check_revisions(irmin_repo *repo, const char *dir, const char *what)
{
	static const char *const revisions[] = { "HEAD", "@", "main", "light",
		"annotated", "nested", "blob", "tree", "light-blob", "alias",
		"topic/deep", "heads/old", "tags/nested", "refs/tags/nested",
		"refs/odd", "refs/notes/commits", "refs/remotes/origin/HEAD",
		"main~1", "main^", "nested~1", "nested^0", "annotated^{}",
		"nested^{}", "nested^{commit}", "nested^{tag}", "nested^{tree}",
		"blob^{}", "blob^{blob}", "blob^{commit}", "tree^{tree}",
		"tree^{}", "main:", "main:d", "main:d/2", "main:n",
		"main~2:d/4", "nested:n", "tree:d/1", "main^{tree}", "main:sub",
		"none", "main:none", "main~9", "light-blob~1" };
	size_t i;

	for (i = 0; i < sizeof(revisions) / sizeof(revisions[0]); i++)
		check_object_of(repo, dir, revisions[i], what);
}

/* ---- places ---- */

/* `head` is the branch that HEAD names, NULL if it is detached. */
static void check_head(irmin_repo *repo, const char *dir, const char *head,
    const char *what)
{
	irmin_buf branch = IRMIN_BUF_INIT, value = IRMIN_BUF_INIT;
	irmin_store *store = NULL;
	irmin_error err;
	irmin_rc rc;

	rc = irmin_repo_head(repo, &branch, &err);
	is_rc(rc, head ? IRMIN_OK : IRMIN_ABSENT, "%s: HEAD is read", what);
	if (head)
		is_str((const char *)branch.data, head, "%s: HEAD", what);
	rc = irmin_store_open(repo, NULL, &store, &err);
	if (rc >= 0)
		rc = irmin_store_find(store, "n", &value, &err);
	succeeds(rc, &err, "%s: a value at HEAD", what);
	is_str((const char *)value.data,
	    tap_format("%s\n", git_says(dir, "show HEAD:n")), "%s: is git's",
	    what);
	if (store)
		is_str(irmin_store_branch(store), head,
		    "%s: the store's branch", what);
	irmin_store_close(store);
	irmin_buf_clear(&branch);
	irmin_buf_clear(&value);
}

struct place {
	const char *open; /* what we are given */
	const char *dir;  /* what git is given */
	const char *head;
};

static void check_place(const char *top, const struct place *place,
    const char *what)
{
	const char *dir = tap_format("%s/%s", top, place->dir);
	struct git_objects objects;
	irmin_repo *repo;

	what = tap_format("%s, %s", place->open, what);
	repo = git_open_keys(tap_format("%s/%s", top, place->open), "");
	git_objects_read(dir, &objects);
	check_objects(repo, &objects, what);
	git_objects_clear(&objects);
	check_head(repo, dir, place->head, what);
	check_refs(repo, dir, what);
	irmin_repo_close(repo);
}

static const struct place places[] = {
	{ "project", "project/.git", "main" },
	{ "project/.git", "project/.git", "main" },
	{ "linked", "project/.git/worktrees/linked", "topic/deep" },
	{ "linked/.git", "project/.git/worktrees/linked", "topic/deep" },
	{ "detached", "project/.git/worktrees/detached", NULL },
};

static void check_places(const char *top, const char *what)
{
	const char *dir = tap_format("%s/project/.git", top);
	irmin_repo *repo;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		check_place(top, &places[i], what);
	repo = git_open_keys(dir, "");
	check_revisions(repo, dir, what);
	check_log(repo, dir, "nested", what);
	irmin_repo_close(repo);
}

/* A submodule's .git is a file with a relative path. */
static void check_submodule(const char *top)
{
	irmin_repo *repo = git_open_keys(tap_format("%s/project/sub", top), "");

	check_refs(repo, tap_format("%s/project/.git/modules/sub", top),
	    "a submodule");
	check_log(repo, tap_format("%s/project/.git/modules/sub", top), "HEAD",
	    "a submodule");
	irmin_repo_close(repo);
}

/* Refs that only one work tree has are read through it alone. */
static void check_own_refs(const char *top)
{
	const char *linked = tap_format("%s/linked", top);
	irmin_repo *repo;

	run_in(linked,
	    "git update-ref refs/worktree/own HEAD;"
	    "git update-ref refs/bisect/bad HEAD~1");
	repo = git_open_keys(linked, "");
	check_refs(repo, tap_format("%s/project/.git/worktrees/linked", top),
	    "refs of a linked work tree");
	irmin_repo_close(repo);
	repo = git_open_keys(tap_format("%s/project", top), "");
	check_refs(repo, tap_format("%s/project/.git", top),
	    "and not of the others");
	irmin_repo_close(repo);
}

static void check_format(const char *format)
{
	const char *top = git_path(format);

	write_project(top, format);
	check_places(top, "loose");
	check_submodule(top);
	check_own_refs(top);
	run_in(top,
	    "cd project; git pack-refs --all; git repack -adq;"
	    "grep -q '^^' .git/packed-refs");
	check_places(top, "packed");
	run_in(top,
	    "cd project; git -c pack.writeBitmaps=false gc -q; "
	    "git multi-pack-index write; git branch -qf old main~2;"
	    "git tag -f -m again nested main~2 >/dev/null; git tag -d blob");
	check_places(top, "packed and moved on");
}

int main(void)
{
	check_format("sha1");
	check_format("sha256");
	return done_testing();
}
