#include "lib/pack/pack.h"

#include <stdlib.h>
#include <string.h>

#include "lib/pack/entry.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/pack/git-pack.h"

/* What a scan told. */
typedef struct telling {
	const git_pack *made;
	irmin__pack *pack;
	unsigned char *seen; /* for each object of the oracle */
	size_t told, wrong, faults, limits, deltas, largest, most;
	int stop_at;
	irmin_error fault; /* the first */
} telling;

static int tell(void *arg, const irmin_scanned *object)
{
	telling *told = arg;
	const git_object *want = git_pack_find(told->made, &object->id);
	const git_object *base = git_pack_find(told->made, &object->base);
	size_t at;

	told->told++;
	if (alloc_fault_live() > told->most)
		told->most = alloc_fault_live();
	if (!want || told->seen[at = (size_t)(want - told->made->objects)]++) {
		told->wrong++;
		return 0;
	}
	if (object->fault) {
		if (!told->faults++)
			told->fault = *object->fault;
		told->limits += object->fault->code == IRMIN_ELIMIT;
		told->wrong += object->type != IRMIN_OBJECT_ANY;
		return 0;
	}
	told->wrong += object->type != want->type ||
	    !irmin_slice_equal(object->data, want->data);
	told->deltas += base != NULL;
	told->wrong += base && !told->seen[base - told->made->objects];
	return told->told == (size_t)told->stop_at ? 1234 : 0;
}

static void begin(telling *told, const git_pack *made)
{
	memset(told, 0, sizeof *told);
	told->made = made;
	told->seen = calloc(made->count, 1);
}

static irmin_rc scan(telling *told, irmin__pack *pack, size_t max_bytes,
    const irmin_context *context, irmin_error *err)
{
	irmin__pack_reading reading = { context, NULL };
	irmin__pack_scan options = { &reading, NULL, NULL, max_bytes, tell,
		told };

	return irmin__pack_each(pack, &options, err);
}

static void tells_all(const git_pack *made, irmin__windows_io io,
    size_t window_bytes, size_t max_bytes, const char *how)
{
	irmin__pack *pack = git_pack_open(made, io, window_bytes);
	irmin_error err;
	telling told;

	begin(&told, made);
	succeeds(scan(&told, pack, max_bytes, NULL, &err), &err, "%s", how);
	is_int(told.told, made->count, "%s: all is told", how);
	is_int(told.wrong, 0, "%s: and right", how);
	is_int(told.faults, 0, "%s: without faults", how);
	ok(told.deltas > made->count / 4, "%s: bases are named", how);
	free(told.seen);
	irmin__pack_unref(pack);
}

static void stops(const git_pack *made)
{
	irmin__pack *pack = git_pack_open(made, IRMIN__WINDOWS_MAP, 0);
	volatile int cancel = 1;
	irmin_context context = { sizeof context, 0, &cancel, 0 };
	irmin_error err;
	telling told;

	begin(&told, made);
	told.stop_at = 10;
	is_rc(scan(&told, pack, 0, NULL, &err), 1234, "an answer stops it");
	is_int(told.told, 10, "at once");
	free(told.seen);
	begin(&told, made);
	fails(scan(&told, pack, 0, &context, &err), IRMIN_ECANCELED, &err,
	    "it can be canceled");
	is_int(told.told, 0, "at once");
	free(told.seen);
	irmin__pack_unref(pack);
}

static void limits(const git_pack *made)
{
	irmin__pack *pack = git_pack_open(made, IRMIN__WINDOWS_MAP, 0);
	irmin_context context = { sizeof context, 0, NULL, 400 };
	size_t large = 0, i;
	irmin_error err;
	telling told;

	for (i = 0; i < made->count; i++)
		large += made->objects[i].data.len > 400;
	begin(&told, made);
	succeeds(scan(&told, pack, 0, &context, &err), &err, "a limit");
	is_int(told.told, made->count, "everything is told");
	is_int(told.wrong, 0, "and right");
	is_int(told.limits, told.faults, "what is too large as that");
	ok(told.limits >= large, "all %zu: %zu", large, told.limits);
	free(told.seen);
	irmin__pack_unref(pack);
}

/* ---- some only ---- */

typedef struct choice {
	irmin__pack *pack;
	unsigned every;
	size_t skipped;
} choice;

static int is_skipped(void *arg, uint32_t at)
{
	const choice *made = arg;

	return at % made->every != 0;
}

static void skips(const git_pack *made)
{
	irmin__pack *pack = git_pack_open(made, IRMIN__WINDOWS_MAP, 0);
	irmin__pack_scan options = { NULL, is_skipped, NULL, 0, tell, NULL };
	choice some = { pack, 3, 0 };
	irmin_error err;
	telling told;

	options.skip_arg = &some;
	options.arg = &told;
	begin(&told, made);
	succeeds(irmin__pack_each(pack, &options, &err), &err, "some only");
	is_int(told.told, (made->count + 2) / 3, "they are told");
	is_int(told.wrong, 0, "and right");
	free(told.seen);
	begin(&told, made);
	some.every = UINT32_MAX;
	succeeds(irmin__pack_each(pack, &options, &err), &err, "one only");
	is_int(told.told, 1, "it is told");
	free(told.seen);
	irmin__pack_unref(pack);
}

/* ---- a long chain ---- */

static void long_chain(void)
{
	irmin__pack *pack;
	git_pack made;
	irmin_object object;
	size_t wrong = 0, i;
	irmin_error err;
	telling told;

	git_pack_make(&made, "long", IRMIN_HASH_SHA1, 3000, "",
	    "--depth=4000 --window=3 --threads=1");
	ok(git_pack_depth(&made) > 1000, "a chain of %d",
	    git_pack_depth(&made));
	tells_all(&made, IRMIN__WINDOWS_MAP, 0, 0, "a long chain");
	tells_all(&made, IRMIN__WINDOWS_READ, 0, 1, "in little memory");
	pack = git_pack_open(&made, IRMIN__WINDOWS_MAP, 0);
	begin(&told, &made);
	i = alloc_fault_live();
	(void)scan(&told, pack, 20000, NULL, NULL);
	ok(told.most - i < 50, "few blocks at a time: %zu", told.most - i);
	free(told.seen);
	for (i = 0; i < made.count; i += 50) {
		wrong += irmin__pack_find(pack,
			     git_pack_offset(pack, &made.objects[i].id), NULL,
			     &object, &err) != IRMIN_OK ||
		    !irmin_slice_equal(made.objects[i].data,
			irmin_bytes(object.data.data, object.data.len));
		irmin_pin_release(&object.data);
	}
	is_int(wrong, 0, "objects at its end are found");
	irmin__pack_unref(pack);
	git_pack_clear(&made);
}

/* ---- memory ---- */

static irmin_rc scan_once(void *arg, irmin_error *err)
{
	telling *told = arg;
	irmin__pack *pack = NULL;
	irmin_rc rc;

	memset(told->seen, 0, told->made->count);
	rc = irmin__pack_open(irmin__os_posix(), told->made->algo,
	    IRMIN__WINDOWS_READ, told->made->idx, &pack, err);
	if (rc >= 0)
		rc = scan(told, pack, 3000, NULL, err);
	if (rc >= 0)
		rc = irmin__pack_verify(pack, NULL, err);
	irmin__pack_unref(pack);
	return rc;
}

int main(void)
{
	static const irmin_hash_algo algos[] = { IRMIN_HASH_SHA1,
		IRMIN_HASH_SHA256 };
	irmin_error err;
	telling told;
	git_pack made;
	int i;

	for (i = 0; i < 2; i++) {
		const char *name = irmin_hash_name(algos[i]);
		irmin__pack *pack;

		git_pack_make(&made, name, algos[i], 120, "", "--depth=50");
		tells_all(&made, IRMIN__WINDOWS_MAP, 0, 0, name);
		tells_all(&made, IRMIN__WINDOWS_READ, 400, 1,
		    tap_format("%s, small", name));
		stops(&made);
		limits(&made);
		skips(&made);
		pack = git_pack_open(&made, IRMIN__WINDOWS_READ, 100);
		succeeds(irmin__pack_verify(pack, NULL, &err), &err, "verify");
		irmin__pack_unref(pack);
		git_pack_clear(&made);

		name = tap_format("%s-ref", name);
		git_pack_make(&made, name, algos[i], 60,
		    "-c repack.useDeltaBaseOffset=false", "--depth=50");
		tells_all(&made, IRMIN__WINDOWS_MAP, 0, 0, name);
		git_pack_clear(&made);
	}
	long_chain();
	git_pack_make(&made, "memory", IRMIN_HASH_SHA1, 12, "", "--depth=50");
	begin(&told, &made);
	alloc_fault_sweep("scan and verify", scan_once, &told);
	is_int(told.wrong, 0, "and what was told is right");
	is_int(told.faults, 0, "and no object is said to be broken");
	free(told.seen);
	git_pack_clear(&made);
	return done_testing();
}
