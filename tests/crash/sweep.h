/*
 * sweep.h - a step of a life with its first, second, third, ... something
 * going wrong, until it runs without that happening
 */
#ifndef IRMIN_TESTS_SWEEP_H
#define IRMIN_TESTS_SWEEP_H

#include "tests/crash/life.h"

#include <stdbool.h>

enum sweep_answer { SWEEP_NO, SWEEP_PERHAPS, SWEEP_YES };

/* What goes wrong. */
struct sweep_fault {
	const char *name;
	irmin_rc code; /* a step that fails answers this; 0: any failure */
	/* Plans it for the n-th from now on; 0 takes the plan back. */
	void (*plan)(struct life *life, uint64_t n);
	bool (*happened)(struct life *life);
	/* Puts a stopped machine right, all handles being closed; or NULL: the
	 * handles go on and must tell the truth. */
	void (*restart)(struct life *life);
	/* Whether what went wrong ends all writing through a handle; or NULL. */
	enum sweep_answer (*ends_writing)(struct life *life);
	/* Looks at the machine after each, all handles being closed; or NULL. */
	void (*inspect)(struct life *life, size_t step, uint64_t n);
};

/*
 * Sweeps every step. Checks, for each step and n: a failure answers the code,
 * with err filled; the handles that go on, and new ones, see the state before
 * the step or the one after it, never another; in the end the step can be done;
 * nothing leaks. Scheme, level and seed come from `like`. Prints the n reached;
 * answers how often something went wrong.
 */
uint64_t sweep_life(const struct life *like, const struct sweep_fault *fault);

#endif
