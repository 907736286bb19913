/* Views of a file: the same bytes whatever the windows; on the machine and on
 * the simulator, by maps and by reading.
 */
#include "lib/core/base/windows.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/base/sim-kit.h"

#define FILE_BYTES 300000

static unsigned char contents[FILE_BYTES];
static irmin_error err;

static irmin__windows *opened(irmin__os *os, const char *path,
    irmin__windows_io io, size_t window_bytes)
{
	irmin__windows *windows;

	if (irmin__windows_open(os, path, io, window_bytes, &windows, &err) !=
	    IRMIN_OK)
		bail("cannot open %s: %s", path, err.text);
	return windows;
}

/* Non-zero if a view is not what it should be. */
static int is_wrong(irmin__windows *windows, uint64_t offset, size_t want)
{
	irmin__view view;
	size_t rest = FILE_BYTES - (size_t)offset;
	size_t least = want < rest ? want : rest;
	int wrong;

	if (irmin__windows_view(windows, offset, want, &view, NULL) != IRMIN_OK)
		return 1;
	wrong = view.bytes.len < least || view.bytes.len > rest ||
	    (view.bytes.len &&
		memcmp(view.bytes.data, contents + offset, view.bytes.len));
	irmin__view_release(&view);
	return wrong || view.bytes.data;
}

static unsigned random_views(irmin__windows *windows, unsigned seed,
    unsigned count)
{
	unsigned wrong = 0, i;

	for (i = 0; i < count; i++) {
		uint64_t offset;
		size_t want;

		seed = seed * 1103515245 + 12345;
		offset = (seed >> 8) % (FILE_BYTES + 1);
		seed = seed * 1103515245 + 12345;
		want = (seed >> 8) % (i % 50 ? 500 : FILE_BYTES);
		wrong += (unsigned)is_wrong(windows, offset, want);
	}
	return wrong;
}

static unsigned all_views_in_turn(irmin__windows *windows, size_t want)
{
	unsigned wrong = 0;
	uint64_t offset = 0;

	while (offset < FILE_BYTES) {
		irmin__view view;

		wrong += (unsigned)is_wrong(windows, offset, want);
		if (irmin__windows_view(windows, offset, want, &view, &err) !=
			IRMIN_OK ||
		    !view.bytes.len)
			return wrong + 1;
		offset += view.bytes.len;
		irmin__view_release(&view);
	}
	return wrong;
}

/* Views stay as they are while others come and go. */
static void check_kept(irmin__windows *windows)
{
	enum { KEPT = 200 };
	irmin__view views[KEPT];
	unsigned wrong = 0;
	size_t i;

	for (i = 0; i < KEPT; i++)
		if (irmin__windows_view(windows, i * 1400, 100, &views[i],
			&err) != IRMIN_OK)
			bail("no view: %s", err.text);
	wrong += random_views(windows, 5, 200);
	for (i = 0; i < KEPT; i++) {
		wrong += memcmp(views[i].bytes.data, contents + i * 1400,
			     100) != 0;
		irmin__view_release(&views[i]);
	}
	is_int(wrong, 0, "%d views at a time", KEPT);
}

static void check_size(irmin__os *os, const char *path, const char *name,
    irmin__windows_io io, size_t window_bytes)
{
	irmin__windows *windows = opened(os, path, io, window_bytes);

	is_int(irmin__windows_bytes(windows), FILE_BYTES,
	    "%s, windows of %zu: the file's size", name, window_bytes);
	is_str(irmin__windows_path(windows), path, "its path");
	ok(irmin__windows_modified_us(windows) > 0, "its time");
	is_int(is_wrong(windows, 0, FILE_BYTES), 0, "all of it");
	is_int(is_wrong(windows, FILE_BYTES, 1), 0, "its end");
	is_int(is_wrong(windows, 0, 0), 0, "nothing of it");
	is_int(all_views_in_turn(windows, 1), 0, "view after view");
	is_int(all_views_in_turn(windows, 70001), 0, "large ones");
	is_int(random_views(windows, 1, 500), 0, "here and there");
	check_kept(windows);
	irmin__windows_close(windows);
}

static void check_os(irmin__os *os, const char *path, const char *name)
{
	static const size_t sizes[] = { 0, 7, 1000, 65536, 100000, 1000000,
		SIZE_MAX };
	size_t i;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		check_size(os, path, name, IRMIN__WINDOWS_MAP, sizes[i]);
		check_size(os, path, name, IRMIN__WINDOWS_READ, sizes[i]);
	}
}

/* ---- files that are not as they should be ---- */

static void check_odd(irmin__os *os, const char *root)
{
	const char *path = tap_format("%s/odd", root);
	irmin__windows *windows;
	irmin__view view;
	int io;

	is_rc(irmin__windows_open(os, path, IRMIN__WINDOWS_MAP, 0, &windows,
		  &err),
	    IRMIN_ABSENT, "no file");
	ok(!windows, "no windows");
	fails(irmin__windows_open(os, root, IRMIN__WINDOWS_MAP, 0, &windows,
		  &err),
	    IRMIN_EIO, &err, "a directory");
	sim_make(os, path, "", LEAVE);
	for (io = IRMIN__WINDOWS_MAP; io <= IRMIN__WINDOWS_READ; io++) {
		windows = opened(os, path, (irmin__windows_io)io, 0);
		is_rc(irmin__windows_view(windows, 0, 1, &view, &err), IRMIN_OK,
		    "an empty file");
		is_int(view.bytes.len, 0, "is empty");
		irmin__view_release(&view);
		irmin__windows_close(windows);
	}
	sim_make(os, path, "0123456789", LEAVE);
	windows = opened(os, path, IRMIN__WINDOWS_READ, 4);
	sim_make(os, path, "01234", LEAVE);
	fails(irmin__windows_view(windows, 0, 6, &view, &err), IRMIN_ECORRUPT,
	    &err, "it became shorter");
	is_str(err.where, path, "which file");
	is_int(err.offset, 5, "and where");
	fails(irmin__windows_view(windows, 4, 1, &view, &err), IRMIN_ECORRUPT,
	    &err, "in a shared window");
	is_rc(irmin__windows_view(windows, 1, 3, &view, &err), IRMIN_OK,
	    "what is there");
	is_mem(view.bytes.data, view.bytes.len, "123", 3, "is read");
	irmin__view_release(&view);
	irmin__windows_close(windows);
}

/* ---- failures ---- */

struct reading {
	irmin__os *os;
	const char *path;
	irmin__windows_io io;
};

static irmin_rc read_a_little(void *arg, irmin_error *error)
{
	struct reading *reading = arg;
	irmin__windows *windows;
	irmin__view view;
	uint64_t offset;
	irmin_rc rc;

	rc = irmin__windows_open(reading->os, reading->path, reading->io, 65536,
	    &windows, error);
	for (offset = 0; rc >= 0 && offset < 200000; offset += 65000) {
		rc = irmin__windows_view(windows, offset, 600, &view, error);
		irmin__view_release(&view);
	}
	irmin__windows_close(windows);
	return rc;
}

static void check_failing_reads(irmin__os *os, const char *path)
{
	struct reading reading = { os, path, IRMIN__WINDOWS_READ };
	unsigned wrong = 0, n = 0;
	irmin_rc rc;

	do {
		irmin__os_sim_fail_at(os, irmin__os_sim_operations(os) + ++n,
		    5 /* EIO */);
		rc = read_a_little(&reading, &err);
		wrong += irmin__os_sim_failed(os) &&
		    (rc != IRMIN_EIO || err.code != rc ||
			strcmp(err.where, path) != 0);
	} while (irmin__os_sim_failed(os) && n < 100);
	is_rc(rc, IRMIN_OK, "%u reads, and none fails", n - 1);
	is_int(wrong, 0, "each that fails is told of");
}

/* ---- threads ---- */

struct work {
	irmin__windows *windows;
	unsigned seed, wrong;
};

static void *look_around(void *arg)
{
	struct work *work = arg;

	work->wrong = random_views(work->windows, work->seed, 500);
	return NULL;
}

static void check_threads(irmin__os *os, const char *path, irmin__windows_io io,
    size_t window_bytes)
{
	enum { THREADS = 4 };
	irmin__windows *windows = opened(os, path, io, window_bytes);
	pthread_t threads[THREADS];
	struct work work[THREADS];
	unsigned i;

	for (i = 0; i < THREADS; i++) {
		work[i] = (struct work){ windows, i + 7, 1 };
		if (pthread_create(&threads[i], NULL, look_around, &work[i]))
			bail("no thread");
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		is_int(work[i].wrong, 0, "thread %u", i);
	}
	irmin__windows_close(windows);
}

int main(void)
{
	irmin__os *posix = irmin__os_posix(), *sim = sim_machine(1);
	const char *path = tap_format("%s/file", tap_tmpdir());
	struct reading reading = { posix, path, IRMIN__WINDOWS_MAP };
	unsigned seed = 1;
	size_t i;

	for (i = 0; i < FILE_BYTES; i++) {
		seed = seed * 1103515245 + 12345;
		contents[i] = (unsigned char)(seed >> 16);
	}
	tap_write_file(path, contents, FILE_BYTES);
	if (sim_put(sim, "/file", NEW, irmin_bytes(contents, FILE_BYTES),
		LEAVE) < 0)
		bail("the simulator does not write");
	check_os(posix, path, "machine");
	check_os(sim, "/file", "simulator");
	check_odd(posix, tap_tmpdir());
	check_odd(sim, "/");
	check_failing_reads(sim, "/file");
	check_threads(posix, path, IRMIN__WINDOWS_MAP, 65536);
	check_threads(posix, path, IRMIN__WINDOWS_READ, 0);
	check_threads(posix, path, IRMIN__WINDOWS_READ, 100);
	irmin__os_sim_free(sim);
	alloc_fault_sweep("maps", read_a_little, &reading);
	reading.io = IRMIN__WINDOWS_READ;
	alloc_fault_sweep("reads", read_a_little, &reading);
	return done_testing();
}
