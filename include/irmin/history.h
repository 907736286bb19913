/* irmin/history.h: walking back from a commit.
 *
 * Audience: everybody.
 * Shape: a cursor over the ancestors of a commit, itself first.
 * Owner: freed by irmin_log_free.
 * Threads: one at a time for each cursor.
 * Source: git-log; Irmin's History. Since 0.1.
 */
#ifndef IRMIN_HISTORY_H
#define IRMIN_HISTORY_H

#include <irmin/commit.h>

IRMIN_C_BEGIN

typedef struct irmin_log irmin_log;

/* irmin_log_options.flags */
enum irmin_log_flag {
	IRMIN_LOG_FIRST_PARENT = 1 /* follow first parents only */
};

/* What to walk; all zero is everything by date. Borrowed for the call. */
typedef struct irmin_log_options {
	size_t size;
	uint32_t flags;    /* enum irmin_log_flag */
	const char *path;  /* only commits that changed something at or below it,
	                    * with git's default simplification of history */
	uint64_t limit;    /* at most that many; 0: all */
} irmin_log_options;

#define IRMIN_LOG_OPTIONS_INIT { sizeof(irmin_log_options), 0, NULL, 0 }

/* Opens a cursor, newest committer date first and never a commit that was told
 * already. Fails: EINVAL (path), ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_log_open(irmin_commit *from,
    const irmin_log_options *options, irmin_log **log, irmin_error *err);

/* The next commit, to be released by the caller. Where a shallow repository cuts
 * the history off, the walk ends, as git log's does. Answers: OK; END. Fails: as
 * irmin_commit_get. Cost: one object read, and with a path a look at its steps.
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_log_next(irmin_log *log, irmin_commit **commit,
    irmin_error *err);

/* The id of the next commit; both calls may take turns. Answers: OK; END (and no
 * id). Fails: as irmin_commit_get. Cost: nothing is read of a commit that a
 * commit-graph tells of, and with a path no more than trees. Since 0.1. */
IRMIN_CALL irmin_rc irmin_log_next_id(irmin_log *log, irmin_oid *id,
    irmin_error *err);

/* Frees a cursor; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_log_free(irmin_log *log);

IRMIN_C_END

#endif
