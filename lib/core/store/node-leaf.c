/* Directories in memory: leaves of the edit's own, which are changed where they
 * lie; they move into a growing block when there is no room. */
#include "lib/core/base/error.h"
#include "lib/core/store/node-parts.h"
#include <irmin/alloc.h>

/* ---- one entry ---- */

/* Counts the flags of an entry in (1) or out (-1) of its leaf. */
static void count_flags(irmin__node *leaf, const irmin__node_entry *entry,
    int by)
{
	if (entry->flags & IRMIN__ENTRY_FRESH)
		leaf->fresh += (uint32_t)by;
	if (entry->flags & IRMIN__ENTRY_NO_ID)
		leaf->no_id += (uint32_t)by;
}

static void drop_child(irmin__node *leaf, size_t at)
{
	void *child = irmin__node_child(leaf, at);

	if (irmin__node_is_small(leaf, at))
		irmin__leaf_drop_small(leaf, &leaf->entries[at]);
	else if (irmin__node_is_tree(leaf, at))
		irmin__node_unref(child);
	else
		irmin__blob_unref(child);
}

static void put_child(irmin__node *leaf, irmin__node_entry *entry,
    const irmin__node_change *change)
{
	entry->flags = change->id ? 0 : IRMIN__ENTRY_NO_ID;
	if (change->small.is_there) {
		entry->flags |= IRMIN__ENTRY_FRESH | IRMIN__ENTRY_SMALL;
		irmin__leaf_put_small(leaf, entry,
		    irmin_bytes(change->small.bytes, change->small.len));
		return;
	}
	if (change->child &&
	    (!change->id ||
		!irmin__child_is_stored(change->mode, change->child)))
		entry->flags |= IRMIN__ENTRY_FRESH;
	atomic_init(&entry->child, change->child);
}

void irmin__leaf_write(irmin__node *leaf, size_t at, size_t offset,
    const irmin__node_change *change)
{
	irmin__node_entry *entry = &leaf->entries[at];
	irmin_oid none = { { 0 }, 0 };

	none.algo = leaf->algo;
	irmin__tree_entry_encode(change->name, change->mode,
	    change->id ? change->id : &none, leaf->bytes + offset);
	entry->offset = (uint32_t)offset;
	entry->mode = (uint16_t)change->mode;
	entry->mode_bytes = change->mode == IRMIN_MODE_TREE ? 5 : 6;
	put_child(leaf, entry, change);
	count_flags(leaf, entry, 1);
}

size_t irmin__change_bytes(const irmin__node *leaf,
    const irmin__node_change *change)
{
	return irmin__tree_entry_bytes(change->name, change->mode,
	    (irmin_hash_algo)leaf->algo);
}

/* ---- in place ---- */

/* Puts the small values of the entries into the leaf again, from a block that
 * ended at `end`. */
static void put_smalls(irmin__node *leaf, const unsigned char *end)
{
	irmin__node_entry *entry;
	size_t i;

	leaf->small_bytes = leaf->small_used = 0;
	for (i = 0; i < leaf->count; i++) {
		entry = &leaf->entries[i];
		if (entry->flags & IRMIN__ENTRY_SMALL)
			irmin__leaf_put_small(leaf, entry,
			    irmin_bytes(end - entry->small.back,
				entry->small.len));
	}
}

/* Moves all that a leaf has into a block of its own. */
static irmin_rc grow(irmin__node *leaf, size_t cap, size_t bytes_cap,
    irmin_error *err)
{
	irmin__node_entry *entries = NULL;
	const unsigned char *old = leaf->bytes, *end = old + leaf->bytes_cap;

	if (bytes_cap <= SIZE_MAX / 2 && cap <= SIZE_MAX / 2 / sizeof *entries)
		entries = irmin_malloc(cap * sizeof *entries + bytes_cap);
	if (!entries)
		return irmin__enomem(err);
	leaf->bytes = (unsigned char *)(entries + cap);
	leaf->cap = (uint32_t)cap;
	leaf->bytes_cap = bytes_cap;
	if (leaf->count) {
		memcpy((void *)entries, (void *)leaf->entries,
		    leaf->count * sizeof *entries);
		memcpy(leaf->bytes, old, leaf->len);
	}
	leaf->entries = entries;
	put_smalls(leaf, end);
	irmin_free(leaf->room);
	leaf->room = entries;
	return IRMIN_OK;
}

/* Makes room for `count` (0 or 1) more entries, and bytes. No leaf outgrows the
 * most it may have, and its bytes grow in step with its entries. */
static irmin_rc reserve(irmin__node *leaf, size_t count, size_t bytes,
    irmin_error *err)
{
	size_t cap = leaf->cap, need = leaf->len + bytes, usual;

	if (leaf->count + count <= cap &&
	    need + leaf->small_bytes <= leaf->bytes_cap)
		return IRMIN_OK;
	if (leaf->count + count > cap) {
		cap += cap / 4 + 4;
		if (cap > IRMIN__PIECE_MOST && leaf->count < IRMIN__PIECE_MOST)
			cap = IRMIN__PIECE_MOST;
	}
	need += leaf->small_used;
	usual = need / (leaf->count + count) * cap;
	return grow(leaf, cap, usual > need ? usual : need, err);
}
/* Adds to the offsets from entry `at` on; unsigned, so it also subtracts. */
static void move_offsets(irmin__node *leaf, size_t at, uint32_t by)
{
	size_t i;

	for (i = at; i < leaf->count; i++)
		leaf->entries[i].offset += by;
}

/* Makes way for an entry of `bytes` at `at`, and returns its offset. */
static size_t open_gap(irmin__node *leaf, size_t at, size_t bytes)
{
	size_t offset = at < leaf->count ? leaf->entries[at].offset : leaf->len;
	irmin__node_entry *entry = &leaf->entries[at];

	memmove(leaf->bytes + offset + bytes, leaf->bytes + offset,
	    leaf->len - offset);
	memmove((void *)(entry + 1), (void *)entry,
	    (leaf->count - at) * sizeof *entry);
	leaf->len += bytes;
	leaf->count++;
	move_offsets(leaf, at + 1, (uint32_t)bytes);
	return offset;
}

static void remove_entry(irmin__node *leaf, size_t at)
{
	irmin__node_entry *entry = &leaf->entries[at];
	size_t offset = entry->offset, end = irmin__node_entry_end(leaf, at);

	drop_child(leaf, at);
	count_flags(leaf, entry, -1);
	memmove(leaf->bytes + offset, leaf->bytes + end, leaf->len - end);
	memmove((void *)entry, (void *)(entry + 1),
	    (leaf->count - at - 1) * sizeof *entry);
	leaf->len -= end - offset;
	leaf->count--;
	move_offsets(leaf, at, (uint32_t)(offset - end));
}

/* Puts another child of the same kind under a name that is there. */
static irmin_rc replace_entry(irmin__node *leaf, size_t at,
    const irmin__node_change *change, irmin_error *err)
{
	irmin_rc rc = reserve(leaf, 0, change->small.len, err);

	if (rc < 0)
		return rc;
	drop_child(leaf, at);
	count_flags(leaf, &leaf->entries[at], -1);
	irmin__leaf_write(leaf, at, leaf->entries[at].offset, change);
	return IRMIN_OK;
}

irmin_rc irmin__leaf_change(irmin__node *leaf, size_t at, size_t gone,
    const irmin__node_change *change, irmin_error *err)
{
	size_t bytes;
	irmin_rc rc;

	if (!change) {
		if (gone)
			remove_entry(leaf, at);
		return IRMIN_OK;
	}
	if (gone)
		return replace_entry(leaf, at, change, err);
	bytes = irmin__change_bytes(leaf, change);
	rc = reserve(leaf, 1, bytes + change->small.len, err);
	if (rc >= 0)
		irmin__leaf_write(leaf, at, open_gap(leaf, at, bytes), change);
	return rc;
}

/* Moves the entries from `at` on to a leaf that has room for them. */
static void move_entries(irmin__node *leaf, size_t at, irmin__node *right)
{
	size_t count = leaf->count - at, offset = leaf->entries[at].offset, i;

	memcpy((void *)right->entries, (void *)(leaf->entries + at),
	    count * sizeof *right->entries);
	memcpy(right->bytes, leaf->bytes + offset, leaf->len - offset);
	right->count = (uint32_t)count;
	right->len = leaf->len - offset;
	leaf->count = (uint32_t)at;
	leaf->len = offset;
	move_offsets(right, 0, (uint32_t)(0 - offset));
	put_smalls(right, leaf->bytes + leaf->bytes_cap);
	leaf->small_used -= right->small_used;
	for (i = 0; i < count; i++) {
		count_flags(right, &right->entries[i], 1);
		count_flags(leaf, &right->entries[i], -1);
	}
}

/* An empty leaf with its block apart: one that lies behind the leaf is lost when
 * the leaf grows. */
static irmin_rc new_growing(const irmin__node *like, size_t cap,
    size_t bytes_cap, irmin__node **leaf, irmin_error *err)
{
	irmin__node *made;
	irmin_rc rc = irmin__node_new((irmin_hash_algo)like->algo, like->owner,
	    0, 0, &made, err);

	*leaf = NULL;
	if (rc >= 0)
		rc = grow(made, cap, bytes_cap, err);
	if (rc < 0)
		irmin__node_unref(made);
	else
		*leaf = made;
	return rc;
}

/* Both halves have some room to grow: most splits come before an entry. What
 * moves as a whole is split next. */
irmin_rc irmin__leaf_split(irmin__node *leaf, size_t at, irmin__node **right,
    irmin_error *err)
{
	size_t count = leaf->count - at, i;
	size_t bytes = leaf->len - leaf->entries[at].offset;
	irmin_rc rc;

	for (i = at; i < leaf->count; i++)
		if (irmin__node_is_small(leaf, i))
			bytes += leaf->entries[i].small.len;
	rc = new_growing(leaf, at ? count + count / 4 : count,
	    at ? bytes + bytes / 4 : bytes, right, err);
	if (rc < 0)
		return rc;
	move_entries(leaf, at, *right);
	bytes = leaf->len + leaf->small_used;
	if (at && leaf->room) /* without memory it keeps its large block */
		grow(leaf, at + at / 4, bytes + bytes / 4, NULL);
	return IRMIN_OK;
}
