/* What loss of power could still take. */
#include "lib/backend-git/git-parts.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include <irmin/alloc.h>

/* Beyond, one call for the whole file system is cheaper. */
#define FILES_MAX 64

irmin_rc irmin__git_unsynced_init(irmin__git_unsynced *unsynced,
    irmin_error *err)
{
	irmin_rc rc;

	memset(unsynced, 0, sizeof *unsynced);
	rc = irmin__mutex_init(&unsynced->flushing, err);
	if (rc < 0)
		return rc;
	rc = irmin__mutex_init(&unsynced->mutex, err);
	if (rc < 0)
		irmin__mutex_clear(&unsynced->flushing);
	return rc;
}

static void forget(irmin__git_unsynced_files *files)
{
	size_t i;

	for (i = 0; i < files->len; i++)
		irmin_free(files->items[i].path);
	IRMIN__VEC_CLEAR(files);
}

void irmin__git_unsynced_clear(irmin__git_unsynced *unsynced)
{
	forget(&unsynced->files);
	irmin__mutex_clear(&unsynced->flushing);
	irmin__mutex_clear(&unsynced->mutex);
}

static void mark_too_many(irmin__git_unsynced *unsynced)
{
	forget(&unsynced->files);
	unsynced->too_many = 1;
}

void irmin__git_unsynced_all(irmin__git_unsynced *unsynced)
{
	irmin__mutex_lock(&unsynced->mutex);
	mark_too_many(unsynced);
	irmin__mutex_unlock(&unsynced->mutex);
}

void irmin__git_unsynced_add(irmin__git_unsynced *unsynced, const char *path,
    int name_only)
{
	irmin__git_unsynced_file file = { NULL, name_only };

	irmin__mutex_lock(&unsynced->mutex);
	if (!unsynced->too_many) {
		if (unsynced->files.len < FILES_MAX &&
		    irmin__text_copy(irmin_text(path), &file.path, NULL) >= 0 &&
		    IRMIN__VEC_RESERVE(&unsynced->files, 1, NULL) >= 0) {
			IRMIN__VEC_PUSH(&unsynced->files, file);
		} else {
			irmin_free(file.path);
			mark_too_many(unsynced);
		}
	}
	irmin__mutex_unlock(&unsynced->mutex);
}

/* A file that is gone was removed after it was written. */
static irmin_rc sync_file(irmin__git *git, const char *path, irmin_error *err)
{
	irmin__file *file;
	irmin_rc rc;

	rc = irmin__os_open(git->os, path, IRMIN__OS_READ, 0, &file, err);
	if (rc != IRMIN_OK)
		return rc < 0 ? rc : IRMIN_OK;
	rc = irmin__os_sync(file, err);
	irmin__os_close(file);
	return rc;
}

/* Cuts the path to its directory; where that was removed, to the next above. */
static irmin_rc sync_directory_of(irmin__git *git, char *path, irmin_error *err)
{
	irmin_rc rc = IRMIN_EMISSING;
	char *slash;

	while (rc == IRMIN_EMISSING && (slash = strrchr(path, '/')) != path) {
		*slash = '\0';
		rc = irmin__os_sync_directory(git->os, path, err);
	}
	return rc;
}

static int compare_files(const void *a, const void *b)
{
	const irmin__git_unsynced_file *left = a, *right = b;

	return strcmp(left->path, right->path);
}

/* Whether two sorted neighbours lie in the same directory. */
static int same_directory(const char *a, const char *b)
{
	size_t len = (size_t)(strrchr(a, '/') - a);

	return strlen(b) > len && memcmp(a, b, len + 1) == 0 &&
	    !strchr(b + len + 1, '/');
}

static irmin_rc sync_files(irmin__git *git, irmin__git_unsynced_files *files,
    irmin_error *err)
{
	irmin__git_unsynced_file *items = files->items;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	if (files->len)
		qsort(items, files->len, sizeof *items, compare_files);
	for (i = 0; rc >= 0 && i < files->len; i++)
		if (!items[i].name_only)
			rc = sync_file(git, items[i].path, err);
	/* Backwards: what has been cut is not compared again. */
	for (i = files->len; rc >= 0 && i-- > 0;)
		if (!i || !same_directory(items[i - 1].path, items[i].path))
			rc = sync_directory_of(git, items[i].path, err);
	return rc;
}

/* The disk may have dropped what it refused, so trying again proves nothing. */
static int disk_refused(irmin__git *git, int os_errno)
{
	if (os_errno != EIO && os_errno != ENOSPC && os_errno != EDQUOT)
		return 0;
	atomic_store(&git->broken, 1);
	return 1;
}

irmin_rc irmin__git_sync_file(irmin__git *git, irmin__file *file,
    irmin_error *err)
{
	irmin_error cause;
	irmin_rc rc = irmin__os_sync(file, &cause);

	if (rc >= 0)
		return rc;
	(void)disk_refused(git, cause.os_errno);
	if (err)
		*err = cause;
	return rc;
}

/* Where we did not get as far as the disk, all is to be synced next time. */
static void note_failure(irmin__git *git, irmin__git_unsynced *unsynced,
    int os_errno)
{
	if (!disk_refused(git, os_errno))
		irmin__git_unsynced_all(unsynced);
}

irmin_rc irmin__git_unsynced_flush(irmin__git *git,
    irmin__git_unsynced *unsynced, irmin_error *err)
{
	irmin__git_unsynced_files files;
	irmin_error cause;
	irmin_rc rc;
	int too_many;

	if (atomic_load(&git->broken))
		return irmin__git_check_writable(git, err);
	/* Who comes while another flushes must not answer before that one. */
	irmin__mutex_lock(&unsynced->flushing);
	irmin__mutex_lock(&unsynced->mutex);
	files = unsynced->files;
	too_many = unsynced->too_many;
	memset(&unsynced->files, 0, sizeof unsynced->files);
	unsynced->too_many = 0;
	irmin__mutex_unlock(&unsynced->mutex);

	rc = too_many
	    ? irmin__os_sync_all(git->os, git->layout.common_dir, &cause)
	    : sync_files(git, &files, &cause);
	if (rc < 0) {
		note_failure(git, unsynced, cause.os_errno);
		if (err)
			*err = cause;
	}
	forget(&files);
	irmin__mutex_unlock(&unsynced->flushing);
	return rc;
}
