/* Directories on the way to a file, and files that have no final name yet. */
#include "lib/backend-git/git-parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include <irmin/alloc.h>

/* Somebody may remove an empty directory while we make what belongs into it;
 * that he does so this many times in a row is no accident. */
#define TRIES 8

irmin_rc irmin__git_path_join(irmin__git_path *path, const char *directory,
    const char *name, irmin_error *err)
{
	int n = snprintf(path->text, sizeof path->text, "%s/%s", directory,
	    name);

	if (n < 0 || (size_t)n >= sizeof path->text)
		return irmin_error_set(err, IRMIN_EINVAL, name,
		    "cannot use %s/%s: a path of more than %zu bytes",
		    directory, name, sizeof path->text - 1);
	return IRMIN_OK;
}

/* One round from the outermost missing directory to the innermost. `path` is
 * cut at each slash in turn and is whole again in the end. */
static irmin_rc make_each(irmin__git *git, char *path, size_t root_len,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_ALREADY, made = IRMIN_ALREADY;
	char *slash = strchr(path + root_len + 1, '/');

	for (; rc >= 0 && slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		rc = irmin__os_mkdir(git->os, path, 0777, err);
		if (rc == IRMIN_OK) {
			made = IRMIN_OK;
			rc = irmin__git_share_directory(git->os,
			    git->settings.shared, path, err);
		}
		*slash = '/';
	}
	return rc < 0 ? rc : made;
}

irmin_rc irmin__git_make_parents(irmin__git *git, const char *root,
    const char *path, irmin_error *err)
{
	irmin_rc rc;
	char *copy;
	int tries;

	rc = irmin__text_copy(irmin_text(path), &copy, err);
	if (rc < 0)
		return rc;
	rc = IRMIN_EMISSING;
	for (tries = 0; rc == IRMIN_EMISSING && tries < TRIES; tries++)
		rc = make_each(git, copy, strlen(root), err);
	irmin_free(copy);
	return rc;
}

void irmin__git_prune_parents(irmin__git *git, const char *root,
    const char *path)
{
	size_t root_len = strlen(root);
	char *copy, *slash;

	if (irmin__text_copy(irmin_text(path), &copy, NULL) < 0)
		return; /* empty directories do no harm */
	for (slash = strrchr(copy, '/'); slash > copy + root_len;
	     slash = strrchr(copy, '/')) {
		*slash = '\0';
		if (irmin__os_rmdir(git->os, copy, NULL) < 0)
			break;
	}
	irmin_free(copy);
}

irmin_rc irmin__git_tempfile_open(irmin__git *git, const char *directory,
    const char *prefix, irmin__git_path *path, irmin__file **file,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_EEXIST;
	int tries;

	for (tries = 0; rc == IRMIN_EEXIST && tries < TRIES; tries++) {
		uint64_t serial = atomic_fetch_add(&git->serial, 1);
		char name[40];

		snprintf(name, sizeof name, "%s_%016" PRIx64, prefix, serial);
		rc = irmin__git_path_join(path, directory, name, err);
		if (rc >= 0)
			rc = irmin__os_open(git->os, path->text,
			    IRMIN__OS_WRITE | IRMIN__OS_CREATE |
				IRMIN__OS_EXCLUSIVE,
			    0444, file, err);
	}
	return rc;
}
