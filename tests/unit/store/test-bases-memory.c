/* Walks back through commits that are in memory only: they compute no ids, know a
 * commit that was made twice, and go on by ids where some were read. Where history
 * was let go, they say so. */
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "lib/core/store/ancestor.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/graphs.h"
#include "tests/unit/store/history.h"
#include "tests/unit/store/room.h"

/* ---- ids ---- */

static int ids_known(const struct graph *graph)
{
	int known = 0;
	size_t i;

	for (i = 0; i < graph->count; i++) {
		known += irmin__commit_known_id(graph->commits[i]) != NULL;
		known += graph->twins[i] &&
		    irmin__commit_known_id(graph->twins[i]);
	}
	return known;
}

/* The messages that a log tells. */
static const char *log_of(irmin_commit *from, const char *path)
{
	irmin_log_options options = IRMIN_LOG_OPTIONS_INIT;
	const char *text = "";
	irmin_log *log;
	irmin_commit *commit;
	irmin_error err;
	irmin_rc rc;

	options.path = path;
	if (irmin_log_open(from, &options, &log, &err) < 0)
		bail("%s", err.text);
	while ((rc = irmin_log_next(log, &commit, &err)) == IRMIN_OK) {
		irmin_slice message = irmin_commit_message(commit);

		text = tap_format("%s%.*s", text, (int)message.len,
		    (const char *)message.data);
		irmin_commit_unref(commit);
	}
	irmin_log_free(log);
	return rc < 0 ? tap_format("%s", err.text) : text;
}

static void no_ids(void)
{
	struct graph graph;

	srand(1);
	graph_open(&graph, room_open(NULL));
	graph_fill_criss_cross(&graph, RISING, 3);
	graph_check(&graph, "criss-cross in memory");
	ok(strstr(log_of(graph.commits[graph.count - 1], NULL), "\n0\n"),
	    "a log to the root");
	is_str(log_of(graph.commits[graph.count - 1], "nowhere"), "",
	    "... and of a path");
	is_int(ids_known(&graph), 0, "no id was computed");
	graph_close(&graph);
}

/* Those who say the same and come from the same differ in nothing; that is seen
 * as long as their parents are those of one another. */
static void twins(void)
{
	struct graph graph;
	unsigned seed;

	for (seed = 1; seed <= 4; seed++) {
		srand(seed);
		graph_open(&graph, room_open(NULL));
		graph.flags = GRAPH_TWINS;
		graph_fill_random(&graph, seed & 1 ? EQUAL : WILD, 8, 20);
		graph_check(&graph, "twins");
		graph_close(&graph);
	}
}

static void read_ones(void)
{
	struct graph graph;
	unsigned seed;

	for (seed = 1; seed <= 6; seed++) {
		srand(seed);
		graph_open(&graph, room_open(NULL));
		graph.flags = seed & 1 ? GRAPH_READ : GRAPH_READ | GRAPH_TWINS;
		if (seed & 2)
			graph_fill_random(&graph, WILD, 8, 20);
		else
			graph_fill_criss_cross(&graph, FALLING, 3);
		graph_check(&graph, "some read, some made");
		graph_close(&graph);
	}
}

/* ---- commits that all say the same ---- */

static irmin_commit *make_next(irmin_repo *repo, irmin_commit *parent,
    irmin_tree *tree)
{
	irmin_info info = irmin_info_of("A <a@b>", "m");
	irmin_commit *made;
	irmin_error err;

	info.flags = IRMIN_INFO_DATE;
	if (irmin_commit_new(repo, tree, &parent, parent != NULL, &info, &made,
		&err) < 0)
		bail("%s", err.text);
	irmin_commit_unref(parent);
	return made;
}

struct one {
	irmin_commit *base;
	int count;
};

static int keep(void *arg, irmin_commit *commit)
{
	struct one *one = arg;

	one->count++;
	one->base = commit;
	return 0;
}

static void alike(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_tree *tree = room_build(repo, "a=1", NULL);
	irmin_tree *other = room_build(repo, "a=2", NULL);
	irmin_commit *left, *right, *fork = NULL;
	struct one one = { NULL, 0 };
	irmin_error err;
	int i;

	for (i = 0; i < 500; i++)
		fork = make_next(repo, fork, tree);
	left = irmin_commit_ref(fork);
	right = irmin_commit_ref(fork);
	for (i = 0; i < 2000; i++) {
		left = make_next(repo, left, tree);
		right = make_next(repo, right, other);
	}
	succeeds(irmin_commit_bases(left, right, 0, keep, &one, &err), &err,
	    "two branches that always say the same");
	ok(one.count == 1 && one.base == fork, "fork where they do");
	ok(!irmin__commit_known_id(fork), "... which is seen without ids");
	irmin_commit_unref(left);
	irmin_commit_unref(right);
	irmin_commit_unref(fork);
	irmin_tree_unref(tree);
	irmin_tree_unref(other);
	irmin_repo_close(repo);
}

/* ---- what was let go ---- */

/* A trunk of four and a side branch from its first; the second of the trunk loses
 * its parent, whose id is known or not. */
static void let_go(int seen)
{
	struct graph graph;
	struct one one = { NULL, 0 };
	irmin_context context;
	irmin__relation relation;
	irmin_error err;
	int answer;

	graph_open(&graph, room_open(NULL));
	graph_add(&graph, 0, 1000);
	graph_add(&graph, 1 << 0, 1001);
	graph_add(&graph, 1 << 1, 1002);
	graph_add(&graph, 1 << 2, 1003);
	graph_add(&graph, 1 << 0, 1004);
	if (seen)
		history_id(graph.commits[0]);
	irmin__commit_let_go(graph.commits[1]);
	context = irmin__repo_context(graph.repo, NULL);
	fails(irmin_commit_bases(graph.commits[3], graph.commits[4], 0, keep,
		  &one, &err),
	    IRMIN_ETRUNCATED, &err, "bases behind what was let go, %s",
	    seen ? "seen" : "unseen");
	ok(strstr(err.text, history_hex(graph.commits[1])), "%s", err.text);
	is_int(one.count, 0, "none is told");
	fails(irmin_commit_is_ancestor(graph.commits[0], graph.commits[3], 0,
		  &answer, &err),
	    IRMIN_ETRUNCATED, &err, "an ancestor behind it");
	fails(irmin__commit_relation(&context, graph.commits[0],
		  graph.commits[3], &relation, &err),
	    IRMIN_ETRUNCATED, &err, "a relation");
	succeeds(irmin__commit_relation(&context, graph.commits[4],
		     graph.commits[3], &relation, &err),
	    &err, "one that the generation tells");
	is_int(relation, IRMIN__UNRELATED, "... is none");
	succeeds(irmin_commit_is_ancestor(graph.commits[1], graph.commits[3], 0,
		     &answer, &err),
	    &err, "an ancestor before it");
	is_int(answer, 1, "... is one");
	succeeds(irmin_commit_bases(graph.commits[2], graph.commits[3], 0, keep,
		     &one, &err),
	    &err, "bases before it");
	ok(one.base == graph.commits[2], "... are found");
	is_str(log_of(graph.commits[3], NULL), "3\n2\n1\n", "a log ends there");
	graph_close(&graph);
}

/* ---- out of memory ---- */

static irmin_rc ask(void *arg, irmin_error *err)
{
	struct graph *graph = arg;
	struct one one = { NULL, 0 };
	irmin_log *log = NULL;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_commit_bases(graph->commits[graph->count - 1],
	    graph->commits[graph->count - 2], 0, keep, &one, err);
	if (rc >= 0)
		rc = irmin_log_open(graph->commits[graph->count - 1], NULL,
		    &log, err);
	while (rc == IRMIN_OK)
		rc = irmin_log_next_id(log, &id, err);
	irmin_log_free(log);
	return rc;
}

static void out_of_memory(uint32_t flags)
{
	struct graph graph;
	irmin_error err;

	srand(9);
	graph_open(&graph, room_open(NULL));
	graph.flags = flags;
	graph_fill_criss_cross(&graph, FALLING, 3);
	if (ask(&graph, &err) < 0) /* ids are found then */
		bail("%s", err.text);
	alloc_fault_sweep("walks in memory", ask, &graph);
	graph_close(&graph);
}

int main(void)
{
	no_ids();
	twins();
	read_ones();
	alike();
	let_go(0);
	let_go(1);
	out_of_memory(0);
	out_of_memory(GRAPH_TWINS | GRAPH_READ);
	return done_testing();
}
