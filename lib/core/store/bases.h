/* lib/core/store/bases.h: best common ancestors, for this room and for those who
 * merge. */
#ifndef IRMIN_STORE_BASES_H
#define IRMIN_STORE_BASES_H

#include "lib/core/store/commit.h"

/* Two sides, each of one commit or several: what is an ancestor of any of them is
 * one of the side, so a commit that is not made yet is given as its parents. All
 * are of one repository. */
typedef struct irmin__bases_query {
	irmin_commit *const *a;
	size_t a_count;
	irmin_commit *const *b;
	size_t b_count;
	uint64_t max_commits; /* how many may be visited; 0: all */
} irmin__bases_query;

/* Counted; all zero is none. */
typedef struct irmin__bases {
	irmin_commit **items;
	size_t len, cap;
} irmin__bases;

/* All common ancestors that are below no other one, newest first. Answers: OK;
 * ABSENT (both sides were walked to their roots). Fails: ELIMIT; ETRUNCATED; and
 * as reading does. */
irmin_rc irmin__bases_find(const irmin_context *context,
    const irmin__bases_query *query, irmin__bases *bases, irmin_error *err);

void irmin__bases_clear(irmin__bases *bases);

#endif
