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

uint64_t irmin__commit_generation(const irmin_commit *commit)
{
	return commit->generation;
}

irmin_slice irmin__commit_said(const irmin_commit *commit)
{
	return irmin_bytes(commit->bytes.data, commit->bytes.len);
}

int irmin__commit_is_made(const irmin_commit *commit)
{
	return commit->parents && commit->repo->late_commits;
}

int irmin__commit_has_lost(irmin_commit *commit)
{
	int lost;

	irmin__mutex_lock(&commit->repo->ids.mutex);
	lost = commit->lost;
	irmin__mutex_unlock(&commit->repo->ids.mutex);
	return lost;
}

irmin_commit *irmin__commit_held_parent(irmin_commit *commit, size_t i)
{
	irmin_commit *parent = NULL;

	if (!commit->parents)
		return NULL;
	irmin__mutex_lock(&commit->repo->ids.mutex);
	if (i < atomic_load(&commit->parent_count))
		parent = commit->parents[i];
	if (parent)
		irmin_commit_ref(parent);
	irmin__mutex_unlock(&commit->repo->ids.mutex);
	return parent;
}

void irmin__commit_let_go(irmin_commit *commit)
{
	if (commit->parents)
		irmin__commit_cut(commit);
}
