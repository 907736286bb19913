/* The commit-graph of a repository: one file, or a chain of files, each with the
 * commits that those before it lack:
 *
 *   objects/info/commit-graph
 *   objects/info/commit-graphs/commit-graph-chain     an id on each line
 *   objects/info/commit-graphs/graph-<id>.graph
 *
 * It lies here or where the repository borrows from. One that is broken or too
 * old is no fault: commits are read then.
 */
#include "lib/backend-git/git-objects.h"

#include <stdio.h>

#include "lib/core/base/count.h"
#include "lib/core/base/error.h"
#include "lib/pack/commit-graph.h"
#include <irmin/alloc.h>

#define CHAIN_MAX_BYTES ((size_t)1 << 20)
#define CHAIN           "info/commit-graphs/commit-graph-chain"
#define SINGLE          "info/commit-graph"

/* One file, on top of those before it. */
typedef struct graph_file {
	irmin__windows *windows;
	irmin__view view;
	irmin__commit_graph *graph;
} graph_file;

struct irmin__git_graph {
	atomic_size_t refs;
	IRMIN__VEC(graph_file) files; /* none: there is no graph to be used */
};

static void file_close(graph_file *file)
{
	irmin__commit_graph_close(file->graph);
	irmin__view_release(&file->view);
	irmin__windows_close(file->windows);
}

void irmin__git_graph_unref(irmin__git_graph *graph)
{
	if (!graph || !irmin__count_down(&graph->refs))
		return;
	while (graph->files.len)
		file_close(&graph->files.items[--graph->files.len]);
	IRMIN__VEC_CLEAR(&graph->files);
	irmin_free(graph);
}

/* ---- reading ---- */

/* Puts a file on top. Answers: OK; ABSENT (there is none). */
static irmin_rc add_file(irmin__git_objects *objects, const char *path,
    irmin__git_graph *graph, irmin_error *err)
{
	graph_file file = { NULL, { { NULL, 0 }, NULL }, NULL };
	size_t count = graph->files.len;
	irmin_rc rc;

	rc = IRMIN__VEC_RESERVE(&graph->files, 1, err);
	if (rc >= 0)
		rc = irmin__windows_open(objects->git->os, path, objects->io, 0,
		    &file.windows, err);
	if (rc == IRMIN_OK)
		rc = irmin__windows_view(file.windows, 0,
		    (size_t)irmin__windows_bytes(file.windows), &file.view,
		    err);
	if (rc == IRMIN_OK)
		rc = irmin__commit_graph_open(objects->git->head.hash,
		    file.view.bytes,
		    count ? graph->files.items[count - 1].graph : NULL,
		    &file.graph, err);
	if (rc == IRMIN_OK)
		IRMIN__VEC_PUSH(&graph->files, file);
	else
		file_close(&file);
	return irmin__error_locate(err, rc, path);
}

/* A file of a chain, in any of the directories. */
static irmin_rc add_link(irmin__git_objects *objects,
    const irmin__git_packs *packs, const irmin_oid *id, irmin__git_graph *graph,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES], name[IRMIN_OID_HEX_BYTES + 64];
	irmin__git_path path;
	irmin_rc rc = IRMIN_ABSENT;
	size_t i;

	snprintf(name, sizeof name, "info/commit-graphs/graph-%s.graph",
	    irmin_oid_hex(id, hex));
	for (i = 0; rc == IRMIN_ABSENT && i < packs->directories.len; i++) {
		rc = irmin__git_path_join(&path,
		    packs->directories.items[i].path, name, err);
		if (rc >= 0)
			rc = add_file(objects, path.text, graph, err);
	}
	return rc;
}

/* The chain of a directory: of one that is broken, what is below the break. */
static irmin_rc add_chain(irmin__git_objects *objects,
    const irmin__git_packs *packs, const char *directory,
    irmin__git_graph *graph, irmin_error *err)
{
	irmin__commit_graph_chain chain = { NULL, 0, 0 };
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin__git_path path;
	irmin_rc rc;
	size_t i;

	rc = irmin__git_path_join(&path, directory, CHAIN, err);
	if (rc >= 0)
		rc = irmin__os_read_file(objects->git->os, path.text,
		    CHAIN_MAX_BYTES, &bytes, err);
	if (rc == IRMIN_OK)
		rc = irmin__error_locate(err,
		    irmin__commit_graph_chain_parse(objects->git->head.hash,
			irmin_buf_slice(&bytes), &chain, err),
		    path.text);
	for (i = 0; rc == IRMIN_OK && i < chain.len; i++) {
		rc = add_link(objects, packs, &chain.items[i], graph, err);
		if (rc == IRMIN_ABSENT)
			rc = irmin_error_set(err, IRMIN_EMISSING, path.text,
			    "cannot use %s: a file that it names is missing",
			    path.text);
	}
	IRMIN__VEC_CLEAR(&chain);
	irmin_buf_clear(&bytes);
	return rc;
}

/* The graph of one directory. Answers: OK; ABSENT. */
static irmin_rc add_directory(irmin__git_objects *objects,
    const irmin__git_packs *packs, const char *directory,
    irmin__git_graph *graph, irmin_error *err)
{
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, directory, SINGLE, err);
	if (rc >= 0)
		rc = add_file(objects, path.text, graph, err);
	return rc == IRMIN_ABSENT
	    ? add_chain(objects, packs, directory, graph, err)
	    : rc;
}

static int stop_at_name(void *arg, const char *name, irmin__os_kind kind)
{
	(void)arg;
	(void)name;
	(void)kind;
	return IRMIN_ALREADY;
}

/* Whether history is what the commits say, and nobody has switched the graph
 * off: git uses it under the same conditions. Answers: OK; ABSENT. */
static irmin_rc is_usable(irmin__git_objects *objects, irmin_error *err)
{
	irmin__git *git = objects->git;
	irmin__git_path path;
	irmin__os_stat stat;
	int on = 1;
	irmin_rc rc;

	if (irmin__git_config_bool(&git->local, "core.commitgraph", &on, NULL) <
		0 ||
	    !on)
		return IRMIN_ABSENT;
	rc = irmin__git_shallow_has(git, &objects->shallow, NULL, err);
	if (rc != IRMIN_ABSENT)
		return rc < 0 ? rc : IRMIN_ABSENT;
	rc = irmin__git_path_join(&path, git->layout.common_dir, "info/grafts",
	    err);
	if (rc >= 0)
		rc = irmin__os_stat_path(git->os, path.text, 1, &stat, err);
	if (rc == IRMIN_ABSENT)
		rc = irmin__git_path_join(&path, git->layout.common_dir,
		    "refs/replace", err);
	else if (rc >= 0)
		return IRMIN_ABSENT;
	if (rc >= 0)
		rc = irmin__os_each(git->os, path.text, stop_at_name, NULL,
		    err);
	if (rc == IRMIN_ALREADY)
		return IRMIN_ABSENT;
	return rc < 0 ? rc : IRMIN_OK;
}

static irmin_rc load(irmin__git_objects *objects, const irmin__git_packs *packs,
    irmin__git_graph **graph, irmin_error *err)
{
	irmin__git_graph *made = irmin_calloc(1, sizeof *made);
	irmin_rc rc;
	size_t i;

	*graph = NULL;
	if (!made)
		return irmin__enomem(err);
	atomic_init(&made->refs, 1);
	rc = is_usable(objects, err);
	for (i = 0;
	     rc == IRMIN_OK && !made->files.len && i < packs->directories.len;
	     i++) {
		rc = add_directory(objects, packs,
		    packs->directories.items[i].path, made, err);
		rc = rc == IRMIN_ENOMEM ? rc : IRMIN_OK;
	}
	if (rc < 0)
		irmin__git_graph_unref(made);
	else
		*graph = made;
	return rc < 0 ? rc : IRMIN_OK;
}

/* ---- asking ---- */

/* The graph, loaded again when packs came or went since. */
static irmin_rc get(irmin__git_objects *objects, irmin__git_graph **graph,
    irmin_error *err)
{
	irmin__git_packs *packs;
	irmin_rc rc;

	rc = irmin__git_packs_get(objects, &packs, err);
	if (rc < 0)
		return rc;
	irmin__mutex_lock(&objects->graph_mutex);
	if (!objects->graph || objects->graph_packs != packs->serial) {
		irmin__git_graph *loaded;

		rc = load(objects, packs, &loaded, err);
		if (rc >= 0) {
			irmin__git_graph_unref(objects->graph);
			objects->graph = loaded;
			objects->graph_packs = packs->serial;
		}
	}
	if (rc >= 0) {
		*graph = objects->graph;
		irmin__count_up(&objects->graph->refs);
	}
	irmin__mutex_unlock(&objects->graph_mutex);
	irmin__git_packs_unref(packs);
	return rc < 0 ? rc : IRMIN_OK;
}

void irmin__git_graph_forget(irmin__git_objects *objects)
{
	irmin__mutex_lock(&objects->graph_mutex);
	irmin__git_graph_unref(objects->graph);
	objects->graph = NULL;
	irmin__mutex_unlock(&objects->graph_mutex);
}

irmin_rc irmin__git_objects_find_graph(irmin_objects *objects,
    const irmin_context *context, const irmin_oid *id,
    irmin_graph_commit *commit, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;
	irmin__git_graph *graph;
	irmin_rc rc;

	(void)context;
	irmin_error_clear(err);
	rc = get(self, &graph, err);
	if (rc < 0)
		return rc;
	rc = IRMIN_ABSENT;
	if (graph->files.len) {
		const irmin__commit_graph *top =
		    graph->files.items[graph->files.len - 1].graph;
		uint32_t at;

		rc = irmin__commit_graph_find(top, id, &at);
		if (rc == IRMIN_OK)
			rc = irmin__commit_graph_at(top, at, commit, err);
	}
	irmin__git_graph_unref(graph);
	if (rc < 0 && rc != IRMIN_ENOMEM) {
		irmin_error_clear(err);
		rc = IRMIN_ABSENT;
	}
	return rc;
}

/* ---- checking ---- */

irmin_rc irmin__git_graph_verify(irmin__git_objects *objects,
    const irmin__git_packs *packs, size_t directory, irmin_error *err)
{
	irmin__git_graph *graph = irmin_calloc(1, sizeof *graph);
	irmin_rc rc;
	size_t i;

	if (!graph)
		return irmin__enomem(err);
	atomic_init(&graph->refs, 1);
	rc = add_directory(objects, packs,
	    packs->directories.items[directory].path, graph, err);
	for (i = 0; rc == IRMIN_OK && i < graph->files.len; i++) {
		const graph_file *file = &graph->files.items[i];

		rc = irmin__error_locate(err,
		    irmin__commit_graph_verify(file->graph, err),
		    irmin__windows_path(file->windows));
	}
	irmin__git_graph_unref(graph);
	return rc < 0 ? rc : IRMIN_OK;
}
