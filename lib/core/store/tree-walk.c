/* Going down: children are loaded when they are first asked for, and stay. */
#include "lib/core/store/tree-walk.h"

#include "lib/core/base/error.h"

/* Behind the id, which the backend named. */
irmin_rc irmin__tree_locate(irmin_error *err, irmin_rc rc, irmin_slice path)
{
	if (!err || rc >= 0 || !path.len ||
	    (rc != IRMIN_EMISSING && rc != IRMIN_ECORRUPT &&
		rc != IRMIN_ELIMIT))
		return rc;
	return irmin__error_at(err, rc, err->where, err->offset,
	    "cannot read \"%.*s\": %s", (int)path.len, (const char *)path.data,
	    err->text);
}

/* ---- loading ---- */

static irmin_rc load(irmin_repo *repo, const irmin_oid *id, irmin_slice path,
    irmin__node **node, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_object object;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc;

	*node = NULL;
	rc = irmin__repo_object(repo, &context, id, IRMIN_OBJECT_TREE, &object,
	    err);
	if (rc >= 0) {
		rc = irmin__node_decode(id, &object.data, node, err);
		rc = irmin__error_locate(err, rc, irmin_oid_hex(id, hex));
		irmin_pin_release(&object.data);
	}
	if (rc < 0)
		return irmin__tree_locate(err, rc, path);
	irmin__repo_count(repo, IRMIN_STAT_TREES_DECODED, 1);
	return IRMIN_OK;
}

irmin_rc irmin__place_open(irmin_repo *repo, irmin__place place,
    irmin_slice path, irmin__node **child, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc;

	*child = irmin__place_child(place);
	if (*child)
		return IRMIN_OK;
	irmin__place_id(place, &id);
	rc = load(repo, &id, path, child, err);
	if (rc >= 0)
		*child = irmin__node_publish_child(place.leaf, place.at,
		    *child);
	return rc;
}

irmin_rc irmin__tree_root(irmin_tree *tree, irmin__node **root,
    irmin_error *err)
{
	irmin__node *first = NULL;
	irmin_rc rc;

	*root = irmin__tree_loaded_root(tree);
	if (*root)
		return IRMIN_OK;
	rc = load(tree->repo, &tree->id, irmin_bytes(NULL, 0), root, err);
	if (rc < 0 ||
	    atomic_compare_exchange_strong_explicit(&tree->root, &first, *root,
		memory_order_acq_rel, memory_order_acquire))
		return rc;
	irmin__node_unref(*root);
	*root = first;
	return IRMIN_OK;
}

irmin_rc irmin__place_value(irmin_repo *repo, irmin__place place,
    irmin_slice path, irmin_pin *value, irmin_error *err)
{
	irmin_mode mode = irmin__place_mode(place);
	irmin_context context;
	irmin_object object;
	irmin__blob *blob;
	irmin_oid id;
	irmin_rc rc;

	if (mode == IRMIN_MODE_TREE || mode == IRMIN_MODE_GITLINK)
		return IRMIN_ABSENT;
	blob = irmin__place_child(place);
	if (blob) {
		irmin__blob_pin(blob, value);
		return IRMIN_OK;
	}
	context = irmin__repo_context(repo, NULL);
	irmin__place_id(place, &id);
	rc = irmin__repo_object(repo, &context, &id, IRMIN_OBJECT_BLOB, &object,
	    err);
	if (rc < 0)
		return irmin__tree_locate(err, rc, path);
	*value = object.data;
	return IRMIN_OK;
}

/* ---- paths ---- */

irmin_rc irmin__spot_find(irmin_repo *repo, irmin__node *root, irmin_slice path,
    irmin__spot *spot, irmin_error *err)
{
	irmin_slice rest = path, step, last = irmin_bytes(path.data, 0);
	irmin__node *node = root;
	irmin_rc rc;

	memset(spot, 0, sizeof *spot);
	spot->path = path;
	while (irmin__path_step_next(&rest, &step) == IRMIN_OK) {
		rc = IRMIN_OK;
		if (irmin__spot_mode(spot) != IRMIN_MODE_TREE)
			return IRMIN_ABSENT;
		if (!irmin__spot_is_root(spot))
			rc = irmin__place_open(repo, spot->place,
			    irmin__path_to(path, last), &node, err);
		if (rc < 0)
			return rc;
		if (!irmin__node_find(node, step, &spot->place))
			return IRMIN_ABSENT;
		last = step;
	}
	return IRMIN_OK;
}

irmin_mode irmin__spot_mode(const irmin__spot *spot)
{
	if (irmin__spot_is_root(spot))
		return IRMIN_MODE_TREE;
	return irmin__place_mode(spot->place);
}

irmin_rc irmin__spot_value(irmin_repo *repo, const irmin__spot *spot,
    irmin_pin *value, irmin_error *err)
{
	if (irmin__spot_is_root(spot))
		return IRMIN_ABSENT;
	return irmin__place_value(repo, spot->place, spot->path, value, err);
}

irmin_rc irmin__spot_open(irmin_repo *repo, irmin__node *root,
    const irmin__spot *spot, irmin__node **node, irmin_error *err)
{
	*node = NULL;
	if (irmin__spot_mode(spot) != IRMIN_MODE_TREE)
		return IRMIN_ABSENT;
	if (!irmin__spot_is_root(spot))
		return irmin__place_open(repo, spot->place, spot->path, node,
		    err);
	*node = root;
	return IRMIN_OK;
}

irmin_rc irmin__tree_open(irmin_tree *tree, const char *path,
    irmin__node **node, irmin_error *err)
{
	irmin_slice text = irmin_text(path);
	irmin__node *root;
	irmin__spot spot;
	irmin_rc rc;

	*node = NULL;
	rc = irmin__path_check_read(text, &tree->repo->limits, err);
	if (rc >= 0)
		rc = irmin__tree_root(tree, &root, err);
	if (rc >= 0)
		rc = irmin__spot_find(tree->repo, root, text, &spot, err);
	if (rc != IRMIN_OK)
		return rc;
	return irmin__spot_open(tree->repo, root, &spot, node, err);
}
