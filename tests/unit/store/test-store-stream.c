/* Values in parts, through trees and stores. */
#include <string.h>

#include <irmin/irmin.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

struct stream {
	uint64_t at, end;
};

static unsigned char byte_at(uint64_t at)
{
	return (unsigned char)(at * 2654435761u >> 13);
}

static int give(void *arg, void *bytes, size_t len, size_t *got)
{
	struct stream *stream = arg;
	unsigned char *to = bytes;

	for (*got = 0; *got < len && stream->at < stream->end; stream->at++)
		to[(*got)++] = byte_at(stream->at);
	return 0;
}

/* Reads all of it, and closes. */
static int is_stream(irmin_reader *reader, uint64_t len)
{
	unsigned char part[5000];
	size_t got, i;
	uint64_t at = 0;
	irmin_error err;

	do {
		if (irmin_reader_read(reader, part, sizeof part, &got, &err) <
		    0)
			bail("%s", err.text);
		for (i = 0; i < got; i++, at++)
			if (part[i] != byte_at(at))
				return 0;
	} while (got == sizeof part);
	irmin_reader_close(reader);
	return at == len;
}

static void test_store(const char *uri, irmin_hash_algo hash)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	struct stream stream = { 0, 300000 };
	irmin_store *store;
	irmin_reader *reader, *before;
	irmin_mode mode;
	irmin_error err;

	options.hash = hash;
	options.flags = IRMIN_OPEN_CREATE;
	if (irmin_open(uri, &options, &store, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_store_set_stream(store, "d/x", give, &stream, 300000, NULL,
		  &err),
	    IRMIN_OK, "%s: a value is set in parts", uri);
	is_rc(irmin_store_open_read(store, "d/x", &before, &err), IRMIN_OK,
	    "%s: and opened", uri);
	stream.at = 0;
	is_rc(irmin_store_set_stream(store, "d/x", give, &stream, 300000, NULL,
		  &err),
	    IRMIN_UNCHANGED, "%s: the same again", uri);
	stream.at = 0;
	fails(irmin_store_set_stream(store, "d/x", give, &stream, 300001, NULL,
		  &err),
	    IRMIN_EINVAL, &err, "%s: too few bytes", uri);
	succeeds(irmin_store_set(store, "d/x", irmin_text("y"), NULL, &err),
	    &err, "%s: replaced", uri);
	ok(is_stream(before, 300000), "%s: a reader stays where it was", uri);
	is_rc(irmin_store_open_read(store, "d", &reader, &err), IRMIN_ABSENT,
	    "%s: a directory has no value", uri);
	is_rc(irmin_store_open_read(store, "no", &reader, &err), IRMIN_ABSENT,
	    "%s: nothing has none", uri);
	ok(!reader, "%s: and no reader", uri);
	stream.at = 0;
	fails(irmin_store_set_stream(store, tap_format("%05000d", 0), give,
		  &stream, 300000, NULL, &err),
	    IRMIN_ELIMIT, &err, "%s: a path that is too long", uri);
	is_int(stream.at, 0, "%s: ... and nothing was read", uri);
	fails(irmin_store_set_stream(store, "a/.git", give, &stream, 300000,
		  NULL, &err),
	    IRMIN_EINVAL, &err, "%s: a step that is refused", uri);
	is_rc(irmin_store_find_mode(store, "a", &mode, &err), IRMIN_ABSENT,
	    "%s: ... and nothing is there", uri);
	irmin_store_close(store);
}

/* A value that was set and not yet stored. */
static void test_fresh(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_tree *tree = room_build(repo, "a/b=hello", "c=", NULL);
	irmin_reader *reader;
	char bytes[10];
	irmin_error err;
	size_t got;

	is_rc(irmin_tree_open_read(tree, "c", &reader, &err), IRMIN_OK,
	    "an empty value that is not stored");
	is_int(irmin_reader_bytes(reader), 0, "is empty");
	succeeds(irmin_reader_read(reader, bytes, 10, &got, &err), &err,
	    "and read");
	is_int(got, 0, "as empty");
	irmin_reader_close(reader);
	is_rc(irmin_tree_open_read(tree, "a/b", &reader, &err), IRMIN_OK,
	    "a value that is not stored");
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
	is_int(irmin_reader_type(reader), IRMIN_OBJECT_BLOB, "is a blob");
	succeeds(irmin_reader_read(reader, bytes, 3, &got, &err), &err,
	    "it is in memory, also when the repository is closed");
	is_mem(bytes, got, "hel", 3, "the beginning");
	succeeds(irmin_reader_read(reader, bytes, 10, &got, &err), &err,
	    "... and the rest");
	is_mem(bytes, got, "lo", 2, "the end");
	irmin_reader_close(reader);
}

static void test_set_blob(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_tree *tree = room_build(repo, "a=1", "b=2", NULL);
	irmin_oid two = room_add(repo, IRMIN_OBJECT_BLOB, "2", 1), none = two;
	irmin_oid bad = room_add(repo, IRMIN_OBJECT_BLOB,
	    "[submodule \"a\"]\nurl = -x\n", 24);
	irmin_oid of_tree = room_add_tree(repo, "100644 f x\n");
	irmin_edit *edit;
	irmin_error err;

	none.bytes[0] ^= 1;
	if (irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_edit_set_blob(edit, "b", IRMIN_MODE_NONE, &two, &err),
	    IRMIN_UNCHANGED, "the blob that is there");
	is_rc(irmin_edit_set_blob(edit, "a", IRMIN_MODE_NONE, &two, &err),
	    IRMIN_OK, "another one");
	is_rc(irmin_edit_set_blob(edit, "d/e", IRMIN_MODE_EXECUTABLE, &two,
		  &err),
	    IRMIN_OK, "with a mode");
	fails(irmin_edit_set_blob(edit, "c", IRMIN_MODE_NONE, &none, &err),
	    IRMIN_EMISSING, &err, "one that is missing");
	fails(irmin_edit_set_blob(edit, "c", IRMIN_MODE_NONE, &of_tree, &err),
	    IRMIN_EINVAL, &err, "one that is a tree");
	fails(irmin_edit_set_blob(edit, "c", IRMIN_MODE_TREE, &two, &err),
	    IRMIN_EINVAL, &err, "a mode that has no value");
	fails(irmin_edit_set_blob(edit, ".gitmodules", IRMIN_MODE_FILE, &bad,
		  &err),
	    IRMIN_EINVAL, &err, "contents that are refused");
	irmin_tree_unref(tree);
	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	is_str(room_text(tree), "a=2\nb=2\n100755 d/e=2\n", "what came of it");
	irmin_tree_unref(tree);
	irmin_edit_free(edit);
	irmin_repo_close(repo);
}

static void test_missing(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_oid id, root;
	irmin_tree *tree;
	irmin_reader *reader;
	irmin_error err;

	memset(&id, 0x11, sizeof id);
	memset(id.bytes + 20, 0, 12);
	id.algo = IRMIN_HASH_SHA1;
	root = room_add(repo, IRMIN_OBJECT_TREE,
	    "100644 a\0\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11"
	    "\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11",
	    29);
	tree = room_tree(repo, &root);
	fails(irmin_tree_open_read(tree, "a", &reader, &err), IRMIN_EMISSING,
	    &err, "a blob that is missing");
	ok(strstr(err.text, "1111"), "... is named: %s", err.text);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

static irmin_rc sweep_streams(void *arg, irmin_error *err)
{
	struct stream stream = { 0, 1000 };
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_store *store = NULL;
	irmin_reader *reader = NULL;
	unsigned char part[1001];
	size_t got;
	irmin_rc rc;

	(void)arg;
	options.author = "A <a@b>";
	rc = irmin_open("mem:", &options, &store, err);
	if (rc >= 0)
		rc = irmin_store_set_stream(store, "d/x", give, &stream, 1000,
		    NULL, err);
	if (rc >= 0)
		rc = irmin_store_open_read(store, "d/x", &reader, err);
	if (rc >= 0)
		rc = irmin_reader_read(reader, part, sizeof part, &got, err);
	irmin_reader_close(reader);
	irmin_store_close(store);
	return rc;
}

int main(void)
{
	test_store("mem:", IRMIN_HASH_SHA1);
	test_store("mem:", IRMIN_HASH_SHA256);
	test_store(tap_format("git:%s/a", tap_tmpdir()), IRMIN_HASH_SHA1);
	test_store(tap_format("git:%s/b", tap_tmpdir()), IRMIN_HASH_SHA256);
	test_fresh();
	test_set_blob();
	test_missing();
	alloc_fault_sweep("streams", sweep_streams, NULL);
	return done_testing();
}
