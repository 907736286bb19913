#include <string.h>

#include "lib/core/object/commit-codec.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define ID_A      "0123456789abcdef0123456789abcdef01234567"
#define ID_B      "89abcdef0123456789abcdef0123456789abcdef"
#define TREE      "tree " ID_A "\n"
#define WHO       "A <a@b> 17 +0100"
#define AUTHOR    "author " WHO "\n"
#define COMMITTER "committer " WHO "\n"
#define SIGNATURE                                                              \
	"gpgsig -----BEGIN\n"                                                  \
	" \n"                                                                  \
	" abc\n"                                                               \
	" -----END\n"
#define MERGETAG                                                               \
	"mergetag object " ID_B "\n"                                           \
	" type commit\n"                                                       \
	" \n"                                                                  \
	" it says\n"

/* What git reads, however odd. */
static const char *const commits[] = {
	TREE AUTHOR COMMITTER "\nmessage\n",
	TREE "parent " ID_B "\n" AUTHOR COMMITTER "\nmessage\n",
	TREE "parent " ID_B "\nparent " ID_A "\n" AUTHOR COMMITTER "\nx\n",
	TREE AUTHOR COMMITTER "\nno final newline",
	TREE AUTHOR COMMITTER "\n",
	TREE AUTHOR COMMITTER,
	TREE AUTHOR COMMITTER "\n\n\n",
	TREE COMMITTER "\nno author\n",
	TREE AUTHOR "\nno committer\n",
	TREE "\nneither\n",
	TREE,
	TREE "author \ncommitter \n\nempty ones\n",
	TREE "author\ncommitter\n\nno value\n",
	TREE COMMITTER AUTHOR "\nswapped\n",
	TREE AUTHOR AUTHOR COMMITTER "\ntwo authors\n",
	TREE AUTHOR "parent " ID_B "\n" COMMITTER "\na late parent\n",
	TREE AUTHOR COMMITTER "encoding latin-1\n" SIGNATURE "\n\xe4\n",
	TREE AUTHOR COMMITTER MERGETAG SIGNATURE "\nmerged\n",
	TREE AUTHOR COMMITTER " goes on with nothing\n\nodd\n",
	TREE AUTHOR COMMITTER "x-unknown  two blanks \nword\n\nm\n",
	TREE AUTHOR COMMITTER "no newline ends the headers",
	TREE AUTHOR "committer no newline",
	TREE "author no newline",
	TREE "parent no newline",
};

static void decode(irmin_slice bytes, irmin__commit_data *commit)
{
	irmin_error err;

	if (irmin__commit_decode(IRMIN_HASH_SHA1, bytes, commit, &err) < 0)
		bail("cannot decode: %s", err.text);
}

static void test_round_trip(void)
{
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__commit_data commit;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof commits / sizeof *commits; i++) {
		if (!succeeds(irmin__commit_decode(IRMIN_HASH_SHA1,
				  irmin_text(commits[i]), &commit, &err),
			&err, "decoded: commit %zu", i))
			continue;
		out.len = 0;
		succeeds(irmin__commit_encode(&commit, &out, &err), &err,
		    "encoded");
		is_mem(out.data, out.len, commits[i], strlen(commits[i]),
		    "to the same");
		irmin__commit_data_clear(&commit);
	}
	irmin_buf_clear(&out);
}

/* Cut anywhere, a commit is bad or keeps its bytes. */
static void test_cut(void)
{
	const char *whole = commits[17];
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__commit_data commit;
	size_t length, good = 0, equal = 0;

	for (length = 0; length < strlen(whole); length++) {
		if (irmin__commit_decode(IRMIN_HASH_SHA1,
			irmin_bytes(whole, length), &commit, NULL) < 0)
			continue;
		good++;
		out.len = 0;
		if (irmin__commit_encode(&commit, &out, NULL) == 0)
			equal += irmin_slice_equal(irmin_buf_slice(&out),
			    irmin_bytes(whole, length));
		irmin__commit_data_clear(&commit);
	}
	is_int(good, strlen(whole) - strlen(TREE), "all behind the tree");
	is_int(equal, good, "keep their bytes");
	irmin_buf_clear(&out);
}

static void test_fields(void)
{
	irmin__commit_data commit;
	irmin_slice value;

	decode(irmin_text(TREE "parent " ID_B "\n" AUTHOR COMMITTER
			       "encoding latin-1\n" MERGETAG SIGNATURE
			       "\nthe message\n"),
	    &commit);
	is_int(commit.tree.bytes[0], 0x01, "the tree");
	is_int(commit.parents.len, 1, "one parent");
	is_int(commit.parents.items[0].bytes[0], 0x89, "its id");
	is_mem(commit.author.data, commit.author.len, WHO, strlen(WHO),
	    "the author");
	is_mem(commit.committer.data, commit.committer.len, WHO, strlen(WHO),
	    "the committer");
	is_mem(commit.message.data, commit.message.len, "the message\n", 12,
	    "the message");
	value = irmin__commit_header(&commit, irmin_text("encoding"));
	is_mem(value.data, value.len, "latin-1", 7, "a header");
	value = irmin__commit_header(&commit, irmin_text("gpgsig"));
	is_mem(value.data, value.len, &SIGNATURE[7], strlen(SIGNATURE) - 8,
	    "one of several lines");
	value = irmin__commit_header(&commit, irmin_text("type"));
	is_int(value.len, 0, "a line of another header is none");
	value = irmin__commit_header(&commit, irmin_text("gpg"));
	is_int(value.len, 0, "nor is a part of a name");
	value = irmin__commit_header(&commit, irmin_text("mergetag"));
	ok(value.len > 7 && !memcmp(value.data, "object ", 7), "mergetag");
	irmin__commit_data_clear(&commit);
	ok(!commit.parents.items && !commit.message.data, "clear empties");

	decode(irmin_text(TREE "\n"), &commit);
	ok(!commit.author.data && !commit.committer.data, "no author");
	ok(commit.message.data && !commit.message.len, "an empty message");
	irmin__commit_data_clear(&commit);
	decode(irmin_text(TREE), &commit);
	ok(!commit.message.data, "no message");
	irmin__commit_data_clear(&commit);
}

static void test_bad(void)
{
	static const struct {
		const char *bytes;
		uint64_t offset;
		const char *why;
	} rows[] = {
		{ "", 0, "nothing" },
		{ "tree " ID_A, 0, "no newline" },
		{ AUTHOR, 0, "no tree" },
		{ "tree 0123\n", 0, "a short id" },
		{ "tree " ID_A "0\n", 0, "a long id" },
		{ "tree g123456789abcdef0123456789abcdef01234567\n", 0,
		    "no digit" },
		{ "tree ABCDEF0000000000000000000000000000000000\n", 0,
		    "capitals" },
		{ TREE "parent 0123\n", strlen(TREE), "a bad parent" },
		{ TREE "parent " ID_A "\nparent " ID_A " \n", strlen(TREE) + 48,
		    "a bad second parent" },
		{ TREE "parent \n", strlen(TREE), "an empty parent" },
	};
	irmin__commit_data commit;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		fails(irmin__commit_decode(IRMIN_HASH_SHA1,
			  irmin_text(rows[i].bytes), &commit, &err),
		    IRMIN_ECORRUPT, &err, "bad: %s", rows[i].why);
		is_int(err.offset, rows[i].offset, "its offset");
		ok(!commit.parents.items && irmin_oid_is_none(&commit.tree),
		    "the output is empty");
	}
	fails(irmin__commit_decode(IRMIN_HASH_SHA256, irmin_text(TREE), &commit,
		  &err),
	    IRMIN_ECORRUPT, &err, "an id of the other hash");
}

/* The id git gives to a commit with this message, of the tree and perhaps a
 * parent that `arguments` name. */
static void is_gits(const char *dir, const char *arguments, const char *message,
    const irmin_oid *id)
{
	struct tap_output output;
	char hex[IRMIN_OID_HEX_BYTES];

	is_int(tap_run(&output,
		   "cd '%s' && GIT_AUTHOR_NAME='A U Thor' GIT_AUTHOR_EMAIL=a@b "
		   "GIT_AUTHOR_DATE='1700000000 +0130' GIT_COMMITTER_NAME=C "
		   "GIT_COMMITTER_EMAIL=c GIT_COMMITTER_DATE='@5 -0800' "
		   "git commit-tree %s -m '%s'",
		   dir, arguments, message),
	    0, "git makes a commit");
	is_str(output.out, tap_format("%s\n", irmin_oid_hex(id, hex)),
	    "and ours is the same");
	tap_output_clear(&output);
}

static irmin_oid id_of(irmin_hash_algo algo, const irmin__commit_data *commit)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_error err;
	irmin_oid id;

	if (irmin__commit_encode(commit, &bytes, &err) < 0 ||
	    irmin_hash_object(algo, IRMIN_OBJECT_COMMIT,
		irmin_buf_slice(&bytes), &id, &err) < 0)
		bail("%s", err.text);
	irmin_buf_clear(&bytes);
	return id;
}

static void test_git(irmin_hash_algo algo)
{
	irmin__commit_data commit = IRMIN__COMMIT_DATA_INIT;
	const char *name = irmin_hash_name(algo);
	const char *dir = tap_format("%s/%s", tap_tmpdir(), name);
	char tree[IRMIN_OID_HEX_BYTES], parent[IRMIN_OID_HEX_BYTES];
	irmin_oid id;
	irmin_error err;

	is_int(tap_run(NULL,
		   "git init -q --object-format=%s '%s' && cd '%s' && "
		   "git mktree </dev/null",
		   name, dir, dir),
	    0, "a repository");
	if (irmin_hash_object(algo, IRMIN_OBJECT_TREE, irmin_text(""),
		&commit.tree, &err) < 0 ||
	    IRMIN__VEC_RESERVE(&commit.parents, 1, &err) < 0)
		bail("%s", err.text);
	irmin_oid_hex(&commit.tree, tree);
	commit.author = irmin_text("A U Thor <a@b> 1700000000 +0130");
	commit.committer = irmin_text("C <c> 5 -0800");
	id = id_of(algo, &commit);
	is_gits(dir, tree, "", &id);
	IRMIN__VEC_PUSH(&commit.parents, id);
	irmin_oid_hex(&id, parent);
	commit.message = irmin_text("one line");
	id = id_of(algo, &commit);
	is_gits(dir, tap_format("%s -p %s", tree, parent), "one line", &id);
	commit.message = irmin_text("two\n\nlines\n");
	id = id_of(algo, &commit);
	is_gits(dir, tap_format("%s -p %s", tree, parent), "two\n\nlines\n",
	    &id);
	irmin__commit_data_clear(&commit);
}

static irmin_rc there_and_back(void *arg, irmin_error *err)
{
	irmin__commit_data commit;
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_rc rc;

	(void)arg;
	rc = irmin__commit_decode(IRMIN_HASH_SHA1, irmin_text(commits[2]),
	    &commit, err);
	if (rc >= 0)
		rc = irmin__commit_encode(&commit, &out, err);
	irmin__commit_data_clear(&commit);
	irmin_buf_clear(&out);
	return rc;
}

int main(void)
{
	test_round_trip();
	test_cut();
	test_fields();
	test_bad();
	test_git(IRMIN_HASH_SHA1);
	test_git(IRMIN_HASH_SHA256);
	alloc_fault_sweep("there and back", there_and_back, NULL);
	return done_testing();
}
