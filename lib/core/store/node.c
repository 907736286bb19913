/* Directories in memory: their life, and what is found in them.
 *
 *   | irmin__node | entry 0 | entry 1 | ... | git's tree object: |
 *                  offset --------------------> | mode SP name NUL id | ...
 *
 * Entries and bytes lie behind the node, in one allocation; in an allocation of
 * their own (`room`) once they have grown; or the bytes are pinned.
 */
#include "lib/core/store/node.h"

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include <irmin/alloc.h>

/* irmin__node.id_state: one thread goes from the first to the second, writes
 * the id, and goes on to the third. */
enum id_state { ID_UNKNOWN, ID_BEING_WRITTEN, ID_KNOWN };

/* Directories with fewer entries lie in few cache lines anyway. */
#define KEYS_LEAST 8

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
	made->ledger = NULL;
	made->len = bytes.len;
	if (bytes.len)
		memcpy(made->bytes, bytes.data, bytes.len);
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

static irmin__node *drop_children(irmin__node *node, irmin__node *dead)
{
	size_t i;
	void *child;

	for (i = 0; i < node->count; i++) {
		child = atomic_load_explicit(&node->entries[i].child,
		    memory_order_relaxed);
		if (!child)
			continue;
		if (irmin__node_is_tree(node, i))
			dead = drop(child, dead);
		else
			irmin__blob_unref(child);
	}
	return dead;
}

/* Without recursion: trees may be as deep as their makers like. */
void irmin__node_unref(irmin__node *node)
{
	irmin__node *dead = node ? drop(node, NULL) : NULL;

	while (dead) {
		node = dead;
		dead = drop_children(node, node->dead);
		irmin_pin_release(&node->pin);
		irmin__ledger_discharge(node->ledger, node->charged);
		irmin_free(node->room);
		irmin_free(node->keys);
		irmin_free(node);
	}
}

/* ---- what it is charged for ---- */

/* What a directory takes, about: its bytes, and what is noted of each entry. */
static size_t footprint(const irmin__node *dir)
{
	return sizeof *dir + irmin__node_bytes(dir) +
	    irmin__node_length(dir) *
	    (sizeof *dir->entries + sizeof *dir->keys);
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

/* ---- decoding ---- */

/* The number of entries of usual size that take these bytes. */
static size_t guess_count(const irmin__node *node)
{
	return node->len / ((size_t)node->id_bytes + 16) + 1;
}

/* Where the entry last read begins: its name lies in the bytes. */
static irmin_rc note_entry(irmin__node_entry *entry,
    const irmin__tree_reader *reader, const irmin__tree_entry *read,
    size_t offset, irmin_error *err)
{
	const unsigned char *begin = reader->bytes.data;
	const unsigned char *name = read->name.data;
	size_t digits = (size_t)(name - begin) - offset - 1;

	if (digits > UINT8_MAX)
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL, offset,
		    "bad tree: a mode of %zu digits", digits);
	entry->offset = (uint32_t)offset;
	entry->mode = (uint16_t)read->mode;
	entry->mode_bytes = (uint8_t)digits;
	entry->flags = 0;
	atomic_init(&entry->child, NULL);
	return IRMIN_OK;
}

static irmin_rc read_entries(irmin__node *node, irmin_error *err)
{
	irmin__tree_reader reader;
	irmin__tree_entry read;
	IRMIN__VEC(irmin__node_entry) entries = { NULL, 0, 0 };
	size_t offset = 0;
	irmin_rc rc;

	irmin__tree_reader_init(&reader, node->algo,
	    irmin_bytes(node->bytes, node->len));
	rc = IRMIN__VEC_RESERVE(&entries, guess_count(node), err);
	while (rc >= 0) {
		rc = irmin__tree_reader_next(&reader, &read, err);
		if (rc != IRMIN_OK)
			break;
		rc = IRMIN__VEC_RESERVE(&entries, 1, err);
		if (rc < 0)
			break;
		rc = note_entry(&entries.items[entries.len], &reader, &read,
		    offset, err);
		entries.len += rc >= 0;
		offset = reader.offset;
	}
	node->room = node->entries = entries.items;
	node->count = (uint32_t)entries.len;
	node->flags = reader.flags;
	return rc < 0 ? rc : IRMIN_OK;
}

/* How a name begins, as a number in git's order of entries. */
static uint64_t key_of(irmin_slice name, int is_tree)
{
	unsigned char begin[sizeof(uint64_t)] = { 0 };

	if (name.len >= sizeof begin)
		return irmin__be64(name.data);
	if (name.len)
		memcpy(begin, name.data, name.len);
	if (is_tree)
		begin[name.len] = '/';
	return irmin__be64(begin);
}

/* Names lie far apart, and looking for one goes from each to the next: where
 * their beginnings lie side by side, it has to look at few of them. */
static irmin_rc note_keys(irmin__node *node, irmin_error *err)
{
	size_t i;

	if (node->count < KEYS_LEAST)
		return IRMIN_OK;
	node->keys = irmin_calloc(node->count, sizeof *node->keys);
	if (!node->keys)
		return irmin__enomem(err);
	for (i = 0; i < node->count; i++)
		node->keys[i] = key_of(irmin__node_name(node, i),
		    irmin__node_is_tree(node, i));
	return IRMIN_OK;
}

irmin_rc irmin__node_decode(const irmin_oid *id, irmin_pin *bytes,
    irmin__node **node, irmin_error *err)
{
	irmin__node *made;
	irmin_rc rc;

	*node = NULL;
	if (bytes->len > UINT32_MAX)
		return irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "a directory of %zu bytes is larger than 4 GiB",
		    bytes->len);
	rc = irmin__node_new(id->algo, 0, 0, 0, &made, err);
	if (rc < 0)
		return rc;
	made->bytes = (unsigned char *)bytes->data;
	made->len = bytes->len;
	rc = read_entries(made, err);
	if (rc >= 0)
		rc = note_keys(made, err);
	if (rc < 0) {
		irmin__node_unref(made);
		return rc;
	}
	made->pin = *bytes;
	memset(bytes, 0, sizeof *bytes);
	irmin__node_publish_id(made, id);
	atomic_init(&made->stored, 1);
	*node = made;
	return IRMIN_OK;
}

/* ---- what is in it ---- */

/* The order of an entry and a name with its key. */
static int order(const irmin__node *node, size_t at, irmin_slice name,
    int is_tree, uint64_t key)
{
	if (node->keys && node->keys[at] != key)
		return node->keys[at] < key ? -1 : 1;
	return irmin__tree_entry_compare(irmin__node_name(node, at),
	    irmin__node_is_tree(node, at), name, is_tree);
}

size_t irmin__leaf_place(const irmin__node *node, irmin_slice name, int is_tree)
{
	uint64_t key = node->keys ? key_of(name, is_tree) : 0;
	size_t low = 0, high = node->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (order(node, middle, name, is_tree, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int is_named(const irmin__node *node, size_t at, irmin_slice name)
{
	return at < node->count &&
	    irmin_slice_equal(irmin__node_name(node, at), name);
}

static int find_in_broken(const irmin__node *node, irmin_slice name, size_t *at)
{
	for (*at = 0; *at < node->count; ++*at)
		if (is_named(node, *at, name))
			return 1;
	return 0;
}

/* Whether "name/" may stand behind the entry at `at`, the first that is not
 * below "name": only if that one begins with it and goes on below '/'. */
static int may_follow(const irmin__node *node, size_t at, irmin_slice name)
{
	irmin_slice found;

	if (at == node->count)
		return 0;
	found = irmin__node_name(node, at);
	return found.len > name.len &&
	    memcmp(found.data, name.data, name.len) == 0 &&
	    ((const unsigned char *)found.data)[name.len] < '/';
}

int irmin__node_find(irmin__node *dir, irmin_slice name, irmin__place *place)
{
	place->leaf = dir;
	if (irmin__node_is_broken(dir))
		return find_in_broken(dir, name, &place->at);
	place->at = irmin__leaf_place(dir, name, 0);
	if (is_named(dir, place->at, name))
		return 1;
	if (!may_follow(dir, place->at, name))
		return 0;
	place->at = irmin__leaf_place(dir, name, 1);
	return is_named(dir, place->at, name);
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

int irmin__node_entry_id(const irmin__node *node, size_t at, irmin_oid *id)
{
	const irmin_oid *known;

	if (!(node->entries[at].flags & IRMIN__ENTRY_NO_ID)) {
		*id = irmin__oid_of_bytes(node->algo,
		    node->bytes + irmin__node_id_offset(node, at));
		return 1;
	}
	known = irmin__node_known_id(irmin__node_child(node, at));
	if (known)
		*id = *known;
	else
		memset(id, 0, sizeof *id);
	return known != NULL;
}

const irmin_oid *irmin__node_known_id(const irmin__node *node)
{
	unsigned char state = atomic_load_explicit(&node->id_state,
	    memory_order_acquire);

	return state == ID_KNOWN ? &node->id : NULL;
}

void irmin__node_publish_id(irmin__node *node, const irmin_oid *id)
{
	unsigned char unknown = ID_UNKNOWN;

	if (!atomic_compare_exchange_strong_explicit(&node->id_state, &unknown,
		ID_BEING_WRITTEN, memory_order_relaxed, memory_order_relaxed))
		return;
	node->id = *id;
	atomic_store_explicit(&node->id_state, ID_KNOWN, memory_order_release);
}
