/* lib/backend-git/git-write.h: how many objects, or a large one, get into a git
 * directory, for this room.
 *
 *   git-new-pack.c  a pack on its way into objects/pack
 *   git-batch.c     many objects: a pack       git-recent.c  bases of its deltas
 *   git-sink.c      one object in parts: a loose one
 */
#ifndef IRMIN_BACKEND_GIT_WRITE_H
#define IRMIN_BACKEND_GIT_WRITE_H

#include "lib/backend-git/git-objects.h"
#include "lib/core/base/table.h"

/* ---- packs ---- */

/* A pack that has no name yet: objects/pack/tmp_pack_<serial>. */
typedef struct irmin__git_new_pack {
	irmin__git_path path;
	irmin__file *file; /* open for writing */
	int sync;          /* before it gets its name, whatever the level */
} irmin__git_new_pack;

/* Begins one; the directory is made if it is not there. */
irmin_rc irmin__git_new_pack_begin(irmin__git *git, irmin__git_new_pack *pack,
    irmin_error *err);

/* Gives it up, if it was begun: removes the file. */
void irmin__git_new_pack_drop(irmin__git *git, irmin__git_new_pack *pack);

/* Gives a finished pack its name, which `checksum` tells, and then its index:
 * from then on its objects can be found. A pack of this name that is there
 * already has the same bytes and is replaced, which keeps it from being collected
 * as old; the new one is synced before, as the old one may be. Notes what must be
 * synced. On failure the pack is given up; at most a pack without index stays, of
 * which nobody knows. */
irmin_rc irmin__git_new_pack_install(irmin__git *git,
    irmin__git_unsynced *unsynced, irmin__git_new_pack *pack,
    const unsigned char *checksum, irmin_slice index, irmin_error *err);

/* "<common directory>/objects/pack/pack-<checksum><extension>". */
irmin_rc irmin__git_pack_path(const irmin__git *git,
    const unsigned char *checksum, const char *extension,
    irmin__git_path *path, irmin_error *err);

/* ---- bases of deltas to come ---- */

/* An object that was written to a pack a short while ago. */
typedef struct irmin__git_recent {
	irmin_oid id;
	irmin_object_type type;
	uint64_t offset; /* of its entry */
	unsigned depth;  /* deltas between it and a whole object */
	unsigned char *data;
	size_t len;
	struct irmin__delta_index *index; /* NULL: not made yet */
	int no_index;                     /* none can be made */
	struct irmin__git_recent *newer, *older;
} irmin__git_recent;

/* The last of them, in bounded memory: what was used last stays. */
typedef struct irmin__git_recents {
	irmin__table table;
	irmin__git_recent *newest, *oldest;
	size_t bytes;
} irmin__git_recents;

void irmin__git_recents_init(irmin__git_recents *recents, uint64_t seed);
void irmin__git_recents_clear(irmin__git_recents *recents);

/* Keeps a copy of an object that was written, unless it can be no base: it is too
 * large, too small, or at the end of a long chain. Fails: ENOMEM. */
irmin_rc irmin__git_recents_add(irmin__git_recents *recents,
    const irmin_new_object *added, uint64_t offset, unsigned depth,
    irmin_error *err);

/* Makes the delta between an object and its base, if that is worth it. Answers:
 * OK, and the base; ABSENT. Fails: EINVAL (splices that are none), ENOMEM. */
irmin_rc irmin__git_recents_delta(irmin__git_recents *recents,
    const irmin_new_object *added, irmin_buf *delta,
    const irmin__git_recent **base, irmin_error *err);

/* ---- slots ---- */

/* irmin_objects_class.batch_begin. */
irmin_rc irmin__git_batch_new(irmin__git_objects *objects,
    irmin_batch **batch, irmin_error *err);

/* irmin_objects_class.add_begin. The object becomes a loose one, however large
 * it is: git reads those in parts too. */
irmin_rc irmin__git_sink_new(irmin__git *git, irmin__git_unsynced *unsynced,
    irmin_object_type type, uint64_t bytes, irmin_object_sink **sink,
    irmin_error *err);

#endif
