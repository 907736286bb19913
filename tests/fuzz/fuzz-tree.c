#include "lib/core/object/hash.h"
#include "lib/core/object/tree-codec.h"
#include "lib/core/object/write-check.h"
#include "tests/fuzz/fuzz.h"

/* Writes the entry that was just read where it was read from: the same bytes,
 * where its mode is git's. */
static void write_back(const irmin__tree_reader *reader, size_t begin,
    const irmin__tree_entry *entry)
{
	size_t size = irmin__tree_entry_bytes(entry->name, entry->mode,
	    reader->algo);
	irmin_oid id = irmin__oid_of_bytes(reader->algo, entry->id);
	unsigned char *out = malloc(size);

	REQUIRE(out);
	REQUIRE(irmin__tree_entry_encode(entry->name, entry->mode, &id, out) ==
	    size);
	if (!(reader->flags & IRMIN__TREE_ODD_MODE))
		REQUIRE(irmin_slice_equal(irmin_bytes(out, size),
		    irmin_bytes((const char *)reader->bytes.data + begin,
			reader->offset - begin)));
	free(out);
}

static void read_all(irmin_hash_algo algo, irmin_slice bytes)
{
	irmin__tree_reader reader;
	irmin__tree_entry entry;
	irmin_error err;
	size_t begin = 0;
	irmin_rc rc;

	irmin__tree_reader_init(&reader, algo, bytes);
	while ((rc = irmin__tree_reader_next(&reader, &entry, &err)) == 0) {
		REQUIRE(reader.offset > begin && reader.offset <= bytes.len);
		REQUIRE(entry.name.len > 0 && entry.mode != IRMIN_MODE_NONE);
		write_back(&reader, begin, &entry);
		begin = reader.offset;
	}
	REQUIRE(rc == IRMIN_END ||
	    (rc == IRMIN_ECORRUPT && err.offset <= bytes.len));
	if (irmin__check_object(algo, IRMIN_OBJECT_TREE, bytes, &err) >= 0)
		REQUIRE(rc == IRMIN_END &&
		    !(reader.flags &
			(IRMIN__TREE_UNSORTED | IRMIN__TREE_DUPLICATE)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	read_all(IRMIN_HASH_SHA1, irmin_bytes(bytes, len));
	read_all(IRMIN_HASH_SHA256, irmin_bytes(bytes, len));
	return 0;
}
