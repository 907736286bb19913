/* Trees as handles, and what is at one path. */
#include "lib/core/base/error.h"
#include "lib/core/store/batch.h"
#include "lib/core/store/tree-edit.h"
#include "lib/core/store/graph.h"
#include "lib/core/store/tree-walk.h"
#include <irmin/alloc.h>

/* ---- handles ---- */

static irmin_rc new_tree(irmin_repo *repo, irmin__node *root,
    const irmin_oid *id, irmin_tree **tree, irmin_error *err)
{
	irmin_tree *made = irmin_malloc(sizeof *made);

	*tree = NULL;
	if (!made)
		return irmin__enomem(err);
	atomic_init(&made->refs, 1);
	atomic_init(&made->root, root);
	atomic_init(&made->relies, 0);
	made->repo = irmin__repo_ref(repo);
	memset(&made->id, 0, sizeof made->id);
	if (id)
		made->id = *id;
	*tree = made;
	return IRMIN_OK;
}

irmin_rc irmin__tree_of_node(irmin_repo *repo, irmin__node *root,
    irmin_tree **tree, irmin_error *err)
{
	return new_tree(repo, root, NULL, tree, err);
}

irmin_rc irmin__tree_of_id(irmin_repo *repo, const irmin_oid *id,
    irmin_tree **tree, irmin_error *err)
{
	return new_tree(repo, NULL, id, tree, err);
}

irmin_repo *irmin__tree_repo(const irmin_tree *tree)
{
	return tree->repo;
}

irmin__node *irmin__tree_loaded_root(const irmin_tree *tree)
{
	return atomic_load_explicit(&tree->root, memory_order_acquire);
}

irmin_rc irmin_tree_empty(irmin_repo *repo, irmin_tree **tree, irmin_error *err)
{
	irmin__node *root;
	irmin_rc rc;

	irmin_error_clear(err);
	*tree = NULL;
	rc = irmin__node_new(repo->hash, 0, 0, 0, &root, err);
	if (rc < 0)
		return rc;
	rc = irmin__tree_of_node(repo, root, tree, err);
	if (rc < 0)
		irmin__node_unref(root);
	return rc;
}

/* An id that the caller names may be one of anything. */
static irmin_rc read_root(irmin_repo *repo, const irmin_oid *id,
    irmin__node **root, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_object object;
	char hex[IRMIN_OID_HEX_BYTES];
	void *own;
	irmin_rc rc = irmin__repo_find_own(repo, &context, id,
	    IRMIN_OBJECT_TREE, &own, err);

	*root = own;
	if (rc != IRMIN_ABSENT)
		return rc;
	rc = irmin__repo_object(repo, &context, id, IRMIN_OBJECT_ANY, &object,
	    err);
	if (rc < 0)
		return rc;
	irmin_oid_hex(id, hex);
	if (object.type != IRMIN_OBJECT_TREE)
		rc = irmin_error_set(err, IRMIN_EINVAL, hex,
		    "object %s is a %s, not a tree", hex,
		    irmin_object_type_name(object.type));
	else
		rc = irmin__node_decode(id, &object.data, root, err);
	irmin_pin_release(&object.data);
	if (rc < 0)
		return irmin__error_locate(err, rc, hex);
	if (repo->ledger)
		irmin__node_charge(*root, repo->ledger);
	irmin__repo_count(repo, IRMIN_STAT_TREES_DECODED, 1);
	return IRMIN_OK;
}

irmin_rc irmin_tree_get(irmin_repo *repo, const irmin_oid *id,
    irmin_tree **tree, irmin_error *err)
{
	irmin__node *root = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	*tree = NULL;
	rc = read_root(repo, id, &root, err);
	if (rc >= 0)
		rc = irmin__tree_of_node(repo, root, tree, err);
	if (rc < 0)
		irmin__node_unref(root);
	return rc;
}

irmin_tree *irmin_tree_ref(irmin_tree *tree)
{
	irmin__count_up(&tree->refs);
	return tree;
}

void irmin_tree_unref(irmin_tree *tree)
{
	if (!tree || !irmin__count_down(&tree->refs))
		return;
	irmin__tree_settle(tree);
	irmin__node_unref(irmin__tree_loaded_root(tree));
	irmin__repo_unref(tree->repo);
	irmin_free(tree);
}

/* ---- ids ---- */

irmin_rc irmin_tree_id(irmin_tree *tree, irmin_oid *id, irmin_error *err)
{
	irmin__node *root = irmin__tree_loaded_root(tree);

	irmin_error_clear(err);
	if (root)
		return irmin__node_id(tree->repo, root, id, err);
	*id = tree->id;
	return IRMIN_OK;
}

irmin_rc irmin__tree_is_empty(irmin_tree *tree, int *empty, irmin_error *err)
{
	irmin__node *root = irmin__tree_loaded_root(tree);
	irmin_oid id;
	irmin_rc rc;

	*empty = root && irmin__node_length(root) == 0;
	if (root)
		return IRMIN_OK;
	rc = irmin__object_id(tree->repo, IRMIN_OBJECT_TREE,
	    irmin_bytes(NULL, 0), &id, err);
	*empty = rc >= 0 && irmin_oid_compare(&id, &tree->id) == 0;
	return rc;
}

/* ---- one path ---- */

static irmin_rc find_spot(irmin_tree *tree, irmin_slice path, irmin__spot *spot,
    irmin_error *err)
{
	irmin__node *root;
	irmin_rc rc = irmin__tree_root(tree, &root, err);

	if (rc < 0)
		return rc;
	return irmin__spot_find(tree->repo, root, path, spot, err);
}

static irmin_rc find_value(irmin_tree *tree, irmin_slice path, irmin_pin *value,
    irmin_error *err)
{
	irmin__spot spot;
	irmin_rc rc = find_spot(tree, path, &spot, err);

	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__spot_value(tree->repo, &spot, value, err);
	irmin__spot_clear(&spot);
	return rc;
}

irmin_rc irmin_tree_find(irmin_tree *tree, const char *path, irmin_pin *value,
    irmin_error *err)
{
	return irmin_tree_find_n(tree, irmin_text(path), value, err);
}

irmin_rc irmin_tree_find_n(irmin_tree *tree, irmin_slice path, irmin_pin *value,
    irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	memset(value, 0, sizeof *value);
	rc = irmin__path_check_read(path, &tree->repo->limits, err);
	return rc < 0 ? rc : find_value(tree, path, value, err);
}

irmin_rc irmin_tree_find_at(irmin_tree *tree, const irmin_path *path,
    irmin_pin *value, irmin_error *err)
{
	irmin_error_clear(err);
	memset(value, 0, sizeof *value);
	return find_value(tree, irmin_path_text(path), value, err);
}

irmin_rc irmin_tree_find_mode(irmin_tree *tree, const char *path,
    irmin_mode *mode, irmin_oid *id, irmin_error *err)
{
	irmin_slice text = irmin_text(path);
	irmin__spot spot;
	irmin_rc rc;

	irmin_error_clear(err);
	*mode = IRMIN_MODE_NONE;
	if (id)
		memset(id, 0, sizeof *id);
	rc = irmin__path_check_read(text, &tree->repo->limits, err);
	if (rc >= 0)
		rc = find_spot(tree, text, &spot, err);
	if (rc != IRMIN_OK)
		return rc;
	if (id)
		rc = irmin__spot_is_root(&spot)
		    ? irmin_tree_id(tree, id, err)
		    : irmin__place_find_id(tree->repo, spot.place, id, err);
	if (rc >= 0)
		*mode = irmin__spot_mode(&spot);
	irmin__spot_clear(&spot);
	return rc;
}

irmin_rc irmin_tree_find_tree(irmin_tree *tree, const char *path,
    irmin_tree **sub, irmin_error *err)
{
	irmin__node *node;
	irmin_rc rc;

	irmin_error_clear(err);
	*sub = NULL;
	rc = irmin__tree_open(tree, path, &node, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__tree_of_node(tree->repo, node, sub, err);
	if (rc < 0)
		irmin__node_unref(node);
	else if (atomic_load(&tree->relies))
		irmin__tree_rely(*sub);
	return rc;
}

irmin_rc irmin_tree_length(irmin_tree *tree, const char *path, size_t *length,
    irmin_error *err)
{
	irmin__node *node;
	irmin_rc rc;

	irmin_error_clear(err);
	*length = 0;
	rc = irmin__tree_open(tree, path, &node, err);
	if (rc == IRMIN_OK)
		*length = irmin__node_length(node);
	irmin__node_unref(node);
	return rc;
}
