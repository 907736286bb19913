/* Objects are in shards by their place, so that threads seldom meet, each with
 * its lock, its table and its list from newest to oldest. The bound is over all
 * of them: who adds makes room, in its own shard first.
 */
#include "lib/pack/delta-cache.h"

#include <stdatomic.h>

#include <irmin/alloc.h>

#include "lib/core/base/count.h"
#include "lib/core/base/error.h"
#include "lib/core/base/thread.h"

#define SHARDS      8
#define BUCKETS_MIN ((size_t)16)
#define BUCKETS_MAX ((size_t)8192)
#define USUAL_BYTES 2048 /* of an object, to guess how many there will be */

/* An object's memory. What follows `kept` belongs to the lock of its shard. */
typedef struct shared {
	atomic_size_t refs;
	size_t bytes; /* of all of this */
	size_t len;
	atomic_flag kept; /* it is in a cache, or was */
	irmin_object_type type;
	uint64_t pack, offset;
	struct shared *next; /* in its bucket */
	struct shared *newer, *older;
	unsigned char data[];
} shared;

typedef struct shard {
	irmin__mutex lock;
	shared **buckets;
	shared *newest, *oldest;
} shard;

struct irmin__delta_cache {
	size_t max_bytes, mask; /* of a hash, for the buckets */
	atomic_size_t bytes;
	size_t ready; /* shards with a lock */
	shard shards[SHARDS];
};

/* ---- memory ---- */

static void unref(void *owner)
{
	shared *it = owner;

	if (irmin__count_down(&it->refs))
		irmin_free(it);
}

static irmin_pin pin_of(shared *it)
{
	irmin_pin pin = { it->data, it->len, unref, it };

	return pin;
}

irmin_rc irmin__shared_new(size_t len, irmin_pin *pin, irmin_error *err)
{
	shared *it = NULL;

	memset(pin, 0, sizeof *pin);
	/* One byte more: an empty object has an address of its own too. */
	if (len < SIZE_MAX - sizeof *it)
		it = irmin_malloc(sizeof *it + len + 1);
	if (!it)
		return irmin__enomem(err);
	atomic_init(&it->refs, 1);
	atomic_flag_clear(&it->kept);
	it->bytes = sizeof *it + len + 1;
	it->len = len;
	*pin = pin_of(it);
	return IRMIN_OK;
}

/* ---- shards ---- */

static uint64_t hash_of(uint64_t pack, uint64_t offset)
{
	uint64_t hash = (offset + pack * 0x9e3779b97f4a7c15u);

	hash ^= hash >> 29;
	hash *= 0xbf58476d1ce4e5b9u;
	return hash ^ hash >> 32;
}

static shard *shard_of(irmin__delta_cache *cache, uint64_t hash)
{
	return &cache->shards[hash >> 32 & (SHARDS - 1)];
}

static shared **find(const irmin__delta_cache *cache, shard *in, uint64_t hash,
    uint64_t pack, uint64_t offset)
{
	shared **at = &in->buckets[hash & cache->mask];

	while (*at && ((*at)->offset != offset || (*at)->pack != pack))
		at = &(*at)->next;
	return at;
}

static void list_remove(shard *in, shared *it)
{
	*(it->newer ? &it->newer->older : &in->newest) = it->older;
	*(it->older ? &it->older->newer : &in->oldest) = it->newer;
}

static void list_add(shard *in, shared *it)
{
	it->newer = NULL;
	it->older = in->newest;
	*(in->newest ? &in->newest->newer : &in->oldest) = it;
	in->newest = it;
}

/* Takes the oldest out of a shard; the cache's reference is the caller's. */
static shared *take_oldest(irmin__delta_cache *cache, shard *in)
{
	shared *it = in->oldest;
	shared **at;

	if (!it)
		return NULL;
	at = find(cache, in, hash_of(it->pack, it->offset), it->pack,
	    it->offset);
	*at = it->next;
	list_remove(in, it);
	atomic_fetch_sub_explicit(&cache->bytes, it->bytes,
	    memory_order_relaxed);
	return it;
}

static int is_full(irmin__delta_cache *cache)
{
	return atomic_load_explicit(&cache->bytes, memory_order_relaxed) >
	    cache->max_bytes;
}

/* Makes room, beginning with a shard. */
static void make_room(irmin__delta_cache *cache, size_t from)
{
	size_t i;

	for (i = 0; i < SHARDS && is_full(cache); i++) {
		shard *in = &cache->shards[(from + i) % SHARDS];
		shared *oldest;

		do {
			irmin__mutex_lock(&in->lock);
			oldest = take_oldest(cache, in);
			irmin__mutex_unlock(&in->lock);
			if (oldest)
				unref(oldest);
		} while (oldest && is_full(cache));
	}
}

/* ---- the cache ---- */

static size_t buckets_of(size_t max_bytes)
{
	size_t count = BUCKETS_MIN;

	while (count < BUCKETS_MAX && count < max_bytes / USUAL_BYTES / SHARDS)
		count *= 2;
	return count;
}

irmin_rc irmin__delta_cache_new(size_t max_bytes, irmin__delta_cache **cache,
    irmin_error *err)
{
	size_t buckets = buckets_of(max_bytes);
	irmin__delta_cache *made = irmin_calloc(1, sizeof *made);
	irmin_rc rc = made ? IRMIN_OK : irmin__enomem(err);

	*cache = NULL;
	if (rc < 0)
		return rc;
	made->max_bytes = max_bytes;
	made->mask = buckets - 1;
	atomic_init(&made->bytes, 0);
	while (rc >= 0 && made->ready < SHARDS) {
		shard *in = &made->shards[made->ready];

		rc = irmin__mutex_init(&in->lock, err);
		if (rc < 0)
			break;
		made->ready++;
		in->buckets = irmin_calloc(buckets, sizeof *in->buckets);
		if (!in->buckets)
			rc = irmin__enomem(err);
	}
	if (rc < 0)
		irmin__delta_cache_free(made);
	else
		*cache = made;
	return rc;
}

void irmin__delta_cache_free(irmin__delta_cache *cache)
{
	shared *oldest;
	size_t i;

	for (i = 0; cache && i < cache->ready; i++) {
		while ((oldest = take_oldest(cache, &cache->shards[i])))
			unref(oldest);
		irmin_free(cache->shards[i].buckets);
		irmin__mutex_clear(&cache->shards[i].lock);
	}
	irmin_free(cache);
}

irmin_rc irmin__delta_cache_find(irmin__delta_cache *cache, uint64_t pack,
    uint64_t offset, irmin_object *object)
{
	uint64_t hash = hash_of(pack, offset);
	shard *in = shard_of(cache, hash);
	shared *it;

	memset(object, 0, sizeof *object);
	irmin__mutex_lock(&in->lock);
	it = *find(cache, in, hash, pack, offset);
	if (it) {
		irmin__count_up(&it->refs);
		list_remove(in, it);
		list_add(in, it);
		object->type = it->type;
	}
	irmin__mutex_unlock(&in->lock);
	if (!it)
		return IRMIN_ABSENT;
	object->data = pin_of(it);
	return IRMIN_OK;
}

/* Adds what is not there yet; else answers with a reference to what is. */
static shared *add(irmin__delta_cache *cache, shard *in, uint64_t hash,
    shared *it)
{
	shared **at, *there;

	irmin__mutex_lock(&in->lock);
	at = find(cache, in, hash, it->pack, it->offset);
	there = *at;
	if (there) {
		irmin__count_up(&there->refs);
	} else {
		it->next = NULL;
		*at = it;
		list_add(in, it);
		irmin__count_up(&it->refs);
		atomic_fetch_add_explicit(&cache->bytes, it->bytes,
		    memory_order_relaxed);
	}
	irmin__mutex_unlock(&in->lock);
	return there;
}

void irmin__delta_cache_add(irmin__delta_cache *cache, uint64_t pack,
    uint64_t offset, irmin_object *object)
{
	uint64_t hash = hash_of(pack, offset);
	shard *in = shard_of(cache, hash);
	shared *it = object->data.owner, *there;

	if (object->data.release != unref || it->bytes > cache->max_bytes / 4 ||
	    atomic_flag_test_and_set(&it->kept))
		return;
	it->type = object->type;
	it->pack = pack;
	it->offset = offset;
	there = add(cache, in, hash, it);
	if (there) {
		irmin_pin_release(&object->data);
		object->data = pin_of(there);
		return;
	}
	make_room(cache, (size_t)(in - cache->shards));
}
