/* The only callers of the slots. */
#include "lib/core/base/os-class.h"

#include <assert.h>
#include <errno.h>

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"

/* An optional slot, or NULL if the author's class ends before it. */
#define OPTIONAL(os, slot)                                                     \
	((os)->cls->size >=                                                    \
		    offsetof(irmin__os_class, slot) + sizeof(os)->cls->slot    \
		? (os)->cls->slot                                              \
		: NULL)

/* ---- files ---- */

irmin_rc irmin__os_open(irmin__os *os, const char *path, uint32_t flags,
    uint32_t mode, irmin__file **file, irmin_error *err)
{
	assert(!(flags & IRMIN__OS_EXCLUSIVE) || (flags & IRMIN__OS_CREATE));
	assert(
	    !(flags & ~(uint32_t)IRMIN__OS_WRITE) || (flags & IRMIN__OS_WRITE));
	irmin_error_clear(err);
	*file = NULL;
	return os->cls->open(os, path, flags, mode, file, err);
}

void irmin__os_close(irmin__file *file)
{
	if (file)
		file->cls->close(file);
}

irmin_rc irmin__os_read(irmin__file *file, uint64_t offset, void *bytes,
    size_t len, size_t *got, irmin_error *err)
{
	irmin_error_clear(err);
	*got = 0;
	return file->cls->read(file, offset, bytes, len, got, err);
}

irmin_rc irmin__os_write(irmin__file *file, irmin_slice bytes, irmin_error *err)
{
	irmin_error_clear(err);
	return file->cls->write(file, bytes, err);
}

irmin_rc irmin__os_write_at(irmin__file *file, uint64_t offset,
    irmin_slice bytes, irmin_error *err)
{
	irmin_error_clear(err);
	return file->cls->write_at(file, offset, bytes, err);
}

irmin_rc irmin__os_map(irmin__file *file, uint64_t offset, size_t len,
    irmin_slice *bytes, irmin_error *err)
{
	assert(len && offset % IRMIN__OS_MAP_ALIGN == 0);
	irmin_error_clear(err);
	*bytes = irmin_bytes(NULL, 0);
	if (!OPTIONAL(file, map))
		return irmin_error_set(err, IRMIN_ENOTSUP, NULL,
		    "cannot map: there are no maps here");
	return file->cls->map(file, offset, len, bytes, err);
}

void irmin__os_unmap(irmin__os *os, irmin_slice bytes)
{
	if (bytes.len)
		os->cls->unmap(os, bytes);
}

irmin_rc irmin__os_sync(irmin__file *file, irmin_error *err)
{
	irmin_error_clear(err);
	return file->cls->sync(file, err);
}

irmin_rc irmin__os_stat_file(irmin__file *file, irmin__os_stat *stat,
    irmin_error *err)
{
	irmin_error_clear(err);
	memset(stat, 0, sizeof *stat);
	return file->cls->stat_file(file, stat, err);
}

irmin_rc irmin__os_chmod(irmin__file *file, uint32_t mode, irmin_error *err)
{
	irmin_error_clear(err);
	return file->cls->chmod(file, mode, err);
}

irmin_rc irmin__os_lock(irmin__file *file, irmin_error *err)
{
	irmin_error_clear(err);
	return file->cls->lock(file, err);
}

static irmin_rc too_long(const char *path, size_t limit, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ELIMIT, path,
	    "%s is longer than %zu bytes", path, limit);
}

/* Reads to the end, which may have moved since the size was asked. */
static irmin_rc read_all(irmin__file *file, const char *path, size_t limit,
    irmin_buf *bytes, irmin_error *err)
{
	irmin__os_stat stat;
	size_t room, got;
	irmin_rc rc;

	rc = irmin__os_stat_file(file, &stat, err);
	if (rc < 0)
		return rc;
	if (stat.kind == IRMIN__OS_DIRECTORY) /* its length says nothing */
		return irmin__error_system(err, EISDIR, "cannot read", path);
	if (stat.bytes > limit)
		return too_long(path, limit, err);
	room = (size_t)stat.bytes;
	do {
		rc = irmin_buf_reserve(bytes, room + 1, err);
		if (rc < 0)
			return rc;
		rc = irmin__os_read(file, bytes->len, bytes->data + bytes->len,
		    room + 1, &got, err);
		if (rc < 0)
			return rc;
		bytes->len += got;
		bytes->data[bytes->len] = '\0';
		if (bytes->len > limit)
			return too_long(path, limit, err);
	} while (got > room);
	return IRMIN_OK;
}

irmin_rc irmin__os_read_file(irmin__os *os, const char *path, size_t limit,
    irmin_buf *bytes, irmin_error *err)
{
	irmin__file *file;
	irmin_rc rc;

	irmin__buf_empty(bytes);
	rc = irmin__os_open(os, path, IRMIN__OS_READ, 0, &file, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = read_all(file, path, limit, bytes, err);
	irmin__os_close(file);
	if (rc < 0)
		irmin__buf_empty(bytes);
	return rc;
}

/* ---- names ---- */

irmin_rc irmin__os_stat_path(irmin__os *os, const char *path, int follow,
    irmin__os_stat *stat, irmin_error *err)
{
	irmin_error_clear(err);
	memset(stat, 0, sizeof *stat);
	return os->cls->stat_path(os, path, follow, stat, err);
}

irmin_rc irmin__os_rename(irmin__os *os, const char *from, const char *to,
    irmin_error *err)
{
	irmin_error_clear(err);
	return os->cls->rename(os, from, to, err);
}

irmin_rc irmin__os_link(irmin__os *os, const char *from, const char *to,
    irmin_error *err)
{
	irmin_error_clear(err);
	return os->cls->link(os, from, to, err);
}

irmin_rc irmin__os_unlink(irmin__os *os, const char *path, irmin_error *err)
{
	irmin_error_clear(err);
	return os->cls->unlink(os, path, err);
}

irmin_rc irmin__os_mkdir(irmin__os *os, const char *path, uint32_t mode,
    irmin_error *err)
{
	irmin_error_clear(err);
	return os->cls->mkdir(os, path, mode, err);
}

irmin_rc irmin__os_rmdir(irmin__os *os, const char *path, irmin_error *err)
{
	irmin_error_clear(err);
	return os->cls->rmdir(os, path, err);
}

irmin_rc irmin__os_chmod_path(irmin__os *os, const char *path, uint32_t mode,
    irmin_error *err)
{
	irmin_error_clear(err);
	return os->cls->chmod_path(os, path, mode, err);
}

irmin_rc irmin__os_touch(irmin__os *os, const char *path, irmin_error *err)
{
	irmin_error_clear(err);
	return os->cls->touch(os, path, err);
}

irmin_rc irmin__os_sync_directory(irmin__os *os, const char *path,
    irmin_error *err)
{
	irmin_error_clear(err);
	return os->cls->sync_directory(os, path, err);
}

irmin_rc irmin__os_sync_all(irmin__os *os, const char *path, irmin_error *err)
{
	irmin_error_clear(err);
	return os->cls->sync_all(os, path, err);
}

irmin_rc irmin__os_readlink(irmin__os *os, const char *path, irmin_buf *target,
    irmin_error *err)
{
	irmin_error_clear(err);
	irmin__buf_empty(target);
	return os->cls->readlink(os, path, target, err);
}

irmin_rc irmin__os_each(irmin__os *os, const char *path, irmin__os_name_fn fn,
    void *arg, irmin_error *err)
{
	irmin_error_clear(err);
	return os->cls->each(os, path, fn, arg, err);
}

irmin_rc irmin__os_absolute(irmin__os *os, const char *path, irmin_buf *out,
    irmin_error *err)
{
	irmin_error_clear(err);
	irmin__buf_empty(out);
	return os->cls->absolute(os, path, out, err);
}

irmin_rc irmin__os_holder(irmin__os *os, const char *path, char *who,
    size_t who_bytes)
{
	who[0] = '\0';
	return OPTIONAL(os, holder) ? os->cls->holder(os, path, who, who_bytes)
				    : IRMIN_ABSENT;
}

/* ---- clocks, randomness, the host ---- */

int64_t irmin__os_now_us(irmin__os *os)
{
	return os->cls->now_us(os);
}

int64_t irmin__os_monotonic_us(irmin__os *os)
{
	return os->cls->monotonic_us(os);
}

void irmin__os_sleep_us(irmin__os *os, int64_t us)
{
	if (us > 0)
		os->cls->sleep_us(os, us);
}

int32_t irmin__os_zone(irmin__os *os, int64_t seconds)
{
	return os->cls->zone(os, seconds);
}

irmin_rc irmin__os_random(irmin__os *os, void *bytes, size_t len,
    irmin_error *err)
{
	irmin_error_clear(err);
	return os->cls->random(os, bytes, len, err);
}

void irmin__os_host(irmin__os *os, char *name, size_t name_bytes)
{
	os->cls->host(os, name, name_bytes);
}

void irmin__os_user(irmin__os *os, char *name, size_t name_bytes)
{
	os->cls->user(os, name, name_bytes);
}

const char *irmin__os_environment(irmin__os *os, const char *name)
{
	return os->cls->environment(os, name);
}
