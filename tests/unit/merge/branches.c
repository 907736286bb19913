#include "tests/unit/merge/branches.h"

#include <string.h>

#include "tests/support/tap.h"
#include "tests/unit/merge/trees.h"

void branches_change(irmin_store *store, const char *words)
{
	irmin_tree *before = NULL, *after;
	irmin_error err;

	if (irmin_store_tree(store, &before, &err) < 0)
		bail("%s", err.text);
	after = trees_edit(irmin_store_repo(store), before, words);
	if (irmin_store_set_tree(store, "", after, NULL, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(before);
	irmin_tree_unref(after);
}

struct branches branches_open(const char *uri, const char *base,
    const char *ours, const char *theirs)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	struct branches both;
	irmin_error err;

	options.flags = IRMIN_OPEN_CREATE;
	if (irmin_open(uri, &options, &both.main, &err) < 0)
		bail("%s", err.text);
	branches_change(both.main, base);
	if (irmin_store_fork(both.main, "fork", &both.fork, &err) < 0)
		bail("%s", err.text);
	if (ours)
		branches_change(both.main, ours);
	if (theirs)
		branches_change(both.fork, theirs);
	return both;
}

void branches_close(struct branches *both)
{
	irmin_store_close(both->fork);
	irmin_store_close(both->main);
}

const char *branches_words(irmin_store *store)
{
	irmin_tree *tree;
	const char *words;
	irmin_error err;

	if (irmin_store_tree(store, &tree, &err) < 0)
		bail("%s", err.text);
	words = trees_words(tree);
	irmin_tree_unref(tree);
	return words;
}

irmin_commit *branches_head(irmin_store *store)
{
	irmin_commit *head = NULL;

	if (irmin_store_head(store, &head, NULL) != IRMIN_OK)
		bail("no head");
	return head;
}

void branches_says(irmin_store *store, const char *want)
{
	irmin_commit *head = branches_head(store);
	irmin_slice said = irmin_commit_message(head);

	is_mem(said.data, said.len, want, strlen(want), "the message");
	irmin_commit_unref(head);
}

void branches_resolve(irmin_merge_result *result, const char *path,
    const char *value)
{
	irmin_slice bytes = irmin_text(value);
	irmin_conflict *found;
	irmin_error err;

	if (irmin_merge_result_find(result, path, &found) != IRMIN_OK ||
	    irmin_merge_result_resolve(result, found, &bytes, &err) < 0)
		bail("cannot resolve %s", path);
}
