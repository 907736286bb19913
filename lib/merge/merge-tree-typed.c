/* Three-way merge of trees: directories of a type. Their entry `.irmin` names it,
 * in one line of at most 255 bytes, the same on all sides; the type's own function
 * makes one directory of three. Where that cannot be, the directory is merged name
 * by name like any other, and the conflicts in it say why.
 */
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/store/tree-edit.h"
#include "lib/core/store/tree-walk.h"
#include "lib/merge/contents.h"
#include "lib/merge/merge-parts.h"
#include "lib/merge/rules.h"

#define BASE   IRMIN_SIDE_BASE
#define OURS   IRMIN_SIDE_OURS
#define THEIRS IRMIN_SIDE_THEIRS

#define MARKER_BYTES 255

/* The markers of the sides; without a leaf: there is none. */
struct markers {
	irmin__place sides[IRMIN__SIDES];
};

/* ---- the type ---- */

/* Whether any side of ours and theirs has a marker. */
static int find_markers(const irmin__merge_level *level,
    struct markers *markers)
{
	irmin_slice name = irmin_text(IRMIN__RESERVED_STEP);
	size_t side;

	memset(markers, 0, sizeof *markers);
	for (side = 0; side < IRMIN__SIDES; side++)
		if (level->dirs[side] &&
		    !irmin__node_find(level->dirs[side], name,
			&markers->sides[side]))
			markers->sides[side].leaf = NULL;
	return markers->sides[OURS].leaf || markers->sides[THEIRS].leaf;
}

/* Whether all sides that have the directory have the same file as marker. */
static int are_alike(const irmin__merge_level *level,
    const struct markers *markers)
{
	irmin_oid first, id;
	int found = 0;
	size_t side;

	for (side = 0; side < IRMIN__SIDES; side++) {
		irmin__place marker = markers->sides[side];

		if (!level->dirs[side])
			continue;
		if (!marker.leaf ||
		    irmin__place_mode(marker) != IRMIN_MODE_FILE)
			return 0;
		irmin__place_id(marker, &id);
		if (found && irmin_oid_compare(&first, &id) != 0)
			return 0;
		first = id;
		found = 1;
	}
	return 1;
}

/* The first word of a marker, NULL if it is none. */
static irmin_slice type_in(irmin_slice line)
{
	irmin_slice none = { NULL, 0 };
	size_t end = irmin__slice_find(line, '\n');

	if (line.len > MARKER_BYTES || end + 1 < line.len)
		return none;
	line = irmin__slice_until(line, end);
	return irmin__slice_until(line, irmin__slice_find(line, ' '));
}

/* The type by which a directory is merged, borrowed; or NULL, and then the level
 * notes why it is not. */
static irmin_rc find_type(irmin__tree_merge *merge,
    const struct markers *markers, irmin_contents **type, irmin_error *err)
{
	irmin__merge_level *level = irmin__merge_top(merge);
	irmin_pin line = IRMIN_PIN_INIT;
	irmin_slice name;
	irmin_rc rc;

	*type = NULL;
	level->note = "the markers of its directory differ";
	if (!are_alike(level, markers))
		return IRMIN_OK;
	rc = irmin__place_value(merge->repo,
	    markers->sides[level->dirs[OURS] ? OURS : THEIRS],
	    irmin_buf_slice(&merge->path), &line, err);
	if (rc < 0)
		return rc;
	name = type_in(irmin_bytes(line.data, line.len));
	level->note = name.len ? "the type of its directory is not known here"
			       : "the marker of its directory is malformed";
	if (name.len)
		*type = irmin__rules_find_type(merge->repo, name);
	irmin_pin_release(&line);
	if (*type && !(*type)->cls.merge_tree)
		*type = NULL;
	if (*type)
		level->note = NULL;
	return IRMIN_OK;
}

/* ---- merging ---- */

/* Nothing is left to be walked; the result is a directory, or ours if NULL. */
static void finish_level(irmin__merge_level *level, irmin__node *result)
{
	memset(level->cursors, 0, sizeof level->cursors);
	if (result && result != level->dirs[OURS])
		level->result = irmin__node_ref(result);
}

static irmin_rc conflict(irmin__tree_merge *merge, irmin_conflict_kind kind,
    const char *message, irmin_error *err)
{
	finish_level(irmin__merge_top(merge), NULL);
	return irmin__merge_result_add(merge->result, kind,
	    irmin_buf_slice(&merge->path), message, err);
}

static irmin_rc tree_of(irmin__tree_merge *merge, irmin_side side,
    irmin_tree **tree, irmin_error *err)
{
	irmin__node *dir = irmin__merge_top(merge)->dirs[side];
	irmin_rc rc;

	*tree = NULL;
	if (!dir)
		return IRMIN_OK;
	rc = irmin__tree_of_node(merge->repo, irmin__node_ref(dir), tree, err);
	if (rc < 0)
		irmin__node_unref(dir);
	return rc;
}

/* What the function made of the three, if it is fit to be put. */
static irmin_rc take_tree(irmin__tree_merge *merge, irmin_tree *made,
    irmin_error *err)
{
	irmin__node *root;
	irmin_rc rc;

	if (!made || made->repo != merge->repo)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the type's merge gave %s",
		    made ? "a tree of another repository" : "no tree");
	rc = irmin__tree_root(made, &root, err);
	if (rc < 0)
		return rc;
	merge->relies |= atomic_load(&made->relies);
	finish_level(irmin__merge_top(merge), root);
	return IRMIN_OK;
}

static irmin_rc call(const irmin_contents *type, irmin_tree *const sides[],
    irmin_tree **made, irmin_error *why)
{
	irmin_rc rc;

	irmin_error_clear(why);
	rc = type->cls.merge_tree(type->arg, sides[BASE], sides[OURS],
	    sides[THEIRS], made, why);
	if (rc < 0 && why->code != rc)
		irmin_error_set(why, rc, NULL,
		    "the merge of type %s answered %d (%s)", type->name,
		    (int)rc, irmin_rc_text(rc));
	return rc;
}

static irmin_rc merge_by(irmin__tree_merge *merge, const irmin_contents *type,
    irmin_error *err)
{
	irmin_tree *sides[IRMIN__SIDES] = { NULL, NULL, NULL }, *made = NULL;
	irmin_error why;
	irmin_rc rc = IRMIN_OK;
	int side;

	irmin_error_clear(&why);
	for (side = BASE; side < IRMIN__SIDES && rc >= 0; side++)
		rc = tree_of(merge, (irmin_side)side, &sides[side], &why);
	if (rc >= 0)
		rc = call(type, sides, &made, &why);
	if (rc >= 0)
		rc = take_tree(merge, made, &why);
	else if (rc == IRMIN_ECONFLICT)
		rc = conflict(merge, IRMIN_CONFLICT_CONTENT, why.text, &why);
	irmin_tree_unref(made);
	for (side = BASE; side < IRMIN__SIDES; side++)
		irmin_tree_unref(sides[side]);
	if (rc < 0 && err)
		*err = why;
	return irmin__path_locate(err, rc, irmin_buf_slice(&merge->path));
}

/* Whether one side has just what the base has, or what the other has: found out
 * here to the end, as who is asked to merge must know that both changed. */
static irmin_rc find_unchanged(irmin__tree_merge *merge, int *found,
    irmin_error *err)
{
	static const struct {
		irmin_side a, b, taken;
	} rows[] = { { OURS, THEIRS, OURS }, { OURS, BASE, THEIRS },
		{ THEIRS, BASE, OURS } };
	irmin__merge_level *level = irmin__merge_top(merge);
	irmin_rc rc = IRMIN_OK;
	size_t i;

	*found = 0;
	for (i = 0; i < sizeof rows / sizeof *rows && !*found; i++) {
		if (!level->dirs[rows[i].b])
			continue;
		rc = irmin__node_same(merge->repo, level->dirs[rows[i].a],
		    level->dirs[rows[i].b], found, err);
		if (rc < 0)
			return rc;
		if (*found)
			finish_level(level, level->dirs[rows[i].taken]);
	}
	return rc;
}

irmin_rc irmin__merge_typed(irmin__tree_merge *merge, irmin_error *err)
{
	irmin__merge_level *level = irmin__merge_top(merge);
	irmin_contents *type;
	struct markers markers;
	int unchanged;
	irmin_rc rc;

	if (!find_markers(level, &markers))
		return IRMIN_OK;
	rc = find_type(merge, &markers, &type, err);
	if (rc < 0 || !type)
		return rc;
	if (!level->dirs[OURS] || !level->dirs[THEIRS])
		return conflict(merge, IRMIN_CONFLICT_MODIFY_DELETE,
		    level->dirs[OURS]
			? "ours changed the directory, theirs removed it"
			: "ours removed the directory, theirs changed it",
		    err);
	rc = find_unchanged(merge, &unchanged, err);
	return rc < 0 || unchanged ? rc : merge_by(merge, type, err);
}
