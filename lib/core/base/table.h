/* lib/core/base/table.h: a hash table from byte strings to pointers.
 *
 * Open addressing; the table stores neither keys nor values, only pointers to
 * entries that hold their key: the caller says how to get it. Not for several
 * threads at once. Hashing is keyed per table, so that hostile keys cannot make
 * it slow.
 */
#ifndef IRMIN_BASE_TABLE_H
#define IRMIN_BASE_TABLE_H

#include <irmin/bytes.h>

typedef irmin_slice (*irmin__key_fn)(const void *entry);

typedef struct irmin__table {
	void **slots;
	size_t cap;  /* a power of two, or 0 */
	size_t used; /* entries */
	size_t gone; /* tombstones */
	uint64_t seed[2];
	irmin__key_fn key;
} irmin__table;

/* An empty table; allocates nothing. `seed` may be any number. */
void irmin__table_init(irmin__table *table, irmin__key_fn key, uint64_t seed);

/* Frees the slots, not the entries. */
void irmin__table_clear(irmin__table *table);

/* The hash of a key, for tables of another kind. */
uint64_t irmin__table_hash(const uint64_t seed[2], irmin_slice key);

/* The entry with this key, or NULL. */
void *irmin__table_find(const irmin__table *table, irmin_slice key);

/* Adds an entry whose key is not there yet. Fails: ENOMEM. */
irmin_rc irmin__table_add(irmin__table *table, void *entry, irmin_error *err);

/* Takes the entry with this key out and returns it, or NULL. */
void *irmin__table_remove(irmin__table *table, irmin_slice key);

/* The first entry at or after *cursor (start with 0), which is moved behind it;
 * NULL at the end. The table must not change in between. */
void *irmin__table_next(const irmin__table *table, size_t *cursor);

#endif
