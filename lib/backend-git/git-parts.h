/* lib/backend-git/git-parts.h: the inside of a git backend, for this room.
 *
 *   git.c           opening, the backend's class
 *   git-layout.c    which directory is meant          git-init.c  making one
 *   git-config.c    config files                      git-settings.c  what of
 *                                                      them is obeyed
 *   git-objects.c   the object store: slots           git-loose.c  one file
 *   git-unsynced.c  what is still to be synced
 *   git-change.c    whether files have changed
 *   git-refs.c      the ref store: slots
 *   git-refs-loose.c, git-refs-packed.c  where refs lie
 *   git-refs-cas.c, git-refs-lock.c  changing them
 *   git-refs-pack.c  bringing them all into packed-refs
 *   git-peel.c      what tags lead to
 *   git-reflog.c    git-worktrees.c
 *   git-lockfile.c, git-tempfile.c, git-shared.c  how files are written
 *   git-keep.c      packs that must not be collected yet
 *
 * All members of irmin__git but the atomic ones are fixed once it is open.
 */
#ifndef IRMIN_BACKEND_GIT_PARTS_H
#define IRMIN_BACKEND_GIT_PARTS_H

#include <stdatomic.h>

#include "lib/backend-git/git-config.h"
#include "lib/core/base/context.h"
#include "lib/core/base/os.h"
#include "lib/pack/deflate.h"
#include "lib/pack/inflate.h"
#include <irmin/backend.h>

/* ---- paths ---- */

#define IRMIN__GIT_PATH_BYTES 4096

typedef struct irmin__git_path {
	char text[IRMIN__GIT_PATH_BYTES];
} irmin__git_path;

/* "<directory>/<name>". Fails: EINVAL (too long). */
irmin_rc irmin__git_path_join(irmin__git_path *path, const char *directory,
    const char *name, irmin_error *err);

/* ---- layout ---- */

/* The directories of a repository, absolute. */
typedef struct irmin__git_layout {
	char *git_dir;    /* HEAD and other refs of this work tree */
	char *common_dir; /* objects, refs, config; differs from git_dir for a
	                   * linked work tree */
	char *objects;    /* in the common directory */
} irmin__git_layout;

void irmin__git_layout_clear(irmin__git_layout *layout);

/* Finds the repository that `path` names. Answers: OK; ABSENT (nothing is there
 * that irmin__git_init would mind). Fails: EINVAL (something else is there), ECORRUPT (a
 * .git file that cannot be read), EIO, ... */
irmin_rc irmin__git_layout_find(irmin__os *os, const char *path,
    irmin__git_layout *layout, irmin_error *err);

/* Makes an empty bare repository where nothing is, or an empty directory, or
 * what a call of this function left that was interrupted. Fails: EEXIST
 * (something else is there), EACCES, ENOSPC, ... */
irmin_rc irmin__git_init(irmin__os *os, const char *path,
    const irmin_open_options *options, irmin_error *err);

/* Whether a directory may become a repository: it is empty, or holds only what a
 * call of irmin__git_init left that was interrupted. Fails: EEXIST. */
irmin_rc irmin__git_init_check(irmin__os *os, const char *path,
    irmin_error *err);

/* ---- settings ---- */

/* How core.sharedRepository changes permission bits. */
typedef struct irmin__git_shared {
	uint32_t bits; /* 0: not shared, nothing changes */
	int exact;     /* the bits are all there are, not added ones */
} irmin__git_shared;

typedef enum irmin__git_log_refs {
	IRMIN__GIT_LOG_NONE,   /* only to reflogs that are there */
	IRMIN__GIT_LOG_NORMAL, /* branches, remotes, notes and HEAD too */
	IRMIN__GIT_LOG_ALWAYS  /* every ref */
} irmin__git_log_refs;

typedef struct irmin__git_settings {
	irmin_hash_algo hash;
	int bare;
	irmin__git_shared shared;
	irmin__git_log_refs log_refs;
	int compression;   /* of larger loose objects, 0 to 9 or -1 */
	int compress_trees; /* too: somebody has asked for a level */
	int pack_compression; /* of what goes to packs */
	int symlink_refs;  /* symbolic refs may be symlinks */
} irmin__git_settings;

/* ---- the backend ---- */

/* The files that keep packs until refs lead to them; git-keep.h. */
typedef struct irmin__git_keeps {
	int ready; /* the rest is */
	irmin__mutex mutex;
	size_t working; /* pieces of work that are under way */
	size_t ripe;    /* a ref has moved after the first so many were made */
	int swept;      /* somebody has looked for what others left behind */
	IRMIN__VEC(char *) paths;
	IRMIN__VEC(irmin__file *) holders;
} irmin__git_keeps;

typedef struct irmin__git {
	irmin_backend head;
	irmin__os *os;
	irmin__git_layout layout;
	irmin__git_config local;  /* of the repository */
	irmin__git_config global; /* of the user */
	irmin__git_settings settings;
	int durable; /* level POWER: a file is synced before it gets its name */
	irmin__deflaters resting;
	irmin__git_keeps keeps;
	atomic_int broken; /* a sync failed: nothing is written any more */
	atomic_uint_fast64_t serial; /* makes names of temporary files */
} irmin__git;

irmin_rc irmin__git_objects_new(irmin__git *git,
    const irmin_open_options *options, irmin_objects **objects,
    irmin_error *err);
irmin_rc irmin__git_refs_new(irmin__git *git, irmin_refs **refs,
    irmin_error *err);

/* Reads the config of the repository and of the user, and takes from them what
 * is obeyed. Fails: ENOTSUP (a format or an extension we do not know),
 * ECORRUPT. */
irmin_rc irmin__git_settings_read(irmin__git *git, irmin_error *err);

/* A setting of the repository, else of the user, or NULL. */
const char *irmin__git_setting(const irmin__git *git, const char *key);

/* The remote from which a partial clone gets what was left out of it, borrowed
 * from the config. Answers: OK; ABSENT (the repository is whole). */
#define IRMIN__GIT_PARTIAL_CLONE "extensions.partialclone"
irmin_rc irmin__git_promisor(const irmin__git *git, irmin_slice *remote);

/* Refuses to write: EREADONLY (opened so), EIO (a sync failed before). */
irmin_rc irmin__git_check_writable(irmin__git *git, irmin_error *err);

/* What an object leads to: itself, or the end of a chain of tags. Fails, without
 * a word: EMISSING, ECORRUPT, and as finding an object does. */
irmin_rc irmin__git_peel(irmin__git *git, const irmin_context *context,
    const irmin_oid *id, irmin_oid *peeled, irmin_object_type *type);

/* ---- what is still to be synced ---- */

/* A file whose name or contents loss of power could take. */
typedef struct irmin__git_unsynced_file {
	char *path;
	int name_only; /* a directory that was made, a file that was removed */
} irmin__git_unsynced_file;

typedef IRMIN__VEC(irmin__git_unsynced_file) irmin__git_unsynced_files;

/* All that was written since the last flush. Beyond a few files, syncing the
 * whole file system is cheaper than syncing each. */
typedef struct irmin__git_unsynced {
	irmin__mutex flushing; /* held by the one who flushes */
	irmin__mutex mutex;    /* of what follows */
	irmin__git_unsynced_files files;
	int too_many;          /* there were more; `files` is empty */
} irmin__git_unsynced;

irmin_rc irmin__git_unsynced_init(irmin__git_unsynced *unsynced,
    irmin_error *err);
void irmin__git_unsynced_clear(irmin__git_unsynced *unsynced);

/* Syncs a file that has no name of its own yet. After a failure of the disk the
 * backend writes nothing any more. */
irmin_rc irmin__git_sync_file(irmin__git *git, irmin__file *file,
    irmin_error *err);

/* Notes what was written. Cannot fail: what cannot be noted makes too many. */
void irmin__git_unsynced_add(irmin__git_unsynced *unsynced, const char *path,
    int name_only);

/* Notes all that is there: others wrote it, and may not have synced it. */
void irmin__git_unsynced_all(irmin__git_unsynced *unsynced);

/* Syncs what was noted: files first, then the directories that name them. When
 * the disk refuses, the backend writes nothing any more. Fails: EIO, ENOSPC, ...
 * Cost: no system call if nothing was noted. */
irmin_rc irmin__git_unsynced_flush(irmin__git *git,
    irmin__git_unsynced *unsynced, irmin_error *err);

/* ---- loose objects ---- */

/* The file of an object: "<objects>/ab/cdef...". Fails: EINVAL. */
irmin_rc irmin__git_loose_path_in(const char *objects, const irmin_oid *id,
    irmin__git_path *path, irmin_error *err);
irmin_rc irmin__git_loose_path(const irmin__git *git, const irmin_oid *id,
    irmin__git_path *path, irmin_error *err);

/* The object in a file. Answers: OK; ABSENT (no such file). Fails: ECORRUPT with
 * the offset, ELIMIT (more than `max_bytes`, unless that is 0), ... */
irmin_rc irmin__git_loose_find(irmin__os *os, const char *file,
    size_t max_bytes, irmin_object *object, irmin_error *err);

/* Its type and size only. */
irmin_rc irmin__git_loose_stat(irmin__os *os, const char *file,
    irmin_object_type *type, uint64_t *bytes, irmin_error *err);

/* Freshens the file of an object that is there, after a look that it is whole,
 * or writes it; notes what must be synced. */
irmin_rc irmin__git_loose_add(irmin__git *git, irmin__git_unsynced *unsynced,
    const irmin_new_object *added, irmin_error *err);

/* Moves a file that is written and, at level POWER, synced to the place of the
 * object that it holds, over what is there; notes what must be synced. On
 * failure it stays where it is. */
irmin_rc irmin__git_loose_move(irmin__git *git, irmin__git_unsynced *unsynced,
    const char *temporary, const irmin_oid *id, irmin_error *err);

/* ---- refs ---- */

typedef struct irmin__git_packed irmin__git_packed;

/* git-refs-seen.c: refs that were read before. */
typedef struct irmin__git_seen irmin__git_seen;

typedef struct irmin__git_refs {
	irmin_refs head;
	irmin__git *git;
	irmin__git_seen *seen;
	irmin__git_unsynced unsynced;
	irmin__mutex packed_mutex;
	irmin__git_packed *packed; /* as last read, or NULL */
} irmin__git_refs;

/* Whether each work tree has a ref of this name for itself: HEAD and its like,
 * refs/bisect/, refs/rewritten/ and refs/worktree/. */
int irmin__git_ref_is_own(const char *name);

/* The directory in which a ref's file lies: that of the work tree for those that
 * are its own, else the common one. */
const char *irmin__git_ref_root(const irmin__git *git, const char *name);

/* The ref, loose or packed. Answers: OK; ABSENT. */
irmin_rc irmin__git_ref_find(irmin__git_refs *refs, const char *name,
    irmin_ref_value *value, irmin_error *err);

/* The ref in a file of its own. Answers: OK; ABSENT (no file, or a directory).
 * Fails: ECORRUPT. */
irmin_rc irmin__git_loose_ref_find(irmin__git *git, const char *name,
    irmin_ref_value *value, irmin_error *err);

/* The same; and what the file was like, if it is there, before it was read.
 * `stat` may be NULL. */
irmin_rc irmin__git_loose_ref_read(irmin__git *git, const char *name,
    irmin_ref_value *value, irmin__os_stat *stat, irmin_error *err);

/* The same as irmin__git_loose_ref_find, for who only reads: a file that was read
 * before and looks as it did then is not read again. Cost: a system call then,
 * else three or four. */
irmin_rc irmin__git_seen_find(irmin__git_refs *refs, const char *name,
    irmin_ref_value *value, irmin_error *err);

irmin_rc irmin__git_seen_new(irmin__git_seen **seen, irmin_error *err);
void irmin__git_seen_free(irmin__git_seen *seen);

/* Tells, in no order, the names of all refs that have a file below `root`,
 * "refs/" and after it beginning with `prefix`. */
irmin_rc irmin__git_loose_ref_each(irmin__git *git, const char *root,
    const char *prefix, irmin__os_name_fn fn, void *arg, irmin_error *err);

/* Removes a directory of empty directories that stands where a ref is to be.
 * Fails: EEXIST (there are refs in it). */
irmin_rc irmin__git_loose_ref_clear_way(irmin__git *git, const char *path,
    irmin_error *err);

/* The packed-refs file as it is now; unref it. */
irmin_rc irmin__git_packed_get(irmin__git_refs *refs,
    irmin__git_packed **packed, irmin_error *err);
void irmin__git_packed_unref(irmin__git_packed *packed);

/* Parses the bytes of a packed-refs file, which it takes over; `file` is for
 * errors. Fails: ECORRUPT with the offset. */
irmin_rc irmin__git_packed_parse(irmin_hash_algo hash, irmin_buf *bytes,
    const char *file, irmin__git_packed **packed, irmin_error *err);

/* One packed ref; `name` is not NUL-terminated. */
typedef struct irmin__git_packed_ref {
	irmin_slice name;
	irmin_oid id;
} irmin__git_packed_ref;

/* The number of refs, and the i-th in order of names. */
size_t irmin__git_packed_count(const irmin__git_packed *packed);
irmin__git_packed_ref irmin__git_packed_at(const irmin__git_packed *packed,
    size_t i);

/* Where the first ref not below `name` stands. */
size_t irmin__git_packed_bound(const irmin__git_packed *packed,
    irmin_slice name);

/* Answers: OK; ABSENT. */
irmin_rc irmin__git_packed_find(const irmin__git_packed *packed,
    irmin_slice name, irmin_oid *id);

/* Whether a new ref of this name would be a directory of one that is packed, or
 * the reverse. */
int irmin__git_packed_collides(const irmin__git_packed *packed,
    const char *name);

/* The file's bytes without some refs, each named once; all else stays as it
 * stands there. Fails: ENOMEM. */
irmin_rc irmin__git_packed_without(const irmin__git_packed *packed,
    const irmin_slice *names, size_t count, irmin_buf *out, irmin_error *err);

/* The slot irmin_refs_class.cas. */
irmin_rc irmin__git_refs_cas(irmin_refs *refs, const irmin_context *context,
    const irmin_ref_change *changes, size_t count, const irmin_reflog *reflog,
    size_t *differing, irmin_error *err);

/* The slot irmin_refs_class.set_link. */
irmin_rc irmin__git_refs_set_link(irmin_refs *refs,
    const irmin_context *context, const char *name, const char *target,
    irmin_error *err);

/* The slot irmin_refs_class.pack. */
irmin_rc irmin__git_refs_pack(irmin_refs *refs, const irmin_context *context,
    irmin_error *err);

/* Removes the file of a ref that is `id` in packed-refs too; any other stays.
 * Fails: ELOCKED, EIO, ... */
irmin_rc irmin__git_ref_drop_file(irmin_refs *refs,
    const irmin_context *context, const char *name, const irmin_oid *id,
    irmin_error *err);

/* The slot irmin_refs_class.checked_out. */
irmin_rc irmin__git_refs_checked_out(irmin_refs *refs,
    const irmin_context *context, const char *name, irmin_buf *where,
    irmin_error *err);

/* Appends to a ref's reflog, if it is to have one. `before` or `after` is no id
 * when the ref is made or removed. Fails: EIO, ENOSPC, ... */
irmin_rc irmin__git_reflog_append(irmin__git *git, const char *name,
    const irmin_oid *before, const irmin_oid *after,
    const irmin_reflog *reflog, irmin_error *err);

/* Non-zero if a ref's reflog is made when it is not there. */
int irmin__git_reflog_is_wanted(const irmin__git *git, const char *name);

/* Removes a ref's reflog. */
void irmin__git_reflog_remove(irmin__git *git, const char *name);

/* ---- whether files have changed ---- */

/* Whether two looks at a file saw the same one. */
int irmin__git_is_same_file(const irmin__os_stat *a, const irmin__os_stat *b);

/* Whether a file that is read now can change and look the same all the same: it
 * is that young. */
int irmin__git_is_racy(const irmin__git *git, const irmin__os_stat *stat);

/* ---- how files are written ---- */

/* Reads a value of core.sharedRepository. Fails: ECORRUPT. */
irmin_rc irmin__git_shared_parse(const char *value, irmin__git_shared *shared,
    irmin_error *err);

/* The permission bits of a file or directory that has `mode` now. */
uint32_t irmin__git_shared_mode(irmin__git_shared shared, uint32_t mode,
    int directory);

/* Sets them, if they change: of an open file; of a directory. */
irmin_rc irmin__git_share_file(irmin__git_shared shared, irmin__file *file,
    irmin_error *err);
irmin_rc irmin__git_share_directory(irmin__os *os, irmin__git_shared shared,
    const char *path, irmin_error *err);

/* Makes the directories that `path`, a file, needs below `root`. Answers: OK;
 * ALREADY (they were there). Fails: EEXIST (a file is in the way), EIO, ... */
irmin_rc irmin__git_make_parents(irmin__git *git, const char *root,
    const char *path, irmin_error *err);

/* Removes the empty directories above `path`, a file, until `root`. */
void irmin__git_prune_parents(irmin__git *git, const char *root,
    const char *path);

/* A file with a name of its own, "<directory>/<prefix>_<serial>", that nobody may
 * write any more once it is closed. With a prefix that begins with "tmp_" (in a
 * directory of loose objects: "tmp_obj") git's prune takes those that were left
 * behind. Fails: EMISSING (no such directory). */
irmin_rc irmin__git_tempfile_open(irmin__git *git, const char *directory,
    const char *prefix, irmin__git_path *path, irmin__file **file,
    irmin_error *err);

/* git's lock on a file: <file>.lock, made by one only, which replaces the file
 * when it is committed. All zero is the one not held. */
typedef struct irmin__git_lock {
	char *path;        /* with ".lock" */
	irmin__file *file; /* open, with the machine's lock on it; or NULL */
	uint32_t mode;
} irmin__git_lock;

/* Makes the file that `lock->path` names, marked as ours and held. Missing
 * directories below `root` are made; one that was left behind is replaced. Fails:
 * ELOCKED (it is there; without a word in `err`), EEXIST (a file stands where a
 * directory is needed), ... */
irmin_rc irmin__git_marked_make(irmin__git *git, const char *root,
    irmin__git_lock *lock, irmin_error *err);

/* Whether a file has that mark. */
int irmin__git_is_marked(const irmin__os_stat *stat);

/* Removes a file with that mark that a killed process has left. Answers whether
 * it did. */
int irmin__git_marked_sweep(irmin__git *git, const char *path);

/* Takes the lock on a file, waiting until the context's deadline (without one: a
 * second). Missing directories below `root` are made. Fails: ELOCKED (file, age
 * and holder), EEXIST (a file stands where a directory is needed), ECANCELED,
 * ENOSPC, ... */
irmin_rc irmin__git_lock_take(irmin__git *git, const irmin_context *context,
    const char *root, const char *file, irmin__git_lock *lock,
    irmin_error *err);

/* Writes what the file is to hold, and syncs it if asked. */
irmin_rc irmin__git_lock_write(irmin__git *git, irmin__git_lock *lock,
    irmin_slice bytes, int sync, irmin_error *err);

/* Closes the lock's file, which is held all the same; but if we are killed, it
 * stays as git's would. */
void irmin__git_lock_detach(irmin__git_lock *lock);

/* Puts it in the file's place, and gives the lock back. On failure the lock is
 * still held. */
irmin_rc irmin__git_lock_commit(irmin__git *git, irmin__git_lock *lock,
    irmin_error *err);

/* All of that for a file of the common directory which git gives up over if it
 * finds it broken: so it is synced whatever the level. */
irmin_rc irmin__git_lock_replace(irmin__git *git, const irmin_context *context,
    const char *file, irmin_slice bytes, irmin_error *err);

/* Gives the lock back, if it is held; the file stays as it is. */
void irmin__git_lock_drop(irmin__git *git, irmin__git_lock *lock);

#endif
