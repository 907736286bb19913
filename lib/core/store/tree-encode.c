/* Trees as objects: ids, and what a backend does not have yet.
 *
 * A node's bytes are its object, except that the ids of directories that were
 * hashed after it was made are not in them:
 *
 *   | 40000 d NUL 00000000 | 100644 f NUL 8ab686ea |      the node
 *   | 40000 d NUL e69de29b | 100644 f NUL 8ab686ea |      the object
 *                 patched into a copy, as the frozen node must not change
 *
 * The walk is depth first, children before their parents, without recursion.
 * Any number of threads may encode the same nodes at once: each has its own
 * copies, and who comes second throws away what he found.
 */
#include "lib/core/base/error.h"
#include "lib/core/store/batch.h"
#include "lib/core/store/tree-walk.h"
#include <irmin/alloc.h>

/* A piece whose children are being encoded. */
struct frame {
	irmin__node *node;
	int is_root; /* of its directory */
	unsigned char
	    *copy;      /* of its bytes, if they cannot be used as they lie;
	                      * it lies in that of the root */
	size_t at;      /* the entry or piece that is looked at next */
	size_t offset;  /* of a fan: where that begins */
	uint32_t fresh; /* of a leaf: how many fresh ones there still are */
};

struct encoder {
	irmin_repo *repo;
	irmin__batch *batch; /* NULL: ids are all that is wanted */
	IRMIN__VEC(struct frame) frames;
	irmin_oid id; /* of the node that was finished last */
};

static int is_marked(const struct encoder *encoder,
    const atomic_uint_fast64_t *mark)
{
	return atomic_load_explicit(mark, memory_order_relaxed) ==
	    encoder->batch->serial;
}

static void set_mark(const struct encoder *encoder, atomic_uint_fast64_t *mark)
{
	atomic_store_explicit(mark, encoder->batch->serial,
	    memory_order_relaxed);
}

/* Whether there is nothing left to do for a node and what is below it. */
static int is_done(const struct encoder *encoder, const irmin__node *node)
{
	if (!irmin__node_known_id(node))
		return 0;
	return !encoder->batch || irmin__node_is_stored(node) ||
	    is_marked(encoder, &node->mark);
}

static irmin_rc push(struct encoder *encoder, irmin__node *node,
    irmin_error *err)
{
	struct frame frame = { node, 1, NULL, 0, 0, node->fresh };
	irmin_rc rc = IRMIN__VEC_RESERVE(&encoder->frames, 1, err);

	if (rc < 0)
		return rc;
	if (node->no_id || irmin__node_is_fan(node)) {
		frame.copy = irmin_malloc(irmin__node_bytes(node));
		if (!frame.copy)
			return irmin__enomem(err);
		irmin__node_copy_bytes(node, frame.copy);
	}
	IRMIN__VEC_PUSH(&encoder->frames, frame);
	return IRMIN_OK;
}

static irmin_rc push_piece(struct encoder *encoder, irmin__node *piece,
    unsigned char *copy, irmin_error *err)
{
	struct frame frame = { piece, 0, copy, 0, 0, piece->fresh };
	irmin_rc rc = IRMIN__VEC_RESERVE(&encoder->frames, 1, err);

	if (rc >= 0)
		IRMIN__VEC_PUSH(&encoder->frames, frame);
	return rc;
}

static void patch(struct frame *frame, size_t at, const irmin_oid *id)
{
	const irmin__node *node = frame->node;

	if (node->entries[at].flags & IRMIN__ENTRY_NO_ID)
		memcpy(frame->copy + irmin__node_id_offset(node, at), id->bytes,
		    node->id_bytes);
}

static irmin_rc encode_blob(struct encoder *encoder, const irmin__node *node,
    size_t at, irmin__blob *blob, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc;

	if (!encoder->batch ||
	    atomic_load_explicit(&blob->stored, memory_order_acquire) ||
	    is_marked(encoder, &blob->mark))
		return IRMIN_OK;
	irmin__node_entry_id(node, at, &id);
	rc = irmin__batch_put(encoder->batch, IRMIN_OBJECT_BLOB, &id,
	    irmin_bytes(blob->bytes, blob->len), &blob->stored, NULL, err);
	if (rc >= 0)
		set_mark(encoder, &blob->mark);
	return rc;
}

/* A fresh entry of the innermost frame. */
static irmin_rc encode_child(struct encoder *encoder, struct frame *frame,
    size_t at, irmin_error *err)
{
	void *child = irmin__node_child(frame->node, at);

	if (!irmin__node_is_tree(frame->node, at))
		return encode_blob(encoder, frame->node, at, child, err);
	if (!is_done(encoder, child))
		return push(encoder, child, err);
	patch(frame, at, irmin__node_known_id(child));
	return IRMIN_OK;
}

/* All children of a piece are done. */
static irmin_rc finish_piece(struct encoder *encoder, irmin__node *piece,
    irmin_error *err)
{
	irmin__batch *batch = encoder->batch;
	irmin_rc rc = IRMIN_OK;

	encoder->frames.len--;
	if (batch)
		rc = IRMIN__VEC_RESERVE(&batch->stored, 1, err);
	if (batch && rc >= 0)
		IRMIN__VEC_PUSH(&batch->stored, &piece->stored);
	return rc;
}

/* All children are done: hashes the innermost node, and tells its parent. */
static irmin_rc finish(struct encoder *encoder, irmin_error *err)
{
	struct frame *frame = &encoder->frames.items[encoder->frames.len - 1];
	irmin__node *node = frame->node;
	unsigned char *copy = frame->copy;
	irmin_slice data = irmin_bytes(copy ? copy : node->bytes, node->len);
	const irmin_oid *known = irmin__node_known_id(node);
	irmin_rc rc = IRMIN_OK;

	if (!frame->is_root)
		return finish_piece(encoder, node, err);
	if (known)
		encoder->id = *known;
	else
		rc = irmin__object_id(encoder->repo, IRMIN_OBJECT_TREE, data,
		    &encoder->id, err);
	if (rc < 0)
		return rc;
	irmin__node_publish_id(node, &encoder->id);
	encoder->frames.len--;
	if (encoder->batch) {
		rc = irmin__batch_put(encoder->batch, IRMIN_OBJECT_TREE,
		    &encoder->id, data, &node->stored, copy, err);
		if (rc >= 0)
			set_mark(encoder, &node->mark);
	} else {
		irmin_free(copy);
	}
	if (encoder->frames.len)
		patch(frame - 1, frame[-1].at - 1, &encoder->id);
	return rc;
}

static irmin_rc advance_leaf(struct encoder *encoder, struct frame *frame,
    irmin_error *err)
{
	size_t at = frame->at;

	if (!frame->fresh)
		return finish(encoder, err);
	while (!(frame->node->entries[at].flags & IRMIN__ENTRY_FRESH))
		at++;
	frame->at = at + 1;
	frame->fresh--;
	return encode_child(encoder, frame, at, err);
}

/* Whether there is anything to patch or to store in a piece. */
static int has_work(const struct encoder *encoder, const irmin__node_slot *slot)
{
	if (slot->no_id)
		return 1;
	return encoder->batch && slot->fresh &&
	    !atomic_load_explicit(&slot->piece->stored, memory_order_acquire);
}

static irmin_rc advance_fan(struct encoder *encoder, struct frame *frame,
    irmin_error *err)
{
	const irmin__node_slot *slot;
	size_t offset;

	for (; frame->at < frame->node->count; frame->at++) {
		slot = &frame->node->slots[frame->at];
		offset = frame->offset;
		frame->offset += slot->bytes;
		if (!has_work(encoder, slot))
			continue;
		frame->at++;
		return push_piece(encoder, slot->piece, frame->copy + offset,
		    err);
	}
	return finish(encoder, err);
}

static irmin_rc advance(struct encoder *encoder, irmin_error *err)
{
	struct frame *frame = &encoder->frames.items[encoder->frames.len - 1];

	if (irmin__node_is_fan(frame->node))
		return advance_fan(encoder, frame, err);
	return advance_leaf(encoder, frame, err);
}

static irmin_rc encode(struct encoder *encoder, irmin__node *node,
    irmin_error *err)
{
	size_t i;
	irmin_rc rc = IRMIN_OK;

	if (is_done(encoder, node))
		encoder->id = *irmin__node_known_id(node);
	else
		rc = push(encoder, node, err);
	while (rc >= 0 && encoder->frames.len)
		rc = advance(encoder, err);
	for (i = 0; i < encoder->frames.len; i++)
		if (encoder->frames.items[i].is_root)
			irmin_free(encoder->frames.items[i].copy);
	IRMIN__VEC_CLEAR(&encoder->frames);
	return rc;
}

irmin_rc irmin__node_id(irmin_repo *repo, irmin__node *node, irmin_oid *id,
    irmin_error *err)
{
	struct encoder encoder = { repo, NULL, { NULL, 0, 0 }, { { 0 }, 0 } };
	irmin_rc rc = encode(&encoder, node, err);

	*id = encoder.id;
	return rc;
}

irmin_rc irmin__place_find_id(irmin_repo *repo, irmin__place place,
    irmin_oid *id, irmin_error *err)
{
	if (irmin__place_id(place, id))
		return IRMIN_OK;
	return irmin__node_id(repo, irmin__place_child(place), id, err);
}

irmin_rc irmin__tree_collect(irmin_tree *tree, irmin__batch *batch,
    irmin_oid *id, irmin_error *err)
{
	struct encoder encoder = { batch->repo, batch, { NULL, 0, 0 },
		{ { 0 }, 0 } };
	irmin__node *root = irmin__tree_loaded_root(tree);
	irmin_rc rc;

	*id = tree->id;
	if (!root)
		return IRMIN_OK;
	rc = IRMIN__VEC_RESERVE(&batch->trees, 1, err);
	if (rc < 0)
		return rc;
	IRMIN__VEC_PUSH(&batch->trees, irmin_tree_ref(tree));
	rc = encode(&encoder, root, err);
	*id = encoder.id;
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
