/* The border on the way to what a volatile repository keeps in memory. */
#include "lib/core/store/backend-parts.h"
#include "lib/core/store/graph.h"

irmin_rc irmin__repo_find_own(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type type, void **own, irmin_error *err)
{
	irmin_rc rc;

	*own = NULL;
	if (!repo->graph)
		return IRMIN_ABSENT;
	rc = irmin__backend_check_id(repo, id, err);
	if (rc >= 0)
		rc = irmin__backend_enter(repo, err);
	if (rc < 0)
		return rc;
	rc = irmin__graph_find(repo->graph, context, id, type, own, err);
	irmin__backend_leave(repo);
	return rc;
}

irmin_rc irmin__repo_check_writable(irmin_repo *repo, irmin_error *err)
{
	irmin_rc rc = irmin__backend_enter_to_write(repo, err);

	if (rc >= 0)
		irmin__backend_leave(repo);
	return rc;
}
