#include "lib/core/base/os-posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <irmin/alloc.h>

#include "lib/core/base/error.h"

/* The most that one read or write is asked to move: every kernel takes it. */
#define CHUNK_BYTES ((size_t)1 << 30)

struct posix_file {
	irmin__file file;
	int fd;
	char path[]; /* for errors */
};

static struct posix_file *posix_file(irmin__file *file)
{
	return (struct posix_file *)file;
}

static irmin_rc fail(irmin_error *err, const char *doing, const char *path)
{
	return irmin__error_system(err, errno, doing, path);
}

/* The error of an operation on two names. */
static irmin_rc fail_to(irmin_error *err, const char *verb, const char *from,
    const char *to)
{
	int os_errno = errno;
	size_t length = strlen(from);
	char doing[160];

	snprintf(doing, sizeof doing, "cannot %s %s%s to", verb,
	    length > 100 ? "..." : "",
	    length > 100 ? from + length - 100 : from);
	return irmin__error_system(err, os_errno, doing, to);
}

/* A file where a directory was expected means that there is nothing below. */
static int is_absent(int os_errno)
{
	return os_errno == ENOENT || os_errno == ENOTDIR;
}

static irmin_rc absent_or_fail(irmin_error *err, const char *doing,
    const char *path)
{
	return is_absent(errno) ? IRMIN_ABSENT : fail(err, doing, path);
}

/* ---- files ---- */

/* O_NONBLOCK, which a file does not notice, keeps us from waiting for ever for
 * the other end of a pipe that somebody put in the place of a file. */
static int open_flags(uint32_t flags)
{
	int os_flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	os_flags |= flags & IRMIN__OS_WRITE ? O_WRONLY : O_RDONLY;
	os_flags |= flags & IRMIN__OS_CREATE ? O_CREAT : 0;
	os_flags |= flags & IRMIN__OS_EXCLUSIVE ? O_EXCL : 0;
	os_flags |= flags & IRMIN__OS_TRUNCATE ? O_TRUNC : 0;
	os_flags |= flags & IRMIN__OS_APPEND ? O_APPEND : 0;
	return os_flags;
}

static int open_fd(const char *path, int os_flags, uint32_t mode)
{
	int fd;

	do
		fd = open(path, os_flags, (mode_t)mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

static irmin_rc posix_open(irmin__os *os, const char *path, uint32_t flags,
    uint32_t mode, irmin__file **file, irmin_error *err)
{
	size_t path_bytes = strlen(path) + 1;
	struct posix_file *self = irmin_malloc(sizeof *self + path_bytes);
	irmin_rc rc = IRMIN_OK;

	if (!self)
		return irmin__enomem(err);
	self->file.cls = os->cls;
	memcpy(self->path, path, path_bytes);
	self->fd = open_fd(path, open_flags(flags), mode);
	if (self->fd < 0) {
		if (!(flags & IRMIN__OS_CREATE) && is_absent(errno))
			rc = IRMIN_ABSENT;
		else
			rc = fail(err,
			    flags & IRMIN__OS_CREATE ? "cannot create"
						     : "cannot open",
			    path);
		irmin_free(self);
		return rc;
	}
	*file = &self->file;
	return rc;
}

static void posix_close(irmin__file *file)
{
	close(posix_file(file)->fd);
	irmin_free(file);
}

static irmin_rc posix_read(irmin__file *file, uint64_t offset, void *bytes,
    size_t len, size_t *got, irmin_error *err)
{
	struct posix_file *self = posix_file(file);
	size_t done = 0;

	while (done < len) {
		size_t rest = len - done;
		ssize_t n = pread(self->fd, (char *)bytes + done,
		    rest < CHUNK_BYTES ? rest : CHUNK_BYTES,
		    (off_t)(offset + done));

		if (n < 0 && errno != EINTR)
			return fail(err, "cannot read", self->path);
		if (n == 0)
			break;
		if (n > 0)
			done += (size_t)n;
	}
	*got = done;
	return IRMIN_OK;
}

/* One write, at an offset or (-1) where the file stands. */
static ssize_t write_some(int fd, off_t offset, const void *bytes, size_t len)
{
	ssize_t n = offset < 0 ? write(fd, bytes, len)
			       : pwrite(fd, bytes, len, offset);

	if (n == 0)
		errno = EIO; /* it would be so for ever */
	return n;
}

static irmin_rc write_all(struct posix_file *self, off_t offset,
    irmin_slice bytes, irmin_error *err)
{
	const char *rest = bytes.data;
	size_t left = bytes.len;

	while (left) {
		ssize_t n = write_some(self->fd, offset, rest,
		    left < CHUNK_BYTES ? left : CHUNK_BYTES);

		if (n <= 0 && errno != EINTR)
			return fail(err, "cannot write", self->path);
		if (n > 0) {
			rest += n;
			left -= (size_t)n;
			offset += offset < 0 ? 0 : (off_t)n;
		}
	}
	return IRMIN_OK;
}

static irmin_rc posix_write(irmin__file *file, irmin_slice bytes,
    irmin_error *err)
{
	return write_all(posix_file(file), -1, bytes, err);
}

static irmin_rc posix_write_at(irmin__file *file, uint64_t offset,
    irmin_slice bytes, irmin_error *err)
{
	return write_all(posix_file(file), (off_t)offset, bytes, err);
}

/* ENODEV: a file system that cannot map. */
static irmin_rc posix_map(irmin__file *file, uint64_t offset, size_t len,
    irmin_slice *bytes, irmin_error *err)
{
	struct posix_file *self = posix_file(file);
	void *map = mmap(NULL, len, PROT_READ, MAP_SHARED, self->fd,
	    (off_t)offset);

	if (map == MAP_FAILED) {
		errno = errno == ENODEV ? EOPNOTSUPP : errno;
		return fail(err, "cannot map", self->path);
	}
	*bytes = irmin_bytes(map, len);
	return IRMIN_OK;
}

static void posix_unmap(irmin__os *os, irmin_slice bytes)
{
	(void)os;
	munmap((void *)bytes.data, bytes.len);
}

static int sync_fd(int fd, int (*sync_call)(int fd))
{
	int result;

	do
		result = sync_call(fd);
	while (result < 0 && errno == EINTR);
	return result;
}

/* fdatasync writes the length too; only times may stay behind. */
static irmin_rc posix_sync(irmin__file *file, irmin_error *err)
{
	struct posix_file *self = posix_file(file);

	if (sync_fd(self->fd, fdatasync) < 0)
		return fail(err, "cannot sync", self->path);
	return IRMIN_OK;
}

static irmin__os_kind kind_of(mode_t mode)
{
	if (S_ISREG(mode))
		return IRMIN__OS_FILE;
	if (S_ISDIR(mode))
		return IRMIN__OS_DIRECTORY;
	return S_ISLNK(mode) ? IRMIN__OS_SYMLINK : IRMIN__OS_OTHER;
}

static void fill_stat(irmin__os_stat *stat, const struct stat *st)
{
	stat->kind = kind_of(st->st_mode);
	stat->mode = st->st_mode & 07777;
	stat->bytes = (uint64_t)st->st_size;
	stat->modified_us = (int64_t)st->st_mtim.tv_sec * 1000000 +
	    st->st_mtim.tv_nsec / 1000;
	stat->device = st->st_dev;
	stat->inode = st->st_ino;
}

static irmin_rc posix_stat_file(irmin__file *file, irmin__os_stat *stat,
    irmin_error *err)
{
	struct posix_file *self = posix_file(file);
	struct stat st;

	if (fstat(self->fd, &st) < 0)
		return fail(err, "cannot stat", self->path);
	fill_stat(stat, &st);
	return IRMIN_OK;
}

static irmin_rc posix_chmod(irmin__file *file, uint32_t mode, irmin_error *err)
{
	struct posix_file *self = posix_file(file);

	if (fchmod(self->fd, (mode_t)mode) < 0)
		return fail(err, "cannot set the mode of", self->path);
	return IRMIN_OK;
}

static irmin_rc posix_lock(irmin__file *file, irmin_error *err)
{
	struct posix_file *self = posix_file(file);
	int result;

	do
		result = flock(self->fd, LOCK_EX | LOCK_NB);
	while (result < 0 && errno == EINTR);
	if (result == 0)
		return IRMIN_OK;
	if (errno == EWOULDBLOCK)
		return irmin_error_set(err, IRMIN_ELOCKED, self->path,
		    "cannot lock %s: another process has it", self->path);
	if (errno == EINVAL || errno == ENOLCK)
		errno = EOPNOTSUPP;
	return fail(err, "cannot lock", self->path);
}

/* ---- names ---- */

static irmin_rc posix_stat_path(irmin__os *os, const char *path, int follow,
    irmin__os_stat *stat, irmin_error *err)
{
	struct stat st;

	(void)os;
	if (fstatat(AT_FDCWD, path, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0)
		return absent_or_fail(err, "cannot stat", path);
	fill_stat(stat, &st);
	return IRMIN_OK;
}

static irmin_rc posix_rename(irmin__os *os, const char *from, const char *to,
    irmin_error *err)
{
	(void)os;
	return rename(from, to) < 0 ? fail_to(err, "rename", from, to)
				    : IRMIN_OK;
}

/* EPERM is what Linux says of a file system without hard links; whoever gets
 * EMLINK can also only do without. */
static irmin_rc posix_link(irmin__os *os, const char *from, const char *to,
    irmin_error *err)
{
	irmin_rc rc;
	int os_errno;

	(void)os;
	if (link(from, to) == 0)
		return IRMIN_OK;
	os_errno = errno;
	rc = fail_to(err, "link", from, to);
	if (os_errno != EPERM && os_errno != EMLINK)
		return rc;
	if (err)
		err->code = IRMIN_ENOTSUP;
	return IRMIN_ENOTSUP;
}

static irmin_rc posix_unlink(irmin__os *os, const char *path, irmin_error *err)
{
	(void)os;
	if (unlink(path) < 0)
		return absent_or_fail(err, "cannot remove", path);
	return IRMIN_OK;
}

static irmin_rc posix_mkdir(irmin__os *os, const char *path, uint32_t mode,
    irmin_error *err)
{
	struct stat st;
	int os_errno;

	(void)os;
	if (mkdir(path, (mode_t)mode) == 0)
		return IRMIN_OK;
	os_errno = errno;
	if (os_errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return IRMIN_ALREADY;
	return irmin__error_system(err, os_errno, "cannot make directory",
	    path);
}

static irmin_rc posix_rmdir(irmin__os *os, const char *path, irmin_error *err)
{
	(void)os;
	if (rmdir(path) < 0)
		return absent_or_fail(err, "cannot remove directory", path);
	return IRMIN_OK;
}

static irmin_rc posix_chmod_path(irmin__os *os, const char *path, uint32_t mode,
    irmin_error *err)
{
	(void)os;
	if (chmod(path, (mode_t)mode) < 0)
		return fail(err, "cannot set the mode of", path);
	return IRMIN_OK;
}

static irmin_rc posix_touch(irmin__os *os, const char *path, irmin_error *err)
{
	(void)os;
	if (utimensat(AT_FDCWD, path, NULL, 0) < 0)
		return absent_or_fail(err, "cannot touch", path);
	return IRMIN_OK;
}

static irmin_rc sync_path(const char *path, int os_flags,
    int (*sync_call)(int fd), irmin_error *err)
{
	int fd = open_fd(path, O_RDONLY | O_CLOEXEC | os_flags, 0);
	irmin_rc rc = IRMIN_OK;

	if (fd < 0)
		return fail(err, "cannot open", path);
	if (sync_fd(fd, sync_call) < 0)
		rc = fail(err, "cannot sync", path);
	close(fd);
	return rc;
}

/* EINVAL: a file system that has nothing to sync about a directory. */
static int fsync_directory(int fd)
{
	int result = fsync(fd);

	return result < 0 && errno == EINVAL ? 0 : result;
}

static irmin_rc posix_sync_directory(irmin__os *os, const char *path,
    irmin_error *err)
{
	(void)os;
	return sync_path(path, O_DIRECTORY, fsync_directory, err);
}

static irmin_rc posix_sync_all(irmin__os *os, const char *path,
    irmin_error *err)
{
	(void)os;
	return sync_path(path, O_NONBLOCK, syncfs, err);
}

static irmin_rc posix_readlink(irmin__os *os, const char *path,
    irmin_buf *target, irmin_error *err)
{
	size_t room = 256;
	ssize_t length;
	irmin_rc rc;

	(void)os;
	for (;; room *= 2) {
		rc = irmin_buf_reserve(target, room, err);
		if (rc < 0)
			return rc;
		length = readlink(path, (char *)target->data, room);
		if (length < 0 && errno == EINVAL)
			return IRMIN_ABSENT; /* no symlink */
		if (length < 0)
			return absent_or_fail(err, "cannot read link", path);
		if ((size_t)length < room)
			break; /* otherwise it may have been cut */
	}
	target->len = (size_t)length;
	target->data[target->len] = '\0';
	return IRMIN_OK;
}

static irmin__os_kind kind_of_entry(const struct dirent *entry)
{
	switch (entry->d_type) {
	case DT_REG:
		return IRMIN__OS_FILE;
	case DT_DIR:
		return IRMIN__OS_DIRECTORY;
	case DT_LNK:
		return IRMIN__OS_SYMLINK;
	case DT_UNKNOWN:
		return IRMIN__OS_NONE;
	default:
		return IRMIN__OS_OTHER;
	}
}

static irmin_rc posix_each(irmin__os *os, const char *path,
    irmin__os_name_fn fn, void *arg, irmin_error *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	irmin_rc rc = IRMIN_OK;

	(void)os;
	if (!dir)
		return absent_or_fail(err, "cannot open directory", path);
	while (rc == IRMIN_OK) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			rc = fn(arg, entry->d_name, kind_of_entry(entry));
	}
	if (rc == IRMIN_OK && errno)
		rc = fail(err, "cannot read directory", path);
	closedir(dir);
	return rc;
}

/* ---- the class ---- */

static const irmin__os_class posix_class = {
	.size = sizeof posix_class,
	.open = posix_open,
	.close = posix_close,
	.read = posix_read,
	.write = posix_write,
	.write_at = posix_write_at,
	.sync = posix_sync,
	.stat_file = posix_stat_file,
	.chmod = posix_chmod,
	.lock = posix_lock,
	.stat_path = posix_stat_path,
	.rename = posix_rename,
	.link = posix_link,
	.unlink = posix_unlink,
	.mkdir = posix_mkdir,
	.rmdir = posix_rmdir,
	.chmod_path = posix_chmod_path,
	.touch = posix_touch,
	.sync_directory = posix_sync_directory,
	.sync_all = posix_sync_all,
	.readlink = posix_readlink,
	.each = posix_each,
	.absolute = irmin__posix_absolute,
	.now_us = irmin__posix_now_us,
	.monotonic_us = irmin__posix_monotonic_us,
	.sleep_us = irmin__posix_sleep_us,
	.zone = irmin__posix_zone,
	.random = irmin__posix_random,
	.host = irmin__posix_host,
	.user = irmin__posix_user,
	.environment = irmin__posix_environment,
	.holder = irmin__posix_holder,
	.map = posix_map,
	.unmap = posix_unmap,
};

/* It has no state: nobody writes to what is not const in the signatures. */
irmin__os *irmin__os_posix(void)
{
	static const irmin__os posix = { &posix_class };

	return (irmin__os *)&posix;
}
