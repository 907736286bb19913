/* Objects are worth comparing if they are of one type and had the same name: two
 * versions of a file, of a directory. So all of them are looked at once, for
 * type, size and, in trees, the names of others; and read again when they are
 * written.
 */
#include "lib/pack/repack-singles.h"

#include <stdlib.h>

#include "lib/core/base/context.h"
#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/core/object/hash.h"
#include "lib/core/object/tree-codec.h"
#include "lib/pack/delta-window.h"
#include <irmin/alloc.h>

#define PROGRESS_STEP 64

typedef struct single {
	irmin_oid id;
	irmin_object_type type;
	uint32_t name; /* a number for the name it has in some tree; 0: none */
	size_t bytes;
	uint64_t written;
} single;

/* The name that a tree gives an object. */
typedef struct naming {
	irmin_oid id;
	uint32_t name;
} naming;

struct irmin__repack_singles {
	irmin_hash_algo algo;
	irmin__repack_options options;
	IRMIN__VEC(single) items;
	IRMIN__VEC(naming) namings;
	irmin__delta_window *window;
	irmin_buf delta;
};

irmin_rc irmin__repack_singles_new(irmin_hash_algo algo,
    const irmin__repack_options *options, irmin__repack_singles **singles,
    irmin_error *err)
{
	irmin__repack_singles *made = irmin_calloc(1, sizeof *made);
	irmin_rc rc;

	*singles = NULL;
	if (!made)
		return irmin__enomem(err);
	made->algo = algo;
	made->options = *options;
	rc = irmin__delta_window_new(&made->window, err);
	if (rc < 0)
		irmin__repack_singles_free(made);
	else
		*singles = made;
	return rc;
}

void irmin__repack_singles_free(irmin__repack_singles *singles)
{
	if (!singles)
		return;
	irmin__delta_window_free(singles->window);
	IRMIN__VEC_CLEAR(&singles->items);
	IRMIN__VEC_CLEAR(&singles->namings);
	irmin_buf_clear(&singles->delta);
	irmin_free(singles);
}

irmin_rc irmin__repack_singles_add(irmin__repack_singles *singles,
    const irmin_oid *id, irmin_error *err)
{
	single item;
	irmin_rc rc = IRMIN__VEC_RESERVE(&singles->items, 1, err);

	if (rc < 0)
		return rc;
	memset(&item, 0, sizeof item);
	item.id = *id;
	IRMIN__VEC_PUSH(&singles->items, item);
	return IRMIN_OK;
}

static irmin_rc tell(const irmin__repack_singles *singles, const char *stage,
    uint64_t done, uint64_t total, irmin_error *err)
{
	const irmin__repack_options *options = &singles->options;
	irmin_rc rc = irmin__context_check(options->context, err);

	if (rc < 0 || !options->progress || done % PROGRESS_STEP)
		return rc;
	return options->progress(options->progress_arg, stage, done, total);
}

static irmin_rc read_single(const irmin__repack_singles *singles,
    const irmin_oid *id, irmin_object *object, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc;

	rc = singles->options.read(singles->options.read_arg, id, object, err);
	if (rc != IRMIN_ABSENT)
		return rc;
	return irmin_error_set(err, IRMIN_EMISSING, irmin_oid_hex(id, hex),
	    "object %s went away", irmin_oid_hex(id, hex));
}

/* ---- the first look ---- */

/* FNV-1a over the end of a name, where the kind of a file stands. */
static uint32_t name_number(irmin_slice name)
{
	const unsigned char *bytes = name.data;
	uint32_t number = 2166136261u;
	size_t i;

	for (i = 0; i < name.len; i++)
		number = (number ^ bytes[i]) * 16777619u;
	return number | 1;
}

/* A tree that cannot be read gives no more names. */
static irmin_rc note_names(irmin__repack_singles *singles, irmin_slice tree,
    irmin_error *err)
{
	irmin__tree_reader reader;
	irmin__tree_entry entry;

	irmin__tree_reader_init(&reader, singles->algo, tree);
	while (irmin__tree_reader_next(&reader, &entry, NULL) == IRMIN_OK) {
		naming found = { irmin__oid_of_bytes(singles->algo, entry.id),
			name_number(entry.name) };
		irmin_rc rc = IRMIN__VEC_RESERVE(&singles->namings, 1, err);

		if (rc < 0)
			return rc;
		IRMIN__VEC_PUSH(&singles->namings, found);
	}
	return IRMIN_OK;
}

static irmin_rc look_at(irmin__repack_singles *singles, single *item,
    irmin_error *err)
{
	irmin_object object;
	irmin_rc rc = read_single(singles, &item->id, &object, err);

	if (rc < 0)
		return rc;
	item->type = object.type;
	item->bytes = object.data.len;
	if (object.type == IRMIN_OBJECT_TREE)
		rc = note_names(singles,
		    irmin_bytes(object.data.data, object.data.len), err);
	irmin_pin_release(&object.data);
	return rc;
}

static int compare_namings(const void *a, const void *b)
{
	const naming *left = a, *right = b;
	int order = irmin_oid_compare(&left->id, &right->id);

	if (order)
		return order;
	return left->name < right->name ? -1 : left->name > right->name;
}

static int compare_ids(const void *a, const void *b)
{
	const single *left = a, *right = b;

	return irmin_oid_compare(&left->id, &right->id);
}

/* Both lists are brought in order of ids, and walked at once. */
static void name_all(irmin__repack_singles *singles)
{
	size_t i, n = 0;

	qsort(singles->items.items, singles->items.len,
	    sizeof *singles->items.items, compare_ids);
	if (!singles->namings.len)
		return;
	qsort(singles->namings.items, singles->namings.len,
	    sizeof *singles->namings.items, compare_namings);
	for (i = 0; i < singles->items.len; i++) {
		single *item = &singles->items.items[i];
		int order = 1;

		while (n < singles->namings.len &&
		    (order = irmin_oid_compare(&singles->namings.items[n].id,
			 &item->id)) < 0)
			n++;
		if (!order)
			item->name = singles->namings.items[n].name;
	}
}

/* ---- writing ---- */

/* By type as git has it, then those that may be alike, the largest first: taking
 * away is shorter to say than adding. */
static int compare_alike(const void *a, const void *b)
{
	const single *left = a, *right = b;

	if (left->type != right->type)
		return left->type < right->type ? -1 : 1;
	if (left->name != right->name)
		return left->name < right->name ? -1 : 1;
	if (left->bytes != right->bytes)
		return left->bytes > right->bytes ? -1 : 1;
	return irmin_oid_compare(&left->id, &right->id);
}

static irmin_rc write_object(irmin__repack_singles *singles, size_t number,
    const irmin_object *object, irmin__pack_writer *writer, irmin_error *err)
{
	single *item = &singles->items.items[number];
	irmin_slice body = irmin_bytes(object->data.data, object->data.len);
	irmin__entry entry;
	size_t base;
	irmin_rc rc;

	memset(&entry, 0, sizeof entry);
	entry.type = object->type;
	rc = irmin__delta_window_find(singles->window, object, &base,
	    &singles->delta, err);
	if (rc < 0)
		return rc;
	if (rc == IRMIN_OK) {
		body = irmin_buf_slice(&singles->delta);
		entry.type = IRMIN__ENTRY_OFS_DELTA;
		entry.base_offset = singles->items.items[base].written;
	}
	entry.size = body.len;
	item->written = irmin__pack_writer_offset(writer);
	return irmin__pack_writer_add(writer, &item->id, &entry, body,
	    singles->options.level, err);
}

static irmin_rc write_single(irmin__repack_singles *singles, size_t number,
    irmin__pack_writer *writer, irmin_error *err)
{
	irmin_object object;
	irmin_rc rc;

	rc = read_single(singles, &singles->items.items[number].id, &object,
	    err);
	if (rc < 0)
		return rc;
	rc = write_object(singles, number, &object, writer, err);
	if (rc >= 0)
		irmin__delta_window_take(singles->window, &object, number);
	else
		irmin_pin_release(&object.data);
	return rc;
}

irmin_rc irmin__repack_singles_write(irmin__repack_singles *singles,
    irmin__pack_writer *writer, uint64_t total, irmin_error *err)
{
	size_t count = singles->items.len, i;
	irmin_rc rc = IRMIN_OK;

	for (i = 0; rc == IRMIN_OK && i < count; i++) {
		rc = look_at(singles, &singles->items.items[i], err);
		if (rc == IRMIN_OK)
			rc = tell(singles, "comparing", i, count, err);
	}
	if (rc != IRMIN_OK || !count)
		return rc;
	name_all(singles);
	qsort(singles->items.items, count, sizeof *singles->items.items,
	    compare_alike);
	for (i = 0; rc == IRMIN_OK && i < count; i++) {
		rc = write_single(singles, i, writer, err);
		if (rc == IRMIN_OK)
			rc = tell(singles, "writing", total - count + i, total,
			    err);
	}
	return rc;
}
