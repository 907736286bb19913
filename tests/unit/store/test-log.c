/* History, beside git log on random histories with merges. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "lib/core/store/ancestor.h"
#include "tests/unit/store/history.h"
#include "tests/unit/store/hooked.h"

/* The ids that a walk tells, one a line; freed at exit. */
static const char *walk(irmin_commit *from, const irmin_log_options *options)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_buf text = IRMIN_BUF_INIT;
	irmin_log *log = NULL;
	irmin_commit *commit;
	irmin_oid id;
	const char *said;
	irmin_error err;
	irmin_rc rc = irmin_log_open(from, options, &log, &err);

	while (rc >= 0) {
		rc = irmin_log_next(log, &commit, &err);
		if (rc != IRMIN_OK)
			break;
		if (irmin_commit_id(commit, &id, &err) < 0 ||
		    irmin_buf_append(&text, irmin_text(irmin_oid_hex(&id, hex)),
			&err) < 0 ||
		    irmin_buf_append(&text, irmin_text("\n"), &err) < 0)
			bail("%s", err.text);
		irmin_commit_unref(commit);
	}
	said = tap_format("%s",
	    rc < 0         ? err.text
		: text.len ? (char *)text.data
			   : "");
	irmin_log_free(log);
	irmin_buf_clear(&text);
	return said;
}

static void beside_git(const struct history *history, const char *path,
    uint32_t flags)
{
	irmin_log_options options = IRMIN_LOG_OPTIONS_INIT;
	size_t last = history->count - 1;

	options.path = path;
	options.flags = flags;
	is_str(walk(history->commits[last], &options),
	    history_git(history,
		tap_format("log --format=%%H %s %zu -- %s",
		    flags & IRMIN_LOG_FIRST_PARENT ? "--first-parent" : "",
		    last, path ? path : "")),
	    "git log %s of a history of %zu%s", path ? path : "",
	    history->count,
	    flags & IRMIN_LOG_FIRST_PARENT ? ", first parents" : "");
}

static void random_histories(void)
{
	unsigned seed;
	size_t i;

	for (seed = 1; seed <= 6; seed++) {
		struct history history;

		history_make(&history, 20 * seed, seed);
		beside_git(&history, NULL, 0);
		beside_git(&history, NULL, IRMIN_LOG_FIRST_PARENT);
		for (i = 0; i < HISTORY_PATHS; i++) {
			beside_git(&history, history_paths[i], 0);
			beside_git(&history, history_paths[i],
			    IRMIN_LOG_FIRST_PARENT);
		}
		beside_git(&history, "d", 0);
		beside_git(&history, "e/f", 0);
		beside_git(&history, "nowhere", 0);
		history_clear(&history);
	}
}

/* ---- ids only, and with a graph ---- */

/* The same as `walk`, asking for ids. */
static const char *walk_ids(irmin_commit *from,
    const irmin_log_options *options)
{
	char hex[IRMIN_OID_HEX_BYTES];
	const char *text = "";
	irmin_log *log;
	irmin_oid id;
	irmin_error err;
	irmin_rc rc;

	if (irmin_log_open(from, options, &log, &err) < 0)
		bail("%s", err.text);
	while ((rc = irmin_log_next_id(log, &id, &err)) == IRMIN_OK)
		text = tap_format("%s%s\n", text, irmin_oid_hex(&id, hex));
	ok(irmin_oid_is_none(&id), "the end gives no id");
	irmin_log_free(log);
	return rc < 0 ? tap_format("%s", err.text) : text;
}

static uint64_t by_message(const irmin_oid *id, irmin_slice message)
{
	(void)id;
	return strtoul(message.data, NULL, 10) + 1;
}

static void check_relations(const struct history *plain,
    const struct history *graph)
{
	irmin_context plain_context = irmin__repo_context(plain->repo, NULL);
	irmin_context context = irmin__repo_context(graph->repo, NULL);
	irmin__relation want, got;
	irmin_error err;
	int wrong = 0;
	size_t a, b;

	for (a = 0; a < plain->count; a++) {
		for (b = 0; b < plain->count; b++) {
			if (irmin__commit_relation(&plain_context,
				plain->commits[a], plain->commits[b], &want,
				&err) < 0 ||
			    irmin__commit_relation(&context, graph->commits[a],
				graph->commits[b], &got, &err) < 0)
				bail("%s", err.text);
			wrong += want != got;
		}
	}
	is_int(wrong, 0, "who comes from whom, with generations and without");
}

static void with_graph(void)
{
	static struct hooks hooks;
	irmin_log_options options = IRMIN_LOG_OPTIONS_INIT;
	struct history plain, graph;
	irmin_commit *last;
	uint64_t reads;
	unsigned seed;

	for (seed = 21; seed < 24; seed++) {
		hooks.generation = by_message;
		history_make(&plain, 60, seed);
		history_make_in(&graph, hooked_open(&hooks, NULL), 60, seed);
		last = graph.commits[59];
		reads = irmin_repo_stat(graph.repo, IRMIN_STAT_OBJECT_READS);
		options.path = NULL;
		is_str(walk_ids(last, &options),
		    history_git(&graph, "log --format=%H 59"), "ids, by graph");
		is_int(irmin_repo_stat(graph.repo, IRMIN_STAT_OBJECT_READS),
		    reads, "... and no object is read");
		is_str(walk(last, &options),
		    history_git(&graph, "log --format=%H 59"), "commits");
		options.path = "d";
		is_str(walk_ids(last, &options),
		    history_git(&graph, "log --format=%H 59 -- d"), "a path");
		is_str(walk_ids(plain.commits[59], &options),
		    history_git(&graph, "log --format=%H 59 -- d"),
		    "a path, without");
		check_relations(&plain, &graph);
		history_clear(&plain);
		history_clear(&graph);
	}
}

/* ---- cut off ---- */

static void shallow(void)
{
	static struct hooks hooks;
	irmin_log_options options = IRMIN_LOG_OPTIONS_INIT;
	struct history history;
	irmin_commit *cut, *parent;
	irmin_context context;
	irmin__relation relation;
	irmin_error err;
	const char *told;
	int graph;

	for (graph = 0; graph < 2; graph++) {
		memset(&hooks, 0, sizeof hooks);
		hooks.generation = graph ? by_message : NULL;
		history_make_in(&history, hooked_open(&hooks, NULL), 40, 31);
		cut = history.commits[20];
		if (irmin_commit_id(cut, &hooks.shallow, &err) < 0)
			bail("%s", err.text);
		/* git reads the same file */
		tap_run(NULL, "cd %s && git rev-parse 20 > shallow",
		    history.git);
		told = history_git(&history, "log --format=%H 39");
		is_str(walk(history.commits[39], &options), told,
		    "a log ends where git's does");
		is_str(walk_ids(history.commits[39], &options), told,
		    "... that of ids too");
		options.path = "d";
		is_str(walk(history.commits[39], &options),
		    history_git(&history, "log --format=%H 39 -- d"),
		    "... and that of a path");
		options.path = NULL;
		fails(irmin_commit_parent(cut, 0, &parent, &err),
		    IRMIN_ETRUNCATED, &err, "the parent of the last");
		ok(irmin_commit_parent_count(cut) > 0, "... which it has");
		hooks.generation = NULL; /* a graph would know that much */
		context = irmin__repo_context(history.repo, NULL);
		fails(irmin__commit_relation(&context, history.commits[5], cut,
			  &relation, &err),
		    IRMIN_ETRUNCATED, &err, "an ancestor beyond the cut");
		succeeds(irmin__commit_relation(&context, cut,
			     history.commits[20], &relation, &err),
		    &err, "itself");
		history_clear(&history);
	}
}

static void shallow_revisions(void)
{
	static struct hooks hooks;
	struct history history;
	irmin_commit *commit;
	const char *last;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_error err;

	history_make_in(&history, hooked_open(&hooks, NULL), 30, 33);
	is_rc(irmin_commit_parent_id(history.commits[29], 0, &hooks.shallow,
		  NULL),
	    IRMIN_OK, "where it is cut");
	last = history_hex(history.commits[29]);
	succeeds(irmin_commit_of_revision(history.repo,
		     tap_format("%s~1", last), &commit, &err),
	    &err, "up to the cut");
	irmin_commit_unref(commit);
	fails(irmin_commit_of_revision(history.repo, tap_format("%s~2", last),
		  &commit, &err),
	    IRMIN_ETRUNCATED, &err, "beyond the cut");
	irmin_oid_hex(&hooks.shallow, hex);
	ok(strstr(err.text, hex), "... which is named: %s", err.text);
	fails(irmin_commit_of_revision(history.repo,
		  tap_format("%s@{1970-01-01}", hex), &commit, &err),
	    IRMIN_ETRUNCATED, &err, "at a moment beyond the cut");
	history_clear(&history);
}

static void limits(void)
{
	irmin_log_options options = IRMIN_LOG_OPTIONS_INIT;
	struct history history;
	irmin_commit *last;

	history_make(&history, 30, 99);
	last = history.commits[29];
	options.limit = 4;
	is_str(walk(last, &options),
	    history_git(&history, "log --format=%H -n 4 29"), "the first four");
	options.path = "d";
	options.limit = 2;
	is_str(walk(last, &options),
	    history_git(&history, "log --format=%H -n 2 29 -- d"),
	    "the first two of a path");
	history_clear(&history);
}

static void refused(void)
{
	irmin_log_options options = IRMIN_LOG_OPTIONS_INIT;
	struct history history;
	irmin_log *log;
	irmin_error err;

	history_make(&history, 2, 7);
	options.flags = 8;
	fails(irmin_log_open(history.commits[0], &options, &log, &err),
	    IRMIN_EINVAL, &err, "an unknown flag");
	options.flags = 0;
	options.path = tap_format("%0300d", 1);
	fails(irmin_log_open(history.commits[0], &options, &log, &err),
	    IRMIN_EINVAL, &err, "a step that is too long");
	ok(!log, "no cursor");
	history_clear(&history);
}

static irmin_rc walk_once(void *arg, irmin_error *err)
{
	irmin_log_options options = IRMIN_LOG_OPTIONS_INIT;
	irmin_commit *commit;
	irmin_log *log = NULL;
	irmin_rc rc;

	options.path = "d";
	rc = irmin_log_open(arg, &options, &log, err);
	while (rc == IRMIN_OK) {
		rc = irmin_log_next(log, &commit, err);
		irmin_commit_unref(commit);
	}
	irmin_log_free(log);
	return rc;
}

static void out_of_memory(void)
{
	struct history history;
	irmin_error err;

	history_make(&history, 12, 12);
	if (walk_once(history.commits[11], &err) < 0) /* ids are found then */
		bail("%s", err.text);
	alloc_fault_sweep("a walk along a path", walk_once,
	    history.commits[11]);
	history_clear(&history);
}

int main(void)
{
	random_histories();
	with_graph();
	shallow();
	shallow_revisions();
	limits();
	refused();
	out_of_memory();
	return done_testing();
}
