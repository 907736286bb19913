/* Windows begin at multiples of their size and are shared: each has its place in
 * a small table, where the next one with that place takes over. What crosses the
 * border of two gets memory, or a map, for itself.
 */
#include "lib/core/base/windows.h"

#include <assert.h>
#include <errno.h>

#include "lib/core/base/count.h"
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/text.h"
#include <irmin/alloc.h>

/* Objects far apart are read from files as quickly as small windows allow, and
 * one after the other hardly slower. */
#define READ_BYTES  ((size_t)16 << 10)
#define READ_PLACES 64

/* Where one map does not do, addresses are few. */
#define MAP_BYTES  ((size_t)32 << 20)
#define MAP_PLACES 4

typedef struct window {
	irmin__windows *windows;
	atomic_size_t count;
	uint64_t number; /* of one that is shared */
	irmin_slice bytes;
	irmin_slice map; /* around the bytes, or empty: they are `memory` */
	unsigned char memory[];
} window;

struct irmin__windows {
	irmin__os *os;
	char *path;
	uint64_t bytes;
	int64_t modified_us;
	irmin_slice whole; /* the one map, and no windows */
	irmin__file *file; /* what windows are read from */
	int maps;          /* and by maps */
	size_t window_bytes;
	size_t places;
	irmin__mutex mutex; /* of the table */
	window *table[READ_PLACES];
};

/* ---- one window ---- */

static void unref(window *it)
{
	if (!it || !irmin__count_down(&it->count))
		return;
	irmin__os_unmap(it->windows->os, it->map);
	irmin_free(it);
}

static irmin_rc window_new(irmin__windows *windows, size_t memory, window **out,
    irmin_error *err)
{
	window *it = memory <= SIZE_MAX - sizeof *it
	    ? irmin_malloc(sizeof *it + memory)
	    : NULL;

	*out = it;
	if (!it)
		return irmin__enomem(err);
	it->windows = windows;
	atomic_init(&it->count, 1);
	it->number = UINT64_MAX;
	it->bytes = it->map = irmin_bytes(NULL, 0);
	return IRMIN_OK;
}

static irmin_rc became_shorter(const irmin__windows *windows, uint64_t end,
    irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, windows->path, end,
	    "%s ends at byte %llu, but had %llu bytes when it was opened",
	    windows->path, (unsigned long long)end,
	    (unsigned long long)windows->bytes);
}

static irmin_rc load_by_reading(irmin__windows *windows, uint64_t offset,
    size_t len, window **out, irmin_error *err)
{
	size_t got = 0;
	irmin_rc rc = window_new(windows, len, out, err);

	if (rc < 0)
		return rc;
	rc = irmin__os_read(windows->file, offset, (*out)->memory, len, &got,
	    err);
	if (rc >= 0 && got < len)
		rc = became_shorter(windows, offset + got, err);
	(*out)->bytes = irmin_bytes((*out)->memory, len);
	if (rc < 0) {
		unref(*out);
		*out = NULL;
	}
	return rc;
}

/* Addresses may be short where memory is not; and what else keeps a file from
 * being mapped, reading it tells. */
static irmin_rc load_by_map(irmin__windows *windows, uint64_t offset,
    size_t len, window **out, irmin_error *err)
{
	size_t before = (size_t)(offset % IRMIN__OS_MAP_ALIGN);
	irmin_rc rc = window_new(windows, 0, out, err);

	if (rc < 0)
		return rc;
	rc = irmin__os_map(windows->file, offset - before, before + len,
	    &(*out)->map, err);
	if (rc < 0) {
		unref(*out);
		return load_by_reading(windows, offset, len, out, err);
	}
	(*out)->bytes = irmin__slice_from((*out)->map, before);
	return rc;
}

static irmin_rc load(irmin__windows *windows, uint64_t offset, size_t len,
    window **out, irmin_error *err)
{
	return windows->maps ? load_by_map(windows, offset, len, out, err)
			     : load_by_reading(windows, offset, len, out, err);
}

/* ---- the table ---- */

static window *find(irmin__windows *windows, uint64_t number)
{
	window *it;

	irmin__mutex_lock(&windows->mutex);
	it = windows->table[number % windows->places];
	if (it && it->number == number)
		irmin__count_up(&it->count);
	else
		it = NULL;
	irmin__mutex_unlock(&windows->mutex);
	return it;
}

static void keep(irmin__windows *windows, window *it)
{
	window **place = &windows->table[it->number % windows->places];
	window *old;

	irmin__count_up(&it->count);
	irmin__mutex_lock(&windows->mutex);
	old = *place;
	*place = it;
	irmin__mutex_unlock(&windows->mutex);
	unref(old);
}

/* The window with this number, loaded if it is not in the table. No lock is held
 * while it is: two threads may load one twice. */
static irmin_rc shared_window(irmin__windows *windows, uint64_t number,
    window **out, irmin_error *err)
{
	uint64_t start = number * windows->window_bytes;
	uint64_t rest = windows->bytes - start;
	size_t len = rest < windows->window_bytes ? (size_t)rest
						  : windows->window_bytes;
	irmin_rc rc;

	*out = find(windows, number);
	if (*out)
		return IRMIN_OK;
	rc = load(windows, start, len, out, err);
	if (rc < 0)
		return rc;
	(*out)->number = number;
	keep(windows, *out);
	return rc;
}

/* ---- views ---- */

irmin_rc irmin__windows_view(irmin__windows *windows, uint64_t offset,
    size_t want, irmin__view *view, irmin_error *err)
{
	uint64_t rest = windows->bytes - offset;
	window *it = NULL;
	size_t in;
	irmin_rc rc;

	assert(offset <= windows->bytes);
	view->bytes = irmin_bytes(NULL, 0);
	view->owner = NULL;
	if (windows->whole.len) {
		view->bytes = irmin__slice_from(windows->whole, (size_t)offset);
		return IRMIN_OK;
	}
	if (want > rest)
		want = (size_t)rest;
	if (!want)
		return IRMIN_OK;
	in = (size_t)(offset % windows->window_bytes);
	if (want <= windows->window_bytes - in)
		rc = shared_window(windows, offset / windows->window_bytes, &it,
		    err);
	else
		rc = load(windows, offset, want, &it, err);
	if (rc < 0)
		return rc;
	view->owner = it;
	view->bytes = it->number == UINT64_MAX
	    ? it->bytes
	    : irmin__slice_from(it->bytes, in);
	return IRMIN_OK;
}

void irmin__view_release(irmin__view *view)
{
	unref(view->owner);
	view->owner = NULL;
	view->bytes = irmin_bytes(NULL, 0);
}

/* ---- open and close ---- */

static irmin_rc open_file(irmin__windows *windows, irmin_error *err)
{
	irmin__os_stat stat;
	irmin_rc rc;

	rc = irmin__os_open(windows->os, windows->path, IRMIN__OS_READ, 0,
	    &windows->file, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__os_stat_file(windows->file, &stat, err);
	if (rc < 0)
		return rc;
	if (stat.kind != IRMIN__OS_FILE)
		return irmin__error_system(err, EISDIR, "cannot read",
		    windows->path);
	windows->bytes = stat.bytes;
	windows->modified_us = stat.modified_us;
	return IRMIN_OK;
}

/* Whatever keeps it from being mapped, reading it tells. */
static void map_whole(irmin__windows *windows)
{
	if (!windows->bytes || windows->bytes > SIZE_MAX ||
	    irmin__os_map(windows->file, 0, (size_t)windows->bytes,
		&windows->whole, NULL) < 0)
		return;
	irmin__os_close(windows->file);
	windows->file = NULL;
}

static void choose_windows(irmin__windows *windows, irmin__windows_io io,
    size_t window_bytes)
{
	size_t align = IRMIN__OS_MAP_ALIGN;

	windows->maps = io == IRMIN__WINDOWS_MAP;
	if (windows->maps && !window_bytes && sizeof(void *) >= 8) {
		map_whole(windows);
		windows->maps = 0;
	}
	windows->places = windows->maps ? MAP_PLACES : READ_PLACES;
	if (!window_bytes)
		window_bytes = windows->maps ? MAP_BYTES : READ_BYTES;
	else if (windows->maps && window_bytes < SIZE_MAX - align)
		window_bytes = (window_bytes + align - 1) / align * align;
	windows->window_bytes = window_bytes;
}

irmin_rc irmin__windows_open(irmin__os *os, const char *path,
    irmin__windows_io io, size_t window_bytes, irmin__windows **out,
    irmin_error *err)
{
	irmin__windows *windows = irmin_calloc(1, sizeof *windows);
	irmin_rc rc;

	irmin_error_clear(err);
	*out = NULL;
	if (!windows)
		return irmin__enomem(err);
	rc = irmin__mutex_init(&windows->mutex, err);
	if (rc < 0) {
		irmin_free(windows);
		return rc;
	}
	windows->os = os;
	rc = irmin__text_copy(irmin_text(path), &windows->path, err);
	if (rc >= 0)
		rc = open_file(windows, err);
	if (rc != IRMIN_OK) {
		irmin__windows_close(windows);
		return rc;
	}
	choose_windows(windows, io, window_bytes);
	*out = windows;
	return IRMIN_OK;
}

void irmin__windows_close(irmin__windows *windows)
{
	size_t i;

	if (!windows)
		return;
	for (i = 0; i < READ_PLACES; i++)
		unref(windows->table[i]);
	irmin__os_unmap(windows->os, windows->whole);
	irmin__os_close(windows->file);
	irmin__mutex_clear(&windows->mutex);
	irmin_free(windows->path);
	irmin_free(windows);
}

uint64_t irmin__windows_bytes(const irmin__windows *windows)
{
	return windows->bytes;
}

int64_t irmin__windows_modified_us(const irmin__windows *windows)
{
	return windows->modified_us;
}

const char *irmin__windows_path(const irmin__windows *windows)
{
	return windows->path;
}
