/* Retention: what is kept is what the rules say, and what is not is freed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/hooked.h"
#include "tests/unit/store/room.h"

#define FLAT_ROUNDS 3000

static void set(irmin_store *store, int value)
{
	static const char *const paths[] = { "a", "d/x", "d/y", "e/f/g" };
	irmin_info info = irmin_info_of("A <a@b>", "m");
	irmin_error err;

	if (irmin_store_set(store, paths[value % 4],
		irmin_text(tap_format("%d", value)), &info, &err) < 0)
		bail("%s", err.text);
}

static void retain(irmin_repo *repo, const char *pattern, uint64_t commits)
{
	irmin_retention rule = IRMIN_RETENTION_INIT;
	irmin_error err;

	rule.commits = commits;
	if (irmin_repo_retain(repo, pattern, &rule, &err) < 0)
		bail("%s", err.text);
}

static irmin_commit *head_of(irmin_repo *repo, const char *branch)
{
	irmin_commit *head = NULL;
	irmin_error err;

	if (irmin_branch_find(repo, branch, &head, &err) != IRMIN_OK)
		bail("no head");
	return head;
}

static irmin_oid id_of(irmin_commit *commit)
{
	irmin_oid id;
	irmin_error err;

	if (irmin_commit_id(commit, &id, &err) < 0)
		bail("%s", err.text);
	return id;
}

/* How far first parents lead from a branch, by pointers: no id is computed. What
 * came at the end is in `rc`. */
static int depth(irmin_repo *repo, const char *branch, irmin_rc *rc)
{
	irmin_commit *at = head_of(repo, branch), *next;
	int count = 1;

	while ((*rc = irmin_commit_parent(at, 0, &next, NULL)) == IRMIN_OK) {
		irmin_commit_unref(at);
		at = next;
		count++;
	}
	irmin_commit_unref(at);
	return count;
}

static int log_length(irmin_repo *repo, const char *branch)
{
	irmin_commit *head = head_of(repo, branch), *commit;
	irmin_log *log;
	irmin_error err;
	irmin_rc rc;
	int count = 0;

	if (irmin_log_open(head, NULL, &log, &err) < 0)
		bail("%s", err.text);
	while ((rc = irmin_log_next(log, &commit, &err)) == IRMIN_OK) {
		irmin_commit_unref(commit);
		count++;
	}
	if (rc < 0)
		bail("%s", err.text);
	irmin_log_free(log);
	irmin_commit_unref(head);
	return count;
}

/* ---- one branch ---- */

static void one_branch(int asks)
{
	irmin_repo *repo = room_open(NULL);
	irmin_store *store = room_store_on(repo, "main");
	irmin_commit *head;
	irmin_rc rc;
	int i, exact = 1;

	retain(repo, "ma*", 5);
	for (i = 0; i < 40; i++) {
		set(store, i);
		if (asks) {
			head = head_of(repo, "main");
			id_of(head);
			irmin_commit_unref(head);
		}
		exact &= depth(repo, "main", &rc) == (i < 5 ? i + 1 : 5);
	}
	ok(exact, "five commits at any time");
	is_rc(rc, asks ? IRMIN_ETRUNCATED : IRMIN_ABSENT,
	    "the last one's parent");
	is_int(log_length(repo, "main"), 5, "a log ends there");
	is_int(room_faults(repo), 0, "all that is left fits together");
	retain(repo, "main", 2);
	is_int(depth(repo, "main", &rc), 2, "a rule that keeps less");
	retain(repo, "m*n", 0);
	for (i = 40; i < 60; i++)
		set(store, i);
	is_int(depth(repo, "main", &rc), 22, "a later one that keeps all");
	irmin_store_close(store);
	irmin_repo_close(repo);
}

static void an_old_branch(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_store *store = room_store_on(repo, "main");
	irmin_commit *head, *parent;
	size_t before;
	irmin_rc rc;
	irmin_error err;
	int i;

	for (i = 0; i < 500; i++)
		set(store, i);
	before = alloc_fault_live();
	head = head_of(repo, "main");
	retain(repo, "*", 1);
	is_int(depth(repo, "main", &rc), 1,
	    "a rule of one is in force at once");
	ok(alloc_fault_live() < before / 5, "memory is free: %zu of %zu blocks",
	    alloc_fault_live(), before);
	is_rc(irmin_commit_parent(head, 0, &parent, &err), IRMIN_ABSENT,
	    "a handle from before has its tree, not its history");
	irmin_commit_unref(head);
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* ---- several ---- */

static irmin_commit *merge(irmin_repo *repo, irmin_commit *ours,
    irmin_commit *theirs)
{
	irmin_commit *parents[2] = { ours, theirs }, *made = NULL;
	irmin_info info = irmin_info_of("A <a@b>", "merge");
	irmin_tree *tree = NULL;
	irmin_error err;

	if (irmin_commit_tree(ours, &tree, &err) < 0 ||
	    irmin_commit_new(repo, tree, parents, 2, &info, &made, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	return made;
}

/* Merges one branch into another. */
static void merge_branch(irmin_repo *repo, const char *into, const char *from)
{
	irmin_commit *ours = head_of(repo, into), *theirs = head_of(repo, from);
	irmin_commit *made = merge(repo, ours, theirs);
	irmin_error err;

	if (irmin_branch_cas(repo, into, ours, made, NULL, &err) < 0)
		bail("%s", err.text);
	irmin_commit_unref(made);
	irmin_commit_unref(ours);
	irmin_commit_unref(theirs);
}

static void fork_branch(irmin_repo *repo, const char *from, const char *to)
{
	irmin_commit *head = head_of(repo, from);
	irmin_error err;

	if (irmin_branch_create(repo, to, head, &err) < 0)
		bail("%s", err.text);
	irmin_commit_unref(head);
}

/* What all is kept of stays while that branch is there. */
static void behind_others(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_store *work = room_store_on(repo, "work");
	irmin_error err;
	irmin_rc rc;
	int i;

	retain(repo, "work", 3);
	for (i = 0; i < 10; i++)
		set(work, i);
	is_int(depth(repo, "work", &rc), 3, "three of one branch");
	fork_branch(repo, "work", "main");
	for (i = 10; i < 30; i++)
		set(work, i);
	is_int(depth(repo, "work", &rc), 3, "three of one branch");
	is_int(depth(repo, "main", &rc), 3, "what another had stays");
	for (i = 0; i < 20; i++) {
		irmin_commit *head, *was;

		set(work, i);
		head = head_of(repo, "work");
		was = head_of(repo, "main");
		if (irmin_branch_cas(repo, "main", was, head, NULL, &err) < 0)
			bail("%s", err.text);
		irmin_commit_unref(was);
		irmin_commit_unref(head);
	}
	is_int(depth(repo, "main", &rc), 22, "whole since it follows");
	is_rc(irmin_branch_remove(repo, "main", &err), IRMIN_OK, "it goes");
	for (i = 0; i < 30; i++)
		set(work, i + 7);
	is_int(depth(repo, "work", &rc), 3, "and three are left");
	is_int(room_faults(repo), 0, "all fits together");
	irmin_store_close(work);
	irmin_repo_close(repo);
}

static void moved_back(void)
{
	irmin_repo *repo = room_open(NULL);
	irmin_store *store = room_store_on(repo, "main");
	irmin_commit *head, *parent;
	irmin_error err;
	irmin_rc rc;
	int i;

	retain(repo, "*", 4);
	for (i = 0; i < 10; i++)
		set(store, i);
	head = head_of(repo, "main");
	if (irmin_commit_parent(head, 0, &parent, &err) != IRMIN_OK ||
	    irmin_branch_cas(repo, "main", head, parent, NULL, &err) < 0)
		bail("%s", err.text);
	irmin_commit_unref(head);
	irmin_commit_unref(parent);
	is_int(depth(repo, "main", &rc), 3, "back: three are left of four");
	set(store, 10);
	is_int(depth(repo, "main", &rc), 4, "four");
	set(store, 11);
	is_int(depth(repo, "main", &rc), 4, "and never more");
	fork_branch(repo, "main", "side");
	set(store, 12);
	is_int(depth(repo, "side", &rc), 4, "a fork keeps what it has");
	if (irmin_branch_remove(repo, "side", &err) < 0)
		bail("%s", err.text);
	set(store, 13);
	is_int(depth(repo, "main", &rc), 4, "until it goes");
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* ---- for ever ---- */

typedef void (*round_fn)(irmin_repo *repo, int i);

static void plain_round(irmin_repo *repo, int i)
{
	irmin_store *store = room_store_on(repo, "main");

	set(store, i);
	irmin_store_close(store);
}

static void asking_round(irmin_repo *repo, int i)
{
	irmin_commit *head;

	plain_round(repo, i);
	head = head_of(repo, "main");
	id_of(head);
	irmin_commit_unref(head);
}

static void looking_round(irmin_repo *repo, int i)
{
	irmin_commit *head, *found = NULL;
	irmin_error err;
	irmin_oid id;

	plain_round(repo, i);
	if (i % 7)
		return;
	head = head_of(repo, "main");
	id = id_of(head);
	if (irmin_commit_get(repo, &id, &found, &err) < 0)
		bail("%s", err.text);
	irmin_commit_unref(found);
	irmin_commit_unref(head);
}

/* Two branches that merge each other. */
static void crossing_round(irmin_repo *repo, int i)
{
	irmin_store *store = room_store_on(repo, i % 2 ? "main" : "other");

	set(store, i);
	irmin_store_close(store);
	if (i % 3 == 0)
		merge_branch(repo, i % 2 ? "main" : "other",
		    i % 2 ? "other" : "main");
}

/* A branch that is made, merged and removed. */
static void topic_round(irmin_repo *repo, int i)
{
	irmin_store *store;
	irmin_error err;

	fork_branch(repo, "main", "topic");
	store = room_store_on(repo, "topic");
	set(store, i);
	set(store, i + 1);
	irmin_store_close(store);
	plain_round(repo, i + 2);
	merge_branch(repo, "main", "topic");
	if (irmin_branch_remove(repo, "topic", &err) < 0)
		bail("%s", err.text);
}

/* Each topic merges the one before, which then goes. */
static void chain_round(irmin_repo *repo, int i)
{
	const char *mine = tap_format("t%d", i);
	const char *last = tap_format("t%d", i - 1);
	irmin_store *store;
	irmin_error err;

	fork_branch(repo, "main", mine);
	store = room_store_on(repo, mine);
	set(store, i);
	irmin_store_close(store);
	if (i > 2)
		merge_branch(repo, mine, last);
	if (i > 2 && irmin_branch_remove(repo, last, &err) < 0)
		bail("%s", err.text);
	plain_round(repo, i + 5);
}

/* A chain of commits that is never a branch, and merged each time. */
static irmin_commit *nameless;

static void nameless_round(irmin_repo *repo, int i)
{
	irmin_commit *head, *next, *made;
	irmin_error err;

	plain_round(repo, i);
	head = head_of(repo, "main");
	next = nameless ? merge(repo, nameless, head) : NULL;
	irmin_commit_unref(nameless);
	nameless = next ? next : irmin_commit_ref(head);
	made = next ? merge(repo, head, next) : NULL;
	if (made && irmin_branch_cas(repo, "main", head, made, NULL, &err) < 0)
		bail("%s", err.text);
	irmin_commit_unref(made);
	irmin_commit_unref(head);
}

static void for_ever(const char *name, round_fn one, const char *pattern)
{
	irmin_repo *repo = room_open(NULL);
	size_t early, late;
	irmin_store *store = room_store_on(repo, "main");
	int i;

	set(store, 0);
	irmin_store_close(store);
	fork_branch(repo, "main", "other");
	retain(repo, pattern, 20);
	for (i = 1; i < FLAT_ROUNDS / 2; i++)
		one(repo, i);
	early = alloc_fault_live();
	for (; i < FLAT_ROUNDS; i++)
		one(repo, i);
	late = alloc_fault_live();
	ok(late < early + 1000,
	    "%s: memory stays what it is: %zu and %zu "
	    "blocks",
	    name, early, late);
	is_int(room_faults(repo), 0, "%s: all fits together", name);
	irmin_commit_unref(nameless);
	nameless = NULL;
	irmin_repo_close(repo);
}

static void refused(void)
{
	struct hooks hooks = { 0 };
	irmin_repo *repo = hooked_open(&hooks, NULL);
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_retention rule = IRMIN_RETENTION_INIT;
	irmin_error err;

	fails(irmin_repo_retain(repo, "*", &rule, &err), IRMIN_ENOTSUP, &err,
	    "what is kept for good does not forget yet");
	irmin_repo_close(repo);
	repo = room_open(NULL);
	fails(irmin_repo_retain(repo, NULL, &rule, &err), IRMIN_EINVAL, &err,
	    "no pattern");
	fails(irmin_repo_retain(repo, "", &rule, &err), IRMIN_EINVAL, &err,
	    "an empty one");
	rule.size = 1;
	fails(irmin_repo_retain(repo, "*", &rule, &err), IRMIN_EINVAL, &err,
	    "a rule of no size that there was");
	is_rc(irmin_repo_retain(repo, "*", NULL, &err), IRMIN_OK,
	    "no rule keeps all");
	irmin_repo_close(repo);
	options.flags = IRMIN_OPEN_READ_ONLY;
	repo = room_open(&options);
	fails(irmin_repo_retain(repo, "*", NULL, &err), IRMIN_EREADONLY, &err,
	    "a repository that is read-only");
	irmin_repo_close(repo);
}

static irmin_rc retain_once(void *arg, irmin_error *err)
{
	irmin_retention rule = { sizeof rule, 3 };
	irmin_info info = irmin_info_of("A <a@b>", "m");
	irmin_repo *repo = NULL;
	irmin_store *store = NULL;
	irmin_rc rc = room_try_open(&repo, err);
	int i;

	(void)arg;
	if (rc >= 0)
		rc = irmin_store_open(repo, "main", &store, err);
	for (i = 0; i < 3 && rc >= 0; i++)
		rc = irmin_store_set(store, "a",
		    irmin_text(tap_format("%d", i)), &info, err);
	if (rc >= 0)
		rc = irmin_repo_retain(repo, "m*", &rule, err);
	for (; i < 6 && rc >= 0; i++)
		rc = irmin_store_set(store, "a",
		    irmin_text(tap_format("%d", i)), &info, err);
	if (rc >= 0)
		rc = irmin_branch_remove(repo, "main", err);
	irmin_store_close(store);
	irmin_repo_close(repo);
	return rc;
}

int main(void)
{
	one_branch(0);
	one_branch(1);
	an_old_branch();
	behind_others();
	moved_back();
	for_ever("updates", plain_round, "*");
	for_ever("updates, ids asked for", asking_round, "*");
	for_ever("updates, commits looked up", looking_round, "*");
	for_ever("branches that merge each other", crossing_round, "*");
	for_ever("topics", topic_round, "*");
	for_ever("topics that are all kept", topic_round, "main");
	for_ever("topics that merge the last", chain_round, "*");
	for_ever("commits without a branch", nameless_round, "*");
	refused();
	alloc_fault_sweep("a rule and what it does", retain_once, NULL);
	is_int(alloc_fault_live(), 0, "nothing is left behind");
	return done_testing();
}
