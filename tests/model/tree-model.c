#include "tests/model/tree-model.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/buf-print.h"
#include "tests/support/tap.h"

#define MAX_PATH    64
#define MAX_ENTRIES 200

const char *model_random_path(void)
{
	static const char alphabet[] = "a./0a0//";
	char path[8];
	int len = rand() % 8, i;

	for (i = 0; i < len; i++)
		path[i] = alphabet[rand() % 8];
	return tap_format("%.*s", len, path);
}

const char *model_random_value(void)
{
	static const char *const values[] = { "", "1", "2", "three\n" };

	return values[rand() % 4];
}

irmin_mode model_random_mode(void)
{
	static const irmin_mode modes[] = { IRMIN_MODE_FILE,
		IRMIN_MODE_EXECUTABLE, IRMIN_MODE_SYMLINK };

	return modes[rand() % 3];
}

const char *model_plain(const char *path)
{
	const char *plain = "";
	size_t len;

	for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
		len = strcspn(path, "/");
		plain = tap_format("%s%s%.*s", plain, *plain ? "/" : "",
		    (int)len, path);
		path += len;
	}
	return plain;
}

int model_is_writable(const char *plain)
{
	const char *framed = tap_format("/%s/", plain);

	return *plain && !strstr(framed, "/./") && !strstr(framed, "/../");
}

int model_fits(const struct path_map *map, const char *to,
    const struct path_map *from, const char *below)
{
	size_t at, end, len = strlen(to) + 1, skipped = strlen(below);

	path_map_below(from, below, &at, &end);
	if (at < end && map->count + (end - at) > MAX_ENTRIES)
		return 0;
	for (; at < end; at++)
		if (len + strlen(from->items[at].path) - skipped >= MAX_PATH)
			return 0;
	return 1;
}

/* ---- as git sees it ---- */

static irmin_oid hash(irmin_hash_algo algo, irmin_object_type type,
    const void *bytes, size_t len)
{
	irmin_error err;
	irmin_oid id;

	if (irmin_hash_object(algo, type, irmin_bytes(bytes, len), &id, &err) <
	    0)
		bail("%s", err.text);
	return id;
}

/* Of the directory whose paths begin with `skipped` bytes. */
static irmin_oid tree_id(const struct path_map *map, irmin_hash_algo algo,
    size_t at, size_t end, size_t skipped)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	size_t next, len;
	irmin_oid id;

	for (; at < end; at = next) {
		const struct path_entry *entry = &map->items[at];
		const char *name = entry->path + skipped;
		irmin_mode mode = entry->mode;

		next = path_map_next(map, at, skipped, &len);
		if (name[len] == '/') {
			mode = IRMIN_MODE_TREE;
			id = tree_id(map, algo, at, next, skipped + len + 1);
		} else {
			id = hash(algo, IRMIN_OBJECT_BLOB, entry->value,
			    strlen(entry->value));
		}
		buf_print(&bytes, "%o %.*s%c", mode, (int)len, name, 0);
		buf_add(&bytes, irmin_bytes(id.bytes, irmin_hash_size(algo)));
	}
	id = hash(algo, IRMIN_OBJECT_TREE, bytes.data, bytes.len);
	irmin_buf_clear(&bytes);
	return id;
}

irmin_oid model_id(const struct path_map *map, irmin_hash_algo algo)
{
	return tree_id(map, algo, 0, map->count, 0);
}
