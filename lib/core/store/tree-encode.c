/* Trees on their way to a backend: what of them it does not have yet.
 *
 * First every id is computed (tree-ids.c): then all of it is what it will be for
 * ever, and any number of threads may collect the same nodes at once. The walk
 * is depth first, children before their parents, without recursion. A directory
 * of one leaf goes as it lies there; of several, as a copy in one block.
 */
#include "lib/core/base/error.h"
#include "lib/core/store/batch.h"
#include "lib/core/store/tree-walk.h"
#include <irmin/alloc.h>

/* A piece whose children are being collected. */
struct frame {
	irmin__node *node;
	uint32_t at;   /* the entry or piece that is looked at next */
	uint32_t left; /* fresh entries from there on */
	int is_root;   /* of its directory */
};

struct collector {
	irmin__batch *batch;
	IRMIN__VEC(struct frame) frames;
};

/* Whether the backend has it, or the batch. */
static int is_taken(const struct collector *collector, atomic_uchar *stored,
    const atomic_uint_fast64_t *mark)
{
	return atomic_load_explicit(stored, memory_order_acquire) ||
	    atomic_load_explicit(mark, memory_order_relaxed) ==
	    collector->batch->serial;
}

static void mark(const struct collector *collector, atomic_uint_fast64_t *mark)
{
	atomic_store_explicit(mark, collector->batch->serial,
	    memory_order_relaxed);
}

static irmin_rc enter(struct collector *collector, irmin__node *node,
    int is_root, irmin_error *err)
{
	struct frame frame = { node, 0, node->fresh, is_root };
	irmin_rc rc;

	if (is_taken(collector, &node->stored, &node->mark))
		return IRMIN_OK;
	rc = IRMIN__VEC_RESERVE(&collector->frames, 1, err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&collector->frames, frame);
	return rc;
}

/* A small value is stored when its leaf is. */
static irmin_rc collect_value(struct collector *collector, irmin__place place,
    irmin_error *err)
{
	irmin__blob *blob = irmin__place_child(place);
	irmin_oid id;
	irmin_rc rc;

	if (!blob) {
		irmin__place_id(place, &id);
		return irmin__batch_put(collector->batch, IRMIN_OBJECT_BLOB,
		    &id, irmin__place_small(place), NULL, NULL, err);
	}
	if (is_taken(collector, &blob->stored, &blob->mark))
		return IRMIN_OK;
	irmin__place_id(place, &id);
	rc = irmin__batch_put(collector->batch, IRMIN_OBJECT_BLOB, &id,
	    irmin_bytes(blob->bytes, blob->len), &blob->stored, NULL, err);
	if (rc >= 0)
		mark(collector, &blob->mark);
	return rc;
}

/* A directory all of whose children are in the batch. */
static irmin_rc put_directory(struct collector *collector, irmin__node *dir,
    irmin_error *err)
{
	size_t len = irmin__node_bytes(dir);
	unsigned char *copy = NULL, *bytes = dir->bytes;
	irmin_rc rc;

	if (irmin__node_is_fan(dir)) {
		bytes = copy = irmin_malloc(len);
		if (!copy)
			return irmin__enomem(err);
		irmin__node_copy_bytes(dir, copy);
	}
	rc = irmin__batch_put(collector->batch, IRMIN_OBJECT_TREE,
	    irmin__node_known_id(dir), irmin_bytes(bytes, len), &dir->stored,
	    copy, err);
	return rc < 0 ? rc
		      : irmin__batch_splice(collector->batch, dir, bytes, err);
}

static irmin_rc finish(struct collector *collector, const struct frame *frame,
    irmin_error *err)
{
	irmin__node *node = frame->node;
	irmin_rc rc = frame->is_root
	    ? put_directory(collector, node, err)
	    : irmin__batch_mark(collector->batch, &node->stored, err);

	if (rc < 0)
		return rc;
	mark(collector, &node->mark);
	collector->frames.len--;
	return IRMIN_OK;
}

static irmin_rc advance_fan(struct collector *collector, struct frame *frame,
    irmin_error *err)
{
	const irmin__node_slot *slot = &frame->node->slots[frame->at++];

	frame->left -= slot->fresh;
	return slot->fresh ? enter(collector, slot->piece, 0, err) : IRMIN_OK;
}

static irmin_rc advance_leaf(struct collector *collector, struct frame *frame,
    irmin_error *err)
{
	irmin__place place = { frame->node, frame->at };

	while (!(place.leaf->entries[place.at].flags & IRMIN__ENTRY_FRESH))
		place.at++;
	frame->at = (uint32_t)place.at + 1;
	frame->left--;
	if (irmin__place_is_tree(place))
		return enter(collector, irmin__place_child(place), 1, err);
	return collect_value(collector, place, err);
}

static irmin_rc advance(struct collector *collector, irmin_error *err)
{
	struct frame *frame =
	    &collector->frames.items[collector->frames.len - 1];

	if (!frame->left)
		return finish(collector, frame, err);
	if (irmin__node_is_fan(frame->node))
		return advance_fan(collector, frame, err);
	return advance_leaf(collector, frame, err);
}

irmin_rc irmin__tree_collect(irmin_tree *tree, irmin__batch *batch,
    irmin_oid *id, irmin_error *err)
{
	struct collector collector = { batch, { NULL, 0, 0 } };
	irmin__node *root = irmin__tree_loaded_root(tree);
	irmin_rc rc;

	*id = tree->id;
	if (!root)
		return IRMIN_OK;
	rc = irmin__node_id(batch->repo, root, id, err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&batch->trees, 1, err);
	if (rc < 0)
		return rc;
	IRMIN__VEC_PUSH(&batch->trees, irmin_tree_ref(tree));
	rc = enter(&collector, root, 1, err);
	while (rc >= 0 && collector.frames.len)
		rc = advance(&collector, err);
	IRMIN__VEC_CLEAR(&collector.frames);
	return rc;
}

irmin_rc irmin_tree_write(irmin_tree *tree, irmin_oid *id, irmin_error *err)
{
	irmin_repo *repo = irmin__tree_repo(tree);
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin__batch *batch;
	irmin_oid written = { { 0 }, 0 };
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__batch_new(repo, &batch, err);
	if (rc >= 0)
		rc = irmin__tree_collect(tree, batch, &written, err);
	if (rc >= 0)
		rc = irmin__batch_write(batch, &context, err);
	irmin__batch_free(batch);
	if (id)
		memset(id, 0, sizeof *id);
	if (id && rc >= 0)
		*id = written;
	return rc;
}
