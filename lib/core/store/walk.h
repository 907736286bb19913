/* lib/core/store/walk.h: the commits that a walk back has met.
 *
 * A commit is a number and a few words: its parents, its date, its generation.
 * They come from what the backend keeps of a commit, so that those who need no
 * more than ids read no objects; else from the commit.
 *
 * In a volatile repository a walk goes from commit to commit by pointer, holds
 * all that it met, and computes no id: two commits that are the same get one
 * number all the same. Only when it comes to a commit that was read, or stands on
 * one, does it go on by ids.
 */
#ifndef IRMIN_STORE_WALK_H
#define IRMIN_STORE_WALK_H

#include "lib/core/base/vec.h"
#include "lib/core/object/oid-table.h"
#include "lib/core/store/commit-table.h"

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
	uint32_t id_at;        /* in `ids`, for one that is there */
} irmin__walk_node;

typedef struct irmin__walk {
	irmin_repo *repo;
	const irmin_context *context;
	IRMIN__VEC(irmin__walk_node) nodes;
	IRMIN__VEC(uint32_t) parents;
	irmin__oid_table ids;        /* with the number of each */
	irmin__commit_table said;    /* the first ones, as long as no id counts */
	int by_id;                   /* ids count */
	IRMIN__VEC(irmin_commit *) commits; /* counted; NULL: only its id is known.
	                                     * None unless volatile */
	IRMIN__VEC(irmin_oid) trees; /* by number, if asked for */
	int wants_trees;
	irmin_graph_commit graph; /* the last one */
} irmin__walk;

/* The context outlives the walk; `wants_trees` is for irmin__walk_tree. */
void irmin__walk_init(irmin__walk *walk, irmin_repo *repo,
    const irmin_context *context, int wants_trees);
void irmin__walk_clear(irmin__walk *walk);

/* The number of a commit, which need not have been met. Fails: ENOMEM, and as
 * irmin_commit_id. */
irmin_rc irmin__walk_add(irmin__walk *walk, irmin_commit *commit,
    uint32_t *number, irmin_error *err);

/* Finds out what a node tells, its parents included, which are added. `commit`
 * is the commit if it had to be read, or was at hand, or NULL. Fails: as
 * irmin_commit_get. */
irmin_rc irmin__walk_load(irmin__walk *walk, uint32_t number,
    irmin_commit **commit, irmin_error *err);

/* A node, valid until one is added. */
static inline irmin__walk_node *irmin__walk_node_at(const irmin__walk *walk,
    uint32_t number)
{
	return &walk->nodes.items[number];
}

/* Its id, which may be computed here. Fails: ENOMEM. */
irmin_rc irmin__walk_id(const irmin__walk *walk, uint32_t number,
    irmin_oid *id, irmin_error *err);

/* Its commit, counted. Fails: as irmin_commit_get. */
irmin_rc irmin__walk_commit(const irmin__walk *walk, uint32_t number,
    irmin_commit **commit, irmin_error *err);

/* The tree of one that was loaded, counted. Fails: as irmin_tree_get. */
irmin_rc irmin__walk_tree(const irmin__walk *walk, uint32_t number,
    irmin_tree **tree, irmin_error *err);

/* Names a node that is cut. Fails: ETRUNCATED; ENOMEM. */
irmin_rc irmin__walk_refuse_cut(const irmin__walk *walk, uint32_t number,
    irmin_error *err);

#endif
