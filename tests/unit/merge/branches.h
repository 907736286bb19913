/*
 * branches.h - two branches that are to be merged, changed by words (trees.h)
 */
#ifndef IRMIN_TESTS_MERGE_BRANCHES_H
#define IRMIN_TESTS_MERGE_BRANCHES_H

#include <irmin/store-merge.h>

struct branches {
	irmin_store *main, *fork;
};

/* Makes a repository with the branches "main" and "fork", with these changes
 * since the latter began; NULL: none. All of these bail where they fail. */
struct branches branches_open(const char *uri, const char *base,
    const char *ours, const char *theirs);
void branches_close(struct branches *both);

/* One commit. */
void branches_change(irmin_store *store, const char *words);

/* All that is on a branch, as words. */
const char *branches_words(irmin_store *store);
irmin_commit *branches_head(irmin_store *store);

/* Checks the message of the head. */
void branches_says(irmin_store *store, const char *want);

void branches_resolve(irmin_merge_result *result, const char *path,
    const char *value);

#endif
