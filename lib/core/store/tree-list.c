/* Trees entry by entry: lists of one directory, and walks. */
#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/core/store/tree-walk.h"
#include <irmin/alloc.h>

/* ---- lists ---- */

/* A window on a node, which it keeps. */
struct irmin_list {
	irmin__node *node;
	size_t offset, length;
};

/* Takes the node over, also on failure. */
static irmin_rc new_list(irmin__node *node, size_t offset, size_t limit,
    irmin_list **list, irmin_error *err)
{
	irmin_list *made = irmin_malloc(sizeof *made);
	size_t count = irmin__node_length(node);

	if (!made) {
		irmin__node_unref(node);
		return irmin__enomem(err);
	}
	made->node = node;
	made->offset = offset < count ? offset : count;
	made->length = count - made->offset;
	if (limit && limit < made->length)
		made->length = limit;
	*list = made;
	return IRMIN_OK;
}

irmin_rc irmin_tree_list(irmin_tree *tree, const char *path, size_t offset,
    size_t limit, irmin_list **list, irmin_error *err)
{
	irmin__node *node;
	irmin_rc rc;

	irmin_error_clear(err);
	*list = NULL;
	rc = irmin__tree_open(tree, path, &node, err);
	if (rc != IRMIN_OK)
		return rc;
	return new_list(node, offset, limit, list, err);
}

size_t irmin_list_length(const irmin_list *list)
{
	return list ? list->length : 0;
}

irmin_entry irmin_list_entry(const irmin_list *list, size_t i)
{
	irmin_entry entry = { { NULL, 0 }, IRMIN_MODE_NONE, { { 0 }, 0 } };
	irmin__place place;

	if (i >= irmin_list_length(list))
		return entry;
	place = irmin__node_nth(list->node, list->offset + i);
	entry.name = irmin__place_name(place);
	entry.mode = irmin__place_mode(place);
	irmin__place_id(place, &entry.id);
	return entry;
}

void irmin_list_free(irmin_list *list)
{
	if (!list)
		return;
	irmin__node_unref(list->node);
	irmin_free(list);
}

/* ---- walks ---- */

/* A directory that is being walked. */
struct level {
	irmin__cursor cursor; /* the entry that is next */
	irmin__node *own;     /* keeps it, if not the level above; or NULL */
	size_t path_len;      /* of its own path */
};

struct walk {
	irmin_repo *repo;
	uint32_t flags;
	irmin_visit_fn fn;
	void *arg;
	IRMIN__VEC(struct level) levels;
	irmin_buf path; /* of the entry that is visited */
};

/* Takes `own` over, also on failure. */
static irmin_rc enter(struct walk *walk, irmin__node *node, irmin__node *own,
    irmin_error *err)
{
	struct level level;
	irmin_rc rc;

	if (walk->levels.len >= walk->repo->limits.depth)
		rc = irmin_error_set(err, IRMIN_ELIMIT,
		    (const char *)walk->path.data,
		    "\"%s\" lies deeper than %zu directories", walk->path.data,
		    walk->repo->limits.depth);
	else
		rc = IRMIN__VEC_RESERVE(&walk->levels, 1, err);
	if (rc < 0) {
		irmin__node_unref(own);
		return rc;
	}
	level.own = own;
	level.path_len = walk->path.len;
	irmin__cursor_init(&level.cursor, node, 0);
	IRMIN__VEC_PUSH(&walk->levels, level);
	return IRMIN_OK;
}

static irmin_rc set_path(struct walk *walk, const struct level *level,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	walk->path.len = level->path_len;
	if (level->path_len)
		rc = irmin_buf_append(&walk->path, irmin_text("/"), err);
	if (rc >= 0)
		rc = irmin_buf_append(&walk->path,
		    irmin__place_name(level->cursor.place), err);
	return rc;
}

/* Answers what the callback answers. */
static irmin_rc tell(struct walk *walk, irmin__place place, irmin_error *err)
{
	irmin_visit visit = { sizeof visit, irmin_buf_slice(&walk->path),
		irmin__place_mode(place), { { 0 }, 0 }, { NULL, 0 } };
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_rc rc = IRMIN_OK;

	if (visit.mode == IRMIN_MODE_TREE && !(walk->flags & IRMIN_EACH_TREES))
		return IRMIN_OK;
	irmin__place_id(place, &visit.id);
	if (walk->flags & IRMIN_EACH_VALUES)
		rc = irmin__place_value(walk->repo, place, visit.path, &value,
		    err);
	if (rc >= 0) {
		visit.value = irmin_bytes(value.data, value.len);
		rc = walk->fn(walk->arg, &visit);
	}
	irmin_pin_release(&value);
	return rc;
}

static void leave(struct walk *walk)
{
	irmin__node_unref(walk->levels.items[--walk->levels.len].own);
}

/* The next entry of the innermost directory. */
static irmin_rc visit_next(struct walk *walk, irmin_error *err)
{
	struct level *level = &walk->levels.items[walk->levels.len - 1];
	irmin__place place = level->cursor.place;
	irmin__node *child, *own;
	irmin_rc rc;

	if (irmin__cursor_is_end(&level->cursor)) {
		leave(walk);
		return IRMIN_OK;
	}
	rc = set_path(walk, level, err);
	irmin__cursor_step(&level->cursor);
	if (rc >= 0)
		rc = tell(walk, place, err);
	if (rc != IRMIN_OK || !irmin__place_is_tree(place) ||
	    walk->flags & IRMIN_EACH_SHALLOW)
		return rc;
	rc = irmin__place_open(walk->repo, place, irmin_buf_slice(&walk->path),
	    &child, &own, err);
	return rc < 0 ? rc : enter(walk, child, own, err);
}

irmin_rc irmin_tree_each(irmin_tree *tree, const char *path, uint32_t flags,
    irmin_visit_fn fn, void *arg, irmin_error *err)
{
	struct walk walk = { tree->repo, flags, fn, arg, { NULL, 0, 0 },
		IRMIN_BUF_INIT };
	irmin__node *root;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__tree_open(tree, path, &root, err);
	if (rc != IRMIN_OK)
		return rc;
	irmin_tree_ref(tree); /* the callback may give the caller's back */
	rc = enter(&walk, root, root, err);
	while (rc == IRMIN_OK && walk.levels.len > 0)
		rc = visit_next(&walk, err);
	while (walk.levels.len)
		leave(&walk);
	IRMIN__VEC_CLEAR(&walk.levels);
	irmin_buf_clear(&walk.path);
	irmin_tree_unref(tree);
	return rc;
}
