/* Many threads on one handle, and on two of one repository. */
#include "tests/suite/suite-backend.h"

#include "tests/support/tap.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define STEPS   60

struct worker {
	pthread_t thread;
	irmin_backend *backend;
	unsigned number;
	const char *wrong; /* what failed, or NULL */
	irmin_error err;
};

static void run_workers(struct worker workers[THREADS], void *(*run)(void *),
    irmin_backend *backend, irmin_backend *other, const char *what)
{
	unsigned i;

	for (i = 0; i < THREADS; i++) {
		memset(&workers[i], 0, sizeof workers[i]);
		workers[i].backend = other && i % 2 ? other : backend;
		workers[i].number = i;
		if (pthread_create(&workers[i].thread, NULL, run, &workers[i]))
			bail("cannot start a thread");
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		ok(!workers[i].wrong, "%s: thread %u", what, i);
		if (workers[i].wrong)
			diag("%s: %s", workers[i].wrong, workers[i].err.text);
	}
}

/* ---- one counter ---- */

static unsigned number_of(const irmin_oid *id)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < sizeof n; i++)
		n |= (unsigned)id->bytes[i] << 8 * i;
	return n;
}

/* Adds one to the number that a ref stands for, with others who do so too. */
static void *count_up(void *arg)
{
	struct worker *self = arg;
	irmin_ref_value value;
	unsigned done = 0;
	irmin_rc rc;

	memset(&value, 0, sizeof value);
	while (done < STEPS && !self->wrong) {
		irmin_ref_change change;

		memset(&change, 0, sizeof change);
		change.name = "refs/heads/count";
		rc = suite_find_ref(self->backend, change.name, &value,
		    &self->err);
		if (rc < 0)
			self->wrong = "find";
		change.expected = value.id;
		change.id = suite_id(self->backend, number_of(&value.id) + 1);
		rc = suite_cas(self->backend, &change, 1, NULL, &self->err);
		if (rc < 0 && rc != IRMIN_ESTALE)
			self->wrong = "cas";
		done += rc == IRMIN_OK;
	}
	irmin_buf_clear(&value.target);
	return NULL;
}

/* ---- two refs that are always the same ---- */

static void *move_pair(void *arg)
{
	struct worker *self = arg;
	irmin_ref_change changes[2];
	irmin_ref_value value;
	unsigned step;
	irmin_rc rc;

	memset(&value, 0, sizeof value);
	for (step = 0; step < STEPS && !self->wrong; step++) {
		rc = suite_find_ref(self->backend, "refs/heads/left", &value,
		    &self->err);
		if (rc < 0)
			self->wrong = "find";
		memset(changes, 0, sizeof changes);
		changes[self->number % 2].name = "refs/heads/left";
		changes[!(self->number % 2)].name = "refs/heads/right";
		changes[0].expected = changes[1].expected = value.id;
		changes[0].id = changes[1].id = suite_id(self->backend,
		    number_of(&value.id) + 1);
		rc = suite_cas(self->backend, changes, 2, NULL, &self->err);
		if (rc < 0 && rc != IRMIN_ESTALE)
			self->wrong = "cas";
	}
	irmin_buf_clear(&value.target);
	return NULL;
}

/* ---- refs that come and go in the same directories ---- */

static int tell_nothing(void *arg, const char *name,
    const irmin_ref_value *value)
{
	(void)arg;
	(void)name;
	(void)value;
	return 0;
}

static void *come_and_go(void *arg)
{
	struct worker *self = arg;
	irmin_context context = suite_context();
	irmin_ref_change change;
	char name[64];
	unsigned step;

	snprintf(name, sizeof name, "refs/heads/deep/er/%u", self->number);
	memset(&change, 0, sizeof change);
	change.name = name;
	for (step = 0; step < STEPS && !self->wrong; step++) {
		memset(&change.expected, 0, sizeof change.expected);
		change.id = suite_id(self->backend, step + 1);
		if (suite_cas(self->backend, &change, 1, NULL, &self->err) < 0)
			self->wrong = "make";
		change.expected = change.id;
		memset(&change.id, 0, sizeof change.id);
		if (step % 8 == 0 &&
		    self->backend->refs->cls->each(self->backend->refs,
			&context, "", tell_nothing, NULL, &self->err) < 0)
			self->wrong = "each";
		if (!self->wrong &&
		    suite_cas(self->backend, &change, 1, NULL, &self->err) < 0)
			self->wrong = "remove";
	}
	return NULL;
}

/* ---- objects ---- */

static int tell_no_object(void *arg, const irmin_oid *id)
{
	(void)arg;
	(void)id;
	return 0;
}

/* Every other object is the same for all threads. */
static void *add_and_find(void *arg)
{
	struct worker *self = arg;
	const irmin_objects_class *cls = self->backend->objects->cls;
	irmin_context context = suite_context();
	unsigned step;

	for (step = 0; step < STEPS && !self->wrong; step++) {
		irmin_new_object added;
		irmin_object found;
		char text[64];

		snprintf(text, sizeof text, "%u of %u", step,
		    step % 2 ? self->number : 0);
		memset(&added, 0, sizeof added);
		added.type = IRMIN_OBJECT_BLOB;
		added.data = irmin_text(text);
		if (irmin_hash_object(self->backend->hash, added.type,
			added.data, &added.id, &self->err) < 0)
			self->wrong = "hash";
		if (cls->add(self->backend->objects, &context, &added, 1,
			&self->err) < 0)
			self->wrong = "add";
		else if (cls->find(self->backend->objects, &context, &added.id,
			     &found, &self->err) != IRMIN_OK)
			self->wrong = "find";
		else if (found.data.len != strlen(text) ||
		    memcmp(found.data.data, text, found.data.len) != 0)
			self->wrong = "other bytes";
		else
			irmin_pin_release(&found.data);
		if (step % 16 == 0 &&
		    cls->each(self->backend->objects, &context, "",
			tell_no_object, NULL, &self->err) < 0)
			self->wrong = "each";
	}
	return NULL;
}

static void check_pair(irmin_backend *backend, const char *name)
{
	irmin_ref_value left, right;
	irmin_error err;

	memset(&left, 0, sizeof left);
	memset(&right, 0, sizeof right);
	succeeds(suite_find_ref(backend, "refs/heads/left", &left, &err), &err,
	    "%s: left", name);
	succeeds(suite_find_ref(backend, "refs/heads/right", &right, &err),
	    &err, "%s: right", name);
	ok(!irmin_oid_compare(&left.id, &right.id) && number_of(&left.id),
	    "%s: both moved together, to %u", name, number_of(&left.id));
}

void suite_backend_threads(const struct suite_backend *suite)
{
	irmin_backend *backend = suite_open(suite, IRMIN_HASH_SHA1);
	irmin_backend *other = suite->open_again ? suite_open_again(suite)
						 : NULL;
	struct worker workers[THREADS];
	irmin_ref_value value;
	irmin_error err;

	run_workers(workers, count_up, backend, other,
	    tap_format("%s: counting", suite->name));
	memset(&value, 0, sizeof value);
	succeeds(suite_find_ref(backend, "refs/heads/count", &value, &err),
	    &err, "%s: the counter", suite->name);
	is_int(number_of(&value.id), THREADS * STEPS, "%s: no update is lost",
	    suite->name);
	run_workers(workers, move_pair, backend, other,
	    tap_format("%s: two refs, in both orders", suite->name));
	check_pair(backend, suite->name);
	run_workers(workers, come_and_go, backend, other,
	    tap_format("%s: refs that come and go", suite->name));
	run_workers(workers, add_and_find, backend, other,
	    tap_format("%s: objects", suite->name));
	if (other)
		suite_close(other);
	suite_close(backend);
}
