/*
 * bench-keys.h - the data of every workload: paths, values, authors
 *
 * One author and one date, so that everybody who keeps git's format ends with
 * the same ids. Paths and values are made while the clock runs, in some 10 ns.
 */
#ifndef BENCH_KEYS_H
#define BENCH_KEYS_H

#include <stdint.h>

#define BENCH_PER_DIRECTORY 100
#define BENCH_NAME "Bench"
#define BENCH_EMAIL "bench@example.org"
#define BENCH_AUTHOR BENCH_NAME " <" BENCH_EMAIL ">"
#define BENCH_MESSAGE "set\n"
#define BENCH_TIME 1700000000
#define BENCH_VALUE_BYTES 16

/* One value and where it goes. */
struct bench_set {
	char path[40];
	char value[BENCH_VALUE_BYTES + 1];
};

/* Key i of a directory of directories: d/<i/100>/<i%100>. */
void bench_path(unsigned i, char path[40]);

/* Entry i of one flat directory: d/ and 16 hex digits, in no order. */
void bench_flat_path(unsigned i, char path[40]);

/* 16 digits. */
void bench_value(unsigned i, char value[BENCH_VALUE_BYTES + 1]);

/* Key i with value i. */
void bench_key_set(unsigned i, struct bench_set *set);

/* Entry i of the flat directory with value i. */
void bench_flat_set(unsigned i, struct bench_set *set);

/* Commit i of the history before the clock: one of 1,000 keys behind h/, so
 * that what the measured ones change looks the same however long it is. */
void bench_history_set(unsigned i, struct bench_set *set);

/* A new value for one of the first `keys` keys, in a fixed random order. */
void bench_overwrite_set(unsigned i, unsigned keys, struct bench_set *set);

/* The k-th of a fixed random sequence of numbers below `limit`. */
unsigned bench_random(unsigned k, unsigned limit);

/* What a value adds to the sum of all that were read. */
uint64_t bench_checksum(const void *value);

#endif
