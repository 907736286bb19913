/*
 * Loss of power before every file operation in every step of a life at level
 * POWER, where each commit is on the disk before it is acknowledged: what was
 * acknowledged is there, and git finds nothing wrong. First all that was not
 * synced is lost, then a random part of it, in any order, writes torn.
 */
#include "tests/crash/stop.h"

#include "tests/support/tap.h"

#include <string.h>

#define SEEDS      4
#define FSCK_EVERY 64

static void restart_synced(struct life *life)
{
	stop_restart(life, IRMIN__OS_LOSE_UNSYNCED);
}

/* Where renames survive out of order, a lock can come back without the mark
 * that tells whose it was. It is taken away as git asks its users to. */
struct locks {
	irmin__os *os;
	const char *directory;
};

static unsigned locks_left;

static void remove_locks(struct locks *self);

static int remove_lock(void *arg, const char *name, irmin__os_kind kind)
{
	struct locks *self = arg;
	struct locks below = { self->os,
		tap_format("%s/%s", self->directory, name) };
	irmin__os_stat stat;
	size_t len = strlen(name);

	if (kind == IRMIN__OS_DIRECTORY && strcmp(name, "objects") != 0)
		remove_locks(&below);
	if (len < 5 || strcmp(name + len - 5, ".lock") != 0 ||
	    irmin__os_stat_path(self->os, below.directory, 0, &stat, NULL) !=
		IRMIN_OK ||
	    stat.mode & 01000)
		return 0;
	locks_left++;
	return irmin__os_unlink(self->os, below.directory, NULL) < 0;
}

static void remove_locks(struct locks *self)
{
	irmin_error err;

	if (irmin__os_each(self->os, self->directory, remove_lock, self, &err) <
	    0)
		bail("%s: %s", self->directory, err.text);
}

static void restart_torn(struct life *life)
{
	struct locks locks = { life->os, LIFE_DIRECTORY };

	stop_restart(life, IRMIN__OS_LOSE_SOME);
	remove_locks(&locks);
}

static void inspect_some(struct life *life, size_t step, uint64_t n)
{
	if (n % FSCK_EVERY == 1)
		stop_fsck(life, step, n);
}

static void sweep(const char *name, uint64_t seed,
    void (*recover)(struct life *life))
{
	struct sweep_fault fault = { name, 0, stop_plan, stop_happened, recover,
		NULL, inspect_some };
	struct life like = { .scheme = "git",
		.level = IRMIN_POWER,
		.seed = seed };
	uint64_t total = sweep_life(&like, &fault);

	ok(total > 10 * life_steps(), "%s, seed %ju: %ju times", name,
	    (uintmax_t)seed, (uintmax_t)total);
}

int main(void)
{
	uint64_t seed;

	sweep("power loss", 1, restart_synced);
	for (seed = 1; seed <= SEEDS; seed++)
		sweep("torn power loss", seed, restart_torn);
	diag("%u locks had lost their mark", locks_left);
	return done_testing();
}
