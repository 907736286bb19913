#include "lib/pack/index.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/object/hash.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define BLOBS 700

/* ---- a pack that git made ---- */

typedef struct packed {
	irmin_hash_algo algo;
	const char *dir;
	uint64_t pack_bytes;
} packed;

static void git(const char *dir, const char *command)
{
	if (tap_run(NULL, "cd %s && git %s", dir, command) != 0)
		bail("git %s fails", command);
}

static void write_stream(const char *path)
{
	FILE *stream = fopen(path, "w");
	int i;

	for (i = 0; stream && i < BLOBS; i++)
		fprintf(stream, "blob\ndata <<E\nthis is blob %d\nE\n", i * i);
	if (!stream || fclose(stream) != 0)
		bail("cannot write %s", path);
}

static packed make_fixture(irmin_hash_algo algo)
{
	packed made = { algo, NULL, 0 };
	const char *name = irmin_hash_name(algo);
	char *pack;
	size_t len;

	made.dir = tap_format("%s/%s", tap_tmpdir(), name);
	git(tap_tmpdir(),
	    tap_format("init -q --object-format=%s %s", name, name));
	write_stream(tap_format("%s/in", made.dir));
	git(made.dir,
	    "-c fastimport.unpackLimit=0 fast-import --quiet <in && "
	    "mv .git/objects/pack/pack-*.pack p.pack");
	git(made.dir, "index-pack -o 1.idx --index-version=1 p.pack");
	git(made.dir, "index-pack -o 2.idx --index-version=2 p.pack");
	git(made.dir, "index-pack -o large.idx --index-version=2,0x40 p.pack");
	pack = tap_read_file(tap_format("%s/p.pack", made.dir), &len);
	free(pack);
	made.pack_bytes = len;
	return made;
}

static irmin_slice read_index(const packed *fixture, const char *name)
{
	size_t len;
	char *bytes = tap_read_file(tap_format("%s/%s.idx", fixture->dir, name),
	    &len);

	if (!bytes)
		bail("there is no index %s", name);
	return irmin_bytes(bytes, len);
}

/* ---- reading ---- */

static void check_object(const irmin__index *index, uint32_t at,
    const char *line)
{
	char hex[IRMIN_OID_HEX_BYTES];
	uint64_t offset, told;
	irmin_error err;
	irmin_oid id, found;
	unsigned crc = 0;
	uint32_t place;

	if (sscanf(line, "%" SCNu64 " %64s (%x)", &told, hex, &crc) < 2 ||
	    irmin_oid_parse(irmin_text(hex), &id, &err) < 0)
		bail("git says %s", line);
	found = irmin__index_id(index, at);
	ok(!irmin_oid_compare(&found, &id), "the id at %u", at);
	is_rc(irmin__index_offset(index, at, &offset, &err), IRMIN_OK,
	    "the offset at %u", at);
	is_int(offset, told, "the offset at %u", at);
	is_int(irmin__index_crc(index, at), crc, "the CRC at %u", at);
	is_rc(irmin__index_find(index, &id, &place), IRMIN_OK, "find %s", hex);
	is_int(place, at, "where %s stands", hex);
	is_int(irmin__index_bound(index, &id), at, "the bound of %s", hex);
	id.bytes[irmin_hash_size(id.algo) - 1] ^= 1;
	is_rc(irmin__index_find(index, &id, &place), IRMIN_ABSENT,
	    "what is not there");
	is_int(irmin__index_bound(index, &id),
	    id.bytes[irmin_hash_size(id.algo) - 1] & 1 ? at + 1 : at,
	    "the bound of what is not there");
}

static void check_read(const packed *fixture, const char *name, int version)
{
	irmin_slice bytes = read_index(fixture, name);
	struct tap_output said;
	irmin__index index;
	irmin_error err;
	char *line;
	uint32_t at = 0;

	if (!succeeds(irmin__index_open(fixture->algo, bytes, &index, &err),
		&err, "open %s", name))
		return;
	is_int(index.version, version, "its version");
	is_int(index.count, BLOBS, "its objects");
	if (tap_run(&said, "git show-index --object-format=%s <%s/%s.idx",
		irmin_hash_name(fixture->algo), fixture->dir, name) != 0)
		bail("git show-index fails");
	for (line = strtok(said.out, "\n"); line; line = strtok(NULL, "\n"))
		check_object(&index, at++, line);
	is_int(at, BLOBS, "git sees as many");
	succeeds(irmin__index_verify(&index, &err), &err, "verify %s", name);
	tap_output_clear(&said);
	free((void *)bytes.data);
}

static void check_ends(const packed *fixture)
{
	irmin_slice bytes = read_index(fixture, "2");
	irmin__index index;
	irmin_error err;
	irmin_oid id;
	uint32_t at;

	is_rc(irmin__index_open(fixture->algo, bytes, &index, &err), IRMIN_OK,
	    "open");
	memset(&id, 0, sizeof id);
	id.algo = (unsigned char)fixture->algo;
	is_int(irmin__index_bound(&index, &id), 0, "the lowest id");
	is_rc(irmin__index_find(&index, &id, &at), IRMIN_ABSENT,
	    "is not there");
	memset(id.bytes, 0xff, irmin_hash_size(fixture->algo));
	is_int(irmin__index_bound(&index, &id), BLOBS, "the highest id");
	id = irmin__index_id(&index, 0);
	id.algo ^= IRMIN_HASH_SHA1 | IRMIN_HASH_SHA256;
	is_rc(irmin__index_find(&index, &id, &at), IRMIN_ABSENT,
	    "an id of another hash");
	free((void *)bytes.data);
}

/* ---- order ---- */

typedef struct to_order {
	irmin__index index;
	uint64_t pack_end;
} to_order;

static irmin_rc order_it(void *arg, irmin_error *err)
{
	to_order *ordered = arg;
	uint32_t order[BLOBS];
	uint64_t end[BLOBS];

	return irmin__index_order(&ordered->index, ordered->pack_end, order,
	    end, err);
}

static void check_order(const packed *fixture, const char *name)
{
	uint64_t end[BLOBS], offset, expected = 12;
	irmin_slice bytes = read_index(fixture, name);
	uint32_t order[BLOBS], i, wrong = 0;
	to_order ordered;
	irmin_error err;

	ordered.pack_end = fixture->pack_bytes - irmin_hash_size(fixture->algo);
	is_rc(irmin__index_open(fixture->algo, bytes, &ordered.index, &err),
	    IRMIN_OK, "open");
	succeeds(irmin__index_order(&ordered.index, ordered.pack_end, order,
		     end, &err),
	    &err, "the order of %s", name);
	for (i = 0; i < BLOBS; i++) {
		is_rc(irmin__index_offset(&ordered.index, order[i], &offset,
			  &err),
		    IRMIN_OK, "offset");
		wrong += offset != expected || end[order[i]] <= offset;
		expected = end[order[i]];
	}
	is_int(wrong, 0, "each begins where the one before ends");
	is_int(expected, ordered.pack_end, "the last at the pack's end");
	fails(irmin__index_order(&ordered.index, offset, order, NULL, &err),
	    IRMIN_ECORRUPT, &err, "the last behind the pack's end");
	ok(alloc_fault_sweep("order", order_it, &ordered) > 2, "allocations");
	free((void *)bytes.data);
}

/* ---- writing ---- */

/* The items of an index, in another order. */
static irmin__index_item *items_of(const irmin__index *index)
{
	irmin__index_item *items = calloc(index->count, sizeof *items);
	irmin_error err;
	uint32_t i;

	for (i = 0; i < index->count; i++) {
		irmin__index_item *item =
		    &items[(uint64_t)i * 7919 % index->count];

		item->id = irmin__index_id(index, i);
		item->crc = irmin__index_crc(index, i);
		if (irmin__index_offset(index, i, &item->offset, &err) < 0)
			bail("%s", err.text);
	}
	return items;
}

static void check_write(const packed *fixture)
{
	irmin_slice bytes = read_index(fixture, "2");
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__index_item *items;
	irmin__index index;
	irmin_error err;

	is_rc(irmin__index_open(fixture->algo, bytes, &index, &err), IRMIN_OK,
	    "open");
	items = items_of(&index);
	succeeds(irmin__index_encode(fixture->algo, items, index.count,
		     irmin__index_pack_checksum(&index), &out, &err),
	    &err, "encode");
	is_mem(out.data, out.len, bytes.data, bytes.len, "as git wrote it");
	tap_write_file(tap_format("%s/p.idx", fixture->dir), out.data, out.len);
	is_int(tap_run(NULL, "cd %s && git verify-pack p.idx", fixture->dir), 0,
	    "git verify-pack takes it");

	items[1].id = items[0].id;
	fails(irmin__index_encode(fixture->algo, items, index.count,
		  irmin__index_pack_checksum(&index), &out, &err),
	    IRMIN_EINVAL, &err, "an id twice");
	is_int(out.len, 0, "and nothing is written");
	free(items);
	irmin_buf_clear(&out);
	free((void *)bytes.data);
}

#define FAR 5

static void make_far(irmin__index_item items[FAR], irmin_hash_algo algo)
{
	static const uint64_t offsets[FAR] = { 12, 0x7fffffff, 0x80000000,
		0x123456789a, INT64_MAX };
	irmin_error err;
	int i;

	memset(items, 0, FAR * sizeof *items);
	for (i = 0; i < FAR; i++) {
		items[i].offset = offsets[i];
		items[i].crc = (uint32_t)i + 0xfffffff0;
		is_rc(irmin_hash_object(algo, IRMIN_OBJECT_BLOB,
			  irmin_bytes(&offsets[i], 8), &items[i].id, &err),
		    IRMIN_OK, "an id");
	}
}

/* Beyond 2 and 4 GiB. */
static void check_far(irmin_hash_algo algo)
{
	static const unsigned char checksum[IRMIN_OID_MAX_BYTES] = { 1 };
	irmin__index_item items[FAR];
	irmin_buf out = IRMIN_BUF_INIT;
	uint32_t at, i, order[FAR];
	irmin__index index;
	uint64_t offset, end[FAR];
	irmin_error err;

	make_far(items, algo);
	succeeds(irmin__index_encode(algo, items, FAR, checksum, &out, &err),
	    &err, "encode");
	succeeds(irmin__index_open(algo, irmin_buf_slice(&out), &index, &err),
	    &err, "open");
	is_int(index.large_count, 3, "offsets of 64 bits");
	for (i = 0; i < FAR; i++) {
		is_rc(irmin__index_find(&index, &items[i].id, &at), IRMIN_OK,
		    "find");
		is_rc(irmin__index_offset(&index, at, &offset, &err), IRMIN_OK,
		    "its offset");
		is_int(offset, items[i].offset, "its offset");
		is_int(irmin__index_crc(&index, at), items[i].crc, "its CRC");
	}
	succeeds(irmin__index_verify(&index, &err), &err, "verify");
	succeeds(irmin__index_order(&index, UINT64_MAX, order, end, &err), &err,
	    "order");
	is_int(end[order[3]], INT64_MAX, "an end far away");
	is_mem(irmin__index_pack_checksum(&index), irmin_hash_size(algo),
	    checksum, irmin_hash_size(algo), "the pack's checksum");
	tap_write_file(tap_format("%s/far.idx", tap_tmpdir()), out.data,
	    out.len);
	is_int(tap_run(NULL,
		   "git show-index --object-format=%s <%s/far.idx |"
		   "grep -q '^78187493530 '",
		   irmin_hash_name(algo), tap_tmpdir()),
	    0, "git reads it");
	irmin_buf_clear(&out);
}

static irmin_rc encode_far(void *arg, irmin_error *err)
{
	static const unsigned char checksum[IRMIN_OID_MAX_BYTES] = { 1 };
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__index_encode(IRMIN_HASH_SHA1, arg, FAR, checksum, &out,
	    err);
	if (rc < 0)
		is_int(out.len, 0, "nothing is written");
	irmin_buf_clear(&out);
	return rc;
}

static void check_empty(irmin_hash_algo algo)
{
	static const unsigned char checksum[IRMIN_OID_MAX_BYTES] = { 1 };
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__index index;
	irmin_error err;

	succeeds(irmin__index_encode(algo, NULL, 0, checksum, &out, &err), &err,
	    "an index of nothing");
	succeeds(irmin__index_open(algo, irmin_buf_slice(&out), &index, &err),
	    &err, "open it");
	is_int(index.count, 0, "it has nothing");
	succeeds(irmin__index_order(&index, 12, NULL, NULL, &err), &err,
	    "its order");
	irmin_buf_clear(&out);
}

/* ---- ids that mislead who expects hashes ---- */

#define CROWD 5000

static void check_crowd(irmin_hash_algo algo)
{
	static const unsigned char checksum[IRMIN_OID_MAX_BYTES] = { 1 };
	irmin__index_item *items = calloc(CROWD, sizeof *items);
	size_t last = irmin_hash_size(algo) - 1;
	irmin_buf out = IRMIN_BUF_INIT;
	uint32_t i, at, wrong = 0;
	irmin__index index;
	irmin_error err;

	for (i = 0; i < CROWD; i++) {
		uint32_t n = i * 7919u % CROWD;

		items[i].id.algo = (unsigned char)algo;
		items[i].id.bytes[0] = 7;
		items[i].id.bytes[n < CROWD / 2 ? last - 1 : 1] =
		    (unsigned char)(1 + n / 256);
		items[i].id.bytes[n < CROWD / 2 ? last : 2] = (unsigned char)n;
		items[i].offset = 12 + i;
	}
	succeeds(irmin__index_encode(algo, items, CROWD, checksum, &out, &err),
	    &err, "ids that begin alike");
	is_rc(irmin__index_open(algo, irmin_buf_slice(&out), &index, &err),
	    IRMIN_OK, "open");
	succeeds(irmin__index_verify(&index, &err), &err, "verify");
	for (i = 0; i < CROWD; i++)
		wrong += irmin__index_find(&index, &items[i].id, &at) !=
			IRMIN_OK ||
		    irmin__index_bound(&index, &items[i].id) != at;
	is_int(wrong, 0, "each is found");
	irmin_buf_clear(&out);
	free(items);
}

/* ---- broken ones ---- */

static irmin_rc open_changed(irmin_hash_algo algo, irmin_slice bytes, size_t at,
    unsigned char byte, irmin_error *err)
{
	unsigned char *changed = malloc(bytes.len);
	irmin__index index;
	irmin_rc rc;

	memcpy(changed, bytes.data, bytes.len);
	changed[at] = byte;
	rc = irmin__index_open(algo, irmin_bytes(changed, bytes.len), &index,
	    err);
	if (rc >= 0)
		rc = irmin__index_verify(&index, err);
	free(changed);
	return rc;
}

static void check_broken(const packed *fixture)
{
	irmin_slice bytes = read_index(fixture, "large");
	size_t id_bytes = irmin_hash_size(fixture->algo);
	size_t ids = 8 + 1024, offsets = ids + BLOBS * (id_bytes + 4);
	irmin__index index;
	irmin_error err;

	fails(open_changed(fixture->algo, bytes, 7, 3, &err), IRMIN_ENOTSUP,
	    &err, "version 3");
	is_int(err.offset, 4, "where");
	fails(open_changed(fixture->algo, bytes, 8, 0xff, &err), IRMIN_ECORRUPT,
	    &err, "the fan-out goes down");
	is_int(err.offset, 12, "where");
	fails(open_changed(fixture->algo, bytes, 8 + 1023, 0, &err),
	    IRMIN_ECORRUPT, &err, "another count");
	fails(open_changed(fixture->algo, bytes, ids + 3 * id_bytes, 0xff,
		  &err),
	    IRMIN_ECORRUPT, &err, "ids out of order");
	fails(open_changed(fixture->algo, bytes, ids, 0xff, &err),
	    IRMIN_ECORRUPT, &err, "an id that the fan-out does not count");
	is_int(err.offset, ids, "where");
	fails(open_changed(fixture->algo, bytes, offsets + 4, 0xff, &err),
	    IRMIN_ECORRUPT, &err, "an offset of 64 bits that is not there");
	is_int(err.offset, offsets + 4, "where");
	fails(open_changed(fixture->algo, bytes, offsets + 4 * BLOBS, 0x80,
		  &err),
	    IRMIN_ECORRUPT, &err, "an offset beyond 2^63");
	fails(open_changed(fixture->algo, bytes, offsets - 1,
		  (unsigned char)~((unsigned char *)bytes.data)[offsets - 1],
		  &err),
	    IRMIN_ECORRUPT, &err, "the checksum");
	is_int(err.offset, bytes.len - id_bytes, "where");
	fails(irmin__index_open(fixture->algo,
		  irmin_bytes(bytes.data, bytes.len - 1), &index, &err),
	    IRMIN_ECORRUPT, &err, "cut");
	fails(irmin__index_open(fixture->algo, irmin_bytes(bytes.data, 1000),
		  &index, &err),
	    IRMIN_ECORRUPT, &err, "cut in the fan-out");
	fails(irmin__index_open(fixture->algo, irmin_bytes(NULL, 0), &index,
		  &err),
	    IRMIN_ECORRUPT, &err, "empty");
	free((void *)bytes.data);
	bytes = read_index(fixture, "1");
	fails(irmin__index_open(fixture->algo,
		  irmin_bytes(bytes.data, bytes.len - 1), &index, &err),
	    IRMIN_ECORRUPT, &err, "version 1, cut");
	free((void *)bytes.data);
}

static void check_twice(irmin_hash_algo algo)
{
	static const unsigned char checksum[IRMIN_OID_MAX_BYTES] = { 1 };
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__index_item items[FAR];
	uint32_t order[FAR];
	irmin__index index;
	irmin_error err;

	make_far(items, algo);
	items[1].offset = items[0].offset;
	is_rc(irmin__index_encode(algo, items, FAR, checksum, &out, &err),
	    IRMIN_OK, "encode");
	is_rc(irmin__index_open(algo, irmin_buf_slice(&out), &index, &err),
	    IRMIN_OK, "open");
	fails(irmin__index_order(&index, UINT64_MAX, order, NULL, &err),
	    IRMIN_ECORRUPT, &err, "an offset twice");
	irmin_buf_clear(&out);
}

int main(void)
{
	static const irmin_hash_algo algos[] = { IRMIN_HASH_SHA1,
		IRMIN_HASH_SHA256 };
	irmin__index_item far[FAR];
	size_t i;

	for (i = 0; i < sizeof algos / sizeof *algos; i++) {
		packed fixture = make_fixture(algos[i]);

		check_read(&fixture, "1", 1);
		check_read(&fixture, "2", 2);
		check_read(&fixture, "large", 2);
		check_ends(&fixture);
		check_order(&fixture, "1");
		check_order(&fixture, "large");
		check_write(&fixture);
		check_far(algos[i]);
		check_empty(algos[i]);
		check_crowd(algos[i]);
		check_broken(&fixture);
		check_twice(algos[i]);
	}
	make_far(far, IRMIN_HASH_SHA1);
	ok(alloc_fault_sweep("encode", encode_far, far) > 3, "allocations");
	return done_testing();
}
