/*
 * bench-clock.h - what is measured, the same for us and for every peer
 *
 * A bench program is called as `PROGRAM WORKLOAD [key=value]...` and prints one
 * line of JSON. Operation i sets the 16-byte value of i at d/<i/100>/<i%100>,
 * one commit each, with one author and one date, so that everybody who keeps
 * git's format must end with the same ids. Nothing is printed, and no memory is
 * allocated, while the clock runs.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>
#include <stdio.h>

#define BENCH_PER_DIRECTORY 100
#define BENCH_NAME "Bench"
#define BENCH_EMAIL "bench@example.org"
#define BENCH_AUTHOR BENCH_NAME " <" BENCH_EMAIL ">"
#define BENCH_MESSAGE "set\n"
#define BENCH_TIME 1700000000

struct bench {
	const char *workload;
	const char *dir;     /* of the repository, not there yet; "" for memory */
	const char *how;     /* the peer's way of writing, "" for its default */
	unsigned commits;    /* 10,000 */
	unsigned gets;       /* 100,000 */
	int compression;     /* zlib's level; -1: the peer's default */
	/* results */
	uint64_t cpu_ns, wall_ns;
	unsigned operations;
	uint64_t *latency_ns; /* of each operation, by wall clock */
	char tree[65], commit[65];
};

/* One workload: returns 0, or -1 when it could not be run. */
typedef int (*bench_fn)(struct bench *bench);

struct bench_entry {
	const char *name;
	bench_fn run;
};

/* main() of a bench program; `entries` ends with a NULL name. */
int bench_main(int argc, char **argv, const struct bench_entry *entries);

void bench_path(unsigned i, char path[40]);
void bench_value(unsigned i, char value[24]); /* 16 digits and a NUL */

/* The k-th of a fixed random sequence of numbers below `limit`. */
unsigned bench_random(unsigned k, unsigned limit);

/* Around all operations; */
void bench_start(struct bench *bench, unsigned operations);
void bench_stop(struct bench *bench);
/* and behind each of them. */
void bench_lap(struct bench *bench);

#endif
