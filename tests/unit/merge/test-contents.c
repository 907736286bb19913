/* The contents types that come with the library, by name: what they read, write,
 * and make of two sides in a tree. */
#include <string.h>

#include <irmin/contents.h>
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/merge/trees.h"

static const struct {
	const char *name;
	const char *base, *ours, *theirs;
	const char *result;  /* NULL: a conflict */
	const char *refused; /* a text that is not in its form, or NULL */
} types[] = {
	{ "bytes", "a", "b", "c", NULL, NULL },
	{ "ours", "a", "b", "c", "b", NULL },
	{ "theirs", "a", "b", "c", "c", NULL },
	{ "int-min", "5", "3", "4", "3", "03" },
	{ "int-max", "5", "3", "4", "4", "+3" },
	{ "counter", "5\t0000000000000001", "7\t0000000000000003",
	    "6\t0000000000000005", "8\t0000000000000007", "5" },
	{ "multiset", "0000000000000001\n1\ta\n", "0000000000000003\n2\ta\n",
	    "0000000000000005\n1\ta\n1\tb\n", "0000000000000007\n2\ta\n1\tb\n",
	    "1\ta\n" },
	{ "set", "a\nb\n", "b\n", "a\nb\nc\n", "b\nc\n", "b\na\n" },
	{ "list", "a\n", "b\n", "c\n", NULL, "a" },
	{ "map", "a\t1\nb\t1\n", "a\t2\nb\t1\n", "a\t1\nb\t2\n", "a\t2\nb\t2\n",
	    "b\t1\na\t1\n" },
	{ "log", "1\ti\ta\n", "1\ti\ta\n2\tj\tb\n", "1\ti\ta\n2\tk\tc\n",
	    "1\ti\ta\n2\tj\tb\n2\tk\tc\n", "a\n" },
	{ "text", "1\n2\n3\n4\n", "0\n2\n3\n4\n", "1\n2\n3\n5\n",
	    "0\n2\n3\n5\n", NULL },
	{ "lww", "1\ta", "2\tb", "3\tc", "3\tc", "b" },
};

static irmin_tree *tree_of(irmin_repo *repo, const char *value)
{
	irmin_tree *tree;
	irmin_edit *edit;
	irmin_error err;

	if (irmin_tree_empty(repo, &tree, &err) < 0 ||
	    irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	if (!succeeds(irmin_edit_set(edit, "v", irmin_text(value), &err), &err,
		"it may be set"))
		bail("no tree");
	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	return tree;
}

static void check_refused(irmin_tree *tree, const char *text)
{
	irmin_edit *edit;
	irmin_error err;

	if (irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	fails(irmin_edit_set(edit, "v", irmin_text(text), &err), IRMIN_EINVAL,
	    &err, "another form is refused");
	irmin_edit_free(edit);
}

static void check_merge(irmin_tree *const trees[3], const char *want)
{
	irmin_merge_result *result;
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_tree *merged;
	irmin_error err;

	is_rc(irmin_tree_merge(trees[0], trees[1], trees[2], NULL, &result,
		  &err),
	    want ? IRMIN_OK : IRMIN_ECONFLICT, "it merges");
	if (!want || !result) {
		irmin_merge_result_free(result);
		return;
	}
	if (irmin_merge_result_tree(result, &merged, &err) < 0 ||
	    irmin_tree_find(merged, "v", &value, &err) < 0)
		bail("%s", err.text);
	is_mem(value.data, value.len, want, strlen(want), "as it should");
	irmin_pin_release(&value);
	irmin_tree_unref(merged);
	irmin_merge_result_free(result);
}

static void check_type(size_t at)
{
	irmin_contents *contents = irmin_contents_named(types[at].name);
	irmin_tree *trees[3];
	irmin_repo *repo;
	irmin_error err;
	size_t i;

	if (!ok(contents != NULL, "there is \"%s\"", types[at].name))
		return;
	is_str(irmin_contents_name(contents), types[at].name, "its name");
	if (irmin_repo_open("mem:", NULL, &repo, &err) < 0 ||
	    irmin_repo_rule(repo, "v", contents, &err) < 0)
		bail("%s", err.text);
	trees[0] = tree_of(repo, types[at].base);
	trees[1] = tree_of(repo, types[at].ours);
	trees[2] = tree_of(repo, types[at].theirs);
	check_merge(trees, types[at].result);
	if (types[at].refused)
		check_refused(trees[0], types[at].refused);
	for (i = 0; i < 3; i++)
		irmin_tree_unref(trees[i]);
	irmin_repo_close(repo);
}

static irmin_rc make_all(void *arg, irmin_error *err)
{
	size_t i;

	(void)arg;
	for (i = 0; i < sizeof types / sizeof *types; i++) {
		irmin_contents *contents = irmin_contents_named(types[i].name);

		if (!contents)
			return irmin_error_set(err, IRMIN_ENOMEM, NULL, "none");
		irmin_contents_unref(contents);
	}
	return IRMIN_OK;
}

/* Built without JSON, its values can neither be read nor written. */
static void test_json(void)
{
	irmin_contents *contents = irmin_contents_named("json");
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_value *value;
	irmin_error err;
	irmin_rc rc;

	is_str(irmin_contents_name(contents), "json", "JSON");
	rc = irmin_contents_decode(contents, irmin_text("{\"a\":1}"), &value,
	    &err);
	if (rc == IRMIN_ENOTSUP) {
		skip("built without JSON");
	} else if (succeeds(rc, &err, "JSON is read")) {
		succeeds(irmin_contents_encode(contents, value, &bytes, &err),
		    &err, "and written");
		is_mem(bytes.data, bytes.len, "{\"a\":1}", 7, "as it was");
		irmin_value_unref(value);
		fails(irmin_contents_decode(contents, irmin_text("{ }"), &value,
			  &err),
		    IRMIN_EINVAL, &err, "in its one form");
	}
	irmin_buf_clear(&bytes);
	irmin_contents_unref(contents);
}

static void test_record(void)
{
	irmin_merge_field fields[2] = { { "n", irmin_merge_counter() },
		{ "s", irmin_merge_set() } };
	irmin_contents *contents = irmin_contents_record("pair", fields, 2);

	if (!ok(contents != NULL, "a record"))
		return;
	is_str(irmin_contents_name(contents), "pair", "with its name");
	irmin_contents_unref(contents);
	fields[0].merge = irmin_merge_counter();
	fields[1].merge = NULL;
	ok(!irmin_contents_record("pair", fields, 2), "NULL in, NULL out");
	ok(!irmin_contents_values("none", NULL), "of values, too");
	ok(!irmin_contents_bytes(NULL), "and of bytes");
}

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof types / sizeof *types; i++)
		check_type(i);
	ok(!irmin_contents_named("nothing"), "there is no other");
	test_json();
	test_record();
	ok(alloc_fault_sweep("the types by name", make_all, NULL) > 20,
	    "they allocate");
	return done_testing();
}
