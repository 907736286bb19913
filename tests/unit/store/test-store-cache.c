/* What a store keeps of what was read through it; and that it sees every move of
 * its head, also while other threads read. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <irmin/irmin.h>

#include "lib/core/store/ledger.h"
#include "lib/core/store/store.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/large.h"
#include "tests/unit/store/room.h"

static irmin_store *open_store(irmin_repo *repo, const char *branch)
{
	irmin_store *store;
	irmin_error err;

	if (irmin_store_open(repo, branch, &store, &err) < 0)
		bail("cannot open a store: %s", err.text);
	return store;
}

/* A store whose head has the large tree, of which nothing is loaded. */
static irmin_store *large_store(irmin_repo *repo)
{
	irmin_store *store = open_store(repo, "main");
	irmin_oid id = large_add(repo);
	irmin_tree *tree = room_tree(repo, &id);
	irmin_error err;

	if (irmin_store_set_tree(store, "", tree, NULL, &err) < 0)
		bail("cannot commit: %s", err.text);
	irmin_tree_unref(tree);
	irmin_store_close(store);
	return open_store(repo, "main");
}

/* Reads the values of some directories; gives the reads that it took. */
static uint64_t read_part(irmin_store *store, int first, int count)
{
	irmin_repo *repo = irmin_store_repo(store);
	uint64_t before = large_reads(repo);
	irmin_buf value = IRMIN_BUF_INIT;
	char key[32];
	int i, wrong = 0;

	for (i = first * VALUES; i < (first + count) * VALUES; i++) {
		large_key(i, key);
		wrong += irmin_store_find(store, key, &value, NULL) != IRMIN_OK;
		wrong += !irmin_slice_equal(irmin_buf_slice(&value),
		    irmin_text(key));
	}
	irmin_buf_clear(&value);
	if (wrong)
		bail("%d values are wrong", wrong);
	return large_reads(repo) - before;
}

static void hot_store(void)
{
	irmin_repo *repo = large_open(0);
	irmin_store *store = large_store(repo), *other;
	irmin_tree *empty;
	irmin_error err;

	ok(read_part(store, 0, WIDTH) > 0, "a store reads what it needs");
	is_int(read_part(store, 0, WIDTH), 0, "once");
	succeeds(irmin_store_set(store, "x", irmin_text("1"), NULL, &err), &err,
	    "the head moves");
	ok(read_part(store, 0, WIDTH) == 0, "and what did not change is there");
	other = open_store(repo, "main");
	if (irmin_tree_empty(repo, &empty, &err) < 0)
		bail("%s", err.text);
	succeeds(irmin_store_set_tree(store, "", empty, NULL, &err), &err,
	    "everything is removed");
	irmin_tree_unref(empty);
	ok(repo->ledger->bytes < 1024, "and gone from memory: %zu bytes",
	    atomic_load(&repo->ledger->bytes));
	irmin_store_close(other);
	irmin_store_close(store);
	is_int(repo->ledger->bytes, 0, "nothing stays charged");
	irmin_repo_close(repo);
}

/* Room for a part of the tree: what is read now comes in for what was read
 * before. */
static void renewal(void)
{
	irmin_repo *repo = large_open((size_t)128 << 10);
	irmin_store *store = large_store(repo), *detached;
	uint64_t last = 1;
	irmin_error err;
	int i;

	ok(read_part(store, 0, WIDTH * WIDTH) > KEYS / 2,
	    "all of it does not find room");
	for (i = 0; i < 100 && last; i++)
		last = read_part(store, 7 * WIDTH, WIDTH);
	is_int(last, 0, "what is read again and again finds some (%d times)",
	    i);
	last = 1;
	for (i = 0; i < 100 && last; i++)
		last = read_part(store, 11 * WIDTH, WIDTH);
	is_int(last, 0, "and so does what comes after it (%d times)", i);
	ok(repo->ledger->bytes <= repo->ledger->limit + 2048,
	    "within the bound: %zu", atomic_load(&repo->ledger->bytes));
	if (!succeeds(irmin_store_at(repo, "main", &detached, &err), &err,
		"a detached store"))
		return;
	irmin_store_close(store);
	(void)read_part(detached, 0, WIDTH * WIDTH);
	last = 1;
	for (i = 0; i < 100 && last; i++)
		last = read_part(detached, 5 * WIDTH, WIDTH);
	is_int(last, 0, "a detached store, too (%d times)", i);
	irmin_store_close(detached);
	is_int(repo->ledger->bytes, 0, "nothing stays charged");
	irmin_repo_close(repo);
}

/* The blocks of memory that a store holds when it has written the whole tree,
 * each directory in a commit of its own. */
static size_t held_by_writer(size_t cache_bytes)
{
	irmin_repo *repo = large_open(cache_bytes);
	irmin_store *store = open_store(repo, "main");
	irmin_error err;
	char key[32];
	size_t held;
	int i;

	for (i = 0; i < KEYS; i += VALUES) {
		large_key(i, key);
		if (irmin_store_set(store, key, irmin_text(key), NULL, &err) <
		    0)
			bail("cannot commit: %s", err.text);
	}
	held = alloc_fault_live();
	irmin_store_close(store);
	held -= alloc_fault_live();
	irmin_repo_close(repo);
	return held;
}

static void writers(void)
{
	size_t little = held_by_writer((size_t)16 << 10);
	size_t much = held_by_writer(0);

	ok(much > WIDTH * WIDTH,
	    "who only writes has what it wrote loaded: "
	    "%zu blocks",
	    much);
	ok(little < much / 4, "as far as the bound lets it: %zu blocks",
	    little);
}

/* ---- threads ---- */

#define MOVES 300

struct live {
	irmin_store *store;
	atomic_int said, wrong; /* what was committed, at least */
};

/* A reader never sees less than what was there before it began to read, nor less
 * than it has seen. */
static void *read_live(void *arg)
{
	struct live *live = arg;
	irmin_buf value = IRMIN_BUF_INIT;
	int seen = 0, now = 0, before;

	while (now < MOVES) {
		before = atomic_load(&live->said);
		if (irmin_store_find(live->store, "d3/e3/n", &value, NULL) ==
		    IRMIN_OK)
			now = atoi((const char *)value.data);
		if (now < before || now < seen)
			atomic_fetch_add(&live->wrong, 1);
		seen = now;
	}
	irmin_buf_clear(&value);
	return NULL;
}

static void *write_live(void *arg)
{
	struct live *live = arg;
	char text[16];
	int i;

	for (i = 1; i <= MOVES; i++) {
		sprintf(text, "%d", i);
		if (irmin_store_set(live->store, "d3/e3/n", irmin_text(text),
			NULL, NULL) != IRMIN_OK)
			bail("cannot commit");
		atomic_store(&live->said, i);
	}
	return NULL;
}

static void live_store(irmin_repo *repo, int detached, const char *name)
{
	struct live live = { large_store(repo), 0, 0 };
	pthread_t threads[4];
	irmin_error err;
	int i;

	if (detached) {
		irmin_store_close(live.store);
		if (irmin_store_at(repo, "main", &live.store, &err) < 0)
			bail("%s", err.text);
	}
	for (i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL,
			i ? read_live : write_live, &live) != 0)
			bail("no thread");
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	is_int(live.wrong, 0, "threads see one head after the other: %s", name);
	irmin_store_close(live.store);
	if (repo->ledger)
		is_int(repo->ledger->bytes, 0, "nothing stays charged");
	irmin_repo_close(repo);
}

int main(void)
{
	hot_store();
	renewal();
	writers();
	live_store(large_open(0), 0, "a repository with a cache");
	live_store(large_open(1), 0, "one without room");
	live_store(large_open(1), 1, "a detached store");
	live_store(room_open(NULL), 0, "one in memory");
	live_store(room_open(NULL), 1, "a detached store in memory");
	return done_testing();
}
