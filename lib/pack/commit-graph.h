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

/* What is known of the commit at a place. Fails: ECORRUPT (a parent that is not
 * there), ENOMEM. */
irmin_rc irmin__commit_graph_at(const irmin__commit_graph *graph, uint32_t at,
    irmin_graph_commit *commit, irmin_error *err);

/* Checks order, links, generations and checksums. Fails: ECORRUPT with the
 * offset. */
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
	uint64_t generation;   /* computed by irmin__commit_graph_encode */
} irmin__graph_item;

/* Sorts the items and appends one file with generation numbers of both kinds.
 * Every parent has to be an item. Fails: EINVAL (a parent that is none, a circle),
 * ENOMEM. */
irmin_rc irmin__commit_graph_encode(irmin_hash_algo algo,
    irmin__graph_item *items, uint32_t count, const irmin_oid *parents,
    irmin_buf *out, irmin_error *err);

#endif
