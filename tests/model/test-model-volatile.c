/* A repository in memory against plain maps: branches that are written, forked,
 * moved back and removed, commits and trees that are held, and look-ups by id at
 * any moment. What a branch or a handle holds is always found, and always what it
 * was. IRMIN_MODEL_SEED repeats a run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <irmin/irmin.h>

#include "tests/support/tap.h"

#define BRANCHES 3
#define PATHS    6
#define HELD     8
#define STEPS    4000

/* What is at each path; 0 is nothing. */
struct state {
	int values[PATHS];
};

struct branch {
	int exists;
	struct state state;
};

struct held {
	irmin_commit *commit;
	struct state state;
	irmin_oid id; /* if it was asked for */
};

struct run {
	irmin_repo *repo;
	struct branch branches[BRANCHES];
	struct held held[HELD];
	const char *wrong; /* the first thing that was not as told */
};

static const char *const paths[PATHS] = { "a", "d/x", "d/y", "d/e/z", "f/g",
	"f/h" };
static const char *const names[BRANCHES] = { "main", "side", "deep/er" };

static void check(struct run *run, int holds, const char *what)
{
	if (!holds && !run->wrong)
		run->wrong = what;
}

static int has_state(irmin_tree *tree, const struct state *state)
{
	irmin_pin pin;
	irmin_error err;
	int i, same = 1;

	for (i = 0; i < PATHS && same; i++) {
		irmin_rc rc = irmin_tree_find(tree, paths[i], &pin, &err);
		const char *want = tap_format("%d", state->values[i]);

		same = rc == (state->values[i] ? IRMIN_OK : IRMIN_ABSENT);
		if (same && rc == IRMIN_OK)
			same = irmin_slice_equal(irmin_bytes(pin.data, pin.len),
			    irmin_text(want));
		irmin_pin_release(&pin);
	}
	return same;
}

static int commit_has(irmin_commit *commit, const struct state *state)
{
	irmin_tree *tree = NULL;
	irmin_error err;
	int same;

	if (irmin_commit_tree(commit, &tree, &err) < 0)
		bail("%s", err.text);
	same = has_state(tree, state);
	irmin_tree_unref(tree);
	return same;
}

/* ---- steps ---- */

static void do_write(struct run *run, int at)
{
	struct branch *branch = &run->branches[at];
	irmin_info info = irmin_info_of("A <a@b>", "m");
	int path = rand() % PATHS, value = rand() % 4;
	irmin_store *store = NULL;
	irmin_error err;
	irmin_rc rc, want = IRMIN_UNCHANGED;

	if (irmin_store_open(run->repo, names[at], &store, &err) < 0)
		bail("%s", err.text);
	if (branch->state.values[path] != value)
		want = IRMIN_OK;
	rc = value ? irmin_store_set(store, paths[path],
			 irmin_text(tap_format("%d", value)), &info, &err)
		   : irmin_store_remove(store, paths[path], &info, &err);
	check(run, rc == want, "the answer of a write");
	branch->state.values[path] = value;
	branch->exists |= rc == IRMIN_OK;
	irmin_store_close(store);
}

/* A handle is taken of a head, in place of another. */
static void do_hold(struct run *run, int at)
{
	struct held *held = &run->held[rand() % HELD];
	irmin_commit *head;
	irmin_error err;
	irmin_rc rc = irmin_branch_find(run->repo, names[at], &head, &err);

	check(run, (rc == IRMIN_OK) == run->branches[at].exists, "a branch");
	if (rc != IRMIN_OK)
		return;
	check(run, commit_has(head, &run->branches[at].state), "its state");
	irmin_commit_unref(held->commit);
	memset(held, 0, sizeof *held);
	held->commit = head;
	held->state = run->branches[at].state;
}

/* A held commit is asked for its id, or looked up by it. */
static void do_look_up(struct run *run)
{
	struct held *held = &run->held[rand() % HELD];
	irmin_commit *found = NULL;
	irmin_tree *tree = NULL;
	irmin_oid id;
	irmin_error err;

	if (!held->commit)
		return;
	if (irmin_commit_id(held->commit, &id, &err) < 0)
		bail("%s", err.text);
	check(run,
	    irmin_oid_is_none(&held->id) ||
		irmin_oid_compare(&id, &held->id) == 0,
	    "an id that stays");
	held->id = id;
	check(run, irmin_commit_get(run->repo, &id, &found, &err) == IRMIN_OK,
	    "a commit by id");
	check(run, found && commit_has(found, &held->state), "what it holds");
	if (irmin_commit_tree(held->commit, &tree, &err) < 0 ||
	    irmin_tree_id(tree, &id, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	tree = NULL;
	check(run, irmin_tree_get(run->repo, &id, &tree, &err) == IRMIN_OK,
	    "a tree by id");
	check(run, tree && has_state(tree, &held->state), "what it holds");
	irmin_tree_unref(tree);
	irmin_commit_unref(found);
}

/* A branch moves to a held commit, by whatever way, or goes. */
static void do_move(struct run *run, int at)
{
	struct held *held = &run->held[rand() % HELD];
	struct branch *branch = &run->branches[at];
	irmin_error err;
	irmin_rc rc = irmin_branch_remove(run->repo, names[at], &err);

	check(run, rc == (branch->exists ? IRMIN_OK : IRMIN_UNCHANGED),
	    "the answer of remove");
	memset(branch, 0, sizeof *branch);
	if (!held->commit || rand() % 3 == 0)
		return;
	check(run,
	    irmin_branch_create(run->repo, names[at], held->commit, &err) ==
		IRMIN_OK,
	    "the answer of create");
	branch->exists = 1;
	branch->state = held->state;
}

static void do_retain(struct run *run, int at)
{
	irmin_retention rule = IRMIN_RETENTION_INIT;
	irmin_error err;

	rule.commits = (uint64_t)rand() % 5;
	check(run,
	    irmin_repo_retain(run->repo, names[at], &rule, &err) == IRMIN_OK,
	    "a rule");
}

static int tell_fault(void *arg, const irmin_fault *fault)
{
	diag("%s", fault->text);
	++*(int *)arg;
	return 0;
}

static void do_verify(struct run *run)
{
	irmin_error err;
	int faults = 0;

	check(run,
	    irmin_repo_verify(run->repo, tell_fault, &faults, NULL, NULL,
		&err) == IRMIN_OK,
	    "verify");
	check(run, faults == 0, "that all fits together");
}

static void step(struct run *run)
{
	int at = rand() % BRANCHES, what = rand() % 40;

	if (what < 24)
		do_write(run, at);
	else if (what < 30)
		do_hold(run, at);
	else if (what < 35)
		do_look_up(run);
	else if (what < 38)
		do_move(run, at);
	else if (what < 39)
		do_retain(run, at);
	else if (rand() % 4 == 0)
		do_verify(run);
}

int main(void)
{
	const char *given = getenv("IRMIN_MODEL_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10)
			      : (unsigned)time(NULL);
	struct run run;
	irmin_error err;
	int i;

	srand(seed);
	memset(&run, 0, sizeof run);
	if (irmin_repo_open("mem:", NULL, &run.repo, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < STEPS && !run.wrong; i++)
		step(&run);
	ok(!run.wrong, "%d steps from seed %u%s%s", i, seed,
	    run.wrong ? ": wrong: " : "", run.wrong ? run.wrong : "");
	for (i = 0; i < HELD; i++)
		irmin_commit_unref(run.held[i].commit);
	irmin_repo_close(run.repo);
	return done_testing();
}
