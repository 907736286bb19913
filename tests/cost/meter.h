/*
 * meter.h - what a stretch of work cost
 *
 * The meter stands in for the library's allocator, and for memcpy and memmove
 * where the library calls them. Of a repository it takes the counters of
 * <irmin/trace.h>. It counts the whole process, all threads together.
 */
#ifndef IRMIN_TESTS_COST_METER_H
#define IRMIN_TESTS_COST_METER_H

#include <irmin/irmin.h>

enum {
	METER_READS,     /* objects read from the backend */
	METER_WRITES,    /* objects handed to it */
	METER_HASHED,    /* bytes */
	METER_DECODED,   /* directories */
	METER_BLOCKS,    /* allocations */
	METER_ALLOCATED, /* bytes of them, as the C library rounds them */
	METER_MOVED,     /* bytes copied and moved within memory */
	METER_COUNT
};

/* What each is, for people. */
extern const char *const meter_names[METER_COUNT];

struct cost {
	uint64_t of[METER_COUNT];
};

/* All there was so far. */
struct cost meter_read(const irmin_repo *repo);

/* What there was since. */
struct cost meter_since(const irmin_repo *repo, const struct cost *before);

/* Of each figure the larger one. */
void meter_max(struct cost *worst, const struct cost *cost);

/* Bytes that are allocated now, with what the C library adds to each block. */
size_t meter_live(void);

/* A large number of things, or fewer where a sanitizer makes them slow. */
size_t meter_scaled(size_t count);

#endif
