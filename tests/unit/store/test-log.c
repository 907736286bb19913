/* History, beside git log on random histories with merges. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/history.h"

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

	history_make(&history, 12, 12);
	alloc_fault_sweep("a walk along a path", walk_once,
	    history.commits[11]);
	history_clear(&history);
}

int main(void)
{
	random_histories();
	limits();
	refused();
	out_of_memory();
	return done_testing();
}
