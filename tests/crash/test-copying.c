/*
 * Copying into a git directory that has an earlier stage of the same history:
 * each file operation fails once, the process is killed before each, and the
 * power goes. Every ref is what it was or what it is to be, and all that it
 * reaches is there; the next copy does the rest, and what it says was copied
 * stays, although another process wrote a part of it. And a value that was
 * flushed stays while it is written once more.
 */
#include "tests/crash/grown.h"
#include "tests/crash/stop.h"

#include "tests/support/tap.h"

#include <errno.h>
#include <string.h>

#define GIT_EVERY 150
#define MOST      2000 /* operations */

/* What goes wrong. */
struct trouble {
	const char *name;
	irmin_level level;
	irmin_hash_algo hash;
	int os_errno; /* an operation fails; 0: the machine stops */
	irmin__os_loss loss;
	uint64_t seed;
};

struct copying {
	const struct trouble *trouble;
	struct life life; /* only its machine */
	struct grown_whole before, after;
	uint64_t n, operations;
	bool points[MOST + 1];
	bool held;
};

static void complain(struct copying *self, const char *what, const char *text)
{
	self->held = false;
	ok(false, "%s, n = %ju: %s: %s", self->trouble->name,
	    (uintmax_t)self->n, what, text);
}

static irmin_repo *target(struct copying *self)
{
	return grown_open(self->life.os, self->trouble->hash,
	    self->trouble->level);
}

static irmin_rc copy(struct copying *self, irmin_repo *to, size_t stage,
    irmin_error *err)
{
	return irmin_repo_copy(grown_source(self->trouble->hash, stage), to,
	    NULL, NULL, err);
}

/* ---- what is there ---- */

/* Each ref of a text is in one of two others. */
static bool are_refs_of(const irmin_buf *got, const irmin_buf *before,
    const irmin_buf *after)
{
	const char *at = (const char *)got->data;
	const char *one = tap_format("%.*s", (int)before->len, before->data);
	const char *two = tap_format("%.*s", (int)after->len, after->data);
	size_t len;

	for (; *at; at += len) {
		const char *line;

		len = strcspn(at, "\n") + 1;
		line = tap_format("%.*s", (int)len, at);
		if (!strstr(one, line) && !strstr(two, line))
			return false;
	}
	return true;
}

/* All that refs reach is there, and every ref that was. */
static void check_between(struct copying *self, irmin_repo *repo)
{
	struct life life = { .repo = repo };
	irmin_buf state = IRMIN_BUF_INIT;
	struct grown_whole got;
	irmin_error err;

	if (life_state(&life, &state, &err) < 0 ||
	    grown_read(repo, &got, &err) < 0) {
		complain(self, "between", err.text);
		irmin_buf_clear(&state);
		return;
	}
	if (got.count < self->before.count)
		complain(self, "between", "objects are gone");
	if (got.refs.len < self->before.refs.len ||
	    !are_refs_of(&got.refs, &self->before.refs, &self->after.refs))
		complain(self, "between", tap_format("%s", got.refs.data));
	irmin_buf_clear(&state);
	grown_clear(&got);
}

/* ---- one time ---- */

static void begin(struct copying *self)
{
	irmin_repo *repo;
	irmin_error err;

	if (irmin__os_sim_new(self->trouble->seed + self->n, &self->life.os,
		&err) < 0)
		bail("%s", err.text);
	repo = target(self);
	if (copy(self, repo, 0, &err) < 0)
		bail("%s", err.text);
	irmin_repo_close(repo);
	if (irmin__os_sync_all(self->life.os, LIFE_DIRECTORY, &err) < 0)
		bail("%s", err.text);
}

static void plan(struct copying *self)
{
	irmin__os *os = self->life.os;
	uint64_t at = irmin__os_sim_operations(os) + self->n;

	if (self->trouble->os_errno)
		irmin__os_sim_fail_at(os, at, self->trouble->os_errno);
	else
		irmin__os_sim_crash_at(os, at);
}

static void lose_power(struct copying *self)
{
	stop_restart(&self->life, IRMIN__OS_LOSE_UNSYNCED);
}

/* At level POWER what was said to be copied is on the disk. */
static void copy_again(struct copying *self)
{
	irmin_repo *repo = target(self);
	irmin_error err;

	check_between(self, repo);
	if (copy(self, repo, GROWN_STAGES - 1, &err) < 0)
		complain(self, "copied again", err.text);
	if (!grown_is(repo, &self->after))
		complain(self, "copied again", "not all is there");
	irmin_repo_close(repo);
	if (self->trouble->level != IRMIN_POWER)
		return;
	lose_power(self);
	repo = target(self);
	if (!grown_is(repo, &self->after))
		complain(self, "after loss of power", "not all is there");
	irmin_repo_close(repo);
}

static bool run_once(struct copying *self)
{
	const struct trouble *trouble = self->trouble;
	irmin_repo *repo;
	irmin_error err;
	irmin_rc rc;
	bool did;

	begin(self);
	repo = target(self);
	plan(self);
	memset(&err, 0, sizeof(err));
	rc = copy(self, repo, GROWN_STAGES - 1, &err);
	did = trouble->os_errno ? irmin__os_sim_failed(self->life.os) != 0
				: stop_happened(&self->life);
	if (rc < 0 && (!did || err.code != rc || !err.text[0]))
		complain(self, "it failed", err.text);
	if (trouble->os_errno) {
		irmin__os_sim_fail_at(self->life.os, 0, 0);
		check_between(self, repo);
	}
	irmin_repo_close(repo);
	if (!trouble->os_errno)
		stop_restart(&self->life, trouble->loss);
	if (trouble->loss == IRMIN__OS_LOSE_SOME)
		stop_remove_locks(&self->life);
	copy_again(self);
	if (self->n % GIT_EVERY == 1)
		grown_ask_git(self->life.os, &self->after,
		    tap_format("%s, n = %ju", trouble->name,
			(uintmax_t)self->n));
	irmin__os_sim_free(self->life.os);
	return did;
}

static void read_states(struct copying *self)
{
	irmin_repo *repo;
	irmin_error err;

	begin(self);
	repo = target(self);
	if (grown_read(repo, &self->before, &err) < 0 ||
	    grown_read(grown_source(self->trouble->hash, GROWN_STAGES - 1),
		&self->after, &err) < 0)
		bail("%s", err.text);
	irmin_repo_close(repo);
	irmin__os_sim_free(self->life.os);
}

/* Copies with nothing going wrong: where it could. */
static void rehearse(struct copying *self)
{
	irmin_repo *repo;
	irmin_error err;
	uint64_t first, n;

	begin(self);
	repo = target(self);
	first = irmin__os_sim_operations(self->life.os);
	if (copy(self, repo, GROWN_STAGES - 1, &err) != IRMIN_OK)
		bail("%s", err.text);
	self->operations = irmin__os_sim_operations(self->life.os) - first;
	if (self->operations > MOST)
		bail("%ju operations", (uintmax_t)self->operations);
	for (n = 1; n <= self->operations; n++)
		self->points[n] = grown_is_point(self->life.os, first + n,
		    self->trouble->seed);
	irmin_repo_close(repo);
	irmin__os_sim_free(self->life.os);
}

static void sweep(const struct trouble *trouble)
{
	struct copying self = { .trouble = trouble, .held = true };
	size_t points = 0;

	read_states(&self);
	rehearse(&self);
	for (self.n = 1; self.n <= self.operations; self.n++)
		if (self.points[self.n]) {
			points++;
			if (!run_once(&self))
				complain(&self, "nothing went wrong", "");
		}
	ok(self.held && points > 30, "%s: went wrong at %zu of %ju operations",
	    trouble->name, points, (uintmax_t)self.operations);
	grown_clear(&self.before);
	grown_clear(&self.after);
}

/* ---- a stream ---- */

static int give(void *arg, void *bytes, size_t len, size_t *got)
{
	size_t *left = arg;

	*got = len < *left ? len : *left;
	memset(bytes, 'x', *got);
	*left -= *got;
	return 0;
}

static void stream(irmin_repo *repo, irmin_oid *id)
{
	size_t left = 3000;
	irmin_error err;

	if (irmin_object_add_stream(repo, give, &left, left, id, &err) < 0)
		bail("%s", err.text);
}

/* Whether it is there after loss of power once it was flushed. */
static bool stays(uint64_t seed, irmin__os_loss loss)
{
	struct life life = { .seed = seed };
	irmin_object found;
	irmin_repo *repo;
	irmin_error err;
	irmin_oid id;
	irmin_rc rc;

	if (irmin__os_sim_new(seed, &life.os, &err) < 0)
		bail("%s", err.text);
	repo = grown_open(life.os, IRMIN_HASH_SHA1, IRMIN_PROCESS);
	stream(repo, &id);
	if (irmin_repo_flush(repo, IRMIN_POWER, &err) < 0)
		bail("%s", err.text);
	stream(repo, &id);
	irmin_repo_close(repo);
	stop_restart(&life, loss);
	repo = grown_open(life.os, IRMIN_HASH_SHA1, IRMIN_PROCESS);
	rc = irmin_object_find(repo, &id, &found, &err);
	irmin_pin_release(&found.data);
	irmin_repo_close(repo);
	irmin__os_sim_free(life.os);
	return rc == IRMIN_OK;
}

static void replace_stream(void)
{
	size_t lost = !stays(1, IRMIN__OS_LOSE_UNSYNCED);
	uint64_t seed;

	for (seed = 1; seed <= 50; seed++)
		lost += !stays(seed, IRMIN__OS_LOSE_SOME);
	is_int(lost, 0, "a value that was flushed and written again is there");
}

int main(void)
{
	static const struct trouble troubles[] = {
		{ "EIO, process", IRMIN_PROCESS, IRMIN_HASH_SHA1, EIO,
		    IRMIN__OS_LOSE_NOTHING, 0 },
		{ "ENOSPC, power", IRMIN_POWER, IRMIN_HASH_SHA256, ENOSPC,
		    IRMIN__OS_LOSE_NOTHING, 0 },
		{ "kill -9, process", IRMIN_PROCESS, IRMIN_HASH_SHA256, 0,
		    IRMIN__OS_LOSE_NOTHING, 0 },
		{ "kill -9, power", IRMIN_POWER, IRMIN_HASH_SHA1, 0,
		    IRMIN__OS_LOSE_NOTHING, 0 },
		{ "power loss, power", IRMIN_POWER, IRMIN_HASH_SHA256, 0,
		    IRMIN__OS_LOSE_UNSYNCED, 0 },
		{ "torn power loss, power", IRMIN_POWER, IRMIN_HASH_SHA1, 0,
		    IRMIN__OS_LOSE_SOME, 0 },
		{ "torn power loss, power, otherwise", IRMIN_POWER,
		    IRMIN_HASH_SHA1, 0, IRMIN__OS_LOSE_SOME, 5000 },
	};
	size_t i;

	for (i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		sweep(&troubles[i]);
	replace_stream();
	grown_forget_sources();
	return done_testing();
}
