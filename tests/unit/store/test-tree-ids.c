/* Ids of trees that come late: what they are, that each directory is hashed once
 * whoever asks, and that copies made meanwhile are what they should be. For
 * ThreadSanitizer above all. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

#define THREADS 4
#define ROUNDS  10
#define WIDE    300 /* directories in one, so that it has many leaves */

static irmin_edit *begin(irmin_tree *base)
{
	irmin_edit *edit = NULL;
	irmin_error err;

	if (irmin_edit_new(base, &edit, &err) < 0)
		bail("%s", err.text);
	return edit;
}

static irmin_tree *end(irmin_edit *edit)
{
	irmin_tree *tree = NULL;
	irmin_error err;

	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	return tree;
}

static void set(irmin_edit *edit, const char *path, const char *value)
{
	irmin_error err;

	if (irmin_edit_set(edit, path, irmin_text(value), &err) < 0)
		bail("%s", err.text);
}

/* A directory of many directories, beside one of files and a deep one. */
static irmin_tree *build(irmin_repo *repo)
{
	irmin_tree *empty = room_build(repo, NULL);
	irmin_edit *edit = begin(empty);
	int i;

	for (i = 0; i < WIDE; i++) {
		set(edit, tap_format("wide/%03d/a", i), tap_format("%d", i));
		set(edit, tap_format("files/%03d", i), tap_format("%d", i));
	}
	set(edit, "a/b/c/d/e", "deep");
	irmin_tree_unref(empty);
	return end(edit);
}

static void change(irmin_edit *edit, size_t number)
{
	char path[32];

	snprintf(path, sizeof path, "wide/%03zu/a", number * 70);
	set(edit, path, "changed");
	snprintf(path, sizeof path, "wide/%03zu-new/a", number * 70);
	set(edit, path, "new");
	snprintf(path, sizeof path, "files/%03zu", number);
	set(edit, path, "changed");
}

static irmin_oid id_of(irmin_tree *tree)
{
	irmin_error err;
	irmin_oid id;

	if (irmin_tree_id(tree, &id, &err) < 0)
		bail("%s", err.text);
	return id;
}

static uint64_t hashed(irmin_repo *repo)
{
	return irmin_repo_stat(repo, IRMIN_STAT_HASHED_BYTES);
}

/* ---- many threads, one tree ---- */

struct shared {
	irmin_tree *tree;
	irmin_oid id, changed[THREADS]; /* as one thread alone found them */
	int edits;
	atomic_size_t next;
	atomic_int wrong;
	pthread_barrier_t start;
};

/* Copies are made while others write ids into what is copied. */
static void *ask(void *arg)
{
	struct shared *shared = arg;
	size_t number = atomic_fetch_add(&shared->next, 1) % THREADS;
	irmin_edit *edit;
	irmin_tree *changed;
	irmin_mode mode;
	irmin_oid id, below;
	irmin_error err;

	pthread_barrier_wait(&shared->start);
	if (number % 2 &&
	    irmin_tree_find_mode(shared->tree, tap_format("wide/%03zu", number),
		&mode, &below, &err) != IRMIN_OK)
		atomic_fetch_add(&shared->wrong, 1);
	edit = begin(shared->tree);
	if (shared->edits)
		change(edit, number);
	id = id_of(shared->tree);
	changed = end(edit);
	if (irmin_oid_compare(&id, &shared->id) != 0)
		atomic_fetch_add(&shared->wrong, 1);
	id = id_of(changed);
	if (irmin_oid_compare(&id,
		shared->edits ? &shared->changed[number] : &shared->id) != 0)
		atomic_fetch_add(&shared->wrong, 1);
	irmin_tree_unref(changed);
	return NULL;
}

static void run(struct shared *shared)
{
	pthread_t threads[THREADS];
	int i;

	pthread_barrier_init(&shared->start, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, ask, shared) != 0)
			bail("cannot start a thread");
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&shared->start);
}

/* What one thread finds, on trees that no other has; and what that hashes. */
static uint64_t find_alone(struct shared *shared)
{
	irmin_repo *repo = room_open(NULL);
	irmin_tree *tree = build(repo), *changed;
	uint64_t before = hashed(repo), cost;
	irmin_edit *edit;
	size_t i;

	shared->id = id_of(tree);
	cost = hashed(repo) - before;
	before = hashed(repo);
	shared->id = id_of(tree);
	is_int(hashed(repo) - before, 0, "an id is computed once");
	for (i = 0; i < THREADS; i++) {
		edit = begin(tree);
		change(edit, i);
		changed = end(edit);
		shared->changed[i] = id_of(changed);
		irmin_tree_unref(changed);
	}
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
	return cost;
}

static void many_threads(void)
{
	struct shared shared = { .edits = 0 };
	irmin_repo *repo = room_open(NULL);
	uint64_t cost = find_alone(&shared), before, most = 0;
	int i;

	for (i = 0; i < 2 * ROUNDS; i++) {
		shared.edits = i >= ROUNDS;
		shared.tree = build(repo);
		before = hashed(repo);
		run(&shared);
		if (!shared.edits && hashed(repo) - before > most)
			most = hashed(repo) - before;
		irmin_tree_unref(shared.tree);
	}
	is_int(shared.wrong, 0,
	    "all threads find the ids that one finds alone");
	is_int(most, cost, "and together they hash no more than it");
	irmin_repo_close(repo);
}

/* ---- against what is stored ---- */

/* Whatever was hashed before a tree was changed, and however much of it, what is
 * stored of it in the end has the same id. */
static void step_by_step(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_tree *late = build(repo), *eager = build(repo), *next;
	irmin_tree **trees[] = { &late, &eager };
	irmin_edit *edit;
	irmin_oid id, stored;
	size_t i, j;

	for (i = 0; i < 30; i++) {
		for (j = 0; j < 2; j++) {
			edit = begin(*trees[j]);
			set(edit, tap_format("wide/%03zu/a", i * 37 % WIDE),
			    "x");
			set(edit, tap_format("wide/%03zu/b/c", i * 11 % WIDE),
			    tap_format("%zu", i));
			next = end(edit);
			irmin_tree_unref(*trees[j]);
			*trees[j] = next;
		}
		if (i % 3 == 0)
			id_of(eager);
		if (i % 5 == 0)
			room_store(eager);
	}
	stored = room_store(eager);
	id = id_of(late);
	is_str(room_hex(&id), room_hex(&stored),
	    "hashed at the end, and hashed and stored on the way");
	next = room_tree(repo, &stored);
	is_str(room_text(next), room_text(late),
	    "what is stored is what it is");
	irmin_tree_unref(next);
	irmin_tree_unref(late);
	irmin_tree_unref(eager);
	irmin_repo_close(repo);
}

/* ---- out of memory ---- */

static irmin_rc build_and_ask(void *arg, irmin_error *err)
{
	irmin_tree *tree = arg, *changed = NULL;
	irmin_edit *edit = NULL;
	irmin_oid id, again;
	irmin_rc rc = irmin_edit_new(tree, &edit, err);

	if (rc >= 0)
		rc = irmin_edit_set(edit, "wide/007/b", irmin_text("1"), err);
	if (rc >= 0)
		rc = irmin_edit_set(edit, "a/b/c", irmin_text("2"), err);
	if (rc >= 0)
		rc = irmin_edit_tree(edit, &changed, err);
	if (rc >= 0)
		rc = irmin_tree_id(changed, &id, err);
	/* The failure comes once: what was given up is to be had now. */
	if (rc < 0 && changed && irmin_tree_id(changed, &again, NULL) < 0)
		bail("an id that was given up is not to be had");
	irmin_tree_unref(changed);
	irmin_edit_free(edit);
	return rc;
}

static void out_of_memory(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_tree *tree = build(repo);

	id_of(tree);
	alloc_fault_sweep("change and ask", build_and_ask, tree);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

int main(void)
{
	many_threads();
	step_by_step();
	out_of_memory();
	return done_testing();
}
