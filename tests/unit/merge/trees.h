/*
 * trees.h - trees and merges in a line of text each
 */
#ifndef IRMIN_TESTS_MERGE_TREES_H
#define IRMIN_TESTS_MERGE_TREES_H

#include <irmin/conflict.h>

/*
 * A tree that is another (NULL: the empty one) with changes, in words: "a/b=1"
 * sets a value, "-a/b" removes a path. A first letter changes the mode: "!a=1" is
 * executable, "@a=b" a link, "%a=1" a gitlink whose id is of that digit.
 */
irmin_tree *trees_edit(irmin_repo *repo, irmin_tree *from, const char *words);

/* All of a tree as such words, and the conflicts of a result, "content a/b" one
 * behind the other with ", " between. Freed at exit. */
const char *trees_words(irmin_tree *tree);
const char *trees_conflicts(irmin_merge_result *result);

#endif
