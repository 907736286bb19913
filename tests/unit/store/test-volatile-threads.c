/* Threads that write, forget, read, and look up by id in one repository that is
 * kept in memory. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

#define WRITERS 2
#define ROUNDS  300

struct shared {
	irmin_repo *repo;
	atomic_int next;    /* the number of the next thread */
	atomic_int writing; /* threads that still write */
	atomic_int wrong;
};

static void check(struct shared *shared, int holds)
{
	if (!holds)
		atomic_fetch_add(&shared->wrong, 1);
}

/* Writes to a branch that all write to; every other one makes and removes a branch
 * of its own, too. */
static void *write_all(void *arg)
{
	struct shared *shared = arg;
	irmin_store *store = room_store_on(shared->repo, "main");
	int self = atomic_fetch_add(&shared->next, 1), i;
	char path[32], value[32], branch[32];
	irmin_error err;

	snprintf(branch, sizeof branch, "own/%d", self);
	for (i = 0; i < ROUNDS; i++) {
		irmin_commit *head = NULL;

		snprintf(path, sizeof path, "d/%d/%d", self, i % 5);
		snprintf(value, sizeof value, "%d", i);
		check(shared,
		    irmin_store_set(store, path, irmin_text(value), NULL,
			&err) == IRMIN_OK);
		if (i % 3 != self % 2)
			continue;
		check(shared,
		    irmin_store_head(store, &head, &err) == IRMIN_OK &&
			irmin_branch_create(shared->repo, branch, head, &err) ==
			    IRMIN_OK &&
			irmin_branch_remove(shared->repo, branch, &err) ==
			    IRMIN_OK);
		irmin_commit_unref(head);
	}
	irmin_store_close(store);
	atomic_fetch_sub(&shared->writing, 1);
	return NULL;
}

static void *read_all(void *arg)
{
	struct shared *shared = arg;
	irmin_store *store = room_store_on(shared->repo, "main");
	irmin_buf value = IRMIN_BUF_INIT;
	irmin_error err;
	int last = 0, now;

	while (atomic_load(&shared->writing)) {
		check(shared,
		    irmin_store_find(store, "d/0/0", &value, &err) >= 0);
		now = value.len ? atoi((char *)value.data) : 0;
		check(shared, now >= last);
		last = now;
	}
	irmin_buf_clear(&value);
	irmin_store_close(store);
	return NULL;
}

/* Whoever holds a commit finds it by its id, and its values by theirs. */
static void *look_up(void *arg)
{
	struct shared *shared = arg;
	irmin_error err;

	while (atomic_load(&shared->writing)) {
		irmin_commit *head = NULL, *found = NULL;
		irmin_tree *tree = NULL;
		irmin_object object = { IRMIN_OBJECT_ANY, IRMIN_PIN_INIT };
		irmin_oid id;

		if (irmin_branch_find(shared->repo, "main", &head, &err) !=
		    IRMIN_OK)
			continue;
		check(shared,
		    irmin_commit_id(head, &id, &err) == IRMIN_OK &&
			irmin_commit_get(shared->repo, &id, &found, &err) ==
			    IRMIN_OK);
		check(shared, found == head);
		check(shared,
		    irmin_commit_tree(head, &tree, &err) == IRMIN_OK &&
			irmin_tree_id(tree, &id, &err) == IRMIN_OK &&
			irmin_object_find(shared->repo, &id, &object, &err) ==
			    IRMIN_OK);
		irmin_pin_release(&object.data);
		irmin_tree_unref(tree);
		irmin_commit_unref(found);
		irmin_commit_unref(head);
	}
	return NULL;
}

/* Rules come and go. */
static void *change_rules(void *arg)
{
	struct shared *shared = arg;
	irmin_retention rule = IRMIN_RETENTION_INIT;
	irmin_error err;

	do {
		rule.commits = rule.commits == 3 ? 10 : 3;
		check(shared,
		    irmin_repo_retain(shared->repo, "m*", &rule, &err) ==
			IRMIN_OK);
	} while (atomic_load(&shared->writing));
	return NULL;
}

int main(void)
{
	void *(*const others[])(void *) = { read_all, look_up, change_rules };
	pthread_t threads[WRITERS + 3];
	struct shared shared;
	irmin_commit *head = NULL, *next;
	irmin_store *store;
	irmin_error err;
	int i, depth = 1;

	memset(&shared, 0, sizeof shared);
	shared.repo = room_open(NULL);
	atomic_store(&shared.writing, WRITERS);
	for (i = 0; i < WRITERS + 3; i++)
		if (pthread_create(&threads[i], NULL,
			i < WRITERS ? write_all : others[i - WRITERS],
			&shared) != 0)
			bail("no threads");
	for (i = 0; i < WRITERS + 3; i++)
		pthread_join(threads[i], NULL);
	is_int(atomic_load(&shared.wrong), 0, "all went as it should");
	/* What was kept for the branches that went goes by and by. */
	store = room_store_on(shared.repo, "main");
	for (i = 0; i < 3 * ROUNDS; i++)
		if (irmin_store_set(store, "x", irmin_text(i % 2 ? "1" : "2"),
			NULL, &err) != IRMIN_OK)
			bail("%s", err.text);
	irmin_store_close(store);
	if (irmin_branch_find(shared.repo, "main", &head, &err) != IRMIN_OK)
		bail("no head");
	while (irmin_commit_parent(head, 0, &next, &err) == IRMIN_OK) {
		irmin_commit_unref(head);
		head = next;
		depth++;
	}
	ok(depth == 3 || depth == 10, "and the last rule holds: %d", depth);
	irmin_commit_unref(head);
	irmin_repo_close(shared.repo);
	return done_testing();
}
