#include "lib/core/object/hash.h"

#include <string.h>

#include "lib/core/base/error.h"
#include "lib/core/object/object.h"

/* Header and data of an object up to this length are put side by side first:
 * the copy is cheaper than a second call into libcrypto. */
#define ONE_UPDATE_BYTES 512

const irmin__hash_class *irmin__hash_class_of(irmin_hash_algo algo)
{
	switch (algo) {
	case IRMIN_HASH_SHA1:
		return &irmin__hash_sha1;
	case IRMIN_HASH_SHA256:
		return &irmin__hash_sha256;
	default:
		return NULL;
	}
}

size_t irmin_hash_size(irmin_hash_algo algo)
{
	const irmin__hash_class *cls = irmin__hash_class_of(algo);

	return cls ? cls->id_bytes : 0;
}

const char *irmin_hash_name(irmin_hash_algo algo)
{
	const irmin__hash_class *cls = irmin__hash_class_of(algo);

	return cls ? cls->name : "none";
}

irmin_rc irmin__hasher_init(irmin__hasher *hasher, const irmin__hash_class *cls,
    irmin_error *err)
{
	hasher->cls = cls;
	hasher->context = NULL;
	return cls->open(&hasher->context, err);
}

void irmin__hasher_clear(irmin__hasher *hasher)
{
	if (hasher->context)
		hasher->cls->close(hasher->context);
	hasher->context = NULL;
}

static irmin_rc feed(irmin__hasher *hasher, irmin_slice header,
    irmin_slice data, irmin_error *err)
{
	unsigned char joined[ONE_UPDATE_BYTES];
	irmin_rc rc;

	if (data.len > 0 && data.len <= sizeof joined - header.len) {
		memcpy(joined, header.data, header.len);
		memcpy(joined + header.len, data.data, data.len);
		header.data = joined;
		header.len += data.len;
		data.len = 0;
	}
	rc = hasher->cls->update(hasher->context, header, err);
	if (rc >= 0 && data.len > 0)
		rc = hasher->cls->update(hasher->context, data, err);
	return rc;
}

irmin_rc irmin__hasher_object(irmin__hasher *hasher, irmin_object_type type,
    irmin_slice data, irmin_oid *id, irmin_error *err)
{
	const irmin__hash_class *cls = hasher->cls;
	char header[IRMIN__OBJECT_HEADER_BYTES];
	size_t header_bytes = irmin__object_header(type, data.len, header);
	irmin_rc rc;

	memset(id, 0, sizeof *id);
	rc = cls->init(hasher->context, err);
	if (rc >= 0)
		rc = feed(hasher, irmin_bytes(header, header_bytes), data, err);
	if (rc >= 0)
		rc = cls->done(hasher->context, id->bytes, err);
	if (rc >= 0)
		id->algo = (unsigned char)cls->algo;
	return rc;
}

irmin_rc irmin__hasher_begin(irmin__hasher *hasher, irmin_object_type type,
    uint64_t bytes, irmin_error *err)
{
	char header[IRMIN__OBJECT_HEADER_BYTES];
	size_t header_bytes = irmin__object_header(type, bytes, header);
	irmin_rc rc = hasher->cls->init(hasher->context, err);

	if (rc < 0)
		return rc;
	return hasher->cls->update(hasher->context,
	    irmin_bytes(header, header_bytes), err);
}

irmin_rc irmin__hasher_update(irmin__hasher *hasher, irmin_slice bytes,
    irmin_error *err)
{
	return bytes.len ? hasher->cls->update(hasher->context, bytes, err)
			 : IRMIN_OK;
}

irmin_rc irmin__hasher_end(irmin__hasher *hasher, irmin_oid *id,
    irmin_error *err)
{
	irmin_rc rc;

	memset(id, 0, sizeof *id);
	rc = hasher->cls->done(hasher->context, id->bytes, err);
	if (rc >= 0)
		id->algo = (unsigned char)hasher->cls->algo;
	return rc;
}

irmin_rc irmin_hash_object(irmin_hash_algo algo, irmin_object_type type,
    irmin_slice data, irmin_oid *id, irmin_error *err)
{
	const irmin__hash_class *cls = irmin__hash_class_of(algo);
	irmin__hasher hasher;
	irmin_rc rc;

	irmin_error_clear(err);
	memset(id, 0, sizeof *id);
	if (!cls)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "cannot hash: there is no hash function %d", (int)algo);
	if (type < IRMIN_OBJECT_COMMIT || type > IRMIN_OBJECT_TAG)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "cannot hash: there is no object type %d", (int)type);
	rc = irmin__hasher_init(&hasher, cls, err);
	if (rc >= 0)
		rc = irmin__hasher_object(&hasher, type, data, id, err);
	irmin__hasher_clear(&hasher);
	return rc;
}
