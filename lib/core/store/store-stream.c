/* Values of a store in parts. */
#include "lib/core/store/store.h"
#include <irmin/edit.h>

irmin_rc irmin_store_open_read(irmin_store *store, const char *path,
    irmin_reader **reader, irmin_error *err)
{
	irmin_tree *tree = NULL;
	irmin_rc rc;

	*reader = NULL;
	rc = irmin_store_tree(store, &tree, err);
	if (rc >= 0)
		rc = irmin_tree_open_read(tree, path, reader, err);
	irmin_tree_unref(tree);
	return rc;
}

struct set_blob {
	const char *path;
	irmin_oid id;
};

static irmin_rc apply_blob(void *arg, irmin_commit *head, irmin_tree *before,
    irmin_tree **after, irmin_error *err)
{
	const struct set_blob *set = arg;
	irmin_edit *edit = NULL;
	irmin_rc rc = irmin_edit_new(before, &edit, err);

	(void)head;
	if (rc >= 0)
		rc = irmin_edit_set_blob(edit, set->path, IRMIN_MODE_NONE,
		    &set->id, err);
	if (rc == IRMIN_OK)
		rc = irmin_edit_tree(edit, after, err);
	irmin_edit_free(edit);
	return rc;
}

static irmin_rc describe_blob(void *arg, irmin_tree *before, irmin_tree *after,
    irmin_buf *message, irmin_error *err)
{
	const struct set_blob *set = arg;

	(void)before;
	(void)after;
	return irmin__message_of_path("set", irmin_text(set->path), message,
	    err);
}

irmin_rc irmin_store_set_stream(irmin_store *store, const char *path,
    irmin_read_fn read, void *arg, uint64_t bytes, const irmin_info *info,
    irmin_error *err)
{
	struct set_blob set = { path, { { 0 }, 0 } };
	irmin__change change = { apply_blob, describe_blob, &set };
	irmin_rc rc;

	irmin_error_clear(err);
	/* What may not be there is told before all of it was written. */
	rc = irmin__path_check_read(irmin_text(path), &store->repo->limits,
	    err);
	if (rc >= 0)
		rc = irmin_object_add_stream(store->repo, read, arg, bytes,
		    &set.id, err);
	return rc < 0 ? rc : irmin__store_write(store, &change, info, err);
}
