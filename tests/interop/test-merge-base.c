/*
 * Best common ancestors beside `git merge-base --all`: thousands of pairs of
 * commits from random graphs, with dates that go every way, merges of many
 * parents, branches that merge each other, and several roots; without a
 * commit-graph, with an old one, with one of either kind of generation.
 *
 * Where the history was cut off, git takes that for its beginning. We either say
 * so, or give what git gives for the whole history; a commit below another one
 * may then be among it, if the way to it is hidden.
 */
#include "tests/interop/merges-of-git.h"
#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRAPHS      1200
#define PAIRS       3 /* of each graph */
#define MAX_COMMITS 24
#define MAX_PARENTS 5

typedef uint32_t set; /* of the commits of a graph, by number */

struct graph {
	size_t count;
	int64_t times[MAX_COMMITS];
	set parents[MAX_COMMITS], behind[MAX_COMMITS]; /* itself included */
	irmin_oid ids[MAX_COMMITS];
	set cut;
	unsigned pairs[PAIRS][2];
	set git[PAIRS]; /* what git says */
};

static struct graph graphs[GRAPHS];
static uint64_t rng = 2024;

static unsigned below(unsigned n)
{
	return random_below(&rng, n);
}

/* ---- graphs ---- */

/* Dates rise, stand still, fall, are anything, or are one hour off at times. */
static int64_t make_time(unsigned kind, size_t at)
{
	static const int64_t steps[] = { 60, 0, -60, 0, 60 };
	int64_t time = 1000000000 + steps[kind] * (int64_t)at;

	if (kind == 3)
		time += below(100000);
	else if (kind == 4 && below(4) == 0)
		time += below(2) ? 3600 : -3600;
	return time;
}

/* At most so many parents, among the last `reach` commits. */
static set random_parents(size_t at, unsigned most, unsigned reach)
{
	unsigned count = 1 + below(most), i;
	set parents = 0;

	if (reach > at)
		reach = (unsigned)at;
	for (i = 0; i < count; i++)
		parents |= (set)1 << (at - 1 - below(reach));
	return parents;
}

/* Two or three branches, each merging the last of another one at times. */
static set criss_cross_parents(size_t at, unsigned branches)
{
	unsigned reach = 2 * branches - 1;
	set parents;

	if (at <= branches)
		return 1;
	if (reach > at)
		reach = (unsigned)at;
	parents = (set)1 << (at - branches);
	if (below(8))
		parents |= (set)1 << (at - 1 - below(reach));
	return parents;
}

static set make_parents(unsigned kind, size_t at)
{
	if (!at)
		return 0;
	switch (kind) {
	case 0:
		return random_parents(at, 2, 6);
	case 1:
		return criss_cross_parents(at, 2);
	case 2:
		return criss_cross_parents(at, 3);
	case 3:
		return random_parents(at, MAX_PARENTS, 12);
	default: /* several roots */
		return below(6) ? random_parents(at, 2, 4) : 0;
	}
}

static void make_graph(struct graph *graph, unsigned seed)
{
	size_t at, i;

	graph->count = 6 + below(MAX_COMMITS - 5);
	for (at = 0; at < graph->count; at++) {
		set parents = make_parents(seed % 5, at);

		graph->parents[at] = parents;
		graph->times[at] = make_time(seed / 5 % 5, at);
		graph->behind[at] = (set)1 << at;
		for (i = 0; i < at; i++)
			if (parents >> i & 1)
				graph->behind[at] |= graph->behind[i];
	}
	for (i = 0; i < PAIRS; i++) {
		graph->pairs[i][0] = (unsigned)graph->count - 1 - below(4);
		graph->pairs[i][1] = (unsigned)graph->count - 1 -
		    below((unsigned)graph->count * 2 / 3);
	}
}

/* ---- in git ---- */

static size_t mark(size_t graph, size_t at)
{
	return graph * MAX_COMMITS + at + 1;
}

static void write_commit(irmin_buf *stream, size_t number, size_t at)
{
	const struct graph *graph = &graphs[number];
	const char *word = "from";
	size_t i;

	if (!graph->parents[at])
		buf_print(stream, "reset refs/heads/x\n\n");
	buf_print(stream,
	    "commit refs/heads/x\nmark :%zu\n"
	    "committer A <a@b> %lld +0000\ndata 16\n%16zu\n",
	    mark(number, at), (long long)graph->times[at], mark(number, at));
	for (i = 0; i < at; i++) {
		if (!(graph->parents[at] >> i & 1))
			continue;
		buf_print(stream, "%s :%zu\n", word, mark(number, i));
		word = "merge";
	}
	buf_print(stream, "\n");
}

static void import(const char *dir)
{
	irmin_buf stream = IRMIN_BUF_INIT;
	irmin_oid *ids;
	size_t i, at;

	for (i = 0; i < GRAPHS; i++)
		for (at = 0; at < graphs[i].count; at++)
			write_commit(&stream, i, at);
	ids = git_import_marks(dir, &stream, mark(GRAPHS, 0) - 1);
	for (i = 0; i < GRAPHS; i++)
		for (at = 0; at < graphs[i].count; at++)
			graphs[i].ids[at] = ids[mark(i, at)];
	free(ids);
}

static set number_of(const struct graph *graph, const irmin_oid *id)
{
	size_t at;

	for (at = 0; at < graph->count; at++)
		if (irmin_oid_compare(&graph->ids[at], id) == 0)
			return (set)1 << at;
	bail("a commit of another graph");
}

/* One process for each pair: git has no other way. */
static void ask_git(const char *dir)
{
	irmin_buf pairs = IRMIN_BUF_INIT;
	char a[IRMIN_OID_HEX_BYTES], b[IRMIN_OID_HEX_BYTES];
	struct tap_output said;
	irmin_oid id;
	char *line;
	size_t i, p = 0;

	for (i = 0; i < GRAPHS * PAIRS; i++) {
		const struct graph *graph = &graphs[i / PAIRS];
		const unsigned *pair = graph->pairs[i % PAIRS];

		buf_print(&pairs, "%s %s\n",
		    irmin_oid_hex(&graph->ids[pair[0]], a),
		    irmin_oid_hex(&graph->ids[pair[1]], b));
	}
	tap_write_file(git_path("pairs"), pairs.data, pairs.len);
	irmin_buf_clear(&pairs);
	if (tap_run(&said,
		"cd %s && while read a b; do git merge-base --all $a $b; "
		"echo .; done < %s",
		dir, git_path("pairs")) != 0)
		bail("git merge-base: %s", said.err);
	for (line = strtok(said.out, "\n"); line; line = strtok(NULL, "\n")) {
		if (strcmp(line, ".") == 0)
			p++;
		else if (irmin_oid_parse(irmin_text(line), &id, NULL) < 0)
			bail("git merge-base: %s", line);
		else
			graphs[p / PAIRS].git[p % PAIRS] |=
			    number_of(&graphs[p / PAIRS], &id);
	}
	is_int(p, GRAPHS * PAIRS, "git answered of each pair");
	tap_output_clear(&said);
}

/* ---- what we say ---- */

struct told {
	const struct graph *graph;
	set bases;
	int64_t last;
	int unsorted;
};

static int tell(void *arg, irmin_commit *commit)
{
	struct told *told = arg;
	int64_t time = irmin_commit_committer(commit).time;
	irmin_oid id;

	if (irmin_commit_id(commit, &id, NULL) < 0)
		bail("no id");
	told->unsorted |= told->bases && time > told->last;
	told->last = time;
	told->bases |= number_of(told->graph, &id);
	return 0;
}

struct answer {
	irmin_rc rc;
	struct told told;
	irmin_rc ancestor_rc;
	int is_ancestor;
	irmin_error err;
};

static void ask(irmin_repo *repo, size_t p, struct answer *answer)
{
	const struct graph *graph = &graphs[p / PAIRS];
	const unsigned *pair = graph->pairs[p % PAIRS];
	irmin_commit *a, *b;

	memset(answer, 0, sizeof *answer);
	answer->told.graph = graph;
	if (irmin_commit_get(repo, &graph->ids[pair[0]], &a, NULL) < 0 ||
	    irmin_commit_get(repo, &graph->ids[pair[1]], &b, NULL) < 0)
		bail("no such commit");
	answer->ancestor_rc = irmin_commit_is_ancestor(b, a, 0,
	    &answer->is_ancestor, NULL);
	answer->rc = irmin_commit_bases(a, b, 0, tell, &answer->told,
	    &answer->err);
	irmin_commit_unref(a);
	irmin_commit_unref(b);
}

static set git_says_of(size_t p)
{
	return graphs[p / PAIRS].git[p % PAIRS];
}

/* Whether git's answer tells that the second is an ancestor of the first. */
static int is_ancestor(size_t p)
{
	return git_says_of(p) ==
	    (set)1 << graphs[p / PAIRS].pairs[p % PAIRS][1];
}

static void check_whole(const char *dir, const char *what)
{
	irmin_repo *repo = git_open(dir, NULL);
	struct answer answer;
	int wrong = 0, wrong_ancestors = 0;
	size_t p;

	for (p = 0; p < GRAPHS * PAIRS; p++) {
		set want = git_says_of(p);

		ask(repo, p, &answer);
		wrong += answer.rc != (want ? IRMIN_OK : IRMIN_ABSENT) ||
		    answer.told.bases != want || answer.told.unsorted;
		wrong_ancestors += answer.ancestor_rc != IRMIN_OK ||
		    answer.is_ancestor != is_ancestor(p);
	}
	is_int(wrong, 0, "%s: bases of %d pairs as git's", what,
	    GRAPHS * PAIRS);
	is_int(wrong_ancestors, 0, "%s: ancestors, too", what);
	irmin_repo_close(repo);
}

/* ---- how often what is special came up ---- */

static int bits(set of)
{
	int count = 0;

	for (; of; of &= of - 1)
		count++;
	return count;
}

static void check_variety(void)
{
	int none = 0, several = 0, ancestors = 0;
	size_t p;

	for (p = 0; p < GRAPHS * PAIRS; p++) {
		none += !git_says_of(p);
		several += bits(git_says_of(p)) > 1;
		ancestors += is_ancestor(p);
	}
	ok(none > 100, "%d pairs have no base", none);
	ok(several > 200, "%d have several", several);
	ok(ancestors > 300, "of %d one is the other's ancestor", ancestors);
}

/* ---- commit-graphs ---- */

/* Gives git the ids of some commits, and of all that is behind them. */
static void write_commit_graph(const char *dir, const char *config,
    unsigned one_in)
{
	irmin_buf ids = IRMIN_BUF_INIT;
	char hex[IRMIN_OID_HEX_BYTES];
	size_t i, at;

	for (i = 0; i < GRAPHS; i++)
		for (at = 0; at < graphs[i].count; at++)
			if (below(one_in) == 0)
				buf_print(&ids, "%s\n",
				    irmin_oid_hex(&graphs[i].ids[at], hex));
	tap_write_file(git_path("ids"), ids.data, ids.len);
	irmin_buf_clear(&ids);
	if (tap_run(NULL,
		"cd %s && rm -f objects/info/commit-graph && "
		"git %s commit-graph write --stdin-commits < %s",
		dir, config, git_path("ids")) != 0)
		bail("git commit-graph failed");
}

/* ---- cut off ---- */

/* Cuts one in eight off from its parents. */
static void cut_some(const char *dir)
{
	irmin_buf shallow = IRMIN_BUF_INIT;
	char hex[IRMIN_OID_HEX_BYTES];
	size_t i, at;

	for (i = 0; i < GRAPHS; i++)
		for (at = 0; at < graphs[i].count; at++) {
			if (!graphs[i].parents[at] || below(8))
				continue;
			graphs[i].cut |= (set)1 << at;
			buf_print(&shallow, "%s\n",
			    irmin_oid_hex(&graphs[i].ids[at], hex));
		}
	tap_write_file(tap_format("%s/shallow", dir), shallow.data,
	    shallow.len);
	irmin_buf_clear(&shallow);
}

/* What a walk from a commit sees. */
static set visible(const struct graph *graph, size_t from)
{
	set seen = (set)1 << from;
	size_t at;

	for (at = from + 1; at-- > 0;)
		if (seen >> at & 1 & ~(graph->cut >> at))
			seen |= graph->parents[at];
	return seen;
}

/* Whether an error names a commit that is cut off, and that is in sight. */
static int names_cut(const struct graph *graph, const char *text, set seen)
{
	char hex[IRMIN_OID_HEX_BYTES];
	size_t at;

	for (at = 0; at < graph->count; at++)
		if (graph->cut >> at & seen >> at & 1 &&
		    strstr(text, irmin_oid_hex(&graph->ids[at], hex)))
			return 1;
	return 0;
}

/* Whether a cut that is in one commit's sight, and not in the other's, may hide
 * a base: only if neither is the other's ancestor. */
static int may_hide(const struct graph *graph, const unsigned pair[2], set one,
    set other)
{
	return (graph->cut & one & ~other) && !(one >> pair[1] & 1) &&
	    !(other >> pair[0] & 1);
}

static int is_right(const struct answer *answer, size_t p)
{
	const struct graph *graph = &graphs[p / PAIRS];
	const unsigned *pair = graph->pairs[p % PAIRS];
	set one = visible(graph, pair[0]), other = visible(graph, pair[1]);
	set want = git_says_of(p), got = answer->told.bases;
	set common = graph->behind[pair[0]] & graph->behind[pair[1]];

	if (may_hide(graph, pair, one, other) ||
	    may_hide(graph, (const unsigned[]){ pair[1], pair[0] }, other, one))
		return answer->rc == IRMIN_ETRUNCATED &&
		    names_cut(graph, answer->err.text, one | other);
	return answer->rc == (want ? IRMIN_OK : IRMIN_ABSENT) &&
	    !(want & ~got) && !(got & ~common);
}

/* Whether the second is an ancestor of the first. */
static int is_right_ancestor(const struct answer *answer, size_t p)
{
	const struct graph *graph = &graphs[p / PAIRS];
	const unsigned *pair = graph->pairs[p % PAIRS];

	if (may_hide(graph, pair, visible(graph, pair[0]),
		visible(graph, pair[1])))
		return answer->ancestor_rc == IRMIN_ETRUNCATED;
	return answer->ancestor_rc == IRMIN_OK &&
	    answer->is_ancestor == is_ancestor(p);
}

static void check_cut(const char *dir)
{
	irmin_repo *repo;
	struct answer answer;
	int wrong = 0, truncated = 0, wrong_ancestors = 0, unsure = 0;
	size_t p;

	cut_some(dir);
	repo = git_open(dir, NULL);
	for (p = 0; p < GRAPHS * PAIRS; p++) {
		ask(repo, p, &answer);
		wrong += !is_right(&answer, p);
		truncated += answer.rc == IRMIN_ETRUNCATED;
		wrong_ancestors += !is_right_ancestor(&answer, p);
		unsure += answer.ancestor_rc == IRMIN_ETRUNCATED;
	}
	is_int(wrong, 0, "cut off: no base is overlooked");
	is_int(wrong_ancestors, 0, "... and no ancestor");
	ok(truncated > 300, "... and %d answers are left open", truncated);
	ok(unsure > 300, "... and %d about ancestors", unsure);
	irmin_repo_close(repo);
}

int main(void)
{
	const char *dir = git_path("graphs.git");
	unsigned i;

	for (i = 0; i < GRAPHS; i++)
		make_graph(&graphs[i], i);
	import(dir);
	ask_git(dir);
	check_variety();
	check_whole(dir, "without a commit-graph");
	write_commit_graph(dir, "", 12);
	check_whole(dir, "with one of some commits");
	write_commit_graph(dir, "-c commitGraph.generationVersion=1", 1);
	check_whole(dir, "with one that has levels");
	write_commit_graph(dir, "", 1);
	check_whole(dir, "with one that has corrected dates");
	check_cut(dir);
	return done_testing();
}
