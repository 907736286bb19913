/*
 * bench-clock.h - how long operations take, the same way for us and every peer
 *
 * Time of the CPU is that of the process and of the processes that it started
 * and waited for, user and kernel. The length of each operation is by wall clock;
 * looking at it costs everybody the same 20 to 50 ns. Nothing is printed, and no
 * memory is allocated here, while the clock runs.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>

struct bench_clock {
	uint64_t cpu_ns, wall_ns;
	unsigned operations;
	uint64_t *latency_ns; /* of each operation; sorted once it stopped */
	int is_blind;         /* single operations cannot be told apart */
};

/* The operations of one thread: a part of the clock's array. */
struct bench_lane {
	uint64_t last_ns;
	uint64_t *next;
};

/* Around all operations. */
void bench_clock_start(struct bench_clock *clock, unsigned operations);
void bench_clock_stop(struct bench_clock *clock);

/* The lane whose first operation is the `first`th of all; it begins now. */
struct bench_lane bench_lane_begin(struct bench_clock *clock, unsigned first);

/* Behind each operation. */
void bench_lap(struct bench_lane *lane);

/* CPU time so far, children included. */
uint64_t bench_cpu_ns(void);

#endif
