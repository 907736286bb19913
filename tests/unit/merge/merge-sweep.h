/* merge-sweep.h - merges whose n-th allocation fails, told as tests/support/value-text.h
 * tells them. */
#ifndef IRMIN_TESTS_MERGE_SWEEP_H
#define IRMIN_TESTS_MERGE_SWEEP_H

#include <irmin/merge.h>

/* Makes a merge and runs it, failing each allocation in turn; it must not
 * conflict. */
void sweep_merge(irmin_merge *(*make)(void), const char *base, const char *ours,
    const char *theirs);

#endif
