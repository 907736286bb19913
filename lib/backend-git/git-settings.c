/* What of the config is obeyed: the repository's own file says what it is; how
 * files are written may be said by the user's files too. As nothing in a
 * repository is ever executed, no setting names a program. */
#include "lib/backend-git/git-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"

#define PACK_LEVEL 4

const char *irmin__git_setting(const irmin__git *git, const char *key)
{
	const char *value = irmin__git_config_find(&git->local, key);

	return value ? value : irmin__git_config_find(&git->global, key);
}

/* The file that has a setting: where it is looked up. */
static const irmin__git_config *config_with(const irmin__git *git,
    const char *key)
{
	return irmin__git_config_find(&git->local, key) ? &git->local
							: &git->global;
}

/* ---- files ---- */

static irmin_rc read_file(irmin__git *git, irmin__git_config *config,
    const char *directory, const char *name, irmin_error *err)
{
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, directory, name, err);
	return rc < 0 ? rc
		      : irmin__git_config_read(config, git->os, path.text, err);
}

/* A user's file that he may not read is passed over, as git does: a service may
 * have taken over the environment of another user. */
static irmin_rc read_global(irmin__git *git, const char *directory,
    const char *name, irmin_error *err)
{
	irmin_rc rc = read_file(git, &git->global, directory, name, err);

	return rc == IRMIN_EACCES ? IRMIN_ABSENT : rc;
}

static irmin_rc read_user_files(irmin__git *git, irmin_error *err)
{
	const char *only = irmin__os_environment(git->os, "GIT_CONFIG_GLOBAL");
	const char *xdg = irmin__os_environment(git->os, "XDG_CONFIG_HOME");
	const char *home = irmin__os_environment(git->os, "HOME");
	irmin_rc rc = IRMIN_OK;

	if (only)
		return *only
		    ? irmin__git_config_read(&git->global, git->os, only, err)
		    : IRMIN_OK;
	if (xdg && *xdg)
		rc = read_global(git, xdg, "git/config", err);
	else if (home && *home)
		rc = read_global(git, home, ".config/git/config", err);
	if (rc >= 0 && home && *home)
		rc = read_global(git, home, ".gitconfig", err);
	return rc;
}

/* ---- the format ---- */

static irmin_rc unknown_extension(const irmin__git *git, const char *key,
    const char *value, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ENOTSUP, git->layout.git_dir,
	    "cannot open %s: its extension %s%s%s is not supported",
	    git->layout.git_dir, key, *value ? " = " : "", value);
}

static irmin_rc use_extension(irmin__git *git, int64_t version, const char *key,
    irmin_error *err)
{
	static const char *const harmless[] = { "noop", "noop-v1",
		"preciousobjects", "partialclone", "worktreeconfig",
		"relativeworktrees", NULL };
	const char *name = strchr(key, '.') + 1;
	const char *value = irmin__git_config_find(&git->local, key);
	const char *const *word;

	if (!strcmp(name, "objectformat")) {
		if (!strcmp(value, "sha256"))
			git->settings.hash = IRMIN_HASH_SHA256;
		else if (strcmp(value, "sha1") != 0)
			return unknown_extension(git, key, value, err);
	} else if (!strcmp(name, "refstorage")) {
		if (strcmp(value, "files") != 0)
			return unknown_extension(git, key, value, err);
	} else {
		for (word = harmless; *word; word++)
			if (!strcmp(name, *word))
				return IRMIN_OK;
		return version ? unknown_extension(git, key, "", err)
			       : IRMIN_OK;
	}
	if (version)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_ECORRUPT, git->layout.git_dir,
	    "cannot open %s: its format version is 0, but %s needs 1",
	    git->layout.git_dir, key);
}

static irmin_rc check_format(irmin__git *git, irmin_error *err)
{
	const char *key;
	size_t cursor = 0;
	int64_t version = 0;
	irmin_rc rc;

	git->settings.hash = IRMIN_HASH_SHA1;
	rc = irmin__git_config_number(&git->local,
	    "core.repositoryformatversion", &version, err);
	if (rc < 0)
		return rc;
	if (version < 0 || version > 1)
		return irmin_error_set(err, IRMIN_ENOTSUP, git->layout.git_dir,
		    "cannot open %s: its format version is %lld, more than 1",
		    git->layout.git_dir, (long long)version);
	while ((key = irmin__git_config_next(&git->local, &cursor)))
		if (!strncmp(key, "extensions.", strlen("extensions."))) {
			rc = use_extension(git, version, key, err);
			if (rc < 0)
				return rc;
		}
	return IRMIN_OK;
}

/* ---- the rest ---- */

/* Without core.bare a directory called .git is that of a work tree. */
static irmin_rc read_bare(irmin__git *git, irmin_error *err)
{
	const char *dir = git->layout.common_dir;
	size_t len = strlen(dir);
	irmin_rc rc;

	git->settings.bare = len < 5 || strcmp(dir + len - 5, "/.git") != 0;
	if (irmin__git_config_find(&git->local, "core.worktree"))
		git->settings.bare = 0;
	rc = irmin__git_config_bool(&git->local, "core.bare",
	    &git->settings.bare, err);
	return rc;
}

static irmin_rc read_log_refs(irmin__git *git, irmin_error *err)
{
	static const char key[] = "core.logallrefupdates";
	const char *value = irmin__git_setting(git, key);
	int on = !git->settings.bare;
	irmin_rc rc = IRMIN_OK;

	if (value && !strcmp(value, "always")) {
		git->settings.log_refs = IRMIN__GIT_LOG_ALWAYS;
		return IRMIN_OK;
	}
	rc = irmin__git_config_bool(config_with(git, key), key, &on, err);
	git->settings.log_refs = on ? IRMIN__GIT_LOG_NORMAL
				    : IRMIN__GIT_LOG_NONE;
	return rc;
}

/* A level of zlib; `found` is set to 1 if the setting is there. */
static irmin_rc read_level(irmin__git *git, const char *key, int *level,
    int *found, irmin_error *err)
{
	int64_t number = *level;
	irmin_rc rc;

	rc = irmin__git_config_number(config_with(git, key), key, &number, err);
	*found |= rc == IRMIN_OK;
	if (rc >= 0 && (number < -1 || number > 9))
		rc = irmin_error_set(err, IRMIN_ECORRUPT, key,
		    "cannot use the setting %s: %lld is no level of zlib", key,
		    (long long)number);
	*level = (int)number;
	return rc;
}

/* core.compression, unless core.looseCompression or pack.compression says other;
 * -1 is zlib's own default. Without any, loose objects are compressed as fast as
 * can be, for somebody waits for each; packs stay, so they take more care, up to
 * where a few percent less begin to cost a third more time. */
static irmin_rc read_compression(irmin__git *git, irmin_error *err)
{
	irmin__git_settings *settings = &git->settings;
	static const char key[] = "core.compression";
	int level = 1, found = 0, asked = 0;
	irmin_rc rc;

	rc = read_level(git, key, &level, &found, err);
	settings->compression = level;
	settings->pack_compression = found ? level : PACK_LEVEL;
	if (rc >= 0)
		rc = read_level(git, "core.loosecompression",
		    &settings->compression, &found, err);
	settings->compress_trees = found;
	if (rc >= 0)
		rc = read_level(git, "pack.compression",
		    &settings->pack_compression, &asked, err);
	return rc;
}

static irmin_rc read_symlink_refs(irmin__git *git, irmin_error *err)
{
	irmin__git_path path;
	irmin__os_stat stat;
	irmin_rc rc;

	rc = irmin__git_config_bool(&git->local, "core.prefersymlinkrefs",
	    &git->settings.symlink_refs, err);
	if (rc >= 0)
		rc = irmin__git_path_join(&path, git->layout.git_dir, "HEAD",
		    err);
	if (rc >= 0)
		rc = irmin__os_stat_path(git->os, path.text, 0, &stat, err);
	if (rc == IRMIN_OK && stat.kind == IRMIN__OS_SYMLINK)
		git->settings.symlink_refs = 1;
	return rc;
}

irmin_rc irmin__git_promisor(const irmin__git *git, irmin_slice *remote)
{
	static const char section[] = "remote.", name[] = ".promisor";
	const char *value = irmin__git_config_find(&git->local,
	    IRMIN__GIT_PARTIAL_CLONE);
	const char *key;
	size_t cursor = 0;
	int on;

	*remote = irmin_text(value);
	if (value)
		return IRMIN_OK;
	while ((key = irmin__git_config_next(&git->local, &cursor))) {
		irmin_slice text = irmin_text(key);

		on = 0;
		if (!irmin__slice_begins(text, section) ||
		    !irmin__slice_ends(text, name) ||
		    irmin__git_config_bool(&git->local, key, &on, NULL) < 0 ||
		    !on || text.len < strlen(section) + strlen(name))
			continue;
		*remote = irmin_bytes(key + strlen(section),
		    text.len - strlen(section) - strlen(name));
		return IRMIN_OK;
	}
	return IRMIN_ABSENT;
}

irmin_rc irmin__git_settings_read(irmin__git *git, irmin_error *err)
{
	const char *shared;
	int own_file = 0;
	irmin_rc rc;

	rc = read_file(git, &git->local, git->layout.common_dir, "config", err);
	if (rc >= 0)
		rc = check_format(git, err);
	if (rc >= 0)
		rc = irmin__git_config_bool(&git->local,
		    "extensions.worktreeconfig", &own_file, err);
	if (rc >= 0 && own_file)
		rc = read_file(git, &git->local, git->layout.git_dir,
		    "config.worktree", err);
	if (rc >= 0)
		rc = read_user_files(git, err);
	if (rc >= 0)
		rc = read_bare(git, err);
	if (rc >= 0)
		rc = read_log_refs(git, err);
	if (rc >= 0)
		rc = read_compression(git, err);
	if (rc >= 0)
		rc = read_symlink_refs(git, err);
	shared = irmin__git_setting(git, "core.sharedrepository");
	if (rc >= 0 && shared)
		rc = irmin__git_shared_parse(shared, &git->settings.shared,
		    err);
	return rc;
}
