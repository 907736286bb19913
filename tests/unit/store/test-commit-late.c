/* Commits whose ids come late: what they say before, that they become what they
 * would have been at once, and what is left of parents that are let go. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/core/store/commit.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/history.h"
#include "tests/unit/store/hooked.h"
#include "tests/unit/store/room.h"

#define LONG    100000
#define THREADS 4

/* Commits by themselves: nobody keeps or indexes them. */
static struct hooks hooks;

static irmin_repo *open_late(void)
{
	irmin_repo *repo = hooked_open(&hooks, NULL);

	repo->late_commits = 1;
	return repo;
}

static irmin_commit *try_commit(irmin_repo *repo, irmin_tree *tree,
    irmin_commit *const *parents, size_t count, const char *message,
    irmin_error *err)
{
	irmin_info info = irmin_info_of("A <a@b>", message);
	irmin_commit *commit = NULL;

	info.flags = IRMIN_INFO_DATE;
	info.author_time = info.committer_time = 1000000000;
	info.committer = "C <c@d>";
	if (irmin_commit_new(repo, tree, parents, count, &info, &commit, err) <
	    0)
		return NULL;
	return commit;
}

static irmin_commit *commit_of(irmin_tree *tree, irmin_commit *parent,
    const char *message)
{
	irmin_error err;
	irmin_commit *commit = try_commit(irmin__tree_repo(tree), tree, &parent,
	    parent != NULL, message, &err);

	if (!commit)
		bail("%s", err.text);
	return commit;
}

/* ---- the same as at once ---- */

static void as_at_once(void)
{
	irmin_repo *late = open_late(), *eager = hooked_open(&hooks, NULL);
	irmin_tree *a = room_build(late, "a/b=1", "c=2", NULL);
	irmin_tree *b = room_build(eager, "a/b=1", "c=2", NULL);
	irmin_commit *first = commit_of(a, NULL, "one");
	irmin_commit *second = commit_of(a, first, "two\n");
	irmin_commit *eager_first = commit_of(b, NULL, "one");
	irmin_commit *eager_second = commit_of(b, eager_first, "two\n");
	irmin_oid id = history_id(eager_second), object;
	irmin_buf bytes = IRMIN_BUF_INIT;

	ok(!irmin__commit_known_id(second), "nothing is hashed at first");
	ok(irmin__commit_known_id(eager_second) != NULL, "or at once");
	is_str(history_hex(second), room_hex(&id), "the id is the same");
	ok(irmin__commit_known_id(first) != NULL,
	    "then the parent's is known too");
	is_rc(irmin__commit_bytes(second, &bytes, NULL), IRMIN_OK, "its bytes");
	if (irmin_hash_object(IRMIN_HASH_SHA1, IRMIN_OBJECT_COMMIT,
		irmin_buf_slice(&bytes), &object, NULL) < 0)
		bail("cannot hash");
	is_str(room_hex(&object), room_hex(&id), "are those of its id");
	irmin_buf_clear(&bytes);
	irmin_commit_unref(first);
	irmin_commit_unref(second);
	irmin_commit_unref(eager_first);
	irmin_commit_unref(eager_second);
	irmin_tree_unref(a);
	irmin_tree_unref(b);
	irmin_repo_close(late);
	irmin_repo_close(eager);
}

static void without_ids(void)
{
	irmin_repo *repo = open_late();
	irmin_tree *tree = room_build(repo, "a=1", NULL), *same = NULL;
	irmin_commit *first = commit_of(tree, NULL, "one"), *parent;
	irmin_commit *second = commit_of(tree, first, "two");
	irmin_commit *twin = commit_of(tree, first, "two");
	irmin_commit *twice[] = { second, twin };
	irmin_oid id;
	irmin_error err;
	int is_same;

	is_rc(irmin_commit_parent(second, 0, &parent, NULL), IRMIN_OK,
	    "a parent");
	ok(parent == first, "is the very one");
	irmin_commit_unref(parent);
	is_rc(irmin_commit_parent(second, 1, &parent, NULL), IRMIN_ABSENT,
	    "there is no second one");
	is_rc(irmin_commit_tree(second, &same, NULL), IRMIN_OK, "its tree");
	ok(same == tree, "is the very one");
	irmin_tree_unref(same);
	is_int(irmin_commit_committer(second).time, 1000000000, "when");
	is_int(irmin_commit_author(second).name.len, 1, "who");
	is_int(irmin_commit_message(second).len, 4, "what");
	is_rc(irmin__commit_same(first, second, &is_same, NULL), IRMIN_OK,
	    "compared");
	ok(!is_same && !irmin__commit_known_id(second),
	    "those that say different things differ, unhashed");
	is_rc(irmin_commit_parent_id(second, 0, &id, NULL), IRMIN_OK,
	    "the id of a parent");
	ok(irmin__commit_known_id(first) && !irmin__commit_known_id(second),
	    "hashes the parent alone");
	is_rc(irmin__commit_same(second, twin, &is_same, NULL), IRMIN_OK,
	    "compared");
	ok(is_same, "those that are made alike are one");
	ok(!try_commit(repo, tree, twice, 2, "m", &err) &&
		err.code == IRMIN_EINVAL,
	    "and are no two parents");
	irmin_commit_unref(first);
	irmin_commit_unref(second);
	irmin_commit_unref(twin);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

/* ---- letting go ---- */

static void cut(void)
{
	irmin_repo *repo = open_late(), *other = open_late();
	irmin_tree *tree = room_build(repo, "a=1", NULL), *again;
	irmin_commit *unseen = commit_of(tree, NULL, "unseen");
	irmin_commit *seen = commit_of(tree, NULL, "seen"), *parent;
	irmin_commit *both[] = { unseen, seen };
	irmin_commit *child = try_commit(repo, tree, both, 2, "m", NULL);
	irmin_commit *alone, *next;
	irmin_oid id = history_id(seen), found;
	irmin_error err;

	irmin__commit_cut(child);
	is_int(irmin_commit_parent_count(child), 1,
	    "a parent that nobody saw was never there");
	is_rc(irmin_commit_parent_id(child, 0, &found, NULL), IRMIN_OK,
	    "one that was seen");
	is_str(room_hex(&found), room_hex(&id), "stays known by its id");
	fails(irmin_commit_parent(child, 0, &parent, &err), IRMIN_ETRUNCATED,
	    &err, "but is no longer kept");
	ok(strstr(err.text, room_hex(&id)), "%s", err.text);
	is_rc(irmin_commit_parent(child, 1, &parent, NULL), IRMIN_ABSENT,
	    "there is no other");
	again = room_build(other, "a=1", NULL);
	alone = commit_of(again, NULL, "seen");
	next = commit_of(again, alone, "m");
	is_str(history_hex(child), history_hex(next),
	    "its id is that of a commit with this parent");
	irmin__commit_cut(next);
	is_rc(irmin_commit_parent_id(next, 0, &found, NULL), IRMIN_OK,
	    "a commit that was seen");
	is_str(room_hex(&found), room_hex(&id), "keeps its parent's id");
	irmin__commit_cut(next);
	is_int(irmin_commit_parent_count(next), 1, "also when cut again");
	irmin_commit_unref(unseen);
	irmin_commit_unref(seen);
	irmin_commit_unref(child);
	irmin_commit_unref(alone);
	irmin_commit_unref(next);
	irmin_tree_unref(tree);
	irmin_tree_unref(again);
	irmin_repo_close(repo);
	irmin_repo_close(other);
}

/* ---- long histories ---- */

static irmin_commit *make_long(irmin_tree *tree, size_t length)
{
	irmin_commit *head = NULL, *next;
	size_t i;

	for (i = 0; i < length; i++) {
		next = commit_of(tree, head, "m");
		irmin_commit_unref(head);
		head = next;
	}
	return head;
}

struct asking {
	irmin_commit *head;
	irmin_oid id;
	irmin_rc rc;
};

/* On a stack that a frame for each commit would not fit on. */
static void *ask(void *arg)
{
	struct asking *asking = arg;

	asking->rc = irmin_commit_id(asking->head, &asking->id, NULL);
	irmin_commit_unref(asking->head);
	return NULL;
}

static void run_small(pthread_t *thread, void *(*body)(void *), void *arg)
{
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0 ||
	    pthread_attr_setstacksize(&attr, 256 << 10) != 0 ||
	    pthread_create(thread, &attr, body, arg) != 0)
		bail("cannot start a thread");
	pthread_attr_destroy(&attr);
}

/* Some ask for the head, some for commits on the way, and one cuts them. */
static void together(void)
{
	irmin_repo *repo = open_late();
	irmin_tree *tree = room_build(repo, "a/b/c=1", "a/d=2", NULL);
	irmin_commit *head = make_long(tree, LONG), *at = head, *parent;
	struct asking asking[THREADS];
	pthread_t threads[THREADS];
	size_t i, j;

	for (i = 0; i < THREADS; i++) {
		asking[i].head = irmin_commit_ref(at);
		for (j = 0; i % 2 && j < LONG / 10; j++) {
			if (irmin_commit_parent(at, 0, &parent, NULL) !=
			    IRMIN_OK)
				bail("no parent");
			irmin_commit_unref(parent); /* its child holds it */
			at = parent;
		}
	}
	for (i = 0; i < THREADS; i++)
		run_small(&threads[i], ask, &asking[i]);
	irmin__commit_cut(at);
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		is_rc(asking[i].rc, IRMIN_OK, "a thread got its id");
	}
	is_str(history_hex(head), room_hex(&asking[0].id), "of the head");
	is_str(room_hex(&asking[1].id), room_hex(&asking[0].id),
	    "which is the same for all");
	irmin_commit_unref(head);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

/* ---- out of memory ---- */

static irmin_rc make_and_ask(void *arg, irmin_error *err)
{
	irmin_tree *tree = arg;
	irmin_repo *repo = irmin__tree_repo(tree);
	irmin_commit *first, *second = NULL;
	irmin_oid id, again;
	irmin_rc rc;

	first = try_commit(repo, tree, NULL, 0, "one", err);
	if (!first)
		return IRMIN_ENOMEM;
	second = try_commit(repo, tree, &first, 1, "two", err);
	irmin_commit_unref(first);
	rc = second ? irmin_commit_id(second, &id, err) : IRMIN_ENOMEM;
	/* The failure comes once: what was given up is to be had now. */
	if (rc < 0 && second && irmin_commit_id(second, &again, NULL) < 0)
		bail("an id that was given up is not to be had");
	irmin_commit_unref(second);
	return rc;
}

static void out_of_memory(void)
{
	irmin_repo *repo = open_late();
	irmin_tree *tree = room_build(repo, "a/b=1", NULL);

	alloc_fault_sweep("make late commits and ask", make_and_ask, tree);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

int main(void)
{
	as_at_once();
	without_ids();
	cut();
	together();
	out_of_memory();
	return done_testing();
}
