/* lib/backend-git/git-objects.h: where the objects of a git directory lie, for
 * this room.
 *
 *   git-objects.c     the slots                     git-search.c  where one lies
 *   git-objects-all.c  all of them                  git-objects-verify.c
 *                                                   what lies around them
 *   git-packs.c       which packs there are: snapshots that are counted and
 *                     never change, so that who has one goes on while packs
 *                     come and go
 *   git-midx.c        the index over many of them
 *   git-alternates.c  from which other directories is borrowed
 *   git-graph.c       the commit-graph              git-shallow.c  where the
 *                                                   history is cut off
 *   git-stream.c      one object from its beginning to its end
 */
#ifndef IRMIN_BACKEND_GIT_OBJECTS_H
#define IRMIN_BACKEND_GIT_OBJECTS_H

#include "lib/backend-git/git-parts.h"
#include "lib/pack/midx.h"
#include "lib/pack/pack.h"

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

/* Appends the directories that the alternates of one name and that are not there.
 */
irmin_rc irmin__git_alternates_lost(irmin__os *os, const char *directory,
    irmin__git_texts *lost, irmin_error *err);

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

/* ---- packs ---- */

/* What files beside a pack say of it. */
enum irmin__git_pack_flag {
	IRMIN__GIT_PACK_KEPT = 1,     /* .keep: it is to stay */
	IRMIN__GIT_PACK_PROMISOR = 2, /* .promisor: what it lacks, somebody has */
	IRMIN__GIT_PACK_CRUFT = 4,    /* .mtimes: nothing refers to it */
	IRMIN__GIT_PACK_HELD = 8      /* .keep, but only until refs lead to it */
};

/* A pack, opened when it is first needed. */
typedef struct irmin__git_pack {
	char *idx;           /* absolute: ".../objects/pack/pack-....idx" */
	size_t directory;    /* place in the directories */
	unsigned flags;      /* enum irmin__git_pack_flag */
	irmin__os_stat stat; /* of the index */
	int indexed;         /* the directory's multi-pack index has it */
	atomic_int unsynced; /* not 0: it was noted as such */
	_Atomic(irmin__pack *) open;
} irmin__git_pack;

/* A multi-pack index. */
typedef struct irmin__git_midx {
	irmin__windows *windows;
	irmin__view view;
	irmin__midx midx;
	size_t *packs; /* of each of its packs the place among the packs; or
	                * IRMIN__GIT_NO_PACK */
} irmin__git_midx;

#define IRMIN__GIT_NO_PACK SIZE_MAX
#define IRMIN__GIT_MIDX    "multi-pack-index"

/* The directory "pack" in a directory of objects. */
typedef struct irmin__git_pack_directory {
	irmin__os_stat stat;
	int racy;              /* it may change without looking changed */
	size_t first, count;   /* its packs, the newest first */
	irmin__os_stat midx_stat;
	irmin__git_midx *midx; /* NULL: none that can be used */
} irmin__git_pack_directory;

/* All packs at one moment: counted, and never changed but for the atomic
 * members. */
typedef struct irmin__git_packs {
	atomic_size_t refs;
	irmin__git_directories directories;
	irmin__git_pack_directory *pack_directories; /* one for each */
	IRMIN__VEC(irmin__git_pack) packs;
	atomic_size_t recent; /* where something was found last */
	uint64_t serial;      /* one more than that of those seen before */
} irmin__git_packs;

typedef struct irmin__git_graph irmin__git_graph;

/* The object store. */
typedef struct irmin__git_objects {
	irmin_objects head;
	irmin__git *git;
	irmin__git_unsynced unsynced;
	irmin__git_shallow shallow;
	irmin__delta_cache *cache;
	irmin__windows_io io;
	irmin__mutex looking;    /* held by the one who looks for packs */
	irmin__mutex mutex;      /* of what follows */
	irmin__git_packs *packs; /* as last seen; NULL: nobody has looked yet */
	irmin__mutex graph_mutex; /* of what follows */
	irmin__git_graph *graph;  /* as last read, or NULL */
	uint64_t graph_packs;     /* the serial of the packs at that time */
} irmin__git_objects;

void irmin__git_graph_unref(irmin__git_graph *graph);

/* Reads and checks the graph of one of the directories, if it has one. Fails:
 * ECORRUPT, EMISSING (a file of a chain), ENOTSUP, ... */
irmin_rc irmin__git_graph_verify(irmin__git_objects *objects,
    const irmin__git_packs *packs, size_t directory, irmin_error *err);

/* Opens the multi-pack index of the directory "pack" at `path`, if there is one
 * that can be used. Fails: ENOMEM, EACCES, ... */
irmin_rc irmin__git_midx_open(irmin__git_objects *objects, const char *path,
    irmin__git_packs *packs, irmin__git_pack_directory *directory,
    irmin_error *err);
void irmin__git_midx_free(irmin__git_midx *midx);

/* Reads and checks that of a directory of objects, if it has one. Fails:
 * ECORRUPT, ENOTSUP, ... */
irmin_rc irmin__git_midx_verify(irmin__git_objects *objects,
    const char *directory, irmin_error *err);

/* Where an object lies: the place of its pack, and the offset there. Answers:
 * OK; ABSENT (it does not say, or the pack is gone). */
irmin_rc irmin__git_midx_find(const irmin__git_midx *midx,
    const irmin_oid *id, size_t *pack, uint64_t *offset);

/* The packs as last seen; unref them. */
irmin_rc irmin__git_packs_get(irmin__git_objects *objects,
    irmin__git_packs **packs, irmin_error *err);
void irmin__git_packs_unref(irmin__git_packs *packs);

/* Looks again. Answers: OK (`packs` are others now, the old ones unref'd);
 * UNCHANGED. Cost: two looks at a time of change for each directory. */
irmin_rc irmin__git_packs_look(irmin__git_objects *objects,
    irmin__git_packs **packs, irmin_error *err);

/* The pack at a place, borrowed from `packs`. Answers: OK; ABSENT (it is gone).
 * Fails: as irmin__pack_open. */
irmin_rc irmin__git_pack_at(irmin__git_objects *objects,
    irmin__git_packs *packs, size_t at, irmin__pack **pack, irmin_error *err);

/* ---- one object ---- */

/* A copy of an object; borrowed for the call. */
typedef struct irmin__git_copy {
	size_t directory;       /* where; 0: in the repository's own */
	irmin__git_pack *place; /* of its pack; NULL: it has a file of its own */
	irmin__pack *pack;      /* the pack, or NULL */
	uint64_t offset;        /* in it */
	const char *file;       /* its own, which may not be there; or NULL */
} irmin__git_copy;

/* Uses a copy. Answers: OK (it will do); ABSENT (it is gone). A failure is kept
 * for the case that no other copy will do. */
typedef irmin_rc (*irmin__git_copy_fn)(void *arg, const irmin__git_copy *copy,
    irmin_error *err);

/* Tries the copies of an object, those first that are found fastest, until one
 * will do. `look`: look again for packs before it is ABSENT. Answers: OK;
 * ABSENT. Fails: as `fn` did first. */
irmin_rc irmin__git_search(irmin__git_objects *objects, const irmin_oid *id,
    int look, irmin__git_copy_fn fn, void *arg, irmin_error *err);

/* Makes sure that an object which is borrowed or in a pack to be kept, with just
 * these bytes, stays: it is freshened, and synced by the next flush. Answers: OK;
 * ABSENT (it is not there so, or broken, or not ours to freshen: write it). */
irmin_rc irmin__git_objects_keep(irmin__git_objects *objects,
    const irmin_new_object *added, irmin_error *err);

/* Keeps it, or writes it to a file of its own. */
irmin_rc irmin__git_objects_add(irmin__git_objects *objects,
    const irmin_new_object *added, irmin_error *err);

/* One object with a file of its own. A non-zero answer stops and is passed
 * through. */
typedef int (*irmin__git_loose_fn)(void *arg, const irmin_oid *id,
    const char *file);

/* Tells those in a directory of objects whose ids begin with the digits `prefix`,
 * in lower case. */
irmin_rc irmin__git_loose_each(irmin__os *os, irmin_hash_algo hash,
    const char *objects, const char *prefix, irmin__git_loose_fn fn, void *arg,
    irmin_error *err);

/* ---- slots ---- */

/* The slot irmin_objects_class.open_read for an object in a file of its own. */
irmin_rc irmin__git_loose_open(irmin__os *os, const char *file,
    irmin_object_type *type, uint64_t *bytes, irmin_object_source **source,
    irmin_error *err);

irmin_rc irmin__git_objects_each(irmin_objects *objects,
    const irmin_context *context, const char *prefix, irmin_object_fn fn,
    void *arg, irmin_error *err);
irmin_rc irmin__git_objects_scan(irmin_objects *objects,
    const irmin_context *context, irmin_scan_fn fn, void *arg,
    irmin_error *err);
irmin_rc irmin__git_objects_verify(irmin_objects *objects,
    const irmin_context *context, irmin_fault_fn fn, void *arg,
    irmin_error *err);
irmin_rc irmin__git_objects_find_graph(irmin_objects *objects,
    const irmin_context *context, const irmin_oid *id,
    irmin_graph_commit *commit, irmin_error *err);
irmin_rc irmin__git_objects_write_graph(irmin_objects *objects,
    const irmin_context *context, irmin_error *err);

/* The graph is read anew when it is asked next. */
void irmin__git_graph_forget(irmin__git_objects *objects);

#endif
