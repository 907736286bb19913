/*
 * path-map.h - what a tree is, as simply as it can be said: a sorted map
 *
 * Paths with modes and values, in the order of the paths' bytes, which is git's
 * order of what a walk tells. It takes thousands of entries; strings are not
 * copied, and live until the program ends.
 */
#ifndef IRMIN_TESTS_PATH_MAP_H
#define IRMIN_TESTS_PATH_MAP_H

#include <irmin/irmin.h>

struct path_entry {
	const char *path;
	const char *value;
	irmin_mode mode;
};

/* All zero is empty. */
struct path_map {
	struct path_entry *items;
	size_t count, cap;
};

void path_map_clear(struct path_map *map);
void path_map_copy(struct path_map *map, const struct path_map *from);

/* The first entry that is not before a path: where that is, or would be. */
size_t path_map_place(const struct path_map *map, const char *path);

/* The value at a path, or NULL; what is there: NONE, its mode, or TREE. */
const struct path_entry *path_map_find(const struct path_map *map,
    const char *path);
irmin_mode path_map_mode(const struct path_map *map, const char *path);

/* What irmin_edit_set_mode, _remove, _add_tree and _move do, and answer: OK,
 * UNCHANGED or ABSENT. `from` is not `map`. */
irmin_rc path_map_set(struct path_map *map, const char *path, irmin_mode mode,
    const char *value);
irmin_rc path_map_remove(struct path_map *map, const char *path);
irmin_rc path_map_graft(struct path_map *map, const char *to,
    const struct path_map *from, const char *below);
irmin_rc path_map_move(struct path_map *map, const char *from, const char *to);

/* Appends a line for each: "mode name" of the entries of a directory, "+path",
 * "-path", "*path" of what differs, "mode path value" of all. */
void path_map_list(const struct path_map *map, const char *path,
    irmin_buf *text);
void path_map_diff(const struct path_map *from, const struct path_map *to,
    irmin_buf *text);
void path_map_print(const struct path_map *map, irmin_buf *text);

#endif
