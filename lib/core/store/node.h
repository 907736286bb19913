/* lib/core/store/node.h: one directory in memory.
 *
 * A node keeps git's own encoding of its directory, and beside it one small
 * record for each entry: where it lies in those bytes, and the child, if that is
 * in memory. So a directory is hashed and stored as it lies there, its copy is
 * two block copies, and a change patches it. Bytes from a backend are pinned and
 * not copied.
 *
 * A child is a node (of a directory) or a blob (a value that was set); both are
 * counted, and owned by the entries that point to them. Who walks down counts
 * nothing: whoever holds the root holds everything below it.
 *
 * Frozen nodes are read by any number of threads at once. Three things are still
 * found out about them, each once, and published atomically: a child that is
 * loaded, the id, and that the backend has it. An edit changes in place the
 * nodes that carry its owner tag, and no others.
 */
#ifndef IRMIN_STORE_NODE_H
#define IRMIN_STORE_NODE_H

#include <stdatomic.h>
#include <string.h>

#include "lib/core/base/count.h"
#include "lib/core/object/hash.h"
#include "lib/core/object/tree-codec.h"
#include "lib/core/store/ledger.h"

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

enum irmin__entry_flag {
	IRMIN__ENTRY_FRESH = 1, /* its child may not be stored yet */
	IRMIN__ENTRY_NO_ID = 2  /* the bytes hold no id: ask the child */
};

typedef struct irmin__node_entry {
	uint32_t offset;    /* where it begins in the node's bytes */
	uint16_t mode;      /* canonical */
	uint8_t mode_bytes; /* the digits of its mode as it stands there */
	uint8_t flags;
	_Atomic(void *) child; /* irmin__node or irmin__blob, or NULL */
} irmin__node_entry;

typedef struct irmin__node irmin__node;

struct irmin__node {
	atomic_size_t refs;
	atomic_uint_fast64_t mark; /* the last batch that took it */
	atomic_uchar id_state;     /* node.c */
	atomic_uchar stored;
	uint8_t algo;
	uint8_t id_bytes;
	uint32_t flags;        /* enum irmin__tree_flag */
	uint32_t count, cap;   /* entries */
	uint32_t fresh, no_id; /* entries with these flags */
	size_t len, bytes_cap;
	uint64_t owner; /* the edit that may change it, or 0 */
	irmin__node_entry *entries;
	uint64_t *keys;       /* how their names begin; NULL: not noted */
	unsigned char *bytes; /* behind the entries, or pinned */
	void *room;           /* what both lie in, if not behind the node */
	irmin_pin pin;
	irmin_oid id;
	irmin__ledger *ledger; /* NULL: charged to none */
	size_t charged;
	irmin__node *dead; /* the next one to be freed */
};

/* An empty directory with room for entries. */
irmin_rc irmin__node_new(irmin_hash_algo algo, uint64_t owner, size_t cap,
    size_t bytes_cap, irmin__node **node, irmin_error *err);

/* The directory with these bytes, which the backend has. The pin is taken over
 * on success. Fails: ECORRUPT with the offset, ELIMIT, ENOMEM. */
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

/* An entry of a directory: where in which of its leaves. It is borrowed, and
 * stays what it is until the directory changes in place. */
typedef struct irmin__place {
	irmin__node *leaf;
	size_t at;
} irmin__place;

/* Finds a name, of a file or a directory; not zero if it is there. */
int irmin__node_find(irmin__node *dir, irmin_slice name, irmin__place *place);

/* The number of its entries. */
static inline size_t irmin__node_length(const irmin__node *dir)
{
	return dir->count;
}

/* The size of its encoding. */
static inline size_t irmin__node_bytes(const irmin__node *dir)
{
	return dir->len;
}

/* Goes through a directory, as it is stored. */
typedef struct irmin__cursor {
	irmin__place place; /* valid unless it is at the end */
} irmin__cursor;

/* Entry `rank`, which must be there. */
static inline irmin__place irmin__node_nth(irmin__node *dir, size_t rank)
{
	irmin__place place = { dir, rank };

	return place;
}

/* Begins at entry `rank`; beyond the last one it is at the end. */
static inline void irmin__cursor_init(irmin__cursor *cursor, irmin__node *dir,
    size_t rank)
{
	cursor->place.leaf = dir;
	cursor->place.at = rank;
}

static inline int irmin__cursor_is_end(const irmin__cursor *cursor)
{
	return cursor->place.at >= cursor->place.leaf->count;
}

static inline void irmin__cursor_step(irmin__cursor *cursor)
{
	cursor->place.at++;
}

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

static inline void *irmin__node_child(const irmin__node *node, size_t at)
{
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

static inline int irmin__place_id(irmin__place place, irmin_oid *id)
{
	return irmin__node_entry_id(place.leaf, place.at, id);
}

/* ---- ids ---- */

/* The id of a node, or NULL if it was not computed yet. */
const irmin_oid *irmin__node_known_id(const irmin__node *node);

/* Publishes the id; one of several threads that computed it does. */
void irmin__node_publish_id(irmin__node *node, const irmin_oid *id);

/* Whether the backend has it, and everything below it. It then has an id: who
 * stored it may be quicker than another thread that is publishing that. */
static inline int irmin__node_is_stored(const irmin__node *node)
{
	return atomic_load_explicit(&node->stored, memory_order_acquire) &&
	    irmin__node_known_id(node);
}

/* ---- node-edit.c ---- */

/* What becomes of one name. */
typedef struct irmin__node_change {
	irmin_slice name;
	irmin_mode mode;     /* NONE: it is removed */
	const irmin_oid *id; /* NULL: not known, `child` is a directory */
	void *child; /* its node or blob, or NULL if the backend has it */
} irmin__node_change;

/* The directory with a change: itself, changed in place, if it carries `owner`;
 * else a new one that does. A name that is removed must be there. The reference
 * to the change's child is taken over on success; on failure nothing has
 * changed. Fails: ENOMEM. */
irmin_rc irmin__node_apply(irmin__node *dir, uint64_t owner,
    const irmin__node_change *change, irmin__node **result, irmin_error *err);

/* Where in a leaf an entry of this name and kind is, or would be. */
size_t irmin__leaf_place(const irmin__node *leaf, irmin_slice name,
    int is_tree);

#endif
