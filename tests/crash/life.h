/*
 * life.h - a short life of a repository, step by step
 *
 * Each step is one effect, through the public interface, with authors and
 * dates that are the same every time: so the ids are, and the state after a
 * step can be compared with the one of a life in which nothing went wrong. A
 * step leaves no handle open but the repository and the store on its branch.
 */
#ifndef IRMIN_TESTS_LIFE_H
#define IRMIN_TESTS_LIFE_H

#include "lib/core/base/os-sim.h"

#include <irmin/irmin.h>

#include <stdbool.h>

struct life {
	const char *scheme; /* "git" or "mem" */
	irmin_level level;
	uint64_t seed;      /* of the simulated machine */
	irmin__os *os;
	irmin_repo *repo;   /* NULL when closed */
	irmin_store *store;
};

size_t life_steps(void);
const char *life_step_name(size_t step);

/* Whether only a handle that did the steps before has something to do in it, or
 * what it leaves when it is stopped makes the next try longer. */
bool life_step_needs_past(size_t step);

/* Where the simulated machine keeps the repository. */
#define LIFE_DIRECTORY "/repo"

/* Does one step; step 0 makes the repository. */
irmin_rc life_step(struct life *life, size_t step, irmin_error *err);

/* Closes the handles, and opens them again; nothing is made. */
void life_close(struct life *life);
irmin_rc life_open(struct life *life, irmin_error *err);

/* A new machine, and the first `steps` steps, in which nothing goes wrong;
 * bails if it does. */
void life_begin(struct life *life, size_t steps);
/* Closes everything and frees the machine. */
void life_end(struct life *life);

/*
 * All that can be reached, as text: HEAD, every ref, and of every commit each
 * path, mode and value. Reads all of it, and checks the id of each value. Of a
 * life that is closed for want of a repository: "nothing".
 */
irmin_rc life_state(struct life *life, irmin_buf *state, irmin_error *err);
/* Only HEAD and the refs. */
irmin_rc life_refs(struct life *life, irmin_buf *state, irmin_error *err);

#endif
