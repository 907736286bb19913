/* Counts of references, before there are threads and while there are. */
#include <pthread.h>

#include "lib/core/base/count.h"
#include "tests/support/tap.h"

#define ROUNDS 100000

static atomic_size_t shared;
static atomic_int last;

static void *count(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		irmin__count_up(&shared);
	for (i = 0; i < ROUNDS; i++)
		if (irmin__count_down(&shared))
			atomic_fetch_add(&last, 1);
	return arg;
}

int main(void)
{
	pthread_t threads[4];
	int i;

	atomic_init(&shared, 1);
	count(NULL);
	is_int(shared, 1, "counted up and down by one thread");
	is_int(last, 0, "never the last reference");
	for (i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, count, NULL) != 0)
			bail("cannot start a thread");
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	is_int(shared, 1, "by four threads at once");
	is_int(last, 0, "never the last reference");
	ok(irmin__count_down(&shared), "the last one is told");
	return done_testing();
}
