/* What the simulator loses in a crash. */
#include <errno.h>
#include <string.h>

#include "tests/support/tap.h"
#include "tests/unit/base/sim-kit.h"

static irmin_error err;

/* ---- what was not synced is lost ---- */

static void test_file_without_name(void)
{
	irmin__os *os = sim_machine(1);

	sim_make(os, "/a", "text", SYNC);
	is_str(sim_contents(os, "/a"), "text",
	    "it is there while the machine is");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "-",
	    "a synced file without a synced name");
	sim_make(os, "/a", "text", SYNC);
	sim_sync_names(os, "/");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "text",
	    "a synced file with a synced name");
	irmin__os_sim_free(os);
}

static void test_name_without_bytes(void)
{
	irmin__os *os = sim_machine(1);

	sim_make(os, "/a", "text", LEAVE);
	sim_sync_names(os, "/");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "",
	    "a synced name without synced bytes");
	sim_make(os, "/b", "old", SYNC);
	sim_sync_names(os, "/");
	sim_make(os, "/tmp", "new", LEAVE);
	irmin__os_rename(os, "/tmp", "/b", &err);
	sim_sync_names(os, "/");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/b"), "", "the file of length zero of old");
	irmin__os_sim_free(os);
}

static void test_replace(void)
{
	irmin__os *os = sim_machine(1);

	sim_make(os, "/a", "old", SYNC);
	sim_sync_names(os, "/");
	sim_make(os, "/tmp", "new", SYNC);
	irmin__os_rename(os, "/tmp", "/a", &err);
	is_str(sim_contents(os, "/a"), "new", "renamed over");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "old", "the rename was not synced");
	is_str(sim_contents(os, "/tmp"), "-", "nor was the new file's name");
	sim_make(os, "/tmp", "new", SYNC);
	irmin__os_rename(os, "/tmp", "/a", &err);
	sim_sync_names(os, "/");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "new", "now it was");
	irmin__os_unlink(os, "/a", &err);
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "new", "so was no removal");
	irmin__os_sim_free(os);
}

static void test_bytes(void)
{
	irmin__os *os = sim_machine(1);

	sim_make(os, "/a", "12345", SYNC);
	sim_sync_names(os, "/");
	sim_put(os, "/a", END, irmin_text("67"), LEAVE);
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "12345",
	    "an append that was not synced");
	sim_put(os, "/a", END, irmin_text("67"), SYNC);
	sim_put(os, "/a", IRMIN__OS_WRITE, irmin_text("x"), LEAVE);
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "1234567", "an overwrite that was not");
	sim_make(os, "/a", "n", LEAVE);
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "1234567", "a truncation that was not");
	sim_make(os, "/a", "n", SYNC);
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "n", "and one that was");
	irmin__os_sim_free(os);
}

static void test_write_at(void)
{
	irmin__os *os = sim_machine(1);
	uint64_t at;
	irmin__file *file;

	sim_make(os, "/a", "12345", SYNC);
	sim_sync_names(os, "/");
	irmin__os_open(os, "/a", IRMIN__OS_WRITE, 0, &file, &err);
	irmin__os_write_at(file, 1, irmin_text("xy"), &err);
	is_str(sim_contents(os, "/a"), "1xy45", "written in the middle");
	irmin__os_close(file);
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "12345", "it was not synced");

	irmin__os_open(os, "/a", IRMIN__OS_WRITE, 0, &file, &err);
	irmin__os_write_at(file, 1, irmin_text("xy"), &err);
	irmin__os_sync(file, &err);
	at = irmin__os_sim_operations(os) + 1;
	irmin__os_sim_fail_at(os, at, ENOSPC);
	fails(irmin__os_write_at(file, 3, irmin_text("zw"), &err), IRMIN_ENOSPC,
	    &err, "a planned failure");
	ok(strstr(irmin__os_sim_log(os, at), "write at /a 3+2"), "in the log");
	irmin__os_close(file);
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "1xy45", "what was synced is there");
	irmin__os_sim_free(os);
}

static void test_directories(void)
{
	irmin__os *os = sim_machine(1);

	irmin__os_mkdir(os, "/d", 0755, &err);
	sim_make(os, "/d/a", "a", SYNC);
	sim_sync_names(os, "/d");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/d/a"), "-", "its directory has no name");
	irmin__os_mkdir(os, "/d", 0755, &err);
	sim_make(os, "/d/a", "a", SYNC);
	sim_sync_names(os, "/");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/d/a"), "-", "it has none in its directory");
	sim_make(os, "/d/a", "a", SYNC);
	sim_sync_names(os, "/d");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/d/a"), "a", "both are synced");
	irmin__os_mkdir(os, "/e", 0755, &err);
	sim_make(os, "/e/b", "b", LEAVE);
	irmin__os_sync_all(os, "/", &err);
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/e/b"), "b", "sync_all syncs all");
	irmin__os_sim_free(os);
}

/* A rename between directories is one change, whichever of them is synced. */
static void test_move(const char *synced)
{
	irmin__os *os = sim_machine(1);

	irmin__os_mkdir(os, "/d", 0755, &err);
	irmin__os_mkdir(os, "/e", 0755, &err);
	sim_sync_names(os, "/");
	sim_make(os, "/d/a", "a", SYNC);
	irmin__os_rename(os, "/d/a", "/e/b", &err);
	sim_sync_names(os, synced);
	sim_sync_names(os, "/d");
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/d/a"), "-", "moved, %s synced: not here",
	    synced);
	is_str(sim_contents(os, "/e/b"), "a", "moved, %s synced: but there",
	    synced);
	irmin__os_sim_free(os);
}

static void test_hard_links(void)
{
	irmin__os *os = sim_machine(1);

	sim_make(os, "/a", "a", SYNC);
	irmin__os_link(os, "/a", "/b", &err);
	irmin__os_unlink(os, "/a", &err);
	sim_sync_names(os, "/");
	sim_make(os, "/b", "b", LEAVE);
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "-",
	    "linked and unlinked: the old name");
	is_str(sim_contents(os, "/b"), "a", "linked and unlinked: the new one");
	irmin__os_sim_free(os);
}

static void test_process_death(void)
{
	irmin__os *os = sim_machine(1);
	irmin__file *file;
	char who[20], byte;
	size_t got;

	sim_make(os, "/a", "text", LEAVE);
	irmin__os_open(os, "/a", END, 0, &file, &err);
	sim_crash(os, IRMIN__OS_LOSE_NOTHING);
	is_str(sim_contents(os, "/a"), "text", "what was written is there");
	is_rc(irmin__os_holder(os, "/a", who, sizeof who), IRMIN_ABSENT,
	    "nobody has it open");
	is_rc(irmin__os_write(file, irmin_text("x"), &err), IRMIN_EIO,
	    "a file of the dead process cannot be written");
	is_rc(irmin__os_read(file, 0, &byte, 1, &got, &err), IRMIN_EIO,
	    "nor read");
	is_rc(irmin__os_sync(file, &err), IRMIN_EIO, "nor synced");
	irmin__os_close(file);
	sim_crash(os, IRMIN__OS_LOSE_UNSYNCED);
	is_str(sim_contents(os, "/a"), "-", "but the machine had it in memory");
	irmin__os_sim_free(os);
}

/* ---- a random part is lost ---- */

#define SEEDS 400

static void test_torn(void)
{
	unsigned none = 0, whole = 0, torn = 0, zeros = 0, wrong = 0, seed;

	for (seed = 0; seed < SEEDS; seed++) {
		irmin__os *os = sim_machine(seed);
		irmin__os_stat stat;
		const char *text;
		size_t length;

		sim_make(os, "/a", "", SYNC);
		sim_sync_names(os, "/");
		sim_put(os, "/a", END, irmin_text("0123456789"), LEAVE);
		sim_crash(os, IRMIN__OS_LOSE_SOME);
		text = sim_contents(os, "/a");
		length = strlen(text);
		if (strcmp(text, "0123456789") == 0)
			whole++;
		else if (length && strncmp(text, "0123456789", length) == 0)
			torn++;
		else if (length)
			wrong++;
		else
			none++;
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
		irmin__os *os = sim_machine(seed);
		irmin_buf bytes = IRMIN_BUF_INIT;

		sim_make(os, "/a", "", SYNC);
		sim_sync_names(os, "/");
		sim_put(os, "/a", END, irmin_text(text), LEAVE);
		sim_crash(os, IRMIN__OS_LOSE_SOME);
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
		irmin__os *os = sim_machine(seed);
		const char *a, *b;

		sim_make(os, "/a1", "a", SYNC);
		sim_sync_names(os, "/");
		sim_make(os, "/b1", "b", LEAVE);
		sim_sync_names(os, "/");
		irmin__os_rename(os, "/a1", "/a2", &err);
		irmin__os_rename(os, "/b1", "/b2", &err);
		sim_crash(os, IRMIN__OS_LOSE_SOME);
		a = sim_contents(os, "/a2");
		b = sim_contents(os, "/b2");
		first_only += *a != '-' && *b == '-';
		second_only += *a == '-' && *b != '-';
		empty += *b == '\0';
		halved += (*a == '-') == (*sim_contents(os, "/a1") == '-');
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
		irmin__os *os = sim_machine(77);

		sim_make(os, "/a", "", SYNC);
		sim_sync_names(os, "/");
		sim_put(os, "/a", END, irmin_text("0123456789abcdef"), LEAVE);
		sim_crash(os, IRMIN__OS_LOSE_SOME);
		texts[i] = sim_contents(os, "/a");
		irmin__os_sim_free(os);
	}
	is_str(texts[0], texts[1], "a seed decides what survives");
}

int main(void)
{
	test_file_without_name();
	test_name_without_bytes();
	test_replace();
	test_bytes();
	test_write_at();
	test_directories();
	test_move("/d");
	test_move("/e");
	test_hard_links();
	test_process_death();
	test_torn();
	test_pages();
	test_names_in_any_order();
	test_repeatable();
	return done_testing();
}
