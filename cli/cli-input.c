/* cli/cli-input.c: see cli-input.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli-input.h"
#include "cli/cli-message.h"

/* More is large. */
#define WHOLE_MAX ((size_t)8 << 20)

static char block[65536];

static ssize_t read_some(int fd, void *bytes, size_t len)
{
	ssize_t n;

	do
		n = read(fd, bytes, len);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Up to the size at which it is large. */
static irmin_rc read_beginning(struct cli *cli, struct cli_input *input)
{
	ssize_t n = 1;

	cli_buf_add_text(&input->whole, "");
	while (n > 0 && input->whole.len <= WHOLE_MAX) {
		n = read_some(input->fd, block, sizeof(block));
		if (n < 0)
			return cli_system_error(cli, errno, "read",
			    input->name);
		cli_buf_add(&input->whole, irmin_bytes(block, (size_t)n));
	}
	input->large = n > 0;
	return IRMIN_OK;
}

static bool write_all(int fd, const void *data, size_t len)
{
	const char *bytes = data;

	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return false;
		bytes += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* A file that is gone when we are. */
static int open_nameless(irmin_buf *path)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	cli_buf_add_text(path, dir && *dir ? dir : "/tmp");
	cli_buf_add_text(path, "/irmin-XXXXXX");
	fd = mkostemp((char *)path->data, O_CLOEXEC);
	if (fd >= 0)
		unlink((const char *)path->data);
	return fd;
}

static irmin_rc spool_into(struct cli *cli, struct cli_input *input, int fd,
    const char *path)
{
	irmin_slice beginning = irmin_buf_slice(&input->whole);
	ssize_t n = 1;

	input->bytes = beginning.len;
	if (!write_all(fd, beginning.data, beginning.len))
		return cli_system_error(cli, errno, "write", path);
	while (n > 0) {
		n = read_some(input->fd, block, sizeof(block));
		if (n < 0)
			return cli_system_error(cli, errno, "read",
			    input->name);
		if (!write_all(fd, block, (size_t)n))
			return cli_system_error(cli, errno, "write", path);
		input->bytes += (uint64_t)n;
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		return cli_system_error(cli, errno, "read", path);
	return IRMIN_OK;
}

/* From a pipe: how much it is, is known when all of it has come. */
static irmin_rc spool(struct cli *cli, struct cli_input *input)
{
	irmin_buf path = IRMIN_BUF_INIT;
	int fd = open_nameless(&path);
	irmin_rc rc;

	if (fd < 0)
		rc = cli_system_error(cli, errno, "make",
		    (const char *)path.data);
	else
		rc = spool_into(cli, input, fd, (const char *)path.data);
	irmin_buf_clear(&path);
	if (input->fd != STDIN_FILENO)
		close(input->fd);
	input->fd = fd;
	return rc;
}

/* From where we began to where the file ends; it is read again. */
static irmin_rc rewind_file(struct cli *cli, struct cli_input *input,
    const struct stat *st)
{
	off_t begin = lseek(input->fd, -(off_t)input->whole.len, SEEK_CUR);

	if (begin < 0)
		return cli_system_error(cli, errno, "read", input->name);
	input->bytes = (uint64_t)(st->st_size - begin);
	return IRMIN_OK;
}

irmin_rc cli_input_open(struct cli *cli, const char *file,
    struct cli_input *input)
{
	struct stat st;
	irmin_rc rc;

	memset(input, 0, sizeof(*input));
	input->name = file ? file : "standard input";
	input->fd = file ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (input->fd < 0)
		return cli_system_error(cli, errno, "open", file);
	rc = read_beginning(cli, input);
	if (rc < 0 || !input->large)
		return rc;
	if (fstat(input->fd, &st) == 0 && S_ISREG(st.st_mode))
		rc = rewind_file(cli, input, &st);
	else
		rc = spool(cli, input);
	irmin_buf_clear(&input->whole);
	return rc;
}

void cli_input_close(struct cli_input *input)
{
	if (input->fd > STDERR_FILENO)
		close(input->fd);
	irmin_buf_clear(&input->whole);
}

int cli_input_read(void *arg, void *bytes, size_t len, size_t *got)
{
	struct cli_input *input = arg;
	unsigned char *at = bytes;

	*got = 0;
	while (*got < len) {
		ssize_t n = read_some(input->fd, at + *got, len - *got);

		if (n == 0)
			break;
		if (n < 0) {
			input->error = errno;
			return IRMIN_EIO;
		}
		*got += (size_t)n;
	}
	return IRMIN_OK;
}
