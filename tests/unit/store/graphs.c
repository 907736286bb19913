#include "tests/unit/store/graphs.h"

#include <stdlib.h>
#include <string.h>

#include "lib/core/store/ancestor.h"
#include "tests/support/tap.h"
#include "tests/unit/store/history.h"
#include "tests/unit/store/room.h"

static size_t below(size_t n)
{
	return (size_t)rand() % n;
}

/* ---- graphs ---- */

void graph_open(struct graph *graph, irmin_repo *repo)
{
	irmin_error err;

	memset(graph, 0, sizeof *graph);
	graph->repo = repo;
	if (irmin_tree_empty(repo, &graph->empty, &err) < 0)
		bail("%s", err.text);
}

void graph_close(struct graph *graph)
{
	size_t i;

	for (i = 0; i < graph->count; i++) {
		irmin_commit_unref(graph->commits[i]);
		irmin_commit_unref(graph->twins[i]);
	}
	irmin_tree_unref(graph->empty);
	irmin_repo_close(graph->repo);
}

/* The commit, or its twin. */
static irmin_commit *pick(const struct graph *graph, size_t at)
{
	irmin_commit *twin = graph->twins[at];

	return twin && below(2) ? twin : graph->commits[at];
}

static irmin_commit *make(const struct graph *graph, size_t at, int64_t time)
{
	irmin_info info = IRMIN_INFO_INIT;
	irmin_commit *parents[GRAPH_MAX], *made;
	size_t count = 0, i;
	irmin_error err;

	for (i = 0; i < at; i++)
		if (graph->parents[at] >> i & 1)
			parents[count++] = pick(graph, i);
	info.author = "A <a@b>";
	info.message = tap_format("%zu", at);
	info.flags = IRMIN_INFO_DATE;
	info.author_time = info.committer_time = time;
	if (irmin_commit_new(graph->repo, graph->empty, parents, count, &info,
		&made, &err) < 0)
		bail("%s", err.text);
	return made;
}

/* The same, as bytes that somebody else has made. */
static irmin_commit *import(const struct graph *graph, size_t at, int64_t time)
{
	irmin_commit *read;
	const char *text;
	irmin_oid id;
	irmin_error err;
	size_t i;

	if (irmin_tree_id(graph->empty, &id, &err) < 0)
		bail("%s", err.text);
	room_add_tree(graph->repo, "");
	text = tap_format("tree %s\n", room_hex(&id));
	for (i = 0; i < at; i++)
		if (graph->parents[at] >> i & 1)
			text = tap_format("%sparent %s\n", text,
			    history_hex(graph->commits[i]));
	text = tap_format("%sauthor A <a@b> %lld +0000\n"
			  "committer A <a@b> %lld +0000\n\n%zu\n",
	    text, (long long)time, (long long)time, at);
	id = room_add(graph->repo, IRMIN_OBJECT_COMMIT, text, strlen(text));
	if (irmin_commit_get(graph->repo, &id, &read, &err) < 0)
		bail("%s", err.text);
	return read;
}

size_t graph_add(struct graph *graph, graph_set parents, int64_t time)
{
	size_t at = graph->count++, i;

	graph->parents[at] = parents;
	graph->behind[at] = (graph_set)1 << at;
	for (i = 0; i < at; i++)
		if (parents >> i & 1)
			graph->behind[at] |= graph->behind[i];
	graph->commits[at] = graph->flags & GRAPH_READ && below(3) == 0
	    ? import(graph, at, time)
	    : make(graph, at, time);
	if (graph->flags & GRAPH_TWINS && below(2))
		graph->twins[at] = make(graph, at, time);
	return at;
}

static int64_t date(enum graph_dates dates, size_t at)
{
	static const int64_t steps[] = { 60, 0, -60 };

	if (dates == WILD)
		return 1000000000 + (int64_t)below(100000);
	return 1000000000 + steps[dates] * (int64_t)at;
}

/* Parents are among the last `reach`; one in `roots` has none. */
void graph_fill_random(struct graph *graph, enum graph_dates dates,
    size_t reach, size_t roots)
{
	size_t i;

	while (graph->count < GRAPH_MAX) {
		size_t at = graph->count, count = 1 + !below(2) + !below(8);
		graph_set parents = 0;

		if (!at || below(roots) == 0)
			count = 0;
		for (i = 0; i < count; i++)
			parents |= (graph_set)1
			    << (at - 1 - below(at < reach ? at : reach));
		graph_add(graph, parents, date(dates, at));
	}
}

/* Branches side by side that merge each other again and again. */
void graph_fill_criss_cross(struct graph *graph, enum graph_dates dates,
    size_t branches)
{
	size_t at, i;

	graph_add(graph, 0, date(dates, 0));
	while (graph->count + branches <= GRAPH_MAX) {
		size_t first = graph->count;

		for (i = 0; i < branches; i++) {
			graph_set parents = 1;

			at = graph->count;
			if (first > branches)
				parents = (graph_set)1 << (at - branches) |
				    (graph_set)1
					<< (first - 1 - below(branches));
			graph_add(graph, parents, date(dates, at));
		}
	}
}

/* ---- what sets of ancestors say ---- */

graph_set graph_best(const struct graph *graph, graph_set common)
{
	graph_set below_other = 0;
	size_t i;

	for (i = 0; i < graph->count; i++)
		if (common >> i & 1)
			below_other |= graph->behind[i] & ~((graph_set)1 << i);
	return common & ~below_other;
}

/* ---- beside what the library says ---- */

graph_set graph_number(const struct graph *graph, irmin_commit *commit)
{
	irmin_slice message = irmin_commit_message(commit);
	size_t at = strtoul(message.data, NULL, 10);

	return at < graph->count ? (graph_set)1 << at : 0;
}

int graph_tell(void *arg, irmin_commit *commit)
{
	struct graph_told *told = arg;
	int64_t time = irmin_commit_committer(commit).time;

	told->unsorted |= told->bases && time > told->last;
	told->last = time;
	told->bases |= graph_number(told->graph, commit);
	return 0;
}

/* How many of all pairs are answered wrongly. */
static int wrong_bases(const struct graph *graph)
{
	int wrong = 0;
	size_t a, b;

	for (a = 0; a < graph->count; a++)
		for (b = 0; b < graph->count; b++) {
			graph_set want = graph_best(graph,
			    graph->behind[a] & graph->behind[b]);
			struct graph_told told = { graph, 0, 0, 0 };
			irmin_error err;
			irmin_rc rc = irmin_commit_bases(pick(graph, a),
			    pick(graph, b), 0, graph_tell, &told, &err);

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
			if (irmin_commit_is_ancestor(pick(graph, a),
				pick(graph, b), 0, &answer, &err) < 0)
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
			if (irmin__commit_relation(&context, pick(graph, a),
				pick(graph, b), &relation, &err) < 0)
				bail("%s", err.text);
			wrong += relation != want;
		}
	return wrong;
}

void graph_check(const struct graph *graph, const char *name)
{
	is_int(wrong_bases(graph), 0, "bases: %s", name);
	is_int(wrong_ancestors(graph), 0, "ancestors: %s", name);
	is_int(wrong_relations(graph), 0, "relations: %s", name);
}
