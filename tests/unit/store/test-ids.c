/* Ids that are computed when somebody asks: once each, by one thread, while the
 * others wait. For ThreadSanitizer above all. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/base/vec.h"
#include "lib/core/store/ids.h"
#include "tests/support/tap.h"

#define THREADS 4
#define ROUNDS  20
#define THINGS  600
#define LINKS   3

static irmin_oid id_of(unsigned number)
{
	irmin_oid id = { { 0 }, IRMIN_HASH_SHA1 };

	id.bytes[0] = (unsigned char)(number >> 8);
	id.bytes[1] = (unsigned char)number;
	return id;
}

static void init_gate(irmin__late_gate *gate)
{
	irmin_error err;

	if (irmin__late_gate_init(gate, &err) < 0)
		bail("%s", err.text);
}

/* ---- one thread ---- */

static void states(void)
{
	irmin__late_gate gate;
	irmin__late_id late, set;
	irmin_oid id = id_of(7);

	memset(&late, 0, sizeof late);
	memset(&set, 0, sizeof set);
	init_gate(&gate);
	ok(!irmin__late_known(&late), "an id is not known at first");
	ok(irmin__late_claim(&late), "one claims it");
	ok(!irmin__late_claim(&late), "and no other");
	ok(!irmin__late_known(&late), "it is not known yet");
	irmin__late_give_up(&gate, &late);
	ok(!irmin__late_known(&late), "nor when he gives up");
	ok(irmin__late_claim_or_wait(&gate, &late), "another claims it");
	irmin__late_publish(&gate, &late, &id);
	ok(irmin__late_known(&late) &&
		irmin_oid_compare(irmin__late_known(&late), &id) == 0,
	    "and publishes it");
	ok(!irmin__late_claim(&late), "what is known is not claimed");
	ok(!irmin__late_claim_or_wait(&gate, &late), "nor waited for");
	irmin__late_wait(&gate, &late);
	irmin__late_set(&set, &id);
	ok(irmin__late_is_known(&set), "an id that is given is known");
	irmin__late_gate_clear(&gate);
}

/* ---- many threads, one graph ---- */

/* Each thing points to things of lower numbers. What is not atomic here is for
 * its owner alone until the id is known. */
struct thing {
	irmin__late_id late;
	unsigned links[LINKS];
	unsigned computed; /* how often */
	unsigned sum;      /* over all that lies below */
};

struct graph {
	irmin__late_gate gate;
	struct thing *things;
	int gives_up; /* one in so many claims is given up; 0: none */
	atomic_uint wrong, seed;
	pthread_barrier_t start;
};

static unsigned known_sum(const struct thing *things, unsigned at)
{
	unsigned sum = at, i;

	for (i = 0; i < LINKS && at; i++)
		sum += things[things[at].links[i]].sum;
	return sum;
}

static void finish(struct graph *graph, unsigned at)
{
	struct thing *thing = &graph->things[at];
	irmin_oid id = id_of(at);

	thing->computed++;
	thing->sum = known_sum(graph->things, at);
	irmin__late_publish(&graph->gate, &thing->late, &id);
}

struct frame {
	unsigned thing, link;
};

struct descent {
	struct graph *graph;
	unsigned seed;
	IRMIN__VEC(struct frame) frames;
};

/* Answers: non-zero, if it was claimed and is to be computed. */
static int enter(struct descent *down, unsigned at)
{
	struct frame frame = { at, 0 };

	if (!irmin__late_claim_or_wait(&down->graph->gate,
		&down->graph->things[at].late))
		return 0;
	if (IRMIN__VEC_RESERVE(&down->frames, 1, NULL) < 0)
		bail("out of memory");
	IRMIN__VEC_PUSH(&down->frames, frame);
	return 1;
}

/* As if there were no memory: all claims end. */
static void give_up(struct descent *down)
{
	while (down->frames.len)
		irmin__late_give_up(&down->graph->gate,
		    &down->graph
			 ->things[down->frames.items[--down->frames.len].thing]
			 .late);
}

static int compute(struct descent *down, unsigned root)
{
	struct graph *graph = down->graph;
	struct frame *frame;

	enter(down, root);
	while (down->frames.len) {
		frame = &down->frames.items[down->frames.len - 1];
		if (graph->gives_up &&
		    rand_r(&down->seed) % graph->gives_up == 0) {
			give_up(down);
			return 0;
		}
		if (frame->thing && frame->link < LINKS) {
			enter(down,
			    graph->things[frame->thing].links[frame->link++]);
			continue;
		}
		down->frames.len--;
		finish(graph, frame->thing);
	}
	return 1;
}

static void *ask(void *arg)
{
	struct graph *graph = arg;
	struct descent down = { graph, atomic_fetch_add(&graph->seed, 1) + 1,
		{ NULL, 0, 0 } };
	unsigned at, i;
	irmin_oid id;

	pthread_barrier_wait(&graph->start);
	for (i = 0; i < 40; i++) {
		at = (unsigned)rand_r(&down.seed) % THINGS;
		while (!compute(&down, at))
			;
		id = id_of(at);
		if (!irmin__late_known(&graph->things[at].late) ||
		    irmin_oid_compare(irmin__late_known(
					  &graph->things[at].late),
			&id) != 0 ||
		    graph->things[at].sum != known_sum(graph->things, at))
			atomic_fetch_add(&graph->wrong, 1);
	}
	IRMIN__VEC_CLEAR(&down.frames);
	return NULL;
}

static void run(struct graph *graph)
{
	pthread_t threads[THREADS];
	int i;

	pthread_barrier_init(&graph->start, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, ask, graph) != 0)
			bail("cannot start a thread");
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&graph->start);
}

static unsigned computed_twice(const struct graph *graph)
{
	unsigned twice = 0, i;

	for (i = 0; i < THINGS; i++)
		twice += graph->things[i].computed > 1;
	return twice;
}

static void many_threads(int gives_up)
{
	struct graph graph = { .gives_up = gives_up };
	unsigned twice = 0, seed = 1, at, i, round;

	init_gate(&graph.gate);
	for (round = 0; round < ROUNDS; round++) {
		graph.things = calloc(THINGS, sizeof *graph.things);
		if (!graph.things)
			bail("out of memory");
		for (at = 1; at < THINGS; at++)
			for (i = 0; i < LINKS; i++)
				graph.things[at].links[i] =
				    (unsigned)rand_r(&seed) % at;
		run(&graph);
		twice += computed_twice(&graph);
		free(graph.things);
	}
	is_int(graph.wrong, 0, "each thread finds every id that it asks for%s",
	    gives_up ? ", where others give up" : "");
	is_int(twice, 0, "and none is computed twice");
	irmin__late_gate_clear(&graph.gate);
}

int main(void)
{
	states();
	many_threads(0);
	many_threads(50);
	return done_testing();
}
