#include "lib/core/base/os-sim.h"
#include "lib/core/object/hash.h"
#include "lib/pack/index.h"
#include "lib/pack/unpack.h"
#include "tests/fuzz/fuzz.h"

#define FILE_NAME "/pack"
#define LIMIT     ((uint64_t)1 << 20)
#define BASE      "0123456789"

typedef struct counting {
	irmin_hash_algo algo;
	uint64_t told;
} counting;

/* Only one base is there that was not sent. */
static irmin_rc find_base(void *arg, const irmin_oid *id, irmin_object *object,
    irmin_error *err)
{
	counting *count = arg;
	irmin_oid base;

	memset(object, 0, sizeof *object);
	REQUIRE(irmin_hash_object(count->algo, IRMIN_OBJECT_BLOB,
		    irmin_text(BASE), &base, err) == IRMIN_OK);
	if (irmin_oid_compare(id, &base))
		return IRMIN_ABSENT;
	object->type = IRMIN_OBJECT_BLOB;
	object->data.data = BASE;
	object->data.len = strlen(BASE);
	return IRMIN_OK;
}

static int count_object(void *arg, const irmin_scanned *object)
{
	counting *count = arg;
	irmin_oid id;

	REQUIRE(!object->fault);
	REQUIRE(irmin_hash_object(count->algo, object->type, object->data, &id,
		    NULL) == IRMIN_OK);
	REQUIRE(!irmin_oid_compare(&id, &object->id));
	count->told++;
	return 0;
}

static irmin_rc feed(irmin__unpack *unpack, irmin_slice pack, size_t part)
{
	size_t at = 0, used;
	irmin_error err;
	irmin_rc rc = IRMIN_OK;

	while (rc == IRMIN_OK && at < pack.len) {
		size_t n = pack.len - at < part ? pack.len - at : part;

		rc = irmin__unpack_feed(unpack,
		    irmin_bytes((const char *)pack.data + at, n), &used, &err);
		REQUIRE(rc < 0 || used == n || rc == IRMIN_END);
		REQUIRE(rc >= 0 || (err.code == rc && err.text[0]));
		at += used;
	}
	return rc;
}

/* What was taken has an index that is in order, with all objects in it. */
static void finish(irmin__unpack *unpack, irmin_hash_algo algo,
    const counting *count)
{
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin__index index;
	irmin_error err;
	irmin_rc rc;

	rc = irmin__unpack_finish(unpack, checksum, &bytes, &err);
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_ECORRUPT || rc == IRMIN_ELIMIT);
	if (rc == IRMIN_OK) {
		REQUIRE(irmin__index_open(algo, irmin_buf_slice(&bytes), &index,
			    &err) == IRMIN_OK);
		REQUIRE(irmin__index_verify(&index, &err) == IRMIN_OK);
		REQUIRE(index.count == irmin__unpack_count(unpack));
		REQUIRE(index.count - count->told <= 1);
	}
	irmin_buf_clear(&bytes);
}

static void take(irmin_hash_algo algo, irmin_slice pack, size_t part)
{
	irmin__unpack_options options;
	counting count = { algo, 0 };
	irmin__unpack *unpack;
	irmin__file *file;
	irmin__os *os;
	irmin_rc rc;

	memset(&options, 0, sizeof options);
	options.limits.objects = 1000;
	options.limits.object_bytes = LIMIT;
	options.limits.total_bytes = 16 * LIMIT;
	options.limits.base_bytes = (size_t)LIMIT;
	options.base = find_base;
	options.base_arg = &count;
	options.object = count_object;
	options.object_arg = &count;
	REQUIRE(irmin__os_sim_new(1, &os, NULL) == IRMIN_OK);
	REQUIRE(
	    irmin__os_open(os, FILE_NAME, IRMIN__OS_WRITE | IRMIN__OS_CREATE,
		0644, &file, NULL) == IRMIN_OK);
	REQUIRE(irmin__unpack_new(os, algo, file, FILE_NAME, &options, &unpack,
		    NULL) == IRMIN_OK);
	rc = feed(unpack, pack, part);
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_END || rc == IRMIN_ECORRUPT ||
	    rc == IRMIN_ENOTSUP || rc == IRMIN_ELIMIT);
	if (rc == IRMIN_END)
		finish(unpack, algo, &count);
	irmin__unpack_free(unpack);
	irmin__os_close(file);
	irmin__os_sim_free(os);
}

/* The checksum is made right, or hardly anything would ever be taken. */
static void take_signed(irmin_hash_algo algo, const uint8_t *bytes, size_t len,
    size_t part)
{
	const irmin__hash_class *cls = irmin__hash_class_of(algo);
	unsigned char *copy = malloc(len + cls->id_bytes);
	irmin__hasher hasher;

	REQUIRE(copy && irmin__hasher_init(&hasher, cls, NULL) == IRMIN_OK);
	memcpy(copy, bytes, len);
	REQUIRE(cls->init(hasher.context, NULL) == IRMIN_OK &&
	    cls->update(hasher.context, irmin_bytes(copy, len), NULL) ==
		IRMIN_OK &&
	    cls->done(hasher.context, copy + len, NULL) == IRMIN_OK);
	irmin__hasher_clear(&hasher);
	take(algo, irmin_bytes(copy, len + cls->id_bytes), part);
	free(copy);
}

/* The input is a pack without its checksum, or with a wrong one. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	take_signed(IRMIN_HASH_SHA1, bytes, len, SIZE_MAX);
	take_signed(IRMIN_HASH_SHA256, bytes, len, 7);
	take(IRMIN_HASH_SHA1, irmin_bytes(bytes, len), SIZE_MAX);
	return 0;
}
