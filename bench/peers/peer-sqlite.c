/*
 * SQLite: no history, one table of paths and values without row ids, prepared
 * statements, a cache of 64 MiB. In a directory: write-ahead log, and
 *
 *     how=          synchronous=OFF
 *     how=sync      synchronous=FULL: every commit is on the disk
 *
 * via=tree reads all in one transaction, via=store each read in its own. Every
 * reader has a connection of its own; in memory there is but one.
 */
#include "bench/bench-peer.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct sqlite_peer {
	struct bench_peer base;
	sqlite3 *db;
	sqlite3_stmt *put;
	int is_begun;
};

struct reader {
	struct bench_reader base;
	sqlite3 *db;
	sqlite3_stmt *get;
};

static void check(int code, sqlite3 *db, const char *doing)
{
	if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
		bench_fail(doing, sqlite3_errmsg(db));
}

static const char *lacks_sqlite(const struct bench *bench)
{
	return bench->threads > 1 && !*bench->dir
	    ? "in memory there is one connection"
	    : NULL;
}

static void run(sqlite3 *db, const char *sql)
{
	check(sqlite3_exec(db, sql, NULL, NULL, NULL), db, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT,
		  &statement, NULL),
	    db, sql);
	return statement;
}

static sqlite3 *connect_to(const struct bench *bench)
{
	char file[4096] = ":memory:";
	sqlite3 *db;

	if (*bench->dir) {
		if (mkdir(bench->dir, 0700) != 0 && errno != EEXIST)
			bench_fail(bench->dir, strerror(errno));
		snprintf(file, sizeof(file), "%s/bench.db", bench->dir);
	}
	check(sqlite3_open_v2(file, &db,
		  SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		      SQLITE_OPEN_NOMUTEX,
		  NULL),
	    db, "open");
	run(db, "pragma cache_size=-65536");
	if (*bench->dir)
		run(db, "pragma journal_mode=WAL");
	run(db,
	    *bench->how ? "pragma synchronous=FULL" : "pragma synchronous=OFF");
	return db;
}

static void open_sqlite(struct bench_peer *base)
{
	struct sqlite_peer *self = (struct sqlite_peer *)base;

	self->db = connect_to(base->bench);
	run(self->db,
	    "create table if not exists kv(k text primary key, v blob) "
	    "without rowid");
	self->put = prepare(self->db, "insert or replace into kv values(?,?)");
}

static void close_sqlite(struct bench_peer *base)
{
	struct sqlite_peer *self = (struct sqlite_peer *)base;

	sqlite3_finalize(self->put);
	sqlite3_close(self->db);
}

static void set_one_sqlite(struct bench_peer *base, const struct bench_set *set)
{
	struct sqlite_peer *self = (struct sqlite_peer *)base;

	sqlite3_bind_text(self->put, 1, set->path, -1, SQLITE_STATIC);
	sqlite3_bind_blob(self->put, 2, set->value, BENCH_VALUE_BYTES,
	    SQLITE_STATIC);
	check(sqlite3_step(self->put), self->db, "put");
	check(sqlite3_reset(self->put), self->db, "put");
}

static void set_sqlite(struct bench_peer *base, const struct bench_set *set)
{
	struct sqlite_peer *self = (struct sqlite_peer *)base;

	if (!self->is_begun)
		run(self->db, "begin");
	self->is_begun = 1;
	set_one_sqlite(base, set);
}

static void commit_sqlite(struct bench_peer *base)
{
	struct sqlite_peer *self = (struct sqlite_peer *)base;

	run(self->db, "commit");
	self->is_begun = 0;
}

/* The number of keys, where no sum of values was made. */
static void tell_sqlite(struct bench_peer *base)
{
	struct sqlite_peer *self = (struct sqlite_peer *)base;
	sqlite3_stmt *count = prepare(self->db, "select count(*) from kv");

	check(sqlite3_step(count), self->db, "count");
	if (!base->bench->sum)
		base->bench->sum = (uint64_t)sqlite3_column_int64(count, 0);
	sqlite3_finalize(count);
}

static struct bench_reader *new_reader(struct bench_peer *base)
{
	struct sqlite_peer *self = (struct sqlite_peer *)base;
	struct reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		bench_fail("read", "out of memory");
	reader->base.peer = base;
	reader->db = *base->bench->dir ? connect_to(base->bench) : self->db;
	reader->get = prepare(reader->db, "select v from kv where k=?");
	if (base->bench->via[0] == 't')
		run(reader->db, "begin");
	return &reader->base;
}

static uint64_t get_sqlite(struct bench_reader *base, const char *path)
{
	struct reader *reader = (struct reader *)base;
	uint64_t sum;

	sqlite3_bind_text(reader->get, 1, path, -1, SQLITE_STATIC);
	check(sqlite3_step(reader->get), reader->db, "get");
	if (sqlite3_column_bytes(reader->get, 0) != BENCH_VALUE_BYTES)
		bench_fail(path, "there is no such value");
	sum = bench_checksum(sqlite3_column_blob(reader->get, 0));
	check(sqlite3_reset(reader->get), reader->db, "get");
	return sum;
}

static void free_reader(struct bench_reader *base)
{
	struct reader *reader = (struct reader *)base;

	if (base->peer->bench->via[0] == 't')
		run(reader->db, "commit");
	sqlite3_finalize(reader->get);
	if (*base->peer->bench->dir)
		sqlite3_close(reader->db);
	free(reader);
}

int main(int argc, char **argv)
{
	static const struct bench_class class = {
		.size = sizeof(struct sqlite_peer),
		.hows = "sync ",
		.lacks = lacks_sqlite,
		.open = open_sqlite,
		.close = close_sqlite,
		.set = set_sqlite,
		.commit = commit_sqlite,
		.set_one = set_one_sqlite,
		.tell = tell_sqlite,
		.reader = new_reader,
		.get = get_sqlite,
		.reader_free = free_reader,
	};

	return bench_main(argc, argv, &class);
}
