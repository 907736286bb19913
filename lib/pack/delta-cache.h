/* lib/pack/delta-cache.h: objects that were made whole a short while ago: the
 * bases of deltas to come. Bounded in bytes; any number of threads at once.
 */
#ifndef IRMIN_PACK_DELTA_CACHE_H
#define IRMIN_PACK_DELTA_CACHE_H

#include <irmin/object.h>

typedef struct irmin__delta_cache irmin__delta_cache;

/* Objects larger than a quarter of `max_bytes` are not kept. Fails: ENOMEM. */
irmin_rc irmin__delta_cache_new(size_t max_bytes, irmin__delta_cache **cache,
    irmin_error *err);
void irmin__delta_cache_free(irmin__delta_cache *cache);

/* The object at `offset` of the pack with this number (irmin__pack_serial); a
 * pin of its own. Answers: OK; ABSENT. */
irmin_rc irmin__delta_cache_find(irmin__delta_cache *cache, uint64_t pack,
    uint64_t offset, irmin_object *object);

/* Keeps an object: afterwards `object` is a pin on what the cache has, or, where
 * it could not be kept, as it was. */
void irmin__delta_cache_add(irmin__delta_cache *cache, uint64_t pack,
    uint64_t offset, irmin_object *object);

#endif
