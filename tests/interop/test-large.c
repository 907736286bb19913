/*
 * Beyond what fits: a value read and written in parts, with little memory
 * however large it is, loose and packed; and a pack of more than 4 GiB, which
 * takes no room on disk because almost all of it is a hole.
 *
 * IRMIN_TEST_LARGE=1: the value has 1 GiB instead of 128 MiB, and git checks
 * the large pack, which takes half a minute.
 */
#include "tests/interop/with-git.h"
#include "tests/interop/with-objects.h"

#include "tests/support/sanitized.h"
#include "tests/support/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB        ((size_t)1 << 20)
#define ROOM_BYTES (16 * MIB) /* more memory than that, and it was not parts */

static int is_large(void)
{
	const char *large = getenv("IRMIN_TEST_LARGE");

	return large && *large && strcmp(large, "0") != 0;
}

/* ---- a large value: zeros, but each 4 KiB begin with their number ---- */

struct pattern {
	uint64_t at, bytes;
};

static void fill(uint64_t at, unsigned char *bytes, size_t len)
{
	uint64_t first = (at + 4095) / 4096 * 4096, block;
	size_t i;

	memset(bytes, 0, len);
	if (at % 4096 < 8)
		first = at / 4096 * 4096;
	for (block = first; block < at + len; block += 4096)
		for (i = 0; i < 8; i++)
			if (block + i >= at && block + i < at + len)
				bytes[block + i - at] =
				    (unsigned char)(block / 4096 >> (8 * i));
}

static int read_pattern(void *arg, void *bytes, size_t len, size_t *got)
{
	struct pattern *self = arg;
	uint64_t left = self->bytes - self->at;

	*got = len < left ? len : (size_t)left;
	fill(self->at, bytes, *got);
	self->at += *got;
	return 0;
}

/* How much the memory of this process has grown at its largest. */
static size_t peak_bytes(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (size_t)usage.ru_maxrss * 1024;
}

/* Each of these runs in a process of its own, and ends it: 0, or a line on
 * standard error. */
typedef int (*large_fn)(const char *dir, uint64_t bytes);

static int complain(const char *what, const irmin_error *err)
{
	fprintf(stderr, "# %s: %s\n", what, err ? err->text : "");
	return 1;
}

static int id_in_file(const char *dir, irmin_oid *id)
{
	char *hex = tap_read_file(tap_format("%s.id", dir), NULL);
	int rc = hex ? irmin_oid_parse(irmin_text(hex), id, NULL) : -1;

	free(hex);
	return rc;
}

static int write_large(const char *dir, uint64_t bytes)
{
	struct pattern pattern = { 0, bytes };
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_repo *repo = git_open_keys(dir, "");
	irmin_error err;
	irmin_oid id;

	if (irmin_object_add_stream(repo, read_pattern, &pattern, bytes, &id,
		&err) < 0)
		return complain("written", &err);
	irmin_oid_hex(&id, hex);
	tap_write_file(tap_format("%s.id", dir), hex, strlen(hex));
	irmin_repo_close(repo);
	return 0;
}

static int read_large(const char *dir, uint64_t bytes)
{
	static unsigned char part[65536], want[65536];
	irmin_repo *repo = git_open_keys(dir, "");
	irmin_reader *reader;
	uint64_t at = 0;
	size_t got = 1;
	irmin_error err;
	irmin_oid id;

	if (id_in_file(dir, &id) < 0 ||
	    irmin_object_open(repo, &id, &reader, &err) != IRMIN_OK)
		return complain("opened", &err);
	if (irmin_reader_bytes(reader) != bytes)
		return complain("has another size", NULL);
	while (got > 0) {
		if (irmin_reader_read(reader, part, sizeof(part), &got, &err) <
		    0)
			return complain("read", &err);
		fill(at, want, got);
		if (memcmp(part, want, got) != 0)
			return complain("other bytes", NULL);
		at += got;
	}
	irmin_reader_close(reader);
	irmin_repo_close(repo);
	return at == bytes ? 0 : complain("too few bytes", NULL);
}

/* Whole it is beyond the limit, and says so, without being read. */
static int refuse_large(const char *dir, uint64_t bytes)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_object_type type;
	irmin_object object;
	irmin_repo *repo;
	irmin_error err;
	irmin_oid id;
	uint64_t size;

	options.max_value_bytes = options.max_tree_bytes = 32 * MIB;
	repo = git_open(dir, &options);
	if (id_in_file(dir, &id) < 0 ||
	    irmin_object_find(repo, &id, &object, &err) != IRMIN_ELIMIT)
		return complain("found whole", &err);
	if (irmin_object_stat(repo, &id, &type, &size, &err) != IRMIN_OK ||
	    type != IRMIN_OBJECT_BLOB || size != bytes)
		return complain("another type and size", &err);
	irmin_repo_close(repo);
	return 0;
}

static void run_large(large_fn run, const char *dir, uint64_t bytes,
    const char *what)
{
	size_t before;
	int status;
	pid_t child;
	struct rusage usage;

	fflush(NULL);
	before = peak_bytes();
	child = fork();
	if (child == 0)
		_exit(run(dir, bytes));
	wait4(child, &status, 0, &usage);
	is_int(status, 0, "a value of %zu MiB is %s", (size_t)(bytes / MIB),
	    what);
	diag("%.1f s, %zu MiB of memory before, %ld MiB at most",
	    (double)usage.ru_utime.tv_sec + 1e-6 * usage.ru_utime.tv_usec,
	    before / MIB, usage.ru_maxrss / 1024);
	if (SANITIZED)
		skip("a sanitizer needs memory of its own");
	else
		ok((size_t)usage.ru_maxrss * 1024 < before + ROOM_BYTES,
		    "in little memory");
}

/* git gives back what we wrote. */
static void check_by_git(const char *dir, uint64_t bytes)
{
	static unsigned char part[65536], want[65536];
	uint64_t at = 0;
	size_t got;
	FILE *pipe =
	    popen(tap_format("git --git-dir %s cat-file blob $(cat %s.id)", dir,
		      dir),
		"r");

	if (!pipe)
		bail("cannot run git");
	while ((got = fread(part, 1, sizeof(part), pipe)) > 0) {
		fill(at, want, got);
		if (memcmp(part, want, got) != 0)
			break;
		at += got;
	}
	ok(got == 0 && at == bytes, "git reads the same bytes");
	pclose(pipe);
}

static void check_large_value(const char *format, uint64_t bytes)
{
	const char *dir = git_path(tap_format("value-%s.git", format));

	diag("%s", format);
	git_init(dir, format);
	run_large(write_large, dir, bytes, "written in parts");
	check_by_git(dir, bytes);
	run_large(read_large, dir, bytes, "read in parts, loose");
	run_large(refuse_large, dir, bytes, "refused whole, loose");
	git_says(dir, "-c core.bigFileThreshold=1m fsck --strict");
	git_says(dir,
	    "-c core.bigFileThreshold=1m pack-objects -q "
	    "%s/objects/pack/pack <%s.id",
	    dir, dir);
	git_says(dir, "prune-packed");
	run_large(read_large, dir, bytes, "read in parts, packed");
	run_large(refuse_large, dir, bytes, "refused whole, packed");
}

/* A few bytes more or fewer than told: nothing is written. */
static void check_wrong_size(void)
{
	const char *dir = git_path("wrong.git");
	struct pattern pattern = { 0, 1000 };
	irmin_repo *repo;
	irmin_error err;
	irmin_oid id;

	git_init(dir, "sha1");
	repo = git_open_keys(dir, "");
	fails(irmin_object_add_stream(repo, read_pattern, &pattern, 1001, &id,
		  &err),
	    IRMIN_EINVAL, &err, "fewer bytes than told are refused");
	pattern.at = 0;
	fails(irmin_object_add_stream(repo, read_pattern, &pattern, 999, &id,
		  &err),
	    IRMIN_EINVAL, &err, "and more");
	irmin_repo_close(repo);
	is_str(git_says(dir, "count-objects"), "0 objects, 0 kilobytes",
	    "nothing was written");
	is_str(git_says(dir, "count-objects -v | grep garbage"),
	    "garbage: 0\nsize-garbage: 0", "and nothing is left");
}

/* ---- a large pack ---- */

/* Whether a file of 5 GiB can be made here without room for it. */
static int can_have_holes(const char *dir)
{
	const char *file = tap_format("%s/hole", dir);
	int fd = open(file, O_CREAT | O_RDWR, 0600);
	struct stat st;
	int can;

	can = fd >= 0 && ftruncate(fd, (off_t)5 << 30) == 0 &&
	    pwrite(fd, "x", 1, ((off_t)5 << 30) - 1) == 1 &&
	    fstat(fd, &st) == 0 && st.st_blocks < 2048;
	close(fd);
	unlink(file);
	return can;
}

static void check_large_pack_as(const char *dir,
    const struct git_objects *objects, const char *name)
{
	static const char *const keys[] = { "", "io=pread" };
	irmin_repo *repo;
	size_t i;

	for (i = 0; i < 2; i++) {
		repo = git_open_keys(dir, keys[i]);
		check_objects(repo, objects,
		    tap_format("%s %s", name, keys[i]));
		irmin_repo_close(repo);
	}
}

static void check_large_pack(void)
{
	const char *dir = git_path("pack.git");
	struct git_objects objects;
	struct tap_output said;

	git_init(dir, "sha1");
	if (!can_have_holes(dir)) {
		skip("a file of 5 GiB with holes cannot be made here");
		return;
	}
	if (tap_run(&said, "python3 " MAKE_LARGE_PACK " %s %s",
		is_large() ? "--sums" : "", dir) != 0)
		bail("%s", said.err);
	tap_output_clear(&said);
	git_objects_read(dir, &objects);
	is_int(objects.count, 8, "git reads a pack of more than 4 GiB");
	check_large_pack_as(dir, &objects, "a pack of more than 4 GiB");
	git_says(dir, "multi-pack-index write");
	check_large_pack_as(dir, &objects, "with a multi-pack index");
	if (is_large())
		git_fsck_is_clean(dir);
	git_objects_clear(&objects);
}

int main(void)
{
	uint64_t bytes = is_large() ? 1024 * MIB : 128 * MIB;

	check_large_value("sha1", bytes + 4095);
	check_large_value("sha256", 64 * MIB + 1);
	check_wrong_size();
	check_large_pack();
	return done_testing();
}
