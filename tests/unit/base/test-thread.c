#include <pthread.h>

#include "lib/core/base/condition.h"
#include "tests/support/tap.h"

#define THREADS 4
#define ROUNDS  20000

/* A number that four threads count up, and one that they wait for. */
struct shared {
	irmin__mutex mutex;
	irmin__condition changed;
	long count;
	int turn;
};

struct player {
	struct shared *shared;
	int number;
};

static void *count_up(void *arg)
{
	struct shared *shared = ((struct player *)arg)->shared;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		irmin__mutex_lock(&shared->mutex);
		shared->count++;
		irmin__mutex_unlock(&shared->mutex);
	}
	return NULL;
}

/* Each waits for its turn, and hands it on. */
static void *take_turns(void *arg)
{
	struct player *player = arg;
	struct shared *shared = player->shared;
	int i;

	for (i = 0; i < 100; i++) {
		irmin__mutex_lock(&shared->mutex);
		while (shared->turn != player->number)
			irmin__condition_wait(&shared->changed, &shared->mutex);
		shared->turn = (shared->turn + 1) % THREADS;
		shared->count++;
		irmin__condition_wake(&shared->changed);
		irmin__mutex_unlock(&shared->mutex);
	}
	return NULL;
}

static void run(struct shared *shared, void *(*fn)(void *))
{
	pthread_t threads[THREADS];
	struct player players[THREADS];
	int i;

	shared->count = 0;
	shared->turn = 0;
	for (i = 0; i < THREADS; i++) {
		players[i] = (struct player){ shared, i };
		if (pthread_create(&threads[i], NULL, fn, &players[i]) != 0)
			bail("no thread");
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	struct shared shared;
	irmin_error err;

	succeeds(irmin__mutex_init(&shared.mutex, &err), &err, "a mutex");
	succeeds(irmin__condition_init(&shared.changed, &err), &err,
	    "a condition");
	run(&shared, count_up);
	is_int(shared.count, THREADS * ROUNDS, "no count is lost");
	run(&shared, take_turns);
	is_int(shared.count, THREADS * 100, "every turn was taken");
	is_int(shared.turn, 0, "and the first is next");
	irmin__condition_clear(&shared.changed);
	irmin__mutex_clear(&shared.mutex);
	return done_testing();
}
