/* Packing: objects first, so that a crash between the two halves costs nothing
 * but the second. */
#include "lib/core/store/maintain.h"

irmin_rc irmin_repo_pack(irmin_repo *repo, irmin_progress_fn progress,
    void *arg, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_rc rc, packed;

	irmin_error_clear(err);
	context.deadline_us = 0; /* it takes what it takes */
	packed = irmin__repo_pack_objects(repo, &context, progress, arg, err);
	if (packed != IRMIN_OK && packed != IRMIN_UNCHANGED)
		return packed;
	context = irmin__repo_context(repo, NULL); /* refs wait for locks */
	rc = irmin__repo_pack_refs(repo, &context, err);
	return rc == IRMIN_UNCHANGED ? packed : rc;
}

irmin_rc irmin_repo_write_graph(irmin_repo *repo, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);

	irmin_error_clear(err);
	return irmin__repo_write_graph(repo, &context, err);
}
