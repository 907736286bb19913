#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/core/base/os.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/base/os-suite.h"

static const char *root;

static const char *below(const char *name)
{
	return tap_format("%s/%s", root, name);
}

static void test_symlinks(irmin__os *os)
{
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__os_stat stat;
	irmin_error err;

	tap_write_file(below("real"), "12345", 5);
	if (symlink("real", below("link")) < 0 ||
	    symlink("nowhere", below("dangling")) < 0 ||
	    symlink("loop", below("loop")) < 0)
		bail("cannot make symlinks");
	is_rc(irmin__os_stat_path(os, below("link"), 1, &stat, &err), IRMIN_OK,
	    "follow a symlink");
	is_int(stat.bytes, 5, "to its file");
	irmin__os_stat_path(os, below("link"), 0, &stat, &err);
	is_int(stat.kind, IRMIN__OS_SYMLINK, "or tell of it");
	is_rc(irmin__os_stat_path(os, below("dangling"), 1, &stat, &err),
	    IRMIN_ABSENT, "a dangling one leads to nothing");
	is_rc(irmin__os_stat_path(os, below("loop"), 1, &stat, &err), IRMIN_EIO,
	    "one that leads to itself is an error");
	is_rc(irmin__os_readlink(os, below("link"), &out, &err), IRMIN_OK,
	    "readlink");
	is_str((char *)out.data, "real", "its target");
	irmin__os_absolute(os, below("link"), &out, &err);
	is_str((char *)out.data, below("real"), "absolute resolves it");
	irmin__os_absolute(os, below("dangling/x"), &out, &err);
	is_str((char *)out.data, below("dangling/x"),
	    "and keeps the name of a dangling one");
	is_rc(irmin__os_absolute(os, below("loop"), &out, &err), IRMIN_EIO,
	    "absolute of a loop");
	irmin_buf_clear(&out);
}

static void test_long_symlink(irmin__os *os)
{
	irmin_buf out = IRMIN_BUF_INIT;
	char target[3000];
	irmin_error err;

	memset(target, 't', sizeof target);
	target[sizeof target - 1] = '\0';
	if (symlink(target, below("long")) < 0) {
		skip("no symlinks of %zu bytes here", sizeof target);
		return;
	}
	irmin__os_readlink(os, below("long"), &out, &err);
	is_mem(out.data, out.len, target, sizeof target - 1, "a long target");
	irmin_buf_clear(&out);
}

static void test_relative(irmin__os *os)
{
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_error err;

	if (chdir(root) < 0)
		bail("cannot enter %s", root);
	irmin__os_absolute(os, "real", &out, &err);
	is_str((char *)out.data, below("real"), "relative to where we are");
	irmin__os_absolute(os, "", &out, &err);
	is_str((char *)out.data, root, "which is the empty path");
	irmin__os_absolute(os, "a/../b", &out, &err);
	is_str((char *)out.data, below("b"), "what is not there by name");
	irmin_buf_clear(&out);
}

/* A pipe in the place of a file must not make us wait for its other end. */
static void test_pipe(irmin__os *os)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_error err;

	if (mkfifo(below("pipe"), 0600) < 0)
		bail("cannot make a pipe");
	is_rc(irmin__os_read_file(os, below("pipe"), 100, &bytes, &err),
	    IRMIN_EIO, "a pipe is no file");
	irmin_buf_clear(&bytes);
}

static void test_close_on_exec(irmin__os *os)
{
	struct tap_output output;
	irmin__file *file;
	irmin_error err;

	if (irmin__os_open(os, below("real"), IRMIN__OS_READ, 0, &file, &err) !=
	    IRMIN_OK)
		bail("cannot open");
	tap_run(&output, "readlink /proc/self/fd/*");
	ok(!strstr(output.out, "/real"), "a child inherits no file");
	tap_output_clear(&output);
	irmin__os_close(file);
}

static void test_holder_process(irmin__os *os)
{
	int ready[2];
	irmin__file *file;
	irmin_error err;
	char who[100], byte;
	pid_t child;

	if (pipe(ready) < 0 || (child = fork()) < 0)
		bail("cannot fork");
	if (child == 0) {
		if (irmin__os_open(os, below("real"), IRMIN__OS_READ, 0, &file,
			&err) != IRMIN_OK ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	if (read(ready[0], &byte, 1) != 1)
		bail("the child did not open its file");
	is_rc(irmin__os_holder(os, below("real"), who, sizeof who), IRMIN_OK,
	    "another process has it open");
	is_str(who, tap_format("pid %d (test-os)", (int)child), "that one");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

static void test_refused(irmin__os *os)
{
	irmin__file *file;
	irmin_error err;

	is_rc(irmin__os_open(os, below(tap_format("%0300d", 1)), IRMIN__OS_READ,
		  0, &file, &err),
	    IRMIN_ELIMIT, "a name that is too long");
	ok(!file, "no file is given");
	if (geteuid() == 0) {
		skip("root may open everything");
		return;
	}
	chmod(below("real"), 0);
	is_rc(irmin__os_open(os, below("real"), IRMIN__OS_READ, 0, &file, &err),
	    IRMIN_EACCES, "a file that is not ours");
	is_int(err.os_errno, EACCES, "its errno");
	is_str(err.text,
	    tap_format("cannot open %s: Permission denied", below("real")),
	    "its text");
	chmod(below("real"), 0600);
}

static void test_full(irmin__os *os)
{
	irmin__file *file;
	irmin_error err;

	if (irmin__os_open(os, "/dev/full", IRMIN__OS_WRITE, 0, &file, &err) !=
	    IRMIN_OK) {
		skip("/dev/full is not there");
		return;
	}
	is_rc(irmin__os_write(file, irmin_text("x"), &err), IRMIN_ENOSPC,
	    "a full disk");
	is_int(err.os_errno, ENOSPC, "its errno");
	irmin__os_close(file);
}

static void test_zone(irmin__os *os)
{
	setenv("TZ", "XST-05:45", 1);
	tzset();
	is_int(irmin__os_zone(os, 0), 545, "east of Greenwich");
	setenv("TZ", "XST+03:30", 1);
	tzset();
	is_int(irmin__os_zone(os, 0), -330, "west of Greenwich");
	is_int(irmin__os_zone(os, INT64_MAX), 0, "a year beyond calendars");
	setenv("TZ", "UTC", 1);
	tzset();
	is_int(irmin__os_zone(os, 0), 0, "Greenwich");
	is_str(irmin__os_environment(os, "TZ"), "UTC", "the environment");
}

static irmin_rc use_all(void *arg, irmin_error *err)
{
	irmin__os *os = arg;
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__file *file = NULL;
	irmin_rc rc;

	rc = irmin__os_open(os, below("swept"),
	    IRMIN__OS_WRITE | IRMIN__OS_CREATE, 0600, &file, err);
	if (rc >= 0)
		rc = irmin__os_write(file, irmin_text("some bytes"), err);
	irmin__os_close(file);
	if (rc >= 0)
		rc = irmin__os_read_file(os, below("swept"), 100, &out, err);
	if (rc >= 0)
		rc = irmin__os_absolute(os, "swept/x/y", &out, err);
	if (rc >= 0)
		rc = irmin__os_readlink(os, below("link"), &out, err);
	irmin_buf_clear(&out);
	return rc;
}

int main(void)
{
	irmin__os *os = irmin__os_posix();

	root = realpath(tap_tmpdir(), NULL);
	if (!root)
		bail("cannot resolve the scratch directory");
	if (mkdir(below("suite"), 0755) < 0)
		bail("cannot make a directory");
	os_suite("posix", os, below("suite"));
	test_symlinks(os);
	test_long_symlink(os);
	test_relative(os);
	test_pipe(os);
	test_close_on_exec(os);
	test_holder_process(os);
	test_refused(os);
	test_full(os);
	test_zone(os);
	alloc_fault_sweep("posix", use_all, os);
	free((char *)root);
	return done_testing();
}
