/* Directories in memory: life and death, and what is found out about them.
 *
 *   leaf:  | irmin__node | entry 0 | entry 1 | ... | part of git's tree object: |
 *                         offset -------------------> | mode SP name NUL id | ...
 *   fan:   | irmin__node | slot 0 | slot 1 | ...
 *                            piece --> a leaf or a fan
 *
 * What belongs to a node lies behind it, in one allocation; or in an allocation
 * of its own (`room`) once it has grown; or the bytes are pinned.
 */
#include "lib/core/store/node-parts.h"

#include "lib/core/base/error.h"
#include <irmin/alloc.h>

/* ---- blobs ---- */

irmin_rc irmin__blob_new(irmin_slice bytes, irmin__blob **blob,
    irmin_error *err)
{
	irmin__blob *made = NULL;

	*blob = NULL;
	if (bytes.len < SIZE_MAX - sizeof *made)
		made = irmin_malloc(sizeof *made + bytes.len);
	if (!made)
		return irmin__enomem(err);
	atomic_init(&made->refs, 1);
	atomic_init(&made->mark, 0);
	atomic_init(&made->stored, 0);
	made->len = bytes.len;
	if (bytes.len)
		memcpy(made->bytes, bytes.data, bytes.len);
	made->ledger = NULL;
	*blob = made;
	return IRMIN_OK;
}

void irmin__blob_unref(irmin__blob *blob)
{
	if (!blob || !irmin__count_down(&blob->refs))
		return;
	irmin__ledger_discharge(blob->ledger, sizeof *blob + blob->len);
	irmin_free(blob);
}

irmin__blob *irmin__blob_keep(irmin_slice bytes, irmin__ledger *ledger)
{
	size_t charge = sizeof(irmin__blob) + bytes.len;
	irmin__blob *blob;

	if (!irmin__ledger_admit(ledger, charge))
		return NULL;
	if (irmin__blob_new(bytes, &blob, NULL) < 0) {
		irmin__ledger_discharge(ledger, charge);
		return NULL;
	}
	atomic_init(&blob->stored, 1);
	blob->ledger = ledger;
	return blob;
}

static void release_blob(void *owner)
{
	irmin__blob_unref(owner);
}

void irmin__blob_pin(irmin__blob *blob, irmin_pin *pin)
{
	irmin__blob_ref(blob);
	pin->data = blob->bytes;
	pin->len = blob->len;
	pin->release = release_blob;
	pin->owner = blob;
}

/* ---- the life of a node ---- */

irmin_rc irmin__node_new(irmin_hash_algo algo, uint64_t owner, size_t cap,
    size_t bytes_cap, irmin__node **node, irmin_error *err)
{
	irmin__node *made = NULL;
	size_t most = (SIZE_MAX - sizeof *made) / 2;

	*node = NULL;
	if (bytes_cap <= most && cap <= most / sizeof *made->entries)
		made = irmin_malloc(
		    sizeof *made + cap * sizeof *made->entries + bytes_cap);
	if (!made)
		return irmin__enomem(err);
	memset(made, 0, sizeof *made);
	atomic_init(&made->refs, 1);
	made->algo = algo;
	made->id_bytes = (uint8_t)irmin_hash_size(algo);
	made->owner = owner;
	made->cap = (uint32_t)cap;
	made->bytes_cap = bytes_cap;
	made->entries = (irmin__node_entry *)(made + 1);
	made->bytes = (unsigned char *)(made->entries + cap);
	*node = made;
	return IRMIN_OK;
}

/* Gives a reference back; a node without any goes before the list `dead`. */
static irmin__node *drop(irmin__node *node, irmin__node *dead)
{
	if (!irmin__count_down(&node->refs))
		return dead;
	node->dead = dead;
	return node;
}

static irmin__node *drop_children(irmin__node *leaf, irmin__node *dead)
{
	size_t i;
	void *child;

	for (i = 0; i < leaf->count; i++) {
		child = irmin__node_child(leaf, i);
		if (!child)
			continue;
		if (irmin__node_is_tree(leaf, i))
			dead = drop(child, dead);
		else
			irmin__blob_unref(child);
	}
	return dead;
}

static irmin__node *drop_pieces(irmin__node *fan, irmin__node *dead)
{
	size_t i;

	for (i = 0; i < fan->count; i++)
		dead = drop(fan->slots[i].piece, dead);
	return dead;
}

void irmin__pinned_unref(irmin__pinned *pinned)
{
	if (!pinned || !irmin__count_down(&pinned->refs))
		return;
	irmin_pin_release(&pinned->pin);
	irmin_free(pinned);
}

/* Without recursion: trees may be as deep as their makers like. */
void irmin__node_unref(irmin__node *node)
{
	irmin__node *dead = node ? drop(node, NULL) : NULL, *base;

	while (dead) {
		node = dead;
		dead = irmin__node_is_fan(node)
		    ? drop_pieces(node, node->dead)
		    : drop_children(node, node->dead);
		base = atomic_load_explicit(&node->base, memory_order_relaxed);
		if (base)
			dead = drop(base, dead);
		irmin__pinned_unref(node->pinned);
		irmin__ledger_discharge(node->ledger, node->charged);
		irmin_free(node->room);
		irmin_free(node);
	}
}

/* ---- what it is charged for ---- */

/* What a directory takes, about: its bytes, what is noted of each entry, and its
 * pieces. Its root is charged for all of it. */
static size_t footprint(const irmin__node *dir)
{
	size_t length = irmin__node_length(dir);

	return irmin__node_bytes(dir) + length * sizeof *dir->entries +
	    (1 + length / IRMIN__PIECE_MOST) *
	    (sizeof *dir + sizeof *dir->slots);
}

void irmin__node_charge(irmin__node *dir, irmin__ledger *ledger)
{
	dir->ledger = ledger;
	dir->charged = footprint(dir);
	irmin__ledger_charge(ledger, dir->charged);
}

int irmin__node_admit(irmin__node *dir, irmin__ledger *ledger)
{
	size_t bytes = footprint(dir);

	if (!irmin__ledger_admit(ledger, bytes))
		return 0;
	dir->ledger = ledger;
	dir->charged = bytes;
	return 1;
}

/* ---- what becomes known ---- */

int irmin__child_is_stored(irmin_mode mode, void *child)
{
	irmin__blob *blob = child;

	if (mode == IRMIN_MODE_TREE)
		return irmin__node_is_stored(child);
	return atomic_load_explicit(&blob->stored, memory_order_acquire);
}

/* The child that an entry has now. */
static void *publish(irmin__node *node, size_t at, void *child)
{
	void *first = NULL;

	if (atomic_compare_exchange_strong_explicit(&node->entries[at].child,
		&first, child, memory_order_acq_rel, memory_order_acquire))
		return child;
	return first;
}

irmin__node *irmin__node_publish_child(irmin__node *node, size_t at,
    irmin__node *child)
{
	irmin__node *first = publish(node, at, child);

	if (first != child)
		irmin__node_unref(child);
	return first;
}

irmin__blob *irmin__node_publish_blob(irmin__node *node, size_t at,
    irmin__blob *blob)
{
	irmin__blob *first = publish(node, at, blob);

	if (first != blob)
		irmin__blob_unref(blob);
	return first;
}

/* ---- ids ---- */

/* What was missing in a leaf is there once the leaf is known; before that its
 * owner may be writing it. */
int irmin__node_entry_id(const irmin__node *leaf, size_t at, irmin_oid *id)
{
	const irmin_oid *known;

	if (!(leaf->entries[at].flags & IRMIN__ENTRY_NO_ID) ||
	    irmin__late_is_known(&leaf->late)) {
		*id = irmin__oid_of_bytes(leaf->algo,
		    leaf->bytes + irmin__node_id_offset(leaf, at));
		return 1;
	}
	known = irmin__node_known_id(irmin__node_child(leaf, at));
	if (known)
		*id = *known;
	else
		memset(id, 0, sizeof *id);
	return known != NULL;
}
