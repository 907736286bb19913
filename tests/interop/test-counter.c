/*
 * Four processes of four threads each count one path up by test_and_set, while
 * `git pack-refs --all` runs in a loop: no increment is lost, none is made
 * twice, and the history has exactly one commit for each.
 *
 * IRMIN_COUNTER_STEPS: increments of each thread; 1,000, and fewer under a
 * sanitizer.
 */
#include "tests/interop/with-git.h"

#include "tests/support/sanitized.h"
#include "tests/support/tap.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES     4
#define THREADS       4
#define DEFAULT_STEPS (SANITIZED ? 50 : 1000)

struct counter {
	pthread_t thread;
	irmin_store *store;
	long steps;
	long races; /* answers of ESTALE */
	irmin_rc rc;
	irmin_error err;
};

static long steps_each(void)
{
	const char *steps = getenv("IRMIN_COUNTER_STEPS");

	return steps ? atol(steps) : DEFAULT_STEPS;
}

/* One try: `was` is what the caller believes, and then what is true. */
static irmin_rc try_increment(struct counter *self, irmin_buf *was)
{
	char digits[24], next[24];
	irmin_info info = irmin_info_of("Counter <c@example.org>", next);
	irmin_slice expected, value;
	irmin_rc rc;

	snprintf(digits, sizeof(digits), "%s", (const char *)was->data);
	snprintf(next, sizeof(next), "%ld", atol(digits) + 1);
	expected = irmin_text(digits);
	value = irmin_text(next);
	rc = irmin_store_test_and_set(self->store, "counter", &expected, &value,
	    &info, was, &self->err);
	if (rc == IRMIN_OK)
		rc = irmin_buf_set(was, value, &self->err);
	return rc;
}

static void *count_up(void *arg)
{
	struct counter *self = arg;
	irmin_buf was = IRMIN_BUF_INIT;
	long done = 0;
	irmin_rc rc;

	rc = irmin_store_find(self->store, "counter", &was, &self->err);
	while (rc >= 0 && done < self->steps) {
		rc = try_increment(self, &was);
		if (rc == IRMIN_OK) {
			done++;
		} else if (rc == IRMIN_ESTALE) {
			self->races++;
			rc = irmin_store_find(self->store, "counter", &was,
			    &self->err);
		}
	}
	irmin_buf_clear(&was);
	self->rc = rc;
	return NULL;
}

/* The threads share one store. Answers the exit code of the process. */
static int run_process(const char *dir, long steps)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	struct counter counters[THREADS];
	irmin_store *store;
	irmin_error err;
	int i, code = 0;

	options.wait.timeout_ms = UINT32_MAX;
	if (irmin_open(tap_format("git:%s", dir), &options, &store, &err) < 0) {
		fprintf(stderr, "open: %s\n", err.text);
		return 1;
	}
	memset(counters, 0, sizeof(counters));
	for (i = 0; i < THREADS; i++) {
		counters[i].store = store;
		counters[i].steps = steps;
		if (pthread_create(&counters[i].thread, NULL, count_up,
			&counters[i]) != 0)
			return 1;
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(counters[i].thread, NULL);
		if (counters[i].rc < 0) {
			fprintf(stderr, "%s: %s\n",
			    irmin_rc_name(counters[i].rc),
			    counters[i].err.text);
			code = 1;
		}
	}
	irmin_store_close(store);
	return code;
}

/* Until the file `stop` is there. */
static pid_t start_packing(const char *dir)
{
	pid_t child = fork();

	if (child == 0)
		_exit(tap_run(NULL,
			  "while ! [ -e %s.stop ]; do "
			  "git --git-dir %s pack-refs --all; sleep 0.02; done",
			  dir, dir) != 0);
	return child;
}

static void stop_packing(const char *dir, pid_t child)
{
	int status;

	tap_write_file(tap_format("%s.stop", dir), "", 0);
	waitpid(child, &status, 0);
}

static void begin_counter(const char *dir)
{
	irmin_info info = irmin_info_of("Counter <c@example.org>", "0");
	irmin_store *store;
	irmin_error err;

	if (irmin_open(tap_format("git:%s?create=1", dir), NULL, &store, &err) <
		0 ||
	    irmin_store_set(store, "counter", irmin_text("0"), &info, &err) < 0)
		bail("%s", err.text);
	irmin_store_close(store);
}

static void run_processes(const char *dir, long steps)
{
	pid_t children[PROCESSES];
	int i, status;

	fflush(stdout);
	for (i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(run_process(dir, steps));
	}
	for (i = 0; i < PROCESSES; i++) {
		waitpid(children[i], &status, 0);
		is_int(status, 0, "process %d counted without failure", i);
	}
}

/* The messages are the values: newest first, each once, none left out. */
static void check_history(const char *dir, long total)
{
	const char *rest = git_says(dir, "log --format=%%s main");
	long n, seen;
	char *end;

	for (n = total; n >= 0; n--) {
		seen = strtol(rest, &end, 10);
		if (end == rest || seen != n)
			break;
		rest = end;
	}
	is_int(n, -1, "the history is %ld, ..., 1, 0", total);
}

int main(void)
{
	const char *dir = git_path("counter.git");
	long steps = steps_each(), total = steps * PROCESSES * THREADS;
	time_t start = time(NULL);
	pid_t packing;

	begin_counter(dir);
	packing = start_packing(dir);
	run_processes(dir, steps);
	stop_packing(dir, packing);
	diag("%ld increments in %ld s", total, (long)(time(NULL) - start));
	is_str(git_says(dir, "show main:counter"), tap_format("%ld", total),
	    "no increment is lost");
	is_str(git_says(dir, "rev-list --count main"),
	    tap_format("%ld", total + 1), "one commit each");
	check_history(dir, total);
	git_fsck_is_clean(dir);
	return done_testing();
}
