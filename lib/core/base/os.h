/* lib/core/base/os.h: the only door to files, clocks, randomness and threads.
 *
 * An irmin__os is an instance of a class (style: functors in C) with two
 * implementations: os-posix.c, and os-sim.c, a file system in memory that logs
 * every operation, fails the n-th, and loses or tears what was not synced when
 * it "crashes". The wrappers below are the only callers of the slots. Paths are
 * absolute or relative to the working directory; every descriptor is
 * close-on-exec; EINTR is handled here; err->where is the path.
 *
 * Locks that we need (git's) are files made with IRMIN__OS_EXCLUSIVE.
 */
#ifndef IRMIN_BASE_OS_H
#define IRMIN_BASE_OS_H

#include <irmin/bytes.h>

#include "lib/core/base/thread.h"

typedef struct irmin__os irmin__os;
typedef struct irmin__file irmin__file;

/* ---- files ---- */

enum irmin__os_open_flag {
	IRMIN__OS_READ = 0,
	IRMIN__OS_WRITE = 1,     /* for writing only, from the start */
	IRMIN__OS_CREATE = 2,    /* make it if it is not there */
	IRMIN__OS_EXCLUSIVE = 4, /* EEXIST if it is there */
	IRMIN__OS_TRUNCATE = 8,
	IRMIN__OS_APPEND = 16 /* every write goes to the end */
};

typedef enum irmin__os_kind {
	IRMIN__OS_NONE = 0,
	IRMIN__OS_FILE = 1,
	IRMIN__OS_DIRECTORY = 2,
	IRMIN__OS_SYMLINK = 3,
	IRMIN__OS_OTHER = 4
} irmin__os_kind;

typedef struct irmin__os_stat {
	irmin__os_kind kind;
	uint32_t mode; /* permission bits, set-id and sticky bits */
	uint64_t bytes;
	int64_t modified_us; /* since 1970 */
	uint64_t device, inode;
} irmin__os_stat;

/* Opens a file. `mode` (before umask) is for a file that is made. Answers: OK;
 * ABSENT (not there and not to be made; not for a missing directory of a file
 * that is to be made: EMISSING). Fails: EEXIST, EACCES, ENOSPC, EIO, ... */
irmin_rc irmin__os_open(irmin__os *os, const char *path, uint32_t flags,
    uint32_t mode, irmin__file **file, irmin_error *err);

/* Closes; NULL is accepted. What was written may still be lost by a crash. */
void irmin__os_close(irmin__file *file);

/* Reads up to `len` bytes at `offset`; `got` < len only at the end of file. */
irmin_rc irmin__os_read(irmin__file *file, uint64_t offset, void *bytes,
    size_t len, size_t *got, irmin_error *err);

/* Writes all of it behind what was written before (or at the end, APPEND). On
 * failure part of it may have been written. */
irmin_rc irmin__os_write(irmin__file *file, irmin_slice bytes,
    irmin_error *err);

/* Replaces bytes that were written before, from `offset` on; what is written
 * next still goes behind all of it. Not for files opened with APPEND. */
irmin_rc irmin__os_write_at(irmin__file *file, uint64_t offset,
    irmin_slice bytes, irmin_error *err);

/* Maps `len` bytes from `offset` on, a multiple of IRMIN__OS_MAP_ALIGN, for
 * reading; they stay mapped after the file is closed. `len` is not 0 and ends
 * within the file. Fails: ENOTSUP (the implementation has no maps: read them),
 * ENOMEM, EIO. */
#define IRMIN__OS_MAP_ALIGN 65536
irmin_rc irmin__os_map(irmin__file *file, uint64_t offset, size_t len,
    irmin_slice *bytes, irmin_error *err);

/* Takes a map away again; the empty slice is accepted. */
void irmin__os_unmap(irmin__os *os, irmin_slice bytes);

/* Makes the file's contents survive loss of power. */
irmin_rc irmin__os_sync(irmin__file *file, irmin_error *err);

/* What an open file is. */
irmin_rc irmin__os_stat_file(irmin__file *file, irmin__os_stat *stat,
    irmin_error *err);

/* Sets the permission bits of an open file. */
irmin_rc irmin__os_chmod(irmin__file *file, uint32_t mode, irmin_error *err);

/* Takes the machine's own lock on an open file, without waiting: it binds those
 * who ask for it, and ends when the file is closed, or with the process. Fails:
 * ELOCKED (another open file has it), ENOTSUP (the file system has none), EIO. */
irmin_rc irmin__os_lock(irmin__file *file, irmin_error *err);

/* The whole file. Answers: OK; ABSENT. Fails: ELIMIT (more than `limit` bytes),
 * EIO, ... */
irmin_rc irmin__os_read_file(irmin__os *os, const char *path, size_t limit,
    irmin_buf *bytes, irmin_error *err);

/* ---- names ---- */

/* What is at a path; `follow` symlinks or tell of them. Answers: OK; ABSENT. */
irmin_rc irmin__os_stat_path(irmin__os *os, const char *path, int follow,
    irmin__os_stat *stat, irmin_error *err);

/* Moves a file over whatever has that name, atomically. */
irmin_rc irmin__os_rename(irmin__os *os, const char *from, const char *to,
    irmin_error *err);

/* Gives a file a second name. Fails: EEXIST, ENOTSUP (the file system has no
 * hard links), ... */
irmin_rc irmin__os_link(irmin__os *os, const char *from, const char *to,
    irmin_error *err);

/* Removes a file. Answers: OK; ABSENT. */
irmin_rc irmin__os_unlink(irmin__os *os, const char *path, irmin_error *err);

/* Makes a directory. Answers: OK; ALREADY (a directory is there). */
irmin_rc irmin__os_mkdir(irmin__os *os, const char *path, uint32_t mode,
    irmin_error *err);

/* Removes an empty directory. Answers: OK; ABSENT (no directory is there).
 * Fails: EEXIST (not empty), ... */
irmin_rc irmin__os_rmdir(irmin__os *os, const char *path, irmin_error *err);

/* Sets permission bits by name (directories). */
irmin_rc irmin__os_chmod_path(irmin__os *os, const char *path, uint32_t mode,
    irmin_error *err);

/* Sets the time of modification to now. Answers: OK; ABSENT. */
irmin_rc irmin__os_touch(irmin__os *os, const char *path, irmin_error *err);

/* Makes the names in a directory survive loss of power. */
irmin_rc irmin__os_sync_directory(irmin__os *os, const char *path,
    irmin_error *err);

/* Makes everything on the file system of `path` survive loss of power. */
irmin_rc irmin__os_sync_all(irmin__os *os, const char *path, irmin_error *err);

/* The target of a symlink. Answers: OK; ABSENT (not there, or no symlink). */
irmin_rc irmin__os_readlink(irmin__os *os, const char *path, irmin_buf *target,
    irmin_error *err);

/* One name in a directory, without "." and ".."; kind may be NONE if the system
 * does not tell. A non-zero answer stops and is passed through. */
typedef int (
    *irmin__os_name_fn)(void *arg, const char *name, irmin__os_kind kind);

/* Tells the names in a directory, in no order. Answers: OK; ABSENT (no directory
 * is there). */
irmin_rc irmin__os_each(irmin__os *os, const char *path, irmin__os_name_fn fn,
    void *arg, irmin_error *err);

/* The absolute form of a path, symlinks resolved as far as it exists; what does
 * not exist is kept by name. */
irmin_rc irmin__os_absolute(irmin__os *os, const char *path, irmin_buf *out,
    irmin_error *err);

/* Who has a file open: "pid 123 (git)" in `who`, for error messages. Answers:
 * OK; ABSENT (nobody, or the system does not tell). */
irmin_rc irmin__os_holder(irmin__os *os, const char *path, char *who,
    size_t who_bytes);

/* ---- clocks, randomness, the host ---- */

int64_t irmin__os_now_us(irmin__os *os); /* since 1970 */
int64_t irmin__os_monotonic_us(irmin__os *os);
void irmin__os_sleep_us(irmin__os *os, int64_t us);

/* The zone of local time at a moment, as git writes it (130 is +0130). */
int32_t irmin__os_zone(irmin__os *os, int64_t seconds);

/* Unpredictable bytes. */
irmin_rc irmin__os_random(irmin__os *os, void *bytes, size_t len,
    irmin_error *err);

/* The host's name; "localhost" if it has none. */
void irmin__os_host(irmin__os *os, char *name, size_t name_bytes);

/* The login name of the process's user; "unknown" if it has none. */
void irmin__os_user(irmin__os *os, char *name, size_t name_bytes);

/* An environment variable, or NULL; borrowed. */
const char *irmin__os_environment(irmin__os *os, const char *name);

/* ---- the implementations ---- */

/* The machine's own; static, never freed. */
irmin__os *irmin__os_posix(void);

/* ---- for implementations ---- */

/* One slot for each function above but irmin__os_read_file, with the same
 * answers; see os-class.h. */

#endif
