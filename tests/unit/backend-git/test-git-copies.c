/* An object that lies in several places: a broken copy does not hide a good one,
 * a good one that is to be kept is not written again, and all others are. */
#include "tests/unit/backend-git/git-place.h"

#include "tests/support/alloc-fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every repository here is about one blob. */
#define MAKE_LOOSE "seq 5000 | git hash-object -w --stdin > id"
#define MAKE_PACK                                                              \
	MAKE_LOOSE " && git pack-objects -q objects/pack/pack < id > pack && " \
		   "git prune-packed"
/* The same blob in a pack of another name. */
#define MAKE_OTHER_PACK                                                        \
	MAKE_LOOSE " && echo x | git hash-object -w --stdin >> id && "         \
		   "git pack-objects -q objects/pack/pack < id > other && "    \
		   "git prune-packed"

static const char *const formats[] = { "sha1", "sha256" };

static irmin_slice blob(void)
{
	static char text[5000 * 5 + 1];
	unsigned i;
	size_t len = 0;

	for (i = 1; !text[0] || i <= 5000; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%u\n",
		    i);
	return irmin_text(text);
}

static irmin_oid id_of(irmin_hash_algo hash)
{
	irmin_oid id;
	irmin_error err;

	if (irmin_hash_object(hash, IRMIN_OBJECT_BLOB, blob(), &id, &err) < 0)
		bail("%s", err.text);
	return id;
}

static irmin_backend *make(const char *dir, const char *format,
    const char *command)
{
	place_says("", "git init -q --bare --object-format=%s %s", format, dir);
	place_says(dir, "%s", command);
	return place_open(dir, 0);
}

/* Overwrites bytes of files in place, as a bad disk does. */
static void damage(const char *dir, const char *files, unsigned where)
{
	place_says(dir,
	    "chmod u+w %s && for f in %s; do head -c 16 /dev/zero | "
	    "dd of=$f bs=1 seek=%u conv=notrunc 2>/dev/null; done",
	    files, files, where);
}

/* ---- reading ---- */

static int count_faults(void *arg, const irmin_scanned *scanned)
{
	unsigned *faults = arg;

	*faults += scanned->fault != NULL;
	return 0;
}

static void check_good(irmin_backend *backend, const char *what)
{
	const irmin_objects_class *cls = backend->objects->cls;
	irmin_oid id = id_of(backend->hash);
	irmin_object_source *source;
	irmin_object_type type;
	irmin_object object;
	unsigned faults = 0;
	uint64_t bytes;
	irmin_error err;

	if (succeeds(cls->find(backend->objects, NULL, &id, &object, &err),
		&err, "%s: find", what))
		ok(irmin_slice_equal(irmin_bytes(object.data.data,
					 object.data.len),
		       blob()),
		    "%s: its bytes", what);
	irmin_pin_release(&object.data);
	is_rc(cls->has(backend->objects, NULL, &id, &err), IRMIN_OK, "%s: has",
	    what);
	is_rc(cls->stat(backend->objects, NULL, &id, &type, &bytes, &err),
	    IRMIN_OK, "%s: stat", what);
	is_int(bytes, blob().len, "%s: its size", what);
	is_rc(cls->open_read(backend->objects, NULL, &id, &type, &bytes,
		  &source, &err),
	    IRMIN_OK, "%s: open", what);
	if (source)
		source->cls->close(source);
	succeeds(cls->scan(backend->objects, NULL, count_faults, &faults, &err),
	    &err, "%s: scan", what);
	is_int(faults, 0, "%s: scan tells the good one", what);
}

static void check_broken(irmin_backend *backend, const char *what)
{
	const irmin_objects_class *cls = backend->objects->cls;
	irmin_oid id = id_of(backend->hash);
	irmin_object object;
	unsigned faults = 0;
	irmin_error err;

	fails(cls->find(backend->objects, NULL, &id, &object, &err),
	    IRMIN_ECORRUPT, &err, "%s", what);
	ok(strstr(err.where, "/objects/") && err.offset != IRMIN_NO_OFFSET,
	    "%s: file and offset: %s", what, err.text);
	ok(!object.data.data && !object.type, "%s: nothing comes out", what);
	succeeds(cls->scan(backend->objects, NULL, count_faults, &faults, &err),
	    &err, "%s: scan", what);
	ok(faults > 0, "%s: scan tells it", what);
}

static void check_reading(const char *format)
{
	const char *dir = tap_format("packed-%s", format);
	const char *what;
	irmin_backend *backend = make(dir, format, MAKE_PACK);
	irmin_backend *again;

	check_good(backend, tap_format("%s, packed", format));
	place_close(backend);
	damage(dir, "objects/pack/*.pack", 100);
	backend = place_open(dir, 0);
	check_broken(backend, tap_format("%s, the pack is broken", format));
	place_says(dir,
	    "mkdir aside && mv objects/pack/* aside/ && " MAKE_LOOSE
	    " && mv aside/* objects/pack/");
	what = tap_format("%s, a good file beside it", format);
	check_good(backend, what);
	damage(dir, "objects/[0-9a-f]*/*", 40);
	check_broken(backend, tap_format("%s, broken both", format));
	place_says(dir,
	    "mv objects/pack/* aside/ && rm -r objects/[0-9a-f]* && " MAKE_OTHER_PACK
	    " && mv aside/* objects/pack/");
	what = tap_format("%s, a good pack beside them", format);
	check_good(backend, what);
	again = place_open(dir, 0);
	check_good(again, what);
	place_close(again);
	place_says(dir,
	    "touch objects/pack/pack-$(cat pack).pack && "
	    "git multi-pack-index write");
	what = tap_format("%s, a multi-pack index over both", format);
	again = place_open(dir, 0);
	check_good(again, what);
	place_close(again);
	place_close(backend);
}

static int count_id(void *arg, const irmin_oid *id)
{
	unsigned *count = arg;

	(void)id;
	(*count)++;
	return 0;
}

static void check_broken_index(const char *format)
{
	const char *dir = tap_format("index-%s", format);
	irmin_backend *backend = make(dir, format, MAKE_PACK);
	irmin_oid id = id_of(backend->hash);
	irmin_oid absent = id;
	irmin_error err;
	unsigned faults = 0, listed = 0;

	absent.bytes[0] ^= 1;
	damage(dir, "objects/pack/*.idx", 1016);
	fails(backend->objects->cls->has(backend->objects, NULL, &absent, &err),
	    IRMIN_ECORRUPT, &err, "%s: an index is broken: nothing is absent",
	    format);
	ok(strstr(err.where, ".idx") != NULL, "which one is told: %s",
	    err.text);
	place_says(dir, MAKE_LOOSE);
	is_rc(backend->objects->cls->has(backend->objects, NULL, &id, &err),
	    IRMIN_OK, "what is elsewhere is found");
	succeeds(backend->objects->cls->scan(backend->objects, NULL,
		     count_faults, &faults, &err),
	    &err, "%s: scan", format);
	is_int(faults, 1, "tells the index");
	fails(backend->objects->cls->each(backend->objects, NULL, "", count_id,
		  &listed, &err),
	    IRMIN_ECORRUPT, &err, "each cannot tell all");
	is_int(listed, 1, "but the others");
	place_close(backend);
}

/* What an alternate has is good enough. */
static void check_borrowed(const char *format)
{
	const char *lender = tap_format("lender-%s", format);
	const char *dir = tap_format("borrower-%s", format);
	irmin_backend *backend = make(lender, format, MAKE_LOOSE);

	place_close(backend);
	backend = make(dir, format, MAKE_PACK);
	damage(dir, "objects/pack/*.pack", 100);
	place_says(dir, "echo ../../%s/objects > objects/info/alternates",
	    lender);
	check_good(backend, tap_format("%s, a good file elsewhere", format));
	place_says(lender, MAKE_PACK);
	check_good(backend, tap_format("%s, a good pack elsewhere", format));
	damage(lender, "objects/pack/*.pack", 100);
	place_close(backend);
	backend = place_open(dir, 0);
	check_broken(backend, tap_format("%s, broken everywhere", format));
	place_close(backend);
}

/* ---- adding ---- */

static unsigned files_of(const char *dir)
{
	return (unsigned)atoi(
	    place_says(dir, "find objects/[0-9a-f]* -type f | wc -l"));
}

static void check_adding(const char *format)
{
	const char *dir = tap_format("adding-%s", format);
	irmin_backend *backend = make(dir, format,
	    MAKE_PACK " && touch -d '3 weeks ago' objects/pack/*");
	irmin_oid id;
	irmin_error err;

	place_close(backend);
	place_says(dir,
	    "for p in objects/pack/*.pack; do"
	    " touch ${p%%.pack}.keep; done");
	backend = place_open(dir, 0);
	id = place_add(backend, IRMIN_OBJECT_BLOB, blob());
	is_int(files_of(dir), 0, "%s: what is kept packed is not written",
	    format);
	is_str(place_says(dir, "find objects/pack -name '*.pack' -mtime +1"),
	    "", "%s: but freshened", format);
	place_says(dir, "touch -d '3 weeks ago' objects/pack/*");
	is_rc(backend->objects->cls->freshen(backend->objects, NULL, &id, &err),
	    IRMIN_OK, "%s: freshen", format);
	is_str(place_says(dir, "find objects/pack -name '*.pack' -mtime +1"),
	    "", "%s: touches the pack", format);
	place_close(backend);
	place_says(dir, "rm objects/pack/*.keep");
	backend = place_open(dir, 0);
	place_add(backend, IRMIN_OBJECT_BLOB, blob());
	is_int(files_of(dir), 1, "%s: what may be repacked is written", format);
	place_close(backend);
	place_says(dir, "git prune-packed");

	damage(dir, "objects/pack/*.pack", 100);
	backend = place_open(dir, 0);
	place_add(backend, IRMIN_OBJECT_BLOB, blob());
	is_int(files_of(dir), 1, "%s: a broken one is written again", format);
	check_good(backend, "which is good");
	is_str(place_says(dir, "git cat-file blob %s | tail -1",
		   place_hex(&id)),
	    "5000", "%s: and git reads it", format);
	place_close(backend);
}

static void check_adding_borrowed(void)
{
	irmin_backend *backend = make("wide", "sha1", MAKE_LOOSE);

	place_close(backend);
	backend = make("narrow", "sha1",
	    "echo ../../wide/objects > objects/info/alternates");
	place_says("wide", "touch -d '3 weeks ago' objects/[0-9a-f]*/*");
	place_add(backend, IRMIN_OBJECT_BLOB, blob());
	is_int(files_of("narrow"), 0, "what is borrowed is not written");
	is_str(place_says("wide", "find objects/[0-9a-f]* -type f -mtime +1"),
	    "", "but freshened");
	place_close(backend);
}

/* ---- without memory ---- */

static irmin_oid wanted;

static int count_fault(void *arg, const irmin_fault *fault)
{
	return count_id(arg, &fault->id);
}

static irmin_rc use(void *arg, irmin_error *err)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_backend *backend;
	irmin_object object;
	irmin_object_type type;
	irmin_object_source *source = NULL;
	uint64_t bytes;
	unsigned faults = 0, listed = 0;
	irmin_rc rc;

	rc = place_try(arg, &options, &backend, err);
	if (rc < 0)
		return rc;
	rc = backend->objects->cls->find(backend->objects, NULL, &wanted,
	    &object, err);
	irmin_pin_release(&object.data);
	if (rc >= 0)
		rc = backend->objects->cls->open_read(backend->objects, NULL,
		    &wanted, &type, &bytes, &source, err);
	if (source)
		source->cls->close(source);
	if (rc >= 0)
		rc = backend->objects->cls->refresh(backend->objects, NULL,
		    err);
	if (rc >= 0)
		rc = backend->objects->cls->scan(backend->objects, NULL,
		    count_faults, &faults, err);
	if (rc >= 0)
		rc = backend->objects->cls->verify(backend->objects, NULL,
		    count_fault, &faults, err);
	if (rc >= 0)
		rc = backend->objects->cls->each(backend->objects, NULL, "a",
		    count_id, &listed, err);
	if (rc >= 0)
		rc = backend->objects->cls->freshen(backend->objects, NULL,
		    &wanted, err);
	if (rc >= 0)
		rc = backend->objects->cls->has(backend->objects, NULL, &wanted,
		    err);
	if (rc >= 0 && faults)
		rc = irmin_error_set(err, IRMIN_ECORRUPT, NULL, "a fault");
	place_close(backend);
	return rc;
}

int main(void)
{
	size_t i;

	place_begin();
	(void)blob();
	for (i = 0; i < sizeof formats / sizeof *formats; i++) {
		check_reading(formats[i]);
		check_broken_index(formats[i]);
		check_borrowed(formats[i]);
		check_adding(formats[i]);
	}
	check_adding_borrowed();
	place_close(make("memory", "sha1",
	    MAKE_PACK " && " MAKE_OTHER_PACK
		      " && git multi-pack-index write && " MAKE_LOOSE));
	wanted = id_of(IRMIN_HASH_SHA1);
	alloc_fault_sweep("opening and reading", use, (void *)"memory");
	return done_testing();
}
