#include "tests/cost/meter.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "tests/support/sanitized.h"

/* What the C library keeps in front of each block. */
#define HEADER_BYTES sizeof(size_t)

const char *const meter_names[METER_COUNT] = { "objects read",
	"objects written", "bytes hashed", "trees decoded", "allocations",
	"bytes allocated", "bytes moved" };

static atomic_uint_fast64_t blocks, allocated, moved;
static atomic_size_t live;

static size_t size_of(void *block)
{
	return malloc_usable_size(block) + HEADER_BYTES;
}

static void *counted(void *block)
{
	size_t size;

	if (!block)
		return NULL;
	size = size_of(block);
	atomic_fetch_add(&blocks, 1);
	atomic_fetch_add(&allocated, size);
	atomic_fetch_add(&live, size);
	return block;
}

/* ---- in place of the library's ---- */

void *irmin_malloc(size_t size)
{
	return counted(malloc(size ? size : 1));
}

void *irmin_calloc(size_t count, size_t size)
{
	return counted(count && size ? calloc(count, size) : calloc(1, 1));
}

void *irmin_realloc(void *block, size_t size)
{
	size_t before = block ? size_of(block) : 0;
	void *grown = realloc(block, size ? size : 1);

	if (grown)
		atomic_fetch_sub(&live, before);
	return counted(grown);
}

void irmin_free(void *block)
{
	if (block)
		atomic_fetch_sub(&live, size_of(block));
	free(block);
}

/* The linker gives these names (--wrap). */
void *__wrap_memcpy(void *to, const void *from, size_t len);
void *__wrap_memmove(void *to, const void *from, size_t len);
void *__real_memcpy(void *to, const void *from, size_t len);
void *__real_memmove(void *to, const void *from, size_t len);

void *__wrap_memcpy(void *to, const void *from, size_t len)
{
	atomic_fetch_add_explicit(&moved, len, memory_order_relaxed);
	return __real_memcpy(to, from, len);
}

void *__wrap_memmove(void *to, const void *from, size_t len)
{
	atomic_fetch_add_explicit(&moved, len, memory_order_relaxed);
	return __real_memmove(to, from, len);
}

/* ---- reading the meter ---- */

struct cost meter_read(const irmin_repo *repo)
{
	struct cost cost;

	cost.of[METER_READS] = irmin_repo_stat(repo, IRMIN_STAT_OBJECT_READS);
	cost.of[METER_WRITES] = irmin_repo_stat(repo, IRMIN_STAT_OBJECT_WRITES);
	cost.of[METER_HASHED] = irmin_repo_stat(repo, IRMIN_STAT_HASHED_BYTES);
	cost.of[METER_DECODED] = irmin_repo_stat(repo,
	    IRMIN_STAT_TREES_DECODED);
	cost.of[METER_BLOCKS] = atomic_load(&blocks);
	cost.of[METER_ALLOCATED] = atomic_load(&allocated);
	cost.of[METER_MOVED] = atomic_load(&moved);
	return cost;
}

struct cost meter_since(const irmin_repo *repo, const struct cost *before)
{
	struct cost cost = meter_read(repo);
	int i;

	for (i = 0; i < METER_COUNT; i++)
		cost.of[i] -= before->of[i];
	return cost;
}

void meter_max(struct cost *worst, const struct cost *cost)
{
	int i;

	for (i = 0; i < METER_COUNT; i++)
		if (worst->of[i] < cost->of[i])
			worst->of[i] = cost->of[i];
}

size_t meter_live(void)
{
	return atomic_load(&live);
}

size_t meter_scaled(size_t count)
{
	return SANITIZED && count >= 100000 ? count / 100 : count;
}
