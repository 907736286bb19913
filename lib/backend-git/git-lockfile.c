/* git's protocol for changing a file: who can make <file>.lock holds the lock,
 * writes the new contents into it, and renames it over the file. */
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

/* Once. Fails: ELOCKED (without a word in `err`), EEXIST (a file stands where a
 * directory is needed), ... */
static irmin_rc try_lock(irmin__git *git, const char *root,
    irmin__git_lock *lock, irmin_error *err)
{
	irmin_rc rc = IRMIN_EMISSING;
	int tries;

	for (tries = 0; tries < DIRECTORY_TRIES; tries++) {
		rc = irmin__os_open(git->os, lock->path,
		    IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_EXCLUSIVE,
		    0666, &lock->file, err);
		if (rc != IRMIN_EMISSING)
			return rc == IRMIN_EEXIST ? IRMIN_ELOCKED : rc;
		rc = irmin__git_make_parents(git, root, lock->path, err);
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
		rc = try_lock(git, root, lock, err);
		if (rc != IRMIN_ELOCKED)
			return rc;
		rc = irmin__git_check_canceled(context, err);
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
		return rc;
	}
	rc = irmin__git_share_file(git->settings.shared, lock->file, err);
	if (rc < 0)
		irmin__git_lock_drop(git, lock);
	return rc;
}

irmin_rc irmin__git_lock_write(irmin__git_lock *lock, irmin_slice bytes,
    int sync, irmin_error *err)
{
	irmin_rc rc = irmin__os_write(lock->file, bytes, err);

	if (rc >= 0 && sync)
		rc = irmin__os_sync(lock->file, err);
	irmin__os_close(lock->file);
	lock->file = NULL;
	return rc;
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
	irmin_free(lock->path);
	lock->path = NULL;
	return rc;
}

void irmin__git_lock_drop(irmin__git *git, irmin__git_lock *lock)
{
	if (!lock->path)
		return;
	irmin__os_close(lock->file);
	(void)irmin__os_unlink(git->os, lock->path, NULL);
	irmin_free(lock->path);
	lock->file = NULL;
	lock->path = NULL;
}
