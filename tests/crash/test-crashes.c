/*
 * kill -9 before every file operation in every step of the life of a
 * repository: what was acknowledged is there, git finds nothing wrong, and the
 * next process can go on, whatever locks the dead one held. And
 * loss of power after a flush to POWER, at a level that syncs nothing by
 * itself: what was flushed is there.
 */
#include "tests/crash/stop.h"

#include "tests/support/tap.h"

#define FSCK_EVERY 16

static void restart_process(struct life *life)
{
	stop_restart(life, IRMIN__OS_LOSE_NOTHING);
}

static void inspect_some(struct life *life, size_t step, uint64_t n)
{
	if (n % FSCK_EVERY == 1)
		stop_fsck(life, step, n);
}

static void kill_everywhere(void)
{
	static const struct sweep_fault fault = { "kill -9", 0, stop_plan,
		stop_happened, restart_process, NULL, inspect_some };
	struct life like = { .scheme = "git", .seed = 1 };
	uint64_t total = sweep_life(&like, &fault);

	ok(total > 10 * life_steps(), "killed %ju times", (uintmax_t)total);
}

/* Any operation makes it stop. */
static void pull_the_plug(struct life *life)
{
	irmin_buf ignored = IRMIN_BUF_INIT;
	irmin_error err;

	stop_plan(life, 1);
	if (life_state(life, &ignored, &err) >= 0)
		ok(false, "a machine that has stopped cannot be read");
	irmin_buf_clear(&ignored);
	life_close(life);
}

static void lose_power_after_flush(uint64_t seed, irmin__os_loss loss)
{
	struct life life = { .scheme = "git", .seed = seed };
	irmin_buf before = IRMIN_BUF_INIT, after = IRMIN_BUF_INIT;
	irmin_error err;

	life_begin(&life, life_steps());
	if (life_state(&life, &before, &err) < 0)
		bail("the state before: %s", err.text);
	succeeds(irmin_repo_flush(life.repo, IRMIN_POWER, &err), &err,
	    "flush to POWER");
	pull_the_plug(&life);
	stop_restart(&life, loss);
	if (succeeds(life_open(&life, &err), &err, "opened after power loss") &&
	    succeeds(life_state(&life, &after, &err), &err, "and read"))
		is_mem(after.data, after.len, before.data, before.len,
		    "what was flushed is there (seed %ju)", (uintmax_t)seed);
	life_close(&life);
	stop_fsck(&life, life_steps() - 1, seed);
	life_end(&life);
	irmin_buf_clear(&before);
	irmin_buf_clear(&after);
}

int main(void)
{
	uint64_t seed;

	kill_everywhere();
	lose_power_after_flush(1, IRMIN__OS_LOSE_UNSYNCED);
	for (seed = 1; seed <= 20; seed++)
		lose_power_after_flush(seed, IRMIN__OS_LOSE_SOME);
	return done_testing();
}
