/*
 * grown.h - a repository that has grown: several packs, one perhaps marked to be
 * kept, loose objects, a commit-graph, refs in packed-refs and in files, of
 * which some are newer than what packed-refs says
 */
#ifndef IRMIN_TESTS_GROWN_H
#define IRMIN_TESTS_GROWN_H

#include "tests/crash/life.h"

#define GROWN_STAGES  3
#define GROWN_OBJECTS 256

/* What a repository holds. */
struct grown_whole {
	irmin_oid ids[GROWN_OBJECTS]; /* sorted */
	size_t count;
	irmin_buf refs; /* and HEAD, as text */
};

/* A repository in memory, the n-th stage of the same history each time. */
irmin_repo *grown_source(irmin_hash_algo hash, size_t stage);
void grown_forget_sources(void);

/* Opens the repository on a machine; bails if it cannot. */
irmin_repo *grown_open(irmin__os *os, irmin_hash_algo hash, irmin_level level);

/* Makes all of it, flushed to POWER, and closes it. */
void grown_make(irmin__os *os, irmin_hash_algo hash, bool kept);

irmin_rc grown_read(irmin_repo *repo, struct grown_whole *whole,
    irmin_error *err);
void grown_clear(struct grown_whole *whole);

/* Whether a repository has all objects and just the refs that it should; says
 * what differs. Reads every byte, and finds no fault. */
bool grown_is(irmin_repo *repo, const struct grown_whole *want);

/* How many files lie below objects/, by the end of their names. */
size_t grown_files(irmin__os *os, const char *end);
/* How many loose objects there are, and packs that have an index. */
size_t grown_loose(irmin__os *os);
size_t grown_packs(irmin__os *os);

/* Whether something is to go wrong at an operation that was done: of those that
 * only look, some are enough. */
bool grown_is_point(irmin__os *os, uint64_t at, uint64_t seed);

/* What git says of a copy on the disk: checks that fsck is content and the refs
 * are what they should be. */
void grown_ask_git(irmin__os *os, const struct grown_whole *want,
    const char *what);

#endif
