/* live-workers.h - what reads and writes through the library while git works in
 * the same repository. A worker runs until the file `stop` beside the
 * repository is there, and counts what it did. Values are told from all others
 * by what they say: "KEY VERSION SUM". */
#ifndef IRMIN_TESTS_LIVE_WORKERS_H
#define IRMIN_TESTS_LIVE_WORKERS_H

#include <irmin/irmin.h>

#define LIVE_KEYS 40

struct live_worker {
	const char *dir;
	const char *branch;
	int number;       /* of all workers, from 0 */
	int pause_us;     /* between two rounds */
	int patience_ms;  /* waits as long for others to count up */
	/* results */
	long rounds, increments, commits;
	irmin_error err;
	irmin_rc rc;
	const char *doing; /* when it failed */
};

/* Each of these is one thread, with a repository of its own or one that it is
 * lent; they return when all is over, with rc negative if something failed. */
void live_write(struct live_worker *worker, irmin_repo *repo);
void live_read(struct live_worker *worker, irmin_repo *repo);
void live_pack(struct live_worker *worker, irmin_repo *repo);

/* Whether all is over. */
int live_is_over(const char *dir);

/* Makes the repository, and the branch with its first values. */
void live_create(const char *dir, irmin_hash_algo hash);
void live_begin(const char *dir, const char *branch);

#endif
