/* libirmin, as a program would use it. */
#include "bench/bench-peer.h"

#include <irmin/irmin.h>

#include <stdio.h>
#include <stdlib.h>

struct irmin_peer {
	struct bench_peer base;
	irmin_store *store;
	irmin_store *fork; /* NULL before the first one */
	irmin_txn *txn;    /* what set() writes to */
	irmin_tree *tree;  /* held for all readers, or by load() */
};

struct reader {
	struct bench_reader base;
	irmin_tree *tree; /* NULL: through the store */
	irmin_store *store;
	irmin_buf value;
};

static const irmin_info info = { sizeof(irmin_info), BENCH_AUTHOR, NULL,
	BENCH_MESSAGE, BENCH_TIME, BENCH_TIME, 0, 0, IRMIN_INFO_DATE, 0,
	{ 0, 0, NULL } };

static void check(irmin_rc rc, const char *doing, const irmin_error *err)
{
	if (rc < 0)
		bench_fail(doing, err->text);
}

static const char *lacks_irmin(const struct bench *bench)
{
	return *bench->dir && bench->retain
	    ? "only repositories in memory forget"
	    : NULL;
}

static void open_irmin(struct bench_peer *base)
{
	struct irmin_peer *self = (struct irmin_peer *)base;
	const struct bench *bench = base->bench;
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_error err;
	char uri[4096];

	options.flags = IRMIN_OPEN_CREATE;
	options.cache_bytes = bench->cache;
	if (*bench->how)
		options.level = IRMIN_POWER;
	snprintf(uri, sizeof(uri), *bench->dir ? "git:%s" : "mem:%s",
	    bench->dir);
	check(irmin_open(uri, &options, &self->store, &err), "open", &err);
}

static void close_irmin(struct bench_peer *base)
{
	struct irmin_peer *self = (struct irmin_peer *)base;

	irmin_tree_unref(self->tree);
	irmin_store_close(self->fork);
	irmin_store_close(self->store);
	self->tree = NULL;
	self->fork = NULL;
	self->store = NULL;
}

static irmin_slice bytes_of(const struct bench_set *set)
{
	return irmin_bytes(set->value, BENCH_VALUE_BYTES);
}

static void set_irmin(struct bench_peer *base, const struct bench_set *set)
{
	struct irmin_peer *self = (struct irmin_peer *)base;
	irmin_error err;

	if (!self->txn)
		check(irmin_txn_begin(self->store, IRMIN_TXN_UNMOVED,
			  &self->txn, &err),
		    "begin", &err);
	check(irmin_txn_set(self->txn, set->path, bytes_of(set), &err), "set",
	    &err);
}

static void commit_irmin(struct bench_peer *base)
{
	struct irmin_peer *self = (struct irmin_peer *)base;
	irmin_error err;

	check(irmin_txn_commit(self->txn, &info, &err), "commit", &err);
	self->txn = NULL;
}

static void set_one_irmin(struct bench_peer *base, const struct bench_set *set)
{
	struct irmin_peer *self = (struct irmin_peer *)base;
	irmin_error err;

	check(irmin_store_set(self->store, set->path, bytes_of(set), &info,
		  &err),
	    "set", &err);
}

static irmin_commit *head_of(irmin_store *store)
{
	irmin_commit *head = NULL;
	irmin_error err;

	check(irmin_store_head(store, &head, &err), "head", &err);
	return head;
}

static void head_id(struct irmin_peer *self, irmin_oid *id)
{
	irmin_commit *head = head_of(self->store);
	irmin_error err;

	check(irmin_commit_id(head, id, &err), "id", &err);
	irmin_commit_unref(head);
}

static void tree_id_of(irmin_commit *commit, irmin_oid *id)
{
	irmin_tree *tree = NULL;
	irmin_error err;

	check(irmin_commit_tree(commit, &tree, &err), "tree", &err);
	check(irmin_tree_id(tree, id, &err), "id", &err);
	irmin_tree_unref(tree);
}

static void ask_irmin(struct bench_peer *base)
{
	irmin_oid id;

	head_id((struct irmin_peer *)base, &id);
}

static void pack_irmin(struct bench_peer *base)
{
	struct irmin_peer *self = (struct irmin_peer *)base;
	irmin_error err;

	check(irmin_repo_pack(irmin_store_repo(self->store), NULL, NULL, &err),
	    "pack", &err);
}

/* ---- the merge alone ---- */

struct pair {
	irmin_oid ours, theirs, merged; /* the tree */
};

/* The merges of this run, newest first. */
static void find_pairs(struct irmin_peer *self, struct pair *pairs)
{
	unsigned count = self->base.bench->rounds, found = 0;
	irmin_commit *commit = head_of(self->store), *parent;
	irmin_error err;

	while (found < count) {
		struct pair *pair = &pairs[found];

		if (irmin_commit_parent_count(commit) == 2) {
			tree_id_of(commit, &pair->merged);
			check(irmin_commit_parent_id(commit, 0, &pair->ours,
				  &err),
			    "id", &err);
			check(irmin_commit_parent_id(commit, 1, &pair->theirs,
				  &err),
			    "id", &err);
			found++;
		}
		check(irmin_commit_parent(commit, 0, &parent, &err), "parent",
		    &err);
		irmin_commit_unref(commit);
		commit = parent;
	}
	irmin_commit_unref(commit);
}

static void merge_pair(irmin_repo *repo, const struct pair *pair)
{
	irmin_commit *ours, *theirs;
	irmin_merge_result *result;
	irmin_tree *tree;
	irmin_error err;
	irmin_oid id;

	check(irmin_commit_get(repo, &pair->ours, &ours, &err), "get", &err);
	check(irmin_commit_get(repo, &pair->theirs, &theirs, &err), "get",
	    &err);
	check(irmin_commit_merge(ours, theirs, NULL, &result, &err), "merge",
	    &err);
	check(irmin_merge_result_tree(result, &tree, &err), "tree", &err);
	check(irmin_tree_id(tree, &id, &err), "id", &err);
	if (irmin_oid_compare(&id, &pair->merged) != 0)
		bench_fail("merge", "it came to another tree");
	irmin_tree_unref(tree);
	irmin_merge_result_free(result);
	irmin_commit_unref(ours);
	irmin_commit_unref(theirs);
}

/* As git's: all that was merged, once more, out of packs, by a handle that has
 * read nothing yet. The trees are there already: git does not write them again,
 * and we are not asked to. */
static void merge_again(struct irmin_peer *self)
{
	struct bench *bench = self->base.bench;
	struct pair *pairs = calloc(bench->rounds, sizeof(*pairs));
	uint64_t start;
	unsigned i;

	if (!pairs)
		bench_fail("merge", "out of memory");
	find_pairs(self, pairs);
	pack_irmin(&self->base);
	bench_reopen(&self->base);
	start = bench_cpu_ns();
	for (i = bench->rounds; i--;)
		merge_pair(irmin_store_repo(self->store), &pairs[i]);
	bench_tell(bench, "merge_us",
	    (double)(bench_cpu_ns() - start) / 1e3 / bench->rounds);
	free(pairs);
}

static void tell_irmin(struct bench_peer *base)
{
	struct irmin_peer *self = (struct irmin_peer *)base;
	irmin_commit *head = head_of(self->store);
	irmin_oid id;

	head_id(self, &id);
	irmin_oid_hex(&id, base->bench->commit);
	tree_id_of(head, &id);
	irmin_oid_hex(&id, base->bench->tree);
	irmin_commit_unref(head);
	if (self->fork && *base->bench->dir)
		merge_again(self);
}

static void retain_irmin(struct bench_peer *base)
{
	struct irmin_peer *self = (struct irmin_peer *)base;
	irmin_retention rule = IRMIN_RETENTION_INIT;
	irmin_error err;

	rule.commits = base->bench->retain;
	check(irmin_repo_retain(irmin_store_repo(self->store), "*", &rule,
		  &err),
	    "retain", &err);
}

/* ---- merging ---- */

static void fork_irmin(struct bench_peer *base)
{
	struct irmin_peer *self = (struct irmin_peer *)base;
	irmin_commit *head, *old;
	irmin_error err;

	if (!self->fork) {
		check(irmin_store_fork(self->store, "fork", &self->fork, &err),
		    "fork", &err);
		return;
	}
	head = head_of(self->store);
	old = head_of(self->fork);
	check(irmin_store_cas_head(self->fork, old, head, &err), "fork", &err);
	irmin_commit_unref(old);
	irmin_commit_unref(head);
}

static void set_fork_irmin(struct bench_peer *base, const struct bench_set *set)
{
	struct irmin_peer *self = (struct irmin_peer *)base;
	irmin_error err;

	check(irmin_store_set(self->fork, set->path, bytes_of(set), &info,
		  &err),
	    "set", &err);
}

static void merge_irmin(struct bench_peer *base)
{
	struct irmin_peer *self = (struct irmin_peer *)base;
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	irmin_error err;

	options.info = info;
	check(irmin_store_merge(self->store, self->fork, &options, NULL, &err),
	    "merge", &err);
}

/* ---- reading ---- */

/* One tree for all. */
static irmin_tree *tree_of(struct irmin_peer *self)
{
	irmin_error err;

	if (!self->tree)
		check(irmin_store_tree(self->store, &self->tree, &err), "tree",
		    &err);
	return self->tree;
}

static struct bench_reader *new_reader(struct bench_peer *base)
{
	struct irmin_peer *self = (struct irmin_peer *)base;
	struct reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		bench_fail("read", "out of memory");
	reader->base.peer = base;
	reader->store = self->store;
	if (base->bench->via[0] == 't')
		reader->tree = irmin_tree_ref(tree_of(self));
	return &reader->base;
}

static uint64_t check_value(const char *path, const void *data, size_t len)
{
	if (len != BENCH_VALUE_BYTES)
		bench_fail(path, "there is no such value");
	return bench_checksum(data);
}

static uint64_t get_irmin(struct bench_reader *base, const char *path)
{
	struct reader *reader = (struct reader *)base;
	irmin_error err;
	irmin_pin pin;
	uint64_t sum;

	if (!reader->tree) {
		check(irmin_store_find(reader->store, path, &reader->value,
			  &err),
		    "find", &err);
		return check_value(path, reader->value.data, reader->value.len);
	}
	check(irmin_tree_find(reader->tree, path, &pin, &err), "find", &err);
	sum = check_value(path, pin.data, pin.len);
	irmin_pin_release(&pin);
	return sum;
}

static void free_reader(struct bench_reader *base)
{
	struct reader *reader = (struct reader *)base;

	irmin_tree_unref(reader->tree);
	irmin_buf_clear(&reader->value);
	free(reader);
}

static void load_irmin(struct bench_peer *base)
{
	irmin_tree *tree = tree_of((struct irmin_peer *)base);
	const struct bench *bench = base->bench;
	irmin_pin pin = IRMIN_PIN_INIT;
	irmin_mode mode;
	irmin_error err;
	char path[40];
	unsigned i;

	for (i = 0; i < bench->keys; i++) {
		bench_path(i, path);
		check(bench->values
			? irmin_tree_find(tree, path, &pin, &err)
			: irmin_tree_find_mode(tree, path, &mode, NULL, &err),
		    "load", &err);
		irmin_pin_release(&pin);
	}
}

int main(int argc, char **argv)
{
	static const struct bench_class class = {
		.size = sizeof(struct irmin_peer),
		.hows = "sync ",
		.lacks = lacks_irmin,
		.open = open_irmin,
		.close = close_irmin,
		.set = set_irmin,
		.commit = commit_irmin,
		.set_one = set_one_irmin,
		.ask = ask_irmin,
		.tell = tell_irmin,
		.retain = retain_irmin,
		.pack = pack_irmin,
		.reader = new_reader,
		.get = get_irmin,
		.reader_free = free_reader,
		.fork = fork_irmin,
		.set_fork = set_fork_irmin,
		.merge = merge_irmin,
		.load = load_irmin,
	};

	return bench_main(argc, argv, &class);
}
