#include <stdlib.h>
#include <string.h>

#include "lib/pack/entry.h"
#include "lib/pack/pack-write.h"
#include "lib/pack/pack.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/pack/git-pack.h"
#include "tests/unit/pack/pack-kit.h"

/* ---- every byte ---- */

typedef struct file {
	const char *path;
	char *bytes;
	size_t len;
} file;

static file read_file(const char *path)
{
	file it = { path, NULL, 0 };

	it.bytes = tap_read_file(path, &it.len);
	return it;
}

typedef struct counts {
	size_t told, faults, unplaced;
} counts;

static int count(void *arg, const irmin_scanned *object)
{
	counts *in = arg;

	in->told++;
	in->faults += object->fault != NULL;
	in->unplaced += object->fault && !object->fault->where[0];
	return 0;
}

/* Reads all there is; answers whether it was noticed that something is wrong, by
 * verifying, and whether something odd happened. */
static int notices(const git_pack *made, irmin__windows_io io, int *odd)
{
	irmin__delta_cache *cache;
	irmin__pack_reading reading = { NULL, NULL };
	irmin__pack_scan scan = { &reading, NULL, NULL, 2000, count, NULL };
	counts counted = { 0, 0, 0 };
	irmin_object object;
	irmin_object_type type;
	irmin__pack *pack;
	irmin_error err;
	uint64_t offset, bytes;
	uint32_t i;
	irmin_rc rc;

	rc = irmin__pack_open(irmin__os_posix(), made->algo, io, made->idx,
	    &pack, &err);
	if (rc < 0)
		return rc == IRMIN_ECORRUPT || rc == IRMIN_ENOTSUP;
	if (irmin__delta_cache_new(1 << 16, &cache, &err) < 0)
		bail("%s", err.text);
	reading.cache = cache;
	for (i = 0; i < irmin__pack_index(pack)->count; i++) {
		if (irmin__index_offset(irmin__pack_index(pack), i, &offset,
			NULL) < 0)
			continue;
		rc = irmin__pack_find(pack, offset, &reading, &object, &err);
		*odd |= rc < 0 &&
		    (err.code != rc || !err.where[0] || object.data.release);
		irmin_pin_release(&object.data);
		(void)irmin__pack_stat(pack, offset, &reading, &type, &bytes,
		    NULL);
	}
	scan.arg = &counted;
	rc = irmin__pack_each(pack, &scan, &err);
	*odd |= rc >= 0 && counted.told != irmin__pack_index(pack)->count;
	*odd |= counted.unplaced != 0;
	rc = irmin__pack_verify(pack, NULL, &err);
	*odd |= rc < 0 && rc != IRMIN_ECORRUPT && rc != IRMIN_ENOTSUP;
	irmin__pack_unref(pack);
	irmin__delta_cache_free(cache);
	return rc < 0;
}

static void flips(const git_pack *made, const file *it, int mask,
    irmin__windows_io io)
{
	size_t i, missed = 0, odd = 0;

	for (i = 0; i < it->len; i++) {
		int is_odd = 0;

		it->bytes[i] = (char)(it->bytes[i] ^ mask);
		tap_write_file(it->path, it->bytes, it->len);
		if (!notices(made, io, &is_odd)) {
			diag("byte %zu", i);
			missed++;
		}
		odd += (size_t)is_odd;
		it->bytes[i] = (char)(it->bytes[i] ^ mask);
	}
	tap_write_file(it->path, it->bytes, it->len);
	is_int(missed, 0, "a change of any of the %zu bytes of %s is noticed",
	    it->len, it->path);
	is_int(odd, 0, "and told well");
}

static void cuts(const git_pack *made, const file *it)
{
	size_t len, missed = 0;
	int odd = 0;

	for (len = 0; len < it->len; len++) {
		tap_write_file(it->path, it->bytes, len);
		missed += !notices(made, IRMIN__WINDOWS_READ, &odd);
	}
	tap_write_file(it->path, it->bytes, it->len);
	is_int(missed, 0, "a cut of %s at any length is noticed", it->path);
	ok(!odd, "and told well");
}

static void damage(irmin_hash_algo algo, const char *configuration)
{
	git_pack made;
	file pack, idx;
	int odd = 0;

	git_pack_make(&made,
	    tap_format("%s%s", irmin_hash_name(algo),
		configuration[0] ? "-ref" : ""),
	    algo, 4, configuration, "--depth=50");
	tap_run(NULL, "chmod u+w %s %s", made.pack, made.idx);
	pack = read_file(made.pack);
	idx = read_file(made.idx);
	ok(!notices(&made, IRMIN__WINDOWS_MAP, &odd) && !odd, "all is well");
	flips(&made, &pack, 0x01, IRMIN__WINDOWS_MAP);
	flips(&made, &pack, 0x70, IRMIN__WINDOWS_READ);
	flips(&made, &idx, 0x81, IRMIN__WINDOWS_MAP);
	cuts(&made, &pack);
	cuts(&made, &idx);
	ok(!notices(&made, IRMIN__WINDOWS_MAP, &odd) && !odd, "all is well");
	free(pack.bytes);
	free(idx.bytes);
	git_pack_clear(&made);
}

/* ---- what no writer writes ---- */

typedef struct forger {
	irmin__pack_writer *writer;
	irmin__file *file;
	const char *path;
	irmin_error err;
} forger;

static irmin_oid id_of(unsigned number)
{
	irmin_oid id;

	memset(&id, 0, sizeof id);
	id.algo = IRMIN_HASH_SHA1;
	id.bytes[0] = (unsigned char)(number >> 16);
	id.bytes[1] = (unsigned char)(number >> 8);
	id.bytes[2] = (unsigned char)number;
	id.bytes[3] = 1;
	return id;
}

static forger forge(const char *name)
{
	forger it = { NULL, NULL, kit_path(name), { 0 } };

	it.file = kit_create(tap_format("%s.pack", it.path));
	if (irmin__pack_writer_new(irmin__os_posix(), IRMIN_HASH_SHA1, it.file,
		tap_format("%s.pack", it.path), 0, &it.writer, &it.err) < 0)
		bail("%s", it.err.text);
	return it;
}

/* An entry of any size, whatever its stream gives. */
static void put(forger *it, unsigned number, unsigned type, unsigned base,
    irmin_slice body)
{
	irmin__entry entry;
	irmin_oid id = id_of(number);

	memset(&entry, 0, sizeof entry);
	entry.type = type;
	entry.size = body.len;
	entry.base = id_of(base);
	if (irmin__pack_writer_add(it->writer, &id, &entry, body, 0, &it->err) <
	    0)
		bail("%s", it->err.text);
}

static irmin__pack *finish(forger *it)
{
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	const char *idx = tap_format("%s.idx", it->path);
	irmin_buf index = IRMIN_BUF_INIT;
	irmin__pack *pack;

	if (irmin__pack_writer_finish(it->writer, checksum, &index, &it->err) <
	    0)
		bail("%s", it->err.text);
	tap_write_file(idx, index.data, index.len);
	irmin_buf_clear(&index);
	irmin__pack_writer_free(it->writer);
	irmin__os_close(it->file);
	if (irmin__pack_open(irmin__os_posix(), IRMIN_HASH_SHA1,
		IRMIN__WINDOWS_MAP, idx, &pack, &it->err) != IRMIN_OK)
		bail("%s", it->err.text);
	return pack;
}

static void is_broken(irmin__pack *pack, unsigned number, irmin_rc want,
    const char *why)
{
	irmin_oid id = id_of(number);
	irmin_object_source *source;
	irmin_object_type type;
	irmin_object object;
	irmin_error err;
	uint64_t offset = git_pack_offset(pack, &id), bytes;

	fails(irmin__pack_find(pack, offset, NULL, &object, &err), want, &err,
	    "%s", why);
	ok(strstr(err.text, why), "it says: %s", err.text);
	is_str(err.where, irmin__pack_path(pack), "and where");
	ok(err.offset >= offset && err.offset < offset + 100, "at %llu",
	    (unsigned long long)offset);
	fails(irmin__pack_open_read(pack, offset, NULL, &type, &bytes, &source,
		  &err),
	    want, &err, "%s: no stream", why);
}

#define DELTA                                                                  \
	"\x03\x04\x90\x03\x01"                                                 \
	"d"
#define PUT_BYTES(it, number, type, base, bytes)                               \
	put(it, number, type, base, irmin_bytes(bytes, sizeof(bytes) - 1))

static void forged(void)
{
	forger it = forge("forged");
	irmin__pack_scan scan = { NULL, NULL, NULL, 0, count, NULL };
	counts counted = { 0, 0, 0 };
	irmin_object object;
	irmin_error err;
	irmin__pack *pack;
	irmin_oid good = id_of(2);

	PUT_BYTES(&it, 1, IRMIN_OBJECT_BLOB, 0, "abc");
	PUT_BYTES(&it, 2, IRMIN__ENTRY_REF_DELTA, 1, DELTA);
	PUT_BYTES(&it, 3, IRMIN__ENTRY_REF_DELTA, 4, DELTA);
	PUT_BYTES(&it, 4, IRMIN__ENTRY_REF_DELTA, 5, DELTA);
	PUT_BYTES(&it, 5, IRMIN__ENTRY_REF_DELTA, 3, DELTA);
	PUT_BYTES(&it, 6, IRMIN__ENTRY_REF_DELTA, 5, DELTA);
	PUT_BYTES(&it, 7, IRMIN__ENTRY_REF_DELTA, 7, DELTA);
	PUT_BYTES(&it, 8, IRMIN__ENTRY_REF_DELTA, 999, DELTA);
	PUT_BYTES(&it, 9, IRMIN__ENTRY_REF_DELTA, 1, "\x03\x05\x90\x03");
	PUT_BYTES(&it, 10, IRMIN__ENTRY_REF_DELTA, 1,
	    "\x03\xff\xff\xff\xff\xff\xff\x01\x90\x03");
	PUT_BYTES(&it, 11, IRMIN__ENTRY_REF_DELTA, 9, DELTA);
	PUT_BYTES(&it, 12, IRMIN__ENTRY_REF_DELTA, 1, "");
	pack = finish(&it);
	succeeds(irmin__pack_find(pack, git_pack_offset(pack, &good), NULL,
		     &object, &err),
	    &err, "a good one");
	is_mem(object.data.data, object.data.len, "abcd", 4, "its bytes");
	irmin_pin_release(&object.data);
	is_broken(pack, 3, IRMIN_ECORRUPT, "has no end");
	is_broken(pack, 6, IRMIN_ECORRUPT, "has no end");
	is_broken(pack, 7, IRMIN_ECORRUPT, "has no end");
	is_broken(pack, 8, IRMIN_ECORRUPT, "is not in the pack");
	is_broken(pack, 9, IRMIN_ECORRUPT, "gives less than its size");
	is_broken(pack, 10, IRMIN_ECORRUPT, "cannot give");
	is_broken(pack, 12, IRMIN_ECORRUPT, "cut short");
	scan.arg = &counted;
	succeeds(irmin__pack_each(pack, &scan, &err), &err, "a scan");
	is_int(counted.told, 12, "everything is told");
	is_int(counted.faults, 10, "and what is broken as that");
	is_int(counted.unplaced, 0, "with its place");
	irmin__pack_unref(pack);
}

/* Sizes that the streams do not keep. */
static void lies(void)
{
	static const uint64_t sizes[] = { 1, 4, 2000, (uint64_t)1 << 20,
		(uint64_t)1 << 40, UINT64_MAX };
	unsigned char stream[64];
	unsigned i, n = sizeof sizes / sizeof *sizes;
	forger it = forge("lies");
	irmin_error err;
	irmin__pack *pack;

	irmin__store(irmin_bytes(NULL, 0), irmin_bytes("abc", 3), stream);
	for (i = 0; i < n; i++) {
		irmin__entry entry;
		irmin_oid id = id_of(i + 1);

		memset(&entry, 0, sizeof entry);
		entry.type = IRMIN_OBJECT_BLOB;
		entry.size = sizes[i];
		if (irmin__pack_writer_begin(it.writer, &id, &entry, &err) <
			0 ||
		    irmin__pack_writer_bytes(it.writer,
			irmin_bytes(stream, irmin__stored_bytes(3)), &err) < 0)
			bail("%s", err.text);
	}
	pack = finish(&it);
	for (i = 0; i < n; i++) {
		irmin_oid id = id_of(i + 1);
		uint64_t offset = git_pack_offset(pack, &id), bytes;
		irmin_object_source *source;
		irmin_object_type type;
		irmin_object object;
		char data[3000];
		size_t got = 1;
		irmin_rc rc;

		rc = irmin__pack_find(pack, offset, NULL, &object, &err);
		fails(rc, i == n - 1 ? IRMIN_ELIMIT : IRMIN_ECORRUPT, &err,
		    "%llu bytes", (unsigned long long)sizes[i]);
		rc = irmin__pack_open_read(pack, offset, NULL, &type, &bytes,
		    &source, &err);
		if (rc < 0)
			continue;
		while (rc >= 0 && got)
			rc = source->cls->read(source, data, sizeof data, &got,
			    &err);
		fails(rc, IRMIN_ECORRUPT, &err, "as a stream");
		is_str(err.where, irmin__pack_path(pack), "it is told where");
		source->cls->close(source);
	}
	irmin__pack_unref(pack);
}

int main(void)
{
	damage(IRMIN_HASH_SHA1, "");
	damage(IRMIN_HASH_SHA1, "-c repack.useDeltaBaseOffset=false");
	damage(IRMIN_HASH_SHA256, "");
	forged();
	lies();
	is_int(alloc_fault_live(), 0, "nothing is left");
	return done_testing();
}
