/* lib/core/base/os-sim-fs.h: the simulator's inside, for its own files.
 *
 *   os-sim.c         the instance: operation log, planned faults, clock, host
 *   os-sim-tree.c    nodes, entries of directories, the walk along a path
 *   os-sim-files.c   the slots that work on an open file
 *   os-sim-names.c   the slots that work on names
 *   os-sim-crash.c   what is durable: changes, syncs, and the restart
 *   os-sim-export.c  a copy in a real directory
 *
 * A node is what others call an inode. Every node holds its contents twice: as
 * processes see them, and as they would be after loss of power, with the list
 * of changes in between. For a file these are writes, kept with the node; for
 * directories they are changes of names, kept in one list, since a rename is
 * one change of two directories. Modes and times are durable at once.
 *
 * Functions answer 0 or an errno, as the kernel does; slots translate it. All
 * are called with the simulator's mutex held, slots excepted.
 */
#ifndef IRMIN_BASE_OS_SIM_FS_H
#define IRMIN_BASE_OS_SIM_FS_H

#include "lib/core/base/os-class.h"
#include "lib/core/base/os-sim.h"
#include "lib/core/base/vec.h"

#define IRMIN__SIM_NAME_MAX 255
#define IRMIN__SIM_PATH_MAX 4095
#define IRMIN__SIM_UMASK    022

typedef struct irmin__sim_node irmin__sim_node;

typedef struct irmin__sim_entry {
	char *name;
	irmin__sim_node *node;
} irmin__sim_entry;

/* Sorted by name. */
typedef IRMIN__VEC(irmin__sim_entry) irmin__sim_entries;

/* A write since the last sync: `len` bytes at `start` in `unsynced`, or the cut
 * to length 0. */
typedef struct irmin__sim_write {
	int cuts;
	uint64_t offset;
	size_t start, len;
} irmin__sim_write;

struct irmin__sim_node {
	irmin__sim_node *next; /* all nodes of a simulator */
	uint64_t number;
	irmin__os_kind kind; /* FILE or DIRECTORY */
	uint32_t mode;
	int64_t modified_us;
	unsigned opens;
	const irmin__file *locker; /* of those, the one with the lock */
	int marked; /* for a walk over all */

	/* a file */
	irmin_buf bytes, durable_bytes;
	irmin_buf unsynced;
	IRMIN__VEC(irmin__sim_write) writes;

	/* a directory */
	irmin__sim_node *parent; /* the root's is itself */
	irmin__sim_entries entries, durable_entries;
};

/* What a change does to one name; `node` NULL takes it away. */
typedef struct irmin__sim_effect {
	irmin__sim_node *dir; /* NULL: no effect */
	char *name;
	irmin__sim_node *node;
} irmin__sim_effect;

/* A change of names that no sync has made durable. */
typedef struct irmin__sim_change {
	irmin__sim_effect effects[2];
	int marked;
} irmin__sim_change;

typedef struct irmin__sim {
	irmin__os os;
	irmin__mutex mutex;
	uint64_t random_state, crash_state;
	int64_t clock_us; /* since the simulator's beginning */

	uint64_t operations;
	uint64_t fail_at, crash_at;
	int fail_errno;
	int failing; /* the operation that was begun last is the planned one */
	int failed, crashed;
	uint64_t boots; /* open files of an earlier one are gone */
	irmin_buf log;  /* lines, each with its NUL */
	IRMIN__VEC(size_t) lines;

	irmin__sim_node *nodes, *root;
	uint64_t last_number;
	IRMIN__VEC(irmin__sim_change) changes;
} irmin__sim;

/* ---- os-sim.c ---- */

irmin__sim *irmin__sim_lock(irmin__os *os);
void irmin__sim_unlock(irmin__sim *sim);

/* Begins an operation: counts and logs it. Answers the errno of a planned
 * failure, EIO when the machine has stopped, ENOMEM. */
int irmin__sim_begin(irmin__sim *sim, const char *format, ...)
    IRMIN_PRINTF(2, 3);

int64_t irmin__sim_now_us(const irmin__sim *sim);

/* The next of a row of numbers that a state decides. */
uint64_t irmin__sim_random(uint64_t *state);

/* An errno as a slot's answer; the second takes "not there" for ABSENT. */
irmin_rc irmin__sim_answer(irmin_error *err, int os_errno, const char *doing,
    const char *path);
irmin_rc irmin__sim_answer_absent(irmin_error *err, int os_errno,
    const char *doing, const char *path);

/* ---- os-sim-tree.c ---- */

/* Where a path leads: the directory that holds the last step, its name, and
 * what is there or NULL. A path that ends in no name ("/", "a/..") has `node`
 * only. */
typedef struct irmin__sim_spot {
	irmin__sim_node *dir;
	char name[IRMIN__SIM_NAME_MAX + 1];
	irmin__sim_node *node;
} irmin__sim_spot;

/* ENOENT and ENOTDIR tell of steps before the last. */
int irmin__sim_walk(irmin__sim *sim, const char *path, irmin__sim_spot *spot);

/* As that, but what is there must be, and be a directory if one is asked. */
int irmin__sim_find(irmin__sim *sim, const char *path, irmin__sim_node **node);
int irmin__sim_find_directory(irmin__sim *sim, const char *path,
    irmin__sim_node **node);

irmin__sim_node *irmin__sim_node_new(irmin__sim *sim, irmin__os_kind kind,
    uint32_t mode);
void irmin__sim_node_free(irmin__sim_node *node);

irmin__sim_node *irmin__sim_entry_find(const irmin__sim_entries *entries,
    const char *name);
/* Puts a node (NULL: none) under a name. With a node, there must be room for an
 * entry and `name` must be allocated: it is taken. */
void irmin__sim_entry_put(irmin__sim_entries *entries, char *name,
    irmin__sim_node *node);
void irmin__sim_entries_clear(irmin__sim_entries *entries);

/* Puts bytes at an offset; what a gap before them holds is zero. */
int irmin__sim_bytes_put(irmin_buf *buf, uint64_t offset, irmin_slice bytes);

/* ---- os-sim-crash.c ---- */

/* Changes up to two names, now and, once synced, durably. All or nothing. */
int irmin__sim_change_names(irmin__sim *sim, const irmin__sim_effect *first,
    const irmin__sim_effect *second);

/* Writes to a file, or cuts it to length 0. All or nothing. */
int irmin__sim_change_bytes(irmin__sim_node *node, uint64_t offset,
    irmin_slice bytes);
int irmin__sim_cut(irmin__sim_node *node);

int irmin__sim_sync_file(irmin__sim_node *node);
int irmin__sim_sync_directory(irmin__sim *sim, irmin__sim_node *dir);
int irmin__sim_sync_all(irmin__sim *sim);

/* After a sync that failed the kernel holds the file for clean: no later sync
 * writes what this one did not. */
void irmin__sim_forget_writes(irmin__sim_node *node);

void irmin__sim_changes_clear(irmin__sim *sim);

/* ---- os-sim-files.c, os-sim-names.c: see os-class.h ---- */

irmin_rc irmin__sim_open(irmin__os *os, const char *path, uint32_t flags,
    uint32_t mode, irmin__file **file, irmin_error *err);
void irmin__sim_close(irmin__file *file);
irmin_rc irmin__sim_read(irmin__file *file, uint64_t offset, void *bytes,
    size_t len, size_t *got, irmin_error *err);
irmin_rc irmin__sim_write_file(irmin__file *file, irmin_slice bytes,
    irmin_error *err);
irmin_rc irmin__sim_write_at(irmin__file *file, uint64_t offset,
    irmin_slice bytes, irmin_error *err);
irmin_rc irmin__sim_sync(irmin__file *file, irmin_error *err);
irmin_rc irmin__sim_stat_file(irmin__file *file, irmin__os_stat *stat,
    irmin_error *err);
irmin_rc irmin__sim_chmod(irmin__file *file, uint32_t mode, irmin_error *err);
irmin_rc irmin__sim_lock_file(irmin__file *file, irmin_error *err);
void irmin__sim_stat_node(const irmin__sim_node *node, irmin__os_stat *stat);

irmin_rc irmin__sim_stat_path(irmin__os *os, const char *path, int follow,
    irmin__os_stat *stat, irmin_error *err);
irmin_rc irmin__sim_rename(irmin__os *os, const char *from, const char *to,
    irmin_error *err);
irmin_rc irmin__sim_link(irmin__os *os, const char *from, const char *to,
    irmin_error *err);
irmin_rc irmin__sim_unlink(irmin__os *os, const char *path, irmin_error *err);
irmin_rc irmin__sim_mkdir(irmin__os *os, const char *path, uint32_t mode,
    irmin_error *err);
irmin_rc irmin__sim_rmdir(irmin__os *os, const char *path, irmin_error *err);
irmin_rc irmin__sim_chmod_path(irmin__os *os, const char *path, uint32_t mode,
    irmin_error *err);
irmin_rc irmin__sim_touch(irmin__os *os, const char *path, irmin_error *err);
irmin_rc irmin__sim_sync_directory_path(irmin__os *os, const char *path,
    irmin_error *err);
irmin_rc irmin__sim_sync_all_path(irmin__os *os, const char *path,
    irmin_error *err);
irmin_rc irmin__sim_readlink(irmin__os *os, const char *path, irmin_buf *target,
    irmin_error *err);
irmin_rc irmin__sim_each(irmin__os *os, const char *path, irmin__os_name_fn fn,
    void *arg, irmin_error *err);
irmin_rc irmin__sim_absolute(irmin__os *os, const char *path, irmin_buf *out,
    irmin_error *err);
irmin_rc irmin__sim_holder(irmin__os *os, const char *path, char *who,
    size_t who_bytes);

#endif
