/* Directories in memory: copied leaves. A leaf of somebody else is copied once,
 * with the change already in it, in a block of exactly the size it needs. */
#include "lib/core/store/node-parts.h"

/* How a leaf is copied. What is known of all of it, that it is stored or that its
 * ids are in place, is known of each entry; so no child has to be looked at. */
struct terms {
	uint8_t kept;     /* the flags that entries keep */
	int known;        /* all ids are in place */
	int picks_smalls; /* one by one: not all at once */
};

static struct terms plan(const irmin__node *leaf)
{
	struct terms terms = { IRMIN__ENTRY_FRESH | IRMIN__ENTRY_NO_ID |
		    IRMIN__ENTRY_SMALL,
		!leaf->no_id || irmin__late_is_known(&leaf->late), 1 };

	if (atomic_load_explicit(&leaf->stored, memory_order_acquire))
		terms.kept &= (uint8_t) ~(
		    IRMIN__ENTRY_FRESH | IRMIN__ENTRY_SMALL);
	if (terms.known)
		terms.kept &= (uint8_t)~IRMIN__ENTRY_NO_ID;
	return terms;
}

/* The same of a leaf that is copied as a whole, but for an entry at `at` if that
 * is `gone`: as long as little room of small values is lost. */
static struct terms plan_whole(const irmin__node *leaf, size_t at, size_t gone)
{
	struct terms terms = plan(leaf);
	size_t lost = leaf->small_bytes - leaf->small_used;

	if (gone && irmin__node_is_small(leaf, at))
		lost += leaf->entries[at].small.len;
	terms.picks_smalls = lost > leaf->small_bytes / 4;
	return terms;
}

/* Takes a child along; the bytes of a value that is stored are let go. */
static inline void adopt_child(irmin__node_entry *entry,
    const irmin__node_entry *old)
{
	void *child = atomic_load_explicit(&old->child, memory_order_acquire);

	if (child && entry->mode == IRMIN_MODE_TREE)
		irmin__node_ref(child);
	else if (child && entry->flags & IRMIN__ENTRY_FRESH)
		irmin__blob_ref(child);
	else
		child = NULL;
	atomic_init(&entry->child, child);
}

/* Appends the records of the entries [from, to), whose bytes are moved by `by`;
 * the loop in which a commit spends most. */
static void append_records(irmin__node *copy, const irmin__node *leaf,
    size_t from, size_t to, uint32_t by, const struct terms *terms)
{
	const irmin__node_entry *old = leaf->entries + from;
	const irmin__node_entry *end = leaf->entries + to;
	irmin__node_entry *entry = copy->entries + copy->count;
	uint8_t kept = terms->kept;
	uint32_t fresh = 0, no_id = 0;

	for (; old < end; old++, entry++) {
		entry->offset = old->offset + by;
		entry->mode = old->mode;
		entry->mode_bytes = old->mode_bytes;
		entry->flags = old->flags & kept;
		fresh += entry->flags & IRMIN__ENTRY_FRESH;
		no_id += (entry->flags & IRMIN__ENTRY_NO_ID) != 0;
		if (!(old->flags & IRMIN__ENTRY_SMALL))
			adopt_child(entry, old);
		else if (!(kept & IRMIN__ENTRY_SMALL))
			atomic_init(&entry->child, NULL);
		else if (terms->picks_smalls)
			irmin__leaf_put_small(copy, entry,
			    irmin__node_small(leaf,
				(size_t)(old - leaf->entries)));
		else
			entry->small = old->small;
	}
	copy->count += (uint32_t)(to - from);
	copy->fresh += fresh;
	copy->no_id += no_id;
}

/* Copies the bytes of the entries [from, to), but not the room of ids that are
 * not known: who computes them may be writing there. */
static void append_bytes(irmin__node *copy, const irmin__node *leaf,
    size_t from, size_t to, const struct terms *terms)
{
	size_t begin = leaf->entries[from].offset, next, i;
	size_t end = irmin__node_entry_end(leaf, to - 1);
	unsigned char *out = copy->bytes + copy->len;

	if (!terms->known)
		memset(out, 0, end - begin);
	for (i = terms->known ? to : from; i < to; i++) {
		if (!(leaf->entries[i].flags & IRMIN__ENTRY_NO_ID))
			continue;
		next = irmin__node_id_offset(leaf, i);
		memcpy(out, leaf->bytes + begin, next - begin);
		out += next - begin + leaf->id_bytes;
		begin = next + leaf->id_bytes;
	}
	memcpy(out, leaf->bytes + begin, end - begin);
}

/* Appends the entries [from, to) of a leaf, and their children. */
static void append_range(irmin__node *copy, const irmin__node *leaf,
    size_t from, size_t to, const struct terms *terms)
{
	size_t begin;

	if (from >= to)
		return;
	begin = leaf->entries[from].offset;
	append_bytes(copy, leaf, from, to, terms);
	append_records(copy, leaf, from, to, (uint32_t)(copy->len - begin),
	    terms);
	copy->len += irmin__node_entry_end(leaf, to - 1) - begin;
}

static void append_change(irmin__node *copy, const irmin__node_change *change)
{
	size_t offset = copy->len;

	copy->len += irmin__change_bytes(copy, change);
	irmin__leaf_write(copy, copy->count++, offset, change);
}

irmin_rc irmin__leaf_copy(const irmin__node *leaf, uint64_t owner, size_t at,
    size_t gone, const irmin__node_change *change, irmin__node **copy,
    irmin_error *err)
{
	size_t count = leaf->count - gone + (change != NULL);
	struct terms terms = plan_whole(leaf, at, gone);
	size_t bytes = leaf->len;
	irmin_rc rc;

	if (terms.kept & IRMIN__ENTRY_SMALL)
		bytes += leaf->small_bytes;
	if (change)
		bytes += irmin__change_bytes(leaf, change) + change->small.len;
	if (gone)
		bytes -= irmin__node_entry_end(leaf, at) -
		    leaf->entries[at].offset;
	rc = irmin__node_new((irmin_hash_algo)leaf->algo, owner, count, bytes,
	    copy, err);
	if (rc < 0)
		return rc;
	if (terms.kept & IRMIN__ENTRY_SMALL && !terms.picks_smalls)
		irmin__leaf_copy_smalls(*copy, leaf, at, gone);
	append_range(*copy, leaf, 0, at, &terms);
	if (change)
		append_change(*copy, change);
	append_range(*copy, leaf, at + gone, leaf->count, &terms);
	return IRMIN_OK;
}

irmin_rc irmin__leaf_gather(irmin__node *const leaves[2], uint64_t owner,
    size_t from, size_t to, irmin__node **made, irmin_error *err)
{
	size_t left = leaves[0]->count;
	struct terms terms[2] = { plan(leaves[0]), plan(leaves[1]) };
	irmin_rc rc;

	rc = irmin__node_new((irmin_hash_algo)leaves[0]->algo, owner, to - from,
	    leaves[0]->len + leaves[0]->small_used + leaves[1]->len +
		leaves[1]->small_used,
	    made, err);
	if (rc < 0)
		return rc;
	append_range(*made, leaves[0], from, left < to ? left : to, &terms[0]);
	append_range(*made, leaves[1], from > left ? from - left : 0,
	    to > left ? to - left : 0, &terms[1]);
	return IRMIN_OK;
}
