/*
 * calls.h - calls of the interface, each made once with the meter around it
 *
 * They work on a large tree at the head of a branch, on keys at random.
 */
#ifndef IRMIN_TESTS_COST_CALLS_H
#define IRMIN_TESTS_COST_CALLS_H

#include "tests/cost/meter.h"
#include "tests/cost/shape.h"

struct world {
	struct shape shape;
	int is_git;   /* in a git directory, or else in memory */
	int asks_ids; /* of every commit; a git directory does so itself */

	irmin_repo *repo;
	irmin_store *store;
	irmin_tree *first; /* what the first commit had */
	struct cost grown; /* what making that cost */
	const char *uri;
	uint64_t seed;
	unsigned serial; /* of what is set */
};

/* Makes the tree and its commit; bails if it cannot. */
void world_open(struct world *world);
void world_close(struct world *world);

/* "memory, flat, 1000 keys". */
const char *world_text(const struct world *world);

/* Reading: a path that is read for the second time; one that is not there; one
 * of a repository that was just opened, which costs what there is to load. */
struct cost call_get(struct world *world);
struct cost call_get_absent(struct world *world);
struct cost call_get_cold(struct world *world);

/* A page in the middle of the directory of a key. */
struct cost call_list(struct world *world);

/* What differs between a tree and the next one, of one other value. */
struct cost call_diff(struct world *world);

/* One commit each. What is moved is a whole directory of the root, or a value of
 * a flat directory; a revert goes back to the first tree. */
struct cost call_set(struct world *world);
struct cost call_remove(struct world *world);
struct cost call_move(struct world *world);
struct cost call_revert(struct world *world);

#endif
