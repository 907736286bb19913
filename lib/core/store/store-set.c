/* The writes of store.h, each as a change that store-write.c carries out. */
#include "lib/core/store/store.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"

struct set {
	const char *path;
	const irmin_slice *value;    /* NULL: remove */
	const irmin_slice *expected; /* of test_and_set; NULL: nothing there */
	int test;
	irmin_buf *was; /* of test_and_set, may be NULL */
};

/* Answers: OK; UNCHANGED (and no tree). */
static irmin_rc edit_path(const struct set *set, irmin_tree *before,
    irmin_tree **after, irmin_error *err)
{
	irmin_edit *edit = NULL;
	irmin_rc rc = irmin_edit_new(before, &edit, err);

	if (rc >= 0)
		rc = set->value
		    ? irmin_edit_set(edit, set->path, *set->value, err)
		    : irmin_edit_remove(edit, set->path, err);
	if (rc == IRMIN_OK)
		rc = irmin_edit_tree(edit, after, err);
	irmin_edit_free(edit);
	return rc;
}

static irmin_rc refuse_value(const char *path, const char *is, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ESTALE, path,
	    "cannot set %s: %s, not what was expected", path, is);
}

/* Whether the path holds what is expected; `was` gets what it holds. */
static irmin_rc test_path(const struct set *set, irmin_tree *before,
    irmin_error *err)
{
	irmin_pin pin = IRMIN_PIN_INIT;
	irmin_mode mode = IRMIN_MODE_NONE;
	irmin_slice found;
	irmin_rc rc, kept = IRMIN_OK;

	rc = irmin_tree_find(before, set->path, &pin, err);
	if (rc == IRMIN_ABSENT) {
		rc = irmin_tree_find_mode(before, set->path, &mode, NULL, err);
		if (rc == IRMIN_OK)
			return refuse_value(set->path,
			    "a directory or a gitlink is there", err);
		if (rc == IRMIN_ABSENT && set->expected)
			return refuse_value(set->path, "nothing is there", err);
		return rc < 0 ? rc : IRMIN_OK;
	}
	found = irmin_bytes(pin.data, pin.len);
	if (rc >= 0 && set->was)
		kept = irmin_buf_set(set->was, found, err);
	if (kept < 0)
		rc = kept;
	else if (rc >= 0 &&
	    !(set->expected && irmin_slice_equal(found, *set->expected)))
		rc = refuse_value(set->path, "its value is another one", err);
	irmin_pin_release(&pin);
	return rc;
}

static irmin_rc apply_set(void *arg, irmin_commit *head, irmin_tree *before,
    irmin_tree **after, irmin_error *err)
{
	const struct set *set = arg;
	irmin_rc rc = IRMIN_OK;

	(void)head;
	if (set->was)
		irmin__buf_empty(set->was);
	if (set->test)
		rc = test_path(set, before, err);
	return rc < 0 ? rc : edit_path(set, before, after, err);
}

static irmin_rc describe_set(void *arg, irmin_tree *before, irmin_tree *after,
    irmin_buf *message, irmin_error *err)
{
	const struct set *set = arg;

	(void)before;
	(void)after;
	return irmin__message_of_path(set->value ? "set" : "rm",
	    irmin_text(set->path), message, err);
}

static irmin_rc write_set(irmin_store *store, struct set *set,
    const irmin_info *info, irmin_error *err)
{
	irmin__change change = { apply_set, describe_set, set };

	irmin_error_clear(err);
	return irmin__store_write(store, &change, info, err);
}

irmin_rc irmin_store_set(irmin_store *store, const char *path,
    irmin_slice value, const irmin_info *info, irmin_error *err)
{
	struct set set = { path, &value, NULL, 0, NULL };

	return write_set(store, &set, info, err);
}

irmin_rc irmin_store_remove(irmin_store *store, const char *path,
    const irmin_info *info, irmin_error *err)
{
	struct set set = { path, NULL, NULL, 0, NULL };

	return write_set(store, &set, info, err);
}

irmin_rc irmin_store_test_and_set(irmin_store *store, const char *path,
    const irmin_slice *expected, const irmin_slice *value,
    const irmin_info *info, irmin_buf *was, irmin_error *err)
{
	struct set set = { path, value, expected, 1, was };
	irmin_rc rc;

	if (was)
		irmin__buf_empty(was);
	rc = write_set(store, &set, info, err);
	if (rc < 0 && rc != IRMIN_ESTALE && was)
		irmin__buf_empty(was);
	return rc;
}

/* ---- a whole tree ---- */

struct set_tree {
	const char *path;
	irmin_tree *tree;
};

/* The first commit of a branch is made of an empty tree too. */
static irmin_rc apply_tree(void *arg, irmin_commit *head, irmin_tree *before,
    irmin_tree **after, irmin_error *err)
{
	const struct set_tree *set = arg;
	irmin_edit *edit = NULL;
	irmin_rc rc = irmin_edit_new(before, &edit, err);

	if (rc >= 0)
		rc = irmin_edit_add_tree(edit, set->path, set->tree, err);
	if (rc == IRMIN_UNCHANGED && !head)
		rc = IRMIN_OK;
	if (rc == IRMIN_OK)
		rc = irmin_edit_tree(edit, after, err);
	irmin_edit_free(edit);
	return rc;
}

static irmin_rc describe_tree(void *arg, irmin_tree *before, irmin_tree *after,
    irmin_buf *message, irmin_error *err)
{
	(void)arg;
	return irmin__message_of_changes(before, after, message, err);
}

irmin_rc irmin_store_set_tree(irmin_store *store, const char *path,
    irmin_tree *tree, const irmin_info *info, irmin_error *err)
{
	struct set_tree set = { path, tree };
	irmin__change change = { apply_tree, describe_tree, &set };

	irmin_error_clear(err);
	return irmin__store_write(store, &change, info, err);
}
