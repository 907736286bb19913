/* Random trees in a git repository: git's `diff-tree -r --raw -z` and `ls-tree -r
 * -t -z` say the same of them as we do, byte for byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/tree-model.h"
#include "tests/support/buf-print.h"
#include "tests/support/tap.h"

#define ROUNDS 40

static const char *type_of(irmin_mode mode)
{
	if (mode == IRMIN_MODE_TREE)
		return "tree";
	return mode == IRMIN_MODE_GITLINK ? "commit" : "blob";
}

/* ---- as git prints it ---- */

static int print_visit(void *arg, const irmin_visit *visit)
{
	char hex[IRMIN_OID_HEX_BYTES];

	buf_print(arg, "%06o %s %s\t%.*s%c", visit->mode, type_of(visit->mode),
	    irmin_oid_hex(&visit->id, hex), (int)visit->path.len,
	    (const char *)visit->path.data, 0);
	return 0;
}

static const char *hex_or_zeros(const irmin_oid *id,
    char hex[IRMIN_OID_HEX_BYTES])
{
	irmin_oid_hex(id, hex);
	return *hex ? hex : "0000000000000000000000000000000000000000";
}

/* A letter as in git's documentation; a file that became a link is a T. */
static char status_of(const irmin_change *change)
{
	if (change->kind == IRMIN_CHANGE_ADDED)
		return 'A';
	if (change->kind == IRMIN_CHANGE_REMOVED)
		return 'D';
	return (change->old_mode ^ change->new_mode) & 0170000 ? 'T' : 'M';
}

static void print_diff(irmin_tree *from, irmin_tree *to, irmin_buf *text)
{
	char old_hex[IRMIN_OID_HEX_BYTES], new_hex[IRMIN_OID_HEX_BYTES];
	irmin_change change;
	irmin_diff *diff;
	irmin_error err;
	irmin_rc rc = irmin_tree_diff(from, to, "", &diff, &err);

	while (rc == IRMIN_OK) {
		rc = irmin_diff_next(diff, &change, &err);
		if (rc == IRMIN_OK)
			buf_print(text, ":%06o %06o %s %s %c%c%s%c",
			    change.old_mode, change.new_mode,
			    hex_or_zeros(&change.old_id, old_hex),
			    hex_or_zeros(&change.new_id, new_hex),
			    status_of(&change), 0,
			    (const char *)change.path.data, 0);
	}
	irmin_diff_free(diff);
	if (rc != IRMIN_END)
		bail("%s", err.text);
}

static int is_git(const char *directory, const char *command, irmin_buf *want)
{
	struct tap_output output;
	int same, code;

	code = tap_run(&output, "git -C %s %s", directory, command);
	same = code == 0 && output.out_len == want->len &&
	    (!want->len || memcmp(output.out, want->data, want->len) == 0);
	if (!same)
		diag("git %s: %s", command, output.err);
	tap_output_clear(&output);
	irmin_buf_clear(want);
	return same;
}

/* ---- random trees ---- */

static void change(irmin_edit *edit)
{
	irmin_oid id = { { 7 }, IRMIN_HASH_SHA1 };
	const char *path = model_random_path();
	irmin_error err;
	irmin_rc rc;

	switch (rand() % 8) {
	case 0:
		rc = irmin_edit_remove(edit, path, &err);
		break;
	case 1:
		rc = irmin_edit_set_gitlink(edit, path, &id, &err);
		break;
	default:
		rc = irmin_edit_set_mode(edit, path, model_random_mode(),
		    irmin_text(model_random_value()), &err);
	}
	if (rc < 0 && rc != IRMIN_EINVAL)
		bail("%s", err.text);
}

/* A tree with some changes, stored. */
static irmin_tree *next_tree(irmin_repo *repo, irmin_tree *from)
{
	irmin_commit *commit;
	irmin_tree *tree;
	irmin_edit *edit;
	irmin_error err;
	int i, changes = 1 + rand() % 30;

	if (irmin_edit_new(from, &edit, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < changes; i++)
		change(edit);
	if (irmin_edit_tree(edit, &tree, &err) < 0 ||
	    irmin_commit_new(repo, tree, NULL, 0, NULL, &commit, &err) < 0)
		bail("%s", err.text);
	irmin_commit_unref(commit);
	irmin_edit_free(edit);
	return tree;
}

static const char *hex_of(irmin_tree *tree, char hex[IRMIN_OID_HEX_BYTES])
{
	irmin_error err;
	irmin_oid id;

	if (irmin_tree_id(tree, &id, &err) < 0)
		bail("%s", err.text);
	return irmin_oid_hex(&id, hex);
}

static int round_is_git(irmin_tree *from, irmin_tree *to, const char *directory)
{
	char a[IRMIN_OID_HEX_BYTES], b[IRMIN_OID_HEX_BYTES];
	char command[256];
	irmin_buf want = IRMIN_BUF_INIT;
	irmin_error err;
	int same;

	snprintf(command, sizeof command, "ls-tree -r -t -z %s", hex_of(to, b));
	if (irmin_tree_each(to, "", IRMIN_EACH_TREES, print_visit, &want,
		&err) < 0)
		bail("%s", err.text);
	same = is_git(directory, command, &want);
	snprintf(command, sizeof command, "diff-tree -r --raw -z %s %s",
	    hex_of(from, a), hex_of(to, b));
	print_diff(from, to, &want);
	return is_git(directory, command, &want) && same;
}

int main(void)
{
	const char *directory = tap_format("%s/trees.git", tap_tmpdir());
	const char *given = getenv("IRMIN_MODEL_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 1;
	irmin_tree *trees[2];
	irmin_repo *repo;
	irmin_error err;
	int i, same = 1;

	srand(seed);
	if (irmin_repo_open(tap_format("git:%s?create=1", directory), NULL,
		&repo, &err) < 0 ||
	    irmin_tree_empty(repo, &trees[0], &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < ROUNDS && same; i++) {
		trees[1] = next_tree(repo, trees[0]);
		same = i == 0 || round_is_git(trees[0], trees[1], directory);
		irmin_tree_unref(trees[0]);
		trees[0] = trees[1];
	}
	irmin_tree_unref(trees[0]);
	irmin_repo_close(repo);
	ok(same, "seed %u: %d trees and their diffs are as git has them", seed,
	    i);
	ok(tap_run(NULL, "git -C %s fsck --strict", directory) == 0,
	    "git fsck --strict finds nothing wrong");
	return done_testing();
}
