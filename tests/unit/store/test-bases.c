/* Best common ancestors, beside what sets of ancestors say, on small graphs: all
 * pairs of each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "lib/core/store/bases.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/graphs.h"
#include "tests/unit/store/hooked.h"
#include "tests/unit/store/room.h"

static size_t below(size_t n)
{
	return (size_t)rand() % n;
}

/* ---- where ---- */

static uint64_t all_known(const irmin_oid *id, irmin_slice message)
{
	(void)id;
	return strtoul(message.data, NULL, 10) + 1;
}

/* As a commit-graph that is older than the last commits. */
static uint64_t old_known(const irmin_oid *id, irmin_slice message)
{
	uint64_t generation = all_known(id, message);

	return generation <= GRAPH_MAX / 2 ? generation : 0;
}

/* As no git has it: known above what is not. */
static uint64_t some_known(const irmin_oid *id, irmin_slice message)
{
	uint64_t generation = all_known(id, message);

	return generation % 3 ? generation : 0;
}

struct place {
	const char *name;
	int is_memory;
	uint64_t (*generation)(const irmin_oid *id, irmin_slice message);
};

static const struct place places[] = {
	{ "in memory", 1, NULL },
	{ "without generations", 0, NULL },
	{ "with generations", 0, all_known },
	{ "with old generations", 0, old_known },
	{ "with some generations", 0, some_known },
};

#define PLACES (sizeof places / sizeof *places)

static void begin(struct graph *graph, const struct place *place)
{
	static struct hooks hooks;

	memset(&hooks, 0, sizeof hooks);
	hooks.generation = place->generation;
	graph_open(graph,
	    place->is_memory ? room_open(NULL) : hooked_open(&hooks, NULL));
}

static void all_pairs(const struct place *place)
{
	static const char *const names[] = { "rising", "equal", "falling",
		"wild" };
	struct graph graph;
	enum graph_dates dates;
	unsigned seed;

	for (dates = RISING; dates <= WILD; dates++)
		for (seed = 1; seed <= 3; seed++) {
			srand(seed);
			begin(&graph, place);
			graph_fill_random(&graph, dates, seed == 1 ? 40 : 8,
			    seed == 2 ? 8 : 100);
			graph_check(&graph,
			    tap_format("random, dates %s, %s", names[dates],
				place->name));
			graph_close(&graph);
			begin(&graph, place);
			graph_fill_criss_cross(&graph, dates, 1 + seed);
			graph_check(&graph,
			    tap_format("criss-cross, dates %s, %s",
				names[dates], place->name));
			graph_close(&graph);
		}
}

/* ---- several on a side ---- */

static graph_set ask_many(const struct graph *graph, const size_t sides[4])
{
	irmin_context context = irmin__repo_context(graph->repo, NULL);
	irmin_commit *a[2] = { graph->commits[sides[0]],
		graph->commits[sides[1]] };
	irmin_commit *b[2] = { graph->commits[sides[2]],
		graph->commits[sides[3]] };
	irmin__bases_query query = { a, 2, b, 2, 0 };
	irmin__bases bases;
	irmin_error err;
	graph_set got = 0;
	size_t i;

	if (irmin__bases_find(&context, &query, &bases, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < bases.len; i++)
		got |= graph_number(graph, bases.items[i]);
	irmin__bases_clear(&bases);
	return got;
}

static void many_on_a_side(const struct place *place)
{
	struct graph graph;
	int wrong = 0, tries, i;

	srand(77);
	begin(&graph, place);
	graph_fill_random(&graph, WILD, 12, 20);
	for (tries = 0; tries < 3000; tries++) {
		size_t sides[4];
		graph_set a, b;

		for (i = 0; i < 4; i++)
			sides[i] = below(graph.count);
		a = graph.behind[sides[0]] | graph.behind[sides[1]];
		b = graph.behind[sides[2]] | graph.behind[sides[3]];
		wrong += ask_many(&graph, sides) != graph_best(&graph, a & b);
	}
	is_int(wrong, 0, "two commits on each side, %s", place->name);
	graph_close(&graph);
}

/* ---- limits ---- */

static void budget(void)
{
	struct graph graph;
	struct graph_told told = { &graph, 0, 0, 0 };
	irmin_error err;
	int answer = 7, i;

	graph_open(&graph, room_open(NULL));
	graph_add(&graph, 0, 1000);
	for (i = 0; i < 10; i++)
		graph_add(&graph, (graph_set)1 << i, 1001 + i);
	graph_add(&graph, 1, 1020);
	fails(irmin_commit_bases(graph.commits[10], graph.commits[11], 11,
		  graph_tell, &told, &err),
	    IRMIN_ELIMIT, &err, "one commit more than allowed");
	ok(!told.bases, "... and none is told");
	succeeds(irmin_commit_bases(graph.commits[10], graph.commits[11], 12,
		     graph_tell, &told, &err),
	    &err, "as many as allowed");
	ok(told.bases == 1, "... and the base is found");
	fails(irmin_commit_is_ancestor(graph.commits[0], graph.commits[10], 5,
		  &answer, &err),
	    IRMIN_ELIMIT, &err, "an ancestor too far away");
	is_int(answer, 0, "... with no answer");
	graph_close(&graph);
}

static int stop(void *arg, irmin_commit *commit)
{
	(void)commit;
	++*(int *)arg;
	return IRMIN_EABORTED;
}

static void stopping(void)
{
	struct graph graph;
	irmin_error err;
	int calls = 0;

	graph_open(&graph, room_open(NULL));
	graph_add(&graph, 0, 1000);
	graph_add(&graph, 0, 1001);
	graph_add(&graph, 3, 1002);
	graph_add(&graph, 3, 1003);
	is_rc(irmin_commit_bases(graph.commits[2], graph.commits[3], 0, stop,
		  &calls, &err),
	    IRMIN_EABORTED, "what the callback says is passed through");
	is_int(calls, 1, "... at once");
	graph_close(&graph);
}

static void two_repositories(void)
{
	struct graph one, other;
	irmin_error err;
	int answer, calls = 0;

	graph_open(&one, room_open(NULL));
	graph_open(&other, room_open(NULL));
	graph_add(&one, 0, 1000);
	graph_add(&other, 0, 1000);
	fails(irmin_commit_bases(one.commits[0], other.commits[0], 0, stop,
		  &calls, &err),
	    IRMIN_EINVAL, &err, "bases of commits of two repositories");
	fails(irmin_commit_is_ancestor(one.commits[0], other.commits[0], 0,
		  &answer, &err),
	    IRMIN_EINVAL, &err, "ancestors among them");
	is_int(calls, 0, "nothing was told");
	graph_close(&one);
	graph_close(&other);
}

/* ---- memory ---- */

static irmin_rc ask_all(void *arg, irmin_error *err)
{
	struct graph *graph = arg;
	struct graph_told told = { graph, 0, 0, 0 };
	irmin_rc rc;
	int answer;

	rc = irmin_commit_bases(graph->commits[graph->count - 1],
	    graph->commits[graph->count - 2], 0, graph_tell, &told, err);
	if (rc >= 0)
		rc = irmin_commit_is_ancestor(graph->commits[0],
		    graph->commits[graph->count - 1], 0, &answer, err);
	return rc;
}

static void out_of_memory(const struct place *place)
{
	struct graph graph;
	irmin_error err;

	begin(&graph, place);
	graph_fill_criss_cross(&graph, FALLING, 3);
	if (ask_all(&graph, &err) < 0) /* ids are found then */
		bail("%s", err.text);
	alloc_fault_sweep(tap_format("bases, %s", place->name), ask_all,
	    &graph);
	graph_close(&graph);
}

int main(void)
{
	size_t i;

	for (i = 0; i < PLACES; i++) {
		all_pairs(&places[i]);
		many_on_a_side(&places[i]);
		if (!places[i].generation) /* whose hooks do not bear it */
			out_of_memory(&places[i]);
	}
	budget();
	stopping();
	two_repositories();
	return done_testing();
}
