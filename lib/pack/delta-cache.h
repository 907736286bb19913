/* lib/pack/delta-cache.h: objects that were made whole a short while ago: the
 * bases of deltas to come. Bounded in bytes; any number of threads at once.
 */
#ifndef IRMIN_PACK_DELTA_CACHE_H
#define IRMIN_PACK_DELTA_CACHE_H

#include <irmin/object.h>

typedef struct irmin__delta_cache irmin__delta_cache;

/* Memory for an object of `len` bytes that is its own count, so that the cache
 * and pins share it: what is at pin->data may be written until somebody else has
 * a pin. Fails: ENOMEM. */
irmin_rc irmin__shared_new(size_t len, irmin_pin *pin, irmin_error *err);

/* Objects larger than a quarter of `max_bytes` are not kept. Fails: ENOMEM. */
irmin_rc irmin__delta_cache_new(size_t max_bytes, irmin__delta_cache **cache,
    irmin_error *err);
void irmin__delta_cache_free(irmin__delta_cache *cache);

/* The object at `offset` of the pack with this number (irmin__pack_serial); a
 * pin of its own. Answers: OK; ABSENT. */
irmin_rc irmin__delta_cache_find(irmin__delta_cache *cache, uint64_t pack,
    uint64_t offset, irmin_object *object);

/* Keeps an object of irmin__shared_new: afterwards `object` is a pin on
 * what the cache has, or, where it could not be kept, as it was. Other objects
 * are not kept. */
void irmin__delta_cache_add(irmin__delta_cache *cache, uint64_t pack,
    uint64_t offset, irmin_object *object);

#endif
