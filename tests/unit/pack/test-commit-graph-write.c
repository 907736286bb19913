/* Commit-graphs that no history of git's would ask for; those that one does are
 * in test-commit-graph.c. */
#include "lib/pack/commit-graph.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/tap.h"

#define LATEST ((INT64_C(1) << 34) - 1)

#define FEW 5

typedef struct line {
	irmin__graph_item items[FEW];
	irmin_oid parents[FEW];
	uint32_t count;
} line;

static irmin_rc encode(const line *made, irmin_error *err)
{
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__commit_graph_encode(IRMIN_HASH_SHA1, made->items,
	    made->count, made->parents, &out, err);
	if (rc < 0)
		is_int(out.len, 0, "nothing is written");
	irmin_buf_clear(&out);
	return rc;
}

static irmin__commit_graph *open_graph(const irmin_buf *bytes)
{
	irmin__commit_graph *graph;
	irmin_error err;

	if (!succeeds(irmin__commit_graph_open(IRMIN_HASH_SHA1,
			  irmin_buf_slice(bytes), NULL, &graph, &err),
		&err, "open"))
		bail("%s", err.text);
	succeeds(irmin__commit_graph_verify(graph, &err), &err, "verify");
	return graph;
}

/* A line of commits with ids in an order of their own. */
static void make_few(line *made)
{
	static const char ids[] = { 'c', 'a', 'e', 'b', 'd' };
	uint32_t i;

	memset(made, 0, sizeof *made);
	made->count = FEW;
	for (i = 0; i < FEW; i++) {
		irmin__graph_item *item = &made->items[i];

		item->id.algo = item->tree.algo = IRMIN_HASH_SHA1;
		memset(item->id.bytes, ids[i], 20);
		item->time = 10;
		item->first_parent = i - !!i;
		item->parent_count = i > 0;
		made->parents[i] = item->id;
	}
}

static void check_dates(line *made)
{
	static const int64_t times[FEW] = { -5, INT64_MAX, LATEST + 1, 0,
		INT64_MIN };
	static const int64_t kept[FEW] = { 0, LATEST, LATEST, 0, 0 };
	irmin_graph_commit commit = { 0 };
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__commit_graph *graph;
	irmin_error err;
	uint32_t i, at;

	make_few(made);
	for (i = 0; i < FEW; i++)
		made->items[i].time = times[i];
	succeeds(irmin__commit_graph_encode(IRMIN_HASH_SHA1, made->items, FEW,
		     made->parents, &out, &err),
	    &err, "dates for which there is no room");
	graph = open_graph(&out);
	for (i = 0; i < FEW; i++) {
		is_rc(irmin__commit_graph_find(graph, &made->items[i].id, &at),
		    IRMIN_OK, "find");
		is_rc(irmin__commit_graph_at(graph, at, &commit, &err),
		    IRMIN_OK, "at");
		is_int(commit.time, kept[i], "the nearest");
		is_int(commit.generation, i ? LATEST + i - 1 : 1,
		    "the generation");
	}
	irmin__commit_graph_close(graph);
	irmin_buf_clear(&commit.parents);
	irmin_buf_clear(&out);
}

static void check_refused(line *made)
{
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__commit_graph *graph;
	irmin_error err;

	make_few(made);
	made->parents[FEW - 2].bytes[19] ^= 1;
	fails(encode(made, &err), IRMIN_EINVAL, &err, "a parent that is none");
	make_few(made);
	made->items[3].id = made->items[2].id;
	fails(encode(made, &err), IRMIN_EINVAL, &err, "a commit twice");
	make_few(made);
	made->items[0].first_parent = 2;
	made->items[0].parent_count = 1;
	fails(encode(made, &err), IRMIN_EINVAL, &err, "a circle");
	made->items[0].first_parent = 0;
	fails(encode(made, &err), IRMIN_EINVAL, &err, "a parent of itself");
	fails(irmin__commit_graph_encode(IRMIN_HASH_SHA1, made->items,
		  0x70000000, made->parents, &out, &err),
	    IRMIN_ELIMIT, &err, "too many");
	made->count = 0;
	succeeds(irmin__commit_graph_encode(IRMIN_HASH_SHA1, NULL, 0, NULL,
		     &out, &err),
	    &err, "none");
	graph = open_graph(&out);
	is_int(irmin__commit_graph_count(graph), 0, "no commit");
	irmin__commit_graph_close(graph);
	irmin_buf_clear(&out);
}

/* So long that who calls himself for each parent falls off the stack. */
#define LONG 300000

static void check_long(void)
{
	irmin__graph_item *items = calloc(LONG, sizeof *items);
	irmin_oid *parents = calloc(LONG, sizeof *parents);
	irmin_graph_commit last = { 0 };
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__commit_graph *graph;
	irmin_error err;
	uint32_t i;

	for (i = 0; i < LONG; i++) {
		uint32_t odd = i * 2654435761u;

		items[i].id.algo = IRMIN_HASH_SHA1;
		memcpy(items[i].id.bytes, &odd, sizeof odd);
		items[i].first_parent = i - !!i;
		items[i].parent_count = i > 0;
		parents[i] = items[i].id;
	}
	succeeds(irmin__commit_graph_encode(IRMIN_HASH_SHA1, items, LONG,
		     parents, &out, &err),
	    &err, "a long line");
	graph = open_graph(&out);
	is_rc(irmin__commit_graph_find(graph, &items[LONG - 1].id, &i),
	    IRMIN_OK, "find the last");
	is_rc(irmin__commit_graph_at(graph, i, &last, &err), IRMIN_OK, "at");
	is_int(last.generation, LONG, "its generation");
	irmin_buf_clear(&last.parents);
	irmin__commit_graph_close(graph);
	irmin_buf_clear(&out);
	free(items);
	free(parents);
}

int main(void)
{
	line made;

	check_dates(&made);
	check_refused(&made);
	check_long();
	return done_testing();
}
