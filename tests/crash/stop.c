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
