/* What becomes of conflicts: callbacks, then a policy. */
#include "lib/core/base/error.h"
#include "lib/core/base/options.h"
#include "lib/merge/result.h"

/* A callback that fails without words is given some. */
static irmin_rc ask(irmin_conflict *conflict,
    const irmin_merge_options *options, irmin_error *err)
{
	irmin_rc rc = options->resolve(options->resolve_arg, conflict->result,
	    conflict, err);

	if (rc < 0 && err && err->code != rc)
		return irmin_error_set(err, rc, conflict->path,
		    "the merge was given up at \"%s\": its callback answered "
		    "%d (%s)",
		    conflict->path, (int)rc, irmin_rc_text(rc));
	return rc;
}

static irmin_rc settle_one(irmin_conflict *conflict,
    const irmin_merge_options *options, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (options->resolve && !conflict->is_resolved)
		rc = ask(conflict, options, err);
	if (rc < 0 || conflict->is_resolved ||
	    options->policy == IRMIN_MERGE_FAIL)
		return rc;
	return irmin_merge_result_take(conflict->result, conflict,
	    options->policy == IRMIN_MERGE_OURS ? IRMIN_SIDE_OURS
						: IRMIN_SIDE_THEIRS,
	    err);
}

irmin_rc irmin__merge_result_settle(irmin_merge_result *result,
    const irmin_merge_options *options, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; options && i < result->conflicts.len && rc >= 0; i++)
		rc = settle_one(result->conflicts.items[i], options, err);
	return rc < 0 ? rc : irmin__merge_result_verdict(result, err);
}

irmin_rc irmin__merge_options_read(const irmin_merge_options *options,
    irmin_merge_options *known, irmin_error *err)
{
	irmin_rc rc = irmin__options_read(known, sizeof *known, options,
	    "irmin_merge_options", err);

	if (rc >= 0 && (unsigned)known->policy > IRMIN_MERGE_THEIRS)
		rc = irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "there is no merge policy %d", (int)known->policy);
	if (!known->info.size)
		known->info.size = sizeof known->info;
	return rc;
}
