#include <string.h>

#include "lib/core/object/object.h"
#include "tests/fuzz/fuzz.h"

/* A header that is read is written as it was. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char header[IRMIN__OBJECT_HEADER_BYTES];
	irmin_object_type type;
	irmin_error err;
	uint64_t size;
	size_t used;

	if (irmin__object_header_parse(irmin_bytes(bytes, len), &type, &size,
		&used, &err) < 0) {
		REQUIRE(err.code == IRMIN_ECORRUPT && err.offset <= len);
		return 0;
	}
	REQUIRE(used <= len);
	REQUIRE(irmin__object_header(type, size, header) == used);
	REQUIRE(!memcmp(header, bytes, used));
	return 0;
}
