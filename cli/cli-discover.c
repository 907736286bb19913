/* cli/cli-discover.c: finding the enclosing repository as git does. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli-message.h"
#include "cli/cli-open.h"

static bool join(char path[PATH_MAX], const char *dir, const char *name)
{
	int len = snprintf(path, PATH_MAX, "%s/%s", dir, name);

	return len > 0 && len < PATH_MAX;
}

static mode_t type_of(const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	if (!join(path, dir, name) || stat(path, &st) < 0)
		return 0;
	return st.st_mode & S_IFMT;
}

/* A git directory, or that of a linked work tree, whose objects and refs are
 * where `commondir` says. */
static bool is_git_directory(const char *dir)
{
	if (type_of(dir, "HEAD") != S_IFREG)
		return false;
	return type_of(dir, "commondir") == S_IFREG ||
	    (type_of(dir, "objects") == S_IFDIR &&
		type_of(dir, "refs") == S_IFDIR);
}

static bool holds_repository(const char *dir)
{
	char path[PATH_MAX];
	mode_t type = type_of(dir, ".git");
	int len = snprintf(path, sizeof(path), "%s/.git", dir);

	if (type == S_IFREG)
		return true; /* it names the git directory */
	if (type == S_IFDIR && len > 0 && (size_t)len < sizeof(path) &&
	    is_git_directory(path))
		return true;
	return is_git_directory(dir);
}

/* $GIT_CEILING_DIRECTORIES lists directories that the search does not enter. */
static bool is_ceiling(const char *dir)
{
	const char *list = getenv("GIT_CEILING_DIRECTORIES");
	size_t len = strlen(dir);

	while (list && *list) {
		size_t n = strcspn(list, ":");
		size_t bare = n;

		while (bare > 1 && list[bare - 1] == '/')
			bare--;
		if (bare == len && memcmp(list, dir, len) == 0)
			return true;
		list += n + (list[n] == ':');
	}
	return false;
}

/* Cuts `dir` to its parent; false where the search ends: at the root, at a
 * ceiling, at another file system. */
static bool climb(char *dir)
{
	char *slash = strrchr(dir, '/');
	struct stat here, above;

	if (dir[1] == '\0' || stat(dir, &here) < 0)
		return false;
	slash[slash == dir] = '\0';
	return !is_ceiling(dir) && stat(dir, &above) == 0 &&
	    (here.st_dev == above.st_dev ||
		getenv("GIT_DISCOVERY_ACROSS_FILESYSTEM"));
}

irmin_rc cli_discover(struct cli *cli, irmin_buf *dir)
{
	const char *git_dir = getenv("GIT_DIR");
	char cwd[PATH_MAX];
	char start[PATH_MAX];

	if (git_dir && *git_dir) {
		cli_buf_add_text(dir, git_dir);
		return IRMIN_OK;
	}
	if (!getcwd(cwd, sizeof(cwd)))
		return cli_system_error(cli, errno, "find a repository from",
		    "the working directory");
	memcpy(start, cwd, sizeof(start));
	do {
		if (holds_repository(cwd)) {
			cli_buf_add_text(dir, cwd);
			return IRMIN_OK;
		}
	} while (climb(cwd));
	return irmin_error_set(&cli->err, IRMIN_EMISSING, start,
	    "find a repository from %s: neither it nor a parent is one; "
	    "name one with -C or IRMIN_URI, or make one: irmin init PATH",
	    start);
}
