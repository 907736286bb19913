/* The suite's entrance, and what its files share. */
#include "tests/suite/suite-backend.h"

#include "tests/support/tap.h"

#include <string.h>
#include <time.h>

#define PATIENCE_S 60

irmin_backend *suite_open(const struct suite_backend *suite,
    irmin_hash_algo hash)
{
	irmin_backend *backend;
	irmin_error err;

	if (suite->open_new(suite->arg, hash, &backend, &err) < 0)
		bail("%s: cannot open: %s", suite->name, err.text);
	return backend;
}

irmin_backend *suite_open_again(const struct suite_backend *suite)
{
	irmin_backend *backend;
	irmin_error err;

	if (suite->open_again(suite->arg, &backend, &err) < 0)
		bail("%s: cannot open again: %s", suite->name, err.text);
	return backend;
}

void suite_close(irmin_backend *backend)
{
	backend->objects->cls->close(backend->objects);
	backend->refs->cls->close(backend->refs);
	backend->cls->close(backend);
}

irmin_oid suite_id(const irmin_backend *backend, unsigned n)
{
	irmin_oid id;
	size_t i;

	memset(&id, 0, sizeof id);
	for (i = 0; i < sizeof n; i++)
		id.bytes[i] = (unsigned char)(n >> 8 * i);
	id.bytes[irmin_hash_size(backend->hash) - 1] = 0xee;
	id.algo = (unsigned char)backend->hash;
	return id;
}

irmin_context suite_context(void)
{
	irmin_context context;
	struct timespec now;

	memset(&context, 0, sizeof context);
	context.size = sizeof context;
	clock_gettime(CLOCK_MONOTONIC, &now);
	context.deadline_us = ((int64_t)now.tv_sec + PATIENCE_S) * 1000000 +
	    now.tv_nsec / 1000;
	return context;
}

irmin_rc suite_find_ref(irmin_backend *backend, const char *name,
    irmin_ref_value *value, irmin_error *err)
{
	irmin_context context = suite_context();

	return backend->refs->cls->find(backend->refs, &context, name, value,
	    err);
}

irmin_rc suite_cas(irmin_backend *backend, const irmin_ref_change *changes,
    size_t count, size_t *differing, irmin_error *err)
{
	irmin_context context = suite_context();

	return backend->refs->cls->cas(backend->refs, &context, changes, count,
	    NULL, differing, err);
}

/* What a program may look at without calling anything. */
static void check_shape(const struct suite_backend *suite)
{
	irmin_backend *backend = suite_open(suite, IRMIN_HASH_SHA256);

	is_int(backend->hash, IRMIN_HASH_SHA256, "%s: the hash asked for",
	    suite->name);
	ok(backend->location != NULL, "%s: has a location", suite->name);
	ok(!(backend->flags & IRMIN_BACKEND_VOLATILE) == !!suite->open_again,
	    "%s: says whether it is volatile", suite->name);
	ok(backend->cls->scheme && backend->objects->cls->name &&
		backend->refs->cls->name,
	    "%s: has names", suite->name);
	suite_close(backend);
}

void suite_backend_run(const struct suite_backend *suite)
{
	check_shape(suite);
	suite_backend_objects(suite, IRMIN_HASH_SHA1);
	suite_backend_objects(suite, IRMIN_HASH_SHA256);
	suite_backend_bulk(suite, IRMIN_HASH_SHA1);
	suite_backend_bulk(suite, IRMIN_HASH_SHA256);
	suite_backend_refs(suite);
	if (!suite->no_threads)
		suite_backend_threads(suite);
}
