/* Writing the commit-graph of everything that refs reach: one file,
 * objects/info/commit-graph, in the place of a chain of files too.
 *
 * What a graph says of a commit that is in one already is taken from there; the
 * others are read. A history with something missing gets no graph.
 */
#include "lib/backend-git/git-repack.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/table.h"
#include "lib/core/object/commit-codec.h"
#include "lib/pack/commit-graph.h"
#include <irmin/alloc.h>

#define GRAPH "objects/info/commit-graph"
#define CHAIN "objects/info/commit-graphs"

/* A commit that was met. */
typedef struct met {
	irmin_oid id;
} met;

typedef struct graph_writer {
	irmin__git *git;
	const irmin_context *context;
	irmin__table seen; /* of met */
	IRMIN__VEC(met *) waiting;
	IRMIN__VEC(irmin__graph_item) items;
	IRMIN__VEC(irmin_oid) parents;
	irmin_graph_commit known; /* used again and again */
	irmin_error *err;
} graph_writer;

/* ---- which commits ---- */

static irmin_slice met_key(const void *entry)
{
	const met *m = entry;

	return irmin_bytes(m->id.bytes, sizeof m->id.bytes);
}

/* Lets a commit wait for its turn, unless it had or has one. */
static irmin_rc meet(graph_writer *w, const irmin_oid *id)
{
	met *m;
	irmin_rc rc;

	if (irmin__table_find(&w->seen,
		irmin_bytes(id->bytes, sizeof id->bytes)))
		return IRMIN_OK;
	rc = IRMIN__VEC_RESERVE(&w->waiting, 1, w->err);
	if (rc < 0)
		return rc;
	m = irmin_malloc(sizeof *m);
	if (!m)
		return irmin__enomem(w->err);
	m->id = *id;
	rc = irmin__table_add(&w->seen, m, w->err);
	if (rc < 0)
		irmin_free(m);
	else
		IRMIN__VEC_PUSH(&w->waiting, m);
	return rc;
}

/* The commit that a ref leads to, if it leads to one. */
static int meet_ref(void *arg, const char *name, const irmin_ref_value *value)
{
	graph_writer *w = arg;
	irmin_oid id;
	irmin_object_type type;
	irmin_rc rc;

	(void)name;
	if (value->target.len)
		return IRMIN_OK;
	rc = irmin__git_peel(w->git, w->context, &value->id, &id, &type);
	if (rc == IRMIN_ENOMEM)
		return irmin__enomem(w->err);
	return rc < 0 || type != IRMIN_OBJECT_COMMIT ? IRMIN_OK : meet(w, &id);
}

static irmin_rc meet_heads(graph_writer *w)
{
	irmin_refs *refs = w->git->head.refs;
	irmin_ref_value head = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_rc rc = refs->cls->find(refs, w->context, "HEAD", &head, w->err);

	if (rc == IRMIN_OK)
		rc = meet_ref(w, "HEAD", &head);
	irmin_buf_clear(&head.target);
	if (rc >= 0)
		rc = refs->cls->each(refs, w->context, "refs/", meet_ref, w,
		    w->err);
	return rc;
}

/* ---- what is known of them ---- */

static irmin_rc add_item(graph_writer *w, const irmin_oid *id,
    const irmin_oid *tree, int64_t time, const irmin_oid *parents, size_t count)
{
	irmin__graph_item item;
	irmin_rc rc;
	size_t i;

	memset(&item, 0, sizeof item);
	item.id = *id;
	item.tree = *tree;
	item.time = time;
	item.first_parent = (uint32_t)w->parents.len;
	item.parent_count = (uint32_t)count;
	rc = IRMIN__VEC_RESERVE(&w->items, 1, w->err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&w->parents, count, w->err);
	for (i = 0; rc >= 0 && i < count; i++) {
		IRMIN__VEC_PUSH(&w->parents, parents[i]);
		rc = meet(w, &parents[i]);
	}
	if (rc >= 0)
		IRMIN__VEC_PUSH(&w->items, item);
	return rc;
}

static irmin_rc add_decoded(graph_writer *w, const irmin_oid *id,
    irmin_slice bytes)
{
	irmin__commit_data commit = IRMIN__COMMIT_DATA_INIT;
	irmin_rc rc;

	rc = irmin__commit_decode(w->git->head.hash, bytes, &commit, w->err);
	if (rc < 0)
		return rc;
	rc = add_item(w, id, &commit.tree,
	    irmin__ident_parse(commit.committer).time, commit.parents.items,
	    commit.parents.len);
	irmin__commit_data_clear(&commit);
	return rc;
}

/* Answers: OK; ABSENT (it is not there). */
static irmin_rc add_commit(graph_writer *w, const irmin_oid *id)
{
	irmin_objects *objects = w->git->head.objects;
	irmin_object object;
	irmin_rc rc;

	rc = objects->cls->find_graph(objects, w->context, id, &w->known,
	    w->err);
	if (rc == IRMIN_OK)
		return add_item(w, id, &w->known.tree, w->known.time,
		    (const irmin_oid *)(void *)w->known.parents.data,
		    w->known.parent_count);
	if (rc == IRMIN_ABSENT)
		rc = objects->cls->find(objects, w->context, id, &object,
		    w->err);
	if (rc != IRMIN_OK)
		return rc;
	rc = object.type == IRMIN_OBJECT_COMMIT
	    ? add_decoded(w, id, irmin_bytes(object.data.data, object.data.len))
	    : IRMIN_ABSENT;
	irmin_pin_release(&object.data);
	return rc;
}

/* Answers: OK; ABSENT (something is missing). */
static irmin_rc collect(graph_writer *w)
{
	irmin_rc rc = meet_heads(w);

	if (rc == IRMIN_ABSENT)
		rc = IRMIN_OK;
	while (rc == IRMIN_OK && w->waiting.len) {
		const met *m = w->waiting.items[--w->waiting.len];

		rc = irmin__context_check(w->context, w->err);
		if (rc == IRMIN_OK)
			rc = add_commit(w, &m->id);
	}
	return rc == IRMIN_EMISSING || rc == IRMIN_ECORRUPT ? IRMIN_ABSENT : rc;
}

/* ---- the file ---- */

static irmin_rc replace_graph(irmin__git *git, const irmin_context *context,
    irmin_slice bytes, irmin__git_unsynced *unsynced, irmin_error *err)
{
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, git->layout.common_dir, GRAPH, err);
	if (rc >= 0)
		rc = irmin__git_lock_replace(git, context, path.text, bytes,
		    err);
	if (rc >= 0)
		irmin__git_unsynced_add(unsynced, path.text, 1);
	return rc;
}

typedef struct chain_removal {
	irmin__git *git;
	irmin__git_path directory;
} chain_removal;

static int remove_graph(void *arg, const char *name, irmin__os_kind kind)
{
	chain_removal *removal = arg;
	irmin__git_path path;
	irmin_slice text = irmin_text(name);

	(void)kind;
	if (!irmin__slice_is(text, "commit-graph-chain") &&
	    !(irmin__slice_begins(text, "graph-") &&
		irmin__slice_ends(text, ".graph")))
		return IRMIN_OK;
	if (irmin__git_path_join(&path, removal->directory.text, name, NULL) >=
	    0)
		(void)irmin__os_unlink(removal->git->os, path.text, NULL);
	return IRMIN_OK;
}

/* git reads the one file first, so what is left of a chain harms nobody. */
static void remove_chain(irmin__git *git)
{
	chain_removal removal = { git, { "" } };

	if (irmin__git_path_join(&removal.directory, git->layout.common_dir,
		CHAIN, NULL) < 0)
		return;
	if (irmin__os_each(git->os, removal.directory.text, remove_graph,
		&removal, NULL) == IRMIN_OK)
		(void)irmin__os_rmdir(git->os, removal.directory.text, NULL);
}

static void clear(graph_writer *w)
{
	size_t cursor = 0;
	void *m;

	while ((m = irmin__table_next(&w->seen, &cursor)))
		irmin_free(m);
	irmin__table_clear(&w->seen);
	IRMIN__VEC_CLEAR(&w->waiting);
	IRMIN__VEC_CLEAR(&w->items);
	IRMIN__VEC_CLEAR(&w->parents);
	irmin_buf_clear(&w->known.parents);
}

irmin_rc irmin__git_graph_write(irmin__git *git, const irmin_context *context,
    irmin__git_unsynced *unsynced, irmin_error *err)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	graph_writer w;
	irmin_rc rc;

	memset(&w, 0, sizeof w);
	w.git = git;
	w.context = context;
	w.err = err;
	irmin__table_init(&w.seen, met_key, (uintptr_t)&w);
	rc = collect(&w);
	if (rc == IRMIN_OK && !w.items.len)
		rc = IRMIN_ABSENT;
	if (rc == IRMIN_OK)
		rc = irmin__commit_graph_encode(git->head.hash, w.items.items,
		    (uint32_t)w.items.len, w.parents.items, &bytes, err);
	clear(&w);
	if (rc == IRMIN_OK)
		rc = replace_graph(git, context, irmin_buf_slice(&bytes),
		    unsynced, err);
	if (rc == IRMIN_OK)
		rc = irmin__git_unsynced_flush(git, unsynced, err);
	if (rc == IRMIN_OK)
		remove_chain(git);
	irmin_buf_clear(&bytes);
	return rc;
}

/* What the graph tells of is safe before it is. */
irmin_rc irmin__git_objects_write_graph(irmin_objects *objects,
    const irmin_context *context, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__git_check_writable(self->git, err);
	if (rc >= 0)
		rc = irmin__git_shallow_has(self->git, &self->shallow, NULL,
		    err);
	if (rc != IRMIN_ABSENT)
		return rc < 0 ? rc : IRMIN_UNCHANGED;
	rc = irmin__git_unsynced_flush(self->git, &self->unsynced, err);
	if (rc >= 0)
		rc = irmin__git_graph_write(self->git, context, &self->unsynced,
		    err);
	if (rc == IRMIN_OK)
		irmin__git_graph_forget(self);
	return rc == IRMIN_ABSENT ? IRMIN_UNCHANGED : rc;
}
