/*
 * The workloads, over any peer.
 *
 *     w1           one value a commit
 *     w2           all keys in one commit
 *     w3           random reads (bench-gets.c)
 *     w4           fork, five commits on each side, merge
 *     w5           a flat directory that grows by one entry a commit
 *     tree-memory  bytes that an open tree takes
 *
 * The functions measure_... are what callgrind counts (`make bench-check`).
 */
#include "bench/bench-peer.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

#define SETS_A_SIDE 5

enum code { OK = 0, USAGE = 2, LACKS = 4 };

/* ---- steps ---- */

static void set_one(struct bench_peer *peer, const struct bench_set *set)
{
	if (peer->class->set_one) {
		peer->class->set_one(peer, set);
	} else {
		peer->class->set(peer, set);
		peer->class->commit(peer);
	}
}

static void ask(struct bench_peer *peer)
{
	if (peer->class->ask)
		peer->class->ask(peer);
}

static void settle(struct bench_peer *peer)
{
	if (peer->class->settle)
		peer->class->settle(peer);
}

static void put_all(struct bench_peer *peer, unsigned count,
    void (*nth)(unsigned i, struct bench_set *set))
{
	struct bench_set set;
	unsigned i;

	for (i = 0; i < count; i++) {
		nth(i, &set);
		peer->class->set(peer, &set);
	}
	peer->class->commit(peer);
}

void bench_fill(struct bench_peer *peer, unsigned count,
    void (*nth)(unsigned i, struct bench_set *set))
{
	if (count) {
		put_all(peer, count, nth);
		settle(peer);
	}
}

/* Where every id is asked for, those of what was there before are known. */
static void ask_before(struct bench_peer *peer, unsigned count)
{
	if (count && strcmp(peer->bench->ids, "each") == 0)
		ask(peer);
}

void bench_reopen(struct bench_peer *peer)
{
	if (!*peer->bench->dir)
		return;
	peer->class->close(peer);
	peer->class->open(peer);
}

/* ---- w1 ---- */

typedef void (
    *nth_fn)(const struct bench *bench, unsigned i, struct bench_set *set);

/* One commit each, and at the end all is written and every id known; what that
 * end costs is left out of before_ids_us. */
static inline void commit_each(struct bench_peer *peer, unsigned count,
    nth_fn nth)
{
	struct bench *bench = peer->bench;
	int asks = strcmp(bench->ids, "each") == 0;
	struct bench_lane lane = bench_lane_begin(&bench->clock, 0);
	uint64_t start = bench->clock.cpu_ns;
	struct bench_set set;
	unsigned i;

	for (i = 0; i < count; i++) {
		nth(bench, i, &set);
		set_one(peer, &set);
		if (asks)
			ask(peer);
		bench_lap(&lane);
	}
	bench_tell(bench, "before_ids_us",
	    (double)(bench_cpu_ns() - start) / 1e3 / count);
	settle(peer);
	ask(peer);
}

static void nth_commit(const struct bench *bench, unsigned i,
    struct bench_set *set)
{
	if (bench->preset)
		bench_overwrite_set(i, bench->preset, set);
	else
		bench_key_set(i, set);
}

static void make_history(struct bench_peer *peer)
{
	struct bench_set set;
	unsigned i;

	for (i = 0; i < peer->bench->history; i++) {
		bench_history_set(i, &set);
		set_one(peer, &set);
	}
	settle(peer);
}

static NOINLINE void measure_w1(struct bench_peer *peer)
{
	commit_each(peer, peer->bench->commits, nth_commit);
}

static void run_w1(struct bench_peer *peer)
{
	struct bench *bench = peer->bench;

	if (bench->retain)
		peer->class->retain(peer);
	bench_fill(peer, bench->preset, bench_key_set);
	make_history(peer);
	ask_before(peer, bench->preset + bench->history);
	bench_clock_start(&bench->clock, bench->commits);
	measure_w1(peer);
	bench_clock_stop(&bench->clock);
	peer->class->tell(peer);
}

/* ---- w2 ---- */

static NOINLINE void measure_w2(struct bench_peer *peer)
{
	put_all(peer, peer->bench->keys, bench_key_set);
	settle(peer);
	ask(peer);
}

static void run_w2(struct bench_peer *peer)
{
	struct bench *bench = peer->bench;

	bench->clock.is_blind = 1; /* there is one operation */
	bench_clock_start(&bench->clock, bench->keys);
	measure_w2(peer);
	bench_clock_stop(&bench->clock);
	bench_tell(bench, "total_ms", (double)bench->clock.cpu_ns / 1e6);
	peer->class->tell(peer);
}

/* ---- w4 ---- */

/* Ten keys that no other set of this round touches. */
static void nth_of_round(const struct bench *bench, unsigned round, unsigned i,
    struct bench_set *set)
{
	unsigned operation = round * 2 * SETS_A_SIDE + i;

	bench_path((unsigned)(operation * UINT64_C(37) % bench->keys),
	    set->path);
	bench_value(bench->keys + operation, set->value);
}

static uint64_t merge(struct bench_peer *peer)
{
	uint64_t start = bench_cpu_ns();

	peer->class->merge(peer);
	return bench_cpu_ns() - start;
}

/* -> CPU time of the merges alone */
static NOINLINE uint64_t measure_w4(struct bench_peer *peer)
{
	struct bench *bench = peer->bench;
	struct bench_lane lane = bench_lane_begin(&bench->clock, 0);
	uint64_t merges_ns = 0;
	struct bench_set set;
	unsigned round, i;

	for (round = 0; round < bench->rounds; round++) {
		peer->class->fork(peer);
		for (i = 0; i < SETS_A_SIDE; i++) {
			nth_of_round(bench, round, i, &set);
			set_one(peer, &set);
		}
		for (; i < 2 * SETS_A_SIDE; i++) {
			nth_of_round(bench, round, i, &set);
			peer->class->set_fork(peer, &set);
		}
		merges_ns += merge(peer);
		bench_lap(&lane);
	}
	settle(peer);
	ask(peer);
	return merges_ns;
}

static void run_w4(struct bench_peer *peer)
{
	struct bench *bench = peer->bench;
	uint64_t merges_ns;

	bench_fill(peer, bench->keys, bench_key_set);
	bench_clock_start(&bench->clock, bench->rounds);
	merges_ns = measure_w4(peer);
	bench_clock_stop(&bench->clock);
	peer->class->tell(peer);
	if (!strstr(bench->more, "merge_us"))
		bench_tell(bench, "merge_us",
		    (double)merges_ns / 1e3 / bench->rounds);
}

/* ---- w5 ---- */

static void nth_insert(const struct bench *bench, unsigned i,
    struct bench_set *set)
{
	bench_flat_set(bench->entries + i, set);
}

static NOINLINE void measure_w5(struct bench_peer *peer)
{
	commit_each(peer, peer->bench->inserts, nth_insert);
}

static void run_w5(struct bench_peer *peer)
{
	struct bench *bench = peer->bench;

	bench_fill(peer, bench->entries, bench_flat_set);
	ask_before(peer, bench->entries);
	bench_clock_start(&bench->clock, bench->inserts);
	measure_w5(peer);
	bench_clock_stop(&bench->clock);
	peer->class->tell(peer);
}

/* ---- tree-memory ---- */

/* Bytes of all live blocks, with what malloc adds to each. */
static size_t heap_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static NOINLINE void measure_tree_memory(struct bench_peer *peer)
{
	if (!*peer->bench->dir)
		bench_fill(peer, peer->bench->keys, bench_key_set);
	peer->class->load(peer);
}

/* In memory the tree is what was written, and its making is counted; from a
 * directory it is what a new handle comes to hold. */
static void run_tree_memory(struct bench_peer *peer)
{
	struct bench *bench = peer->bench;
	size_t before;

	if (*bench->dir) {
		bench_fill(peer, bench->keys, bench_key_set);
		if (bench->packed && peer->class->pack)
			peer->class->pack(peer);
		bench_reopen(peer);
	}
	bench->clock.is_blind = 1;
	bench_clock_start(&bench->clock, bench->keys);
	before = heap_bytes();
	measure_tree_memory(peer);
	bench_tell(bench, "bytes_per_key",
	    (double)(heap_bytes() - before) / bench->keys);
	bench_clock_stop(&bench->clock);
	peer->class->tell(peer);
}

/* ---- which of them ---- */

static const struct workload {
	const char *name;
	void (*run)(struct bench_peer *peer);
	unsigned keys; /* where none are asked for */
} workloads[] = {
	{ "w1", run_w1, 10000 },
	{ "w2", run_w2, 100000 },
	{ "w3", bench_run_gets, 100000 },
	{ "w4", run_w4, 10000 },
	{ "w5", run_w5, 0 },
	{ "tree-memory", run_tree_memory, 100000 },
};

static const struct workload *find_workload(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(workloads) / sizeof(*workloads); i++)
		if (strcmp(workloads[i].name, name) == 0)
			return &workloads[i];
	return NULL;
}

/* -> what is missing, or NULL */
static const char *lacks(const struct bench_peer *peer,
    const struct workload *workload)
{
	const struct bench_class *class = peer->class;
	const struct bench *bench = peer->bench;

	if (workload->run == run_w4 && !class->merge)
		return "it does not merge";
	if (workload->run == run_tree_memory && !class->load)
		return "it holds no tree in memory";
	if (bench->retain && !class->retain)
		return "it has no rule about what to keep";
	if (bench->packed && !*bench->dir)
		return "only directories are packed";
	return class->lacks ? class->lacks(bench) : NULL;
}

int bench_run(struct bench_peer *peer)
{
	struct bench *bench = peer->bench;
	const struct workload *workload = find_workload(bench->workload);
	const char *missing;

	if (!workload) {
		fprintf(stderr, "bench: there is no workload %s\n",
		    bench->workload);
		return USAGE;
	}
	if (!bench->keys)
		bench->keys = workload->keys;
	missing = lacks(peer, workload);
	if (missing) {
		fprintf(stderr, "bench: %s\n", missing);
		return LACKS;
	}
	peer->class->open(peer);
	workload->run(peer);
	peer->class->close(peer);
	return OK;
}
