#include "bench/bench-clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void bench_path(unsigned i, char path[40])
{
	snprintf(path, 40, "d/%u/%u", i / BENCH_PER_DIRECTORY,
	    i % BENCH_PER_DIRECTORY);
}

void bench_value(unsigned i, char value[24])
{
	snprintf(value, 24, "%016u", i);
}

/* splitmix64 of k. */
unsigned bench_random(unsigned k, unsigned limit)
{
	uint64_t x = (k + 1) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (unsigned)((x ^ (x >> 31)) % limit);
}

void bench_start(struct bench *bench, unsigned operations)
{
	/* Touched here, so that no page fault is counted later. */
	bench->latency_ns = malloc(operations * sizeof(uint64_t));
	if (!bench->latency_ns)
		exit(3);
	memset(bench->latency_ns, 1, operations * sizeof(uint64_t));
	bench->operations = 0;
	bench->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	bench->wall_ns = clock_ns(CLOCK_MONOTONIC);
}

/* Until the end these are the moments, not the lengths. */
void bench_lap(struct bench *bench)
{
	bench->latency_ns[bench->operations++] = clock_ns(CLOCK_MONOTONIC);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void bench_stop(struct bench *bench)
{
	uint64_t start = bench->wall_ns, moment;
	unsigned i;

	bench->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - bench->cpu_ns;
	bench->wall_ns = clock_ns(CLOCK_MONOTONIC) - start;
	for (i = 0; i < bench->operations; i++) {
		moment = bench->latency_ns[i];
		bench->latency_ns[i] = moment - start;
		start = moment;
	}
	qsort(bench->latency_ns, bench->operations, sizeof(uint64_t), compare);
}

static int read_argument(struct bench *bench, const char *argument)
{
	const char *value = strchr(argument, '=');

	if (!value)
		return -1;
	value++;
	if (strncmp(argument, "dir=", 4) == 0)
		bench->dir = value;
	else if (strncmp(argument, "how=", 4) == 0)
		bench->how = value;
	else if (strncmp(argument, "commits=", 8) == 0)
		bench->commits = (unsigned)atoi(value);
	else if (strncmp(argument, "gets=", 5) == 0)
		bench->gets = (unsigned)atoi(value);
	else if (strncmp(argument, "compression=", 12) == 0)
		bench->compression = atoi(value);
	else
		return -1;
	return 0;
}

static void print_result(const struct bench *bench)
{
	const uint64_t *latency = bench->latency_ns;
	unsigned n = bench->operations;

	printf("{\"operations\": %u, \"cpu_us\": %.4f, \"wall_us\": %.4f, "
	       "\"p50_us\": %.3f, \"p99_us\": %.3f, \"tree\": \"%s\", "
	       "\"commit\": \"%s\"}\n",
	    n, bench->cpu_ns / 1e3 / n, bench->wall_ns / 1e3 / n,
	    latency[n / 2] / 1e3, latency[n * 99 / 100] / 1e3, bench->tree,
	    bench->commit);
}

int bench_main(int argc, char **argv, const struct bench_entry *entries)
{
	struct bench bench = { .dir = "",
		.how = "",
		.commits = 10000,
		.gets = 100000,
		.compression = -1 };
	int i, code;

	for (i = 2; i < argc; i++)
		if (read_argument(&bench, argv[i]) < 0)
			argc = 0;
	while (argc > 1 && entries->name && strcmp(entries->name, argv[1]) != 0)
		entries++;
	if (argc < 2 || !entries->name) {
		fprintf(stderr, "usage: %s WORKLOAD [key=value]...\n", argv[0]);
		return 2;
	}
	bench.workload = argv[1];
	code = entries->run(&bench);
	if (code == 0)
		print_result(&bench);
	free(bench.latency_ns);
	return code == 0 ? 0 : 3;
}
