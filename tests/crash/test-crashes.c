/*
 * The machine, or the process, stops before every file operation in every step
 * of the life of a repository. After kill -9 (all that was written is there)
 * and, at level POWER, after loss of power (what was not synced is lost, or a
 * part of it): what was acknowledged is there, and git finds nothing wrong.
 */
#include "tests/crash/sweep.h"

#include "tests/support/tap.h"

#include <string.h>

#define FSCK_EVERY 16

static int samples;

static void plan_crash(struct life *life, uint64_t n)
{
	uint64_t at = n ? irmin__os_sim_operations(life->os) + n : 0;

	irmin__os_sim_crash_at(life->os, at);
}

static bool has_crashed(struct life *life)
{
	return irmin__os_sim_crashed(life->os) != 0;
}

static void restart(struct life *life, irmin__os_loss loss)
{
	irmin_error err;

	if (irmin__os_sim_restart(life->os, loss, &err) < 0)
		bail("restart: %s", err.text);
}

static void restart_process(struct life *life)
{
	restart(life, IRMIN__OS_LOSE_NOTHING);
}

static void restart_synced(struct life *life)
{
	restart(life, IRMIN__OS_LOSE_UNSYNCED);
}

static void restart_torn(struct life *life)
{
	restart(life, IRMIN__OS_LOSE_SOME);
}

/* What git says of it; a repository that is only half made is none yet. */
static void run_fsck(struct life *life, size_t step, uint64_t n)
{
	struct tap_output said;
	irmin_error err;
	const char *dir;
	int code;

	if (step == 0 || n % FSCK_EVERY != 1)
		return;
	dir = tap_format("%s/sample-%d", tap_tmpdir(), samples++);
	if (irmin__os_sim_export(life->os, LIFE_DIRECTORY, dir, &err) < 0)
		bail("export: %s", err.text);
	code = tap_run(&said, "git --git-dir %s fsck --strict 2>&1", dir);
	if (code != 0 || strstr(said.out, "error") ||
	    strstr(said.out, "missing"))
		ok(false, "%s, stopped at %ju: git fsck: %s",
		    life_step_name(step), (uintmax_t)n, said.out);
	tap_output_clear(&said);
	tap_run(NULL, "rm -rf %s", dir);
}

static void sweep(const char *name, irmin_level level, uint64_t seed,
    void (*recover)(struct life *life))
{
	struct life like = { .scheme = "git", .level = level, .seed = seed };
	struct sweep_fault fault = { name, 0, plan_crash, has_crashed, recover,
		run_fsck };
	int before = samples;
	uint64_t total = sweep_life(&like, &fault);

	ok(total > 10 * life_steps(), "%s: %ju times", name, (uintmax_t)total);
	ok(samples > before, "%s: git fsck --strict of %d samples", name,
	    samples - before);
}

/* Any operation makes it stop. */
static void pull_the_plug(struct life *life)
{
	irmin_buf ignored = IRMIN_BUF_INIT;
	irmin_error err;

	plan_crash(life, 1);
	if (life_state(life, &ignored, &err) >= 0)
		ok(false, "a machine that has stopped cannot be read");
	irmin_buf_clear(&ignored);
	life_close(life);
}

/* At the default level, which syncs nothing by itself: flush, then darkness. */
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
	restart(&life, loss);
	if (succeeds(life_open(&life, &err), &err, "opened after power loss") &&
	    succeeds(life_state(&life, &after, &err), &err, "and read"))
		is_mem(after.data, after.len, before.data, before.len,
		    "what was flushed is there (seed %ju)", (uintmax_t)seed);
	life_close(&life);
	run_fsck(&life, 1, 1);
	life_end(&life);
	irmin_buf_clear(&before);
	irmin_buf_clear(&after);
}

int main(void)
{
	uint64_t seed;

	sweep("kill -9", IRMIN_LEVEL_DEFAULT, 1, restart_process);
	sweep("power loss", IRMIN_POWER, 1, restart_synced);
	for (seed = 1; seed <= 3; seed++)
		sweep("torn power loss", IRMIN_POWER, seed, restart_torn);
	lose_power_after_flush(1, IRMIN__OS_LOSE_UNSYNCED);
	for (seed = 1; seed <= 20; seed++)
		lose_power_after_flush(seed, IRMIN__OS_LOSE_SOME);
	return done_testing();
}
