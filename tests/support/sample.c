/* A test program that goes wrong in the way asked for; see test-harness.py. */
#include "tests/support/tap.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const irmin_error stale = { IRMIN_ESTALE, 0, 0, "refs/heads/a",
	"moved" };
static const irmin_error none = { 0, 0, 0, "", "" };

static void pass(void)
{
	struct tap_output said;
	sigset_t mask;

	ok(1, "ok");
	is_int(-1, -1, "is_int");
	is_str(NULL, NULL, "is_str of nothing");
	is_mem("a\0b", 3, "a\0b", 3, "is_mem");
	is_mem(NULL, 0, "", 0, "is_mem of nothing");
	is_rc(IRMIN_ESTALE, IRMIN_ESTALE, "is_rc");
	succeeds(IRMIN_ABSENT, &none, "succeeds");
	fails(IRMIN_ESTALE, IRMIN_ESTALE, &stale, "fails");
	diag("two\nlines");

	sigfillset(&mask);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	is_int(tap_run(&said, "echo out; echo err >&2; kill -PIPE $$"),
	    128 + SIGPIPE, "a command has the signals of a fresh process");
	is_str(said.out, "out\n", "its output");
	is_str(said.err, "err\n", "its errors");
	tap_output_clear(&said);
	is_int(tap_run(NULL, "exit %d", 3), 3, "its exit code");
}

static void files(void)
{
	const char *const cat[] = { "cat", "-", "here", NULL };
	const char *name = tap_format("%s/here", tap_tmpdir());
	struct tap_output said;
	size_t len;
	char *text;

	tap_write_file(name, "a\0b", 3);
	text = tap_read_file(name, &len);
	is_mem(text, len, "a\0b", 3, "a file is read as it was written");
	free(text);
	ok(!tap_read_file("/nowhere/at/all", NULL), "no file is NULL");
	is_int(tap_run_argv(&said, tap_tmpdir(), cat, "in\n", 3), 0,
	    "argv is run in a directory, with an input");
	is_mem(said.out, said.out_len, "in\na\0b", 6, "and sees both");
	tap_output_clear(&said);
	if (fork() == 0)
		exit(0);
	wait(NULL);
	is_int(access(name, F_OK), 0, "a child's exit takes no files along");
	printf("# scratch: %s\n", tap_tmpdir());
}

static void fail(void)
{
	ok(1 == 2, "ok");
	is_int(1, 2, "is_int");
	is_str("a\n", NULL, "is_str");
	is_mem("abc", 3, "abd", 3, "is_mem");
	is_mem("ab", 2, "abc", 3, "is_mem of a prefix");
	is_rc(IRMIN_EIO, IRMIN_OK, "is_rc");
	succeeds(IRMIN_ESTALE, &stale, "succeeds");
	fails(IRMIN_OK, IRMIN_ESTALE, &stale, "fails: it did not");
	fails(IRMIN_ESTALE, IRMIN_ESTALE, &none, "fails: err is not filled");
}

static void *check_often(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 1000; i++)
		ok(1, "from a thread");
	return NULL;
}

static void threads(void)
{
	pthread_t thread[4];
	int i;

	for (i = 0; i < 4; i++)
		if (pthread_create(&thread[i], NULL, check_often, NULL) != 0)
			bail("no thread");
	for (i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	if (strcmp(mode, "pass") == 0)
		pass();
	else if (strcmp(mode, "files") == 0)
		files();
	else if (strcmp(mode, "fail") == 0)
		fail();
	else if (strcmp(mode, "threads") == 0)
		threads();
	else if (strcmp(mode, "skip") == 0)
		skip("one: %s", "reason");
	else if (strcmp(mode, "skip-all") == 0)
		skip_all("all: %s", "reason");
	else if (strcmp(mode, "bail") == 0)
		bail("broken: %s", "reason");
	else
		ok(1, "one check before the end");
	if (strcmp(mode, "crash") == 0)
		abort();
	if (strcmp(mode, "no-plan") == 0)
		return 0;
	return strcmp(mode, "bad-exit") == 0 ? done_testing() + 3
					     : done_testing();
}
