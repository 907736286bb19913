/* cli/cli-place.c: see cli-place.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli-message.h"
#include "cli/cli-place.h"

#define OPEN_DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static irmin_rc fail(struct cli *cli, const char *path)
{
	return cli_system_error(cli, errno, "export", path);
}

static irmin_rc in_the_way(struct cli *cli, const char *path, const char *what)
{
	return irmin_error_set(&cli->err, IRMIN_EEXIST, path, "export %s: %s",
	    path, what);
}

static void push(struct cli_place *place, int fd)
{
	if (place->depth == place->room) {
		place->room = place->room ? 2 * place->room : 16;
		place->fds = cli_realloc(place->fds,
		    place->room * sizeof(*place->fds));
	}
	place->fds[place->depth++] = fd;
}

static int here(const struct cli_place *place)
{
	return place->fds[place->depth - 1];
}

irmin_rc cli_place_open(struct cli *cli, struct cli_place *place,
    const char *dir, bool make)
{
	int fd;

	if (make && mkdir(dir, 0777) < 0 && errno != EEXIST)
		return fail(cli, dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? IRMIN_ABSENT : fail(cli, dir);
	place->dir = dir;
	cli_buf_add_text(&place->path, "");
	push(place, fd);
	return IRMIN_OK;
}

void cli_place_close(struct cli_place *place)
{
	while (place->depth > 0)
		close(place->fds[--place->depth]);
	free(place->fds);
	place->fds = NULL;
	place->room = 0;
	irmin_buf_clear(&place->path);
}

/* Goes up until what we are in is `directory` or holds it. */
static void leave(struct cli_place *place, irmin_slice directory)
{
	irmin_buf *path = &place->path;

	while (path->len > 0 &&
	    (path->len > directory.len ||
		memcmp(path->data, directory.data, path->len) != 0 ||
		(path->len < directory.len &&
		    ((const char *)directory.data)[path->len] != '/'))) {
		while (path->len > 0 && path->data[path->len - 1] != '/')
			path->len--;
		path->len -= path->len > 0;
		path->data[path->len] = '\0';
		close(place->fds[--place->depth]);
	}
}

/* Opens the step `name` below where we are, making it if it is to be. */
static int open_step(struct cli_place *place, const char *name, bool make)
{
	int fd = openat(here(place), name, OPEN_DIRECTORY);

	if (fd >= 0 || !make)
		return fd;
	if ((errno == ENOTDIR || errno == ELOOP) && place->force &&
	    unlinkat(here(place), name, 0) < 0)
		return -1;
	if (mkdirat(here(place), name, 0777) < 0 && errno != EEXIST)
		return -1;
	return openat(here(place), name, OPEN_DIRECTORY);
}

static irmin_rc enter_step(struct cli *cli, struct cli_place *place,
    irmin_slice step, bool make)
{
	char name[NAME_MAX + 1];
	int fd, failed;

	if (step.len > NAME_MAX) {
		errno = ENAMETOOLONG;
		return fail(cli, (const char *)place->path.data);
	}
	memcpy(name, step.data, step.len);
	name[step.len] = '\0';
	fd = open_step(place, name, make);
	failed = errno;
	if (place->path.len > 0)
		cli_buf_add_text(&place->path, "/");
	cli_buf_add_text(&place->path, name);
	if (fd >= 0) {
		push(place, fd);
		return IRMIN_OK;
	}
	if (failed == ENOENT && !make)
		return IRMIN_ABSENT;
	if (failed != ENOTDIR && failed != ELOOP)
		return cli_system_error(cli, failed, "export",
		    (const char *)place->path.data);
	if (place->force && !make)
		return IRMIN_ABSENT;
	return in_the_way(cli, (const char *)place->path.data,
	    "what is there is no directory, and a symlink is not followed; "
	    "--force replaces it");
}

/* Goes to `directory`. Answers: OK; ABSENT (without `make`). */
static irmin_rc enter(struct cli *cli, struct cli_place *place,
    irmin_slice directory, bool make)
{
	irmin_rc rc = IRMIN_OK;

	leave(place, directory);
	while (rc == IRMIN_OK && place->path.len < directory.len) {
		size_t from = place->path.len + (place->path.len > 0);
		const char *step = (const char *)directory.data + from;
		const char *end = memchr(step, '/', directory.len - from);
		size_t path_len = place->path.len;

		rc = enter_step(cli, place,
		    irmin_bytes(step,
			end ? (size_t)(end - step) : directory.len - from),
		    make);
		/* `path` must tell what is open. */
		if (rc != IRMIN_OK) {
			place->path.len = path_len;
			place->path.data[path_len] = '\0';
		}
	}
	return rc;
}

/* Parts a path into its directory and its last step, which is copied. */
static irmin_slice split(irmin_slice path, char **name)
{
	const char *text = path.data;
	size_t len = path.len;

	while (len > 0 && text[len - 1] != '/')
		len--;
	*name = cli_text_copy(text + len, path.len - len);
	return irmin_bytes(text, len > 0 ? len - 1 : 0);
}

static irmin_rc check_name(struct cli *cli, struct cli_place *place,
    const char *name, const char *path)
{
	struct stat st;

	if (fstatat(here(place), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? IRMIN_OK : fail(cli, path);
	if (S_ISDIR(st.st_mode))
		return in_the_way(cli, path, "a directory is in the way");
	if (place->force)
		return IRMIN_OK;
	return in_the_way(cli, path,
	    "it is there already; --force replaces it");
}

irmin_rc cli_place_check(struct cli *cli, struct cli_place *place,
    irmin_slice path)
{
	char *whole = cli_text_copy(path.data, path.len);
	char *name;
	irmin_rc rc;

	rc = enter(cli, place, split(path, &name), false);
	if (rc == IRMIN_OK)
		rc = check_name(cli, place, name, whole);
	free(name);
	free(whole);
	return rc < 0 ? rc : IRMIN_OK;
}

static bool write_all(int fd, irmin_slice value)
{
	const char *data = value.data;
	size_t len = value.len;

	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/* A file that could not be written whole is taken away again. */
static bool put_file(struct cli_place *place, const char *name, irmin_mode mode,
    irmin_slice value)
{
	int failed = 0;
	int fd = openat(here(place), name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    mode == IRMIN_MODE_EXECUTABLE ? 0777 : 0666);

	if (fd < 0)
		return false;
	if (!write_all(fd, value))
		failed = errno;
	if (close(fd) < 0 && !failed)
		failed = errno;
	if (failed)
		unlinkat(here(place), name, 0);
	errno = failed;
	return !failed;
}

static bool put_symlink(struct cli_place *place, const char *name,
    irmin_slice value)
{
	char *target;
	int rc;

	if (value.len > 0 && memchr(value.data, '\0', value.len)) {
		errno = EINVAL;
		return false;
	}
	target = cli_text_copy(value.data, value.len);
	rc = symlinkat(target, here(place), name);
	free(target);
	return rc == 0;
}

static bool put_directory(struct cli_place *place, const char *name)
{
	return mkdirat(here(place), name, 0777) == 0 || errno == EEXIST;
}

static bool put(struct cli_place *place, const char *name, irmin_mode mode,
    irmin_slice value)
{
	if (mode == IRMIN_MODE_GITLINK)
		return put_directory(place, name);
	if (place->force && unlinkat(here(place), name, 0) < 0 &&
	    errno != ENOENT)
		return false;
	if (mode == IRMIN_MODE_SYMLINK)
		return put_symlink(place, name, value);
	return put_file(place, name, mode, value);
}

irmin_rc cli_place_put(struct cli *cli, struct cli_place *place,
    irmin_slice path, irmin_mode mode, irmin_slice value)
{
	char *whole = cli_text_copy(path.data, path.len);
	char *name;
	irmin_rc rc;

	rc = enter(cli, place, split(path, &name), true);
	if (rc == IRMIN_OK && !put(place, name, mode, value))
		rc = fail(cli, whole);
	free(name);
	free(whole);
	return rc;
}
