/*
 * bench.h - one run of a bench program: what was asked, what came of it
 *
 * A bench program is called as `PROGRAM WORKLOAD [key=value]...`, runs one
 * workload of workloads.c, and prints one line of JSON. Exit: 0; 2 usage; 3 it
 * failed; 4 this program has no such workload, or not in this form.
 *
 *     operations            what all times but those named otherwise are of
 *     cpu_us, wall_us       mean; p50_us, p99_us, p999_us: by wall clock, 0 where
 *                           single operations cannot be told apart
 *     max_rss_kb            of the process, or of the largest it started
 *     tree, commit          ids, "" for who does not keep git's format
 *     sum                   of all values read; else the keys stored, or 0
 *     before_ids_us         w1, w5: cpu_us without asking for ids at the end
 *     total_ms              w2: CPU time of all
 *     merge_us              w4: CPU time of a merge alone
 *     bytes_per_key         tree-memory: live bytes of the heap
 */
#ifndef BENCH_H
#define BENCH_H

#include "bench/bench-clock.h"

struct bench {
	const char *workload;
	const char *dir;     /* of the repository, not there yet; "": memory */
	const char *how;     /* the peer's way of working; "": its best */
	const char *ids;     /* each, end: when a commit's id is asked for */
	const char *via;     /* tree, store: what values are read through */
	unsigned commits;    /* w1: measured */
	unsigned history;    /* w1: commits made before */
	unsigned preset;     /* w1: keys there before, that are overwritten */
	unsigned retain;     /* w1: commits kept in memory; 0: all */
	unsigned keys;       /* w2, w3, w4, tree-memory */
	unsigned gets;       /* w3 */
	unsigned packed;     /* w3, tree-memory: packed before */
	unsigned hot;        /* w3: every key was read before */
	unsigned threads;    /* w3 */
	unsigned rounds;     /* w4 */
	unsigned entries;    /* w5: of the directory before */
	unsigned inserts;    /* w5: measured */
	unsigned values;     /* tree-memory: load them too */
	unsigned cache;      /* bytes, for a peer that has one; 0: its default */
	int compression;     /* zlib's level; -1: the peer's default */
	/* results */
	struct bench_clock clock;
	uint64_t sum;        /* of what was read, or of keys that are stored */
	char tree[65], commit[65]; /* "" where git's format is not kept */
	char more[160];      /* further members of the JSON */
};

struct bench_class;

/* main() of a program that runs the workloads through one peer. */
int bench_main(int argc, char **argv, const struct bench_class *class);

/* One more number in the JSON. */
void bench_tell(struct bench *bench, const char *name, double value);

/* Says what failed, and exits with 3. */
void bench_fail(const char *doing, const char *why)
    __attribute__((noreturn));

#endif
