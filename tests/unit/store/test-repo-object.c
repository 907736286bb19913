/* Objects by id, whole and in parts, over every kind of backend. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

static irmin_repo *open_git(irmin_hash_algo hash)
{
	static int count;
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo;
	irmin_error err;

	options.flags = IRMIN_OPEN_CREATE;
	options.hash = hash;
	if (irmin_repo_open(tap_format("git:%s/r%d", tap_tmpdir(), count++),
		&options, &repo, &err) < 0)
		bail("%s", err.text);
	return repo;
}

/* ---- whole ---- */

static int count_id(void *arg, const irmin_oid *id)
{
	(void)id;
	++*(int *)arg;
	return 0;
}

static int stop(void *arg, const irmin_oid *id)
{
	(void)arg;
	(void)id;
	return 1234;
}

struct seen {
	int objects;
	irmin_oid id;
	irmin_object_type type;
	char bytes[64];
};

static int note_object(void *arg, const irmin_oid *id, irmin_object_type type,
    irmin_slice data)
{
	struct seen *seen = arg;

	seen->objects++;
	seen->id = *id;
	seen->type = type;
	snprintf(seen->bytes, sizeof(seen->bytes), "%.*s", (int)data.len,
	    (const char *)data.data);
	return seen->objects > 1 ? 1234 : 0;
}

/* The one object, with its bytes; and then two, of which one is enough. */
static void check_scan(irmin_repo *repo, const irmin_oid *id, const char *name)
{
	struct seen seen = { 0 };
	irmin_object object;
	irmin_oid other;
	irmin_error err;

	succeeds(irmin_object_find(repo, id, &object, &err), &err,
	    "%s: the object", name);
	succeeds(irmin_object_scan(repo, note_object, &seen, &err), &err,
	    "%s: a scan", name);
	is_int(seen.objects, 1, "%s: ... tells the one", name);
	is_int(seen.type, object.type, "%s: ... its type", name);
	ok(!irmin_oid_compare(&seen.id, id), "%s: ... its id", name);
	is_mem(seen.bytes, strlen(seen.bytes), object.data.data,
	    object.data.len, "%s: ... its bytes", name);
	irmin_pin_release(&object.data);
	succeeds(irmin_object_add(repo, IRMIN_OBJECT_BLOB,
		     irmin_text("another"), &other, &err),
	    &err, "%s: another", name);
	is_rc(irmin_object_scan(repo, note_object, &seen, &err), 1234,
	    "%s: an answer stops a scan", name);
}

static void check_each(irmin_repo *repo, const irmin_oid *id, const char *name)
{
	char hex[IRMIN_OID_HEX_BYTES];
	int count = 0;
	irmin_error err;

	succeeds(irmin_object_each(repo, NULL, count_id, &count, &err), &err,
	    "%s: all objects are told", name);
	is_int(count, 1, "%s: ... the one", name);
	irmin_oid_hex(id, hex);
	hex[5] = '\0';
	is_rc(irmin_object_each(repo, hex, stop, NULL, &err), 1234,
	    "%s: an answer stops and is passed through", name);
	hex[4] = hex[4] == '0' ? '1' : '0';
	count = 0;
	succeeds(irmin_object_each(repo, hex, count_id, &count, &err), &err,
	    "%s: a prefix of none", name);
	is_int(count, 0, "%s: ... tells none", name);
	fails(irmin_object_each(repo, "12x", count_id, &count, &err),
	    IRMIN_EINVAL, &err, "%s: a prefix that is none", name);
}

static void test_whole(irmin_repo *repo, const char *name)
{
	irmin_oid id, want, absent;
	irmin_object object;
	irmin_object_type type;
	uint64_t bytes;
	irmin_error err;

	succeeds(irmin_object_add(repo, IRMIN_OBJECT_BLOB, irmin_text("hello"),
		     &id, &err),
	    &err, "%s: a blob is added", name);
	succeeds(irmin_hash_object(irmin_repo_hash(repo), IRMIN_OBJECT_BLOB,
		     irmin_text("hello"), &want, &err),
	    &err, "%s: hashed", name);
	ok(irmin_oid_compare(&id, &want) == 0, "%s: ... under its id", name);
	is_rc(irmin_object_find(repo, &id, &object, &err), IRMIN_OK,
	    "%s: it is found", name);
	is_int(object.type, IRMIN_OBJECT_BLOB, "%s: its type", name);
	is_mem(object.data.data, object.data.len, "hello", 5, "%s: bytes",
	    name);
	irmin_pin_release(&object.data);
	is_rc(irmin_object_stat(repo, &id, &type, &bytes, &err), IRMIN_OK,
	    "%s: it is looked at", name);
	ok(type == IRMIN_OBJECT_BLOB && bytes == 5, "%s: ... as it is", name);
	check_each(repo, &id, name);
	check_scan(repo, &id, name);
	absent = id;
	absent.bytes[3] ^= 1;
	is_rc(irmin_object_find(repo, &absent, &object, &err), IRMIN_ABSENT,
	    "%s: another is not", name);
	is_rc(irmin_object_stat(repo, &absent, &type, &bytes, &err),
	    IRMIN_ABSENT, "%s: ... nor looked at", name);
	absent.algo = IRMIN_HASH_SHA1 + IRMIN_HASH_SHA256 - absent.algo;
	fails(irmin_object_find(repo, &absent, &object, &err), IRMIN_EINVAL,
	    &err, "%s: an id of another hash", name);
}

static void test_refused(irmin_repo *repo)
{
	irmin_oid id;
	irmin_error err;

	fails(irmin_object_add(repo, IRMIN_OBJECT_COMMIT, irmin_text("x"), &id,
		  &err),
	    IRMIN_EINVAL, &err, "bytes that are no commit are refused");
	ok(irmin_oid_is_none(&id), "... and give no id");
	fails(irmin_object_add(repo, IRMIN_OBJECT_TREE,
		  irmin_text("100644 .git\0aaaaaaaaaaaaaaaaaaaa"), &id, &err),
	    IRMIN_EINVAL, &err, "a tree with .git is refused");
	fails(irmin_object_add(repo, IRMIN_OBJECT_ANY, irmin_text("x"), &id,
		  &err),
	    IRMIN_EINVAL, &err, "no type is refused");
	fails(irmin_object_add(repo, (irmin_object_type)9, irmin_text("x"), &id,
		  &err),
	    IRMIN_EINVAL, &err, "a type that git does not know, too");
}

/* ---- in parts ---- */

/* A stream of bytes that follow from their place. */
struct stream {
	uint64_t at, end;
	int answer; /* what it answers at the end, if negative */
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
	return *got < len ? stream->answer : 0;
}

/* Reads to the end, some bytes at a time. */
static irmin_rc read_all(irmin_reader *reader, size_t step, uint64_t *total,
    int *right, irmin_error *err)
{
	unsigned char part[70000];
	size_t got, i;
	irmin_rc rc;

	*total = 0;
	*right = 1;
	do {
		rc = irmin_reader_read(reader, part, step, &got, err);
		for (i = 0; rc >= 0 && i < got; i++)
			*right &= part[i] == byte_at(*total + i);
		*total += got;
	} while (rc >= 0 && got == step);
	return rc;
}

static void test_stream(irmin_repo *repo, const char *name, uint64_t len)
{
	struct stream stream = { 0, len, 0 };
	irmin_reader *reader;
	uint64_t total;
	irmin_oid id;
	irmin_error err;
	int right;

	succeeds(irmin_object_add_stream(repo, give, &stream, len, &id, &err),
	    &err, "%s: %llu bytes in parts", name, (unsigned long long)len);
	if (!ok(irmin_object_open(repo, &id, &reader, &err) == IRMIN_OK,
		"%s: read in parts: %s", name, err.text))
		return;
	is_int(irmin_reader_type(reader), IRMIN_OBJECT_BLOB, "%s: type", name);
	is_int(irmin_reader_bytes(reader), len, "%s: size", name);
	succeeds(read_all(reader, 1 + len / 7, &total, &right, &err), &err,
	    "%s: to the end", name);
	ok(total == len && right, "%s: all of it", name);
	succeeds(read_all(reader, 10, &total, &right, &err), &err,
	    "%s: at the end it stays", name);
	is_int(total, 0, "%s: ... and gives nothing", name);
	irmin_reader_close(reader);
	id.bytes[0] ^= 1;
	is_rc(irmin_object_open(repo, &id, &reader, &err), IRMIN_ABSENT,
	    "%s: another cannot be opened", name);
	ok(!reader, "%s: ... and gives no reader", name);
}

static void test_bad_streams(irmin_repo *repo, const char *name)
{
	struct stream more = { 0, 11, 0 }, fewer = { 0, 9, 0 };
	struct stream broken = { 0, 5, -1500 };
	int count = 0;
	irmin_oid id;
	irmin_error err;

	fails(irmin_object_add_stream(repo, give, &more, 10, &id, &err),
	    IRMIN_EINVAL, &err, "%s: a stream with more", name);
	fails(irmin_object_add_stream(repo, give, &fewer, 10, &id, &err),
	    IRMIN_EINVAL, &err, "%s: a stream with fewer", name);
	fails(irmin_object_add_stream(repo, give, &broken, 10, &id, &err),
	    -1500, &err, "%s: a stream that breaks", name);
	ok(irmin_oid_is_none(&id), "%s: ... gives no id", name);
	succeeds(irmin_object_each(repo, NULL, count_id, &count, &err), &err,
	    "%s: what is there", name);
	is_int(count, 0, "%s: nothing of them stays", name);
}

static void test_closed(irmin_repo *repo, const char *name)
{
	struct stream stream = { 0, 100000, 0 };
	irmin_reader *reader, *second;
	unsigned char bytes[10];
	irmin_oid id;
	irmin_error err;
	size_t got;

	if (irmin_object_add_stream(repo, give, &stream, 100000, &id, &err) <
		0 ||
	    irmin_object_open(repo, &id, &reader, &err) < 0 ||
	    irmin_object_open(repo, &id, &second, &err) < 0)
		bail("%s", err.text);
	irmin_reader_close(second);
	succeeds(irmin_reader_read(reader, bytes, 10, &got, &err), &err,
	    "%s: a reader reads", name);
	irmin_repo_close(repo);
	fails(irmin_reader_read(reader, bytes, 10, &got, &err), IRMIN_EINVAL,
	    &err, "%s: ... not beyond its repository", name);
	is_int(got, 0, "%s: ... nor gives bytes", name);
	irmin_reader_close(reader);
}

/* A blob whose file holds another one's bytes. */
static void test_corrupt(irmin_hash_algo hash)
{
	irmin_repo *repo = open_git(hash);
	struct stream stream = { 0, 300000, 0 };
	const char *dir = irmin_repo_location(repo);
	irmin_reader *reader;
	irmin_object object;
	irmin_oid id, other;
	char a[IRMIN_OID_HEX_BYTES], b[IRMIN_OID_HEX_BYTES];
	uint64_t total;
	int right;
	irmin_error err;

	if (irmin_object_add_stream(repo, give, &stream, 300000, &id, &err) <
		0 ||
	    irmin_object_add(repo, IRMIN_OBJECT_BLOB, irmin_text("other"),
		&other, &err) < 0)
		bail("%s", err.text);
	irmin_oid_hex(&id, a);
	irmin_oid_hex(&other, b);
	if (tap_run(NULL, "cd %s/objects && cp -f %.2s/%s %.2s/%s", dir, a,
		a + 2, b, b + 2) != 0)
		bail("cannot copy");
	fails(irmin_object_find(repo, &other, &object, &err), IRMIN_ECORRUPT,
	    &err, "bytes of another object");
	ok(!object.data.data, "... are not given");
	if (irmin_object_open(repo, &other, &reader, &err) < 0)
		bail("%s", err.text);
	fails(read_all(reader, 4096, &total, &right, &err), IRMIN_ECORRUPT,
	    &err, "... nor in parts to the end");
	fails(read_all(reader, 4096, &total, &right, &err), IRMIN_ECORRUPT,
	    &err, "... nor at the second try");
	irmin_reader_close(reader);
	irmin_repo_close(repo);
}

/* ---- when memory runs out ---- */

static irmin_rc stream_in_memory(void *arg, irmin_error *err)
{
	struct stream stream = { 0, 1000, 0 };
	irmin_repo *repo = NULL;
	irmin_reader *reader = NULL;
	uint64_t total;
	irmin_oid id;
	int right;
	irmin_rc rc = room_try_open(&repo, err);

	(void)arg;
	if (rc >= 0)
		rc = irmin_object_add_stream(repo, give, &stream, 1000, &id,
		    err);
	if (rc >= 0)
		rc = irmin_object_open(repo, &id, &reader, err);
	if (rc >= 0)
		rc = read_all(reader, 100, &total, &right, err);
	irmin_reader_close(reader);
	irmin_repo_close(repo);
	return rc;
}

static void run(irmin_repo *(*open)(irmin_hash_algo hash), const char *name)
{
	static const uint64_t lengths[] = { 0, 1, 65535, 65536, 65537, 400000 };
	irmin_repo *repo;
	size_t i;
	int hash;

	for (hash = IRMIN_HASH_SHA1; hash <= IRMIN_HASH_SHA256; hash++) {
		repo = open((irmin_hash_algo)hash);
		test_whole(repo, name);
		test_refused(repo);
		for (i = 0; i < sizeof lengths / sizeof *lengths; i++)
			test_stream(repo, name, lengths[i]);
		irmin_repo_close(repo);
		repo = open((irmin_hash_algo)hash);
		test_bad_streams(repo, name);
		test_closed(repo, name);
	}
}

static irmin_repo *open_memory(irmin_hash_algo hash)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;

	options.hash = hash;
	return room_open(&options);
}

int main(void)
{
	run(open_memory, "memory");
	run(open_git, "git");
	test_corrupt(IRMIN_HASH_SHA1);
	test_corrupt(IRMIN_HASH_SHA256);
	alloc_fault_sweep("a stream in memory", stream_in_memory, NULL);
	return done_testing();
}
