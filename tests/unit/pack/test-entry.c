#include "lib/pack/entry.h"

#include <string.h>

#include "tests/support/tap.h"

static void round_trip(unsigned type, uint64_t size, uint64_t offset,
    uint64_t base_offset)
{
	unsigned char header[IRMIN__ENTRY_HEADER_BYTES];
	irmin__entry entry = { 0 }, again;
	irmin_error err;
	size_t len, cut;

	entry.type = type;
	entry.size = size;
	entry.base_offset = base_offset;
	entry.base.algo = IRMIN_HASH_SHA1;
	memset(entry.base.bytes, 0xab, 20);
	len = irmin__entry_encode(&entry, offset, header);
	succeeds(irmin__entry_parse(IRMIN_HASH_SHA1, irmin_bytes(header, len),
		     offset, &again, &err),
	    &err, "type %u, size %llu", type, (unsigned long long)size);
	is_int(again.header_bytes, len, "its length");
	is_int(again.size, size, "its size");
	is_int(again.type, type, "its type");
	if (type == IRMIN__ENTRY_OFS_DELTA)
		is_int(again.base_offset, base_offset, "its base");
	if (type == IRMIN__ENTRY_REF_DELTA)
		ok(!irmin_oid_compare(&again.base, &entry.base), "its base");
	for (cut = 0; cut < len; cut++)
		fails(irmin__entry_parse(IRMIN_HASH_SHA1,
			  irmin_bytes(header, cut), offset, &again, &err),
		    IRMIN_ECORRUPT, &err, "cut to %zu", cut);
}

static void is_refused(const char *bytes, size_t len, uint64_t offset,
    const char *why)
{
	irmin__entry entry;
	irmin_error err;

	fails(irmin__entry_parse(IRMIN_HASH_SHA1, irmin_bytes(bytes, len),
		  offset, &entry, &err),
	    IRMIN_ECORRUPT, &err, "%s", why);
}

int main(void)
{
	static const uint64_t sizes[] = { 0, 1, 15, 16, 127, 2047, 2048, 65535,
		UINT32_MAX, (uint64_t)1 << 40, UINT64_MAX };
	size_t i;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		round_trip(IRMIN_OBJECT_BLOB, sizes[i], 12, 0);
		round_trip(IRMIN__ENTRY_REF_DELTA, sizes[i], 12, 0);
		round_trip(IRMIN__ENTRY_OFS_DELTA, sizes[i], (uint64_t)1 << 60,
		    12);
		round_trip(IRMIN__ENTRY_OFS_DELTA, sizes[i], 140, 12);
		round_trip(IRMIN__ENTRY_OFS_DELTA, sizes[i], 141, 12);
		round_trip(IRMIN__ENTRY_OFS_DELTA, sizes[i], 16396, 12);
	}
	is_refused("\x00", 1, 12, "type 0");
	is_refused("\x50", 1, 12, "type 5");
	is_refused("\x60\x00", 2, 100, "a base at the entry itself");
	is_refused("\x60\x59", 2, 100, "a base in the header of the pack");
	is_refused("\x60\x65", 2, 100, "a base before the pack");
	is_refused("\x60\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 12, 100,
	    "a distance beyond 64 bits");
	is_refused("\xbf\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, 12,
	    "a size beyond 64 bits");
	return done_testing();
}
