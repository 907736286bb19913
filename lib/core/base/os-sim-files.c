#include "lib/core/base/os-sim-fs.h"

#include <errno.h>

#include "lib/core/base/error.h"

struct sim_file {
	irmin__file file;
	irmin__sim *sim;
	irmin__sim_node *node; /* gone if the machine was restarted since */
	uint64_t boot;
	uint32_t flags;
	uint64_t position; /* of the next write */
	char path[];
};

static struct sim_file *sim_file(irmin__file *file)
{
	return (struct sim_file *)file;
}

/* ---- open and close ---- */

static int make_file(irmin__sim *sim, irmin__sim_spot *spot, uint32_t mode)
{
	irmin__sim_effect made = { spot->dir, spot->name, NULL };
	int os_errno;

	made.node = irmin__sim_node_new(sim, IRMIN__OS_FILE,
	    mode & 07777 & ~(uint32_t)IRMIN__SIM_UMASK);
	if (!made.node)
		return ENOMEM;
	os_errno = irmin__sim_change_names(sim, &made, NULL);
	if (!os_errno)
		spot->node = made.node;
	return os_errno;
}

static int open_node(irmin__sim *sim, const char *path, uint32_t flags,
    uint32_t mode, irmin__sim_node **node)
{
	irmin__sim_spot spot;
	int os_errno = irmin__sim_walk(sim, path, &spot);

	if (os_errno)
		return os_errno;
	if (spot.node && (flags & IRMIN__OS_EXCLUSIVE))
		return EEXIST;
	if (spot.node && spot.node->kind == IRMIN__OS_DIRECTORY &&
	    (flags & IRMIN__OS_WRITE))
		return EISDIR;
	if (!spot.node && !(flags & IRMIN__OS_CREATE))
		return ENOENT;
	if (!spot.node)
		os_errno = make_file(sim, &spot, mode);
	else if (flags & IRMIN__OS_TRUNCATE)
		os_errno = irmin__sim_cut(spot.node);
	*node = spot.node;
	return os_errno;
}

static const char *open_verb(uint32_t flags)
{
	if (flags & IRMIN__OS_EXCLUSIVE)
		return "make";
	if (flags & IRMIN__OS_CREATE)
		return "make or open";
	return flags & IRMIN__OS_WRITE ? "open to write" : "open";
}

irmin_rc irmin__sim_open(irmin__os *os, const char *path, uint32_t flags,
    uint32_t mode, irmin__file **file, irmin_error *err)
{
	size_t path_bytes = strlen(path) + 1;
	struct sim_file *self = irmin_calloc(1, sizeof *self + path_bytes);
	irmin__sim *sim;
	int os_errno;

	if (!self)
		return irmin__enomem(err);
	memcpy(self->path, path, path_bytes);
	self->file.cls = os->cls;
	self->flags = flags;
	sim = irmin__sim_lock(os);
	self->sim = sim;
	self->boot = sim->boots;
	os_errno = irmin__sim_begin(sim, "%s %s", open_verb(flags), path);
	if (!os_errno)
		os_errno = open_node(sim, path, flags, mode, &self->node);
	if (!os_errno)
		self->node->opens++;
	irmin__sim_unlock(sim);
	if (!os_errno) {
		*file = &self->file;
		return IRMIN_OK;
	}
	irmin_free(self);
	if (flags & IRMIN__OS_CREATE)
		return irmin__sim_answer(err, os_errno, "cannot create", path);
	return irmin__sim_answer_absent(err, os_errno, "cannot open", path);
}

void irmin__sim_close(irmin__file *file)
{
	struct sim_file *self = sim_file(file);
	irmin__sim *sim = irmin__sim_lock(&self->sim->os);

	if (self->boot == sim->boots) {
		self->node->opens--;
		if (self->node->locker == file)
			self->node->locker = NULL;
	}
	irmin__sim_unlock(sim);
	irmin_free(self);
}

/* ---- on open files ---- */

/* Begins an operation on a file: EBADF if the machine was restarted since it
 * was opened. */
static int begin(struct sim_file *self, const char *verb, uint64_t offset,
    size_t len)
{
	int os_errno = irmin__sim_begin(self->sim, "%s %s %llu+%zu", verb,
	    self->path, (unsigned long long)offset, len);

	return !os_errno && self->boot != self->sim->boots ? EBADF : os_errno;
}

static int read_node(const struct sim_file *self, uint64_t offset, void *bytes,
    size_t len, size_t *got)
{
	const irmin_buf *from = &self->node->bytes;

	if (len == 0)
		return 0;
	if (self->flags & IRMIN__OS_WRITE)
		return EBADF;
	if (self->node->kind == IRMIN__OS_DIRECTORY)
		return EISDIR;
	if (offset >= from->len)
		return 0;
	*got = from->len - (size_t)offset;
	if (*got > len)
		*got = len;
	memcpy(bytes, from->data + offset, *got);
	return 0;
}

irmin_rc irmin__sim_read(irmin__file *file, uint64_t offset, void *bytes,
    size_t len, size_t *got, irmin_error *err)
{
	struct sim_file *self = sim_file(file);
	irmin__sim *sim = irmin__sim_lock(&self->sim->os);
	int os_errno = begin(self, "read", offset, len);

	if (!os_errno)
		os_errno = read_node(self, offset, bytes, len, got);
	irmin__sim_unlock(sim);
	return irmin__sim_answer(err, os_errno, "cannot read", self->path);
}

static int write_node(struct sim_file *self, uint64_t offset, irmin_slice bytes)
{
	int os_errno;

	if (bytes.len == 0)
		return 0;
	if (!(self->flags & IRMIN__OS_WRITE))
		return EBADF;
	os_errno = irmin__sim_change_bytes(self->node, offset, bytes);
	if (!os_errno)
		self->node->modified_us = irmin__sim_now_us(self->sim);
	return os_errno;
}

/* A planned failure comes after a part was written. `bytes` is cut to what was,
 * as far as the caller can know it. */
static int write_or_fail(struct sim_file *self, const char *verb,
    uint64_t offset, irmin_slice *bytes)
{
	irmin__sim *sim = self->sim;
	int os_errno = begin(self, verb, offset, bytes->len);

	if (!os_errno)
		return write_node(self, offset, *bytes);
	if (!sim->failing || !bytes->len || self->boot != sim->boots)
		bytes->len = 0;
	else
		bytes->len = irmin__sim_random(&sim->crash_state) % bytes->len;
	if (write_node(self, offset, *bytes))
		bytes->len = 0;
	return os_errno; /* the planned one stands */
}

irmin_rc irmin__sim_write_file(irmin__file *file, irmin_slice bytes,
    irmin_error *err)
{
	struct sim_file *self = sim_file(file);
	irmin__sim *sim = irmin__sim_lock(&self->sim->os);
	int os_errno;

	if ((self->flags & IRMIN__OS_APPEND) && self->boot == sim->boots)
		self->position = self->node->bytes.len;
	os_errno = write_or_fail(self, "write", self->position, &bytes);
	self->position += bytes.len;
	irmin__sim_unlock(sim);
	return irmin__sim_answer(err, os_errno, "cannot write", self->path);
}

irmin_rc irmin__sim_write_at(irmin__file *file, uint64_t offset,
    irmin_slice bytes, irmin_error *err)
{
	struct sim_file *self = sim_file(file);
	irmin__sim *sim = irmin__sim_lock(&self->sim->os);
	int os_errno = write_or_fail(self, "write at", offset, &bytes);

	irmin__sim_unlock(sim);
	return irmin__sim_answer(err, os_errno, "cannot write", self->path);
}

irmin_rc irmin__sim_sync(irmin__file *file, irmin_error *err)
{
	struct sim_file *self = sim_file(file);
	irmin__sim *sim = irmin__sim_lock(&self->sim->os);
	int os_errno = begin(self, "sync", 0, 0);

	if (sim->failing && self->boot == sim->boots)
		irmin__sim_forget_writes(self->node);
	else if (!os_errno && self->node->kind == IRMIN__OS_DIRECTORY)
		os_errno = irmin__sim_sync_directory(sim, self->node);
	else if (!os_errno)
		os_errno = irmin__sim_sync_file(self->node);
	irmin__sim_unlock(sim);
	return irmin__sim_answer(err, os_errno, "cannot sync", self->path);
}

void irmin__sim_stat_node(const irmin__sim_node *node, irmin__os_stat *stat)
{
	stat->kind = node->kind;
	stat->mode = node->mode;
	stat->bytes = node->bytes.len;
	stat->modified_us = node->modified_us;
	stat->device = 1;
	stat->inode = node->number;
}

irmin_rc irmin__sim_stat_file(irmin__file *file, irmin__os_stat *stat,
    irmin_error *err)
{
	struct sim_file *self = sim_file(file);
	irmin__sim *sim = irmin__sim_lock(&self->sim->os);
	int os_errno = begin(self, "stat", 0, 0);

	if (!os_errno)
		irmin__sim_stat_node(self->node, stat);
	irmin__sim_unlock(sim);
	return irmin__sim_answer(err, os_errno, "cannot stat", self->path);
}

irmin_rc irmin__sim_chmod(irmin__file *file, uint32_t mode, irmin_error *err)
{
	struct sim_file *self = sim_file(file);
	irmin__sim *sim = irmin__sim_lock(&self->sim->os);
	int os_errno = begin(self, "chmod", 0, 0);

	if (!os_errno)
		self->node->mode = mode & 07777;
	irmin__sim_unlock(sim);
	return irmin__sim_answer(err, os_errno, "cannot set the mode of",
	    self->path);
}

irmin_rc irmin__sim_lock_file(irmin__file *file, irmin_error *err)
{
	struct sim_file *self = sim_file(file);
	irmin__sim *sim = irmin__sim_lock(&self->sim->os);
	int os_errno = begin(self, "lock", 0, 0);
	int held = !os_errno && self->node->locker &&
	    self->node->locker != file;

	if (!os_errno && !held)
		self->node->locker = file;
	irmin__sim_unlock(sim);
	if (held)
		return irmin_error_set(err, IRMIN_ELOCKED, self->path,
		    "cannot lock %s: another process has it", self->path);
	return irmin__sim_answer(err, os_errno, "cannot lock", self->path);
}
