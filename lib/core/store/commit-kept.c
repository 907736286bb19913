/* Commits that are kept in memory, as their keeper sees them. */
#include "lib/core/store/commit-parts.h"

irmin__commit_kept *irmin__commit_kept_of(irmin_commit *commit)
{
	return &commit->kept;
}

int irmin__commit_is_sole(const irmin_commit *commit)
{
	return atomic_load_explicit(&commit->count, memory_order_acquire) == 1;
}
