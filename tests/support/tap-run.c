#include "tests/support/tap.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What tap_format() made, kept until exit. */
struct kept {
	struct kept *next;
	char *text;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kept *kept;
static char tmpdir[PATH_MAX];
static pid_t owner;

static int remove_entry(const char *path, const struct stat *st, int type,
    struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

/* A forked child that leaves by exit() must not take the directory along. */
static void remove_tmpdir(void)
{
	if (getpid() == owner)
		nftw(tmpdir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *tap_tmpdir(void)
{
	const char *base = getenv("TMPDIR");

	pthread_mutex_lock(&lock);
	if (!owner) {
		snprintf(tmpdir, sizeof(tmpdir), "%s/irmin-test-XXXXXX",
		    base && *base ? base : "/tmp");
		if (!mkdtemp(tmpdir))
			bail("cannot make %s: %s", tmpdir, strerror(errno));
		owner = getpid();
		atexit(remove_tmpdir);
	}
	pthread_mutex_unlock(&lock);
	return tmpdir;
}

static void free_kept(void)
{
	struct kept *one;

	while ((one = kept)) {
		kept = one->next;
		free(one->text);
		free(one);
	}
}

static const char *keep(char *text)
{
	struct kept *one = malloc(sizeof(*one));

	if (!one)
		bail("out of memory");
	pthread_mutex_lock(&lock);
	if (!kept)
		atexit(free_kept);
	one->text = text;
	one->next = kept;
	kept = one;
	pthread_mutex_unlock(&lock);
	return text;
}

const char *tap_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		bail("out of memory");
	va_end(args);
	return keep(text);
}

static char *read_stream(FILE *file, size_t *len)
{
	size_t room = 4096, used = 0, got;
	char *text = malloc(room);

	while (text && (got = fread(text + used, 1, room - used - 1, file))) {
		used += got;
		if (room - used == 1)
			text = realloc(text, room *= 2);
	}
	if (!text)
		bail("out of memory");
	text[used] = '\0';
	if (len)
		*len = used;
	return text;
}

char *tap_read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *text;

	if (len)
		*len = 0;
	if (!file)
		return NULL;
	text = read_stream(file, len);
	fclose(file);
	return text;
}

static void write_stream(FILE *file, const void *bytes, size_t len)
{
	if (len && fwrite(bytes, 1, len, file) != len)
		bail("cannot write a test's file: %s", strerror(errno));
	if (fflush(file) != 0)
		bail("cannot write a test's file: %s", strerror(errno));
}

void tap_write_file(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	if (!file)
		bail("cannot write %s: %s", path, strerror(errno));
	write_stream(file, bytes, len);
	fclose(file);
}

static FILE *open_scratch(void)
{
	FILE *file = tmpfile();

	if (!file)
		bail("cannot make a temporary file: %s", strerror(errno));
	return file;
}

/* What must not differ between the machines that the tests run on. */
static void set_environment(void)
{
	setenv("LC_ALL", "C", 1);
	setenv("TZ", "UTC", 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_CONFIG_COUNT", "2", 1);
	setenv("GIT_CONFIG_KEY_0", "init.defaultBranch", 1);
	setenv("GIT_CONFIG_VALUE_0", "main", 1);
	setenv("GIT_CONFIG_KEY_1", "gc.auto", 1);
	setenv("GIT_CONFIG_VALUE_1", "0", 1);
	setenv("GIT_AUTHOR_NAME", "A U Thor", 0);
	setenv("GIT_AUTHOR_EMAIL", "author@example.org", 0);
	setenv("GIT_COMMITTER_NAME", "C O Mitter", 0);
	setenv("GIT_COMMITTER_EMAIL", "committer@example.org", 0);
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	unsetenv("GIT_INDEX_FILE");
}

static _Noreturn void become(const char *dir, const char *const *argv,
    FILE *const files[3])
{
	sigset_t none;
	int fd;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	for (fd = 0; fd < 3; fd++)
		if (dup2(fileno(files[fd]), fd) < 0)
			_exit(126);
	if (dir && chdir(dir) < 0)
		_exit(126);
	set_environment();
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			bail("waitpid: %s", strerror(errno));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/*
 * The three streams are files and no pipes: nothing has to be pumped, and a
 * grandchild that stays behind cannot keep us waiting for an end of file.
 */
int tap_run_argv(struct tap_output *output, const char *dir,
    const char *const *argv, const void *input, size_t input_len)
{
	FILE *files[3];
	pid_t child;
	int code, i;

	for (i = 0; i < 3; i++)
		files[i] = open_scratch();
	write_stream(files[0], input, input_len);
	rewind(files[0]);
	fflush(stdout);
	child = fork();
	if (child < 0)
		bail("fork: %s", strerror(errno));
	if (child == 0)
		become(dir, argv, files);
	code = wait_for(child);
	if (output) {
		rewind(files[1]);
		rewind(files[2]);
		output->out = read_stream(files[1], &output->out_len);
		output->err = read_stream(files[2], &output->err_len);
	}
	for (i = 0; i < 3; i++)
		fclose(files[i]);
	return code;
}

int tap_run(struct tap_output *output, const char *format, ...)
{
	const char *argv[] = { "/bin/sh", "-c", NULL, NULL };
	va_list args;
	char *command;
	int code;

	va_start(args, format);
	if (vasprintf(&command, format, args) < 0)
		bail("out of memory");
	va_end(args);
	argv[2] = command;
	code = tap_run_argv(output, NULL, argv, NULL, 0);
	free(command);
	return code;
}

void tap_output_clear(struct tap_output *output)
{
	free(output->out);
	free(output->err);
	memset(output, 0, sizeof(*output));
}
