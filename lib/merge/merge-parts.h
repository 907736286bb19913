/* lib/merge/merge-parts.h: the inside of merging trees, for merge-tree*.c.
 *
 *   merge-tree.c        from the roots down, directory by directory
 *   merge-tree-name.c   what becomes of one name
 *   merge-tree-value.c  values that both sides changed
 *   merge-tree-typed.c  directories of a type
 *   merge-tree-put.c    changed directories
 *   merge-paths.c       where several bases conflict
 */
#ifndef IRMIN_MERGE_PARTS_H
#define IRMIN_MERGE_PARTS_H

#include "lib/core/store/node.h"
#include "lib/merge/result.h"

/* Some of the paths at which the bases conflict. */
typedef struct irmin__path_range {
	size_t from, to;
} irmin__path_range;

/* Those of a range, all below one directory, whose step at `skip` is a name. */
irmin__path_range irmin__conflict_paths_at(const irmin__conflict_paths *paths,
    irmin__path_range range, size_t skip, irmin_slice name);

/* A directory that is being merged. */
typedef struct irmin__merge_level {
	irmin__node *dirs[IRMIN__SIDES]; /* NULL: there is none */
	irmin__node *own[IRMIN__SIDES];  /* keep them, if not what is above */
	irmin__cursor cursors[2]; /* base (ours where it is blind) and theirs */
	irmin__node *result; /* ours with the changes; NULL: there is none */
	size_t path_len;     /* of its own path */
	irmin__path_range range; /* of the conflicts of the bases below it, */
	size_t turn;             /* which of these comes next; */
	int is_blind;            /* or all of it is one */
	const char *note; /* why it is not merged by its type; NULL: has none */
} irmin__merge_level;

typedef struct irmin__tree_merge {
	irmin_repo *repo;
	const irmin_context *context;
	const irmin__conflict_paths *base_conflicts; /* or NULL */
	irmin_merge_result *result;
	uint64_t owner; /* of directories that may be changed in place */
	irmin_buf path; /* of the innermost directory, or of a name in it */
	IRMIN__VEC(irmin__merge_level) levels;
	irmin__node *root; /* the merged one, counted; NULL: ours is */
	int relies; /* a type's tree does, on objects to which no ref leads */
} irmin__tree_merge;

static inline irmin__merge_level *irmin__merge_top(irmin__tree_merge *merge)
{
	return &merge->levels.items[merge->levels.len - 1];
}

/* A value that merge functions see, and not a link or gitlink. */
static inline int irmin__place_is_file(irmin__place place)
{
	irmin_mode mode = place.leaf ? irmin__place_mode(place)
				     : IRMIN_MODE_NONE;

	return mode == IRMIN_MODE_FILE || mode == IRMIN_MODE_EXECUTABLE;
}

/* One name of the innermost directory. */
typedef struct irmin__merge_name {
	irmin_slice name;
	irmin__place sides[IRMIN__SIDES]; /* without a leaf: it has none */
	irmin__path_range range; /* of the conflicts of the bases here, below */
	int is_blind;            /* ... and here: no side is known unchanged */
} irmin__merge_name;

/* ---- merge-tree.c ---- */

/* Makes the path that of a name in the innermost directory. Fails: ENOMEM. */
irmin_rc irmin__merge_set_path(irmin__tree_merge *merge, irmin_slice name,
    irmin_error *err);

/* Merges the directories of a name next; those that are none count as empty. */
irmin_rc irmin__merge_enter(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_error *err);

/* Forgets the innermost directory. */
void irmin__merge_drop_level(irmin__tree_merge *merge);

/* ---- merge-tree-typed.c ---- */

/* Merges the innermost directory as a whole, if it has a type: then nothing of it
 * is left to be walked. */
irmin_rc irmin__merge_typed(irmin__tree_merge *merge, irmin_error *err);

/* ---- merge-tree-name.c ---- */

enum irmin__sameness {
	IRMIN__SAME,
	IRMIN__DIFFERENT,
	IRMIN__UNSURE /* two directories in memory, not both hashed */
};

/* Whether two sides have the same, absent included. */
irmin_rc irmin__merge_compare(irmin_repo *repo, irmin__place a, irmin__place b,
    enum irmin__sameness *same, irmin_error *err);

/* Decides what becomes of a name. */
irmin_rc irmin__merge_decide(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_error *err);

/* ---- merge-tree-value.c ---- */

/* Puts what the type of a name's path makes of what both sides have, or of what
 * one has: a file with a mode. The path was set. Fails: ECONFLICT with words for
 * people, and what ends the whole merge. */
irmin_rc irmin__merge_by_type(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_contents *contents, irmin_mode mode,
    irmin_error *err);

/* ---- merge-tree-put.c ---- */

/* Puts an entry into the innermost directory; the change's child is taken over,
 * also on failure. A mode of NONE removes a name that ours has. */
irmin_rc irmin__merge_put(irmin__tree_merge *merge,
    const irmin__node_change *change, irmin_error *err);

/* Puts what one side has under a name, with a mode of its own unless that is
 * NONE; or removes the name, if the side has nothing. */
irmin_rc irmin__merge_put_place(irmin__tree_merge *merge, irmin_slice name,
    irmin__place place, irmin_mode mode, irmin_error *err);

/* Leaves the innermost directory, and puts what came of it into the one above. */
irmin_rc irmin__merge_leave(irmin__tree_merge *merge, irmin_error *err);

#endif
