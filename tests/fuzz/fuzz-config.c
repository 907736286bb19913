#include "lib/core/object/config-codec.h"
#include "lib/core/object/write-check.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	irmin_slice text = irmin_bytes(bytes, len);
	irmin__config_reader reader;
	irmin__config_entry entry;
	irmin_error err;
	irmin_rc rc;

	irmin__config_reader_init(&reader, text);
	while ((rc = irmin__config_reader_next(&reader, &entry, &err)) == 0) {
		REQUIRE(reader.offset <= len && reader.line >= 1);
		REQUIRE(((const char *)entry.key.data)[entry.key.len] == '\0');
		REQUIRE(
		    irmin__config_subsection(entry.key).len < entry.key.len);
		REQUIRE(entry.value.data || !entry.value.len);
	}
	irmin__config_reader_clear(&reader);
	if (rc < 0) {
		REQUIRE(rc == IRMIN_ECORRUPT && err.offset <= len);
		REQUIRE(irmin__check_special(irmin_text(".gitmodules"), text,
			    &err) == IRMIN_EINVAL);
	} else {
		rc = irmin__check_special(irmin_text(".gitmodules"), text,
		    &err);
		REQUIRE(rc == IRMIN_OK || rc == IRMIN_EINVAL);
	}
	return 0;
}
