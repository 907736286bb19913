/* Best common ancestors, beside what sets of ancestors say, on graphs of at most
 * 40 commits: all pairs of each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "lib/core/store/ancestor.h"
#include "lib/core/store/bases.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/history.h"
#include "tests/unit/store/hooked.h"

#define MAX_COMMITS 40
#define MAX_PARENTS 4

typedef uint64_t set; /* of commits, by number */

struct graph {
	irmin_repo *repo;
	irmin_tree *empty;
	irmin_commit *commits[MAX_COMMITS];
	set parents[MAX_COMMITS], behind[MAX_COMMITS]; /* itself included */
	size_t count;
};

static size_t below(size_t n)
{
	return (size_t)rand() % n;
}

/* ---- graphs ---- */

static void graph_open(struct graph *graph, irmin_repo *repo)
{
	irmin_error err;

	memset(graph, 0, sizeof *graph);
	graph->repo = repo;
	if (irmin_tree_empty(repo, &graph->empty, &err) < 0)
		bail("%s", err.text);
}

static void graph_close(struct graph *graph)
{
	size_t i;

	for (i = 0; i < graph->count; i++)
		irmin_commit_unref(graph->commits[i]);
	irmin_tree_unref(graph->empty);
	irmin_repo_close(graph->repo);
}

static irmin_repo *open_memory(void)
{
	irmin_repo *repo;
	irmin_error err;

	if (irmin_repo_open("mem:", NULL, &repo, &err) < 0)
		bail("%s", err.text);
	return repo;
}

/* Adds a commit with these parents and gives its number. */
static size_t add(struct graph *graph, set parents, int64_t time)
{
	irmin_info info = IRMIN_INFO_INIT;
	irmin_commit *pointers[MAX_COMMITS];
	size_t count = 0, at = graph->count++, i;
	irmin_error err;

	graph->parents[at] = parents;
	graph->behind[at] = (set)1 << at;
	for (i = 0; i < at; i++) {
		if (!(parents >> i & 1))
			continue;
		pointers[count++] = graph->commits[i];
		graph->behind[at] |= graph->behind[i];
	}
	info.author = "A <a@b>";
	info.message = tap_format("%zu", at);
	info.flags = IRMIN_INFO_DATE;
	info.author_time = info.committer_time = time;
	if (irmin_commit_new(graph->repo, graph->empty, pointers, count, &info,
		&graph->commits[at], &err) < 0)
		bail("%s", err.text);
	return at;
}

/* How dates go. */
enum dates { RISING, EQUAL, FALLING, WILD };

static int64_t date(enum dates dates, size_t at)
{
	static const int64_t steps[] = { 60, 0, -60 };

	if (dates == WILD)
		return 1000000000 + (int64_t)below(100000);
	return 1000000000 + steps[dates] * (int64_t)at;
}

/* Parents are among the last `reach`; one in `roots` has none. */
static void make_random(struct graph *graph, enum dates dates, size_t reach,
    size_t roots)
{
	size_t i;

	while (graph->count < MAX_COMMITS) {
		size_t at = graph->count, count = 1 + !below(2) + !below(8);
		set parents = 0;

		if (!at || below(roots) == 0)
			count = 0;
		for (i = 0; i < count; i++)
			parents |= (set)1
			    << (at - 1 - below(at < reach ? at : reach));
		add(graph, parents, date(dates, at));
	}
}

/* Branches side by side that merge each other again and again. */
static void make_criss_cross(struct graph *graph, enum dates dates,
    size_t branches)
{
	size_t at, i;

	add(graph, 0, date(dates, 0));
	while (graph->count + branches <= MAX_COMMITS) {
		size_t first = graph->count;

		for (i = 0; i < branches; i++) {
			set parents = 1;

			at = graph->count;
			if (first > branches)
				parents = (set)1 << (at - branches) |
				    (set)1 << (first - 1 - below(branches));
			add(graph, parents, date(dates, at));
		}
	}
}

/* ---- what sets of ancestors say ---- */

static set best(const struct graph *graph, set common)
{
	set below_other = 0;
	size_t i;

	for (i = 0; i < graph->count; i++)
		if (common >> i & 1)
			below_other |= graph->behind[i] & ~((set)1 << i);
	return common & ~below_other;
}

/* ---- beside what the library says ---- */

struct told {
	const struct graph *graph;
	set bases;
	int64_t last;
	int unsorted;
};

static set number_of(const struct graph *graph, irmin_commit *commit)
{
	irmin_slice message = irmin_commit_message(commit);
	size_t at = strtoul(message.data, NULL, 10);

	return at < graph->count ? (set)1 << at : 0;
}

static int tell(void *arg, irmin_commit *commit)
{
	struct told *told = arg;
	int64_t time = irmin_commit_committer(commit).time;

	told->unsorted |= told->bases && time > told->last;
	told->last = time;
	told->bases |= number_of(told->graph, commit);
	return 0;
}

/* How many of all pairs are answered wrongly. */
static int wrong_bases(const struct graph *graph)
{
	int wrong = 0;
	size_t a, b;

	for (a = 0; a < graph->count; a++)
		for (b = 0; b < graph->count; b++) {
			set want = best(graph,
			    graph->behind[a] & graph->behind[b]);
			struct told told = { graph, 0, 0, 0 };
			irmin_error err;
			irmin_rc rc = irmin_commit_bases(graph->commits[a],
			    graph->commits[b], 0, tell, &told, &err);

			if (rc < 0)
				bail("%s", err.text);
			wrong += told.bases != want || told.unsorted ||
			    rc != (want ? IRMIN_OK : IRMIN_ABSENT);
		}
	return wrong;
}

static int wrong_ancestors(const struct graph *graph)
{
	int wrong = 0, answer;
	irmin_error err;
	size_t a, b;

	for (a = 0; a < graph->count; a++)
		for (b = 0; b < graph->count; b++) {
			if (irmin_commit_is_ancestor(graph->commits[a],
				graph->commits[b], 0, &answer, &err) < 0)
				bail("%s", err.text);
			wrong += answer != (int)(graph->behind[b] >> a & 1);
		}
	return wrong;
}

static int wrong_relations(const struct graph *graph)
{
	irmin_context context = irmin__repo_context(graph->repo, NULL);
	irmin__relation relation, want;
	int wrong = 0;
	irmin_error err;
	size_t a, b;

	for (a = 0; a < graph->count; a++)
		for (b = 0; b < graph->count; b++) {
			want = a == b                   ? IRMIN__SAME
			    : graph->behind[b] >> a & 1 ? IRMIN__ANCESTOR
			    : graph->behind[a] >> b & 1 ? IRMIN__DESCENDANT
							: IRMIN__UNRELATED;
			if (irmin__commit_relation(&context, graph->commits[a],
				graph->commits[b], &relation, &err) < 0)
				bail("%s", err.text);
			wrong += relation != want;
		}
	return wrong;
}

static void check(struct graph *graph, const char *name)
{
	is_int(wrong_bases(graph), 0, "bases: %s", name);
	is_int(wrong_ancestors(graph), 0, "ancestors: %s", name);
	is_int(wrong_relations(graph), 0, "relations: %s", name);
	graph_close(graph);
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

	return generation <= MAX_COMMITS / 2 ? generation : 0;
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
	    place->is_memory ? open_memory() : hooked_open(&hooks, NULL));
}

static void all_pairs(const struct place *place)
{
	static const char *const names[] = { "rising", "equal", "falling",
		"wild" };
	struct graph graph;
	enum dates dates;
	unsigned seed;

	for (dates = RISING; dates <= WILD; dates++)
		for (seed = 1; seed <= 3; seed++) {
			srand(seed);
			begin(&graph, place);
			make_random(&graph, dates, seed == 1 ? 40 : 8,
			    seed == 2 ? 8 : 100);
			check(&graph,
			    tap_format("random, dates %s, %s", names[dates],
				place->name));
			begin(&graph, place);
			make_criss_cross(&graph, dates, 1 + seed);
			check(&graph,
			    tap_format("criss-cross, dates %s, %s",
				names[dates], place->name));
		}
}

/* ---- several on a side ---- */

static set ask_many(const struct graph *graph, const size_t sides[4])
{
	irmin_context context = irmin__repo_context(graph->repo, NULL);
	irmin_commit *a[2] = { graph->commits[sides[0]],
		graph->commits[sides[1]] };
	irmin_commit *b[2] = { graph->commits[sides[2]],
		graph->commits[sides[3]] };
	irmin__bases_query query = { a, 2, b, 2, 0 };
	irmin__bases bases;
	irmin_error err;
	set got = 0;
	size_t i;

	if (irmin__bases_find(&context, &query, &bases, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < bases.len; i++)
		got |= number_of(graph, bases.items[i]);
	irmin__bases_clear(&bases);
	return got;
}

static void many_on_a_side(const struct place *place)
{
	struct graph graph;
	int wrong = 0, tries, i;

	srand(77);
	begin(&graph, place);
	make_random(&graph, WILD, 12, 20);
	for (tries = 0; tries < 3000; tries++) {
		size_t sides[4];
		set a, b;

		for (i = 0; i < 4; i++)
			sides[i] = below(graph.count);
		a = graph.behind[sides[0]] | graph.behind[sides[1]];
		b = graph.behind[sides[2]] | graph.behind[sides[3]];
		wrong += ask_many(&graph, sides) != best(&graph, a & b);
	}
	is_int(wrong, 0, "two commits on each side, %s", place->name);
	graph_close(&graph);
}

/* ---- limits ---- */

static void budget(void)
{
	struct graph graph;
	struct told told = { &graph, 0, 0, 0 };
	irmin_error err;
	int answer = 7, i;

	graph_open(&graph, open_memory());
	add(&graph, 0, 1000);
	for (i = 0; i < 10; i++)
		add(&graph, (set)1 << i, 1001 + i);
	add(&graph, 1, 1020);
	fails(irmin_commit_bases(graph.commits[10], graph.commits[11], 11, tell,
		  &told, &err),
	    IRMIN_ELIMIT, &err, "one commit more than allowed");
	ok(!told.bases, "... and none is told");
	succeeds(irmin_commit_bases(graph.commits[10], graph.commits[11], 12,
		     tell, &told, &err),
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

	graph_open(&graph, open_memory());
	add(&graph, 0, 1000);
	add(&graph, 0, 1001);
	add(&graph, 3, 1002);
	add(&graph, 3, 1003);
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

	graph_open(&one, open_memory());
	graph_open(&other, open_memory());
	add(&one, 0, 1000);
	add(&other, 0, 1000);
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
	struct told told = { graph, 0, 0, 0 };
	irmin_rc rc;
	int answer;

	rc = irmin_commit_bases(graph->commits[graph->count - 1],
	    graph->commits[graph->count - 2], 0, tell, &told, err);
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
	make_criss_cross(&graph, FALLING, 3);
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
