#include "tests/support/path-map.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/buf-print.h"
#include "tests/support/tap.h"

static void make_room(struct path_map *map, size_t count)
{
	if (map->count + count <= map->cap)
		return;
	map->cap = (map->count + count) * 2;
	map->items = realloc(map->items, map->cap * sizeof *map->items);
	if (!map->items)
		bail("out of memory");
}

void path_map_clear(struct path_map *map)
{
	free(map->items);
	memset(map, 0, sizeof *map);
}

void path_map_copy(struct path_map *map, const struct path_map *from)
{
	map->count = 0;
	make_room(map, from->count);
	if (from->count)
		memcpy(map->items, from->items,
		    from->count * sizeof *map->items);
	map->count = from->count;
}

/* The first entry that is not before a path: where that is, or would be. */
static size_t place(const struct path_map *map, const char *path)
{
	size_t low = 0, high = map->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcmp(map->items[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void path_map_below(const struct path_map *map, const char *path, size_t *begin,
    size_t *end)
{
	*begin = 0;
	*end = map->count;
	if (!*path)
		return;
	*begin = place(map, tap_format("%s/", path));
	*end = place(map, tap_format("%s%c", path, '/' + 1));
}

/* NULL: it is the end. */
static const struct path_entry *entry_at(const struct path_map *map, size_t at)
{
	return at < map->count ? &map->items[at] : NULL;
}

const struct path_entry *path_map_find(const struct path_map *map,
    const char *path)
{
	const struct path_entry *entry = entry_at(map, place(map, path));

	return entry && strcmp(entry->path, path) == 0 ? entry : NULL;
}

irmin_mode path_map_mode(const struct path_map *map, const char *path)
{
	const struct path_entry *entry = path_map_find(map, path);
	size_t begin, end;

	if (entry)
		return entry->mode;
	path_map_below(map, path, &begin, &end);
	return begin < end || !*path ? IRMIN_MODE_TREE : IRMIN_MODE_NONE;
}

/* ---- changing ---- */

static void cut(struct path_map *map, size_t begin, size_t end)
{
	if (begin == end)
		return;
	memmove(map->items + begin, map->items + end,
	    (map->count - end) * sizeof *map->items);
	map->count -= end - begin;
}

/* Makes room for `count` entries at a place. */
static struct path_entry *open_gap(struct path_map *map, size_t at,
    size_t count)
{
	make_room(map, count);
	memmove(map->items + at + count, map->items + at,
	    (map->count - at) * sizeof *map->items);
	map->count += count;
	return map->items + at;
}

/* Takes out values where a path needs directories. */
static void cut_above(struct path_map *map, const char *path)
{
	const struct path_entry *entry;
	const char *slash = path;

	while ((slash = strchr(slash, '/'))) {
		entry = path_map_find(map,
		    tap_format("%.*s", (int)(slash - path), path));
		if (entry)
			cut(map, (size_t)(entry - map->items),
			    (size_t)(entry - map->items) + 1);
		slash++;
	}
}

irmin_rc path_map_remove(struct path_map *map, const char *path)
{
	const struct path_entry *entry = path_map_find(map, path);
	size_t begin, end;

	if (entry) {
		begin = (size_t)(entry - map->items);
		end = begin + 1;
	} else {
		path_map_below(map, path, &begin, &end);
	}
	if (begin == end)
		return IRMIN_UNCHANGED;
	cut(map, begin, end);
	return IRMIN_OK;
}

irmin_rc path_map_set(struct path_map *map, const char *path, irmin_mode mode,
    const char *value)
{
	const struct path_entry *entry = path_map_find(map, path);
	struct path_entry made = { path, value, mode };

	if (!mode)
		made.mode = entry ? entry->mode : IRMIN_MODE_FILE;
	if (entry && entry->mode == made.mode &&
	    strcmp(entry->value, value) == 0)
		return IRMIN_UNCHANGED;
	path_map_remove(map, path);
	cut_above(map, path);
	*open_gap(map, place(map, path), 1) = made;
	return IRMIN_OK;
}

static int equals(const struct path_map *a, const struct path_map *b)
{
	size_t i;

	if (a->count != b->count)
		return 0;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->items[i].path, b->items[i].path) != 0 ||
		    strcmp(a->items[i].value, b->items[i].value) != 0 ||
		    a->items[i].mode != b->items[i].mode)
			return 0;
	return 1;
}

/* Puts entries at a path where nothing is; `skipped` bytes of theirs go. */
static void put_below(struct path_map *map, const char *to,
    const struct path_entry *entries, size_t count, size_t skipped)
{
	struct path_entry *gap;
	size_t i;

	cut_above(map, to);
	gap = open_gap(map, place(map, tap_format("%s/", to)), count);
	for (i = 0; i < count; i++) {
		gap[i] = entries[i];
		gap[i].path = tap_format("%s%s%s", to, *to ? "/" : "",
		    entries[i].path + skipped);
	}
}

irmin_rc path_map_graft(struct path_map *map, const char *to,
    const struct path_map *from, const char *below)
{
	struct path_map before = { NULL, 0, 0 };
	size_t begin, end;
	irmin_rc rc;

	path_map_copy(&before, map);
	path_map_remove(map, to);
	path_map_below(from, below, &begin, &end);
	if (begin < end)
		put_below(map, to, from->items + begin, end - begin,
		    *below ? strlen(below) + 1 : 0);
	rc = equals(&before, map) ? IRMIN_UNCHANGED : IRMIN_OK;
	path_map_clear(&before);
	return rc;
}

static int is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 && path[len] == '/';
}

irmin_rc path_map_move(struct path_map *map, const char *from, const char *to)
{
	struct path_map before = { NULL, 0, 0 };
	const struct path_entry *entry = path_map_find(map, from);
	struct path_entry moved;

	if (path_map_mode(map, from) == IRMIN_MODE_NONE)
		return IRMIN_ABSENT;
	if (strcmp(from, to) == 0)
		return IRMIN_UNCHANGED;
	if (is_below(from, to) || is_below(to, from))
		return IRMIN_EINVAL;
	if (entry) {
		moved = *entry;
		path_map_remove(map, from);
		path_map_set(map, to, moved.mode, moved.value);
		return IRMIN_OK;
	}
	path_map_copy(&before, map);
	path_map_remove(map, from);
	path_map_graft(map, to, &before, from);
	path_map_clear(&before);
	return IRMIN_OK;
}

size_t path_map_next(const struct path_map *map, size_t at, size_t skipped,
    size_t *name_len)
{
	const char *path = map->items[at].path;
	const char *slash = strchr(path + skipped, '/');

	*name_len = slash ? (size_t)(slash - path) - skipped
			  : strlen(path + skipped);
	do
		at++;
	while (slash && at < map->count &&
	    strncmp(map->items[at].path, path, skipped + *name_len + 1) == 0);
	return at;
}

/* ---- as text ---- */

void path_map_list(const struct path_map *map, const char *path,
    irmin_buf *text)
{
	size_t skipped = *path ? strlen(path) + 1 : 0, at, end, next, len;

	for (path_map_below(map, path, &at, &end); at < end; at = next) {
		const struct path_entry *entry = &map->items[at];
		const char *name = entry->path + skipped;

		next = path_map_next(map, at, skipped, &len);
		buf_print(text, "%06o %.*s\n",
		    name[len] ? IRMIN_MODE_TREE : entry->mode, (int)len, name);
	}
}

void path_map_diff(const struct path_map *from, const struct path_map *to,
    irmin_buf *text)
{
	size_t a = 0, b = 0;

	while (a < from->count || b < to->count) {
		const struct path_entry *x = entry_at(from, a);
		const struct path_entry *y = entry_at(to, b);
		int order = !x ? 1 : !y ? -1 : strcmp(x->path, y->path);

		a += order <= 0;
		b += order >= 0;
		if (order < 0)
			buf_print(text, "-%s\n", x->path);
		else if (order > 0)
			buf_print(text, "+%s\n", y->path);
		else if (x->mode != y->mode || strcmp(x->value, y->value) != 0)
			buf_print(text, "*%s\n", x->path);
	}
}

void path_map_print(const struct path_map *map, irmin_buf *text)
{
	size_t i;

	for (i = 0; i < map->count; i++)
		buf_print(text, "%06o %s %s\n", map->items[i].mode,
		    map->items[i].path, map->items[i].value);
}
