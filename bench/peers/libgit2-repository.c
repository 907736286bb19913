/*
 * The workloads of bench/repository.c through libgit2, at the best settings we
 * know: no check of the hash of what is read, large caches of trees and values.
 */
#include "bench/bench-keys.h"

#include <git2.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run {
	git_repository *repo;
	unsigned gets, keys;
	uint64_t operations, bytes; /* results */
};

static void check(int code, const char *doing)
{
	const git_error *error = git_error_last();

	if (code >= 0)
		return;
	fprintf(stderr, "bench: %s: %s\n", doing, error ? error->message : "?");
	exit(3);
}

static git_odb *odb_of(struct run *run)
{
	git_odb *odb;

	check(git_repository_odb(&odb, run->repo), "odb");
	return odb;
}

struct scan {
	struct run *run;
	git_odb *odb;
};

static int read_object(const git_oid *id, void *arg)
{
	struct scan *scan = arg;
	git_odb_object *object;

	check(git_odb_read(&object, scan->odb, id), "read");
	scan->run->operations++;
	scan->run->bytes += git_odb_object_size(object);
	git_odb_object_free(object);
	return 0;
}

static void run_scan(struct run *run)
{
	struct scan scan = { run, odb_of(run) };

	check(git_odb_foreach(scan.odb, read_object, &scan), "foreach");
	git_odb_free(scan.odb);
}

static void run_walk(struct run *run)
{
	FILE *out = fopen("/dev/null", "w");
	char hex[GIT_OID_HEXSZ + 1];
	git_revwalk *walk;
	git_oid id;

	check(out ? 0 : -1, "open /dev/null");
	check(git_revwalk_new(&walk, run->repo), "walk");
	git_revwalk_sorting(walk, GIT_SORT_TIME);
	check(git_revwalk_push_head(walk), "HEAD");
	while (git_revwalk_next(&id, walk) == 0) {
		fprintf(out, "%s\n", git_oid_tostr(hex, sizeof(hex), &id));
		run->operations++;
	}
	git_revwalk_free(walk);
	fclose(out);
}

/* ---- gets ---- */

struct paths {
	char **all;
	unsigned count;
};

static int keep_path(const char *root, const git_tree_entry *entry, void *arg)
{
	struct paths *paths = arg;
	char path[4096];

	if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
		return 0;
	if ((paths->count & (paths->count - 1)) == 0)
		paths->all = realloc(paths->all,
		    (paths->count ? 2 * paths->count : 1) * sizeof(char *));
	check(paths->all ? 0 : -1, "allocate");
	snprintf(path, sizeof(path), "%s%s", root, git_tree_entry_name(entry));
	paths->all[paths->count++] = strdup(path);
	return 0;
}

static void get_one(struct run *run, git_tree *tree, const char *path)
{
	git_tree_entry *entry;
	git_blob *blob;

	check(git_tree_entry_bypath(&entry, tree, path), "find a path");
	check(git_blob_lookup(&blob, run->repo, git_tree_entry_id(entry)),
	    "find a blob");
	run->operations++;
	run->bytes += (uint64_t)git_blob_rawsize(blob);
	git_blob_free(blob);
	git_tree_entry_free(entry);
}

static void get_all(struct run *run, git_tree *tree, const struct paths *paths)
{
	char made[40];
	unsigned i;

	for (i = 0; i < run->gets; i++) {
		if (run->keys)
			bench_path(bench_random(i, run->keys), made);
		get_one(run, tree,
		    run->keys ? made
			      : paths->all[bench_random(i, paths->count)]);
	}
}

static void run_get(struct run *run)
{
	struct paths paths = { NULL, 0 };
	git_object *tree;
	unsigned i;

	check(git_revparse_single(&tree, run->repo, "HEAD^{tree}"), "HEAD");
	if (!run->keys)
		check(git_tree_walk((git_tree *)tree, GIT_TREEWALK_PRE,
			  keep_path, &paths),
		    "walk");
	get_all(run, (git_tree *)tree, &paths);
	for (i = 0; i < paths.count; i++)
		free(paths.all[i]);
	free(paths.all);
	git_object_free(tree);
}

static void tune(void)
{
	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE,
	    (size_t)1 << 22);
	git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_BLOB,
	    (size_t)1 << 16);
}

int main(int argc, char **argv)
{
	struct run run = { NULL, argc > 3 ? (unsigned)atoi(argv[3]) : 0,
		argc > 4 ? (unsigned)atoi(argv[4]) : 0, 0, 0 };

	if (argc < 3)
		return 2;
	tune();
	check(git_repository_open(&run.repo, argv[2]), "open");
	if (strcmp(argv[1], "scan") == 0)
		run_scan(&run);
	else if (strcmp(argv[1], "walk") == 0)
		run_walk(&run);
	else if (strcmp(argv[1], "get") == 0)
		run_get(&run);
	else
		return 2;
	git_repository_free(run.repo);
	git_libgit2_shutdown();
	printf("{\"operations\": %" PRIu64 ", \"bytes\": %" PRIu64 "}\n",
	    run.operations, run.bytes);
	return 0;
}
