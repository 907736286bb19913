/* Directories in memory: changed leaves.
 *
 * A leaf of somebody else is copied once, with the change already in it, in a
 * block of exactly the size it needs. A leaf of the edit's own is changed where
 * it lies; it moves into a growing block when there is no room.
 */
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

static void drop_child(const irmin__node *leaf, size_t at)
{
	void *child = irmin__node_child(leaf, at);

	if (irmin__node_is_tree(leaf, at))
		irmin__node_unref(child);
	else
		irmin__blob_unref(child);
}

/* Writes an entry's record and bytes at a place that is free for them. */
static void write_entry(irmin__node *leaf, size_t at, size_t offset,
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
	entry->flags = change->id ? 0 : IRMIN__ENTRY_NO_ID;
	if (change->child &&
	    (!change->id ||
		!irmin__child_is_stored(change->mode, change->child)))
		entry->flags |= IRMIN__ENTRY_FRESH;
	atomic_init(&entry->child, change->child);
	count_flags(leaf, entry, 1);
}

static size_t entry_bytes(const irmin__node *leaf,
    const irmin__node_change *change)
{
	return irmin__tree_entry_bytes(change->name, change->mode,
	    (irmin_hash_algo)leaf->algo);
}

/* ---- a copy ---- */

/* Notes what became known of a fresh child since it was put there: its id, and
 * that it is stored. */
static void refresh(irmin__node *copy, irmin__node_entry *entry,
    size_t id_offset, void *child)
{
	const irmin_oid *id = NULL;

	if (irmin__child_is_stored((irmin_mode)entry->mode, child))
		entry->flags &= (uint8_t)~IRMIN__ENTRY_FRESH;
	if (entry->flags & IRMIN__ENTRY_NO_ID)
		id = irmin__node_known_id(child);
	if (id) {
		memcpy(copy->bytes + id_offset, id->bytes, copy->id_bytes);
		entry->flags &= (uint8_t)~IRMIN__ENTRY_NO_ID;
	}
	count_flags(copy, entry, 1);
}

/* Takes a child along; the bytes of a value that is stored are let go. */
static void adopt_child(irmin__node_entry *entry, void *child)
{
	if (entry->mode == IRMIN_MODE_TREE)
		atomic_init(&entry->child, irmin__node_ref(child));
	else if (entry->flags & IRMIN__ENTRY_FRESH)
		atomic_init(&entry->child, irmin__blob_ref(child));
}

/* Appends the record of an entry whose bytes begin at `offset` of the copy. */
static inline void append_record(irmin__node *copy, size_t offset,
    const irmin__node *leaf, size_t at)
{
	const irmin__node_entry *from = &leaf->entries[at];
	irmin__node_entry *entry = &copy->entries[copy->count++];
	void *child = irmin__node_child(leaf, at);

	entry->offset = (uint32_t)offset;
	entry->mode = from->mode;
	entry->mode_bytes = from->mode_bytes;
	entry->flags = from->flags;
	atomic_init(&entry->child, NULL);
	if (!child)
		return;
	if (entry->flags)
		refresh(copy, entry,
		    offset + irmin__node_id_offset(leaf, at) - from->offset,
		    child);
	adopt_child(entry, child);
}

/* Copies the bytes of the entries [from, to), but not the room of ids that are
 * not known: who computes them may be writing there. */
static void append_bytes(irmin__node *copy, const irmin__node *leaf,
    size_t from, size_t to)
{
	size_t begin = leaf->entries[from].offset, next, i;
	unsigned char *out = copy->bytes + copy->len;

	for (i = leaf->no_id ? from : to; i < to; i++) {
		if (!(leaf->entries[i].flags & IRMIN__ENTRY_NO_ID))
			continue;
		next = irmin__node_id_offset(leaf, i);
		memcpy(out, leaf->bytes + begin, next - begin);
		out += next - begin;
		memset(out, 0, leaf->id_bytes);
		out += leaf->id_bytes;
		begin = next + leaf->id_bytes;
	}
	memcpy(out, leaf->bytes + begin,
	    irmin__node_entry_end(leaf, to - 1) - begin);
}

/* Appends the entries [from, to) of a leaf, and their children. */
static void append_range(irmin__node *copy, const irmin__node *leaf,
    size_t from, size_t to)
{
	size_t i, begin;

	if (from >= to)
		return;
	begin = leaf->entries[from].offset;
	append_bytes(copy, leaf, from, to);
	for (i = from; i < to; i++)
		append_record(copy, copy->len + leaf->entries[i].offset - begin,
		    leaf, i);
	copy->len += irmin__node_entry_end(leaf, to - 1) - begin;
}

static void append_change(irmin__node *copy, const irmin__node_change *change)
{
	size_t offset = copy->len;

	copy->len += entry_bytes(copy, change);
	write_entry(copy, copy->count++, offset, change);
}

irmin_rc irmin__leaf_copy(const irmin__node *leaf, uint64_t owner, size_t at,
    size_t gone, const irmin__node_change *change, irmin__node **copy,
    irmin_error *err)
{
	size_t bytes = leaf->len + (change ? entry_bytes(leaf, change) : 0);
	size_t count = leaf->count - gone + (change != NULL), i;
	irmin_rc rc;

	for (i = at; i < at + gone; i++)
		bytes -= irmin__node_entry_end(leaf, i) -
		    leaf->entries[i].offset;
	rc = irmin__node_new((irmin_hash_algo)leaf->algo, owner, count, bytes,
	    copy, err);
	if (rc < 0)
		return rc;
	append_range(*copy, leaf, 0, at);
	if (change)
		append_change(*copy, change);
	append_range(*copy, leaf, at + gone, leaf->count);
	return IRMIN_OK;
}

irmin_rc irmin__leaf_gather(irmin__node *const leaves[2], uint64_t owner,
    size_t from, size_t to, irmin__node **made, irmin_error *err)
{
	size_t left = leaves[0]->count;
	irmin_rc rc;

	rc = irmin__node_new((irmin_hash_algo)leaves[0]->algo, owner, to - from,
	    leaves[0]->len + leaves[1]->len, made, err);
	if (rc < 0)
		return rc;
	append_range(*made, leaves[0], from, left < to ? left : to);
	append_range(*made, leaves[1], from > left ? from - left : 0,
	    to > left ? to - left : 0);
	return IRMIN_OK;
}

/* ---- in place ---- */

/* Moves entries and bytes into a block of their own. */
static irmin_rc grow(irmin__node *leaf, size_t cap, size_t bytes_cap,
    irmin_error *err)
{
	irmin__node_entry *entries = NULL;

	if (bytes_cap <= SIZE_MAX / 2 && cap <= SIZE_MAX / 2 / sizeof *entries)
		entries = irmin_malloc(cap * sizeof *entries + bytes_cap);
	if (!entries)
		return irmin__enomem(err);
	if (leaf->count) {
		memcpy((void *)entries, (void *)leaf->entries,
		    leaf->count * sizeof *entries);
		memcpy(entries + cap, leaf->bytes, leaf->len);
	}
	irmin_free(leaf->room);
	leaf->room = leaf->entries = entries;
	leaf->bytes = (unsigned char *)(entries + cap);
	leaf->cap = (uint32_t)cap;
	leaf->bytes_cap = bytes_cap;
	return IRMIN_OK;
}

/* Makes room for one more entry of `bytes`. No leaf outgrows the most it may
 * have, and its bytes grow in step with its entries. */
static irmin_rc reserve(irmin__node *leaf, size_t bytes, irmin_error *err)
{
	size_t cap = leaf->cap, bytes_cap = leaf->len + bytes, usual;

	if (leaf->count < cap && bytes_cap <= leaf->bytes_cap)
		return IRMIN_OK;
	if (leaf->count == cap) {
		cap += cap / 4 + 4;
		if (cap > IRMIN__PIECE_MOST && leaf->count < IRMIN__PIECE_MOST)
			cap = IRMIN__PIECE_MOST;
	}
	usual = bytes_cap / (leaf->count + 1) * cap;
	return grow(leaf, cap, usual > bytes_cap ? usual : bytes_cap, err);
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
static void replace_entry(irmin__node *leaf, size_t at,
    const irmin__node_change *change)
{
	drop_child(leaf, at);
	count_flags(leaf, &leaf->entries[at], -1);
	write_entry(leaf, at, leaf->entries[at].offset, change);
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
	if (gone) {
		replace_entry(leaf, at, change);
		return IRMIN_OK;
	}
	bytes = entry_bytes(leaf, change);
	rc = reserve(leaf, bytes, err);
	if (rc >= 0)
		write_entry(leaf, at, open_gap(leaf, at, bytes), change);
	return rc;
}

/* Both halves have some room to grow: most splits come before an entry. What
 * moves as a whole is split next. */
irmin_rc irmin__leaf_split(irmin__node *leaf, size_t at, irmin__node **right,
    irmin_error *err)
{
	size_t count = leaf->count - at, offset = leaf->entries[at].offset;
	size_t bytes = leaf->len - offset, i;
	size_t cap = at ? count + count / 4 : count;
	irmin__node *made;
	irmin_rc rc;

	rc = irmin__node_new((irmin_hash_algo)leaf->algo, leaf->owner, cap,
	    at ? bytes + bytes / 2 : bytes, &made, err);
	*right = made;
	if (rc < 0)
		return rc;
	memcpy((void *)made->entries, (void *)(leaf->entries + at),
	    count * sizeof *made->entries);
	memcpy(made->bytes, leaf->bytes + offset, bytes);
	made->count = (uint32_t)count;
	made->len = bytes;
	leaf->count = (uint32_t)at;
	leaf->len = offset;
	move_offsets(made, 0, (uint32_t)(0 - offset));
	for (i = 0; i < count; i++) {
		count_flags(made, &made->entries[i], 1);
		count_flags(leaf, &made->entries[i], -1);
	}
	if (at && leaf->room) /* without memory it keeps its large block */
		grow(leaf, at + at / 4, leaf->len + leaf->len / 4, NULL);
	return IRMIN_OK;
}
