/* A new repository, bare:
 *
 *   objects/info/ objects/pack/ refs/heads/ refs/tags/ config HEAD
 *
 * HEAD comes last and at once, so that whoever looks sees no repository or all
 * of it. Both files are made under a name of their own and then linked to their
 * place: of two who make the repository at the same time, the first decides.
 */
#include "lib/backend-git/git-parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/core/base/error.h"
#include <irmin/alloc.h>

#define TEMPORARY "tmp_init_"

static const char head[] = "ref: refs/heads/main\n";

typedef struct git_init {
	irmin__os *os;
	const char *root;
	irmin__git_shared shared;
	irmin_error *err;
} git_init;

/* ---- what may be there already ---- */

/* What a call that was interrupted may have left. */
enum leftover { OBJECTS = 1, REFS = 2, CONFIG = 4, OTHER = 8 };

static int note_leftover(void *arg, const char *name, irmin__os_kind kind)
{
	unsigned *found = arg;

	(void)kind;
	if (!strcmp(name, "objects"))
		*found |= OBJECTS;
	else if (!strcmp(name, "refs"))
		*found |= REFS;
	else if (!strcmp(name, "config"))
		*found |= CONFIG;
	else if (strncmp(name, TEMPORARY, strlen(TEMPORARY)) != 0)
		*found |= OTHER;
	return 0;
}

irmin_rc irmin__git_init_check(irmin__os *os, const char *path,
    irmin_error *err)
{
	unsigned found = 0;
	irmin_rc rc;

	rc = irmin__os_each(os, path, note_leftover, &found, err);
	if (rc < 0)
		return rc;
	if ((found & OTHER) ||
	    ((found & CONFIG) && !(found & OBJECTS && found & REFS)))
		return irmin_error_set(err, IRMIN_EEXIST, path,
		    "cannot make a repository in %s: the directory is not "
		    "empty; choose another",
		    path);
	return IRMIN_OK;
}

/* ---- making ---- */

static irmin_rc make_directory(git_init *init, const char *name)
{
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, init->root, name, init->err);
	if (rc >= 0)
		rc = irmin__os_mkdir(init->os, path.text, 0777, init->err);
	if (rc == IRMIN_OK)
		rc = irmin__git_share_directory(init->os, init->shared,
		    path.text, init->err);
	return rc;
}

static irmin_rc sync_directory(git_init *init, const char *name)
{
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, init->root, name, init->err);
	if (rc >= 0)
		rc = irmin__os_sync_directory(init->os, path.text, init->err);
	return rc;
}

static irmin_rc write_temporary(git_init *init, const char *path,
    irmin_slice bytes)
{
	irmin__file *file;
	irmin_rc rc;

	rc = irmin__os_open(init->os, path,
	    IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_EXCLUSIVE, 0666,
	    &file, init->err);
	if (rc < 0)
		return rc;
	rc = irmin__git_share_file(init->shared, file, init->err);
	if (rc >= 0)
		rc = irmin__os_write(file, bytes, init->err);
	if (rc >= 0)
		rc = irmin__os_sync(file, init->err);
	irmin__os_close(file);
	if (rc < 0)
		(void)irmin__os_unlink(init->os, path, NULL);
	return rc;
}

/* Gives a file its name if that is free; one that is there stays. */
static irmin_rc put_in_place(git_init *init, const char *temporary,
    const char *path)
{
	irmin_rc rc = irmin__os_link(init->os, temporary, path, init->err);

	if (rc == IRMIN_ENOTSUP) {
		rc = irmin__os_rename(init->os, temporary, path, init->err);
		if (rc >= 0)
			return rc;
	}
	(void)irmin__os_unlink(init->os, temporary, NULL);
	return rc == IRMIN_EEXIST ? IRMIN_OK : rc;
}

static irmin_rc make_file(git_init *init, const char *name, irmin_slice bytes)
{
	irmin__git_path path, temporary;
	char own_name[40];
	uint64_t serial;
	irmin_rc rc;

	rc = irmin__os_random(init->os, &serial, sizeof serial, init->err);
	snprintf(own_name, sizeof own_name, TEMPORARY "%016" PRIx64, serial);
	if (rc >= 0)
		rc = irmin__git_path_join(&path, init->root, name, init->err);
	if (rc >= 0)
		rc = irmin__git_path_join(&temporary, init->root, own_name,
		    init->err);
	if (rc >= 0)
		rc = write_temporary(init, temporary.text, bytes);
	if (rc >= 0)
		rc = put_in_place(init, temporary.text, path.text);
	return rc;
}

/* git gives a shared repository no pushes that lose commits, either. */
static size_t print_config(const irmin_open_options *options, char *text,
    size_t text_bytes)
{
	int sha256 = options->hash == IRMIN_HASH_SHA256;
	const char *shared = "";
	int n;

	if (options->shared == IRMIN_SHARED_GROUP)
		shared = "\tsharedRepository = 1\n"
			 "[receive]\n\tdenyNonFastForwards = true\n";
	else if (options->shared == IRMIN_SHARED_ALL)
		shared = "\tsharedRepository = 2\n"
			 "[receive]\n\tdenyNonFastForwards = true\n";
	n = snprintf(text, text_bytes,
	    "[core]\n\trepositoryformatversion = %d\n\tfilemode = true\n"
	    "\tbare = true\n%s%s",
	    sha256, shared,
	    sha256 ? "[extensions]\n\tobjectformat = sha256\n" : "");
	return n > 0 && (size_t)n < text_bytes ? (size_t)n : 0;
}

static irmin_rc make_contents(git_init *init, const irmin_open_options *options)
{
	static const char *const directories[] = { "objects", "objects/info",
		"objects/pack", "refs", "refs/heads", "refs/tags" };
	char config[512];
	size_t config_len = print_config(options, config, sizeof config);
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < sizeof directories / sizeof *directories;
	     i++)
		rc = make_directory(init, directories[i]);
	if (rc >= 0)
		rc = sync_directory(init, "objects");
	if (rc >= 0)
		rc = sync_directory(init, "refs");
	if (rc >= 0) /* a config without them would not be known as ours */
		rc = irmin__os_sync_directory(init->os, init->root, init->err);
	if (rc >= 0)
		rc = make_file(init, "config", irmin_bytes(config, config_len));
	if (rc >= 0)
		rc = irmin__os_sync_directory(init->os, init->root, init->err);
	if (rc >= 0)
		rc = make_file(init, "HEAD", irmin_text(head));
	if (rc >= 0)
		rc = irmin__os_sync_directory(init->os, init->root, init->err);
	return rc;
}

/* Makes a directory whose name is durable. Answers: OK; ALREADY. */
static irmin_rc make_durable(git_init *init, const char *path, uint32_t mode)
{
	irmin__git_path above;
	irmin_rc rc;

	rc = irmin__git_path_join(&above, path, "..", init->err);
	if (rc >= 0)
		rc = irmin__os_mkdir(init->os, path, mode, init->err);
	if (rc == IRMIN_OK)
		rc = irmin__os_sync_directory(init->os, above.text, init->err);
	return rc;
}

/* The directories above, with the usual modes, as git makes them. */
static irmin_rc make_above(git_init *init, char *path)
{
	irmin_rc rc = IRMIN_OK;
	char *slash;

	for (slash = strchr(path + 1, '/'); rc >= 0 && slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		rc = make_durable(init, path, 0777);
		*slash = '/';
	}
	return rc;
}

/* The directory itself, closed to others unless it is to be shared. */
static irmin_rc make_root(git_init *init)
{
	irmin_rc rc;

	rc = make_durable(init, init->root, 0700);
	if (rc == IRMIN_ALREADY)
		rc = irmin__git_init_check(init->os, init->root, init->err);
	if (rc < 0)
		return rc;
	rc = irmin__os_chmod_path(init->os, init->root,
	    irmin__git_shared_mode(init->shared, 0700, 1), init->err);
	/* Another user's directory that we may write to keeps its mode. */
	return rc == IRMIN_EACCES ? IRMIN_OK : rc;
}

irmin_rc irmin__git_init(irmin__os *os, const char *path,
    const irmin_open_options *options, irmin_error *err)
{
	git_init init = { os, NULL, { 0, 0 }, err };
	irmin_buf absolute = IRMIN_BUF_INIT;
	const char *shared = "umask";
	irmin_rc rc;

	if (options->shared)
		shared = options->shared == IRMIN_SHARED_ALL ? "all" : "group";
	rc = irmin__git_shared_parse(shared, &init.shared, err);
	if (rc >= 0)
		rc = irmin__os_absolute(os, path, &absolute, err);
	if (rc >= 0)
		rc = make_above(&init, (char *)absolute.data);
	init.root = (const char *)absolute.data;
	if (rc >= 0)
		rc = make_root(&init);
	if (rc >= 0)
		rc = make_contents(&init, options);
	irmin_buf_clear(&absolute);
	return rc;
}
