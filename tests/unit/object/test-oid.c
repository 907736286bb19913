#include <string.h>

#include "lib/core/object/hash.h"
#include "tests/support/tap.h"

#define SHA1_HEX   "0123456789abcdef0123456789abcdef01234567"
#define SHA256_HEX SHA1_HEX "89abcdef0123456789abcdef"

static irmin_oid parse(const char *hex)
{
	irmin_error err;
	irmin_oid id;

	succeeds(irmin_oid_parse(irmin_text(hex), &id, &err), &err, "%s", hex);
	return id;
}

static void test_parse(void)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_oid id = parse(SHA1_HEX);

	is_int(id.algo, IRMIN_HASH_SHA1, "40 digits are SHA-1");
	is_str(irmin_oid_hex(&id, hex), SHA1_HEX, "and back");
	is_int(id.bytes[20] | id.bytes[31], 0, "zero behind the id");
	id = parse("ABCDEF0000000000000000000000000000000000");
	is_str(irmin_oid_hex(&id, hex),
	    "abcdef0000000000000000000000000000000000", "capitals");
	id = parse(SHA256_HEX);
	is_int(id.algo, IRMIN_HASH_SHA256, "64 digits are SHA-256");
	is_str(irmin_oid_hex(&id, hex), SHA256_HEX, "and back");
}

static void test_bad(void)
{
	static const char *const bad[] = { "", "0123", SHA1_HEX "0",
		"g123456789abcdef0123456789abcdef01234567",
		"0123456789abcdef0123456789abcdef0123456 ", SHA256_HEX "00" };
	irmin_error err;
	irmin_oid id;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		id = parse(SHA1_HEX);
		fails(irmin_oid_parse(irmin_text(bad[i]), &id, &err),
		    IRMIN_EINVAL, &err, "no id: \"%s\"", bad[i]);
		ok(irmin_oid_is_none(&id), "the output is empty");
	}
}

static void test_order(void)
{
	irmin_oid a = parse(SHA1_HEX), b = a, none;
	char hex[IRMIN_OID_HEX_BYTES];

	memset(&none, 0, sizeof none);
	ok(irmin_oid_is_none(&none), "all zero is no id");
	is_str(irmin_oid_hex(&none, hex), "", "it has no digits");
	ok(!irmin_oid_is_none(&a), "an id is one");
	is_int(irmin_oid_compare(&a, &b), 0, "equal");
	b.bytes[19]++;
	ok(irmin_oid_compare(&a, &b) < 0, "less by the last byte");
	ok(irmin_oid_compare(&b, &a) > 0, "and the other way round");
	b.bytes[0] = 0x80;
	ok(irmin_oid_compare(&a, &b) < 0, "bytes are unsigned");
	b = parse(SHA256_HEX);
	ok(irmin_oid_compare(&a, &b) < 0, "first by algorithm");
	b.bytes[0] = 0;
	ok(irmin_oid_compare(&b, &a) > 0, "whatever the bytes");
	b = irmin__oid_of_bytes(IRMIN_HASH_SHA1, a.bytes);
	is_int(irmin_oid_compare(&a, &b), 0, "an id from its raw bytes");
}

int main(void)
{
	test_parse();
	test_bad();
	test_order();
	return done_testing();
}
