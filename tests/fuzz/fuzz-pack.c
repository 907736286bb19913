#include "lib/core/base/os-sim.h"
#include "lib/pack/deflate.h"
#include "lib/pack/pack-parts.h"
#include "lib/pack/pack-write.h"
#include "tests/fuzz/fuzz.h"

#define PACK_NAME   "/p.pack"
#define INDEX_NAME  "/p.idx"
#define LIMIT       ((size_t)1 << 16)
#define ENTRIES_MAX 64

/* The input is entries, each
 *
 *   | flags, type | base | size | that many bytes |
 *
 * up to one with FLAGS_END; then bytes of the pack to be changed, each
 *
 *   | place, high byte | place, low byte | what to xor |
 */
enum flags {
	FLAGS_TYPE = 7,
	FLAGS_RAW = 8,    /* the bytes are the stream, not what it gives */
	FLAGS_LIE = 16,   /* the header tells another size */
	FLAGS_LARGE = 32, /* and one that is far too large */
	FLAGS_END = 128
};

typedef struct input {
	irmin_hash_algo hash;
	const uint8_t *at;
	size_t left;
} input;

static uint8_t take(input *in)
{
	if (!in->left)
		return FLAGS_END;
	in->left--;
	return *in->at++;
}

static irmin_oid id_of(const input *in, unsigned number)
{
	irmin_oid id;

	memset(&id, 0, sizeof id);
	id.algo = in->hash;
	id.bytes[0] = (unsigned char)(number * 37);
	id.bytes[1] = (unsigned char)number;
	id.bytes[2] = 1;
	return id;
}

/* ---- a pack ---- */

static void add_entry(input *in, irmin__pack_writer *writer, unsigned flags,
    unsigned number, uint64_t *offsets)
{
	unsigned char stream[300];
	unsigned base = take(in);
	size_t size = take(in);
	irmin_oid id = id_of(in, number);
	irmin_slice body;
	irmin__entry entry;

	if (size > in->left)
		size = in->left;
	body = irmin_bytes(in->at, size);
	in->at += size;
	in->left -= size;
	memset(&entry, 0, sizeof entry);
	entry.type = flags & FLAGS_TYPE;
	entry.size = size;
	if (flags & FLAGS_LIE)
		entry.size = flags & FLAGS_LARGE ? (uint64_t)size << 54
						 : size + 1;
	entry.base = id_of(in, base);
	offsets[number] = irmin__pack_writer_offset(writer);
	entry.base_offset = number ? offsets[base % number] : 0;
	REQUIRE(irmin__pack_writer_begin(writer, &id, &entry, NULL) >= 0);
	if (!(flags & FLAGS_RAW)) {
		irmin__store(irmin_bytes(NULL, 0), body, stream);
		body = irmin_bytes(stream, irmin__stored_bytes(size));
	}
	REQUIRE(irmin__pack_writer_bytes(writer, body, NULL) >= 0);
}

static void put_file(irmin__os *os, const char *name, irmin_slice bytes)
{
	irmin__file *file;

	REQUIRE(irmin__os_open(os, name, IRMIN__OS_WRITE | IRMIN__OS_CREATE,
		    0644, &file, NULL) == IRMIN_OK);
	REQUIRE(irmin__os_write(file, bytes, NULL) == IRMIN_OK);
	irmin__os_close(file);
}

/* What is changed in the pack keeps its checksum where it is. */
static void change_bytes(irmin__os *os, input *in, uint64_t end)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	size_t at;

	REQUIRE(irmin__os_read_file(os, PACK_NAME, SIZE_MAX, &bytes, NULL) ==
	    IRMIN_OK);
	while (in->left >= 3) {
		at = (size_t)take(in) << 8;
		at |= take(in);
		bytes.data[at % end] ^= take(in);
	}
	put_file(os, PACK_NAME, irmin_buf_slice(&bytes));
	irmin_buf_clear(&bytes);
}

static void make_pack(irmin__os *os, input *in)
{
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	uint64_t offsets[ENTRIES_MAX], end;
	irmin_buf index = IRMIN_BUF_INIT;
	irmin__pack_writer *writer;
	irmin__file *file;
	unsigned number = 0;

	REQUIRE(
	    irmin__os_open(os, PACK_NAME, IRMIN__OS_WRITE | IRMIN__OS_CREATE,
		0644, &file, NULL) == IRMIN_OK);
	REQUIRE(irmin__pack_writer_new(os, in->hash, file, PACK_NAME, 0,
		    &writer, NULL) >= 0);
	while (number < ENTRIES_MAX) {
		unsigned flags = take(in);

		if (flags & FLAGS_END)
			break;
		add_entry(in, writer, flags, number++, offsets);
	}
	end = irmin__pack_writer_offset(writer);
	REQUIRE(irmin__pack_writer_finish(writer, checksum, &index, NULL) >= 0);
	irmin__pack_writer_free(writer);
	irmin__os_close(file);
	change_bytes(os, in, end);
	put_file(os, INDEX_NAME, irmin_buf_slice(&index));
	irmin_buf_clear(&index);
}

/* ---- reading it ---- */

typedef struct reading {
	irmin__pack *pack;
	irmin__pack_reading how;
	uint32_t told;
} reading;

static int is_fault(irmin_rc rc, const irmin_error *err)
{
	return (rc == IRMIN_ECORRUPT || rc == IRMIN_ELIMIT) &&
	    err->code == rc && err->where[0];
}

static void check_stream(reading *in, uint64_t offset,
    const irmin_object *object)
{
	irmin_object_source *source;
	irmin_object_type type;
	irmin_error err;
	uint64_t bytes;
	char data[777];
	size_t at = 0, got = 1;
	irmin_rc rc;

	rc = irmin__pack_open_read(in->pack, offset, &in->how, &type, &bytes,
	    &source, &err);
	if (rc < 0) {
		REQUIRE(is_fault(rc, &err) && !object);
		return;
	}
	while (rc >= 0 && got) {
		rc = source->cls->read(source, data, sizeof data, &got, &err);
		REQUIRE(rc >= 0 || is_fault(rc, &err));
		REQUIRE(!object || !got ||
		    memcmp((const char *)object->data.data + at, data, got) ==
			0);
		at += got;
	}
	REQUIRE(!object || (rc >= 0 && at == object->data.len));
	source->cls->close(source);
}

static irmin_rc check_object(reading *in, uint64_t offset, irmin_object *object)
{
	irmin_object_type type;
	irmin_error err;
	uint64_t bytes;
	irmin_rc stat, rc;

	rc = irmin__pack_find(in->pack, offset, &in->how, object, &err);
	REQUIRE(rc == IRMIN_OK || is_fault(rc, &err));
	stat = irmin__pack_stat(in->pack, offset, NULL, &type, &bytes, &err);
	REQUIRE(stat == IRMIN_OK || is_fault(stat, &err));
	if (rc < 0) {
		REQUIRE(!object->data.release);
		check_stream(in, offset, NULL);
		return rc;
	}
	REQUIRE(stat == IRMIN_OK && type == object->type &&
	    bytes == object->data.len && bytes <= LIMIT);
	check_stream(in, offset, object);
	return rc;
}

static int tell(void *arg, const irmin_scanned *told)
{
	reading *in = arg;
	irmin_object object;
	uint64_t offset;
	uint32_t at;

	in->told++;
	if (told->fault) {
		REQUIRE(is_fault(told->fault->code, told->fault));
		return 0;
	}
	REQUIRE(irmin__index_find(irmin__pack_index(in->pack), &told->id,
		    &at) == IRMIN_OK);
	REQUIRE(irmin__index_offset(irmin__pack_index(in->pack), at, &offset,
		    NULL) == IRMIN_OK);
	REQUIRE(check_object(in, offset, &object) == IRMIN_OK);
	REQUIRE(object.type == told->type &&
	    irmin_slice_equal(told->data,
		irmin_bytes(object.data.data, object.data.len)));
	irmin_pin_release(&object.data);
	return 0;
}

static void read_pack(irmin__os *os, irmin_hash_algo hash, size_t window_bytes,
    size_t base_bytes)
{
	irmin_context context = { sizeof context, 0, NULL, LIMIT };
	reading in = { NULL, { &context, NULL }, 0 };
	irmin__pack_scan scan = { &in.how, NULL, NULL, base_bytes, tell, &in };
	irmin__delta_cache *cache;
	irmin_object object;
	irmin_error err;
	uint64_t offset;
	uint32_t i;
	irmin_rc rc;

	REQUIRE(irmin__delta_cache_new(4000, &cache, NULL) >= 0);
	in.how.cache = cache;
	REQUIRE(irmin__pack_open(os, hash, IRMIN__WINDOWS_READ, INDEX_NAME,
		    &in.pack, NULL) == IRMIN_OK);
	irmin__pack_set_windows(in.pack, window_bytes);
	if (irmin__pack_need_file(in.pack, &err) < 0) {
		REQUIRE(err.where[0]);
	} else {
		for (i = 0; i < irmin__pack_index(in.pack)->count; i++) {
			REQUIRE(irmin__index_offset(irmin__pack_index(in.pack),
				    i, &offset, NULL) == IRMIN_OK);
			(void)check_object(&in, offset, &object);
			irmin_pin_release(&object.data);
		}
		REQUIRE(irmin__pack_each(in.pack, &scan, &err) == IRMIN_OK);
		REQUIRE(in.told == i);
		rc = irmin__pack_verify(in.pack, NULL, &err);
		REQUIRE(rc == IRMIN_OK || is_fault(rc, &err));
	}
	irmin__pack_unref(in.pack);
	irmin__delta_cache_free(cache);
}

/* It takes its time, so each input is for one of the hashes. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	irmin_hash_algo hash = len & 1 ? IRMIN_HASH_SHA256 : IRMIN_HASH_SHA1;
	input in = { hash, bytes, len };
	irmin__os *os;

	REQUIRE(irmin__os_sim_new(1, &os, NULL) == IRMIN_OK);
	make_pack(os, &in);
	read_pack(os, hash, 0, 1000);
	read_pack(os, hash, 64, 1);
	irmin__os_sim_free(os);
	return 0;
}
