/* lib/merge/result.h: the inside of a merge's result. */
#ifndef IRMIN_MERGE_RESULT_H
#define IRMIN_MERGE_RESULT_H

#include "lib/merge/tree-merge.h"

/* merge-store.c: of which store's heads it is a merge. */
typedef struct irmin__merge_origin irmin__merge_origin;

#define IRMIN__SIDES 3 /* enum irmin_side */

struct irmin_conflict {
	irmin_merge_result *result;
	irmin_conflict_kind kind;
	int is_resolved;
	const char *message; /* behind the path */
	size_t path_len;
	char path[];
};

/* Of what the sides have at its path, a conflict keeps nothing: it is looked up
 * in the trees. */
struct irmin_merge_result {
	irmin_repo *repo;
	irmin_tree *sides[IRMIN__SIDES]; /* counted; the base may be NULL */
	irmin_tree *tree;                /* as it was merged */
	irmin_edit *edit; /* that with what was resolved; NULL: nothing was */
	IRMIN__VEC(irmin_conflict *) conflicts; /* in git's order of paths */
	size_t left;
	size_t next; /* the one that irmin_merge_result_next gives */
	irmin__merge_origin *origin; /* NULL: of trees only */
	void (*free_origin)(irmin__merge_origin *origin);
};

/* A result without conflicts whose tree is still to come. Fails: ENOMEM. */
irmin_rc irmin__merge_result_new(irmin_repo *repo, irmin_tree *base,
    irmin_tree *ours, irmin_tree *theirs, irmin_merge_result **result,
    irmin_error *err);

/* Adds a conflict, behind those that are there. Fails: ENOMEM. */
irmin_rc irmin__merge_result_add(irmin_merge_result *result,
    irmin_conflict_kind kind, irmin_slice path, const char *message,
    irmin_error *err);

/* Brings the conflicts in order; before anybody asks for one. */
void irmin__merge_result_sort(irmin_merge_result *result);

/* OK if no conflict is left, else ECONFLICT in words. */
irmin_rc irmin__merge_result_verdict(const irmin_merge_result *result,
    irmin_error *err);

#endif
