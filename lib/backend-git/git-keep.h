/* lib/backend-git/git-keep.h: packs that must not be collected yet.
 *
 * `git repack -ad` drops from packs what no ref leads to, however fresh it is; it
 * leaves a pack alone that has a file ".keep" beside it. So one stands beside
 * each pack of ours from before the pack is there until refs lead to it: that is,
 * until a ref has moved after it, and nobody who has begun before that is still
 * at work.
 *
 * Whose it is can be told as with locks (git-lockfile.c): it has the sticky bit,
 * and whoever made it holds the machine's lock on it, or on the file of which it
 * is another name. One that nobody holds was left behind by a process that was
 * killed, and goes when the next one of ours writes a pack or moves a ref.
 */
#ifndef IRMIN_BACKEND_GIT_KEEP_H
#define IRMIN_BACKEND_GIT_KEEP_H

#include "lib/backend-git/git-parts.h"

/* Makes the file beside a pack that is not there yet and whose name nobody else
 * uses. Fails: EEXIST, ENOSPC, EIO, ENOMEM, ... */
irmin_rc irmin__git_keep_make(irmin__git *git, const char *pack,
    irmin_error *err);

/* Takes it away again: the pack will not come. */
void irmin__git_keep_undo(irmin__git *git, const char *pack);

/* Whether the file ".keep" of this name, which may be gone, is one of those. */
int irmin__git_keep_is_ours(irmin__git *git, const char *keep);

/* The slots work_begin and work_end of irmin_objects_class. */
void irmin__git_work_begin(irmin__git *git);
void irmin__git_work_end(irmin__git *git);

/* A ref has moved. */
void irmin__git_keeps_ref_moved(irmin__git *git);

/* Removes what processes that were killed have left. Cost: lists a directory. */
void irmin__git_keeps_sweep(irmin__git *git);

irmin_rc irmin__git_keeps_init(irmin__git_keeps *keeps, irmin_error *err);

/* Takes all of them away, when nobody uses the backend any more. */
void irmin__git_keeps_clear(irmin__git *git);

#endif
