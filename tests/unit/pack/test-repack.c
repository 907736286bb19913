/* Several packs and single objects become one pack, which git checks. */
#include "lib/pack/repack.h"

#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/unit/pack/git-pack.h"
#include "tests/unit/pack/pack-kit.h"

/* What a repack is made of. */
struct job {
	irmin_hash_algo algo;
	irmin__pack *packs[2];
	const git_pack *singles; /* of which every object is one */
	const char *out;         /* the pack to be made, without ".pack" */
	uint64_t count;
};

static irmin_rc read_single(void *arg, const irmin_oid *id,
    irmin_object *object, irmin_error *err)
{
	const git_object *found = git_pack_find(arg, id);

	(void)err;
	memset(object, 0, sizeof *object);
	if (!found)
		return IRMIN_ABSENT;
	object->type = found->type;
	object->data.data = found->data.data;
	object->data.len = found->data.len;
	return IRMIN_OK;
}

static irmin_rc gather(struct job *job, irmin__repack *repack, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < 2; i++)
		if (job->packs[i])
			rc = irmin__repack_add_pack(repack, job->packs[i], err);
	for (i = 0; rc >= 0 && job->singles && i < job->singles->count; i++)
		rc = irmin__repack_add_object(repack,
		    &job->singles->objects[i].id, err);
	job->count = irmin__repack_count(repack);
	return rc;
}

static irmin_rc write(struct job *job, irmin__repack *repack, irmin__file *file,
    irmin_error *err)
{
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	const char *path = tap_format("%s.pack", job->out);
	irmin__pack_writer *writer = NULL;
	irmin_buf index = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__pack_writer_new(irmin__os_posix(), job->algo, file, path,
	    (uint32_t)job->count, &writer, err);
	if (rc >= 0)
		rc = irmin__repack_write(repack, writer, err);
	if (rc >= 0)
		rc = irmin__pack_writer_finish(writer, checksum, &index, err);
	if (rc >= 0)
		tap_write_file(tap_format("%s.idx", job->out), index.data,
		    index.len);
	irmin__pack_writer_free(writer);
	irmin_buf_clear(&index);
	return rc;
}

static irmin_rc run(void *arg, irmin_error *err)
{
	struct job *job = arg;
	irmin__repack_options options = { NULL, -1, read_single, NULL, NULL,
		NULL };
	irmin__repack *repack = NULL;
	irmin__file *file = NULL;
	irmin_rc rc;

	options.read_arg = (void *)job->singles;
	rc = irmin__os_open(irmin__os_posix(), tap_format("%s.pack", job->out),
	    IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_TRUNCATE, 0644,
	    &file, err);
	if (rc >= 0)
		rc = irmin__repack_new(job->algo, &options, &repack, err);
	if (rc >= 0)
		rc = gather(job, repack, err);
	if (rc >= 0)
		rc = write(job, repack, file, err);
	irmin__repack_free(repack);
	irmin__os_close(file);
	return rc;
}

/* Every object of `made` is in the new pack, byte for byte. */
static void check_has(irmin__pack *pack, const git_pack *made, const char *what)
{
	irmin__pack_reading reading = { NULL, NULL };
	irmin_object object;
	irmin_error err;
	size_t i, wrong = 0;

	for (i = 0; i < made->count; i++) {
		const git_object *want = &made->objects[i];

		if (irmin__pack_find(pack, git_pack_offset(pack, &want->id),
			&reading, &object, &err) != IRMIN_OK)
			bail("%s", err.text);
		wrong += object.type != want->type ||
		    !irmin_slice_equal(want->data,
			irmin_bytes(object.data.data, object.data.len));
		irmin_pin_release(&object.data);
	}
	is_int(wrong, 0, "%s: all objects are what they were", what);
}

static void check_job(struct job *job, const git_pack *first,
    const git_pack *second, const char *what)
{
	irmin__pack *pack;
	irmin_error err;

	if (!succeeds(run(job, &err), &err, "%s: written", what))
		return;
	kit_says("", "git verify-pack --object-format=%s %s.idx",
	    irmin_hash_name(job->algo), job->out);
	if (irmin__pack_open(irmin__os_posix(), job->algo, IRMIN__WINDOWS_MAP,
		tap_format("%s.idx", job->out), &pack, &err) != IRMIN_OK)
		bail("%s", err.text);
	check_has(pack, first, what);
	check_has(pack, second, what);
	irmin__pack_unref(pack);
}

/* Two packs with objects in common, as packs and as single objects. */
static void check_all(irmin_hash_algo algo, const char *configuration)
{
	const char *name = tap_format("%s%zu", irmin_hash_name(algo),
	    strlen(configuration));
	struct job job = { algo, { NULL, NULL }, NULL, NULL, 0 };
	git_pack few, many;

	job.out = kit_path(tap_format("out-%s", name));
	git_pack_make(&few, tap_format("few-%s", name), algo, 5, configuration,
	    "--depth=50");
	git_pack_make(&many, tap_format("many-%s", name), algo, 40,
	    configuration, "--depth=50");
	job.packs[0] = git_pack_open(&few, IRMIN__WINDOWS_MAP, 0);
	job.packs[1] = git_pack_open(&many, IRMIN__WINDOWS_READ, 0);
	check_job(&job, &few, &many, tap_format("%s: two packs", name));
	ok(job.count < few.count + many.count, "%s: what both have, once",
	    name);
	irmin__pack_unref(job.packs[1]);
	job.packs[1] = NULL;
	job.singles = &many;
	check_job(&job, &few, &many,
	    tap_format("%s: a pack and objects", name));
	irmin__pack_unref(job.packs[0]);
	job.packs[0] = NULL;
	check_job(&job, &many, &many, tap_format("%s: objects", name));
	diag("objects alone: %s bytes; git's own: %s",
	    kit_says("", "stat -c %%s %s.pack", job.out),
	    kit_says("", "stat -c %%s %s", many.pack));
	git_pack_clear(&few);
	git_pack_clear(&many);
}

static void check_allocations(void)
{
	struct job job = { IRMIN_HASH_SHA1, { NULL, NULL }, NULL, NULL, 0 };
	git_pack few, many;

	job.out = kit_path("out-memory");
	git_pack_make(&few, "few-memory", job.algo, 3, "", "--depth=50");
	git_pack_make(&many, "many-memory", job.algo, 6, "", "--depth=50");
	job.packs[0] = git_pack_open(&few, IRMIN__WINDOWS_MAP, 0);
	job.singles = &many;
	if (run(&job, NULL) < 0) /* what the open pack keeps is no leak */
		bail("cannot repack");
	alloc_fault_sweep("repack", run, &job);
	irmin__pack_unref(job.packs[0]);
	git_pack_clear(&few);
	git_pack_clear(&many);
}

int main(void)
{
	check_all(IRMIN_HASH_SHA1, "");
	check_all(IRMIN_HASH_SHA1, "-c repack.useDeltaBaseOffset=false");
	check_all(IRMIN_HASH_SHA1, "-c pack.indexVersion=1");
	check_all(IRMIN_HASH_SHA256, "");
	check_allocations();
	return done_testing();
}
