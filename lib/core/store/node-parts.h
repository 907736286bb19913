/* lib/core/store/node-parts.h: the inside of directories, for node-*.c.
 *
 *   node.c         life and death, what becomes known of a frozen node
 *   node-decode.c  from a backend's bytes
 *   node-find.c    names
 *   node-cursor.c  ranks and order
 *   node-leaf.c    leaves changed in place
 *   node-copy.c    copied leaves
 *   node-small.c   small values in leaves
 *   node-fan.c     changed fans
 *   node-split.c   room for what comes, mending after what went
 *   node-edit.c    changed directories
 *   node-splice.c  what has changed, for who stores it
 */
#ifndef IRMIN_STORE_NODE_PARTS_H
#define IRMIN_STORE_NODE_PARTS_H

#include "lib/core/store/node.h"

/* Entries of a leaf, pieces of a fan; docs/design/trees.md has what other numbers
 * cost. */
#define IRMIN__PIECE_MOST 32

static inline int irmin__piece_is_full(const irmin__node *piece)
{
	return piece->count >= IRMIN__PIECE_MOST;
}

/* ---- node.c ---- */

void irmin__pinned_unref(irmin__pinned *pinned);

/* Whether the backend has what an entry of this mode points to. */
int irmin__child_is_stored(irmin_mode mode, void *child);

/* ---- node-decode.c ---- */

/* The same directory with the modes that git writes. Fails: ENOMEM. */
irmin_rc irmin__node_canonical(const irmin__node *dir, irmin__node **made,
    irmin_error *err);

/* ---- node-find.c ---- */

/* Fan `i` on a trail in a directory that has this root. */
static inline irmin__node *irmin__trail_fan(const irmin__trail *trail,
    irmin__node *root, size_t i)
{
	irmin__node *fan = root;
	size_t above;

	for (above = 0; above < i; above++)
		fan = fan->slots[trail->at[above]].piece;
	return fan;
}

/* The trail to an entry of this name and kind, or to where it would be. */
void irmin__trail_seek(irmin__trail *trail, irmin__node *dir, irmin_slice name,
    int is_tree);

/* The key of a piece by its first name. */
uint64_t irmin__piece_key(irmin__node *piece);

/* ---- node-leaf.c ---- */

/* What a change's entry takes in the encoding. */
size_t irmin__change_bytes(const irmin__node *leaf,
    const irmin__node_change *change);

/* Writes the record of entry `at`, and its bytes at `offset`: places that are free
 * for them. There is room for a small value. */
void irmin__leaf_write(irmin__node *leaf, size_t at, size_t offset,
    const irmin__node_change *change);

/* Makes a change at `at`: `gone` (0 or 1) entries go, and `change` comes if that
 * is not NULL. Its child is taken over on success. Nothing fails that only takes
 * away. Fails: ENOMEM. */
irmin_rc irmin__leaf_change(irmin__node *leaf, size_t at, size_t gone,
    const irmin__node_change *change, irmin_error *err);

/* Moves the entries from `at` on to a leaf of their own. */
irmin_rc irmin__leaf_split(irmin__node *leaf, size_t at, irmin__node **right,
    irmin_error *err);

/* ---- node-copy.c ---- */

/* A copy of a leaf with a change, as above. Fails: ENOMEM. */
irmin_rc irmin__leaf_copy(const irmin__node *leaf, uint64_t owner, size_t at,
    size_t gone, const irmin__node_change *change, irmin__node **copy,
    irmin_error *err);

/* A copy of the entries [from, to) of two leaves, one behind the other. */
irmin_rc irmin__leaf_gather(irmin__node *const leaves[2], uint64_t owner,
    size_t from, size_t to, irmin__node **made, irmin_error *err);

/* ---- node-small.c ---- */

/* Gives an entry a small value; there is room. */
void irmin__leaf_put_small(irmin__node *leaf, irmin__node_entry *entry,
    irmin_slice value);

void irmin__leaf_drop_small(irmin__node *leaf, const irmin__node_entry *entry);

/* Copies all small values into a leaf that has none yet, but will not have the
 * entry at `at`, if that is `gone`. */
void irmin__leaf_copy_smalls(irmin__node *copy, const irmin__node *leaf,
    size_t at, size_t gone);

/* ---- node-fan.c ---- */

irmin_rc irmin__fan_new(irmin_hash_algo algo, uint64_t owner, uint8_t level,
    size_t cap, irmin__node **fan, irmin_error *err);

/* Adds a piece behind the others; there is room, and the reference is taken
 * over. */
void irmin__fan_append(irmin__node *fan, irmin__node *piece, uint64_t key);

irmin_rc irmin__fan_copy(irmin__node *fan, uint64_t owner, irmin__node **copy,
    irmin_error *err);

/* Makes room for one more piece. */
irmin_rc irmin__fan_reserve(irmin__node *fan, irmin_error *err);

/* Puts a piece, whose reference is taken over, before that at `at`. */
void irmin__fan_insert(irmin__node *fan, size_t at, irmin__node *piece);

/* Puts a piece, whose reference is taken over, in the place of one. */
void irmin__fan_set(irmin__node *fan, size_t at, irmin__node *piece);

void irmin__fan_remove(irmin__node *fan, size_t at);

/* Counts a piece again that has changed in place. */
void irmin__fan_recount(irmin__node *fan, size_t at);

/* As of leaves. */
irmin_rc irmin__fan_gather(irmin__node *const fans[2], uint64_t owner,
    size_t from, size_t to, irmin__node **made, irmin_error *err);
irmin_rc irmin__fan_split(irmin__node *fan, size_t at, irmin__node **right,
    irmin_error *err);

/* ---- node-split.c: all of it changes pieces, and no contents ---- */

/* A copy of a piece that the owner may change. */
irmin_rc irmin__piece_own(irmin__node *piece, uint64_t owner,
    irmin__node **copy, irmin_error *err);

/* Sees to it that the leaf where an entry of this name and kind would come is
 * the owner's and has room in its number. The root is the owner's. */
irmin_rc irmin__node_make_room(irmin__node *root, irmin_slice name, int is_tree,
    irmin_error *err);

/* After something was removed where a trail leads, all of which is the owner's:
 * joins pieces that have become small with others. Where there is no memory for
 * that, they stay. */
void irmin__node_mend(const irmin__trail *trail, irmin__node *root);

#endif
