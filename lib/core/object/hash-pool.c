#include "lib/core/object/hash.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <irmin/alloc.h>

#include "lib/core/base/error.h"

#define CACHE_LINE 64
#define SLOTS      16

/* A hasher waits in a slot or is lent to one thread. Slots are a cache line
 * apart, so that threads that use different ones do not slow each other down. */
struct slot {
	_Atomic(irmin__hasher *) idle;
	char apart[CACHE_LINE - sizeof(irmin__hasher *)];
};

struct irmin__hash_pool {
	const irmin__hash_class *cls;
	char apart[CACHE_LINE - sizeof(irmin__hash_class *)];
	struct slot slots[SLOTS];
};

static void free_hasher(irmin__hasher *hasher)
{
	if (!hasher)
		return;
	irmin__hasher_clear(hasher);
	irmin_free(hasher);
}

static irmin_rc new_hasher(const irmin__hash_class *cls, irmin__hasher **hasher,
    irmin_error *err)
{
	irmin__hasher *made = irmin_malloc(sizeof *made);
	irmin_rc rc;

	*hasher = NULL;
	if (!made)
		return irmin__enomem(err);
	rc = irmin__hasher_init(made, cls, err);
	if (rc < 0)
		irmin_free(made);
	else
		*hasher = made;
	return rc;
}

/* The slot a thread tries first. Stacks lie far apart, so the address of a
 * local variable tells threads apart and costs nothing. */
static size_t own_slot(void)
{
	char here;
	uint64_t address = (uint64_t)(uintptr_t)&here >> 16;

	return (size_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> 32) % SLOTS;
}

/* An idle hasher or, where all are lent, a new one. */
static irmin_rc borrow(irmin__hash_pool *pool, irmin__hasher **hasher,
    irmin_error *err)
{
	size_t first = own_slot(), i;
	struct slot *slot;

	for (i = 0; i < SLOTS; i++) {
		slot = &pool->slots[(first + i) % SLOTS];
		*hasher = atomic_exchange_explicit(&slot->idle, NULL,
		    memory_order_acquire);
		if (*hasher)
			return IRMIN_OK;
	}
	return new_hasher(pool->cls, hasher, err);
}

/* To an empty slot; where there is none, there were more threads than slots. */
static void give_back(irmin__hash_pool *pool, irmin__hasher *hasher)
{
	size_t first = own_slot(), i;
	irmin__hasher *none;
	struct slot *slot;

	for (i = 0; i < SLOTS; i++) {
		slot = &pool->slots[(first + i) % SLOTS];
		none = NULL;
		if (atomic_compare_exchange_strong_explicit(&slot->idle, &none,
			hasher, memory_order_release, memory_order_relaxed))
			return;
	}
	free_hasher(hasher);
}

irmin_rc irmin__hash_pool_new(const irmin__hash_class *cls,
    irmin__hash_pool **pool, irmin_error *err)
{
	irmin__hash_pool *made = irmin_calloc(1, sizeof *made);
	irmin__hasher *first = NULL;
	irmin_rc rc;
	size_t i;

	*pool = NULL;
	if (!made)
		return irmin__enomem(err);
	for (i = 0; i < SLOTS; i++)
		atomic_init(&made->slots[i].idle, NULL);
	made->cls = cls;
	/* Now and not at the first object, so that a hash function which is
	 * not to be had is found out when the repository is opened. */
	rc = new_hasher(cls, &first, err);
	if (rc < 0) {
		irmin_free(made);
		return rc;
	}
	give_back(made, first);
	*pool = made;
	return IRMIN_OK;
}

void irmin__hash_pool_free(irmin__hash_pool *pool)
{
	size_t i;

	if (!pool)
		return;
	for (i = 0; i < SLOTS; i++)
		free_hasher(atomic_load(&pool->slots[i].idle));
	irmin_free(pool);
}

static irmin_rc hash_parts(irmin__hasher *hasher, irmin_object_type type,
    const irmin_slice *parts, size_t count, irmin_oid *id, irmin_error *err)
{
	uint64_t bytes = 0;
	size_t i;
	irmin_rc rc;

	for (i = 0; i < count; i++)
		bytes += parts[i].len;
	rc = irmin__hasher_begin(hasher, type, bytes, err);
	for (i = 0; i < count && rc >= 0; i++)
		rc = irmin__hasher_update(hasher, parts[i], err);
	return rc < 0 ? rc : irmin__hasher_end(hasher, id, err);
}

irmin_rc irmin__hash_pool_parts(irmin__hash_pool *pool, irmin_object_type type,
    const irmin_slice *parts, size_t count, irmin_oid *id, irmin_error *err)
{
	irmin__hasher *hasher;
	irmin_rc rc;

	if (count == 1)
		return irmin__hash_pool_object(pool, type, parts[0], id, err);
	memset(id, 0, sizeof *id);
	rc = borrow(pool, &hasher, err);
	if (rc < 0)
		return rc;
	rc = hash_parts(hasher, type, parts, count, id, err);
	give_back(pool, hasher);
	return rc;
}

irmin_rc irmin__hash_pool_object(irmin__hash_pool *pool, irmin_object_type type,
    irmin_slice data, irmin_oid *id, irmin_error *err)
{
	irmin__hasher *hasher;
	irmin_rc rc = borrow(pool, &hasher, err);

	if (rc < 0)
		return rc;
	rc = irmin__hasher_object(hasher, type, data, id, err);
	give_back(pool, hasher);
	return rc;
}
