/* W3: random reads by one thread or several, each with a reader of its own. */
#include "bench/bench-peer.h"

#include <pthread.h>
#include <stdlib.h>

#define NOINLINE __attribute__((noinline))

struct share {
	struct bench_reader *reader;
	unsigned first, end; /* of the gets */
	uint64_t sum;
	pthread_t thread;
};

static NOINLINE void measure_w3(struct share *share)
{
	struct bench_peer *peer = share->reader->peer;
	struct bench *bench = peer->bench;
	struct bench_lane lane = bench_lane_begin(&bench->clock, share->first);
	char path[40];
	uint64_t sum = 0;
	unsigned i;

	for (i = share->first; i < share->end; i++) {
		bench_path(bench_random(i, bench->keys), path);
		sum += peer->class->get(share->reader, path);
		bench_lap(&lane);
	}
	share->sum = sum;
}

static void *run_share(void *share)
{
	measure_w3(share);
	return NULL;
}

static void open_shares(struct bench_peer *peer, struct share *shares)
{
	struct bench *bench = peer->bench;
	unsigned i;

	for (i = 0; i < bench->threads; i++) {
		shares[i].reader = peer->class->reader(peer);
		shares[i].first = (unsigned)((uint64_t)bench->gets * i /
		    bench->threads);
		shares[i].end = (unsigned)((uint64_t)bench->gets * (i + 1) /
		    bench->threads);
	}
}

static void close_shares(struct bench_peer *peer, struct share *shares)
{
	unsigned i;

	for (i = 0; i < peer->bench->threads; i++) {
		peer->class->reader_free(shares[i].reader);
		peer->bench->sum += shares[i].sum;
	}
}

/* The calling thread takes the first share. */
static void run_shares(struct share *shares, unsigned threads)
{
	unsigned i;

	for (i = 1; i < threads; i++)
		if (pthread_create(&shares[i].thread, NULL, run_share,
			&shares[i]) != 0)
			bench_fail("a thread", "cannot be started");
	measure_w3(&shares[0]);
	for (i = 1; i < threads; i++)
		pthread_join(shares[i].thread, NULL);
}

static void read_all(struct bench_peer *peer, struct bench_reader *reader)
{
	char path[40];
	unsigned i;

	for (i = 0; i < peer->bench->keys; i++) {
		bench_path(i, path);
		(void)peer->class->get(reader, path);
	}
}

void bench_run_gets(struct bench_peer *peer)
{
	struct bench *bench = peer->bench;
	struct share *shares = calloc(bench->threads, sizeof(*shares));
	unsigned i;

	if (!shares)
		bench_fail("threads", "out of memory");
	bench_fill(peer, bench->keys, bench_key_set);
	if (bench->packed && peer->class->pack)
		peer->class->pack(peer);
	bench_reopen(peer);
	if (bench->hot) {
		open_shares(peer, shares);
		for (i = 0; i < bench->threads; i++)
			read_all(peer, shares[i].reader);
	}
	bench_clock_start(&bench->clock, bench->gets);
	if (!bench->hot)
		open_shares(peer, shares);
	run_shares(shares, bench->threads);
	close_shares(peer, shares);
	bench_clock_stop(&bench->clock);
	peer->class->tell(peer);
	free(shares);
}
