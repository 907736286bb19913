/*
 * alloc-fault.h - the library's allocator, replaced by one that fails
 *
 * A test program that calls any of these links the static rooms and gets these
 * four irmin_malloc & co in place of the library's. Faults are planned by a
 * thread for itself: neither its other threads nor its forked children see them.
 */
#ifndef IRMIN_TESTS_ALLOC_FAULT_H
#define IRMIN_TESTS_ALLOC_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <irmin/error.h>

/* From now on the n-th allocation of this thread fails, once; 1 is the next
 * one, 0 none. Starts the count anew. */
void alloc_fault_at(uint64_t n);

/* Allocations of this thread since then, the failed one included. */
uint64_t alloc_fault_count(void);

/* Whether the planned failure has happened. */
bool alloc_fault_happened(void);

/* Blocks that nobody has freed, of all threads. */
size_t alloc_fault_live(void);

/*
 * Runs `run` again and again, with the first, second, third, ... allocation
 * failing, until a run sees no failure. Checks that each answers ENOMEM with
 * err filled, that the last one succeeds, and that none leaves a block behind.
 * Answers the number of runs; `name` is what is run.
 */
uint64_t alloc_fault_sweep(const char *name,
    irmin_rc (*run)(void *arg, irmin_error *err), void *arg);

#endif
