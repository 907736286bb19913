/*
 * A set without fixed paths: a directory that holds too many keys is split into
 * one for each letter. Through questions and operations, a split by others in
 * between neither hides a key nor misplaces one; through paths it does.
 */
#include <irmin/irmin.h>

#include "tests/support/tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ROOT      "set"
#define LEAF_MAX  4
#define KEY_BYTES 4 /* so a key is never the name of a shard, which has one */
#define LEAF_PATH 32

#define THREADS 4
#define INSERTS 60

/* ---- the type ---- */

/* The directory in which a key is, or would be. */
static irmin_rc find_leaf(irmin_tree *tree, const char *key,
    char path[LEAF_PATH], size_t *depth, irmin_error *err)
{
	irmin_list *list;
	size_t len = strlen(ROOT);
	irmin_mode mode;
	irmin_rc rc;

	strcpy(path, ROOT);
	for (*depth = 0;; ++*depth) {
		rc = irmin_tree_list(tree, path, 0, 1, &list, err);
		mode = irmin_list_entry(list, 0).mode;
		irmin_list_free(list);
		if (rc < 0 || mode != IRMIN_MODE_TREE)
			return rc < 0 ? rc : IRMIN_OK;
		path[len++] = '/';
		path[len++] = key[*depth];
		path[len] = '\0';
	}
}

static const char *below(const char *path, const char *name)
{
	return tap_format("%s/%s", path, name);
}

/* A question: whether a key is in the set. */
static irmin_rc has_key(void *arg, irmin_tree *tree, irmin_buf *answer,
    irmin_error *err)
{
	const char *key = arg;
	char path[LEAF_PATH];
	irmin_mode mode;
	size_t depth;
	irmin_rc rc = find_leaf(tree, key, path, &depth, err);

	if (rc >= 0)
		rc = irmin_tree_find_mode(tree, below(path, key), &mode, NULL,
		    err);
	if (rc < 0)
		return rc;
	return irmin_buf_set(answer, irmin_text(rc == IRMIN_OK ? "yes" : "no"),
	    err);
}

/* One step: what is too large below one shard is split by who comes next. */
static irmin_rc split(irmin_edit *edit, irmin_tree *tree, const char *path,
    size_t depth, irmin_error *err)
{
	char name[KEY_BYTES + 1] = "", shard[2] = "";
	irmin_list *list;
	size_t i;
	irmin_rc rc = irmin_tree_list(tree, path, 0, 0, &list, err);

	for (i = 0; rc >= 0 && i < irmin_list_length(list); i++) {
		memcpy(name, irmin_list_entry(list, i).name.data, KEY_BYTES);
		shard[0] = name[depth];
		rc = irmin_edit_move(edit, below(path, name),
		    below(below(path, shard), name), err);
	}
	irmin_list_free(list);
	return rc;
}

/* An operation: puts a key into the set. */
static irmin_rc insert(void *arg, irmin_edit *edit, irmin_error *err)
{
	const char *key = arg;
	char path[LEAF_PATH];
	irmin_tree *tree = NULL;
	size_t depth = 0, length = 0;
	irmin_rc rc = irmin_edit_tree(edit, &tree, err);

	if (rc >= 0)
		rc = find_leaf(tree, key, path, &depth, err);
	if (rc >= 0)
		rc = irmin_edit_set(edit, below(path, key), irmin_text(""),
		    err);
	while (rc >= 0) {
		irmin_tree_unref(tree);
		tree = NULL;
		rc = irmin_edit_tree(edit, &tree, err);
		if (rc >= 0)
			rc = find_leaf(tree, key, path, &depth, err);
		if (rc >= 0)
			rc = irmin_tree_length(tree, path, &length, err);
		if (rc < 0 || length <= LEAF_MAX)
			break;
		rc = split(edit, tree, path, depth, err);
	}
	irmin_tree_unref(tree);
	return rc;
}

/* Answers OK; EEXIST. */
static irmin_rc insert_if_absent(irmin_txn *txn, void *arg, irmin_error *err)
{
	irmin_buf answer = IRMIN_BUF_INIT;
	char *key = arg;
	irmin_rc rc;

	rc = irmin_txn_ask(txn, has_key, key, NULL, &answer, err);
	if (rc >= 0 && strcmp((char *)answer.data, "yes") == 0)
		rc = irmin_error_set(err, IRMIN_EEXIST, key, "%s is there",
		    key);
	irmin_buf_clear(&answer);
	return rc < 0 ? rc : irmin_txn_apply(txn, insert, key, NULL, err);
}

/* ---- what is in a set ---- */

struct keys {
	char keys[400][KEY_BYTES + 1];
	size_t count;
};

static int collect(void *arg, const irmin_visit *visit)
{
	struct keys *keys = arg;
	const char *end = (const char *)visit->path.data + visit->path.len;

	if (keys->count < sizeof keys->keys / sizeof *keys->keys)
		memcpy(keys->keys[keys->count++], end - KEY_BYTES, KEY_BYTES);
	return 0;
}

static irmin_store *open_store(const char *uri)
{
	irmin_store *store = NULL;
	irmin_error err;

	if (irmin_open(uri, NULL, &store, &err) < 0)
		bail("%s", err.text);
	return store;
}

static irmin_tree *tree_of(irmin_store *store)
{
	irmin_tree *tree = NULL;
	irmin_error err;

	if (irmin_store_tree(store, &tree, &err) < 0)
		bail("%s", err.text);
	return tree;
}

/* Whether a set is as if its keys had come one after the other, and how many
 * there are: each may be there once. */
static bool is_sound(irmin_store *store, size_t *count)
{
	irmin_store *model = open_store("mem:");
	irmin_tree *tree = tree_of(store), *want;
	struct keys keys = { { { 0 } }, 0 };
	irmin_oid id, want_id;
	irmin_error err;
	size_t i;
	bool sound = true;

	if (irmin_tree_each(tree, ROOT, 0, collect, &keys, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < keys.count; i++)
		sound &= irmin_store_transact(model, IRMIN_TXN_SERIALIZABLE,
			     NULL, insert_if_absent, keys.keys[i], &err) == 0;
	want = tree_of(model);
	if (irmin_tree_id(tree, &id, &err) < 0 ||
	    irmin_tree_id(want, &want_id, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	irmin_tree_unref(want);
	irmin_store_close(model);
	*count = keys.count;
	return sound && irmin_oid_compare(&id, &want_id) == 0;
}

/* ---- one race ---- */

static void add(irmin_store *store, const char *key)
{
	char copy[KEY_BYTES + 1];
	irmin_error err;

	memcpy(copy, key, sizeof copy);
	if (irmin_store_transact(store, IRMIN_TXN_SERIALIZABLE, NULL,
		insert_if_absent, copy, &err) < 0)
		bail("%s", err.text);
}

/* A set that the next key splits. */
static irmin_store *open_full(void)
{
	irmin_store *store = open_store("mem:");

	add(store, "aaaa");
	add(store, "aaab");
	add(store, "baaa");
	add(store, "baab");
	return store;
}

static irmin_txn *begin(irmin_store *store)
{
	irmin_txn *txn = NULL;
	irmin_error err;

	if (irmin_txn_begin(store, IRMIN_TXN_SERIALIZABLE, &txn, &err) < 0)
		bail("%s", err.text);
	return txn;
}

static void split_in_between(void)
{
	irmin_store *store = open_full();
	char mine[] = "abba";
	irmin_txn *txn = begin(store);
	irmin_error err;
	size_t count;

	succeeds(insert_if_absent(txn, mine, &err), &err, "insert");
	add(store, "bbbb");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK,
	    "others split the set meanwhile");
	ok(is_sound(store, &count), "the key is where it belongs");
	is_int(count, 6, "with all others");
	irmin_store_close(store);
}

static void one_key_twice(void)
{
	irmin_store *store = open_full();
	char mine[] = "abba";
	irmin_txn *txn = begin(store);
	irmin_stale stale;
	irmin_error err;
	size_t count;

	succeeds(insert_if_absent(txn, mine, &err), &err, "insert");
	add(store, "abba");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ESTALE, &err,
	    "others inserted the same key, elsewhere");
	is_rc(irmin_txn_stale(txn, &stale), IRMIN_OK, "a question is stale");
	is_mem(stale.now.data, stale.now.len, "yes", 3, "the key is there");
	irmin_txn_abort(txn);
	fails(irmin_store_transact(store, IRMIN_TXN_SERIALIZABLE, NULL,
		  insert_if_absent, mine, &err),
	    IRMIN_EEXIST, &err, "and who begins again sees it");
	ok(is_sound(store, &count), "it is there once");
	is_int(count, 5, "with all others");
	irmin_store_close(store);
}

/* What the type is for: the same by paths, as it stood when it was read. */
static void by_paths(void)
{
	irmin_store *store = open_full();
	irmin_txn *txn = begin(store);
	irmin_error err;
	irmin_mode mode;
	size_t count;

	is_rc(irmin_txn_find_mode(txn, ROOT "/abba", &mode, &err), IRMIN_ABSENT,
	    "no such path");
	succeeds(irmin_txn_set(txn, ROOT "/abba", irmin_text(""), &err), &err,
	    "set");
	add(store, "abba");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK,
	    "the path is still free,");
	ok(!is_sound(store, &count), "and the key is there twice");
	irmin_store_close(store);
}

/* ---- threads ---- */

struct inserter {
	pthread_t thread;
	irmin_store *store;
	unsigned seed, inserted;
	irmin_rc rc;
	irmin_error err;
};

static void *insert_often(void *arg)
{
	irmin_info info = irmin_info_of("Set <set@example.org>", "a key");
	struct inserter *self = arg;
	char key[KEY_BYTES + 1] = "";
	int i, at;

	info.retries = 100000;
	info.wait.timeout_ms = UINT32_MAX;
	for (i = 0; i < INSERTS && self->rc >= 0; i++) {
		for (at = 0; at < KEY_BYTES; at++)
			key[at] = (char)('a' + rand_r(&self->seed) % 3);
		self->rc = irmin_store_transact(self->store,
		    IRMIN_TXN_SERIALIZABLE, &info, insert_if_absent, key,
		    &self->err);
		self->inserted += self->rc == IRMIN_OK;
		if (self->rc == IRMIN_EEXIST)
			self->rc = IRMIN_OK;
	}
	return NULL;
}

static void in_threads(const char *uri)
{
	struct inserter inserters[THREADS];
	irmin_store *store = open_store(uri);
	size_t count, inserted = 0;
	int i;

	diag("%s", uri);
	memset(inserters, 0, sizeof inserters);
	for (i = 0; i < THREADS; i++) {
		inserters[i].store = store;
		inserters[i].seed = (unsigned)i + 1;
		if (pthread_create(&inserters[i].thread, NULL, insert_often,
			&inserters[i]) != 0)
			bail("no thread");
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(inserters[i].thread, NULL);
		succeeds(inserters[i].rc, &inserters[i].err, "thread %d", i);
		inserted += inserters[i].inserted;
	}
	ok(is_sound(store, &count), "the set is sound");
	ok(count > LEAF_MAX * 3, "and was split");
	is_int(count, inserted, "each key was inserted by one");
	irmin_store_close(store);
}

int main(void)
{
	split_in_between();
	one_key_twice();
	by_paths();
	in_threads("mem:");
	in_threads(tap_format("git:%s/set.git?create=1", tap_tmpdir()));
	return done_testing();
}
