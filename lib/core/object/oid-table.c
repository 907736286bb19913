/* Entries lie side by side in the order in which they came; slots, open
 * addressing without removal, hold their numbers:
 *
 *   | id | the caller's bytes | id | the caller's bytes | ...
 */
#include "lib/core/object/oid-table.h"

#include "lib/core/base/error.h"
#include "lib/core/object/hash.h"
#include <irmin/alloc.h>

#define FIRST_BITS 6

void irmin__oid_table_init(irmin__oid_table *table, irmin_hash_algo algo,
    size_t extra, size_t align, uint64_t seed)
{
	memset(table, 0, sizeof *table);
	table->algo = algo;
	table->id_bytes = irmin_hash_size(algo);
	table->extra_at = (table->id_bytes + align - 1) & ~(align - 1);
	table->stride = (table->extra_at + extra + align - 1) & ~(align - 1);
	/* Odd, since an even factor would lose bits of the id. */
	table->seed[0] = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	table->seed[1] = ~seed * UINT64_C(0xd1342543de82ef95) | 1;
}

void irmin__oid_table_clear(irmin__oid_table *table)
{
	irmin_free(table->entries);
	irmin_free(table->slots);
	table->entries = NULL;
	table->slots = NULL;
	table->len = table->cap = 0;
	table->bits = 0;
}

void irmin__oid_table_reset(irmin__oid_table *table)
{
	table->len = 0;
	if (table->slots)
		memset(table->slots, 0, sizeof *table->slots << table->bits);
}

/* An id is a hash already, but one whose bits its author may have chosen. */
static size_t first_slot(const irmin__oid_table *table, const void *id)
{
	uint64_t words[2];

	memcpy(words, id, sizeof words);
	return (
	    size_t)((words[0] * table->seed[0] + words[1] * table->seed[1]) >>
	    (64 - table->bits));
}

static const unsigned char *entry(const irmin__oid_table *table, size_t number)
{
	return table->entries + number * table->stride;
}

/* The slot of this id, or the empty one where it belongs. */
static uint32_t *find_slot(const irmin__oid_table *table, const void *id)
{
	size_t mask = ((size_t)1 << table->bits) - 1;
	size_t at = first_slot(table, id);

	while (table->slots[at] &&
	    memcmp(entry(table, table->slots[at] - 1), id, table->id_bytes) !=
		0)
		at = (at + 1) & mask;
	return &table->slots[at];
}

size_t irmin__oid_table_find(const irmin__oid_table *table, const irmin_oid *id)
{
	uint32_t found;

	if (!table->len || id->algo != table->algo)
		return IRMIN__OID_TABLE_NONE;
	found = *find_slot(table, id->bytes);
	return found ? found - 1 : IRMIN__OID_TABLE_NONE;
}

/* Twice the slots, once two thirds of them are in use. */
static irmin_rc reserve_slot(irmin__oid_table *table, irmin_error *err)
{
	irmin__oid_table bigger = *table;
	size_t i;

	if (table->slots && (table->len + 1) * 3 <= (size_t)2 << table->bits)
		return IRMIN_OK;
	if (table->len >= UINT32_MAX / 2)
		return irmin__enomem(err);
	bigger.bits = table->slots ? table->bits + 1 : FIRST_BITS;
	bigger.slots = irmin_calloc((size_t)1 << bigger.bits,
	    sizeof *bigger.slots);
	if (!bigger.slots)
		return irmin__enomem(err);
	for (i = 0; i < table->len; i++)
		*find_slot(&bigger, entry(table, i)) = (uint32_t)(i + 1);
	irmin_free(table->slots);
	*table = bigger;
	return IRMIN_OK;
}

static irmin_rc reserve_entry(irmin__oid_table *table, irmin_error *err)
{
	size_t cap = table->cap + table->cap / 2 + 16;
	unsigned char *entries;

	if (table->len < table->cap)
		return IRMIN_OK;
	if (cap > SIZE_MAX / table->stride)
		return irmin__enomem(err);
	entries = irmin_realloc(table->entries, cap * table->stride);
	if (!entries)
		return irmin__enomem(err);
	table->entries = entries;
	table->cap = cap;
	return IRMIN_OK;
}

irmin_rc irmin__oid_table_add(irmin__oid_table *table, const irmin_oid *id,
    size_t *number, irmin_error *err)
{
	unsigned char *made;
	irmin_rc rc;

	*number = irmin__oid_table_find(table, id);
	if (*number != IRMIN__OID_TABLE_NONE)
		return IRMIN_UNCHANGED;
	rc = reserve_slot(table, err);
	if (rc >= 0)
		rc = reserve_entry(table, err);
	if (rc < 0)
		return rc;
	*number = table->len++;
	made = table->entries + *number * table->stride;
	memset(made, 0, table->stride);
	memcpy(made, id->bytes, table->id_bytes);
	*find_slot(table, id->bytes) = (uint32_t)table->len;
	return IRMIN_OK;
}

irmin_oid irmin__oid_table_id(const irmin__oid_table *table, size_t number)
{
	return irmin__oid_of_bytes(table->algo, entry(table, number));
}
