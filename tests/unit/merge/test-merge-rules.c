/* The types of paths: patterns, which rule wins, and what may be set. */
#include "lib/merge/rules.h"

#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/merge/trees.h"

static const struct {
	const char *pattern, *path;
	int matches;
} pairs[] = {
	{ "a", "a", 1 },
	{ "a", "b", 0 },
	{ "a", "a/b", 0 },
	{ "a/b", "a", 0 },
	{ "a/b", "//a/b/", 1 },
	{ "a/?", "a/b", 1 },
	{ "a/?", "a/bc", 0 },
	{ "a/*", "a/bc", 1 },
	{ "a/*", "a/b/c", 0 },
	{ "*", "abc", 1 },
	{ "*.json", "a.json", 1 },
	{ "*.json", ".json", 1 },
	{ "*.json", "a.json.b", 0 },
	{ "a*b*c", "abbcbc", 1 },
	{ "a*b*c", "abbcb", 0 },
	{ "?*", "a", 1 },
	{ "*a*a*a*", "aaa", 1 },
	{ "*a*a*a*", "aa", 0 },
	{ "**", "a", 1 },
	{ "**", "a/b/c", 1 },
	{ "**/c", "c", 1 },
	{ "**/c", "a/b/c", 1 },
	{ "**/c", "a/b/cc", 0 },
	{ "a/**", "a", 1 },
	{ "a/**", "a/b/c", 1 },
	{ "a/**/d", "a/d", 1 },
	{ "a/**/d", "a/b/c/d", 1 },
	{ "a/**/d", "a/b/c/e", 0 },
	{ "**/a/**/b", "x/a/y/a/b", 1 },
	{ "**/a/**/b/c", "a/b/b/a/b/c", 1 },
	{ "**/a/**/b/c", "a/b/b/a/b/d", 0 },
};

static void test_patterns(void)
{
	size_t i;

	for (i = 0; i < sizeof pairs / sizeof *pairs; i++)
		is_int(irmin__pattern_matches(irmin_text(pairs[i].pattern),
			   irmin_text(pairs[i].path)),
		    pairs[i].matches, "\"%s\" and \"%s\"", pairs[i].pattern,
		    pairs[i].path);
}

static irmin_repo *open_repo(void)
{
	irmin_repo *repo;
	irmin_error err;

	if (irmin_repo_open("mem:", NULL, &repo, &err) < 0)
		bail("%s", err.text);
	return repo;
}

static irmin_contents *bytes_under(irmin_merge *merge)
{
	return irmin_contents_bytes(merge);
}

static void test_refused_patterns(void)
{
	static const char *const wrong[] = { "", "/a", "a/", "a//b", "**a",
		"a**", "***" };
	irmin_repo *repo = open_repo();
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
		fails(irmin_repo_rule(repo, wrong[i],
			  bytes_under(irmin_merge_ours()), &err),
		    IRMIN_EINVAL, &err, "\"%s\" is no pattern", wrong[i]);
	fails(irmin_repo_rule(repo, "a", NULL, &err), IRMIN_ENOMEM, &err,
	    "no contents");
	fails(irmin_repo_add_type(repo, NULL, &err), IRMIN_ENOMEM, &err,
	    "no type");
	irmin_repo_close(repo);
}

static void check_name(irmin_repo *repo, const char *path, const char *name)
{
	irmin_contents *contents;
	irmin_error err;

	if (!succeeds(irmin_repo_contents(repo, path, &contents, &err), &err,
		"the type of %s", path))
		return;
	is_str(irmin_contents_name(contents), name, "its name");
	irmin_contents_unref(contents);
}

/* ---- a type of our own: digits ---- */

static irmin_rc decode_digits(void *arg, irmin_slice bytes, irmin_value **value,
    irmin_error *err)
{
	size_t i;

	(void)arg;
	for (i = 0; i < bytes.len; i++)
		if (strchr("0123456789", ((const char *)bytes.data)[i]) == NULL)
			return irmin_error_set(err, IRMIN_EINVAL, NULL,
			    "there is more than digits");
	return irmin_value_of_bytes(bytes, value, err);
}

static irmin_rc encode_digits(void *arg, const irmin_value *value,
    irmin_buf *bytes, irmin_error *err)
{
	(void)arg;
	return irmin_buf_append(bytes, irmin_value_bytes(value), err);
}

static irmin_contents *digits(const char *name)
{
	irmin_contents_class cls = { .size = sizeof cls,
		.name = name,
		.decode = decode_digits,
		.encode = encode_digits };

	return irmin_contents_new(&cls, irmin_merge_idempotent(), NULL, NULL);
}

static void test_rules(void)
{
	irmin_repo *repo = open_repo();
	irmin_error err;

	check_name(repo, "a", "bytes");
	succeeds(irmin_repo_rule(repo, "n/**", digits("first"), &err), &err,
	    "a rule");
	succeeds(irmin_repo_rule(repo, "n/*", digits("second"), &err), &err,
	    "another");
	check_name(repo, "n/a", "second");
	check_name(repo, "n/a/b", "first");
	check_name(repo, "m/a", "bytes");
	succeeds(irmin_repo_add_type(repo, digits("shard"), &err), &err,
	    "a type");
	fails(irmin_repo_add_type(repo, digits("shard"), &err), IRMIN_EEXIST,
	    &err, "the same name");
	check_name(repo, "shard", "bytes");
	ok(irmin__rules_find_type(repo, irmin_text("shard")) != NULL,
	    "the type is found");
	ok(irmin__rules_find_type(repo, irmin_text("first")) == NULL,
	    "the name of a rule's contents is none");
	irmin_repo_close(repo);
}

static void test_checks(void)
{
	irmin_repo *repo = open_repo();
	irmin_tree *tree = trees_edit(repo, NULL, "n/a=1 m=x");
	irmin_edit *edit;
	irmin_error err;

	succeeds(irmin_repo_rule(repo, "n/*", digits("digits"), &err), &err,
	    "a rule");
	if (irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_edit_set(edit, "n/a", irmin_text("23"), &err), IRMIN_OK,
	    "digits");
	fails(irmin_edit_set(edit, "n/a", irmin_text("2x"), &err), IRMIN_EINVAL,
	    &err, "no digits");
	ok(strstr(err.text, "digits: there is more than digits") != NULL,
	    "it says of which type, and why: %s", err.text);
	is_str(err.where, "n/a", "and where");
	is_rc(irmin_edit_set_mode(edit, "n/l", IRMIN_MODE_SYMLINK,
		  irmin_text("x"), &err),
	    IRMIN_OK, "a link is no such value");
	is_rc(irmin_edit_set(edit, "m", irmin_text("2x"), &err), IRMIN_OK,
	    "elsewhere");
	irmin_edit_free(edit);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

/* ---- contents ---- */

static void count_destroyed(void *arg)
{
	++*(int *)arg;
}

static void test_contents(void)
{
	irmin_contents_class cls = { .size = sizeof cls,
		.name = "t",
		.decode = decode_digits };
	irmin_contents *contents;
	int destroyed = 0;

	ok(!irmin_contents_new(&cls, irmin_merge_ours(), &destroyed,
	       count_destroyed),
	    "a class without encode");
	is_int(destroyed, 1, "what was given is consumed");
	cls.encode = encode_digits;
	ok(!irmin_contents_new(&cls, NULL, &destroyed, count_destroyed),
	    "no merge");
	is_int(destroyed, 2, "consumed again");
	contents = irmin_contents_new(&cls, irmin_merge_ours(), &destroyed,
	    count_destroyed);
	ok(irmin_contents_ref(contents) == contents, "counted");
	irmin_contents_unref(contents);
	is_int(destroyed, 2, "it is in use");
	irmin_contents_unref(contents);
	is_int(destroyed, 3, "and then not");
	irmin_contents_unref(NULL);
}

static irmin_rc decode_nothing(void *arg, irmin_slice bytes,
    irmin_value **value, irmin_error *err)
{
	(void)arg;
	(void)bytes;
	(void)value;
	(void)err;
	return IRMIN_OK;
}

static irmin_rc encode_silently(void *arg, const irmin_value *value,
    irmin_buf *bytes, irmin_error *err)
{
	(void)arg;
	(void)value;
	(void)bytes;
	(void)err;
	return IRMIN_EIO;
}

static void test_odd_codecs(void)
{
	irmin_contents_class cls = { .size = sizeof cls,
		.name = "odd",
		.decode = decode_nothing,
		.encode = encode_silently };
	irmin_contents *contents = irmin_contents_new(&cls, irmin_merge_ours(),
	    NULL, NULL);
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_value *value;
	irmin_error err;

	fails(irmin_contents_decode(contents, irmin_text("x"), &value, &err),
	    IRMIN_EINVAL, &err, "a codec that gives no value");
	fails(irmin_contents_encode(contents, NULL, &bytes, &err), IRMIN_EIO,
	    &err, "one that fails without a word");
	irmin_contents_unref(contents);
}

/* ---- memory ---- */

static irmin_rc make_rules(void *arg, irmin_error *err)
{
	irmin_contents *contents;
	irmin_repo *repo;
	irmin_rc rc;

	(void)arg;
	rc = irmin_repo_open("mem:", NULL, &repo, err);
	if (rc < 0)
		return rc;
	rc = irmin_repo_rule(repo, "a/**", digits("a"), err);
	if (rc >= 0)
		rc = irmin_repo_add_type(repo, digits("b"), err);
	if (rc >= 0)
		rc = irmin_repo_contents(repo, "c", &contents, err);
	if (rc >= 0)
		irmin_contents_unref(contents);
	irmin_repo_close(repo);
	return rc;
}

int main(void)
{
	test_patterns();
	test_refused_patterns();
	test_rules();
	test_checks();
	test_contents();
	test_odd_codecs();
	ok(alloc_fault_sweep("rules", make_rules, NULL) > 5, "they allocate");
	return done_testing();
}
