#include "lib/core/object/hash.h"

#include <string.h>

#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"

int irmin_oid_is_none(const irmin_oid *id)
{
	return id->algo == IRMIN_HASH_NONE;
}

int irmin_oid_compare(const irmin_oid *a, const irmin_oid *b)
{
	if (a->algo != b->algo)
		return a->algo < b->algo ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

char *irmin_oid_hex(const irmin_oid *id, char hex[IRMIN_OID_HEX_BYTES])
{
	irmin__hex_encode(id->bytes, irmin_hash_size((irmin_hash_algo)id->algo),
	    hex);
	return hex;
}

irmin_rc irmin_oid_parse(irmin_slice hex, irmin_oid *id, irmin_error *err)
{
	static const irmin_hash_algo algos[] = { IRMIN_HASH_SHA1,
		IRMIN_HASH_SHA256 };
	unsigned char bytes[IRMIN_OID_MAX_BYTES];
	size_t i, size;

	irmin_error_clear(err);
	memset(id, 0, sizeof *id);
	for (i = 0; i < sizeof algos / sizeof *algos; i++) {
		size = irmin_hash_size(algos[i]);
		if (hex.len != 2 * size)
			continue;
		if (irmin__hex_decode(hex.data, size, bytes) < 0)
			break;
		*id = irmin__oid_of_bytes(algos[i], bytes);
		return IRMIN_OK;
	}
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "not an object id \"%.*s\": it takes 40 or 64 hexadecimal digits",
	    (int)(hex.len < 80 ? hex.len : 80),
	    hex.len ? (const char *)hex.data : "");
}

irmin_oid irmin__oid_of_bytes(irmin_hash_algo algo, const void *bytes)
{
	irmin_oid id;

	memset(&id, 0, sizeof id);
	memcpy(id.bytes, bytes, irmin_hash_size(algo));
	id.algo = (unsigned char)algo;
	return id;
}
