/* Going down: children are loaded when they are first asked for, and stay, as
 * long as the ledger admits it. */
#include "lib/core/store/tree-walk.h"

#include "lib/core/base/error.h"
#include "lib/core/store/graph.h"

/* Values up to this size are kept where they were looked up. */
#define KEPT_VALUE_BYTES 4096

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
    irmin_slice path, irmin__node **child, irmin__node **own, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc;

	*own = NULL;
	*child = irmin__place_child(place);
	if (*child)
		return IRMIN_OK;
	irmin__place_id(place, &id);
	rc = load(repo, &id, path, child, err);
	if (rc < 0)
		return rc;
	if (!repo->ledger || irmin__node_admit(*child, repo->ledger))
		*child = irmin__node_publish_child(place.leaf, place.at,
		    *child);
	else
		*own = *child;
	return IRMIN_OK;
}

/* A root that a volatile repository keeps in memory is taken as it is. */
static irmin_rc load_root(irmin_tree *tree, irmin__node **root,
    irmin_error *err)
{
	irmin_repo *repo = tree->repo;
	irmin_context context = irmin__repo_context(repo, NULL);
	void *own;
	irmin_rc rc = irmin__repo_find_own(repo, &context, &tree->id,
	    IRMIN_OBJECT_TREE, &own, err);

	*root = own;
	if (rc != IRMIN_ABSENT)
		return rc;
	rc = load(repo, &tree->id, irmin_bytes(NULL, 0), root, err);
	if (rc >= 0 && repo->ledger)
		irmin__node_charge(*root, repo->ledger);
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
	rc = load_root(tree, root, err);
	if (rc < 0 ||
	    atomic_compare_exchange_strong_explicit(&tree->root, &first, *root,
		memory_order_acq_rel, memory_order_acquire))
		return rc;
	irmin__node_unref(*root);
	*root = first;
	return IRMIN_OK;
}

/* The value keeps its bytes for the next who asks, if it is small. Where there
 * is no room or no memory for it, nothing is kept. */
static void keep_value(irmin_repo *repo, irmin__place place, irmin_pin *value)
{
	irmin__blob *blob = NULL;

	if (repo->ledger && value->len <= KEPT_VALUE_BYTES)
		blob = irmin__blob_keep(irmin_bytes(value->data, value->len),
		    repo->ledger);
	if (!blob)
		return;
	blob = irmin__node_publish_blob(place.leaf, place.at, blob);
	irmin_pin_release(value);
	irmin__blob_pin(blob, value);
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
	if (irmin__place_is_small(place))
		return irmin__small_pin(irmin__place_small(place), value, err);
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
	keep_value(repo, place, &object.data);
	*value = object.data;
	return IRMIN_OK;
}

/* ---- paths ---- */

/* Looks a step up in the directory where the spot is. Answers: OK; ABSENT. */
static irmin_rc step_down(irmin_repo *repo, irmin__node *root, irmin_slice step,
    irmin_slice last, irmin__spot *spot, irmin_error *err)
{
	irmin__node *node = root, *own = NULL;
	irmin_rc rc = IRMIN_OK;

	if (irmin__spot_mode(spot) != IRMIN_MODE_TREE)
		return IRMIN_ABSENT;
	if (!irmin__spot_is_root(spot))
		rc = irmin__place_open(repo, spot->place,
		    irmin__path_to(spot->path, last), &node, &own, err);
	if (rc < 0)
		return rc;
	irmin__node_hold(&spot->held, own);
	return irmin__node_find(node, step, &spot->place) ? IRMIN_OK
							  : IRMIN_ABSENT;
}

irmin_rc irmin__spot_find(irmin_repo *repo, irmin__node *root, irmin_slice path,
    irmin__spot *spot, irmin_error *err)
{
	irmin_slice rest = path, step, last = irmin_bytes(path.data, 0);
	irmin_rc rc = IRMIN_OK;

	memset(spot, 0, sizeof *spot);
	spot->path = path;
	while (
	    rc == IRMIN_OK && irmin__path_step_next(&rest, &step) == IRMIN_OK) {
		rc = step_down(repo, root, step, last, spot, err);
		last = step;
	}
	if (rc != IRMIN_OK) {
		irmin__spot_clear(spot);
		memset(spot, 0, sizeof *spot);
	}
	return rc;
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

/* The directory at a spot, to be given back; `root` is where the search began. */
static irmin_rc open_spot(irmin_repo *repo, irmin__node *root,
    const irmin__spot *spot, irmin__node **node, irmin_error *err)
{
	irmin__node *found = root, *own = NULL;
	irmin_rc rc = IRMIN_OK;

	if (irmin__spot_mode(spot) != IRMIN_MODE_TREE)
		return IRMIN_ABSENT;
	if (!irmin__spot_is_root(spot))
		rc = irmin__place_open(repo, spot->place, spot->path, &found,
		    &own, err);
	if (rc >= 0)
		*node = own ? own : irmin__node_ref(found);
	return rc;
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
	rc = open_spot(tree->repo, root, &spot, node, err);
	irmin__spot_clear(&spot);
	return rc;
}
