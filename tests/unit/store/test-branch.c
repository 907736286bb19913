/* Names that heads have, and how they move. */
#include <stdio.h>
#include <string.h>

#include <irmin/irmin.h>

#include "lib/core/store/ancestor.h"
#include "lib/core/store/repo.h"
#include "tests/support/tap.h"
#include "tests/unit/store/history.h"

/* The number of a branch's head in the history, or -1. */
static int at(const struct history *history, const char *branch)
{
	irmin_commit *head;
	int number = -1;

	if (irmin_branch_find(history->repo, branch, &head, NULL) != IRMIN_OK)
		return -1;
	sscanf(irmin_commit_message(head).data, "%d", &number);
	irmin_commit_unref(head);
	return number;
}

static void moves(struct history *history)
{
	irmin_repo *repo = history->repo;
	irmin_commit **commits = history->commits, *head;
	irmin_error err;

	is_rc(irmin_branch_find(repo, "a/b", &head, NULL), IRMIN_ABSENT,
	    "none");
	ok(!head, "no commit");
	is_rc(irmin_branch_create(repo, "a/b", commits[0], &err), IRMIN_OK,
	    "created");
	is_int(at(history, "a/b"), 0, "it is there");
	fails(irmin_branch_create(repo, "a/b", commits[1], &err), IRMIN_EEXIST,
	    &err, "not twice");
	fails(irmin_branch_create(repo, "a", commits[1], &err), IRMIN_EEXIST,
	    &err, "not named like the directory of one");
	fails(irmin_branch_create(repo, "a/b/c", commits[1], &err),
	    IRMIN_EEXIST, &err, "nor below one");
	fails(irmin_branch_create(repo, "x", NULL, &err), IRMIN_EINVAL, &err,
	    "not without a commit");
	is_rc(irmin_branch_cas(repo, "a/b", commits[0], commits[1], "why",
		  &err),
	    IRMIN_OK, "moved");
	is_int(at(history, "a/b"), 1, "it moved");
	fails(irmin_branch_cas(repo, "a/b", commits[0], commits[2], NULL, &err),
	    IRMIN_ESTALE, &err, "not from where it is not");
	is_int(at(history, "a/b"), 1, "it did not");
	is_rc(irmin_branch_cas(repo, "a/b", commits[1], commits[1], NULL, &err),
	    IRMIN_UNCHANGED, "to where it is");
	fails(irmin_branch_cas(repo, "a/b", commits[2], commits[2], NULL, &err),
	    IRMIN_ESTALE, &err, "from and to where it is not");
	is_rc(irmin_branch_cas(repo, "none", NULL, NULL, NULL, &err),
	    IRMIN_UNCHANGED, "absent and to be absent");
	is_rc(irmin_branch_cas(repo, "a/b", commits[1], NULL, NULL, &err),
	    IRMIN_OK, "removed by compare-and-set");
	is_int(at(history, "a/b"), -1, "it is gone");
	is_rc(irmin_branch_remove(repo, "a/b", &err), IRMIN_UNCHANGED,
	    "not there to be removed");
	is_rc(irmin_branch_create(repo, "a", commits[0], &err), IRMIN_OK,
	    "its directory is free");
	is_rc(irmin_branch_remove(repo, "a", &err), IRMIN_OK, "removed");
	is_int(at(history, "a"), -1, "it is gone");
}

static void names(irmin_repo *repo)
{
	irmin_commit *head;
	irmin_error err;

	is_rc(irmin_branch_check("a/b", &err), IRMIN_OK, "a good name");
	fails(irmin_branch_check("a..b", &err), IRMIN_EINVAL, &err, "two dots");
	fails(irmin_branch_check("HEAD", &err), IRMIN_EINVAL, &err, "HEAD");
	fails(irmin_branch_check(NULL, &err), IRMIN_EINVAL, &err, "NULL");
	fails(irmin_branch_find(repo, "../x", &head, &err), IRMIN_EINVAL, &err,
	    "a way out");
}

/* ---- who is whose ancestor ---- */

static irmin__relation as_git_sees(const struct history *history, size_t a,
    size_t b)
{
	int is_ancestor = tap_run(NULL,
	    "git -C %s merge-base --is-ancestor %zu %zu", history->git, a, b);
	int is_descendant = tap_run(NULL,
	    "git -C %s merge-base --is-ancestor %zu %zu", history->git, b, a);

	if (is_ancestor == 0 && is_descendant == 0)
		return IRMIN__SAME;
	if (is_ancestor == 0)
		return IRMIN__ANCESTOR;
	return is_descendant == 0 ? IRMIN__DESCENDANT : IRMIN__UNRELATED;
}

static void relations(struct history *history)
{
	irmin_context context = irmin__repo_context(history->repo, NULL);
	int counts[4] = { 0, 0, 0, 0 };
	irmin__relation relation;
	irmin_error err;
	size_t i;

	for (i = 0; i < 60; i++) {
		size_t a = i * 7 % history->count, b = i * 13 % history->count;

		if (irmin__commit_relation(&context, history->commits[a],
			history->commits[b], &relation, &err) < 0)
			bail("%s", err.text);
		is_int(relation, as_git_sees(history, a, b),
		    "%zu and %zu, as git sees them", a, b);
		counts[relation]++;
	}
	for (i = 0; i < 4; i++)
		ok(counts[i], "relation %zu occurred", i);
}

static void forward(struct history *history)
{
	irmin_repo *repo = history->repo;
	irmin_commit *last = history->commits[history->count - 1];
	irmin_commit *parent, *foreign;
	irmin_store *other;
	irmin_error err;

	if (irmin_commit_parent(last, 0, &parent, &err) != IRMIN_OK ||
	    irmin_open("mem:", NULL, &other, &err) < 0 ||
	    irmin_store_set(other, "x", irmin_text("y"), NULL, &err) < 0 ||
	    irmin_store_head(other, &foreign, &err) < 0)
		bail("no parent");
	is_rc(irmin_branch_fast_forward(repo, "f", parent, &err), IRMIN_OK,
	    "an absent branch moves to anything");
	is_rc(irmin_branch_fast_forward(repo, "f", last, &err), IRMIN_OK,
	    "forward");
	is_int(at(history, "f"), (int)history->count - 1, "it moved");
	is_rc(irmin_branch_fast_forward(repo, "f", last, &err), IRMIN_ALREADY,
	    "it is there");
	is_rc(irmin_branch_fast_forward(repo, "f", parent, &err), IRMIN_ALREADY,
	    "it is further");
	fails(irmin_branch_fast_forward(repo, "f", foreign, &err), IRMIN_EINVAL,
	    &err, "a commit of another repository");
	irmin_commit_unref(parent);
	irmin_commit_unref(foreign);
	irmin_store_close(other);
}

static void not_forward(struct history *history)
{
	irmin_info info = irmin_info_of("A <a@b>", "root");
	irmin_commit *root;
	irmin_tree *tree;
	irmin_error err;

	if (irmin_tree_empty(history->repo, &tree, &err) < 0 ||
	    irmin_commit_new(history->repo, tree, NULL, 0, &info, &root, &err) <
		0)
		bail("%s", err.text);
	fails(irmin_branch_fast_forward(history->repo, "f", root, &err),
	    IRMIN_ESTALE, &err, "no descendant");
	irmin_commit_unref(root);
	irmin_tree_unref(tree);
}

/* ---- all refs, links, HEAD ---- */

static int tell(void *arg, const irmin_ref *ref)
{
	char *text = arg, hex[IRMIN_OID_HEX_BYTES];

	sprintf(text + strlen(text), "%s %.4s %s; ",
	    (const char *)ref->name.data, irmin_oid_hex(&ref->id, hex),
	    ref->target.len ? (const char *)ref->target.data : "-");
	return strstr((const char *)ref->name.data, "stop") ? 77 : 0;
}

static void links(struct history *history)
{
	irmin_repo *repo = history->repo;
	irmin_context context = irmin__repo_context(repo, NULL);
	char text[512] = "", hex[IRMIN_OID_HEX_BYTES];
	irmin_oid id;
	irmin_error err;
	int i;

	if (irmin_branch_create(repo, "l/main", history->commits[3], &err) <
		0 ||
	    irmin__repo_ref_set_link(repo, &context, "refs/heads/l/link",
		"refs/heads/l/main", &err) < 0 ||
	    irmin__repo_ref_set_link(repo, &context, "refs/heads/l/nowhere",
		"refs/heads/l/none", &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_ref_each(repo, "refs/heads/l/", tell, text, &err), IRMIN_OK,
	    "refs below a prefix");
	if (irmin_commit_id(history->commits[3], &id, &err) < 0)
		bail("%s", err.text);
	irmin_oid_hex(&id, hex);
	is_str(text,
	    tap_format("refs/heads/l/link %.4s refs/heads/l/main; "
		       "refs/heads/l/main %.4s -; "
		       "refs/heads/l/nowhere  refs/heads/l/none; ",
		hex, hex),
	    "are told with what links lead to");

	is_int(at(history, "l/link"), 3, "a link is followed");
	is_rc(irmin_branch_cas(repo, "l/link", history->commits[3],
		  history->commits[4], NULL, &err),
	    IRMIN_OK, "a move through a link");
	is_int(at(history, "l/main"), 4, "moves what it names");
	is_rc(irmin_branch_cas(repo, "l/nowhere", NULL, history->commits[5],
		  NULL, &err),
	    IRMIN_OK, "through a link to nowhere");
	is_int(at(history, "l/none"), 5, "makes what it names");
	is_rc(irmin_branch_remove(repo, "l/link", &err), IRMIN_OK, "removed");
	is_int(at(history, "l/main"), 4, "is the link, not what it names");

	for (i = 0; i < 9; i++)
		if (irmin__repo_ref_set_link(repo, &context,
			tap_format("refs/heads/chain%d", i),
			tap_format("refs/heads/chain%d", i + 1), &err) < 0)
			bail("%s", err.text);
	fails(irmin__repo_ref_resolve(repo, &context, "refs/heads/chain0", NULL,
		  &id, &err),
	    IRMIN_ECORRUPT, &err, "links are not followed for ever");
	is_rc(irmin_branch_create(repo, "stop", history->commits[0], &err),
	    IRMIN_OK, "one more");
	text[0] = '\0';
	is_rc(irmin_ref_each(repo, "refs/heads/st", tell, text, &err), 77,
	    "what the callback answers is passed on");
}

static void head(struct history *history)
{
	irmin_repo *repo = history->repo;
	irmin_buf branch = IRMIN_BUF_INIT;
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_ref_change change;
	irmin_store *store;
	irmin_error err;

	is_rc(irmin_repo_head(repo, &branch, &err), IRMIN_OK, "HEAD");
	is_str((char *)branch.data, "main", "names main in a new repository");
	is_rc(irmin_repo_set_head(repo, "dev/x", &err), IRMIN_OK, "moved");
	is_rc(irmin_repo_head(repo, &branch, &err), IRMIN_OK, "HEAD");
	is_str((char *)branch.data, "dev/x", "names the other");
	is_rc(irmin_store_open(repo, NULL, &store, &err), IRMIN_OK, "a store");
	is_str(irmin_store_branch(store), "dev/x", "is on it, though unborn");
	irmin_store_close(store);
	fails(irmin_repo_set_head(repo, "a..b", &err), IRMIN_EINVAL, &err,
	    "a bad name");

	memset(&change, 0, sizeof change);
	change.name = "HEAD";
	change.any = 1;
	if (irmin_commit_id(history->commits[2], &change.id, &err) < 0 ||
	    irmin__repo_ref_cas(repo, &context, &change, 1, NULL, NULL, &err) <
		0)
		bail("%s", err.text);
	is_rc(irmin_repo_head(repo, &branch, &err), IRMIN_ABSENT, "detached");
	is_int(branch.len, 0, "names no branch");
	is_rc(irmin_store_open(repo, NULL, &store, &err), IRMIN_OK, "a store");
	is_str(irmin_store_branch(store), NULL, "is detached too");
	irmin_store_close(store);
	irmin_buf_clear(&branch);
}

int main(void)
{
	struct history history;

	history_make(&history, 40, 4);
	moves(&history);
	names(history.repo);
	relations(&history);
	forward(&history);
	not_forward(&history);
	links(&history);
	head(&history);
	history_clear(&history);
	return done_testing();
}
