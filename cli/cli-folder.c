/* cli/cli-folder.c: see cli-folder.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli-folder.h"
#include "cli/cli-message.h"

#define BLOCK 65536

static const char *path_of(const struct cli_folder *folder)
{
	return (const char *)folder->path.data;
}

static irmin_rc fail(struct cli *cli, const struct cli_folder *folder,
    const char *doing)
{
	return cli_system_error(cli, errno, doing, path_of(folder));
}

static void skip(struct cli *cli, struct cli_folder *folder, const char *why)
{
	folder->skipped++;
	cli_note(cli, "import: %s is left out: %s", path_of(folder), why);
}

/* Reads to the end, wherever that is by then. */
static irmin_rc read_file(struct cli *cli, struct cli_folder *folder, int fd)
{
	irmin_buf *value = &folder->value;
	irmin_rc rc;

	value->len = 0;
	for (;;) {
		ssize_t n;

		rc = irmin_buf_reserve(value, BLOCK, &cli->err);
		if (rc < 0)
			return rc;
		n = read(fd, value->data + value->len, BLOCK);
		if (n == 0)
			return IRMIN_OK;
		if (n > 0)
			value->len += (size_t)n;
		else if (errno != EINTR)
			return fail(cli, folder, "import");
	}
}

static irmin_rc take_file(struct cli *cli, struct cli_folder *folder, int at,
    const char *name)
{
	int fd = openat(at, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	irmin_mode mode = IRMIN_MODE_FILE;
	struct stat st;
	irmin_rc rc;

	if (fd < 0)
		return fail(cli, folder, "import");
	if (fstat(fd, &st) == 0 && st.st_mode & S_IXUSR)
		mode = IRMIN_MODE_EXECUTABLE;
	rc = read_file(cli, folder, fd);
	close(fd);
	if (rc < 0)
		return rc;
	folder->files++;
	return folder->fn(folder->arg, path_of(folder), mode,
	    irmin_buf_slice(&folder->value));
}

static irmin_rc take_symlink(struct cli *cli, struct cli_folder *folder, int at,
    const char *name)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(at, name, target, sizeof(target));

	if (len < 0)
		return fail(cli, folder, "import");
	folder->symlinks++;
	return folder->fn(folder->arg, path_of(folder), IRMIN_MODE_SYMLINK,
	    irmin_bytes(target, (size_t)len));
}

static irmin_rc read_directory(struct cli *cli, struct cli_folder *folder,
    int fd);

static irmin_rc take_directory(struct cli *cli, struct cli_folder *folder,
    int at, const char *name, const struct stat *st)
{
	int fd;

	if (st->st_dev == folder->own_device &&
	    st->st_ino == folder->own_inode) {
		skip(cli, folder, "it is the repository itself");
		return IRMIN_OK;
	}
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail(cli, folder, "import");
	return read_directory(cli, folder, fd);
}

static irmin_rc take_entry(struct cli *cli, struct cli_folder *folder, int at,
    const char *name)
{
	struct stat st;

	if (strcmp(name, ".git") == 0) {
		skip(cli, folder, "it is git's");
		return IRMIN_OK;
	}
	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(cli, folder, "import");
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return take_file(cli, folder, at, name);
	case S_IFLNK:
		return take_symlink(cli, folder, at, name);
	case S_IFDIR:
		return take_directory(cli, folder, at, name, &st);
	default:
		skip(cli, folder, "it is no file, folder or symlink");
		return IRMIN_OK;
	}
}

/* Reads what is in `fd`, which is closed in the end. */
static irmin_rc read_directory(struct cli *cli, struct cli_folder *folder,
    int fd)
{
	size_t len = folder->path.len;
	DIR *stream = fdopendir(fd);
	irmin_rc rc = IRMIN_OK;
	struct dirent *entry;

	if (!stream) {
		rc = fail(cli, folder, "import");
		close(fd);
		return rc;
	}
	errno = 0;
	while (rc >= 0 && (entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (len > 0)
			cli_buf_add_text(&folder->path, "/");
		cli_buf_add_text(&folder->path, entry->d_name);
		rc = take_entry(cli, folder, dirfd(stream), entry->d_name);
		folder->path.len = len;
		folder->path.data[len] = '\0';
		errno = 0;
	}
	if (rc >= 0 && errno)
		rc = fail(cli, folder, "import");
	closedir(stream);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc cli_folder_read(struct cli *cli, struct cli_folder *folder,
    const char *dir, cli_folder_fn fn, void *arg)
{
	const char *own = irmin_repo_location(cli->repo);
	struct stat st;
	irmin_rc rc;
	int fd;

	memset(folder, 0, sizeof(*folder));
	folder->fn = fn;
	folder->arg = arg;
	if (*own && stat(own, &st) == 0) {
		folder->own_device = st.st_dev;
		folder->own_inode = st.st_ino;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return cli_system_error(cli, errno, "import", dir);
	cli_buf_add_text(&folder->path, "");
	rc = read_directory(cli, folder, fd);
	irmin_buf_clear(&folder->path);
	irmin_buf_clear(&folder->value);
	return rc;
}
