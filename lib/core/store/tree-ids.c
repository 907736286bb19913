/* The ids of trees.
 *
 * A directory's leaves, one behind the other, are its object, but for the ids of
 * directories below it that were not known when the leaves were made:
 *
 *   | 40000 d NUL 00000000 | 100644 f NUL 8ab686ea |      before
 *   | 40000 d NUL e69de29b | 100644 f NUL 8ab686ea |      after
 *
 * Who has claimed a leaf writes them in place, and publishes the leaf as known;
 * nobody else reads or writes there before that, though anybody may read what
 * stands beside. Then nothing is copied to be hashed. What is known of a piece
 * below the root says that all its ids are in place; the root's says also what
 * they hash to.
 *
 * The walk is depth first, with a stack of its own. It claims on its way down
 * and publishes on its way up: ids.h says what that is good for.
 */
#include "lib/core/store/tree-walk.h"

#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/core/store/batch.h"

/* A piece that we have claimed. */
struct frame {
	irmin__node *node;
	uint32_t at;   /* the entry or piece that is looked at next */
	uint32_t left; /* entries without an id from there on */
	int is_root;   /* of its directory */
};

struct hashing {
	irmin_repo *repo;
	IRMIN__VEC(struct frame) frames;
	IRMIN__VEC(irmin_slice) parts; /* of the directory that is hashed */
};

/* Claims a piece, or waits until it is known. */
static irmin_rc enter(struct hashing *hashing, irmin__node *node, int is_root,
    irmin_error *err)
{
	struct frame frame = { node, 0, node->no_id, is_root };
	irmin_rc rc = IRMIN__VEC_RESERVE(&hashing->frames, 1, err);

	if (rc >= 0 &&
	    irmin__late_claim_or_wait(&hashing->repo->ids, &node->late))
		IRMIN__VEC_PUSH(&hashing->frames, frame);
	return rc;
}

static void leave(struct hashing *hashing, const irmin_oid *id)
{
	irmin__node *node = hashing->frames.items[--hashing->frames.len].node;

	if (id)
		irmin__late_publish(&hashing->repo->ids, &node->late, id);
	else
		irmin__late_give_up(&hashing->repo->ids, &node->late);
}

static irmin_rc gather_parts(struct hashing *hashing, irmin__node *dir,
    irmin_error *err)
{
	irmin__cursor cursor;
	irmin_rc rc = IRMIN_OK;

	hashing->parts.len = 0;
	irmin__cursor_init(&cursor, dir, 0);
	while (rc >= 0 && !irmin__cursor_is_end(&cursor)) {
		rc = IRMIN__VEC_RESERVE(&hashing->parts, 1, err);
		if (rc >= 0)
			IRMIN__VEC_PUSH(&hashing->parts,
			    irmin_bytes(cursor.place.leaf->bytes,
				cursor.place.leaf->len));
		cursor.place.at = cursor.place.leaf->count;
		irmin__cursor_next_leaf(&cursor);
	}
	return rc;
}

/* The id of a directory whose ids are all in place. */
static irmin_rc hash(struct hashing *hashing, irmin__node *dir, irmin_oid *id,
    irmin_error *err)
{
	irmin_rc rc;

	if (!irmin__node_is_fan(dir))
		return irmin__object_id(hashing->repo, IRMIN_OBJECT_TREE,
		    irmin_bytes(dir->bytes, dir->len), id, err);
	rc = gather_parts(hashing, dir, err);
	if (rc < 0)
		return rc;
	return irmin__object_id_parts(hashing->repo, IRMIN_OBJECT_TREE,
	    hashing->parts.items, hashing->parts.len, id, err);
}

static irmin_rc finish(struct hashing *hashing, const struct frame *frame,
    irmin_error *err)
{
	irmin_oid id = { { 0 }, 0 };
	irmin_rc rc = IRMIN_OK;

	if (frame->is_root)
		rc = hash(hashing, frame->node, &id, err);
	if (rc >= 0)
		leave(hashing, &id);
	return rc;
}

/* The next piece in which ids are missing. */
static irmin_rc advance_fan(struct hashing *hashing, struct frame *frame,
    irmin_error *err)
{
	const irmin__node_slot *slot = &frame->node->slots[frame->at];

	if (slot->no_id && !irmin__late_is_known(&slot->piece->late))
		return enter(hashing, slot->piece, 0, err);
	frame->left -= slot->no_id;
	frame->at++;
	return IRMIN_OK;
}

/* The next entry without an id: the child's, if that is known. */
static irmin_rc advance_leaf(struct hashing *hashing, struct frame *frame,
    irmin_error *err)
{
	irmin__node *leaf = frame->node, *child;
	const irmin_oid *known;

	while (!(leaf->entries[frame->at].flags & IRMIN__ENTRY_NO_ID))
		frame->at++;
	child = irmin__node_child(leaf, frame->at);
	known = irmin__node_known_id(child);
	if (!known)
		return enter(hashing, child, 1, err);
	memcpy(leaf->bytes + irmin__node_id_offset(leaf, frame->at),
	    known->bytes, leaf->id_bytes);
	frame->left--;
	frame->at++;
	return IRMIN_OK;
}

static irmin_rc advance(struct hashing *hashing, irmin_error *err)
{
	struct frame *frame = &hashing->frames.items[hashing->frames.len - 1];

	if (!frame->left)
		return finish(hashing, frame, err);
	if (irmin__node_is_fan(frame->node))
		return advance_fan(hashing, frame, err);
	return advance_leaf(hashing, frame, err);
}

static irmin_rc compute(irmin_repo *repo, irmin__node *dir, irmin_error *err)
{
	struct hashing hashing = { repo, { NULL, 0, 0 }, { NULL, 0, 0 } };
	irmin_rc rc = enter(&hashing, dir, 1, err);

	while (rc >= 0 && hashing.frames.len)
		rc = advance(&hashing, err);
	while (hashing.frames.len)
		leave(&hashing, NULL);
	IRMIN__VEC_CLEAR(&hashing.frames);
	IRMIN__VEC_CLEAR(&hashing.parts);
	return rc;
}

irmin_rc irmin__node_id(irmin_repo *repo, irmin__node *dir, irmin_oid *id,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	memset(id, 0, sizeof *id);
	if (!irmin__node_known_id(dir))
		rc = compute(repo, dir, err);
	if (rc >= 0)
		*id = *irmin__node_known_id(dir);
	return rc;
}

irmin_rc irmin__place_find_id(irmin_repo *repo, irmin__place place,
    irmin_oid *id, irmin_error *err)
{
	if (irmin__place_id(place, id))
		return IRMIN_OK;
	return irmin__node_id(repo, irmin__place_child(place), id, err);
}
