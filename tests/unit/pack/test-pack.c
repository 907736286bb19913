#include "lib/pack/pack.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/pack/entry.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/pack/git-pack.h"

static irmin__delta_cache *cache_of(size_t max_bytes)
{
	irmin__delta_cache *cache;
	irmin_error err;

	if (irmin__delta_cache_new(max_bytes, &cache, &err) < 0)
		bail("%s", err.text);
	return cache;
}

static int is_object(const git_object *want, irmin_object_type type,
    const void *data, size_t len)
{
	return type == want->type &&
	    irmin_slice_equal(want->data, irmin_bytes(data, len));
}

/* Reads in pieces of odd sizes. */
static int streams(irmin__pack *pack, uint64_t offset,
    const irmin__pack_reading *reading, const git_object *want)
{
	irmin_object_source *source;
	irmin_object_type type;
	uint64_t bytes;
	char *data = malloc(want->data.len + 1000);
	size_t at = 0, got = 1;
	int right;

	if (irmin__pack_open_read(pack, offset, reading, &type, &bytes, &source,
		NULL) != IRMIN_OK)
		return 0;
	while (got && at <= want->data.len) {
		if (source->cls->read(source, data + at,
			at + 777 > want->data.len + 1000
			    ? want->data.len + 1000 - at
			    : 777,
			&got, NULL) < 0)
			break;
		at += got;
	}
	right = bytes == at && is_object(want, type, data, at);
	source->cls->close(source);
	free(data);
	return right;
}

static void reads(const git_pack *made, irmin__windows_io io,
    size_t window_bytes, irmin__delta_cache *cache, const char *how)
{
	irmin__pack *pack = git_pack_open(made, io, window_bytes);
	irmin__pack_reading reading = { NULL, cache };
	size_t found = 0, told = 0, streamed = 0, i;
	irmin_object_type type;
	irmin_object object;
	irmin_error err;
	uint64_t bytes;

	for (i = 0; i < made->count; i++) {
		const git_object *want = &made->objects[i];
		uint64_t offset = git_pack_offset(pack, &want->id);

		if (irmin__pack_find(pack, offset, &reading, &object, &err) < 0)
			diag("%s", err.text);
		found += (size_t)is_object(want, object.type, object.data.data,
		    object.data.len);
		irmin_pin_release(&object.data);
		told += irmin__pack_stat(pack, offset, &reading, &type, &bytes,
			    NULL) == IRMIN_OK &&
		    type == want->type && bytes == want->data.len;
		streamed += (size_t)streams(pack, offset, &reading, want);
	}
	is_int(found, made->count, "%s: every object is found", how);
	is_int(told, made->count, "%s: and its type and size", how);
	is_int(streamed, made->count, "%s: and its stream", how);
	irmin__pack_unref(pack);
}

static void reads_in_all_ways(const git_pack *made, const char *name)
{
	irmin__delta_cache *cache = cache_of(1 << 20);
	irmin__delta_cache *small = cache_of(9000);

	reads(made, IRMIN__WINDOWS_MAP, 0, cache,
	    tap_format("%s, one map", name));
	reads(made, IRMIN__WINDOWS_MAP, 1, small,
	    tap_format("%s, small maps, small cache", name));
	reads(made, IRMIN__WINDOWS_READ, 0, cache,
	    tap_format("%s, no maps", name));
	reads(made, IRMIN__WINDOWS_READ, 333, cache,
	    tap_format("%s, small windows", name));
	irmin__delta_cache_free(cache);
	irmin__delta_cache_free(small);
}

/* Every entry as it lies there, one after the other, is the pack. */
static void views(const git_pack *made, irmin__windows_io io,
    size_t window_bytes)
{
	irmin__pack *pack = git_pack_open(made, io, window_bytes);
	size_t len, trailer = irmin_hash_size(made->algo), i, wrong = 0;
	char *bytes = tap_read_file(made->pack, &len);
	uint32_t *order = calloc(made->count, sizeof *order);
	uint64_t *ends = calloc(made->count, sizeof *ends);
	uint64_t at = IRMIN__PACK_HEADER_BYTES;
	irmin__view view;
	irmin_error err;

	if (irmin__index_order(irmin__pack_index(pack), len - trailer, order,
		ends, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < made->count; i++)
		while (at < ends[order[i]]) {
			if (irmin__pack_entry_view(pack, at,
				(size_t)(ends[order[i]] - at), &view, &err) < 0)
				bail("%s", err.text);
			wrong += memcmp(view.bytes.data, bytes + at,
				     view.bytes.len) != 0;
			at += view.bytes.len;
			irmin__view_release(&view);
		}
	is_int(wrong, 0, "entries as they lie there");
	is_int(at, len - trailer, "are all of the pack");
	fails(irmin__pack_entry_view(pack, at, 1, &view, &err), IRMIN_ECORRUPT,
	    &err, "the trailer is no entry");
	fails(irmin__pack_entry_view(pack, 4, 1, &view, &err), IRMIN_ECORRUPT,
	    &err, "nor is the header");
	free(order);
	free(ends);
	free(bytes);
	irmin__pack_unref(pack);
}

/* ---- limits ---- */

static void limits(const git_pack *made)
{
	irmin__pack *pack = git_pack_open(made, IRMIN__WINDOWS_MAP, 0);
	irmin_context context = { sizeof context, 0, NULL, 400 };
	irmin__delta_cache *cache = cache_of(1 << 22);
	irmin__pack_reading without = { NULL, cache };
	irmin__pack_reading reading = { &context, cache };
	size_t wrong = 0, refused = 0, i;
	irmin_object object;
	irmin_error err;

	for (i = 0; i < 2 * made->count; i++) {
		const git_object *want = &made->objects[i % made->count];
		uint64_t offset = git_pack_offset(pack, &want->id);
		irmin_rc rc;

		rc = irmin__pack_find(pack, offset, &reading, &object, &err);
		/* A base beyond the limit keeps its deltas from being made. */
		refused += rc == IRMIN_ELIMIT;
		wrong += rc != IRMIN_OK && rc != IRMIN_ELIMIT;
		wrong += want->data.len > 400 && rc != IRMIN_ELIMIT;
		wrong += (rc < 0) != !object.data.release;
		irmin_pin_release(&object.data);
		if (i < made->count)
			continue;
		wrong += irmin__pack_find(pack, offset, &without, &object,
			     NULL) != IRMIN_OK;
		irmin_pin_release(&object.data);
	}
	is_int(wrong, 0, "what is too large is refused");
	ok(refused > made->count / 4, "which is much: %zu", refused);
	irmin__delta_cache_free(cache);
	irmin__pack_unref(pack);
}

/* ---- files that change ---- */

static void files(const git_pack *made)
{
	irmin__pack *pack = git_pack_open(made, IRMIN__WINDOWS_READ, 0), *none;
	const git_object *want = &made->objects[0];
	const char *dir = tap_format("%s/objects/pack", made->dir);
	uint64_t offset = git_pack_offset(pack, &want->id), bytes;
	irmin_object_source *source;
	irmin_object_type type;
	irmin_object object;
	irmin_error err;

	is_rc(irmin__pack_open(irmin__os_posix(), made->algo,
		  IRMIN__WINDOWS_MAP, tap_format("%s/none.idx", dir), &none,
		  &err),
	    IRMIN_ABSENT, "an index that is not there");
	fails(irmin__pack_open(irmin__os_posix(), made->algo,
		  IRMIN__WINDOWS_MAP, made->pack, &none, &err),
	    IRMIN_EINVAL, &err, "another name");
	fails(irmin__pack_open(irmin__os_posix(),
		  made->algo == IRMIN_HASH_SHA1 ? IRMIN_HASH_SHA256
						: IRMIN_HASH_SHA1,
		  IRMIN__WINDOWS_MAP, made->idx, &none, &err),
	    IRMIN_ECORRUPT, &err, "another hash");
	is_str(err.where, made->idx, "it is told where");

	tap_run(NULL, "mv %s %s/away", made->pack, dir);
	is_rc(irmin__pack_find(pack, offset, NULL, &object, &err), IRMIN_ABSENT,
	    "a pack that is gone");
	is_rc(irmin__pack_stat(pack, offset, NULL, &type, &bytes, &err),
	    IRMIN_ABSENT, "stat");
	is_rc(irmin__pack_open_read(pack, offset, NULL, &type, &bytes, &source,
		  &err),
	    IRMIN_ABSENT, "open_read");
	fails(irmin__pack_verify(pack, NULL, &err), IRMIN_EMISSING, &err,
	    "verify");
	tap_run(NULL, "head -c -1 %s/away >%s; printf x >>%s", dir, made->pack,
	    made->pack);
	fails(irmin__pack_find(pack, offset, NULL, &object, &err),
	    IRMIN_ECORRUPT, &err, "a pack of another checksum");
	is_str(err.where, made->pack, "it is told where");
	tap_run(NULL, "mv %s/away %s", dir, made->pack);
	succeeds(irmin__pack_find(pack, offset, NULL, &object, &err), &err,
	    "a pack that came back");
	irmin_pin_release(&object.data);
	tap_run(NULL, "mv %s %s/away", made->pack, dir);
	succeeds(irmin__pack_find(pack, offset, NULL, &object, &err), &err,
	    "a pack that went away after it was opened");
	irmin__pack_unref(pack);
	ok(is_object(want, object.type, object.data.data, object.data.len),
	    "its object outlives it");
	irmin_pin_release(&object.data);
	tap_run(NULL, "mv %s/away %s", dir, made->pack);
}

/* ---- threads ---- */

typedef struct reader {
	const git_pack *made;
	irmin__pack *pack;
	irmin__delta_cache *cache;
	unsigned seed;
	size_t right;
} reader;

static void *read_some(void *arg)
{
	reader *self = arg;
	irmin__pack_reading reading = { NULL, self->cache };
	irmin_object object;
	int i;

	for (i = 0; i < 1000; i++) {
		size_t at = (size_t)rand_r(&self->seed) % self->made->count;
		const git_object *want = &self->made->objects[at];

		if (irmin__pack_find(self->pack,
			git_pack_offset(self->pack, &want->id), &reading,
			&object, NULL) == IRMIN_OK)
			self->right += (size_t)is_object(want, object.type,
			    object.data.data, object.data.len);
		irmin_pin_release(&object.data);
	}
	return NULL;
}

static void threads(const git_pack *made, irmin__windows_io io)
{
	irmin__delta_cache *cache = cache_of(100000);
	irmin__pack *pack = git_pack_open(made, io, 0);
	pthread_t ids[4];
	reader readers[4];
	unsigned i;

	for (i = 0; i < 4; i++) {
		readers[i] = (reader){ made, pack, cache, i, 0 };
		if (pthread_create(&ids[i], NULL, read_some, &readers[i]))
			bail("no threads");
	}
	for (i = 0; i < 4; i++) {
		pthread_join(ids[i], NULL);
		is_int(readers[i].right, 1000, "a thread among four");
	}
	irmin__pack_unref(pack);
	irmin__delta_cache_free(cache);
}

/* ---- memory ---- */

static irmin_rc use(void *arg, irmin_error *err)
{
	const git_pack *made = arg;
	irmin__delta_cache *cache = NULL;
	irmin_object_source *source = NULL;
	irmin_object object = { IRMIN_OBJECT_ANY, IRMIN_PIN_INIT };
	irmin__pack_reading reading = { NULL, NULL };
	irmin_object_type type;
	irmin__pack *pack;
	uint64_t offset, bytes;
	irmin_rc rc;
	size_t i;

	rc = irmin__pack_open(irmin__os_posix(), made->algo,
	    IRMIN__WINDOWS_READ, made->idx, &pack, err);
	if (rc >= 0)
		rc = irmin__delta_cache_new(10000, &cache, err);
	reading.cache = cache;
	for (i = 0; i < made->count && rc >= 0; i += 7) {
		offset = git_pack_offset(pack, &made->objects[i].id);
		rc = irmin__pack_find(pack, offset, &reading, &object, err);
		irmin_pin_release(&object.data);
		if (rc >= 0)
			rc = irmin__pack_stat(pack, offset, NULL, &type, &bytes,
			    err);
		if (rc >= 0)
			rc = irmin__pack_open_read(pack, offset, &reading,
			    &type, &bytes, &source, err);
		if (source)
			source->cls->close(source);
		source = NULL;
	}
	irmin__delta_cache_free(cache);
	irmin__pack_unref(pack);
	return rc;
}

int main(void)
{
	static const irmin_hash_algo algos[] = { IRMIN_HASH_SHA1,
		IRMIN_HASH_SHA256 };
	git_pack made;
	int i;

	for (i = 0; i < 2; i++) {
		const char *name = irmin_hash_name(algos[i]);

		git_pack_make(&made, name, algos[i], 120, "", "--depth=50");
		ok(git_pack_depth(&made) > 20, "a depth of %d",
		    git_pack_depth(&made));
		reads_in_all_ways(&made, name);
		views(&made, IRMIN__WINDOWS_MAP, 0);
		views(&made, IRMIN__WINDOWS_READ, 0);
		limits(&made);
		threads(&made, IRMIN__WINDOWS_MAP);
		threads(&made, IRMIN__WINDOWS_READ);
		files(&made);
		git_pack_clear(&made);

		name = tap_format("%s-ref", name);
		git_pack_make(&made, name, algos[i], 60,
		    "-c repack.useDeltaBaseOffset=false", "--depth=50");
		reads_in_all_ways(&made, name);
		git_pack_clear(&made);
	}
	git_pack_make(&made, "small", IRMIN_HASH_SHA1, 20, "", "--depth=50");
	alloc_fault_sweep("reading", use, &made);
	git_pack_clear(&made);
	irmin__pack_unref(NULL);
	return done_testing();
}
