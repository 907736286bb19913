#include "lib/core/store/repo.h"

irmin_rc irmin__repo_flush(irmin_repo *repo, const irmin_context *context,
    irmin_level level, irmin_error *err)
{
	/* Read before the work: what is written meanwhile is not covered. */
	uint_fast64_t written = atomic_load(&repo->written);
	int i;
	irmin_rc rc;

	if (atomic_load(&repo->flushed[level]) >= written)
		return IRMIN_OK;
	rc = irmin__repo_flush_objects(repo, context, level, err);
	if (rc >= 0)
		rc = irmin__repo_flush_refs(repo, context, level, err);
	if (rc < 0)
		return rc;
	for (i = 0; i <= (int)level; i++) {
		uint_fast64_t seen = atomic_load(&repo->flushed[i]);

		while (seen < written &&
		    !atomic_compare_exchange_weak(&repo->flushed[i], &seen,
			written))
			;
	}
	irmin__repo_count(repo, IRMIN_STAT_FLUSHES, 1);
	irmin__repo_trace(repo, IRMIN_TRACE_INFO, "flush", repo->location,
	    "level %d", (int)level);
	return IRMIN_OK;
}

irmin_rc irmin_repo_flush(irmin_repo *repo, irmin_level level, irmin_error *err)
{
	irmin_context context;

	irmin_error_clear(err);
	if ((unsigned)level > IRMIN_POWER)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "there is no level %d", (int)level);
	if (level == IRMIN_LEVEL_DEFAULT)
		level = repo->level;
	context = irmin__repo_context(repo, NULL);
	return irmin__repo_flush(repo, &context, level, err);
}
