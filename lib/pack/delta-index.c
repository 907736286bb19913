/* The blocks of a base by their hash: every STEP bytes begins one, so that in a
 * target, where one is looked for at every byte, nothing as long as a block and
 * a step is missed. Blocks of one hash are chained, the first one first.
 */
#include "lib/pack/delta-index.h"

#include <irmin/alloc.h>

#include "lib/core/base/error.h"

#define BLOCK     IRMIN__DELTA_BLOCK
#define STEP      8
#define TRIES     32         /* blocks of a chain that are looked at */
#define LONG      4096       /* nobody looks for more than that */
#define BYTES_MAX UINT32_MAX /* a copy has 32 bits for its place */

struct irmin__delta_index {
	const unsigned char *base;
	size_t len;
	unsigned shift;   /* of a hash to the number of its chain */
	uint32_t *chains; /* the first block, counted from 1; 0: none */
	uint32_t *next;   /* of each block, likewise */
	uint32_t memory[];
};

static uint64_t load(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

static size_t chain_of(const irmin__delta_index *index, const unsigned char *at)
{
	uint64_t hash = load(at) * 0x9e3779b97f4a7c15;

	hash = (hash ^ hash >> 32 ^ load(at + 8)) * 0xd6e8feb86659fd93;
	return (size_t)(hash >> index->shift);
}

static int same_block(const unsigned char *a, const unsigned char *b)
{
	return load(a) == load(b) && load(a + 8) == load(b + 8);
}

/* From the last block to the first, which so comes to stand before it. Of a row
 * of equal blocks the first one does for all. */
static void fill(irmin__delta_index *index, uint32_t count)
{
	uint32_t i;

	for (i = count; i-- > 0;) {
		const unsigned char *block = index->base + (size_t)i * STEP;
		uint32_t *chain = &index->chains[chain_of(index, block)];

		if (i && same_block(block, block - STEP))
			continue;
		index->next[i] = *chain;
		*chain = i + 1;
	}
}

irmin_rc irmin__delta_index_new(irmin_slice base, irmin__delta_index **out,
    irmin_error *err)
{
	irmin__delta_index *index;
	size_t count, chains = 16;
	unsigned bits = 4;

	*out = NULL;
	if (base.len < BLOCK || base.len > BYTES_MAX)
		return IRMIN_ABSENT;
	count = (base.len - BLOCK) / STEP + 1;
	for (; chains < count; chains *= 2)
		bits++;
	if (chains + count > (SIZE_MAX - sizeof *index) / sizeof(uint32_t))
		return irmin__enomem(err);
	index = irmin_malloc(
	    sizeof *index + (chains + count) * sizeof *index->memory);
	if (!index)
		return irmin__enomem(err);
	index->base = base.data;
	index->len = base.len;
	index->shift = 64 - bits;
	index->chains = index->memory;
	index->next = index->memory + chains;
	memset(index->chains, 0, chains * sizeof *index->chains);
	fill(index, (uint32_t)count);
	*out = index;
	return IRMIN_OK;
}

void irmin__delta_index_free(irmin__delta_index *index)
{
	irmin_free(index);
}

irmin_slice irmin__delta_index_base(const irmin__delta_index *index)
{
	return irmin_bytes(index->base, index->len);
}

/* How many bytes are the same. */
static size_t common(const unsigned char *a, const unsigned char *b, size_t max)
{
	size_t n = 0;

	while (n + 8 <= max && load(a + n) == load(b + n))
		n += 8;
	while (n < max && a[n] == b[n])
		n++;
	return n;
}

size_t irmin__delta_index_find(const irmin__delta_index *index,
    const unsigned char *at, size_t len, size_t *base_at)
{
	uint32_t block = index->chains[chain_of(index, at)];
	size_t best = 0;
	int tries;

	*base_at = 0;
	for (tries = 0; block && tries < TRIES && best < LONG; tries++) {
		size_t from = (size_t)(block - 1) * STEP;
		size_t rest = index->len - from, n;

		block = index->next[block - 1];
		if (!same_block(index->base + from, at))
			continue;
		n = common(index->base + from, at, rest < len ? rest : len);
		if (n > best) {
			best = n;
			*base_at = from;
		}
	}
	return best;
}
