/* lib/core/store/repo.h: the inside of a repository, for this room.
 *
 * What lives in lib/core/store: everything that needs a repository and merges
 * nothing: heads, trees in memory, edits, commits, branches, stores,
 * transactions, revisions, history. It never names a backend; lib/open hands it
 * one. Only the files backend*.c call the slots of a backend.
 *
 * A repository has an outer count of handles (irmin_repo_close) and an inner one
 * that every store, tree, commit and edit holds: the last of them frees it. Once
 * the handle is closed, what needs the backend answers EINVAL "closed".
 */
#ifndef IRMIN_STORE_REPO_H
#define IRMIN_STORE_REPO_H

#include <stdatomic.h>

#include "lib/core/base/condition.h"
#include "lib/core/base/context.h"
#include "lib/core/base/os.h"
#include "lib/core/object/hash.h"
#include "lib/core/object/path.h"
#include "lib/core/store/ids.h"
#include <irmin/backend.h>
#include <irmin/commit.h>

/* Where branches are. */
#define IRMIN__HEADS "refs/heads/"

/* graph.h: what a volatile repository holds in memory. */
typedef struct irmin__graph irmin__graph;

/* stream.h: an object that is read in parts. */
typedef struct irmin__source irmin__source;

/* merger.h: who merges, and by what rules. */
struct irmin__merger;
struct irmin__rules;

/* What every call counts, once for some of the threads. */
typedef struct irmin__repo_stripe {
	atomic_uint borders; /* calls in the backend just now; close waits */
	atomic_uint_fast64_t stats[IRMIN_STAT_COUNT];
	char apart[IRMIN__LINE_BYTES];
} irmin__repo_stripe;

struct irmin_repo {
	atomic_int closed;
	irmin__os *os;
	irmin_backend *backend;  /* NULL once it is closed */
	irmin__graph *graph;     /* of a volatile one, whose wrapper that is */
	char *location;          /* its own, kept beyond it */
	const char *scheme;
	irmin_hash_algo hash;
	irmin__hash_pool *hashers;
	uint32_t flags;          /* enum irmin_open_flag */
	irmin_level level;
	char *author;            /* or NULL */
	char *program;
	irmin_trace_fn trace;
	void *trace_arg;
	irmin_wait wait;
	int is_volatile;         /* what the backend has ends with it */
	int late_commits;        /* a commit hashes and writes nothing */
	irmin__late_gate ids;    /* and parents of commits: commit-parts.h */
	size_t max_value_bytes, max_tree_bytes;
	size_t dirty_bytes; /* SIZE_MAX: no bound */
	irmin__path_limits limits;
	struct irmin__ledger *ledger; /* NULL: volatile, nothing is let go */
	const struct irmin__merger *merger;    /* NULL: nothing can be merged */
	_Atomic(struct irmin__rules *) rules;  /* NULL: every value is bytes */
	irmin__mutex mutex;      /* of `author_default`, `sources`; for `left` */
	irmin__condition left;   /* the last call has left the backend */
	irmin__source *sources;  /* that are open; closing takes them along */
	char *author_default;    /* found once: config, or program@host */
	atomic_uint_fast64_t zone; /* the last one asked for: info.c */
	atomic_uint_fast64_t serials; /* irmin__repo_serial */
	atomic_uint_fast64_t written; /* what the backend was given to write */
	atomic_uint_fast64_t flushed[IRMIN_POWER + 1]; /* ... and is safe */
	atomic_size_t inner; /* references from inside, 1 for the handle */
	irmin__repo_stripe stripes[IRMIN__STRIPES];
};

/* Opens on a backend, which is closed in the end, also on failure. `os` is the
 * clock and the environment. */
irmin_rc irmin__repo_new(irmin__os *os, irmin_backend *backend,
    const irmin_open_options *options, irmin_repo **repo, irmin_error *err);

irmin_repo *irmin__repo_ref(irmin_repo *repo);
void irmin__repo_unref(irmin_repo *repo);

/* A number that was not given before, and is not 0. */
static inline uint64_t irmin__repo_serial(irmin_repo *repo)
{
	return atomic_fetch_add_explicit(&repo->serials, 1,
	    memory_order_relaxed) + 1;
}

void irmin__repo_count(irmin_repo *repo, irmin_stat stat, uint64_t n);

/* Tells the trace callback; a no-op without one. */
void irmin__repo_trace(irmin_repo *repo, irmin_trace_level level,
    const char *name, const char *where, const char *format, ...)
    IRMIN_PRINTF(5, 6);

/* The context of a call: deadline from `wait` (or the repository's default),
 * cancel flag, limits. */
irmin_context irmin__repo_context(irmin_repo *repo, const irmin_wait *wait);

/* flush.c: brings what was written so far to a level, objects before refs; does
 * nothing if nothing was written since. */
irmin_rc irmin__repo_flush(irmin_repo *repo, const irmin_context *context,
    irmin_level level, irmin_error *err);

/* ---- backend*.c: the only callers of a backend's slots. Each refuses a closed
 * repository, counts, and checks what comes back. ---- */

/* Whether a call is in the backend. Who closes the repository asks, when no
 * further call is let in. */
int irmin__backend_is_entered(irmin_repo *repo);

/* An object of this type. Fails: EMISSING naming the id, ECORRUPT (the backend
 * says so, or it is of another type: who takes that for his caller's mistake
 * asks for ANY). */
irmin_rc irmin__repo_object(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type type, irmin_object *object,
    irmin_error *err);

/* The same, which may not be there. Answers: OK; ABSENT. */
irmin_rc irmin__repo_object_find(irmin_repo *repo,
    const irmin_context *context, const irmin_oid *id, irmin_object_type type,
    irmin_object *object, irmin_error *err);

/* Answers: OK; ABSENT. */
irmin_rc irmin__repo_has(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_error *err);

/* The slot `freshen`: it stays, and the next flush is about it. Answers: OK;
 * ABSENT (it is not there, or not ours to freshen). */
irmin_rc irmin__repo_freshen(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_error *err);

/* The type and size of an object. Answers: OK; ABSENT. */
irmin_rc irmin__repo_object_stat(irmin_repo *repo,
    const irmin_context *context, const irmin_oid *id, irmin_object_type *type,
    uint64_t *bytes, irmin_error *err);

/* What is known of a commit without reading it; the caller initialises `commit`
 * and clears its parents. Answers: OK; ABSENT. */
irmin_rc irmin__repo_find_graph(irmin_repo *repo,
    const irmin_context *context, const irmin_oid *id,
    irmin_graph_commit *commit, irmin_error *err);

/* Whether the history before this commit was cut off. Answers: OK (yes);
 * ABSENT. */
irmin_rc irmin__repo_is_shallow(irmin_repo *repo,
    const irmin_context *context, const irmin_oid *id, irmin_error *err);

/* Refuses read-only repositories. */
irmin_rc irmin__repo_add(irmin_repo *repo, const irmin_context *context,
    const irmin_new_object *objects, size_t count, irmin_error *err);

irmin_rc irmin__repo_each_object(irmin_repo *repo,
    const irmin_context *context, const char *prefix, irmin_object_fn fn,
    void *arg, irmin_error *err);

irmin_rc irmin__repo_ref_find(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_ref_value *value, irmin_error *err);

/* Follows symbolic refs (at most 5 deep) from `name`; `final` (may be NULL) is
 * the name of the ref at the end, present or not. Answers: OK and the id;
 * ABSENT. */
irmin_rc irmin__repo_ref_resolve(irmin_repo *repo,
    const irmin_context *context, const char *name, irmin_buf *final,
    irmin_oid *id, irmin_error *err);

/* Refuses read-only repositories and, unless the options allow it, branches that
 * are checked out. */
irmin_rc irmin__repo_ref_cas(irmin_repo *repo, const irmin_context *context,
    const irmin_ref_change *changes, size_t count, const irmin_reflog *reflog,
    size_t *differing, irmin_error *err);

/* In a volatile repository: the commit that a ref has, counted; and the compare-
 * and-set of one that is no link, by commits, NULL being absent. Answers: OK;
 * ABSENT (ask as anywhere else). */
irmin_rc irmin__repo_head_find(irmin_repo *repo, const char *name,
    irmin_commit **head, irmin_error *err);
irmin_rc irmin__repo_head_cas(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_commit *expected, irmin_commit *head,
    irmin_error *err);

irmin_rc irmin__repo_ref_each(irmin_repo *repo, const irmin_context *context,
    const char *prefix, irmin_ref_value_fn fn, void *arg, irmin_error *err);

irmin_rc irmin__repo_ref_set_link(irmin_repo *repo,
    const irmin_context *context, const char *name, const char *target,
    irmin_error *err);

/* The two halves of irmin__repo_flush; a commit moves its ref in between. */
irmin_rc irmin__repo_flush_objects(irmin_repo *repo,
    const irmin_context *context, irmin_level level, irmin_error *err);
irmin_rc irmin__repo_flush_refs(irmin_repo *repo, const irmin_context *context,
    irmin_level level, irmin_error *err);

/* Whether a work tree has this ref checked out, and where. Answers: OK (yes);
 * ABSENT. */
irmin_rc irmin__repo_checked_out(irmin_repo *repo,
    const irmin_context *context, const char *name, irmin_buf *where,
    irmin_error *err);

irmin_rc irmin__repo_find_config(irmin_repo *repo, const char *key,
    irmin_buf *value, irmin_error *err);

/* ---- info.c: who commits, and when ---- */

/* A caller's info, which may be NULL, shorter than ours or longer. Fails:
 * EINVAL (its size). */
irmin_rc irmin__info_read(const irmin_info *info, irmin_info *known,
    irmin_error *err);

/* The idents and the message of a commit; `info` was read by irmin__info_read.
 * The slices point into it, into `default_message` or into the repository.
 * Fails: EINVAL (an ident that git refuses), ENOMEM. */
irmin_rc irmin__info_resolve(irmin_repo *repo, const irmin_info *info,
    const char *default_message, irmin_ident *author, irmin_ident *committer,
    irmin_slice *message, irmin_error *err);

#endif
