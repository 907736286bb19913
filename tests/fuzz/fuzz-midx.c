#include "lib/pack/midx.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include <irmin/alloc.h>

#include "lib/core/object/hash.h"

static void read_names(const irmin__midx *midx)
{
	const char *end = (const char *)midx->names.data + midx->names.len;
	uint32_t i;

	for (i = 0; i < midx->pack_count; i++) {
		const char *name = irmin__midx_pack_name(midx, i);

		REQUIRE(name < end && memchr(name, 0, (size_t)(end - name)));
		REQUIRE(*name && !strchr(name, '/'));
		REQUIRE(
		    !i || strcmp(irmin__midx_pack_name(midx, i - 1), name) < 0);
	}
}

static void look_up(const irmin__midx *midx, const irmin_oid *id)
{
	uint32_t at;

	REQUIRE(irmin__midx_bound(midx, id) <= midx->count);
	if (irmin__midx_find(midx, id, &at) == IRMIN_OK) {
		irmin_oid found = irmin__midx_id(midx, at);

		REQUIRE(at < midx->count);
		REQUIRE(irmin_oid_compare(&found, id) == 0);
	}
}

static void read_places(const irmin__midx *midx, size_t len)
{
	uint64_t offset;
	irmin_error err;
	uint32_t at, pack;

	for (at = 0; at < midx->count; at++) {
		irmin_oid id = irmin__midx_id(midx, at);
		irmin_rc rc = irmin__midx_place(midx, at, &pack, &offset, &err);

		REQUIRE(rc == IRMIN_OK ||
		    (rc == IRMIN_ECORRUPT && err.offset <= len));
		REQUIRE(rc < 0 || pack < midx->pack_count);
		REQUIRE(offset <= INT64_MAX);
		look_up(midx, &id);
		id.bytes[3] ^= 0x10;
		look_up(midx, &id);
	}
}

/* What a right one says is said by the one that we make of it. */
static void write_again(irmin_hash_algo algo, const irmin__midx *midx)
{
	irmin__midx_item *items = irmin_calloc(midx->count, sizeof *items);
	const char **names = irmin_calloc(midx->pack_count, sizeof *names);
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__midx again;
	irmin_error err;
	uint32_t i;

	REQUIRE(items && names);
	for (i = 0; i < midx->pack_count; i++)
		names[i] = irmin__midx_pack_name(midx, i);
	for (i = 0; i < midx->count; i++) {
		items[i].id = irmin__midx_id(midx, i);
		REQUIRE(irmin__midx_place(midx, i, &items[i].pack,
			    &items[i].offset, &err) == IRMIN_OK);
	}
	REQUIRE(irmin__midx_encode(algo, names, midx->pack_count, items,
		    midx->count, &out, &err) == IRMIN_OK);
	REQUIRE(irmin__midx_open(algo, irmin_buf_slice(&out), &again, &err) ==
	    IRMIN_OK);
	REQUIRE(irmin__midx_verify(&again, &err) == IRMIN_OK);
	REQUIRE(again.count == midx->count);
	irmin_buf_clear(&out);
	irmin_free(items);
	irmin_free(names);
}

static void read_all(irmin_hash_algo algo, irmin_slice bytes)
{
	irmin__midx midx;
	irmin_error err;
	irmin_rc rc;

	rc = irmin__midx_open(algo, bytes, &midx, &err);
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_ECORRUPT || rc == IRMIN_ENOTSUP);
	if (rc < 0) {
		REQUIRE(err.offset <= bytes.len);
		return;
	}
	read_names(&midx);
	read_places(&midx, bytes.len);
	rc = irmin__midx_verify(&midx, &err);
	REQUIRE(rc == IRMIN_OK ||
	    (rc == IRMIN_ECORRUPT && err.offset <= bytes.len));
	if (rc == IRMIN_OK)
		write_again(algo, &midx);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	read_all(IRMIN_HASH_SHA1, irmin_bytes(bytes, len));
	read_all(IRMIN_HASH_SHA256, irmin_bytes(bytes, len));
	return 0;
}
