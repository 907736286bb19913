/* The life of the graph of a volatile repository, and the wrapper. */
#include "lib/core/store/graph-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/store/backend.h"
#include <irmin/alloc.h>

static irmin_rc find_config(irmin_backend *backend, const char *key,
    irmin_buf *value, irmin_error *err)
{
	irmin_backend *inner = ((irmin__graph *)backend)->inner;

	return inner->cls->find_config(inner, key, value, err);
}

/* Objects and refs are no allocations of their own. */
static void close_wrapper(irmin_backend *backend)
{
	irmin__graph *graph = (irmin__graph *)backend;

	irmin__graph_index_close(&graph->index);
	irmin__graph_drop_heads(graph);
	irmin__backend_close(graph->inner);
	graph->inner = NULL;
}

static void init_wrapper(irmin__graph *graph, irmin_backend *inner)
{
	graph->inner = inner;
	graph->cls.size = sizeof graph->cls;
	graph->cls.scheme = inner->cls->scheme;
	graph->cls.close = close_wrapper;
	if (IRMIN__SLOT(irmin_backend_class, inner->cls, find_config))
		graph->cls.find_config = find_config;
	graph->objects.head.cls = &irmin__graph_objects_class;
	graph->objects.graph = graph;
	graph->refs.head.cls = &irmin__graph_refs_class;
	graph->refs.graph = graph;
	graph->backend = *inner;
	graph->backend.cls = &graph->cls;
	graph->backend.objects = &graph->objects.head;
	graph->backend.refs = &graph->refs.head;
}

static irmin_slice ref_key(const void *entry)
{
	return irmin_text(((const irmin__graph_ref *)entry)->name);
}

static irmin_rc init_locks(irmin__graph *graph, irmin_hash_algo hash,
    irmin_error *err)
{
	irmin_rc rc = irmin__mutex_init(&graph->heads, err);

	if (rc < 0)
		return rc;
	rc = irmin__graph_index_init(&graph->index, hash, err);
	if (rc < 0)
		irmin__mutex_clear(&graph->heads);
	return rc;
}

irmin_rc irmin__graph_wrap(irmin_backend **backend, irmin__graph **graph,
    irmin_error *err)
{
	irmin__graph *made = irmin_calloc(1, sizeof *made);
	irmin_rc rc;

	if (!made)
		return irmin__enomem(err);
	rc = init_locks(made, (*backend)->hash, err);
	if (rc < 0) {
		irmin_free(made);
		return rc;
	}
	init_wrapper(made, *backend);
	memset(made->mark.bytes, 0xff, irmin_hash_size(made->backend.hash));
	made->mark.algo = made->backend.hash;
	irmin__table_init(&made->table, ref_key, (uintptr_t)made);
	*graph = made;
	*backend = &made->backend;
	return IRMIN_OK;
}

void irmin__graph_start(irmin__graph *graph, irmin_repo *repo)
{
	graph->repo = repo;
}

void irmin__graph_free(irmin__graph *graph)
{
	if (!graph)
		return;
	irmin__graph_index_clear(&graph->index);
	irmin__mutex_clear(&graph->heads);
	irmin_free(graph);
}
