#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/base/os-suite.h"
#include "tests/unit/base/sim-kit.h"

static irmin_error err;

/* ---- faults ---- */

static void test_fail(void)
{
	irmin__os *os = sim_machine(1);
	uint64_t n;

	sim_make(os, "/a", "a", LEAVE);
	n = irmin__os_sim_operations(os);
	irmin__os_sim_fail_at(os, n + 2, ENOSPC);
	is_rc(irmin__os_mkdir(os, "/d", 0755, &err), IRMIN_OK, "n + 1");
	ok(!irmin__os_sim_failed(os), "not yet");
	is_rc(irmin__os_rename(os, "/a", "/b", &err), IRMIN_ENOSPC, "n + 2");
	ok(irmin__os_sim_failed(os), "now it has happened");
	is_int(err.os_errno, ENOSPC, "the errno that was planned");
	is_str(sim_contents(os, "/a"), "a", "nothing was done");
	is_str(irmin__os_sim_log(os, n + 1), "mkdir /d", "a line of the log");
	is_str(irmin__os_sim_log(os, n + 2), "rename /a /b", "and the next");
	is_str(irmin__os_sim_log(os, 0), NULL, "it begins at 1");
	is_str(irmin__os_sim_log(os, irmin__os_sim_operations(os) + 1), NULL,
	    "and ends");
	irmin__os_sim_fail_at(os, irmin__os_sim_operations(os) + 1, EIO);
	irmin__os_sim_fail_at(os, 0, 0);
	is_rc(irmin__os_rename(os, "/a", "/b", &err), IRMIN_OK, "taken back");
	irmin__os_sim_free(os);
}

static void test_short_write(void)
{
	unsigned seed, parts = 0;

	for (seed = 0; seed < 50; seed++) {
		irmin__os *os = sim_machine(seed);
		irmin__file *file;
		size_t length;

		irmin__os_open(os, "/a", NEW, 0644, &file, &err);
		irmin__os_sim_fail_at(os, 2, ENOSPC);
		if (irmin__os_write(file, irmin_text("0123456789"), &err) !=
		    IRMIN_ENOSPC)
			bail("the write did not fail");
		irmin__os_close(file);
		length = strlen(sim_contents(os, "/a"));
		parts += length > 0 && length < 10;
		if (length == 10)
			ok(0, "a failed write wrote all");
		irmin__os_sim_free(os);
	}
	ok(parts > 10, "%u of 50 failed writes wrote a part", parts);
}

static void test_failed_sync(void)
{
	irmin__os *os = sim_machine(1);
	irmin__file *file;

	sim_make(os, "/a", "", SYNC);
	sim_sync_names(os, "/");
	irmin__os_open(os, "/a", END, 0644, &file, &err);
	irmin__os_write(file, irmin_text("lost"), &err);
	irmin__os_sim_fail_at(os, irmin__os_sim_operations(os) + 1, EIO);
	is_rc(irmin__os_sync(file, &err), IRMIN_EIO, "a sync fails");
	is_rc(irmin__os_sync(file, &err), IRMIN_OK, "the next does not");
	irmin__os_write(file, irmin_text("kept"), &err);
	irmin__os_sync(file, &err);
	irmin__os_close(file);
	is_str(sim_contents(os, "/a"), "lostkept", "all is to be read");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "", "but the disk never had the first");
	irmin__os_sim_free(os);
}

static void test_crash(void)
{
	irmin__os *os = sim_machine(1);
	irmin__file *file;
	unsigned char byte;
	uint64_t n;

	sim_make(os, "/a", "a", SYNC);
	sim_sync_names(os, "/");
	irmin__os_open(os, "/a", IRMIN__OS_READ, 0, &file, &err);
	n = irmin__os_sim_operations(os);
	irmin__os_sim_crash_at(os, n + 2);
	is_rc(irmin__os_mkdir(os, "/d", 0755, &err), IRMIN_OK, "n + 1");
	ok(!irmin__os_sim_crashed(os), "not yet");
	is_rc(irmin__os_mkdir(os, "/e", 0755, &err), IRMIN_EIO, "n + 2");
	ok(irmin__os_sim_crashed(os), "now it has stopped");
	is_rc(irmin__os_stat_file(file, &(irmin__os_stat){ 0 }, &err),
	    IRMIN_EIO, "whatever is asked");
	is_rc(irmin__os_random(os, &byte, 1, &err), IRMIN_EIO, "all of it");
	is_int(irmin__os_sim_operations(os), n + 1, "nothing is counted");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	ok(!irmin__os_sim_crashed(os), "it runs again");
	is_str(sim_contents(os, "/a"), "a", "what was synced is there");
	is_rc(irmin__os_stat_file(file, &(irmin__os_stat){ 0 }, &err),
	    IRMIN_EIO, "but not the open file");
	irmin__os_close(file);
	is_rc(irmin__os_rmdir(os, "/d", &err), IRMIN_ABSENT, "nor the rest");
	irmin__os_sim_free(os);
}

/* ---- the machine ---- */

static void test_time(void)
{
	irmin__os *os = sim_machine(1);
	int64_t monotonic = irmin__os_monotonic_us(os);
	int64_t now = irmin__os_now_us(os);

	irmin__os_sleep_us(os, INT64_C(3600) * 1000000);
	ok(irmin__os_monotonic_us(os) - monotonic < INT64_C(3600) * 1000100,
	    "an hour's sleep");
	ok(irmin__os_now_us(os) - now >= INT64_C(3600) * 1000000,
	    "moves both clocks");
	monotonic = irmin__os_monotonic_us(os);
	ok(irmin__os_monotonic_us(os) > monotonic, "asking takes time");
	irmin__os_sim_free(os);
}

static void test_export(void)
{
	irmin__os *os = sim_machine(1);
	const char *dir = tap_format("%s/exported", tap_tmpdir());
	struct stat st;
	size_t length;
	char *text;

	irmin__os_mkdir(os, "/r", 0755, &err);
	irmin__os_mkdir(os, "/r/d", 0755, &err);
	irmin__os_mkdir(os, "/r/d/empty", 0755, &err);
	sim_put(os, "/r/d/a", NEW, irmin_bytes("a\0b", 3), LEAVE);
	irmin__os_chmod_path(os, "/r/d/a", 0444, &err);
	sim_make(os, "/elsewhere", "x", LEAVE);
	is_rc(irmin__os_sim_export(os, "/r", dir, &err), IRMIN_OK, "export");
	text = tap_read_file(tap_format("%s/d/a", dir), &length);
	is_mem(text, length, "a\0b", 3, "a file's bytes");
	free(text);
	is_int(stat(tap_format("%s/d/a", dir), &st), 0, "the file");
	is_int(st.st_mode & 07777, 0444, "has its mode");
	is_int(stat(tap_format("%s/d/empty", dir), &st), 0, "a directory");
	ok(stat(tap_format("%s/elsewhere", dir), &st) < 0, "nothing else");
	is_rc(irmin__os_sim_export(os, "/r", dir, &err), IRMIN_EEXIST,
	    "what is there is not written over");
	is_rc(irmin__os_sim_export(os, "/none", dir, &err), IRMIN_EMISSING,
	    "nothing to export");
	irmin__os_sim_free(os);
}

#define THREADS 4
#define ROUNDS  300

static void *append_rounds(void *arg)
{
	irmin__os *os = arg;
	irmin__file *file;
	irmin_error mine;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (irmin__os_open(os, "/log", END, 0644, &file, &mine) < 0 ||
		    irmin__os_write(file, irmin_text("0123456789"), &mine) < 0)
			return arg;
		irmin__os_close(file);
		irmin__os_sleep_us(os, 1);
	}
	return NULL;
}

static void test_threads(void)
{
	irmin__os *os = sim_machine(1);
	irmin__os_stat stat;
	pthread_t threads[THREADS];
	void *answer;
	int i, failed = 0;

	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, append_rounds, os) != 0)
			bail("no thread");
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &answer);
		failed += answer != NULL;
	}
	is_int(failed, 0, "threads may share a simulator");
	irmin__os_stat_path(os, "/log", 1, &stat, &err);
	is_int(stat.bytes, 10 * THREADS * ROUNDS, "every append is there");
	is_int(irmin__os_sim_operations(os), 2 * THREADS * ROUNDS + 1,
	    "every operation is counted");
	irmin__os_sim_free(os);
}

static int ignore_name(void *arg, const char *name, irmin__os_kind kind)
{
	(void)arg;
	(void)name;
	(void)kind;
	return 0;
}

/* One of everything, so that every allocation of the simulator fails once. */
static irmin_rc use_all(void *arg, irmin_error *error)
{
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__file *file = NULL;
	irmin__os *os = NULL;
	irmin_rc rc;

	(void)arg;
	rc = irmin__os_sim_new(3, &os, error);
	if (rc >= 0)
		rc = irmin__os_mkdir(os, "/d", 0755, error);
	if (rc >= 0)
		rc = irmin__os_open(os, "/d/a", NEW, 0600, &file, error);
	if (rc >= 0)
		rc = irmin__os_write(file, irmin_text("some bytes"), error);
	if (rc >= 0)
		rc = irmin__os_sync(file, error);
	if (rc >= 0)
		rc = irmin__os_write(file, irmin_text(" and more"), error);
	if (rc >= 0)
		rc = irmin__os_rename(os, "/d/a", "/b", error);
	if (rc >= 0)
		rc = irmin__os_link(os, "/b", "/c", error);
	if (rc >= 0)
		rc = irmin__os_sync_directory(os, "/d", error);
	if (rc >= 0)
		rc = irmin__os_each(os, "/", ignore_name, NULL, error);
	if (rc >= 0)
		rc = irmin__os_read_file(os, "/b", 100, &out, error);
	if (rc >= 0)
		rc = irmin__os_absolute(os, "x/../y", &out, error);
	irmin__os_close(file);
	if (rc >= 0)
		rc = irmin__os_sync_all(os, "/", error);
	if (rc >= 0)
		rc = irmin__os_unlink(os, "/c", error);
	if (rc >= 0)
		rc = irmin__os_sim_restart(os, IRMIN__OS_LOSE_SOME, error);
	if (rc >= 0)
		rc = irmin__os_sim_restart(os, IRMIN__OS_LOSE_UNSYNCED, error);
	irmin_buf_clear(&out);
	irmin__os_sim_free(os);
	return rc;
}

int main(void)
{
	irmin__os *os = sim_machine(1);

	if (irmin__os_mkdir(os, "/suite", 0755, &err) < 0)
		bail("%s", err.text);
	os_suite("sim", os, "/suite");
	irmin__os_sim_free(os);
	irmin__os_sim_free(NULL);
	test_fail();
	test_short_write();
	test_failed_sync();
	test_crash();
	test_time();
	test_export();
	test_threads();
	alloc_fault_sweep("sim", use_all, NULL);
	is_int(alloc_fault_live(), 0, "nothing leaked");
	return done_testing();
}
