/* A forest of made-up entries: each object is its base and one letter more. */
#include "lib/pack/forest.h"

#include <stdlib.h>
#include <string.h>

#include "lib/core/base/error.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define NONE       IRMIN__FOREST_NONE
#define ENTRIES    400
#define ROOT_BYTES 1000

typedef struct wood {
	irmin__forest forest;
	uint32_t base[ENTRIES];
	uint32_t count;
	uint32_t broken; /* an entry that cannot be inflated */
	uint32_t late;   /* deltas from here on are attached on the way */
	size_t inflated, told, faults, wrong, kept_most;
	uint32_t stop_at;
} wood;

static size_t length_of(const wood *made, uint32_t entry)
{
	size_t length = ROOT_BYTES;

	while (made->base[entry] != NONE) {
		entry = made->base[entry];
		length++;
	}
	return length;
}

static size_t put_number(unsigned char *out, size_t number)
{
	size_t at = 0;

	for (; number >= 128; number >>= 7)
		out[at++] = (unsigned char)(number | 128);
	out[at++] = (unsigned char)number;
	return at;
}

static irmin_rc inflate(void *arg, uint32_t entry, irmin_object_type *type,
    irmin_buf *body, irmin_error *err)
{
	wood *made = arg;
	unsigned char delta[16];
	size_t length = length_of(made, entry), at;
	irmin_rc rc;

	made->inflated++;
	if (entry == made->broken)
		return irmin_error_set(err, IRMIN_ECORRUPT, NULL, "broken");
	if (made->base[entry] == NONE) {
		*type = IRMIN_OBJECT_BLOB;
		rc = irmin_buf_reserve(body, ROOT_BYTES, err);
		if (rc < 0)
			return rc;
		memset(body->data, (int)entry, ROOT_BYTES);
		body->len = ROOT_BYTES;
		return IRMIN_OK;
	}
	at = put_number(delta, length - 1);
	at += put_number(delta + at, length);
	delta[at++] = 0xb0; /* copy, two bytes of size */
	delta[at++] = (unsigned char)(length - 1);
	delta[at++] = (unsigned char)((length - 1) >> 8);
	delta[at++] = 1;
	delta[at++] = (unsigned char)entry;
	return irmin_buf_append(body, irmin_bytes(delta, at), err);
}

static void locate(void *arg, uint32_t entry, irmin_error *fault)
{
	(void)arg;
	fault->offset = entry;
}

static int is_right(const wood *made, const irmin__forest_object *object)
{
	const unsigned char *data = object->data.data;
	uint32_t entry = object->entry;
	size_t at = object->data.len;

	if (object->base != made->base[entry] ||
	    object->type != IRMIN_OBJECT_BLOB ||
	    object->data.len != length_of(made, entry) ||
	    object->depth != at - ROOT_BYTES)
		return 0;
	for (; made->base[entry] != NONE; entry = made->base[entry])
		if (data[--at] != (unsigned char)entry)
			return 0;
	return at == ROOT_BYTES && data[0] == (unsigned char)entry;
}

static int object(void *arg, const irmin__forest_object *object,
    irmin_error *err)
{
	wood *made = arg;
	uint32_t i;

	made->told++;
	if (object->fault)
		made->faults++;
	else if (!is_right(made, object))
		made->wrong++;
	if (made->forest.kept_bytes > made->kept_most)
		made->kept_most = made->forest.kept_bytes;
	for (i = made->late; i < made->count; i++)
		if (made->base[i] == object->entry)
			irmin__forest_attach(&made->forest, i, object->entry);
	if (object->entry == made->stop_at)
		return irmin_error_set(err, IRMIN_EUSER, NULL, "stop");
	return IRMIN_OK;
}

static void plant(wood *made, uint32_t count, size_t max_bytes)
{
	irmin__forest_calls calls = { inflate, locate, object, made, NULL,
		max_bytes };

	memset(made, 0, sizeof *made);
	made->count = count;
	made->broken = made->stop_at = NONE;
	made->late = NONE;
	irmin__forest_init(&made->forest, &calls);
}

static irmin_rc walk(wood *made, irmin_error *err)
{
	irmin_rc rc = irmin__forest_add(&made->forest, made->count, err);
	uint32_t i;

	for (i = made->count; rc >= 0 && i-- > 0;)
		if (made->base[i] != NONE && i < made->late)
			irmin__forest_attach(&made->forest, i, made->base[i]);
	for (i = 0; !rc && i < made->count; i++)
		if (made->base[i] == NONE)
			rc = irmin__forest_walk(&made->forest, i, err);
	irmin__forest_clear(&made->forest);
	return rc;
}

static void grow_at_random(wood *made, unsigned seed, uint32_t reach)
{
	uint32_t i;

	srand(seed);
	for (i = 0; i < made->count; i++)
		made->base[i] = i < 3
		    ? NONE
		    : i - 1 - (uint32_t)rand() % (i < reach ? i : reach);
}

static void walks(uint32_t reach, size_t max_bytes, uint32_t late)
{
	irmin_error err;
	wood made;

	plant(&made, ENTRIES, max_bytes);
	grow_at_random(&made, reach, reach);
	made.late = late;
	succeeds(walk(&made, &err), &err, "reach %u, %zu bytes", reach,
	    max_bytes);
	is_int(made.told, ENTRIES, "every object is told");
	is_int(made.wrong, 0, "and right");
	is_int(made.faults, 0, "without faults");
	ok(made.kept_most <= max_bytes + 2 * (ROOT_BYTES + ENTRIES),
	    "%zu bytes were kept", made.kept_most);
	if (max_bytes >= 100000)
		is_int(made.inflated, ENTRIES, "each inflated once");
}

static void long_chain(void)
{
	irmin_error err;
	wood made;
	uint32_t i;

	plant(&made, ENTRIES, 1);
	for (i = 0; i < ENTRIES; i++)
		made.base[i] = i ? i - 1 : NONE;
	succeeds(walk(&made, &err), &err, "a chain");
	is_int(made.wrong, 0, "is right");
	is_int(made.inflated, ENTRIES, "and inflated once in any memory");
}

static void faults(void)
{
	irmin_error err;
	wood made;
	uint32_t i, below = 0, at;

	plant(&made, ENTRIES, 4000);
	grow_at_random(&made, 5, 20);
	made.broken = 7;
	for (i = 0; i < ENTRIES; i++) {
		for (at = i; at != NONE && at != 7;)
			at = made.base[at];
		below += at == 7;
	}
	succeeds(walk(&made, &err), &err, "an entry is broken");
	is_int(made.told, ENTRIES, "everything is told");
	is_int(made.faults, below, "as broken is told what hangs on it");
	ok(below > 1 && below < ENTRIES, "which is some of it: %u", below);
	is_int(made.wrong, 0, "the rest is right");

	plant(&made, ENTRIES, 4000);
	grow_at_random(&made, 5, 20);
	made.stop_at = 9;
	fails(walk(&made, &err), IRMIN_EUSER, &err, "the callback stops it");
}

static irmin_rc walk_once(void *arg, irmin_error *err)
{
	wood *made = arg;

	plant(made, 60, 2500);
	grow_at_random(made, 3, 6);
	made->late = 40;
	return walk(made, err);
}

int main(void)
{
	wood made;

	walks(1, 100000, NONE);
	walks(8, 1000000, NONE);
	walks(8, 1000000, 200);
	walks(400, 1000000, NONE);
	walks(8, 6000, NONE);
	walks(30, 3000, 100);
	walks(30, 1, NONE);
	long_chain();
	faults();
	alloc_fault_sweep("a walk", walk_once, &made);
	is_int(made.wrong, 0, "after which it is right");
	return done_testing();
}
