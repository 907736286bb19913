#include "tests/crash/stop.h"

#include "tests/support/tap.h"

#include <string.h>

void stop_plan(struct life *life, uint64_t n)
{
	uint64_t at = n ? irmin__os_sim_operations(life->os) + n : 0;

	irmin__os_sim_crash_at(life->os, at);
}

bool stop_happened(struct life *life)
{
	return irmin__os_sim_crashed(life->os) != 0;
}

void stop_restart(struct life *life, irmin__os_loss loss)
{
	irmin_error err;

	if (irmin__os_sim_restart(life->os, loss, &err) < 0)
		bail("restart: %s", err.text);
}

void stop_fsck(struct life *life, size_t step, uint64_t n)
{
	static int samples;
	struct tap_output said;
	irmin_error err;
	const char *dir;
	int code;

	if (step == 0)
		return;
	dir = tap_format("%s/sample-%d", tap_tmpdir(), samples++);
	if (irmin__os_sim_export(life->os, LIFE_DIRECTORY, dir, &err) < 0)
		bail("export: %s", err.text);
	code = tap_run(&said, "git --git-dir %s fsck --strict 2>&1", dir);
	ok(code == 0 && !strstr(said.out, "error") &&
		!strstr(said.out, "missing"),
	    "%s, stopped at %ju: git fsck --strict", life_step_name(step),
	    (uintmax_t)n);
	if (code != 0)
		diag("%s", said.out);
	tap_output_clear(&said);
	tap_run(NULL, "rm -rf %s", dir);
}

/* Where renames survive out of order, a lock can come back without the mark
 * that tells whose it was. It is taken away as git asks its users to. */
struct locks {
	irmin__os *os;
	const char *directory;
	unsigned removed;
};

static void remove_locks(struct locks *self);

static int remove_lock(void *arg, const char *name, irmin__os_kind kind)
{
	struct locks *self = arg;
	struct locks below = { self->os,
		tap_format("%s/%s", self->directory, name), 0 };
	irmin__os_stat stat;
	size_t len = strlen(name);

	if (kind == IRMIN__OS_DIRECTORY && strlen(name) != 2)
		remove_locks(&below);
	self->removed += below.removed;
	if (len < 5 || strcmp(name + len - 5, ".lock") != 0 ||
	    irmin__os_stat_path(self->os, below.directory, 0, &stat, NULL) !=
		IRMIN_OK ||
	    stat.mode & 01000)
		return 0;
	self->removed++;
	return irmin__os_unlink(self->os, below.directory, NULL) < 0;
}

static void remove_locks(struct locks *self)
{
	irmin_error err;

	if (irmin__os_each(self->os, self->directory, remove_lock, self, &err) <
	    0)
		bail("%s: %s", self->directory, err.text);
}

unsigned stop_remove_locks(struct life *life)
{
	struct locks locks = { life->os, LIFE_DIRECTORY, 0 };

	remove_locks(&locks);
	return locks.removed;
}
