#include "lib/core/base/os-sim-fs.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>

#include "lib/core/base/error.h"

/* When simulated time begins: 2026-01-01 00:00:00 UTC. */
#define BEGINNING_US (INT64_C(1767225600) * 1000000)

static irmin__sim *sim_of(irmin__os *os)
{
	return (irmin__sim *)os;
}

irmin__sim *irmin__sim_lock(irmin__os *os)
{
	irmin__mutex_lock(&sim_of(os)->mutex);
	return sim_of(os);
}

void irmin__sim_unlock(irmin__sim *sim)
{
	irmin__mutex_unlock(&sim->mutex);
}

/* splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
 * generators", 2014) */
uint64_t irmin__sim_random(uint64_t *state)
{
	uint64_t word = *state += 0x9e3779b97f4a7c15;

	word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9;
	word = (word ^ word >> 27) * 0x94d049bb133111eb;
	return word ^ word >> 31;
}

irmin_rc irmin__sim_answer(irmin_error *err, int os_errno, const char *doing,
    const char *path)
{
	return os_errno ? irmin__error_system(err, os_errno, doing, path)
			: IRMIN_OK;
}

irmin_rc irmin__sim_answer_absent(irmin_error *err, int os_errno,
    const char *doing, const char *path)
{
	if (os_errno == ENOENT || os_errno == ENOTDIR)
		return IRMIN_ABSENT;
	return irmin__sim_answer(err, os_errno, doing, path);
}

/* ---- operations: their count, their log, their planned failures ---- */

static int log_line(irmin__sim *sim, const char *format, va_list args)
{
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	if (length >= 0 && IRMIN__VEC_RESERVE(&sim->lines, 1, NULL) >= 0 &&
	    irmin_buf_reserve(&sim->log, (size_t)length + 1, NULL) >= 0) {
		vsnprintf((char *)sim->log.data + sim->log.len,
		    (size_t)length + 1, format, again);
		IRMIN__VEC_PUSH(&sim->lines, sim->log.len);
		sim->log.len += (size_t)length + 1;
	} else {
		length = -1;
	}
	va_end(again);
	return length < 0 ? ENOMEM : 0;
}

int irmin__sim_begin(irmin__sim *sim, const char *format, ...)
{
	va_list args;
	int os_errno;

	sim->failing = 0;
	if (sim->crash_at && sim->operations + 1 >= sim->crash_at)
		sim->crashed = 1;
	if (sim->crashed)
		return EIO;
	va_start(args, format);
	os_errno = log_line(sim, format, args);
	va_end(args);
	if (os_errno)
		return os_errno;
	sim->clock_us++; /* no two operations happen at one time */
	if (++sim->operations != sim->fail_at)
		return 0;
	sim->failing = sim->failed = 1;
	return sim->fail_errno;
}

uint64_t irmin__os_sim_operations(irmin__os *os)
{
	irmin__sim *sim = irmin__sim_lock(os);
	uint64_t operations = sim->operations;

	irmin__sim_unlock(sim);
	return operations;
}

void irmin__os_sim_fail_at(irmin__os *os, uint64_t at, int os_errno)
{
	irmin__sim *sim = irmin__sim_lock(os);

	sim->fail_at = at;
	sim->fail_errno = os_errno;
	sim->failed = 0;
	irmin__sim_unlock(sim);
}

int irmin__os_sim_failed(irmin__os *os)
{
	irmin__sim *sim = irmin__sim_lock(os);
	int failed = sim->failed;

	irmin__sim_unlock(sim);
	return failed;
}

void irmin__os_sim_crash_at(irmin__os *os, uint64_t at)
{
	irmin__sim *sim = irmin__sim_lock(os);

	sim->crash_at = at;
	irmin__sim_unlock(sim);
}

int irmin__os_sim_crashed(irmin__os *os)
{
	irmin__sim *sim = irmin__sim_lock(os);
	int crashed = sim->crashed;

	irmin__sim_unlock(sim);
	return crashed;
}

const char *irmin__os_sim_log(irmin__os *os, uint64_t n)
{
	irmin__sim *sim = irmin__sim_lock(os);
	const char *line = NULL;

	if (n > 0 && n <= sim->lines.len)
		line = (char *)sim->log.data + sim->lines.items[n - 1];
	irmin__sim_unlock(sim);
	return line;
}

/* ---- clocks, randomness, the host ---- */

int64_t irmin__sim_now_us(const irmin__sim *sim)
{
	return BEGINNING_US + sim->clock_us;
}

/* Time passes while it is asked for, so that no loop waits for ever. */
static int64_t sim_monotonic_us(irmin__os *os)
{
	irmin__sim *sim = irmin__sim_lock(os);
	int64_t now = ++sim->clock_us;

	irmin__sim_unlock(sim);
	return now;
}

static int64_t sim_now_us(irmin__os *os)
{
	return BEGINNING_US + sim_monotonic_us(os);
}

/* Another thread may be what the caller waits for. */
static void sim_sleep_us(irmin__os *os, int64_t us)
{
	irmin__sim *sim = irmin__sim_lock(os);

	sim->clock_us += us;
	irmin__sim_unlock(sim);
	sched_yield();
}

static int32_t sim_zone(irmin__os *os, int64_t seconds)
{
	(void)os;
	(void)seconds;
	return 0;
}

static irmin_rc sim_random(irmin__os *os, void *bytes, size_t len,
    irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	unsigned char *out = bytes;
	int os_errno = irmin__sim_begin(sim, "random %zu", len);
	size_t i;

	for (i = 0; i < len && !os_errno; i++)
		out[i] = irmin__sim_random(&sim->random_state) & 0xff;
	irmin__sim_unlock(sim);
	return irmin__sim_answer(err, os_errno, "cannot get random bytes",
	    NULL);
}

static void sim_name(irmin__os *os, char *name, size_t name_bytes)
{
	(void)os;
	snprintf(name, name_bytes, "sim");
}

static const char *sim_environment(irmin__os *os, const char *name)
{
	(void)os;
	(void)name;
	return NULL;
}

/* ---- the instance ---- */

static const irmin__os_class sim_class = {
	.size = sizeof sim_class,
	.open = irmin__sim_open,
	.close = irmin__sim_close,
	.read = irmin__sim_read,
	.write = irmin__sim_write_file,
	.write_at = irmin__sim_write_at,
	.sync = irmin__sim_sync,
	.stat_file = irmin__sim_stat_file,
	.chmod = irmin__sim_chmod,
	.lock = irmin__sim_lock_file,
	.stat_path = irmin__sim_stat_path,
	.rename = irmin__sim_rename,
	.link = irmin__sim_link,
	.unlink = irmin__sim_unlink,
	.mkdir = irmin__sim_mkdir,
	.rmdir = irmin__sim_rmdir,
	.chmod_path = irmin__sim_chmod_path,
	.touch = irmin__sim_touch,
	.sync_directory = irmin__sim_sync_directory_path,
	.sync_all = irmin__sim_sync_all_path,
	.readlink = irmin__sim_readlink,
	.each = irmin__sim_each,
	.absolute = irmin__sim_absolute,
	.now_us = sim_now_us,
	.monotonic_us = sim_monotonic_us,
	.sleep_us = sim_sleep_us,
	.zone = sim_zone,
	.random = sim_random,
	.host = sim_name,
	.user = sim_name,
	.environment = sim_environment,
	.holder = irmin__sim_holder,
};

irmin_rc irmin__os_sim_new(uint64_t seed, irmin__os **os, irmin_error *err)
{
	irmin__sim *sim = irmin_calloc(1, sizeof *sim);
	irmin_rc rc;

	irmin_error_clear(err);
	*os = NULL;
	if (!sim)
		return irmin__enomem(err);
	sim->os.cls = &sim_class;
	sim->random_state = seed;
	sim->crash_state = ~seed;
	rc = irmin__mutex_init(&sim->mutex, err);
	if (rc < 0) {
		irmin_free(sim);
		return rc;
	}
	sim->root = irmin__sim_node_new(sim, IRMIN__OS_DIRECTORY, 0755);
	if (!sim->root) {
		irmin__os_sim_free(&sim->os);
		return irmin__enomem(err);
	}
	sim->root->parent = sim->root;
	*os = &sim->os;
	return IRMIN_OK;
}

void irmin__os_sim_free(irmin__os *os)
{
	irmin__sim *sim = os ? sim_of(os) : NULL;
	irmin__sim_node *node;

	if (!sim)
		return;
	irmin__sim_changes_clear(sim);
	while ((node = sim->nodes)) {
		sim->nodes = node->next;
		irmin__sim_node_free(node);
	}
	irmin_buf_clear(&sim->log);
	IRMIN__VEC_CLEAR(&sim->lines);
	irmin__mutex_clear(&sim->mutex);
	irmin_free(sim);
}
