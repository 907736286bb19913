#include "tests/model/txn-model.h"

#include <string.h>

#include "tests/support/buf-print.h"
#include "tests/support/tap.h"

/* A copy of a text in a buf, which is cleared. */
static const char *text_of(irmin_buf *buf)
{
	const char *text = tap_format("%s", buf->len ? (char *)buf->data : "");

	irmin_buf_clear(buf);
	return text;
}

/* ---- reads ---- */

/* Lines of a list, from one on. */
static const char *page(const struct act *act, const struct path_map *map)
{
	irmin_buf all = IRMIN_BUF_INIT, some = IRMIN_BUF_INIT;
	const char *line, *end;
	size_t i = 0;

	path_map_list(map, act->path, &all);
	for (line = (char *)all.data; line && *line; line = end + 1, i++) {
		end = strchr(line, '\n');
		if (i >= act->offset &&
		    (!act->limit || i < act->offset + act->limit))
			buf_print(&some, "%.*s\n", (int)(end - line), line);
	}
	irmin_buf_clear(&all);
	return text_of(&some);
}

static size_t length(const struct path_map *map, const char *path)
{
	size_t skipped = *path ? strlen(path) + 1 : 0, at, end, count = 0, len;

	path_map_below(map, path, &at, &end);
	for (; at < end; count++)
		at = path_map_next(map, at, skipped, &len);
	return count;
}

/* All that is below a path, with paths as they are from there. */
static const char *below(const struct path_map *map, const char *path)
{
	struct path_map sub = { NULL, 0, 0 };
	irmin_buf text = IRMIN_BUF_INIT;

	path_map_graft(&sub, "", map, path);
	path_map_print(&sub, &text);
	path_map_clear(&sub);
	return text_of(&text);
}

const char *act_answer(const struct act *act, const struct path_map *map)
{
	irmin_mode mode = path_map_mode(map, act->path);

	if (act->kind == ACT_HAS)
		return tap_format("%06o", mode);
	if (act->kind == ACT_ASK)
		return tap_format("%zu", length(map, act->path));
	if (act->kind == ACT_FIND)
		return mode && mode != IRMIN_MODE_TREE
		    ? tap_format("=%s", path_map_find(map, act->path)->value)
		    : "-";
	if (mode != IRMIN_MODE_TREE)
		return "-";
	if (act->kind == ACT_LENGTH)
		return tap_format("%zu", length(map, act->path));
	return act->kind == ACT_LIST ? tap_format("=%s", page(act, map))
				     : tap_format("=%s", below(map, act->path));
}

/* All there is at a path: a value, what is below, or nothing. */
static const char *whole(const struct path_map *map, const char *path)
{
	const struct path_entry *entry = path_map_find(map, path);

	return entry ? tap_format("=%s", entry->value) : below(map, path);
}

int act_agrees(const struct act *act, const struct path_map *a,
    const struct path_map *b)
{
	if (act->kind == ACT_MOVE)
		return strcmp(whole(a, act->path), whole(b, act->path)) == 0;
	return act->kind >= ACT_READS ||
	    strcmp(act_answer(act, a), act_answer(act, b)) == 0;
}

/* ---- writes ---- */

irmin_rc act_run(const struct act *act, struct path_map *map)
{
	size_t entries;

	switch (act->kind) {
	case ACT_SET:
		return path_map_set(map, act->path, IRMIN_MODE_NONE,
		    act->value);
	case ACT_REMOVE:
		return path_map_remove(map, act->path);
	case ACT_MOVE:
		return path_map_move(map, act->path, act->to);
	case ACT_GRAFT:
		return path_map_graft(map, act->path, act->tree, "");
	case ACT_APPEND:
		entries = length(map, act->path);
		return path_map_set(map,
		    tap_format("%s/n%zu", act->path, entries), IRMIN_MODE_NONE,
		    tap_format("%zu", entries));
	default:
		return IRMIN_OK;
	}
}

/* ---- merging ---- */

void model_take(struct path_map *map, const struct path_map *from,
    const char *path)
{
	const struct path_entry *entry = path_map_find(from, path);

	if (entry)
		path_map_set(map, path, entry->mode, entry->value);
	else
		path_map_graft(map, path, from, path);
}

struct merge {
	const struct path_map *base, *ours, *theirs;
	struct path_map *result;
	size_t conflicts;
};

static int same(const struct path_map *a, const struct path_map *b,
    const char *path)
{
	return path_map_mode(a, path) == path_map_mode(b, path) &&
	    strcmp(whole(a, path), whole(b, path)) == 0;
}

static void merge_directory(struct merge *merge, const char *path);

static int is_value(irmin_mode mode)
{
	return mode && mode != IRMIN_MODE_TREE;
}

/* Both sides changed it. A directory is what is in it: one that is gone is
 * empty, and a value in its place is another thing that came. */
static void merge_changed(struct merge *merge, const char *path)
{
	irmin_mode base = path_map_mode(merge->base, path);
	irmin_mode ours = path_map_mode(merge->ours, path);
	irmin_mode theirs = path_map_mode(merge->theirs, path);

	if ((ours && theirs) || is_value(base) == is_value(ours | theirs)) {
		if (is_value(ours) || is_value(theirs))
			merge->conflicts++;
		else
			merge_directory(merge, path);
	} else if (!ours) {
		model_take(merge->result, merge->theirs, path);
	}
}

/* The first row that fits decides. */
static void merge_entry(struct merge *merge, const char *path)
{
	if (same(merge->ours, merge->theirs, path))
		return;
	if (same(merge->base, merge->ours, path))
		model_take(merge->result, merge->theirs, path);
	else if (!same(merge->base, merge->theirs, path))
		merge_changed(merge, path);
}

/* The names of one side, but for those that the other has. */
static void merge_names(struct merge *merge, const char *path,
    const struct path_map *side, const struct path_map *other)
{
	size_t skipped = *path ? strlen(path) + 1 : 0, at, end, next, len;
	const char *name;

	for (path_map_below(side, path, &at, &end); at < end; at = next) {
		next = path_map_next(side, at, skipped, &len);
		name = tap_format("%.*s", (int)(skipped + len),
		    side->items[at].path);
		if (!other || !path_map_mode(other, name))
			merge_entry(merge, name);
	}
}

static void merge_directory(struct merge *merge, const char *path)
{
	merge_names(merge, path, merge->ours, NULL);
	merge_names(merge, path, merge->theirs, merge->ours);
}

void model_merge(const struct path_map *base, const struct path_map *ours,
    const struct path_map *theirs, struct path_map *result, size_t *conflicts)
{
	struct merge merge = { base, ours, theirs, result, 0 };

	path_map_copy(result, ours);
	merge_directory(&merge, "");
	*conflicts = merge.conflicts;
}
