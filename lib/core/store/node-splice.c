/* Directories in memory: by what one differs from that of which it was made.
 *
 *   base  | a b c d | e f g h | i j |      pieces that both have are stepped over
 *   dir   | a b c d | e F g G h | i j |    f -> F, nothing -> G: two splices
 */
#include "lib/core/store/node-parts.h"

/* ---- the base ---- */

void irmin__node_derive(irmin__node *dir, irmin__node *from)
{
	irmin__node *base = NULL;

	if (irmin__node_is_stored(from))
		base = irmin__node_ref(from);
	else if (from->owner && from->owner == dir->owner)
		base = irmin__node_take_base(from);
	atomic_store_explicit(&dir->base, base, memory_order_relaxed);
}

irmin__node *irmin__node_take_base(irmin__node *dir)
{
	if (!atomic_load_explicit(&dir->base, memory_order_relaxed))
		return NULL;
	return atomic_exchange_explicit(&dir->base, NULL, memory_order_acq_rel);
}

/* ---- what is not in common ---- */

/* Both directories side by side, and what has differed since they last agreed. */
struct walk {
	irmin__cursor base, dir;
	const unsigned char *bytes;
	irmin__splices *splices;
	int differs;
	size_t base_from, from;
	size_t changed; /* bytes, of both */
};

static size_t offset_of(const irmin__cursor *cursor)
{
	irmin__place place = cursor->place;

	return irmin__cursor_is_end(cursor)
	    ? irmin__node_bytes(cursor->dir)
	    : cursor->offset + place.leaf->entries[place.at].offset;
}

static void begin(struct walk *walk)
{
	if (walk->differs)
		return;
	walk->differs = 1;
	walk->base_from = offset_of(&walk->base);
	walk->from = offset_of(&walk->dir);
}

/* They agree from here on. */
static irmin_rc end(struct walk *walk, size_t base_to, size_t to,
    irmin_error *err)
{
	irmin_splice splice = { walk->base_from, base_to - walk->base_from,
		walk->from, to - walk->from };
	irmin_rc rc;

	if (!walk->differs)
		return IRMIN_OK;
	rc = IRMIN__VEC_RESERVE(walk->splices, 1, err);
	if (rc < 0)
		return rc;
	IRMIN__VEC_PUSH(walk->splices, splice);
	walk->changed += splice.base_len + splice.len;
	walk->differs = 0;
	return IRMIN_OK;
}

static irmin_rc skip_shared(struct walk *walk, irmin_error *err)
{
	size_t base_to = offset_of(&walk->base), to = offset_of(&walk->dir);

	irmin__cursor_skip_shared(&walk->base, &walk->dir);
	return offset_of(&walk->dir) == to ? IRMIN_OK
					   : end(walk, base_to, to, err);
}

/* Whether both entries, of the same name, have the same bytes. */
static int is_same(const struct walk *walk)
{
	irmin__place base = walk->base.place, dir = walk->dir.place;
	size_t id_bytes = base.leaf->id_bytes;
	size_t head = irmin__node_id_offset(base.leaf, base.at) -
	    base.leaf->entries[base.at].offset;
	const unsigned char *bytes = walk->bytes + offset_of(&walk->dir);
	irmin_oid id;

	if (irmin__node_id_offset(dir.leaf, dir.at) -
		dir.leaf->entries[dir.at].offset !=
	    head)
		return 0;
	return memcmp(bytes,
		   base.leaf->bytes + base.leaf->entries[base.at].offset,
		   head) == 0 &&
	    irmin__node_entry_id(base.leaf, base.at, &id) &&
	    memcmp(bytes + head, id.bytes, id_bytes) == 0;
}

/* How the two entries stand to each other in git's order; at its end a directory
 * stands behind all. */
static int compare(const struct walk *walk)
{
	irmin__place base = walk->base.place, dir = walk->dir.place;

	if (irmin__cursor_is_end(&walk->base))
		return 1;
	if (irmin__cursor_is_end(&walk->dir))
		return -1;
	return irmin__tree_entry_compare(irmin__place_name(base),
	    irmin__place_is_tree(base), irmin__place_name(dir),
	    irmin__place_is_tree(dir));
}

static irmin_rc advance(struct walk *walk, irmin_error *err)
{
	int order = compare(walk);
	irmin_rc rc = IRMIN_OK;

	if (order == 0 && is_same(walk))
		rc = end(walk, offset_of(&walk->base), offset_of(&walk->dir),
		    err);
	else
		begin(walk);
	if (order <= 0)
		irmin__cursor_step(&walk->base);
	if (order >= 0)
		irmin__cursor_step(&walk->dir);
	return rc;
}

irmin_rc irmin__node_splices(irmin__node *base, irmin__node *dir,
    const unsigned char *bytes, irmin__splices *splices, irmin_error *err)
{
	struct walk walk = { .bytes = bytes, .splices = splices };
	irmin_rc rc = IRMIN_OK;

	irmin__cursor_init(&walk.base, base, 0);
	irmin__cursor_init(&walk.dir, dir, 0);
	while (rc >= 0) {
		rc = skip_shared(&walk, err);
		if (irmin__cursor_is_end(&walk.base) &&
		    irmin__cursor_is_end(&walk.dir))
			break;
		if (rc >= 0)
			rc = advance(&walk, err);
	}
	if (rc >= 0)
		rc = end(&walk, irmin__node_bytes(base), irmin__node_bytes(dir),
		    err);
	if (rc >= 0 && walk.changed > irmin__node_bytes(dir))
		rc = IRMIN_ABSENT;
	return rc;
}
