/*
 * bench-peer.h - what a peer must be able to do to be measured
 *
 * workloads.c runs everything through these slots, so that all peers do the same
 * operations in the same order under the same clock. What fails, fails by
 * bench_fail. A slot that is NULL is a workload that the peer does not have,
 * unless the slot says otherwise.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "bench/bench.h"
#include "bench/bench-keys.h"

#include <stddef.h>

/* An instance begins with this. */
struct bench_peer {
	const struct bench_class *class;
	struct bench *bench;
};

/* What values are read through; begins with this. One thread each. */
struct bench_reader {
	struct bench_peer *peer;
};

struct bench_class {
	size_t size;      /* of the instance, which is given zeroed */
	const char *hows; /* the values of how=, each with a space behind it */

	/* Why these arguments cannot be run; NULL if they can. May be NULL. */
	const char *(*lacks)(const struct bench *bench);

	/* Opens bench->dir, or makes it if it is not there; or memory. */
	void (*open)(struct bench_peer *self);

	/* Gives back everything but the instance. */
	void (*close)(struct bench_peer *self);

	/* Puts 16 bytes at a path, to be committed with others. */
	void (*set)(struct bench_peer *self, const struct bench_set *set);
	void (*commit)(struct bench_peer *self);

	/* Both for one value, by the shortest way; NULL: by those. */
	void (*set_one)(struct bench_peer *self, const struct bench_set *set);

	/* Asks for the id of the newest commit; NULL: it is always known. */
	void (*ask)(struct bench_peer *self);

	/* All that was committed is where it should be; NULL: it always is. */
	void (*settle)(struct bench_peer *self);

	/* Fills in tree and commit, or sum, after the clock. */
	void (*tell)(struct bench_peer *self);

	/* Keeps the newest bench->retain commits only, from now on. */
	void (*retain)(struct bench_peer *self);

	/* Brings everything into one pack; NULL: there is but one form. */
	void (*pack)(struct bench_peer *self);

	/* Reads the newest state: a tree of it, or always what is newest then,
	 * as bench->via says. `get` answers the value's checksum. */
	struct bench_reader *(*reader)(struct bench_peer *self);
	uint64_t (*get)(struct bench_reader *reader, const char *path);
	void (*reader_free)(struct bench_reader *reader);

	/* A second branch begins at the head; a commit on it; it is merged into
	 * the first. A peer that cannot time the single merge tells merge_us
	 * itself. */
	void (*fork)(struct bench_peer *self);
	void (*set_fork)(struct bench_peer *self, const struct bench_set *set);
	void (*merge)(struct bench_peer *self);

	/* Holds the newest tree, with all directories (and values) in memory. */
	void (*load)(struct bench_peer *self);
};

/* Runs bench->workload: 0; or 2, 4 with a message. */
int bench_run(struct bench_peer *peer);

/* W3, whose threads have a file of their own. */
void bench_run_gets(struct bench_peer *peer);

/* All in one commit, before the clock. */
void bench_fill(struct bench_peer *peer, unsigned count,
    void (*nth)(unsigned i, struct bench_set *set));

/* The handle is opened anew: its caches are empty. In memory it stays. */
void bench_reopen(struct bench_peer *peer);

#endif
