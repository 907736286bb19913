/* lib/backend-git/git-repack.h: bringing all objects into one pack.
 *
 *   git-repack.c       which packs and loose objects, and what becomes of them
 *   git-midx-write.c   the multi-pack index
 *   git-graph-write.c  the commit-graph
 */
#ifndef IRMIN_BACKEND_GIT_REPACK_H
#define IRMIN_BACKEND_GIT_REPACK_H

#include "lib/backend-git/git-objects.h"

/* Writes the commit-graph of all that refs reach. Not for a shallow repository,
 * where git would not read it. Answers: OK; ABSENT (there are no commits, or some
 * are missing: nothing was written). Fails: ELOCKED, ENOSPC, EIO, ENOMEM,
 * ECANCELED. Memory is some 200 bytes a commit. */
irmin_rc irmin__git_graph_write(irmin__git *git, const irmin_context *context,
    irmin__git_unsynced *unsynced, irmin_error *err);

/* Whether a pack of this name ("pack-<hex>") is not to be replaced: it is marked
 * to be kept, or what it lacks was promised. */
int irmin__git_pack_must_stay(const irmin__git *git, irmin_slice name);

/* Makes the multi-pack index of the pack `added` ("pack-<hex>") and of those that
 * stay, or removes it if `added` is the only one. Fails: ELOCKED, ... */
irmin_rc irmin__git_midx_renew(irmin__git *git, const irmin_context *context,
    irmin__git_unsynced *unsynced, const char *added, irmin_error *err);

/* The slot irmin_objects_class.pack. */
irmin_rc irmin__git_repack(irmin_objects *objects,
    const irmin_context *context, irmin_progress_fn progress, void *arg,
    irmin_error *err);

#endif
