/*
 * What other programs have written in twenty years: commits with headers of all
 * kinds, or without what a commit should have, tags likewise, trees with every
 * mode and any name. All of it is read as it is, written again with the same id
 * wherever `git fsck --strict` has nothing against it, copied byte for byte, and
 * left alone when a value beside it changes.
 */
#include "tests/interop/with-git.h"
#include "tests/interop/with-objects.h"

#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE                                                                 \
	"author A U Thor <a@example.org> 1500000000 +0200\n"                   \
	"committer C O Mitter <c@example.org> 1600000000 -0330\n"
#define BY(author)                                                             \
	"author " author "\n"                                                  \
	"committer C O Mitter <c@example.org> 1600000000 -0330\n\nx\n"
#define SIGNATURE                                                              \
	" -----BEGIN PGP SIGNATURE-----\n \n iQIcBAABAgAGBQ\n =abcd\n"         \
	" -----END PGP SIGNATURE-----\n"

/* Behind the line `tree ID`; $ID stands for an id. */
static const struct odd_commit {
	const char *name;
	const char *text;
	int people; /* git reads names and dates as they are meant */
} odd_commits[] = {
	{ "a plain one", PEOPLE "\nsubject\n\nbody\n", 1 },
	{ "an encoding", PEOPLE "encoding ISO-8859-1\n\nl\351gende\n", 1 },
	{ "no newline at the end", PEOPLE "\nsubject", 1 },
	{ "no message", PEOPLE "\n", 1 },
	{ "a message of newlines", PEOPLE "\n\n\n\n", 1 },
	{ "CRLF", PEOPLE "\nsubject\r\n\r\nbody\r\n", 1 },
	{ "binary without NUL", PEOPLE "\n\1\2\3\377\376\200\r\t\177\n", 1 },
	{ "a signature", PEOPLE "gpgsig" SIGNATURE "\nsigned\n", 1 },
	{ "signatures of both hashes",
	    PEOPLE "gpgsig" SIGNATURE "gpgsig-sha256" SIGNATURE "\nx\n", 1 },
	{ "a merged tag",
	    PEOPLE "mergetag object $ID\n type commit\n tag v1\n"
		   " tagger T <t@e> 1 +0000\n \n text\n" SIGNATURE "\nx\n",
	    1 },
	{ "extras of hg",
	    PEOPLE "HG:extra rebase_source:abc\n"
		   "HG:rename-source hg\n\nx\n",
	    1 },
	{ "unknown headers", PEOPLE "x-one\nx-two  \n\n\nx\n", 1 },
	{ "a header twice", PEOPLE "foo 1\nfoo 2\n\nx\n", 1 },
	{ "a name of 300 bytes", PEOPLE "n$ID$ID$ID$ID$ID$ID$ID 1\n\nx\n", 1 },
	{ "no name", BY("<a@example.org> 1500000000 +0000"), 0 },
	{ "an empty name", BY(" <a@example.org> 1500000000 +0000"), 1 },
	{ "an empty e-mail", BY("A <> 1500000000 +0000"), 1 },
	{ "spaces in an e-mail", BY("A <a at b> 1500000000 +0000"), 1 },
	{ "UTF-8", BY("J\303\266rg <j@example.org> 1500000000 +0000"), 1 },
	{ "the zone +1400", BY("A <a@b> 1500000000 +1400"), 1 },
	{ "the zone -1200", BY("A <a@b> 1500000000 -1200"), 1 },
	{ "the zone +0545", BY("A <a@b> 1500000000 +0545"), 1 },
	{ "the zone +0013", BY("A <a@b> 1500000000 +0013"), 1 },
	{ "the zone -0000", BY("A <a@b> 1500000000 -0000"), 1 },
	{ "the zone +5 digits", BY("A <a@b> 1500000000 +051800"), 0 },
	{ "no zone", BY("A <a@b> 1500000000"), 0 },
	{ "no date", BY("A <a@b>"), 0 },
	{ "the date 0", BY("A <a@b> 0 +0000"), 1 },
	{ "a date after 2038", BY("A <a@b> 4400000000 +0000"), 1 },
	{ "a date of 20 digits", BY("A <a@b> 18446744073709551615 +0000"), 0 },
	{ "a date before 1970", BY("A <a@b> -1500000000 +0000"), 0 },
	{ "a date with a leading 0", BY("A <a@b> 01500000000 +0000"), 0 },
	{ "no e-mail", BY("A 1500000000 +0000"), 0 },
	{ "brackets in a name", BY("A <B <a@b> 1500000000 +0000"), 0 },
	{ "no bracket", BY("A a@b> 1500000000 +0000"), 0 },
	{ "no space behind the name", BY("A<a@b> 1500000000 +0000"), 0 },
};

/* Behind `object ID`, `type commit`. */
static const struct odd_tag {
	const char *name, *text;
} odd_tags[] = {
	{ "a tag", "tag v1\ntagger T <t@e> 1 +0000\n\ntext\n" },
	{ "a tag without a tagger", "tag v1\n\ntext\n" },
	{ "a tag without text", "tag v1\ntagger T <t@e> 1 +0000\n\n" },
	{ "a signed tag",
	    "tag v1\ntagger T <t@e> 1 +0000\n\ntext\n"
	    "-----BEGIN PGP SIGNATURE-----\n\nabc\n"
	    "-----END PGP SIGNATURE-----\n" },
	{ "a tag with another header",
	    "tag v1\ntagger T <t@e> 1 +0000\ngpgsig-sha256" SIGNATURE "\nx\n" },
	{ "a tag whose name no ref may have",
	    "tag a..b\ntagger T <t@e> 1 +0000\n\ntext\n" },
	{ "a tag without a name", "tagger T <t@e> 1 +0000\n\ntext\n" },
};

struct side {
	const char *dir; /* git's */
	irmin_repo *repo, *ours;
	irmin_hash_algo hash;
	const char *tree, *commit; /* ids there */
};

/* Puts `id` where $ID stands. */
static void expand(irmin_buf *out, const char *text, const char *id)
{
	const char *at;

	while ((at = strstr(text, "$ID"))) {
		buf_add(out, irmin_bytes(text, (size_t)(at - text)));
		buf_add(out, irmin_text(id));
		text = at + 3;
	}
	buf_add(out, irmin_text(text));
}

static const char *write_by_git(const char *dir, const char *type,
    irmin_slice bytes)
{
	const char *file = git_path("object");

	tap_write_file(file, bytes.data, bytes.len);
	return git_says(dir, "hash-object -w --literally -t %s %s", type, file);
}

/* What `git fsck --strict` says of one object in a repository that has what it
 * names. Warnings do not count there, nor here. */
static int fsck_accepts(const struct side *side, const char *type,
    irmin_slice bytes)
{
	const char *dir = git_path("fsck.git");
	struct tap_output said;
	const char *id;
	int code;

	if (tap_run(NULL, "rm -rf %s && cp -a %s.base %s", dir, side->dir,
		dir) != 0)
		bail("cannot copy a repository");
	id = write_by_git(dir, type, bytes);
	code = tap_run(&said, "git --git-dir %s fsck --strict --no-dangling %s",
	    dir, id);
	tap_output_clear(&said);
	return code == 0;
}

/* Read as it is, and written if fsck takes it. */
static void check_object(const struct side *side, irmin_object_type type,
    irmin_slice bytes, const char *id, const char *name)
{
	const char *word = irmin_object_type_name(type);
	int fine = fsck_accepts(side, word, bytes);
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_object object;
	irmin_error err;
	irmin_oid oid;
	irmin_rc rc;

	if (irmin_oid_parse(irmin_text(id), &oid, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_object_find(side->repo, &oid, &object, &err), IRMIN_OK,
	    "%s is found", name);
	is_mem(object.data.data, object.data.len, bytes.data, bytes.len,
	    "%s: its bytes", name);
	irmin_pin_release(&object.data);
	rc = irmin_object_add(side->ours, type, bytes, &oid, &err);
	if (!fine) {
		fails(rc, IRMIN_EINVAL, &err, "%s is refused, as by fsck",
		    name);
		return;
	}
	succeeds(rc, &err, "%s is written, as fsck has nothing against it",
	    name);
	is_str(irmin_oid_hex(&oid, hex), id, "%s: with the same id", name);
}

/* ---- commits ---- */

static void check_people(irmin_commit *commit, const char *dir, const char *id,
    const char *name)
{
	irmin_ident author = irmin_commit_author(commit);
	irmin_ident committer = irmin_commit_committer(commit);

	is_str(tap_format("%.*s|%.*s|%lld %+05d|%.*s|%lld %+05d",
		   (int)author.name.len, (const char *)author.name.data,
		   (int)author.email.len, (const char *)author.email.data,
		   (long long)author.time, (int)author.zone,
		   (int)committer.name.len, (const char *)committer.name.data,
		   (long long)committer.time, (int)committer.zone),
	    git_says(dir,
		"log -1 --date=raw --format='%%an|%%ae|%%ad|%%cn|%%cd' %s", id),
	    "%s: who wrote it, and when", name);
}

static void check_commit(const struct side *side, const struct odd_commit *odd)
{
	irmin_buf text = IRMIN_BUF_INIT;
	irmin_commit *commit = NULL;
	irmin_slice message;
	const char *id, *body;
	irmin_error err;
	irmin_oid oid;

	buf_print(&text, "tree %s\nparent %s\n", side->tree, side->commit);
	expand(&text, odd->text, side->commit);
	body = strstr((const char *)text.data, "\n\n") + 2;
	id = write_by_git(side->dir, "commit", irmin_buf_slice(&text));
	check_object(side, IRMIN_OBJECT_COMMIT, irmin_buf_slice(&text), id,
	    odd->name);
	if (irmin_oid_parse(irmin_text(id), &oid, &err) >= 0 &&
	    succeeds(irmin_commit_get(side->repo, &oid, &commit, &err), &err,
		"%s: a commit to us", odd->name)) {
		message = irmin_commit_message(commit);
		is_mem(message.data, message.len, body, strlen(body),
		    "%s: its message", odd->name);
		if (odd->people)
			check_people(commit, side->dir, id, odd->name);
	}
	irmin_commit_unref(commit);
	irmin_buf_clear(&text);
}

/* A commit of ours on top of any of them leaves all values. */
static void check_child(const struct side *side, const struct odd_commit *odd,
    size_t n)
{
	const char *branch = tap_format("odd%zu", n);
	irmin_buf text = IRMIN_BUF_INIT;
	irmin_store *store;
	irmin_error err;
	const char *id;

	buf_print(&text, "tree %s\nparent %s\n", side->tree, side->commit);
	expand(&text, odd->text, side->commit);
	id = write_by_git(side->dir, "commit", irmin_buf_slice(&text));
	git_says(side->dir, "update-ref refs/heads/%s %s", branch, id);
	if (irmin_store_open(side->repo, branch, &store, &err) < 0)
		bail("%s", err.text);
	succeeds(irmin_store_set(store, "zzz", irmin_text("ours"), NULL, &err),
	    &err, "%s: a value is set on top", odd->name);
	is_str(git_says(side->dir, "rev-parse %s^", branch), id,
	    "%s: it is the parent", odd->name);
	is_str(git_says(side->dir, "ls-tree %s", branch),
	    tap_format("%s\n100644 blob %s\tzzz",
		git_says(side->dir, "ls-tree %s^", branch),
		git_says(side->dir, "rev-parse %s:zzz", branch)),
	    "%s: beside what was there", odd->name);
	irmin_store_close(store);
	irmin_buf_clear(&text);
}

static void check_tag(const struct side *side, const struct odd_tag *odd)
{
	irmin_buf text = IRMIN_BUF_INIT;
	const char *id;

	buf_print(&text, "object %s\ntype commit\n%s", side->commit, odd->text);
	id = write_by_git(side->dir, "tag", irmin_buf_slice(&text));
	check_object(side, IRMIN_OBJECT_TAG, irmin_buf_slice(&text), id,
	    odd->name);
	irmin_buf_clear(&text);
}

/* ---- all ---- */

static void open_side(struct side *side, const char *format)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_buf stream = IRMIN_BUF_INIT;

	side->dir = git_path(tap_format("odd-%s.git", format));
	git_init(side->dir, format);
	buf_print(&stream,
	    "commit refs/heads/main\n" PEOPLE "data 4\nodd\n\n"
	    "M 644 inline a/b\ndata 1\n1\nM 644 inline c\ndata 0\n\n");
	git_fast_import(side->dir, &stream);
	irmin_buf_clear(&stream);
	if (tap_run(NULL, "cp -a %s %s.base", side->dir, side->dir) != 0)
		bail("cannot copy a repository");
	side->tree = git_says(side->dir, "rev-parse main^{tree}");
	side->commit = git_says(side->dir, "rev-parse main");
	side->repo = git_open(side->dir, NULL);
	options.flags = IRMIN_OPEN_CREATE;
	options.hash = side->hash;
	side->ours = git_open(git_path(tap_format("ours-%s.git", format)),
	    &options);
}

static void check_copy(const struct side *side, const char *format)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	const char *dir = git_path(tap_format("copy-%s.git", format));
	struct git_objects theirs, copied;
	irmin_repo *copy;
	irmin_error err;

	options.flags = IRMIN_OPEN_CREATE;
	options.hash = side->hash;
	copy = git_open(dir, &options);
	is_rc(irmin_repo_copy(side->repo, copy, NULL, NULL, &err), IRMIN_OK,
	    "%s: all of it is copied", format);
	git_objects_read(side->dir, &theirs);
	git_objects_read(dir, &copied);
	ok(theirs.said.out_len == copied.said.out_len &&
		memcmp(theirs.said.out, copied.said.out, theirs.said.out_len) ==
		    0,
	    "%s: byte for byte", format);
	is_str(git_says(dir, "for-each-ref"),
	    git_says(side->dir, "for-each-ref"), "%s: with the refs", format);
	git_objects_clear(&theirs);
	git_objects_clear(&copied);
	irmin_repo_close(copy);
}

static void check_format(const char *format, irmin_hash_algo hash)
{
	struct side side = { .hash = hash };
	size_t i;

	open_side(&side, format);
	for (i = 0; i < sizeof(odd_commits) / sizeof(odd_commits[0]); i++)
		check_commit(&side, &odd_commits[i]);
	for (i = 0; i < sizeof(odd_tags) / sizeof(odd_tags[0]); i++)
		check_tag(&side, &odd_tags[i]);
	for (i = 0; i < sizeof(odd_commits) / sizeof(odd_commits[0]); i++)
		check_child(&side, &odd_commits[i], i);
	check_copy(&side, format);
	irmin_repo_close(side.repo);
	irmin_repo_close(side.ours);
}

int main(void)
{
	check_format("sha1", IRMIN_HASH_SHA1);
	check_format("sha256", IRMIN_HASH_SHA256);
	return done_testing();
}
