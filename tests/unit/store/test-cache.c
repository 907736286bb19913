/* What is kept of a tree that was read: as much as the ledger admits, and what
 * is read is the same whether it is kept or not. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <irmin/irmin.h>

#include "lib/core/store/ledger.h"
#include "lib/core/store/tree-walk.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/large.h"
#include "tests/unit/store/room.h"

#define SMALL ((size_t)32 << 10)

/* Blocks of memory that a directory takes, and a few for whoever walks. */
#define NODE_BLOCKS 4
#define WALK_BLOCKS 80

/* Not zero if the value at a key is not its own name. */
static int is_wrong(irmin_tree *tree, int i)
{
	irmin_pin value;
	char key[32];
	irmin_rc rc;
	int wrong;

	large_key(i, key);
	rc = irmin_tree_find(tree, key, &value, NULL);
	wrong = rc != IRMIN_OK || value.len != strlen(key) ||
	    memcmp(value.data, key, value.len) != 0;
	irmin_pin_release(&value);
	return wrong;
}

static int wrong_values(irmin_tree *tree)
{
	int i, wrong = 0;

	for (i = 0; i < KEYS; i++)
		wrong += is_wrong(tree, i);
	return wrong;
}

/* ---- the ledger ---- */

static void ledger(void)
{
	irmin__ledger *ledger = NULL;
	irmin_error err;

	if (!succeeds(irmin__ledger_new(100, &ledger, &err), &err, "a ledger"))
		return;
	ok(irmin__ledger_admit(ledger, 60), "admits what it has room for");
	ok(!irmin__ledger_admit(ledger, 41), "and not more");
	ok(irmin__ledger_admit(ledger, 40), "and all that it has");
	is_int(irmin__ledger_renewals(ledger), 0, "little was refused");
	ok(!irmin__ledger_admit(ledger, 60), "then more");
	is_int(irmin__ledger_renewals(ledger), 1, "than it holds: a renewal");
	is_int(irmin__ledger_renewals(ledger), 1, "one of them");
	ok(!irmin__ledger_admit(ledger, SIZE_MAX), "no sum overflows");
	irmin__ledger_charge(ledger, 50);
	is_int(ledger->bytes, 150, "what has to stay is charged");
	ok(!irmin__ledger_admit(ledger, 1), "more than full is full");
	irmin__ledger_discharge(ledger, 50);
	irmin__ledger_discharge(ledger, 60);
	ok(irmin__ledger_admit(ledger, 60), "what was given back can be had");
	irmin__ledger_unref(ledger);
	irmin__ledger_discharge(ledger, 60);
	irmin__ledger_discharge(ledger, 40);
	irmin__ledger_discharge(NULL, 0);
}

/* ---- enough room ---- */

static void hot(void)
{
	irmin_repo *repo = large_open(0);
	irmin_oid id = large_add(repo);
	irmin_tree *tree = room_tree(repo, &id);
	uint64_t before;

	is_int(wrong_values(tree), 0, "every value is right");
	before = large_reads(repo);
	is_int(wrong_values(tree), 0, "and again");
	is_int(large_reads(repo) - before, 0, "without any read");
	ok(repo->ledger->bytes > (size_t)KEYS * 20, "it is charged: %zu",
	    atomic_load(&repo->ledger->bytes));
	irmin_tree_unref(tree);
	is_int(repo->ledger->bytes, 0, "and given back with the last handle");
	irmin_repo_close(repo);
}

/* Values above the size that is worth a copy are the backend's to keep. */
static void large_values(void)
{
	static char bytes[5000];
	irmin_repo *repo = large_open(0);
	const char *lines;
	irmin_tree *tree;
	irmin_pin value;
	irmin_error err;
	irmin_oid id;
	uint64_t before;

	memset(bytes, 'x', sizeof bytes - 1);
	lines = tap_format("100644 large %s\n100644 small %.4096s\n", bytes,
	    bytes);
	id = room_add_tree(repo, lines);
	tree = room_tree(repo, &id);
	for (before = 0; before < 2; before++) {
		succeeds(irmin_tree_find(tree, "large", &value, &err), &err,
		    "a large value");
		is_int(value.len, sizeof bytes - 1, "is whole");
		irmin_pin_release(&value);
		succeeds(irmin_tree_find(tree, "small", &value, &err), &err,
		    "a small one");
		is_int(value.len, 4096, "is whole");
		if (before == 0)
			irmin_pin_release(&value);
	}
	is_int(large_reads(repo), 4,
	    "the root, the small one once, the large twice");
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
	is_int(((const char *)value.data)[4095], 'x',
	    "a value outlives its repository");
	irmin_pin_release(&value);
}

/* ---- too little room ---- */

/* How much memory was in use at most, and what was seen. */
struct watched {
	size_t most;
	int seen, wrong;
};

static void watch(struct watched *watched)
{
	size_t live = alloc_fault_live();

	watched->most = live > watched->most ? live : watched->most;
}

static int visit(void *arg, const irmin_visit *visit)
{
	struct watched *watched = arg;

	watch(watched);
	if (visit->mode == IRMIN_MODE_TREE)
		return 0;
	watched->seen++;
	watched->wrong += !irmin_slice_equal(visit->path, visit->value);
	return 0;
}

static size_t block_bound(irmin_repo *repo)
{
	return repo->ledger->limit / sizeof(irmin__node) * NODE_BLOCKS +
	    WALK_BLOCKS;
}

static void walks(irmin_tree *tree)
{
	size_t before = alloc_fault_live();
	struct watched watched = { 0, 0, 0 };
	irmin_error err;
	int i;

	succeeds(irmin_tree_each(tree, "", IRMIN_EACH_VALUES | IRMIN_EACH_TREES,
		     visit, &watched, &err),
	    &err, "a walk");
	is_int(watched.seen, KEYS, "tells every value");
	is_int(watched.wrong, 0, "as it is");
	for (i = 0; i < KEYS; i++) {
		watched.wrong += is_wrong(tree, i);
		watch(&watched);
	}
	is_int(watched.wrong, 0, "and each is found");
	ok(watched.most - before < block_bound(tree->repo),
	    "with %zu blocks of memory, at most %zu", watched.most - before,
	    block_bound(tree->repo));
	ok((size_t)(WIDTH * WIDTH) * NODE_BLOCKS > block_bound(tree->repo),
	    "where all of it would be more");
}

static void lists(irmin_tree *tree)
{
	char path[32];
	size_t length;
	irmin_tree *sub;
	irmin_list *list;
	irmin_error err;
	int i, wrong = 0;

	for (i = 0; i < WIDTH * WIDTH; i++) {
		sprintf(path, "d%d/e%d", i / WIDTH, i % WIDTH);
		if (irmin_tree_list(tree, path, 0, 0, &list, &err) < 0 ||
		    irmin_list_length(list) != VALUES ||
		    irmin_tree_length(tree, path, &length, &err) < 0 ||
		    length != VALUES ||
		    !irmin_slice_equal(irmin_list_entry(list, 1).name,
			irmin_text("v1")))
			wrong++;
		irmin_list_free(list);
	}
	is_int(wrong, 0, "every directory is listed");
	succeeds(irmin_tree_find_tree(tree, "d3", &sub, &err), &err,
	    "a directory as a tree");
	length = 0;
	is_rc(irmin_tree_length(sub, "e7", &length, &err), IRMIN_OK,
	    "which is read on its own");
	is_int(length, VALUES, "right");
	irmin_tree_unref(sub);
}

static irmin_tree *change_some(irmin_tree *tree)
{
	irmin_edit *edit;
	irmin_tree *changed;
	irmin_pin value;
	irmin_error err;
	char key[32];
	int i;

	if (irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < KEYS; i += 2 * VALUES + 1) {
		large_key(i, key);
		if (irmin_edit_set(edit, key, irmin_text("other"), &err) < 0)
			bail("%s", err.text);
	}
	succeeds(irmin_edit_move(edit, "d5/e5/v3", "moved/here", &err), &err,
	    "a value is moved");
	succeeds(irmin_edit_move(edit, "d7/e7", "moved/e7", &err), &err,
	    "a directory is moved");
	succeeds(irmin_edit_find(edit, "d9/e9/v0", &value, &err), &err,
	    "an edit reads");
	irmin_pin_release(&value);
	if (irmin_edit_tree(edit, &changed, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	return changed;
}

/* Every change of a diff, and the values on both sides of the last. */
static const char *diff_text(irmin_tree *from, irmin_tree *to)
{
	size_t before = alloc_fault_live();
	struct watched watched = { 0, 0, 0 };
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_change change;
	irmin_diff *diff;
	irmin_error err;
	uint64_t sum = 0;
	size_t i;

	if (irmin_tree_diff(from, to, "", &diff, &err) < 0)
		bail("%s", err.text);
	while (irmin_diff_next(diff, &change, &err) == IRMIN_OK) {
		for (i = 0; i < change.path.len; i++)
			sum = sum * 31 + ((const char *)change.path.data)[i];
		sum += change.kind;
		watched.seen++;
		watched.wrong += irmin_diff_value(diff,
				     change.kind != IRMIN_CHANGE_REMOVED,
				     &value, &err) != IRMIN_OK;
		irmin_pin_release(&value);
		watch(&watched);
	}
	irmin_diff_free(diff);
	if (from->repo->ledger->limit < SMALL)
		ok(watched.most - before < block_bound(from->repo),
		    "a diff takes %zu blocks of memory", watched.most - before);
	return tap_format("%d changes, %d unreadable, %llu", watched.seen,
	    watched.wrong, (unsigned long long)sum);
}

/* The same in two repositories, of which one has room for everything. */
static void edits_and_diffs(irmin_repo *repo, const irmin_oid *id)
{
	irmin_repo *roomy = large_open(0);
	irmin_oid large = large_add(roomy), a, b;
	irmin_tree *roomy_tree = room_tree(roomy, &large);
	irmin_tree *tree = room_tree(repo, id);
	irmin_tree *roomy_changed = change_some(roomy_tree);
	irmin_tree *changed = change_some(tree);
	int same = 1;
	irmin_error err;

	a = room_store(changed);
	b = room_store(roomy_changed);
	is_str(room_hex(&a), room_hex(&b), "the same edits, the same tree");
	irmin_tree_unref(changed);
	changed = room_tree(repo, &a);
	is_str(diff_text(tree, changed), diff_text(roomy_tree, roomy_changed),
	    "the same diff");
	is_rc(irmin__tree_same_at(tree, changed, irmin_text("d0/e0/v1"), &same,
		  &err),
	    IRMIN_OK, "two trees are compared at one path");
	ok(same, "which is the same in both");
	is_rc(irmin__tree_same_at(tree, changed, irmin_text("d0/e0/v0"), &same,
		  &err),
	    IRMIN_OK, "and at another");
	ok(!same, "which is not");
	irmin_tree_unref(tree);
	irmin_tree_unref(changed);
	irmin_tree_unref(roomy_tree);
	irmin_tree_unref(roomy_changed);
	irmin_repo_close(roomy);
}

static void streams(irmin_tree *tree)
{
	char bytes[32];
	size_t got = 0;
	irmin_reader *reader;
	irmin_error err;

	succeeds(irmin_tree_open_read(tree, "d8/e8/v2", &reader, &err), &err,
	    "a value in parts");
	succeeds(irmin_reader_read(reader, bytes, sizeof bytes, &got, &err),
	    &err, "is read");
	is_mem(bytes, got, "d8/e8/v2", 8, "right");
	irmin_reader_close(reader);
}

static void cramped(size_t cache_bytes)
{
	irmin_repo *repo = large_open(cache_bytes);
	irmin_oid id = large_add(repo);
	irmin_tree *tree = room_tree(repo, &id);

	diag("a cache of %zu bytes", cache_bytes);
	walks(tree);
	lists(tree);
	streams(tree);
	ok(repo->ledger->bytes <= repo->ledger->limit + 2048,
	    "what is kept stays within the bound: %zu",
	    atomic_load(&repo->ledger->bytes));
	edits_and_diffs(repo, &id);
	irmin_tree_unref(tree);
	is_int(repo->ledger->bytes, 0, "all of it is given back");
	irmin_repo_close(repo);
}

/* What cannot be read is told with its path, also where nothing is kept. */
static void broken(void)
{
	irmin_repo *repo = large_open(1);
	irmin_oid no_tree = room_add(repo, IRMIN_OBJECT_TREE, "100644 x", 8);
	const char *none = "1111111111111111111111111111111111111111";
	irmin_oid sub, id;
	irmin_tree *tree;
	irmin_pin value;
	irmin_error err;

	sub = room_add_tree(repo,
	    tap_format("40000 bad %s\n40000 none %s\n", room_hex(&no_tree),
		none));
	sub = room_add_tree(repo, tap_format("40000 b %s\n", room_hex(&sub)));
	id = room_add_tree(repo, tap_format("40000 a %s\n", room_hex(&sub)));
	tree = room_tree(repo, &id);
	fails(irmin_tree_find(tree, "a/b/none/x", &value, &err), IRMIN_EMISSING,
	    &err, "a directory that is missing");
	ok(strstr(err.text, "\"a/b/none\""), "with its path: %s", err.text);
	fails(irmin_tree_find(tree, "a/b/bad/x", &value, &err), IRMIN_ECORRUPT,
	    &err, "one that is broken");
	ok(strstr(err.text, "\"a/b/bad\""), "with its path: %s", err.text);
	is_rc(irmin_tree_find(tree, "a/b/c/d", &value, &err), IRMIN_ABSENT,
	    "and what is beside them is looked for");
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

/* ---- threads ---- */

#define THREADS 4

struct shared {
	irmin_tree *tree;
	atomic_int wrong;
};

static void *read_all(void *arg)
{
	struct shared *shared = arg;

	atomic_fetch_add(&shared->wrong, wrong_values(shared->tree));
	return NULL;
}

static void threads(size_t cache_bytes)
{
	irmin_repo *repo = large_open(cache_bytes);
	irmin_oid id = large_add(repo);
	struct shared shared = { room_tree(repo, &id), 0 };
	pthread_t readers[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		if (pthread_create(&readers[i], NULL, read_all, &shared) != 0)
			bail("no thread");
	for (i = 0; i < THREADS; i++)
		pthread_join(readers[i], NULL);
	is_int(shared.wrong, 0, "threads read one tree with %zu bytes of cache",
	    cache_bytes);
	irmin_tree_unref(shared.tree);
	is_int(repo->ledger->bytes, 0, "what each kept is given back");
	irmin_repo_close(repo);
}

/* ---- out of memory ---- */

struct sweep {
	irmin_repo *repo;
	irmin_oid id, changed;
};

static int count_visit(void *arg, const irmin_visit *visit)
{
	(void)visit;
	++*(int *)arg;
	return 0;
}

static irmin_rc read_once(irmin_tree *tree, irmin_tree *changed,
    irmin_error *err)
{
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_list *list = NULL;
	irmin_diff *diff = NULL;
	irmin_change change;
	int seen = 0;
	irmin_rc rc;

	rc = irmin_tree_find(tree, "a/b/c", &value, err);
	irmin_pin_release(&value);
	if (rc >= 0)
		rc = irmin_tree_each(tree, "a", IRMIN_EACH_VALUES, count_visit,
		    &seen, err);
	if (rc >= 0)
		rc = irmin_tree_list(tree, "a/b", 0, 0, &list, err);
	irmin_list_free(list);
	if (rc >= 0)
		rc = irmin_tree_diff(tree, changed, "a", &diff, err);
	while (rc == IRMIN_OK)
		rc = irmin_diff_next(diff, &change, err);
	irmin_diff_free(diff);
	return rc;
}

static irmin_rc change_once(irmin_tree *tree, irmin_error *err)
{
	irmin_tree *changed = NULL;
	irmin_edit *edit = NULL;
	irmin_rc rc = irmin_edit_new(tree, &edit, err);

	if (rc >= 0)
		rc = irmin_edit_set(edit, "a/b/x", irmin_text("new"), err);
	if (rc >= 0)
		rc = irmin_edit_move(edit, "a/b", "a/e", err);
	if (rc >= 0)
		rc = irmin_edit_tree(edit, &changed, err);
	irmin_edit_free(edit);
	irmin_tree_unref(changed);
	return rc;
}

static irmin_rc use_all(void *arg, irmin_error *err)
{
	struct sweep *sweep = arg;
	irmin_tree *tree = NULL, *changed = NULL;
	irmin_rc rc = irmin_tree_get(sweep->repo, &sweep->id, &tree, err);

	if (rc >= 0)
		rc = irmin_tree_get(sweep->repo, &sweep->changed, &changed,
		    err);
	if (rc >= 0)
		rc = read_once(tree, changed, err);
	if (rc >= 0)
		rc = change_once(tree, err);
	irmin_tree_unref(tree);
	irmin_tree_unref(changed);
	return rc;
}

static irmin_rc open_and_close(void *arg, irmin_error *err)
{
	irmin_repo *repo;
	irmin_rc rc = large_try_open(0, &repo, err);

	(void)arg;
	irmin_repo_close(repo);
	return rc;
}

/* Who has no memory to keep a value can still give it. */
static void sweep_kept(struct sweep *sweep)
{
	size_t live = alloc_fault_live();
	int wrong = 0, left = 0, happened = 1;
	irmin_error err;
	uint64_t n;

	for (n = 1; happened; n++) {
		irmin_rc rc;

		alloc_fault_at(n);
		rc = use_all(sweep, &err);
		happened = alloc_fault_happened();
		wrong += rc != IRMIN_ENOMEM && rc < 0;
		wrong += rc < 0 && !happened;
		left += alloc_fault_live() != live;
	}
	alloc_fault_at(0);
	ok(n > 20, "reading where %d allocations fail in turn", (int)n - 2);
	is_int(wrong, 0, "answers that, or what was asked for");
	is_int(left, 0, "and leaves nothing behind");
}

static void out_of_memory(size_t cache_bytes)
{
	struct sweep sweep = { large_open(cache_bytes), { { 0 }, 0 },
		{ { 0 }, 0 } };
	irmin_tree *tree = room_build(sweep.repo, "a/b/c=1", "a/b/d=2", "x=3",
	    NULL);

	sweep.id = room_store(tree);
	irmin_tree_unref(tree);
	tree = room_build(sweep.repo, "a/b/c=1", "a/b/d=4", "a/f=5", NULL);
	sweep.changed = room_store(tree);
	irmin_tree_unref(tree);
	if (cache_bytes)
		alloc_fault_sweep("reading where nothing is kept", use_all,
		    &sweep);
	else
		sweep_kept(&sweep);
	is_int(sweep.repo->ledger->bytes, 0, "nothing stays charged");
	irmin_repo_close(sweep.repo);
}

int main(void)
{
	ledger();
	hot();
	large_values();
	cramped(1);
	cramped(SMALL);
	broken();
	threads(1);
	threads(SMALL);
	threads(0);
	out_of_memory(1);
	out_of_memory(0);
	alloc_fault_sweep("open a repository with a cache", open_and_close,
	    NULL);
	return done_testing();
}
