/* What differs between two trees: both are walked side by side in git's order,
 * and what they share is stepped over: pieces of directories and children by
 * pointer, the rest by id. An id that nobody has asked for is computed only
 * where a directory would have to be read to be compared with it.
 */
#include <irmin/diff.h>

#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/core/store/node-order.h"
#include "lib/core/store/tree-walk.h"
#include <irmin/alloc.h>

enum side { BEFORE, AFTER, SIDES };

/* A directory that is being walked, on both sides. */
struct level {
	irmin__node_order order[SIDES];
	irmin__node
	    *own[SIDES]; /* keep them, if not the level above; or NULL */
	size_t path_len; /* of its own path */
};

struct irmin_diff {
	irmin_repo *repo; /* NULL if both trees are */
	irmin_tree *trees[SIDES];
	irmin_buf path; /* first where it begins, then of what it tells */
	int started;
	irmin__node *held[SIDES]; /* what keeps where it begins; or NULL */
	IRMIN__VEC(struct level) levels;
	irmin__place told[SIDES]; /* the last change */
};

/* ---- life ---- */

/* The plain form of a path: steps, joined by single slashes. */
static irmin_rc append_plain(irmin_buf *out, irmin_slice path, irmin_error *err)
{
	irmin_slice step;
	irmin_rc rc = irmin_buf_reserve(out, path.len, err);

	while (rc >= 0 && irmin__path_step_next(&path, &step) == IRMIN_OK) {
		if (out->len)
			rc = irmin_buf_append(out, irmin_text("/"), err);
		if (rc >= 0)
			rc = irmin_buf_append(out, step, err);
	}
	return rc;
}

irmin_rc irmin_tree_diff(irmin_tree *from, irmin_tree *to, const char *path,
    irmin_diff **diff, irmin_error *err)
{
	irmin_repo *repo = from ? from->repo : to ? to->repo : NULL;
	irmin_diff *made;
	irmin_rc rc;

	irmin_error_clear(err);
	*diff = NULL;
	if (from && to && from->repo != to->repo)
		return irmin_error_set(err, IRMIN_EINVAL, path,
		    "the trees are of two repositories");
	rc = irmin__path_check_read(irmin_text(path),
	    repo ? &repo->limits : NULL, err);
	if (rc < 0)
		return rc;
	made = irmin_calloc(1, sizeof *made);
	if (!made)
		return irmin__enomem(err);
	made->repo = repo;
	made->trees[BEFORE] = from ? irmin_tree_ref(from) : NULL;
	made->trees[AFTER] = to ? irmin_tree_ref(to) : NULL;
	rc = append_plain(&made->path, irmin_text(path), err);
	if (rc < 0)
		irmin_diff_free(made);
	else
		*diff = made;
	return rc;
}

static void pop_level(irmin_diff *diff)
{
	struct level *level = &diff->levels.items[--diff->levels.len];

	irmin__node_order_clear(&level->order[BEFORE]);
	irmin__node_order_clear(&level->order[AFTER]);
	irmin__node_unref(level->own[BEFORE]);
	irmin__node_unref(level->own[AFTER]);
}

void irmin_diff_free(irmin_diff *diff)
{
	if (!diff)
		return;
	while (diff->levels.len)
		pop_level(diff);
	IRMIN__VEC_CLEAR(&diff->levels);
	irmin_buf_clear(&diff->path);
	irmin__node_unref(diff->held[BEFORE]);
	irmin__node_unref(diff->held[AFTER]);
	irmin_tree_unref(diff->trees[BEFORE]);
	irmin_tree_unref(diff->trees[AFTER]);
	irmin_free(diff);
}

/* ---- going down ---- */

static int is_tree(irmin__place head)
{
	return head.leaf && irmin__place_is_tree(head);
}

/* Whether both sides have the same entry. Two directories in memory of which one
 * is not hashed are taken for different: walking them costs less. */
static irmin_rc compare(irmin_diff *diff, const irmin__place heads[SIDES],
    int *same, irmin_error *err)
{
	irmin__place a = heads[BEFORE], b = heads[AFTER];
	irmin_oid a_id, b_id;
	void *a_child, *b_child;
	irmin_rc rc = IRMIN_OK;

	*same = 0;
	if (!a.leaf || !b.leaf || irmin__place_mode(a) != irmin__place_mode(b))
		return IRMIN_OK;
	a_child = irmin__place_child(a);
	b_child = irmin__place_child(b);
	*same = a_child && a_child == b_child;
	if (*same)
		return IRMIN_OK;
	if (!irmin__place_id(a, &a_id) || !irmin__place_id(b, &b_id)) {
		if (a_child && b_child)
			return IRMIN_OK;
		rc = irmin__place_find_id(diff->repo, a, &a_id, err);
		if (rc >= 0)
			rc = irmin__place_find_id(diff->repo, b, &b_id, err);
	}
	*same = rc >= 0 && irmin_oid_compare(&a_id, &b_id) == 0;
	return rc;
}

/* Walks the directories `nodes` next; either may be NULL. */
static irmin_rc push_level(irmin_diff *diff, irmin__node *const nodes[SIDES],
    irmin_error *err)
{
	struct level level;
	irmin_rc rc;

	memset(&level, 0, sizeof level);
	level.path_len = diff->path.len;
	if (diff->levels.len >= diff->repo->limits.depth)
		return irmin_error_set(err, IRMIN_ELIMIT,
		    (const char *)diff->path.data,
		    "\"%s\" lies too deep: more than %zu directories",
		    diff->path.data, diff->levels.len);
	rc = IRMIN__VEC_RESERVE(&diff->levels, 1, err);
	if (rc >= 0)
		rc = irmin__node_order_init(&level.order[BEFORE], nodes[BEFORE],
		    err);
	if (rc >= 0)
		rc = irmin__node_order_init(&level.order[AFTER], nodes[AFTER],
		    err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&diff->levels, level);
	else
		irmin__node_order_clear(&level.order[BEFORE]);
	return rc;
}

/* Walks the directories at two entries next, as far as they are such. */
static irmin_rc push_heads(irmin_diff *diff, const irmin__place heads[SIDES],
    irmin_error *err)
{
	irmin__node *nodes[SIDES] = { NULL, NULL };
	irmin__node *own[SIDES] = { NULL, NULL };
	irmin_rc rc = IRMIN_OK;
	int side;

	for (side = BEFORE; side < SIDES && rc >= 0; side++)
		if (is_tree(heads[side]))
			rc = irmin__place_open(diff->repo, heads[side],
			    irmin_buf_slice(&diff->path), &nodes[side],
			    &own[side], err);
	if (rc >= 0)
		rc = push_level(diff, nodes, err);
	if (rc >= 0) {
		memcpy(diff->levels.items[diff->levels.len - 1].own, own,
		    sizeof own);
	} else {
		irmin__node_unref(own[BEFORE]);
		irmin__node_unref(own[AFTER]);
	}
	return rc;
}

/* ---- the beginning ---- */

/* What one side has where the diff begins: an entry, or the root. */
static irmin_rc find_start(irmin_diff *diff, enum side side, irmin__place *head,
    irmin__node **root, irmin_error *err)
{
	irmin_tree *tree = diff->trees[side];
	irmin__spot spot;
	irmin_rc rc;

	if (!tree)
		return IRMIN_OK;
	rc = irmin__tree_root(tree, root, err);
	if (rc >= 0)
		rc = irmin__spot_find(diff->repo, *root,
		    irmin_buf_slice(&diff->path), &spot, err);
	if (rc != IRMIN_OK)
		return rc;
	*head = spot.place;
	irmin__node_unref(diff->held[side]);
	diff->held[side] = spot.held;
	return IRMIN_OK;
}

/* As `compare`, of the roots. */
static irmin_rc compare_trees(irmin_diff *diff, int *same, irmin_error *err)
{
	irmin_tree *a = diff->trees[BEFORE], *b = diff->trees[AFTER];
	irmin__node *a_root = a ? irmin__tree_loaded_root(a) : NULL;
	irmin__node *b_root = b ? irmin__tree_loaded_root(b) : NULL;
	irmin_oid a_id, b_id;
	irmin_rc rc;

	*same = a == b || (a_root && a_root == b_root);
	if (*same || !a || !b ||
	    (a_root && b_root &&
		(!irmin__node_known_id(a_root) ||
		    !irmin__node_known_id(b_root))))
		return IRMIN_OK;
	rc = irmin_tree_id(a, &a_id, err);
	if (rc >= 0)
		rc = irmin_tree_id(b, &b_id, err);
	*same = rc >= 0 && irmin_oid_compare(&a_id, &b_id) == 0;
	return rc;
}

static irmin_rc start(irmin_diff *diff, irmin__place heads[SIDES],
    irmin_error *err)
{
	irmin__node *roots[SIDES] = { NULL, NULL };
	int same, side;
	irmin_rc rc;

	rc = compare_trees(diff, &same, err);
	if (rc < 0 || same)
		return rc;
	for (side = BEFORE; side < SIDES && rc >= 0; side++)
		rc = find_start(diff, (enum side)side, &heads[side],
		    &roots[side], err);
	if (rc < 0)
		return rc;
	if (!diff->path.len)
		return push_level(diff, roots, err);
	rc = compare(diff, heads, &same, err);
	if (rc >= 0 && same)
		memset(heads, 0, SIDES * sizeof *heads);
	if (rc < 0 || (!is_tree(heads[BEFORE]) && !is_tree(heads[AFTER])))
		return rc;
	return push_heads(diff, heads, err);
}

/* ---- one step ---- */

/* The next entry in git's order: of one side, or one that both have. Answers
 * OK; END. */
static irmin_rc find_heads(struct level *level, irmin__place heads[SIDES])
{
	irmin__place a, b;
	int order;

	irmin__node_order_skip_shared(&level->order[BEFORE],
	    &level->order[AFTER]);
	a = irmin__node_order_peek(&level->order[BEFORE]);
	b = irmin__node_order_peek(&level->order[AFTER]);
	order = a.leaf ? -1 : 1;
	memset(heads, 0, SIDES * sizeof *heads);
	if (!a.leaf && !b.leaf)
		return IRMIN_END;
	if (a.leaf && b.leaf)
		order = irmin__tree_entry_compare(irmin__place_name(a),
		    is_tree(a), irmin__place_name(b), is_tree(b));
	if (order <= 0)
		heads[BEFORE] = a;
	if (order >= 0)
		heads[AFTER] = b;
	return IRMIN_OK;
}

static irmin_rc set_path(irmin_diff *diff, const struct level *level,
    irmin__place head, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	diff->path.len = level->path_len;
	if (level->path_len)
		rc = irmin_buf_append(&diff->path, irmin_text("/"), err);
	if (rc >= 0)
		rc = irmin_buf_append(&diff->path, irmin__place_name(head),
		    err);
	return rc;
}

/* Looks at the next entry of the innermost directory; `heads` is empty unless
 * there is a change to tell. On failure the step can be tried again. */
static irmin_rc step(irmin_diff *diff, irmin__place heads[SIDES],
    irmin_error *err)
{
	size_t at = diff->levels.len - 1;
	struct level *level = &diff->levels.items[at];
	irmin__place named;
	int same;
	irmin_rc rc = IRMIN_OK;

	if (find_heads(level, heads) == IRMIN_END) {
		pop_level(diff);
		return IRMIN_OK;
	}
	named = heads[heads[BEFORE].leaf ? BEFORE : AFTER];
	rc = compare(diff, heads, &same, err);
	if (rc >= 0 && !same) {
		rc = set_path(diff, level, named, err);
		if (rc >= 0 && is_tree(named))
			rc = push_heads(diff, heads, err);
	}
	if (rc < 0)
		return rc;
	level = &diff->levels.items[at];
	if (heads[BEFORE].leaf)
		irmin__node_order_step(&level->order[BEFORE]);
	if (heads[AFTER].leaf)
		irmin__node_order_step(&level->order[AFTER]);
	if (is_tree(named) || same)
		memset(heads, 0, SIDES * sizeof *heads);
	return IRMIN_OK;
}

/* ---- telling ---- */

/* Of two entries only leaves are told: a directory in the place of a file is the
 * business of the level below. */
static int is_change(irmin__place heads[SIDES])
{
	int side;

	for (side = BEFORE; side < SIDES; side++)
		if (is_tree(heads[side]))
			heads[side].leaf = NULL;
	return heads[BEFORE].leaf || heads[AFTER].leaf;
}

static void describe(irmin__place head, irmin_mode *mode, irmin_oid *id)
{
	if (!head.leaf)
		return;
	*mode = irmin__place_mode(head);
	irmin__place_id(head, id);
}

static void tell(irmin_diff *diff, const irmin__place heads[SIDES],
    irmin_change *change)
{
	memcpy(diff->told, heads, sizeof diff->told);
	describe(heads[BEFORE], &change->old_mode, &change->old_id);
	describe(heads[AFTER], &change->new_mode, &change->new_id);
	change->path = irmin_buf_slice(&diff->path);
	change->kind = !heads[BEFORE].leaf ? IRMIN_CHANGE_ADDED
	    : !heads[AFTER].leaf           ? IRMIN_CHANGE_REMOVED
					   : IRMIN_CHANGE_CHANGED;
}

irmin_rc irmin_diff_next(irmin_diff *diff, irmin_change *change,
    irmin_error *err)
{
	irmin__place heads[SIDES] = { { NULL, 0 }, { NULL, 0 } };
	irmin_rc rc = IRMIN_OK;

	irmin_error_clear(err);
	memset(change, 0, sizeof *change);
	memset(diff->told, 0, sizeof diff->told);
	if (!diff->started) {
		rc = start(diff, heads, err);
		diff->started = rc >= 0;
	}
	while (rc >= 0 && !is_change(heads)) {
		if (!diff->levels.len)
			return IRMIN_END;
		rc = step(diff, heads, err);
	}
	if (rc < 0)
		return rc;
	tell(diff, heads, change);
	return IRMIN_OK;
}

irmin_rc irmin_diff_value(irmin_diff *diff, int side, irmin_pin *value,
    irmin_error *err)
{
	irmin__place head = diff->told[side ? AFTER : BEFORE];

	irmin_error_clear(err);
	memset(value, 0, sizeof *value);
	if (!head.leaf)
		return IRMIN_ABSENT;
	return irmin__place_value(diff->repo, head,
	    irmin_buf_slice(&diff->path), value, err);
}
