/* Commits: what they hold, and what stands in for what the caller leaves out. */
#include <stdio.h>
#include <string.h>

#include <irmin/irmin.h>

#include "lib/core/store/commit.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/history.h"
#include "tests/unit/store/hooked.h"

static const char *text_of(irmin_slice slice)
{
	return tap_format("%.*s", (int)slice.len, (const char *)slice.data);
}

static irmin_tree *tree_with(irmin_repo *repo, const char *path,
    const char *value)
{
	irmin_tree *empty = NULL, *tree = NULL;
	irmin_edit *edit = NULL;
	irmin_error err;

	if (irmin_tree_empty(repo, &empty, &err) < 0 ||
	    irmin_edit_new(empty, &edit, &err) < 0 ||
	    irmin_edit_set(edit, path, irmin_text(value), &err) < 0 ||
	    irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	irmin_tree_unref(empty);
	return tree;
}

static irmin_repo *open_mem(void)
{
	irmin_repo *repo = NULL;
	irmin_error err;

	if (irmin_repo_open("mem:", NULL, &repo, &err) < 0)
		bail("%s", err.text);
	return repo;
}

static irmin_commit *commit_of(irmin_repo *repo, irmin_tree *tree,
    irmin_commit *parent, const irmin_info *info)
{
	irmin_commit *commit = NULL;
	irmin_error err;

	if (irmin_commit_new(repo, tree, &parent, parent != NULL, info, &commit,
		&err) < 0)
		bail("%s", err.text);
	return commit;
}

/* ---- what it holds ---- */

static void whole(void)
{
	irmin_repo *repo = open_mem();
	irmin_tree *tree = tree_with(repo, "a", "1"), *same;
	irmin_info info = irmin_info_of("A U Thor <a@example.org>", "words");
	irmin_commit *first, *commit, *again, *parent;
	irmin_oid id, parent_id;
	irmin_ident who;
	irmin_error err;
	int is_same = 0;

	info.flags = IRMIN_INFO_DATE;
	info.author_time = 1000000000;
	info.author_zone = -330;
	info.committer_time = 1000000060;
	info.committer_zone = 200;
	info.committer = "C <c@example.org>";
	first = commit_of(repo, tree, NULL, &info);
	commit = commit_of(repo, tree, first, &info);
	succeeds(irmin_commit_id(commit, &id, &err), &err, "its id");
	if (!succeeds(irmin_commit_get(repo, &id, &again, &err), &err,
		"is in the repository"))
		return;
	who = irmin_commit_author(again);
	is_str(text_of(who.name), "A U Thor", "author");
	is_str(text_of(who.email), "a@example.org", "e-mail");
	is_int(who.time, 1000000000, "time");
	is_int(who.zone, -330, "zone");
	who = irmin_commit_committer(again);
	is_str(text_of(who.name), "C", "committer");
	is_int(who.time, 1000000060, "time");
	is_int(who.zone, 200, "zone");
	is_str(text_of(irmin_commit_message(again)), "words\n", "message");
	is_str(text_of(irmin_commit_header(again, "gpgsig")), "", "no header");
	is_int(irmin_commit_parent_count(again), 1, "one parent");
	is_rc(irmin_commit_parent_id(again, 0, &parent_id, NULL), IRMIN_OK,
	    "and its id");
	id = history_id(first);
	ok(irmin_oid_compare(&parent_id, &id) == 0, "is that of the first");
	is_rc(irmin_commit_parent_id(again, 1, &parent_id, NULL), IRMIN_ABSENT,
	    "there is no second");
	ok(irmin_oid_is_none(&parent_id), "and no id");
	is_rc(irmin_commit_parent(again, 0, &parent, NULL), IRMIN_OK, "parent");
	irmin_commit_unref(parent);
	is_rc(irmin_commit_parent(again, 1, &parent, NULL), IRMIN_ABSENT,
	    "no second parent");
	ok(!parent, "and no commit");
	is_rc(irmin_commit_tree(again, &same, NULL), IRMIN_OK, "tree");
	is_rc(irmin_tree_same(tree, same, &is_same, NULL), IRMIN_OK,
	    "compared");
	ok(is_same, "it is that tree");
	irmin_tree_unref(same);
	irmin_tree_unref(tree);
	irmin_commit_unref(first);
	irmin_commit_unref(commit);
	irmin_commit_unref(again);
	irmin_repo_close(repo);
}

/* The same, made by git from the same facts. */
static void as_git_makes_it(void)
{
	irmin_repo *repo = open_mem();
	irmin_tree *tree = tree_with(repo, "a", "1");
	irmin_info info = irmin_info_of("A <a@b>", "one\n\ntwo");
	irmin_commit *commit;
	struct tap_output said;

	info.flags = IRMIN_INFO_DATE;
	info.author_time = info.committer_time = 1234567890;
	info.author_zone = info.committer_zone = 545;
	commit = commit_of(repo, tree, NULL, &info);
	is_int(tap_run(&said,
		   "cd %s && git init -q g && cd g && printf 1 > a && "
		   "git add a && GIT_AUTHOR_DATE='1234567890 +0545' "
		   "GIT_COMMITTER_DATE='1234567890 +0545' "
		   "GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b "
		   "git commit -q --author='A <a@b>' -m 'one\n\ntwo' && "
		   "git rev-parse HEAD | tr -d '\\n'",
		   tap_tmpdir()),
	    0, "git commits the same");
	is_str(history_hex(commit), said.out, "and its id is ours");
	tap_output_clear(&said);
	irmin_commit_unref(commit);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

static void refused(void)
{
	irmin_repo *repo = open_mem(), *other = open_mem();
	irmin_tree *tree = tree_with(repo, "a", "1");
	irmin_tree *foreign = tree_with(other, "a", "1");
	irmin_commit *first = commit_of(repo, tree, NULL, NULL), *none;
	irmin_commit *strange = commit_of(other, foreign, NULL, NULL);
	irmin_commit *twice[] = { first, first };
	irmin_info info = IRMIN_INFO_INIT;
	irmin_oid id;
	irmin_error err;

	fails(irmin_commit_new(repo, tree, twice, 2, NULL, &none, &err),
	    IRMIN_EINVAL, &err, "a parent twice");
	fails(irmin_commit_new(repo, tree, &strange, 1, NULL, &none, &err),
	    IRMIN_EINVAL, &err, "a parent of another repository");
	fails(irmin_commit_new(repo, foreign, NULL, 0, NULL, &none, &err),
	    IRMIN_EINVAL, &err, "a tree of another repository");
	info.author = "A\nB <a@b>";
	fails(irmin_commit_new(repo, tree, NULL, 0, &info, &none, &err),
	    IRMIN_EINVAL, &err, "an author of two lines");
	info.author = NULL;
	info.flags = IRMIN_INFO_DATE;
	info.author_time = -1;
	fails(irmin_commit_new(repo, tree, NULL, 0, &info, &none, &err),
	    IRMIN_EINVAL, &err, "a time before 1970");
	info.author_time = 0;
	info.committer_zone = 10000;
	fails(irmin_commit_new(repo, tree, NULL, 0, &info, &none, &err),
	    IRMIN_EINVAL, &err, "a zone of five digits");
	info.size = 0;
	fails(irmin_commit_new(repo, tree, NULL, 0, &info, &none, &err),
	    IRMIN_EINVAL, &err, "an info without a size");
	ok(!none, "no commit");
	if (irmin_tree_write(tree, &id, &err) < 0)
		bail("%s", err.text);
	fails(irmin_commit_get(repo, &id, &none, &err), IRMIN_EINVAL, &err,
	    "a tree is no commit");
	id.bytes[0] ^= 1;
	fails(irmin_commit_get(repo, &id, &none, &err), IRMIN_EMISSING, &err,
	    "an id of nothing");
	memset(&id, 0, sizeof id);
	fails(irmin_commit_get(repo, &id, &none, &err), IRMIN_EINVAL, &err,
	    "no id");
	irmin_commit_unref(first);
	irmin_commit_unref(strange);
	irmin_tree_unref(tree);
	irmin_tree_unref(foreign);
	irmin_repo_close(repo);
	irmin_repo_close(other);
}

/* ---- who commits ---- */

/* "Name <e-mail>" of a commit made with these defaults. */
static const char *author_with(struct hooks *hooks,
    const irmin_open_options *options, const char *explicit)
{
	irmin_repo *repo = hooked_open(hooks, options);
	irmin_tree *tree = tree_with(repo, "a", "1");
	irmin_info info = irmin_info_of(explicit, NULL);
	irmin_commit *commit = commit_of(repo, tree, NULL, &info);
	irmin_ident who = irmin_commit_author(commit);
	const char *text = tap_format("%s <%s>", text_of(who.name),
	    text_of(who.email));

	irmin_commit_unref(commit);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
	return text;
}

static void authors(void)
{
	struct hooks hooks = { 0 };
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	char host[256], user[64];

	irmin__os_host(irmin__os_posix(), host, sizeof host);
	irmin__os_user(irmin__os_posix(), user, sizeof user);
	options.program = "prog";
	is_str(author_with(&hooks, &options, NULL),
	    tap_format("%s <prog@%s>", user, host), "program@host");
	hooks.config_rc = IRMIN_EIO;
	is_str(author_with(&hooks, &options, NULL),
	    tap_format("%s <prog@%s>", user, host),
	    "also where the configuration cannot be read");
	hooks.config_rc = 0;
	hooks.config_name = "Con Fig";
	hooks.config_email = "con@example.org";
	is_str(author_with(&hooks, &options, NULL), "Con Fig <con@example.org>",
	    "the configuration comes before");
	hooks.config_name = " <Con>\nFig;, ";
	hooks.config_email = "<a b@c>";
	is_str(author_with(&hooks, &options, NULL), "ConFig <a b@c>",
	    "without what git refuses");
	options.author = "O P Tion <o@example.org>";
	is_str(author_with(&hooks, &options, NULL), "O P Tion <o@example.org>",
	    "the option comes before");
	is_str(author_with(&hooks, &options, "E <e@x>"), "E <e@x>",
	    "the caller comes first");
}

/* A caller that was compiled when the struct ended behind `message`. */
static void older_callers(void)
{
	irmin_repo *repo = open_mem();
	irmin_tree *tree = tree_with(repo, "a", "1");
	irmin_commit *commit;
	irmin_info info;

	memset(&info, 0xff, sizeof info);
	info.size = offsetof(irmin_info, author_time);
	info.author = "A <a@b>";
	info.committer = NULL;
	info.message = "m";
	commit = commit_of(repo, tree, NULL, &info);
	ok(irmin_commit_author(commit).time > 1600000000,
	    "the date is now, whatever stands behind the struct");
	irmin_commit_unref(commit);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

/* ---- what it says ---- */

/* The message of a commit of so many values; freed at exit. */
static const char *message_of(irmin_repo *repo, unsigned values)
{
	irmin_commit *commit;
	irmin_edit *edit;
	irmin_tree *tree;
	const char *text;
	irmin_error err;

	if (irmin_tree_empty(repo, &tree, &err) < 0 ||
	    irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	while (values--)
		if (irmin_edit_set(edit, tap_format("many/%u", values),
			irmin_text("v"), &err) < 0)
			bail("%s", err.text);
	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	commit = commit_of(repo, tree, NULL, NULL);
	text = text_of(irmin_commit_message(commit));
	irmin_commit_unref(commit);
	irmin_tree_unref(tree);
	return text;
}

static void messages(void)
{
	irmin_repo *repo = open_mem();
	irmin_tree *one = tree_with(repo, "x\ty/z", "1");
	irmin_tree *two = tree_with(repo, "q", "1");
	irmin_commit *first = commit_of(repo, one, NULL, NULL);
	irmin_commit *second = commit_of(repo, two, first, NULL);
	irmin_commit *third = commit_of(repo, two, second, NULL);
	irmin_buf text = IRMIN_BUF_INIT;

	is_str(text_of(irmin_commit_message(first)), "set x\\x09y/z\n",
	    "one change, control characters escaped");
	is_str(text_of(irmin_commit_message(second)), "2 changes\n",
	    "two without a common directory");
	is_str(text_of(irmin_commit_message(third)), "no changes\n", "none");
	is_str(message_of(repo, 1000), "1000 changes under many/\n", "many");
	is_str(message_of(repo, 1001), "more than 1000 changes\n",
	    "too many to be counted");
	is_rc(irmin__message_of_path("rm", irmin_text("//a\n/\x7f/"), &text,
		  NULL),
	    IRMIN_OK, "a path");
	is_str((char *)text.data, "rm a\\x0a/\\x7f", "in its plain form");
	irmin_buf_clear(&text);
	irmin_commit_unref(first);
	irmin_commit_unref(second);
	irmin_commit_unref(third);
	irmin_tree_unref(one);
	irmin_tree_unref(two);
	irmin_repo_close(repo);
}

/* ---- out of memory ---- */

static irmin_rc make_and_read(void *arg, irmin_error *err)
{
	irmin_tree *tree = arg, *again = NULL;
	irmin_repo *repo = irmin__tree_repo(tree);
	irmin_info info = irmin_info_of("A <a@b>", NULL);
	irmin_commit *commit = NULL, *read = NULL;
	irmin_oid id;
	irmin_rc rc;

	info.flags = IRMIN_INFO_DATE;
	rc = irmin_commit_new(repo, tree, NULL, 0, &info, &commit, err);
	if (rc >= 0)
		rc = irmin_commit_id(commit, &id, err);
	if (rc >= 0)
		rc = irmin_commit_get(repo, &id, &read, err);
	if (rc >= 0)
		rc = irmin_commit_tree(read, &again, err);
	irmin_tree_unref(again);
	irmin_commit_unref(read);
	irmin_commit_unref(commit);
	return rc;
}

static void out_of_memory(void)
{
	struct hooks hooks = { 0 };
	irmin_repo *repo = hooked_open(&hooks, NULL);
	irmin_tree *tree = tree_with(repo, "a/b", "1");
	irmin_error err;

	if (make_and_read(tree, &err) < 0) /* what is kept once is there now */
		bail("%s", err.text);
	alloc_fault_sweep("make a commit and read it", make_and_read, tree);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

int main(void)
{
	whole();
	as_git_makes_it();
	refused();
	authors();
	older_callers();
	messages();
	out_of_memory();
	return done_testing();
}
