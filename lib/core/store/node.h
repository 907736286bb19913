/* lib/core/store/node.h: one directory in memory.
 *
 * A directory is a tree of pieces, and a node is one piece. A *leaf* keeps some
 * entries in git's own encoding, and beside it one small record for each: where
 * it lies in those bytes, and the child, if that is in memory. A *fan* points to
 * pieces of the level below it, and knows of each how many entries and bytes it
 * has. The encodings of the leaves, one behind the other, are git's tree object.
 * A small directory is a single leaf; whatever the size, the directory is known
 * by its root piece, and only the root has an id.
 *
 * So nothing is formatted to be hashed or stored, and a change copies one leaf
 * and the fans above it, whatever the size of the directory. Bytes from a
 * backend are pinned by the leaves that lie in them, and not copied.
 *
 * A child is a node (of a directory) or a blob (a value that was set); both are
 * counted, and owned by the entries that point to them; so are pieces, by the
 * fans. Who walks down counts nothing: whoever holds the root holds everything
 * below it. A piece is never root of one directory and part of another. A small
 * value that was set has no blob: it lies in the leaf, and is copied with it.
 *
 * Frozen nodes are read by any number of threads at once. Three things are still
 * found out about them, each once, and published atomically: a child that is
 * loaded, the id, and that the backend has it. An edit changes in place the
 * nodes that carry its owner tag, and no others; what is above such a node in
 * its directory carries it too.
 */
#ifndef IRMIN_STORE_NODE_H
#define IRMIN_STORE_NODE_H

#include <stdatomic.h>
#include <string.h>

#include "lib/core/base/count.h"
#include "lib/core/base/vec.h"
#include "lib/core/object/hash.h"
#include "lib/core/object/tree-codec.h"
#include "lib/core/store/ids.h"
#include "lib/core/store/ledger.h"
#include <irmin/backend.h>

/* The bytes of a value that was set, or loaded. */
typedef struct irmin__blob {
	atomic_size_t refs;
	atomic_uint_fast64_t mark; /* the last batch that took it */
	irmin__ledger *ledger;     /* NULL: charged to none */
	atomic_uchar stored;
	size_t len;
	unsigned char bytes[];
} irmin__blob;

irmin_rc irmin__blob_new(irmin_slice bytes, irmin__blob **blob,
    irmin_error *err);
static inline irmin__blob *irmin__blob_ref(irmin__blob *blob)
{
	irmin__count_up(&blob->refs);
	return blob;
}

void irmin__blob_unref(irmin__blob *blob);

/* A stored value to be kept for the next who asks, or NULL: the ledger does not
 * admit it, or there is no memory. */
irmin__blob *irmin__blob_keep(irmin_slice bytes, irmin__ledger *ledger);

/* A reference to a blob, as the pin of its bytes. */
void irmin__blob_pin(irmin__blob *blob, irmin_pin *pin);

/* Values up to this size lie in their leaf until they are stored. */
#define IRMIN__SMALL_BYTES 24

typedef struct irmin__small {
	uint8_t is_there;
	uint8_t len;
	unsigned char bytes[IRMIN__SMALL_BYTES];
} irmin__small;

/* A pin of a copy of a small value: the leaf may change, or go. Fails: ENOMEM. */
irmin_rc irmin__small_pin(irmin_slice value, irmin_pin *pin, irmin_error *err);

enum irmin__entry_flag {
	IRMIN__ENTRY_FRESH = 1, /* its child may not be stored yet */
	IRMIN__ENTRY_NO_ID = 2, /* the bytes hold no id: ask the child */
	IRMIN__ENTRY_SMALL = 4  /* fresh, and it has a small value */
};

typedef struct irmin__node_entry {
	uint32_t offset;    /* where it begins in the node's bytes */
	uint16_t mode;      /* canonical */
	uint8_t mode_bytes; /* the digits of its mode as it stands there */
	uint8_t flags;
	union {
		_Atomic(void *) child; /* irmin__node or irmin__blob, or NULL */
		struct {
			uint32_t back; /* it begins so far before the end */
			uint32_t len;
		} small;
	};
} irmin__node_entry;

typedef struct irmin__node irmin__node;

/* What a fan knows of a piece. */
typedef struct irmin__node_slot {
	uint64_t key; /* node-find.c */
	irmin__node *piece;
	uint32_t length, bytes; /* its entries and their encoding */
	uint32_t fresh, no_id;  /* its entries with these flags */
} irmin__node_slot;

/* The bytes from a backend in which several leaves lie. */
typedef struct irmin__pinned {
	atomic_size_t refs;
	irmin_pin pin;
} irmin__pinned;

struct irmin__node {
	atomic_size_t refs;
	atomic_uint_fast64_t mark; /* the last batch that took it */
	atomic_uchar stored;
	uint8_t algo;
	uint8_t id_bytes;
	uint8_t level;         /* 0: a leaf; a fan is above its pieces */
	uint8_t flags;         /* of a leaf: enum irmin__tree_flag */
	uint32_t count, cap;   /* entries; of a fan: pieces */
	uint32_t fresh, no_id; /* entries with these flags */
	size_t length;         /* of a fan: entries in all its pieces */
	size_t len;            /* bytes of the encoding */
	size_t bytes_cap;      /* of a leaf's encoding and small values */
	uint32_t small_bytes;  /* of a leaf: room of small values, */
	uint32_t small_used;   /* and of those that are there */
	uint64_t owner;             /* the edit that may change it, or 0 */
	irmin__node_entry *entries; /* of a leaf */
	unsigned char *bytes;       /* of a leaf: behind the entries, or pinned */
	irmin__node_slot *slots;    /* of a fan */
	void *room; /* what all these lie in, if not behind the node */
	irmin__pinned *pinned;
	irmin__late_id late; /* of a piece below the root: that all ids are there */
	irmin__ledger *ledger; /* NULL: charged to none */
	size_t charged;
	_Atomic(irmin__node *) base; /* of a root: see irmin__node_derive */
	irmin__node *dead; /* the next one to be freed */
};

/* An empty leaf with room for entries: an empty directory. */
irmin_rc irmin__node_new(irmin_hash_algo algo, uint64_t owner, size_t cap,
    size_t bytes_cap, irmin__node **node, irmin_error *err);

/* The directory with these bytes, which the backend has. The pin is taken over
 * on success. If it is broken (out of order, a name twice) or has modes that git
 * would write otherwise, it is a single leaf of any size. Fails: ECORRUPT with
 * the offset, ELIMIT, ENOMEM. */
irmin_rc irmin__node_decode(const irmin_oid *id, irmin_pin *bytes,
    irmin__node **node, irmin_error *err);

static inline irmin__node *irmin__node_ref(irmin__node *node)
{
	irmin__count_up(&node->refs);
	return node;
}

void irmin__node_unref(irmin__node *node);

/* Charges the ledger for a directory that nobody else has yet, whatever it
 * says, or if it admits that. */
void irmin__node_charge(irmin__node *dir, irmin__ledger *ledger);
int irmin__node_admit(irmin__node *dir, irmin__ledger *ledger);

/* ---- a directory ---- */

static inline int irmin__node_is_fan(const irmin__node *node)
{
	return node->level > 0;
}

/* An entry of a directory: where in which of its leaves. It is borrowed, and
 * stays what it is until the directory changes in place. */
typedef struct irmin__place {
	irmin__node *leaf;
	size_t at;
} irmin__place;

/* The root of a directory lies at most this high; it grows in breadth then,
 * which takes more entries than 4 GiB have room for. */
#define IRMIN__LEVELS 16

/* A way from the root of a directory to an entry, or to where it would be; good
 * as long as a place is. */
typedef struct irmin__trail {
	irmin__place place;
	uint8_t found;
	uint8_t is_tree; /* the kind that was sought */
	uint8_t depth;   /* the number of fans on it, from the root on, */
	uint32_t at[IRMIN__LEVELS]; /* and the piece in each where it goes on */
} irmin__trail;

/* The trail to a name, of a file or a directory; not zero if it is there. Else
 * it leads to where one of the kind `is_tree` would be. */
int irmin__trail_find(irmin__trail *trail, irmin__node *dir, irmin_slice name);

/* The place alone. */
int irmin__node_find(irmin__node *dir, irmin_slice name, irmin__place *place);

/* The number of its entries. */
static inline size_t irmin__node_length(const irmin__node *dir)
{
	return irmin__node_is_fan(dir) ? dir->length : dir->count;
}

/* The size of its encoding. */
static inline size_t irmin__node_bytes(const irmin__node *dir)
{
	return dir->len;
}

/* Writes the encoding at `out`, which has room; ids that are not in the leaves
 * are zero bytes, or what they were. */
void irmin__node_copy_bytes(irmin__node *dir, unsigned char *out);

/* Goes through a directory, as it is stored. */
typedef struct irmin__cursor {
	irmin__place place; /* valid unless it is at the end */
	irmin__node *dir;
	size_t begin;  /* the number of entries before the leaf, */
	size_t offset; /* and of their bytes */
} irmin__cursor;

/* Entry `rank`, which must be there. */
irmin__place irmin__node_nth(irmin__node *dir, size_t rank);

/* Begins at entry `rank`; beyond the last one it is at the end. */
void irmin__cursor_init(irmin__cursor *cursor, irmin__node *dir, size_t rank);

static inline int irmin__cursor_is_end(const irmin__cursor *cursor)
{
	return cursor->place.at >= cursor->place.leaf->count;
}

/* Goes on to the leaf behind that in which the cursor is, if there is one. */
void irmin__cursor_next_leaf(irmin__cursor *cursor);

static inline void irmin__cursor_step(irmin__cursor *cursor)
{
	if (++cursor->place.at >= cursor->place.leaf->count)
		irmin__cursor_next_leaf(cursor);
}

/* Steps over entries that both directories have in common because they share
 * the pieces; some may be left. Costs what is not shared, not what is. */
void irmin__cursor_skip_shared(irmin__cursor *a, irmin__cursor *b);

/* ---- entries: `node` is the leaf of a place ---- */

/* Non-zero if names are out of order or twice: it can be read, not changed. */
static inline int irmin__node_is_broken(const irmin__node *node)
{
	return (node->flags & (IRMIN__TREE_UNSORTED | IRMIN__TREE_DUPLICATE)) !=
	    0;
}

static inline size_t irmin__node_entry_end(const irmin__node *node, size_t at)
{
	return at + 1 < node->count ? node->entries[at + 1].offset : node->len;
}

static inline irmin_slice irmin__node_name(const irmin__node *node, size_t at)
{
	const irmin__node_entry *entry = &node->entries[at];
	size_t begin = (size_t)entry->offset + entry->mode_bytes + 1;
	size_t end = irmin__node_entry_end(node, at) - node->id_bytes - 1;

	return irmin_bytes(node->bytes + begin, end - begin);
}

static inline irmin_mode irmin__node_mode(const irmin__node *node, size_t at)
{
	return (irmin_mode)node->entries[at].mode;
}

static inline int irmin__node_is_tree(const irmin__node *node, size_t at)
{
	return node->entries[at].mode == IRMIN_MODE_TREE;
}

/* Where the id of an entry lies in the bytes. */
static inline size_t irmin__node_id_offset(const irmin__node *node, size_t at)
{
	return irmin__node_entry_end(node, at) - node->id_bytes;
}

static inline int irmin__node_is_small(const irmin__node *node, size_t at)
{
	return (node->entries[at].flags & IRMIN__ENTRY_SMALL) != 0;
}

/* The small value of an entry that has one. */
static inline irmin_slice irmin__node_small(const irmin__node *node, size_t at)
{
	const irmin__node_entry *entry = &node->entries[at];

	return irmin_bytes(node->bytes + node->bytes_cap - entry->small.back,
	    entry->small.len);
}

static inline void *irmin__node_child(const irmin__node *node, size_t at)
{
	if (irmin__node_is_small(node, at))
		return NULL;
	return atomic_load_explicit(&node->entries[at].child,
	    memory_order_acquire);
}

/* Gives an entry the child that was loaded for it, whose reference is taken
 * over, and returns the one it has: that or one that was there first. */
irmin__node *irmin__node_publish_child(irmin__node *node, size_t at,
    irmin__node *child);

/* The same of a value. */
irmin__blob *irmin__node_publish_blob(irmin__node *node, size_t at,
    irmin__blob *blob);

/* The id of an entry; 0 (and no id) if it was not computed yet. */
int irmin__node_entry_id(const irmin__node *node, size_t at, irmin_oid *id);

/* The same of a place. */
static inline irmin_slice irmin__place_name(irmin__place place)
{
	return irmin__node_name(place.leaf, place.at);
}

static inline irmin_mode irmin__place_mode(irmin__place place)
{
	return irmin__node_mode(place.leaf, place.at);
}

static inline int irmin__place_is_tree(irmin__place place)
{
	return irmin__node_is_tree(place.leaf, place.at);
}

static inline void *irmin__place_child(irmin__place place)
{
	return irmin__node_child(place.leaf, place.at);
}

static inline int irmin__place_is_small(irmin__place place)
{
	return irmin__node_is_small(place.leaf, place.at);
}

static inline irmin_slice irmin__place_small(irmin__place place)
{
	return irmin__node_small(place.leaf, place.at);
}

static inline int irmin__place_id(irmin__place place, irmin_oid *id)
{
	return irmin__node_entry_id(place.leaf, place.at, id);
}

/* Whether both say the same to the letter, their ids included, which lie in the
 * bytes. If not, they may still be the same. */
static inline int irmin__place_is_alike(irmin__place a, irmin__place b)
{
	const irmin__node_entry *one = &a.leaf->entries[a.at];
	const irmin__node_entry *two = &b.leaf->entries[b.at];
	size_t length = irmin__node_entry_end(a.leaf, a.at) - one->offset;

	return !((one->flags | two->flags) & IRMIN__ENTRY_NO_ID) &&
	    length == irmin__node_entry_end(b.leaf, b.at) - two->offset &&
	    memcmp(a.leaf->bytes + one->offset, b.leaf->bytes + two->offset,
		length) == 0;
}

/* ---- ids ---- */

/* The id of a node, or NULL if it was not computed yet. */
static inline const irmin_oid *irmin__node_known_id(const irmin__node *node)
{
	return irmin__late_known(&node->late);
}

/* Whether the backend has it, and everything below it. It then has an id: who
 * stored it may be quicker than another thread that is publishing that. */
static inline int irmin__node_is_stored(const irmin__node *node)
{
	return atomic_load_explicit(&node->stored, memory_order_acquire) &&
	    irmin__node_known_id(node);
}

/* ---- node-splice.c: by what a directory differs from one that is stored ---- */

/* Notes that `dir`, which nobody else has yet, came of `from`: the base is that,
 * if it is stored, else the base of it, if the same edit owns both. The base is
 * held until the directory is stored, or freed. */
void irmin__node_derive(irmin__node *dir, irmin__node *from);

/* Takes the base, if there is one, whose reference goes to the caller. */
irmin__node *irmin__node_take_base(irmin__node *dir);

typedef IRMIN__VEC(irmin_splice) irmin__splices;

/* The splices by which `dir`, whose encoding is `bytes`, differs from its base.
 * Answers: OK; ABSENT (by more than it has in common). Fails: ENOMEM. Costs what
 * the two do not share, and does not look at what they do. */
irmin_rc irmin__node_splices(irmin__node *base, irmin__node *dir,
    const unsigned char *bytes, irmin__splices *splices, irmin_error *err);

/* ---- node-edit.c ---- */

/* What becomes of one name. */
typedef struct irmin__node_change {
	irmin_slice name;
	irmin_mode mode;     /* NONE: it is removed */
	const irmin_oid *id; /* NULL: not known, `child` is a directory */
	void *child; /* its node or blob, or NULL if the backend has it */
	irmin__small small;  /* its value, if that is one; no child then */
} irmin__node_change;

/* Gives it a value, as a small one or as a blob. Fails: ENOMEM. */
irmin_rc irmin__change_set_value(irmin__node_change *change, irmin_slice value,
    irmin_error *err);

/* The directory with a change: itself, changed in place, if it carries `owner`;
 * else a new one that does. A name that is removed must be there. The reference
 * to the change's child is taken over on success; on failure nothing has
 * changed. Fails: ENOMEM. */
irmin_rc irmin__node_apply(irmin__node *dir, uint64_t owner,
    const irmin__node_change *change, irmin__node **result, irmin_error *err);

/* The same where the trail to the change's name is known; it may lead elsewhere
 * afterwards. */
irmin_rc irmin__node_apply_at(irmin__node *dir, uint64_t owner,
    irmin__trail *trail, const irmin__node_change *change,
    irmin__node **result, irmin_error *err);

#endif
