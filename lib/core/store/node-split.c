/* Directories in memory: pieces that become too large or too small.
 *
 * Room is made from the top down: a full piece is split while its fan, which was
 * looked at before, still has room. Each step leaves the contents as they are, so
 * one that fails needs no undoing.
 */
#include "lib/core/base/error.h"
#include "lib/core/store/node-parts.h"
#include <irmin/alloc.h>

irmin_rc irmin__piece_own(irmin__node *piece, uint64_t owner,
    irmin__node **copy, irmin_error *err)
{
	if (irmin__node_is_fan(piece))
		return irmin__fan_copy(piece, owner, copy, err);
	return irmin__leaf_copy(piece, owner, piece->count, 0, NULL, copy, err);
}

/* Puts the contents of a copy that nobody else has into a node in place of its
 * own, which is empty or was moved away. */
static void take_contents(irmin__node *node, irmin__node *copy)
{
	irmin_free(node->room);
	node->room = copy;
	node->level = copy->level;
	node->count = copy->count;
	node->cap = copy->cap;
	node->fresh = copy->fresh;
	node->no_id = copy->no_id;
	node->length = copy->length;
	node->len = copy->len;
	node->bytes_cap = copy->bytes_cap;
	node->small_bytes = copy->small_bytes;
	node->small_used = copy->small_used;
	node->entries = copy->entries;
	node->bytes = copy->bytes;
	node->slots = copy->slots;
}

/* ---- room ---- */

/* Makes a root the fan of a single piece, which has what was in it. */
static irmin_rc push_down(irmin__node *root, irmin_error *err)
{
	irmin_hash_algo algo = (irmin_hash_algo)root->algo;
	irmin__node *down = NULL, *fan;
	irmin_rc rc;

	rc = irmin__fan_new(algo, root->owner, (uint8_t)(root->level + 1), 4,
	    &fan, err);
	if (rc < 0)
		return rc;
	rc = irmin__node_is_fan(root) ? irmin__fan_split(root, 0, &down, err)
				      : irmin__leaf_split(root, 0, &down, err);
	if (rc < 0) {
		irmin__node_unref(fan);
		return rc;
	}
	irmin__fan_append(fan, down, 0);
	take_contents(root, fan);
	return IRMIN_OK;
}

/* Where to split a full piece when something comes in at `at`: who adds names in
 * order is to leave well filled pieces behind. */
static size_t cut_of(const irmin__node *piece, size_t at)
{
	size_t count = piece->count;

	if (at >= count)
		return count - count / 8;
	return at ? count / 2 : count / 4;
}

/* Splits the piece at `at` of a fan that has room. */
static irmin_rc split(irmin__node *fan, size_t at, size_t cut, irmin_error *err)
{
	irmin__node *piece = fan->slots[at].piece, *right;
	irmin_rc rc = irmin__fan_reserve(fan, err);

	if (rc < 0)
		return rc;
	rc = irmin__node_is_fan(piece)
	    ? irmin__fan_split(piece, cut, &right, err)
	    : irmin__leaf_split(piece, cut, &right, err);
	if (rc < 0)
		return rc;
	irmin__fan_recount(fan, at);
	irmin__fan_insert(fan, at + 1, right);
	return IRMIN_OK;
}

/* Makes the piece at `at` the owner's, if it is not. */
static irmin_rc own_piece(irmin__node *fan, size_t at, irmin_error *err)
{
	irmin__node *copy;
	irmin_rc rc;

	if (fan->slots[at].piece->owner == fan->owner)
		return IRMIN_OK;
	rc = irmin__piece_own(fan->slots[at].piece, fan->owner, &copy, err);
	if (rc >= 0)
		irmin__fan_set(fan, at, copy);
	return rc;
}

/* One step: the fan at `depth` of the trail is the owner's and has room. */
static irmin_rc make_room_below(const irmin__trail *trail, irmin__node *root,
    size_t depth, irmin_error *err)
{
	irmin__node *fan = irmin__trail_fan(trail, root, depth);
	size_t at = trail->at[depth];
	size_t below = depth + 1 < trail->depth
	    ? (size_t)trail->at[depth + 1] + 1
	    : trail->place.at;
	irmin_rc rc = own_piece(fan, at, err);

	if (rc < 0 || !irmin__piece_is_full(fan->slots[at].piece))
		return rc;
	return split(fan, at, cut_of(fan->slots[at].piece, below), err);
}

irmin_rc irmin__node_make_room(irmin__node *root, irmin_slice name, int is_tree,
    irmin_error *err)
{
	irmin__trail trail;
	size_t depth;
	irmin_rc rc = IRMIN_OK;

	if (irmin__piece_is_full(root) && root->level < IRMIN__LEVELS)
		rc = push_down(root, err);
	irmin__trail_seek(&trail, root, name, is_tree);
	for (depth = 0; rc >= 0 && depth < trail.depth; depth++) {
		rc = make_room_below(&trail, root, depth, err);
		irmin__trail_seek(&trail, root, name, is_tree);
	}
	return rc;
}

/* ---- mending ---- */

static irmin_rc gather(irmin__node *const pieces[2], uint64_t owner,
    size_t from, size_t to, irmin__node **made)
{
	if (irmin__node_is_fan(pieces[0]))
		return irmin__fan_gather(pieces, owner, from, to, made, NULL);
	return irmin__leaf_gather(pieces, owner, from, to, made, NULL);
}

/* Makes one piece of two neighbours, or two of equal size. */
static void join(irmin__node *fan, size_t at)
{
	irmin__node *pieces[2] = { fan->slots[at].piece,
		fan->slots[at + 1].piece };
	size_t count = (size_t)pieces[0]->count + pieces[1]->count;
	size_t half = count <= IRMIN__PIECE_MOST ? count : count / 2;
	irmin__node *left, *right;

	if (gather(pieces, fan->owner, 0, half, &left) < 0)
		return;
	if (half == count) {
		irmin__fan_remove(fan, at + 1);
	} else if (gather(pieces, fan->owner, half, count, &right) < 0) {
		irmin__node_unref(left);
		return;
	} else {
		irmin__fan_set(fan, at + 1, right);
		fan->slots[at + 1].key = irmin__piece_key(right);
	}
	irmin__fan_set(fan, at, left);
}

static void mend_piece(irmin__node *fan, size_t at)
{
	const irmin__node *piece = fan->slots[at].piece;

	if (!piece->count)
		irmin__fan_remove(fan, at);
	else if (piece->count < IRMIN__PIECE_MOST / 4 && fan->count > 1)
		join(fan, at ? at - 1 : 0);
}

/* A root with a single piece takes its contents; a copy of them, as a root is no
 * piece of another directory. */
static void collapse(irmin__node *root)
{
	irmin__node *only, *copy;

	while (irmin__node_is_fan(root) && root->count == 1) {
		only = root->slots[0].piece;
		if (irmin__piece_own(only, root->owner, &copy, NULL) < 0)
			return;
		take_contents(root, copy);
		irmin__node_unref(only);
	}
}

void irmin__node_mend(const irmin__trail *trail, irmin__node *root)
{
	size_t i;

	for (i = trail->depth; i > 0; i--)
		mend_piece(irmin__trail_fan(trail, root, i - 1),
		    trail->at[i - 1]);
	if (irmin__node_is_fan(root) && !root->count) {
		root->level = 0;
		root->cap = 0;
	}
	collapse(root);
}
