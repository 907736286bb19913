#include "bench/bench-clock.h"

#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t timeval_ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000000u +
	    (uint64_t)time.tv_usec * 1000u;
}

uint64_t bench_cpu_ns(void)
{
	struct rusage children;

	getrusage(RUSAGE_CHILDREN, &children);
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) +
	    timeval_ns(children.ru_utime) + timeval_ns(children.ru_stime);
}

void bench_clock_start(struct bench_clock *clock, unsigned operations)
{
	size_t bytes = (operations + (size_t)1) * sizeof(uint64_t);

	/* Touched here, so that no page fault is counted later. */
	clock->latency_ns = malloc(bytes);
	if (!clock->latency_ns)
		bench_fail("the clock", "out of memory");
	memset(clock->latency_ns, 1, bytes);
	clock->operations = operations;
	clock->cpu_ns = bench_cpu_ns();
	clock->wall_ns = clock_ns(CLOCK_MONOTONIC);
}

struct bench_lane bench_lane_begin(struct bench_clock *clock, unsigned first)
{
	struct bench_lane lane = { clock_ns(CLOCK_MONOTONIC),
		clock->latency_ns + first };

	return lane;
}

void bench_lap(struct bench_lane *lane)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	*lane->next++ = now - lane->last_ns;
	lane->last_ns = now;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void bench_clock_stop(struct bench_clock *clock)
{
	clock->cpu_ns = bench_cpu_ns() - clock->cpu_ns;
	clock->wall_ns = clock_ns(CLOCK_MONOTONIC) - clock->wall_ns;
	if (clock->is_blind)
		memset(clock->latency_ns, 0,
		    clock->operations * sizeof(uint64_t));
	qsort(clock->latency_ns, clock->operations, sizeof(uint64_t), compare);
}
