#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/object/write-check.h"
#include "tests/support/tap.h"
#include "tests/unit/object/git-fsck.h"

#define RANDOM_OBJECTS 2500

#define WHO "A U Thor <a@b> 1700000000 +0130"

/* ---- what we make ---- */

static irmin__commit_data good_commit(void)
{
	irmin__commit_data commit = IRMIN__COMMIT_DATA_INIT;

	commit.tree.algo = IRMIN_HASH_SHA1;
	commit.author = commit.committer = irmin_text(WHO);
	commit.message = irmin_text("message\n");
	return commit;
}

static void test_idents(void)
{
	static const struct {
		const char *line, *rule;
	} bad[] = {
		{ "", "missingEmail" },
		{ "A", "missingEmail" },
		{ "A >a> 1 +0000", "badName" },
		{ "<a> 1 +0000", "missingNameBeforeEmail" },
		{ "A<a> 1 +0000", "missingSpaceBeforeEmail" },
		{ "A <a", "badEmail" },
		{ "A <a<b> 1 +0000", "badEmail" },
		{ "A <a>", "missingSpaceBeforeDate" },
		{ "A <a>1 +0000", "missingSpaceBeforeDate" },
		{ "A <a>  1 +0000", "badDate" },
		{ "A <a> x +0000", "badDate" },
		{ "A <a> 1", "badDate" },
		{ "A <a> -1 +0000", "badDate" },
		{ "A <a> 01 +0000", "zeroPaddedDate" },
		{ "A <a> 9223372036854775808 +0000", "badDateOverflow" },
		{ "A <a> 99999999999999999999 +0000", "badDateOverflow" },
		{ "A <a> 1 0000", "badTimezone" },
		{ "A <a> 1 +000", "badTimezone" },
		{ "A <a> 1 +00000", "badTimezone" },
		{ "A <a> 1 +00x0", "badTimezone" },
		{ "A <a> 1 +0000 ", "badTimezone" },
		{ "A\n <a> 1 +0000", "newline" },
	};
	static const char *const good[] = { WHO, " <> 0 +0000",
		"A <a> 9223372036854775807 -9999", "\xff <\xff> 1 +0000" };
	irmin__commit_data commit = good_commit();
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		commit.author = irmin_text(bad[i].line);
		fails(irmin__check_commit(&commit, &err), IRMIN_EINVAL, &err,
		    "bad author %zu", i);
		ok(strstr(err.text, bad[i].rule), "%s", err.text);
	}
	for (i = 0; i < sizeof good / sizeof *good; i++) {
		commit.author = irmin_text(good[i]);
		succeeds(irmin__check_commit(&commit, &err), &err,
		    "good author %zu", i);
	}
	commit.author = irmin_bytes("A\0 <a> 1 +0000", 14);
	fails(irmin__check_commit(&commit, &err), IRMIN_EINVAL, &err, "a NUL");
	commit.author = irmin_text(NULL);
	fails(irmin__check_commit(&commit, &err), IRMIN_EINVAL, &err,
	    "no author");
	commit = good_commit();
	commit.committer = irmin_text(NULL);
	fails(irmin__check_commit(&commit, &err), IRMIN_EINVAL, &err,
	    "no committer");
}

static void test_commit(void)
{
	static const char *const bad[] = { "no newline x", " goes on\n", "a\n",
		"\n", "a b\n\nc d\n", "author " WHO "\n", "parent x\n",
		"a b\ntree x\n" };
	static const char *const good[] = { "", "encoding latin-1\n",
		"gpgsig a\n \n b\n", "x y\nx y\n", "x \n" };
	irmin__commit_data commit = good_commit();
	irmin_error err;
	size_t i;

	succeeds(irmin__check_commit(&commit, &err), &err, "a good commit");
	for (i = 0; i < sizeof good / sizeof *good; i++) {
		commit.extra = irmin_text(good[i]);
		succeeds(irmin__check_commit(&commit, &err), &err,
		    "good headers %zu", i);
	}
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		commit.extra = irmin_text(bad[i]);
		fails(irmin__check_commit(&commit, &err), IRMIN_EINVAL, &err,
		    "bad headers %zu", i);
	}
	commit.extra = irmin_bytes("a \0\n", 4);
	fails(irmin__check_commit(&commit, &err), IRMIN_EINVAL, &err,
	    "a NUL in a header");
	commit = good_commit();
	commit.message = irmin_bytes("a\0b\n", 4);
	fails(irmin__check_commit(&commit, &err), IRMIN_EINVAL, &err,
	    "a NUL in the message");
}

static irmin__tag_data good_tag(void)
{
	irmin__tag_data tag;

	memset(&tag, 0, sizeof tag);
	tag.object.algo = IRMIN_HASH_SHA1;
	tag.type = IRMIN_OBJECT_COMMIT;
	tag.name = irmin_text("v1.0");
	tag.tagger = irmin_text(WHO);
	tag.message = irmin_text("message\n");
	return tag;
}

static void test_tag(void)
{
	irmin__tag_data tag = good_tag();
	irmin_error err;

	succeeds(irmin__check_tag(&tag, &err), &err, "a good tag");
	tag.object.algo = IRMIN_HASH_NONE;
	fails(irmin__check_tag(&tag, &err), IRMIN_EINVAL, &err, "no object");
	tag = good_tag();
	tag.type = IRMIN_OBJECT_ANY;
	fails(irmin__check_tag(&tag, &err), IRMIN_EINVAL, &err, "no type");
	tag = good_tag();
	tag.name = irmin_text("a b");
	fails(irmin__check_tag(&tag, &err), IRMIN_EINVAL, &err, "a bad name");
	tag.name = irmin_text("-x");
	fails(irmin__check_tag(&tag, &err), IRMIN_EINVAL, &err, "an option");
	tag = good_tag();
	tag.tagger = irmin_text("A");
	fails(irmin__check_tag(&tag, &err), IRMIN_EINVAL, &err, "bad tagger");
	tag.tagger = irmin_text(NULL);
	fails(irmin__check_tag(&tag, &err), IRMIN_EINVAL, &err, "no tagger");
	tag = good_tag();
	tag.extra = irmin_text("x");
	fails(irmin__check_tag(&tag, &err), IRMIN_EINVAL, &err, "bad headers");
	tag = good_tag();
	tag.message = irmin_bytes("\0", 1);
	fails(irmin__check_tag(&tag, &err), IRMIN_EINVAL, &err, "a NUL");
}

/* ---- random objects, and git ---- */

static const char *any_of(const char *const *pieces, size_t count)
{
	return pieces[(size_t)rand() % count];
}

#define ANY(pieces) any_of(pieces, sizeof(pieces) / sizeof *(pieces))

static const char *random_ident(void)
{
	static const char *const names[] = { "A U Thor", "A", "", " ",
		"\xc3\xa4", "A\t", "A<", "A>", "A\n", "." };
	static const char *const emails[] = { "a@b", "", " ", "a>", "<a",
		"\n" };
	static const char *const times[] = { "1", "0", "00", "17", "-1", "+1",
		"x", "", "9223372036854775807", "9223372036854775808",
		"18446744073709551615" };
	static const char *const zones[] = { "+0000", "-0130", "+9999", "0000",
		"+000", "+00000", "", "+ 100" };

	/* Most parts are good, or hardly any line would be. */
	return tap_format("%s%s<%s>%s%s %s", rand() % 4 ? "A" : ANY(names),
	    rand() % 20 ? " " : "", rand() % 4 ? "a" : ANY(emails),
	    rand() % 20 ? " " : "", rand() % 4 ? "1" : ANY(times),
	    rand() % 4 ? "+0100" : ANY(zones));
}

static const char *random_extra(void)
{
	static const char *const extras[] = { "", "", "", "", "encoding x\n",
		"gpgsig a\n b\n \n c\n", "x", "x\n", " x\n", "x y",
		"author A\n", "committer " WHO "\n", "author " WHO "\n" };

	return ANY(extras);
}

static const char *random_message(void)
{
	static const char *const messages[] = { "\n", "\nx\n", "\nx", "",
		"\n\n", "\n\xff\n" };

	return ANY(messages);
}

/* The bytes of a commit or a tag, whatever they are worth; sometimes one of them
 * is made a NUL. */
static irmin_buf random_bytes(irmin_object_type type,
    const struct git_fsck *fsck)
{
	char tree[IRMIN_OID_HEX_BYTES], commit[IRMIN_OID_HEX_BYTES];
	irmin_oid tree_id = git_fsck_tree(fsck), id = git_fsck_commit(fsck);
	irmin_buf bytes = IRMIN_BUF_INIT;
	const char *text;

	irmin_oid_hex(&tree_id, tree);
	irmin_oid_hex(&id, commit);
	if (type == IRMIN_OBJECT_COMMIT)
		text = tap_format("tree %s\n%s%s%s%s%s%s", tree,
		    rand() % 2 ? tap_format("parent %s\n", commit) : "",
		    rand() % 20 ? tap_format("author %s\n", random_ident())
				: "",
		    rand() % 40 ? "" : "author " WHO "\n",
		    rand() % 20 ? tap_format("committer %s\n", random_ident())
				: "",
		    random_extra(), random_message());
	else
		text = tap_format("object %s\ntype commit\ntag v%d%s\n%s%s%s",
		    commit, rand() % 9, rand() % 9 ? "" : " x",
		    rand() % 9 ? tap_format("tagger %s\n", random_ident()) : "",
		    random_extra(), random_message());
	if (irmin_buf_set(&bytes, irmin_text(text), NULL) < 0)
		bail("out of memory");
	if (rand() % 20 == 0)
		bytes.data[(size_t)rand() % bytes.len] = '\0';
	return bytes;
}

static void test_random_bytes(irmin_object_type type)
{
	struct git_fsck *fsck = git_fsck_new(IRMIN_HASH_SHA1);
	static irmin_rc ours[RANDOM_OBJECTS];
	irmin_error err;
	int i, taken = 0, looser = 0, stricter = 0;

	for (i = 0; i < RANDOM_OBJECTS; i++) {
		irmin_buf bytes = random_bytes(type, fsck);

		ours[i] = irmin__check_object(IRMIN_HASH_SHA1, type,
		    irmin_buf_slice(&bytes), &err);
		git_fsck_add(fsck, type, irmin_buf_slice(&bytes));
		irmin_buf_clear(&bytes);
	}
	git_fsck_run(fsck);
	for (i = 0; i < RANDOM_OBJECTS; i++) {
		const char *refusal = git_fsck_refusal(fsck, (size_t)i);

		taken += !refusal;
		if (refusal && ours[i] >= 0) {
			looser++;
			diag("taken by us: %s", refusal);
		}
		stricter += !refusal && ours[i] < 0;
	}
	is_int(looser, 0, "%ss that come: never looser than git",
	    irmin_object_type_name(type));
	ok(taken > RANDOM_OBJECTS / 10 && taken < RANDOM_OBJECTS * 9 / 10,
	    "git takes %d of %d", taken, RANDOM_OBJECTS);
	diag("%ss that come: stricter than git for %d of %d",
	    irmin_object_type_name(type), stricter, taken);
	git_fsck_free(fsck);
}

/* ---- commits that we make, as the store makes them ---- */

static irmin_slice random_text(irmin_buf *out)
{
	static const char bytes[] = "ab <>\n\t\0.\xc3\xa4\"'-";
	size_t length = (size_t)rand() % 12;

	out->len = 0;
	while (length--)
		if (irmin_buf_append(out,
			irmin_bytes(bytes +
				(size_t)rand() %
				    (rand() % 4 ? 3 : sizeof bytes - 1),
			    1),
			NULL) < 0)
			bail("out of memory");
	return irmin_buf_slice(out);
}

static int64_t random_time(void)
{
	static const int64_t times[] = { 0, 1, 1700000000, INT32_MAX,
		INT64_C(4294967296), INT64_MAX, -1, INT64_MIN };

	return times[(size_t)rand() % 8];
}

/* An ident of random parts as a line; 0 if it is refused. */
static int random_line(irmin_buf *line)
{
	irmin_buf name = IRMIN_BUF_INIT, email = IRMIN_BUF_INIT;
	irmin_ident ident;
	irmin_rc rc;

	ident.name = random_text(&name);
	ident.email = random_text(&email);
	ident.time = random_time();
	ident.zone = rand() % 5 ? rand() % 2000 - 1000 : rand() % 30000 - 15000;
	line->len = 0;
	rc = irmin__ident_append(line, &ident, NULL);
	irmin_buf_clear(&name);
	irmin_buf_clear(&email);
	return rc >= 0;
}

/* Encodes a commit from random parts; 0 if one of the checks refuses it. */
static int random_commit(const struct git_fsck *fsck, irmin_buf *bytes)
{
	irmin__commit_data commit = IRMIN__COMMIT_DATA_INIT;
	irmin_buf author = IRMIN_BUF_INIT, committer = IRMIN_BUF_INIT;
	irmin_buf message = IRMIN_BUF_INIT;
	int made;

	commit.tree = git_fsck_tree(fsck);
	commit.message = random_text(&message);
	made = random_line(&author) && random_line(&committer);
	commit.author = irmin_buf_slice(&author);
	commit.committer = irmin_buf_slice(&committer);
	made = made && irmin__check_commit(&commit, NULL) >= 0;
	bytes->len = 0;
	if (made && irmin__commit_encode(&commit, bytes, NULL) < 0)
		bail("out of memory");
	irmin_buf_clear(&author);
	irmin_buf_clear(&committer);
	irmin_buf_clear(&message);
	return made;
}

static void test_random_commits(irmin_hash_algo algo)
{
	struct git_fsck *fsck = git_fsck_new(algo);
	static irmin_oid ids[RANDOM_OBJECTS];
	irmin_buf bytes = IRMIN_BUF_INIT;
	size_t i, made = 0, wrong = 0, refused = 0;

	for (i = 0; i < RANDOM_OBJECTS; i++) {
		if (!random_commit(fsck, &bytes))
			continue;
		git_fsck_add(fsck, IRMIN_OBJECT_COMMIT,
		    irmin_buf_slice(&bytes));
		if (irmin_hash_object(algo, IRMIN_OBJECT_COMMIT,
			irmin_buf_slice(&bytes), &ids[made++], NULL) < 0)
			bail("cannot hash");
	}
	git_fsck_run(fsck);
	for (i = 0; i < made; i++) {
		irmin_oid id = git_fsck_id(fsck, i);

		wrong += irmin_oid_compare(&id, &ids[i]) != 0;
		if (git_fsck_refusal(fsck, i)) {
			refused++;
			diag("%s", git_fsck_refusal(fsck, i));
		}
	}
	is_int(refused, 0, "%s: git takes all commits we make",
	    irmin_hash_name(algo));
	is_int(wrong, 0, "and gives them our ids");
	ok(made > RANDOM_OBJECTS / 20 && made < RANDOM_OBJECTS,
	    "%zu of %d were made", made, RANDOM_OBJECTS);
	irmin_buf_clear(&bytes);
	git_fsck_free(fsck);
}

/* ---- trees as they come ---- */

static void test_trees(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *rule;
	} rows[] = {
#define ID   "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"
#define ZERO "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		{ "", 0, NULL },
		{ "100644 a\0" ID, 29, NULL },
		{ "100664 a\0" ID, 29, NULL },
		{ "100644 a\0" ID "100644 b\0" ID, 58, NULL },
		{ "0100644 a\0" ID, 30, "zeroPaddedFilemode" },
		{ "100644 a\0" ZERO, 29, "nullSha1" },
		{ "100644 b\0" ID "100644 a\0" ID, 58, "treeNotSorted" },
		{ "100644 a\0" ID "100644 a\0" ID, 58, "duplicateEntries" },
		{ "100644 a\0" ID "40000 a\0" ID, 57, "duplicateEntries" },
		{ "100644 a/b\0" ID, 31, "fullPathname" },
		{ "40000 .git\0" ID, 31, "hasDotgit" },
		{ "40000 .gitmodules\0" ID, 38, "gitmodulesBlob" },
		{ "120000 .gitmodules\0" ID, 39, "gitmodulesSymlink" },
		{ "120000 .gitattributes\0" ID, 42, NULL },
		{ "40000 .gitattributes\0" ID, 41, "gitattributesBlob" },
		{ "120000 .gitignore\0" ID, 38, NULL },
	};
	irmin_error err;
	irmin_slice bytes;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		bytes = irmin_bytes(rows[i].bytes, rows[i].len);
		if (!rows[i].rule) {
			succeeds(irmin__check_object(IRMIN_HASH_SHA1,
				     IRMIN_OBJECT_TREE, bytes, &err),
			    &err, "good tree %zu", i);
			continue;
		}
		fails(irmin__check_object(IRMIN_HASH_SHA1, IRMIN_OBJECT_TREE,
			  bytes, &err),
		    IRMIN_EINVAL, &err, "bad tree: %s", rows[i].rule);
		ok(strstr(err.text, rows[i].rule), "%s", err.text);
	}
	fails(irmin__check_object(IRMIN_HASH_SHA1, IRMIN_OBJECT_TREE,
		  irmin_text("100644 a"), &err),
	    IRMIN_ECORRUPT, &err, "a tree cut short");
	is_rc(irmin__check_object(IRMIN_HASH_SHA1, IRMIN_OBJECT_BLOB,
		  irmin_text("anything"), &err),
	    IRMIN_OK, "a blob may be anything");
}

int main(void)
{
	srand(4);
	test_idents();
	test_commit();
	test_tag();
	test_trees();
	test_random_bytes(IRMIN_OBJECT_COMMIT);
	test_random_bytes(IRMIN_OBJECT_TAG);
	test_random_commits(IRMIN_HASH_SHA1);
	test_random_commits(IRMIN_HASH_SHA256);
	return done_testing();
}
