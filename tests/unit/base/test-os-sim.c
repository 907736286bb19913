#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/core/base/os-sim.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/base/os-suite.h"

#define NEW  (IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_EXCLUSIVE)
#define OVER (IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_TRUNCATE)
#define END  (IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_APPEND)

/* What to do with a file that was written. */
enum then { LEAVE, SYNC };

static irmin_error err;

static irmin__os *machine(uint64_t seed)
{
	irmin__os *os;

	if (irmin__os_sim_new(seed, &os, &err) < 0)
		bail("no simulator: %s", err.text);
	return os;
}

static irmin_rc put(irmin__os *os, const char *path, uint32_t flags,
    irmin_slice bytes, enum then then)
{
	irmin__file *file;
	irmin_rc rc = irmin__os_open(os, path, flags, 0644, &file, &err);

	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__os_write(file, bytes, &err);
	if (rc >= 0 && then == SYNC)
		rc = irmin__os_sync(file, &err);
	irmin__os_close(file);
	return rc;
}

static void make(irmin__os *os, const char *path, const char *text,
    enum then then)
{
	if (put(os, path, OVER, irmin_text(text), then) < 0)
		bail("cannot make %s: %s", path, err.text);
}

static void sync_names(irmin__os *os, const char *path)
{
	if (irmin__os_sync_directory(os, path, &err) < 0)
		bail("%s", err.text);
}

static void crash(irmin__os *os, irmin__os_loss loss)
{
	if (irmin__os_sim_restart(os, loss, &err) < 0)
		bail("%s", err.text);
}

/* What a file holds; "-" if there is none. */
static const char *contents(irmin__os *os, const char *path)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	const char *text = "-";
	irmin_rc rc = irmin__os_read_file(os, path, 100000, &bytes, &err);

	if (rc < 0)
		bail("cannot read %s: %s", path, err.text);
	if (rc == IRMIN_OK)
		text = tap_format("%s", (char *)bytes.data);
	irmin_buf_clear(&bytes);
	return text;
}

/* ---- what was not synced is lost ---- */

static void test_file_without_name(void)
{
	irmin__os *os = machine(1);

	make(os, "/a", "text", SYNC);
	is_str(contents(os, "/a"), "text", "it is there while the machine is");
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "-", "a synced file without a synced name");
	make(os, "/a", "text", SYNC);
	sync_names(os, "/");
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "text", "a synced file with a synced name");
	irmin__os_sim_free(os);
}

static void test_name_without_bytes(void)
{
	irmin__os *os = machine(1);

	make(os, "/a", "text", LEAVE);
	sync_names(os, "/");
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "", "a synced name without synced bytes");
	make(os, "/b", "old", SYNC);
	sync_names(os, "/");
	make(os, "/tmp", "new", LEAVE);
	irmin__os_rename(os, "/tmp", "/b", &err);
	sync_names(os, "/");
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/b"), "", "the file of length zero of old");
	irmin__os_sim_free(os);
}

static void test_replace(void)
{
	irmin__os *os = machine(1);

	make(os, "/a", "old", SYNC);
	sync_names(os, "/");
	make(os, "/tmp", "new", SYNC);
	irmin__os_rename(os, "/tmp", "/a", &err);
	is_str(contents(os, "/a"), "new", "renamed over");
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "old", "the rename was not synced");
	is_str(contents(os, "/tmp"), "-", "nor was the new file's name");
	make(os, "/tmp", "new", SYNC);
	irmin__os_rename(os, "/tmp", "/a", &err);
	sync_names(os, "/");
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "new", "now it was");
	irmin__os_unlink(os, "/a", &err);
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "new", "so was no removal");
	irmin__os_sim_free(os);
}

static void test_bytes(void)
{
	irmin__os *os = machine(1);

	make(os, "/a", "12345", SYNC);
	sync_names(os, "/");
	put(os, "/a", END, irmin_text("67"), LEAVE);
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "12345", "an append that was not synced");
	put(os, "/a", END, irmin_text("67"), SYNC);
	put(os, "/a", IRMIN__OS_WRITE, irmin_text("x"), LEAVE);
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "1234567", "an overwrite that was not");
	make(os, "/a", "n", LEAVE);
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "1234567", "a truncation that was not");
	make(os, "/a", "n", SYNC);
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "n", "and one that was");
	irmin__os_sim_free(os);
}

static void test_directories(void)
{
	irmin__os *os = machine(1);

	irmin__os_mkdir(os, "/d", 0755, &err);
	make(os, "/d/a", "a", SYNC);
	sync_names(os, "/d");
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/d/a"), "-", "its directory has no name");
	irmin__os_mkdir(os, "/d", 0755, &err);
	make(os, "/d/a", "a", SYNC);
	sync_names(os, "/");
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/d/a"), "-", "it has none in its directory");
	make(os, "/d/a", "a", SYNC);
	sync_names(os, "/d");
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/d/a"), "a", "both are synced");
	irmin__os_mkdir(os, "/e", 0755, &err);
	make(os, "/e/b", "b", LEAVE);
	irmin__os_sync_all(os, "/", &err);
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/e/b"), "b", "sync_all syncs all");
	irmin__os_sim_free(os);
}

/* A rename between directories is one change, whichever of them is synced. */
static void test_move(const char *synced)
{
	irmin__os *os = machine(1);

	irmin__os_mkdir(os, "/d", 0755, &err);
	irmin__os_mkdir(os, "/e", 0755, &err);
	sync_names(os, "/");
	make(os, "/d/a", "a", SYNC);
	irmin__os_rename(os, "/d/a", "/e/b", &err);
	sync_names(os, synced);
	sync_names(os, "/d");
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/d/a"), "-", "moved, %s synced: not here", synced);
	is_str(contents(os, "/e/b"), "a", "moved, %s synced: but there",
	    synced);
	irmin__os_sim_free(os);
}

static void test_hard_links(void)
{
	irmin__os *os = machine(1);

	make(os, "/a", "a", SYNC);
	irmin__os_link(os, "/a", "/b", &err);
	irmin__os_unlink(os, "/a", &err);
	sync_names(os, "/");
	make(os, "/b", "b", LEAVE);
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "-", "linked and unlinked: the old name");
	is_str(contents(os, "/b"), "a", "linked and unlinked: the new one");
	irmin__os_sim_free(os);
}

static void test_process_death(void)
{
	irmin__os *os = machine(1);
	irmin__file *file;
	char who[20], byte;
	size_t got;

	make(os, "/a", "text", LEAVE);
	irmin__os_open(os, "/a", END, 0, &file, &err);
	crash(os, IRMIN__OS_LOSE_NOTHING);
	is_str(contents(os, "/a"), "text", "what was written is there");
	is_rc(irmin__os_holder(os, "/a", who, sizeof who), IRMIN_ABSENT,
	    "nobody has it open");
	is_rc(irmin__os_write(file, irmin_text("x"), &err), IRMIN_EIO,
	    "a file of the dead process cannot be written");
	is_rc(irmin__os_read(file, 0, &byte, 1, &got, &err), IRMIN_EIO,
	    "nor read");
	is_rc(irmin__os_sync(file, &err), IRMIN_EIO, "nor synced");
	irmin__os_close(file);
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "-", "but the machine had it in memory");
	irmin__os_sim_free(os);
}

/* ---- a random part is lost ---- */

#define SEEDS 400

static void test_torn(void)
{
	unsigned none = 0, whole = 0, torn = 0, zeros = 0, wrong = 0, seed;

	for (seed = 0; seed < SEEDS; seed++) {
		irmin__os *os = machine(seed);
		const char *text;
		size_t length;

		make(os, "/a", "", SYNC);
		sync_names(os, "/");
		put(os, "/a", END, irmin_text("0123456789"), LEAVE);
		crash(os, IRMIN__OS_LOSE_SOME);
		text = contents(os, "/a");
		length = strlen(text);
		if (strcmp(text, "0123456789") == 0)
			whole++;
		else if (length && strncmp(text, "0123456789", length) == 0)
			torn++;
		else if (length)
			wrong++;
		else
			none++;
		irmin__os_stat stat;
		irmin__os_stat_path(os, "/a", 1, &stat, &err);
		zeros += length == 0 && stat.bytes == 10;
		irmin__os_sim_free(os);
	}
	ok(none > zeros && whole && torn && zeros,
	    "of %u writes %u were lost (%u with their length), %u torn", seed,
	    none, zeros, torn);
	is_int(wrong, 0, "none was anything else");
}

/* The pages of one write need not come through together. */
static void test_pages(void)
{
	unsigned seed, later = 0;
	char text[8193];

	memset(text, 'x', 8192);
	text[8192] = '\0';
	for (seed = 0; seed < SEEDS; seed++) {
		irmin__os *os = machine(seed);
		irmin_buf bytes = IRMIN_BUF_INIT;

		make(os, "/a", "", SYNC);
		sync_names(os, "/");
		put(os, "/a", END, irmin_text(text), LEAVE);
		crash(os, IRMIN__OS_LOSE_SOME);
		irmin__os_read_file(os, "/a", 10000, &bytes, &err);
		later += bytes.len == 8192 && bytes.data[4095] == 0 &&
		    bytes.data[8191] == 'x';
		irmin_buf_clear(&bytes);
		irmin__os_sim_free(os);
	}
	ok(later, "the second page came through before the first %u times",
	    later);
}

static void test_names_in_any_order(void)
{
	unsigned seed, second_only = 0, first_only = 0, halved = 0, empty = 0;

	for (seed = 0; seed < SEEDS; seed++) {
		irmin__os *os = machine(seed);
		const char *a, *b;

		make(os, "/a1", "a", SYNC);
		sync_names(os, "/");
		make(os, "/b1", "b", LEAVE);
		sync_names(os, "/");
		irmin__os_rename(os, "/a1", "/a2", &err);
		irmin__os_rename(os, "/b1", "/b2", &err);
		crash(os, IRMIN__OS_LOSE_SOME);
		a = contents(os, "/a2");
		b = contents(os, "/b2");
		first_only += *a != '-' && *b == '-';
		second_only += *a == '-' && *b != '-';
		empty += *b == '\0';
		halved += (*a == '-') == (*contents(os, "/a1") == '-');
		irmin__os_sim_free(os);
	}
	is_int(halved, 0, "no rename is halved");
	ok(first_only && second_only, "one of two survives: %u the second",
	    second_only);
	ok(empty, "a rename survives, but not what was renamed: %u", empty);
}

/* The same seed and the same operations give the same crash. */
static void test_repeatable(void)
{
	const char *texts[2];
	int i;

	for (i = 0; i < 2; i++) {
		irmin__os *os = machine(77);

		make(os, "/a", "", SYNC);
		sync_names(os, "/");
		put(os, "/a", END, irmin_text("0123456789abcdef"), LEAVE);
		crash(os, IRMIN__OS_LOSE_SOME);
		texts[i] = contents(os, "/a");
		irmin__os_sim_free(os);
	}
	is_str(texts[0], texts[1], "a seed decides what survives");
}

/* ---- faults ---- */

static void test_fail(void)
{
	irmin__os *os = machine(1);
	uint64_t n;

	make(os, "/a", "a", LEAVE);
	n = irmin__os_sim_operations(os);
	irmin__os_sim_fail_at(os, n + 2, ENOSPC);
	is_rc(irmin__os_mkdir(os, "/d", 0755, &err), IRMIN_OK, "n + 1");
	ok(!irmin__os_sim_failed(os), "not yet");
	is_rc(irmin__os_rename(os, "/a", "/b", &err), IRMIN_ENOSPC, "n + 2");
	ok(irmin__os_sim_failed(os), "now it has happened");
	is_int(err.os_errno, ENOSPC, "the errno that was planned");
	is_str(contents(os, "/a"), "a", "nothing was done");
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
		irmin__os *os = machine(seed);
		irmin__file *file;
		size_t length;

		irmin__os_open(os, "/a", NEW, 0644, &file, &err);
		irmin__os_sim_fail_at(os, 2, ENOSPC);
		if (irmin__os_write(file, irmin_text("0123456789"), &err) !=
		    IRMIN_ENOSPC)
			bail("the write did not fail");
		irmin__os_close(file);
		length = strlen(contents(os, "/a"));
		parts += length > 0 && length < 10;
		if (length == 10)
			ok(0, "a failed write wrote all");
		irmin__os_sim_free(os);
	}
	ok(parts > 10, "%u of 50 failed writes wrote a part", parts);
}

static void test_failed_sync(void)
{
	irmin__os *os = machine(1);
	irmin__file *file;

	make(os, "/a", "", SYNC);
	sync_names(os, "/");
	irmin__os_open(os, "/a", END, 0644, &file, &err);
	irmin__os_write(file, irmin_text("lost"), &err);
	irmin__os_sim_fail_at(os, irmin__os_sim_operations(os) + 1, EIO);
	is_rc(irmin__os_sync(file, &err), IRMIN_EIO, "a sync fails");
	is_rc(irmin__os_sync(file, &err), IRMIN_OK, "the next does not");
	irmin__os_write(file, irmin_text("kept"), &err);
	irmin__os_sync(file, &err);
	irmin__os_close(file);
	is_str(contents(os, "/a"), "lostkept", "all is to be read");
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(contents(os, "/a"), "", "but the disk never had the first");
	irmin__os_sim_free(os);
}

static void test_crash(void)
{
	irmin__os *os = machine(1);
	irmin__file *file;
	unsigned char byte;
	uint64_t n;

	make(os, "/a", "a", SYNC);
	sync_names(os, "/");
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
	crash(os, IRMIN__OS_LOSE_UNSYNCED);
	ok(!irmin__os_sim_crashed(os), "it runs again");
	is_str(contents(os, "/a"), "a", "what was synced is there");
	is_rc(irmin__os_stat_file(file, &(irmin__os_stat){ 0 }, &err),
	    IRMIN_EIO, "but not the open file");
	irmin__os_close(file);
	is_rc(irmin__os_rmdir(os, "/d", &err), IRMIN_ABSENT, "nor the rest");
	irmin__os_sim_free(os);
}

/* ---- the machine ---- */

static void test_time(void)
{
	irmin__os *os = machine(1);
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
	irmin__os *os = machine(1);
	const char *dir = tap_format("%s/exported", tap_tmpdir());
	struct stat st;
	size_t length;
	char *text;

	irmin__os_mkdir(os, "/r", 0755, &err);
	irmin__os_mkdir(os, "/r/d", 0755, &err);
	irmin__os_mkdir(os, "/r/d/empty", 0755, &err);
	put(os, "/r/d/a", NEW, irmin_bytes("a\0b", 3), LEAVE);
	irmin__os_chmod_path(os, "/r/d/a", 0444, &err);
	make(os, "/elsewhere", "x", LEAVE);
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
	irmin__os *os = machine(1);
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
	irmin__os *os = machine(1);

	if (irmin__os_mkdir(os, "/suite", 0755, &err) < 0)
		bail("%s", err.text);
	os_suite("sim", os, "/suite");
	irmin__os_sim_free(os);
	irmin__os_sim_free(NULL);
	test_file_without_name();
	test_name_without_bytes();
	test_replace();
	test_bytes();
	test_directories();
	test_move("/d");
	test_move("/e");
	test_hard_links();
	test_process_death();
	test_torn();
	test_pages();
	test_names_in_any_order();
	test_repeatable();
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
