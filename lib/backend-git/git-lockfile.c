/* git's protocol for changing a file: who can make <file>.lock holds the lock,
 * writes the new contents into it, and renames it over the file.
 *
 * A process that is killed leaves its <file>.lock, and git then refuses that
 * ref until a person removes it. Ours do not outlive us: we make them with the
 * sticky bit, which git never sets, and hold the machine's lock on them until
 * they are gone. One with the bit that nobody holds was left behind, and whoever
 * meets it removes it. A lock of git's is never touched.
 */
#include "lib/backend-git/git-parts.h"

#include <stdio.h>

#include "lib/core/base/error.h"
#include <irmin/alloc.h>

#define SUFFIX           ".lock"
#define DEFAULT_WAIT_US  1000000
#define FIRST_PAUSE_US   200
#define LONGEST_PAUSE_US 50000

/* git's own removal of empty directories may come between our making one and
 * using it; it does so once for each ref it removes. */
#define DIRECTORY_TRIES 100

/* The sticky bit: this lock is ours. */
#define OURS 01000u

/* A pause that doubles, between half and all of it, so that waiters drift
 * apart. Answers the next one. */
static int64_t pause_a_while(irmin__git *git, int64_t pause, int64_t left)
{
	uint64_t mixed = atomic_fetch_add(&git->serial, 1) *
	    UINT64_C(0x9e3779b97f4a7c15);
	int64_t us = pause / 2 + (int64_t)(mixed >> 33) % (pause / 2);

	irmin__os_sleep_us(git->os, us < left ? us : left);
	return pause * 2 < LONGEST_PAUSE_US ? pause * 2 : LONGEST_PAUSE_US;
}

/* Says whose the lock is, as far as it can be known. */
static irmin_rc locked(irmin__git *git, const char *root, const char *path,
    irmin_error *err)
{
	const char *name = path + strlen(root) + 1;
	irmin__os_stat stat;
	char who[64], held[96] = "";
	long long age = 0;

	if (irmin__os_stat_path(git->os, path, 0, &stat, NULL) == IRMIN_OK)
		age = (irmin__os_now_us(git->os) - stat.modified_us) / 1000000;
	if (irmin__os_holder(git->os, path, who, sizeof who) == IRMIN_OK)
		snprintf(held, sizeof held, ", held by %s", who);
	return irmin_error_set(err, IRMIN_ELOCKED, path,
	    "cannot lock %.*s: %s was made %lld seconds ago%s; wait for who "
	    "works there, or remove that file if nobody does",
	    (int)(strlen(name) - strlen(SUFFIX)), name, path, age > 0 ? age : 0,
	    held);
}

int irmin__git_is_marked(const irmin__os_stat *stat)
{
	return (stat->mode & OURS) != 0;
}

/* Whether a path still names the file that we opened by it. */
static int is_named(irmin__git *git, irmin__file *file, const char *path,
    irmin__os_stat *stat)
{
	irmin__os_stat named;

	return irmin__os_stat_file(file, stat, NULL) == IRMIN_OK &&
	    irmin__os_stat_path(git->os, path, 0, &named, NULL) == IRMIN_OK &&
	    named.device == stat->device && named.inode == stat->inode;
}

/* Removes a lock that a killed process of ours has left. Holding the machine's
 * lock on it, we are the only one who may; and its name must still be its own,
 * as somebody may have done the same just before. */
int irmin__git_marked_sweep(irmin__git *git, const char *path)
{
	irmin__os_stat stat;
	irmin__file *file;
	int removed = 0;

	if (irmin__os_open(git->os, path, IRMIN__OS_READ, 0, &file, NULL) !=
	    IRMIN_OK)
		return 0;
	if (irmin__os_stat_file(file, &stat, NULL) == IRMIN_OK &&
	    stat.kind == IRMIN__OS_FILE && irmin__git_is_marked(&stat) &&
	    irmin__os_lock(file, NULL) == IRMIN_OK &&
	    is_named(git, file, path, &stat))
		removed = irmin__os_unlink(git->os, path, NULL) == IRMIN_OK;
	irmin__os_close(file);
	return removed;
}

/* Makes a lock that was just created ours for good; until it is, somebody may
 * take it for one that was left behind. Where the machine has no such lock,
 * nobody can do that either. */
static irmin_rc claim(irmin__git *git, irmin__git_lock *lock, irmin_error *err)
{
	irmin_rc rc = irmin__os_lock(lock->file, err);
	irmin__os_stat stat;

	if (rc == IRMIN_ENOTSUP)
		rc = IRMIN_OK;
	if (rc >= 0 && !is_named(git, lock->file, lock->path, &stat))
		rc = IRMIN_ELOCKED;
	if (rc >= 0) {
		lock->mode = irmin__git_shared_mode(git->settings.shared,
		    stat.mode, 0);
		if (lock->mode != stat.mode)
			rc = irmin__os_chmod(lock->file, lock->mode, err);
	}
	if (rc >= 0)
		return rc;
	if (rc != IRMIN_ELOCKED)
		(void)irmin__os_unlink(git->os, lock->path, NULL);
	irmin__os_close(lock->file);
	lock->file = NULL;
	return rc;
}

/* Once. Fails: ELOCKED (without a word in `err`), EEXIST (a file stands where a
 * directory is needed), ... */
irmin_rc irmin__git_marked_make(irmin__git *git, const char *root,
    irmin__git_lock *lock, irmin_error *err)
{
	irmin_rc rc = IRMIN_EMISSING;
	int tries;

	for (tries = 0; tries < DIRECTORY_TRIES; tries++) {
		rc = irmin__os_open(git->os, lock->path,
		    IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_EXCLUSIVE,
		    0666 | OURS, &lock->file, err);
		if (rc == IRMIN_OK)
			return claim(git, lock, err);
		if (rc == IRMIN_EMISSING)
			rc = irmin__git_make_parents(git, root, lock->path,
			    err);
		else if (rc == IRMIN_EEXIST)
			rc = irmin__git_marked_sweep(git, lock->path)
			    ? IRMIN_OK
			    : IRMIN_ELOCKED;
		if (rc < 0)
			break;
	}
	return rc;
}

static irmin_rc wait_for_lock(irmin__git *git, const irmin_context *context,
    const char *root, irmin__git_lock *lock, irmin_error *err)
{
	int64_t deadline = context ? context->deadline_us : 0;
	int64_t pause = FIRST_PAUSE_US, left;
	irmin_rc rc;

	for (;;) {
		rc = irmin__git_marked_make(git, root, lock, err);
		if (rc != IRMIN_ELOCKED)
			return rc;
		rc = irmin__context_check(context, err);
		if (rc < 0)
			return rc;
		left = irmin__os_monotonic_us(git->os);
		if (!deadline)
			deadline = left + DEFAULT_WAIT_US;
		left = deadline - left;
		if (left <= 0)
			return locked(git, root, lock->path, err);
		pause = pause_a_while(git, pause, left);
	}
}

irmin_rc irmin__git_lock_take(irmin__git *git, const irmin_context *context,
    const char *root, const char *file, irmin__git_lock *lock, irmin_error *err)
{
	size_t len = strlen(file);
	irmin_rc rc;

	lock->file = NULL;
	lock->path = irmin_malloc(len + sizeof SUFFIX);
	if (!lock->path)
		return irmin__enomem(err);
	memcpy(lock->path, file, len);
	memcpy(lock->path + len, SUFFIX, sizeof SUFFIX);
	rc = wait_for_lock(git, context, root, lock, err);
	if (rc < 0) {
		irmin_free(lock->path);
		lock->path = NULL;
	}
	return rc;
}

irmin_rc irmin__git_lock_write(irmin__git *git, irmin__git_lock *lock,
    irmin_slice bytes, int sync, irmin_error *err)
{
	irmin_rc rc = irmin__os_write(lock->file, bytes, err);

	if (rc >= 0 && (sync || git->durable))
		rc = irmin__git_sync_file(git, lock->file, err);
	return rc;
}

/* The bit told whose lock it was; a file that somebody else could take for left
 * behind, or that has become what it was made for, is a plain one. */
void irmin__git_lock_detach(irmin__git_lock *lock)
{
	if (!lock->file)
		return;
	(void)irmin__os_chmod(lock->file, lock->mode & ~OURS, NULL);
	irmin__os_close(lock->file);
	lock->file = NULL;
}

irmin_rc irmin__git_lock_commit(irmin__git *git, irmin__git_lock *lock,
    irmin_error *err)
{
	irmin__git_path file;
	size_t len = strlen(lock->path) - strlen(SUFFIX);
	irmin_rc rc;

	if (len >= sizeof file.text)
		return irmin_error_set(err, IRMIN_EINVAL, lock->path,
		    "cannot replace the file of %s: its name is too long",
		    lock->path);
	memcpy(file.text, lock->path, len);
	file.text[len] = '\0';
	rc = irmin__os_rename(git->os, lock->path, file.text, err);
	if (rc < 0)
		return rc;
	irmin__git_lock_detach(lock);
	irmin_free(lock->path);
	lock->path = NULL;
	return rc;
}

void irmin__git_lock_drop(irmin__git *git, irmin__git_lock *lock)
{
	if (!lock->path)
		return;
	(void)irmin__os_unlink(git->os, lock->path, NULL);
	irmin__os_close(lock->file);
	irmin_free(lock->path);
	lock->file = NULL;
	lock->path = NULL;
}

irmin_rc irmin__git_lock_replace(irmin__git *git, const irmin_context *context,
    const char *file, irmin_slice bytes, irmin_error *err)
{
	irmin__git_lock lock = { NULL, NULL, 0 };
	irmin_rc rc;

	rc = irmin__git_lock_take(git, context, git->layout.common_dir, file,
	    &lock, err);
	if (rc >= 0)
		rc = irmin__git_lock_write(git, &lock, bytes, 1, err);
	if (rc >= 0)
		rc = irmin__git_lock_commit(git, &lock, err);
	irmin__git_lock_drop(git, &lock);
	return rc;
}
