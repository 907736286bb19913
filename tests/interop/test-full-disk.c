/*
 * A real file system that runs full: ENOSPC, the branch where it was, nothing
 * half-written to be seen, no lock left; and when there is room again, the
 * same handle goes on.
 */
#include "tests/interop/with-git.h"

#include "tests/support/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define DISK_BYTES   "1m"
#define FILLER_BYTES (256 << 10)
#define VALUE_BYTES  20000

/* In a name space of our own: nobody else sees the mount, and it ends with
 * this process. Without root it needs a name space of users too. */
static void mount_disk(const char *dir)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	int flags = uid == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;

	if (unshare(flags) < 0)
		skip_all("cannot mount: %s", strerror(errno));
	if (uid != 0) {
		const char *map = tap_format("%u %u 1\n", uid, uid);

		tap_write_file("/proc/self/uid_map", map, strlen(map));
		tap_write_file("/proc/self/setgroups", "deny", 4);
		map = tap_format("%u %u 1\n", gid, gid);
		tap_write_file("/proc/self/gid_map", map, strlen(map));
	}
	if (mkdir(dir, 0700) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", dir, "tmpfs", 0, "size=" DISK_BYTES) < 0)
		skip_all("cannot mount: %s", strerror(errno));
}

/* What zlib cannot make smaller. */
static void make_value(unsigned n, unsigned char value[VALUE_BYTES])
{
	uint64_t state = n;
	size_t i;

	for (i = 0; i < VALUE_BYTES; i++)
		value[i] = (unsigned char)random_next(&state);
}

static irmin_rc set_value(irmin_store *store, unsigned n, irmin_error *err)
{
	unsigned char value[VALUE_BYTES];

	make_value(n, value);
	return irmin_store_set(store, tap_format("v%u", n),
	    irmin_bytes(value, sizeof(value)), NULL, err);
}

static void check_values(irmin_store *store, unsigned count)
{
	unsigned char value[VALUE_BYTES];
	irmin_buf found = IRMIN_BUF_INIT;
	irmin_error err;
	unsigned n;

	for (n = 0; n < count; n++) {
		make_value(n, value);
		if (irmin_store_find(store, tap_format("v%u", n), &found,
			&err) != IRMIN_OK ||
		    found.len != sizeof(value) ||
		    memcmp(found.data, value, sizeof(value)) != 0)
			break;
	}
	is_int(n, count, "every value that was acknowledged is there");
	irmin_buf_clear(&found);
}

static void check_no_litter(const char *dir)
{
	const char *counts = git_says(dir, "count-objects -v");
	struct tap_output said;

	ok(strstr(counts, "garbage: 0"), "git counts no garbage");
	tap_run(&said, "find %s -name '*.lock' -o -name '*tmp*'", dir);
	is_str(said.out, "", "no lock and no temporary file is left");
	tap_output_clear(&said);
}

static unsigned fill_disk(irmin_store *store)
{
	irmin_error err;
	irmin_rc rc;
	unsigned n = 0;

	do {
		rc = set_value(store, n, &err);
		n += rc >= 0;
	} while (rc >= 0 && n < 1000);
	fails(rc, IRMIN_ENOSPC, &err, "the disk runs full after %u values", n);
	is_int(err.os_errno, ENOSPC, "errno is told");
	diag("%s", err.text);
	return n;
}

int main(void)
{
	const char *disk = git_path("disk");
	const char *dir = tap_format("%s/full.git", disk);
	const char *filler = tap_format("%s/filler", disk);
	static const char zeros[FILLER_BYTES];
	irmin_store *store;
	irmin_error err;
	unsigned count;

	mount_disk(disk);
	tap_write_file(filler, zeros, sizeof(zeros));
	if (irmin_open(tap_format("git:%s?create=1", dir), NULL, &store, &err) <
	    0)
		bail("%s", err.text);
	count = fill_disk(store);
	ok(count > 3, "some values were stored");
	check_values(store, count);
	is_str(git_says(dir, "rev-list --count main"), tap_format("%u", count),
	    "git sees just their commits");
	check_no_litter(dir);
	git_fsck_is_clean(dir);

	unlink(filler);
	succeeds(set_value(store, count, &err), &err,
	    "with room again, the same handle goes on");
	check_values(store, count + 1);
	irmin_store_close(store);
	git_fsck_is_clean(dir);
	umount2(disk, MNT_DETACH);
	return done_testing();
}
