/* The memory backend: the suite, and what it does when memory ends. */
#include "lib/backend-mem/mem.h"

#include "tests/suite/suite-backend.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#include <stdio.h>
#include <string.h>

static irmin_rc open_new(void *arg, irmin_hash_algo hash,
    irmin_backend **backend, irmin_error *err)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;

	(void)arg;
	options.hash = hash;
	return irmin__mem_open(irmin__os_posix(), &options, backend, err);
}

/* ---- out of memory ---- */

static irmin_rc write_something(irmin_backend *backend, irmin_error *err)
{
	irmin_new_object added;
	irmin_ref_change changes[2];
	irmin_rc rc;

	memset(&added, 0, sizeof added);
	added.id = suite_id(backend, 1);
	added.type = IRMIN_OBJECT_BLOB;
	added.data = irmin_text("text");
	rc = backend->objects->cls->add(backend->objects, NULL, &added, 1, err);
	if (rc < 0)
		return rc;
	memset(changes, 0, sizeof changes);
	changes[0].name = "refs/heads/a/b";
	changes[1].name = "refs/heads/c";
	changes[0].id = changes[1].id = added.id;
	rc = suite_cas(backend, changes, 2, NULL, err);
	if (rc < 0)
		return rc;
	return backend->refs->cls->set_link(backend->refs, NULL, "HEAD",
	    "refs/heads/c", err);
}

static int tell_ref(void *arg, const char *name, const irmin_ref_value *value)
{
	(void)name;
	(void)value;
	++*(int *)arg;
	return 0;
}

static irmin_rc read_something(irmin_backend *backend, irmin_error *err)
{
	irmin_ref_value value;
	int count = 0;
	irmin_rc rc;

	memset(&value, 0, sizeof value);
	rc = suite_find_ref(backend, "HEAD", &value, err);
	irmin_buf_clear(&value.target);
	if (rc < 0)
		return rc;
	rc = backend->refs->cls->each(backend->refs, NULL, "", tell_ref, &count,
	    err);
	if (rc >= 0 && count != 2)
		bail("%d refs instead of 2", count);
	return rc;
}

static irmin_rc live(void *arg, irmin_error *err)
{
	irmin_backend *backend;
	irmin_rc rc;

	rc = open_new(arg, IRMIN_HASH_SHA1, &backend, err);
	if (rc < 0)
		return rc;
	rc = write_something(backend, err);
	if (rc >= 0)
		rc = read_something(backend, err);
	suite_close(backend);
	return rc;
}

/* A change that fails leaves neither ref behind. */
static void check_all_or_none(void)
{
	irmin_ref_change changes[2];
	irmin_backend *backend;
	irmin_ref_value value;
	irmin_error err;
	uint64_t n;

	for (n = 1;; n++) {
		succeeds(open_new(NULL, IRMIN_HASH_SHA1, &backend, &err), &err,
		    "open");
		memset(changes, 0, sizeof changes);
		changes[0].name = "refs/heads/a";
		changes[1].name = "refs/heads/b";
		changes[0].id = changes[1].id = suite_id(backend, 1);
		alloc_fault_at(n);
		if (suite_cas(backend, changes, 2, NULL, &err) >= 0)
			break;
		alloc_fault_at(0);
		memset(&value, 0, sizeof value);
		is_rc(suite_find_ref(backend, "refs/heads/a", &value, &err),
		    IRMIN_ABSENT, "allocation %d fails: the one is not there",
		    (int)n);
		is_rc(suite_find_ref(backend, "refs/heads/b", &value, &err),
		    IRMIN_ABSENT, "allocation %d fails: nor is the other",
		    (int)n);
		suite_close(backend);
	}
	alloc_fault_at(0);
	ok(n > 2, "both refs were tried");
	suite_close(backend);
}

/* ---- growing ---- */

/* Ids whose bits differ in a few places only, as an attacker could choose. */
static void check_many(void)
{
	irmin_backend *backend;
	irmin_error err;
	irmin_rc rc = IRMIN_OK;
	unsigned i, found = 0;

	succeeds(open_new(NULL, IRMIN_HASH_SHA1, &backend, &err), &err, "open");
	for (i = 0; rc >= 0 && i < 20000; i++) {
		irmin_new_object added;

		memset(&added, 0, sizeof added);
		added.id = suite_id(backend, i << 12);
		added.type = IRMIN_OBJECT_BLOB;
		added.data = irmin_bytes(&i, sizeof i);
		rc = backend->objects->cls->add(backend->objects, NULL, &added,
		    1, &err);
	}
	succeeds(rc, &err, "20,000 objects are added");
	for (i = 0; i < 20000; i++) {
		irmin_oid id = suite_id(backend, i << 12);
		irmin_object object;

		rc = backend->objects->cls->find(backend->objects, NULL, &id,
		    &object, &err);
		found += rc == IRMIN_OK && !memcmp(object.data.data, &i, 4);
		irmin_pin_release(&object.data);
	}
	is_int(found, 20000, "and found");
	suite_close(backend);
}

int main(void)
{
	struct suite_backend suite = { "mem", NULL, open_new, NULL, 0 };

	suite_backend_run(&suite);
	check_many();
	check_all_or_none();
	alloc_fault_sweep("a life in memory", live, NULL);
	is_int(alloc_fault_live(), 0, "nothing is left behind");
	return done_testing();
}
