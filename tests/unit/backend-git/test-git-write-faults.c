/* Every file operation of a batch, and of an object in parts, fails once, and
 * the machine stops at every one, in memory: what was not finished is not there,
 * nothing half-written has a name, and the next try succeeds. */
#include "tests/unit/backend-git/git-place.h"
#include "lib/core/base/os-sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOBS 120

static irmin_backend *open_on(irmin__os *os, irmin_level level)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_backend *backend;
	irmin_error err;

	options.flags = IRMIN_OPEN_CREATE;
	options.level = level;
	if (irmin__git_open(os, "/r", &options, &backend, &err) < 0)
		bail("%s", err.text);
	return backend;
}

/* ---- what is done ---- */

/* So large that a pack of them is written in parts, and its header again. */
#define BLOB_BYTES 1000

static irmin_slice blob_of(unsigned n, char text[BLOB_BYTES])
{
	unsigned i;

	for (i = 0; i < BLOB_BYTES; i++) {
		text[i] = (char)(n >> 16);
		n = n * 1664525u + 1013904223u;
	}
	return irmin_bytes(text, BLOB_BYTES);
}

static irmin_rc do_batch(irmin_backend *backend, irmin_error *err)
{
	irmin_batch *batch;
	irmin_rc rc;
	unsigned i;

	rc = backend->objects->cls->batch_begin(backend->objects, NULL, &batch,
	    err);
	if (rc < 0)
		return rc;
	for (i = 0; rc >= 0 && i < BLOBS; i++) {
		irmin_new_object added;
		char text[BLOB_BYTES];

		memset(&added, 0, sizeof added);
		added.type = IRMIN_OBJECT_BLOB;
		added.data = blob_of(i, text);
		rc = irmin_hash_object(backend->hash, added.type, added.data,
		    &added.id, err);
		if (rc >= 0)
			rc = batch->cls->add(batch, NULL, &added, 1, err);
	}
	if (rc >= 0)
		return batch->cls->finish(batch, NULL, err);
	batch->cls->abort(batch);
	return rc;
}

static irmin_rc do_sink(irmin_backend *backend, irmin_error *err)
{
	irmin_object_sink *sink;
	irmin_oid id;
	char text[BLOB_BYTES];
	irmin_rc rc;

	rc = irmin_hash_object(backend->hash, IRMIN_OBJECT_BLOB,
	    blob_of(0, text), &id, err);
	if (rc >= 0)
		rc = backend->objects->cls->add_begin(backend->objects, NULL,
		    IRMIN_OBJECT_BLOB, BLOB_BYTES, &sink, err);
	if (rc < 0)
		return rc;
	rc = sink->cls->write(sink, irmin_bytes(text, BLOB_BYTES), err);
	if (rc >= 0)
		return sink->cls->finish(sink, &id, err);
	sink->cls->abort(sink);
	return rc;
}

typedef irmin_rc (*doing_fn)(irmin_backend *backend, irmin_error *err);

/* ---- what is there ---- */

struct look {
	irmin__os *os;
	const char *path;
	unsigned packs, indexes, loose, litter;
};

static int ends(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && !strcmp(name + len - end_len, end);
}

static int look_at(void *arg, const char *name, irmin__os_kind kind)
{
	struct look *look = arg;
	const char *path = look->path;

	if (kind == IRMIN__OS_DIRECTORY) {
		look->path = tap_format("%s/%s", path, name);
		(void)irmin__os_each(look->os, look->path, look_at, look, NULL);
		look->path = path;
	} else if (strstr(name, "tmp_")) {
		look->litter++;
	} else if (ends(name, ".pack")) {
		look->packs++;
	} else if (ends(name, ".idx")) {
		look->indexes++;
	} else {
		look->loose++;
	}
	return 0;
}

static struct look look_into(irmin__os *os)
{
	struct look look = { os, "/r/objects", 0, 0, 0, 0 };

	(void)irmin__os_each(os, look.path, look_at, &look, NULL);
	return look;
}

static int is_done(const struct look *look)
{
	return look->indexes || look->loose;
}

static void check_with_git(irmin__os *os, const char *what)
{
	const char *dir = place_path("exported");
	irmin_error err;

	place_says("", "rm -rf exported");
	if (irmin__os_sim_export(os, "/r", dir, &err) < 0)
		bail("%s", err.text);
	is_str(
	    place_says("exported",
		"git fsck --strict --full 2>&1 | grep -v '^dangling\\|^notice'; true"),
	    "", "%s: fsck is content", what);
}

/* ---- one failure ---- */

static int fail_once(doing_fn doing, irmin_level level, uint64_t n,
    int os_errno)
{
	const char *operation, *what;
	irmin_backend *backend;
	struct look look;
	irmin__os *os;
	irmin_error err;
	uint64_t at;
	int failed;
	irmin_rc rc;

	if (irmin__os_sim_new(1, &os, &err) < 0)
		bail("%s", err.text);
	backend = open_on(os, level);
	at = irmin__os_sim_operations(os) + n;
	irmin__os_sim_fail_at(os, at, os_errno);
	rc = doing(backend, &err);
	failed = irmin__os_sim_failed(os);
	irmin__os_sim_fail_at(os, 0, 0);
	operation = tap_format("%s", failed ? irmin__os_sim_log(os, at) : "");
	what = tap_format("operation %d (%s) fails", (int)n, operation);
	look = look_into(os);
	if ((rc >= 0) != is_done(&look) || look.indexes > look.packs)
		ok(false, "%s: %s, %u packs, %u indexes, %u loose", what,
		    irmin_rc_name(rc), look.packs, look.indexes, look.loose);
	if (rc < 0 && (err.code != rc || !err.text[0]))
		ok(false, "%s: err is not filled", what);
	if (look.litter && strncmp(operation, "unlink", 6) != 0)
		ok(false, "%s: temporary files are left", what);
	place_close(backend);
	backend = open_on(os, level);
	if (doing(backend, &err) < 0)
		ok(false, "%s: the next try: %s", what, err.text);
	place_close(backend);
	if (n % 7 == 0 || !failed)
		check_with_git(os, what);
	irmin__os_sim_free(os);
	return failed;
}

static void sweep_faults(const char *what, doing_fn doing, irmin_level level,
    int os_errno, int least)
{
	uint64_t n = 1;

	while (fail_once(doing, level, n, os_errno) && n < 2000)
		n++;
	ok(n > (uint64_t)least && n < 2000,
	    "%s: %d operations, each failed once", what, (int)n - 1);
}

/* ---- one stop ---- */

/* Stops at the n-th operation, and starts again with what survived. At level
 * POWER what was flushed did. */
static int stop_once(doing_fn doing, uint64_t n, irmin__os_loss loss)
{
	const char *what = tap_format("stopped at %d, loss %d", (int)n,
	    (int)loss);
	irmin_backend *backend;
	struct look look;
	irmin__os *os;
	irmin_error err;
	int stopped;
	irmin_rc rc;

	if (irmin__os_sim_new(n, &os, &err) < 0)
		bail("%s", err.text);
	backend = open_on(os, IRMIN_POWER);
	if (irmin__os_sync_all(os, "/r", &err) < 0)
		bail("%s", err.text);
	irmin__os_sim_crash_at(os, irmin__os_sim_operations(os) + n);
	rc = doing(backend, &err);
	if (rc >= 0)
		rc = backend->objects->cls->flush(backend->objects, NULL,
		    IRMIN_POWER, &err);
	stopped = irmin__os_sim_crashed(os);
	place_close(backend);
	if (irmin__os_sim_restart(os, loss, &err) < 0)
		bail("%s", err.text);
	look = look_into(os);
	if (rc >= 0 && !is_done(&look))
		ok(false, "%s: what was flushed is gone", what);
	if (loss == IRMIN__OS_LOSE_NOTHING && look.indexes > look.packs)
		ok(false, "%s: an index without its pack", what);
	if (n % 5 == 0 || !stopped)
		check_with_git(os, what);
	irmin__os_sim_free(os);
	return stopped;
}

static void sweep_stops(const char *what, doing_fn doing)
{
	static const irmin__os_loss losses[] = { IRMIN__OS_LOSE_NOTHING,
		IRMIN__OS_LOSE_UNSYNCED, IRMIN__OS_LOSE_SOME };
	size_t i;

	for (i = 0; i < 3; i++) {
		uint64_t n = 1;

		while (stop_once(doing, n, losses[i]) && n < 2000)
			n++;
		ok(n < 2000, "%s: stopped at each of %d operations", what,
		    (int)n - 1);
	}
}

int main(void)
{
	place_begin();
	sweep_faults("a batch, EIO", do_batch, IRMIN_PROCESS, EIO, 10);
	sweep_faults("a batch, ENOSPC", do_batch, IRMIN_POWER, ENOSPC, 12);
	sweep_faults("a sink, EIO", do_sink, IRMIN_PROCESS, EIO, 4);
	sweep_faults("a sink, ENOSPC", do_sink, IRMIN_POWER, ENOSPC, 5);
	sweep_stops("a batch", do_batch);
	sweep_stops("a sink", do_sink);
	return done_testing();
}
