/* The border on the way to what a volatile repository keeps in memory. */
#include "lib/core/store/backend-parts.h"
#include "lib/core/store/graph.h"

static irmin_rc enter(irmin_repo *repo, const irmin_oid *id, irmin_error *err)
{
	irmin_rc rc = irmin__backend_check_id(repo, id, err);

	return rc < 0 ? rc : irmin__backend_enter(repo, err);
}

irmin_rc irmin__repo_commit_find(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_commit **commit, irmin_error *err)
{
	irmin_rc rc = enter(repo, id, err);

	*commit = NULL;
	if (rc < 0)
		return rc;
	rc = irmin__graph_find_commit(repo->graph, context, id, commit, err);
	irmin__backend_leave(repo);
	return rc;
}

irmin_rc irmin__repo_node_find(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin__node **node, irmin_error *err)
{
	irmin_rc rc = enter(repo, id, err);

	*node = NULL;
	if (rc < 0)
		return rc;
	rc = irmin__graph_find_node(repo->graph, context, id, node, err);
	irmin__backend_leave(repo);
	return rc;
}

irmin_rc irmin__repo_blob_find(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin__blob **blob, irmin_error *err)
{
	irmin_rc rc = enter(repo, id, err);

	*blob = NULL;
	if (rc < 0)
		return rc;
	rc = irmin__graph_find_blob(repo->graph, context, id, blob, err);
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
