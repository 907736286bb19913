/*
 * history.h - a random history with merges, in memory and in git alike
 */
#ifndef IRMIN_TESTS_HISTORY_H
#define IRMIN_TESTS_HISTORY_H

#include <irmin/irmin.h>

#define HISTORY_PATHS 4

extern const char *const history_paths[HISTORY_PATHS];

struct history {
	irmin_repo *repo;
	irmin_commit **commits;
	size_t count;
	const char *git; /* a bare git repository with the same commits */
};

/* Makes one; ends the program where it cannot. Every commit is refs/heads/N in
 * git, and says N as its message. Dates mostly rise by one step each, and
 * sometimes stand still or go back. */
void history_make(struct history *history, size_t count, unsigned seed);
/* The same in a repository of the caller's, which is closed with it. */
void history_make_in(struct history *history, irmin_repo *repo, size_t count,
    unsigned seed);
void history_clear(struct history *history);

/* The id of a commit; it may be computed here. */
irmin_oid history_id(irmin_commit *commit);
/* The same as text; freed at exit. */
const char *history_hex(irmin_commit *commit);

/* What a git command says in its repository; freed at exit. */
const char *history_git(const struct history *history, const char *command);

#endif
