/* Three-way merge of trees: from the roots down.
 *
 * The result is ours with what theirs changed. Base and theirs are walked side by
 * side, and what they share is stepped over by pointer, or by id; for each name
 * that differs it is looked up what ours has, and decided what becomes of it
 * (merge-tree-name.c). Where both changed a directory, that is walked next. So a
 * merge costs what theirs changed, and how deep that lies, whatever the size of
 * the trees and of what ours changed.
 *
 * The stack is our own: how deep directories lie is for outsiders to say.
 */
#include "lib/merge/merge-parts.h"

#include "lib/core/base/context.h"
#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include "lib/core/store/merger.h"
#include "lib/core/store/tree-edit.h"
#include "lib/core/store/tree-walk.h"
#include <irmin/alloc.h>

enum { BEFORE, AFTER }; /* what is walked */

irmin_rc irmin__merge_set_path(irmin__tree_merge *merge, irmin_slice name,
    irmin_error *err)
{
	size_t above = irmin__merge_top(merge)->path_len;
	irmin_rc rc = irmin_buf_reserve(&merge->path, name.len + 1, err);

	merge->path.len = above;
	if (rc >= 0 && above)
		rc = irmin_buf_append(&merge->path, irmin_text("/"), err);
	if (rc >= 0)
		rc = irmin_buf_append(&merge->path, name, err);
	return rc;
}

/* ---- going down ---- */

static irmin_rc refuse_broken(const irmin__tree_merge *merge,
    const irmin__node *dir, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_slice path = irmin_buf_slice(&merge->path);

	irmin_oid_hex(irmin__node_known_id(dir), hex);
	return irmin_error_set(err, IRMIN_ECORRUPT, hex,
	    "cannot merge \"%.*s\": entries of tree %s are %s", (int)path.len,
	    path.len ? (const char *)path.data : "", hex,
	    dir->flags & IRMIN__TREE_UNSORTED ? "out of order" : "there twice");
}

static void drop_own(irmin__merge_level *level)
{
	size_t side;

	for (side = 0; side < IRMIN__SIDES; side++)
		irmin__node_unref(level->own[side]);
}

void irmin__merge_drop_level(irmin__tree_merge *merge)
{
	irmin__merge_level *level = &merge->levels.items[--merge->levels.len];

	irmin__node_unref(level->result);
	drop_own(level);
}

static irmin_rc check_level(const irmin__tree_merge *merge,
    const irmin__merge_level *level, irmin_error *err)
{
	size_t side;

	for (side = 0; side < IRMIN__SIDES; side++)
		if (level->dirs[side] &&
		    irmin__node_is_broken(level->dirs[side]))
			return refuse_broken(merge, level->dirs[side], err);
	if (merge->levels.len >= merge->repo->limits.depth)
		return irmin_error_set(err, IRMIN_ELIMIT,
		    (const char *)merge->path.data,
		    "\"%s\" lies too deep: more than %zu directories",
		    (const char *)merge->path.data, merge->levels.len);
	return irmin__context_check(merge->context, err);
}

static void start_cursor(irmin__cursor *cursor, irmin__node *dir)
{
	if (dir)
		irmin__cursor_init(cursor, dir, 0);
}

/* What keeps the directories of a level is taken over, also on failure. */
static irmin_rc push_level(irmin__tree_merge *merge, irmin__merge_level *level,
    irmin_error *err)
{
	irmin_rc rc = check_level(merge, level, err);

	level->path_len = merge->path.len;
	level->turn = level->range.from;
	if (merge->levels.len)
		level->note = irmin__merge_top(merge)->note;
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&merge->levels, 1, err);
	if (rc < 0) {
		drop_own(level);
		return rc;
	}
	start_cursor(&level->cursors[BEFORE],
	    level->dirs[level->is_blind ? IRMIN_SIDE_OURS : IRMIN_SIDE_BASE]);
	start_cursor(&level->cursors[AFTER], level->dirs[IRMIN_SIDE_THEIRS]);
	IRMIN__VEC_PUSH(&merge->levels, *level);
	if (level->is_blind || level->range.from < level->range.to)
		return IRMIN_OK;
	return irmin__merge_typed(merge, err);
}

irmin_rc irmin__merge_enter(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_error *err)
{
	irmin__merge_level level;
	irmin_rc rc = irmin__merge_set_path(merge, name->name, err);
	size_t side;

	memset(&level, 0, sizeof level);
	level.range = name->range;
	level.is_blind = name->is_blind;
	for (side = 0; side < IRMIN__SIDES && rc >= 0; side++)
		if (name->sides[side].leaf &&
		    irmin__place_is_tree(name->sides[side]))
			rc = irmin__place_open(merge->repo, name->sides[side],
			    irmin_buf_slice(&merge->path), &level.dirs[side],
			    &level.own[side], err);
	if (rc >= 0)
		return push_level(merge, &level, err);
	drop_own(&level);
	return rc;
}

/* ---- one name ---- */

static irmin__place head_of(const irmin__cursor *cursor)
{
	irmin__place none = { NULL, 0 };

	return cursor->dir && !irmin__cursor_is_end(cursor) ? cursor->place
							    : none;
}

static int is_tree(irmin__place place)
{
	return place.leaf && irmin__place_is_tree(place);
}

/* Steps over pieces that both share, and over entries that are alike. */
static void skip_alike(irmin__cursor *a, irmin__cursor *b)
{
	irmin__cursor_skip_shared(a, b);
	while (!irmin__cursor_is_end(a) && !irmin__cursor_is_end(b) &&
	    irmin__place_is_alike(a->place, b->place)) {
		irmin__cursor_step(a);
		irmin__cursor_step(b);
		irmin__cursor_skip_shared(a, b);
	}
}

/* The next entry that is walked, of one side or of both, is stepped over.
 * Answers: OK; END. */
static irmin_rc find_heads(irmin__merge_level *level, irmin__place heads[2])
{
	irmin__cursor *cursors = level->cursors;
	int order;

	if (cursors[BEFORE].dir && cursors[AFTER].dir)
		skip_alike(&cursors[BEFORE], &cursors[AFTER]);
	heads[BEFORE] = head_of(&cursors[BEFORE]);
	heads[AFTER] = head_of(&cursors[AFTER]);
	if (!heads[BEFORE].leaf && !heads[AFTER].leaf)
		return IRMIN_END;
	order = heads[BEFORE].leaf ? -1 : 1;
	if (heads[BEFORE].leaf && heads[AFTER].leaf)
		order = irmin__tree_entry_compare(irmin__place_name(
						      heads[BEFORE]),
		    is_tree(heads[BEFORE]), irmin__place_name(heads[AFTER]),
		    is_tree(heads[AFTER]));
	if (order <= 0)
		irmin__cursor_step(&cursors[BEFORE]);
	else
		heads[BEFORE].leaf = NULL;
	if (order >= 0)
		irmin__cursor_step(&cursors[AFTER]);
	else
		heads[AFTER].leaf = NULL;
	return IRMIN_OK;
}

/* Finds what the sides have that are not known yet. */
static void look_up(const irmin__merge_level *level, irmin__merge_name *name)
{
	size_t side = level->is_blind ? IRMIN_SIDE_OURS : IRMIN_SIDE_BASE;

	for (; side < IRMIN__SIDES; side++)
		if (!name->sides[side].leaf && level->dirs[side] &&
		    !irmin__node_find(level->dirs[side], name->name,
			&name->sides[side]))
			name->sides[side].leaf = NULL;
}

static size_t skip_of(const irmin__merge_level *level)
{
	return level->path_len + (level->path_len > 0);
}

/* The next name at which the bases conflict, or below which they do. */
static irmin_rc decide_conflicting(irmin__tree_merge *merge, irmin_error *err)
{
	irmin__merge_level *level = irmin__merge_top(merge);
	const char *path = merge->base_conflicts->items[level->turn];
	irmin__merge_name name;

	memset(&name, 0, sizeof name);
	path += skip_of(level);
	name.name = irmin_bytes(path, strcspn(path, "/"));
	name.range = irmin__conflict_paths_at(merge->base_conflicts,
	    level->range, skip_of(level), name.name);
	level->turn = name.range.to;
	name.is_blind = path[name.name.len] == '\0';
	if (name.is_blind) /* so is all that is below */
		memset(&name.range, 0, sizeof name.range);
	look_up(level, &name);
	return irmin__merge_decide(merge, &name, err);
}

/* Whether the bases conflict at a name or below: then it had its turn. */
static int had_its_turn(const irmin__tree_merge *merge,
    const irmin__merge_level *level, irmin_slice name)
{
	irmin__path_range found;

	if (level->range.from == level->range.to)
		return 0;
	found = irmin__conflict_paths_at(merge->base_conflicts, level->range,
	    skip_of(level), name);
	return found.from < found.to;
}

/* A name that differs between the two that are walked. If they have it, but as
 * different kinds, it comes twice: its turn is when it comes of theirs. */
static irmin_rc decide_walked(irmin__tree_merge *merge,
    const irmin__place heads[2], irmin_error *err)
{
	irmin__merge_level *level = irmin__merge_top(merge);
	irmin__merge_name name;

	memset(&name, 0, sizeof name);
	name.name = irmin__place_name(
	    heads[heads[AFTER].leaf ? AFTER : BEFORE]);
	name.is_blind = level->is_blind;
	name.sides[level->is_blind ? IRMIN_SIDE_OURS : IRMIN_SIDE_BASE] =
	    heads[BEFORE];
	name.sides[IRMIN_SIDE_THEIRS] = heads[AFTER];
	look_up(level, &name);
	if ((!heads[AFTER].leaf && name.sides[IRMIN_SIDE_THEIRS].leaf) ||
	    had_its_turn(merge, level, name.name))
		return IRMIN_OK;
	return irmin__merge_decide(merge, &name, err);
}

static irmin_rc step(irmin__tree_merge *merge, irmin_error *err)
{
	irmin__merge_level *level = irmin__merge_top(merge);
	enum irmin__sameness same = IRMIN__DIFFERENT;
	irmin__place heads[2];
	irmin_rc rc = IRMIN_OK;

	if (level->turn < level->range.to)
		return decide_conflicting(merge, err);
	if (find_heads(level, heads) == IRMIN_END)
		return irmin__merge_leave(merge, err);
	if (heads[BEFORE].leaf && heads[AFTER].leaf)
		rc = irmin__merge_compare(merge->repo, heads[BEFORE],
		    heads[AFTER], &same, err);
	if (rc < 0 || same == IRMIN__SAME)
		return rc;
	return decide_walked(merge, heads, err);
}

/* ---- the roots ---- */

/* As irmin__merge_compare, of whole trees; nothing is read. */
static irmin_rc compare_trees(irmin_tree *a, irmin_tree *b,
    enum irmin__sameness *same, irmin_error *err)
{
	irmin__node *a_root = irmin__tree_loaded_root(a);
	irmin__node *b_root = irmin__tree_loaded_root(b);
	irmin_oid a_id, b_id;
	irmin_rc rc;

	*same = a == b || (a_root && a_root == b_root) ? IRMIN__SAME
						       : IRMIN__UNSURE;
	if (*same == IRMIN__SAME ||
	    (a_root && b_root &&
		(!irmin__node_known_id(a_root) ||
		    !irmin__node_known_id(b_root))))
		return IRMIN_OK;
	rc = irmin_tree_id(a, &a_id, err);
	if (rc >= 0)
		rc = irmin_tree_id(b, &b_id, err);
	if (rc >= 0)
		*same = irmin_oid_compare(&a_id, &b_id) == 0 ? IRMIN__SAME
							     : IRMIN__DIFFERENT;
	return rc;
}

/* The tree that is the result as a whole, borrowed, or NULL. */
static irmin_rc find_whole(const irmin__tree_merge *merge, irmin_tree **whole,
    irmin_error *err)
{
	irmin_tree *const *sides = merge->result->sides;
	irmin_tree *base = merge->base_conflicts ? NULL
						 : sides[IRMIN_SIDE_BASE];
	irmin_tree *ours = sides[IRMIN_SIDE_OURS];
	irmin_tree *theirs = sides[IRMIN_SIDE_THEIRS];
	enum irmin__sameness same;
	irmin_rc rc = compare_trees(ours, theirs, &same, err);

	*whole = same == IRMIN__SAME ? ours : NULL;
	if (rc < 0 || *whole || !base)
		return rc;
	rc = compare_trees(base, theirs, &same, err);
	if (same == IRMIN__SAME)
		*whole = ours;
	if (rc < 0 || *whole)
		return rc;
	rc = compare_trees(base, ours, &same, err);
	if (same == IRMIN__SAME)
		*whole = theirs;
	return rc;
}

static irmin_rc push_roots(irmin__tree_merge *merge, irmin_error *err)
{
	irmin__merge_level level;
	irmin_rc rc = irmin_buf_reserve(&merge->path, 0, err);
	size_t side;

	memset(&level, 0, sizeof level);
	if (merge->base_conflicts)
		level.range.to = merge->base_conflicts->len;
	for (side = 0; side < IRMIN__SIDES && rc >= 0; side++)
		if (merge->result->sides[side])
			rc = irmin__tree_root(merge->result->sides[side],
			    &level.dirs[side], err);
	return rc < 0 ? rc : push_level(merge, &level, err);
}

static irmin_rc walk(irmin__tree_merge *merge, irmin_error *err)
{
	irmin_rc rc = push_roots(merge, err);

	while (rc >= 0 && merge->levels.len)
		rc = step(merge, err);
	return rc;
}

/* What relies on objects to which no ref leads hands that on. */
static void hand_on(const irmin__tree_merge *merge)
{
	irmin_merge_result *result = merge->result;
	size_t side;

	if (merge->relies)
		irmin__tree_rely(result->tree);
	for (side = IRMIN_SIDE_OURS; side < IRMIN__SIDES; side++)
		if (atomic_load(&result->sides[side]->relies))
			irmin__tree_rely(result->tree);
}

static irmin_rc finish(irmin__tree_merge *merge, irmin_error *err)
{
	irmin_merge_result *result = merge->result;
	irmin_rc rc;

	if (!merge->root) {
		result->tree = irmin_tree_ref(result->sides[IRMIN_SIDE_OURS]);
		return IRMIN_OK;
	}
	rc = irmin__tree_of_node(merge->repo, merge->root, &result->tree, err);
	if (rc < 0)
		return rc;
	merge->root = NULL;
	hand_on(merge);
	return IRMIN_OK;
}

static void clear(irmin__tree_merge *merge)
{
	while (merge->levels.len)
		irmin__merge_drop_level(merge);
	IRMIN__VEC_CLEAR(&merge->levels);
	irmin_buf_clear(&merge->path);
	irmin__node_unref(merge->root);
}

static irmin_rc merge_all(irmin__tree_merge *merge, irmin_error *err)
{
	irmin_tree *whole;
	irmin_rc rc = find_whole(merge, &whole, err);

	if (rc >= 0 && whole) {
		merge->result->tree = irmin_tree_ref(whole);
		return IRMIN_OK;
	}
	if (rc >= 0)
		rc = walk(merge, err);
	if (rc >= 0)
		rc = finish(merge, err);
	irmin__merge_result_sort(merge->result);
	clear(merge);
	return rc;
}

static irmin_rc check_trees(irmin_repo *repo, const irmin_tree *base,
    const irmin_tree *ours, const irmin_tree *theirs, irmin_error *err)
{
	if ((base && base->repo != repo) || ours->repo != repo ||
	    theirs->repo != repo)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "cannot merge: the trees are of several repositories");
	return IRMIN_OK;
}

irmin_rc irmin__merge_trees(irmin_repo *repo, const irmin_context *context,
    irmin_tree *base, const irmin__conflict_paths *base_conflicts,
    irmin_tree *ours, irmin_tree *theirs, irmin_merge_result **result,
    irmin_error *err)
{
	irmin__tree_merge merge;
	irmin_rc rc = check_trees(repo, base, ours, theirs, err);

	*result = NULL;
	memset(&merge, 0, sizeof merge);
	if (rc >= 0)
		rc = irmin__merge_result_new(repo, base, ours, theirs,
		    &merge.result, err);
	if (rc < 0)
		return rc;
	merge.repo = repo;
	merge.context = context;
	if (base_conflicts && base_conflicts->len)
		merge.base_conflicts = base_conflicts;
	merge.owner = irmin__repo_serial(repo);
	rc = merge_all(&merge, err);
	if (rc < 0) {
		irmin_merge_result_free(merge.result);
		return rc;
	}
	*result = merge.result;
	return irmin__merge_result_verdict(*result, err);
}

/* ---- what is public ---- */

irmin_rc irmin_tree_merge(irmin_tree *base, irmin_tree *ours,
    irmin_tree *theirs, const irmin_merge_options *options,
    irmin_merge_result **result, irmin_error *err)
{
	irmin_merge_options known;
	irmin_context context;
	irmin_rc rc;

	irmin_error_clear(err);
	*result = NULL;
	rc = irmin__merge_options_read(options, &known, err);
	if (rc < 0)
		return rc;
	context = irmin__repo_context(ours->repo, NULL);
	rc = irmin__merge_trees(ours->repo, &context, base, NULL, ours, theirs,
	    result, err);
	if (rc != IRMIN_ECONFLICT || !options)
		return rc;
	rc = irmin__merge_result_settle(*result, &known, err);
	if (rc < 0 && rc != IRMIN_ECONFLICT) {
		irmin_merge_result_free(*result);
		*result = NULL;
	}
	return rc;
}
