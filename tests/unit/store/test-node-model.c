/* Directories of every size against sorted arrays: random changes under hostile
 * names, in place and copied, made anew and decoded; and that pieces are shaped
 * as they should be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/alloc.h>

#include "lib/core/store/node-parts.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define ALGO     IRMIN_HASH_SHA1
#define NAME_MAX 255

/* ---- the model: an array in git's order ---- */

struct item {
	char *key; /* the name, and a '/' behind that of a directory */
	size_t key_len, name_len;
	irmin_mode mode;
	irmin_oid id;
	int late; /* the id is not known */
	int has_small;
};

struct model {
	struct item *items;
	size_t count, cap;
};

static int compare_keys(const char *a, size_t a_len, const char *b,
    size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

/* Where a key is or would be; `found` tells which. */
static size_t model_place(const struct model *model, const char *key,
    size_t len, int *found)
{
	size_t low = 0, high = model->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct item *item = &model->items[middle];

		if (compare_keys(item->key, item->key_len, key, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = low < model->count &&
	    compare_keys(model->items[low].key, model->items[low].key_len, key,
		len) == 0;
	return low;
}

/* A name of either kind; the count if it is not there. */
static size_t model_find(const struct model *model, irmin_slice name)
{
	char key[NAME_MAX + 1];
	size_t at;
	int found;

	memcpy(key, name.data, name.len);
	key[name.len] = '/';
	at = model_place(model, key, name.len, &found);
	if (!found)
		at = model_place(model, key, name.len + 1, &found);
	return found ? at : model->count;
}

/* The id of a file says whether it has a small value, and what that is. */
static int small_of(irmin_mode mode, const irmin_oid *id, irmin_slice *value)
{
	*value = irmin_bytes(id->bytes, id->bytes[1] % 20);
	return mode == IRMIN_MODE_FILE && id->bytes[0] % 2 == 0;
}

static void model_remove(struct model *model, irmin_slice name)
{
	size_t at = model_find(model, name);

	if (at == model->count)
		return;
	free(model->items[at].key);
	model->count--;
	memmove(&model->items[at], &model->items[at + 1],
	    (model->count - at) * sizeof *model->items);
}

static void model_put(struct model *model, irmin_slice name, irmin_mode mode,
    const irmin_oid *id)
{
	struct item item = { malloc(name.len + 1),
		name.len + (mode == IRMIN_MODE_TREE), name.len, mode,
		{ { 0 }, ALGO }, id == NULL, 0 };
	irmin_slice value;
	size_t at;
	int found;

	if (id)
		item.id = *id;
	item.has_small = small_of(mode, &item.id, &value);
	memcpy(item.key, name.data, name.len);
	item.key[name.len] = '/';
	model_remove(model, name);
	if (model->count == model->cap) {
		model->cap = model->cap * 2 + 16;
		model->items = realloc(model->items,
		    model->cap * sizeof *model->items);
	}
	at = model_place(model, item.key, item.key_len, &found);
	memmove(&model->items[at + 1], &model->items[at],
	    (model->count - at) * sizeof item);
	model->items[at] = item;
	model->count++;
}

static irmin_slice model_name(const struct model *model, size_t at)
{
	return irmin_bytes(model->items[at].key, model->items[at].name_len);
}

/* Git's encoding, with zeros where an id is not known. */
static unsigned char *model_encode(const struct model *model, size_t *len)
{
	unsigned char *bytes = malloc(model->count * (NAME_MAX + 40) + 1);
	size_t i;

	*len = 0;
	for (i = 0; i < model->count; i++)
		*len += irmin__tree_entry_encode(model_name(model, i),
		    model->items[i].mode, &model->items[i].id, bytes + *len);
	return bytes;
}

static void model_clear(struct model *model)
{
	while (model->count)
		free(model->items[--model->count].key);
	free(model->items);
	memset(model, 0, sizeof *model);
}

/* ---- the shape of pieces ---- */

struct sums {
	size_t length, bytes, fresh, no_id;
};

/* Counts a piece; not zero if it and all below it are as they should be. */
static int check_piece(const irmin__node *piece, int is_root, struct sums *sums)
{
	size_t least = is_root ? 0 : IRMIN__PIECE_MOST / 8, i;
	struct sums of = { 0, 0, 0, 0 };
	int good = piece->count >= least && piece->count <= IRMIN__PIECE_MOST;

	size_t small = 0;

	for (i = 0; i < piece->count && !piece->level; i++) {
		if (irmin__node_is_small(piece, i))
			small += piece->entries[i].small.len;
		of.fresh += piece->entries[i].flags & IRMIN__ENTRY_FRESH;
		of.no_id += !!(piece->entries[i].flags & IRMIN__ENTRY_NO_ID);
	}
	of.length = piece->level ? 0 : piece->count;
	of.bytes = piece->level ? 0 : piece->len;
	for (i = 0; i < piece->count && piece->level; i++) {
		const irmin__node_slot *slot = &piece->slots[i];
		struct sums below = { 0, 0, 0, 0 };

		good = good && slot->piece->level == piece->level - 1 &&
		    check_piece(slot->piece, 0, &below) &&
		    below.length == slot->length &&
		    below.bytes == slot->bytes && below.fresh == slot->fresh &&
		    below.no_id == slot->no_id;
		of.length += below.length;
		of.bytes += below.bytes;
		of.fresh += below.fresh;
		of.no_id += below.no_id;
	}
	*sums = of;
	good = good && small == piece->small_used &&
	    small <= piece->small_bytes &&
	    (piece->level || !small ||
		piece->len + piece->small_bytes <= piece->bytes_cap);
	return good && of.length == irmin__node_length(piece) &&
	    of.bytes == irmin__node_bytes(piece) && of.fresh == piece->fresh &&
	    of.no_id == piece->no_id && (is_root < 2 || piece->count > 1);
}

/* ---- comparing ---- */

static int has_bytes(irmin__node *dir, const void *bytes, size_t len)
{
	unsigned char *held;
	int same = irmin__node_bytes(dir) == len;

	if (!same)
		return 0;
	held = malloc(len + 1);
	irmin__node_copy_bytes(dir, held);
	same = memcmp(held, bytes, len) == 0;
	free(held);
	return same;
}

static int has_small(irmin__place place, const struct item *item)
{
	irmin_slice value;

	small_of(item->mode, &item->id, &value);
	if (!item->has_small || !irmin__place_is_small(place))
		return item->has_small == irmin__place_is_small(place);
	return irmin_slice_equal(irmin__place_small(place), value);
}

static int is_entry(irmin__place place, const struct model *model, size_t at)
{
	const struct item *item = &model->items[at];
	irmin_oid id;

	return irmin_slice_equal(irmin__place_name(place),
		   model_name(model, at)) &&
	    irmin__place_mode(place) == item->mode && has_small(place, item) &&
	    irmin__place_id(place, &id) == !item->late &&
	    (item->late || irmin_oid_compare(&id, &item->id) == 0);
}

/* From a rank to the end, or for some steps. */
static int walks_as(irmin__node *dir, const struct model *model, size_t rank,
    size_t steps)
{
	irmin__cursor cursor;

	irmin__cursor_init(&cursor, dir, rank);
	for (; rank < model->count && steps; rank++, steps--) {
		if (irmin__cursor_is_end(&cursor) ||
		    !is_entry(cursor.place, model, rank))
			return 0;
		irmin__cursor_step(&cursor);
	}
	return !steps || irmin__cursor_is_end(&cursor);
}

static int finds_as(irmin__node *dir, const struct model *model,
    irmin_slice name)
{
	size_t at = model_find(model, name);
	irmin__place place, nth;
	int found = irmin__node_find(dir, name, &place);

	if (at == model->count || !found)
		return at == model->count && !found;
	nth = irmin__node_nth(dir, at);
	return nth.leaf == place.leaf && nth.at == place.at &&
	    is_entry(place, model, at);
}

static int equals(irmin__node *dir, const struct model *model)
{
	size_t len, i;
	unsigned char *bytes = model_encode(model, &len);
	struct sums sums;
	int same = irmin__node_length(dir) == model->count &&
	    has_bytes(dir, bytes, len) && walks_as(dir, model, 0, SIZE_MAX) &&
	    walks_as(dir, model, model->count, SIZE_MAX);

	free(bytes);
	for (i = 0; i < model->count && same; i++)
		same = finds_as(dir, model, model_name(model, i));
	for (i = 0; i < 50 && same && model->count; i++)
		same = walks_as(dir, model, (size_t)rand() % model->count, 70);
	return same && check_piece(dir, 1 + (dir->level > 0), &sums);
}

/* ---- names ---- */

enum names { SLASHES, PREFIXES, BYTES, LONG, NUMBERS, FAMILIES };

static irmin_slice random_name(enum names names, char out[NAME_MAX + 1])
{
	static const char around[] = "a./0-\x7f";
	size_t len = 1 + (size_t)rand() % 7, i;

	switch (names) {
	case SLASHES: /* what sorts on both sides of '/' */
		for (i = 0; i < len; i++)
			out[i] = around[rand() % 6] == '/' ? 'b'
							   : around[rand() % 2];
		break;
	case PREFIXES: /* one begins another; all begin alike */
		len = 1 + (size_t)rand() % NAME_MAX;
		memset(out, 'p', len);
		if (rand() % 2)
			out[len - 1] = (char)".-0q"[rand() % 4];
		break;
	case BYTES:
		for (i = 0; i < len; i++)
			do
				out[i] = (char)(1 + rand() % 255);
			while (out[i] == '/');
		break;
	case LONG: /* they differ at their ends only */
		len = NAME_MAX;
		memset(out, 'x', len);
		for (i = 1; i < 6; i++)
			out[len - i] = (char)('0' + rand() % 8);
		break;
	default:
		len = (size_t)snprintf(out, 16, "%s%05d",
		    rand() % 2 ? "key-" : "k", rand() % 60000);
		break;
	}
	return irmin_bytes(out, len);
}

/* ---- changes ---- */

static irmin_oid random_id(void)
{
	irmin_oid id = { { 0 }, ALGO };
	size_t i;

	for (i = 0; i < 20; i++)
		id.bytes[i] = (unsigned char)(1 + rand() % 255);
	return id;
}

static irmin__node *new_node(uint64_t owner)
{
	irmin__node *node;

	if (irmin__node_new(ALGO, owner, 0, 0, &node, NULL) < 0)
		bail("out of memory");
	return node;
}

/* The change by which a name gets another child, or goes. */
struct drawn {
	irmin_oid id;
	irmin__node_change change;
};

static void draw_change(struct drawn *drawn, irmin_slice name, int percent_gone,
    int there)
{
	static const irmin_mode modes[] = { IRMIN_MODE_FILE, IRMIN_MODE_TREE,
		IRMIN_MODE_EXECUTABLE, IRMIN_MODE_TREE };
	irmin_slice value;
	irmin__blob *blob;
	irmin_rc rc = IRMIN_OK;

	drawn->id = random_id();
	memset(&drawn->change, 0, sizeof drawn->change);
	drawn->change.name = name;
	if (there && rand() % 100 < percent_gone)
		return;
	drawn->change.id = &drawn->id;
	drawn->change.mode = modes[rand() % 4];
	if (drawn->change.mode == IRMIN_MODE_TREE && rand() % 4 == 0) {
		drawn->change.id = NULL;
		drawn->change.child = new_node(1);
	} else if (small_of(drawn->change.mode, &drawn->id, &value)) {
		rc = irmin__change_set_value(&drawn->change, value, NULL);
	} else if (drawn->change.mode == IRMIN_MODE_FILE && rand() % 2) {
		rc = irmin__blob_new(name, &blob, NULL);
		drawn->change.child = blob;
	}
	if (rc < 0)
		bail("out of memory");
}

static void model_apply(struct model *model, const irmin__node_change *change)
{
	if (change->mode == IRMIN_MODE_NONE)
		model_remove(model, change->name);
	else
		model_put(model, change->name, change->mode, change->id);
}

/* Applies what was drawn, and gives the old directory back. */
static irmin__node *apply(irmin__node *dir, uint64_t owner,
    const struct drawn *drawn)
{
	irmin__node *result;

	if (irmin__node_apply(dir, owner, &drawn->change, &result, NULL) < 0)
		bail("out of memory");
	if (result != dir)
		irmin__node_unref(dir);
	return result;
}

/* A name that is there, or a drawn one. */
static irmin_slice draw_name(const struct model *model, enum names names,
    int percent_there, char out[NAME_MAX + 1])
{
	irmin_slice name;

	if (!model->count || rand() % 100 >= percent_there)
		return random_name(names, out);
	name = model_name(model, (size_t)rand() % model->count);
	memcpy(out, name.data, name.len);
	return irmin_bytes(out, name.len);
}

/* The tag that may change the directory: the same for a while, if at all. */
static uint64_t next_owner(uint64_t owner, int percent_copied)
{
	return owner + (rand() % 100 < percent_copied);
}

struct run {
	struct model model;
	irmin__node *dir;
	uint64_t owner;
	enum names names;
	int percent_copied;
};

static void change_some(struct run *run, size_t count, int percent_there,
    int percent_gone)
{
	char name[NAME_MAX + 1];
	struct drawn drawn;
	irmin_slice drawn_name;

	for (; count; count--) {
		drawn_name = draw_name(&run->model, run->names, percent_there,
		    name);
		draw_change(&drawn, drawn_name, percent_gone,
		    model_find(&run->model, drawn_name) < run->model.count);
		run->owner = next_owner(run->owner, run->percent_copied);
		run->dir = apply(run->dir, run->owner, &drawn);
		model_apply(&run->model, &drawn.change);
	}
}

static int finds_absent(struct run *run)
{
	char name[NAME_MAX + 1];
	int i, same = 1;

	for (i = 0; i < 2000 && same; i++)
		same = finds_as(run->dir, &run->model,
		    random_name(run->names, name));
	return same;
}

/* The same directory, read from its bytes. */
static void decode_again(struct run *run)
{
	irmin_pin pin = { NULL, 0, free, NULL };
	irmin_oid id = random_id();
	size_t i;

	for (i = 0; i < run->model.count; i++)
		run->model.items[i].late = run->model.items[i].has_small = 0;
	irmin__node_unref(run->dir);
	pin.owner = model_encode(&run->model, &pin.len);
	pin.data = pin.owner;
	if (irmin__node_decode(&id, &pin, &run->dir, NULL) < 0)
		bail("cannot decode");
	run->owner++;
}

static void test_random(enum names names, int percent_copied, size_t batch)
{
	struct run run = { { NULL, 0, 0 }, new_node(1), 1, names,
		percent_copied };
	unsigned char *before;
	irmin__node *frozen;
	size_t len, most = 0;
	int round, same = 1, kept = 1, absent = 1;

	for (round = 0; round < 12 && same && kept; round++) {
		frozen = irmin__node_ref(run.dir);
		before = model_encode(&run.model, &len);
		run.owner++;
		change_some(&run, batch, 30, round < 6 ? 10 : 90);
		same = equals(run.dir, &run.model);
		kept = has_bytes(frozen, before, len);
		absent = absent && finds_absent(&run);
		irmin__node_unref(frozen);
		free(before);
		most = run.model.count > most ? run.model.count : most;
		if (round % 4 == 3)
			decode_again(&run);
	}
	change_some(&run, 4 * most, 100, 100);
	same = same && equals(run.dir, &run.model);
	ok(same, "names %d, %d%% copied: as the model, at most %zu entries",
	    (int)names, percent_copied, most);
	ok(absent, "and finds no more");
	ok(kept, "what is frozen stays as it is");
	irmin__node_unref(run.dir);
	model_clear(&run.model);
}

/* ---- in order ---- */

static void test_ordered(int step, size_t count)
{
	struct run run = { { NULL, 0, 0 }, new_node(1), 1, NUMBERS, 0 };
	struct drawn drawn;
	char name[16];
	size_t i, n;
	int same;

	for (i = 0; i < count; i++) {
		n = step > 0 ? i : count - i;
		draw_change(&drawn,
		    irmin_bytes(name, (size_t)snprintf(name, 16, "%07zu", n)),
		    0, 0);
		run.dir = apply(run.dir, 1, &drawn);
		model_apply(&run.model, &drawn.change);
	}
	same = equals(run.dir, &run.model);
	while (run.model.count && same) {
		memset(&drawn, 0, sizeof drawn);
		drawn.change.name = model_name(&run.model,
		    step > 0 ? 0 : run.model.count - 1);
		run.dir = apply(run.dir, 1, &drawn);
		model_remove(&run.model, drawn.change.name);
		if (run.model.count % 997 == 0)
			same = equals(run.dir, &run.model);
	}
	ok(same, "%zu names come and go in order, from %s", count,
	    step > 0 ? "below" : "above");
	irmin__node_unref(run.dir);
	model_clear(&run.model);
}

/* ---- memory ---- */

/* Each allocation of each change fails once; nothing changes then. Every `step`
 * changes the directory is frozen. */
static void test_no_memory(int step)
{
	struct run run = { { NULL, 0, 0 }, new_node(1), 1, BYTES, 0 };
	unsigned char *before;
	struct drawn drawn;
	irmin__node *result;
	char name[NAME_MAX + 1];
	size_t len, live, failed = 0;
	int i, kept = 1;
	uint64_t n;

	change_some(&run, 3000, 0, 0);
	for (i = 0; i < 300; i++) {
		irmin_slice drawn_name = draw_name(&run.model, BYTES, 70, name);

		draw_change(&drawn, drawn_name, 60,
		    model_find(&run.model, drawn_name) < run.model.count);
		before = model_encode(&run.model, &len);
		run.owner += i % step == 0;
		for (n = 1; kept; n++) {
			alloc_fault_at(n);
			live = alloc_fault_live();
			if (irmin__node_apply(run.dir, run.owner, &drawn.change,
				&result, NULL) >= 0)
				break;
			failed++;
			kept = !result && has_bytes(run.dir, before, len) &&
			    (step > 1 || alloc_fault_live() == live);
		}
		alloc_fault_at(0);
		if (result && result != run.dir) {
			irmin__node_unref(run.dir);
			run.dir = result;
		}
		model_apply(&run.model, &drawn.change);
		free(before);
	}
	ok(kept && failed > 200, "%zu changes without memory change nothing",
	    failed);
	ok(walks_as(run.dir, &run.model, 0, SIZE_MAX), "and then they succeed");
	irmin__node_unref(run.dir);
	model_clear(&run.model);
}

int main(void)
{
	size_t live = alloc_fault_live();
	int names;

	srand(7);
	for (names = 0; names < FAMILIES; names++) {
		test_random((enum names)names, 0, 1500);
		test_random((enum names)names, 100, 700);
		test_random((enum names)names, 20, 1000);
	}
	test_random(NUMBERS, 1, 5000);
	test_ordered(1, 20000);
	test_ordered(-1, 20000);
	test_no_memory(20);
	test_no_memory(1);
	is_int(alloc_fault_live(), live, "nothing is left behind");
	return done_testing();
}
