#include "tests/cost/shape.h"

#include <stdio.h>

#include "tests/support/tap.h"

#define FAN_OUT   100
#define VALUES    251     /* different ones */
#define SCATTERED 7368787 /* a prime: no power of ten has it */

const char *shape_text(const struct shape *shape)
{
	return tap_format("%s, %zu keys",
	    shape->is_flat ? "one directory" : "directories of 100",
	    shape->keys);
}

size_t shape_levels(const struct shape *shape)
{
	size_t levels = 1, reach = FAN_OUT;

	if (shape->is_flat)
		return 1;
	for (; reach < shape->keys; reach *= FAN_OUT)
		levels++;
	return levels;
}

static uint64_t entry_bytes(const char *mode_and_name, irmin_hash_algo algo)
{
	return strlen(mode_and_name) + 1 + irmin_hash_size(algo);
}

uint64_t shape_path_bytes(const struct shape *shape, irmin_hash_algo algo)
{
	size_t below = 1, level;
	uint64_t bytes = 0;

	if (shape->is_flat)
		return shape->keys * entry_bytes("100644 1234567", algo);
	for (level = shape_levels(shape); level > 1; level--) {
		bytes += FAN_OUT *
		    entry_bytes(below == 1 ? "100644 12" : "40000 12", algo);
		below *= FAN_OUT;
	}
	return bytes +
	    shape->keys / below *
	    entry_bytes(below == 1 ? "100644 12" : "40000 12", algo);
}

void shape_key(const struct shape *shape, size_t key, char path[SHAPE_PATH])
{
	size_t levels = shape_levels(shape), at;

	if (shape->is_flat) {
		snprintf(path, SHAPE_PATH, "%07zu", key);
		return;
	}
	for (at = levels; at-- > 0; key /= FAN_OUT) {
		snprintf(path + 3 * at, 3, "%02zu", key % FAN_OUT);
		path[3 * at + 2] = at + 1 < levels ? '/' : '\0';
	}
}

size_t shape_random(const struct shape *shape, uint64_t *seed)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return (size_t)(*seed >> 33) % shape->keys;
}

irmin_tree *shape_grow(irmin_repo *repo, const struct shape *shape)
{
	char path[SHAPE_PATH], value[16];
	irmin_tree *tree;
	irmin_edit *edit;
	irmin_error err;
	size_t i, key;

	if (irmin_tree_empty(repo, &tree, &err) < 0 ||
	    irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	for (i = 0; i < shape->keys; i++) {
		key = i * SCATTERED % shape->keys;
		shape_key(shape, key, path);
		snprintf(value, sizeof value, "%zu",
		    (key ^ key / 256) % VALUES);
		if (irmin_edit_set(edit, path, irmin_text(value), &err) < 0)
			bail("%s", err.text);
	}
	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	return tree;
}

static int count(void *arg, const irmin_visit *visit)
{
	(void)visit;
	++*(size_t *)arg;
	return 0;
}

size_t shape_count(irmin_tree *tree, uint32_t flags)
{
	size_t entries = 0;
	irmin_error err;

	if (irmin_tree_each(tree, "", flags, count, &entries, &err) < 0)
		bail("%s", err.text);
	return entries;
}
