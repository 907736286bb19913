/* The conformance suite over git directories: on the disk, where real git has
 * the last word, and on a machine in memory. */
#include "lib/backend-git/git.h"
#include "lib/core/base/os-sim.h"

#include "tests/suite/suite-backend.h"
#include "tests/support/tap.h"

#include <stdlib.h>
#include <string.h>

struct place {
	irmin__os *os;
	const char *above; /* the directory of repositories */
	unsigned count;
	const char *path; /* of the last one */
	irmin_io io;
};

static irmin_rc open_new(void *arg, irmin_hash_algo hash,
    irmin_backend **backend, irmin_error *err)
{
	struct place *place = arg;
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;

	options.hash = hash;
	options.flags = IRMIN_OPEN_CREATE;
	options.io = place->io;
	place->path = tap_format("%s/%u.git", place->above, ++place->count);
	return irmin__git_open(place->os, place->path, &options, backend, err);
}

static irmin_rc open_again(void *arg, irmin_backend **backend, irmin_error *err)
{
	struct place *place = arg;
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;

	return irmin__git_open(place->os, place->path, &options, backend, err);
}

/* As open_again, when git has packed every object. */
static irmin_rc open_packed(void *arg, irmin_backend **backend,
    irmin_error *err)
{
	struct place *place = arg;
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;

	if (tap_run(NULL,
		"cd %s && find objects -path 'objects/[0-9a-f][0-9a-f]/*' | "
		"sed 's,[^0-9a-f],,g; s,^bec,,' > ids && "
		"{ ! test -s ids || git pack-objects -q objects/pack/pack "
		"< ids > /dev/null; } && git prune-packed && "
		"! find objects -path 'objects/[0-9a-f][0-9a-f]/*' | grep -q .",
		place->path) != 0)
		bail("cannot pack %s", place->path);
	options.io = place->io;
	return irmin__git_open(place->os, place->path, &options, backend, err);
}

/* The suite's refs name no objects, and its trees and commits are random bytes;
 * git can be asked about the blobs that the threads wrote last. */
static void check_with_git(const struct place *place)
{
	struct tap_output output;
	unsigned i;

	is_int(tap_run(&output,
		   "cd %s && rm -r refs/heads/* && git fsck --strict",
		   place->path),
	    0, "git fsck --strict of what the threads wrote");
	ok(!strstr(output.err, "error"), "says nothing bad");
	tap_output_clear(&output);
	for (i = 1; i <= place->count; i++)
		is_int(tap_run(NULL, "git -C %s/%u.git rev-parse --git-dir",
			   place->above, i),
		    0, "git takes repository %u for one", i);
}

int main(void)
{
	struct place disk = { irmin__os_posix(), tap_tmpdir(), 0, NULL,
		IRMIN_IO_DEFAULT };
	struct place packed = { irmin__os_posix(),
		tap_format("%s/packed", tap_tmpdir()), 0, NULL, IRMIN_IO_READ };
	struct place memory = { NULL, "/above/it", 0, NULL, IRMIN_IO_DEFAULT };
	struct suite_backend on_disk = { "git", &disk, open_new, open_again,
		0 };
	struct suite_backend on_packs = { "git, packed", &packed, open_new,
		open_packed, 0 };
	struct suite_backend in_memory = { "git in memory", &memory, open_new,
		open_again, 1 };
	irmin_error err;

	suite_backend_run(&on_disk);
	check_with_git(&disk);
	if (tap_run(NULL, "mkdir %s", packed.above) != 0)
		bail("cannot make %s", packed.above);
	suite_backend_run(&on_packs);
	if (irmin__os_sim_new(1, &memory.os, &err) < 0)
		bail("no simulator: %s", err.text);
	suite_backend_run(&in_memory);
	irmin__os_sim_free(memory.os);
	return done_testing();
}
