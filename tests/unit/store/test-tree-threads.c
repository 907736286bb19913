/* One tree, several threads: what is found out about it is found out once. For
 * ThreadSanitizer above all. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

#define THREADS 4
#define KEYS    64

struct shared {
	irmin_repo *repo;
	irmin_tree *tree;
	atomic_int wrong;
	pthread_barrier_t start;
};

static void key_of(int i, char key[32])
{
	snprintf(key, 32, "d%d/e%d/k%d", i % 4, i % 8, i);
}

static irmin_tree *build(irmin_repo *repo)
{
	irmin_tree *tree;
	irmin_edit *edit;
	irmin_error err;
	char key[32];
	int i;

	if (irmin_tree_empty(repo, &tree, &err) < 0 ||
	    irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	for (i = 0; i < KEYS; i++) {
		key_of(i, key);
		if (irmin_edit_set(edit, key, irmin_text(key), &err) < 0)
			bail("%s", err.text);
	}
	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	return tree;
}

static void run(struct shared *shared, void *(*body)(void *))
{
	pthread_t threads[THREADS];
	int i;

	pthread_barrier_init(&shared->start, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, body, shared) != 0)
			bail("cannot start a thread");
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&shared->start);
}

static void *read_keys(void *arg)
{
	struct shared *shared = arg;
	irmin_pin value;
	irmin_error err;
	char key[32];
	int i;

	pthread_barrier_wait(&shared->start);
	for (i = 0; i < KEYS; i++) {
		key_of(i, key);
		if (irmin_tree_find(shared->tree, key, &value, &err) !=
			IRMIN_OK ||
		    value.len != strlen(key) ||
		    memcmp(value.data, key, value.len) != 0)
			atomic_fetch_add(&shared->wrong, 1);
		irmin_pin_release(&value);
	}
	return NULL;
}

/* Each thread asks for the id and stores; some go on editing meanwhile. */
static void *store_tree(void *arg)
{
	struct shared *shared = arg;
	irmin_context context = irmin__repo_context(shared->repo, NULL);
	irmin_tree *changed = NULL;
	irmin_edit *edit = NULL;
	irmin__batch *batch = NULL;
	irmin_oid id, again;
	irmin_error err;

	pthread_barrier_wait(&shared->start);
	if (irmin_edit_new(shared->tree, &edit, &err) < 0 ||
	    irmin_edit_set(edit, "d0/e0/k0", irmin_text("new"), &err) < 0 ||
	    irmin_tree_id(shared->tree, &id, &err) < 0 ||
	    irmin_edit_set(edit, "d1/e1/k1", irmin_text("new"), &err) < 0 ||
	    irmin__batch_new(shared->repo, &batch, &err) < 0 ||
	    irmin__tree_collect(shared->tree, batch, &again, &err) < 0 ||
	    irmin_edit_set(edit, "d2/e2/k2", irmin_text("new"), &err) < 0 ||
	    irmin__batch_write(batch, &context, &err) < 0 ||
	    irmin_edit_tree(edit, &changed, &err) < 0 ||
	    irmin_oid_compare(&id, &again) != 0)
		atomic_fetch_add(&shared->wrong, 1);
	else
		room_store(changed);
	irmin_tree_unref(changed);
	irmin_edit_free(edit);
	irmin__batch_free(batch);
	return NULL;
}

int main(void)
{
	struct shared shared = { .repo = room_open(NULL) };
	irmin_oid id;
	int i;

	for (i = 0; i < 20; i++) {
		shared.tree = build(shared.repo);
		run(&shared, store_tree);
		id = room_store(shared.tree);
		irmin_tree_unref(shared.tree);
		shared.tree = room_tree(shared.repo, &id);
		run(&shared, read_keys);
		irmin_tree_unref(shared.tree);
	}
	is_int(shared.wrong, 0, "threads that store, edit and read one tree");
	irmin_repo_close(shared.repo);
	return done_testing();
}
