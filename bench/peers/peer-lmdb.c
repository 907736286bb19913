/*
 * LMDB: no history, the whole path is the key. One write transaction a commit.
 *
 *     how=          MDB_NOSYNC and MDB_WRITEMAP: what was not written yet is
 *                   lost, and the database perhaps broken, when power fails
 *     how=nosync    MDB_NOSYNC alone
 *     how=sync      neither: every commit is on the disk
 *
 * via=tree reads all in one transaction, via=store renews it for every read.
 */
#include "bench/bench-peer.h"

#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAP_BYTES ((size_t)8 << 30)

struct lmdb_peer {
	struct bench_peer base;
	MDB_env *env;
	MDB_dbi dbi;
	MDB_txn *txn; /* what set() writes to */
};

struct reader {
	struct bench_reader base;
	MDB_txn *txn;
};

static void check(int code, const char *doing)
{
	if (code != 0)
		bench_fail(doing, mdb_strerror(code));
}

static const char *lacks_lmdb(const struct bench *bench)
{
	return *bench->dir ? NULL : "it needs a directory";
}

static unsigned flags_of(const struct bench *bench)
{
	if (strcmp(bench->how, "sync") == 0)
		return MDB_NOTLS;
	return MDB_NOTLS | MDB_NOSYNC | (*bench->how ? 0 : MDB_WRITEMAP);
}

static void open_lmdb(struct bench_peer *base)
{
	struct lmdb_peer *self = (struct lmdb_peer *)base;
	const struct bench *bench = base->bench;
	MDB_txn *txn;

	if (mkdir(bench->dir, 0700) != 0 && errno != EEXIST)
		bench_fail(bench->dir, strerror(errno));
	check(mdb_env_create(&self->env), "create");
	check(mdb_env_set_mapsize(self->env, MAP_BYTES), "map");
	check(mdb_env_open(self->env, bench->dir, flags_of(bench), 0600),
	    "open");
	check(mdb_txn_begin(self->env, NULL, 0, &txn), "begin");
	check(mdb_dbi_open(txn, NULL, 0, &self->dbi), "open");
	check(mdb_txn_commit(txn), "commit");
}

static void close_lmdb(struct bench_peer *base)
{
	mdb_env_close(((struct lmdb_peer *)base)->env);
}

static void set_lmdb(struct bench_peer *base, const struct bench_set *set)
{
	struct lmdb_peer *self = (struct lmdb_peer *)base;
	MDB_val key = { strlen(set->path), (void *)set->path };
	MDB_val value = { BENCH_VALUE_BYTES, (void *)set->value };

	if (!self->txn)
		check(mdb_txn_begin(self->env, NULL, 0, &self->txn), "begin");
	check(mdb_put(self->txn, self->dbi, &key, &value, 0), "put");
}

static void commit_lmdb(struct bench_peer *base)
{
	struct lmdb_peer *self = (struct lmdb_peer *)base;

	check(mdb_txn_commit(self->txn), "commit");
	self->txn = NULL;
}

/* The number of keys, where no sum of values was made. */
static void tell_lmdb(struct bench_peer *base)
{
	struct lmdb_peer *self = (struct lmdb_peer *)base;
	MDB_stat stat;

	check(mdb_env_stat(self->env, &stat), "stat");
	if (!base->bench->sum)
		base->bench->sum = stat.ms_entries;
}

static struct bench_reader *new_reader(struct bench_peer *base)
{
	struct lmdb_peer *self = (struct lmdb_peer *)base;
	struct reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		bench_fail("read", "out of memory");
	reader->base.peer = base;
	check(mdb_txn_begin(self->env, NULL, MDB_RDONLY, &reader->txn),
	    "begin");
	return &reader->base;
}

static uint64_t get_lmdb(struct bench_reader *base, const char *path)
{
	struct reader *reader = (struct reader *)base;
	struct lmdb_peer *self = (struct lmdb_peer *)base->peer;
	MDB_val key = { strlen(path), (void *)path }, value;

	if (base->peer->bench->via[0] == 's') {
		mdb_txn_reset(reader->txn);
		check(mdb_txn_renew(reader->txn), "renew");
	}
	check(mdb_get(reader->txn, self->dbi, &key, &value), "get");
	if (value.mv_size != BENCH_VALUE_BYTES)
		bench_fail(path, "there is no such value");
	return bench_checksum(value.mv_data);
}

static void free_reader(struct bench_reader *base)
{
	struct reader *reader = (struct reader *)base;

	mdb_txn_abort(reader->txn);
	free(reader);
}

int main(int argc, char **argv)
{
	static const struct bench_class class = {
		.size = sizeof(struct lmdb_peer),
		.hows = "nosync sync ",
		.lacks = lacks_lmdb,
		.open = open_lmdb,
		.close = close_lmdb,
		.set = set_lmdb,
		.commit = commit_lmdb,
		.tell = tell_lmdb,
		.reader = new_reader,
		.get = get_lmdb,
		.reader_free = free_reader,
	};

	return bench_main(argc, argv, &class);
}
