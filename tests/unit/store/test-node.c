/* One directory in memory, against an array that is sorted by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/alloc.h>

#include "lib/core/store/node-order.h"
#include "lib/core/store/node.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define ALGO IRMIN_HASH_SHA1

/* ---- the model: entries in git's order ---- */

struct item {
	char name[16];
	irmin_mode mode;
	irmin_oid id;
};

struct model {
	struct item items[512];
	size_t count;
};

/* What git compares: the name, and a '/' behind that of a directory. */
static void key_of(const struct item *item, char key[20])
{
	strcpy(key, item->name);
	if (item->mode == IRMIN_MODE_TREE)
		strcat(key, "/");
}

static int compare_items(const void *a, const void *b)
{
	char x[20], y[20];

	key_of(a, x);
	key_of(b, y);
	return strcmp(x, y);
}

static struct item *model_find(struct model *model, const char *name)
{
	size_t i;

	for (i = 0; i < model->count; i++)
		if (strcmp(model->items[i].name, name) == 0)
			return &model->items[i];
	return NULL;
}

static void model_put(struct model *model, const char *name, irmin_mode mode,
    const irmin_oid *id)
{
	struct item *item = model_find(model, name);

	if (!item)
		item = &model->items[model->count++];
	strcpy(item->name, name);
	item->mode = mode;
	item->id = *id;
	qsort(model->items, model->count, sizeof *item, compare_items);
}

static void model_remove(struct model *model, const char *name)
{
	struct item *item = model_find(model, name);

	if (!item)
		return;
	*item = model->items[--model->count];
	qsort(model->items, model->count, sizeof *item, compare_items);
}

/* ---- helpers ---- */

static irmin_oid id_of(unsigned n)
{
	irmin_oid id = { { 0 }, ALGO };

	memcpy(id.bytes, &n, sizeof n);
	id.bytes[19] = 1;
	return id;
}

static irmin__node *new_node(uint64_t owner)
{
	irmin__node *node;
	irmin_error err;

	if (irmin__node_new(ALGO, owner, 0, 0, &node, &err) < 0)
		bail("%s", err.text);
	return node;
}

/* Puts (mode NONE: removes) a name; the old node is given back. */
static irmin__node *put(irmin__node *node, uint64_t owner, const char *name,
    irmin_mode mode, const irmin_oid *id)
{
	irmin__node_change change = { .name = irmin_text(name),
		.mode = mode,
		.id = id };
	irmin__node *result;
	irmin_error err;

	if (irmin__node_apply(node, owner, &change, &result, &err) < 0)
		bail("%s", err.text);
	if (result != node)
		irmin__node_unref(node);
	return result;
}

static irmin_pin pin_of(const void *bytes, size_t len)
{
	irmin_pin pin = { NULL, len, irmin_free, NULL };

	pin.owner = irmin_malloc(len);
	if (!pin.owner)
		bail("out of memory");
	memcpy(pin.owner, bytes, len);
	pin.data = pin.owner;
	return pin;
}

static irmin_rc decode(const void *bytes, size_t len, irmin__node **node,
    irmin_error *err)
{
	irmin_oid id = id_of(1);
	irmin_pin pin = pin_of(bytes, len);
	irmin_rc rc = irmin__node_decode(&id, &pin, node, err);

	irmin_pin_release(&pin);
	return rc;
}

/* Whether a node holds just what the model does: names, modes and ids in order,
 * and bytes as git writes them. */
static int equals(irmin__node *node, const struct model *model)
{
	unsigned char bytes[512 * 48], held[sizeof bytes];
	irmin__place at, found;
	size_t len = 0, i;
	irmin_oid id;

	if (irmin__node_length(node) != model->count)
		return 0;
	for (i = 0; i < model->count; i++) {
		const struct item *item = &model->items[i];

		at = irmin__node_nth(node, i);
		len += irmin__tree_entry_encode(irmin_text(item->name),
		    item->mode, &item->id, bytes + len);
		if (!irmin_slice_equal(irmin__place_name(at),
			irmin_text(item->name)) ||
		    irmin__place_mode(at) != item->mode ||
		    !irmin__place_id(at, &id) ||
		    irmin_oid_compare(&id, &item->id) != 0 ||
		    !irmin__node_find(node, irmin_text(item->name), &found) ||
		    found.leaf != at.leaf || found.at != at.at)
			return 0;
	}
	if (len != irmin__node_bytes(node))
		return 0;
	irmin__node_copy_bytes(node, held);
	return memcmp(bytes, held, len) == 0;
}

/* ---- tests ---- */

/* Names in which the order of files and directories matters. */
static void random_name(char name[16])
{
	static const char alphabet[] = "a.0-";
	int len = 1 + rand() % 3, i;

	for (i = 0; i < len; i++)
		name[i] = alphabet[rand() % 4];
	name[len] = '\0';
}

/* In place, or with a copy at every step. */
static void test_random(unsigned seed, int copies)
{
	struct model model = { .count = 0 };
	irmin__node *node = new_node(1), *before;
	irmin_mode modes[] = { IRMIN_MODE_NONE, IRMIN_MODE_TREE,
		IRMIN_MODE_FILE, IRMIN_MODE_EXECUTABLE, IRMIN_MODE_GITLINK };
	char name[16];
	irmin__place at;
	int i, same = 1, kept = 1;

	srand(seed);
	for (i = 0; i < 2000 && same; i++) {
		irmin_mode mode = modes[rand() % 5];
		irmin_oid id = id_of((unsigned)rand());

		random_name(name);
		if (!model_find(&model, name)) {
			same = !irmin__node_find(node, irmin_text(name), &at);
			if (mode == IRMIN_MODE_NONE)
				continue;
		}
		before = irmin__node_ref(node);
		node = put(node, copies ? (uint64_t)i + 2 : 1, name, mode, &id);
		kept = kept &&
		    (!copies || (before != node && equals(before, &model)));
		irmin__node_unref(before);
		if (mode == IRMIN_MODE_NONE)
			model_remove(&model, name);
		else
			model_put(&model, name, mode, &id);
		same = same && equals(node, &model);
	}
	ok(same, "seed %u, %s: as the model, %zu entries", seed,
	    copies ? "copied" : "in place", model.count);
	ok(kept, "seed %u: a node of another owner is left as it is", seed);
	irmin__node_unref(node);
}

static void test_both_kinds(void)
{
	irmin__node *node = new_node(1);
	irmin_oid id = id_of(7);
	irmin__place at;

	node = put(node, 1, "a", IRMIN_MODE_TREE, &id);
	node = put(node, 1, "a.", IRMIN_MODE_FILE, &id);
	node = put(node, 1, "a0", IRMIN_MODE_FILE, &id);
	ok(irmin__node_find(node, irmin_text("a"), &at) && at.at == 1,
	    "a directory is found behind the file a.");
	ok(irmin__node_find(node, irmin_text("a."), &at) && at.at == 0,
	    "and the file before it");
	ok(!irmin__node_find(node, irmin_text("a-"), &at), "a- is not there");
	node = put(node, 1, "a", IRMIN_MODE_FILE, &id);
	ok(irmin__node_find(node, irmin_text("a"), &at) && at.at == 0,
	    "as a file it stands before a.");
	is_int(node->count, 3, "nothing is there twice");
	irmin__node_unref(node);
}

#define ID20 "\1\2\3\4\5\6\7\10\1\2\3\4\5\6\7\10\1\2\3\4"

static void test_broken(void)
{
	static const char unsorted[] = "100644 b\0" ID20 "100644 a\0" ID20;
	static const char twice[] = "100644 a\0" ID20 "40000 a\0" ID20;
	irmin__node *node;
	irmin__node_order order;
	irmin_error err;
	irmin__place at;

	succeeds(decode(unsorted, sizeof unsorted - 1, &node, &err), &err,
	    "a tree out of order can be read");
	ok(irmin__node_is_broken(node), "and is known as such");
	ok(irmin__node_find(node, irmin_text("a"), &at) && at.at == 1,
	    "a is 2nd");
	ok(irmin__node_find(node, irmin_text("b"), &at) && at.at == 0,
	    "b is 1st");
	ok(!irmin__node_find(node, irmin_text("c"), &at), "c is not there");
	succeeds(irmin__node_order_init(&order, node, &err), &err, "sorting");
	is_int(irmin__node_order_peek(&order).at, 1, "in order a is 1st");
	irmin__node_order_clear(&order);
	irmin__node_unref(node);
	succeeds(decode(twice, sizeof twice - 1, &node, &err), &err,
	    "a tree with a name twice can be read");
	ok(irmin__node_is_broken(node), "and is known as such");
	irmin__node_unref(node);
}

static void test_bad_bytes(void)
{
	static const char cut[] = "100644 a\0" ID20 "100644 b";
	char zeros[400];
	irmin__node *node;
	irmin_error err;

	fails(decode(cut, sizeof cut - 1, &node, &err), IRMIN_ECORRUPT, &err,
	    "a tree that is cut off");
	ok(node == NULL, "gives nothing");
	memset(zeros, '0', sizeof zeros);
	memcpy(zeros + sizeof zeros - 34, "40000 a\0" ID20, 28);
	fails(decode(zeros, sizeof zeros - 6, &node, &err), IRMIN_ECORRUPT,
	    &err, "a mode of hundreds of digits");
}

static void test_odd_modes(void)
{
	static const char odd[] = "0100664 a\0" ID20 "040000 d\0" ID20;
	static const char canonical[] = "100644 a\0" ID20 "100644 b\0" ID20
					"40000 d\0" ID20;
	irmin_oid id = irmin__oid_of_bytes(ALGO, ID20);
	irmin__node *node;
	irmin_error err;

	succeeds(decode(odd, sizeof odd - 1, &node, &err), &err, "odd modes");
	is_int(irmin__node_mode(node, 0), IRMIN_MODE_FILE, "read as git does");
	is_mem(node->bytes, node->len, odd, sizeof odd - 1, "and kept");
	node = put(node, 1, "b", IRMIN_MODE_FILE, &id);
	is_mem(node->bytes, node->len, canonical, sizeof canonical - 1,
	    "until the directory changes");
	irmin__node_unref(node);
}

static irmin__node *leaf_under(irmin__node *child, const char *name)
{
	irmin__node_change change = { .name = irmin_text(name),
		.mode = IRMIN_MODE_TREE,
		.child = child };
	irmin__node *node = new_node(1), *result;
	irmin_error err;

	if (irmin__node_apply(node, 1, &change, &result, &err) < 0)
		bail("%s", err.text);
	return result;
}

static void test_late_ids(void)
{
	irmin__node *child = new_node(1), *node = leaf_under(child, "d");
	irmin_oid id = id_of(3), other = id_of(4), got;

	is_int(node->no_id, 1, "the id of a new directory is not known");
	is_int(node->fresh, 1, "nor is it stored");
	ok(!irmin__node_entry_id(node, 0, &got) && irmin_oid_is_none(&got),
	    "so there is none");
	irmin__late_set(&child->late, &id);
	ok(irmin__node_entry_id(node, 0, &got) &&
		irmin_oid_compare(&got, &id) == 0,
	    "once it is known, that is it");
	ok(!irmin__node_is_stored(child), "known is not stored");
	node = put(node, 2, "e", IRMIN_MODE_FILE, &other);
	is_int(node->no_id, 1, "a copy asks the child as well");
	memcpy(node->bytes + irmin__node_id_offset(node, 0), id.bytes,
	    node->id_bytes);
	irmin__late_set(&node->late, &other);
	node = put(node, 3, "f", IRMIN_MODE_FILE, &other);
	is_int(node->no_id, 0, "one made once all are in place has them");
	ok(irmin__node_entry_id(node, 0, &got) &&
		irmin_oid_compare(&got, &id) == 0,
	    "and this among them");
	is_int(node->fresh, 1, "it still has to be stored");
	atomic_store(&child->stored, 1);
	atomic_store(&node->stored, 1);
	node = put(node, 4, "g", IRMIN_MODE_FILE, &other);
	is_int(node->fresh, 0, "a copy made once it is has nothing to store");
	irmin__node_unref(node);
}

static void test_deep(void)
{
	irmin__node *node = new_node(1);
	int i;

	for (i = 0; i < 200000; i++)
		node = leaf_under(node, "d");
	irmin__node_unref(node);
	ok(1, "200000 directories in each other are freed");
}

/* Steps over what two directories share; not zero if all else is the same but
 * for `changed` entries. Counts the entries looked at. */
static int differs_in(irmin__node *a, irmin__node *b, size_t changed,
    size_t *looked_at)
{
	irmin__cursor of_a, of_b;
	irmin_oid a_id, b_id;

	irmin__cursor_init(&of_a, a, 0);
	irmin__cursor_init(&of_b, b, 0);
	*looked_at = 0;
	for (;;) {
		irmin__cursor_skip_shared(&of_a, &of_b);
		if (irmin__cursor_is_end(&of_a) || irmin__cursor_is_end(&of_b))
			break;
		if (!irmin_slice_equal(irmin__place_name(of_a.place),
			irmin__place_name(of_b.place)))
			return 0;
		irmin__place_id(of_a.place, &a_id);
		irmin__place_id(of_b.place, &b_id);
		changed -= irmin_oid_compare(&a_id, &b_id) != 0;
		irmin__cursor_step(&of_a);
		irmin__cursor_step(&of_b);
		++*looked_at;
	}
	return irmin__cursor_is_end(&of_a) && irmin__cursor_is_end(&of_b) &&
	    changed == 0;
}

static void test_shared(void)
{
	irmin__node *node = new_node(1), *before;
	irmin_oid id = id_of(1), other = id_of(2);
	char name[16];
	size_t looked_at;
	int i;

	for (i = 0; i < 20000; i++) {
		sprintf(name, "%05d", i * 7 % 20000);
		node = put(node, 1, name, IRMIN_MODE_FILE, &id);
	}
	ok(differs_in(node, node, 0, &looked_at) && looked_at == 0,
	    "a directory shares everything with itself");
	before = irmin__node_ref(node);
	for (i = 0; i < 20000; i += 4000) {
		sprintf(name, "%05d", i);
		node = put(node, 2, name, IRMIN_MODE_FILE, &other);
	}
	node = put(node, 2, "19999+", IRMIN_MODE_FILE, &id);
	node = put(node, 2, "19999+", IRMIN_MODE_NONE, NULL);
	ok(differs_in(before, node, 5, &looked_at),
	    "5 of 20000 entries are another");
	ok(looked_at < 300, "%zu are looked at to find them", looked_at);
	irmin__node_unref(before);
	irmin__node_unref(node);
}

static irmin_rc copy_and_grow(void *arg, irmin_error *err)
{
	irmin__node *base = arg, *node = NULL, *same;
	irmin_oid id = id_of(5);
	irmin__node_change change = { .name = irmin_text("m"),
		.mode = IRMIN_MODE_FILE,
		.id = &id };
	irmin_rc rc;

	rc = irmin__node_apply(base, 9, &change, &node, err);
	change.name = irmin_text("n");
	if (rc >= 0)
		rc = irmin__node_apply(node, 9, &change, &same, err);
	if (rc < 0 && node && node->count != base->count + 1)
		return IRMIN_EIO; /* half done */
	irmin__node_unref(node);
	return rc;
}

static void test_no_memory(void)
{
	irmin__node *base = new_node(1);
	irmin_oid id = id_of(6);

	base = put(base, 1, "a", IRMIN_MODE_FILE, &id);
	base = put(base, 1, "z", IRMIN_MODE_TREE, &id);
	alloc_fault_sweep("a copy that grows", copy_and_grow, base);
	is_int(base->count, 2, "what it was made from is as before");
	irmin__node_unref(base);
}

int main(void)
{
	unsigned seed;
	size_t live = alloc_fault_live();

	for (seed = 1; seed <= 4; seed++) {
		test_random(seed, 0);
		test_random(seed, 1);
	}
	test_both_kinds();
	test_broken();
	test_bad_bytes();
	test_odd_modes();
	test_late_ids();
	test_deep();
	test_shared();
	test_no_memory();
	is_int(alloc_fault_live(), live, "nothing is left behind");
	return done_testing();
}
