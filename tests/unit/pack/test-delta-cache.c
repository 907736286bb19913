#include "lib/pack/delta-cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

static irmin_object make(size_t len, int byte)
{
	irmin_object object = { IRMIN_OBJECT_BLOB, IRMIN_PIN_INIT };
	irmin_error err;

	if (irmin__shared_new(len, &object.data, &err) < 0)
		bail("%s", err.text);
	memset((void *)object.data.data, byte, len);
	return object;
}

static irmin__delta_cache *cache_of(size_t max_bytes)
{
	irmin__delta_cache *cache;
	irmin_error err;

	if (irmin__delta_cache_new(max_bytes, &cache, &err) < 0)
		bail("%s", err.text);
	return cache;
}

/* Adds an object that nobody else has. */
static void add(irmin__delta_cache *cache, uint64_t pack, uint64_t offset,
    size_t len)
{
	irmin_object object = make(len, (int)(offset + pack));

	irmin__delta_cache_add(cache, pack, offset, &object);
	irmin_pin_release(&object.data);
}

static int has(irmin__delta_cache *cache, uint64_t pack, uint64_t offset)
{
	irmin_object object;
	irmin_rc rc = irmin__delta_cache_find(cache, pack, offset, &object);

	irmin_pin_release(&object.data);
	return rc == IRMIN_OK;
}

static void shares(void)
{
	irmin__delta_cache *cache = cache_of(100000);
	irmin_object first = make(10, 'a'), second = make(10, 'a'), found;
	irmin_object empty = make(0, 0),
		     other = { IRMIN_OBJECT_TREE, { "x", 1, NULL, NULL } };
	const void *bytes = first.data.data;

	irmin__delta_cache_add(cache, 1, 12, &first);
	ok(first.data.data == bytes, "what is kept is not copied");
	irmin__delta_cache_add(cache, 1, 12, &second);
	ok(second.data.data == bytes, "and what is there is not kept twice");
	is_rc(irmin__delta_cache_find(cache, 1, 12, &found), IRMIN_OK, "find");
	ok(found.data.data == bytes, "nor copied for who finds it");
	is_int(found.data.len, 10, "its length");
	is_int(found.type, IRMIN_OBJECT_BLOB, "its type");
	irmin_pin_release(&found.data);
	is_rc(irmin__delta_cache_find(cache, 2, 12, &found), IRMIN_ABSENT,
	    "another pack");
	ok(!found.data.release, "gives nothing");
	ok(!has(cache, 1, 13), "another place");
	irmin__delta_cache_add(cache, 1, 14, &empty);
	is_rc(irmin__delta_cache_find(cache, 1, 14, &found), IRMIN_OK, "empty");
	is_int(found.data.len, 0, "is empty");
	irmin_pin_release(&found.data);
	irmin__delta_cache_add(cache, 1, 15, &other);
	ok(!has(cache, 1, 15), "other memory is not kept");
	irmin__delta_cache_free(cache);
	is_mem(second.data.data, 10, "aaaaaaaaaa", 10, "pins outlive it");
	irmin_pin_release(&first.data);
	irmin_pin_release(&second.data);
	irmin_pin_release(&empty.data);
}

static void is_bounded(void)
{
	irmin__delta_cache *cache = cache_of(64000);
	size_t before = alloc_fault_live(), there = 0;
	uint64_t i;

	for (i = 0; i < 1000; i++)
		add(cache, 7, i, 1000);
	for (i = 0; i < 1000; i++)
		there += (size_t)has(cache, 7, i);
	ok(there > 30 && there <= 64, "%zu of 1000 are kept", there);
	is_int(alloc_fault_live() - before, there, "and nothing else is");
	for (i = 1000; i < 2000; i++) {
		(void)has(cache, 7, 999);
		add(cache, 7, i, 1000);
	}
	ok(has(cache, 7, 999) || has(cache, 7, 1999), "the newest are kept");
	add(cache, 7, 5000, 20000);
	ok(!has(cache, 7, 5000), "one of more than a quarter is not");
	irmin__delta_cache_free(cache);
	irmin__delta_cache_free(NULL);
}

static void *many(void *arg)
{
	irmin__delta_cache *cache = arg;
	size_t wrong = 0;
	unsigned seed = (unsigned)(uintptr_t)&wrong;
	irmin_object object;
	int i;

	for (i = 0; i < 20000; i++) {
		uint64_t offset = (unsigned)rand_r(&seed) % 300;

		if (irmin__delta_cache_find(cache, 1, offset, &object)) {
			object = make(100 + offset, (int)offset);
			irmin__delta_cache_add(cache, 1, offset, &object);
		}
		wrong += object.data.len != 100 + offset ||
		    ((const unsigned char *)object.data.data)[99] !=
			(unsigned char)offset;
		irmin_pin_release(&object.data);
	}
	return (void *)wrong;
}

static void threads(void)
{
	irmin__delta_cache *cache = cache_of(20000);
	pthread_t other[3];
	void *wrong;
	size_t all = 0, i;

	for (i = 0; i < 3; i++)
		if (pthread_create(&other[i], NULL, many, cache))
			bail("no threads");
	all += (size_t)many(cache);
	for (i = 0; i < 3; i++) {
		pthread_join(other[i], &wrong);
		all += (size_t)wrong;
	}
	is_int(all, 0, "four threads find what was added");
	irmin__delta_cache_free(cache);
}

static irmin_rc use(void *arg, irmin_error *err)
{
	irmin_object object = { IRMIN_OBJECT_BLOB, IRMIN_PIN_INIT };
	irmin__delta_cache *cache;
	irmin_rc rc;

	(void)arg;
	rc = irmin__delta_cache_new(4096, &cache, err);
	if (rc >= 0)
		rc = irmin__shared_new(10, &object.data, err);
	if (rc >= 0)
		irmin__delta_cache_add(cache, 1, 1, &object);
	irmin_pin_release(&object.data);
	irmin__delta_cache_free(cache);
	return rc;
}

int main(void)
{
	shares();
	is_int(alloc_fault_live(), 0, "nothing is left");
	is_bounded();
	threads();
	alloc_fault_sweep("a cache", use, NULL);
	return done_testing();
}
