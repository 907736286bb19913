/*
 * git-process.h - stock git as a process at the other end of two pipes
 *
 * With the configuration of nobody: only what the arguments say. A git that
 * fails ends the program. What it says waits for us in a pipe of 1 MiB.
 */
#ifndef BENCH_GIT_PROCESS_H
#define BENCH_GIT_PROCESS_H

#include <stdio.h>
#include <sys/types.h>

struct git_process {
	pid_t pid;
	FILE *to, *from;
};

/* Starts `git --git-dir=DIR ARGUMENTS...`; the last is NULL. */
void git_start(struct git_process *git, const char *dir,
    const char *const *arguments);

/* It gets no more input; what it says can still be read. */
void git_close_input(struct git_process *git);

/* Closes its input, drops the rest of what it says and waits for it; one that
 * was never started is accepted. */
void git_end(struct git_process *git);

/* The next line that it says, without the newline. */
void git_line(struct git_process *git, char *line, int size);

/* Runs it to its end; `line`, which may be NULL, gets its first line. */
void git_run(const char *dir, const char *const *arguments, char *line,
    int size);

#endif
