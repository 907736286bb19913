/* What is synced when, on a machine in memory that tells of every operation. */
#include "tests/unit/backend-git/git-place.h"
#include "lib/core/base/os-sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static irmin__os *os;

static irmin_backend *open_sim(irmin_level level)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_backend *backend;
	irmin_error err;

	options.flags = IRMIN_OPEN_CREATE;
	options.level = level;
	if (irmin__git_open(os, "/r", &options, &backend, &err) < 0)
		bail("cannot open: %s", err.text);
	return backend;
}

static irmin_backend *begin(irmin_level level)
{
	irmin_error err;

	if (irmin__os_sim_new(1, &os, &err) < 0)
		bail("no simulator");
	return open_sim(level);
}

static void end(irmin_backend *backend)
{
	place_close(backend);
	irmin__os_sim_free(os);
}

static irmin_rc flush(irmin_backend *backend, irmin_level level,
    irmin_error *err)
{
	irmin_rc rc = backend->objects->cls->flush(backend->objects, NULL,
	    level, err);

	return rc < 0
	    ? rc
	    : backend->refs->cls->flush(backend->refs, NULL, level, err);
}

/* The operations since `from` that begin with a word, one a line. */
static const char *operations(uint64_t from, const char *word)
{
	const char *text = "", *line;

	while ((line = irmin__os_sim_log(os, ++from)))
		if (!strncmp(line, word, strlen(word)))
			text = tap_format("%s%s\n", text, line);
	return text;
}

static irmin_rc commit(irmin_backend *backend, const char *ref, unsigned n,
    irmin_error *err)
{
	irmin_oid id = place_commit(backend, n);

	return place_set(backend, ref, &id, err);
}

static unsigned count_lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void check_levels(void)
{
	irmin_backend *backend = begin(IRMIN_PROCESS);
	irmin_error err;
	uint64_t before;

	before = irmin__os_sim_operations(os);
	succeeds(flush(backend, IRMIN_POWER, &err), &err, "nothing to flush");
	is_int(irmin__os_sim_operations(os) - before, 0, "no operation");
	succeeds(commit(backend, "refs/heads/main", 1, &err), &err, "commit");
	is_str(operations(before, "sync"), "", "nothing is synced by itself");
	before = irmin__os_sim_operations(os);
	succeeds(flush(backend, IRMIN_LAZY, &err), &err, "flush to LAZY");
	succeeds(flush(backend, IRMIN_PROCESS, &err), &err, "to PROCESS");
	is_int(irmin__os_sim_operations(os) - before, 0, "no operation");
	succeeds(flush(backend, IRMIN_POWER, &err), &err, "to POWER");
	ok(strstr(operations(before, "sync"), "/r/refs/heads/main") != NULL,
	    "the ref is synced");
	ok(strstr(operations(before, "sync"), "/r/objects/") != NULL,
	    "the objects are");
	before = irmin__os_sim_operations(os);
	succeeds(flush(backend, IRMIN_POWER, &err), &err, "to POWER again");
	is_int(irmin__os_sim_operations(os) - before, 0, "no operation");
	end(backend);
}

/* Objects first, and in each the files before the directories. */
static void check_order(void)
{
	irmin_backend *backend = begin(IRMIN_PROCESS);
	const char *synced, *last_object, *first_ref;
	irmin_error err;
	uint64_t before;

	succeeds(commit(backend, "refs/heads/main", 1, &err), &err, "commit");
	before = irmin__os_sim_operations(os);
	succeeds(flush(backend, IRMIN_POWER, &err), &err, "flush");
	synced = operations(before, "sync");
	first_ref = strstr(synced, "/r/refs");
	last_object = strstr(synced, "/r/objects");
	while (last_object && strstr(last_object + 1, "/r/objects"))
		last_object = strstr(last_object + 1, "/r/objects");
	ok(last_object && first_ref && last_object < first_ref,
	    "objects before refs");
	end(backend);
}

static void check_many(void)
{
	irmin_backend *backend = begin(IRMIN_PROCESS);
	irmin_error err;
	uint64_t before;
	unsigned i;

	for (i = 0; i < 100; i++)
		succeeds(commit(backend, "refs/heads/main", i, &err), &err,
		    "commit %u", i);
	before = irmin__os_sim_operations(os);
	succeeds(flush(backend, IRMIN_POWER, &err), &err, "flush of many");
	is_int(count_lines(operations(before, "")), 2,
	    "two operations for all of it");
	end(backend);
}

/* At level POWER files are synced before they get their names. */
static void check_power(void)
{
	irmin_backend *backend = begin(IRMIN_POWER);
	uint64_t before = irmin__os_sim_operations(os);
	const char *line, *last = "";
	unsigned renamed = 0, synced = 0;
	irmin_error err;

	succeeds(commit(backend, "refs/heads/main", 1, &err), &err, "commit");
	while ((line = irmin__os_sim_log(os, ++before))) {
		if (!strncmp(line, "sync ", 5))
			last = tap_format("%.*s", (int)strcspn(line + 5, " "),
			    line + 5);
		if (!strncmp(line, "rename ", 7)) {
			renamed++;
			synced += !strncmp(line + 7, last, strlen(last)) &&
			    *last;
		}
	}
	is_int(renamed, 3, "two objects and a ref");
	is_int(synced, 3, "each was synced just before");
	end(backend);
}

/* ---- a disk that refuses ---- */

/* What can still be done after a sync has failed. */
static void check_refused(irmin_backend *backend, const irmin_oid *id)
{
	irmin_object object;
	irmin_error err;

	fails(place_set(backend, "refs/heads/main", NULL, &err), IRMIN_EIO,
	    &err, "then no ref is changed");
	fails(flush(backend, IRMIN_POWER, &err), IRMIN_EIO, &err,
	    "nor anything flushed");
	ok(strstr(err.text, "open it again") != NULL, "what to do: %s",
	    err.text);
	is_rc(backend->objects->cls->find(backend->objects, NULL, id, &object,
		  &err),
	    IRMIN_OK, "but objects are read");
	irmin_pin_release(&object.data);
	place_check_ref(backend, "refs/heads/main", place_hex(id), "and refs");
}

/* The n-th operation of a step fails; answers whether it came so far. */
static int check_failure(irmin_level level, uint64_t n)
{
	irmin_backend *backend = begin(level);
	irmin_oid id = place_commit(backend, 1);
	irmin_oid next = place_commit(backend, 2);
	const char *line;
	irmin_error err;
	uint64_t at;
	irmin_rc rc;
	int failed;

	if (place_set(backend, "refs/heads/main", &id, &err) < 0)
		bail("%s", err.text);
	at = irmin__os_sim_operations(os) + n;
	irmin__os_sim_fail_at(os, at, EIO);
	rc = level == IRMIN_POWER
	    ? place_set(backend, "refs/heads/main", &next, &err)
	    : flush(backend, IRMIN_POWER, &err);
	failed = irmin__os_sim_failed(os);
	irmin__os_sim_fail_at(os, 0, 0);
	line = failed ? irmin__os_sim_log(os, at) : NULL;
	if (line && !strncmp(line, "sync", 4)) {
		fails(rc, IRMIN_EIO, &err, "level %d: %s", level, line);
		check_refused(backend, &id);
		place_close(backend);
		backend = open_sim(level);
		succeeds(place_set(backend, "refs/heads/main", &next, &err),
		    &err, "opened again, it is written to");
	}
	end(backend);
	return failed;
}

static void check_failures(irmin_level level)
{
	uint64_t n = 1;

	while (check_failure(level, n))
		n++;
	ok(n > 5, "level %d: %d operations failed", level, (int)n - 1);
}

int main(void)
{
	place_begin();
	check_levels();
	check_order();
	check_many();
	check_power();
	check_failures(IRMIN_PROCESS);
	check_failures(IRMIN_POWER);
	return done_testing();
}
