/* Values of a tree in parts. */
#include "lib/core/store/repo-object.h"
#include "lib/core/store/tree-walk.h"

#include "lib/core/base/error.h"

/* A value that the backend has. */
static irmin_rc open_stored(irmin_repo *repo, const irmin__spot *spot,
    irmin_reader **reader, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_reader *made;
	irmin_oid id;
	irmin_rc rc;

	irmin__place_id(spot->place, &id);
	rc = irmin__reader_open(repo, &context, &id, &made, err);
	irmin_oid_hex(&id, hex);
	if (rc == IRMIN_ABSENT)
		rc = irmin_error_set(err, IRMIN_EMISSING, hex,
		    "blob %s is missing", hex);
	else if (rc == IRMIN_OK && irmin_reader_type(made) != IRMIN_OBJECT_BLOB)
		rc = irmin_error_set(err, IRMIN_ECORRUPT, hex,
		    "object %s is a %s, where a blob must be", hex,
		    irmin_object_type_name(irmin_reader_type(made)));
	if (rc < 0) {
		irmin_reader_close(made);
		return irmin__tree_locate(err, rc, spot->path);
	}
	*reader = made;
	return IRMIN_OK;
}

static irmin_rc open_spot(irmin_repo *repo, const irmin__spot *spot,
    irmin_reader **reader, irmin_error *err)
{
	irmin_mode mode = irmin__spot_mode(spot);
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_rc rc;

	if (mode == IRMIN_MODE_TREE || mode == IRMIN_MODE_GITLINK)
		return IRMIN_ABSENT;
	if (!irmin__place_is_small(spot->place) &&
	    !irmin__place_child(spot->place))
		return open_stored(repo, spot, reader, err);
	rc = irmin__spot_value(repo, spot, &value, err);
	if (rc < 0)
		return rc;
	return irmin__reader_of_pin(repo, IRMIN_OBJECT_BLOB, &value, reader,
	    err);
}

irmin_rc irmin_tree_open_read(irmin_tree *tree, const char *path,
    irmin_reader **reader, irmin_error *err)
{
	irmin_slice text = irmin_text(path);
	irmin__node *root;
	irmin__spot spot;
	irmin_rc rc;

	irmin_error_clear(err);
	*reader = NULL;
	rc = irmin__path_check_read(text, &tree->repo->limits, err);
	if (rc >= 0)
		rc = irmin__tree_root(tree, &root, err);
	if (rc >= 0)
		rc = irmin__spot_find(tree->repo, root, text, &spot, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = open_spot(tree->repo, &spot, reader, err);
	irmin__spot_clear(&spot);
	return rc;
}
