/* Objects by id, each in one block that its pins share with the table:
 *
 *   | refs | bytes | id, type | the object's bytes ... |
 *
 * A table of slots (hash, block) is open addressing without removal. It is cut
 * into shards, each with its own lock, so that threads rarely meet and growing
 * stalls one sixteenth of the table only.
 */
#include "lib/backend-mem/mem-parts.h"

#include <stdatomic.h>

#include "lib/core/base/context.h"
#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"
#include "lib/core/base/vec.h"
#include "lib/core/object/backend-args.h"
#include <irmin/alloc.h>

#define SHARD_BITS 4
#define SHARDS     (1u << SHARD_BITS)
#define FIRST_BITS 6 /* a shard begins with 2^6 slots */

typedef struct mem_object {
	atomic_size_t refs; /* the table's and one for each pin */
	size_t len;
	irmin_oid id;
	unsigned char type; /* an irmin_object_type */
	unsigned char data[];
} mem_object;

typedef struct mem_slot {
	uint64_t hash;
	mem_object *object;
} mem_slot;

typedef struct mem_shard {
	irmin__mutex mutex;
	mem_slot *slots; /* 2^bits of them, or NULL */
	unsigned bits;
	size_t used;
} mem_shard;

typedef struct mem_objects {
	irmin_objects head;
	irmin_hash_algo hash;
	unsigned shards_made;
	uint64_t seed[2];
	mem_shard shards[SHARDS];
} mem_objects;

static void object_unref(void *owner)
{
	mem_object *object = owner;

	if (atomic_fetch_sub_explicit(&object->refs, 1, memory_order_acq_rel) ==
	    1)
		irmin_free(object);
}

/* An id is a hash already, but one whose bits its author may have chosen: who
 * does not know the two random factors cannot make ids meet in one slot. */
static uint64_t hash_id(const mem_objects *self, const irmin_oid *id)
{
	uint64_t words[2];

	memcpy(words, id->bytes, sizeof words);
	return words[0] * self->seed[0] + words[1] * self->seed[1];
}

static mem_shard *shard_of(mem_objects *self, uint64_t hash)
{
	return &self->shards[hash >> (64 - SHARD_BITS)];
}

/* The slot of this id, or the empty one where it belongs. */
static mem_slot *find_slot(const mem_shard *shard, uint64_t hash,
    const irmin_oid *id)
{
	size_t mask = ((size_t)1 << shard->bits) - 1;
	size_t at = (hash << SHARD_BITS) >> (64 - shard->bits);

	for (;; at = (at + 1) & mask) {
		mem_slot *slot = &shard->slots[at];

		if (!slot->object)
			return slot;
		if (slot->hash == hash &&
		    memcmp(&slot->object->id, id, sizeof *id) == 0)
			return slot;
	}
}

/* Makes room for one more, keeping a third of the slots empty. */
static irmin_rc shard_reserve(mem_shard *shard, irmin_error *err)
{
	mem_shard bigger = *shard;
	size_t i;

	if (shard->slots && (shard->used + 1) * 3 <= (size_t)2 << shard->bits)
		return IRMIN_OK;
	bigger.bits = shard->slots ? shard->bits + 1 : FIRST_BITS;
	bigger.slots = irmin_calloc((size_t)1 << bigger.bits,
	    sizeof *bigger.slots);
	if (!bigger.slots)
		return irmin__enomem(err);
	for (i = 0; shard->slots && i < (size_t)1 << shard->bits; i++) {
		mem_slot *slot = &shard->slots[i];

		if (slot->object)
			*find_slot(&bigger, slot->hash,
			    &slot->object->id) = *slot;
	}
	irmin_free(shard->slots);
	shard->slots = bigger.slots;
	shard->bits = bigger.bits;
	return IRMIN_OK;
}

/* The object with a reference for the caller, or NULL. */
static mem_object *object_ref(mem_objects *self, const irmin_oid *id)
{
	uint64_t hash = hash_id(self, id);
	mem_shard *shard = shard_of(self, hash);
	mem_object *object = NULL;

	irmin__mutex_lock(&shard->mutex);
	if (shard->slots)
		object = find_slot(shard, hash, id)->object;
	if (object)
		atomic_fetch_add_explicit(&object->refs, 1,
		    memory_order_relaxed);
	irmin__mutex_unlock(&shard->mutex);
	return object;
}

static irmin_rc mem_find(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_object *out, irmin_error *err)
{
	mem_object *object;

	irmin_error_clear(err);
	memset(out, 0, sizeof *out);
	object = object_ref((mem_objects *)objects, id);
	if (!object)
		return IRMIN_ABSENT;
	out->type = (irmin_object_type)object->type;
	out->data.data = object->data;
	out->data.len = object->len;
	out->data.release = object_unref;
	out->data.owner = object;
	return irmin__backend_args_limit(context, id, out, err);
}

static irmin_rc mem_stat(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
    irmin_error *err)
{
	mem_object *object;

	(void)context;
	irmin_error_clear(err);
	*type = IRMIN_OBJECT_ANY;
	*bytes = 0;
	object = object_ref((mem_objects *)objects, id);
	if (!object)
		return IRMIN_ABSENT;
	*type = (irmin_object_type)object->type;
	*bytes = object->len;
	object_unref(object);
	return IRMIN_OK;
}

static irmin_rc mem_has(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	irmin_object_type type;
	uint64_t bytes;

	return mem_stat(objects, context, id, &type, &bytes, err);
}

/* A block with a copy of the bytes and one reference, the table's. */
static mem_object *object_new(const irmin_new_object *added)
{
	size_t head = offsetof(mem_object, data);
	mem_object *object;

	if (added->data.len > SIZE_MAX - head)
		return NULL;
	object = irmin_malloc(head + added->data.len);
	if (!object)
		return NULL;
	atomic_init(&object->refs, 1);
	object->len = added->data.len;
	object->id = added->id;
	object->type = (unsigned char)added->type;
	if (added->data.len)
		memcpy(object->data, added->data.data, added->data.len);
	return object;
}

/* The copy is made before the lock is taken, so that nobody waits for it; it
 * goes again if the object was there. */
static irmin_rc add_one(mem_objects *self, const irmin_new_object *added,
    irmin_error *err)
{
	uint64_t hash = hash_id(self, &added->id);
	mem_shard *shard = shard_of(self, hash);
	mem_object *object = object_new(added);
	mem_slot *slot;
	irmin_rc rc;

	if (!object)
		return irmin__enomem(err);
	irmin__mutex_lock(&shard->mutex);
	rc = shard_reserve(shard, err);
	slot = rc < 0 ? NULL : find_slot(shard, hash, &added->id);
	if (slot && !slot->object) {
		slot->hash = hash;
		slot->object = object;
		shard->used++;
		object = NULL;
	}
	irmin__mutex_unlock(&shard->mutex);
	irmin_free(object);
	return rc;
}

static irmin_rc mem_add(irmin_objects *objects, const irmin_context *context,
    const irmin_new_object *added, size_t count, irmin_error *err)
{
	mem_objects *self = (mem_objects *)objects;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	(void)context;
	irmin_error_clear(err);
	for (i = 0; rc >= 0 && i < count; i++) {
		rc = irmin__backend_args_added(self->hash, &added[i], err);
		if (rc >= 0)
			rc = add_one(self, &added[i], err);
	}
	return rc;
}

/* Whether an id begins with these digits. */
static int has_prefix(const irmin_oid *id, const char *prefix)
{
	size_t i;

	for (i = 0; prefix[i]; i++) {
		int byte = id->bytes[i / 2];
		int digit = i % 2 ? byte & 15 : byte >> 4;

		if (irmin__hex_digit(prefix[i]) != digit)
			return 0;
	}
	return 1;
}

typedef IRMIN__VEC(irmin_oid) mem_ids;

/* Ids are told without the lock, so they are copied out, a shard at a time. */
static irmin_rc shard_ids(mem_shard *shard, const char *prefix, mem_ids *ids,
    irmin_error *err)
{
	irmin_rc rc;
	size_t i;

	ids->len = 0;
	irmin__mutex_lock(&shard->mutex);
	rc = IRMIN__VEC_RESERVE(ids, shard->used, err);
	for (i = 0; rc >= 0 && shard->slots && i < (size_t)1 << shard->bits;
	     i++) {
		const mem_object *object = shard->slots[i].object;

		if (object && has_prefix(&object->id, prefix))
			IRMIN__VEC_PUSH(ids, object->id);
	}
	irmin__mutex_unlock(&shard->mutex);
	return rc;
}

static irmin_rc mem_each(irmin_objects *objects, const irmin_context *context,
    const char *prefix, irmin_object_fn fn, void *arg, irmin_error *err)
{
	mem_objects *self = (mem_objects *)objects;
	char digits[IRMIN_OID_HEX_BYTES];
	mem_ids ids = { NULL, 0, 0 };
	irmin_rc rc;
	unsigned s;
	size_t i;

	irmin_error_clear(err);
	rc = irmin__backend_args_prefix(self->hash, prefix, digits, err);
	for (s = 0; rc == IRMIN_OK && s < SHARDS; s++) {
		rc = irmin__context_check(context, err);
		if (rc >= 0)
			rc = shard_ids(&self->shards[s], digits, &ids, err);
		for (i = 0; rc == IRMIN_OK && i < ids.len; i++)
			rc = fn(arg, &ids.items[i]);
	}
	IRMIN__VEC_CLEAR(&ids);
	return rc;
}

static void mem_objects_close(irmin_objects *objects)
{
	mem_objects *self = (mem_objects *)objects;
	unsigned s;
	size_t i;

	for (s = 0; s < self->shards_made; s++) {
		mem_shard *shard = &self->shards[s];

		for (i = 0; shard->slots && i < (size_t)1 << shard->bits; i++)
			if (shard->slots[i].object)
				object_unref(shard->slots[i].object);
		irmin_free(shard->slots);
		irmin__mutex_clear(&shard->mutex);
	}
	irmin_free(self);
}

static const irmin_objects_class mem_objects_class = {
	.size = sizeof(irmin_objects_class),
	.name = "mem",
	.find = mem_find,
	.has = mem_has,
	.add = mem_add,
	.each = mem_each,
	.close = mem_objects_close,
	.stat = mem_stat,
};

irmin_rc irmin__mem_objects_new(irmin__os *os, irmin_hash_algo hash,
    irmin_objects **objects, irmin_error *err)
{
	mem_objects *self;
	irmin_rc rc;

	*objects = NULL;
	self = irmin_calloc(1, sizeof *self);
	if (!self)
		return irmin__enomem(err);
	self->head.cls = &mem_objects_class;
	self->hash = hash;
	rc = irmin__os_random(os, self->seed, sizeof self->seed, err);
	self->seed[0] |= 1; /* an even factor would lose bits of the id */
	self->seed[1] |= 1;
	while (rc >= 0 && self->shards_made < SHARDS) {
		rc = irmin__mutex_init(&self->shards[self->shards_made].mutex,
		    err);
		if (rc >= 0)
			self->shards_made++;
	}
	if (rc < 0) {
		mem_objects_close(&self->head);
		return rc;
	}
	*objects = &self->head;
	return IRMIN_OK;
}
