/* Values that both sides changed, merged by the type of their path; and merge
 * functions that fail, answer garbage, or meet absent sides. */
#include <string.h>

#include <irmin/alloc.h>
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/merge/trees.h"

/* What the function under a type does, and saw. */
enum deed { JOIN, ASK, FAIL, FAIL_SILENTLY, CONFLICT, NOTHING, NUMBER, LARGE };

static struct scene {
	enum deed deed;
	int called, asked;
} scene;

static irmin_rc join(irmin_value *base, irmin_value *ours, irmin_value *theirs,
    irmin_value **result, irmin_error *err)
{
	irmin_value *const all[] = { base, ours, theirs };
	irmin_buf text = IRMIN_BUF_INIT;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; i < 3 && rc >= 0; i++)
		rc = irmin_buf_append(&text,
		    all[i] ? irmin_value_bytes(all[i]) : irmin_text("0"), err);
	if (rc >= 0)
		rc = irmin_value_of_bytes(irmin_buf_slice(&text), result, err);
	irmin_buf_clear(&text);
	return rc;
}

static irmin_rc act(void *arg, irmin_promise *promise, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err)
{
	irmin_value *base = NULL;
	irmin_rc rc = IRMIN_OK;

	(void)arg;
	scene.called++;
	switch (scene.deed) {
	case ASK:
		scene.asked++;
		rc = irmin_promise_get(promise, &base, err);
		return rc < 0 ? rc : join(base, ours, theirs, result, err);
	case FAIL:
		return irmin_error_set(err, IRMIN_EIO, NULL, "no more");
	case FAIL_SILENTLY:
		return IRMIN_EABORTED;
	case CONFLICT:
		return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
		    "these do not go together");
	case NOTHING:
		return IRMIN_OK;
	case NUMBER:
		return irmin_value_of_int(7, result, err);
	case LARGE:
		return irmin_value_of_bytes(irmin_text("0123456789"), result,
		    err);
	case JOIN:
		break;
	}
	return join(NULL, ours, theirs, result, err);
}

static irmin_rc decode_upper(void *arg, irmin_slice bytes, irmin_value **value,
    irmin_error *err)
{
	(void)arg;
	if (bytes.len && *(const char *)bytes.data == 'X')
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "it begins with an X");
	return irmin_value_of_bytes(bytes, value, err);
}

static irmin_rc encode_upper(void *arg, const irmin_value *value,
    irmin_buf *bytes, irmin_error *err)
{
	(void)arg;
	if (irmin_value_what(value) != IRMIN_VALUE_BYTES)
		return irmin_error_set(err, IRMIN_EINVAL, NULL, "no bytes");
	return irmin_buf_append(bytes, irmin_value_bytes(value), err);
}

static irmin_contents *typed(irmin_merge *merge)
{
	irmin_contents_class cls = { .size = sizeof cls,
		.name = "typed",
		.decode = decode_upper,
		.encode = encode_upper };

	return irmin_contents_new(&cls, merge, NULL, NULL);
}

/* A repository where t/... is under our function, and o/... may be absent too. */
static irmin_rc open_scene(irmin_repo **repo, irmin_error *err)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_rc rc;

	options.max_value_bytes = 8;
	rc = irmin_repo_open("mem:", &options, repo, err);
	if (rc < 0)
		return rc;
	rc = irmin_repo_rule(*repo, "t/**",
	    typed(irmin_merge_new(act, NULL, NULL)), err);
	if (rc >= 0)
		rc = irmin_repo_rule(*repo, "o/**",
		    typed(irmin_merge_option(irmin_merge_new(act, NULL, NULL))),
		    err);
	if (rc < 0)
		irmin_repo_close(*repo);
	return rc;
}

struct merged {
	irmin_repo *repo;
	irmin_merge_result *result;
	irmin_tree *tree;
	irmin_rc rc;
	irmin_error err;
};

/* The trees are made in a repository without rules, so that what is not of the
 * type can stand in them. */
static void merge(struct merged *merged, enum deed deed, const char *base,
    const char *ours, const char *theirs)
{
	irmin_tree *trees[3];

	memset(merged, 0, sizeof *merged);
	memset(&scene, 0, sizeof scene);
	scene.deed = deed;
	if (open_scene(&merged->repo, &merged->err) < 0)
		bail("%s", merged->err.text);
	trees[0] = trees_edit(merged->repo, NULL, base);
	trees[1] = trees_edit(merged->repo, trees[0], ours);
	trees[2] = trees_edit(merged->repo, trees[0], theirs);
	merged->rc = irmin_tree_merge(trees[0], trees[1], trees[2], NULL,
	    &merged->result, &merged->err);
	if (merged->result &&
	    irmin_merge_result_tree(merged->result, &merged->tree,
		&merged->err) < 0)
		bail("%s", merged->err.text);
	irmin_tree_unref(trees[0]);
	irmin_tree_unref(trees[1]);
	irmin_tree_unref(trees[2]);
}

static void clear(struct merged *merged)
{
	irmin_tree_unref(merged->tree);
	irmin_merge_result_free(merged->result);
	irmin_repo_close(merged->repo);
}

static void check(const char *name, enum deed deed, const char *sides[3],
    const char *result, const char *conflicts)
{
	struct merged merged;

	merge(&merged, deed, sides[0], sides[1], sides[2]);
	is_rc(merged.rc, *conflicts ? IRMIN_ECONFLICT : IRMIN_OK, "%s", name);
	if (ok(merged.result != NULL, "%s: there is a result: %s", name,
		merged.err.text)) {
		is_str(trees_words(merged.tree), result, "%s: what it is",
		    name);
		is_str(trees_conflicts(merged.result), conflicts,
		    "%s: what conflicts", name);
	}
	clear(&merged);
}

#define SIDES(base, ours, theirs)                                              \
	(const char *[3])                                                      \
	{                                                                      \
		base, ours, theirs                                             \
	}

static void test_merged(void)
{
	check("joined", JOIN, SIDES("t/a=1 z=1", "t/a=2", "t/a=3"),
	    "t/a=023 z=1", "");
	is_int(scene.asked, 0, "the base was not asked for");
	check("with the base", ASK, SIDES("t/a=1 z=1", "t/a=2", "t/a=3"),
	    "t/a=123 z=1", "");
	check("added by both", ASK, SIDES("z=1", "t/a=2", "t/a=3"),
	    "t/a=023 z=1", "");
	check("over a directory", ASK,
	    SIDES("t/a/b=1", "-t/a t/a=2", "-t/a t/a=3"), "t/a=023", "");
	check("the mode of one", JOIN, SIDES("t/a=1", "t/a=2", "!t/a=3"),
	    "!t/a=023", "");
	check("one side only", JOIN, SIDES("t/a=1 z=1", "t/a=2", "z=2"),
	    "t/a=2 z=2", "");
	is_int(scene.called, 0, "the function is not asked");
	check("both alike", JOIN, SIDES("t/a=1 z=1", "t/a=2", "t/a=2"),
	    "t/a=2 z=1", "");
	is_int(scene.called, 0, "nor there");
	check("nothing is left", NOTHING, SIDES("t/a=1 z=1", "t/a=2", "t/a=3"),
	    "z=1", "");
	check("links", JOIN, SIDES("@t/a=1", "@t/a=2", "@t/a=3"), "@t/a=2",
	    "content t/a");
	check("modes too", JOIN, SIDES("z=1", "t/a=2", "!t/a=3"), "t/a=2 z=1",
	    "add/add t/a");
}

static void test_absent(void)
{
	check("removed by ours", JOIN, SIDES("t/a=1 z=1", "-t/a", "t/a=3"),
	    "z=1", "modify/delete t/a");
	is_int(scene.called, 0, "the function takes values only");
	check("removed by theirs, under option", ASK,
	    SIDES("o/a=1 z=1", "o/a=2", "-o/a"), "o/a=120 z=1", "");
	check("removed by ours, under option", ASK,
	    SIDES("o/a=1 z=1", "-o/a", "!o/a=3"), "!o/a=103 z=1", "");
	check("which may conflict", CONFLICT,
	    SIDES("o/a=1 z=1", "-o/a", "o/a=3"), "z=1", "modify/delete o/a");
	check("or leave nothing", NOTHING, SIDES("o/a=1 z=1", "o/a=2", "-o/a"),
	    "z=1", "");
	check("added by both, under option", ASK,
	    SIDES("z=1", "o/a=2", "o/a=3"), "o/a=023 z=1", "");
}

static const char *first_message(const struct merged *merged)
{
	irmin_conflict *conflict;

	if (!merged->result ||
	    irmin_merge_result_next(merged->result, &conflict) != IRMIN_OK)
		return "";
	return irmin_conflict_message(conflict);
}

static void check_message(const char *name, enum deed deed,
    const char *const sides[3], const char *words)
{
	struct merged merged;

	merge(&merged, deed, sides[0], sides[1], sides[2]);
	is_rc(merged.rc, IRMIN_ECONFLICT, "%s", name);
	is_str(first_message(&merged), words, "%s: what it says", name);
	clear(&merged);
}

static void test_conflicts(void)
{
	check_message("its own", CONFLICT, SIDES("t/a=1", "t/a=2", "t/a=3"),
	    "these do not go together");
	check_message("no type", JOIN, SIDES("a=1", "a=2", "a=3"),
	    "both sides changed it");
}

static void check_failure(const char *name, enum deed deed, irmin_rc rc,
    const char *words)
{
	struct merged merged;

	merge(&merged, deed, "t/a=1 z=1", "t/a=2", "t/a=3 z=2");
	is_rc(merged.rc, rc, "%s", name);
	ok(!merged.result, "%s: no result", name);
	is_str(merged.err.where, "t/a", "%s: it says where", name);
	ok(strstr(merged.err.text, words) != NULL, "%s: and what: %s", name,
	    merged.err.text);
	clear(&merged);
}

static void test_failures(void)
{
	check_failure("a function that fails", FAIL, IRMIN_EIO, "no more");
	check_failure("one that does not say why", FAIL_SILENTLY,
	    IRMIN_EABORTED, "a merge function failed");
	check_failure("a value of another shape", NUMBER, IRMIN_EINVAL,
	    "no bytes");
	check_failure("one that is too large", LARGE, IRMIN_ELIMIT, "10 bytes");
}

/* ---- what is there is not of the type ---- */

static void test_foreign(void)
{
	static const struct {
		const char *name, *values[3], *words;
	} cases[] = {
		{ "ours", { "1", "X", "3" }, "ours is not of type typed" },
		{ "theirs", { "1", "2", "X" }, "theirs is not of type typed" },
		{ "the base", { "X", "2", "3" },
		    "that of the base is not of type typed" },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		irmin_merge_result *result;
		irmin_conflict *conflict;
		irmin_tree *trees[3];
		irmin_repo *repo;
		irmin_error err;
		size_t side;

		scene.deed = ASK;
		if (irmin_repo_open("mem:", NULL, &repo, &err) < 0)
			bail("%s", err.text);
		for (side = 0; side < 3; side++)
			trees[side] = trees_edit(repo, NULL,
			    tap_format("t/a=%s", cases[i].values[side]));
		if (irmin_repo_rule(repo, "t/a",
			typed(irmin_merge_new(act, NULL, NULL)), &err) < 0)
			bail("%s", err.text);
		fails(irmin_tree_merge(trees[0], trees[1], trees[2], NULL,
			  &result, &err),
		    IRMIN_ECONFLICT, &err, "%s", cases[i].name);
		if (irmin_merge_result_next(result, &conflict) == IRMIN_OK)
			ok(strstr(irmin_conflict_message(conflict),
			       cases[i].words) != NULL,
			    "it says \"%s\"", irmin_conflict_message(conflict));
		irmin_merge_result_free(result);
		for (side = 0; side < 3; side++)
			irmin_tree_unref(trees[side]);
		irmin_repo_close(repo);
	}
}

/* ---- memory ---- */

static irmin_rc merge_again(void *arg, irmin_error *err)
{
	irmin_tree *const *trees = arg;
	irmin_merge_result *result;
	irmin_tree *tree;
	irmin_rc rc;

	scene.deed = ASK;
	rc = irmin_tree_merge(trees[0], trees[1], trees[2], NULL, &result, err);
	if (rc == IRMIN_ECONFLICT)
		rc = irmin_merge_result_tree(result, &tree, err);
	if (rc >= 0)
		irmin_tree_unref(tree);
	irmin_merge_result_free(result);
	return rc;
}

static void test_memory(void)
{
	irmin_tree *trees[3];
	irmin_repo *repo;
	irmin_error err;
	size_t i;

	if (open_scene(&repo, &err) < 0)
		bail("%s", err.text);
	trees[0] = trees_edit(repo, NULL, "t/a=1 t/b=1 x/y/z=1 d/a=1");
	trees[1] = trees_edit(repo, trees[0], "t/a=2 t/b=2 x/y/z=2 -d");
	trees[2] = trees_edit(repo, trees[0], "t/a=3 x/y/z=3 n/a=1 d/b=1");
	ok(alloc_fault_sweep("a merge", merge_again, trees) > 10,
	    "it allocates");
	for (i = 0; i < 3; i++)
		irmin_tree_unref(trees[i]);
	irmin_repo_close(repo);
}

int main(void)
{
	test_merged();
	test_absent();
	test_conflicts();
	test_failures();
	test_foreign();
	test_memory();
	return done_testing();
}
