/* Merges that meet objects which are missing or broken: a failure that names the
 * object and the path, no result, and nothing leaks. What need not be opened is
 * not. */
#include <string.h>

#include <irmin/conflict.h>
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

#define GONE "1234567890123456789012345678901234567890"

static irmin_tree *tree_with(irmin_repo *repo, const char *d)
{
	irmin_oid id = room_add_tree(repo,
	    tap_format("100644 a 1\n40000 d %s\n", d));

	return room_tree(repo, &id);
}

static const char *add_dir(irmin_repo *repo, const char *lines)
{
	irmin_oid id = room_add_tree(repo, lines);

	return room_hex(&id);
}

/* Merges trees that have these directories at d. */
static irmin_rc merge(irmin_repo *repo, const char *const dirs[3],
    irmin_error *err)
{
	irmin_merge_result *result;
	irmin_tree *trees[3];
	irmin_rc rc;
	size_t i;

	for (i = 0; i < 3; i++)
		trees[i] = tree_with(repo, dirs[i]);
	rc = irmin_tree_merge(trees[0], trees[1], trees[2], NULL, &result, err);
	ok(rc >= 0 || !result, "a failure gives no result");
	irmin_merge_result_free(result);
	for (i = 0; i < 3; i++)
		irmin_tree_unref(trees[i]);
	return rc;
}

static void check(irmin_repo *repo, const char *broken, irmin_rc rc,
    const char *words)
{
	const char *one = add_dir(repo, "100644 x 1\n100644 y 1\n");
	const char *two = add_dir(repo, "100644 x 2\n100644 y 1\n");
	const char *const dirs[3][3] = { { broken, one, two },
		{ one, broken, two }, { one, two, broken } };
	irmin_error err;
	size_t i;

	for (i = 0; i < 3; i++) {
		fails(merge(repo, dirs[i], &err), rc, &err, "%s, side %zu",
		    words, i);
		is_str(err.where, broken, "the object is named");
		ok(strstr(err.text, "\"d\"") != NULL &&
			strstr(err.text, words) != NULL,
		    "the path, too: %s", err.text);
	}
}

static void test_unopened(irmin_repo *repo)
{
	const char *one = add_dir(repo, "100644 x 1\n");
	const char *const ours[3] = { one, GONE, one };
	const char *const theirs[3] = { one, one, GONE };
	const char *const both[3] = { one, GONE, GONE };
	irmin_error err;

	is_rc(merge(repo, ours, &err), IRMIN_OK, "changed by ours alone");
	is_rc(merge(repo, theirs, &err), IRMIN_OK, "by theirs alone");
	is_rc(merge(repo, both, &err), IRMIN_OK, "by both alike");
}

int main(void)
{
	size_t before = alloc_fault_live();
	irmin_repo *repo = room_open(NULL);
	const char *garbage, *unsorted;
	irmin_oid id;

	id = room_add(repo, IRMIN_OBJECT_TREE, "100644 x", 8);
	garbage = room_hex(&id);
	unsorted = add_dir(repo, "100644 y 1\n100644 x 1\n");
	check(repo, GONE, IRMIN_EMISSING, "missing");
	check(repo, garbage, IRMIN_ECORRUPT, "cannot read");
	check(repo, unsorted, IRMIN_ECORRUPT, "out of order");
	test_unopened(repo);
	irmin_repo_close(repo);
	is_int(alloc_fault_live(), before, "nothing leaks");
	return done_testing();
}
