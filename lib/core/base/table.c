#include "lib/core/base/table.h"

#include <irmin/alloc.h>

#include "lib/core/base/error.h"

#define CAP_MIN 16

/* What stands where an entry was: a search goes on behind it. */
static const char gone;
#define GONE ((void *)&gone)

static uint64_t rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012),
 * but with words in the machine's byte order: the numbers never leave it. */
uint64_t irmin__table_hash(const uint64_t seed[2], irmin_slice key)
{
	uint64_t v[4] = { seed[0] ^ 0x736f6d6570736575,
		seed[1] ^ 0x646f72616e646f6d, seed[0] ^ 0x6c7967656e657261,
		seed[1] ^ 0x7465646279746573 };
	const unsigned char *bytes = key.data;
	size_t left;
	uint64_t word;

	for (left = key.len; left >= 8; left -= 8, bytes += 8) {
		memcpy(&word, bytes, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = (uint64_t)key.len << 56;
	while (left--)
		word |= (uint64_t)bytes[left] << 8 * left;
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void irmin__table_init(irmin__table *table, irmin__key_fn key, uint64_t seed)
{
	memset(table, 0, sizeof *table);
	table->key = key;
	table->seed[0] = seed;
	table->seed[1] = ~seed * 0x9e3779b97f4a7c15;
}

void irmin__table_clear(irmin__table *table)
{
	irmin_free(table->slots);
	table->slots = NULL;
	table->cap = table->used = table->gone = 0;
}

/* The slot of the key, or NULL. There always is an empty slot to stop at. */
static void **find_slot(const irmin__table *table, irmin_slice key)
{
	size_t mask = table->cap - 1, at;
	void *entry;

	if (!table->used)
		return NULL;
	at = irmin__table_hash(table->seed, key) & mask;
	for (; (entry = table->slots[at]); at = (at + 1) & mask)
		if (entry != GONE && irmin_slice_equal(table->key(entry), key))
			return &table->slots[at];
	return NULL;
}

void *irmin__table_find(const irmin__table *table, irmin_slice key)
{
	void **slot = find_slot(table, key);

	return slot ? *slot : NULL;
}

/* Puts an entry whose key is not there into the first free slot. */
static void place(irmin__table *table, void *entry)
{
	size_t mask = table->cap - 1;
	size_t at = irmin__table_hash(table->seed, table->key(entry)) & mask;

	while (table->slots[at] && table->slots[at] != GONE)
		at = (at + 1) & mask;
	table->gone -= table->slots[at] == GONE;
	table->slots[at] = entry;
	table->used++;
}

/* Rebuilds without tombstones, at most half full. */
static irmin_rc rebuild(irmin__table *table, irmin_error *err)
{
	size_t cap = CAP_MIN, old_cap = table->cap, i;
	void **old = table->slots, **slots;

	while (cap / 2 <= table->used && cap <= SIZE_MAX / 2)
		cap *= 2;
	slots = irmin_calloc(cap, sizeof *slots);
	if (!slots)
		return irmin__enomem(err);
	table->slots = slots;
	table->cap = cap;
	table->used = table->gone = 0;
	for (i = 0; i < old_cap; i++)
		if (old[i] && old[i] != GONE)
			place(table, old[i]);
	irmin_free(old);
	return IRMIN_OK;
}

irmin_rc irmin__table_add(irmin__table *table, void *entry, irmin_error *err)
{
	if (table->used + table->gone >= table->cap / 4 * 3) {
		irmin_rc rc = rebuild(table, err);

		if (rc < 0)
			return rc;
	}
	place(table, entry);
	return IRMIN_OK;
}

void *irmin__table_remove(irmin__table *table, irmin_slice key)
{
	void **slot = find_slot(table, key);
	void *entry;

	if (!slot)
		return NULL;
	entry = *slot;
	*slot = GONE;
	table->used--;
	table->gone++;
	return entry;
}

void *irmin__table_next(const irmin__table *table, size_t *cursor)
{
	while (*cursor < table->cap) {
		void *entry = table->slots[(*cursor)++];

		if (entry && entry != GONE)
			return entry;
	}
	return NULL;
}
