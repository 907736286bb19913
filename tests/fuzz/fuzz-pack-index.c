#include "lib/pack/index.h"
#include "tests/fuzz/fuzz.h"

#include <irmin/alloc.h>

#include "lib/core/object/hash.h"

/* What is looked up in an index, whatever it holds. */
static void look_up(const irmin__index *index, const irmin_oid *id)
{
	uint32_t at;

	REQUIRE(irmin__index_bound(index, id) <= index->count);
	if (irmin__index_find(index, id, &at) == IRMIN_OK) {
		irmin_oid found = irmin__index_id(index, at);

		REQUIRE(at < index->count);
		REQUIRE(irmin_oid_compare(&found, id) == 0);
	}
}

static void read_places(const irmin__index *index, size_t len)
{
	uint64_t offset;
	irmin_error err;
	uint32_t at;

	for (at = 0; at < index->count; at++) {
		irmin_oid id = irmin__index_id(index, at);
		irmin_rc rc = irmin__index_offset(index, at, &offset, &err);

		REQUIRE(rc == IRMIN_OK || rc == IRMIN_ECORRUPT);
		REQUIRE(rc == IRMIN_OK || err.offset <= len);
		REQUIRE(offset <= INT64_MAX);
		(void)irmin__index_crc(index, at);
		look_up(index, &id);
		id.bytes[3] ^= 0x10;
		look_up(index, &id);
	}
}

/* In the order of offsets each entry ends where the next one begins. */
static void put_in_order(const irmin__index *index)
{
	uint32_t *order = irmin_calloc(index->count, sizeof *order);
	uint64_t *end = irmin_calloc(index->count, sizeof *end);
	uint64_t offset, before = 0;
	irmin_error err;
	irmin_rc rc;
	uint32_t i;

	REQUIRE(order && end);
	rc = irmin__index_order(index, INT64_MAX, order, end, &err);
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_ECORRUPT);
	for (i = 0; i < index->count && rc == IRMIN_OK; i++) {
		REQUIRE(irmin__index_offset(index, order[i], &offset, &err) ==
		    IRMIN_OK);
		REQUIRE(!i || offset == before);
		before = end[order[i]];
		REQUIRE(before > offset);
	}
	irmin_free(order);
	irmin_free(end);
}

/* A right one is written again: as it was, if it was of version 2 and had large
 * offsets only where they are needed. */
static void write_again(irmin_hash_algo algo, const irmin__index *index)
{
	irmin__index_item *items = irmin_calloc(index->count, sizeof *items);
	irmin_buf out = IRMIN_BUF_INIT;
	uint64_t large = 0;
	irmin_error err;
	uint32_t i;

	REQUIRE(items);
	for (i = 0; i < index->count; i++) {
		items[i].id = irmin__index_id(index, i);
		items[i].crc = irmin__index_crc(index, i);
		REQUIRE(irmin__index_offset(index, i, &items[i].offset, &err) ==
		    IRMIN_OK);
		large += items[i].offset > 0x7fffffff;
	}
	REQUIRE(irmin__index_encode(algo, items, index->count,
		    irmin__index_pack_checksum(index), &out, &err) == IRMIN_OK);
	if (index->version == 2 && index->large_count == large)
		REQUIRE(out.len == index->bytes.len);
	irmin_buf_clear(&out);
	irmin_free(items);
}

static void read_all(irmin_hash_algo algo, irmin_slice bytes)
{
	irmin__index index;
	irmin_error err;
	irmin_rc rc;

	rc = irmin__index_open(algo, bytes, &index, &err);
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_ECORRUPT || rc == IRMIN_ENOTSUP);
	if (rc < 0) {
		REQUIRE(err.offset <= bytes.len);
		return;
	}
	read_places(&index, bytes.len);
	put_in_order(&index);
	rc = irmin__index_verify(&index, &err);
	REQUIRE(rc == IRMIN_OK ||
	    (rc == IRMIN_ECORRUPT && err.offset <= bytes.len));
	if (rc == IRMIN_OK)
		write_again(algo, &index);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	read_all(IRMIN_HASH_SHA1, irmin_bytes(bytes, len));
	read_all(IRMIN_HASH_SHA256, irmin_bytes(bytes, len));
	return 0;
}
