/* lib/backend-git/git-objects.h: where the objects of a git directory lie, for
 * this room.
 *
 *   git-objects.c     the slots that find one       git-objects-all.c  all
 *   git-packs.c       which packs there are: snapshots that are counted and
 *                     never change, so that who has one goes on while packs
 *                     come and go
 *   git-alternates.c  from which other directories is borrowed
 *   git-graph.c       the commit-graph              git-shallow.c  where the
 *                                                   history is cut off
 *   git-stream.c      one object from its beginning to its end
 */
#ifndef IRMIN_BACKEND_GIT_OBJECTS_H
#define IRMIN_BACKEND_GIT_OBJECTS_H

#include "lib/backend-git/git-parts.h"

typedef IRMIN__VEC(char *) irmin__git_texts;
void irmin__git_texts_clear(irmin__git_texts *texts);

/* ---- directories of objects ---- */

/* The repository's own, or an alternate. */
typedef struct irmin__git_directory {
	char *path;               /* absolute: ".../objects" */
	unsigned depth;           /* 0: the repository's own */
	irmin__os_stat alternates; /* of its file info/alternates */
} irmin__git_directory;

typedef IRMIN__VEC(irmin__git_directory) irmin__git_directories;

/* Appends the paths that a file of alternates names, as they stand there. Fails:
 * ENOMEM. */
irmin_rc irmin__git_alternates_parse(irmin_slice bytes, irmin__git_texts *paths,
    irmin_error *err);

/* The directory `objects` and all from which it borrows, each once; those that
 * are not there are passed over. */
irmin_rc irmin__git_directories_find(irmin__os *os, const char *objects,
    irmin__git_directories *directories, irmin_error *err);
void irmin__git_directories_clear(irmin__git_directories *directories);

/* Whether no file of alternates has changed. Answers: OK; ABSENT (one has). */
irmin_rc irmin__git_directories_check(irmin__os *os,
    const irmin__git_directories *directories, irmin_error *err);

/* ---- a shallow repository ---- */

typedef IRMIN__VEC(irmin_oid) irmin__git_ids;

/* Reads a file of ids, one a line, in order. Fails: ECORRUPT with the offset,
 * ENOMEM. */
irmin_rc irmin__git_shallow_parse(irmin_hash_algo hash, irmin_slice bytes,
    irmin__git_ids *ids, irmin_error *err);

/* The commits before which the history was cut off, as last read. */
typedef struct irmin__git_shallow {
	irmin__mutex mutex;
	irmin__os_stat stat; /* of the file */
	int racy;            /* it may change without looking changed */
	irmin__git_ids ids;  /* sorted */
} irmin__git_shallow;

irmin_rc irmin__git_shallow_init(irmin__git_shallow *shallow, irmin_error *err);
void irmin__git_shallow_clear(irmin__git_shallow *shallow);

/* Whether the commit `id` is one of them; NULL: whether there are any. Answers:
 * OK; ABSENT. Cost: a look at the file's time of change. */
irmin_rc irmin__git_shallow_has(irmin__git *git, irmin__git_shallow *shallow,
    const irmin_oid *id, irmin_error *err);

#endif
