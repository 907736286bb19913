/* Directories in memory: made of git's bytes.
 *
 *   | mode SP name NUL id | mode SP name NUL id | ...      pinned, not copied
 *    ^ leaf 0                ^ leaf 1
 *
 * Entries are noted one by one, then dealt out to leaves of equal size, and those
 * to fans, level by level.
 */
#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/core/store/node-parts.h"
#include <irmin/alloc.h>

struct builder {
	irmin_hash_algo algo;
	const unsigned char *bytes;
	size_t len;
	irmin__pinned *pinned;
	IRMIN__VEC(irmin__node_entry) entries;
	IRMIN__VEC(irmin__node *) pieces; /* of the level that is done */
	uint8_t flags;
};

/* ---- entries ---- */

/* The number of entries of usual size that take these bytes. */
static size_t guess_count(const struct builder *builder)
{
	return builder->len / (irmin_hash_size(builder->algo) + 16) + 1;
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

static irmin_rc read_entries(struct builder *builder, irmin_error *err)
{
	irmin__tree_reader reader;
	irmin__tree_entry read;
	size_t offset = 0;
	irmin_rc rc;

	irmin__tree_reader_init(&reader, builder->algo,
	    irmin_bytes(builder->bytes, builder->len));
	rc = IRMIN__VEC_RESERVE(&builder->entries, guess_count(builder), err);
	while (rc >= 0) {
		rc = irmin__tree_reader_next(&reader, &read, err);
		if (rc != IRMIN_OK)
			break;
		if (builder->entries.len == builder->entries.cap)
			rc = IRMIN__VEC_RESERVE(&builder->entries, 1, err);
		if (rc < 0)
			break;
		rc = note_entry(&builder->entries.items[builder->entries.len],
		    &reader, &read, offset, err);
		builder->entries.len += rc >= 0;
		offset = reader.offset;
	}
	builder->flags = (uint8_t)reader.flags;
	return rc < 0 ? rc : IRMIN_OK;
}

/* ---- pieces ---- */

static size_t offset_of(const struct builder *builder, size_t at)
{
	return at < builder->entries.len ? builder->entries.items[at].offset
					 : builder->len;
}

/* A leaf of the entries [from, to). */
static irmin_rc add_leaf(struct builder *builder, size_t from, size_t to,
    irmin_error *err)
{
	size_t base = offset_of(builder, from), i;
	irmin__node *leaf;
	irmin_rc rc = IRMIN__VEC_RESERVE(&builder->pieces, 1, err);

	if (rc >= 0)
		rc = irmin__node_new(builder->algo, 0, to - from, 0, &leaf,
		    err);
	if (rc < 0)
		return rc;
	if (to > from)
		memcpy((void *)leaf->entries,
		    (void *)&builder->entries.items[from],
		    (to - from) * sizeof *leaf->entries);
	leaf->count = (uint32_t)(to - from);
	for (i = 0; i < leaf->count; i++)
		leaf->entries[i].offset -= (uint32_t)base;
	leaf->bytes = (unsigned char *)builder->bytes + base;
	leaf->len = offset_of(builder, to) - base;
	leaf->flags = builder->flags;
	leaf->pinned = builder->pinned;
	irmin__count_up(&builder->pinned->refs);
	IRMIN__VEC_PUSH(&builder->pieces, leaf);
	return IRMIN_OK;
}

/* What is noted in flags of a leaf must be known of the whole directory. */
static irmin_rc add_leaves(struct builder *builder, irmin_error *err)
{
	size_t count = builder->entries.len, from = 0, to, i;
	size_t leaves = builder->flags || !count
	    ? 1
	    : (count + IRMIN__PIECE_MOST - 1) / IRMIN__PIECE_MOST;
	irmin_rc rc = IRMIN_OK;

	for (i = 0; i < leaves && rc >= 0; i++) {
		to = from + count / leaves + (i < count % leaves);
		rc = add_leaf(builder, from, to, err);
		from = to;
	}
	return rc;
}

/* A fan of the pieces [from, to), which is put in the place of the first. */
static irmin_rc add_fan(struct builder *builder, size_t from, size_t to,
    size_t at, irmin_error *err)
{
	irmin__node **pieces = builder->pieces.items, *fan;
	uint8_t level = (uint8_t)(pieces[from]->level + 1);
	irmin_rc rc;
	size_t i;

	rc = irmin__fan_new(builder->algo, 0, level, to - from, &fan, err);
	if (rc < 0)
		return rc;
	for (i = from; i < to; i++) {
		irmin__fan_append(fan, pieces[i], irmin__piece_key(pieces[i]));
		pieces[i] = NULL;
	}
	pieces[at] = fan;
	return IRMIN_OK;
}

static irmin_rc add_fans(struct builder *builder, irmin_error *err)
{
	size_t count = builder->pieces.len, from = 0, to, i;
	size_t fans = (count + IRMIN__PIECE_MOST - 1) / IRMIN__PIECE_MOST;
	irmin_rc rc = IRMIN_OK;

	for (i = 0; i < fans && rc >= 0; i++) {
		to = from + count / fans + (i < count % fans);
		rc = add_fan(builder, from, to, i, err);
		from = to;
	}
	if (rc >= 0)
		builder->pieces.len = fans;
	return rc;
}

/* ---- both ---- */

static void clear(struct builder *builder)
{
	size_t i;

	for (i = 0; i < builder->pieces.len; i++)
		irmin__node_unref(builder->pieces.items[i]);
	IRMIN__VEC_CLEAR(&builder->pieces);
	IRMIN__VEC_CLEAR(&builder->entries);
	irmin__pinned_unref(builder->pinned);
}

/* Makes a directory of the bytes, which it takes over on success. */
static irmin_rc build(irmin_hash_algo algo, irmin_pin *bytes,
    irmin__node **node, irmin_error *err)
{
	struct builder builder = { algo, bytes->data, bytes->len, NULL,
		{ NULL, 0, 0 }, { NULL, 0, 0 }, 0 };
	irmin_rc rc = IRMIN_OK;

	builder.pinned = irmin_calloc(1, sizeof *builder.pinned);
	if (!builder.pinned)
		return irmin__enomem(err);
	atomic_init(&builder.pinned->refs, 1);
	rc = read_entries(&builder, err);
	if (rc >= 0)
		rc = add_leaves(&builder, err);
	while (rc >= 0 && builder.pieces.len > 1)
		rc = add_fans(&builder, err);
	if (rc >= 0) {
		builder.pinned->pin = *bytes;
		memset(bytes, 0, sizeof *bytes);
		*node = builder.pieces.items[--builder.pieces.len];
	}
	clear(&builder);
	return rc;
}

irmin_rc irmin__node_decode(const irmin_oid *id, irmin_pin *bytes,
    irmin__node **node, irmin_error *err)
{
	irmin_rc rc;

	*node = NULL;
	if (bytes->len > UINT32_MAX)
		return irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "a directory of %zu bytes is larger than 4 GiB",
		    bytes->len);
	rc = build((irmin_hash_algo)id->algo, bytes, node, err);
	if (rc < 0)
		return rc;
	irmin__late_set(&(*node)->late, id);
	atomic_init(&(*node)->stored, 1);
	return IRMIN_OK;
}

/* ---- modes as git writes them ---- */

static size_t encode_canonical(const irmin__node *leaf, unsigned char *out)
{
	irmin_hash_algo algo = (irmin_hash_algo)leaf->algo;
	irmin_oid id;
	size_t i, len = 0;

	for (i = 0; i < leaf->count; i++) {
		id = irmin__oid_of_bytes(algo,
		    leaf->bytes + irmin__node_id_offset(leaf, i));
		len += irmin__tree_entry_encode(irmin__node_name(leaf, i),
		    irmin__node_mode(leaf, i), &id, out + len);
	}
	return len;
}

static size_t canonical_bytes(const irmin__node *leaf)
{
	size_t i, len = 0;

	for (i = 0; i < leaf->count; i++)
		len += irmin__tree_entry_bytes(irmin__node_name(leaf, i),
		    irmin__node_mode(leaf, i), (irmin_hash_algo)leaf->algo);
	return len;
}

/* Only a directory that was read has such modes, and is a leaf then: nothing in
 * it is fresh, and what was loaded below it is taken along. */
irmin_rc irmin__node_canonical(const irmin__node *dir, irmin__node **made,
    irmin_error *err)
{
	irmin_pin pin = { NULL, canonical_bytes(dir), irmin_free, NULL };
	irmin__cursor cursor;
	irmin__node *child;
	size_t i;
	irmin_rc rc;

	*made = NULL;
	pin.data = pin.owner = irmin_malloc(pin.len);
	if (!pin.data)
		return irmin__enomem(err);
	encode_canonical(dir, pin.owner);
	rc = build((irmin_hash_algo)dir->algo, &pin, made, err);
	irmin_pin_release(&pin);
	if (rc < 0)
		return rc;
	irmin__cursor_init(&cursor, *made, 0);
	for (i = 0; i < dir->count; i++, irmin__cursor_step(&cursor)) {
		child = irmin__node_child(dir, i);
		if (child && irmin__node_is_tree(dir, i))
			irmin__node_publish_child(cursor.place.leaf,
			    cursor.place.at, irmin__node_ref(child));
	}
	return IRMIN_OK;
}
