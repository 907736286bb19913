/* lib/core/base/windows.h: the bytes of a file that does not change, in windows.
 *
 * A window is a map, or, with IRMIN__WINDOWS_READ and where there are no maps,
 * memory that was read. Where addresses are plenty a mapped file is one window.
 * Any number of threads at once.
 */
#ifndef IRMIN_BASE_WINDOWS_H
#define IRMIN_BASE_WINDOWS_H

#include "lib/core/base/os.h"

typedef struct irmin__windows irmin__windows;

typedef enum irmin__windows_io {
	IRMIN__WINDOWS_MAP,
	IRMIN__WINDOWS_READ
} irmin__windows_io;

/* Bytes that stay where they are until the view is released. */
typedef struct irmin__view {
	irmin_slice bytes;
	void *owner; /* NULL: nothing has to be released */
} irmin__view;

/* Opens a file. `window_bytes` is the size of a window; 0: as fits the machine.
 * Answers: OK; ABSENT. Fails: EIO, ENOMEM, ... */
irmin_rc irmin__windows_open(irmin__os *os, const char *path,
    irmin__windows_io io, size_t window_bytes, irmin__windows **windows,
    irmin_error *err);

/* Closes; no view may be left. NULL is accepted. */
void irmin__windows_close(irmin__windows *windows);

/* The file's size and time of change when it was opened, and its path. */
uint64_t irmin__windows_bytes(const irmin__windows *windows);
int64_t irmin__windows_modified_us(const irmin__windows *windows);
const char *irmin__windows_path(const irmin__windows *windows);

/* The bytes from `offset` (at most the file's size) on: at least `want` of them,
 * or all that are left, and more where they are at hand. Fails: EIO, ENOMEM,
 * ECORRUPT (the file became shorter). */
irmin_rc irmin__windows_view(irmin__windows *windows, uint64_t offset,
    size_t want, irmin__view *view, irmin_error *err);
void irmin__view_release(irmin__view *view);

#endif
