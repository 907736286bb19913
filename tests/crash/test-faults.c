/*
 * Every allocation fails once, and every file operation, in every step of the
 * life of a repository: the code says so, err is filled, nothing leaks, and the
 * repository is as it was before the step or as it is after it.
 */
#include "tests/crash/sweep.h"

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#include <errno.h>
#include <string.h>

static uint64_t failing; /* the operation that fails, by its number */

static void plan_allocation(struct life *life, uint64_t n)
{
	(void)life;
	alloc_fault_at(n);
}

static bool allocation_failed(struct life *life)
{
	(void)life;
	return alloc_fault_happened();
}

static void plan_failure(struct life *life, uint64_t n, int os_errno)
{
	uint64_t at = n ? irmin__os_sim_operations(life->os) + n : 0;

	if (n)
		failing = at;
	irmin__os_sim_fail_at(life->os, at, os_errno);
}

static void plan_eio(struct life *life, uint64_t n)
{
	plan_failure(life, n, EIO);
}

static void plan_enospc(struct life *life, uint64_t n)
{
	plan_failure(life, n, ENOSPC);
}

static bool operation_failed(struct life *life)
{
	return irmin__os_sim_failed(life->os) != 0;
}

/* After one failed sync nobody knows what is on the disk; nor, perhaps, where a
 * file could not be opened to be synced. */
static enum sweep_answer sync_failed(struct life *life)
{
	const char *line = irmin__os_sim_log(life->os, failing);

	if (line && strncmp(line, "sync", 4) == 0)
		return SWEEP_YES;
	return line && strncmp(line, "open", 4) == 0 ? SWEEP_PERHAPS : SWEEP_NO;
}

static const struct sweep_fault allocation = { "allocation", IRMIN_ENOMEM,
	plan_allocation, allocation_failed, NULL, NULL, NULL };
static const struct sweep_fault eio = { "operation (EIO)", IRMIN_EIO, plan_eio,
	operation_failed, NULL, sync_failed, NULL };
static const struct sweep_fault enospc = { "operation (ENOSPC)", IRMIN_ENOSPC,
	plan_enospc, operation_failed, NULL, sync_failed, NULL };

static void sweep(const char *scheme, irmin_level level,
    const struct sweep_fault *fault)
{
	struct life like = { .scheme = scheme, .level = level, .seed = 1 };
	uint64_t total;

	diag("%s, level %d: %s", scheme, (int)level, fault->name);
	total = sweep_life(&like, fault);
	ok(total > 10 * life_steps(), "%s: %s: %ju times", scheme, fault->name,
	    (uintmax_t)total);
}

int main(void)
{
	sweep("mem", IRMIN_LEVEL_DEFAULT, &allocation);
	sweep("git", IRMIN_LEVEL_DEFAULT, &allocation);
	sweep("git", IRMIN_LEVEL_DEFAULT, &eio);
	sweep("git", IRMIN_LEVEL_DEFAULT, &enospc);
	sweep("git", IRMIN_POWER, &eio);
	return done_testing();
}
