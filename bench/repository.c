/*
 * A real repository through libirmin, as a program would read it. The clock is
 * that of the whole process, taken from outside; this prints what was done, as
 * one line of JSON, so that nobody is fast by leaving something out.
 *
 *     scan DIR        every object, as irmin_object_scan tells it
 *     find DIR        every object by its id, in the order told; ids checked
 *     walk DIR        the ids of all commits from HEAD
 *     get DIR N       N random values by path at HEAD; the paths come from a
 *                     walk of that tree, which is counted too
 *     get DIR N KEYS  likewise, of the values d/0/0 and so on of bench-keys.h
 *     pack DIR        one pack of all
 */
#include "bench/bench-keys.h"

#include <irmin/irmin.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A quarter of it is for the bases of deltas: what git gives them by default. */
#define CACHE_BYTES ((size_t)384 << 20)

struct run {
	irmin_repo *repo;
	unsigned gets, keys;
	uint64_t operations, bytes; /* results */
	irmin_error err;
};

static int find_object(void *arg, const irmin_oid *id)
{
	struct run *run = arg;
	irmin_object object;
	irmin_rc rc = irmin_object_find(run->repo, id, &object, &run->err);

	run->operations++;
	run->bytes += object.data.len;
	irmin_pin_release(&object.data);
	return rc;
}

static int count_object(void *arg, const irmin_oid *id, irmin_object_type type,
    irmin_slice data)
{
	struct run *run = arg;

	(void)id;
	(void)type;
	run->operations++;
	run->bytes += data.len;
	return 0;
}

static irmin_rc run_scan(struct run *run)
{
	return irmin_object_scan(run->repo, count_object, run, &run->err);
}

static irmin_rc run_find(struct run *run)
{
	irmin_error err;
	irmin_rc rc = irmin_object_each(run->repo, NULL, find_object, run,
	    &err);

	if (rc < 0 && run->err.code == 0)
		run->err = err;
	return rc;
}

/* Written out as git rev-list does, to nowhere. */
static irmin_rc run_walk(struct run *run)
{
	FILE *out = fopen("/dev/null", "w");
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_commit *commit = NULL;
	irmin_log *log = NULL;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_commit_of_revision(run->repo, "HEAD", &commit, &run->err);
	if (rc >= 0)
		rc = irmin_log_open(commit, NULL, &log, &run->err);
	irmin_commit_unref(commit);
	while (out && rc >= 0 &&
	    (rc = irmin_log_next_id(log, &id, &run->err)) == IRMIN_OK) {
		fprintf(out, "%s\n", irmin_oid_hex(&id, hex));
		run->operations++;
	}
	irmin_log_free(log);
	if (out)
		fclose(out);
	return rc;
}

/* ---- gets ---- */

struct paths {
	char **all;
	unsigned count;
};

static int keep_path(void *arg, const irmin_visit *visit)
{
	struct paths *paths = arg;

	if (visit->mode == IRMIN_MODE_GITLINK)
		return 0;
	if ((paths->count & (paths->count - 1)) == 0)
		paths->all = realloc(paths->all,
		    (paths->count ? 2 * paths->count : 1) * sizeof(char *));
	if (!paths->all)
		return IRMIN_ENOMEM;
	paths->all[paths->count++] = strndup(visit->path.data, visit->path.len);
	return 0;
}

static irmin_rc head_tree(struct run *run, irmin_tree **tree)
{
	irmin_commit *head;
	irmin_rc rc;

	*tree = NULL;
	rc = irmin_commit_of_revision(run->repo, "HEAD", &head, &run->err);
	if (rc >= 0)
		rc = irmin_commit_tree(head, tree, &run->err);
	irmin_commit_unref(head);
	return rc;
}

static irmin_rc get_all(struct run *run, irmin_tree *tree,
    const struct paths *paths)
{
	irmin_rc rc = IRMIN_OK;
	const char *path;
	irmin_pin value;
	char made[40];
	unsigned i;

	for (i = 0; rc >= 0 && i < run->gets; i++) {
		if (run->keys) {
			bench_path(bench_random(i, run->keys), made);
			path = made;
		} else {
			path = paths->all[bench_random(i, paths->count)];
		}
		rc = irmin_tree_find(tree, path, &value, &run->err);
		run->operations++;
		run->bytes += value.len;
		irmin_pin_release(&value);
	}
	return rc;
}

static irmin_rc run_get(struct run *run)
{
	struct paths paths = { NULL, 0 };
	irmin_tree *tree;
	unsigned i;
	irmin_rc rc;

	rc = head_tree(run, &tree);
	if (rc >= 0 && !run->keys)
		rc = irmin_tree_each(tree, "", 0, keep_path, &paths, &run->err);
	if (rc >= 0)
		rc = get_all(run, tree, &paths);
	for (i = 0; i < paths.count; i++)
		free(paths.all[i]);
	free(paths.all);
	irmin_tree_unref(tree);
	return rc;
}

static irmin_rc run_pack(struct run *run)
{
	return irmin_repo_pack(run->repo, NULL, NULL, &run->err);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		irmin_rc (*run)(struct run *run);
		uint32_t flags;
	} runs[] = {
		{ "scan", run_scan, IRMIN_OPEN_READ_ONLY },
		{ "find", run_find, IRMIN_OPEN_READ_ONLY },
		{ "walk", run_walk, IRMIN_OPEN_READ_ONLY },
		{ "get", run_get, IRMIN_OPEN_READ_ONLY },
		{ "pack", run_pack, 0 },
	};
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	struct run run = { NULL, argc > 3 ? (unsigned)atoi(argv[3]) : 0,
		argc > 4 ? (unsigned)atoi(argv[4]) : 0, 0, 0, { 0 } };
	const size_t count = sizeof runs / sizeof *runs;
	size_t i = 0;
	irmin_rc rc;

	while (argc > 2 && i < count && strcmp(argv[1], runs[i].name) != 0)
		i++;
	if (argc < 3 || i == count) {
		fprintf(stderr,
		    "usage: %s scan|find|walk|get|pack DIR [N [KEYS]]\n",
		    argv[0]);
		return 2;
	}
	options.flags = runs[i].flags;
	options.cache_bytes = CACHE_BYTES;
	rc = irmin_repo_open(argv[2], &options, &run.repo, &run.err);
	if (rc >= 0)
		rc = runs[i].run(&run);
	irmin_repo_close(run.repo);
	if (rc < 0) {
		fprintf(stderr, "bench: %s\n", run.err.text);
		return 3;
	}
	printf("{\"operations\": %" PRIu64 ", \"bytes\": %" PRIu64 "}\n",
	    run.operations, run.bytes);
	return 0;
}
