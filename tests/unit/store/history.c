#include "tests/unit/store/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/tap.h"

#define MAX_PARENTS 3

const char *const history_paths[HISTORY_PATHS] = { "a", "d/x", "d/y", "e/f/g" };

/* What one commit holds: a small number for each path, 0 for none. */
struct plan {
	size_t parents[MAX_PARENTS];
	size_t parent_count;
	int64_t time;
	int values[HISTORY_PATHS];
};

static size_t below(size_t n)
{
	return (size_t)rand() % n;
}

/* Each path is as in one of the parents, or, at times, new. */
static void make_plan(struct plan *plans, size_t at)
{
	struct plan *plan = &plans[at];
	size_t parents = 1 + !below(3) + !below(9), i, j;

	memset(plan, 0, sizeof *plan);
	plan->time = (at ? plans[at - 1].time : 1000000000) + 60;
	if (below(5) == 0)
		plan->time -= (int64_t)below(3) * 60;
	for (i = 0; at && i < parents; i++) {
		size_t parent = at - 1 - below(at < 6 ? at : 6);

		for (j = 0; j < plan->parent_count; j++)
			if (plan->parents[j] == parent)
				break;
		if (j == plan->parent_count)
			plan->parents[plan->parent_count++] = parent;
	}
	for (i = 0; i < HISTORY_PATHS; i++) {
		if (plan->parent_count)
			plan->values[i] =
			    plans[plan->parents[below(plan->parent_count)]]
				.values[i];
		if (!plan->parent_count || below(4) == 0)
			plan->values[i] = (int)below(3);
	}
}

/* ---- in memory ---- */

static irmin_commit *make_commit(const struct history *history,
    const struct plan *plan, size_t at)
{
	irmin_info info = IRMIN_INFO_INIT;
	irmin_commit *parents[MAX_PARENTS], *commit = NULL;
	irmin_tree *empty = NULL, *tree = NULL;
	irmin_edit *edit = NULL;
	const char *message = tap_format("%zu", at);
	irmin_error err;
	size_t i;

	if (irmin_tree_empty(history->repo, &empty, &err) < 0 ||
	    irmin_edit_new(empty, &edit, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < HISTORY_PATHS; i++)
		if (plan->values[i] &&
		    irmin_edit_set(edit, history_paths[i],
			irmin_text(tap_format("%d", plan->values[i])),
			&err) < 0)
			bail("%s", err.text);
	for (i = 0; i < plan->parent_count; i++)
		parents[i] = history->commits[plan->parents[i]];
	info.author = "A <a@b>";
	info.message = message;
	info.flags = IRMIN_INFO_DATE;
	info.author_time = info.committer_time = plan->time;
	if (irmin_edit_tree(edit, &tree, &err) < 0 ||
	    irmin_commit_new(history->repo, tree, parents, plan->parent_count,
		&info, &commit, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	irmin_edit_free(edit);
	irmin_tree_unref(empty);
	return commit;
}

/* ---- in git ---- */

static void write_commit(FILE *out, const struct plan *plan, size_t at)
{
	const char *message = tap_format("%zu\n", at);
	size_t i;

	fprintf(out, "commit refs/heads/%zu\nmark :%zu\n", at, at + 1);
	fprintf(out, "author A <a@b> %lld +0000\n", (long long)plan->time);
	fprintf(out, "committer A <a@b> %lld +0000\n", (long long)plan->time);
	fprintf(out, "data %zu\n%s\n", strlen(message), message);
	for (i = 0; i < plan->parent_count; i++)
		fprintf(out, "%s :%zu\n", i ? "merge" : "from",
		    plan->parents[i] + 1);
	fprintf(out, "deleteall\n");
	for (i = 0; i < HISTORY_PATHS; i++)
		if (plan->values[i])
			fprintf(out, "M 100644 inline %s\ndata 1\n%d\n",
			    history_paths[i], plan->values[i]);
	fprintf(out, "\n");
}

static void import(const struct history *history, const struct plan *plans)
{
	const char *stream = tap_format("%s.stream", history->git);
	FILE *out = fopen(stream, "w");
	size_t i;

	if (!out)
		bail("cannot write %s", stream);
	for (i = 0; i < history->count; i++)
		write_commit(out, &plans[i], i);
	if (fclose(out) != 0 ||
	    tap_run(NULL,
		"git init -q --bare %s && git -C %s fast-import --quiet < %s",
		history->git, history->git, stream) != 0)
		bail("git fast-import failed");
}

/* ---- both ---- */

void history_make_in(struct history *history, irmin_repo *repo, size_t count,
    unsigned seed)
{
	static int made;
	struct plan *plans = calloc(count, sizeof *plans);
	size_t i;

	srand(seed);
	history->repo = repo;
	history->count = count;
	history->commits = calloc(count, sizeof *history->commits);
	history->git = tap_format("%s/history-%d.git", tap_tmpdir(), made++);
	if (!plans || !history->commits)
		bail("out of memory");
	for (i = 0; i < count; i++) {
		make_plan(plans, i);
		history->commits[i] = make_commit(history, &plans[i], i);
	}
	import(history, plans);
	free(plans);
}

void history_make(struct history *history, size_t count, unsigned seed)
{
	irmin_repo *repo;
	irmin_error err;

	if (irmin_repo_open("mem:", NULL, &repo, &err) < 0)
		bail("%s", err.text);
	history_make_in(history, repo, count, seed);
}

void history_clear(struct history *history)
{
	size_t i;

	for (i = 0; i < history->count; i++)
		irmin_commit_unref(history->commits[i]);
	free(history->commits);
	irmin_repo_close(history->repo);
}

irmin_oid history_id(irmin_commit *commit)
{
	irmin_error err;
	irmin_oid id;

	if (irmin_commit_id(commit, &id, &err) < 0)
		bail("%s", err.text);
	return id;
}

const char *history_hex(irmin_commit *commit)
{
	irmin_oid id = history_id(commit);
	char hex[IRMIN_OID_HEX_BYTES];

	return tap_format("%s", irmin_oid_hex(&id, hex));
}

const char *history_git(const struct history *history, const char *command)
{
	struct tap_output said;
	const char *text;

	if (tap_run(&said, "git -C %s %s", history->git, command) != 0)
		text = tap_format("git %s failed: %s", command, said.err);
	else
		text = tap_format("%s", said.out);
	tap_output_clear(&said);
	return text;
}
