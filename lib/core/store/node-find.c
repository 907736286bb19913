/* Directories in memory: names.
 *
 * A fan is searched by the keys of its pieces: a key is how a name begins, as a
 * number in git's order of entries. That of a piece is not below the key of any
 * name before the piece, and not above that of its first name; so only a name
 * with the same key has to be compared with that first name. The key of the
 * first piece in a fan is not looked at: what is below all comes there. In a leaf
 * the keys of entries are made when they are looked at.
 */
#include "lib/core/base/big-endian.h"
#include "lib/core/store/node-parts.h"

/* The shortest of all modes with the blank behind it, "40000 ". */
#define MODE_LEAST 6

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

/* The key of an entry. Before a short name there are bytes enough, those of its
 * mode, which are shifted out. Behind it lies its id, and who computes that may
 * be writing it just now. */
static inline uint64_t key_at(const irmin__node *leaf, size_t at)
{
	irmin_slice name = irmin__node_name(leaf, at);
	const unsigned char *begin = name.data;
	size_t unused = sizeof(uint64_t) - name.len;
	int is_tree = irmin__node_is_tree(leaf, at);
	uint64_t key;

	if (name.len >= sizeof key)
		return irmin__be64(begin);
	if (unused > MODE_LEAST)
		return key_of(name, is_tree);
	key = irmin__be64(begin - unused) << 8 * unused;
	if (is_tree)
		key |= (uint64_t)'/' << (8 * unused - 8);
	return key;
}

static const irmin__node *first_leaf(const irmin__node *piece)
{
	while (irmin__node_is_fan(piece))
		piece = piece->slots[0].piece;
	return piece;
}

uint64_t irmin__piece_key(irmin__node *piece)
{
	return key_at(first_leaf(piece), 0);
}

/* The order of an entry and a name. */
static int order(const irmin__node *leaf, size_t at, irmin_slice name,
    int is_tree)
{
	return irmin__tree_entry_compare(irmin__node_name(leaf, at),
	    irmin__node_is_tree(leaf, at), name, is_tree);
}

static int is_before(const irmin__node *leaf, size_t at, irmin_slice name,
    int is_tree, uint64_t key)
{
	uint64_t there = key_at(leaf, at);

	if (there != key)
		return there < key;
	return order(leaf, at, name, is_tree) < 0;
}

static int begins_behind(const irmin__node_slot *slot, irmin_slice name,
    int is_tree, uint64_t key)
{
	if (slot->key != key)
		return slot->key > key;
	return order(first_leaf(slot->piece), 0, name, is_tree) > 0;
}

/* Which piece of a fan a name is in, or would be. */
static size_t place_in_fan(const irmin__node *fan, irmin_slice name,
    int is_tree, uint64_t key)
{
	size_t low = 1, high = fan->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (begins_behind(&fan->slots[middle], name, is_tree, key))
			high = middle;
		else
			low = middle + 1;
	}
	return low - 1;
}

/* Where in a leaf a name is, or would be. */
static size_t place_in_leaf(const irmin__node *leaf, irmin_slice name,
    int is_tree, uint64_t key)
{
	size_t low = 0, high = leaf->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (is_before(leaf, middle, name, is_tree, key))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void irmin__trail_seek(irmin__trail *trail, irmin__node *dir, irmin_slice name,
    int is_tree)
{
	uint64_t key = key_of(name, is_tree);
	size_t at;

	trail->depth = 0;
	trail->is_tree = is_tree != 0;
	while (irmin__node_is_fan(dir)) {
		at = place_in_fan(dir, name, is_tree, key);
		trail->at[trail->depth++] = (uint32_t)at;
		dir = dir->slots[at].piece;
	}
	trail->place.leaf = dir;
	trail->place.at = place_in_leaf(dir, name, is_tree, key);
}

static int is_named(irmin__place place, irmin_slice name)
{
	return place.at < place.leaf->count &&
	    irmin_slice_equal(irmin__place_name(place), name);
}

static int find_in_broken(irmin__place *place, irmin_slice name)
{
	for (place->at = 0; place->at < place->leaf->count; place->at++)
		if (is_named(*place, name))
			return 1;
	return 0;
}

/* Whether "name/" may stand behind `place`, the first that is not below "name":
 * only if what is there begins with it and goes on below '/', or if the leaf
 * ends there. */
static int may_follow(const irmin__trail *trail, irmin_slice name)
{
	irmin_slice found;

	if (trail->place.at == trail->place.leaf->count)
		return trail->depth > 0;
	found = irmin__place_name(trail->place);
	return found.len > name.len &&
	    memcmp(found.data, name.data, name.len) == 0 &&
	    ((const unsigned char *)found.data)[name.len] < '/';
}

static int find(irmin__trail *trail, irmin__node *dir, irmin_slice name)
{
	if (irmin__node_is_broken(dir)) {
		trail->depth = 0;
		trail->is_tree = 0;
		trail->place.leaf = dir;
		return find_in_broken(&trail->place, name);
	}
	irmin__trail_seek(trail, dir, name, 0);
	if (is_named(trail->place, name))
		return 1;
	if (!may_follow(trail, name))
		return 0;
	irmin__trail_seek(trail, dir, name, 1);
	return is_named(trail->place, name);
}

int irmin__trail_find(irmin__trail *trail, irmin__node *dir, irmin_slice name)
{
	trail->found = find(trail, dir, name) != 0;
	return trail->found;
}

int irmin__node_find(irmin__node *dir, irmin_slice name, irmin__place *place)
{
	irmin__trail trail;
	int found = irmin__trail_find(&trail, dir, name);

	*place = trail.place;
	return found;
}
