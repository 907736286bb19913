/* Directories in memory: making a changed one.
 *
 * A node of somebody else is copied once, with the change already in it, in a
 * block of exactly the size it needs. A node of the edit's own is changed where
 * it lies; it moves into a growing block when there is no room.
 */
#include "lib/core/base/error.h"
#include "lib/core/store/node.h"
#include <irmin/alloc.h>

/* ---- one entry ---- */

/* Counts the flags of an entry in (1) or out (-1) of its node. */
static void count_flags(irmin__node *node, const irmin__node_entry *entry,
    int by)
{
	if (entry->flags & IRMIN__ENTRY_FRESH)
		node->fresh += (uint32_t)by;
	if (entry->flags & IRMIN__ENTRY_NO_ID)
		node->no_id += (uint32_t)by;
}

static int is_stored(irmin_mode mode, void *child)
{
	irmin__blob *blob = child;

	if (mode == IRMIN_MODE_TREE)
		return irmin__node_is_stored(child);
	return atomic_load_explicit(&blob->stored, memory_order_acquire);
}

static void drop_child(const irmin__node *node, size_t at)
{
	void *child = irmin__node_child(node, at);

	if (irmin__node_is_tree(node, at))
		irmin__node_unref(child);
	else
		irmin__blob_unref(child);
}

/* Writes an entry's record and bytes at a place that is free for them. */
static void write_entry(irmin__node *node, size_t at, size_t offset,
    const irmin__node_change *change)
{
	irmin__node_entry *entry = &node->entries[at];
	irmin_oid none = { { 0 }, 0 };

	none.algo = node->algo;
	irmin__tree_entry_encode(change->name, change->mode,
	    change->id ? change->id : &none, node->bytes + offset);
	entry->offset = (uint32_t)offset;
	entry->mode = (uint16_t)change->mode;
	entry->mode_bytes = change->mode == IRMIN_MODE_TREE ? 5 : 6;
	entry->flags = change->id ? 0 : IRMIN__ENTRY_NO_ID;
	if (change->child &&
	    (!change->id || !is_stored(change->mode, change->child)))
		entry->flags |= IRMIN__ENTRY_FRESH;
	atomic_init(&entry->child, change->child);
	count_flags(node, entry, 1);
}

static size_t entry_bytes(const irmin__node *node,
    const irmin__node_change *change)
{
	return irmin__tree_entry_bytes(change->name, change->mode,
	    (irmin_hash_algo)node->algo);
}

/* ---- a copy ---- */

/* Notes what became known of a fresh child since it was put there: its id, and
 * that it is stored. */
static void refresh(irmin__node *copy, irmin__node_entry *entry,
    size_t id_offset, void *child)
{
	const irmin_oid *id = NULL;

	if (is_stored((irmin_mode)entry->mode, child))
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
    const irmin__node *node, size_t at)
{
	const irmin__node_entry *from = &node->entries[at];
	irmin__node_entry *entry = &copy->entries[copy->count++];
	void *child = irmin__node_child(node, at);

	entry->offset = (uint32_t)offset;
	entry->mode = from->mode;
	entry->mode_bytes = from->mode_bytes;
	entry->flags = from->flags;
	atomic_init(&entry->child, NULL);
	if (!child)
		return;
	if (entry->flags)
		refresh(copy, entry,
		    offset + irmin__node_id_offset(node, at) - from->offset,
		    child);
	adopt_child(entry, child);
}

/* Appends an entry with its mode as git would write it. */
static void append_canonical(irmin__node *copy, const irmin__node *node,
    size_t at)
{
	irmin_oid id = irmin__oid_of_bytes((irmin_hash_algo)node->algo,
	    node->bytes + irmin__node_id_offset(node, at));

	append_record(copy, copy->len, node, at);
	copy->entries[copy->count - 1].mode_bytes =
	    irmin__node_is_tree(node, at) ? 5 : 6;
	copy->len += irmin__tree_entry_encode(irmin__node_name(node, at),
	    irmin__node_mode(node, at), &id, copy->bytes + copy->len);
}

/* Appends the entries [from, to) of a node, and their children. */
static void append_range(irmin__node *copy, const irmin__node *node,
    size_t from, size_t to)
{
	size_t i, begin, bytes;

	if (from >= to)
		return;
	if (node->flags & IRMIN__TREE_ODD_MODE) {
		for (i = from; i < to; i++)
			append_canonical(copy, node, i);
		return;
	}
	begin = node->entries[from].offset;
	bytes = irmin__node_entry_end(node, to - 1) - begin;
	memcpy(copy->bytes + copy->len, node->bytes + begin, bytes);
	for (i = from; i < to; i++)
		append_record(copy, copy->len + node->entries[i].offset - begin,
		    node, i);
	copy->len += bytes;
}

static void append_change(irmin__node *copy, const irmin__node_change *change)
{
	size_t offset = copy->len;

	copy->len += entry_bytes(copy, change);
	write_entry(copy, copy->count++, offset, change);
}

/* `gone` is the entry that goes away, or the count; `place` is where the new one
 * comes before, or the count + 1 if there is none. */
static irmin_rc copy_with(const irmin__node *node, uint64_t owner, size_t gone,
    size_t place, const irmin__node_change *change, irmin__node **result,
    irmin_error *err)
{
	size_t count = node->count;
	int adds = place <= count;
	irmin__node *copy;
	irmin_rc rc;

	rc = irmin__node_new((irmin_hash_algo)node->algo, owner, count + adds,
	    node->len + (adds ? entry_bytes(node, change) : 0), &copy, err);
	if (rc < 0)
		return rc;
	if (adds && place <= gone) {
		append_range(copy, node, 0, place);
		append_change(copy, change);
		append_range(copy, node, place, gone);
		append_range(copy, node, gone + 1, count);
	} else {
		append_range(copy, node, 0, gone);
		append_range(copy, node, gone + 1, adds ? place : count);
		if (adds) {
			append_change(copy, change);
			append_range(copy, node, place, count);
		}
	}
	*result = copy;
	return IRMIN_OK;
}

/* ---- in place ---- */

/* Moves entries and bytes into a block of their own. */
static irmin_rc grow(irmin__node *node, size_t cap, size_t bytes_cap,
    irmin_error *err)
{
	irmin__node_entry *entries = NULL;

	if (bytes_cap <= SIZE_MAX / 2 && cap <= SIZE_MAX / 2 / sizeof *entries)
		entries = irmin_malloc(cap * sizeof *entries + bytes_cap);
	if (!entries)
		return irmin__enomem(err);
	memcpy((void *)entries, (void *)node->entries,
	    node->count * sizeof *entries);
	memcpy(entries + cap, node->bytes, node->len);
	irmin_free(node->room);
	node->room = node->entries = entries;
	node->bytes = (unsigned char *)(entries + cap);
	node->cap = (uint32_t)cap;
	node->bytes_cap = bytes_cap;
	return IRMIN_OK;
}

/* Makes room for one more entry of `bytes`. */
static irmin_rc reserve(irmin__node *node, size_t bytes, irmin_error *err)
{
	size_t cap = node->cap, bytes_cap = node->bytes_cap;

	if (node->count < cap && node->len + bytes <= bytes_cap)
		return IRMIN_OK;
	if (node->count == cap)
		cap += cap / 2 + 4;
	if (node->len + bytes > bytes_cap)
		bytes_cap = node->len + bytes + node->len / 2;
	return grow(node, cap, bytes_cap, err);
}

/* Adds to the offsets from entry `at` on; unsigned, so it also subtracts. */
static void move_offsets(irmin__node *node, size_t at, uint32_t by)
{
	size_t i;

	for (i = at; i < node->count; i++)
		node->entries[i].offset += by;
}

/* Makes way for an entry of `bytes` at `at`, and returns its offset. */
static size_t open_gap(irmin__node *node, size_t at, size_t bytes)
{
	size_t offset = at < node->count ? node->entries[at].offset : node->len;
	irmin__node_entry *entry = &node->entries[at];

	memmove(node->bytes + offset + bytes, node->bytes + offset,
	    node->len - offset);
	memmove((void *)(entry + 1), (void *)entry,
	    (node->count - at) * sizeof *entry);
	node->len += bytes;
	node->count++;
	move_offsets(node, at + 1, (uint32_t)bytes);
	return offset;
}

static void remove_entry(irmin__node *node, size_t at)
{
	irmin__node_entry *entry = &node->entries[at];
	size_t offset = entry->offset, end = irmin__node_entry_end(node, at);

	drop_child(node, at);
	count_flags(node, entry, -1);
	memmove(node->bytes + offset, node->bytes + end, node->len - end);
	memmove((void *)entry, (void *)(entry + 1),
	    (node->count - at - 1) * sizeof *entry);
	node->len -= end - offset;
	node->count--;
	move_offsets(node, at, (uint32_t)(offset - end));
}

static void insert_entry(irmin__node *node, size_t at,
    const irmin__node_change *change)
{
	size_t offset = open_gap(node, at, entry_bytes(node, change));

	write_entry(node, at, offset, change);
}

static void replace_entry(irmin__node *node, size_t at,
    const irmin__node_change *change)
{
	drop_child(node, at);
	count_flags(node, &node->entries[at], -1);
	write_entry(node, at, node->entries[at].offset, change);
}

/* ---- both ---- */

irmin_rc irmin__node_apply(irmin__node *node, uint64_t owner,
    const irmin__node_change *change, irmin__node **result, irmin_error *err)
{
	irmin__place there;
	int found = irmin__node_find(node, change->name, &there);
	size_t at = there.at;
	int is_tree = change->mode == IRMIN_MODE_TREE;
	int same_kind = found && irmin__node_is_tree(node, at) == is_tree;
	int adds = change->mode != IRMIN_MODE_NONE;
	size_t gone = found ? at : node->count, place = (size_t)node->count + 1;
	irmin_rc rc;

	*result = NULL;
	if (adds)
		place = same_kind
		    ? at
		    : irmin__leaf_place(node, change->name, is_tree);
	if (node->owner != owner)
		return copy_with(node, owner, gone, place, change, result, err);
	rc = adds && !same_kind ? reserve(node, entry_bytes(node, change), err)
				: IRMIN_OK;
	if (rc < 0)
		return rc;
	if (adds && same_kind)
		replace_entry(node, at, change);
	else if (found)
		remove_entry(node, at);
	if (adds && !same_kind)
		insert_entry(node, place > gone ? place - 1 : place, change);
	*result = node;
	return IRMIN_OK;
}
