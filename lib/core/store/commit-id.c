/* The ids of commits, and what a commit knows of its parents.
 *
 *   head -> commit -> commit -> ... -> commit whose id is known
 *     claimed from here ...      ... to here, and published back up
 *
 * A commit's id needs its parents' and its tree's. The walk keeps a stack of its
 * own, as a history may be as long as memory allows; ids.h says why two threads
 * that meet do not wait for each other for ever.
 */
#include "lib/core/store/commit-parts.h"

#include <string.h>

#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/core/store/batch.h"
#include "lib/core/store/graph.h"

/* A commit that we have claimed. */
struct frame {
	irmin_commit *commit;
	size_t parent; /* that is looked at next */
};

struct hashing {
	irmin__late_gate *gate;
	irmin_buf bytes; /* of the object that was hashed last */
	IRMIN__VEC(struct frame) frames;
};

const irmin_oid *irmin__commit_known_id(const irmin_commit *commit)
{
	return irmin__late_known(&commit->id);
}

irmin_rc irmin__commit_hash(irmin_commit *commit, irmin_buf *bytes,
    irmin_oid *id, irmin_error *err)
{
	irmin_rc rc;

	bytes->len = 0;
	rc = irmin__commit_encode(&commit->data, bytes, err);
	if (rc >= 0)
		rc = irmin__object_id(commit->repo, IRMIN_OBJECT_COMMIT,
		    irmin_buf_slice(bytes), id, err);
	return rc;
}

/* Claims a commit, or waits until its id is known. */
static irmin_rc enter(struct hashing *hashing, irmin_commit *commit,
    irmin_error *err)
{
	struct frame frame = { commit, 0 };
	irmin_rc rc = IRMIN__VEC_RESERVE(&hashing->frames, 1, err);

	if (rc >= 0 && irmin__late_claim_or_wait(hashing->gate, &commit->id))
		IRMIN__VEC_PUSH(&hashing->frames, frame);
	return rc;
}

/* ---- losing parents ---- */

/* Takes the pointer to a parent off; the parent's id stays if it is known. */
static irmin_commit *take_parent(irmin_commit *commit, size_t i)
{
	static const irmin_oid none;
	irmin_commit *parent;
	const irmin_oid *known;

	irmin__mutex_lock(&commit->repo->ids.mutex);
	parent = commit->parents[i];
	commit->parents[i] = NULL;
	if (parent && !irmin__late_is_known(&commit->id)) {
		known = irmin__commit_known_id(parent);
		commit->data.parents.items[i] = known ? *known : none;
	}
	irmin__mutex_unlock(&commit->repo->ids.mutex);
	return parent;
}

/* Parents whose ids nobody ever saw were never there. */
static void forget_unseen(irmin_commit *commit)
{
	irmin_oid *ids = commit->data.parents.items;
	size_t count = commit->data.parents.len, kept = 0, i;

	irmin__mutex_lock(&commit->repo->ids.mutex);
	for (i = 0; i < count; i++)
		if (!irmin_oid_is_none(&ids[i]))
			ids[kept++] = ids[i];
	commit->lost |= kept < count;
	commit->data.parents.len = kept;
	atomic_store(&commit->parent_count, kept);
	irmin__mutex_unlock(&commit->repo->ids.mutex);
}

/* Who has claimed the id at this moment does it when he is done. */
static void cut_now(irmin_commit *commit)
{
	size_t count = atomic_load(&commit->parent_count), i;
	int claimed = irmin__late_claim(&commit->id);

	if (!claimed && !irmin__late_is_known(&commit->id))
		return;
	for (i = 0; i < count; i++)
		irmin_commit_unref(take_parent(commit, i));
	if (!claimed)
		return;
	forget_unseen(commit);
	irmin__late_give_up(&commit->repo->ids, &commit->id);
}

void irmin__commit_cut(irmin_commit *commit)
{
	irmin__mutex_lock(&commit->repo->ids.mutex);
	commit->cut = 1;
	irmin__mutex_unlock(&commit->repo->ids.mutex);
	if (commit->parents)
		cut_now(commit);
}

static int is_cut(irmin_commit *commit)
{
	int cut;

	irmin__mutex_lock(&commit->repo->ids.mutex);
	cut = commit->cut;
	irmin__mutex_unlock(&commit->repo->ids.mutex);
	return cut;
}

/* ---- computing ---- */

/* Ends the claim on the innermost commit: with its id, or with none. */
static void leave(struct hashing *hashing, const irmin_oid *id)
{
	irmin_commit *commit =
	    hashing->frames.items[--hashing->frames.len].commit;

	if (id)
		irmin__late_publish(hashing->gate, &commit->id, id);
	else
		irmin__late_give_up(hashing->gate, &commit->id);
	if (is_cut(commit))
		cut_now(commit);
}

/* The ids of all parents are noted. */
static irmin_rc finish(struct hashing *hashing, irmin_commit *commit,
    irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_tree_id(atomic_load(&commit->tree), &commit->data.tree, err);
	if (rc >= 0)
		rc = irmin__commit_hash(commit, &hashing->bytes, &id, err);
	if (rc >= 0)
		leave(hashing, &id);
	return rc;
}

static irmin_rc advance(struct hashing *hashing, irmin_error *err)
{
	struct frame *frame = &hashing->frames.items[hashing->frames.len - 1];
	irmin_commit *commit = frame->commit, *parent;
	const irmin_oid *known;

	if (frame->parent == commit->data.parents.len)
		return finish(hashing, commit, err);
	parent = commit->parents[frame->parent];
	if (parent) { /* else it was cut, and its id is noted */
		known = irmin__commit_known_id(parent);
		if (!known)
			return enter(hashing, parent, err);
		commit->data.parents.items[frame->parent] = *known;
	}
	frame->parent++;
	return IRMIN_OK;
}

static irmin_rc compute(irmin_commit *commit, irmin_error *err)
{
	struct hashing hashing = { &commit->repo->ids, IRMIN_BUF_INIT,
		{ NULL, 0, 0 } };
	irmin_rc rc = enter(&hashing, commit, err);

	while (rc >= 0 && hashing.frames.len)
		rc = advance(&hashing, err);
	while (hashing.frames.len)
		leave(&hashing, NULL);
	IRMIN__VEC_CLEAR(&hashing.frames);
	irmin_buf_clear(&hashing.bytes);
	return rc;
}

irmin_rc irmin__commit_id(irmin_commit *commit, irmin_oid *id, irmin_error *err)
{
	const irmin_oid *known = irmin__commit_known_id(commit);
	irmin_rc rc = known ? IRMIN_OK : compute(commit, err);

	memset(id, 0, sizeof *id);
	if (rc >= 0)
		*id = commit->id.id;
	return rc;
}

irmin_rc irmin__commit_show(irmin_commit *commit, irmin_error *err)
{
	irmin__graph *graph = commit->repo->graph;

	return graph ? irmin__graph_show(graph, commit, err) : IRMIN_OK;
}

irmin_rc irmin_commit_id(irmin_commit *commit, irmin_oid *id, irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	memset(id, 0, sizeof *id);
	rc = irmin__commit_show(commit, err);
	return rc < 0 ? rc : irmin__commit_id(commit, id, err);
}

irmin_rc irmin__commit_tree_id(irmin_commit *commit, irmin_oid *id,
    irmin_error *err)
{
	if (!irmin__commit_known_id(commit))
		return irmin_tree_id(atomic_load(&commit->tree), id, err);
	*id = commit->data.tree;
	return IRMIN_OK;
}

irmin_rc irmin__commit_bytes(irmin_commit *commit, irmin_buf *bytes,
    irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc = irmin__commit_id(commit, &id, err);

	bytes->len = 0;
	return rc < 0 ? rc : irmin__commit_encode(&commit->data, bytes, err);
}

/* ---- parents ---- */

size_t irmin_commit_parent_count(const irmin_commit *commit)
{
	return atomic_load(&commit->parent_count);
}

/* Parent `i`: counted, if it is pointed to; else its id, if there is one. */
static irmin_commit *look_up(irmin_commit *commit, size_t i, irmin_oid *id,
    int *cut)
{
	irmin_commit *parent = NULL;

	memset(id, 0, sizeof *id);
	irmin__mutex_lock(&commit->repo->ids.mutex);
	if (i < atomic_load(&commit->parent_count)) {
		parent = commit->parents ? commit->parents[i] : NULL;
		if (parent)
			irmin_commit_ref(parent);
		else
			*id = commit->data.parents.items[i];
	}
	*cut = commit->cut;
	irmin__mutex_unlock(&commit->repo->ids.mutex);
	return parent;
}

irmin_rc irmin__commit_parent_id(irmin_commit *commit, size_t i, irmin_oid *id,
    irmin_error *err)
{
	irmin_commit *parent;
	irmin_rc rc;
	int cut;

	if (irmin__commit_known_id(commit) &&
	    i < irmin_commit_parent_count(commit)) {
		*id = commit->data.parents.items[i];
		return IRMIN_OK;
	}
	parent = look_up(commit, i, id, &cut);
	if (!parent)
		return irmin_oid_is_none(id) ? IRMIN_ABSENT : IRMIN_OK;
	rc = irmin__commit_id(parent, id, err);
	irmin_commit_unref(parent);
	return rc;
}

irmin_rc irmin_commit_parent_id(irmin_commit *commit, size_t i, irmin_oid *id,
    irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	memset(id, 0, sizeof *id);
	rc = irmin__commit_show(commit, err);
	return rc < 0 ? rc : irmin__commit_parent_id(commit, i, id, err);
}

irmin_rc irmin__commit_check_cut(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc = irmin__repo_is_shallow(repo, context, id, err);

	if (rc != IRMIN_OK)
		return rc < 0 ? rc : IRMIN_OK;
	return irmin_error_set(err, IRMIN_ETRUNCATED, irmin_oid_hex(id, hex),
	    "the history is cut off before commit %s; git fetch --unshallow "
	    "brings it",
	    hex);
}

static irmin_rc refuse_cut(const irmin_oid *parent, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	return irmin_error_set(err, IRMIN_ETRUNCATED,
	    irmin_oid_hex(parent, hex),
	    "commit %s is no longer kept: the history before it was let go",
	    hex);
}

irmin_rc irmin__commit_parent(irmin_commit *commit,
    const irmin_context *context, size_t i, irmin_commit **parent,
    irmin_error *err)
{
	irmin_oid id;
	int cut;
	irmin_rc rc;

	*parent = look_up(commit, i, &id, &cut);
	if (*parent)
		return IRMIN_OK;
	if (irmin_oid_is_none(&id))
		return IRMIN_ABSENT;
	if (cut)
		return refuse_cut(&id, err);
	rc = irmin__commit_check_cut(commit->repo, context, &commit->id.id,
	    err);
	if (rc < 0)
		return rc;
	return irmin__commit_get(commit->repo, context, &id, parent, err);
}

irmin_rc irmin_commit_parent(irmin_commit *commit, size_t i,
    irmin_commit **parent, irmin_error *err)
{
	irmin_context context = irmin__repo_context(commit->repo, NULL);

	irmin_error_clear(err);
	return irmin__commit_parent(commit, &context, i, parent, err);
}
