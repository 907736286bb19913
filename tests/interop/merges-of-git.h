/* merges-of-git.h - histories that git imports, and what it makes of merges. */
#ifndef IRMIN_TESTS_MERGES_OF_GIT_H
#define IRMIN_TESTS_MERGES_OF_GIT_H

#include "tests/interop/with-git.h"

/* Makes an empty repository and feeds a stream, which it takes, to
 * `git fast-import`. Answers ids[mark] of the marks up to `last`, no id where
 * none was set; for free(). */
irmin_oid *git_import_marks(const char *dir, irmin_buf *stream, size_t last);

struct git_merge {
	irmin_oid sides[2];
	int clean;
	irmin_oid tree;
	char
	    *paths; /* that conflict, a line each, sorted, each once; of a value
	              * that was moved aside, "name~COMMIT", its name */
};

/* Has one `git merge-tree --write-tree` merge all of them. */
void git_merge_trees(const char *dir, struct git_merge *merges, size_t count);

/* The lines of a buf, which it takes, sorted and each once; for free(). */
char *sorted_lines(irmin_buf *lines);

#endif
