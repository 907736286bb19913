#include "lib/backend-git/git-parts.h"
#include "lib/core/base/os-sim.h"
#include "tests/fuzz/fuzz.h"

#define FILE_NAME "/object"
#define LIMIT     ((size_t)1 << 20)

static void write_file(irmin__os *os, irmin_slice bytes)
{
	irmin__file *file;

	REQUIRE(irmin__os_open(os, FILE_NAME,
		    IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_TRUNCATE,
		    0644, &file, NULL) == IRMIN_OK);
	REQUIRE(irmin__os_write(file, bytes, NULL) == IRMIN_OK);
	irmin__os_close(file);
}

static unsigned sum_of(irmin_slice bytes)
{
	const unsigned char *at = bytes.data;
	unsigned sum = 0;
	size_t i;

	for (i = 0; i < bytes.len; i++)
		sum += at[i];
	return sum;
}

/* Reads the file; whatever comes out must be readable to its end. */
static void read_file(irmin__os *os)
{
	volatile unsigned sum;
	irmin_object_type type;
	irmin_object object;
	uint64_t size;
	irmin_error err;
	irmin_rc rc;

	rc = irmin__git_loose_find(os, FILE_NAME, LIMIT, &object, &err);
	if (rc < 0) {
		REQUIRE(rc == IRMIN_ECORRUPT || rc == IRMIN_ELIMIT);
		REQUIRE(err.where[0] && !object.data.data);
		return;
	}
	REQUIRE(object.data.len <= LIMIT);
	sum = sum_of(irmin_bytes(object.data.data, object.data.len));
	(void)sum;
	REQUIRE(irmin__git_loose_stat(os, FILE_NAME, &type, &size, &err) ==
	    IRMIN_OK);
	REQUIRE(type == object.type && size == object.data.len);
	irmin_pin_release(&object.data);
}

/* The input is the file, and then what a good stream in the file holds. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	size_t stored = irmin__stored_bytes(len);
	unsigned char *stream = malloc(stored);
	irmin__os *os;

	REQUIRE(stream && irmin__os_sim_new(1, &os, NULL) == IRMIN_OK);
	write_file(os, irmin_bytes(bytes, len));
	read_file(os);
	irmin__store(irmin_bytes(bytes, len), irmin_bytes(NULL, 0), stream);
	write_file(os, irmin_bytes(stream, stored));
	read_file(os);
	irmin__os_sim_free(os);
	free(stream);
	return 0;
}
