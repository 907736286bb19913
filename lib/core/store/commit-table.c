/* Open addressing without removal, by a hash of what a commit says and of its
 * generation: of a program that says always the same there is mostly one commit a
 * generation. */
#include "lib/core/store/commit-table.h"

#include "lib/core/base/error.h"
#include "lib/core/base/table.h"

#define FIRST_BITS 4

void irmin__commit_table_init(irmin__commit_table *table, uint64_t seed)
{
	memset(table, 0, sizeof *table);
	table->seed[0] = seed;
	table->seed[1] = ~seed;
}

void irmin__commit_table_clear(irmin__commit_table *table)
{
	size_t i;

	for (i = 0; i < table->entries.len; i++)
		irmin_commit_unref(table->entries.items[i].commit);
	IRMIN__VEC_CLEAR(&table->entries);
	irmin_free(table->slots);
	table->slots = NULL;
	table->bits = 0;
}

static uint64_t hash_of(const irmin__commit_table *table, irmin_commit *commit)
{
	return irmin__table_hash(table->seed, irmin__commit_said(commit)) ^
	    irmin__commit_generation(commit) * UINT64_C(0x9e3779b97f4a7c15);
}

static size_t first_slot(const irmin__commit_table *table, uint64_t hash)
{
	return (size_t)(hash >> (64 - table->bits));
}

static size_t next_slot(const irmin__commit_table *table, size_t at)
{
	return (at + 1) & (((size_t)1 << table->bits) - 1);
}

static void fill_slot(irmin__commit_table *table, size_t number)
{
	size_t at = first_slot(table, table->entries.items[number].hash);

	while (table->slots[at])
		at = next_slot(table, at);
	table->slots[at] = (uint32_t)number + 1;
}

/* Room for one more: twice the slots, once half of them are in use. */
static irmin_rc reserve(irmin__commit_table *table, irmin_error *err)
{
	unsigned bits = table->slots ? table->bits + 1 : FIRST_BITS;
	uint32_t *slots;
	size_t i;

	if (table->entries.len >= UINT32_MAX / 2)
		return irmin__enomem(err);
	if (!table->slots || table->entries.len * 2 >> table->bits) {
		slots = irmin_calloc((size_t)1 << bits, sizeof *slots);
		if (!slots)
			return irmin__enomem(err);
		irmin_free(table->slots);
		table->slots = slots;
		table->bits = bits;
		for (i = 0; i < table->entries.len; i++)
			fill_slot(table, i);
	}
	return IRMIN__VEC_RESERVE(&table->entries, 1, err);
}

/* Answers: OK; ABSENT. */
static irmin_rc find(const irmin__commit_table *table,
    const irmin__commit_entry *sought, uint32_t *number, irmin_error *err)
{
	size_t at = first_slot(table, sought->hash);
	irmin_rc rc = IRMIN_OK;
	int same = 0;

	for (; rc >= 0 && !same && table->slots[at];
	     at = next_slot(table, at)) {
		const irmin__commit_entry *entry;

		*number = table->slots[at] - 1;
		entry = &table->entries.items[*number];
		if (entry->hash == sought->hash)
			rc = irmin__commit_same(entry->commit, sought->commit,
			    &same, err);
	}
	if (rc < 0)
		return rc;
	return same ? IRMIN_OK : IRMIN_ABSENT;
}

irmin_rc irmin__commit_table_add(irmin__commit_table *table,
    irmin_commit *commit, uint32_t *number, irmin_error *err)
{
	irmin__commit_entry entry = { commit, hash_of(table, commit) };
	irmin_rc rc = reserve(table, err);

	if (rc >= 0)
		rc = find(table, &entry, number, err);
	if (rc != IRMIN_ABSENT)
		return rc < 0 ? rc : IRMIN_UNCHANGED;
	irmin_commit_ref(commit);
	*number = (uint32_t)table->entries.len;
	IRMIN__VEC_PUSH(&table->entries, entry);
	fill_slot(table, *number);
	return IRMIN_OK;
}
