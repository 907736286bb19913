/* lib/core/store/walk.h: the commits that a walk back has met.
 *
 * A commit is a number and a few words: its parents, its date, its generation.
 * They come from what the backend keeps of a commit, so that those who need no
 * more than ids read no objects; else from the commit.
 */
#ifndef IRMIN_STORE_WALK_H
#define IRMIN_STORE_WALK_H

#include "lib/core/base/vec.h"
#include "lib/core/object/oid-table.h"
#include "lib/core/store/commit.h"

enum irmin__walk_flag {
	IRMIN__WALK_LOADED = 1,
	IRMIN__WALK_CUT = 2,  /* it has parents, which were left out */
	IRMIN__WALK_MARKS = 4 /* from this bit on: the caller's */
};

typedef struct irmin__walk_node {
	int64_t time;          /* of the committer */
	uint64_t generation;   /* above that of every parent; 0: not known */
	uint32_t parents;      /* where the numbers of its parents begin */
	uint32_t parent_count; /* 0 where the history is cut */
	uint32_t flags;
} irmin__walk_node;

typedef struct irmin__walk {
	irmin_repo *repo;
	const irmin_context *context;
	irmin__oid_table nodes;
	IRMIN__VEC(uint32_t) parents;
	IRMIN__VEC(irmin_oid) trees; /* by number, if asked for */
	int wants_trees;
	irmin_graph_commit graph; /* the last one */
} irmin__walk;

/* The context outlives the walk; `wants_trees` keeps the ids of trees. */
void irmin__walk_init(irmin__walk *walk, irmin_repo *repo,
    const irmin_context *context, int wants_trees);
void irmin__walk_clear(irmin__walk *walk);

/* The number of a commit, which need not have been met. Fails: ENOMEM. */
irmin_rc irmin__walk_add(irmin__walk *walk, const irmin_oid *id,
    uint32_t *number, irmin_error *err);

/* The same of a commit at hand. Fails: as irmin_commit_id. */
irmin_rc irmin__walk_add_commit(irmin__walk *walk, irmin_commit *commit,
    uint32_t *number, irmin_error *err);

/* Finds out what a node tells, its parents included, which are added. `commit`
 * is the commit if it had to be read, or NULL. Fails: as irmin_commit_get. */
irmin_rc irmin__walk_load(irmin__walk *walk, uint32_t number,
    irmin_commit **commit, irmin_error *err);

/* A node, valid until one is added. */
static inline irmin__walk_node *irmin__walk_node_at(const irmin__walk *walk,
    uint32_t number)
{
	return irmin__oid_table_extra(&walk->nodes, number);
}

static inline irmin_oid irmin__walk_id(const irmin__walk *walk, uint32_t number)
{
	return irmin__oid_table_id(&walk->nodes, number);
}

#endif
