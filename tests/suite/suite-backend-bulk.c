/* The optional slots of object stores: in parts, in batches, all at once. */
#include "tests/suite/suite-backend.h"

#include "tests/support/tap.h"

#include <stdlib.h>
#include <string.h>

#define MANY 60

struct blob {
	irmin_oid id;
	size_t len;
	unsigned char *bytes;
};

/* Bytes that a seed decides; much of them is the same for all seeds. */
static struct blob make_blob(const irmin_backend *backend, size_t len,
    unsigned seed)
{
	struct blob blob;
	irmin_error err;
	size_t i;

	blob.len = len;
	blob.bytes = malloc(len + 1);
	for (i = 0; i < len; i++)
		blob.bytes[i] = (unsigned char)(i * 2654435761u >> 15);
	for (i = 0; i < len && i < sizeof seed; i++)
		blob.bytes[i] = (unsigned char)(seed >> 8 * i);
	if (irmin_hash_object(backend->hash, IRMIN_OBJECT_BLOB,
		irmin_bytes(blob.bytes, len), &blob.id, &err) < 0)
		bail("cannot hash: %s", err.text);
	return blob;
}

static irmin_rc has(irmin_backend *backend, const irmin_oid *id)
{
	irmin_context context = suite_context();

	return backend->objects->cls->has(backend->objects, &context, id, NULL);
}

static int is_found(irmin_backend *backend, const struct blob *blob)
{
	irmin_context context = suite_context();
	irmin_object object;
	irmin_error err;
	int same;

	if (backend->objects->cls->find(backend->objects, &context, &blob->id,
		&object, &err) != IRMIN_OK)
		return 0;
	same = object.type == IRMIN_OBJECT_BLOB &&
	    object.data.len == blob->len &&
	    (!blob->len ||
		memcmp(object.data.data, blob->bytes, blob->len) == 0);
	irmin_pin_release(&object.data);
	return same;
}

/* ---- open_read ---- */

static void check_read(irmin_backend *backend, const struct blob *blob,
    size_t step, const char *name)
{
	irmin_context context = suite_context();
	irmin_object_source *source = NULL;
	unsigned char *bytes = malloc(blob->len + step);
	irmin_object_type type;
	uint64_t size;
	size_t total = 0, got = step;
	irmin_error err;
	irmin_rc rc;

	rc = backend->objects->cls->open_read(backend->objects, &context,
	    &blob->id, &type, &size, &source, &err);
	if (is_rc(rc, IRMIN_OK, "%s: %zu bytes are opened", name, blob->len)) {
		ok(type == IRMIN_OBJECT_BLOB && size == blob->len,
		    "%s: ... type and size", name);
		while (rc >= 0 && got == step && total <= blob->len) {
			rc = source->cls->read(source, bytes + total, step,
			    &got, &err);
			total += got;
		}
		succeeds(rc, &err, "%s: ... read by %zu", name, step);
		is_mem(bytes, total, blob->bytes, blob->len, "%s: ... as it is",
		    name);
		source->cls->close(source);
	}
	free(bytes);
}

static void check_open_read(irmin_backend *backend, const struct blob *blob,
    const char *name)
{
	irmin_context context = suite_context();
	irmin_oid absent = suite_id(backend, 99);
	irmin_object_source *source;
	irmin_object_type type;
	unsigned char some[10];
	uint64_t size;
	size_t got;
	irmin_error err;

	if (!backend->objects->cls->open_read)
		return;
	check_read(backend, blob, 1 + blob->len / 7, name);
	check_read(backend, blob, blob->len + 1, name);
	check_read(backend, blob, 4096, name);
	is_rc(backend->objects->cls->open_read(backend->objects, &context,
		  &absent, &type, &size, &source, &err),
	    IRMIN_ABSENT, "%s: nothing to open", name);
	ok(!source, "%s: ... gives no source", name);
	if (backend->objects->cls->open_read(backend->objects, &context,
		&blob->id, &type, &size, &source, &err) == IRMIN_OK) {
		succeeds(source->cls->read(source, some, sizeof some, &got,
			     &err),
		    &err, "%s: the beginning alone", name);
		source->cls->close(source);
	}
}

/* ---- add_begin ---- */

static irmin_rc begin(irmin_backend *backend, const irmin_context *context,
    const struct blob *blob, size_t step, irmin_object_sink **sink,
    irmin_error *err)
{
	size_t at, len;
	irmin_rc rc = backend->objects->cls->add_begin(backend->objects,
	    context, IRMIN_OBJECT_BLOB, blob->len, sink, err);

	for (at = 0; rc >= 0 && at < blob->len; at += len) {
		len = blob->len - at < step ? blob->len - at : step;
		rc = (*sink)->cls->write(*sink,
		    irmin_bytes(blob->bytes + at, len), err);
	}
	return rc;
}

static void check_add_begin(irmin_backend *backend, size_t len,
    const char *name)
{
	irmin_context context = suite_context();
	struct blob kept = make_blob(backend, len, 1000 + (unsigned)len);
	struct blob given_up = make_blob(backend, len, 2000 + (unsigned)len);
	irmin_object_sink *sink;
	irmin_error err;
	int again;

	for (again = 0; again < 2; again++) {
		succeeds(begin(backend, &context, &kept, 1 + len / 3, &sink,
			     &err),
		    &err, "%s: %zu bytes come in parts", name, len);
		if (!again && len >= sizeof(unsigned))
			is_rc(has(backend, &kept.id), IRMIN_ABSENT,
			    "%s: ... not seen before the end", name);
		succeeds(sink->cls->finish(sink, &kept.id, &err), &err,
		    "%s: ... the end", name);
		ok(is_found(backend, &kept), "%s: ... found", name);
	}
	if (len >= sizeof(unsigned)) {
		succeeds(begin(backend, &context, &given_up, 100000, &sink,
			     &err),
		    &err, "%s: others come", name);
		sink->cls->abort(sink);
		is_rc(has(backend, &given_up.id), IRMIN_ABSENT,
		    "%s: ... and are given up", name);
	}
	free(kept.bytes);
	free(given_up.bytes);
}

/* ---- batches ---- */

static irmin_rc fill(irmin_backend *backend, const irmin_context *context,
    const struct blob *blobs, size_t count, irmin_batch **batch,
    irmin_error *err)
{
	irmin_new_object added;
	irmin_rc rc = backend->objects->cls->batch_begin(backend->objects,
	    context, batch, err);
	size_t i;

	for (i = 0; rc >= 0 && i < count; i++) {
		memset(&added, 0, sizeof added);
		added.id = blobs[i].id;
		added.type = IRMIN_OBJECT_BLOB;
		added.data = irmin_bytes(blobs[i].bytes, blobs[i].len);
		if (i % 3)
			added.base = blobs[i - 1].id;
		rc = (*batch)->cls->add(*batch, context, &added, 1, err);
		if (rc >= 0 && i % 7 == 0) /* the same again */
			rc = (*batch)->cls->add(*batch, context, &added, 1,
			    err);
	}
	return rc;
}

static void check_batch(irmin_backend *backend, const struct blob *blobs,
    const struct blob *others, const char *name)
{
	irmin_context context = suite_context();
	size_t i, found = 0, seen = 0;
	irmin_batch *batch;
	irmin_error err;

	if (!backend->objects->cls->batch_begin)
		return;
	succeeds(backend->objects->cls->batch_begin(backend->objects, &context,
		     &batch, &err),
	    &err, "%s: a batch begins", name);
	succeeds(batch->cls->finish(batch, &context, &err), &err,
	    "%s: ... and ends empty", name);
	succeeds(fill(backend, &context, blobs, MANY, &batch, &err), &err,
	    "%s: a batch of %d", name, MANY);
	succeeds(batch->cls->finish(batch, &context, &err), &err,
	    "%s: ... ends", name);
	for (i = 0; i < MANY; i++)
		found += (size_t)is_found(backend, &blobs[i]);
	is_int(found, MANY, "%s: ... and all are found", name);
	succeeds(fill(backend, &context, blobs, MANY, &batch, &err), &err,
	    "%s: all of them once more", name);
	succeeds(batch->cls->finish(batch, &context, &err), &err,
	    "%s: ... is well", name);
	succeeds(fill(backend, &context, others, MANY, &batch, &err), &err,
	    "%s: a batch of others", name);
	batch->cls->abort(batch);
	for (i = 0; i < MANY; i++)
		seen += has(backend, &others[i].id) == IRMIN_OK;
	is_int(seen, 0, "%s: ... is given up", name);
}

/* ---- scan ---- */

struct scanned {
	irmin_backend *backend;
	size_t count, wrong, faults;
	int stop;
};

static int look(void *arg, const irmin_scanned *object)
{
	struct scanned *scanned = arg;
	irmin_oid id;
	irmin_error err;

	scanned->count++;
	scanned->faults += object->fault != NULL;
	if (scanned->stop)
		return scanned->stop;
	if (object->fault)
		return 0;
	if (irmin_hash_object(scanned->backend->hash, object->type,
		object->data, &id, &err) < 0)
		bail("%s", err.text);
	scanned->wrong += irmin_oid_compare(&id, &object->id) != 0;
	return 0;
}

static void check_scan(irmin_backend *backend, size_t least, const char *name)
{
	irmin_context context = suite_context();
	struct scanned scanned = { backend, 0, 0, 0, 0 };
	irmin_error err;

	if (!backend->objects->cls->scan)
		return;
	is_rc(backend->objects->cls->scan(backend->objects, &context, look,
		  &scanned, &err),
	    IRMIN_OK, "%s: scan", name);
	ok(scanned.count >= least && !scanned.wrong && !scanned.faults,
	    "%s: ... tells %zu of %zu, %zu wrong, %zu with faults", name,
	    scanned.count, least, scanned.wrong, scanned.faults);
	context.max_object_bytes = 3000;
	scanned.faults = 0;
	is_rc(backend->objects->cls->scan(backend->objects, &context, look,
		  &scanned, &err),
	    IRMIN_OK, "%s: scan with a limit", name);
	ok(scanned.faults > 0 && !scanned.wrong,
	    "%s: ... tells %zu with faults, and goes on", name, scanned.faults);
	scanned.count = 0;
	scanned.stop = 1234;
	is_rc(backend->objects->cls->scan(backend->objects, &context, look,
		  &scanned, &err),
	    1234, "%s: an answer is passed through", name);
	is_int(scanned.count, 1, "%s: ... and stops", name);
}

/* ---- all ---- */

static void add_all(irmin_backend *backend, const struct blob *blobs,
    size_t count)
{
	irmin_context context = suite_context();
	irmin_new_object added;
	irmin_error err;
	size_t i;

	for (i = 0; i < count; i++) {
		memset(&added, 0, sizeof added);
		added.id = blobs[i].id;
		added.type = IRMIN_OBJECT_BLOB;
		added.data = irmin_bytes(blobs[i].bytes, blobs[i].len);
		if (backend->objects->cls->add(backend->objects, &context,
			&added, 1, &err) < 0)
			bail("%s", err.text);
	}
}

void suite_backend_bulk(const struct suite_backend *suite, irmin_hash_algo hash)
{
	static const size_t lengths[] = { 0, 4, 65535, 65536, 200000 };
	const char *name = tap_format("%s, %s", suite->name,
	    irmin_hash_name(hash));
	irmin_backend *backend = suite_open(suite, hash);
	struct blob blobs[MANY], others[MANY];
	size_t i;

	for (i = 0; i < MANY; i++) {
		blobs[i] = make_blob(backend, 4 + i * i * 20, (unsigned)i);
		others[i] = make_blob(backend, 4 + i * i * 20,
		    500 + (unsigned)i);
	}
	check_batch(backend, blobs, others, name);
	add_all(backend, blobs, MANY);
	for (i = 0; i < MANY; i += MANY / 6)
		check_open_read(backend, &blobs[i], name);
	for (i = 0; i < 5 && backend->objects->cls->add_begin; i++)
		check_add_begin(backend, lengths[i], name);
	check_scan(backend, MANY, name);
	suite_close(backend);
	for (i = 0; i < MANY; i++) {
		free(blobs[i].bytes);
		free(others[i].bytes);
	}
}
