/*
 * Packing a repository that has grown: each file operation and some allocations
 * fail once, the process is killed before each, and the power goes. All objects
 * and refs are there whatever happens, nothing has to be removed by hand but a
 * lock that lost its mark, and the next packing does all of it.
 */
#include "tests/crash/grown.h"
#include "tests/crash/stop.h"

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#include <errno.h>
#include <string.h>

#define GIT_EVERY 150
#define MOST      2000 /* operations */

/* What goes wrong, and where. */
struct trouble {
	const char *name;
	irmin_level level;
	irmin_hash_algo hash;
	bool kept;
	bool stops; /* the machine, with a loss; else an operation fails */
	irmin__os_loss loss;
	uint64_t seed;
	int os_errno;
};

struct packing {
	const struct trouble *trouble;
	struct life life; /* only its machine */
	struct grown_whole want;
	uint64_t n;
	const char *where; /* the operation, as text */
	uint64_t operations;
	bool points[MOST + 1];
	bool held;
};

static void complain(struct packing *self, const char *what, const char *text)
{
	self->held = false;
	ok(false, "%s, n = %ju: %s: %s", self->trouble->name,
	    (uintmax_t)self->n, what, text);
	diag("at: %s", self->where);
}

static void check(struct packing *self, irmin_repo *repo, const char *what)
{
	if (!grown_is(repo, &self->want))
		complain(self, what, "not all is there");
}

/* ---- the machine ---- */

static void begin(struct packing *self)
{
	const struct trouble *trouble = self->trouble;
	irmin_error err;

	if (irmin__os_sim_new(trouble->seed + self->n, &self->life.os, &err) <
	    0)
		bail("%s", err.text);
	grown_make(self->life.os, trouble->hash, trouble->kept);
}

static void plan(struct packing *self)
{
	irmin__os *os = self->life.os;

	if (self->trouble->stops)
		stop_plan(&self->life, self->n);
	else
		irmin__os_sim_fail_at(os,
		    irmin__os_sim_operations(os) + self->n,
		    self->trouble->os_errno);
}

static bool happened(struct packing *self)
{
	return self->trouble->stops ? stop_happened(&self->life)
				    : irmin__os_sim_failed(self->life.os) != 0;
}

/* After one failed sync nobody knows what is on the disk, nor where a file could
 * not be opened to be synced. */
static bool touches_disk(const char *operation)
{
	return strncmp(operation, "sync", 4) == 0 ||
	    strncmp(operation, "open", 4) == 0;
}

/* Reads on, and packs, unless the disk refused. */
static void go_on(struct packing *self, irmin_repo *repo, irmin_rc rc)
{
	irmin_error err;

	irmin__os_sim_fail_at(self->life.os, 0, 0);
	check(self, repo, "the same handle");
	if (rc < 0 && irmin_repo_pack(repo, NULL, NULL, &err) < 0 &&
	    (err.code != IRMIN_EIO || !touches_disk(self->where)))
		complain(self, "packed by the same handle", err.text);
}

/* One pack, or two; no loose object, no lock, no half file with a name. */
static void check_packed(struct packing *self)
{
	irmin__os *os = self->life.os;
	size_t packs = grown_packs(os);
	irmin__os_stat stat;

	if (packs != (self->trouble->kept ? 2u : 1u))
		complain(self, "packed again", "not one pack");
	if (grown_loose(os) != 0)
		complain(self, "packed again", "loose objects are left");
	if (grown_files(os, ".lock") != 0)
		complain(self, "packed again", "locks are left");
	if (irmin__os_stat_path(os, LIFE_DIRECTORY "/refs/heads/main", 0, &stat,
		NULL) == IRMIN_OK)
		complain(self, "packed again", "refs have files");
}

static void pack_again(struct packing *self)
{
	const struct trouble *trouble = self->trouble;
	irmin_repo *repo = grown_open(self->life.os, trouble->hash,
	    trouble->level);
	irmin_error err;

	check(self, repo, "a new handle");
	if (irmin_repo_pack(repo, NULL, NULL, &err) < 0)
		complain(self, "packed again", err.text);
	check(self, repo, "packed again");
	irmin_repo_close(repo);
	check_packed(self);
}

static bool run_once(struct packing *self)
{
	const struct trouble *trouble = self->trouble;
	irmin_repo *repo;
	irmin_error err;
	uint64_t at;
	irmin_rc rc;
	bool did;

	begin(self);
	repo = grown_open(self->life.os, trouble->hash, trouble->level);
	at = irmin__os_sim_operations(self->life.os) + self->n;
	plan(self);
	memset(&err, 0, sizeof(err));
	rc = irmin_repo_pack(repo, NULL, NULL, &err);
	did = happened(self);
	self->where = tap_format("%s",
	    did ? irmin__os_sim_log(self->life.os, at) : "");
	if (rc < 0 && (!did || err.code != rc || !err.text[0]))
		complain(self, "it failed", err.text);
	if (!trouble->stops)
		go_on(self, repo, rc);
	irmin_repo_close(repo);
	if (trouble->stops) {
		stop_restart(&self->life, trouble->loss);
		if (trouble->loss == IRMIN__OS_LOSE_SOME)
			stop_remove_locks(&self->life);
	}
	if (self->n % GIT_EVERY == 1)
		grown_ask_git(self->life.os, &self->want,
		    tap_format("%s, n = %ju", trouble->name,
			(uintmax_t)self->n));
	pack_again(self);
	irmin__os_sim_free(self->life.os);
	return did;
}

/* Packs with nothing going wrong: what there is, and where it could. */
static void rehearse(struct packing *self)
{
	irmin__os *os;
	irmin_repo *repo;
	uint64_t first, n;
	irmin_error err;

	begin(self);
	os = self->life.os;
	repo = grown_open(os, self->trouble->hash, self->trouble->level);
	if (grown_read(repo, &self->want, &err) < 0)
		bail("%s", err.text);
	if (grown_packs(os) != GROWN_STAGES || grown_loose(os) < 6)
		bail("this repository has not grown");
	irmin_repo_close(repo);
	repo = grown_open(os, self->trouble->hash, self->trouble->level);
	first = irmin__os_sim_operations(os);
	if (irmin_repo_pack(repo, NULL, NULL, &err) != IRMIN_OK)
		bail("%s", err.text);
	self->operations = irmin__os_sim_operations(os) - first;
	if (self->operations > MOST)
		bail("%ju operations", (uintmax_t)self->operations);
	for (n = 1; n <= self->operations; n++)
		self->points[n] = grown_is_point(os, first + n,
		    self->trouble->seed);
	irmin_repo_close(repo);
	irmin__os_sim_free(os);
}

static void sweep(const struct trouble *trouble)
{
	struct packing self = { .trouble = trouble, .held = true };
	size_t points = 0, live;

	/* Once before: who is copied from keeps an index of what it has. */
	rehearse(&self);
	grown_clear(&self.want);
	live = alloc_fault_live();
	rehearse(&self);
	for (self.n = 1; self.n <= self.operations; self.n++)
		if (self.points[self.n]) {
			points++;
			if (!run_once(&self))
				complain(&self, "nothing went wrong", "");
		}
	grown_clear(&self.want);
	if (alloc_fault_live() != live)
		complain(&self, "memory leaked", "");
	ok(self.held && points > 50, "%s: went wrong at %zu of %ju operations",
	    trouble->name, points, (uintmax_t)self.operations);
}

/* Allocations fail, ever fewer of them; what was packed and what was not is
 * still there, and the same handle goes on. */
static bool fail_allocation(struct packing *self)
{
	irmin_repo *repo;
	irmin_error err;
	irmin_rc rc;
	bool did;

	begin(self);
	repo = grown_open(self->life.os, self->trouble->hash,
	    self->trouble->level);
	alloc_fault_at(self->n);
	rc = irmin_repo_pack(repo, NULL, NULL, &err);
	did = alloc_fault_happened();
	alloc_fault_at(0);
	if (rc < 0 && (rc != IRMIN_ENOMEM || err.code != rc || !err.text[0]))
		complain(self, "the wrong code", err.text);
	go_on(self, repo, rc);
	irmin_repo_close(repo);
	pack_again(self);
	irmin__os_sim_free(self->life.os);
	return did;
}

static void sweep_allocations(const struct trouble *trouble)
{
	struct packing self = { .trouble = trouble, .held = true, .where = "" };
	size_t points = 0, live;

	rehearse(&self);
	live = alloc_fault_live();
	for (self.n = 1; fail_allocation(&self); self.n += 1 + self.n / 16)
		points++;
	if (alloc_fault_live() != live)
		complain(&self, "memory leaked", "");
	grown_clear(&self.want);
	ok(self.held && points > 50, "%s: failed %zu times, n = 1 to %ju",
	    trouble->name, points, (uintmax_t)self.n);
}

int main(void)
{
	static const struct trouble allocation = { "allocation", IRMIN_PROCESS,
		IRMIN_HASH_SHA1, true, false, IRMIN__OS_LOSE_NOTHING, 0, 0 };
	static const struct trouble troubles[] = {
		{ "EIO, process", IRMIN_PROCESS, IRMIN_HASH_SHA1, false, false,
		    IRMIN__OS_LOSE_NOTHING, 0, EIO },
		{ "ENOSPC, power, kept", IRMIN_POWER, IRMIN_HASH_SHA256, true,
		    false, IRMIN__OS_LOSE_NOTHING, 0, ENOSPC },
		{ "kill -9, process", IRMIN_PROCESS, IRMIN_HASH_SHA256, false,
		    true, IRMIN__OS_LOSE_NOTHING, 0, 0 },
		{ "kill -9, process, kept", IRMIN_PROCESS, IRMIN_HASH_SHA1,
		    true, true, IRMIN__OS_LOSE_NOTHING, 0, 0 },
		{ "power loss, process, kept", IRMIN_PROCESS, IRMIN_HASH_SHA1,
		    true, true, IRMIN__OS_LOSE_UNSYNCED, 0, 0 },
		{ "power loss, power", IRMIN_POWER, IRMIN_HASH_SHA1, false,
		    true, IRMIN__OS_LOSE_UNSYNCED, 0, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		sweep(&troubles[i]);
	sweep_allocations(&allocation);
	for (i = 0; i < 4; i++) {
		struct trouble torn = { "torn", IRMIN_PROCESS, IRMIN_HASH_SHA1,
			i % 2 == 0, true, IRMIN__OS_LOSE_SOME, 0, 0 };

		torn.level = i < 2 ? IRMIN_PROCESS : IRMIN_POWER;
		torn.seed = 1000 * i;
		torn.name = tap_format("torn power loss, level %d%s",
		    (int)torn.level, torn.kept ? ", kept" : "");
		sweep(&torn);
	}
	grown_forget_sources();
	return done_testing();
}
