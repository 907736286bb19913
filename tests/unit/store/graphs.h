/*
 * graphs.h - small graphs of commits, and what sets of ancestors say of them
 */
#ifndef IRMIN_TESTS_GRAPHS_H
#define IRMIN_TESTS_GRAPHS_H

#include <stddef.h>
#include <stdint.h>

#include <irmin/irmin.h>

#define GRAPH_MAX 40

typedef uint64_t graph_set; /* of commits, by number */

/* How commits of a volatile repository come about, at random. */
enum graph_flag {
	GRAPH_TWINS = 1, /* some are made twice, and either is used */
	GRAPH_READ = 2   /* some are written as bytes, and read */
};

struct graph {
	irmin_repo *repo;
	irmin_tree *empty;
	uint32_t flags; /* enum graph_flag */
	irmin_commit *commits[GRAPH_MAX], *twins[GRAPH_MAX]; /* or NULL */
	graph_set parents[GRAPH_MAX], behind[GRAPH_MAX]; /* itself included */
	size_t count;
};

/* How dates go. */
enum graph_dates { RISING, EQUAL, FALLING, WILD };

/* An empty one in a repository that is closed with it. Bails where it cannot, as
 * all of these do. */
void graph_open(struct graph *graph, irmin_repo *repo);
void graph_close(struct graph *graph);

/* Adds a commit with these parents and gives its number, which is its message.
 * All that is random goes by rand(). */
size_t graph_add(struct graph *graph, graph_set parents, int64_t time);

/* Fills it. Parents are among the last `reach`; one in `roots` has none. */
void graph_fill_random(struct graph *graph, enum graph_dates dates,
    size_t reach, size_t roots);

/* Fills it with branches side by side that merge each other again and again. */
void graph_fill_criss_cross(struct graph *graph, enum graph_dates dates,
    size_t branches);

/* Of these commits, those that are below no other. */
graph_set graph_best(const struct graph *graph, graph_set common);

/* The commit as a set of one; empty if it is none of these. */
graph_set graph_number(const struct graph *graph, irmin_commit *commit);

/* For irmin_commit_bases: what it tells. */
struct graph_told {
	const struct graph *graph;
	graph_set bases;
	int64_t last;
	int unsorted;
};

int graph_tell(void *arg, irmin_commit *commit);

/* Checks of all pairs their bases, who is whose ancestor, and the relation. */
void graph_check(const struct graph *graph, const char *name);

#endif
