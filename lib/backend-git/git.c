#include "lib/backend-git/git.h"

#include "lib/backend-git/git-keep.h"
#include "lib/core/base/error.h"
#include <irmin/alloc.h>

irmin_rc irmin__git_check_writable(irmin__git *git, irmin_error *err)
{
	const char *where = git->layout.git_dir;

	if (git->head.flags & IRMIN_BACKEND_READ_ONLY)
		return irmin_error_set(err, IRMIN_EREADONLY, where,
		    "cannot write to %s: it was opened read-only", where);
	if (atomic_load(&git->broken))
		return irmin_error_set(err, IRMIN_EIO, where,
		    "cannot write to %s: what was written before could not be "
		    "brought to the disk; open it again",
		    where);
	return IRMIN_OK;
}

static irmin_rc git_find_config(irmin_backend *backend, const char *key,
    irmin_buf *value, irmin_error *err)
{
	const char *text;
	irmin_slice remote;

	irmin_error_clear(err);
	value->len = 0;
	/* Newer versions of git say it of the remote alone. */
	if (!strcmp(key, IRMIN__GIT_PARTIAL_CLONE))
		return irmin__git_promisor((irmin__git *)backend, &remote) ==
			IRMIN_OK
		    ? irmin_buf_set(value, remote, err)
		    : IRMIN_ABSENT;
	text = irmin__git_setting((irmin__git *)backend, key);
	return text ? irmin_buf_set(value, irmin_text(text), err)
		    : IRMIN_ABSENT;
}

static void git_close(irmin_backend *backend)
{
	irmin__git *git = (irmin__git *)backend;

	irmin__git_keeps_clear(git);
	irmin__git_layout_clear(&git->layout);
	irmin__git_config_clear(&git->local);
	irmin__git_config_clear(&git->global);
	irmin__deflaters_clear(&git->resting);
	irmin_free(git);
}

static const irmin_backend_class git_class = {
	.size = sizeof(irmin_backend_class),
	.scheme = "git",
	.close = git_close,
	.find_config = git_find_config,
};

static irmin_rc missing(irmin__os *os, const char *path, irmin_error *err)
{
	irmin_buf absolute = IRMIN_BUF_INIT;
	irmin_rc rc = irmin__os_absolute(os, path, &absolute, err);

	if (rc >= 0)
		rc = irmin_error_set(err, IRMIN_EMISSING,
		    (const char *)absolute.data,
		    "cannot open %s: there is no repository; make it with "
		    "'irmin init'",
		    (const char *)absolute.data);
	irmin_buf_clear(&absolute);
	return rc;
}

/* Finds the repository, or makes it if that is asked for. */
static irmin_rc find_or_make(irmin__git *git, const char *path,
    const irmin_open_options *options, irmin_error *err)
{
	irmin_rc rc = irmin__git_layout_find(git->os, path, &git->layout, err);
	int make = options && (options->flags & IRMIN_OPEN_CREATE);

	if (make && (rc == IRMIN_ABSENT || rc == IRMIN_EINVAL)) {
		if (options->flags & IRMIN_OPEN_READ_ONLY)
			return irmin_error_set(err, IRMIN_EINVAL, path,
			    "cannot make %s: it is to be read-only", path);
		rc = irmin__git_init(git->os, path, options, err);
		if (rc >= 0)
			rc = irmin__git_layout_find(git->os, path, &git->layout,
			    err);
	}
	return rc == IRMIN_ABSENT ? missing(git->os, path, err) : rc;
}

static irmin_rc open_parts(irmin__git *git, const irmin_open_options *options,
    irmin_error *err)
{
	uint64_t serial;
	irmin_rc rc;

	rc = irmin__git_settings_read(git, err);
	if (rc < 0)
		return rc;
	git->head.hash = git->settings.hash;
	git->head.location = git->layout.git_dir;
	git->durable = options && options->level == IRMIN_POWER;
	if (options && options->hash && options->hash != git->head.hash)
		return irmin_error_set(err, IRMIN_EINVAL, git->layout.git_dir,
		    "cannot open %s with %s: its hash is %s",
		    git->layout.git_dir, irmin_hash_name(options->hash),
		    irmin_hash_name(git->head.hash));
	if (options && (options->flags & IRMIN_OPEN_READ_ONLY))
		git->head.flags |= IRMIN_BACKEND_READ_ONLY;
	rc = irmin__os_random(git->os, &serial, sizeof serial, err);
	if (rc < 0)
		return rc;
	atomic_init(&git->serial, serial);
	rc = irmin__git_keeps_init(&git->keeps, err);
	if (rc < 0)
		return rc;
	rc = irmin__git_objects_new(git, options, &git->head.objects, err);
	if (rc < 0)
		return rc;
	rc = irmin__git_refs_new(git, &git->head.refs, err);
	if (rc < 0)
		git->head.objects->cls->close(git->head.objects);
	return rc;
}

irmin_rc irmin__git_open(irmin__os *os, const char *path,
    const irmin_open_options *options, irmin_backend **backend,
    irmin_error *err)
{
	irmin__git *git;
	irmin_rc rc;

	irmin_error_clear(err);
	*backend = NULL;
	git = irmin_calloc(1, sizeof *git);
	if (!git)
		return irmin__enomem(err);
	git->head.cls = &git_class;
	git->os = os;
	atomic_init(&git->broken, 0);
	atomic_init(&git->resting, NULL);

	rc = find_or_make(git, path, options, err);
	if (rc >= 0)
		rc = open_parts(git, options, err);
	if (rc < 0) {
		git_close(&git->head);
		return rc;
	}
	*backend = &git->head;
	return IRMIN_OK;
}
