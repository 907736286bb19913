#include <stdlib.h>
#include <string.h>

#include "lib/core/object/hash.h"
#include "lib/core/object/tree-codec.h"
#include "tests/support/tap.h"
#include "tests/unit/object/git-fsck.h"

#define RANDOM_TREES 1500

static irmin_slice append_entry(irmin_buf *tree, const char *name,
    irmin_mode mode, const irmin_oid *id)
{
	irmin_error err;
	size_t bytes = irmin__tree_entry_bytes(irmin_text(name), mode,
	    (irmin_hash_algo)id->algo);
	size_t written;

	if (irmin_buf_reserve(tree, bytes, &err) < 0)
		bail("%s", err.text);
	written = irmin__tree_entry_encode(irmin_text(name), mode, id,
	    tree->data + tree->len);
	if (written != bytes)
		bail("%zu bytes announced, %zu written", bytes, written);
	tree->len += bytes;
	return irmin_buf_slice(tree);
}

/* Reads all; answers the flags, or the negative code. */
static int read_flags(irmin_hash_algo algo, irmin_slice bytes, size_t *count)
{
	irmin__tree_reader reader;
	irmin__tree_entry entry;
	irmin_rc rc;

	*count = 0;
	irmin__tree_reader_init(&reader, algo, bytes);
	while ((rc = irmin__tree_reader_next(&reader, &entry, NULL)) == 0)
		++*count;
	return rc < 0 ? rc : (int)reader.flags;
}

static void test_modes(void)
{
	is_int(irmin__mode_canonical(0100644), IRMIN_MODE_FILE, "a file");
	is_int(irmin__mode_canonical(0100664), IRMIN_MODE_FILE, "of the group");
	is_int(irmin__mode_canonical(0100666), IRMIN_MODE_FILE, "of all");
	is_int(irmin__mode_canonical(0100744), IRMIN_MODE_EXECUTABLE, "its x");
	is_int(irmin__mode_canonical(0100611), IRMIN_MODE_FILE, "others' x");
	is_int(irmin__mode_canonical(040000), IRMIN_MODE_TREE, "a tree");
	is_int(irmin__mode_canonical(040755), IRMIN_MODE_TREE, "odd bits");
	is_int(irmin__mode_canonical(0120000), IRMIN_MODE_SYMLINK, "a link");
	is_int(irmin__mode_canonical(0160000), IRMIN_MODE_GITLINK, "a gitlink");
	is_int(irmin__mode_canonical(0), IRMIN_MODE_NONE, "none");
	is_int(irmin__mode_canonical(0060000), IRMIN_MODE_NONE, "a device");
	is_int(irmin__mode_canonical(0644), IRMIN_MODE_NONE, "no kind");
}

static void test_order(void)
{
	static const struct {
		const char *a;
		int a_is_tree;
		const char *b;
		int b_is_tree;
		int order;
	} rows[] = {
		{ "a", 0, "b", 0, -1 },
		{ "a", 0, "a", 0, 0 },
		{ "a", 1, "a", 1, 0 },
		{ "a", 0, "a", 1, -1 },
		{ "a", 0, "a.b", 0, -1 },
		{ "a", 1, "a.b", 0, 1 },
		{ "a", 1, "a0", 0, -1 },
		{ "a", 1, "a0", 1, -1 },
		{ "\x7f", 0, "\x80", 0, -1 },
		{ "a-", 0, "a", 1, -1 },
	};
	size_t i;
	int order, back;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		order = irmin__tree_entry_compare(irmin_text(rows[i].a),
		    rows[i].a_is_tree, irmin_text(rows[i].b),
		    rows[i].b_is_tree);
		back = irmin__tree_entry_compare(irmin_text(rows[i].b),
		    rows[i].b_is_tree, irmin_text(rows[i].a),
		    rows[i].a_is_tree);
		ok((order > 0) - (order < 0) == rows[i].order &&
			(back > 0) - (back < 0) == -rows[i].order,
		    "%s%s and %s%s", rows[i].a, rows[i].a_is_tree ? "/" : "",
		    rows[i].b, rows[i].b_is_tree ? "/" : "");
	}
}

/* One entry of each mode, in both hashes: git reads and names it as we do. */
static void test_git(irmin_hash_algo algo)
{
	struct git_fsck *fsck = git_fsck_new(algo);
	irmin_oid blob = git_fsck_blob(fsck), tree = git_fsck_tree(fsck);
	irmin_oid commit = git_fsck_commit(fsck), id;
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin__tree_reader reader;
	irmin__tree_entry entry;
	irmin_error err;
	size_t number, count;

	append_entry(&bytes, "a file", IRMIN_MODE_FILE, &blob);
	append_entry(&bytes, "b", IRMIN_MODE_EXECUTABLE, &blob);
	append_entry(&bytes, "c", IRMIN_MODE_SYMLINK, &blob);
	append_entry(&bytes, "d.x", IRMIN_MODE_FILE, &blob);
	append_entry(&bytes, "d", IRMIN_MODE_TREE, &tree);
	append_entry(&bytes, "e\xff\n", IRMIN_MODE_GITLINK, &commit);
	number = git_fsck_add(fsck, IRMIN_OBJECT_TREE, irmin_buf_slice(&bytes));
	git_fsck_run(fsck);
	ok(!git_fsck_refusal(fsck, number), "git takes it");
	succeeds(irmin_hash_object(algo, IRMIN_OBJECT_TREE,
		     irmin_buf_slice(&bytes), &id, &err),
	    &err, "hashed");
	commit = git_fsck_id(fsck, number);
	is_int(irmin_oid_compare(&id, &commit), 0, "to git's id");
	is_int(read_flags(algo, irmin_buf_slice(&bytes), &count), 0,
	    "nothing is odd in it");
	is_int(count, 6, "six entries");

	irmin__tree_reader_init(&reader, algo, irmin_buf_slice(&bytes));
	is_rc(irmin__tree_reader_next(&reader, &entry, &err), IRMIN_OK,
	    "the first");
	is_mem(entry.name.data, entry.name.len, "a file", 6, "its name");
	is_int(entry.mode, IRMIN_MODE_FILE, "its mode");
	is_mem(entry.id, irmin_hash_size(algo), blob.bytes,
	    irmin_hash_size(algo), "its id");
	irmin_buf_clear(&bytes);
	git_fsck_free(fsck);
}

static void test_odd_modes(void)
{
	static const struct {
		const char *mode;
		irmin_mode canonical;
	} rows[] = {
		{ "100664", IRMIN_MODE_FILE },
		{ "040000", IRMIN_MODE_TREE },
		{ "0000000000000000100644", IRMIN_MODE_FILE },
		{ "40755", IRMIN_MODE_TREE },
	};
	char bytes[64];
	irmin__tree_reader reader;
	irmin__tree_entry entry;
	irmin_error err;
	size_t i, length;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		memset(bytes, 1, sizeof bytes);
		length = strlen(rows[i].mode);
		memcpy(bytes, rows[i].mode, length);
		memcpy(bytes + length, " n", 3);
		irmin__tree_reader_init(&reader, IRMIN_HASH_SHA1,
		    irmin_bytes(bytes, length + 3 + 20));
		succeeds(irmin__tree_reader_next(&reader, &entry, &err), &err,
		    "%s is read", rows[i].mode);
		is_int(entry.mode, rows[i].canonical, "its canonical mode");
		is_int(entry.raw_mode, strtol(rows[i].mode, NULL, 8),
		    "as it stands there");
		is_int(reader.flags, IRMIN__TREE_ODD_MODE, "is flagged");
	}
}

#define ID20 "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24"

static void test_bad(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		uint64_t offset;
		const char *why;
	} rows[] = {
		{ "1", 1, 0, "ends in a mode" },
		{ "100644", 6, 0, "ends behind it" },
		{ "100648 a\0" ID20, 29, 5, "no octal digit" },
		{ "-100644 a\0" ID20, 30, 0, "a sign" },
		{ " a\0" ID20, 23, 0, "no mode" },
		{ "100644  a\0" ID20, 30, 0, NULL },
		{ "777777777 a\0" ID20, 32, 0, "a huge mode" },
		{ "60000 a\0" ID20, 28, 0, "no mode of git's" },
		{ "100644 a", 8, 7, "no NUL" },
		{ "100644 ", 7, 7, "no name" },
		{ "100644 \0" ID20, 28, 7, "an empty name" },
		{ "100644 a\0" ID20, 28, 9, "a short id" },
		{ "100644 a\0", 9, 9, "no id" },
	};
	irmin__tree_reader reader;
	irmin__tree_entry entry;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		irmin__tree_reader_init(&reader, IRMIN_HASH_SHA1,
		    irmin_bytes(rows[i].bytes, rows[i].len));
		if (!rows[i].why) {
			succeeds(irmin__tree_reader_next(&reader, &entry, &err),
			    &err, "a name may begin with a blank");
			continue;
		}
		fails(irmin__tree_reader_next(&reader, &entry, &err),
		    IRMIN_ECORRUPT, &err, "bad: %s", rows[i].why);
		is_int(err.offset, rows[i].offset, "its offset");
		is_int(entry.name.len, 0, "the output is empty");
	}
	irmin__tree_reader_init(&reader, IRMIN_HASH_SHA1, irmin_text(NULL));
	is_rc(irmin__tree_reader_next(&reader, &entry, &err), IRMIN_END,
	    "the empty tree");
}

/* Names that are prefixes of each other, in order or nearly so. */
static void random_tree(irmin_buf *bytes, const struct git_fsck *fsck)
{
	static const char *const names[] = { "a", "a-", "a-.", "a-./", "a-/",
		"a.", "a.-", "a.-/", "a./", "a.b", "a.b.", "a.b./", "a.b/",
		"a/", "a0", "a0/", "b" };
	const size_t count = sizeof names / sizeof *names;
	irmin_oid blob = git_fsck_blob(fsck), tree = git_fsck_tree(fsck);
	char name[8];
	size_t i, at;
	int is_tree;

	bytes->len = 0;
	for (i = 0; i < count; i++) {
		if (rand() % 3)
			continue;
		at = rand() % 100 ? i : (size_t)rand() % count;
		strcpy(name, names[at]);
		is_tree = name[strlen(name) - 1] == '/';
		if (is_tree)
			name[strlen(name) - 1] = '\0';
		append_entry(bytes, name,
		    is_tree ? IRMIN_MODE_TREE : IRMIN_MODE_FILE,
		    is_tree ? &tree : &blob);
	}
}

static int says(const char *refusal, const char *word)
{
	return refusal && strstr(refusal, word) != NULL;
}

/* In a tree that is out of order git says no more of duplicates than it met
 * before, so that those are compared in sorted ones only. */
static void test_order_as_git(void)
{
	struct git_fsck *fsck = git_fsck_new(IRMIN_HASH_SHA1);
	static int flags[RANDOM_TREES];
	irmin_buf bytes = IRMIN_BUF_INIT;
	const char *refusal;
	int i, equal = 0, unsorted = 0, duplicates = 0, same;
	size_t count;

	srand(2);
	for (i = 0; i < RANDOM_TREES; i++) {
		random_tree(&bytes, fsck);
		flags[i] = read_flags(IRMIN_HASH_SHA1, irmin_buf_slice(&bytes),
		    &count);
		git_fsck_add(fsck, IRMIN_OBJECT_TREE, irmin_buf_slice(&bytes));
	}
	git_fsck_run(fsck);
	for (i = 0; i < RANDOM_TREES; i++) {
		refusal = git_fsck_refusal(fsck, (size_t)i);
		if (flags[i] & IRMIN__TREE_UNSORTED)
			same = refusal != NULL;
		else if (flags[i] & IRMIN__TREE_DUPLICATE)
			same = says(refusal, "duplicateEntries");
		else
			same = !refusal;
		if (!same)
			diag("flags %d, git: %s", flags[i],
			    refusal ? refusal : "good");
		equal += same;
		unsorted += says(refusal, "treeNotSorted");
		duplicates += says(refusal, "duplicateEntries");
	}
	is_int(equal, RANDOM_TREES, "order and duplicates as git sees them");
	ok(unsorted > 50 && duplicates > 50 &&
		unsorted + duplicates < RANDOM_TREES - 50,
	    "%d are out of order, %d have a name twice", unsorted, duplicates);
	irmin_buf_clear(&bytes);
	git_fsck_free(fsck);
}

/* The longest prefixes that are kept, and those beyond. */
static void test_long_names(void)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	char name[2 * IRMIN__TREE_PREFIX_BYTES];
	irmin_oid id = irmin__oid_of_bytes(IRMIN_HASH_SHA1, ID20);
	size_t length, count, wrong = 0;
	int flags;

	for (length = 1; length < sizeof name - 1; length++) {
		memset(name, 'n', sizeof name);
		name[length] = '\0';
		bytes.len = 0;
		append_entry(&bytes, name, IRMIN_MODE_FILE, &id);
		memcpy(name + length, ".", 2);
		append_entry(&bytes, name, IRMIN_MODE_FILE, &id);
		name[length] = '\0';
		append_entry(&bytes, name, IRMIN_MODE_TREE, &id);
		flags = read_flags(IRMIN_HASH_SHA1, irmin_buf_slice(&bytes),
		    &count);
		wrong += flags != IRMIN__TREE_DUPLICATE || count != 3;
	}
	is_int(wrong, 0, "names of any length are met again");

	memset(name, 'n', sizeof name);
	name[1000] = '\0';
	bytes.len = 0;
	append_entry(&bytes, name, IRMIN_MODE_FILE, &id);
	memcpy(name + 999, "o", 2);
	append_entry(&bytes, name, IRMIN_MODE_FILE, &id);
	name[999] = '\0';
	append_entry(&bytes, name, IRMIN_MODE_TREE, &id);
	is_int(read_flags(IRMIN_HASH_SHA1, irmin_buf_slice(&bytes), &count),
	    IRMIN__TREE_UNSORTED, "a prefix of another name is forgotten");
	irmin_buf_clear(&bytes);
}

int main(void)
{
	test_modes();
	test_order();
	test_git(IRMIN_HASH_SHA1);
	test_git(IRMIN_HASH_SHA256);
	test_odd_modes();
	test_bad();
	test_order_as_git();
	test_long_names();
	return done_testing();
}
