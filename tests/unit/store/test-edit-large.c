/* Edits of a large directory where each allocation fails once: a call that
 * fails leaves the edit as it was, through splits, merges and changes of kind. */
#include <stdio.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

#define NAMES 3000
#define STEPS 160

/* A base that is not the edit's own, and what came of the steps before. */
struct sweep {
	irmin_repo *repo;
	irmin_tree *base;
	irmin_oid ids[STEPS + 1]; /* after so many steps */
};

static const char *name_of(unsigned number, char name[24])
{
	snprintf(name, 24, "name-%05u", number);
	return name;
}

/* Names that come to lie in one place, names all over, values that become
 * directories and the reverse, removals in a row, moves. */
static irmin_rc step(irmin_edit *edit, unsigned at, irmin_error *err)
{
	char name[24], other[40];

	switch (at / 40) {
	case 0:
		snprintf(other, sizeof other, "name-01500-%02u", at);
		return irmin_edit_set(edit, other, irmin_text("between"), err);
	case 1:
		return irmin_edit_remove(edit, name_of(700 + at, name), err);
	case 2:
		name_of(at * 13, name);
		snprintf(other, sizeof other, "%s/below", name);
		return irmin_edit_set(edit, at % 2 ? other : name,
		    irmin_text("other"), err);
	default:
		name_of(at * 17, name);
		snprintf(other, sizeof other, "moved/%s", name);
		return irmin_edit_move(edit, name, other, err);
	}
}

static irmin_oid id_of(irmin_edit *edit)
{
	irmin_tree *tree;
	irmin_error err;
	irmin_oid id;

	if (irmin_edit_tree(edit, &tree, &err) < 0 ||
	    irmin_tree_id(tree, &id, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	return id;
}

/* What a step could do without does not fail it: pieces may stay small. */
static int run(struct sweep *sweep, uint64_t n)
{
	irmin_edit *edit = NULL;
	irmin_error err;
	irmin_oid id;
	unsigned done = 0;
	int happened;
	irmin_rc rc;

	alloc_fault_at(n);
	rc = irmin_edit_new(sweep->base, &edit, &err);
	while (rc >= 0 && done < STEPS) {
		rc = step(edit, done, &err);
		done += rc >= 0;
	}
	happened = alloc_fault_happened();
	alloc_fault_at(0);
	if (rc != IRMIN_ENOMEM && done < STEPS)
		ok(false, "allocation %ju: %s", (uintmax_t)n, err.text);
	id = edit ? id_of(edit) : sweep->ids[0];
	if (irmin_oid_compare(&id, &sweep->ids[done]) != 0)
		ok(false, "allocation %ju: the edit after %u steps",
		    (uintmax_t)n, done);
	irmin_edit_free(edit);
	return happened;
}

static void begin(struct sweep *sweep)
{
	irmin_edit *edit;
	irmin_error err;
	char name[24];
	unsigned i;

	sweep->repo = room_open(NULL);
	if (irmin_tree_empty(sweep->repo, &sweep->base, &err) < 0 ||
	    irmin_edit_new(sweep->base, &edit, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(sweep->base);
	for (i = 0; i < NAMES; i++)
		if (irmin_edit_set(edit, name_of(i, name), irmin_text("v"),
			&err) < 0)
			bail("%s", err.text);
	if (irmin_edit_tree(edit, &sweep->base, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
}

/* The same without a fault: the ids that there should be. */
static void expect(struct sweep *sweep)
{
	irmin_edit *edit;
	irmin_error err;
	unsigned at;

	if (irmin_edit_new(sweep->base, &edit, &err) < 0)
		bail("%s", err.text);
	for (at = 0; at <= STEPS; at++) {
		sweep->ids[at] = id_of(edit);
		if (at < STEPS && step(edit, at, &err) < 0)
			bail("%s", err.text);
	}
	irmin_edit_free(edit);
}

int main(void)
{
	struct sweep sweep = { .repo = NULL };
	uint64_t n = 1;
	size_t live;

	begin(&sweep);
	expect(&sweep);
	live = alloc_fault_live();
	while (run(&sweep, n))
		n++;
	ok(n > STEPS, "%ju allocations failed, one at a time",
	    (uintmax_t)(n - 1));
	is_int(alloc_fault_live(), live, "nothing is left behind");
	irmin_tree_unref(sweep.base);
	irmin_repo_close(sweep.repo);
	return done_testing();
}
