/* irmin/maintain.h: keeping a repository well: check it, pack it, copy it.
 *
 * Audience: operators and their tools.
 * Threads: each call may run beside all others, and beside git.
 * Source: git-fsck, git-repack, git-clone --mirror. Since 0.1.
 */
#ifndef IRMIN_MAINTAIN_H
#define IRMIN_MAINTAIN_H

#include <irmin/object.h>

IRMIN_C_BEGIN

/* How far a long call is: `stage` is a word or two for people ("reading",
 * "writing"), `total` is 0 while it is not known. Told often; a non-zero answer
 * stops and is passed through. */
typedef int (*irmin_progress_fn)(void *arg, const char *stage, uint64_t done,
    uint64_t total);

/* ---- verify ---- */

/* What is wrong with something. */
typedef enum irmin_fault_kind {
	IRMIN_FAULT_CORRUPT = 1, /* bytes that cannot be what they should be */
	IRMIN_FAULT_MISSING = 2, /* something names it, and it is not there */
	IRMIN_FAULT_FORMAT = 3,  /* git's fsck --strict would object */
	IRMIN_FAULT_WARNING = 4  /* odd, and harmless */
} irmin_fault_kind;

/* One fault; borrowed for the call. */
typedef struct irmin_fault {
	size_t size;
	irmin_fault_kind kind;
	irmin_oid id;            /* of the object, or no id */
	irmin_object_type type;  /* of the object, or ANY */
	const char *where;       /* a ref or a file, or "" */
	const char *text;        /* one line for people */
} irmin_fault;

/* A non-zero answer stops and is passed through. */
typedef int (*irmin_fault_fn)(void *arg, const irmin_fault *fault);

/* Checks every object, reachable or not: its bytes against its id, its format,
 * that what it names is there, the rules of git's fsck --strict; every ref; and
 * the backend's own files with their checksums. Faults are told one by one; a
 * repository whose every fault was told answers OK. `progress` may be NULL.
 * Answers: OK; what `fn` or `progress` answered. Fails: EIO, ENOMEM, ECANCELED.
 * Cost: every byte is read and hashed once; memory is 40 bytes an object. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_repo_verify(irmin_repo *repo, irmin_fault_fn fn,
    void *arg, irmin_progress_fn progress, void *progress_arg,
    irmin_error *err);

/* ---- pack ---- */

/* Brings all objects into one pack with its index and all refs into one file,
 * writes a commit-graph, and removes what that replaces. Nothing is lost,
 * reachable or not. Packs marked to be kept (a multi-pack index covers them too),
 * what is larger than the option max_value_bytes and is in no pack yet, and
 * borrowed objects are left alone. Answers: OK; UNCHANGED (nothing to do, or a backend
 * that has nothing to pack); what `progress` answered. Fails: EREADONLY, ENOSPC,
 * ECORRUPT (an object is broken: nothing was changed), ELOCKED, EIO, ENOMEM.
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_pack(irmin_repo *repo,
    irmin_progress_fn progress, void *arg, irmin_error *err);

/* Writes down what walks through history ask for: parents, dates and generations
 * of all commits that refs reach, as git's commit-graph in one file. Packing does
 * that too. Answers: OK; UNCHANGED (there is nothing to write: no commits, some
 * are missing, the history was cut off, or a backend that keeps nothing of the
 * kind). Fails: EREADONLY, ENOSPC, ELOCKED, ECORRUPT, EIO, ENOMEM. Cost: reads the
 * commits that are not in such a file yet. Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_write_graph(irmin_repo *repo, irmin_error *err);

/* ---- copy ---- */

/* irmin_copy_options.flags */
enum irmin_copy_flag {
	IRMIN_COPY_STRICT = 1, /* refuse what git's fsck --strict would */
	IRMIN_COPY_PRUNE = 2   /* remove refs that the source does not have */
};

/* All zero is the default. */
typedef struct irmin_copy_options {
	size_t size;
	uint32_t flags;          /* enum irmin_copy_flag */
	irmin_fault_fn fault;    /* told what fsck would object to; may be NULL */
	void *fault_arg;
	irmin_progress_fn progress; /* may be NULL */
	void *progress_arg;
} irmin_copy_options;

#define IRMIN_COPY_OPTIONS_INIT                                                \
	{ sizeof(irmin_copy_options), 0, NULL, NULL, NULL, NULL }

/* What came of it. */
typedef struct irmin_copied {
	uint64_t objects, bytes; /* copied */
	uint64_t present;        /* objects that were there already */
	uint64_t refs;           /* made, moved or removed */
} irmin_copied;

/* Copies all objects, byte for byte, and then all refs and HEAD from one
 * repository to another of the same hash. Every object's id is checked. Called
 * again after it was interrupted, it goes on where it stopped. `copied` may be
 * NULL. Answers: OK; UNCHANGED (all was there); what a callback answered. Fails:
 * EINVAL (another hash, one and the same repository), ECORRUPT (an object of the
 * source), ETRUNCATED (a shallow source), EREFUSED (STRICT), EEXIST (a ref named
 * like a directory of one there, without PRUNE), ECHECKEDOUT, EREADONLY, ENOSPC,
 * EIO, ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_copy(irmin_repo *from, irmin_repo *to,
    const irmin_copy_options *options, irmin_copied *copied, irmin_error *err);

IRMIN_C_END

#endif
