/*
 * suite-backend.h - what every backend must do, whatever it is made of
 *
 * A backend's own test says how a repository is opened, and runs the suite,
 * which knows the public header only.
 */
#ifndef IRMIN_TESTS_SUITE_BACKEND_H
#define IRMIN_TESTS_SUITE_BACKEND_H

#include <irmin/backend.h>

struct suite_backend {
	const char *name; /* of the checks */
	void *arg;
	/* Opens a new, empty repository. */
	irmin_rc (*open_new)(void *arg, irmin_hash_algo hash,
	    irmin_backend **backend, irmin_error *err);
	/* Opens the last one again, as another process would; NULL for a
	 * backend that is gone when it is closed. */
	irmin_rc (*open_again)(void *arg, irmin_backend **backend,
	    irmin_error *err);
	int no_threads; /* waiting for another thread does not work there */
};

/* Runs all of it. */
void suite_backend_run(const struct suite_backend *suite);

/* ---- for the files of the suite ---- */

void suite_backend_objects(const struct suite_backend *suite,
    irmin_hash_algo hash);
void suite_backend_bulk(const struct suite_backend *suite,
    irmin_hash_algo hash);
void suite_backend_refs(const struct suite_backend *suite);
void suite_backend_threads(const struct suite_backend *suite);

/* A new repository; bails if it cannot be had. */
irmin_backend *suite_open(const struct suite_backend *suite,
    irmin_hash_algo hash);
irmin_backend *suite_open_again(const struct suite_backend *suite);
void suite_close(irmin_backend *backend);

/* An id that stands for the number `n`. */
irmin_oid suite_id(const irmin_backend *backend, unsigned n);

/* A context that waits long enough for a busy machine. */
irmin_context suite_context(void);

/* Short names of slots. */
irmin_rc suite_find_ref(irmin_backend *backend, const char *name,
    irmin_ref_value *value, irmin_error *err);
irmin_rc suite_cas(irmin_backend *backend, const irmin_ref_change *changes,
    size_t count, size_t *differing, irmin_error *err);

#endif
