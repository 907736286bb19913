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

/* The value at a path, or NULL; what is there: NONE, its mode, or TREE. */
const struct path_entry *path_map_find(const struct path_map *map,
    const char *path);
irmin_mode path_map_mode(const struct path_map *map, const char *path);

/* The entries below a path; all are below "". */
void path_map_below(const struct path_map *map, const char *path, size_t *begin,
    size_t *end);

/* Of a directory whose paths begin with `skipped` bytes: the name of the entry
 * at a place, and where the next one begins. */
size_t path_map_next(const struct path_map *map, size_t at, size_t skipped,
    size_t *name_len);

/* What irmin_edit_set_mode, _remove, _add_tree and _move do, and answer: OK,
 * UNCHANGED, ABSENT, or EINVAL for a move to above or below. A mode of NONE is
 * that of what is there. The other map of a graft is not `map`. */
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
