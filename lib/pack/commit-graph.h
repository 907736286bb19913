/* lib/pack/commit-graph.h: commits, their trees, parents, dates and generations,
 * in a file or a chain of files. commit-graph.c has the drawing.
 */
#ifndef IRMIN_PACK_COMMIT_GRAPH_H
#define IRMIN_PACK_COMMIT_GRAPH_H

#include "lib/core/base/vec.h"
#include "lib/pack/chunks.h"
#include <irmin/backend.h>

typedef struct irmin__commit_graph irmin__commit_graph;

/* Opens a file on top of `base`, the files of a chain below it (NULL: none),
 * which must outlive it; `bytes` stay where they are. Fails: ECORRUPT with the
 * offset, ENOTSUP (a version, a hash), ENOMEM. */
irmin_rc irmin__commit_graph_open(irmin_hash_algo algo, irmin_slice bytes,
    const irmin__commit_graph *base, irmin__commit_graph **graph,
    irmin_error *err);
void irmin__commit_graph_close(irmin__commit_graph *graph);

/* The number of commits, those of the files below included: a place is a number
 * below it. */
uint32_t irmin__commit_graph_count(const irmin__commit_graph *graph);

/* Answers: OK; ABSENT. */
irmin_rc irmin__commit_graph_find(const irmin__commit_graph *graph,
    const irmin_oid *id, uint32_t *at);
irmin_oid irmin__commit_graph_id(const irmin__commit_graph *graph,
    uint32_t at);

/* What is known of the commit at a place. Its generation is the corrected date
 * where all files of the chain have those, else the topological level, for all
 * commits of a graph alike: those of different graphs do not compare. 0 where git
 * did not compute it, or could not count so far. Allocates nothing if the parents
 * find room. Fails: ECORRUPT with the offset (a parent that is not there),
 * ENOMEM. */
irmin_rc irmin__commit_graph_at(const irmin__commit_graph *graph, uint32_t at,
    irmin_graph_commit *commit, irmin_error *err);

/* Checks order, links, generations and the checksum of this file; those below it
 * are checked by a call for each. Fails: ECORRUPT with the offset. */
irmin_rc irmin__commit_graph_verify(const irmin__commit_graph *graph,
    irmin_error *err);

/* The names of a chain ("graph-<hex>.graph" without the two), lowest first, from
 * the file commit-graph-chain. Fails: ECORRUPT with the offset, ENOMEM. */
typedef IRMIN__VEC(irmin_oid) irmin__commit_graph_chain;
irmin_rc irmin__commit_graph_chain_parse(irmin_hash_algo algo,
    irmin_slice bytes, irmin__commit_graph_chain *chain, irmin_error *err);

/* A commit to be written. */
typedef struct irmin__graph_item {
	irmin_oid id, tree;
	int64_t time;
	uint32_t first_parent; /* in the array of all parents */
	uint32_t parent_count;
} irmin__graph_item;

/* Replaces `out` by one file with generation numbers of both kinds. The items are
 * in any order; every parent has to be one of them. The file has room for dates
 * from 0 to 2^34 - 1: others become the nearest of these. Fails: EINVAL (a parent
 * that is none, an item twice, a circle), ELIMIT, ENOMEM. */
irmin_rc irmin__commit_graph_encode(irmin_hash_algo algo,
    const irmin__graph_item *items, uint32_t count, const irmin_oid *parents,
    irmin_buf *out, irmin_error *err);

#endif
