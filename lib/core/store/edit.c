/* The builder of trees: each call decides what becomes of a path; how it is done
 * is in tree-edit.c. */
#include <irmin/edit.h>

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/write-check.h"
#include "lib/core/store/batch.h"
#include "lib/core/store/graph.h"
#include "lib/core/store/merger.h"
#include "lib/core/store/tree-edit.h"
#include "lib/core/store/tree-walk.h"
#include <irmin/alloc.h>

/* ---- life ---- */

irmin_rc irmin_edit_new(irmin_tree *base, irmin_edit **edit, irmin_error *err)
{
	irmin_edit *made = irmin_calloc(1, sizeof *made);

	irmin_error_clear(err);
	*edit = NULL;
	if (!made)
		return irmin__enomem(err);
	made->tree = irmin_tree_ref(base);
	made->repo = base->repo;
	made->owner = irmin__repo_serial(base->repo);
	if (atomic_load(&base->relies))
		irmin__edit_rely(made);
	*edit = made;
	return IRMIN_OK;
}

void irmin_edit_free(irmin_edit *edit)
{
	if (!edit)
		return;
	irmin__edit_forget_walk(edit);
	irmin__edit_settle(edit);
	irmin__node_unref(edit->root);
	irmin_tree_unref(edit->tree);
	IRMIN__VEC_CLEAR(&edit->steps);
	irmin_free(edit);
}

irmin_rc irmin_edit_tree(irmin_edit *edit, irmin_tree **tree, irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	*tree = NULL;
	if (edit->root) {
		rc = irmin__tree_of_node(edit->repo, edit->root, tree, err);
		if (rc < 0)
			return rc;
		irmin_tree_unref(edit->tree);
		edit->tree = *tree;
		edit->root = NULL;
		edit->owner = irmin__repo_serial(edit->repo);
	}
	if (edit->relies)
		irmin__tree_rely(edit->tree);
	*tree = irmin_tree_ref(edit->tree);
	return IRMIN_OK;
}

/* ---- values ---- */

static int is_value(irmin_mode mode)
{
	return mode == IRMIN_MODE_FILE || mode == IRMIN_MODE_EXECUTABLE ||
	    mode == IRMIN_MODE_SYMLINK;
}

/* The mode of what the walk found, NONE if nothing. */
static irmin_mode mode_there(const irmin_edit *edit)
{
	const irmin__edit_step *last = irmin__edit_last(edit);

	if (!last->trail.found)
		return IRMIN_MODE_NONE;
	return irmin__place_mode(last->trail.place);
}

/* Whether the walk found just this. */
static int is_there(const irmin_edit *edit, irmin_mode mode,
    const irmin_oid *id)
{
	const irmin__edit_step *last = irmin__edit_last(edit);
	irmin_oid there;

	return mode_there(edit) == mode &&
	    irmin__place_id(last->trail.place, &there) &&
	    irmin_oid_compare(&there, id) == 0;
}

/* Whether the walk found just these bytes, and they are in memory. */
static int holds(const irmin_edit *edit, irmin_mode mode, irmin_slice value)
{
	irmin__place place = irmin__edit_last(edit)->trail.place;
	const irmin__blob *blob;

	if (!is_value(mode) || mode_there(edit) != mode)
		return 0;
	if (irmin__place_is_small(place))
		return irmin_slice_equal(irmin__place_small(place), value);
	blob = irmin__place_child(place);
	return blob &&
	    irmin_slice_equal(irmin_bytes(blob->bytes, blob->len), value);
}

/* Whether the rules of the repository are about such a value. */
static int is_typed(irmin_slice name, irmin_mode mode)
{
	return mode != IRMIN_MODE_SYMLINK &&
	    !irmin__slice_is(name, IRMIN__RESERVED_STEP);
}

static irmin_rc check_value(irmin_edit *edit, irmin_mode mode,
    irmin_slice value, irmin_error *err)
{
	irmin_slice name = irmin__edit_last(edit)->name;
	irmin_rc rc = IRMIN_OK;

	if (value.len > edit->repo->max_value_bytes)
		rc = irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "a value of %zu bytes, where %zu are allowed", value.len,
		    edit->repo->max_value_bytes);
	else if (irmin__check_is_special(name))
		rc = irmin__check_special(name, value, err);
	if (rc >= 0 && atomic_load(&edit->repo->rules) && is_typed(name, mode))
		rc = edit->repo->merger->check_value(edit->repo, edit->path,
		    value, err);
	return irmin__path_locate(err, rc, edit->path);
}

static irmin_rc put_value(irmin_edit *edit, irmin_mode mode, irmin_slice value,
    irmin_error *err)
{
	irmin__node_change change;
	irmin_oid id;
	irmin_rc rc;

	if (holds(edit, mode, value))
		return IRMIN_UNCHANGED;
	rc = irmin__object_id(edit->repo, IRMIN_OBJECT_BLOB, value, &id, err);
	if (rc < 0)
		return rc;
	if (is_there(edit, mode, &id))
		return IRMIN_UNCHANGED;
	change.mode = mode;
	change.id = &id;
	rc = irmin__change_set_value(&change, value, err);
	return rc < 0 ? rc : irmin__edit_put(edit, &change, err);
}

/* A mode of NONE is that of the value which is there, or of a plain file. */
static irmin_mode resolve_mode(const irmin_edit *edit, irmin_mode mode)
{
	if (mode)
		return mode;
	return is_value(mode_there(edit)) ? mode_there(edit) : IRMIN_MODE_FILE;
}

irmin_rc irmin__edit_set_value(irmin_edit *edit, irmin_slice path,
    irmin_mode mode, irmin_slice value, irmin_error *err)
{
	irmin_rc rc = irmin__edit_make_room(edit, value.len, err);

	if (rc >= 0)
		rc = irmin__edit_walk(edit, path, err);
	if (rc < 0)
		return rc;
	mode = resolve_mode(edit, mode);
	rc = check_value(edit, mode, value, err);
	return rc < 0 ? rc : put_value(edit, mode, value, err);
}

irmin_rc irmin__edit_set_untyped(irmin_edit *edit, const char *path,
    irmin_slice value, irmin_error *err)
{
	irmin_rc rc = irmin__edit_make_room(edit, value.len, err);

	if (rc >= 0)
		rc = irmin__edit_walk(edit, irmin_text(path), err);
	return rc < 0 ? rc : put_value(edit, IRMIN_MODE_FILE, value, err);
}

irmin_rc irmin_edit_set(irmin_edit *edit, const char *path, irmin_slice value,
    irmin_error *err)
{
	return irmin_edit_set_n(edit, irmin_text(path), value, err);
}

irmin_rc irmin_edit_set_n(irmin_edit *edit, irmin_slice path, irmin_slice value,
    irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__path_check_read(path, &edit->repo->limits, err);
	if (rc < 0)
		return rc;
	return irmin__edit_set_value(edit, path, IRMIN_MODE_NONE, value, err);
}

irmin_rc irmin_edit_set_at(irmin_edit *edit, const irmin_path *path,
    irmin_slice value, irmin_error *err)
{
	irmin_error_clear(err);
	return irmin__edit_set_value(edit, irmin_path_text(path),
	    IRMIN_MODE_NONE, value, err);
}

static irmin_rc refuse_mode(const char *path, irmin_mode mode, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EINVAL, path,
	    "%06o is no mode of a value", (unsigned)mode);
}

irmin_rc irmin_edit_set_mode(irmin_edit *edit, const char *path,
    irmin_mode mode, irmin_slice value, irmin_error *err)
{
	irmin_slice text = irmin_text(path);
	irmin_rc rc;

	irmin_error_clear(err);
	if (!is_value(mode))
		return refuse_mode(path, mode, err);
	rc = irmin__path_check_read(text, &edit->repo->limits, err);
	return rc < 0 ? rc
		      : irmin__edit_set_value(edit, text, mode, value, err);
}

irmin_rc irmin_edit_set_gitlink(irmin_edit *edit, const char *path,
    const irmin_oid *id, irmin_error *err)
{
	irmin_slice text = irmin_text(path);
	irmin_oid zero = { { 0 }, 0 };
	irmin__node_change change;
	irmin_rc rc;

	irmin_error_clear(err);
	zero.algo = edit->repo->hash;
	if (id->algo != zero.algo || irmin_oid_compare(id, &zero) == 0)
		return irmin_error_set(err, IRMIN_EINVAL, path,
		    "a gitlink needs the %s id of a commit",
		    irmin_hash_name(edit->repo->hash));
	rc = irmin__path_check_read(text, &edit->repo->limits, err);
	if (rc >= 0)
		rc = irmin__edit_make_room(edit, 0, err);
	if (rc >= 0)
		rc = irmin__edit_walk(edit, text, err);
	if (rc < 0)
		return rc;
	if (is_there(edit, IRMIN_MODE_GITLINK, id))
		return IRMIN_UNCHANGED;
	memset(&change, 0, sizeof change);
	change.mode = IRMIN_MODE_GITLINK;
	change.id = id;
	return irmin__edit_put(edit, &change, err);
}

/* Whether a blob is there, and may be at the path that was walked. */
static irmin_rc check_blob(irmin_edit *edit, const irmin_oid *id,
    irmin_error *err)
{
	irmin_context context = irmin__repo_context(edit->repo, NULL);
	irmin_slice name = irmin__edit_last(edit)->name;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_object_type type;
	irmin_object object;
	uint64_t bytes;
	irmin_rc rc;

	rc = irmin__repo_object_stat(edit->repo, &context, id, &type, &bytes,
	    err);
	irmin_oid_hex(id, hex);
	if (rc == IRMIN_ABSENT)
		return irmin_error_set(err, IRMIN_EMISSING, hex,
		    "blob %s is missing", hex);
	if (rc >= 0 && type != IRMIN_OBJECT_BLOB)
		return irmin_error_set(err, IRMIN_EINVAL, hex,
		    "object %s is a %s, not a blob", hex,
		    irmin_object_type_name(type));
	if (rc < 0 || !irmin__check_is_special(name))
		return rc;
	rc = irmin__repo_object(edit->repo, &context, id, IRMIN_OBJECT_BLOB,
	    &object, err);
	if (rc < 0)
		return rc;
	rc = irmin__check_special(name,
	    irmin_bytes(object.data.data, object.data.len), err);
	irmin_pin_release(&object.data);
	return irmin__path_locate(err, rc, edit->path);
}

/* Puts a blob by id; what a volatile repository has in memory only is counted. */
static irmin_rc put_blob(irmin_edit *edit, irmin_mode mode, const irmin_oid *id,
    irmin_error *err)
{
	irmin_context context = irmin__repo_context(edit->repo, NULL);
	irmin__node_change change;
	irmin_rc rc;

	memset(&change, 0, sizeof change);
	change.mode = mode;
	change.id = id;
	rc = irmin__repo_find_own(edit->repo, &context, id, IRMIN_OBJECT_BLOB,
	    &change.child, err);
	return rc < 0 ? rc : irmin__edit_put(edit, &change, err);
}

irmin_rc irmin_edit_set_blob(irmin_edit *edit, const char *path,
    irmin_mode mode, const irmin_oid *id, irmin_error *err)
{
	irmin_slice text = irmin_text(path);
	irmin_rc rc;

	irmin_error_clear(err);
	if (mode && !is_value(mode))
		return refuse_mode(path, mode, err);
	rc = irmin__path_check_read(text, &edit->repo->limits, err);
	if (rc >= 0)
		rc = irmin__edit_make_room(edit, 0, err);
	if (rc >= 0)
		rc = irmin__edit_walk(edit, text, err);
	if (rc < 0)
		return rc;
	mode = resolve_mode(edit, mode);
	if (is_there(edit, mode, id))
		return IRMIN_UNCHANGED;
	rc = check_blob(edit, id, err);
	return rc < 0 ? rc : put_blob(edit, mode, id, err);
}

/* ---- removing ---- */

static irmin_rc remove_path(irmin_edit *edit, irmin_slice path,
    irmin_error *err)
{
	irmin_rc rc = irmin__edit_make_room(edit, 0, err);

	if (rc >= 0)
		rc = irmin__edit_walk(edit, path, err);
	if (rc == IRMIN_ABSENT)
		return IRMIN_UNCHANGED;
	return rc < 0 ? rc : irmin__edit_cut(edit, err);
}

irmin_rc irmin_edit_remove(irmin_edit *edit, const char *path, irmin_error *err)
{
	return irmin_edit_remove_n(edit, irmin_text(path), err);
}

irmin_rc irmin_edit_remove_n(irmin_edit *edit, irmin_slice path,
    irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__path_check_read(path, &edit->repo->limits, err);
	return rc < 0 ? rc : remove_path(edit, path, err);
}

irmin_rc irmin_edit_remove_at(irmin_edit *edit, const irmin_path *path,
    irmin_error *err)
{
	irmin_error_clear(err);
	return remove_path(edit, irmin_path_text(path), err);
}

/* ---- reading ---- */

static irmin_rc find_spot(irmin_edit *edit, const char *path, irmin__spot *spot,
    irmin_error *err)
{
	irmin_slice text = irmin_text(path);
	irmin__node *root;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__path_check_read(text, &edit->repo->limits, err);
	if (rc >= 0)
		rc = irmin__edit_root(edit, &root, err);
	if (rc >= 0)
		rc = irmin__spot_find(edit->repo, root, text, spot, err);
	return rc;
}

irmin_rc irmin_edit_find(irmin_edit *edit, const char *path, irmin_pin *value,
    irmin_error *err)
{
	irmin__spot spot;
	irmin_rc rc;

	memset(value, 0, sizeof *value);
	rc = find_spot(edit, path, &spot, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__spot_value(edit->repo, &spot, value, err);
	irmin__spot_clear(&spot);
	return rc;
}

irmin_rc irmin_edit_find_mode(irmin_edit *edit, const char *path,
    irmin_mode *mode, irmin_error *err)
{
	irmin__spot spot;
	irmin_rc rc;

	*mode = IRMIN_MODE_NONE;
	rc = find_spot(edit, path, &spot, err);
	if (rc != IRMIN_OK)
		return rc;
	*mode = irmin__spot_mode(&spot);
	irmin__spot_clear(&spot);
	return rc;
}
