/* Three-way merge of trees: what becomes of one name. The rows of the table are
 * tried in their order:
 *
 *   ours = theirs           that, unopened
 *   ours = base             theirs
 *   theirs = base           ours
 *   directories             each by its names (also where only one side still
 *                           has the directory of the base)
 *   gone on both sides      what came in its place on one: a value is not the
 *                           directory that it was, and the reverse
 *   value, directory        a conflict
 *   value, nothing          the type of the path, or a conflict
 *   two values              modes by value, contents by the type of the path
 */
#include "lib/merge/merge-parts.h"

#include <stdio.h>

#include "lib/core/store/tree-walk.h"
#include "lib/merge/merge.h"
#include "lib/merge/rules.h"

#define BASE   IRMIN_SIDE_BASE
#define OURS   IRMIN_SIDE_OURS
#define THEIRS IRMIN_SIDE_THEIRS

/* ---- comparing ---- */

static enum irmin__sameness compare_ids(const irmin_oid *a, const irmin_oid *b)
{
	return irmin_oid_compare(a, b) == 0 ? IRMIN__SAME : IRMIN__DIFFERENT;
}

irmin_rc irmin__merge_compare(irmin_repo *repo, irmin__place a, irmin__place b,
    enum irmin__sameness *same, irmin_error *err)
{
	void *a_child, *b_child;
	irmin_oid a_id, b_id;
	irmin_rc rc = IRMIN_OK;

	*same = a.leaf || b.leaf ? IRMIN__DIFFERENT : IRMIN__SAME;
	if (!a.leaf || !b.leaf || irmin__place_mode(a) != irmin__place_mode(b))
		return IRMIN_OK;
	a_child = irmin__place_child(a);
	b_child = irmin__place_child(b);
	if (a_child && a_child == b_child) {
		*same = IRMIN__SAME;
		return IRMIN_OK;
	}
	if (!irmin__place_id(a, &a_id) || !irmin__place_id(b, &b_id)) {
		*same = IRMIN__UNSURE;
		if (a_child && b_child)
			return IRMIN_OK;
		rc = irmin__place_find_id(repo, a, &a_id, err);
		if (rc >= 0)
			rc = irmin__place_find_id(repo, b, &b_id, err);
	}
	if (rc >= 0)
		*same = compare_ids(&a_id, &b_id);
	return rc;
}

/* The same, and always sure. */
static irmin_rc is_same(irmin_repo *repo, irmin__place a, irmin__place b,
    int *same, irmin_error *err)
{
	enum irmin__sameness verdict;
	irmin_rc rc = irmin__merge_compare(repo, a, b, &verdict, err);

	*same = verdict == IRMIN__SAME;
	if (rc < 0 || verdict != IRMIN__UNSURE)
		return rc;
	return irmin__node_same(repo, irmin__place_child(a),
	    irmin__place_child(b), same, err);
}

static int is_tree(irmin__place place)
{
	return place.leaf && irmin__place_is_tree(place);
}

static int is_value(irmin__place place)
{
	return place.leaf && !irmin__place_is_tree(place);
}

/* Whether two sides have the same. Of two directories that both would be walked
 * next that is not found out if it takes a walk to know. */
static irmin_rc agree(irmin__tree_merge *merge, const irmin__merge_name *name,
    irmin_side a, irmin_side b, int *same, irmin_error *err)
{
	enum irmin__sameness verdict;
	irmin_rc rc;

	if (!is_tree(name->sides[OURS]) || !is_tree(name->sides[THEIRS]))
		return is_same(merge->repo, name->sides[a], name->sides[b],
		    same, err);
	rc = irmin__merge_compare(merge->repo, name->sides[a], name->sides[b],
	    &verdict, err);
	*same = verdict == IRMIN__SAME;
	return rc;
}

/* ---- conflicts ---- */

/* Where a directory could not be merged by its type, that is told, too. */
static irmin_rc conflict(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_conflict_kind kind,
    const char *message, irmin_error *err)
{
	const char *note = irmin__merge_top(merge)->note;
	char words[2 * sizeof((irmin_error *)NULL)->text];
	irmin_rc rc = irmin__merge_set_path(merge, name->name, err);

	if (rc < 0)
		return rc;
	if (note) {
		snprintf(words, sizeof words, "%s; %s", message, note);
		message = words;
	}
	return irmin__merge_result_add(merge->result, kind,
	    irmin_buf_slice(&merge->path), message, err);
}

/* ---- two values ---- */

/* The type of a name's path, borrowed; NULL: bytes, of which changes conflict. */
static irmin_rc find_contents(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_contents **contents, irmin_error *err)
{
	irmin_rc rc;

	*contents = NULL;
	if (!atomic_load_explicit(&merge->repo->rules, memory_order_acquire))
		return IRMIN_OK;
	rc = irmin__merge_set_path(merge, name->name, err);
	if (rc >= 0)
		*contents = irmin__rules_find(merge->repo,
		    irmin_buf_slice(&merge->path));
	return rc;
}

/* The mode that two files become; NONE if they conflict. */
static irmin_mode merge_modes(const irmin__merge_name *name)
{
	irmin_mode ours = irmin__place_mode(name->sides[OURS]);
	irmin_mode theirs = irmin__place_mode(name->sides[THEIRS]);
	irmin_mode base = IRMIN_MODE_NONE;

	if (!name->is_blind && name->sides[BASE].leaf)
		base = irmin__place_mode(name->sides[BASE]);
	if (ours == theirs || theirs == base)
		return ours;
	return ours == base ? theirs : IRMIN_MODE_NONE;
}

static irmin_conflict_kind kind_of(const irmin__merge_name *name)
{
	if (!name->sides[OURS].leaf || !name->sides[THEIRS].leaf)
		return IRMIN_CONFLICT_MODIFY_DELETE;
	return name->is_blind || name->sides[BASE].leaf
	    ? IRMIN_CONFLICT_CONTENT
	    : IRMIN_CONFLICT_ADD_ADD;
}

/* What was tried before it conflicted is told. */
static irmin_rc merge_by_type(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_contents *contents, irmin_mode mode,
    irmin_error *err)
{
	irmin_error why;
	irmin_rc rc;

	irmin_error_clear(&why);
	rc = irmin__merge_by_type(merge, name, contents, mode, &why);
	if (rc == IRMIN_ECONFLICT)
		return conflict(merge, name, kind_of(name), why.text, err);
	if (rc < 0 && err)
		*err = why;
	return rc;
}

static irmin_rc conflict_of_contents(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_error *err)
{
	if (name->is_blind)
		return conflict(merge, name, IRMIN_CONFLICT_CONTENT,
		    "both sides changed it, and the common ancestors conflict "
		    "here",
		    err);
	if (!name->sides[BASE].leaf)
		return conflict(merge, name, IRMIN_CONFLICT_ADD_ADD,
		    "both sides added it", err);
	return conflict(merge, name, IRMIN_CONFLICT_CONTENT,
	    "both sides changed it", err);
}

/* Both changed a file. */
static irmin_rc merge_contents(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_mode mode, irmin_error *err)
{
	irmin_contents *contents;
	irmin_rc rc = find_contents(merge, name, &contents, err);

	if (rc < 0)
		return rc;
	if (!contents)
		return conflict_of_contents(merge, name, err);
	return merge_by_type(merge, name, contents, mode, err);
}

/* Whose bytes two files become; BASE if they have to be merged. */
static irmin_side choose_contents(const irmin__merge_name *name)
{
	irmin_oid ours, theirs, base;

	irmin__place_id(name->sides[OURS], &ours);
	irmin__place_id(name->sides[THEIRS], &theirs);
	if (irmin_oid_compare(&ours, &theirs) == 0)
		return OURS;
	if (name->is_blind || !irmin__place_is_file(name->sides[BASE]))
		return BASE;
	irmin__place_id(name->sides[BASE], &base);
	if (irmin_oid_compare(&theirs, &base) == 0)
		return OURS;
	return irmin_oid_compare(&ours, &base) == 0 ? THEIRS : BASE;
}

static irmin_rc merge_files(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_error *err)
{
	irmin_mode mode = merge_modes(name);
	irmin_side side = choose_contents(name);

	if (side == BASE && mode != IRMIN_MODE_NONE)
		return merge_contents(merge, name, mode, err);
	if (side == BASE)
		return conflict_of_contents(merge, name, err);
	if (mode == IRMIN_MODE_NONE)
		return conflict(merge, name, IRMIN_CONFLICT_MODE,
		    "one side made it executable, the other did not", err);
	return irmin__merge_put_place(merge, name->name, name->sides[side],
	    mode, err);
}

static irmin_rc merge_values(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_error *err)
{
	irmin__place ours = name->sides[OURS], theirs = name->sides[THEIRS];
	irmin_mode mode = irmin__place_mode(ours);

	if (irmin__place_is_file(ours) && irmin__place_is_file(theirs))
		return merge_files(merge, name, err);
	if (irmin__place_is_file(ours) != irmin__place_is_file(theirs) ||
	    mode != irmin__place_mode(theirs))
		return conflict(merge, name, IRMIN_CONFLICT_MODE,
		    "the sides have values of different kinds", err);
	if (mode == IRMIN_MODE_GITLINK)
		return conflict(merge, name, IRMIN_CONFLICT_MODE,
		    "both sides changed the commit of a gitlink", err);
	return conflict_of_contents(merge, name, err);
}

/* ---- the table ---- */

/* Whether a name is merged by the names in it. */
static int is_walked(const irmin__merge_name *name)
{
	irmin__place ours = name->sides[OURS], theirs = name->sides[THEIRS];
	int conflicts_below = !name->is_blind &&
	    name->range.from < name->range.to;

	if (is_tree(ours) && is_tree(theirs))
		return 1;
	if (ours.leaf && theirs.leaf)
		return 0;
	return (is_tree(ours) || is_tree(theirs)) &&
	    (conflicts_below || is_tree(name->sides[BASE])) && !name->is_blind;
}

/* One side changed a value, the other removed it. A type is asked if it takes an
 * absent side. */
static irmin_rc merge_removed(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin__place left, irmin_error *err)
{
	irmin_contents *contents = NULL;
	irmin_rc rc = IRMIN_OK;

	if (irmin__place_is_file(left))
		rc = find_contents(merge, name, &contents, err);
	if (rc < 0)
		return rc;
	if (contents &&
	    irmin__merge_takes_absent(irmin_contents_merge(contents)))
		return merge_by_type(merge, name, contents,
		    irmin__place_mode(left), err);
	if (name->is_blind)
		return conflict(merge, name, IRMIN_CONFLICT_MODIFY_DELETE,
		    "one side has it, and the common ancestors conflict here",
		    err);
	return conflict(merge, name, IRMIN_CONFLICT_MODIFY_DELETE,
	    name->sides[OURS].leaf ? "ours changed it, theirs removed it"
				   : "ours removed it, theirs changed it",
	    err);
}

/* One side has nothing. */
static irmin_rc merge_absent(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_error *err)
{
	irmin__place left = name->sides[name->sides[OURS].leaf ? OURS : THEIRS];

	if (name->is_blind || (!is_tree(left) && is_value(name->sides[BASE])))
		return merge_removed(merge, name, left, err);
	if (name->sides[OURS].leaf)
		return IRMIN_OK;
	return irmin__merge_put_place(merge, name->name, left, IRMIN_MODE_NONE,
	    err);
}

static irmin_rc merge_changed(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_error *err)
{
	irmin__place ours = name->sides[OURS], theirs = name->sides[THEIRS];

	if (is_walked(name))
		return irmin__merge_enter(merge, name, err);
	if (!ours.leaf || !theirs.leaf)
		return merge_absent(merge, name, err);
	if (is_tree(ours) || is_tree(theirs))
		return conflict(merge, name, IRMIN_CONFLICT_FILE_DIRECTORY,
		    is_tree(ours) ? "ours has a directory, theirs a value"
				  : "ours has a value, theirs a directory",
		    err);
	return merge_values(merge, name, err);
}

irmin_rc irmin__merge_decide(irmin__tree_merge *merge,
    const irmin__merge_name *name, irmin_error *err)
{
	int same, has_base;
	irmin_rc rc = agree(merge, name, OURS, THEIRS, &same, err);

	if (rc < 0 || same)
		return rc;
	has_base = !name->is_blind && name->range.from == name->range.to;
	if (has_base)
		rc = agree(merge, name, OURS, BASE, &same, err);
	if (rc >= 0 && same)
		return irmin__merge_put_place(merge, name->name,
		    name->sides[THEIRS], IRMIN_MODE_NONE, err);
	if (rc >= 0 && has_base)
		rc = agree(merge, name, THEIRS, BASE, &same, err);
	if (rc < 0 || same)
		return rc;
	return merge_changed(merge, name, err);
}
