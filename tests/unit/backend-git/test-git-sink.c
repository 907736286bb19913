/* Objects that come in parts, as git reads them. */
#include "tests/support/alloc-fault.h"
#include "tests/unit/backend-git/git-place.h"

#include <stdlib.h>
#include <string.h>

#define BYTES ((size_t)3000000)

static unsigned char *bytes;

static irmin_object_sink *begin(irmin_backend *backend, uint64_t len)
{
	irmin_object_sink *sink;
	irmin_error err;

	if (backend->objects->cls->add_begin(backend->objects, NULL,
		IRMIN_OBJECT_BLOB, len, &sink, &err) < 0)
		bail("%s", err.text);
	return sink;
}

static irmin_oid id_of(irmin_backend *backend, size_t len)
{
	irmin_error err;
	irmin_oid id;

	if (irmin_hash_object(backend->hash, IRMIN_OBJECT_BLOB,
		irmin_bytes(bytes, len), &id, &err) < 0)
		bail("%s", err.text);
	return id;
}

static irmin_rc write_parts(irmin_object_sink *sink, size_t len, size_t part,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t at;

	for (at = 0; rc >= 0 && at < len; at += part)
		rc = sink->cls->write(sink,
		    irmin_bytes(bytes + at, len - at < part ? len - at : part),
		    err);
	return rc;
}

static void check_one(irmin_backend *backend, const char *dir, size_t len,
    size_t part)
{
	const char *what = tap_format("%s: %zu bytes, %zu at a time", dir, len,
	    part);
	irmin_object_sink *sink = begin(backend, len);
	irmin_oid id = id_of(backend, len);
	const char *hex = place_hex(&id);
	irmin_error err;
	size_t got_len;
	char *got;

	succeeds(write_parts(sink, len, part, &err), &err, "%s: written", what);
	is_str(place_says(dir, "git cat-file -e %s 2>&1 && echo there; true",
		   hex),
	    "", "%s: nobody sees it", what);
	succeeds(sink->cls->finish(sink, &id, &err), &err, "%s: finished",
	    what);
	place_says(dir, "git cat-file blob %s > ../out", hex);
	got = tap_read_file(place_path("out"), &got_len);
	is_mem(got, got_len, bytes, len, "%s: git reads it", what);
	is_str(place_says(dir, "stat -c %%a objects/%.2s/%s", hex, hex + 2),
	    "444", "%s: its mode", what);
	free(got);
	place_says(dir, "rm -rf objects/%.2s", hex);
}

static void check_sizes(const char *format, const char *level)
{
	static const size_t sizes[] = { 0, 1, 65536, BYTES };
	const char *dir = tap_format("sizes-%s%s", format, level);
	irmin_backend *backend;
	size_t i;

	place_says("", "git init -q --bare --object-format=%s %s", format, dir);
	place_says(dir, "git config core.looseCompression %s", level);
	backend = place_open(dir, 0);
	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		check_one(backend, dir, sizes[i], BYTES);
		check_one(backend, dir, sizes[i], 1000);
	}
	is_str(place_says(dir, "find . -name 'tmp_*'"), "",
	    "%s: nothing else is left", dir);
	place_close(backend);
}

/* One that is there, but broken, is put right. */
static void check_over(void)
{
	irmin_backend *backend = place_open_bare("over");
	irmin_oid id = id_of(backend, 5000);
	const char *hex = place_hex(&id);
	irmin_object_sink *sink;
	irmin_error err;

	place_says("over", "mkdir objects/%.2s && : > objects/%.2s/%s", hex,
	    hex, hex + 2);
	sink = begin(backend, 5000);
	succeeds(write_parts(sink, 5000, 70, &err), &err, "written");
	succeeds(sink->cls->finish(sink, &id, &err), &err, "finished");
	is_str(place_says("over",
		   "git fsck 2>&1 | grep -v 'dangling\\|notice'; true"),
	    "", "it is whole now");
	place_close(backend);
}

static void check_refused(void)
{
	irmin_backend *backend = place_open_bare("refused");
	irmin_object_sink *sink = begin(backend, 100);
	irmin_oid id = id_of(backend, 100), other = id;
	irmin_error err;

	fails(sink->cls->write(sink, irmin_bytes(bytes, 101), &err),
	    IRMIN_EINVAL, &err, "more than was announced");
	sink->cls->abort(sink);
	sink = begin(backend, 100);
	succeeds(write_parts(sink, 99, 99, &err), &err, "fewer");
	fails(sink->cls->finish(sink, &id, &err), IRMIN_EINVAL, &err,
	    "are not all");
	sink = begin(backend, 100);
	succeeds(write_parts(sink, 100, 100, &err), &err, "all");
	other.algo = IRMIN_HASH_SHA256;
	fails(sink->cls->finish(sink, &other, &err), IRMIN_EINVAL, &err,
	    "an id of another hash");
	sink = begin(backend, 100);
	sink->cls->abort(sink);
	is_str(place_says("refused", "find objects -type f"), "",
	    "nothing is left");
	place_close(backend);
}

static irmin_rc sink_once(void *arg, irmin_error *err)
{
	irmin_backend *backend = arg;
	irmin_oid id = { { 1, 2, 3 }, IRMIN_HASH_SHA1 };
	irmin_object_sink *sink;
	irmin_rc rc;

	rc = backend->objects->cls->add_begin(backend->objects, NULL,
	    IRMIN_OBJECT_BLOB, 1000, &sink, err);
	if (rc < 0)
		return rc;
	rc = write_parts(sink, 1000, 300, err);
	if (rc >= 0)
		return sink->cls->finish(sink, &id, err);
	sink->cls->abort(sink);
	return rc;
}

static void check_sweep(void)
{
	irmin_backend *backend = place_open_bare("sweep");
	unsigned i;

	/* So many that what comes later is not noted for the next flush. */
	for (i = 0; i < 80; i++)
		place_commit(backend, i);
	alloc_fault_sweep("a sink", sink_once, backend);
	is_str(place_says("sweep", "find . -name 'tmp_*'"), "",
	    "nothing is left lying about");
	place_close(backend);
}

int main(void)
{
	size_t i;

	place_begin();
	bytes = malloc(BYTES);
	for (i = 0; i < BYTES; i++)
		bytes[i] = (unsigned char)(i % 100000 < 50000 ? i * i >> 7
							      : i >> 12);
	check_sizes("sha1", "1");
	check_sizes("sha1", "0");
	check_sizes("sha256", "9");
	check_over();
	check_refused();
	check_sweep();
	free(bytes);
	return done_testing();
}
