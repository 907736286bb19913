/* Object stores: what goes in comes out, and nothing else. */
#include "tests/suite/suite-backend.h"

#include "tests/support/tap.h"

#include <stdlib.h>
#include <string.h>

/* Around the sizes at which an implementation may change its ways: a page, a
 * block of a zlib stream, and what compresses well or not at all. */
static const size_t sizes[] = { 0, 1, 15, 100, 4070, 4096, 5000, 65520, 65535,
	65536, 131071, 300000 };

#define SIZES (sizeof sizes / sizeof *sizes)

struct sample {
	irmin_new_object added;
	unsigned char *bytes;
};

/* Odd samples are noise, even ones repeat themselves. */
static struct sample make_sample(const irmin_backend *backend, size_t len,
    irmin_object_type type, unsigned seed)
{
	struct sample sample;
	irmin_error err;
	size_t i;

	memset(&sample, 0, sizeof sample);
	sample.bytes = malloc(len + 1);
	for (i = 0; i < len; i++) {
		seed = seed * 1103515245 + 12345;
		sample.bytes[i] = type % 2 ? seed >> 16
					   : (unsigned char)"abcdefg\n"[i % 8];
	}
	sample.added.type = type;
	sample.added.data = irmin_bytes(sample.bytes, len);
	if (irmin_hash_object(backend->hash, type, sample.added.data,
		&sample.added.id, &err) < 0)
		bail("cannot hash: %s", err.text);
	return sample;
}

static irmin_rc add(irmin_backend *backend, const irmin_new_object *added,
    size_t count, irmin_error *err)
{
	irmin_context context = suite_context();

	return backend->objects->cls->add(backend->objects, &context, added,
	    count, err);
}

static irmin_rc find(irmin_backend *backend, const irmin_oid *id,
    irmin_object *object, irmin_error *err)
{
	irmin_context context = suite_context();

	return backend->objects->cls->find(backend->objects, &context, id,
	    object, err);
}

static irmin_rc has(irmin_backend *backend, const irmin_oid *id,
    irmin_error *err)
{
	irmin_context context = suite_context();

	return backend->objects->cls->has(backend->objects, &context, id, err);
}

static void check_there(irmin_backend *backend, const struct sample *sample,
    const char *what)
{
	const irmin_new_object *added = &sample->added;
	const irmin_objects_class *cls = backend->objects->cls;
	irmin_object_type type = IRMIN_OBJECT_ANY;
	uint64_t bytes = 0;
	irmin_object object;
	irmin_error err;

	succeeds(has(backend, &added->id, &err), &err, "%s: is there", what);
	if (!is_rc(find(backend, &added->id, &object, &err), IRMIN_OK,
		"%s: is found", what))
		return;
	is_int(object.type, added->type, "%s: its type", what);
	is_mem(object.data.data, object.data.len, added->data.data,
	    added->data.len, "%s: its bytes", what);
	irmin_pin_release(&object.data);
	if (!cls->stat)
		return;
	is_rc(cls->stat(backend->objects, NULL, &added->id, &type, &bytes,
		  &err),
	    IRMIN_OK, "%s: stat", what);
	ok(type == added->type && bytes == added->data.len,
	    "%s: stat tells type and size", what);
}

static void check_absent(irmin_backend *backend, const char *name)
{
	const irmin_objects_class *cls = backend->objects->cls;
	irmin_oid id = suite_id(backend, 77);
	irmin_object_type type = IRMIN_OBJECT_TAG;
	uint64_t bytes = 5;
	irmin_object object;
	irmin_error err;

	memset(&object, 0xff, sizeof object);
	is_rc(find(backend, &id, &object, &err), IRMIN_ABSENT,
	    "%s: what was never added is not found", name);
	ok(!object.data.data && !object.data.len && !object.type,
	    "%s: and the output is empty", name);
	is_rc(has(backend, &id, &err), IRMIN_ABSENT, "%s: nor is it there",
	    name);
	if (cls->stat) {
		is_rc(cls->stat(backend->objects, NULL, &id, &type, &bytes,
			  &err),
		    IRMIN_ABSENT, "%s: nor has it a size", name);
		ok(type == IRMIN_OBJECT_ANY && !bytes,
		    "%s: and the outputs are empty", name);
	}
	if (cls->freshen)
		is_rc(cls->freshen(backend->objects, NULL, &id, &err),
		    IRMIN_ABSENT, "%s: nor can it be freshened", name);
}

/* ---- listing ---- */

struct told {
	size_t count;
	int stop_with;
	size_t stop_at;
	const irmin_oid *wanted;
	size_t wanted_count;
};

static int tell(void *arg, const irmin_oid *id)
{
	struct told *told = arg;

	if (told->wanted && !irmin_oid_compare(id, told->wanted))
		told->wanted_count++;
	return ++told->count == told->stop_at ? told->stop_with : 0;
}

static irmin_rc each(irmin_backend *backend, const char *prefix,
    struct told *told, irmin_error *err)
{
	irmin_context context = suite_context();

	return backend->objects->cls->each(backend->objects, &context, prefix,
	    tell, told, err);
}

static void check_each(irmin_backend *backend, const struct sample *samples,
    size_t count, const char *name)
{
	char hex[IRMIN_OID_HEX_BYTES], prefix[IRMIN_OID_HEX_BYTES];
	const irmin_oid *id = &samples[0].added.id;
	struct told told = { 0, 0, 0, id, 0 };
	irmin_error err;
	size_t digits;

	is_rc(each(backend, "", &told, &err), IRMIN_OK, "%s: each", name);
	ok(told.count >= count && told.wanted_count >= 1,
	    "%s: each tells all objects", name);

	irmin_oid_hex(id, hex);
	for (digits = 1; digits <= strlen(hex); digits++) {
		memset(&told, 0, sizeof told);
		told.wanted = id;
		memcpy(prefix, hex, digits);
		prefix[digits] = '\0';
		if (each(backend, prefix, &told, &err) < 0 ||
		    !told.wanted_count || told.count > count)
			break;
	}
	is_int(digits, strlen(hex) + 1, "%s: prefixes of every length", name);

	memset(&told, 0, sizeof told);
	for (digits = 0; prefix[digits]; digits++)
		if (prefix[digits] >= 'a')
			prefix[digits] = (char)(prefix[digits] - 'a' + 'A');
	is_rc(each(backend, prefix, &told, &err), IRMIN_OK,
	    "%s: a prefix in capitals", name);
	is_int(told.count, 1, "%s: names the same object", name);
	fails(each(backend, "12x", &told, &err), IRMIN_EINVAL, &err,
	    "%s: no prefix of an id", name);

	memset(&told, 0, sizeof told);
	told.stop_at = 2;
	told.stop_with = 1234;
	is_rc(each(backend, "", &told, &err), 1234,
	    "%s: a callback's answer is passed through", name);
	is_int(told.count, 2, "%s: and ends the walk", name);
}

/* ---- the rest ---- */

static void check_limit(irmin_backend *backend, const struct sample *sample,
    const char *name)
{
	irmin_context context = suite_context();
	irmin_object object;
	irmin_error err;

	context.max_object_bytes = sample->added.data.len - 1;
	fails(backend->objects->cls->find(backend->objects, &context,
		  &sample->added.id, &object, &err),
	    IRMIN_ELIMIT, &err, "%s: %zu bytes and a limit below", name,
	    sample->added.data.len);
	ok(!object.data.data, "%s: gives nothing", name);
	context.max_object_bytes++;
	is_rc(backend->objects->cls->find(backend->objects, &context,
		  &sample->added.id, &object, &err),
	    IRMIN_OK, "%s: a limit that is just met", name);
	irmin_pin_release(&object.data);
}

static void check_refused(irmin_backend *backend, struct sample sample,
    const char *name)
{
	irmin_error err;

	sample.added.type = IRMIN_OBJECT_ANY;
	fails(add(backend, &sample.added, 1, &err), IRMIN_EINVAL, &err,
	    "%s: an object without a type", name);
	sample.added.type = IRMIN_OBJECT_BLOB;
	sample.added.id.algo = backend->hash == IRMIN_HASH_SHA1
	    ? IRMIN_HASH_SHA256
	    : IRMIN_HASH_SHA1;
	fails(add(backend, &sample.added, 1, &err), IRMIN_EINVAL, &err,
	    "%s: an id of another hash", name);
	is_rc(add(backend, NULL, 0, &err), IRMIN_OK, "%s: adding nothing",
	    name);
}

static void check_optional(irmin_backend *backend, const struct sample *sample,
    const char *name)
{
	static const irmin_level levels[] = { IRMIN_LAZY, IRMIN_PROCESS,
		IRMIN_POWER, IRMIN_POWER };
	const irmin_objects_class *cls = backend->objects->cls;
	irmin_error err;
	size_t i;

	for (i = 0; cls->flush && i < sizeof levels / sizeof *levels; i++)
		succeeds(cls->flush(backend->objects, NULL, levels[i], &err),
		    &err, "%s: flush to level %d", name, levels[i]);
	if (cls->refresh)
		succeeds(cls->refresh(backend->objects, NULL, &err), &err,
		    "%s: refresh", name);
	if (cls->freshen)
		is_rc(cls->freshen(backend->objects, NULL, &sample->added.id,
			  &err),
		    IRMIN_OK, "%s: freshen", name);
}

void suite_backend_objects(const struct suite_backend *suite,
    irmin_hash_algo hash)
{
	const char *name = tap_format("%s, %s", suite->name,
	    irmin_hash_name(hash));
	irmin_backend *backend = suite_open(suite, hash);
	struct sample samples[4 * SIZES];
	irmin_new_object all[4 * SIZES];
	struct told told = { 0, 0, 0, NULL, 0 };
	irmin_object kept;
	irmin_error err;
	size_t i;

	check_absent(backend, name);
	is_rc(each(backend, "", &told, &err), IRMIN_OK, "%s: none", name);
	is_int(told.count, 0, "%s: each tells none", name);
	for (i = 0; i < 4 * SIZES; i++) {
		samples[i] = make_sample(backend, sizes[i % SIZES],
		    (irmin_object_type)(1 + i / SIZES), (unsigned)i);
		all[i] = samples[i].added;
	}
	succeeds(add(backend, all, 1, &err), &err, "%s: add one", name);
	succeeds(add(backend, all, 4 * SIZES, &err), &err,
	    "%s: add many, one of which is there", name);
	for (i = 0; i < 4 * SIZES; i++)
		check_there(backend, &samples[i],
		    tap_format("%s, %s of %zu bytes", name,
			irmin_object_type_name(all[i].type), all[i].data.len));
	check_each(backend, samples, 4 * SIZES, name);
	check_limit(backend, &samples[3], name);
	check_limit(backend, &samples[SIZES - 1], name);
	check_limit(backend, &samples[2 * SIZES - 1], name);
	check_refused(backend, samples[1], name);
	check_absent(backend, name);
	check_optional(backend, &samples[1], name);

	is_rc(find(backend, &all[4].id, &kept, &err), IRMIN_OK,
	    "%s: one to keep", name);
	suite_close(backend);
	is_mem(kept.data.data, kept.data.len, all[4].data.data, all[4].data.len,
	    "%s: a pin outlives its backend", name);
	irmin_pin_release(&kept.data);
	if (suite->open_again) {
		backend = suite_open_again(suite);
		for (i = 0; i < 4 * SIZES; i += SIZES - 1)
			check_there(backend, &samples[i],
			    tap_format("%s, opened again, %zu", name, i));
		suite_close(backend);
	}
	for (i = 0; i < 4 * SIZES; i++)
		free(samples[i].bytes);
}
