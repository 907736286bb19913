#include "lib/core/base/os-sim-fs.h"

#include <errno.h>
#include <stdio.h>

#include "lib/core/base/error.h"
#include "lib/core/base/os-path.h"

/* ---- what is there ---- */

irmin_rc irmin__sim_stat_path(irmin__os *os, const char *path, int follow,
    irmin__os_stat *stat, irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	irmin__sim_node *node;
	int os_errno = irmin__sim_begin(sim, "stat %s", path);

	(void)follow;
	if (!os_errno)
		os_errno = irmin__sim_find(sim, path, &node);
	if (!os_errno)
		irmin__sim_stat_node(node, stat);
	irmin__sim_unlock(sim);
	return irmin__sim_answer_absent(err, os_errno, "cannot stat", path);
}

/* There are no symlinks here. */
irmin_rc irmin__sim_readlink(irmin__os *os, const char *path, irmin_buf *target,
    irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	int os_errno = irmin__sim_begin(sim, "readlink %s", path);

	(void)target;
	irmin__sim_unlock(sim);
	return irmin__sim_answer_absent(err, os_errno ? os_errno : ENOENT,
	    "cannot read link", path);
}

irmin_rc irmin__sim_absolute(irmin__os *os, const char *path, irmin_buf *out,
    irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	int os_errno = irmin__sim_begin(sim, "absolute %s", path);
	irmin_rc rc;

	irmin__sim_unlock(sim);
	if (os_errno)
		return irmin__sim_answer(err, os_errno, "cannot resolve", path);
	rc = irmin_buf_set(out, irmin_text("/"), err);
	if (rc >= 0)
		rc = irmin__os_path_append(out, path, err);
	if (rc < 0)
		irmin_buf_clear(out);
	return rc;
}

irmin_rc irmin__sim_holder(irmin__os *os, const char *path, char *who,
    size_t who_bytes)
{
	irmin__sim *sim = irmin__sim_lock(os);
	irmin__sim_node *node;
	int is_open = !irmin__sim_find(sim, path, &node) && node->opens;

	irmin__sim_unlock(sim);
	if (!is_open)
		return IRMIN_ABSENT;
	snprintf(who, who_bytes, "pid 1 (sim)");
	return IRMIN_OK;
}

/* The names are taken down first: the callback may do anything. They begin
 * anywhere, since no file system promises an order. */
static int list_names(irmin__sim *sim, const char *path,
    irmin__sim_entries *names)
{
	irmin__sim_node *dir;
	size_t i, first;
	int os_errno = irmin__sim_find_directory(sim, path, &dir);

	if (os_errno || dir->entries.len == 0)
		return os_errno;
	if (IRMIN__VEC_RESERVE(names, dir->entries.len, NULL) < 0)
		return ENOMEM;
	first = irmin__sim_random(&sim->random_state) % dir->entries.len;
	for (i = 0; i < dir->entries.len; i++) {
		irmin__sim_entry entry =
		    dir->entries.items[(first + i) % dir->entries.len];
		size_t bytes = strlen(entry.name) + 1;
		char *name = irmin_malloc(bytes);

		if (!name)
			return ENOMEM;
		memcpy(name, entry.name, bytes);
		entry.name = name;
		IRMIN__VEC_PUSH(names, entry);
	}
	return 0;
}

irmin_rc irmin__sim_each(irmin__os *os, const char *path, irmin__os_name_fn fn,
    void *arg, irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	irmin__sim_entries names = { 0 };
	int os_errno = irmin__sim_begin(sim, "list %s", path);
	irmin_rc rc;
	size_t i;

	if (!os_errno)
		os_errno = list_names(sim, path, &names);
	irmin__sim_unlock(sim);
	rc = irmin__sim_answer_absent(err, os_errno, "cannot open directory",
	    path);
	for (i = 0; i < names.len && rc == IRMIN_OK; i++)
		rc = fn(arg, names.items[i].name, names.items[i].node->kind);
	irmin__sim_entries_clear(&names);
	return rc;
}

/* ---- changes ---- */

/* Non-zero if `dir` is `top` or below it. */
static int is_below(const irmin__sim_node *dir, const irmin__sim_node *top)
{
	while (dir != top && dir != dir->parent)
		dir = dir->parent;
	return dir == top;
}

/* Whether the kernel lets one name take the place of the other. */
static int check_rename(const irmin__sim_spot *from, const irmin__sim_spot *to)
{
	int from_dir, to_dir;

	if (!from->dir || !to->dir)
		return EBUSY;
	if (!from->node)
		return ENOENT;
	from_dir = from->node->kind == IRMIN__OS_DIRECTORY;
	to_dir = to->node && to->node->kind == IRMIN__OS_DIRECTORY;
	if (from_dir && is_below(to->dir, from->node))
		return EINVAL;
	if (to_dir && is_below(from->dir, to->node))
		return ENOTEMPTY;
	if (from->node == to->node || !to->node)
		return 0;
	if (from_dir != to_dir)
		return from_dir ? ENOTDIR : EISDIR;
	return to_dir && to->node->entries.len ? ENOTEMPTY : 0;
}

static int rename_node(irmin__sim *sim, const char *from_path,
    const char *to_path)
{
	irmin__sim_spot from, to;
	irmin__sim_effect gone, put;
	int os_errno = irmin__sim_walk(sim, from_path, &from);

	if (!os_errno)
		os_errno = irmin__sim_walk(sim, to_path, &to);
	if (!os_errno)
		os_errno = check_rename(&from, &to);
	if (os_errno || from.node == to.node)
		return os_errno;
	gone = (irmin__sim_effect){ from.dir, from.name, NULL };
	put = (irmin__sim_effect){ to.dir, to.name, from.node };
	return irmin__sim_change_names(sim, &gone, &put);
}

/* The error of an operation on two names. */
static irmin_rc answer_to(irmin_error *err, int os_errno, const char *verb,
    const char *from, const char *to)
{
	char doing[160];

	snprintf(doing, sizeof doing, "cannot %s %.100s to", verb, from);
	return irmin__sim_answer(err, os_errno, doing, to);
}

irmin_rc irmin__sim_rename(irmin__os *os, const char *from, const char *to,
    irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	int os_errno = irmin__sim_begin(sim, "rename %s %s", from, to);

	if (!os_errno)
		os_errno = rename_node(sim, from, to);
	irmin__sim_unlock(sim);
	return answer_to(err, os_errno, "rename", from, to);
}

static int link_node(irmin__sim *sim, const char *from, const char *to_path)
{
	irmin__sim_node *node;
	irmin__sim_spot to;
	irmin__sim_effect put;
	int os_errno = irmin__sim_find(sim, from, &node);

	if (!os_errno)
		os_errno = irmin__sim_walk(sim, to_path, &to);
	if (os_errno)
		return os_errno;
	if (to.node)
		return EEXIST;
	if (node->kind == IRMIN__OS_DIRECTORY)
		return EPERM;
	put = (irmin__sim_effect){ to.dir, to.name, node };
	return irmin__sim_change_names(sim, &put, NULL);
}

irmin_rc irmin__sim_link(irmin__os *os, const char *from, const char *to,
    irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	int os_errno = irmin__sim_begin(sim, "link %s %s", from, to);

	if (!os_errno)
		os_errno = link_node(sim, from, to);
	irmin__sim_unlock(sim);
	if (os_errno == EPERM)
		os_errno = EOPNOTSUPP; /* as os-posix.c takes it */
	return answer_to(err, os_errno, "link", from, to);
}

static int remove_name(irmin__sim *sim, const char *path, int directory)
{
	irmin__sim_spot spot;
	irmin__sim_effect gone;
	int os_errno = irmin__sim_walk(sim, path, &spot);

	if (os_errno)
		return os_errno;
	if (!spot.dir)
		return EBUSY;
	if (!spot.node)
		return ENOENT;
	if (directory && spot.node->kind != IRMIN__OS_DIRECTORY)
		return ENOTDIR;
	if (!directory && spot.node->kind == IRMIN__OS_DIRECTORY)
		return EISDIR;
	if (directory && spot.node->entries.len)
		return ENOTEMPTY;
	gone = (irmin__sim_effect){ spot.dir, spot.name, NULL };
	return irmin__sim_change_names(sim, &gone, NULL);
}

irmin_rc irmin__sim_unlink(irmin__os *os, const char *path, irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	int os_errno = irmin__sim_begin(sim, "unlink %s", path);

	if (!os_errno)
		os_errno = remove_name(sim, path, 0);
	irmin__sim_unlock(sim);
	return irmin__sim_answer_absent(err, os_errno, "cannot remove", path);
}

irmin_rc irmin__sim_rmdir(irmin__os *os, const char *path, irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	int os_errno = irmin__sim_begin(sim, "rmdir %s", path);

	if (!os_errno)
		os_errno = remove_name(sim, path, 1);
	irmin__sim_unlock(sim);
	return irmin__sim_answer_absent(err, os_errno,
	    "cannot remove directory", path);
}

static int make_directory(irmin__sim *sim, const char *path, uint32_t mode,
    int *is_there)
{
	irmin__sim_spot spot;
	irmin__sim_effect made;
	int os_errno = irmin__sim_walk(sim, path, &spot);

	if (os_errno)
		return os_errno;
	*is_there = spot.node && spot.node->kind == IRMIN__OS_DIRECTORY;
	if (spot.node)
		return EEXIST;
	made = (irmin__sim_effect){ spot.dir, spot.name, NULL };
	made.node = irmin__sim_node_new(sim, IRMIN__OS_DIRECTORY,
	    mode & 01777 & ~(uint32_t)IRMIN__SIM_UMASK);
	return made.node ? irmin__sim_change_names(sim, &made, NULL) : ENOMEM;
}

irmin_rc irmin__sim_mkdir(irmin__os *os, const char *path, uint32_t mode,
    irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	int os_errno = irmin__sim_begin(sim, "mkdir %s", path);
	int is_there = 0;

	if (!os_errno)
		os_errno = make_directory(sim, path, mode, &is_there);
	irmin__sim_unlock(sim);
	if (is_there)
		return IRMIN_ALREADY;
	return irmin__sim_answer(err, os_errno, "cannot make directory", path);
}

irmin_rc irmin__sim_chmod_path(irmin__os *os, const char *path, uint32_t mode,
    irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	irmin__sim_node *node;
	int os_errno = irmin__sim_begin(sim, "chmod %s", path);

	if (!os_errno)
		os_errno = irmin__sim_find(sim, path, &node);
	if (!os_errno)
		node->mode = mode & 07777;
	irmin__sim_unlock(sim);
	return irmin__sim_answer(err, os_errno, "cannot set the mode of", path);
}

irmin_rc irmin__sim_touch(irmin__os *os, const char *path, irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	irmin__sim_node *node;
	int os_errno = irmin__sim_begin(sim, "touch %s", path);

	if (!os_errno)
		os_errno = irmin__sim_find(sim, path, &node);
	if (!os_errno)
		node->modified_us = irmin__sim_now_us(sim);
	irmin__sim_unlock(sim);
	return irmin__sim_answer_absent(err, os_errno, "cannot touch", path);
}

/* ---- syncs ---- */

irmin_rc irmin__sim_sync_directory_path(irmin__os *os, const char *path,
    irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	irmin__sim_node *dir;
	int os_errno = irmin__sim_begin(sim, "sync %s", path);

	if (!os_errno)
		os_errno = irmin__sim_find_directory(sim, path, &dir);
	if (!os_errno)
		os_errno = irmin__sim_sync_directory(sim, dir);
	irmin__sim_unlock(sim);
	return irmin__sim_answer(err, os_errno, "cannot sync", path);
}

irmin_rc irmin__sim_sync_all_path(irmin__os *os, const char *path,
    irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	irmin__sim_node *node;
	int os_errno = irmin__sim_begin(sim, "sync-all %s", path);

	if (!os_errno)
		os_errno = irmin__sim_find(sim, path, &node);
	if (!os_errno)
		os_errno = irmin__sim_sync_all(sim);
	irmin__sim_unlock(sim);
	return irmin__sim_answer(err, os_errno, "cannot sync", path);
}
