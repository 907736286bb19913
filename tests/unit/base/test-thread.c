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
	size_t stripes[THREADS];
	int strays; /* answers that were another place, or none */
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

/* All are alive when the first asks again. */
static void *find_stripe(void *arg)
{
	struct player *player = arg;
	struct shared *shared = player->shared;
	size_t stripe = irmin__thread_stripe();

	shared->stripes[player->number] = stripe;
	take_turns(player);
	irmin__mutex_lock(&shared->mutex);
	shared->strays += stripe >= IRMIN__STRIPES ||
	    stripe != irmin__thread_stripe();
	irmin__mutex_unlock(&shared->mutex);
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

static void stripes(struct shared *shared)
{
	size_t others = 0;
	int i;

	shared->strays = 0;
	run(shared, find_stripe);
	is_int(shared->strays, 0, "a thread keeps to one place");
	for (i = 1; i < THREADS; i++)
		others += shared->stripes[i] != shared->stripes[0];
	ok(others > 0, "threads do not all have the same place");
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
	stripes(&shared);
	irmin__condition_clear(&shared.changed);
	irmin__mutex_clear(&shared.mutex);
	return done_testing();
}
