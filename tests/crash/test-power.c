/*
 * Loss of power before every file operation in every step of a life at level
 * POWER, where each commit is on the disk before it is acknowledged: what was
 * acknowledged is there, and git finds nothing wrong. First all that was not
 * synced is lost, then a random part of it, in any order, writes torn.
 */
#include "tests/crash/stop.h"

#include "tests/support/tap.h"

#define SEEDS      4
#define FSCK_EVERY 64

static void restart_synced(struct life *life)
{
	stop_restart(life, IRMIN__OS_LOSE_UNSYNCED);
}

static unsigned locks_left;

static void restart_torn(struct life *life)
{
	stop_restart(life, IRMIN__OS_LOSE_SOME);
	locks_left += stop_remove_locks(life);
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
