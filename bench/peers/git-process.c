#include "bench/peers/git-process.h"

#include "bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS  24
#define PIPE_BYTES (1 << 20)

extern char **environ;

static void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		bench_fail("pipe", strerror(errno));
}

static void spawn(pid_t *pid, const char **argv, int in, int out)
{
	posix_spawn_file_actions_t actions;
	int code;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	code = posix_spawnp(pid, "git", &actions, NULL, (char **)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (code != 0)
		bench_fail("start git", strerror(code));
}

static void use_no_configuration(void)
{
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("LC_ALL", "C", 1);
	signal(SIGPIPE, SIG_IGN);
}

void git_start(struct git_process *git, const char *dir,
    const char *const *arguments)
{
	const char *argv[ARGUMENTS] = { "git" };
	char git_dir[4096];
	int to[2], from[2];
	size_t count = 2;

	use_no_configuration();
	snprintf(git_dir, sizeof(git_dir), "--git-dir=%s", dir);
	argv[1] = git_dir;
	while (*arguments && count + 1 < ARGUMENTS)
		argv[count++] = *arguments++;
	make_pipe(to);
	make_pipe(from);
	spawn(&git->pid, argv, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	fcntl(from[0], F_SETPIPE_SZ, PIPE_BYTES);
	git->to = fdopen(to[1], "w");
	git->from = fdopen(from[0], "r");
	if (!git->to || !git->from)
		bench_fail("start git", "out of memory");
}

void git_close_input(struct git_process *git)
{
	if (git->to && fclose(git->to) != 0)
		bench_fail("write to git", strerror(errno));
	git->to = NULL;
}

void git_end(struct git_process *git)
{
	char rest[4096];
	int status;

	if (!git->pid)
		return;
	git_close_input(git);
	while (fread(rest, 1, sizeof(rest), git->from) > 0)
		;
	fclose(git->from);
	if (waitpid(git->pid, &status, 0) != git->pid || status != 0)
		bench_fail("git", "it failed");
	memset(git, 0, sizeof(*git));
}

void git_line(struct git_process *git, char *line, int size)
{
	if (fflush(git->to) != 0 || !fgets(line, size, git->from))
		bench_fail("git", "it said nothing");
	line[strcspn(line, "\n")] = '\0';
}

void git_run(const char *dir, const char *const *arguments, char *line,
    int size)
{
	struct git_process git = { 0, NULL, NULL };

	git_start(&git, dir, arguments);
	if (line)
		git_line(&git, line, size);
	git_end(&git);
}
