/* lib/core/object/oid-table.h: many ids, each with a few bytes of the caller's.
 *
 * For what looks at every object or commit of a repository: an entry costs its
 * bytes and some eight more, and no allocation of its own. Entries have numbers,
 * in the order in which they came; their bytes move when one is added. Not for
 * several threads at once.
 */
#ifndef IRMIN_OBJECT_OID_TABLE_H
#define IRMIN_OBJECT_OID_TABLE_H

#include <irmin/hash.h>

typedef struct irmin__oid_table {
	irmin_hash_algo algo;
	size_t id_bytes;
	size_t extra_at;  /* where the caller's bytes are in an entry */
	size_t stride;
	unsigned char *entries;
	size_t len, cap;
	uint32_t *slots;  /* the number of an entry and 1, or 0 */
	unsigned bits;    /* there are 2^bits slots, if any */
	uint64_t seed[2];
} irmin__oid_table;

#define IRMIN__OID_TABLE_NONE SIZE_MAX

/* An empty table; allocates nothing. `extra` bytes belong to each entry, aligned
 * to `align`, a power of two up to 8. `seed` may be any number. */
void irmin__oid_table_init(irmin__oid_table *table, irmin_hash_algo algo,
    size_t extra, size_t align, uint64_t seed);

void irmin__oid_table_clear(irmin__oid_table *table);

/* Empties it and keeps its memory. */
void irmin__oid_table_reset(irmin__oid_table *table);

/* The number of the entry with this id, or NONE. */
size_t irmin__oid_table_find(const irmin__oid_table *table,
    const irmin_oid *id);

/* The number of the entry with this id, which is made, its extra bytes all zero,
 * if it is not there. Answers: OK (it is new); UNCHANGED. Fails: ENOMEM. */
irmin_rc irmin__oid_table_add(irmin__oid_table *table, const irmin_oid *id,
    size_t *number, irmin_error *err);

/* The caller's bytes of an entry, valid until one is added. */
static inline void *irmin__oid_table_extra(const irmin__oid_table *table,
    size_t number)
{
	return table->entries + number * table->stride + table->extra_at;
}

irmin_oid irmin__oid_table_id(const irmin__oid_table *table, size_t number);

#endif
