/*
 * We read what git wrote: every path, mode and value, commits with all that a
 * commit can hold, tags, symbolic refs, packed refs, revisions; and a write
 * beside foreign entries leaves them as they are. Nothing is packed: packs come
 * with a later slice.
 */
#include "tests/interop/with-git.h"

#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GITLINK "1234567890123456789012345678901234567890"

/* What a stream of one long SHA can hold for both formats. */
static const char *gitlink_of(const char *format)
{
	return strcmp(format, "sha256") == 0 ? GITLINK
	    "123456789012345678901234"
					     : GITLINK;
}

static void write_file(irmin_buf *stream, const char *mode, const char *path,
    const char *value)
{
	buf_print(stream, "M %s inline %s\ndata %zu\n%s\n", mode, path,
	    strlen(value), value);
}

static void write_repository(const char *dir, const char *format)
{
	irmin_buf stream = IRMIN_BUF_INIT;
	int i;

	git_init(dir, format);
	for (i = 0; i < 40; i++) {
		buf_print(&stream,
		    "commit refs/heads/main\n"
		    "author Ann Author <ann@example.org> %d -0330\n"
		    "committer Carl <carl@example.org> %d +0545\n"
		    "data <<END\nchange %d\n\nwith a body\nEND\n",
		    1500000000 + i * 60, 1600000000 + i * 3600, i);
		write_file(&stream, "644", tap_format("dir%d/file%d", i % 7, i),
		    tap_format("value %d\n", i));
		write_file(&stream, "644", "counter", tap_format("%d", i));
	}
	write_file(&stream, "755", "bin/run", "#!/bin/sh\n");
	write_file(&stream, "120000", "bin/link", "run");
	write_file(&stream, "644", "empty", "");
	buf_print(&stream, "M 160000 %s sub/module\n", gitlink_of(format));
	buf_print(&stream,
	    "tag v1\nfrom refs/heads/main\ntagger T <t@e> 1600000000 +0000\n"
	    "data 4\ntag\n\n");
	git_fast_import(dir, &stream);
	git_says(dir, "branch old main~10");
	irmin_buf_clear(&stream);
}

/* ---- trees ---- */

struct walk {
	irmin_buf text;
	size_t values;
};

/* As `git ls-tree -r -z` writes them, and the value behind each. */
static int write_entry(void *arg, const irmin_visit *visit)
{
	struct walk *self = arg;
	char hex[IRMIN_OID_HEX_BYTES];

	buf_print(&self->text, "%06o %s %s\t%.*s\n", (unsigned)visit->mode,
	    visit->mode == IRMIN_MODE_GITLINK ? "commit" : "blob",
	    irmin_oid_hex(&visit->id, hex), (int)visit->path.len,
	    (const char *)visit->path.data);
	self->values += visit->value.len;
	return 0;
}

static void check_tree(irmin_repo *repo, const char *dir)
{
	struct walk self = { IRMIN_BUF_INIT, 0 };
	irmin_commit *head = NULL;
	irmin_tree *tree = NULL;
	irmin_error err;
	irmin_rc rc;

	rc = irmin_commit_of_revision(repo, "main", &head, &err);
	if (rc >= 0)
		rc = irmin_commit_tree(head, &tree, &err);
	if (rc >= 0)
		rc = irmin_tree_each(tree, "", IRMIN_EACH_VALUES, write_entry,
		    &self, &err);
	succeeds(rc, &err, "the tree is walked");
	is_str((const char *)self.text.data,
	    tap_format("%s\n", git_says(dir, "ls-tree -r main")),
	    "as git ls-tree -r tells it");
	ok(self.values > 40 * 8, "with its values");
	irmin_buf_clear(&self.text);
	irmin_tree_unref(tree);
	irmin_commit_unref(head);
}

static void check_value(irmin_store *store, const char *path, const char *want)
{
	irmin_buf value = IRMIN_BUF_INIT;
	irmin_error err;

	succeeds(irmin_store_find(store, path, &value, &err), &err, "find %s",
	    path);
	is_mem(value.data, value.len, want, strlen(want), "%s: its value",
	    path);
	irmin_buf_clear(&value);
}

static void check_values(irmin_store *store)
{
	irmin_buf value = IRMIN_BUF_INIT;
	irmin_error err;
	irmin_mode mode;

	check_value(store, "counter", "39");
	check_value(store, "dir3/file38", "value 38\n");
	check_value(store, "bin/link", "run");
	check_value(store, "empty", "");
	is_rc(irmin_store_find(store, "sub/module", &value, &err), IRMIN_ABSENT,
	    "a gitlink has no value");
	is_rc(irmin_store_find_mode(store, "sub/module", &mode, &err), IRMIN_OK,
	    "but a mode");
	is_int(mode, IRMIN_MODE_GITLINK, "which says what it is");
	is_rc(irmin_store_find(store, "dir3", &value, &err), IRMIN_ABSENT,
	    "nor has a directory");
	irmin_buf_clear(&value);
}

/* ---- commits and revisions ---- */

static void check_commit(irmin_repo *repo)
{
	irmin_commit *commit;
	irmin_error err;
	irmin_ident who;
	irmin_slice text;

	if (irmin_commit_of_revision(repo, "main", &commit, &err) < 0)
		bail("main: %s", err.text);
	who = irmin_commit_author(commit);
	is_mem(who.name.data, who.name.len, "Ann Author", 10, "author");
	is_mem(who.email.data, who.email.len, "ann@example.org", 15, "e-mail");
	is_int(who.time, 1500000000 + 39 * 60, "author date");
	is_int(who.zone, -330, "and zone");
	who = irmin_commit_committer(commit);
	is_mem(who.name.data, who.name.len, "Carl", 4, "committer");
	is_int(who.zone, 545, "with a zone of its own");
	text = irmin_commit_message(commit);
	is_mem(text.data, text.len, "change 39\n\nwith a body\n", 23,
	    "message");
	is_int(irmin_commit_parent_count(commit), 1, "one parent");
	irmin_commit_unref(commit);
}

/* What both sides make of a revision. */
static void check_revision(irmin_repo *repo, const char *dir, const char *ours,
    const char *theirs)
{
	char hex[IRMIN_OID_HEX_BYTES] = "";
	irmin_commit *commit = NULL;
	irmin_error err;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_commit_of_revision(repo, ours, &commit, &err);
	if (rc >= 0)
		rc = irmin_commit_id(commit, &id, &err);
	if (rc >= 0)
		irmin_oid_hex(&id, hex);
	succeeds(rc, &err, "revision %s", ours);
	is_str(hex, git_says(dir, "rev-parse '%s^{commit}'", theirs),
	    "%s is what git makes of it", ours);
	irmin_commit_unref(commit);
}

static void check_revisions(irmin_repo *repo, const char *dir)
{
	static const char *const same[] = { "main", "refs/heads/main",
		"heads/main", "HEAD", "@", "old", "v1", "v1~3", "main~39",
		"main^", "main^^~2", "main^0", "main~0" };
	const char *id = git_says(dir, "rev-parse main~5");
	const char *date = git_says(dir,
	    "rev-list -1 --first-parent --before=%d main",
	    1600000000 + 20 * 3600 + 100);
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		check_revision(repo, dir, same[i], same[i]);
	check_revision(repo, dir, id, id);
	check_revision(repo, dir, tap_format("%.12s", id), id);
	check_revision(repo, dir, tap_format("%.12s~2", id),
	    tap_format("%s~2", id));
	/* 1600000000 is 2020-09-13 12:26:40 UTC. */
	check_revision(repo, dir, "main@{2020-09-14 08:28:20 +0000}", date);
}

/* Made by hand: what fast-import cannot write. */
static void check_odd_commit(irmin_repo *repo, const char *dir)
{
	static const char tail[] = "author A <a@b> 1 +0000\n"
				   "committer A <a@b> 1 +0000\n"
				   "encoding ISO-8859-1\n"
				   "gpgsig -----BEGIN\n line two\n -----END\n"
				   "x-unknown kept\n\nl\351gende\n";
	const char *text = tap_format("tree %s\n%s",
	    git_says(dir, "rev-parse main^{tree}"), tail);
	const char *file = git_path("commit.txt");
	irmin_commit *commit = NULL;
	irmin_error err;
	irmin_slice line;

	tap_write_file(file, text, strlen(text));
	git_says(dir,
	    "update-ref refs/heads/odd "
	    "$(git --git-dir %s hash-object -w -t commit %s)",
	    dir, file);
	if (!succeeds(irmin_commit_of_revision(repo, "odd", &commit, &err),
		&err, "a commit with headers of others"))
		return;
	line = irmin_commit_header(commit, "encoding");
	is_mem(line.data, line.len, "ISO-8859-1", 10, "its encoding");
	line = irmin_commit_header(commit, "gpgsig");
	ok(line.len > 20 && memcmp(line.data, "-----BEGIN", 10) == 0,
	    "its signature");
	line = irmin_commit_message(commit);
	is_mem(line.data, line.len, "l\351gende\n", 8, "its message's bytes");
	irmin_commit_unref(commit);
}

/* ---- writing beside ---- */

static void check_write(irmin_store *store, const char *dir)
{
	const char *before = git_says(dir, "ls-tree -r main");
	const char *expected;
	irmin_error err;

	succeeds(irmin_store_set(store, "zzz", irmin_text("ours"), NULL, &err),
	    &err, "a value beside them");
	expected = tap_format("%s\n100644 blob %s\tzzz", before,
	    git_says(dir, "rev-parse main:zzz"));
	is_str(git_says(dir, "ls-tree -r main"), expected,
	    "all others are as they were");
	is_str(git_says(dir, "rev-parse main~1"),
	    git_says(dir, "rev-parse v1^0"), "the parent is git's commit");
}

static void check_format(const char *format)
{
	const char *dir = git_path(tap_format("theirs-%s.git", format));
	irmin_repo *repo;
	irmin_store *store;
	irmin_error err;
	int packed;

	write_repository(dir, format);
	for (packed = 0; packed < 2; packed++) {
		if (packed)
			git_says(dir, "pack-refs --all");
		diag("%s, %s refs", format, packed ? "packed" : "loose");
		repo = git_open(dir, NULL);
		if (irmin_store_open(repo, NULL, &store, &err) < 0)
			bail("%s", err.text);
		is_str(irmin_hash_name(irmin_repo_hash(repo)), format,
		    "the hash is recognised");
		is_str(irmin_store_branch(store), "main", "HEAD is followed");
		check_tree(repo, dir);
		check_values(store);
		check_commit(repo);
		check_revisions(repo, dir);
		irmin_store_close(store);
		irmin_repo_close(repo);
	}
	repo = git_open(dir, NULL);
	check_odd_commit(repo, dir);
	if (irmin_store_open(repo, "main", &store, &err) < 0)
		bail("%s", err.text);
	check_write(store, dir);
	irmin_store_close(store);
	irmin_repo_close(repo);
	git_fsck_is_clean(dir);
}

int main(void)
{
	check_format("sha1");
	check_format("sha256");
	return done_testing();
}
