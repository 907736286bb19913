/* irmin/repo.h: opening repositories: URIs, options, closing, flushing.
 *
 * Audience: everybody.
 * Shape: a repository is the whole: objects and refs on a backend. Stores
 *   (store.h) are handles on one branch of it.
 *     mem:                     in memory, always new; what no branch, tag or
 *                              handle holds is freed, and keeps no reflog
 *     git:DIR[?key=value&...]  a git directory, a work tree with .git, or one
 *                              whose .git is a file
 *     DIR                      git:DIR, if it names a directory that exists
 *   `%XX` escapes a byte. Keys: create=1, readonly=1, branch=NAME,
 *   hash=sha1|sha256, shared=0|group|all, checked_out=refuse|move,
 *   level=lazy|process|power, lock_ms=N, cache_bytes=N, dirty_bytes=N, io=map|pread. An
 *   unknown key or value is EINVAL naming it; a member set in the options wins
 *   over the URI.
 *   git://, http(s)://, ssh:// and user@host:path are remotes: ENOTSUP.
 * Owner: a handle is closed once by who opened it; stores, commits and trees of
 *   a repository keep its inside alive, so the order of closing is free.
 * Threads: any number at once.
 * Errors: opening never creates unless asked: EMISSING names the absolute path.
 * Source: gitrepository-layout; Irmin's Repo. Since 0.1.
 */
#ifndef IRMIN_REPO_H
#define IRMIN_REPO_H

#include <irmin/hash.h>
#include <irmin/info.h>
#include <irmin/trace.h>

IRMIN_C_BEGIN

typedef struct irmin_repo irmin_repo;

/* What an acknowledged commit survives. In this version a git repository keeps
 * more than LAZY asks for: every commit is PROCESS. */
typedef enum irmin_level {
	IRMIN_LEVEL_DEFAULT = 0, /* mem: LAZY; git: PROCESS */
	IRMIN_LAZY = 1,          /* nothing */
	IRMIN_PROCESS = 2,       /* kill -9 at any instruction */
	IRMIN_POWER = 3          /* loss of power */
} irmin_level;

/* irmin_open_options.flags */
enum irmin_open_flag {
	IRMIN_OPEN_CREATE = 1,    /* make it if it is not there */
	IRMIN_OPEN_READ_ONLY = 2, /* every write answers EREADONLY */
	IRMIN_OPEN_MOVE_CHECKED_OUT = 4 /* move branches that a work tree has
	                                 * checked out, instead of ECHECKEDOUT */
};

/* Access for other users, for new repositories: git's core.sharedRepository. */
typedef enum irmin_shared {
	IRMIN_SHARED_DEFAULT = 0, /* new: mode 0700; else what the config says */
	IRMIN_SHARED_GROUP = 1,
	IRMIN_SHARED_ALL = 2
} irmin_shared;

/* How large files that do not change (packs) are read. A map is quicker; but
 * where the disk fails, or somebody cuts such a file short, reading a map kills
 * the process (SIGBUS), while reading the file answers EIO or ECORRUPT. */
typedef enum irmin_io {
	IRMIN_IO_DEFAULT = 0, /* MAP */
	IRMIN_IO_MAP = 1,
	IRMIN_IO_READ = 2 /* pread; in URIs io=pread */
} irmin_io;

/* `cache_bytes`: one quarter bounds what the backend keeps of packs to read other
 * objects. The rest bounds the directories, and the values up to 4 KiB, that
 * hang on the trees and stores they were read through, and of which a second
 * read costs no more than a look at memory. What is read beyond that is read
 * again the next time; a store lets go of what it has once as much was read
 * beyond the bound, or written, as fits within. Not bounded are the root of each
 * tree handle, and what a list, a pin or a walk holds just now. mem: has no
 * cache: it keeps everything once.
 *
 * `dirty_bytes`: of the values and directories of an edit or a transaction that
 * are not stored yet. The call that would go beyond it first writes what there
 * is, as objects, and lets go of it: so an import takes no more memory than that,
 * however large it is. No ref moves; what is then given up is garbage, which git
 * collects in its time. mem: keeps everything, and has no such bound. */

/* How to open; all zero is the default everywhere. Borrowed for the call,
 * except `trace_arg` and `wait.cancel`, which must outlive the repository. */
typedef struct irmin_open_options {
	size_t size;
	uint32_t flags;           /* enum irmin_open_flag */
	irmin_hash_algo hash;     /* of a new repository; default SHA-1 */
	irmin_shared shared;      /* of a new repository */
	irmin_level level;        /* of every commit */
	const char *branch;       /* irmin_open: NULL is what HEAD names */
	const char *author;       /* "Name <e-mail>" of commits without one */
	const char *program;      /* for the default author; "irmin" */
	irmin_trace_fn trace;     /* the one log callback */
	void *trace_arg;
	irmin_wait wait;          /* default of every call; size may stay 0 */
	size_t max_value_bytes;   /* a whole value; 256 MiB */
	size_t max_tree_bytes;    /* one directory; 256 MiB */
	uint32_t max_path_bytes;  /* 4,096 */
	uint32_t max_step_bytes;  /* 255 */
	uint32_t max_depth;       /* 512 steps */
	size_t cache_bytes;       /* of what was read and is kept; 16 MiB */
	irmin_io io;              /* of packs */
	size_t dirty_bytes;       /* of what an edit has not stored; 64 MiB */
} irmin_open_options;

#define IRMIN_OPEN_OPTIONS_INIT                                                \
	{                                                                      \
		sizeof(irmin_open_options), 0, IRMIN_HASH_NONE,                \
		IRMIN_SHARED_DEFAULT, IRMIN_LEVEL_DEFAULT, NULL, NULL, NULL,   \
		NULL, NULL, { 0, 0, NULL }, 0, 0, 0, 0, 0, 0, IRMIN_IO_DEFAULT, \
		    0                                                      \
	}

/* Opens (or, if asked, makes) the repository that `uri` names. Fails: EMISSING
 * (nothing there; absolute path in err->where), EINVAL (URI, options, not a
 * repository), ENOTSUP (a remote, an unknown scheme, git extensions we do not
 * know), ECORRUPT (its config), EACCES, EIO, ENOMEM. Cost: a few system calls.
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_open(const char *uri,
    const irmin_open_options *options, irmin_repo **repo, irmin_error *err);

/* Gives the handle back; NULL is accepted. Tries to flush and reports nothing:
 * who must know calls irmin_repo_flush first. Calls through stores that are
 * still open answer EINVAL "closed". Since 0.1. */
IRMIN_API void irmin_repo_close(irmin_repo *repo);

/* Brings everything committed so far to the level: objects first, refs last.
 * Answers: OK. Fails: EIO, ENOSPC, ETIMEDOUT, ECANCELED. Cost: nothing if
 * nothing was written since the last one. Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_flush(irmin_repo *repo, irmin_level level,
    irmin_error *err);

/* The hash of the repository's ids. Since 0.1. */
IRMIN_API irmin_hash_algo irmin_repo_hash(const irmin_repo *repo);

/* Where it is: the absolute directory, or "" for memory. Valid as long as the
 * repository. Since 0.1. */
IRMIN_API const char *irmin_repo_location(const irmin_repo *repo);

/* The backend's scheme: "mem", "git". Since 0.1. */
IRMIN_API const char *irmin_repo_scheme(const irmin_repo *repo);

/* Who is named by commits that name nobody, as "Name <e-mail>": the author of the
 * options, else git's user.name and user.email, else <program>@<host>. Fails:
 * ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_author(irmin_repo *repo, irmin_buf *author,
    irmin_error *err);

/* Non-zero if every write answers EREADONLY. Since 0.1. */
IRMIN_API int irmin_repo_is_read_only(const irmin_repo *repo);

/* One counter since opening. Cost: a few atomic loads. Since 0.1. */
IRMIN_API uint64_t irmin_repo_stat(const irmin_repo *repo, irmin_stat stat);

/* irmin_repo_measure: one figure; `unit` is "objects", "bytes", "refs", ... A
 * non-zero answer stops and is passed through. */
typedef int (*irmin_measure_fn)(void *arg, const char *name, uint64_t value,
    const char *unit);

/* Walks the whole repository and reports its size, figure by figure: objects
 * and their bytes by type, refs by kind. Fails: as reading does, and with what
 * `fn` answered. Cost: a look at every object. Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_measure(irmin_repo *repo, irmin_measure_fn fn,
    void *arg, irmin_error *err);

IRMIN_C_END

#endif
